"""The National Statistics Postcode Lookup as a table of places.

Its headers carry the year of each geography (`lad25cd`, before 2025 `laua`), so columns are
known by their stem.  Closed postcodes are read too: old addresses still stand at them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matcher.core.errors import BadSource
from matcher.core.types import Tally
from matcher.geo import national_grid
from matcher.geo.postcodes import PostcodeColumns, PostcodeTable
from matcher.sources.formats.tables import header
from matcher.sources.formats.text_files import TextFile, text_files

NAME = "National Statistics Postcode Lookup"

Told = Callable[[int, int], None]
"""Called with how many files are read, of how many."""

_STEMS = {
    "postcode": re.compile(r"pcd7?"),
    "east": re.compile(r"east1m|oseast1m"),
    "north": re.compile(r"north1m|osnrth1m"),
    "council": re.compile(r"lad\d\dcd|laua"),
}
_COUNCIL = re.compile(r"[EWSN]\d{8}")
_NOWHERE = re.compile(r"[A-Z]9{8}")
_COLUMN_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class NsplColumns:
    """Where in a row the four things stand that are read."""

    postcode: int
    east: int
    north: int
    council: int

    @classmethod
    def of(cls, file: TextFile) -> NsplColumns | None:
        """The columns of a file of postcodes; None where it is something else."""
        found = [name.lower() for name in header(file)]
        if not any(_STEMS["postcode"].fullmatch(name) for name in found):
            return None
        at = {
            stem: next((i for i, name in enumerate(found) if shape.fullmatch(name)), -1)
            for stem, shape in _STEMS.items()
        }
        missing = [stem for stem, place in at.items() if place < 0]
        if missing:
            raise BadSource(
                f"{file.path} has no column for {', '.join(missing)} (such as lad25cd, laua, "
                f"east1m, oseast1m); it has {', '.join(map(repr, found[:40]))}. "
                "The layout may have changed, or this is another file"
            )
        return cls(**at)


def tables(paths: Sequence[Path]) -> list[tuple[TextFile, NsplColumns]]:
    """The files of postcodes among files, zips and folders: the parts, or else the whole.

    Raises:
        BadSource: if there is none, or one whose columns are not known.
    """
    every = [file for file in text_files(paths) if file.name.lower().endswith(".csv")]
    parts = [file for file in every if "multi_csv" in (file.member or str(file.path)).lower()]
    found = [(file, at) for file in parts or every if (at := NsplColumns.of(file))]
    if not found:
        raise BadSource(
            f"{', '.join(str(path) for path in paths)} holds no table of postcodes: give the "
            "National Statistics Postcode Lookup, zipped as it is published"
        )
    return found


def compile_table(
    folder: Path, paths: Sequence[Path], told: Told = lambda done, total: None
) -> tuple[Tally, PostcodeTable]:
    """Write the table of the lookup in `paths` into `folder`, and open it.

    Raises:
        BadSource: if `paths` hold no such lookup.
    """
    found = tables(paths)
    tally = Tally(NAME)
    postcodes: list[str] = []
    places: list[tuple[int, int]] = []
    councils: list[str] = []
    for done, (file, at) in enumerate(found):
        told(done, len(found))
        for postcode, east, north, council in _rows(file, at, tally):
            postcodes.append(postcode)
            places.append((east, north))
            councils.append(council)
    if not postcodes:
        raise BadSource(
            f"{found[0][0].path} holds no postcode with a grid position and a council: "
            f"{tally.set_aside or 'it is empty'}; fetch it again"
        )
    rows = _as_rows(postcodes, places, councils)
    return tally, PostcodeTable.build(folder, rows, _edition(found[0][0]))


def _rows(file: TextFile, at: NsplColumns, tally: Tally) -> Iterator[tuple[str, int, int, str]]:
    reader = csv.reader(file.lines())
    width = len(next(reader))
    for row in reader:
        if not row:
            continue
        tally.read += 1
        where = f"{file.name} row {reader.line_num}"
        if len(row) != width:
            tally.drop("wrong number of columns", where)
            continue
        postcode, council = _fixed(row[at.postcode]), row[at.council].strip()
        east, north = row[at.east].strip(), row[at.north].strip()
        if not (east.isdecimal() and north.isdecimal()):
            tally.drop("postcode without a grid position", where)
        elif not postcode:
            tally.drop("not a postcode", where)
        elif not _COUNCIL.fullmatch(council) or _NOWHERE.fullmatch(council):
            tally.drop("postcode without a council", where)
        else:
            tally.kept += 1
            yield postcode, int(east), int(north), council


def _fixed(written: str) -> str:
    """A postcode seven wide, whatever spaces the file writes: 'WS1 1TP', 'N7  7JW'."""
    plain = "".join(written.split()).upper()
    return f"{plain[:-3]:<4}{plain[-3:]}" if 5 <= len(plain) <= 7 else ""


def _as_rows(
    postcodes: list[str], places: list[tuple[int, int]], councils: list[str]
) -> PostcodeColumns:
    """The same as columns; Northern Ireland is on the Irish Grid, and is moved to the British."""
    names = np.array(postcodes, "S8")
    east, north = np.array(places, np.int32).T
    irish = np.char.startswith(names, b"BT")
    if irish.any():
        east, north = east.copy(), north.copy()
        east[irish], north[irish] = national_grid.from_irish_grid(east[irish], north[irish])
    return PostcodeColumns(names, east, north, np.array(councils, "S9"))


def _edition(file: TextFile) -> str:
    """The edition as its files name it: NSPL_AUG_2025."""
    found = re.search(r"NSPL\w{0,40}?_([A-Z]{3}_\d{4})", file.name, re.IGNORECASE)
    return f"NSPL {found[1].upper().replace('_', ' ')}" if found else "NSPL"
