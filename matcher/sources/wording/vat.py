"""Whether an amount includes VAT, as the words beside it say or the document says of all."""

from __future__ import annotations

import re
from functools import cache

from matcher.law.rulebook import Rulebook
from matcher.sources.wording.number_words import sentences

_VAT = r"(?:vat|v\.a\.t\.?|taw|value[- ]added tax)\b"
_OF = r"(?:(?:any|all|applicable|irrecoverable|the|costs?|expenses|fees|taxes|and|\d\d? ?%) ){0,4}"
_OUT = (
    r"ex|exc|excl|exclud(?:es?|ed|ing)|exclusive of|plus|net of|before|without|subject to"
    r"|heb gynnwys|heb|ac eithrio"
)
_IN = (
    r"inc|incl|includ(?:es?|ed|ing)|cover(?:s|ing)?|tak(?:es?|ing) account of|allow(?:s|ing)? for"
    r"|inclusive of|incl of|with|gross of|gan gynnwys|yn cynnwys"
)
_VERB = r"(?:(?:is|are|will|be|being|to|has|also|must) ){0,4}"
_DENIED = (
    r"(?:\b(?:not|never|nor|neither|no longer|without|cannot|non)|n['’]t)[ -]"
    r"(?:(?:it|they|this|that|we|does|do|did|is|are|be|been|to|yet|also|now|always"
    r"|(?!on|mere)\w{1,10}ly|(?:the|these) \w{3,10}) ){0,4}"
    r"(?:inc|incl|includ(?:es?|ed|ing)|inclusive)\b"
)
"""Words that deny that VAT is included: 'does not currently include', 'nor does it include'."""
_ADDED = r"(?:extra|additional|on top|payable|chargeable|charged|due)\b"
_NOT_OF_MONEY = (
    r"(?![ -](?:annual |monthly )?(?:0|areas?|earnings|external|floor|income|internal|lettable"
    r"|margin|misconduct|negligence|pay|profits?|salar(?:y|ies)|tonnage|turnover|vehicle|wages?"
    r"|weight|zero)\b)"
)
"""What follows 'gross' or 'net' where it does not speak of VAT: 'gross floor area'."""
_ENDS_THERE = r"(?= ?(?:[(),;/]|$))"
_RATE = r"(?: ?\(?(?:(?:@|at) ?)?\d{1,2}(?:\.\d)? ?%\)?)?"
"""The rate of VAT after its name: 'VAT at 20%', 'VAT (20%)'."""
_NET = re.compile(
    rf"(?:\b(?:{_OUT})\b\.?|\+)[ -]?(?:of )?{_OF}{_VAT}"
    rf"|{_DENIED}\.? ?(?:of )?{_OF}{_VAT}"
    rf"|\bno {_VAT}[ -]?{_VERB}inc"
    rf"|\bwith {_OF}{_VAT} (?:(?:to|will|must|being) (?:be )?added|{_VERB}{_ADDED})"
    rf"|\b{_VAT}{_RATE}[ -]?{_VERB}(?:not (?:be )?inc|exc\b|excl|added|{_ADDED})"
    rf"|\bnet\b{_NOT_OF_MONEY}"
    rf"|^ ?(?:ex|exc|excl|excluding)\b\.?{_ENDS_THERE}",
    re.IGNORECASE,
)
_AMONG = r"(?:(?:\w{1,14} ){0,2}\w{1,14}(?:,| and|, and) ){1,3}"
"""What else an amount includes: 'all extensions, VAT'."""
_GROSS = re.compile(
    rf"\b(?:{_IN})\b\.?[ -]?(?:of )?(?:{_OF}|{_AMONG}){_VAT}"
    rf"|\b{_VAT}{_RATE}[ -]?{_VERB}inc|\bgross\b{_NOT_OF_MONEY}"
    r"|\( ?(?:including|inclusive|inc\.?) ?\)|^ ?(?:including|inc) ?\)"
    rf"|^ ?(?:inc|incl|inclusive)\b\.?{_ENDS_THERE}",
    re.IGNORECASE,
)
_NONE_DUE = re.compile(
    r"(?<!\bnot )(?<!\bincludes )(?<!\bincluding )\b"
    r"(?:exempt(?:ed)?(?: suppl(?:y|ies))? (?:for|from)(?: the purposes of)?"
    r"|(?:outside|out of|beyond) (?:the )?scope (?:of|for)"
    r"|(?:zero|nil|0 ?%)[- ]?rated?(?: (?:for|of))?|no|not subject to|0 ?%|free (?:of|from))"
    rf" {_VAT}"
    r"(?! (?:included|number|reg))"
    rf"|\b{_VAT}[ :-]{{0,2}}{_VERB}(?:an? )?(?:exempt|free\b|(?:zero|nil)[- ]rated"
    r"|(?:does |do )?not apply\b|(?:not (?:be )?|un)(?:applicable|payable|chargeable|charged|due)\b"
    r"|(?:outside|out of|beyond) (?:the )?scope|n/a\b)"
    rf"|\b{_VAT} ?[:@-]? ?(?:at )?0 ?%"
    r"|\b(?:not|non)[ -]vat[ -]?able\b",
    re.IGNORECASE,
)
"""Words for an amount on which no VAT is due: it is all that is paid."""
_RATE_SAID = re.compile(
    rf"\b(?P<before>\d{{1,2}}(?:\.\d)?) ?% {_VAT}|\b{_VAT} ?\(?(?:@|at|of) (?:the )?"
    r"(?:reduced |lower )?(?:rate )?(?:of )?(?P<after>\d{1,2}(?:\.\d)?) ?%",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"\b{_VAT}", re.IGNORECASE)
