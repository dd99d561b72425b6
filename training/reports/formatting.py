"""Numbers, days and other values of a report, as text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

NONE = "–"
"""Shown for a value that is missing or not a number."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def number(found: object, places: int = 3) -> str:
    """A number with so many decimal places and a true minus sign."""
    value = finite(found)
    return NONE if value is None else f"{value:,.{places}f}".replace("-", "−")


def between(low: object, high: object) -> str:
    """An interval in brackets; '' where there is none."""
    return f"[{number(low)}, {number(high)}]" if isinstance(low, int | float) else ""


def p_value(p: object) -> str:
    """A p-value; a very small one is `< 0.001`, never 0."""
    if not isinstance(p, int | float):
        return NONE
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def percent(found: object, places: int | None = None) -> str:
    """A share as a percentage; without `places`, one decimal, or two below 1%."""
    share = finite(found)
    if share is None:
        return NONE
    if places is None:
        places = 1 if share >= 0.01 or share == 0 else 2
    return f"{share:.{places}%}"


def with_interval(found: object) -> str:
    """A mean and its 95% interval, `[mean, low, high]`, as `0.342 [0.311, 0.372]`."""
    numbers = estimate(found)
    if numbers is None:
        return NONE
    mean, low, high = numbers
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def brier_words(calibration: Mapping[str, Any]) -> str:
    """The Brier score of a set of probabilities, compared with giving everyone the mean."""
    score, baseline = finite(calibration.get("brier")), finite(calibration.get("brier of the mean"))
    if score is None or baseline is None:
        return "no Brier score: nothing was held back to test on"
    words = f"Brier score {score:.5f}; giving every candidate the mean scores {baseline:.5f}"
    if score >= baseline:
        return f"{words}, which is {'as good' if score == baseline else 'better'}"
    return f"{words}, so the error is {1 - score / baseline:.1%} lower"


def day(found: object) -> str:
    """`2022-07-01` as `1 July 2022`; anything else as it is."""
    text = str(found)
    with suppress(ValueError):
        iso = date.fromisoformat(text if _DAY.fullmatch(text) else "")
        return f"{iso.day} {_MONTHS[iso.month - 1]} {iso.year}"
    return text


def value(found: object) -> str:
    """Any value of a report: whole numbers with commas, days in words, yes or no."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int):
        return f"{found:,}"
    if isinstance(found, float):
        return f"{found:g}" if math.isfinite(found) else NONE
    return NONE if found is None else day(found)


def in_order(keys: Iterable[str], first: Iterable[str]) -> list[str]:
    """The keys: those in `first` in its order, then the others by name."""
    present, usual = set(keys), list(first)
    return [key for key in usual if key in present] + sorted(present - set(usual))


def finite(found: object) -> float | None:
    """A number that is finite; None for anything else."""
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        return None
    return float(found)


def estimate(found: object) -> tuple[float, float, float] | None:
    """(mean, low, high) of a list of three finite numbers; None for anything else."""
    if not isinstance(found, Sequence) or len(found) != 3:
        return None
    mean, low, high = map(finite, found)
    return None if mean is None or low is None or high is None else (mean, low, high)
