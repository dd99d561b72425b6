"""The types that every source gives a build: a feed of records, and a progress callback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from matcher.core.types import Award, Payment, PlannedContract, Provider, Remark, Tally

Item: TypeAlias = Provider | Award | PlannedContract | Payment | Remark
"""What a source tells: an organisation or more about one, an award, a plan, or a payment."""
Feed: TypeAlias = (
    tuple[Tally, Iterator[Provider]]
    | tuple[Tally, Iterator[Award]]
    | tuple[Tally, Iterator[Award | PlannedContract]]
    | tuple[Tally, Iterator[Payment]]
    | tuple[Tally, Iterator[Remark]]
    | tuple[Tally, Iterator[Item]]
)
"""The tally of a source, and its records; the tally is complete once all records are read."""

Progress = Callable[[str, int, int | None], None]
"""Called with the stage, the items done, and the number of all items (None if unknown)."""