_OF_ALL = re.compile(
    r"\b(?:all|the|these|any)(?: (?:stated|lot|contract|above|annual|estimated|quoted|given)){0,2}"
    r" (?:amounts|budgets|figures|prices|sums|values)\b",
    re.IGNORECASE,
)
"""Words in a sentence about VAT that is true of every amount in a document."""
_OF_LAST = re.compile(
    r"\b(?:this|the) (?:amount|figure)\b|\bthis (?:budget|price|sum|value)\b", re.IGNORECASE
)
"""The amount of the sentence before, in a sentence without one."""
_OF_BIDS = re.compile(
    r"\b(?:bid(?:s|ders?)?|(?<!this )tender(?:s|ers?)?|submi(?:t|ts|tted|ssions?)"
    r"|quot(?:es?|ations?)"
    r"|invoic(?:es?|ed|ing)|must|shall|should|whether|if|states?|your?)\b",
    re.IGNORECASE,
)
"""Words of a rule for bids or invoices, or of a question, which say nothing of the document."""


OF_NEXT_VAT = re.compile(
    rf"(?:[;,/(]| (?:and|or|but) )(?=[^;,/()£]{{0,40}}\b(?:{_VAT}|gross\b|net\b))"
    r"[^;,/()£]{0,40}\Z",
    re.IGNORECASE,
)
"""Between two amounts, words of the second: '£75,000 and including VAT £90,000'."""


def vat_said(*texts: str) -> bool | None:
    """Whether VAT is included, by the first text that says so either way; None where none does.

    It is where none is due, because the amount is then all that is paid.
    """
    for text in texts:
        if _NONE_DUE.search(text):
            return True
        net, gross = _NET.search(text), _GROSS.search(text)
        if net and gross:
            return gross.start() < net.start()
        if net or gross:
            return gross is not None
    return None


@cache
def with_vat() -> float:
    """What one pound without VAT is with VAT at the standard rate."""
    return 1 + Rulebook.open().vat


def with_reduced_vat(text: str) -> float | None:
    """What one pound is with VAT at the rate that a text says, or None where that is the standard.

    >>> with_reduced_vat(" plus 5% VAT"), with_reduced_vat(" plus 20% VAT")
    (1.05, None)
    """
    found = _RATE_SAID.search(text)
    said = 1 + float(found["before"] or found["after"]) / 100 if found else with_vat()
    return said if said < with_vat() else None


def gross_for_all(text: str) -> bool | None:
    """Whether the amounts of a document include VAT, where a sentence says it of all of them.

    None where none does, or where two such sentences disagree. Rules for bids and invoices do
    not count.

    >>> gross_for_all("All figures include VAT. Lot 1: £90,000."), gross_for_all("It is £90,000.")
    (True, None)
    """
    general = (
        each
        for each in sentences(text)
        if _NAMED.search(each) and not _OF_BIDS.search(each)
        if _OF_ALL.search(each)
        or ("£" not in each and (_OF_LAST.search(each) or _NONE_DUE.search(each)))
    )
    said = {vat_said(each) for each in general} - {None}
    return said.pop() if len(said) == 1 else None
