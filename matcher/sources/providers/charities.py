"""Reads the three charity registers of the United Kingdom, recognised by their columns.

England and Wales is a set of tables (see `charity_commission`); Scotland and Northern Ireland are
one CSV each.  Only columns about the organisation are read, never those of contact people,
trustees, email addresses, telephone numbers or streets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from matcher.core import org_ids
from matcher.core.cell_words import whole_number
from matcher.core.errors import BadSource
from matcher.core.types import Grade, Kind, Provider, Source, Status, Tally
from matcher.sources.formats.days import day_in
from matcher.sources.formats.statuses import cautions_in, status_of
from matcher.sources.formats.tables import (
    NO_POSTCODE,
    Row,
    csv_rows,
    distinct,
    header,
    need_columns,
    postcode_within,
    pounds,
    refuse_web_page,
    sites,
    size_of_income,
)
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers import charity_commission
from matcher.sources.providers.column_meanings import column_meanings
from matcher.sources.providers.own_cells import plain, status

_Read: TypeAlias = Callable[[Row, Tally, str], Provider]

_SCOTLAND = "Scottish Charity Regulator"
_NORTHERN_IRELAND = "Charity Commission for Northern Ireland"
_LICENCE = "OGL-UK-3.0"
_SUB_NUMBER = "Sub charity number"
"""The number within a charity in Northern Ireland of a part of it; 0 is the charity itself."""
_NUMBERS = {_NORTHERN_IRELAND: "Reg charity number", _SCOTLAND: "Charity Number"}
_COLUMNS = {
    _SCOTLAND: [
        "Charity Number",
        "Charity Name",
        "Charity Status",
        "Known As",
        "Purposes",
        "Beneficiaries",
        "Activities",
        "Objectives",
        "Postcode",
        "Most recent year income",
        "Main Operating Location",
    ],
    _NORTHERN_IRELAND: [
        "Reg charity number",
        "Charity name",
        "Status",
        "Total income",
        "Financial period start",
        "Public address",
        "Website",
        "Company number",
        "What the charity does",
        "Who the charity helps",
        "How the charity works",
        "Charitable purposes",
        "Other name",
    ],
}
_FEWEST_COLUMNS = 4
"""Columns of a register's own; others give a charity's number and name as well."""

_WITHOUT_MARKS = {
    register: {
        re.sub(r"\W", "", name).casefold(): name for name in (*names, "Website", _SUB_NUMBER)
    }
    for register, names in _COLUMNS.items()
}
_WITHOUT_MARKS[_SCOTLAND]["typesofactivities"] = "Activities"  # as its JSON has it


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Provider]]]:
    """One (tally, charities) for each register in files, zips and folders.

    Read all charities of one pair before the next pair.  Raises BadSource where a file is missing,
    damaged or not a charity register.
    """
    registers: dict[str, list[TextFile]] = defaultdict(list)
    for file in text_files(paths):
        registers[_register(file)].append(file)
    for name, files in registers.items():
        tally = Tally(name)
        if name == charity_commission.NAME:
            yield tally, charity_commission.providers(files, tally)
        else:
            yield tally, _listed(name, files, tally)


def _register(file: TextFile) -> str:
    columns = charity_commission.columns_of(file)
    if charity_commission.is_extract(columns):
        return charity_commission.NAME
    for name, number in _NUMBERS.items():
        usual = set(_usual_names(tuple(columns), name).values())
        if number in usual and len(usual.intersection(_COLUMNS[name])) >= _FEWEST_COLUMNS:
            return name
    refuse_web_page(file, columns)
    raise BadSource(
        f"{file.path} is not a charity register: it has the columns "
        f"{', '.join(map(repr, columns[:12]))}. Give the Charity Commission's "
        "publicextract files, or the list of the Scottish or Northern Irish register"
    )


def _listed(name: str, files: Sequence[TextFile], tally: Tally) -> Iterator[Provider]:
    """The charities of a register in one CSV, dated by its file name."""
    for file in files:
        if not file.is_json():  # whose records leave out what is blank
            need_columns(file, _usual_names(tuple(header(file)), name).values(), _COLUMNS[name])
    return _rows(name, files, tally)


def _rows(name: str, files: Sequence[TextFile], tally: Tally) -> Iterator[Provider]:
    for file in files:
        source = Source(name, day_in(file.name), _LICENCE)
        for where, row in _usual_rows(name, file, tally):
            if whole_number(row.get(_SUB_NUMBER, "")) not in ("", "0"):
                tally.drop(charity_commission.LINKED, where)
                continue
            charity = _ended(_READERS[name](row, tally, where), row)
            if charity.id and charity.name:
                tally.kept += 1
                if not charity.sites and plain(row["Postcode"]):
                    tally.drop(NO_POSTCODE, where)
                yield charity_commission.in_plain_words(replace(charity, source=source))
            else:
                tally.drop("no charity name or number", where)


def _usual_rows(register: str, file: TextFile, tally: Tally) -> Iterator[tuple[str, Row]]:
    """The rows of a CSV, or the records of JSON, by the usual names of their columns.

    Of two columns with one usual name, the first that is not blank counts.
    """
    read_ = charity_commission.extract_rows if file.is_json() else csv_rows
    for where, row in read_(file, tally):
        names, usual = _usual_names(tuple(row), register), defaultdict[str, str](str)
        for column, cell in row.items():
            usual[names[column]] = usual[names[column]] or cell
        yield where, usual


@lru_cache
def _usual_names(columns: tuple[str, ...], register: str) -> Mapping[str, str]:
    """The usual name of each column, which may be written otherwise: charityNumber."""
    plain_ = {column: re.sub(r"[\W_]", "", column).casefold() for column in columns}
    return {column: _WITHOUT_MARKS[register].get(name, column) for column, name in plain_.items()}


def _ended(charity: Provider, row: Row) -> Provider:
    """A charity as removed where a column such as "Ceased date" says that it ended."""
    meanings, _ = column_meanings(tuple(row))
    ended = [plain(row[column]) for column, meaning in meanings.items() if meaning == "ended"]
    if charity.status.may_rank and not status((), (), filter(None, ended)).may_rank:
        return replace(charity, status=Status.REMOVED)
    return charity


def _scottish(row: Row, tally: Tally, where: str) -> Provider:
    income = pounds(row["Most recent year income"], tally, where)
    labels = ("Purposes", "Beneficiaries", "Activities")
    return Provider(
        id=org_ids.charity(row["Charity Number"]),
        name=row["Charity Name"],
        source=Source(_SCOTLAND),
        aliases=distinct([row["Known As"]]),
        kind=Kind.CHARITY,
        profile=row["Objectives"],
        tags=distinct(tag for column in labels for tag in _quoted(row[column])),
        sites=sites([row["Postcode"]], Grade.CONTACT_ADDRESS),
        areas=distinct([row["Main Operating Location"]]),
        income=income,
        size=size_of_income(income),
        status=status_of(row["Charity Status"]),
        website=row.get("Website", ""),
    )


def _northern_irish(row: Row, tally: Tally, where: str) -> Provider:
    income = pounds(_reported_income(row), tally, where)
    labels = ("What the charity does", "Who the charity helps", "How the charity works")
    company = org_ids.northern_irish_company(row["Company number"])
    said = status_of(row["Status"])
    return Provider(
        id=org_ids.charity(row["Reg charity number"]),
        name=row["Charity name"],
        source=Source(_NORTHERN_IRELAND),
        ids=(company,) if company else (),
        aliases=distinct([re.sub(r"(?i)^(none|n/a)$", "", row["Other name"])]),
        kind=Kind.CHARITY,
        profile=row["Charitable purposes"],
        tags=distinct(
            [
                *(tag for column in labels for tag in _run_together(row[column])),
                *(f"{one}{charity_commission.REGISTER}" for one in cautions_in(row["Status"])),
            ]
        ),
        sites=sites([postcode_within(row["Public address"])], Grade.CONTACT_ADDRESS),
        income=income,
        size=size_of_income(income),
        status=Status.ACTIVE if said.may_rank else said,
        website=row["Website"],
    )


_READERS: dict[str, _Read] = {_SCOTLAND: _scottish, _NORTHERN_IRELAND: _northern_irish}


def _reported_income(row: Row) -> str:
    """The total income, or '' before the first report, when the register shows 0."""
    return row["Total income"] if row["Financial period start"] else ""


def _run_together(labels: str) -> list[str]:
    """Labels that are separated by commas without a space; ', ' is part of a label."""
    return re.split(r",(?=\S)", labels)


def _quoted(labels: str) -> list[str]:
    """Labels in single quotes, separated by commas, or one unquoted label."""
    return re.split(r"'\s*,\s*'", labels.strip().removeprefix("'").removesuffix("'"))
