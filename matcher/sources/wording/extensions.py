"""By how much a contract may be extended, around each length of time that a text gives."""

from __future__ import annotations

import re

from matcher.sources.wording.lengths import in_years

EQUAL = 0.02
"""Years by which equal lengths in different units may differ."""

_MORE = re.compile(r"\b(\d{1,2}) (?:more|further|additional)\b(?=[ .,;)]|$)", re.IGNORECASE)
EXTENDS = re.compile(
    r"\b(?:extend\w{0,4}|extensions?|options?|optional|further|additional|renew\w{0,4}|possible"
    r"|plus|extra|ymestyn|estyn\w{0,6}|opsiwn|opsiynau)\b|\+",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\bextend\w{0,4} (?:it |this |the contract )?(?:up )?to (?:a )?(?:total |maximum )?(?:of )?$"
    r"|\b(?:maximum|total) (?:overall )?(?:of|term of|length of|duration of|period of) $",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(\d{1,2}) ?(?:x|×|(?:further |additional |more |optional |separate |possible ){0,2}"
    r"(?:(?:periods?|extensions?|options?|terms?|increments?) ){1,2}(?:of|for)) ?(?:up to |a )?$",
    re.IGNORECASE,
)
OPTIONS_AFTER = re.compile(r"^(?:'s?|s')? ?(?:extensions?|options?|optional)\b", re.IGNORECASE)
_COUNTED_AFTER = re.compile(
    r"^(?:'s?|s')? ?(?:extensions?|options?|optional|periods?|increments?)\b", re.IGNORECASE
)
_COUNT = re.compile(
    r"\b(\d{1,2}) (?:x |× )?(?:(?:optional|further|additional|separate|possible|more) )*$",
    re.IGNORECASE,
)
_TWICE = re.compile(
    r"^,? ?(?:on |for )?(?:up to )?"
    r"(?:(?P<twice>twice|both)\b|(?P<n>\d{1,2}) (?:separate )?(?:times|occasions)\b)",
    re.IGNORECASE,
)
_TWICE_BEFORE = re.compile(
    r"\b(?:twice|(?P<n>\d{1,2}) (?:times|occasions)),? (?:by|for|of) (?:up to )?(?:an? )?$",
    re.IGNORECASE,
)
_INCLUDED = re.compile(
    r"\binclu\w{1,6} (?:(?:of|an?|the|any|up to|optional|possible|options?|extensions?|to|extend"
    r"|for|by|further|\d{1,2}|x) )*$",
    re.IGNORECASE,
)
"""Before an extension that the length named first already holds: '5 years, including a 2 year
extension'."""
_ORDINAL_YEARS = re.compile(
    r"\b((?:(?:\d{1,2}(?:st|nd|rd|th)|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
    r"(?:,? and |, | or | & | )){1,4})(?:contract |and final |final )?year\b",
    re.IGNORECASE,
)
_LATER_OPTION = re.compile(r"\b(?:extend\w{0,4}|extensions?|renew\w{0,4})\b", re.IGNORECASE)
_NO_LATER_OPTION = re.compile(
    r"\b(?:deadline|tender period|clos\w{2,3} date|submission|validity"
    r"|no (?:option|provision|right|scope)|not (?:be )?(?:extend|renew)\w{0,4}|lease|warranty"
    r"|defects?)\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"[(=][^()=]{0,30}$")
"""Before a length in brackets or after '=', which may say again what the text said before."""
_ADDS = re.compile(r"\+|\b(?:and|plus|then)\b", re.IGNORECASE)


def extended(
    initial: float, options: float, years: float, before: str, after: str
) -> tuple[float, float]:
    """The length and the options with one more extension of `years`."""
    if _UNTIL.search(before) and years > initial:
        return initial, years - initial
    if _INCLUDED.search(before) and years < initial:
        return initial - years, options + years
    return initial, options + years * _times(before, after)


def says_again(initial: float, options: float, years: float, before: str, after: str) -> bool:
    """Whether a length is the options, or the term with them: 'a 2 year extension (3+2)'."""
    opened = _AGAIN.search(before)
    if not options or opened is None or _ADDS.search(opened[0]):
        return False
    total = years * _times(before, after)
    return min(abs(total - options), abs(total - initial - options)) < EQUAL


def is_extension(found: re.Match[str], before: str, after: str) -> bool:
    """Whether a length, a match of `LENGTH`, is that of an extension."""
    more = found["more"] or ""
    return bool(EXTENDS.search(before) or EXTENDS.search(more) or OPTIONS_AFTER.match(after))


def options_without_length(rest: str, unit: str) -> float:
    """Options said after the length in its unit, or by their years: '2 more', 'a third year'."""
    if not EXTENDS.search(rest):
        return 0.0
    if more := _MORE.search(rest):
        return int(more[1]) * in_years(unit)
    ordinals = _ORDINAL_YEARS.search(rest)
    return float(len(re.findall(r"\w{3,}", ordinals[1].replace("and", "")))) if ordinals else 0.0


def _times(before: str, after: str) -> int:
    """How many extensions of one length there are."""
    if again := _TWICE.match(after):
        return int(again["n"] or 2)
    if again := _TWICE_BEFORE.search(before):
        return int(again["n"] or 2)
    found = _TIMES.search(before) or (
        _COUNT.search(before) if _COUNTED_AFTER.match(after) else None
    )
    return int(found[1]) if found else 1


def may_extend(text: str) -> bool:
    """Whether a text after the length of a contract says that it may be extended."""
    return bool(_LATER_OPTION.search(text)) and not _NO_LATER_OPTION.search(text)
