"""Figures, days and kinds as the pages say them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from matcher.core.cpv import category_name
from matcher.core.formatting import long_date, pounds
from matcher.ranking.reason_text import UNINFORMATIVE
from matcher.ranking.shortlist import Reason

_HEAVY = -0.5
_LONDON = ZoneInfo("Europe/London")


def day(value: date | str) -> str:
    """A day as 4 February 2026."""
    return long_date(date.fromisoformat(value[:10]) if isinstance(value, str) else value)


def short_day(iso: str) -> str:
    """A day as 4 Feb 2026."""
    at = date.fromisoformat(iso[:10])
    return f"{at.day} {at:%b %Y}"


def moment(iso: str) -> str:
    """When something was kept, on a clock in Britain: 4 February 2026 at 09:05."""
    at = datetime.fromisoformat(iso).astimezone(_LONDON)
    return f"{long_date(at.date())} at {at:%H:%M}"


def month(value: date) -> str:
    """A month as February 2026."""
    return f"{value:%B %Y}"


def away(km: float) -> str:
    """How far, as officers say it: in miles, with kilometres behind."""
    miles = km / 1.609344
    return f"{miles:.1f} miles ({km:g} km)"


def cpv(code: str) -> str:
    """A CPV code with what it stands for."""
    name = category_name(code)
    return code if name == code else f"{code} {name}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> count(1, "lot"), count(1200, "provider"), count(0, "body", "bodies")
    ('1 lot', '1,200 providers', '0 bodies')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def points(number: float) -> str:
    """What a reason added to a score, with its sign.

    >>> points(1.254), points(-0.5), points(0.001)
    ('+1.25', '−0.50', '0.00')
    """
    shown = f"{number:+.2f}".replace("-", "−")
    return "0.00" if shown[1:] == "0.00" else shown


def score(number: float) -> str:
    """A score, which has a sign only where it is under nought."""
    return points(number).removeprefix("+")


def telling(reasons: Sequence[Reason], most: int = 4) -> list[Reason]:
    """The reasons for a provider, strongest first, that say something of it."""
    told = [r for r in reasons if r.counted and r.contribution > 0 and _tells(r)]
    return told[:most]


def against(reasons: Sequence[Reason], most: int = 2) -> list[Reason]:
    """What weighs most against a provider, as far as it says something of it."""
    told = [r for r in reasons if r.counted and r.contribution <= _HEAVY and _tells(r)]
    return sorted(told, key=lambda r: r.contribution)[:most]


def _tells(reason: Reason) -> bool:
    return bool(reason.words) and reason.words not in UNINFORMATIVE


def sentence(said: str) -> str:
    """`said` with a capital at its front."""
    return said[:1].upper() + said[1:]


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
    "invite": "Choose whom to invite, below threshold",
    "reserved": "Choose whom to invite to a reserved competition",
}
OUTCOMES = {"invited": "Include", "chosen": "Chosen", "left out": "Leave out"}


def _named(names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda word: names.get(word, sentence(word))


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "short_day": short_day,
    "moment": moment,
    "month": month,
    "away": away,
    "cpv": cpv,
    "count": count,
    "points": points,
    "score": score,
    "telling": telling,
    "against": against,
    "sentence": sentence,
    "pounds": pounds,
    "kind": _named(KINDS),
    "size": _named(SIZES),
    "purpose": _named(PURPOSES),
    "outcome": _named(OUTCOMES),
}
