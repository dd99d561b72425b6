"""What a notice says that its whole procurement is worth, kept with the lots read from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matcher.core.types import Lot


@dataclass(frozen=True, slots=True)
class WholeValue:
    """The largest amounts that a notice states for all lots together, in pounds.

    `net` is without VAT, `gross` with it; None where the notice states none.
    """

    net: float | None = None
    gross: float | None = None

    def __bool__(self) -> bool:
        """Whether any amount is known."""
        return self.net is not None or self.gross is not None

    def with_vat(self, vat: float) -> float:
        """The larger of both including VAT, to the penny; 0 where neither is known."""
        return max(round((self.net or 0.0) * (1 + vat), 2), self.gross or 0.0)


NOT_STATED = WholeValue()
"""What a notice says of the whole where it says nothing."""


class NoticeLots(list[Lot]):
    """Lots, and what their notices say of the whole, by the id of the notice."""

    def __init__(self, lots: Iterable[Lot] = ()) -> None:
        super().__init__(lots)
        self.wholes: dict[str, WholeValue] = {}
        self.left_out: dict[str, str] = {}
        """where each lot stands that gets no answer, and why"""

    @classmethod
    def joined(cls, several: Iterable[Iterable[Lot]]) -> NoticeLots:
        """The lots of several lists in one, with what each list knows of its notices."""
        joined = cls()
        for lots in several:
            joined.extend(lots)
            joined.wholes |= wholes_of(lots)
        return joined


def wholes_of(lots: object) -> Mapping[str, WholeValue]:
    """What the notices of these lots say of the whole; nothing where the lots do not know."""
    return lots.wholes if isinstance(lots, NoticeLots) else {}
