"""The days on which a contract starts and ends, as texts write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from matcher.sources.formats.days import A_MONTH, days_in
from matcher.sources.wording.lengths import exact
from matcher.sources.wording.option_words import AN_OPTION, OPTION

_DAY = (
    rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?)?{A_MONTH},? 20\d\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? {A_MONTH},? '?\d\d(?!\d)"
    rf"|{A_MONTH} \d{{1,2}}(?:st|nd|rd|th)?, 20\d\d"
    r"|20\d\d-\d\d-\d\d"
    r"|\d{1,2}[/.-]\d{1,2}[/.-](?:20\d\d|\d\d(?!\d)))"
)
_FIRST, _LAST = rf"(?P<first>{_DAY})", rf"(?P<last>{_DAY})"
_BETWEEN = re.compile(
    rf"{_FIRST},? ?"
    r"(?:-|(?:and )?(?:to |will )?(?:(?:run(?:s|ning)?|lasts?|lasting|continu(?:es|ing)) )?"
    r"(?:to|until|till|through"
    r"|(?:initial |first )?(?:ends?|ending|expires?|expiring|finish(?:es|ing)?)"
    r"(?: at \w{1,8})?(?: on| in)?))"
    rf" ?(?:the )?(?:end of )?{_LAST}",
    re.IGNORECASE,
)
_ENDS_FIRST = re.compile(
    rf"(?<!extended )\b(?:to|until|till|(?:ends?|expires?|finish(?:es)?)(?: on)?) "
    rf"(?:the )?(?:end of )?{_LAST},? ?"
    r"(?:from|(?:having )?(?:start|commenc)\w{0,4}(?: on| in)?) "
    rf"{_FIRST}",
    re.IGNORECASE,
)
"""The last day before the first: 'until 31 March 2029 from 1 April 2026'."""
_FROM_DAY = re.compile(
    rf"\b(?:from|on|commenc\w{{1,6}}|start\w{{0,4}})(?: on)? (?:the )?{_FIRST}",
    re.IGNORECASE,
)
"""The day from which a contract runs."""
_TO_DAY = re.compile(
    rf"\b(?:{OPTION})\b[^.;]{{0,60}}?"
    r"(?:\b(?:to|until|till) |: |(?<=extensions) |(?<=extension) )"
    rf"(?:the )?(?:end of )?{_LAST}(?! ?(?:to|until|-) )",
    re.IGNORECASE,
)
"""The day to which a contract may be extended."""
_STARTS = (
    r"\b(?:start|starts|starting|commencement|commences?|commencing|begins?)(?: date)?(?: is| on)?"
    r"\W{1,4}" + _FIRST
)
_ENDS = (
    r"\b(?:end|ends|ending|expiry|expires?|expiring|completion|finish|until)(?: date)?"
    r"(?: is| on| no later than)?\W{1,4}" + _LAST
)
_NEXT = r"\W{1,6}(?:(?:contract|service|proposed|estimated|anticipated|and|date of|the) ){0,3}"
_START_AND_END = tuple(
    re.compile(f"{first}{_NEXT}{second}", re.IGNORECASE)
    for first, second in ((_STARTS, _ENDS), (_ENDS, _STARTS))
)
_OF_OPTION = re.compile(
    r"\b(?:options?|optional) (?:years?|periods?|terms?)?[^,;.]{0,40}$", re.IGNORECASE
)
"""Right before the days of an option: '1 option year from 11 January 2026 to'."""
_NEAR = 70
"""Characters before two days in which an option that they are of is looked for."""
_RUNS_ON = re.compile(r"^\W{0,3}(?:(?:and|then|from|to be followed by) ){0,3}$", re.IGNORECASE)
"""Between the days of one year and those of the next: ', and'."""
_WEEKDAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,? (?=(?:the )?\d{1,2}(?:st|nd|rd|th|[ /.-]))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DatedTerm:
    """A contract from one day to another, which is later."""

    first: date
    last: date
    words: str
    rest: str
    """the text after them"""

    @property
    def years(self) -> float:
        """How long it runs, in years."""
        return years_between(self.first, self.last)

    @property
    def options(self) -> float:
        """The years by which the text after it says that the end may be put off to a later day."""
        later = extended_to(self.rest)
        return years_between(self.last, later) if later and later > self.last else 0.0


def between_days(digits: str) -> Iterator[DatedTerm]:
    """Every 'from 1 April 2026 to 31 March 2028' in the text."""
    for pattern in (_BETWEEN, _ENDS_FIRST):
        for found in pattern.finditer(digits):
            is_option = _OF_OPTION.search(digits, max(0, found.start() - _NEAR), found.start())
            if not is_option and (term := _of_days(found)):
                yield term


def dated_term(digits: str) -> DatedTerm | None:
    """The first days in the text between which a contract runs, with years that follow at once.

    >>> dated_term("from 1 May 2027 to 30 April 2028 and 1 May 2028 to 30 April 2029").years
    2.0
    """
    term = None
    for one in between_days(digits):
        if term is None:
            term = one
        elif _runs_on(term, one):
            end = term.rest.index(one.words) + len(one.words)
            term = replace(term, last=one.last, words=term.words + term.rest[:end], rest=one.rest)
    return term


def _runs_on(term: DatedTerm, later: DatedTerm) -> bool:
    """Whether days begin where those right before them end, and are not those of an option."""
    between, follows, _ = term.rest.partition(later.words)
    begins_then = follows and 0 <= (later.first - term.last).days <= 1
    return bool(begins_then and _RUNS_ON.match(between)) and not AN_OPTION.search(term.rest)


def start_and_end(digits: str) -> DatedTerm | None:
    """The first 'Start date: 1 April 2026. End date: 31 March 2028' in the text, either first."""
    found = (pattern.search(digits) for pattern in _START_AND_END)
    return next((_of_days(one) for one in found if one), None)


def without_weekdays(digits: str) -> str:
    """The text without the days of the week before dates: 'Monday 5 April 2027'."""
    return _WEEKDAY.sub("", digits)


def years_to_latest_end(digits: str) -> float:
    """Years from the day on which a contract starts to that to which it may be extended; or 0."""
    begins, latest = _FROM_DAY.search(digits), extended_to(digits)
    first = _first_day(begins) if begins else None
    return years_between(first, latest) if first and latest and latest > first else 0.0


def years_between(first: date, last: date) -> float:
    """The years from one day to another, as whole months where they are nearly so."""
    years = (last - first).days / 365.25
    whole = round(years * 12) / 12
    return exact(whole if abs(years - whole) < 0.02 else years)


def extended_to(digits: str) -> date | None:
    """The day to which a text says that a contract may be extended."""
    until = _TO_DAY.search(digits)
    return _last_day(until) if until else None


def _of_days(found: re.Match[str]) -> DatedTerm | None:
    first, last = _first_day(found), _last_day(found)
    if not (first and last and last > first):
        return None
    return DatedTerm(first, last, found[0], found.string[found.end() :])


def _first_day(found: re.Match[str]) -> date | None:
    days = days_in(found["first"])
    return days[0] if days else None


def _last_day(found: re.Match[str]) -> date | None:
    days = days_in(found["last"])
    return days[1] if days else None
