"""Which councils border which, derived from where their postcodes lie.

    python -m matcher.geo.borders OUT.csv

Every square of 125 m takes the council of most of its postcodes; councils then spread into
empty squares around them for 3.5 km, evenly, and two councils border where their squares
meet.  So a moor or an estuary up to 7 km wide is a shared border (Wirral and Liverpool meet
in the Mersey), wider ones are none, and islands without a bridge border nobody.  Approximate
by nature: `metres` is the length of the meeting, and a short one is worth checking.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.geo.points import Keys, Points
from matcher.geo.postcodes import PACKAGE, PostcodeTable

SQUARE = 125
REACH = 3500
# Isle of Wight, Scilly, Na h-Eileanan Siar, Orkney, Shetland: reached by ferry or by air.
ISLANDS = frozenset({"E06000046", "E06000053", "S12000013", "S12000023", "S12000027"})
_SHIFT = np.uint64(16)

Grid: TypeAlias = NDArray[np.uint16]


def borders(table: PostcodeTable) -> Iterator[tuple[str, str, int]]:
    """(code, code, metres of shared border) of each two councils that border, by code."""
    grid = squares(table.postcodes)
    for step in range(REACH // SQUARE):
        grid = spread(grid, corners=step % 2 == 1)
    for one, other, length in meetings(grid):
        pair = table.councils[one], table.councils[other]
        if not ISLANDS.intersection(pair):
            yield *pair, length * SQUARE


def squares(points: Points) -> Grid:
    """The number of the council with most points in each square [north, east], 0 if none."""
    row = (points.north - points.north.min()) // SQUARE
    column = (points.east - points.east.min()) // SQUARE
    grid = np.zeros((int(row.max()) + 1, int(column.max()) + 1), np.uint16)
    place = row.astype(np.uint64) * np.uint64(grid.shape[1]) + column.astype(np.uint64)
    pairs, count = np.unique((place << _SHIFT) | points.council, return_counts=True)
    # Where a square comes up again, the later and larger count is the one that stays.
    pairs = pairs[np.argsort(count, kind="stable")]
    grid.reshape(-1)[(pairs >> _SHIFT).astype(np.int64)] = pairs.astype(np.uint16)
    return grid


def spread(grid: Grid, *, corners: bool) -> Grid:
    """The grid with each empty square taken by a neighbour, over corners too if `corners`."""
    wider = grid.copy()
    for down, right in product((-1, 0, 1), repeat=2):
        if (down or right) and (corners or not (down and right)):
            ours = wider[_window(down), _window(right)]
            np.copyto(ours, grid[_window(-down), _window(-right)], where=ours == 0)
    return wider


def meetings(grid: Grid) -> list[tuple[int, int, int]]:
    """(council, council, sides of squares along which they meet), lower number first."""
    sides = [_sides(grid[:, 1:], grid[:, :-1]), _sides(grid[1:], grid[:-1])]
    pairs, count = np.unique(np.concatenate(sides), return_counts=True)
    return [(int(p) >> 16, int(p) & 0xFFFF, int(n)) for p, n in zip(pairs, count, strict=True)]


def write(out: Path, table: PostcodeTable) -> None:
    """Write the borders as CSV (a, b, metres) under a line that says where they are from."""
    with out.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# derived by matcher.geo.borders from {PACKAGE} {table.version}\n")
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("a", "b", "metres"))
        lines.writerows(borders(table))


def main() -> None:
    """Write the table that the command line names."""
    parser = argparse.ArgumentParser(description="Write which councils border which, as CSV.")
    parser.add_argument("out", type=Path, metavar="OUT.csv")
    write(parser.parse_args().out, PostcodeTable.open(PostcodeTable.cached()))


def _window(step: int) -> slice:
    return slice(max(step, 0), min(step, 0) or None)


def _sides(one: Grid, other: Grid) -> Keys:
    """Both councils of each side at which two different ones meet, the lower number first."""
    meet = (one != other) & (one > 0) & (other > 0)
    low, high = (pick(one, other)[meet].astype(np.uint64) for pick in (np.minimum, np.maximum))
    sides: Keys = (low << _SHIFT) | high
    return sides


if __name__ == "__main__":
    main()
