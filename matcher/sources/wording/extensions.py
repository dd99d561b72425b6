"""By how much a contract may be extended, around each length of time that a text gives."""

from __future__ import annotations

import re

from matcher.sources.wording.lengths import in_years, years_of
from matcher.sources.wording.option_words import OPTION

EQUAL = 0.02
"""Years by which equal lengths in different units may differ."""

_MORE = re.compile(
    r"\b(?P<n>\d{1,2}) (?:more|further|additional)\b(?=[ .,;)]|$)"
    r"|\b(?:exten\w{1,6}|options?|renew\w{0,4}) (?:it |the contract )?(?:by|for|of)(?: up to)?"
    r"(?: (?:an?|the))?(?: (?:additional|another|further))? (?P<bare>\d{1,2})(?= ?(?:[.,;)]|$))"
    r"|\b(?:additional|another|further|optional|possible) "
    r"(?:(?:additional|further) )?(?P<opt>\d{1,2})(?= ?(?:[.,;)]|$))",
    re.IGNORECASE,
)
"""Options in the unit of the term: '2 more', 'an option to extend by 2'."""
EXTENDS = re.compile(
    rf"\b(?:{OPTION}|further|additional|another|possible|plus|extra)\b|\+",
    re.IGNORECASE,
)
_WHOLE = r"(?:maximum|total|overall|combined|aggregate)"
_MORE_WORDS = {"further", "additional", "more", "extra", "optional", "option", "extension"}
_RENEWABLE = re.compile(
    r"\b(?:extend(?:able|ed)|renew(?:able|ed)) (?:(?:annually|yearly),? )?(?:up to )?"
    r"(?P<n>once|twice|[2-9] times)\b"
    r"(?! (?:an?|by|each|for|per)\b)",
    re.IGNORECASE,
)
"""How often a contract may run again: 'one year, renewable twice'."""
_TO_EXTEND = re.compile(
    r"\b(?:(?:extend(?:ed|ing)?|extensions?|renew(?:ed)? (?:for|by))\b[^,;()]{0,60}"
    r"|(?<!with )(?<!including )(?:extensions?|options?) ?\( ?"
    r"|(?:options?|renewals?) ?(?:\([^()]{0,20}\) ?)?[:=] ?"
    r"|(?:additional|another|further|optional) (?:periods? of )?(?:up to )?)$",
    re.IGNORECASE,
)
"""An extension right before its length, with no other length before."""
_UNTIL = re.compile(
    rf"\bextend\w{{0,4}} (?:it |this |the contract )?(?:up )?to (?:a )?(?:{_WHOLE} )?(?:of )?$"
    rf"|\bover the (?:{_WHOLE}|full|whole) (?:possible )?$"
    rf"|\b{_WHOLE}(?: {_WHOLE})?(?: possible)?"
    r"(?P<noun>(?: (?:contract|duration|length|life|periods?|terms?)){1,2})?"
    r"(?:,? \(?(?:including|with|incl) (?:(?:all|any|the) )?(?:extensions?|options?)\)?)?"
    r"(?: (?:of|is|will be|being|(?:will |shall |must )?not (?:to )?exceed(?:ing)?)|:"
    r"|(?(noun)|(?!)))"
    r"(?: up to)? $",
    re.IGNORECASE,
)
_AT_MOST = re.compile(r"\b(?:no (?:longer|more) than|not exceeding|at most) $", re.IGNORECASE)
_BY_PERIODS = re.compile(
    r"\bfor (?:an?|any) (?:further )?period(?:s|\(s\))?(?: or periods)?(?: of)?"
    r"(?: up to)?(?: an?)? ?$",
    re.IGNORECASE,
)
"""Right before a total of extensions, not of the contract: 'for a period or periods up to a'."""
_AFTER_TERM = re.compile(r"^,? (?:after|beyond|following|on top of)\b", re.IGNORECASE)
_IN_TOTAL = re.compile(
    r"^,? (?:in (?:total|all)|overall|at (?:the )?most|maximum)\b", re.IGNORECASE
)
_KIND = (
    r"(?:(?:additional|consecutive|discretionary|equal|extra|further|individual|more|optional"
    r"|possible|potential|separate|single|subsequent|successive|x|×) )"
)
_PERIODS = r"(?:periods?|extensions?|options?|terms?|increments?|instalments?|renewals?|stages?)"
_TIMES = re.compile(
    rf"(?:\b(\d{{1,2}}) ?[x×]|\b(?:extensions?|options?|renewals?) ?[:=-]? ?(\d{{1,2}}) of"
    rf"|\b(\d{{1,2}}) (?:{_KIND}){{0,4}}"
    rf"(?:(?:{_PERIODS}|to (?:further )?(?:extend|renew)(?: further)?)\b,? ?){{1,3}}"
    r"(?:each )?(?:of|for|by|lasting|not exceeding|not more than)"
    r") ?(?:up to )?(?:an? )?$",
    re.IGNORECASE,
)
"""How many extensions there are, right before their length: '2 x', '2 further periods of'."""
_OPTIONS_AFTER = re.compile(
    r"^(?:'s?|s')? ?(?:contract )?(?:extensions?|options?|optional)\b(?! ?[:=])", re.IGNORECASE
)
_PERIODS_AFTER = re.compile(
    rf"^(?:'s?|s')? ?(?:contract )?(?:optional|{_PERIODS})\b", re.IGNORECASE
)
_COUNT = re.compile(rf"\b(\d{{1,2}}|both) (?:{_KIND}){{0,4}}$", re.IGNORECASE)
"""How many there are, where their name follows the length: 'two successive 12-month options'."""
_TWICE = re.compile(
    r"^,? ?(?:on |for )?(?:up to |no more than |at most )?"
    r"(?:(?P<twice>twice|both)\b|(?P<n>\d{1,2}) (?:separate )?(?:times|occasions)\b)"
    r"|^ (?:extensions?|options?|periods?) ?[x×] ?(?P<by>\d{1,2})\b",
    re.IGNORECASE,
)
_TWICE_BEFORE = re.compile(
    r"\b(?:twice|(?P<n>\d{1,2}) (?:times|occasions)),? (?:each(?: time)? )?(?:by|for|of) "
    r"(?:up to )?(?:an? )?$",
    re.IGNORECASE,
)
_INCLUDED = re.compile(
    r"\binclu\w{1,6} (?:(?:of|an?|the|any|up to|optional|possible|options?|extensions?|to|extend"
    r"|for|by|further|\d{1,2}|x) )*$",
    re.IGNORECASE,
)
"""Before an extension that the length named first already holds: '5 years, including a 2 year
extension'."""
_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th)|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
_ORDINAL_YEARS = re.compile(
    rf"\b((?:{_ORDINAL}"
    r"(?:,? and |, | or | & | )){1,4})(?:contract |and final |final )?years?\b",
    re.IGNORECASE,
)
_ORDINAL_ALONE = re.compile(
    rf"\ban? ({_ORDINAL}(?:(?:,? and |, | or | & )(?:an? )?{_ORDINAL}){{0,3}}) ?(?=[.,;)]|\Z)",
    re.IGNORECASE,
)
"""Years after those of the term, by their numbers alone: 'two years with the option of a third'."""
_NUMBERED_YEARS = re.compile(
    r"\b(?:optional|extension|option) (?:contract )?years? "
    r"(?P<n>[2-9](?:(?:,? and |, ?| & | or )[2-9]){0,5}(?!\d))"
    r"(?:(?: to | ?- ?)(?P<last>[2-9])(?!\d))?",
    re.IGNORECASE,
)
"""The years that are optional, by their numbers: 'optional years 2 and 3'."""
_LATER_OPTION = re.compile(
    r"\b(?:extend\w{0,4}|extensions?|renew\w{0,4}\b(?! of \d)|(?:option|right|scope) to continue"
    r"|options? ?[:=] ?(?:up to )?\d"
    r"|optional(?: ?[:=]| (?:\w{1,10} )?(?:years?|periods?|terms?)\b))"
    rf"|\b{_WHOLE}(?: {_WHOLE})?(?: (?:contract|duration|length|period|term)){{0,2}} (?:of|is) \d"
    rf"|\bover the (?:{_WHOLE}|full|whole) (?:possible )?\d",
    re.IGNORECASE,
)
_NO_LATER_OPTION = re.compile(
    r"\b(?:deadline|tender period|clos\w{2,3} date|submission|validity"
    r"|(?:was|were|(?:has|have|had)(?: already)? been) (?:extended|renewed)"
    r"|no (?:option|provision|right|scope)|not (?:be )?(?:extend|renew)\w{0,4}|lease|warranty"
    r"|defects?)\b",
    re.IGNORECASE,
)
_AND_MORE = re.compile(
    r"^,? ?(?:and|&|plus|then|followed by) "
    r"(?:(?:an?|up to|again|another|further|additional|final|second|third|possible|potential"
    r"|optional|for|by|of) |\d ?[x×] ?)*$",
    re.IGNORECASE,
)
"""Between an extension and one more: '12 months and 1 x'."""
_UNTIL_THEN = re.compile(r"\bin(?: (?:about|approximately|around))? ?$", re.IGNORECASE)
"""Before a time until something happens: 'recurs in 36 months'."""
_AGAIN = re.compile(r"[(=/][^()=/]{0,30}$")
"""Before a length in brackets, or after '=' or '/': it may say again what stands before it."""
_ADDS = re.compile(r"\+|\b(?:and|plus|then)\b", re.IGNORECASE)


