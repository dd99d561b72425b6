"""The Care Quality Commission's directory: who is registered to give care in England, and where.

The file "HSCA Active Locations" is an OpenDocument spreadsheet with a row a location; it is
read as one provider with all its locations.  A CSV of the same columns will do.  Managers,
nominated individuals, telephones and streets are never read; a provider who is an individual
goes by the name of the location, as it is known to those who buy from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from matcher.core import org_ids
from matcher.core.errors import BadSource
from matcher.core.types import (
    Grade,
    Kind,
    Provider,
    Source,
    Status,
    Tally,
)
from matcher.sources.formats.tables import (
    Row,
    csv_rows,
    day_in,
    distinct,
    header,
    need_columns,
    sites,
)
from matcher.sources.formats.text_files import TextFile

NAME = "Care Quality Commission"
_LICENCE = "OGL-UK-3.0"
_COLUMNS = [
    "Location ID",
    "Location Name",
    "Location Postal Code",
    "Location Local Authority",
    "Provider ID",
    "Provider Name",
    "Provider Companies House Number",
    "Provider Charity Number",
    "Provider Ownership Type",
]
_LABELS = ("Service type - ", "Service user band - ", "Regulated activity - ")
_YES = {"Y", "YES"}


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Provider]]]:
    """One (tally, providers) for all the lists of locations among `paths`.

    `Tally.read` counts locations, `kept` the providers that came of them.

    Raises:
        BadSource: if a file is missing, damaged, or not the directory.
    """
    tables = [_table(path) for path in paths]
    if tables:
        tally = Tally(NAME)
        yield tally, _providers(tables, tally)


@dataclass(frozen=True, slots=True)
class _Table:
    """The locations of one file, with the day that its name or its first sheet says."""

    path: Path
    day: date | None
    rows: Iterable[tuple[str, Row]]
    broken: Tally


@dataclass(slots=True)
class _Care:
    """What the directory has said of one provider so far."""

    first: Row
    day: date | None
    postcodes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


def _table(path: Path) -> _Table:
    day = day_in(path.name.replace("_", " "))
    broken = Tally(path.name)
    if not path.is_file():
        raise BadSource(f"{path} does not exist")
    with path.open("rb") as head:
        spreadsheet = head.read(2) == b"PK"
    if not spreadsheet:
        file = TextFile(path)
        need_columns(file, header(file), _COLUMNS)
        return _Table(path, day, csv_rows(file, broken), broken)
    return _Table(path, day, _sheet_rows(path, _sheet(path), broken), broken)


def _sheet(path: Path) -> Sequence[Sequence[object]]:
    """The cells of the sheet that lists locations.  Raises BadSource where none does."""
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        found = {name: sheet.to_python(nrows=20) for name, sheet in sheets.items()}
    except CalamineError as wrong:
        raise BadSource(f"{path} is damaged or no spreadsheet ({wrong}); fetch it again") from wrong
    for name, rows in found.items():
        if any("Location ID" in map(_text, row) for row in rows):
            return book.get_sheet_by_name(name).to_python()
    raise BadSource(
        f"{path} has no sheet with a column 'Location ID'; it has the sheets "
        f"{', '.join(map(repr, found))}. Give the file HSCA Active Locations"
    )


def _sheet_rows(
    path: Path, cells: Sequence[Sequence[object]], tally: Tally
) -> Iterator[tuple[str, Row]]:
    start = next(i for i, row in enumerate(cells) if "Location ID" in map(_text, row))
    columns = [_text(cell) for cell in cells[start]]
    need_columns(TextFile(path), columns, _COLUMNS)
    return _cells(path, columns, enumerate(cells[start + 1 :], start + 2), tally)


def _cells(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[tuple[int, Sequence[object]]],
    tally: Tally,
) -> Iterator[tuple[str, Row]]:
    for number, row in rows:
        if any(row):
            tally.read += 1
            named = zip(columns, map(_text, row), strict=False)
            yield f"{path.name} row {number}", {name: cell for name, cell in named if name}


def _text(cell: object) -> str:
    """A cell as it is written; spreadsheets hold numbers as 1150079.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split()) if cell is not None else ""


def _providers(tables: Sequence[_Table], tally: Tally) -> Iterator[Provider]:
    known: dict[str, _Care] = {}
    for table in tables:
        for where, row in table.rows:
            if not row.get("Provider ID") or not row.get("Provider Name"):
                tally.drop("no provider name or number", where)
            elif row.get("Dormant (Y/N)", "").upper() in _YES:
                tally.drop("location is dormant", where)
            else:
                _add(known.setdefault(row["Provider ID"], _Care(row, table.day)), row)
        tally.read += table.broken.read
        for reason, count in table.broken.set_aside.items():
            tally.set_aside[reason] = tally.set_aside.get(reason, 0) + count
            tally.examples.setdefault(reason, table.broken.examples[reason])
    for number, care in known.items():
        tally.kept += 1
        yield _provider(number, care)


def _add(care: _Care, row: Row) -> None:
    care.postcodes.append(row["Location Postal Code"])
    care.names.append(row["Location Name"])
    care.areas.append(row["Location Local Authority"])
    care.labels += _labels(row)


def _labels(row: Mapping[str, str]) -> list[str]:
    """What it is registered to do and for whom, one column a label."""
    said = [
        name.removeprefix(label)
        for label in _LABELS
        for name, cell in row.items()
        if name.startswith(label) and cell.upper() in _YES
    ]
    return [*said, "Care home"] if row.get("Care home?", "").upper() in _YES else said


def _provider(number: str, care: _Care) -> Provider:
    """One provider; an individual goes by the name of where care is given.

    The name of its only location is another name of it; those of many are house names.
    """
    alone = care.first["Provider Ownership Type"].casefold() == "individual"
    named = distinct(care.names)
    ids = distinct(
        [
            org_ids.company(care.first["Provider Companies House Number"]),
            org_ids.charity(care.first["Provider Charity Number"]),
        ]
    )
    own = f"GB-CQC-{number}"
    return Provider(
        id=ids[0] if ids else own,
        name=named[0] if alone and named else care.first["Provider Name"],
        source=Source(NAME, care.day, _LICENCE),
        ids=(*ids[1:], own) if ids else (),
        aliases=named if len(named) == 1 and not alone else (),
        kind=Kind.SOLE_TRADER if alone else Kind.UNKNOWN,
        tags=distinct(care.labels),
        sites=sites(care.postcodes, Grade.OPERATING_SITE),
        areas=distinct(care.areas),
        status=Status.ACTIVE,
    )
