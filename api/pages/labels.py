"""Template filters: numbers, dates and kinds in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from matcher.core.cpv import category_name
from matcher.core.formatting import long_date, pounds
from matcher.ranking.reason_text import UNINFORMATIVE
from matcher.ranking.shortlist import Reason

_AGAINST = -0.5
"""points from which a reason counts against a provider"""
_KM_PER_MILE = 1.609344
_LONDON = ZoneInfo("Europe/London")


def day(value: date | str) -> str:
    """A date such as 4 February 2026."""
    return long_date(date.fromisoformat(value[:10]) if isinstance(value, str) else value)


def short_day(iso: str) -> str:
    """A date such as 4 Feb 2026."""
    value = date.fromisoformat(iso[:10])
    return f"{value.day} {value:%b %Y}"


def moment(iso: str) -> str:
    """A date and time in Britain, such as 4 February 2026 at 09:05."""
    value = datetime.fromisoformat(iso).astimezone(_LONDON)
    return f"{long_date(value.date())} at {value:%H:%M}"


def month(value: date) -> str:
    """A month such as February 2026."""
    return f"{value:%B %Y}"


def miles(km: float) -> str:
    """A distance in miles, with kilometres in brackets.

    >>> miles(8.0)
    '5.0 miles (8 km)'
    """
    return f"{km / _KM_PER_MILE:.1f} miles ({km:g} km)"


def cpv(code: str) -> str:
    """A CPV code with its name."""
    name = category_name(code)
    return code if name == code else f"{code} {name}"


def count(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun.

    >>> count(1, "lot"), count(1200, "provider"), count(0, "body", "bodies")
    ('1 lot', '1,200 providers', '0 bodies')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


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


def reasons_against(reasons: Sequence[Reason], most: int = 2) -> list[Reason]:
    """The strongest reasons against a provider, strongest first."""
    found = [r for r in reasons if r.counted and r.contribution <= _AGAINST and _is_specific(r)]
    return sorted(found, key=lambda r: r.contribution)[:most]


def _is_specific(reason: Reason) -> bool:
    """Whether a reason says something about the provider that is known."""
    return bool(reason.words) and reason.words not in UNINFORMATIVE


def capitalised(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


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
    "large": "Large (income of £10 million or more)",
    "unknown": "Not known",
}
PURPOSES = {
    "engagement": "Find suppliers before a procurement",
    "invite": "Choose who to invite (below the threshold)",
    "reserved": "Choose who to invite to a reserved competition",
}


def _named(names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda word: names.get(word, capitalised(word))


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "short_day": short_day,
    "moment": moment,
    "month": month,
    "miles": miles,
    "cpv": cpv,
    "count": count,
    "points": points,
    "score": score,
    "reasons_for": reasons_for,
    "reasons_against": reasons_against,
    "capitalised": capitalised,
    "pounds": pounds,
    "kind": _named(KINDS),
    "size": _named(SIZES),
    "purpose": _named(PURPOSES),
}
