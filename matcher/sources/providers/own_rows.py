"""Reads the rows of your own table, with the cells of each by what its columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from matcher.core.types import Json, Tally
from matcher.sources.formats.json_files import documents_in
from matcher.sources.formats.tables import csv_rows, layout, need_columns
from matcher.sources.formats.text_files import TextFile
from matcher.sources.providers.column_meanings import column_meanings
from matcher.sources.providers.own_cells import plain, repeats_header

_LISTS = {
    *("providers", "organisations", "organizations", "results", "data", "items", "records"),
    "members",
}
"""The keys under which a JSON document has its records."""
_OF_A_PAGE = {"status", "licence", "source_date", "website", "description"}
"""What may be said of a document as of a record."""
_SEVERAL = {"ids", "company_number", "charity_number", "aliases", "tags", "postcode", "areas"}
"""Meanings of which a cell may have several values, with semicolons between them."""
_YES_OR_NO = {"status", "active", "ended", "fictional"}
"""Meanings whose values may be true or false in JSON."""


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


def table_rows(file: TextFile, tally: Tally, unused: dict[str, None]) -> Iterator[OwnRow]:
    """The rows of a table; `unused` gets the columns that are not used."""
    found = layout(file, lambda columns: _recognised(tuple(columns)))
    meanings, others = column_meanings(found.columns)
    if "name" not in meanings.values():
        need_columns(file, found.columns, ["name"])
    unused |= dict.fromkeys(others)
    for where, row in csv_rows(file, tally, found):
        if repeats_header(row):
            tally.drop("header once more", where)
        else:
            unread = [row[column] for column in others]
            yield OwnRow(where, _by_meaning(row, meanings), plain(row.get("")), unread)


def _recognised(columns: tuple[str, ...]) -> int:
    """How many columns are known by their headers; 0 where none is a name."""
    meanings = column_meanings(columns)[0].values()
    return len(set(meanings)) if "name" in meanings else 0


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


def _by_meaning(record: Mapping[str, Json], meanings: Mapping[str, str]) -> dict[str, list[str]]:
    """The values of a record by what they mean; a meaning may have several columns."""
    found: dict[str, list[str]] = {}
    for column, meaning in meanings.items():
        value = record.get(column)
        if not isinstance(value, str):
            values = [
                _text(one, meaning) for one in (value if isinstance(value, list) else [value])
            ]
        elif ";" in value and meaning in _SEVERAL:
            values = list(map(plain, plain(value).split(";")))
        elif value:
            values = [plain(value)]
        else:
            continue
        if kept := list(filter(None, values)):
            found.setdefault(meaning, []).extend(kept)
    return found


def _text(value: Json, meaning: str) -> str:
    """The text of a value in JSON."""
    if isinstance(value, bool) and meaning in _YES_OR_NO:
        return str(value).lower()
    if meaning == "income" and value is not None and not isinstance(value, str):
        return str(value)
    return plain(value)
