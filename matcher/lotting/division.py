"""Divides a need into lots by place, by service or by value.

Places are whole councils or clusters of bordering councils.  How the value is shared between the
lots is an assumption, which each division states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from matcher.core.errors import BadLot
from matcher.core.formatting import pounds, series
from matcher.core.types import Lot
from matcher.lotting.delivery_area import DeliveryArea, Group
from matcher.lotting.work_parts import (
    WorkPart,
    part_as_lot,
    parts_by_code,
    parts_in_text,
    piece_id,
    work_parts,
)
from matcher.sources.wording.amounts import stated_value

MOST_AREAS = 40
"""The most councils of a need to divide by."""
MOST_EQUAL = 10
"""The most lots of equal value to divide a need into."""
_MOST_VALUE = 1e13
"""The largest value, in pounds, that is shared to the penny."""


class DivideBy(StrEnum):
    """What a need is divided by."""

    PLACE = "place"
    SERVICE = "service"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class LotDivision:
    """One way to divide a need into lots, in words, with the assumptions."""

    name: str
    by: DivideBy
    lots: tuple[Lot, ...]
    words: str
    assumed: tuple[str, ...] = ()


def by_place(
    lot: Lot, delivery: DeliveryArea, groups: Sequence[Group], name: str = ""
) -> LotDivision:
    """A lot for each group of councils, with the value shared by homes."""
    shares = [delivery.share(group) for group in groups]
    pieces = [
        replace(
            lot,
            id=piece_id(lot.id, "-".join(sorted(group))),
            title=f"{lot.title}: {delivery.named(group)}" if lot.title else delivery.named(group),
            area=delivery.as_area(group),
            postcode="",
        )
        for group in groups
    ]
    single = all(len(group) == 1 for group in groups)
    lots = "a lot for each council" if single else f"{len(groups)} groups of bordering councils"
    return LotDivision(
        name=name or ("by council" if single else f"by {len(groups)} clusters of councils"),
        by=DivideBy.PLACE,
        lots=_with_values(lot, pieces, shares),
        words=f"By place: {lots} of {delivery.source}.",
        assumed=_assumed(lot, "shared by the number of postcodes, as an estimate of homes"),
    )


def by_service(lot: Lot) -> Iterator[LotDivision]:
    """Divisions by the parts that the text lists, and by groups of CPV codes, widest first."""
    if parts := parts_in_text(lot):
        words = f"By service: the {len(parts)} parts that its text lists."
        yield _of_parts(lot, parts, "by its own parts", words)
    for parts in parts_by_code(lot):
        words = f"By service: its CPV codes in {len(parts)} groups."
        yield _of_parts(lot, parts, f"by {len(parts)} groups of codes", words)


def _of_parts(lot: Lot, parts: Sequence[WorkPart], name: str, words: str) -> LotDivision:
    pieces = [part_as_lot(lot, part, str(at)) for at, part in enumerate(parts, 1)]
    amounts = [stated_value(f"{part.title}\n{part.text}") for part in parts]
    stated = (amount.of_contract(None) for amount in amounts if amount)
    values = [pounds for pounds in stated if pounds is not None]
    all_stated = len(values) == len(parts)
    lots = _with_values(lot, pieces, values if all_stated else [1.0] * len(parts))
    how = "evenly, because the text does not say how"
    if all_stated:
        adds_up = lot.value is None or abs(sum(values) - lot.value) <= 1
        how = "as the text says" if adds_up else "in proportion to the amounts that the text gives"
    sources = dict.fromkeys(part.source for part in parts)
    check = f"The parts are assumed to be separate work: check this. Source: {series(sources)}."
    return LotDivision(
        name, DivideBy.SERVICE, lots, words, (*_assumed(lot, f"shared {how}"), check)
    )


def by_value(lot: Lot, most: float) -> LotDivision | None:
    """Equal lots of at most `most` pounds, with or without VAT as the lot's value is.

    None where the lot is small enough, or where more than ten lots would be needed.
    """
    number = equal_lots(lot, most)
    if not 1 < number <= MOST_EQUAL:
        return None
    pieces = [
        replace(
            lot, id=piece_id(lot.id, f"{at}of{number}"), title=f"{lot.title} ({at} of {number})"
        )
        for at in range(1, number + 1)
    ]
    lots = _with_values(lot, pieces, [1.0] * number)
    largest = max(piece.value or 0.0 for piece in lots)
    return LotDivision(
        name=f"by value, at most {pounds(most)}",
        by=DivideBy.VALUE,
        lots=lots,
        words=f"By value: {number} equal lots, of at most {pounds(largest)} each.",
        assumed=(_EQUAL, *([_OF_EVERYTHING] if work_parts(lot) else [])),
    )


def equal_lots(lot: Lot, most: float) -> int:
    """How many equal lots of at most `most` pounds are needed; 1 where the lot is small enough.

    Raises BadLot for a value that is too large to share.
    """
    if lot.value is None or not 0 < most < lot.value:
        return 1
    _check_value(lot.value)
    return int(np.ceil(lot.value / most))


_EQUAL = (
    "The lots are equal in work and place. State in the notice how many of them one supplier may "
    "win; otherwise one supplier may win all."
)
_OF_EVERYTHING = "Each lot includes some of every part of the work that the need lists."


def _with_values(lot: Lot, pieces: Sequence[Lot], shares: Sequence[float]) -> tuple[Lot, ...]:
    """The pieces with the lot's value shared between them, to the penny.

    Raises BadLot for a value that is too large to share.
    """
    if lot.value is not None:
        _check_value(lot.value)
    values, wholes = (_shared(each, shares) for each in (lot.value, lot.value_if_whole))
    return tuple(
        replace(piece, value=value, value_if_whole=whole)
        for piece, value, whole in zip(pieces, values, wholes, strict=True)
    )


def _shared(amount: float | None, shares: Sequence[float]) -> Sequence[float | None]:
    """An amount in these proportions, to the penny; None where it or they are not known."""
    total = sum(shares)
    if amount is None or not total:
        return [None] * len(shares)
    edges = np.round(np.cumsum([0.0, *shares]) / total * amount * 100).astype(int)
    shared: list[float] = (np.diff(edges) / 100).tolist()
    return shared


def _check_value(value: float) -> None:
    if value > _MOST_VALUE:
        raise BadLot(
            f"value {value:g} is too large to be shared among lots; give pounds, at most "
            f"{_MOST_VALUE:,.0f}"
        )


def _assumed(lot: Lot, how: str) -> tuple[str, ...]:
    return () if lot.value is None else (f"The value is {how}.",)
