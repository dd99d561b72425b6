"""Reads the Charity Commission's daily extract: the table of charities and its side tables.

The tables are tab-separated, without quotes, with backslash as escape.  The side tables
(classification, areas, other names, objects, annual returns) are joined by organisation number in
a temporary database on disk, so that memory use stays small.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice

from matcher.core import org_ids
from matcher.core.cell_words import answer, whole_number
from matcher.core.errors import BadSource
from matcher.core.types import CAUTIONS, Grade, Kind, Provider, Source, Status, Tally
from matcher.sources.formats.days import day_in
from matcher.sources.formats.markup import without_markup
from matcher.sources.formats.statuses import cautions_in, status_of
from matcher.sources.formats.tables import (
    BAD_NUMBER,
    NO_POSTCODE,
    Row,
    csv_rows,
    distinct,
    header,
    need_columns,
    pounds,
    sites,
    size_of_income,
)
from matcher.sources.formats.text_files import TextFile
from matcher.sources.providers.charity_json import json_rows
from matcher.sources.providers.own_cells import has_ended, plain

NAME = "Charity Commission for England and Wales"
_LICENCE = "OGL-UK-3.0"
LINKED = "linked charity: part of a main charity"
REGISTER = CAUTIONS[1]
"""The end of a caution that a charity register gives."""

# The column that identifies each side table, and the columns that are read from it.
_SIDE_COLUMNS = {
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

_CHARITY_NUMBERS = ["organisation_number", "registered_charity_number", "charity_name"]
"""The columns that a record of the JSON extract always has; it leaves out what is blank."""

_FIRST_RECORDS = 50
_ENOUGH_TEXT = 100
_MOST_BREAKS = 50
_TAB = re.compile(r"(?<!\\)\t")
_ROW_START = re.compile(r"\d{4}-\d\d-\d\d[ T][\d:.]+\t\d+\t")

_Facts = Mapping[str, Sequence[str]]


def is_extract(columns: Sequence[str]) -> bool:
    """Whether a file with these columns is a table of the extract, whether or not it is read."""
    others = {"date_of_extract", "registered_charity_number"}
    return "organisation_number" in columns and not others.isdisjoint(columns)


def providers(files: Sequence[TextFile], tally: Tally) -> Iterator[Provider]:
    """The main charities of an extract, including removed ones, joined with the side tables.

    Raises BadSource where `files` lack the table of charities, or its columns have changed.
    """
    return _joined(*_sort_tables(files), tally)


def _joined(
    charities: Sequence[TextFile], side: Sequence[tuple[str, TextFile]], tally: Tally
) -> Iterator[Provider]:
    with closing(sqlite3.connect("", check_same_thread=False)) as facts:
        _store_side_tables(side, facts, tally)
        for file in charities:
            for where, row in extract_rows(file, tally):
                if whole_number(row["linked_charity_number"]) not in ("", "0"):
                    tally.drop(LINKED, where)
                elif not row["charity_name"] or not _number(row).isdigit():
                    tally.drop("no charity name or number", where)
                else:
                    tally.kept += 1
                    facts_found = _facts_of(facts, whole_number(row["organisation_number"]))
                    charity = in_plain_words(_provider(row, facts_found, tally, where))
                    if not charity.sites and plain(row["charity_contact_postcode"]):
                        tally.drop(NO_POSTCODE, where)
                    if not charity.ids and plain(row["charity_company_registration_number"]):
                        tally.drop(BAD_NUMBER, where)
                    yield charity


def _number(row: Row) -> str:
    return whole_number(row["registered_charity_number"])


def extract_rows(file: TextFile, tally: Tally) -> Iterator[tuple[str, Row]]:
    """Each row of a table as (position, cells by column), with broken lines joined.

    The table is the extract's text or its JSON.

    Counts each row in `tally.read`, and sets aside rows with the wrong number of columns.
    """
    if file.is_json():
        for number, record in enumerate(json_rows(file), start=1):
            tally.read += 1
            if record is None:
                tally.drop("record that is not JSON", f"{file.name} record {number}")
            else:
                yield f"{file.name} record {number}", record
        return
    if "\t" not in (first := file.first_line()) or first.startswith('"'):
        yield from csv_rows(file, tally)
        return
    columns = header(file)
    for number, cells in _joined_lines(file, len(columns)):
        where = f"{file.name} line {number}"
        tally.read += 1
        if len(cells) == len(columns):
            yield where, dict(zip(columns, cells, strict=True))
        else:
            tally.drop("wrong number of columns", where)


def columns_of(file: TextFile) -> list[str]:
    """The columns of a table, in text or JSON.  Raises BadSource where it has none."""
    if not file.is_json():
        return header(file)
    first = [*islice(filter(None, json_rows(file)), _FIRST_RECORDS)]
    if not first:
        raise BadSource(f"{file.path} is JSON without a record; give the publicextract files")
    return list(dict.fromkeys(name for record in first for name in record))


def _joined_lines(file: TextFile, width: int) -> Iterator[tuple[int, list[str]]]:
    """Rows as (line number, cells), joining rows that a stray line break split."""
    lines = enumerate(file.lines(), start=1)
    next(lines)
    pending, start, breaks = "", 0, 0
    for number, text in lines:
        line = text.rstrip("\r\n")
        continues = pending and not _ROW_START.match(line) and breaks < _MOST_BREAKS
        if continues:
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
    """Cells without escapes; a backslash at the end of a cell does not escape the tab."""
    if "\\" not in line:
        return [cell.strip() for cell in line.split("\t")]
    cells = _TAB.split(line)
    if len(cells) != width:
        cells = line.split("\t")
    return [re.sub(r"\\(.)", r"\1", cell).strip() for cell in cells]


def _sort_tables(files: Sequence[TextFile]) -> tuple[list[TextFile], list[tuple[str, TextFile]]]:
    """The tables of charities, and the side tables with the column that identifies each."""
    charities, side = [], []
    for file in files:
        columns, is_json = columns_of(file), file.is_json()
        key_column = next((column for column in _SIDE_COLUMNS if column in columns), "")
        if "charity_registration_status" in columns or "charity_activities" in columns:
            need_columns(file, columns, _CHARITY_NUMBERS if is_json else _CHARITY)
            charities.append(file)
        elif key_column:
            need_columns(file, columns, _SIDE_COLUMNS[key_column])
            side.append((key_column, file))
    if not charities:
        names = ", ".join(file.name for file in files)
        raise BadSource(
            f"the extract's table publicextract.charity is missing; the files are {names}"
        )
    return charities, side


def _store_side_tables(
    side: Sequence[tuple[str, TextFile]], facts: sqlite3.Connection, tally: Tally
) -> None:
    facts.execute("CREATE TABLE fact (organisation TEXT, key_column TEXT, text TEXT)")
    for key_column, file in side:
        rows = Tally(file.name)
        facts.executemany("INSERT INTO fact VALUES (?, ?, ?)", _side_facts(key_column, file, rows))
        for reason, count in rows.set_aside.items():
            side_reason = f"{reason} (in a side table)"
            tally.add({side_reason: count}, {side_reason: rows.examples[reason]})
    facts.execute("CREATE INDEX fact_organisation ON fact (organisation)")


def _side_facts(key_column: str, file: TextFile, rows: Tally) -> Iterator[tuple[str, str, str]]:
    for _, row in extract_rows(file, rows):
        values = [row[column] for column in _SIDE_COLUMNS[key_column]]
        if all(values) and whole_number(row.get("linked_charity_number", "0")) == "0":
            yield whole_number(row["organisation_number"]), key_column, "\t".join(values)


def _facts_of(facts: sqlite3.Connection, organisation: str) -> _Facts:
    facts_by_column = defaultdict(list)
    query = "SELECT key_column, text FROM fact WHERE organisation = ? ORDER BY rowid"
    for key_column, text in facts.execute(query, (organisation,)):
        facts_by_column[key_column].append(text)
    return facts_by_column


def _provider(row: Row, facts: _Facts, tally: Tally, where: str) -> Provider:
    income = pounds(row["latest_income"] or _latest_return(facts), tally, where)
    company = org_ids.company(row["charity_company_registration_number"])
    return Provider(
        id=f"GB-CHC-{_number(row)}",
        name=row["charity_name"],
        source=Source(NAME, day_in(row["date_of_extract"]), _LICENCE),
        ids=(company,) if company else (),
        aliases=distinct(facts.get("charity_name_type", ())),
        kind=Kind.CHARITY,
        profile=_profile(row["charity_activities"], facts.get("charitable_objects", ())),
        tags=distinct([*facts.get("classification_description", ()), *_cautions(row)]),
        sites=sites([row["charity_contact_postcode"]], Grade.CONTACT_ADDRESS),
        areas=distinct(facts.get("geographic_area_description", ())),
        income=income,
        size=size_of_income(income),
        status=_status(row),
        website=row["charity_contact_web"],
    )


def in_plain_words(charity: Provider) -> Provider:
    """A charity whose texts have no markup, such as '&amp;', and its name on one line."""
    return replace(
        charity,
        name=" ".join(without_markup(charity.name).split()),
        aliases=distinct(map(without_markup, charity.aliases)),
        profile=without_markup(charity.profile).strip(),
        tags=distinct(map(without_markup, charity.tags)),
    )


def _cautions(row: Row) -> Iterator[str]:
    """What a buyer should check: accounts that are overdue."""
    return (f"{one}{REGISTER}" for one in cautions_in(row.get("charity_reporting_status", "")))


def _latest_return(facts: _Facts) -> str:
    """The income in the newest annual return; the dates sort as text."""
    return max(facts.get("total_gross_income", ()), default="").partition("\t")[2]


def _profile(activities: str, objects: Sequence[str]) -> str:
    """The activities, with the objects if the text on activities is short."""
    enough = len(activities) >= _ENOUGH_TEXT
    return "\n".join(distinct([activities] if enough else [activities, *objects]))


def _status(row: Row) -> Status:
    said = status_of(row["charity_registration_status"])
    insolvent = (row["charity_insolvent"], row["charity_in_administration"])
    if not said.may_rank:
        return said
    if answer(row["cio_is_dissolved"]) == "yes":
        return Status.DISSOLVED
    if any(answer(flag) == "yes" for flag in insolvent):
        return Status.INSOLVENT
    was_removed = said is not Status.ACTIVE and has_ended(row.get("date_of_removal", ""))
    return Status.REMOVED if was_removed else said
