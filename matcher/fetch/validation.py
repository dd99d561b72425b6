"""Checks a file that has arrived, before it is put in use."""

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
    """Refuse a file that is empty, a web page, damaged, or a bomb.

    Raises FetchError that says what it is and what to do.
    """
    with path.open("rb") as file:
        start = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise _refusal(entry, address, "is empty", "fetch again later")
    if start.startswith(_WEB_PAGE):
        raise _refusal(
            entry,
            address,
            "is a web page, not the data: the service answered with an error, or it has moved",
            "open the address in a browser; correct it in the catalogue of sources if it has moved",
        )
    if start.startswith(b"pk"):
        _check_zip(entry, address, path)
    elif path.stat().st_size > entry.largest * _GIGABYTE:
        raise _too_large(entry, address)


def check_layout(entry: CatalogueEntry, paths: Sequence[Path]) -> None:
    """Refuse files whose headers are not those of the layout.  Raises FetchError."""
    try:
        recognise(entry.layout, paths)
    except BadSource as wrong:
        raise FetchError(
            f"{entry.title}: {wrong}. The copy fetched before is still in use; if its "
            "publisher has changed the layout, a newer version of this product will read it"
        ) from wrong


def _refusal(entry: CatalogueEntry, address: str, what: str, mend: str) -> FetchError:
    return FetchError(
        f"{entry.title}: {address} {what}. The copy fetched before is still in use; {mend}"
    )


def _too_large(entry: CatalogueEntry, address: str) -> FetchError:
    return _refusal(
        entry,
        address,
        f"unpacks to more than {entry.largest:g} GB, which it should not",
        "if it has grown so much, write largest = … (gigabytes) for it in the catalogue of sources",
    )


def _check_zip(entry: CatalogueEntry, address: str, path: Path) -> None:
    """What a zip says that it unpacks to bounds what is ever read of it."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile:
        unpacked = _inflated(path, int(entry.largest * _GIGABYTE))
    if unpacked < 0:
        raise _refusal(entry, address, "is a damaged zip", "fetch again later")
    if unpacked > entry.largest * _GIGABYTE:
        raise _too_large(entry, address)


def _inflated(path: Path, most: int) -> int:
    """How much the first member of a zip without a directory unpacks to; -1 where it is cut.

    Some publishers' zips have a damaged directory and a good file all the same.
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
