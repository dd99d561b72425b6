"""Towns and villages by name, and which of several with one name is meant.

The list is `reference/towns.csv` (see `matcher.geo.town_list`), or one that was fetched
(`matcher.sources.reference.place_names`), in the same columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache, cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.core.errors import BadSource
from matcher.geo.council_names import plain
from matcher.geo.postcodes import PostcodeTable

BUNDLED = Path(__file__).with_name("reference") / "towns.csv"
COLUMNS = ("name", "council", "east", "north", "size", "word")
_CELL = 5_000
_FAR = 2
"""By how many sizes a town must be larger than its namesakes to be meant without any context."""
_LEAST_ALIKE = 80.0

Context = Sequence[frozenset[str]]
"""Sets of codes of councils in which a town is looked for, the most telling first."""


class TownSize(IntEnum):
    """How large a town is, as far as the list says."""

    HAMLET = 1
    VILLAGE = 2
    TOWN = 3
    CITY = 4

    @property
    def label(self) -> str:
        """The size in words."""
        return "village" if self <= TownSize.VILLAGE else "town"


@dataclass(frozen=True, slots=True)
class Town:
    """A town or village: its middle in metres on the National Grid and its council's code.

    `word` says that its name is also an ordinary word ('Reading'), so that a text that has the
    word may mean something else.
    """

    name: str
    council: str
    east: int
    north: int
    size: TownSize
    word: bool = False

    def row(self) -> tuple[str | int, ...]:
        """The town as a row of `COLUMNS`."""
        return self.name, self.council, self.east, self.north, int(self.size), int(self.word)


@dataclass(frozen=True)
class Gazetteer:
    """Towns and villages. `source` says where they come from."""

    towns: tuple[Town, ...]
    source: str = ""

    @classmethod
    def open(cls, path: Path = BUNDLED) -> Gazetteer:
        """The towns in a file.  Raises BadSource where it is not such a file."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            source = lines[0].removeprefix("#").strip() if lines[0].startswith("#") else ""
            rows = csv.DictReader(line for line in lines if not line.startswith("#"))
            return cls(tuple(_town(row) for row in rows), source)
        except (OSError, UnicodeDecodeError, LookupError, TypeError, ValueError) as error:
            raise BadSource(f"{path} cannot be read as a list of towns: {error}") from error

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Town, ...]]:
        """Towns by plain name, the largest first."""
        named: dict[str, list[Town]] = {}
        for town in self.towns:
            named.setdefault(town_key(town.name), []).append(town)
        return {
            name: tuple(sorted(towns, key=lambda t: (-t.size, t.council, t.east)))
            for name, towns in named.items()
        }

    @cached_property
    def longest(self) -> int:
        """The most words in one name."""
        return max((name.count(" ") + 1 for name in self.by_name), default=0)

    @cached_property
    def first_words(self) -> frozenset[str]:
        """The words that a name begins with."""
        return frozenset(name.partition(" ")[0] for name in self.by_name)

    def find(self, name: str) -> tuple[Town, ...]:
        """The towns with this name, the largest first."""
        return self.by_name.get(town_key(name), ())

    def search(self, name: str, limit: int) -> list[Town]:
        """The towns with this name, then those whose names begin with it, then those alike."""
        key = town_key(name)
        longer = sorted(each for each in self.by_name if key and each.startswith(key))
        names = dict.fromkeys([key, *longer][: limit + 1])
        if len(names) <= limit:
            names |= dict.fromkeys(map(town_key, self.similar(name, limit)))
        return [town for each in names for town in self.by_name.get(each, ())][:limit]

    def similar(self, name: str, limit: int) -> tuple[str, ...]:
        """Up to `limit` names of towns that are spelt like `name`, the most similar first."""
        from rapidfuzz import fuzz, process

        found = process.extract(
            town_key(name),
            self.by_name.keys(),
            scorer=fuzz.ratio,
            limit=limit,
            score_cutoff=_LEAST_ALIKE,
        )
        return tuple(self.by_name[key][0].name for key, _, _ in found)


@cache
def bundled() -> Gazetteer:
    """The list that comes with the product."""
    return Gazetteer.open()


def choose(namesakes: Sequence[Town], context: Context = ()) -> Town | None:
    """The town that is meant among namesakes, or None where that cannot be told.

    It is the only one in the first set of councils of `context` that has any; without such a
    set, the only one, or one that is much larger than the others.
    """
    for councils in context:
        inside = [town for town in namesakes if town.council in councils]
        if inside:
            return _main(inside)
    return _main(namesakes)


def _main(towns: Sequence[Town]) -> Town | None:
    largest = sorted(towns, key=lambda town: -town.size)
    if len(largest) == 1 or (len(largest) > 1 and largest[0].size - largest[1].size >= _FAR):
        return largest[0]
    return None


@lru_cache(1 << 15)
def town_key(name: str) -> str:
    """A name in the spelling that is compared: 'St. Austell' and 'Saint Austell' are one.

    >>> town_key("Saint Austell"), town_key("Stoke-on-Trent")
    ('st austell', 'stoke on trent')
    """
    words = plain(name).split()
    return " ".join("st" if word == "saint" else word for word in words)


def write_towns(out: Path, towns: Iterable[Town], source: str) -> None:
    """Write towns as CSV, below a line that names their source."""
    with out.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {source}\n")
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        lines.writerows(town.row() for town in towns)


def nearest_councils(towns: Iterable[Town], table: PostcodeTable) -> Iterator[Town]:
    """The towns with the council of the nearest postcode; those far from any are left out."""
    points = table.postcodes
    columns = int(points.east.max()) // _CELL + 2
    cell = (points.north // _CELL).astype(np.int64) * columns + points.east // _CELL
    order = np.argsort(cell, kind="stable")
    cells = cell[order]
    for town in towns:
        rows = _around(cells, order, town, columns)
        if len(rows):
            far = np.hypot(
                points.east[rows].astype(float) - town.east,
                points.north[rows].astype(float) - town.north,
            )
            nearest = int(rows[int(far.argmin())])
            yield replace(town, council=table.councils[int(points.council[nearest])])


def _around(
    cells: NDArray[np.int64], order: NDArray[np.intp], town: Town, columns: int
) -> NDArray[np.intp]:
    """The rows of the postcodes in the squares around a town."""
    found = []
    for down in (-1, 0, 1):
        first = (town.north // _CELL + down) * columns + town.east // _CELL - 1
        found.append(order[cells.searchsorted(first) : cells.searchsorted(first + 3)])
    return np.concatenate(found)


def _town(row: Mapping[str, str]) -> Town:
    return Town(
        row["name"],
        row["council"],
        int(row["east"]),
        int(row["north"]),
        TownSize(int(row["size"])),
        row["word"] == "1",
    )
