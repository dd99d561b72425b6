"""The columns of a register: one array for each fact, written when it is built, then mapped."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts, Floats, Ints, distinct, mapped, run_starts, slices
from matcher.core.bodies import body_of
from matcher.core.identifiers import draw_key, fingerprint, without_place
from matcher.core.types import Kind, Organisation, Size
from matcher.geo.national_grid import NOWHERE
from matcher.geo.postcodes import PostcodePlacement, PostcodeTable
from matcher.register.public_bodies import known_size
from matcher.register.rows import Rows

_SIZES, _KINDS = list(Size), list(Kind)
IS_VCSE = np.array([kind.vcse for kind in _KINDS])
"""kind, by its number in `Columns` → whether it is VCSE"""


def size_code(size: Size) -> int:
    """The number of a size in the column `size`."""
    return _SIZES.index(size)


def ids_of(organisation: Organisation) -> dict[str, None]:
    """The ids by which an organisation is found, in order.

    An id made from its name is also one without its place, as sources write it.
    """
    own = (i for r in organisation.records for i in (r.id, without_place(r.id), *r.ids))
    return dict.fromkeys(own)


_FILLED = (
    *("east", "north", "council", "size", "kind", "seldom_sells", "income", "active"),
    "draw",
)
"""The columns of `ProviderColumns` that have one value for each row, by their names."""


class ProviderColumns:
    """The columns of providers while a register is built; they are filled row by row."""

    def __init__(self, rows: int) -> None:
        self._east = np.full(rows, NOWHERE, np.int32)
        self._north = np.full(rows, NOWHERE, np.int32)
        self._council = np.zeros(rows, np.uint16)
        self._size = np.zeros(rows, np.uint8)
        self._kind = np.zeros(rows, np.uint8)
        self._seldom_sells = np.zeros(rows, bool)
        self._income = np.full(rows, np.nan, np.float32)
        self._active = np.zeros(rows, bool)
        self._draw = np.zeros(rows, np.uint64)
        self._sites: list[Ints] = []
        self._ids = array("Q")
        self._id_rows = array("i")
        self._postcodes: list[str] = []
        self._postcode_rows = array("i")

    def put(self, row: int, organisation: Organisation) -> None:
        """Fill in a row from an organisation, but for its place; rows come in order."""
        provider = organisation.provider
        self._size[row] = size_code(known_size(provider))
        self._kind[row] = _KINDS.index(provider.kind)
        self._seldom_sells[row] = body_of(provider).seldom_sells
        if provider.income is not None:
            self._income[row] = provider.income
        self._active[row] = provider.status.may_rank
        self._draw[row] = draw_key(provider.id, provider.name)
        for org_id in ids_of(organisation):
            self._ids.append(fingerprint(org_id))
            self._id_rows.append(row)
        for site in provider.sites:
            self._postcodes.append(site.postcode)
            self._postcode_rows.append(row)

    def place(self, table: PostcodeTable) -> None:
        """Fill in the places of the rows that were put: the first that is known, and the others."""
        east, north, council, how = table.find_many(self._postcodes)
        at = np.flatnonzero(how != PostcodePlacement.UNKNOWN)
        rows = np.array(self._postcode_rows, np.int32)[at]
        first = np.ones(len(rows), bool)
        first[1:] = rows[1:] != rows[:-1]
        main, others = at[first], at[~first]
        self._east[rows[first]], self._north[rows[first]] = east[main], north[main]
        self._council[rows[first]] = council[main]
        self._add_sites(rows[~first], east[others], north[others], council[others])
        self._postcodes.clear()
        del self._postcode_rows[:]

    def reuse(self, folder: Path, new_row: npt.NDArray[np.int32]) -> None:
        """Fill in rows from the columns in `folder`; `new_row` gives the row of each of its rows.

        Its rows where `new_row` is -1 are left out.  Both have the same table of postcodes.
        """
        old = np.flatnonzero(new_row >= 0)
        for name in _FILLED:
            getattr(self, f"_{name}")[new_row[old]] = _array(folder, name)[old]
        ids, rows = _array(folder, "id_hash"), new_row[_array(folder, "id_row")]
        self._ids.frombytes(ids[rows >= 0].tobytes())
        self._id_rows.frombytes(rows[rows >= 0].tobytes())
        rows = new_row[_array(folder, "site_row")]
        places = (_array(folder, f"site_{name}") for name in ("east", "north", "council"))
        self._add_sites(*(values[rows >= 0] for values in (rows, *places)))

    def _add_sites(self, *columns: AnyInts) -> None:
        """Add the row, east, north and council of further sites."""
        self._sites.append(np.stack(columns, axis=1).astype(np.int64))

    def extend(self, part: ProviderColumns, start: int) -> None:
        """Fill in the rows from `start` on from the columns of these rows alone."""
        for name in _FILLED:
            mine, theirs = getattr(self, f"_{name}"), getattr(part, f"_{name}")
            mine[start : start + len(theirs)] = theirs
        self._ids.extend(part._ids)
        rows = np.array(part._id_rows, np.int32) + np.int32(start)
        self._id_rows.frombytes(rows.tobytes())
        shift = np.array([start, 0, 0, 0])
        self._sites += [sites + shift for sites in part._sites]

    def save(self, folder: Path, squares: npt.NDArray[np.int64]) -> None:
        """Write all columns into `folder`; `squares` (rows, 2) are the squares of the rows."""
        folder.mkdir(exist_ok=True)
        ids = np.array(self._ids, np.uint64)
        id_rows = np.array(self._id_rows, np.int32)
        order = np.lexsort((id_rows, ids))
        sites = np.concatenate([np.empty((0, 4), np.int64), *self._sites])
        sites = sites[np.argsort(sites[:, 0], kind="stable")]
        first = _changes(squares)
        square = squares[first[:-1]]
        number = np.repeat(np.arange(len(square)), np.diff(first))
        pairs = distinct(self._council.astype(np.int64) * len(square) + number)
        arrays: dict[str, npt.NDArray[np.generic]] = {
            **{name: getattr(self, f"_{name}") for name in _FILLED},
            "id_hash": ids[order],
            "id_row": id_rows[order],
            "site_row": sites[:, 0].astype(np.int32),
            "site_east": sites[:, 1].astype(np.int32),
            "site_north": sites[:, 2].astype(np.int32),
            "site_council": sites[:, 3].astype(np.uint16),
            "square": first,
            "square_x": square[:, 0].astype(np.int32),
            "square_y": square[:, 1].astype(np.int32),
            "council_square": np.stack(np.divmod(pairs, max(1, len(square))), axis=1),
        }
        save(folder, arrays)


def _changes(square: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The rows at which a new square starts, and last the number of rows."""
    new = np.any(square[1:] != square[:-1], axis=1)
    return np.concatenate([[0], np.flatnonzero(new) + 1, [len(square)]]).astype(np.int64)


