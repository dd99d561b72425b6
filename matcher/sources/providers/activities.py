"""Reads a table of what organisations do: names or numbers, and the text of their SIC code.

What it says is added to the organisations that other sources name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from matcher.core import org_ids
from matcher.core.errors import BadSource
from matcher.core.types import Provider, Remark, Source, Tally
from matcher.sources.formats.layouts import layout
from matcher.sources.formats.tables import BAD_NUMBER, csv_rows
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers.own_cells import plain

_NAMES = ("supplier", "name", "company name", "organisation", "companyname")
_NUMBERS = ("company number", "company_number", "companynumber")
_TEXTS = ("sic_text", "sic text", "sic", "sic description", "siccode.sictext_1")


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Remark]]]:
    """One (tally, remarks) for each table.  Raises BadSource where a column is missing."""
    for file in text_files(paths):
        columns = {name.lower(): name for name in layout(file).columns}
        name, text = _first(columns, _NAMES), _first(columns, _TEXTS)
        if not name or not text:
            raise BadSource(
                f"--sic {file.path}: needs a column of names (such as supplier) and one of "
                f"activities (such as sic_text); it has {', '.join(columns.values())}"
            )
        tally = Tally(f"Activities ({file.name})")
        yield tally, _remarks(file, (name, text, _first(columns, _NUMBERS)), tally)


def _first(columns: dict[str, str], names: Sequence[str]) -> str:
    return next((columns[name] for name in names if name in columns), "")


def _remarks(file: TextFile, columns: tuple[str, str, str], tally: Tally) -> Iterator[Remark]:
    name, text, number = columns
    source = Source(f"Activities ({file.name})")
    for where, row in csv_rows(file, tally):
        if row[name] and row[text]:
            tally.kept += 1
            company = org_ids.company(row.get(number, ""))
            if not company and plain(row.get(number)):
                tally.drop(BAD_NUMBER, where)
            org_id = company or f"XX-SIC-{row[name]}"
            yield Remark(Provider(org_id, row[name], source, tags=(row[text],)))
        else:
            tally.drop("no name or no activity", where)
