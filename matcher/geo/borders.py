"""Which councils border each other, derived from the positions of their postcodes.

    python -m matcher.geo.borders OUT.csv

Each square of 125 m belongs to the council with most postcodes in it. Councils then spread
evenly into empty squares around them, for 3.5 km. Two councils border each other where their
squares meet. So a moor or an estuary up to 7 km wide is a shared border (Wirral and Liverpool
meet in the Mersey), and a wider one is not. Islands without a bridge have no borders. The result
is approximate: `metres` is the length of the border, and a short one should be checked.
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

from matcher.geo.national_grid import Keys, Points
from matcher.geo.postcodes import PACKAGE, PostcodeTable

SQUARE = 125
REACH = 3500
# Isle of Wight, Scilly, Na h-Eileanan Siar, Orkney, Shetland: reached by ferry or by air.
ISLANDS = frozenset({"E06000046", "E06000053", "S12000013", "S12000023", "S12000027"})
_SHIFT = np.uint64(16)

Grid: TypeAlias = NDArray[np.uint16]


def borders(table: PostcodeTable) -> Iterator[tuple[str, str, int]]:
    """(code, code, metres of shared border) of each pair of councils that border each other."""
    grid = squares(table.postcodes)
    for step in range(REACH // SQUARE):
        grid = spread(grid, corners=step % 2 == 1)
    for one, other, length in shared_sides(grid):
        pair = table.councils[one], table.councils[other]
        if not ISLANDS.intersection(pair):
            yield *pair, length * SQUARE


def squares(points: Points) -> Grid:
    """(north, east) the number of the council with most points in each square; 0 for none."""
    row = (points.north - points.north.min()) // SQUARE
    column = (points.east - points.east.min()) // SQUARE
    grid = np.zeros((int(row.max()) + 1, int(column.max()) + 1), np.uint16)
    place = row.astype(np.uint64) * np.uint64(grid.shape[1]) + column.astype(np.uint64)
    pairs, count = np.unique((place << _SHIFT) | points.council, return_counts=True)
    # Where a square has several councils, the last one, with the highest count, is kept.
    pairs = pairs[np.argsort(count, kind="stable")]
    grid.reshape(-1)[(pairs >> _SHIFT).astype(np.int64)] = pairs.astype(np.uint16)
    return grid


def spread(grid: Grid, *, corners: bool) -> Grid:
    """The grid with each empty square given to a neighbour, also diagonally if `corners`."""
    wider = grid.copy()
    for down, right in product((-1, 0, 1), repeat=2):
        if (down or right) and (corners or not (down and right)):
            squares = wider[_window(down), _window(right)]
            np.copyto(squares, grid[_window(-down), _window(-right)], where=squares == 0)
    return wider


def shared_sides(grid: Grid) -> list[tuple[int, int, int]]:
    """(council, council, number of sides of squares that they share), lower number first."""
    sides = [_sides(grid[:, 1:], grid[:, :-1]), _sides(grid[1:], grid[:-1])]
    pairs, count = np.unique(np.concatenate(sides), return_counts=True)
    return [(int(p) >> 16, int(p) & 0xFFFF, int(n)) for p, n in zip(pairs, count, strict=True)]


def write(out: Path, table: PostcodeTable) -> None:
    """Write the borders as CSV (a, b, metres), below a line that names their source."""
    with out.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# derived by matcher.geo.borders from {PACKAGE} {table.version}\n")
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("a", "b", "metres"))
        lines.writerows(borders(table))


def main() -> None:
    """Write the borders to the file named on the command line."""
    parser = argparse.ArgumentParser(description="Write which councils border each other, as CSV.")
    parser.add_argument("out", type=Path, metavar="OUT.csv")
    write(parser.parse_args().out, PostcodeTable.open(PostcodeTable.cached()))


def _window(step: int) -> slice:
    return slice(max(step, 0), min(step, 0) or None)


def _sides(one: Grid, other: Grid) -> Keys:
    """The two councils of each shared side, packed in one key, lower number first."""
    meet = (one != other) & (one > 0) & (other > 0)
    low, high = (pick(one, other)[meet].astype(np.uint64) for pick in (np.minimum, np.maximum))
    sides: Keys = (low << _SHIFT) | high
    return sides


if __name__ == "__main__":
    main()
