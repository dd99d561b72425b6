"""Rows by place: they are ordered by squares of 10 km, so that a region is a few ranges of rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import run_starts
from matcher.register.columns import SQUARE, Columns
from matcher.register.rows import Rows

_MOST_RANGES = 8


def near(columns: Columns, east: int, north: int, km: float) -> Rows:
    """Rows in squares that touch the circle, and rows with another site inside it."""
    c, metres = columns, km * 1000
    x, y = c.square_x * SQUARE, c.square_y * SQUARE
    dx = np.maximum(np.maximum(x - east, east - (x + SQUARE)), 0)
    dy = np.maximum(np.maximum(y - north, north - (y + SQUARE)), 0)
    touched = (dx.astype(np.float64) ** 2 + dy.astype(np.float64) ** 2) <= metres**2
    east_of, north_of = c.site_east - float(east), c.site_north - float(north)
    inside = east_of * east_of + north_of * north_of <= metres**2
    return _rows(c, touched, c.site_row[inside])


def within(columns: Columns, councils: npt.NDArray[np.uint16]) -> Rows:
    """Rows that may have a site in one of these councils, given as numbers of the columns."""
    pairs = columns.council_square
    touched = np.zeros(len(columns.square_x), bool)
    touched[pairs[np.isin(pairs[:, 0], councils), 1]] = True
    return _rows(columns, touched, columns.site_row[np.isin(columns.site_council, councils)])


def _rows(columns: Columns, squares: npt.NDArray[np.bool_], extra: npt.NDArray[np.int32]) -> Rows:
    """The rows of `squares` as a few ranges, which include the smallest gaps, and `extra` rows.

    `extra` rows ascend, and may repeat.
    """
    start, stop = columns.square[:-1][squares], columns.square[1:][squares]
    if len(start):
        gap = start[1:] - stop[:-1]
        keep = gap > (np.sort(gap)[-_MOST_RANGES + 1] if len(gap) >= _MOST_RANGES else 0)
        start = start[np.concatenate([[True], keep])]
        stop = stop[np.concatenate([keep, [True]])]
    extra = extra[run_starts(extra)].astype(np.int64)
    inside = np.searchsorted(start, extra, side="right") - 1
    covered = (inside >= 0) & (extra < stop[np.maximum(inside, 0)]) if len(start) else extra < 0
    return Rows(start.astype(np.int64), stop.astype(np.int64), extra[~covered].astype(np.int64))
