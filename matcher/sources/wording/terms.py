"""How long a contract runs, as a specification states it in words: terms, dates and options."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from matcher.sources.wording.number_words import in_digits, sentences, short

LONGEST_TERM = 40.0
"""Most years of a contract; a longer time is not read as its term."""

_LENGTH = re.compile(
    r"\b(?P<n>\d{1,3}(?:\.\d{1,2})?)(?: ?\(\d{1,3}\))?[ -]?"
    r"(?P<more>(?:further|additional|more|extra|optional|calendar|consecutive|full) )?"
    r"(?P<unit>years?|yrs?|months?|mths?|weeks?)\b"
    r"(?:,? and (?P<months>\d{1,2})(?: ?\(\d{1,2}\))?[ -]?months?\b)?",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"\b(?P<first>\d{1,2})(?P<more>(?: ?\+ ?\d{1,2}){1,6})(?: ?(?P<unit>years?|yrs?|months?))?\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(\d{1,2}) (?:more|further|additional)\b(?=[ .,;)]|$)", re.IGNORECASE)
_RUNS = re.compile(
    r"\b(?:agreement|arrangement|awarded|commence\w{0,3}|contract|contracts|duration|framework"
    r"|initial|initially|lasts?|length|let|period|run|runs|term)\b",
    re.IGNORECASE,
)
_EXTENDS = re.compile(
    r"\b(?:extend\w{0,4}|extensions?|options?|optional|further|additional|renew\w{0,4}|possible"
    r"|plus|extra)\b|\+",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\bextend\w{0,4} (?:it |this |the contract )?(?:up )?to (?:a )?(?:total |maximum )?(?:of )?$"
    r"|\b(?:maximum|total) (?:overall )?(?:of|term of|length of|duration of|period of) $",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(\d{1,2}) ?(?:x|×|(?:further |additional |more |optional |separate |possible ){0,2}"
    r"(?:periods?|extensions?|options?|terms?|increments?) (?:of|for)) ?(?:up to |a )?$",
    re.IGNORECASE,
)
_OPTIONS_AFTER = re.compile(r"^(?:'s?|s')? ?(?:extensions?|options?|optional)\b", re.IGNORECASE)
_COUNT = re.compile(r"\b(\d{1,2}) (?:x |× )?$")
_NOT_TERM = re.compile(
    r"\b(?:accounts|aged?|ago|experience|every|history|interval|(?:the|its|their|your) last"
    r"|least|notice|old|past|practice"
    r"|previous|record|retain\w{0,3}|review\w{0,3}|trading|warranty|within)\b",
    re.IGNORECASE,
)
_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAY = (
    r"(?:(?:(?P<{0}d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?)?(?P<{0}m>jan(?:uary)?|feb(?:ruary)?"
    r"|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?),? (?P<{0}y>20\d\d)"
    r"|(?P<{0}nd>\d{{1,2}})[/.](?P<{0}nm>\d{{1,2}})[/.](?P<{0}ny>20\d\d))"
)
_BETWEEN = re.compile(
    rf"{_DAY.format('a')},? ?"
    r"(?:-|(?:and )?(?:will )?(?:run(?:s|ning)? )?(?:to|until|till|through"
    r"|ends?(?: on)?|ending(?: on)?|expires?(?: on)?|expiring(?: on)?|finish(?:es|ing)?(?: on)?))"
    rf" ?(?:the )?{_DAY.format('b')}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ContractTerm:
    """How long a contract runs, in years, and how much longer its options may make it."""

    years: float
    words: str
    options: float = 0.0

    @property
    def longest(self) -> float:
        """Years with every option used: the law counts them (Procurement Act 2023 Schedule 3)."""
        return round(self.years + self.options, 2)


def contract_term(text: str) -> ContractTerm | None:
    """The length of the contract, or None; an age or experience is not its length.

    >>> contract_term("Drivers have three years of practice. The contract is for two years.")
    ContractTerm(years=2.0, words='2 years', options=0.0)
    """
    for sentence in sentences(text):
        digits = in_digits(sentence)
        term = _between_dates(digits) or (_term(digits) if _RUNS.search(digits) else None)
        if term and 0 < term.years <= term.longest <= LONGEST_TERM:
            return replace(term, words=short(term.words))
    return None


def _between_dates(digits: str) -> ContractTerm | None:
    for found in _BETWEEN.finditer(digits):
        first, last = _day(found, "a", last=False), _day(found, "b", last=True)
        if first and last and last > first:
            years = round((last - first).days / 365.25, 2)
            whole = round(years * 12) / 12
            years = whole if abs(years - whole) < 0.02 else years
            options = _term(digits[found.end() :], of_options=True)
            return ContractTerm(round(years, 2), found[0], options.options if options else 0.0)
    return None


def _day(found: re.Match[str], which: str, *, last: bool) -> date | None:
    try:
        if found[f"{which}m"]:
            month = _MONTH_NAMES.index(found[f"{which}m"][:3].lower()) + 1
            year = int(found[f"{which}y"])
            if found[f"{which}d"]:
                return date(year, month, int(found[f"{which}d"]))
            if last:
                return date(year + month // 12, month % 12 + 1, 1)
            return date(year, month, 1)
        return date(*(int(found[f"{which}{part}"]) for part in ("ny", "nm", "nd")))
    except ValueError:
        return None


def _term(digits: str, *, of_options: bool = False) -> ContractTerm | None:
    """The first length that is not an extension, and the sum of those that are."""
    if not of_options and (term := _sum(digits)):
        return term
    initial: float | None = 0.0 if of_options else None
    options, words, end, unit = 0.0, "", 0, "years"
    for found in _LENGTH.finditer(digits):
        before, after = digits[end : found.start()], digits[found.end() :]
        near = after[:40]
        years = _years(found)
        if _NOT_TERM.search(before[-40:]) or _NOT_TERM.match(near.lstrip(" 'sof").lstrip()):
            end = found.end()
            continue
        extends = bool(
            _EXTENDS.search(before) or (found["more"] and _EXTENDS.search(found["more"]))
        ) or bool(_OPTIONS_AFTER.match(after))
        if initial is None and not _OPTIONS_AFTER.match(after):
            initial, words, unit = years, found[0], found["unit"]
        elif extends and initial is not None:
            if _UNTIL.search(before) and years > initial:
                options = years - initial
            elif years:
                options += years * _times(before, after)
        end = found.end()
    if initial is None:
        return None
    more = _MORE.search(digits, end) if _EXTENDS.search(digits[end:]) else None
    if more and not options:
        options = int(more[1]) * _in_years(unit)
    return ContractTerm(round(initial, 2), words, round(options, 2))


def _sum(digits: str) -> ContractTerm | None:
    """A term written as '3+1+1' years."""
    found = _SUM.search(digits)
    if found is None:
        return None
    unit = _in_years(found["unit"] or "years")
    more = sum(int(part) for part in re.findall(r"\d{1,2}", found["more"]))
    return ContractTerm(round(int(found["first"]) * unit, 2), found[0], round(more * unit, 2))


def _years(found: re.Match[str]) -> float:
    return float(found["n"]) * _in_years(found["unit"]) + int(found["months"] or 0) / 12


def _in_years(unit: str) -> float:
    return {"m": 1 / 12, "w": 1 / 52}.get(unit[0].lower(), 1.0)


def _times(before: str, after: str) -> int:
    found = _TIMES.search(before) or (
        _COUNT.search(before) if _OPTIONS_AFTER.match(after) else None
    )
    return int(found[1]) if found else 1
