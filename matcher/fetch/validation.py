"""Checks a downloaded file before it is used."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from matcher.core.errors import BadSource, FetchError
from matcher.fetch.readers import recognise
from matcher.sources.catalogue import CatalogueEntry

_GIGABYTE = 1_000_000_000
_CHUNK = 1 << 20
_WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body")


def check(entry: CatalogueEntry, address: str, path: Path) -> None:
    """Raises FetchError, with advice, where a file is empty, a web page, damaged or too large."""
    with path.open("rb") as file:
        start = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise _refusal(entry, address, "is empty", "fetch again later")
    if start.startswith(_WEB_PAGE):
        raise _refusal(
            entry,
            address,
            "is a web page, not the data: the service sent an error or has moved",
            "open the address in a browser, and correct it in the catalogue of sources",
        )
    if start.startswith(b"pk"):
        _check_zip(entry, address, path)
    elif path.stat().st_size > entry.largest * _GIGABYTE:
        raise _too_large(entry, address)


def check_layout(entry: CatalogueEntry, paths: Sequence[Path]) -> None:
    """Raises FetchError where the columns of the files are not those of the layout."""
    try:
        recognise(entry.layout, paths)
    except BadSource as error:
        raise FetchError(
            f"{entry.title}: {error}. The copy fetched before is still in use; if its "
            "publisher has changed the layout, a newer version of this product will read it"
        ) from error


def _refusal(entry: CatalogueEntry, address: str, problem: str, advice: str) -> FetchError:
    return FetchError(
        f"{entry.title}: {address} {problem}. The copy fetched before is still in use; {advice}"
    )


def _too_large(entry: CatalogueEntry, address: str) -> FetchError:
    return _refusal(
        entry,
        address,
        f"unpacks to more than {entry.largest:g} GB",
        "if the file really is so large, set largest = … (gigabytes) in the catalogue of sources",
    )


def _check_zip(entry: CatalogueEntry, address: str, path: Path) -> None:
    """Raises FetchError where a zip is damaged or its stated unpacked size is too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile:
        unpacked = _unpacked_size(path, int(entry.largest * _GIGABYTE))
    if unpacked < 0:
        raise _refusal(entry, address, "is a damaged zip", "fetch again later")
    if unpacked > entry.largest * _GIGABYTE:
        raise _too_large(entry, address)


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
