"""Where organisations are, seen from a place, and how big they are: the two ways to divide money.

Local is an address in the area, near is one in an area that borders it, and elsewhere is any other.
A voluntary organisation or social enterprise is VCSE whatever its size.  What is not known is a
class of its own, and is never counted as something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts, Mask
from matcher.core.types import Size
from matcher.geo.councils import Area, Councils
from matcher.geo.national_grid import NOWHERE
from matcher.register.columns import IS_VCSE, size_code
from matcher.register.register import Register

LOCAL, NEAR, ELSEWHERE, UNKNOWN = "local", "near", "elsewhere", "unknown"
PLACES = (LOCAL, NEAR, ELSEWHERE, UNKNOWN)
VCSE = "VCSE"
SIZES = ("micro", "small", "medium", "large", VCSE, UNKNOWN)
_SIZE_CLASS = {Size.MICRO: 0, Size.SMALL: 1, Size.MEDIUM: 2, Size.LARGE: 3, Size.UNKNOWN: 5}
_OF_SIZE = np.array([_SIZE_CLASS[size] for size in Size], np.int64)
CLASSES = len(PLACES) * len(SIZES)
NOBODY = CLASSES - 1
"""The class of a payee that is no organisation of the register: place and size unknown."""


def councils_near(councils: Councils, area: Area) -> frozenset[str]:
    """The councils whose areas border `area`, without its own."""
    around = {c for own in area.councils for c in councils.borders.get(own, ())}
    return frozenset(around) - area.councils


@dataclass(frozen=True)
class PlaceView:
    """A register seen from an area."""

    register: Register
    area: Area

    @cached_property
    def near(self) -> frozenset[str]:
        """The councils around it."""
        return councils_near(self.register.councils, self.area)

    @cached_property
    def _own_numbers(self) -> npt.NDArray[np.uint16]:
        return self.register.council_numbers(self.area.councils)

    @cached_property
    def _near_numbers(self) -> npt.NDArray[np.uint16]:
        return self.register.council_numbers(self.near)

    def places(self, rows: AnyInts) -> npt.NDArray[np.int64]:
        """(n,) the place of each row, as a number in PLACES."""
        c = self.register.columns
        found = np.where(c.east[rows] == NOWHERE, 3, 2).astype(np.int64)
        found[self._in(rows, self._near_numbers)] = 1
        found[self._in(rows, self._own_numbers)] = 0
        return found

    def _in(self, rows: AnyInts, numbers: npt.NDArray[np.uint16]) -> Mask:
        c = self.register.columns
        placed = c.east[rows] != NOWHERE
        further = c.site_row[np.isin(c.site_council, numbers)]
        inside: Mask = (placed & np.isin(c.council[rows], numbers)) | np.isin(rows, further)
        return inside

    def sizes(self, rows: AnyInts) -> npt.NDArray[np.int64]:
        """(n,) the size of each row, as a number in SIZES."""
        c = self.register.columns
        vcse = IS_VCSE[c.kind[rows]]
        sizes: npt.NDArray[np.int64] = np.where(vcse, SIZES.index(VCSE), _OF_SIZE[c.size[rows]])
        return sizes

    def classes(self, rows: AnyInts) -> npt.NDArray[np.int64]:
        """(n,) the class of each row, place * len(SIZES) + size; NOBODY where a row is negative."""
        known = rows >= 0
        classes = np.full(len(rows), NOBODY, np.int64)
        classes[known] = self.places(rows[known]) * len(SIZES) + self.sizes(rows[known])
        return classes

    def here(self) -> npt.NDArray[np.int64]:
        """The rows of the active organisations with an address in the area."""
        rows = self.register.within(self.area.councils).numbers()
        active = self.register.columns.active[rows]
        rows = rows[active]
        local: npt.NDArray[np.int64] = rows[self.places(rows) == PLACES.index(LOCAL)]
        return local

    def with_public_work(self, rows: npt.NDArray[np.int64]) -> Mask:
        """(n,) with a public contract or payment that is known."""
        public: Mask = ~self.register.is_new(rows)
        if self.register.payments is not None:
            offsets = self.register.payments.by_row.offsets
            public |= offsets[rows + 1] > offsets[rows]
        return public

    def small(self, rows: AnyInts) -> Mask:
        """(n,) known to be micro, small or medium."""
        known = [size_code(s) for s in (Size.MICRO, Size.SMALL, Size.MEDIUM)]
        small: Mask = np.isin(self.register.columns.size[rows], known)
        return small

    def vcse(self, rows: AnyInts) -> Mask:
        """(n,) known to be a voluntary organisation or social enterprise."""
        vcse: Mask = IS_VCSE[self.register.columns.kind[rows]]
        return vcse
