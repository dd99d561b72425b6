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

from matcher.core import org_ids
from matcher.core.errors import BadSource
from matcher.core.legal_kinds import kind_of_name
from matcher.core.types import Grade, Kind, Provider, Source, Status, Tally
from matcher.sources.formats.days import day_in
from matcher.sources.formats.layouts import layout
from matcher.sources.formats.sheet_files import is_workbook, sheet_files
from matcher.sources.formats.statuses import has_left_register
from matcher.sources.formats.tables import Row, csv_rows, distinct, need_columns, sites
from matcher.sources.formats.text_files import TextFile, text_files
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
    tables = [table for path in paths for table in _tables(path)]
    if tables:
        tally = Tally(NAME)
        yield tally, _providers(tables, tally)


@dataclass(frozen=True, slots=True)
class _Table:
    """The locations of one file, with the date in its name."""

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


def _tables(path: Path) -> Iterator[_Table]:
    """The tables of locations in a file."""
    is_book = path.exists() and is_workbook(path)
    for file in [_sheet(path)] if is_book else text_files([path]):
        found, tally = layout(file, _recognised), Tally(path.name)
        need_columns(file, found.columns, _COLUMNS)
        yield _Table(day_in(path.name.replace("_", " ")), csv_rows(file, tally, found), tally)


def _recognised(columns: Sequence[str]) -> int:
    return len(set(columns).intersection(_COLUMNS)) if "Location ID" in columns else 0


def _sheet(path: Path) -> TextFile:
    """The sheet of locations.  Raises BadSource where there is no such sheet."""
    sheets, _ = sheet_files(path, "fetch it again")
    found = (sheet for sheet in sheets if "Location ID" in layout(sheet, _recognised).columns)
    if sheet := next(found, None):
        return sheet
    raise BadSource(
        f"{path} has no sheet with a column 'Location ID'; it has the sheets "
        f"{', '.join(repr(sheet.member) for sheet in sheets)}. Give the file HSCA Active Locations"
    )


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
