"""Reads the rows of your own table, with the cells of each by what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest
from typing import TypeGuard

from matcher.core.cell_words import linked
from matcher.core.errors import BadSource
from matcher.core.redaction import name_without_contacts
from matcher.core.types import Json, Tally
from matcher.sources.formats.json_files import documents_in
from matcher.sources.formats.json_values import is_contact
from matcher.sources.formats.layouts import layout
from matcher.sources.formats.quoted_json import held_in
from matcher.sources.formats.tables import Row, csv_rows, need_columns
from matcher.sources.formats.text_files import TextFile
from matcher.sources.formats.units import in_unit, unit_in_title, unit_of
from matcher.sources.providers.column_meanings import column_meanings, is_header, is_of_facts
from matcher.sources.providers.own_cells import (
    describes_columns,
    plain,
    repeats_header,
    without_address,
)

_LISTS = {
    *("providers", "organisations", "organizations", "results", "data", "items", "records"),
    *("members", "value", "values", "rows", "features", "result", "d", "response", "grants"),
}
"""The keys under which a JSON document has its records, or an object that has them."""
_INNER = (
    *("properties", "attributes", "fields", "organisation", "organization", "provider"),
    "recipientOrganization",
)
"""The keys under which a record has its facts, where it has no name beside them."""
_INNER_OR_LISTS = _LISTS | set(map(str.casefold, _INNER))
_MOST_LEVELS = 4
_LEAST_HEADERS = 2
_OF_A_PAGE = {"status", "kind", "licence", "source_date", "website", "description"}
"""What may be said of a document as of a record."""
_SEVERAL = {"ids", "company_number", "charity_number", "aliases", "tags", "postcode", "areas"}
"""Meanings of which a cell may have several values, with semicolons between them."""
_YES_OR_NO = {"status", "active", "ended", "fictional"}
"""Meanings whose values may be true or false in JSON."""


_IN_PARTS = re.compile(r"([^\[\]|]{0,100})\[([^\[\]|]{0,60}(?:\|[^\[\]|]{0,60}){1,20})\]")
"""A header that names the parts of its cells: 'Supplier [Name|Address]'."""
_RECORDS = re.compile(r"\][\s,;]{0,4}\[")
"""What stands between two records in such a cell: '[Oak|WS1 1TP][Elm|WS2 8RR]'."""


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row of a table: the values of each meaning, tidied, none of them blank.

    `beside` is the cell without a header, and `unread` are those of the columns not used.
    """

    where: str
    values: Mapping[str, list[str]]
    beside: str
    unread: Sequence[str]

    def all(self, meaning: str) -> list[str]:
        """The values of a meaning, in order."""
        return self.values.get(meaning, [])

    def first(self, meaning: str) -> str:
        """The first value of a meaning, or ''."""
        values = self.values.get(meaning)
        return values[0] if values else ""


ON_ITS_SIDE = "header among the names (give each provider a row of its own, and no column)"


def has_names(file: TextFile) -> bool:
    """Whether a table has a column for the names of organisations."""
    columns = layout(file, lambda names: _recognised(_parted(names))).columns
    return "name" in column_meanings(_parted(columns))[0].values()


def table_rows(file: TextFile, tally: Tally, unused: dict[str, None]) -> Iterator[OwnRow]:
    """The rows of a table; `unused` gets the columns that are not used."""
    found = layout(file, lambda columns: _recognised(_parted(columns)))
    found = replace(found, columns=_each_once(found.columns, file, tally))
    meanings, others = column_meanings(_parted(found.columns))
    if "name" not in meanings.values():
        need_columns(file, found.columns, ["name"])
    unused |= dict.fromkeys(others)
    if "income" in meanings.values() and (unit := unit_in_title(found.above)):
        raise BadSource(
            f"{file.path}: says {unit!r} above its header; write the unit in the header of the "
            "income, such as 'Income (£000)', and leave it out above"
        )
    for where, row in _in_parts(csv_rows(file, tally, found), found.columns):
        if repeats_header(row):
            tally.drop("header once more", where)
        elif describes_columns(row):
            tally.drop("row about the columns", where)
        elif another := _another_header(row, meanings):
            tally.drop("header of another table (read by it from there on)", where)
            meanings, others = another
        elif any(meanings.get(column) == "name" and is_of_facts(row[column]) for column in row):
            tally.drop(ON_ITS_SIDE, where)
        else:
            unread = [row[column] for column in others]
            yield OwnRow(where, _by_meaning(row, meanings), plain(row.get("")), unread)


