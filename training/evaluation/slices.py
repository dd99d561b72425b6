"""Slices: groups of lots, so that a mean does not hide for which lots a ranking is good.

A slices file is CSV with the columns lot, by and slice: `L1,region,Wales`.  A lot may be in
several slices of one kind, or in none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.cpv import category_name
from matcher.core.errors import BadInput
from matcher.core.types import Lot, Organisation, Size
from matcher.geo.geocoding import LotPlace, Spot
from matcher.geo.postcodes import PostcodeTable
from matcher.register.register import Register
from training.evaluation.line_files import line_error, rows

Slices: TypeAlias = dict[str, dict[str, tuple[str, ...]]]
"""Kind of slice → slice → its lots."""
Mark: TypeAlias = tuple[str, str]
"""(kind of slice, slice)"""

HEADINGS: Mapping[str, Sequence[str]] = {
    "lot": ("lot", "lot_id", "query_id", "qid"),
    "by": ("by", "dimension"),
    "slice": ("slice", "value", "group"),
}
_BANDS = (30_000, 100_000, 500_000)
"""Pounds at which a band of value begins."""
RICH = 200
"""Characters from which a profile is rich."""


def read(path: Path, lots: Collection[str]) -> Slices:
    """The slices in a file.  Raises BadInput for a lot that is not among `lots`."""
    by_kind: dict[str, dict[str, dict[str, None]]] = {}
    for line, row in rows(path, HEADINGS):
        if not row["lot"] or not row["slice"]:
            raise line_error(path, line, "has no lot or no slice (columns headed lot, by, slice)")
        if row["lot"] not in lots:
            raise line_error(path, line, f"lot {row['lot']} is not among the lots judged")
        by_kind.setdefault(row["by"] or "slice", {}).setdefault(row["slice"], {})[row["lot"]] = None
    if not by_kind:
        raise BadInput(f"{path.name}: has no slice (columns headed lot, by, slice)")
    return {
        by: {name: tuple(lots_) for name, lots_ in by_name.items()}
        for by, by_name in by_kind.items()
    }


def write(slices: Slices, out: TextIO) -> None:
    """Write the slices as the CSV that `read` reads."""
    writer = csv.writer(out)
    writer.writerow(("lot", "by", "slice"))
    writer.writerows(
        (lot, by, name)
        for by, by_name in slices.items()
        for name, lots in by_name.items()
        for lot in lots
    )


def group_lots(marks: Iterable[tuple[str, Mark]]) -> Slices:
    """Slices from (lot, mark) pairs; those of a kind are sorted by name."""
    by_kind: dict[str, dict[str, dict[str, None]]] = {}
    for lot, (by, name) in marks:
        by_kind.setdefault(by, {}).setdefault(name, {})[lot] = None
    return {
        by: {name: tuple(by_name[name]) for name in sorted(by_name, key=_as_people_count)}
        for by, by_name in by_kind.items()
    }


def _as_people_count(name: str) -> tuple[int, str]:
    """Sorts bands of pounds by amount, and 'not known' last."""
    pounds = re.match(r"£([\d,]+)", name)
    return (int(pounds[1].replace(",", "")) if pounds else 10**9 * (name == "not known"), name)


def lot_marks(
    lot: Lot, place: LotPlace, register: Register, density: PopulationDensity
) -> Iterator[Mark]:
    """The slices of a lot by itself: service, region, surroundings, value."""
    division = lot.cpv[0][:2] if lot.cpv else ""
    named = category_name(f"{division}000000") if division else ""
    yield "service", f"{division} {named}".strip() if division else "not known"
    council = place.spot.council if place.spot else ""
    yield "region", register.councils.region(council) or "not known"
    yield "surroundings", density.of(place.spot) if place.spot else "not known"
    yield "value", _band(lot.value)


def _band(value: float | None) -> str:
    if value is None:
        return "not known"
    edges = (0, *_BANDS)
    at = sum(value >= edge for edge in _BANDS)
    return (
        f"£{edges[at]:,} to £{_BANDS[at] - 1:,}" if at < len(_BANDS) else f"£{edges[at]:,} or more"
    )


def winner_marks(winners: Iterable[Organisation], known: Iterable[bool]) -> Iterator[Mark]:
    """The slices of a lot by its winners: whether new, their size and their profile."""
    incumbent = any(known)
    yield "winner", "an incumbent" if incumbent else "a new entrant"
    for one in winners:
        yield "size of a winner", one.provider.size.value
        yield "profile of a winner", profile_level(one)


def profile_level(one: Organisation) -> str:
    """Whether a provider's profile is rich, thin or missing."""
    length = len(one.provider.profile)
    return "rich profile" if length >= RICH else "thin profile" if length else "no profile"


def size_band(one: Organisation) -> str:
    """The size band of a provider, '' where unknown."""
    size = one.provider.size
    return "" if size is Size.UNKNOWN else size.value


_KM = 1000
_AROUND = 2
"""Kilometre squares to each side, so five by five."""
_TOWN = 1000
"""Postcodes that make it urban; a postcode has some fifteen homes."""
_EAST, _NORTH = 700, 1300


@dataclass(frozen=True)
class PopulationDensity:
    """The number of postcodes in each square of a kilometre."""

    squares: npt.NDArray[np.int32]
    """(east, north) kilometres"""

    @classmethod
    def count(cls, table: PostcodeTable) -> PopulationDensity:
        """Count the postcodes of a table."""
        east = np.clip(np.asarray(table.postcodes.east) // _KM, 0, _EAST - 1)
        north = np.clip(np.asarray(table.postcodes.north) // _KM, 0, _NORTH - 1)
        counted = np.bincount(east.astype(np.int64) * _NORTH + north, minlength=_EAST * _NORTH)
        return cls(counted.astype(np.int32).reshape(_EAST, _NORTH))

    def of(self, spot: Spot) -> str:
        """'urban' with a thousand postcodes or more in the surrounding 5 km square."""
        at = (spot.east // _KM, spot.north // _KM)
        beside = [slice(max(0, one - _AROUND), max(0, one + _AROUND + 1)) for one in at]
        return "urban" if int(self.squares[beside[0], beside[1]].sum()) >= _TOWN else "rural"
