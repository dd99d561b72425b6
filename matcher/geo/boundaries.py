"""A map of an area drawn from postcodes alone: land, homes and council borders.

No map is downloaded. Where postcodes are close together there are homes. Where there are none for
kilometres there is water or moor. Where the council of neighbouring postcodes changes there is a
border.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Mask
from matcher.geo.postcodes import PostcodeTable

Cells: TypeAlias = npt.NDArray[np.int32]

GAP = 2_500.0
"""Metres without a postcode that still count as land."""
_MOST_STEPS = 40
_NAMED_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class MapWindow:
    """A rectangle on the National Grid, in metres, from its south-west corner."""

    east: float
    north: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Outline:
    """What is in a window, in cells of `metres`, counted from the south-west.

    `land` and `homes` are runs of cells (column, row, length). `borders` are straight lines
    (x, y, x, y). `names` are the councils that fill a large part of it (code, x, y).
    """

    metres: float
    land: tuple[tuple[int, int, int], ...]
    homes: tuple[tuple[int, int, int], ...]
    borders: tuple[tuple[float, float, float, float], ...]
    names: tuple[tuple[str, float, float], ...]


def outline(table: PostcodeTable, window: MapWindow, across: int) -> Outline:
    """The outline of a window that is `across` cells wide."""
    metres = window.width / across
    up = max(1, round(window.height / metres))
    steps = min(_MOST_STEPS, max(1, round(GAP / metres)))
    council = _councils(table, window, metres, (up + 2 * steps, across + 2 * steps), steps)
    homes = council > 0
    spread = _spread(council, steps)
    land = _closed(homes, steps)
    inner = (slice(steps, steps + up), slice(steps, steps + across))
    ground = np.where(land, spread, 0)[inner]
    return Outline(
        metres=metres,
        land=tuple(_runs(ground > 0)),
        homes=tuple(_runs(homes[inner])),
        borders=tuple(_borders(ground)),
        names=tuple(_names(ground, table)),
    )


def _councils(
    table: PostcodeTable, window: MapWindow, metres: float, shape: tuple[int, int], pad: int
) -> Cells:
    """The council of a postcode in each cell, rows from the south; 0 where there is none."""
    points = table.postcodes
    west, south = window.east - pad * metres, window.north - pad * metres
    rows, columns = shape
    inside = np.flatnonzero(
        (points.east >= west)
        & (points.east < west + columns * metres)
        & (points.north >= south)
        & (points.north < south + rows * metres)
    )
    x = ((points.east[inside] - west) / metres).astype(np.int64)
    y = ((points.north[inside] - south) / metres).astype(np.int64)
    council: Cells = np.zeros(shape, np.int32)
    council[np.minimum(y, rows - 1), np.minimum(x, columns - 1)] = points.council[inside]
    return council


def _spread(council: Cells, steps: int) -> Cells:
    """Each council extended over empty cells, one cell a step."""
    grown = council.copy()
    for _ in range(steps):
        if grown.all():
            break
        for from_, to in _SHIFTS:
            empty = grown[to] == 0
            grown[to][empty] = grown[from_][empty]
    return grown


_ALL = slice(None)
_SHIFTS: tuple[tuple[Any, Any], ...] = (
    ((slice(None, -1), _ALL), (slice(1, None), _ALL)),
    ((_ALL, slice(None, -1)), (_ALL, slice(1, None))),
    ((slice(1, None), _ALL), (slice(None, -1), _ALL)),
    ((_ALL, slice(1, None)), (_ALL, slice(None, -1))),
)


def _closed(homes: Mask, steps: int) -> Mask:
    """Homes with the gaps between them filled, without moving the coast."""
    land = homes
    for _ in range(steps):
        land = _grown(land)
    water = ~land
    for _ in range(steps):
        water = _grown(water)
    closed: Mask = ~water | homes
    return closed


def _grown(mask: Mask) -> Mask:
    grown = mask.copy()
    for from_, to in _SHIFTS:
        grown[to] |= mask[from_]
    return grown


def _runs(mask: Mask) -> Iterator[tuple[int, int, int]]:
    """(column, row, length) of each unbroken run of cells, row by row."""
    for row in np.flatnonzero(mask.any(axis=1)).tolist():
        edges = np.flatnonzero(np.diff(mask[row].astype(np.int8), prepend=0, append=0)).tolist()
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            yield start, row, stop - start


def _borders(ground: Cells) -> Iterator[tuple[float, float, float, float]]:
    """Lines of border around each corner where two councils meet, with the corner cut off."""
    west, east = ground[:, :-1], ground[:, 1:]
    upright = (west != east) & (west > 0) & (east > 0)
    south, north = ground[:-1, :], ground[1:, :]
    level = (south != north) & (south > 0) & (north > 0)
    corners = upright[:-1] | upright[1:] | level[:, :-1] | level[:, 1:]
    for row, column in np.argwhere(corners).tolist():
        x, y = column + 1.0, row + 1.0
        meets = [
            point
            for on, point in (
                (upright[row, column], (x, y - 0.5)),
                (upright[row + 1, column], (x, y + 0.5)),
                (level[row, column], (x - 0.5, y)),
                (level[row, column + 1], (x + 0.5, y)),
            )
            if on
        ]
        if len(meets) == 2:
            yield (*meets[0], *meets[1])
        else:
            yield from ((*point, x, y) for point in meets)


def _names(ground: Cells, table: PostcodeTable) -> Iterator[tuple[str, float, float]]:
    """The code of each council that fills a large part of the land, and its middle."""
    numbers, counts = np.unique(ground[ground > 0], return_counts=True)
    for number in numbers[counts >= _NAMED_SHARE * ground.size].tolist():
        rows, columns = np.nonzero(ground == number)
        middle = np.median(columns), np.median(rows)
        nearest = int(np.argmin((columns - middle[0]) ** 2 + (rows - middle[1]) ** 2))
        code = table.councils[number] if number < len(table.councils) else ""
        yield code, float(columns[nearest]) + 0.5, float(rows[nearest]) + 0.5
