"""Reads your own table of providers: CSV, TSV or JSON Lines, plain, gzipped or zipped.

Only a name is required.  Columns are known by what their headers mean ("Post Code", "Charity No");
those that are not used are named in the tally.  Semicolons separate several values in a cell; JSON
may use a list.  Email addresses, telephone numbers and contacts are never read.

    name            name of the organisation
    id              org-id such as GB-CHC-1150079; by default made from name and postcode
    ids             other org-ids; also company_id, company_number and charity_number
    kind            charity, cic, co-op, community group, company, sole trader, public body
    profile         what it does; also activities, description and objects
    tags, aliases   labels; other names
    postcode        one or more postcodes
    areas           councils or regions where it works; also operates_in
    income          pounds a year; takes precedence over size
    size            micro, small, medium or large; also size_band
    status          active, removed, dissolved, liquidation, ...; unknown by default
    website
    source_date, licence   of the row, if the table combines several sources
    fictional       true for an invented organisation, which is then marked as fictional
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from matcher.core import org_ids
from matcher.core.identifiers import MADE_UP
from matcher.core.types import (
    FICTIONAL,
    Grade,
    Json,
    Kind,
    Provider,
    Size,
    Source,
    Tally,
)
from matcher.sources.formats.markup import without_markup
from matcher.sources.formats.tables import (
    csv_rows,
    day_in,
    distinct,
    layout,
    need_columns,
    pounds,
    sites,
    size_of_income,
    status_of,
)
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers.column_meanings import column_meanings

_Cells: TypeAlias = Mapping[str, "Json | str"]

_KINDS = {kind.value: kind for kind in Kind} | {
    "community interest company": Kind.CIC,
    "coop": Kind.COOP,
    "cooperative": Kind.COOP,
    "co-operative": Kind.COOP,
    "social enterprise": Kind.COMMUNITY,
    "voluntary group": Kind.COMMUNITY,
    "limited company": Kind.COMPANY,
    "council": Kind.PUBLIC,
}
_NO_KIND = {"", "other", "supplier", "provider", "organisation"}
_SIZES = {size.value: size for size in Size} | {"major": Size.LARGE}
_AREA_CODE = re.compile(r"([EWSNK]\d{8})\b.*")
_AREA_TYPE = re.compile(r"(?i)^(local authority|region|country):\s*")


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Provider]]]:
    """One (tally, providers) for each table in files, zips and folders.

    Raises BadSource where a file is missing or damaged, or a table has no column `name`.
    """
    for file in text_files(paths):
        tally = Tally(_name(file))
        yield tally, _providers(file, tally)


def _name(file: TextFile) -> str:
    return file.name.partition(".")[0]


def _providers(file: TextFile, tally: Tally) -> Iterator[Provider]:
    as_json = file.first_line().lstrip().startswith(("{", "[{")) or file.first_line().strip() == "["
    unused: dict[str, None] = {}
    for where, cells in (_json_rows if as_json else _table_rows)(file, tally, unused):
        if _is_total(cells):
            tally.drop("row of totals", where)
        elif _text(cells.get("name")):
            tally.kept += 1
            yield _provider(cells, file, tally, where)
        else:
            tally.drop("no name", where)
    for name in unused:
        tally.drop("column not used (its rows are kept)", name)
    if unused:
        tally.examples["column not used (its rows are kept)"] = ", ".join(unused)


def _is_total(cells: _Cells) -> bool:
    """Whether a row only sums up the others."""
    named = re.sub(r"[\W\d_]+", " ", _text(cells.get("name"))).strip().casefold()
    places = _values(cells, "postcode", "company_number", "charity_number", "ids")
    return named in ("total", "totals", "grand total", "sum") and not places


def _table_rows(
    file: TextFile, tally: Tally, unused: dict[str, None]
) -> Iterator[tuple[str, _Cells]]:
    found = layout(file, lambda columns: _recognised(tuple(columns)))
    meanings, others = column_meanings(found.columns)
    if "name" not in meanings.values():
        need_columns(file, found.columns, ["name"])
    unused |= dict.fromkeys(others)
    for where, row in csv_rows(file, tally, found):
        yield where, _by_meaning(row, meanings)


def _recognised(columns: tuple[str, ...]) -> int:
    """How many columns are known by their headers; 0 where none is a name."""
    meanings = column_meanings(columns)[0].values()
    return len(set(meanings)) if "name" in meanings else 0


def _json_rows(
    file: TextFile, tally: Tally, unused: dict[str, None]
) -> Iterator[tuple[str, _Cells]]:
    for where, record in _json_records(file):
        tally.read += 1
        if isinstance(record, dict):
            meanings, others = column_meanings(tuple(record))
            unused |= dict.fromkeys(others)
            yield where, _by_meaning(record, meanings)
        else:
            tally.drop("line is not a JSON object", where)


def _json_records(file: TextFile) -> Iterator[tuple[str, object]]:
    """Each object of a JSON array or of JSON Lines, with where it is; None where it is no JSON."""
    if file.first_line().lstrip().startswith("["):
        try:
            records = json.loads("\n".join(file.lines()))
        except (ValueError, RecursionError):
            records = [None]
        for number, record in enumerate(records, start=1):
            yield f"{file.name} record {number}", record
        return
    for number, line in enumerate(file.lines(), start=1):
        if line.strip():
            try:
                yield f"{file.name} line {number}", json.loads(line)
            except (ValueError, RecursionError):
                yield f"{file.name} line {number}", None


def _by_meaning(record: Mapping[str, Json], meanings: Mapping[str, str]) -> _Cells:
    """The cells by what they mean; several columns of one meaning are several values."""
    cells: dict[str, Json] = {}
    for column, meaning in meanings.items():
        value = record.get(column)
        if meaning in cells and value not in (None, ""):
            before, after = (
                one if isinstance(one, list) else [one] for one in (cells[meaning], value)
            )
            cells[meaning] = [one for one in (*before, *after) if one not in (None, "")]
        elif meaning not in cells:
            cells[meaning] = value
    return cells


def _provider(cells: _Cells, file: TextFile, tally: Tally, where: str) -> Provider:
    name, postcodes = " ".join(_text(cells.get("name")).split()), _values(cells, "postcode")
    income = pounds(cells.get("income"), tally, where)
    kind = _text(cells.get("kind")).lower()
    label = () if kind in _KINDS or kind in _NO_KIND else (kind,)
    size = size_of_income(income) if income is not None else _size(cells)
    return Provider(
        id=org_ids.tidy(_text(cells.get("id"))) or _generated_id(name, postcodes),
        name=name,
        source=_source(cells, file),
        ids=_numbers(cells),
        aliases=distinct(_values(cells, "aliases")),
        kind=_KINDS.get(kind, Kind.UNKNOWN),
        profile=_profile(cells),
        tags=distinct([*_values(cells, "tags"), *label]),
        sites=sites(postcodes, Grade.SELF_DECLARED),
        areas=distinct(map(_area, _values(cells, "areas", "operates_in"))),
        income=income,
        size=size,
        status=status_of(_text(cells.get("status"))),
        website=_text(cells.get("website")),
    )


def _generated_id(name: str, postcodes: Iterable[str]) -> str:
    """An id that does not change when the table is sorted or gets more rows."""
    key = "|".join([name.casefold(), *distinct(postcodes)]).upper()
    return f"{MADE_UP}{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _source(cells: _Cells, file: TextFile) -> Source:
    day = day_in(_text(cells.get("source_date"))) or day_in(file.name)
    suffix = FICTIONAL if str(cells.get("fictional")).lower() == "true" else ""
    return Source(_name(file) + suffix, day, _text(cells.get("licence")))


def _numbers(cells: _Cells) -> tuple[str, ...]:
    """The org-ids of the other numbers of a row, without its main id."""
    main_id = org_ids.tidy(_text(cells.get("id")))
    companies = _values(cells, "company_id", "company_number")
    numbers = distinct(
        [
            *map(org_ids.tidy, _values(cells, "ids")),
            *map(org_ids.company, companies),
            *map(org_ids.charity, _values(cells, "charity_number")),
        ]
    )
    return tuple(org_id for org_id in numbers if org_id != main_id)


def _profile(cells: _Cells) -> str:
    columns = ("profile", "activities", "description", "objects")
    return "\n".join(distinct(without_markup(_text(cells.get(column))) for column in columns))


def _size(cells: _Cells) -> Size:
    word = _text(cells.get("size")) or _text(cells.get("size_band"))
    return _SIZES.get(word.lower(), Size.UNKNOWN)


def _area(text: str) -> str:
    """`E08000009 Trafford` as its code; `Local Authority: Kent` as its name."""
    match = _AREA_CODE.fullmatch(text)
    return match[1] if match else _AREA_TYPE.sub("", text)


def _values(cells: _Cells, *columns: str) -> list[str]:
    """The values of those columns: the items of a list, or a text split at semicolons."""
    values: list[str] = []
    for column in columns:
        value = cells.get(column)
        values += map(_text, value) if isinstance(value, list) else _text(value).split(";")
    return [value.strip() for value in values if value.strip()]


def _text(value: object) -> str:
    usable = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip() if usable else ""
