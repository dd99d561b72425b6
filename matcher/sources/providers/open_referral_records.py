"""Finds the records in Open Referral UK responses, however a feed or an export wraps them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TypeAlias

from matcher.core.errors import BadSource
from matcher.core.types import Json, Tally
from matcher.sources.formats.json_files import documents_in
from matcher.sources.formats.markup import visible, without_markup
from matcher.sources.formats.quoted_json import held_in
from matcher.sources.formats.text_files import TextFile

Record: TypeAlias = "dict[str, Json]"

_PAGES = ("contents", "content", "results", "items", "data")
"""The keys under which a page has its records."""
_LISTS = ("organizations", "organisations", "services", "service_at_locations")
_TABLES = (*_LISTS, "organization", "organisation", "service", "service_at_location")
"""The lists of a response, and the tables of a copy of a whole database."""
_FLAT = re.compile(r"organization[._](id|name|description|url|website)")
_HEAD_LINES = 20


def documents_of(file: TextFile, tally: Tally) -> Iterator[object]:
    """The JSON documents of a file: one, several, or one a line.

    Raises BadSource where no part of the file is JSON.
    """
    head = "".join(islice(file.lines(), _HEAD_LINES)).lstrip()
    if head.startswith("<"):
        raise BadSource(f"{file.path} is a web page, not JSON: the feed returned an error page")
    found, problems = False, Tally(file.name)
    for _, document in documents_in(file.reader(), file.name, problems):
        found = True
        yield document
    if problems.set_aside and not found:
        error = next(iter(problems.examples.values()))
        raise BadSource(f"{file.path} is not JSON: {error.removeprefix(f'{file.name}: ')}")
    tally.read += problems.read
    tally.add(problems.set_aside, problems.examples)


def records_of(document: object) -> list[Record]:
    """The records of a page, of a list of records or pages, or the single record.

    An empty one stands for what is no record.
    """
    if isinstance(document, list):
        return [record for each in document for record in records_of(each)]
    if not isinstance(document, dict):
        return [{}]
    inner = _inner(document)
    if inner is not None:
        return records_of(inner)
    return [_with_organisation(document)]


def _spelt(record: Record) -> Record:
    return {key.replace("organisation", "organization"): value for key, value in record.items()}


def _inner(document: Record) -> Json:
    """What a page, or something around a page, has as its records; None where it has none."""
    pages = [document[key] for key in _PAGES if key in document]
    for page in pages:
        if isinstance(page, list) or _is_keyed(page):
            return list(page.values()) if isinstance(page, dict) else page
    if document.keys() & {"id", "name"}:
        return None
    if one := next(filter(_is_record, pages), None):
        return one
    wrapped = [value for value in document.values() if isinstance(value, dict)]
    pages = [value for value in wrapped if value.keys() & {*_PAGES, *_LISTS}]
    if len(pages) == 1:
        return pages[0]
    lists = [value for key, value in document.items() if key in _LISTS and value]
    tables = [
        value for key, value in document.items() if key in _TABLES and isinstance(value, list)
    ]
    found: list[Json] = [*(lists or tables)]
    return found or None


def _with_organisation(record: Record) -> Record:
    """A record with its organisation in the standard's fields.

    Some exports spell them in British English.  Others are flat: they have the organisation's
    fields beside those of the service, as `organization_name` or `organization.name`.
    """
    usual = _spelt(record)
    if len(owners := dicts_of(usual.get("organization"))) == 1:
        usual["organization"] = _spelt(owners[0])
    flat = {_FLAT.fullmatch(key): value for key, value in usual.items()}
    owner: Record = {found[1]: value for found, value in flat.items() if found and value}
    if not text_of(owner.get("name")) or dict_of(usual.get("organization")).get("name"):
        return usual
    return {**usual, "organization": owner}


def _is_keyed(value: object) -> bool:
    """Whether a value has records under their ids, as a list is written in PHP."""
    return isinstance(value, dict) and bool(value) and all(map(_is_record, value.values()))


def _is_record(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= {"id", "name"}


def text_of(value: Json) -> str:
    """A text or a whole number as plain words; '' for other values."""
    usable = isinstance(value, str | int) and not isinstance(value, bool)
    return visible(without_markup(str(value))).strip() if usable else ""


def dict_of(value: Json) -> Record:
    """The value if it is an object, or a text of JSON that holds one; else an empty one."""
    held = held_in(value)
    return held if isinstance(held, dict) else {}


def dicts_of(value: Json) -> list[Record]:
    """The objects in a list, or one alone, as some programs write a list of one.

    PHP writes a list as an object: {"0": …, "2": …}.
    """
    held = held_in(value)
    if isinstance(held, dict) and held and all(map(str.isdecimal, held)):
        held = list(held.values())
    entries = map(held_in, held if isinstance(held, list) else [held])
    return [entry for entry in entries if isinstance(entry, dict)]
