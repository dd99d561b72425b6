"""The Charity Commission's daily extract: a table of charities and the tables beside it.

Tab-separated, no quoting, backslash escape.  The side tables (what it does, where, other
names, objects, annual returns) are joined by organisation number through a temporary
database on disk, so that memory stays small however large the register.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

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
    day_in,
    distinct,
    header,
    need_columns,
    pounds,
    sites,
    size_of_income,
)
from matcher.sources.formats.text_files import TextFile

NAME = "Charity Commission for England and Wales"
_LICENCE = "OGL-UK-3.0"

# The column by which each side table is known, and the columns whose text is taken from it.
_SIDE = {
    "classification_description": ("classification_description",),
    "geographic_area_description": ("geographic_area_description",),
    "charity_name_type": ("charity_name",),
    "charitable_objects": ("charitable_objects",),
    "total_gross_income": ("fin_period_end_date", "total_gross_income"),
}
_CHARITY = [
    "date_of_extract",
    "organisation_number",
    "registered_charity_number",
    "linked_charity_number",
    "charity_name",
    "charity_registration_status",
    "latest_income",
    "charity_contact_postcode",
    "charity_contact_web",
    "charity_company_registration_number",
    "charity_insolvent",
    "charity_in_administration",
    "cio_is_dissolved",
    "charity_activities",
]

_ENOUGH_TEXT = 100
_MOST_BREAKS = 50
_TAB = re.compile(r"(?<!\\)\t")
_ROW_START = re.compile(r"\d{4}-\d\d-\d\d[ T][\d:.]+\t\d+\t")

_Facts = Mapping[str, Sequence[str]]


def is_extract(columns: Sequence[str]) -> bool:
    """Whether a file with such a header is a table of the extract, of use here or not."""
    return {"date_of_extract", "organisation_number"} <= set(columns)


def providers(files: Sequence[TextFile], tally: Tally) -> Iterator[Provider]:
    """The main charities of an extract, removed ones too, joined with the tables beside.

    Raises:
        BadSource: if the table of charities is not among `files`, or its columns changed.
    """
    return _joined(*_sorted_out(files), tally)


def _joined(
    charities: Sequence[TextFile], side: Sequence[tuple[str, TextFile]], tally: Tally
) -> Iterator[Provider]:
    with closing(sqlite3.connect("")) as facts:
        _gather(side, facts, tally)
        for file in charities:
            for where, row in extract_rows(file, tally):
                if row["linked_charity_number"] != "0":
                    tally.drop("linked charity: part of a main charity", where)
                elif not row["charity_name"] or not row["registered_charity_number"].isdigit():
                    tally.drop("no charity name or number", where)
                else:
                    tally.kept += 1
                    known = _known(facts, row["organisation_number"])
                    yield _provider(row, known, tally, where)


def extract_rows(file: TextFile, tally: Tally) -> Iterator[tuple[str, Row]]:
    """Each row of a table as (where it stands, cells by column), mended where a line broke.

    Counts each row in `tally.read`, and sets aside one that has the wrong number of columns.
    """
    columns = header(file)
    for number, cells in _mended(file, len(columns)):
        where = f"{file.name} line {number}"
        tally.read += 1
        if len(cells) == len(columns):
            yield where, dict(zip(columns, cells, strict=True))
        else:
            tally.drop("wrong number of columns", where)


def _mended(file: TextFile, width: int) -> Iterator[tuple[int, list[str]]]:
    """Rows as (line number, cells); a row that a stray line break cut in two is joined."""
    lines = enumerate(file.lines(), start=1)
    next(lines)
    pending, start, breaks = "", 0, 0
    for number, text in lines:
        line = text.rstrip("\r\n")
        goes_on = pending and not _ROW_START.match(line) and breaks < _MOST_BREAKS
        if goes_on:
            pending, breaks = f"{pending} {line}", breaks + 1
        else:
            if pending:
                yield start, _cells(pending, width)
            pending, start, breaks = line, number, 0
        if len(cells := _cells(pending, width)) >= width:
            yield start, cells
            pending = ""
    if pending:
        yield start, _cells(pending, width)


def _cells(line: str, width: int) -> list[str]:
    """Cells without their escapes; a backslash that ends a cell does not escape the tab."""
    if "\\" not in line:
        return [cell.strip() for cell in line.split("\t")]
    cells = _TAB.split(line)
    if len(cells) != width:
        cells = line.split("\t")
    return [re.sub(r"\\(.)", r"\1", cell).strip() for cell in cells]


def _sorted_out(files: Sequence[TextFile]) -> tuple[list[TextFile], list[tuple[str, TextFile]]]:
    """The tables of charities, and the side tables of use with the column each is known by."""
    charities, side = [], []
    for file in files:
        columns = header(file)
        known_by = next((column for column in _SIDE if column in columns), "")
        if "charity_registration_status" in columns or "charity_activities" in columns:
            need_columns(file, columns, _CHARITY)
            charities.append(file)
        elif known_by:
            need_columns(file, columns, _SIDE[known_by])
            side.append((known_by, file))
    if not charities:
        names = ", ".join(file.name for file in files)
        raise BadSource(f"the extract's table publicextract.charity is missing beside {names}")
    return charities, side


def _gather(side: Sequence[tuple[str, TextFile]], facts: sqlite3.Connection, tally: Tally) -> None:
    facts.execute("CREATE TABLE fact (organisation TEXT, known_by TEXT, text TEXT)")
    for known_by, file in side:
        rows = Tally(file.name)
        facts.executemany("INSERT INTO fact VALUES (?, ?, ?)", _side_facts(known_by, file, rows))
        for reason, number in rows.set_aside.items():
            named = f"{reason}, in a table beside the charities"
            tally.set_aside[named] = tally.set_aside.get(named, 0) + number
            tally.examples.setdefault(named, rows.examples[reason])
    facts.execute("CREATE INDEX fact_organisation ON fact (organisation)")


def _side_facts(known_by: str, file: TextFile, rows: Tally) -> Iterator[tuple[str, str, str]]:
    for _, row in extract_rows(file, rows):
        values = [row[column] for column in _SIDE[known_by]]
        if all(values) and row.get("linked_charity_number", "0") == "0":
            yield row["organisation_number"], known_by, "\t".join(values)


def _known(facts: sqlite3.Connection, organisation: str) -> _Facts:
    found = defaultdict(list)
    query = "SELECT known_by, text FROM fact WHERE organisation = ? ORDER BY rowid"
    for known_by, text in facts.execute(query, (organisation,)):
        found[known_by].append(text)
    return found


def _provider(row: Row, known: _Facts, tally: Tally, where: str) -> Provider:
    income = pounds(row["latest_income"] or _latest_return(known), tally, where)
    company = org_ids.company(row["charity_company_registration_number"])
    return Provider(
        id=f"GB-CHC-{row['registered_charity_number']}",
        name=row["charity_name"],
        source=Source(NAME, day_in(row["date_of_extract"]), _LICENCE),
        ids=(company,) if company else (),
        aliases=distinct(known.get("charity_name_type", ())),
        kind=Kind.CHARITY,
        profile=_profile(row["charity_activities"], known.get("charitable_objects", ())),
        tags=distinct(known.get("classification_description", ())),
        sites=sites([row["charity_contact_postcode"]], Grade.CONTACT_ADDRESS),
        areas=distinct(known.get("geographic_area_description", ())),
        income=income,
        size=size_of_income(income),
        status=_status(row),
        website=row["charity_contact_web"],
    )


def _latest_return(known: _Facts) -> str:
    """The income of the annual return whose period ended last; the dates sort as text."""
    return max(known.get("total_gross_income", ()), default="").partition("\t")[2]


def _profile(activities: str, objects: Sequence[str]) -> str:
    """The activities; the objects too where the activities say next to nothing."""
    enough = len(activities) >= _ENOUGH_TEXT
    return "\n".join(distinct([activities] if enough else [activities, *objects]))


def _status(row: Row) -> Status:
    flags = {
        Status.REMOVED: row["charity_registration_status"] == "Removed",
        Status.DISSOLVED: row["cio_is_dissolved"] == "True",
        Status.INSOLVENT: "True" in (row["charity_insolvent"], row["charity_in_administration"]),
        Status.ACTIVE: row["charity_registration_status"] == "Registered",
    }
    return next((status for status, is_so in flags.items() if is_so), Status.UNKNOWN)
