"""Finds the buyer in the text of a specification: by a label, a line of its own, or mentions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from matcher.core.formatting import tidy_name
from matcher.law.buyers import kind_of_buyer
from matcher.law.types import BuyerKind

_FIRST_LINES = 15
"""Lines of a text in which a line that is only a name is taken for the buyer's."""
_TITLE_LINES = 5
"""Lines in which one that is only a central body is the buyer, not one that a text refers to."""
_LONGEST = 120
_LABELLED, _ALONE, _ON_BEHALF = 1000, 100, 10
"""How many mentions in running text such a place counts for."""

_CAPITAL = r"[A-Z][A-Z'’.-]{0,30}+"
_NAME = r"(?!Council\b)(?:[A-Z][a-z][\w'’-]{0,30}+|[BCDFGHJ-NP-TV-XZ]{3,5}\b)"
"""A word of a name, or initials such as BCP."""
_JOINED = r"(?:(?:and|on|upon|with|&) )?"
_AREA = (
    r"(?:(?:London|Royal|Metropolitan|County) Borough|City and County|City|Borough|County|District)"
)
_PART = r"(?:(?:East|Mid|North|South|West) )?(?:City|Forest|Heart|Isles?|Riding|Vale)"
_COUNCIL = re.compile(
    rf"\b(?:The )?Council (?:of|for) the {_AREA} of {_NAME}(?: {_JOINED}{_NAME}){{0,3}}"
    rf"|(?:(?:London|Royal|Metropolitan) Borough of |{_PART} of )?"
    rf"{_NAME}(?: {_JOINED}{_NAME}){{0,4}} Council\b(?: \(fictional\))?"
    rf"|(?:County|District|Borough) Council of {_NAME}(?: {_JOINED}{_NAME}){{0,3}}"
    rf"|(?:(?:London|Royal) Borough|City and County) of {_NAME}(?: (?:and )?{_NAME}){{0,3}}"
    rf"|Cyngor (?:Sir|Dinas|Bwrdeistref(?: Sirol)?|Tref|Cymuned) {_NAME}(?: {_NAME})?"
)
_CAPITALS = re.compile(rf"\b[A-Z]{_CAPITAL}(?:[ ](?:&|{_CAPITAL})){{1,14}}")
"""A run of words in capitals."""
_COMPANY = re.compile(r"\b(?:ltd|limited|plc|llp|cic|inc|services|solutions)\b\.?", re.IGNORECASE)
_OWN_COMPANY = re.compile(
    r"(?: \(?[A-Z&][\w&'’-]{0,20}\)?){0,4} (?:Ltd|Limited|P[Ll][Cc]|plc|LLP|CIC|Inc)\b"
)
"""What makes a council's name that of a company, right after it: 'Trading Ltd'."""
_TITLED = r"(?:,? ?(?:and|&|of|for|the|to) ){0,2}[A-Z][\w'’-]{1,30}"
_CENTRAL = re.compile(
    rf"(?:(?:Department|Ministry) (?:for|of) (?:the )?[A-Z][\w'’-]{{1,30}}(?:,? {_TITLED}){{0,6}}"
    r"|(?:Home|Cabinet|Foreign|Scotland|Wales|Northern Ireland|Crown Commercial) (?:Office|Service)"
    rf"|HM (?:Treasury|Revenue (?:and|&) Customs|Land Registry|Prison)(?: [A-Z]\w{{1,30}}){{0,4}}"
    r"|(?:Scottish|Welsh) Government)"
)
"""The names of departments and of offices of central government."""
_NAMED_BUYER = re.compile(
    r"\b(?:[Tt]he|THE) (?:[Bb]uyer|[Cc]ustomer|[Cc]lient|(?:[Cc]ontracting )?[Aa]uthority"
    r"|BUYER|CUSTOMER|CLIENT|(?:CONTRACTING )?AUTHORITY) (?:is|IS) (?:(?:the|THE) )?"
    r"|\b(?:[Ii]ssued|[Pp]rocured|ISSUED|PROCURED) (?:by|BY) (?:(?:the|THE) )?"
)
"""Right before the buyer's name in running text: 'The Buyer is the', 'Issued by the'."""
_STRICT = (
    r"(?:name of (?:the )?)?(?:contracting|awarding|purchasing|commissioning) "
    r"(?:authority|body|organisation)(?: name)?|name of (?:the )?(?:authority|buyer)|buyer name"
)
_LABEL = re.compile(
    rf"\W{{0,3}}(?:\d[\d.]{{0,7}} )?(?:the )?(?:(?P<strict>{_STRICT})"
    r"|authority|buyer|client|commissioner|customer|employer|purchaser|(?:issued|procured) by"
    r"|(?P<behalf>(?:for and )?on behalf of))"
    r"\s?(?:(?P<mark>[:–—=-])\s?|$|(?<=behalf of)\s)(?P<rest>.*)",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\Auniversity of \w{3,30}\Z"
    r"|(?:nhs (?:foundation )?trust|integrated care board|icb|health board|university|college"
    r"|academy|academy trust|academies trust|learning trust|school|fire authority|constabulary"
    r"|fire and rescue (?:service|authority)|combined authority|national park authority)\Z",
    re.IGNORECASE,
)
"""What the name of a public body that is no council looks like, most by their ends."""
_END = re.compile(r"[,;()|]|\. |\s[-–—]\s")
_SENTENCE_END = re.compile(r"[;|]|\. |\s[-–—]\s")
_SMALL = {"and", "of", "on", "upon", "the", "with", "under", "in", "le", "by", "cum", "next"}
_IN_NAMES = _SMALL - {"by", "in", "with"} | {"&"}
_BEFORE_OF = {"borough", "city", "county", "council", "district", "forest", "heart", "isle"}
_BEFORE_OF |= {"isles", "riding", "university", "vale"}
_SEPARATE = {"for", "by", "to", "from", "between", "at", "in", "behalf"}
"""Words in capitals that no name of a council has: the name begins after them."""
_LEADING = {
    *("the", "this", "that", "our", "your", "a", "for", "by", "in", "of", "to", "and", "all"),
    *("appendix", "contract", "document", "documents", "draft", "invitation", "itt", "lot"),
    *("procurement", "schedule", "services", "specification", "tender"),
}
_GENERIC = {
    *("academy", "authority", "board", "borough", "buyer", "city", "college", "community"),
    *("council", "county", "district", "free", "health", "high", "infant", "junior", "local"),
    *("metropolitan", "name", "new", "nhs", "parish", "primary", "public", "school", "secondary"),
    *("special", "state", "the", "town", "trust", "university", "foundation", "each", "every"),
    *("and", "of", "neighbouring", "other", "former", "unitary"),
}


