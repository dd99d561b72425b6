"""Reads your own table of providers: CSV, TSV or JSON Lines, plain, gzipped or zipped.

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

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeGuard

from matcher.core import org_ids
from matcher.core.identifiers import made_up
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
from matcher.sources.formats.days import day_in
from matcher.sources.formats.json_files import documents_in
from matcher.sources.formats.markup import without_markup
from matcher.sources.formats.tables import (
    csv_rows,
    distinct,
    layout,
    need_columns,
    pounds,
    sites,
    size_of_income,
)
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers.column_meanings import column_meanings
from matcher.sources.providers.own_cells import (
    no_provider,
    numbers,
    plain,
    postcodes,
    repeats_header,
    status,
)

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
_UNUSED = "column not used (its rows are kept)"
_LISTS = {
    *("providers", "organisations", "organizations", "results", "data", "items", "records"),
    "members",
}
"""The keys under which a JSON document has its records."""
_OF_A_PAGE = {"status", "licence", "source_date", "website", "description"}
"""What may be said of a document as of a record."""
_BESIDE, _UNREAD = "beside", "unread"
"""The cell without a header, and those that are not used."""
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
    unused: dict[str, None] = {}
    for where, cells in (_json_rows if file.is_json() else _table_rows)(file, tally, unused):
        name = plain(cells.get("name"))
        beside = [cell for meaning, cell in cells.items() if meaning != "name"]
        if not name:
            tally.drop("no name", where)
        elif not _values(cells, "company_number", "charity_number") and (
            reason := no_provider(name, beside)
        ):
            tally.drop(reason, where)
        else:
            tally.kept += 1
            yield _provider(cells, file, tally, where)
    for name in unused:
        tally.drop(_UNUSED, name)
    if unused:
        tally.examples[_UNUSED] = ", ".join(unused)


def _table_rows(
    file: TextFile, tally: Tally, unused: dict[str, None]
) -> Iterator[tuple[str, _Cells]]:
    found = layout(file, lambda columns: _recognised(tuple(columns)))
    meanings, others = column_meanings(found.columns)
    if "name" not in meanings.values():
        need_columns(file, found.columns, ["name"])
    unused |= dict.fromkeys(others)
    for where, row in csv_rows(file, tally, found):
        if repeats_header(row):
            tally.drop("header once more", where)
        else:
            unread: list[Json] = [row[column] for column in others]
            cells = _by_meaning(row, meanings)
            yield where, {**cells, _BESIDE: row.get("", ""), _UNREAD: unread}


def _recognised(columns: tuple[str, ...]) -> int:
    """How many columns are known by their headers; 0 where none is a name."""
    meanings = column_meanings(columns)[0].values()
    return len(set(meanings)) if "name" in meanings else 0


def _json_rows(
    file: TextFile, tally: Tally, unused: dict[str, None]
) -> Iterator[tuple[str, _Cells]]:
    for where, document in documents_in(file.reader(), file.name, tally):
        records = _records(document)
        for number, record in enumerate(records, start=1):
            tally.read += 1
            place = f"{where} record {number}" if len(records) > 1 else where
            if isinstance(record, dict):
                meanings, others = column_meanings(tuple(record))
                unused |= dict.fromkeys(others)
                unread: list[Json] = [str(record[column] or "") for column in others]
                yield place, {**_by_meaning(record, meanings), _UNREAD: unread}
            else:
                tally.drop("record is not a JSON object", place)


def _records(document: object) -> Sequence[object]:
    """The records of a document: one, a list, or the list that a page has under a usual key."""
    if isinstance(document, list):
        return [one for each in document for one in (each if isinstance(each, list) else [each])]
    if isinstance(document, dict) and not _is_record(document):
        lists = [value for key, value in document.items() if key.casefold() in _LISTS]
        if tables := [value for value in lists if _is_table(value)]:
            return [record for table in tables for record in table]
    return [document]


def _is_record(document: Mapping[str, Json]) -> bool:
    """Whether a JSON object is of an organisation: it has its name, place or the like.

    A list of members beside other words is of people.
    """
    others = {key: value for key, value in document.items() if key.casefold() not in _LISTS}
    meanings = set(column_meanings(tuple(others))[0].values())
    has_people = any(key.casefold() == "members" for key in document)
    has_words = any(isinstance(value, str) for value in others.values())
    return bool(meanings - _OF_A_PAGE) or (has_people and has_words)


def _is_table(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


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
    name = " ".join(plain(cells.get("name")).split())
    beside, addresses = plain(cells.get(_BESIDE)), _whole_values(cells, "address")
    codes = postcodes(_values(cells, "postcode"), beside, addresses)
    income = cells.get("income")
    income = pounds(plain(income) if isinstance(income, str) else income, tally, where)
    kind = plain(cells.get("kind")).lower()
    label = () if kind in _KINDS or kind in _NO_KIND else (kind,)
    size = size_of_income(income) if income is not None else _size(cells)
    return Provider(
        id=_id(cells, name, codes, tally, where),
        name=name,
        source=_source(cells, file),
        ids=_numbers(cells, tally, where),
        aliases=distinct(_values(cells, "aliases")),
        kind=_KINDS.get(kind, Kind.UNKNOWN),
        profile=_profile(cells),
        tags=distinct([*_values(cells, "tags"), *label]),
        sites=sites(codes, Grade.SELF_DECLARED),
        areas=distinct(map(_area, _values(cells, "areas", "operates_in"))),
        income=income,
        size=size,
        status=status(
            _whole_values(cells, "status"),
            _whole_values(cells, "active"),
            _whole_values(cells, "ended"),
        ),
        website=plain(cells.get("website")),
    )


def _id(cells: _Cells, name: str, codes: Sequence[str], tally: Tally, where: str) -> str:
    """The id that a row gives, or one made from its name and places.

    A plain number, which other tables have as well, is added to the one that is made: rows with two
    numbers stay apart.
    """
    given = org_ids.tidy(plain(cells.get("id")))
    is_number = re.fullmatch(r"[\d.]+", given) is not None
    if given and not is_number:
        return given
    places = _values(cells, "postcode") or codes
    if not is_number:
        return made_up(name, places)
    tally.drop("id that is a plain number (read with name and place; its rows are kept)", where)
    areas = list(map(_area, _values(cells, "areas", "operates_in")))
    return made_up(name, places or areas, re.sub(r"\.0*$", "", given))


def _source(cells: _Cells, file: TextFile) -> Source:
    day = day_in(plain(cells.get("source_date"))) or day_in(file.name)
    suffix = FICTIONAL if str(cells.get("fictional")).lower() == "true" else ""
    return Source(_name(file) + suffix, day, plain(cells.get("licence")))


def _numbers(cells: _Cells, tally: Tally, where: str) -> tuple[str, ...]:
    """The org-ids of the other numbers of a row, without its main id."""
    main_id = org_ids.tidy(plain(cells.get("id")))

    def bad() -> None:
        tally.drop("number that is not valid (its rows are kept)", where)

    found = distinct(
        [
            *map(org_ids.tidy, _values(cells, "ids")),
            *numbers(_values(cells, "company_id", "company_number"), org_ids.company, bad),
            *numbers(_values(cells, "charity_number"), org_ids.charity, bad),
        ]
    )
    return tuple(org_id for org_id in found if org_id != main_id)


def _profile(cells: _Cells) -> str:
    columns = ("profile", "activities", "description", "objects")
    return "\n".join(distinct(without_markup(plain(cells.get(column))) for column in columns))


def _size(cells: _Cells) -> Size:
    word = plain(cells.get("size")) or plain(cells.get("size_band"))
    return _SIZES.get(word.lower(), Size.UNKNOWN)


def _area(text: str) -> str:
    """`E08000009 Trafford` as its code; `Local Authority: Kent` as its name."""
    match = _AREA_CODE.fullmatch(text)
    return match[1] if match else _AREA_TYPE.sub("", text)


def _values(cells: _Cells, *columns: str) -> list[str]:
    """The values of those columns: the items of a list, or a text split at semicolons."""
    values: list[Json] = []
    for column in columns:
        value = cells.get(column)
        values += value if isinstance(value, list) else plain(value).split(";")
    return list(filter(None, map(plain, values)))


def _whole_values(cells: _Cells, column: str) -> list[str]:
    """The values of a column, not split; those of JSON may be true or false."""
    value = cells.get(column)
    several = value if isinstance(value, list) else [value]
    words = (str(one).lower() if isinstance(one, bool) else plain(one) for one in several)
    return list(filter(None, words))
