"""Counts the lots of a file, and keeps those that cannot be used, each with its own reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from matcher.core.types import FIELD_ONLY, Tally
from matcher.sources.notices.lot_documents import REPEATED, REPLACED
from matcher.sources.notices.lot_table import NO_LOT
from matcher.sources.notices.tender import CANCELLED

_ANSWERED = {REPEATED, REPLACED, CANCELLED, *NO_LOT}
_MOST_TOLD = 20
"""Lots that a refusal of the whole file names."""


class UnusableLot(NamedTuple):
    """A lot that gets no answer: where it stands, and why."""

    where: str
    reason: str
    fault: str
    """what is wrong with it; '' where the reason says that"""

    def __str__(self) -> str:
        return f"{self.reason} ({': '.join(filter(None, (self.where, self.fault)))})"


@dataclass(slots=True)
class LotTally(Tally):
    """A tally that also keeps each lot that was set aside and gets no answer."""

    unusable: list[UnusableLot] = field(default_factory=list)

    def drop(self, reason: str, where: str = "") -> None:
        """Count a lot that was set aside, and keep it if it gets no answer."""
        Tally.drop(self, reason, where)
        if is_unusable(reason):
            place, _, fault = where.partition(": ")
            self.unusable.append(UnusableLot(place, reason, fault))

    def told(self) -> str:
        """Why no lot can be used: each lot, and what else was set aside."""
        return "; ".join(self._told()) or "it is empty"

    def _told(self) -> Iterator[str]:
        yield from map(str, self.unusable[:_MOST_TOLD])
        if (more := len(self.unusable) - _MOST_TOLD) > 0:
            yield f"and {more:,} more"
        for reason, where in self.examples.items():
            if not is_unusable(reason):
                yield f"{reason} ({where})"


def is_unusable(reason: str) -> bool:
    """Whether a lot that is set aside for this reason gets no answer."""
    return reason not in _ANSWERED and not reason.endswith(FIELD_ONLY)