def buyer_in(text: str) -> str:
    r"""The public body that a text names as its buyer, or ''.

    A name after a label ('Contracting Authority:') comes first, then one on a line of its own
    near the beginning, then the council that is named most often. Capitals are read as words.

    >>> buyer_in("The Wallbrook Borough Council invites offers. Contact the Council.")
    'Wallbrook Borough Council'
    >>> buyer_in("WALLBROOK BOROUGH COUNCIL\nTender for grass cutting")
    'Wallbrook Borough Council'
    """
    counts: Counter[str] = Counter()
    for name, weight in _candidates(text):
        counts[name] += weight
    return counts.most_common(1)[0][0] if counts else ""


def _candidates(text: str) -> Iterator[tuple[str, int]]:
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else ""
        yield from _labelled(line, following)
        if at < _FIRST_LINES and (name := _alone(line)):
            yield name, _ALONE
        if at < _TITLE_LINES and _CENTRAL.fullmatch(name := _tidy(line)):
            yield name, _ALONE + 1
        yield from ((name, _LABELLED) for name in _stated(line))
        yield from ((name, 1) for name in _mentioned(line))


def _labelled(line: str, following: str) -> Iterator[tuple[str, int]]:
    """The name after a label, on its line or on the next."""
    label = _LABEL.match(line[: 2 * _LONGEST])
    if label is None or not (label["mark"] or label["behalf"] or not label["rest"]):
        return
    stated = label["rest"].strip() or following
    name = _tidy(_END.split(stated, maxsplit=1)[0])
    if not name or len(name) > _LONGEST or not name[0].isupper() or re.search(r"\d|@", name):
        return
    if kind_of_buyer(name) is not None or (label["strict"] and not _is_sentence(name)):
        yield name, _ON_BEHALF if label["behalf"] else _LABELLED


