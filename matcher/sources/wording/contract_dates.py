"""The days on which a contract starts and ends, as texts write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from matcher.sources.wording.lengths import exact
from matcher.sources.wording.option_words import AN_OPTION, OPTION

_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAY = (
    r"(?:(?:(?P<{0}d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?)?(?P<{0}m>" + _MONTH + r"),? "
    r"(?P<{0}y>20\d\d)"
    r"|(?P<{0}sd>\d{{1,2}})(?:st|nd|rd|th)? (?P<{0}sm>" + _MONTH + r"),? '?(?P<{0}sy>\d\d)(?!\d)"
    r"|(?P<{0}um>" + _MONTH + r") (?P<{0}ud>\d{{1,2}})(?:st|nd|rd|th)?, (?P<{0}uy>20\d\d)"
    r"|(?P<{0}iy>20\d\d)-(?P<{0}im>\d\d)-(?P<{0}id>\d\d)"
    r"|(?P<{0}nd>\d{{1,2}})[/.-](?P<{0}nm>\d{{1,2}})[/.-](?P<{0}ny>20\d\d|\d\d(?!\d)))"
)
_FORMS = ("", "s", "u", "i", "n")
"""The ways to write a day in `_DAY`, by the letter before d, m and y in its names."""
_BETWEEN = re.compile(
    rf"{_DAY.format('a')},? ?"
    r"(?:-|(?:and )?(?:to |will )?(?:(?:run(?:s|ning)?|lasts?|lasting|continu(?:es|ing)) )?"
    r"(?:to|until|till|through"
    r"|(?:initial |first )?(?:ends?|ending|expires?|expiring|finish(?:es|ing)?)"
    r"(?: at \w{1,8})?(?: on| in)?))"
    rf" ?(?:the )?(?:end of )?{_DAY.format('b')}",
    re.IGNORECASE,
)
_ENDS_FIRST = re.compile(
    rf"(?<!extended )\b(?:to|until|till|(?:ends?|expires?|finish(?:es)?)(?: on)?) "
    rf"(?:the )?(?:end of )?{_DAY.format('b')},? ?"
    r"(?:from|(?:having )?(?:start|commenc)\w{0,4}(?: on| in)?) "
    rf"{_DAY.format('a')}",
    re.IGNORECASE,
)
"""The last day before the first: 'until 31 March 2029 from 1 April 2026'."""
_FROM_DAY = re.compile(
    rf"\b(?:from|on|commenc\w{{1,6}}|start\w{{0,4}})(?: on)? (?:the )?{_DAY.format('a')}",
    re.IGNORECASE,
)
"""The day from which a contract runs."""
_TO_DAY = re.compile(
    rf"\b(?:{OPTION})\b[^.;]{{0,60}}?"
    r"(?:\b(?:to|until|till) |: |(?<=extensions) |(?<=extension) )"
    rf"(?:the )?(?:end of )?{_DAY.format('b')}(?! ?(?:to|until|-) )",
    re.IGNORECASE,
)
"""The day to which a contract may be extended."""
_STARTS = (
    r"\b(?:start|starts|starting|commencement|commences?|commencing|begins?)(?: date)?(?: is| on)?"
    r"\W{1,4}" + _DAY.format("a")
)
_ENDS = (
    r"\b(?:end|ends|ending|expiry|expires?|expiring|completion|finish|until)(?: date)?"
    r"(?: is| on| no later than)?\W{1,4}" + _DAY.format("b")
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


def days_in(digits: str) -> DatedTerm | None:
    """The first days in the text between which a contract runs, with years that follow at once.

    >>> days_in("from 1 May 2027 to 30 April 2028 and 1 May 2028 to 30 April 2029").years
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
    first = _day(begins, "a", last=False) if begins else None
    return years_between(first, latest) if first and latest and latest > first else 0.0


def years_between(first: date, last: date) -> float:
    """The years from one day to another, as whole months where they are nearly so."""
    years = (last - first).days / 365.25
    whole = round(years * 12) / 12
    return exact(whole if abs(years - whole) < 0.02 else years)


def extended_to(digits: str) -> date | None:
    """The day to which a text says that a contract may be extended."""
    until = _TO_DAY.search(digits)
    return _day(until, "b", last=True) if until else None


def _of_days(found: re.Match[str]) -> DatedTerm | None:
    first, last = _day(found, "a", last=False), _day(found, "b", last=True)
    if not (first and last and last > first):
        return None
    return DatedTerm(first, last, found[0], found.string[found.end() :])


def _day(found: re.Match[str], which: str, *, last: bool) -> date | None:
    form = next((form for form in _FORMS if found[f"{which}{form}m"]), "")
    day, month, year = (found[f"{which}{form}{part}"] for part in "dmy")
    named = month[:3].lower()
    at = _MONTH_NAMES.index(named) + 1 if named in _MONTH_NAMES else int(month)
    in_year = int(year) + (2000 if len(year) == 2 else 0)
    try:
        if day:
            return date(in_year, at, int(day))
        return date(in_year + at // 12, at % 12 + 1, 1) if last else date(in_year, at, 1)
    except ValueError:
        return None