def extended(
    initial: float, options: float, found: re.Match[str], before: str, after: str
) -> tuple[float, float]:
    """The length and the options with one more extension, a match of `LENGTH`."""
    years = years_of(found)
    if _is_until(found, before, after):
        if years > initial:
            return initial, years - initial
        if not EXTENDS.search(before):
            return initial, options
    if _INCLUDED.search(before) and years < initial:
        return initial - years, options + years
    return initial, options + years * times(before, after)


def says_again(initial: float, options: float, years: float, before: str, after: str) -> bool:
    """Whether a length is the options, or the term with them: 'a 2 year extension (3+2)'."""
    opened = _AGAIN.search(before)
    if not options or opened is None or _ADDS.search(opened[0]):
        return False
    total = years * times(before, after)
    return min(abs(total - options), abs(total - initial - options)) < EQUAL


def is_extension(found: re.Match[str], before: str, after: str, options: float) -> bool:
    """Whether a length, a match of `LENGTH`, is that of an extension, after `options` so far."""
    return not _UNTIL_THEN.search(before) and bool(
        EXTENDS.search(before)
        or _says_more(found)
        or _OPTIONS_AFTER.match(after)
        or _is_until(found, before, after)
        or (options and _AND_MORE.search(before))
    )


def _is_until(found: re.Match[str], before: str, after: str) -> bool:
    """Whether a length is that of the contract with its extensions: 'up to 5 years in total'."""
    until = _UNTIL.search(before)
    if until and not until["noun"] and _BY_PERIODS.search(before[: until.start()]):
        return False
    if _says_more(found):
        return False
    at_most = _AT_MOST.search(before) and not EXTENDS.search(before)
    is_whole = at_most or until or _IN_TOTAL.match(after)
    return bool(is_whole) and not _AFTER_TERM.match(after)