def save(folder: Path, arrays: dict[str, npt.NDArray[np.generic]]) -> None:
    """Write each array into `folder` under its name."""
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)


SQUARE = 10_000
"""Side of a neighbourhood square, metres."""
_MOST_RANGES = 8
"""Ranges of rows that a region is read as."""


@dataclass(frozen=True, slots=True)
class Links:
    """A many-to-many relation of numbers as a compressed table; `of(i)` are those linked to i."""

    offsets: Ints
    numbers: npt.NDArray[np.int32]

    @classmethod
    def open(cls, folder: Path, name: str) -> Links:
        """The table called `name` in `folder`, memory-mapped."""
        return cls(_array(folder, f"{name}_offsets"), _array(folder, name))

    def of(self, number: int) -> npt.NDArray[np.int32]:
        """The numbers linked to `number`, ascending."""
        return self.numbers[self.offsets[number] : self.offsets[number + 1]]

    def of_many(self, numbers: npt.NDArray[np.integer]) -> tuple[Ints, npt.NDArray[np.int32]]:
        """The numbers linked to any of `numbers`: two flat arrays, position and linked number."""
        starts, stops = self.offsets[numbers], self.offsets[numbers + 1]
        position, index = slices(starts, stops - starts)
        return position, self.numbers[index]


def _array(folder: Path, name: str) -> Any:  # noqa: ANN401 - numpy decides the type
    return mapped(folder / f"{name}.npy")


