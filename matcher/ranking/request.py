"""What is asked for beside the lot: the purpose, whom to narrow to, how many, by which draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from matcher.core.errors import BadInput
from matcher.law.types import Contract, Purpose
from matcher.ranking.filters import Filters

MOST = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """One request, the same for each of its lots.

    `seed` decides between equals.  Only awards before `before` are known; by default those
    before the lot's own day.  `whole_value` is pounds, VAT included, of all lots together.
    `contract` is the kind of contract, which is otherwise read from category and CPV.
    `fair`: among near-equals, those without a known contract get their share of places.
    `on` is the day whose law holds for lots that name none; by default today.
    Raises BadInput for what cannot be.
    """

    purpose: Purpose = Purpose.ENGAGEMENT
    wish: Filters = field(default_factory=Filters)
    limit: int = 10
    seed: int = 0
    before: date | None = None
    whole_value: float | None = None
    contract: Contract | None = None
    fair: bool = False
    on: date | None = None

    def __post_init__(self) -> None:
        """Refuse a limit that no list has, and a fair share where a record may not count."""
        if self.fair and self.purpose is not Purpose.ENGAGEMENT:
            raise BadInput(
                f"--fair-share goes by who has a record of contracts, which may not count for "
                f"purpose {self.purpose.value}; it is for engagement"
            )
        if not 1 <= self.limit <= MOST:
            raise BadInput(
                f"limit (-k) {self.limit} is out of range: give a number from 1 to {MOST}"
            )