def _says_more(found: re.Match[str]) -> bool:
    return (found["more"] or "").strip().lower() in _MORE_WORDS


def is_only_extension(found: re.Match[str], before: str, after: str, options: float) -> bool:
    """Whether a length before that of the contract is an extension: 'to extend by 2 years'."""
    return bool(
        _says_more(found)
        or _TO_EXTEND.search(before)
        or _OPTIONS_AFTER.match(after)
        or (options and is_extension(found, before, after, options))
    )


def options_without_length(initial: float, rest: str, unit: str) -> float:
    """Options said after the length in its unit, or by their years: '2 more', 'a third year'.

    Of one year or month ('renewable twice') the options are as long; of several they may not be.
    """
    if not EXTENDS.search(rest):
        return 0.0
    is_one = min(abs(initial - in_years(unit)), abs(initial - 1)) < EQUAL
    if (again := _RENEWABLE.search(rest)) and is_one:
        said = again["n"].lower()
        return (int(said[0]) if said[0].isdecimal() else 1 + (said == "twice")) * initial
    if more := _MORE.search(rest):
        return int(more["n"] or more["bare"] or more["opt"]) * in_years(unit)
    if numbered := _NUMBERED_YEARS.search(rest):
        years = [int(year) for year in re.findall(r"\d", numbered["n"])]
        return float(len(years) + int(numbered["last"] or years[-1]) - years[-1])
    ordinals = _ORDINAL_YEARS.search(rest)
    ordinals = ordinals or (_ORDINAL_ALONE.search(rest) if unit.startswith("y") else None)
    return float(len(re.findall(r"\w{3,}", ordinals[1].replace("and", "")))) if ordinals else 0.0


def times(before: str, after: str) -> int:
    """How many extensions of one length there are."""
    if again := _TWICE.match(after):
        return int(again["n"] or again["by"] or 2)
    if again := _TWICE_BEFORE.search(before):
        return int(again["n"] or 2)
    if found := _TIMES.search(before):
        return int(found[1] or found[2] or found[3])
    counted = _COUNT.search(before) if _PERIODS_AFTER.match(after) else None
    return 2 if counted and counted[1].lower() == "both" else int(counted[1]) if counted else 1


def may_extend(text: str) -> bool:
    """Whether a text after the length of a contract says that it may be extended."""
    return bool(_LATER_OPTION.search(text)) and not _NO_LATER_OPTION.search(text)
