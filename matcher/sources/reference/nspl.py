"""Reads the National Statistics Postcode Lookup into a table of places.

Its column names contain the year of each geography (`lad25cd`, before 2025 `laua`), so columns
are found by pattern.  Closed postcodes are read too, because old addresses use them.
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

FileProgress = Callable[[int, int], None]
"""Called with the number of files read so far, and the number of all files."""

_COLUMN_PATTERNS = {
    "postcode": re.compile(r"pcd7?"),
    "east": re.compile(r"east1m|oseast1m"),
    "north": re.compile(r"north1m|osnrth1m"),
    "council": re.compile(r"lad\d\dcd|laua"),
}
_COUNCIL = re.compile(r"[EWSN]\d{8}")
_NOWHERE = re.compile(r"[A-Z]9{8}")


@dataclass(frozen=True, slots=True)
class NsplColumns:
    """The index of each column that is read."""

    postcode: int
    east: int
    north: int
    council: int

    @classmethod
    def of(cls, file: TextFile) -> NsplColumns | None:
        """The columns of a file of postcodes, or None where it is another file."""
        names = [name.lower() for name in header(file)]
        if not any(_COLUMN_PATTERNS["postcode"].fullmatch(name) for name in names):
            return None
        index = {
            field: next((i for i, name in enumerate(names) if pattern.fullmatch(name)), -1)
            for field, pattern in _COLUMN_PATTERNS.items()
        }
        missing = [field for field, column in index.items() if column < 0]
        if missing:
            raise BadSource(
                f"{file.path} has no column for {', '.join(missing)} (such as lad25cd, laua, "
                f"east1m, oseast1m); it has {', '.join(map(repr, names[:40]))}. "
                "The layout may have changed, or this is another file"
            )
        return cls(**index)


def tables(paths: Sequence[Path]) -> list[tuple[TextFile, NsplColumns]]:
    """The files of postcodes in files, zips and folders: the parts, or the single whole file.

    Raises BadSource where there is no such file, or a column of it is missing.
    """
    csv_files = [file for file in text_files(paths) if file.name.lower().endswith(".csv")]
    parts = [file for file in csv_files if "multi_csv" in (file.member or str(file.path)).lower()]
    matching = [(file, columns) for file in parts or csv_files if (columns := NsplColumns.of(file))]
    if not matching:
        raise BadSource(
            f"{', '.join(str(path) for path in paths)} has no table of postcodes: give the "
            "National Statistics Postcode Lookup, zipped as published"
        )
    return matching


def compile_table(
    folder: Path, paths: Sequence[Path], progress: FileProgress = lambda done, total: None
) -> tuple[Tally, PostcodeTable]:
    """Write the table of the lookup in `paths` into `folder`, and open it.

    Raises BadSource where `paths` have no such lookup.
    """
    files = tables(paths)
    tally = Tally(NAME)
    postcodes: list[str] = []
    places: list[tuple[int, int]] = []
    councils: list[str] = []
    for done, (file, columns) in enumerate(files):
        progress(done, len(files))
        for postcode, east, north, council in _rows(file, columns, tally):
            postcodes.append(postcode)
            places.append((east, north))
            councils.append(council)
    if not postcodes:
        raise BadSource(
            f"{files[0][0].path} has no postcode with a grid position and a council: "
            f"{tally.set_aside or 'it is empty'}; fetch it again"
        )
    rows = _columns(postcodes, places, councils)
    return tally, PostcodeTable.build(folder, rows, _edition(files[0][0]))


def _rows(
    file: TextFile, columns: NsplColumns, tally: Tally
) -> Iterator[tuple[str, int, int, str]]:
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
        postcode, council = _seven_wide(row[columns.postcode]), row[columns.council].strip()
        east, north = row[columns.east].strip(), row[columns.north].strip()
        if not (east.isdecimal() and north.isdecimal()):
            tally.drop("postcode without a grid position", where)
        elif not postcode:
            tally.drop("not a postcode", where)
        elif not _COUNCIL.fullmatch(council) or _NOWHERE.fullmatch(council):
            tally.drop("postcode without a council", where)
        else:
            tally.kept += 1
            yield postcode, int(east), int(north), council


def _seven_wide(postcode: str) -> str:
    """A postcode in seven characters, however the file spaces it: 'WS1 1TP', 'N7  7JW'."""
    plain = "".join(postcode.split()).upper()
    return f"{plain[:-3]:<4}{plain[-3:]}" if 5 <= len(plain) <= 7 else ""


def _columns(
    postcodes: list[str], places: list[tuple[int, int]], councils: list[str]
) -> PostcodeColumns:
    """The rows as arrays, with Northern Irish positions converted to the British Grid."""
    names = np.array(postcodes, "S8")
    east, north = np.array(places, np.int32).T
    irish = np.char.startswith(names, b"BT")
    if irish.any():
        east, north = east.copy(), north.copy()
        east[irish], north[irish] = national_grid.from_irish_grid(east[irish], north[irish])
    return PostcodeColumns(names, east, north, np.array(councils, "S9"))


def _edition(file: TextFile) -> str:
    """The edition in a file name: 'NSPL AUG 2025' for NSPL_AUG_2025."""
    match = re.search(r"NSPL\w{0,40}?_([A-Z]{3}_\d{4})", file.name, re.IGNORECASE)
    return f"NSPL {match[1].upper().replace('_', ' ')}" if match else "NSPL"