@dataclass(frozen=True)
class Columns:
    """One array for each fact, one value for each provider row, award or site; memory-mapped.

    Rows are ordered by squares of 10 km, so that a region is a few ranges of rows.
    Places are metres on the British National Grid, councils are numbers into
    `PostcodeTable.councils`, days are ordinals, and incomes are pounds a year, NaN where unknown.
    """

    east: npt.NDArray[np.int32]
    north: npt.NDArray[np.int32]
    council: npt.NDArray[np.uint16]
    size: npt.NDArray[np.uint8]
    kind: npt.NDArray[np.uint8]
    seldom_sells: npt.NDArray[np.bool_]
    income: npt.NDArray[np.float32]
    active: npt.NDArray[np.bool_]
    draw: npt.NDArray[np.uint64]
    square: Ints
    square_x: npt.NDArray[np.int32]
    square_y: npt.NDArray[np.int32]
    site_row: npt.NDArray[np.int32]
    site_east: npt.NDArray[np.int32]
    site_north: npt.NDArray[np.int32]
    site_council: npt.NDArray[np.uint16]
    id_hash: npt.NDArray[np.uint64]
    id_row: npt.NDArray[np.int32]
    council_square: Ints
    award_day: npt.NDArray[np.int32]
    award_value: npt.NDArray[np.float32]
    award_buyer: npt.NDArray[np.uint64]
    award_notice: npt.NDArray[np.uint64]
    award_east: npt.NDArray[np.int32]
    award_north: npt.NDArray[np.int32]

    @classmethod
    def open(cls, folder: Path) -> Columns:
        """All columns of a snapshot."""
        return cls(**{name: _array(folder, name) for name in cls.__dataclass_fields__})

    def near(self, east: int, north: int, km: float) -> Rows:
        """Rows in squares that touch the circle, and rows with another site inside it."""
        metres = km * 1000
        x, y = self.square_x * SQUARE, self.square_y * SQUARE
        dx = np.maximum(np.maximum(x - east, east - (x + SQUARE)), 0)
        dy = np.maximum(np.maximum(y - north, north - (y + SQUARE)), 0)
        touched = (dx.astype(np.float64) ** 2 + dy.astype(np.float64) ** 2) <= metres**2
        sites = self.sites_around(east, metres)
        east_of = self.site_east.take(sites) - float(east)
        north_of = self.site_north.take(sites) - float(north)
        inside = east_of * east_of + north_of * north_of <= metres**2
        return self._rows(touched, np.sort(self.site_row.take(sites[inside])))

    def within(self, councils: npt.NDArray[np.uint16]) -> Rows:
        """Rows that may have a site in one of these councils, given as numbers of the columns."""
        pairs = self.council_square
        touched = np.zeros(len(self.square_x), bool)
        touched[pairs[np.isin(pairs[:, 0], councils), 1]] = True
        return self._rows(touched, self.site_row[np.isin(self.site_council, councils)])

    def _rows(self, squares: npt.NDArray[np.bool_], extra: npt.NDArray[np.int32]) -> Rows:
        """The rows of `squares` as a few ranges, which include the smallest gaps, and `extra` rows.

        `extra` rows ascend, and may repeat.
        """
        start, stop = self.square[:-1][squares], self.square[1:][squares]
        if len(start):
            gap = start[1:] - stop[:-1]
            keep = gap > (np.sort(gap)[-_MOST_RANGES + 1] if len(gap) >= _MOST_RANGES else 0)
            start = start[np.concatenate([[True], keep])]
            stop = stop[np.concatenate([keep, [True]])]
        extra = extra[run_starts(extra)].astype(np.int64)
        inside = np.searchsorted(start, extra, side="right") - 1
        covered = (inside >= 0) & (extra < stop[np.maximum(inside, 0)]) if len(start) else extra < 0
        return Rows(start.astype(np.int64), stop.astype(np.int64), extra[~covered].astype(np.int64))

    def sites_around(self, east: int, metres: float) -> npt.NDArray[np.int32]:
        """The numbers of the sites that are no further than this to the east or west.

        They are in any order, and a few are up to two metres further.
        """
        order, ascending = self._sites_by_east
        bounds = np.array([east - metres - 1, east + metres + 1], np.float32)
        start, stop = ascending.searchsorted(bounds)
        return order[start:stop]

    @cached_property
    def _sites_by_east(self) -> tuple[npt.NDArray[np.int32], Floats]:
        """The numbers of the sites from west to east, and their eastings."""
        order = self.site_east.argsort(kind="stable").astype(np.int32)
        return order, self.site_east[order].astype(np.float32)
