"""Reads the gender pay gap service's list of employers, which tells who is large.

Every employer with 250 or more staff must report each year.  The file of one year has a row for
each employer; columns are those of the service's downloads, or of tables made from them.  An
employer that is not a provider of the register is left out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from matcher.core import org_ids
from matcher.core.types import STAFF, Grade, Provider, Remark, Source, Tally
from matcher.sources.formats.tables import (
    BAD_NUMBER,
    Row,
    columns_by_meaning,
    csv_rows,
    distinct,
    sites,
)
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers.own_cells import plain

NAME = "Gender pay gap service"
_LICENCE = "OGL-UK-3.0"
_COLUMNS = {
    "name": ("employername", "employer"),
    "now": ("currentname",),
    "number": ("companynumber",),
    "postcode": ("postcode",),
    "size": ("employersize",),
    "year": ("year",),
}
_ADVICE = (
    "Give with --sizes a file of the gender pay gap service, with EmployerName and EmployerSize"
)
_SMALLER = ("less than 250", "not provided", "")
_YEARS = re.compile(r"20\d\d")


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Remark]]]:
    """One (tally, employers) for each file.  Raises BadSource where a file is another one."""
    for file in text_files(paths):
        tally, columns = Tally(NAME), columns_by_meaning(file, _COLUMNS, ("name", "size"), _ADVICE)
        yield tally, _employers(file, columns, tally)


def _employers(file: TextFile, columns: dict[str, str], tally: Tally) -> Iterator[Remark]:
    year = years[0] if (years := _YEARS.search(file.name)) else ""
    for where, row in csv_rows(file, tally):
        cells = {meaning: row.get(column, "") for meaning, column in columns.items()}
        if not cells["name"]:
            tally.drop("no employer name", where)
        elif cells["size"].lower() in _SMALLER:
            tally.drop("fewer than 250 staff, or size not given", where)
        else:
            tally.kept += 1
            if plain(cells.get("number")) and not org_ids.company(cells["number"]):
                tally.drop(BAD_NUMBER, where)
            yield Remark(_employer(cells, cells.get("year", "") or year))


def _employer(cells: Row, year: str) -> Provider:
    number = org_ids.company(cells.get("number", ""))
    size = cells["size"].replace(" to ", "–")
    return Provider(
        id=number or f"XX-EMPLOYER-{cells['name']}",
        name=cells["name"],
        source=Source(f"{NAME} {year}".strip(), None, _LICENCE),
        aliases=distinct([cells.get("now", "")]),
        tags=(f"{size} staff{f' in {year}' if year else ''}{STAFF}",),
        sites=sites([cells.get("postcode", "")], Grade.REGISTERED_OFFICE),
    )
