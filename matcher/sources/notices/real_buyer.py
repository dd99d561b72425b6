"""Who really buys where a notice is published by a portal or an agent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcher.core.kept import kept
from matcher.law.buyers import kind_of_buyer

_LONGEST_READ = 4_000
"""Characters of a notice's text that are searched for the buyer."""

_FOR = re.compile(
    r"\b(?:(?:acting |for and )?on behalf of|o/b/o|acting (?:as (?:an? )?agent )?for"
    r"|as agents? (?:for|of)|portal (?:for|of)|(?:procured|published|listed|managed) for)\s+"
    r"(?:its (?:client|member)s?,?\s+)?(?:the\s+)?",
    re.IGNORECASE,
)
_ACTING = re.compile(
    r"(?<!\s)\s*(?:[-–,(]\s*)?\b(?:acting\s)?(?:for and )?on behalf of\s.*", re.IGNORECASE
)
_CARE_OF = re.compile(
    r"(?<!\s)\s*(?:[,(]\s*)?\b(?:c/o|care of|via|(?:acting )?through|hosted by)\s.*", re.IGNORECASE
)
_PORTAL_WORDS = re.compile(
    r"(?<!\s)\s*(?:[-–,:(|]\s*)?\b(?:network )?(?:e-?\s?(?:tender(?:ing|s)?|sourcing|procurement)"
    r"|(?:procurement|tenders?|tendering|supplier|business) portal)"
    r"(?: (?:system|portal|service|team|site))?\)?$",
    re.IGNORECASE,
)
_PORTALS = (
    *(
        "adam",
        "atamis",
        "basware",
        "blue ?light",
        "bravo(?:solution|nr)?",
        r"capital\s?e-?sourcing",
    ),
    *(
        "contracts? finder",
        "csw-?jets",
        "curtis fitch",
        "delta",
        "due north",
        "east midlands tenders",
    ),
    *("etenders ?ni", "eu[- ]?supply", "find a tender", "in-?tend", "jaggaer", "kent business"),
    *("london tenders", "mercell", "multiquote", "my-?tenders?", "open ?tender", "panacea"),
    *(
        "pro-?contract",
        "proactis",
        "public contracts scotland",
        "sell2wales",
        "south east business",
    ),
    *(r"sourc\w+ (?:nottingham|derby|lincoln)\w*", "supply2gov", "tendersdirect", "the chest"),
    *("supply(?:ing)? (?:hertfordshire|the south west)", "wax digital", "yortender"),
)
_PORTAL = re.compile(
    rf"(?:{'|'.join(_PORTALS)})"
    r"(?:[- ](?:e-?\s?(?:tender(?:ing|s)?|sourcing|procurement)|portal|system|ltd|limited|uk|plc"
    r"|tenders?|team))*",
    re.IGNORECASE,
)
_ADVISER = re.compile(
    r"\b(?:consultan\w{1,4}|consulting|associates|advisers|surveyors|solicitors)\b"
    r"|^(?:espo|ypo|nepo|nhs sbs|fusion21|pagabo|blue ?light commercial)"
    r"(?: (?:ltd|limited)| \([^()]{1,60}\))?$",
    re.IGNORECASE,
)
_PURCHASING = re.compile(
    r"\b(?:(?:purchasing|buying) organisation|consortium|alliance|partnership)\b", re.IGNORECASE
)
_MANY = re.compile(
    r"\b(?:bodies|authorities|boroughs|councils|members|others|partners)$", re.IGNORECASE
)
_WORD = r"(?:St\.|[A-Z][\w&'’-]*)"
_BODY = rf"{_WORD}(?:,? (?:of|and|the|&|for|upon|on|in|with|y|yr|under|le|{_WORD})){{0,12}}"
_NAMED = re.compile(_BODY)
_OPENS = re.compile(
    rf"(?:^|[.!?:\n]\s{{0,3}})(?:The\s{{1,3}})?(?P<body>{_BODY})\s*(?:\([^()]{{1,60}}\)\s*)?"
    rf"(?:/\s*{_BODY}\.?\s*)?"
    r"(?:,? ?(?:is|are|wish(?:es)?|invites?|requires?|seeks?|intends?|has|have|would|will|wants?)\b"
    r"|[-–:|])"
)
_ENDING = re.compile(r"(?:,? (?:of|and|the|&|for|upon|on|in|with|y|yr|under|le)){1,6}$")


def principal_named(name: str) -> str:
    """The body that a buyer's name says the publisher acts for, or ''.

    >>> principal_named("LGSS on behalf of Cambridgeshire County Council")
    'Cambridgeshire County Council'
    """
    *publisher, last = _FOR.split(name)
    if not publisher:
        return ""
    own = kind_of_buyer(publisher[0].strip(" -–,(")) is not None
    if own and (is_adviser(last) or _PURCHASING.search(last) or last[:1].islower()):
        return ""  # a council 'on behalf of its schools', or of the body that runs its framework
    return _known(last)


@kept(1 << 12)
def without_publisher(name: str) -> str:
    """A buyer's name without the portal, the agent or the partners that it is published with.

    >>> without_publisher("University of York c/o Pelican Procurement Services")
    'University of York'
    >>> without_publisher("Walsall Council - e-Tendering System")
    'Walsall Council'
    """
    if is_portal(name):
        return name
    for pattern in (_CARE_OF, _PORTAL_WORDS, _ACTING):
        rest = pattern.sub("", name).strip()
        name = rest if _known(rest) or (rest and pattern is not _ACTING) else name
    return name


def is_portal(name: str) -> bool:
    """Whether a name is a portal's alone: 'Delta eSourcing'."""
    return bool(_PORTAL.fullmatch(" ".join(name.split())))


def is_adviser(name: str) -> bool:
    """Whether it names advisers or a purchasing body, who run a procurement for somebody else."""
    return bool(_ADVISER.search(name))


def principal_in(title: str, description: str, *, portal: bool) -> str:
    """The public body that a text says the publisher acts for, or ''.

    For a portal a body that the text begins a sentence with counts too: 'Walsall Council invites'.
    """
    texts = [title[:_LONGEST_READ], description[:_LONGEST_READ]]
    found = [body for each in texts for body in _bodies(each, opens=portal)]
    return next(iter(found), "")


def _bodies(text: str, *, opens: bool) -> Iterator[str]:
    for mention in _FOR.finditer(text):
        named = _NAMED.match(text, mention.end())
        if named and (body := _known(named[0])):
            yield body
    for sentence in _OPENS.finditer(text) if opens else ():
        if body := _known(sentence["body"]):
            yield body


def _known(body: str) -> str:
    """A body with words in it, of a kind that its name tells; '' for 'WFDC / RBC'."""
    whole = _ENDING.sub(
        "", re.sub(r"(?<!\s)\s*\([^()]*(?:\)\s*)?$", "", body.strip(" .,-–"))
    ).strip(" .,()-–")
    has_words = re.search(r"[A-Za-z][a-z]{3,}", whole) and not _MANY.search(whole)
    return whole if has_words and kind_of_buyer(whole) is not None else ""
