"""An award as the register keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from matcher.core.types import Lot


@dataclass(frozen=True, slots=True)
class PastAward:
    """An award in the register: what was bought, when, and for how much."""

    id: str
    lot: Lot
    day: date
    value: float | None
    source: str
    ends: date | None = None
    """the day on which the contract ends; None where the notice does not say"""
    extends: date | None = None
    """the last day to which it may be extended"""
