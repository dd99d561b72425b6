"""Wide waters that a straight line may cross, so that the way by road is longer.

The lines are in `reference/estuaries.csv`, each along the middle of an estuary or a strait. Only
waters where a distance misleads are in it: London's Thames has bridges, and open sea is not there.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

from matcher.geo.national_grid import km

_LINES = Path(__file__).with_name("reference") / "estuaries.csv"
Point = tuple[float, float]
"""Metres east and north on the British National Grid."""


@dataclass(frozen=True)
class Estuary:
    """A water, as the line along its middle: points in metres, from the land to the sea."""

    name: str
    points: tuple[Point, ...]

    def crosses(self, one: Point, other: Point) -> bool:
        """Whether the straight line between two points crosses the water."""
        return any(_cross(one, other, start, end) for start, end in pairwise(self.points))

    def is_near(self, point: Point, reach: float) -> bool:
        """Whether a point of its line is at most `reach` kilometres away."""
        return any(km(*point, *each) <= reach for each in self.points)

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """The west, south, east and north of its line."""
        east, north = zip(*self.points, strict=True)
        return min(east), min(north), max(east), max(north)


@cache
def estuaries() -> tuple[Estuary, ...]:
    """All waters of the list, in its order."""
    rows = _LINES.read_text(encoding="utf-8").splitlines()
    points: dict[str, list[Point]] = {}
    for row in csv.DictReader(row for row in rows if not row.startswith("#")):
        points.setdefault(row["name"], []).append((float(row["east"]), float(row["north"])))
    return tuple(Estuary(name, tuple(each)) for name, each in points.items())


@cache
def _boxed() -> tuple[tuple[tuple[float, float, float, float], Estuary], ...]:
    """Each water with the box around its line, outside of which nothing crosses it."""
    return tuple((water.box, water) for water in estuaries())


def water_between(one: Point, other: Point) -> str:
    """The name of the first water of the list between two points; '' if there is none.

    >>> cardiff, weston = (318_000, 176_000), (332_000, 161_000)
    >>> water_between(cardiff, weston), water_between(cardiff, (330_000, 188_000))
    ('the Bristol Channel', '')
    """
    west, east = min(one[0], other[0]), max(one[0], other[0])
    south, north = min(one[1], other[1]), max(one[1], other[1])
    crossed = [
        water
        for (least_east, least_north, most_east, most_north), water in _boxed()
        if least_east <= east and west <= most_east and least_north <= north and south <= most_north
        if water.crosses(one, other)
    ]
    if not crossed:
        return ""
    reach = max(_REACH, km(*one, *other))
    return next((water.name for water in crossed if water.is_near(one, reach)), "")


_REACH = 50.0
"""The kilometres within which a water is near; a longer line has a longer reach."""


def _cross(one: Point, other: Point, start: Point, end: Point) -> bool:
    """Whether two segments cross; touching an end counts once."""
    sides = _side(start, end, one) > 0, _side(start, end, other) > 0
    ends = _side(one, other, start) > 0, _side(one, other, end) > 0
    return sides[0] != sides[1] and ends[0] != ends[1]


def _side(start: Point, end: Point, point: Point) -> float:
    """Positive where `point` is left of the line from `start` to `end`."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])
