"""Reads Companies House's free company data: a CSV of all live companies, in one or more parts.

Rows are streamed, so that 5.5 million rows need little memory.  The care-of line of an address
names people, so it is never read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from matcher.core import org_ids
from matcher.core.types import CAUTION, Grade, Kind, Provider, Site, Size, Source, Status, Tally
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.sources.area_filter import OUTSIDE_AREAS
from matcher.sources.feed import KnownRows, NoKnownRows, PartTally, Row, RowFeed, RowsRead
from matcher.sources.formats.days import day_in
from matcher.sources.formats.layouts import layout
from matcher.sources.formats.statuses import STRIKE_OFF, cautions_in, status_of
from matcher.sources.formats.tables import columns_there_twice, distinct, header, need_columns
from matcher.sources.formats.tables_in_parts import Cells, Picked, TablePart, table_parts
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers.own_cells import has_ended

_NAME = "Companies House"
_NO_SIC, _DORMANT_SIC, _NON_TRADING_SIC = "None Supplied", "99999", "74990"
NON_TRADING = "activity 'non-trading company'"
DORMANT = "dormant accounts"
OVERDUE = "accounts overdue since"
_LICENCE = "OGL-UK-3.0"
_COLUMNS = [
    "CompanyName",
    "CompanyNumber",
    "RegAddress.PostCode",
    "CompanyCategory",
    "CompanyStatus",
    "DissolutionDate",
    "Accounts.AccountCategory",
    "SICCode.SicText_1",
]
_SIC = [f"SICCode.SicText_{n}" for n in range(1, 5)]
_FORMER_NAMES = [f"PreviousName_{n}.CompanyName" for n in range(1, 11)]

_KINDS = {
    "community interest company": Kind.CIC,
    "charitable incorporated organisation": Kind.CHARITY,
    "scottish charitable incorporated organisation": Kind.CHARITY,
    "industrial and provident society": Kind.COOP,
    "registered society": Kind.COOP,
    "royal charter company": Kind.UNKNOWN,
    "further education or sixth form college corporation": Kind.PUBLIC,
}
# The type of accounts that a company may file limits its turnover.  Companies of any size file
# FULL accounts, and a subsidiary's type depends on its group, so both are left as unknown.
_SIZES = {
    "MICRO ENTITY": Size.MICRO,
    "SMALL": Size.SMALL,
    "TOTAL EXEMPTION FULL": Size.SMALL,
    "TOTAL EXEMPTION SMALL": Size.SMALL,
    "PARTIAL EXEMPTION": Size.SMALL,
    "UNAUDITED ABRIDGED": Size.SMALL,
    "AUDITED ABRIDGED": Size.SMALL,
    "MEDIUM": Size.MEDIUM,
    "GROUP": Size.LARGE,
}


CELLS = (
    "CompanyName",
    "CompanyNumber",
    "RegAddress.PostCode",
    "CompanyCategory",
    "CompanyStatus",
    "DissolutionDate",
    "Accounts.AccountCategory",
    "Accounts.NextDueDate",
    *_SIC,
    *_FORMER_NAMES,
)
"""The columns that are read."""
_SHORTENED = "company number that a spreadsheet shortened, as 7.11E+06: its digits are lost"
_CACHED = 1 << 16
Wanted: TypeAlias = Callable[[str], bool]
"""Whether a company with this postcode, '' for none, is wanted."""


def read(paths: Sequence[Path], wanted: Wanted | None = None) -> Iterator[tuple[Tally, RowFeed]]:
    """One (tally, companies) for all parts in files, zips and folders.

    No record is made of companies whose postcode is not `wanted`; they are counted as set aside.
    Raises BadSource where a file is missing, damaged or not Companies House's company data.
    """
    files = text_files(paths)
    for file in files:
        need_columns(file, header(file), _COLUMNS)
    if files:
        tally = Tally(_NAME)
        yield tally, RowFeed(tally, partial(_parts, files, wanted))


def _parts(files: Sequence[TextFile], wanted: Wanted | None) -> Iterator[_Part]:
    for file in files:
        source, found = Source(_NAME, day_in(file.name), _LICENCE), layout(file)
        twice = columns_there_twice(found.columns)
        for number, part in enumerate(table_parts(file, CELLS, found)):
            yield _Part(source, part, file.name, number == 0, twice if number == 0 else (), wanted)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A part of a file; `twice` is what to tell of columns with one name."""

    source: Source
    part: TablePart
    file: str
    is_first: bool
    twice: Sequence[str]
    wanted: Wanted | None

    def read(self, known: KnownRows) -> RowsRead:
        day = self.source.day.toordinal() if self.source.day else 0
        if self.wanted is not None:
            known = NoKnownRows()
        found, tally = self.part.rows(partial(known.find, day=day)), self._tally()
        before, made = np.array(found.known, np.int64), list[Row]()
        is_kept = np.ones(len(before), bool)
        for at, row in zip(np.flatnonzero(before < 0).tolist(), found.read, strict=True):
            record = self._record(row, tally)
            if record is None:
                is_kept[at] = False
            else:
                digest = row.digest if _is_lasting(row.cells) else 0
                made.append(Row(record, digest, _turns(row.cells[7], self.source.day)))
        tally.rows, tally.read = found.size, len(found.known) + len(found.dropped)
        tally.kept = int(is_kept.sum())
        for reason, number in found.dropped:
            tally.drop(reason, number)
        return RowsRead(before[is_kept], made, tally)

    def _tally(self) -> PartTally:
        tally = PartTally(self.file, self.is_first)
        for reason in self.twice:
            tally.drop(reason, self.file)
        return tally

    def _record(self, row: Picked, tally: PartTally) -> Provider | None:
        """The record of a row; None where it is set aside."""
        company_id = org_ids.registered_company(row.cells[1])
        if not company_id or not row.cells[0]:
            is_lost = row.cells[0] and org_ids.is_shortened(row.cells[1])
            tally.drop(_SHORTENED if is_lost else "no company name or number", row.number)
        elif self.wanted is not None and not self.wanted(tidy_postcode(row.cells[2])):
            tally.drop(OUTSIDE_AREAS, company_id)
        else:
            return _provider(company_id, row.cells, self.source)
        return None


