"""The catalogue of open data that can be fetched: the address and the licence of each source.

The catalogue is a file, `catalogue.toml`, because addresses change.  A user's own file in the same
format overrides any of its lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from matcher.core.errors import BadInput
from matcher.core.parser_words import in_words, read_toml

BUNDLED = Path(__file__).with_name("catalogue.toml")
_Positive = Annotated[float, Meta(ge=0)]
_Count = Annotated[int, Meta(ge=1)]


class AccessMethod(StrEnum):
    """How a source is reached."""

    FILES = "files"
    """files at fixed addresses"""
    PAGE = "page"
    """files that a web page links to"""
    ARCGIS = "arcgis"
    """the newest item in a search of an ArcGIS hub"""
    NOTICES = "notices"
    """OCDS release packages for a range of dates, page by page"""
    DIRECTORY = "directory"
    """an Open Referral UK directory, page by page"""
    SPENDING = "spending"
    """spending files that a page links to, or that lie in a folder, named by the user"""


NAMED_BY_USER = frozenset({AccessMethod.DIRECTORY, AccessMethod.SPENDING})
"""Sources whose address the user gives."""


class CatalogueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One source: its address, how to fetch it, and its licence."""

    title: str
    """name of the publisher, which records from this source carry"""
    group: str
    """the word for it and similar sources in `matcher fetch`"""
    way: AccessMethod
    address: str
    """its address; `{file}` is replaced by each of `files`"""
    layout: str
    """the name of its reader"""
    files: tuple[str, ...] = ()
    link: str = ""
    """for `page`: a regular expression for the files; its group `day` is their date"""
    params: Mapping[str, str] = {}
    """parameters of each request"""
    dates: tuple[str, str] = ("", "")
    """for `notices`: the parameters for the start and the end of the dates"""
    window: _Count = 15
    """for `notices`: days in one request"""
    overlap: _Count = 3
    """for `notices`: days before the newest notice that are fetched again"""
    hosts: tuple[str, ...] = ()
    """other hosts to which it may redirect"""
    pause: _Positive = 1.0
    """seconds between two requests to one host"""
    wait_on_403: _Positive = 0.0
    """seconds to wait after status 403; 0 where 403 means that access is denied"""
    largest: _Positive = 1.0
    """most gigabytes that its files may unpack to"""
    licence: str
    attribution: str
    """the attribution statement that the licence requires"""
    about: str = ""
    """the address of its description"""

    def addresses(self) -> list[str]:
        """The addresses of its files."""
        return [self.address.format(file=name) for name in self.files] or [self.address]


@dataclass(frozen=True, slots=True)
class Credit:
    """The licence, attribution and newest date of one source of a register."""

    source: str
    licence: str
    attribution: str = ""
    about: str = ""
    day: date | None = None


Catalogue = Mapping[str, CatalogueEntry]


def load_catalogue(user_files: Iterable[Path] = ()) -> Catalogue:
    """The bundled sources by name, with the lines that `user_files` override.

    Raises BadInput that names the file, table and field, where a file is not valid.
    """
    tables = _read(BUNDLED)
    for path in user_files:
        for name, table in _read(path).items():
            tables[name] = tables.get(name, {}) | table
    return {name: _entry(name, table) for name, table in tables.items()}


def _read(path: Path) -> dict[str, dict[str, object]]:
    tables = read_toml("--sources", path)
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise BadInput(
                f"--sources {path}: {name} is outside a table; write it under the name of "
                "its source, such as [find-a-tender]"
            )
    return tables


def _entry(name: str, table: Mapping[str, object]) -> CatalogueEntry:
    try:
        entry = msgspec.convert(table, CatalogueEntry)
    except msgspec.ValidationError as error:
        raise BadInput(f"--sources: [{name}] {in_words(error)}") from error
    if urlsplit(entry.address).scheme not in {"http", "https"} and entry.way not in NAMED_BY_USER:
        raise BadInput(
            f"--sources: [{name}] address {entry.address!r} must begin with https:// or http://"
        )
    return entry


def credits_for(
    sources: Iterable[tuple[str, str, date | None]], entries: Catalogue
) -> tuple[Credit, ...]:
    """A credit for each (source, licence, newest day) of a register's records, sorted by source.

    A source that is not in the catalogue gets its licence but no attribution.
    """
    by_title = {entry.title: entry for entry in entries.values()}
    return tuple(
        _credit(source, licence, day, by_title.get(source.partition(":")[0]))
        for source, licence, day in sorted(sources, key=lambda item: (item[0], item[1]))
    )


def _credit(source: str, licence: str, day: date | None, entry: CatalogueEntry | None) -> Credit:
    if entry is None:
        return Credit(source, licence, day=day)
    return Credit(source, licence or entry.licence, entry.attribution, entry.about, day)
