"""The payments in a register: who was paid, by which public body, for what, and when.

    payments/
      bodies.json        each body: its name and, if it is a council, the code of its area
      payees.*           each payee: its name as written, and its org-id if the files have one
      purposes.*         each purpose: body, department, service and category in the body's words
      categories.json    the different categories
      words/             a word index of the categories
      *.npy              one value for each cell, which is what one payee got for one purpose in
                         one month; cells are in the order of bodies, purposes, payees and months

Payee 0 has no name: it stands for all payees that are redacted or may be people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, mapped
from matcher.register.columns import Links
from matcher.register.inverted_index import TextIndex
from matcher.register.record_file import RecordFile

FOLDER = "payments"
LEFT_OUT = 0
"""The number of the payee that stands for people and redacted payees."""
NOBODY = -1
"""The row of a payee that is no organisation of the register."""
NO_LIMIT = np.iinfo(np.int32).max
_ARRAYS = (
    *("payee_row", "purpose_body", "purpose_category", "payee", "purpose", "month", "pence"),
    *("count", "body_cells"),
)


class Body(msgspec.Struct, frozen=True):
    """A public body that paid; `code` is that of its area, '' where it is not a council."""

    name: str
    code: str
    key: int
    """`matcher.register.analysis.buyer_key` of its name"""


@dataclass(frozen=True, slots=True)
class Payee:
    """A payee as the files write it; `number` is its org-id, '' where they have none."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a body paid for, in its own words; '' where its files do not say."""

    department: str
    service: str
    category: str


@dataclass(frozen=True)
class Payments:
    """All payments of a snapshot; with `before`, only those of the months before a day."""

    bodies: tuple[Body, ...]
    payees: RecordFile[Payee]
    purposes: RecordFile[Purpose]
    categories: tuple[str, ...]
    words: TextIndex
    """the words of each category, by its number"""
    payee_row: npt.NDArray[np.int32]
    """payee → the row of its organisation, or NOBODY"""
    purpose_body: npt.NDArray[np.int32]
    purpose_category: npt.NDArray[np.int32]
    """purpose → the number of its category, -1 where it has none"""
    payee: npt.NDArray[np.int32]
    purpose: npt.NDArray[np.int32]
    month: npt.NDArray[np.int32]
    """year * 12 + month - 1"""
    pence: Ints
    count: npt.NDArray[np.int32]
    by_row: Links
    """row → its cells"""
    body_cells: Ints
    """(bodies + 1,) where the cells of each body begin"""
    until: int = NO_LIMIT
    """only payments of earlier months are visible"""

    @classmethod
    def open(cls, folder: Path) -> Payments:
        """The payments in `folder`, memory-mapped."""
        arrays: dict[str, Any] = {name: mapped(folder / f"{name}.npy") for name in _ARRAYS}
        return cls(
            bodies=msgspec.json.decode(
                (folder / "bodies.json").read_bytes(), type=tuple[Body, ...]
            ),
            payees=RecordFile(folder / "payees", Payee),
            purposes=RecordFile(folder / "purposes", Purpose),
            categories=msgspec.json.decode(
                (folder / "categories.json").read_bytes(), type=tuple[str, ...]
            ),
            words=TextIndex.open(folder / "words"),
            by_row=Links.open(folder, "by_row"),
            **arrays,
        )

    @cached_property
    def last(self) -> int:
        """The newest month with a payment."""
        return int(self.month.max(initial=0))

    def before(self, day: date) -> Payments:
        """These payments, with only those of months before the month of `day` visible."""
        return replace(self, until=min(self.until, month_of(day)))

    def cells_of(self, rows: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
        """The visible cells of organisations: two flat arrays, position in `rows` and cell."""
        position, cell = self.by_row.of_many(rows)
        visible = self.month[cell] < self.until
        return position[visible], cell[visible].astype(np.int64)

    def body_of(self, cells: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
        """(cells,) the number of the body that paid each."""
        bodies: npt.NDArray[np.int32] = self.purpose_body[self.purpose[cells]]
        return bodies

    def category_of(self, cells: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
        """(cells,) the number of the category of each, -1 where it has none."""
        categories: npt.NDArray[np.int32] = self.purpose_category[self.purpose[cells]]
        return categories

    def bodies_of(self, code: str) -> Ints:
        """The numbers of the bodies whose area has this code."""
        return np.array([n for n, body in enumerate(self.bodies) if body.code == code], np.int64)

    def cells_of_bodies(self, bodies: npt.NDArray[np.integer]) -> Ints:
        """The visible cells of bodies, in order."""
        spans = [np.arange(self.body_cells[b], self.body_cells[b + 1]) for b in bodies]
        cells = np.concatenate([np.empty(0, np.int64), *spans])
        visible: Ints = cells[self.month[cells] < self.until]
        return visible


def month_of(day: date) -> int:
    """The month of a day as year * 12 + month - 1."""
    return day.year * 12 + day.month - 1
