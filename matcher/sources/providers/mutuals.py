"""Reads the Mutuals Public Register of the Financial Conduct Authority, one CSV of societies.

The register misspells a column as "Full Registation Number"; the correct spelling is read too.
Only the postcode of an address is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from matcher.core import org_ids
from matcher.core.cell_words import whole_number
from matcher.core.types import Grade, Kind, Provider, Source, Status, Tally
from matcher.sources.formats.days import day_in
from matcher.sources.formats.statuses import status_of
from matcher.sources.formats.tables import (
    Row,
    csv_rows,
    distinct,
    header,
    need_columns,
    postcode_within,
    sites,
)
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers.own_cells import plain, status

NAME = "Mutuals Public Register"
_LICENCE = "OGL-UK-3.0"
_NUMBER = ("Full Registation Number", "Full Registration Number")
_COLUMNS = ["Society Name", "Registered As", "Society Address", "Society Status"]
_KINDS = {
    "co-operative society": Kind.COOP,
    "community benefit society": Kind.COMMUNITY,
    "registered society": Kind.COOP,
    "industrial and provident society": Kind.COOP,
    "working men's club": Kind.COMMUNITY,
    "benevolent society": Kind.COMMUNITY,
}


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Provider]]]:
    """One (tally, societies) for all lists in files, zips and folders.

    Raises BadSource where a file is missing, damaged or not the list of societies.
    """
    files = text_files(paths)
    for file in files:
        columns = header(file)
        need_columns(
            file, columns, [_NUMBER[1] if _NUMBER[1] in columns else _NUMBER[0], *_COLUMNS]
        )
    if files:
        tally = Tally(NAME)
        yield tally, _societies(files, tally)


def _societies(files: Sequence[TextFile], tally: Tally) -> Iterator[Provider]:
    for file in files:
        source = Source(NAME, day_in(file.name), _LICENCE)
        for where, row in csv_rows(file, tally):
            number = "".join((row.get(_NUMBER[0]) or row.get(_NUMBER[1], "")).split())
            if number and row["Society Name"] and not org_ids.is_shortened(number):
                tally.kept += 1
                yield replace(_society(row), id=f"GB-MPR-{number}", source=source)
            else:
                tally.drop("no society name or number", where)


def _society(row: Row) -> Provider:
    is_removed = status_of(row["Society Status"]) not in {Status.ACTIVE, Status.UNKNOWN}
    ended = filter(None, [plain(row.get("Deregistration Date"))])
    labels = (row.get("Reporting Classification", ""), _sic_code(row))
    return Provider(
        id="",
        name=row["Society Name"],
        source=Source(NAME),
        kind=_kind(row["Registered As"]),
        tags=distinct(labels),
        sites=sites([postcode_within(row["Society Address"])], Grade.REGISTERED_OFFICE),
        status=Status.REMOVED if is_removed else status([row["Society Status"]], (), ended),
    )


def _kind(registered_as: str) -> Kind:
    words = registered_as.casefold()
    return next((kind for phrase, kind in _KINDS.items() if phrase in words), Kind.UNKNOWN)


def _sic_code(row: Row) -> str:
    """The SIC code, which the register gives without its name."""
    return whole_number(row.get("Standard Industrial Classification Code (SIC)", ""))