def _parted(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns, with the parts of one that has them in its place."""
    return tuple(part for column in columns for part in _parts_of(column) or [column])


def _parts_of(column: str) -> Sequence[str]:
    """The parts that a header names, each with its words before it; none for another header.

    Nor where none of them is known: 'Services [offered|not offered]' has the answers.
    """
    found = _IN_PARTS.fullmatch(column)
    parts = [f"{found[1]}{part}".strip() for part in found[2].split("|")] if found else []
    return parts if column_meanings(tuple(parts))[0] else ()


def _in_parts(rows: Iterable[tuple[str, Row]], columns: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """The rows, with the cells of each column in parts: a row for each record in them.

    Of several such columns, the first records of all are one row, the second ones the next; a
    column with fewer repeats its last.
    """
    parts = {column: _parts_of(column) for column in columns if _parts_of(column)}
    for where, row in rows:
        held = {column: _RECORDS.split(row[column]) for column in parts}
        for at in range(max(map(len, held.values()), default=1)):
            record = dict(row)
            for column, cells in held.items():
                names, one = parts[column], cells[min(at, len(cells) - 1)].strip("[] ").split("|")
                record |= zip_longest(names, one[: len(names)], fillvalue="")
            yield where, record


def _another_header(
    row: Mapping[str, str], meanings: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]] | None:
    """The columns of a further table below, if a row is its header: by meaning, and those not used.

    A header names at least two known columns, one of them a name, has a known header where names
    stood, and has no digits.
    """
    if not any(is_header(row[column]) for column, meaning in meanings.items() if meaning == "name"):
        return None
    filled = {column: cell for column, cell in row.items() if cell}
    by_header, _ = column_meanings(tuple(filled.values()))
    known = {column: by_header[cell] for column, cell in filled.items() if cell in by_header}
    has_digits = any(any(map(str.isdigit, cell)) for cell in filled.values())
    if has_digits or "name" not in known.values() or len(set(known.values())) < _LEAST_HEADERS:
        return None
    return known, tuple(column for column in filled if column not in known)


def _recognised(columns: tuple[str, ...]) -> int:
    """Twice the number of columns known by their headers; 0 where none is a name.

    One less where two have one name, which a row above may tell apart.  A known word with a colon
    beside other words is a label: 'Organisation:', 'Walsall Council'.
    """
    meanings, _ = column_meanings(columns)
    for label, beside in pairwise(columns):
        if label.endswith(":") and beside and beside not in meanings and not beside.endswith(":"):
            return 0
    filled = list(filter(None, columns))
    known = 2 * len(set(meanings.values())) - (len(set(filled)) < len(filled))
    return known if "name" in meanings.values() else 0


def _each_once(columns: Sequence[str], file: TextFile, tally: Tally) -> tuple[str, ...]:
    """The columns, each with a header of its own.

    A second one for names has those of people, and is not read.  Before it, a header that comes
    again gets a number where it has one meaning with it: both columns are read.
    """
    kept: list[str] = []
    is_one_table = True
    for column in columns:
        meaning = column_meanings((column,))[0].get(column) if column in kept else None
        numbered = f"{column} {columns[: len(kept)].count(column) + 1}"
        if meaning == "name":
            is_one_table = False
            tally.drop(f"column {column!r} is there twice (the first one is read)", file.name)
            kept.append("")
        elif meaning and is_one_table and column_meanings((numbered,))[0].get(numbered) == meaning:
            kept.append(numbered)
        else:
            kept.append(column)
    return tuple(kept)


def json_rows(file: TextFile, tally: Tally, unused: dict[str, None]) -> Iterator[OwnRow]:
    """The records of JSON; `unused` gets the keys that are not used."""
    for where, document in documents_in(file.reader(), file.name, tally):
        records = _records(document)
        for number, record in enumerate(records, start=1):
            tally.read += 1
            place = f"{where} record {number}" if len(records) > 1 else where
            if isinstance(record, dict):
                meanings, others = column_meanings(tuple(record))
                unused |= dict.fromkeys(others)
                unread = [str(record[column] or "") for column in others]
                yield OwnRow(place, _by_meaning(record, meanings), "", unread)
            else:
                tally.drop("record is not a JSON object", place)


def _records(document: object, level: int = 0) -> Sequence[object]:
    """The records of a document: one, a list, or the list that a page has under a usual key."""
    if isinstance(document, list):
        each_one = (one if isinstance(one, list) else [one] for one in document)
        return [_facts(record) for several in each_one for record in several]
    if isinstance(document, dict) and not _is_record(document):
        if (keyed := _keyed(document)) and _say_more_than_names(keyed):
            return keyed
        values = [value for key, value in document.items() if key.casefold() in _LISTS]
        lists = [_keyed(value) or value for value in map(held_in, values or _only_list(document))]
        if tables := [value for value in lists if _is_table(value)]:
            return [_facts(record) for table in tables for record in table]
        inner = [value for value in lists if isinstance(value, dict)]
        if len(inner) == 1 and level < _MOST_LEVELS:
            return _records(inner[0], level + 1)
    return [document]


def _only_list(document: Mapping[str, Json]) -> list[Json]:
    """The list of a document that has organisations by its key, if it is the only list."""
    lists = [(key, value) for key, value in document.items() if isinstance(value, list)]
    key, value = lists[0] if len(lists) == 1 else ("", [])
    one = re.sub("ies$", "y", key).removesuffix("s")
    records = [each for each in value if isinstance(each, dict)]
    is_named = bool(records) and all(map(_has_name, records)) and _say_more_than_names(records)
    are_bodies = is_named and "name" in column_meanings((one,))[0].values()
    return [value] if are_bodies and not any(map(is_contact, records)) else []


def _keyed(records: object) -> list[dict[str, Json]]:
    """The records of an object that has them under their ids, or under the names they lack."""
    if not isinstance(records, dict):
        return []
    each = {name: held for name, one in records.items() if isinstance(held := held_in(one), dict)}
    is_other = not _INNER_OR_LISTS.isdisjoint(map(str.casefold, records))
    if len(each) < len(records) or is_other:
        return []
    if each and all(map(_has_name, each.values())):
        return [] if any(map(is_contact, each.values())) else [*each.values()]
    are_facts = all(column_meanings(tuple(one))[0] for one in each.values())
    has_names = any(map(_has_name, each.values()))
    is_named = are_facts and not has_names and any(map(_is_record, each.values()))
    return [{"name": name, **one} for name, one in each.items()] if is_named else []


def _say_more_than_names(records: Iterable[Mapping[str, Json]]) -> bool:
    """Whether the records are of providers, and not of a page's publisher or of a person to ask."""
    meanings = {meaning for one in records for meaning in column_meanings(tuple(one))[0].values()}
    return bool(meanings - _OF_A_PAGE - {"name"})


def _facts(record: object) -> object:
    """A record; where it has no name, the object in it that has one."""
    if not isinstance(record, dict) or _has_name(record):
        return record
    inner = [record[key] for key in _INNER if key in record]
    single = [one[0] if isinstance(one, list) and len(one) == 1 else one for one in inner]
    named = [one for one in single if isinstance(one, dict) and _has_name(one)]
    return named[0] if len(named) == 1 else record


def _has_name(record: Mapping[str, Json]) -> bool:
    plain_keys = tuple(
        key for key, value in record.items() if not (isinstance(value, dict) or _is_table(value))
    )
    return "name" in column_meanings(plain_keys)[0].values()


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


def _by_meaning(record: Mapping[str, Json], meanings: Mapping[str, str]) -> dict[str, list[str]]:
    """The values of a record by what they mean; a meaning may have several columns."""
    found: dict[str, list[str]] = {}
    for column, meaning in meanings.items():
        value = record.get(column)
        if meaning == "income" and unit_of(column):
            value = in_unit(plain(value), column)
        if not isinstance(value, str):
            values = [
                _text(one, meaning) for one in (value if isinstance(value, list) else [value])
            ]
        elif ";" in value and meaning in _SEVERAL:
            values = list(map(plain, plain(value).split(";")))
        elif value:
            values = [(meaning == "website" and linked(value)) or plain(value)]
        else:
            continue
        if meaning == "name" and values:
            values[0], address = without_address(name_without_contacts(values[0]))
            found.setdefault("address", []).extend(address)
        if kept := list(filter(None, values)):
            found.setdefault(meaning, []).extend(kept)
    return {meaning: values for meaning, values in found.items() if values}


def _text(value: Json, meaning: str) -> str:
    """The text of a value in JSON."""
    if isinstance(value, bool) and meaning in _YES_OR_NO:
        return str(value).lower()
    if meaning == "address" and isinstance(value, dict):
        return ", ".join(filter(None, map(plain, value.values())))
    if meaning == "income" and value is not None and not isinstance(value, str | float):
        return str(value)
    return plain(value)