def _is_lasting(cells: Cells) -> bool:
    """Whether a row means the same whatever day it is when it is read."""
    status, dissolved = cells[4:6]
    return not dissolved and not any(map(str.isdigit, status))


@lru_cache(_CACHED)
def _turns(due: str, on: date | None) -> int:
    """The day after which accounts are overdue, as `Row` has it."""
    day = day_in(due)
    if day is None:
        return 0
    return -day.toordinal() if on and day < on else day.toordinal()


def _provider(company_id: str, cells: Cells, source: Source) -> Provider:
    name, _, where, category, status, dissolved, accounts, due = cells[:8]
    activities, former = _activities(cells[8:12]), cells[12:]
    code = tidy_postcode(where)
    return Provider(
        id=company_id,
        name=name,
        source=source,
        aliases=distinct(former) if any(former) else (),
        kind=_KINDS.get(category.lower(), Kind.COMPANY),
        tags=activities + _cautions(activities, accounts, status, due, source.day),
        sites=(Site(code, Grade.REGISTERED_OFFICE),) if code else (),
        size=_SIZES.get(accounts.upper(), Size.UNKNOWN),
        status=Status.DISSOLVED if dissolved and has_ended(dissolved) else _status(status),
    )


_status = lru_cache(_CACHED)(status_of)


@lru_cache(_CACHED)
def _activities(sic: Cells) -> tuple[str, ...]:
    return tuple(tag for tag in distinct(sic) if tag != _NO_SIC)


@lru_cache(_CACHED)
def _cautions(
    activities: tuple[str, ...], accounts: str, status: str, due: str, on: date | None
) -> tuple[str, ...]:
    """What its file says that a buyer should check, as labels; `on` is the day of the data."""
    found: list[str] = []
    is_dormant = any(sic.startswith(_DORMANT_SIC) for sic in activities)
    if is_dormant or accounts.upper() == "DORMANT":
        found.append(f"{DORMANT}{CAUTION}")
    if any(sic.startswith(_NON_TRADING_SIC) for sic in activities):
        found.append(f"{NON_TRADING}{CAUTION}")
    if STRIKE_OFF in cautions_in(status):
        found.append(f"{STRIKE_OFF}{CAUTION}")
    day = day_in(due)
    if day and on and day < on:
        found.append(f"{OVERDUE} {day.isoformat()}{CAUTION}")
    return tuple(found)
