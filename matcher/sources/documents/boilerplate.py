"""Finds the part of a long specification that describes the scope, which is what is compared.

Leaves out what says nothing of it: salutations, kinds of document and the heads of e-mails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from matcher.sources.documents.passages import Passage
from matcher.sources.notices.lot_text import LONGEST_TITLE, first_sentence

_LONG = 1500
_NUMBER = r"\W{0,3}(?:(?:part|section)\s*)?(?:[\dA-Z][\d.]{0,7}[.):]?\s+)?"
_SCOPE_HEADINGS = tuple(
    re.compile(_NUMBER + rf"(?:the\s+)?(?:{words})\b[^.!?]{{0,60}}", re.IGNORECASE)
    for words in (
        r"scope|service (?:description|requirements?|scope|specification|summary)"
        r"|description of (?:the )?(?:services?|works?|goods|requirements?)|what (?:we|is) \w+",
        r"specification|requirements?|services?(?: required| needed| to be provided)?$|outcomes",
        r"summary|overview|purpose|aims?|introduction|background",
    )
)

_SALUTATION = re.compile(
    r"(?:dear|fao|good (?:morning|afternoon|evening)|greetings|hello|hi|hiya|to whom it may concern"
    r"|morning|afternoon)\b(?:[^,!:]{0,60}[,!:]|(?: \S{1,20}){0,3})",
    re.IGNORECASE,
)
_KIND_OF_DOCUMENT = re.compile(
    _NUMBER + r"(?:the )?(?:(?:invitation|request)s? (?:to|for) (?:an? )?"
    r"(?:bids?|information|proposals?|quotations?|quotes?|tenders?)|i?t[qt]t?|rf[ipq]"
    r"|(?:service |technical )?specification|statement of requirements?|tender documents?"
    r"|instructions? (?:for|to) (?:bidders?|suppliers?|tenderers?)|lots?"
    r"|(?:commercial in )?confidential|official(?:[ -]sensitive)?|draft|contents)\W{0,3}",
    re.IGNORECASE,
)
_SORT = r"(?:contract|procurement|project|quotation|quote|requirements?|service|tender|works?)"
_LABELLED = re.compile(
    rf"(?:{_SORT} name|(?:{_SORT} )?(?:subject|title)|(?:name|title) of (?:the )?{_SORT}"
    r"|requirements?)"
    r" ?[:–-] ?(?P<title>\S.*)|re ?: ?(?P<subject>\S.*)",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"\A(?:(?:fwd?|re) ?: ?){1,5}", re.IGNORECASE)
_OF_A_LETTER = re.compile(
    r"(?:author(?:ity)?|buyer|cc|contact|council|date|deadline|document|e-?mail|from|issued?|owner"
    r"|phone|portal|sent|status|tel|to|version)(?: (?:address|by|date|name|no\.?|number))? ?:.*"
    r"|(?:issued|prepared|published) by\b.*"
    r"|(?:\w{1,12} )?ref(?:erence)?(?: (?:no|number)\b\.?)? ?(?::|(?<= )(?=\S{0,15}\d)).*",
    re.IGNORECASE,
)
"""A line at the head of a letter that does not say what is wanted."""
_TELLS_BIDDERS = re.compile(
    r"(?:please )?(?:complete|read|return|send|submit|upload)\b[^.]{0,60}\b(?:bids?|document|form"
    r"|instructions|offers?|prices?|proposals?|questionnaire|quotes?|quotations?|responses?"
    r"|spreadsheet|tenders?)\b.*",
    re.IGNORECASE,
)
"""A line that tells bidders what to do with their bid."""
_EMAIL_FIELD = re.compile(
    r"[>\s]{0,9}(?P<name>attachments?|bcc|cc|date|from|importance|reply-to|sent|subject|to) ?:"
    r"(?P<says>.*)",
    re.IGNORECASE,
)
_EMAIL_DIVIDER = re.compile(
    r"[>\s]{0,9}(?:[-_=*]{3,}|[-_=*\s]{0,60}(?:begin )?(?:forwarded|original) (?:e-?mail|message)\b"
    r"[-_=*:\s]{0,60}|on\b.{5,150}\bwrote:)\s*",
    re.IGNORECASE,
)
"""A rule, or a line that says that an e-mail follows."""
_A_TIME = re.compile(r"\s*\d|.*\b20\d\d\b|\s*(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.I)
"""What 'From:' says where it is no sender: 'From: 1 April 2027'."""
_FIRST_LINES = 20
"""Lines among which a document may name its title under a label."""


def without_email_heads(text: str) -> str:
    """A text without the lines in which an e-mail names its sender, its receivers and its day.

    'To: help people' alone is no such line, nor is 'From: Dudley' with 'To: Walsall': one says when
    the e-mail was sent, or one names a sender and another one a subject.
    """
    kept: list[str] = []
    for is_field, group in groupby(text.split("\n"), lambda line: bool(_EMAIL_FIELD.match(line))):
        lines = list(group)
        if not is_field:
            kept += (line for line in lines if not _EMAIL_DIVIDER.fullmatch(line))
        elif not _is_email_head(lines):
            kept += lines
    return "\n".join(kept)


def _is_email_head(lines: Sequence[str]) -> bool:
    fields = [found for line in lines if (found := _EMAIL_FIELD.match(line))]
    names = {field["name"].lower() for field in fields}
    sender = any(
        field["name"].lower() == "from" and not _A_TIME.match(field["says"]) for field in fields
    )
    return len(names) > 1 and ("sent" in names or (sender and "subject" in names))


def scope_first(passages: Sequence[Passage], buyer: str) -> tuple[str, list[Passage], str]:
    """The title, the passages with those on the scope first, and a note if they were moved."""
    title = _title(passages, buyer)
    if sum(len(passage.text) for passage in passages) <= _LONG:
        return title, list(passages), ""
    start = _scope_start(passages)
    if not start:
        return title, list(passages), ""
    note = f"The text starts with the part “{' '.join(passages[start].text.split())}”."
    return title, [*passages[start:], *passages[:start]], note


def _title(passages: Sequence[Passage], buyer: str) -> str:
    """What a document is called.

    That is what it calls its title, or else the first heading of the highest level, or the first
    line: neither a salutation nor the buyer, nor the kind of document, such as "Invitation to
    quote".
    """
    texts = (": ".join(one.cells) if _is_fact(one.cells) else one.text for one in passages)
    lines = [line for one in texts for line in one.split("\n")]
    labelled = map(_LABELLED.fullmatch, lines[:_FIRST_LINES])
    titles = (found["title"] or found["subject"] for found in labelled if found)
    named = next(filter(_is_telling, titles), "")
    headings = sorted(
        (one for one in passages if one.heading and any(map(str.isalpha, one.text))),
        key=lambda passage: passage.heading,
    )
    first_lines = (*(one.text.partition("\n")[0] for one in headings), *lines)
    telling = (one for one in first_lines if _is_telling(one) and not _names_only(one, buyer))
    first = _FORWARDED.sub("", named) or next(telling, lines[0])
    return first_sentence(first, LONGEST_TITLE)


def _is_fact(cells: Sequence[str]) -> bool:
    """Whether a row is a heading and what it is: not 'Title | Mrs', nor 'Title | Version'."""
    return len(cells) == 2 and len(cells[1].split()) > 1


def _is_telling(line: str) -> bool:
    """Whether a line may say what a document is about."""
    idle = (_SALUTATION, _KIND_OF_DOCUMENT, _OF_A_LETTER, _TELLS_BIDDERS, _EMAIL_DIVIDER)
    return any(map(str.isalpha, line)) and not any(one.fullmatch(line.strip()) for one in idle)


def _names_only(line: str, buyer: str) -> bool:
    """Whether a line is the name of the buyer, in one language or two, and nothing else."""
    names = [name.strip(" .,:").casefold() for name in line.split(" / ")]
    return bool(buyer) and buyer.casefold() in {one.removeprefix("the ") for one in names}


def _scope_start(passages: Sequence[Passage]) -> int:
    """The index of the passage that starts the part on the scope, or 0 where none is found."""
    for pattern in _SCOPE_HEADINGS:
        for index, passage in enumerate(passages):
            if not passage.cells and len(passage.text) <= 80 and pattern.fullmatch(passage.text):
                return index
    return 0
