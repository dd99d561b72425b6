"""Template filters: numbers, dates and kinds in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from matcher.core.cpv import code_label
from matcher.core.formatting import count, long_date, pounds
from matcher.ranking.reason_text import UNINFORMATIVE
from matcher.ranking.shortlist import Reason

_AGAINST = -0.5
"""points from which a reason counts against a provider"""
_KM_PER_MILE = 1.609344
_LEAST_DISTANCE = 0.1
_KILOMETRES = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?) km\b")
_FIND_A_TENDER = re.compile(r"ocds-h6vhtk-[0-9a-f]{6}(?![0-9a-z])", re.ASCII)
_CONTRACTS_FINDER = re.compile(
    r"ocds-b5fd17-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![0-9a-z])",
    re.ASCII | re.IGNORECASE,
)
_SCHEME = re.compile(r"([a-z][a-z0-9-]{0,20}):(?! |//)")
"""The name of a classification in front of its code: 'sic:', 'ccni-who:'."""
_CODE = re.compile(r"\A(?:[A-Z]{1,2}\d{2,8}|\d{4,8})(?:[.-]\d{1,4})?[A-Z]?(?![^\s:,–-])[\s:,–-]*")
"""The code of a classification, which stands before its words or alone: 'BE108', '94990'."""
_SHOWN_SCHEMES = {"ownership": "Ownership"}
"""Classifications whose words mean little without their name."""
_ISO_DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])", re.ASCII)
_LONDON = ZoneInfo("Europe/London")


def day(value: date | str) -> str:
    """A date such as 4 February 2026."""
    return long_date(date.fromisoformat(value[:10]) if isinstance(value, str) else value)


def short_day(iso: str) -> str:
    """A date such as 4 Feb 2026."""
    value = date.fromisoformat(iso[:10])
    return f"{value.day} {value:%b %Y}"


def dated(text: str) -> str:
    """A text with each day in it in words.

    >>> dated("Charity register, 2021-07-01; no 2021-13-45")
    'Charity register, 1 Jul 2021; no 2021-13-45'
    """
    return _ISO_DAY.sub(lambda found: _short_day_if_one(found[0]), text)


_SOURCE = re.compile(r"(?P<name>.*?)(?:, (?P<day>\d{4}-\d{2}-\d{2}))?", re.DOTALL)
_MOST_DAYS = 2


def sources_in_words(sources: Iterable[str]) -> str:
    """Sources such as "Register, 2021-07-01"; one of many days is told once, with first and last.

    >>> sources_in_words(["Notices, 2020-01-31", "Register", "Notices, 2021-07-01"])
    'Notices, 31 Jan 2020 and 1 Jul 2021; Register'
    >>> sources_in_words(f"Notices, 2020-0{month}-31" for month in (5, 1, 3))
    'Notices, 3 days from 31 Jan 2020 to 31 May 2020'
    """
    days: dict[str, set[str]] = {}
    for source in sources:
        if found := _SOURCE.fullmatch(source):
            days.setdefault(found["name"], set()).update({found["day"]} - {None})
    return "; ".join(_with_days(name, sorted(known)) for name, known in days.items())


def _with_days(name: str, days: Sequence[str]) -> str:
    if len(days) > _MOST_DAYS:
        span = f"{_short_day_if_one(days[0])} to {_short_day_if_one(days[-1])}"
        return f"{name}, {len(days)} days from {span}"
    return ", ".join(filter(None, (name, " and ".join(map(_short_day_if_one, days)))))


def _short_day_if_one(text: str) -> str:
    try:
        return short_day(text)
    except ValueError:
        return text


def moment(iso: str) -> str:
    """A date and time in Britain, such as 4 February 2026 at 09:05."""
    value = datetime.fromisoformat(iso).astimezone(_LONDON)
    return f"{long_date(value.date())} at {value:%H:%M}"


def quarter(word: str) -> str:
    """The months of a quarter of the calendar; councils count theirs from April.

    >>> quarter("2026-Q4"), quarter("other")
    ('October to December 2026', 'other')
    """
    year, _, number = word.partition("-Q")
    if not number:
        return word
    first, last = (f"{date(int(year), 3 * int(number) - more, 1):%B}" for more in (2, 0))
    return f"{first} to {last} {year}"


def month(value: date) -> str:
    """A month such as February 2026."""
    return f"{value:%B %Y}"


def pence(value: int) -> str:
    """An amount of pence in whole pounds, such as £1,235.

    >>> pence(123_456), pence(-100)
    ('£1,235', '-£1')
    """
    whole = round(abs(value) / 100)
    return f"{'-' if value < 0 and whole else ''}£{whole:,}"


def percent(share: float | None) -> str:
    """A share in per cent, such as 12%; a small one with a decimal; "not known" without one.

    >>> percent(0.123), percent(0.004), percent(None)
    ('12%', '0.4%', 'not known')
    """
    if share is None:
        return "not known"
    return f"{share:.1%}" if 0 < abs(share) < 0.01 else f"{share:.0%}"


class Unit(StrEnum):
    """The unit in which an officer gives distances; every distance is shown in it, once."""

    MILES = "miles"
    KM = "km"

    @classmethod
    def of(cls, within: str | None) -> Unit:
        """The unit of a distance as an officer wrote it; kilometres for the usual distance."""
        return cls.MILES if within and "mi" in within.lower() else cls.KM

    def distance(self, km: float) -> str:
        """A distance in this unit, to one decimal place.

        >>> Unit.MILES.distance(8.04672), Unit.KM.distance(0.0), Unit.MILES.distance(1.609)
        ('5 miles', 'less than 0.1 km', '1 mile')
        """
        number = km * 1000 / self.metres
        return (
            self.named(number)
            if number >= _LEAST_DISTANCE
            else f"less than {_LEAST_DISTANCE} {self.value}"
        )

    @property
    def metres(self) -> float:
        """How many metres one of this unit is."""
        return 1000 * (_KM_PER_MILE if self is Unit.MILES else 1.0)

    def named(self, number: float) -> str:
        """A number of this unit, to one decimal place."""
        shown = f"{number:,.1f}".removesuffix(".0")
        return "1 mile" if self is Unit.MILES and shown == "1" else f"{shown} {self.value}"

    def words(self, text: str) -> str:
        """A text with each distance in it in this unit.

        >>> Unit.MILES.words("Within 8.04672 km in a straight line")
        'Within 5 miles in a straight line'
        >>> Unit.KM.words("0 km away in a straight line")
        'Less than 0.1 km away in a straight line'
        """
        said = _KILOMETRES.sub(lambda found: self.distance(float(found[1])), text)
        return capitalised(said) if text[:1].isdigit() else said


def in_unit(text: str, within: str | None) -> str:
    """A text with its distances in the unit of a distance as an officer wrote it."""
    return Unit.of(within).words(text)


def unit_of_distance(within: str | None, km: float) -> str:
    """A distance in the unit of a distance as an officer wrote it."""
    return Unit.of(within).distance(km)


def day_or_nothing(value: date | None) -> str:
    """A date such as 4 Feb 2026; '' for none."""
    return short_day(value.isoformat()) if value else ""


def notice_link(award: str) -> str:
    """The address of the notice of an award, by the award's id; '' where it is not known.

    Find a Tender has a page for each ocid.  Contracts Finder has one for each notice, whose id is
    the end of its ocid.

    >>> notice_link("ocds-h6vhtk-051f8d/1")
    'https://www.find-tender.service.gov.uk/procurement/ocds-h6vhtk-051f8d'
    >>> notice_link("ocds-213czf-000001/1")
    ''
    """
    if found := _FIND_A_TENDER.match(award):
        return f"https://www.find-tender.service.gov.uk/procurement/{found[0]}"
    if found := _CONTRACTS_FINDER.match(award):
        return f"https://www.contractsfinder.service.gov.uk/Notice/{found[1]}"
    return ""


def cpv(code: str) -> str:
    """A CPV code with its name."""
    name = code_label(code)
    return code if name == code else f"{code} {name}"


def points(number: float) -> str:
    """Points that a reason adds to a score, with their sign.

    >>> points(1.254), points(-0.5), points(0.001)
    ('+1.25', '−0.50', '0.00')
    """
    shown = f"{number:+.2f}".replace("-", "−")
    return "0.00" if shown[1:] == "0.00" else shown


def score(number: float) -> str:
    """A score. Only a negative one has a sign."""
    return points(number).removeprefix("+")


def reasons_for(reasons: Sequence[Reason], most: int = 4) -> list[Reason]:
    """The strongest reasons for a provider, strongest first."""
    found = [r for r in reasons if r.counted and r.contribution > 0 and _is_specific(r)]
    return found[:most]


def reasons_against(reasons: Sequence[Reason]) -> list[Reason]:
    """The two strongest reasons against a provider, strongest first."""
    found = [r for r in reasons if r.counted and r.contribution <= _AGAINST and _is_specific(r)]
    return sorted(found, key=lambda r: r.contribution)[:2]


def _is_specific(reason: Reason) -> bool:
    """Whether a reason says something about the provider that is known."""
    return bool(reason.words) and reason.words not in UNINFORMATIVE


def capitalised(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


_SME = re.compile(r"\bsme\b")


def label_in_words(label: str) -> str:
    """A label without the scheme and the code in front; '' where it is a code without words.

    >>> label_in_words("sic:56302 Public houses and bars"), label_in_words("Paid for: road salt")
    ('Public houses and bars', 'Paid for: road salt')
    >>> label_in_words("ukcat:BE108"), label_in_words("ownership:Tenants")
    ('', 'Ownership: Tenants')
    >>> label_in_words("sme (self-declared)")
    'SME (self-declared)'
    """
    if not (found := _SCHEME.match(label)):
        return "" if _CODE.fullmatch(label.strip()) else _SME.sub("SME", label)
    words = _CODE.sub("", label[found.end() :].strip(), count=1).strip()
    scheme = found[1]
    return f"{_SHOWN_SCHEMES[scheme]}: {words}" if words and scheme in _SHOWN_SCHEMES else words


KINDS = {
    "charity": "Charity",
    "cic": "Community interest company",
    "co-op": "Co-operative",
    "community group": "Community group",
    "company": "Company",
    "sole trader": "Sole trader",
    "public body": "Public body",
    "unknown": "Kind not known",
}
SIZES = {
    "micro": "Micro (income under £100,000)",
    "small": "Small (income under £1 million)",
    "medium": "Medium (income under £10 million)",
    "large": "Large (income of £10 million or more, or not an SME)",
    "unknown": "Not known",
}
PURPOSES = {
    "engagement": "Find suppliers before a procurement",
    "invite": "Choose who to invite (below the threshold)",
    "reserved": "Choose who to invite to a reserved competition",
}

GROUPS = {
    "vcse": "Voluntary, community and social enterprise",
    "other": "Other organisations",
    "unknown": "Not known",
}
SHORT_PURPOSES = {"engagement": "finding suppliers", "invite": "inviting", "reserved": "reserving"}


def _named(names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda word: names.get(word, capitalised(word))


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "short_day": short_day,
    "dated": dated,
    "sources_in_words": sources_in_words,
    "moment": moment,
    "month": month,
    "in_unit": in_unit,
    "unit_of_distance": unit_of_distance,
    "notice_link": notice_link,
    "day_or_nothing": day_or_nothing,
    "cpv": cpv,
    "count": count,
    "points": points,
    "score": score,
    "reasons_for": reasons_for,
    "reasons_against": reasons_against,
    "capitalised": capitalised,
    "pounds": pounds,
    "pence": pence,
    "percent": percent,
    "kind": _named(KINDS),
    "size": _named(SIZES),
    "purpose": _named(PURPOSES),
    "group": lambda word: SIZES.get(word) or GROUPS.get(word) or quarter(word),
    "purpose_short": _named(SHORT_PURPOSES),
}
