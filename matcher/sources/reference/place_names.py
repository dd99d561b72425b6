"""Reads OS Open Names and the ONS Index of Place Names into a list of towns and villages.

OS Open Names is one zip of tables without a header line. The Index of Place Names is one table
whose column names contain a year (`place23nm`, `lad23cd`), so columns are found by pattern. Both
are of Great Britain; the towns of Northern Ireland are those that come with the product.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from matcher.core import atomic
from matcher.core.errors import BadInput, BadSource
from matcher.core.types import Tally
from matcher.geo import national_grid
from matcher.geo.gazetteer import Town, TownSize, bundled, nearest_councils, town_key, write_towns
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.formats.text_files import TextFile, text_files

OPEN_NAMES, INDEX = "OS Open Names", "Index of Place Names in Great Britain"
Progress = Callable[[int, int], None]
"""Called with the number of files read so far, and the number of all files."""

_OPEN_NAMES_COLUMNS = 34
_NAME, _OTHER_NAME, _TYPE, _LOCAL_TYPE, _EAST, _NORTH = 2, 4, 6, 7, 8, 9
_SIZES = {
    "city": TownSize.CITY,
    "town": TownSize.TOWN,
    "suburban area": TownSize.VILLAGE,
    "village": TownSize.VILLAGE,
    "hamlet": TownSize.HAMLET,
    "other settlement": TownSize.HAMLET,
}
_INDEX_COLUMNS = {
    "name": re.compile(r"place\d\dnm"),
    "kind": re.compile(r"descnm"),
    "council": re.compile(r"lad\d\dcd"),
    "east": re.compile(r"gridgb1e"),
    "north": re.compile(r"gridgb1n"),
    "latitude": re.compile(r"lat"),
    "longitude": re.compile(r"long"),
}
_INDEX_KINDS = {"BUA": TownSize.TOWN, "BUASD": TownSize.VILLAGE, "LOC": TownSize.VILLAGE}
_SAME_PLACE_KM = 5.0
_IRELAND = "N09"


@dataclass(frozen=True, slots=True)
class _Table:
    """One file with towns, and how its rows are read."""

    file: TextFile
    rows: Callable[[TextFile, Tally], Iterator[Town]]
    source: str


def tables(paths: Sequence[Path]) -> list[_Table]:
    """The files with towns in files, zips and folders.

    Raises BadSource where there is no such file, or a column of it is missing.
    """
    csv_files = [file for file in text_files(paths) if file.name.lower().endswith(".csv")]
    found = [table for file in csv_files if (table := _recognised(file))]
    if not found:
        raise BadSource(
            f"{', '.join(str(path) for path in paths)} has no towns and villages: give OS Open "
            "Names (CSV) or the Index of Place Names in Great Britain, zipped as published"
        )
    return found


def compile_towns(
    out: Path,
    paths: Sequence[Path],
    table: PostcodeTable,
    progress: Progress = lambda done, total: None,
) -> Tally:
    """Write the towns and villages in `paths` to `out`, each in the council of its postcodes.

    Raises BadSource where there are none.
    """
    found = tables(paths)
    tally = Tally(found[0].source)
    towns: list[Town] = []
    for done, each in enumerate(found):
        progress(done, len(found))
        towns += each.rows(each.file, tally)
    if not towns:
        raise BadSource(f"{found[0].file.path} has no town or village: {tally.set_aside}")
    placed = nearest_councils((t for t in towns if not t.council), table)
    placed_towns = [*placed, *(t for t in towns if t.council)]
    irish = (town for town in bundled().towns if town.council.startswith(_IRELAND))
    with atomic.replacing(out) as temporary:
        write_towns(temporary, _distinct([*placed_towns, *irish]), found[0].source)
    return tally


def _recognised(file: TextFile) -> _Table | None:
    first = next(csv.reader([file.first_line()]), [])
    if len(first) == _OPEN_NAMES_COLUMNS and first[0].lower() != "id" and _is_number(first[_EAST]):
        return _Table(file, _open_names, OPEN_NAMES)
    names = [name.strip().lower().lstrip("\ufeff") for name in first]
    if not any(_INDEX_COLUMNS["name"].fullmatch(name) for name in names):
        return None
    missing = [field for field in ("kind", "council") if _column(names, field) < 0]
    if missing:
        raise BadSource(
            f"{file.path} has no column for {', '.join(missing)} (such as descnm, lad23cd); it has "
            f"{', '.join(map(repr, names[:40]))}. The layout may have changed"
        )
    return _Table(file, _index, INDEX)


def _column(names: Sequence[str], field: str) -> int:
    pattern = _INDEX_COLUMNS[field]
    return next((i for i, name in enumerate(names) if pattern.fullmatch(name)), -1)


def _open_names(file: TextFile, tally: Tally) -> Iterator[Town]:
    reader = csv.reader(file.lines())
    for row in reader:
        if len(row) <= _NORTH or row[_TYPE].casefold() != "populatedplace":
            continue
        tally.read += 1
        size = _SIZES.get(row[_LOCAL_TYPE].casefold())
        if size is None or not (_is_number(row[_EAST]) and _is_number(row[_NORTH])):
            tally.drop("place of an unknown kind or position", f"{file.name} row {reader.line_num}")
            continue
        tally.kept += 1
        at = round(float(row[_EAST])), round(float(row[_NORTH]))
        for name in filter(None, (row[_NAME].strip(), row[_OTHER_NAME].strip())):
            yield _town(name, "", at, size)


def _index(file: TextFile, tally: Tally) -> Iterator[Town]:
    reader = csv.reader(file.lines())
    names = [name.strip().lower() for name in next(reader)]
    at = {field: _column(names, field) for field in _INDEX_COLUMNS}
    for row in reader:
        if len(row) != len(names) or row[at["kind"]].strip().upper() not in _INDEX_KINDS:
            continue
        tally.read += 1
        point = _point(row, at)
        if point is None:
            tally.drop("place without a position", f"{file.name} row {reader.line_num}")
            continue
        tally.kept += 1
        name = re.sub(r"(?<!\s)\s*\([^()]*\)|(?<!\s)\s+BUA(?:SD)?$", "", row[at["name"]]).strip()
        kind = row[at["kind"]].strip().upper()
        yield _town(name, row[at["council"]].strip(), point, _INDEX_KINDS[kind])


def _point(row: Sequence[str], at: dict[str, int]) -> tuple[int, int] | None:
    def value(field: str) -> float | None:
        text = row[at[field]].strip() if at[field] >= 0 else ""
        return float(text) if _is_number(text) else None

    east, north = value("east"), value("north")
    if east and north:
        return round(east), round(north)
    latitude, longitude = value("latitude"), value("longitude")
    if latitude is not None and longitude is not None:
        with suppress(BadInput):
            return national_grid.from_latlon(latitude, longitude)
    return None


def _town(name: str, council: str, at: tuple[int, int], size: TownSize) -> Town:
    """A town; the size and whether its name is a word are those of the product's list if larger.

    A hamlet with a name of one word may be called like anything: 'Meals' or 'Home'.
    """
    known = bundled().find(name)
    near = [t.size for t in known if national_grid.km(t.east, t.north, *at) <= _SAME_PLACE_KM]
    word = any(t.word for t in known) or (
        not known and size <= TownSize.HAMLET and " " not in name and "-" not in name
    )
    return Town(name, council, *at, max([size, *near]), word)


def _distinct(towns: Iterable[Town]) -> list[Town]:
    """The towns by name without a second entry of the same place, the larger one kept."""
    kept: dict[tuple[str, str], list[Town]] = {}
    for town in sorted(towns, key=lambda t: (-t.size, t.name, t.east, t.north)):
        same_name = kept.setdefault((town_key(town.name), town.council), [])
        if all(
            national_grid.km(t.east, t.north, town.east, town.north) > _SAME_PLACE_KM
            for t in same_name
        ):
            same_name.append(replace(town, name=" ".join(town.name.split())))
    return [town for key in sorted(kept) for town in kept[key]]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.\d+)?", text.strip(), re.ASCII) is not None
