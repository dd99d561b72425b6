"""Reads the Care Quality Commission's directory of care providers in England.

The file "HSCA Active Locations" is an OpenDocument spreadsheet with one row for each location;
the locations of a provider become one record.  A CSV with the same columns can be read too.
Managers, nominated individuals, telephone numbers and streets are never read.  A provider who is
an individual is named after the location, because buyers know it by that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from python_calamine import CalamineError

from matcher.core import org_ids
from matcher.core.errors import BadSource
from matcher.core.legal_kinds import kind_of_name
from matcher.core.types import (
    Grade,
    Kind,
    Provider,
    Source,
    Status,
    Tally,
)
from matcher.sources.formats.days import day_in
from matcher.sources.formats.statuses import has_left_register
from matcher.sources.formats.tables import (
    Row,
    csv_rows,
    distinct,
    header,
    need_columns,
    sites,
)
from matcher.sources.formats.text_files import TextFile
from matcher.sources.formats.workbooks import open_workbook
from matcher.sources.providers.own_cells import has_ended

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
    """One (tally, providers) for all lists of locations in `paths`.

    `Tally.read` counts locations, `Tally.kept` counts providers.  Raises BadSource where a file is
    missing, damaged or not the directory.
    """
    tables = [_table(path) for path in paths]
    if tables:
        tally = Tally(NAME)
        yield tally, _providers(tables, tally)


@dataclass(frozen=True, slots=True)
class _Table:
    """The locations of one file, with the date in its name."""

    path: Path
    day: date | None
    rows: Iterable[tuple[str, Row]]
    row_tally: Tally


@dataclass(slots=True)
class _CareProvider:
    """The rows read so far of one provider."""

    first: Row
    day: date | None
    postcodes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


def _table(path: Path) -> _Table:
    day = day_in(path.name.replace("_", " "))
    row_tally = Tally(path.name)
    if not path.is_file():
        raise BadSource(f"{path} does not exist")
    with path.open("rb") as head:
        spreadsheet = head.read(2) == b"PK"
    if not spreadsheet:
        file = TextFile(path)
        need_columns(file, header(file), _COLUMNS)
        return _Table(path, day, csv_rows(file, row_tally), row_tally)
    return _Table(path, day, _sheet_rows(path, _sheet(path), row_tally), row_tally)


def _sheet(path: Path) -> Sequence[Sequence[object]]:
    """The cells of the sheet of locations.  Raises BadSource where there is no such sheet."""
    try:
        book = open_workbook(path)
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        first_rows = {name: sheet.to_python(nrows=20) for name, sheet in sheets.items()}
    except CalamineError as error:
        raise BadSource(
            f"{path} is damaged or not a spreadsheet ({error}); fetch it again"
        ) from error
    for name, rows in first_rows.items():
        if any("Location ID" in map(_text, row) for row in rows):
            return book.get_sheet_by_name(name).to_python()
    raise BadSource(
        f"{path} has no sheet with a column 'Location ID'; it has the sheets "
        f"{', '.join(map(repr, first_rows))}. Give the file HSCA Active Locations"
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
            cells = zip(columns, map(_text, row), strict=False)
            yield f"{path.name} row {number}", {name: cell for name, cell in cells if name}


def _text(cell: object) -> str:
    """A cell as text, without the .0 that spreadsheets add to a number such as 1150079."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split()) if cell is not None else ""


def _providers(tables: Sequence[_Table], tally: Tally) -> Iterator[Provider]:
    records: dict[str, _CareProvider] = {}
    for table in tables:
        for where, row in table.rows:
            if not row.get("Provider ID") or not row.get("Provider Name"):
                tally.drop("no provider name or number", where)
            elif row.get("Dormant (Y/N)", "").upper() in _YES:
                tally.drop("location is dormant", where)
            elif _is_deregistered(row):
                tally.drop("location is no longer registered", where)
            else:
                _add(records.setdefault(row["Provider ID"], _CareProvider(row, table.day)), row)
        tally.read += table.row_tally.read
        tally.add(table.row_tally.set_aside, table.row_tally.examples)
    for number, record in records.items():
        tally.kept += 1
        yield _provider(number, record)


def _is_deregistered(row: Row) -> bool:
    """Whether a location or its provider has left the register: by a status, or the day it did."""
    return any(
        (name.endswith("End Date") and has_ended(cell))
        or (name.lower().endswith("status") and has_left_register(cell))
        for name, cell in row.items()
        if cell
    )


def _add(record: _CareProvider, row: Row) -> None:
    record.postcodes.append(row["Location Postal Code"])
    record.names.append(row["Location Name"])
    record.areas.append(row["Location Local Authority"])
    record.labels += _labels(row)


def _labels(row: Mapping[str, str]) -> list[str]:
    """The names of the columns that are ticked: services, groups of people and activities."""
    found = [
        name.removeprefix(prefix)
        for prefix in _LABELS
        for name, cell in row.items()
        if name.startswith(prefix) and cell.upper() in _YES
    ]
    return [*found, "Care home"] if row.get("Care home?", "").upper() in _YES else found


def _provider(number: str, record: _CareProvider) -> Provider:
    """One provider; an individual gets the name of its first location.

    The name of an only location becomes an alias; the names of several do not.
    """
    is_individual = record.first["Provider Ownership Type"].casefold() == "individual"
    names = distinct(record.names)
    ids = distinct(
        [
            org_ids.company(record.first["Provider Companies House Number"]),
            org_ids.charity(record.first["Provider Charity Number"]),
        ]
    )
    cqc_id = f"GB-CQC-{number}"
    return Provider(
        id=ids[0] if ids else cqc_id,
        name=names[0] if is_individual and names else record.first["Provider Name"],
        source=Source(NAME, record.day, _LICENCE),
        ids=(*ids[1:], cqc_id) if ids else (),
        aliases=names if len(names) == 1 and not is_individual else (),
        kind=Kind.SOLE_TRADER if is_individual else kind_of_name(record.first["Provider Name"]),
        tags=distinct(record.labels),
        sites=sites(record.postcodes, Grade.OPERATING_SITE),
        areas=distinct(record.areas),
        status=Status.ACTIVE,
    )
