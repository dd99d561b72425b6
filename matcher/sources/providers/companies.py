"""Reads Companies House's free company data: a CSV of all live companies, in one or more parts.

Rows are streamed, so that 5.5 million rows need little memory.  The care-of line of an address
names people, so it is never read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from matcher.core import org_ids
from matcher.core.types import (
    CAUTION,
    Grade,
    Kind,
    Provider,
    Size,
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
    status_of,
)
from matcher.sources.formats.text_files import TextFile, text_files

_NAME = "Companies House"
_NO_SIC, _DORMANT_SIC = "None Supplied", "99999"
DORMANT, STRIKE_OFF = "dormant accounts", "proposal to strike off"
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


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Provider]]]:
    """One (tally, companies) for all parts in files, zips and folders.

    Raises BadSource where a file is missing, damaged or not Companies House's company data.
    """
    files = text_files(paths)
    for file in files:
        need_columns(file, header(file), _COLUMNS)
    if files:
        tally = Tally(_NAME)
        yield tally, _companies(files, tally)


def _companies(files: Sequence[TextFile], tally: Tally) -> Iterator[Provider]:
    for file in files:
        source = Source(_NAME, day_in(file.name), _LICENCE)
        for where, row in csv_rows(file, tally):
            company_id = org_ids.registered_company(row["CompanyNumber"])
            if company_id and row["CompanyName"]:
                tally.kept += 1
                yield _provider(company_id, row, source)
            else:
                tally.drop("no company name or number", where)


def _provider(company_id: str, row: Row, source: Source) -> Provider:
    return Provider(
        id=company_id,
        name=row["CompanyName"],
        source=source,
        aliases=distinct(row.get(column, "") for column in _FORMER_NAMES),
        kind=_KINDS.get(row["CompanyCategory"].lower(), Kind.COMPANY),
        tags=(*_activities(row), *_cautions(row, source.day)),
        sites=sites([row["RegAddress.PostCode"]], Grade.REGISTERED_OFFICE),
        size=_SIZES.get(row["Accounts.AccountCategory"].upper(), Size.UNKNOWN),
        status=Status.DISSOLVED if row["DissolutionDate"] else status_of(row["CompanyStatus"]),
    )


def _activities(row: Row) -> Iterator[str]:
    return (tag for tag in distinct(row.get(column, "") for column in _SIC) if tag != _NO_SIC)


def _cautions(row: Row, on: date | None) -> Iterator[str]:
    """What its file says that a buyer should check, as labels; `on` is the day of the data."""
    is_dormant = any(sic.startswith(_DORMANT_SIC) for sic in _activities(row))
    if is_dormant or row["Accounts.AccountCategory"].upper() == "DORMANT":
        yield f"{DORMANT}{CAUTION}"
    if "strike off" in row["CompanyStatus"].lower():
        yield f"{STRIKE_OFF}{CAUTION}"
    due = day_in(row.get("Accounts.NextDueDate", ""))
    if due and on and due < on:
        yield f"{OVERDUE} {due.isoformat()}{CAUTION}"
