"""The reader of each layout of fetched files, and the checks of a file before it is used."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from matcher.core.errors import BadInput, BadSource, FetchError
from matcher.core.types import Provider, Tally
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.providers import (
    care,
    charities,
    companies,
    mutuals,
)
from matcher.sources.reference import code_lists, nspl, place_names

Feeds: TypeAlias = Iterator[tuple[Tally, Iterator[Provider]]]
Reader: TypeAlias = Callable[[Sequence[Path]], Feeds]

READERS: Mapping[str, Reader] = {
    "charities": charities.read,
    "companies": companies.read,
    "care": care.read,
    "mutuals": mutuals.read,
}
"""Layouts of files of providers."""

CODES: Mapping[str, Callable[[Sequence[Path]], Mapping[str, str]]] = {
    "sic": code_lists.sic,
    "cpv": code_lists.cpv,
}
"""Layouts of code lists."""


def recognise(layout: str, paths: Sequence[Path]) -> None:
    """Read the headers of files.  Raises BadSource where they do not have that layout."""
    if layout in READERS:
        next(READERS[layout](paths), None)
    elif layout in CODES:
        CODES[layout](paths)
    elif layout == "place-names":
        place_names.tables(paths)
    else:
        nspl.tables(paths)


_GIGABYTE = 1_000_000_000
_CHUNK = 1 << 20
_WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body")


def check(entry: CatalogueEntry, address: str, path: Path) -> None:
    """Raises FetchError, with advice, where a file is empty, a web page, damaged or too large."""
    if found := _problem(entry, path):
        what, advice = found
        raise FetchError(
            f"{entry.title}: {address} {what}. The copy fetched before is still in use; {advice}"
        )


def check_own(entry: CatalogueEntry, paths: Sequence[Path]) -> None:
    """Raises BadInput where a file that the user supplies is not one of the source."""
    for path in paths:
        if not path.is_file():
            raise BadInput(f"--file {path}: no such file; name one that exists")
        if found := _problem(entry, path):
            raise BadInput(
                f"--file {path}: {found[0]}; save it again as {entry.title} publishes it"
            )
    try:
        recognise(entry.layout, paths)
    except BadSource as error:
        raise BadInput(
            f"--file: {error}. Give the files of {entry.title} as they are published, or name the "
            "source that they are of"
        ) from error


def _problem(entry: CatalogueEntry, path: Path) -> tuple[str, str] | None:
    """What is wrong with a file, and what to do about an address that sends it; None if nothing."""
    with path.open("rb") as file:
        start = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "is empty", "fetch again later"
    if start.startswith(_WEB_PAGE):
        return (
            "is a web page, not the data: the service sent an error or has moved",
            "open the address in a browser, and correct it in the catalogue of sources",
        )
    most = entry.largest * _GIGABYTE
    size = _zip_size(path, int(most)) if start.startswith(b"pk") else path.stat().st_size
    if size < 0:
        return "is a damaged zip", "fetch again later"
    if size > most:
        return (
            f"unpacks to more than {entry.largest:g} GB",
            "if the file really is so large, set largest = … (gigabytes) in the catalogue of "
            "sources",
        )
    return None


def check_layout(entry: CatalogueEntry, paths: Sequence[Path]) -> None:
    """Raises FetchError where the columns of the files are not those of the layout."""
    try:
        recognise(entry.layout, paths)
    except BadSource as error:
        raise FetchError(
            f"{entry.title}: {error}. The copy fetched before is still in use; if its "
            "publisher has changed the layout, a newer version of this product will read it"
        ) from error


def _zip_size(path: Path, most: int) -> int:
    """The stated unpacked size of a zip; -1 where it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile:
        return _unpacked_size(path, most)


def _unpacked_size(path: Path, most: int) -> int:
    """The unpacked size of the first member of a zip without a directory; -1 where it is truncated.

    Some publishers' zips have a damaged directory but a usable file.
    """
    inflater, unpacked = zlib.decompressobj(-zlib.MAX_WBITS), 0
    with path.open("rb") as file:
        head = file.read(30)
        if len(head) < 30 or int.from_bytes(head[8:10], "little") != zipfile.ZIP_DEFLATED:
            return -1
        file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
        try:
            while not inflater.eof and unpacked <= most:
                chunk = inflater.unconsumed_tail or file.read(_CHUNK)
                if not chunk:
                    return -1
                unpacked += len(inflater.decompress(chunk, _CHUNK))
        except zlib.error:
            return -1
    return unpacked
