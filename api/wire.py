"""What comes over the wire, as the API's callers write it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from matcher.law import Contract, Purpose
from matcher.reach import Wish
from matcher.request import MOST, Request


class Ask(BaseModel):
    """Lots, each under a key of the caller's, and what is asked for each of them."""

    model_config = ConfigDict(extra="forbid")

    lots: Annotated[dict[str, Any], Field(min_length=1)]
    purpose: Purpose = Purpose.ENGAGEMENT
    limit: Annotated[int, Field(ge=1, le=MOST)] = 10
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    within: str | None = None
    area: str | None = None
    with_neighbours: bool = False
    size: str | None = None
    kind: str | None = None
    everyone: bool = False
    before: date | None = None
    whole_value: Annotated[float, Field(gt=0)] | None = None
    contract: Contract | None = None
    fair: bool = False

    def request(self) -> Request:
        """The same in the matcher's words."""
        return Request(
            purpose=self.purpose,
            wish=Wish(
                self.within,
                self.area,
                self.with_neighbours,
                self.size,
                self.kind,
                self.everyone,
            ),
            limit=self.limit,
            seed=self.seed,
            before=self.before,
            whole_value=self.whole_value,
            contract=self.contract,
            fair=self.fair,
        )