def _alone(line: str) -> str:
    """The name of a public body that a line has and nothing else, or ''."""
    if len(line) > _LONGEST or _COMPANY.search(line):
        return ""
    name = _tidy(line)
    if (found := _COUNCIL.fullmatch(name)) and _is_council(name):
        return found[0]
    return name if _BODY.search(name) and not _is_sentence(name) else ""


def _stated(line: str) -> Iterator[str]:
    """The councils and central bodies that a line states to be the buyer."""
    for before in _NAMED_BUYER.finditer(line):
        name = _tidy(_SENTENCE_END.split(line[before.end() :][:_LONGEST], maxsplit=1)[0])
        if found := _CENTRAL.match(name):
            council = _COUNCIL.search(found[0])
            yield found[0][: council.start() if council else None].rstrip(" ,")
        elif (found := _COUNCIL.match(name)) and not _OWN_COMPANY.match(name, found.end()):
            yield from filter(_is_council, [_tidy(found[0])])


def _is_sentence(name: str) -> bool:
    """Whether there are words that a name does not have."""
    return any(word[0].islower() and word not in _IN_NAMES for word in name.split())


def _mentioned(line: str) -> Iterator[str]:
    """The councils that a line names, in capitals or not."""
    for found in _COUNCIL.finditer(line):
        if _OWN_COMPANY.match(line, found.end()):
            continue
        yield from filter(_is_council, [_tidy(found[0])])
    for run in _CAPITALS.finditer(line):
        yield from _in_capitals(run[0])


def _in_capitals(run: str) -> Iterator[str]:
    """The councils in a run of capitals, without companies whose names hold the word."""
    words = run.split()
    start = 0
    for at, word in enumerate(words):
        plain = word.lower().strip(".")
        loose = plain == "of" and at and words[at - 1].lower() not in _BEFORE_OF
        if plain in _SEPARATE or loose:
            yield from _in_words(words[start:at])
            start = at + 1
        elif plain == "council" and words[at + 1 : at + 2] != ["OF"]:
            if not _COMPANY.search(f" {' '.join(words[at + 1 :])}".partition(" AND ")[0]):
                yield from _in_words(words[start : at + 1])
            start = at + 1
    if not _COMPANY.search(rest := " ".join(words[start:])):
        yield from _in_words(rest.split())


def _in_words(words: Sequence[str]) -> Iterator[str]:
    """The councils in words in capitals."""
    for found in _COUNCIL.finditer(_tidy(" ".join(words))):
        yield from filter(_is_council, [_tidy(found[0])])


def _is_council(name: str) -> bool:
    return kind_of_buyer(name) is BuyerKind.COUNCIL


def _tidy(name: str) -> str:
    """A name without the words before it, capitals as words; '' where only general words are."""
    bare = name.strip(" .:*#_")
    words = (tidy_name(bare) if bare.isupper() else bare).split()
    while words and words[0].lower() in _LEADING:
        words = words[1:]
    if all(word.lower() in _GENERIC for word in words):
        return ""
    words[0] = words[0][:1].upper() + words[0][1:]
    return " ".join(words)
