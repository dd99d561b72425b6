"""Reads a table of what organisations do: names or numbers, and the text of their SIC code.

What it says is added to the organisations that other sources name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from matcher.core import org_ids
from matcher.core.types import Provider, Remark, Source, Tally
from matcher.sources.formats.tables import BAD_NUMBER, columns_by_meaning, csv_rows
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers.own_cells import plain

_COLUMNS = {
    "name": ("supplier", "name", "companyname", "organisation"),
    "activity": ("sictext", "sic", "sicdescription", "siccodesictext1"),
    "number": ("companynumber",),
}
_ADVICE = "Give with --sic a column of names, such as supplier, and one of activities: sic_text"


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Remark]]]:
    """One (tally, remarks) for each table.  Raises BadSource where a column is missing."""
    for file in text_files(paths):
        columns = columns_by_meaning(file, _COLUMNS, ("name", "activity"), _ADVICE)
        tally = Tally(f"Activities ({file.name})")
        yield tally, _remarks(file, columns, tally)


def _remarks(file: TextFile, columns: dict[str, str], tally: Tally) -> Iterator[Remark]:
    source = Source(f"Activities ({file.name})")
    for where, row in csv_rows(file, tally):
        name, activity = row[columns["name"]], row[columns["activity"]]
        if name and activity:
            tally.kept += 1
            number = row[columns["number"]] if "number" in columns else ""
            company = org_ids.company(number)
            if not company and plain(number):
                tally.drop(BAD_NUMBER, where)
            yield Remark(Provider(company or f"XX-SIC-{name}", name, source, tags=(activity,)))
        else:
            tally.drop("no name or no activity", where)
