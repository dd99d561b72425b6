"""The catalogue of open data that can be fetched: the address and the licence of each source.

The catalogue is a file, `catalogue.toml`, because addresses move.  A user's own file with the
same tables replaces any line of it.
"""

from __future__ import annotations

import tomllib
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

SHIPPED = Path(__file__).with_name("catalogue.toml")
_Positive = Annotated[float, Meta(ge=0)]
_Count = Annotated[int, Meta(ge=1)]


class AccessMethod(StrEnum):
    """How a source is reached."""

    FILES = "files"
    """files whose addresses are known"""
    PAGE = "page"
    """files that a web page links to"""
    ARCGIS = "arcgis"
    """the newest item that a search of an ArcGIS hub finds"""
    NOTICES = "notices"
    """OCDS release packages, page by page, within dates"""
    DIRECTORY = "directory"
    """an Open Referral UK directory, page by page"""


class CatalogueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One source: where it is, how it is asked for, and on which terms it may be used."""

    title: str
    """as its publisher is called; the records that are read from it name it so"""
    group: str
    """the word by which `matcher fetch` asks for it, with others of its sort"""
    way: AccessMethod
    address: str
    """where it is; `{file}` in it stands for each of `files`"""
    layout: str
    """which reader reads it"""
    files: tuple[str, ...] = ()
    link: str = ""
    """of a page: a regular expression for the addresses wanted; a group `day` dates them"""
    params: Mapping[str, str] = {}
    """sent with each request"""
    dates: tuple[str, str] = ("", "")
    """of notices: the parameters that hold the first and the last moment asked for"""
    window: _Count = 15
    """of notices: how many days are asked for at once"""
    overlap: _Count = 3
    """of notices: how many days before the last seen are asked for again"""
    hosts: tuple[str, ...] = ()
    """other hosts that it may redirect to"""
    pause: _Positive = 1.0
    """seconds between two requests to one host"""
    wait_on_403: _Positive = 0.0
    """seconds to wait where the service answers 403; 0 where that means no"""
    largest: _Positive = 1.0
    """the most that its files may unpack to, in gigabytes; more is refused"""
    licence: str
    attribution: str
    """the sentence that the licence asks for"""
    about: str = ""
    """where its publisher describes it"""

    def addresses(self) -> list[str]:
        """The addresses of its files."""
        return [self.address.format(file=name) for name in self.files] or [self.address]


@dataclass(frozen=True, slots=True)
class Credit:
    """What a register owes to one source: its licence, the words that it asks for, its day."""

    source: str
    licence: str
    attribution: str = ""
    about: str = ""
    day: date | None = None


Catalogue = Mapping[str, CatalogueEntry]


def catalogue(own: Iterable[Path] = ()) -> Catalogue:
    """The sources by name, as shipped, with the lines that the user's own files replace.

    Raises BadInput that names the file, the table and the field that is wrong.
    """
    tables = _read(SHIPPED)
    for path in own:
        for name, table in _read(path).items():
            tables[name] = tables.get(name, {}) | table
    return {name: _entry(name, table) for name, table in tables.items()}


def _read(path: Path) -> dict[str, dict[str, object]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise BadInput(f"--sources {path}: cannot be read ({wrong.strerror})") from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadInput(f"--sources {path}: is not TOML ({wrong})") from wrong
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
    except msgspec.ValidationError as wrong:
        raise BadInput(f"--sources: [{name}] {wrong}") from wrong
    if (
        urlsplit(entry.address).scheme not in {"http", "https"}
        and entry.way is not AccessMethod.DIRECTORY
    ):
        raise BadInput(
            f"--sources: [{name}] address {entry.address!r} must begin with https:// or http://"
        )
    return entry


def credits_of(
    said: Iterable[tuple[str, str, date | None]], entries: Catalogue
) -> tuple[Credit, ...]:
    """A credit for each (source, licence, newest day) that records name, in order of name.

    The words of a source that the catalogue does not know are its licence alone.
    """
    by_title = {entry.title: entry for entry in entries.values()}
    return tuple(
        _credit(source, licence, day, by_title.get(source.partition(":")[0]))
        for source, licence, day in sorted(said, key=lambda one: (one[0], one[1]))
    )


def _credit(source: str, licence: str, day: date | None, entry: CatalogueEntry | None) -> Credit:
    if entry is None:
        return Credit(source, licence, day=day)
    return Credit(source, licence or entry.licence, entry.attribution, entry.about, day)
