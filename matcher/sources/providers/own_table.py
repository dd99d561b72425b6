"""Reads your own table of providers: a spreadsheet, CSV, TSV or JSON Lines, also gzipped or zipped.

Only a name is required.  Columns are known by what their headers mean ("Post Code", "Charity No");
those that are not used are named in the tally.  Semicolons separate several values in a cell; JSON
may use a list.  Email addresses, telephone numbers and contacts are never read.

    name            name of the organisation
    id              org-id such as GB-CHC-1150079, or an id of your own; by default made from name
                    and postcode, and so is a plain number, which other tables have as well
    ids             other org-ids; also company_id, company_number and charity_number
    kind            charity, cic, co-op, community group, company, sole trader, public body
    profile         what it does; also activities, description and objects
    tags, aliases   labels; other names
    postcode        one or more postcodes
    areas           councils or regions where it works; also operates_in
    income          pounds a year; takes precedence over size
    size            micro, small, medium or large; also size_band
    status          active, removed, dissolved, liquidation, ...; unknown by default
    active          yes or no
    ended           the day on which it was removed, dissolved or closed, or yes
    address         read for its postcode alone, where there is no other
    website
    source_date, licence   of the row, if the table combines several sources
    fictional       true for an invented organisation, which is then marked as fictional
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from matcher.core.cell_words import whole_number
from matcher.core.errors import BadSource
from matcher.core.identifiers import is_row_number, made_up
from matcher.core.legal_kinds import kind_of_name
from matcher.core.types import Grade, Kind, Provider, Source, Tally
from matcher.sources.formats.days import day_in
from matcher.sources.formats.folders import FolderFiles
from matcher.sources.formats.line_breaks import with_line_breaks
from matcher.sources.formats.markup import without_markup
from matcher.sources.formats.sheet_files import is_workbook, sheet_files
from matcher.sources.formats.tables import distinct, sites
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers.own_cells import is_example, no_provider
from matcher.sources.providers.own_rows import OwnRow, has_names, json_rows, table_rows
from matcher.sources.providers.own_values import RowValues
from matcher.sources.providers.section_headings import without_headings, without_text_below

_ANSWERS = {"y", "n", "yes", "no", "true", "false"}
"""Cells below 'Services (Y/N)', which say nothing of the work."""
_UNUSED = "column not used (its rows are kept)"
_NO_NAMES = "sheet without a column of names"


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Provider]]]:
    """One (tally, providers) for each table in files, zips and folders, and each sheet with names.

    Raises BadSource where a file is missing or damaged, or a table has no column `name`.
    """
    for file, left_out in [found for path in paths for found in _tables(path)]:
        tally = Tally(_name(file))
        for sheet, reason in left_out.items():
            tally.drop(reason, sheet)
        yield tally, _providers(file, tally)


def _tables(path: Path) -> Iterator[tuple[TextFile, Mapping[str, str]]]:
    """The tables of a file or folder; the first of a workbook with the sheets that are left out."""
    if path.is_dir():
        for inside in FolderFiles.with_texts_and_sheets(path).data:
            yield from _tables(inside)
    elif path.exists() and is_workbook(path):
        sheets, found = sheet_files(path, repeat_merged=True)
        tables = list(filter(has_names, sheets))
        if not tables:
            named = ", ".join(repr(one.member) for one in sheets) or "none that has a cell"
            raise BadSource(
                f"{path}: no sheet has a column for the names of organisations, such as 'name'; "
                f"its sheets are {named}{found.words}"
            )
        others = {one.name: _NO_NAMES for one in sheets if one not in tables}
        others |= found.not_read
        for number, table in enumerate(tables):
            yield table, others if number == 0 else {}
    else:
        yield from ((file, {}) for file in text_files([path]))


def _name(file: TextFile) -> str:
    return file.name.partition(".")[0]


def _providers(file: TextFile, tally: Tally) -> Iterator[Provider]:
    unused: dict[str, None] = {}
    table = Source(_name(file), day_in(file.name))
    previous = ""
    for row in _rows(file, tally, unused):
        if reason := _no_provider(row, previous):
            tally.drop(reason, row.where)
        else:
            tally.kept += 1
            previous = row.first("name")
            yield _provider(row, table, tally)
    for name in unused:
        tally.drop(_UNUSED, name)
    if unused:
        tally.examples[_UNUSED] = ", ".join(unused)


def _rows(file: TextFile, tally: Tally, unused: dict[str, None]) -> Iterator[OwnRow]:
    if file.is_json():
        return json_rows(file, tally, unused)
    return without_headings(without_text_below(table_rows(file, tally, unused), tally), tally)


def _no_provider(row: OwnRow, previous: str) -> str:
    """Why a row is of no provider, given the name above it; '' where it is of one."""
    name = row.first("name")
    if not any(map(str.isalnum, name)):  # a line of hyphens below a header of a database
        return "no name"
    if is_example(name):
        return "example"
    if row.all("company_number") or row.all("charity_number"):
        return ""
    others = (values for meaning, values in row.values.items() if meaning != "name")
    return no_provider(name, chain(*others, [row.beside], row.unread), previous)


def _provider(row: OwnRow, table: Source, tally: Tally) -> Provider:
    name = " ".join(without_markup(row.first("name")).split())
    values = RowValues(row, tally)
    codes, areas = values.postcodes(), values.areas()
    income, size = values.income_and_size()
    kind, label = values.kind()
    status, cautions = values.status(name)
    return Provider(
        id=_id(values, name, codes, areas),
        name=name,
        source=values.source(table),
        ids=values.numbers(),
        aliases=distinct(map(without_markup, row.all("aliases"))),
        kind=kind_of_name(name) if kind is Kind.UNKNOWN else kind,
        profile=_profile(row),
        tags=distinct([*row.all("tags"), *label, *cautions]),
        sites=sites(codes, Grade.SELF_DECLARED),
        areas=areas,
        income=income,
        size=size,
        status=status,
        website=values.website(),
    )


def _id(values: RowValues, name: str, codes: Sequence[str], areas: Sequence[str]) -> str:
    """The id that a row gives, or one made from its name and places.

    A plain number, which other tables have as well, is added to the one that is made: rows with two
    numbers stay apart.
    """
    row, given = values.row, next(values.ids("id"), "")
    if given and not is_row_number(given):
        return given
    places = row.all("postcode") or codes
    if not given:
        return made_up(name, places)
    reason = "id that is a plain number (read with name and place; its rows are kept)"
    values.tally.drop(reason, row.where)
    return made_up(name, places or areas, whole_number(given))


def _profile(row: OwnRow) -> str:
    meanings = ("profile", "activities", "description", "objects")
    said = (with_line_breaks(without_markup(one)) for key in meanings for one in row.all(key))
    return "\n".join(distinct(one for one in said if one.casefold() not in _ANSWERS))
