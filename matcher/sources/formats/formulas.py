"""Finds the cells of a workbook whose formulas have no stored result.

A program that writes a workbook may leave them to the spreadsheet that opens it.  Until somebody
does that and saves it, such a cell is blank to every reader.
"""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

NO_RESULT = (
    "formula without a stored result, read as blank: open the workbook in Excel, save it, and give "
    "it again"
)
_MOST_NAMED = 10
_CHUNK = 1 << 20
_ROW = b"row>"
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^<>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^<>]*)>")
_ATTRIBUTE = re.compile(rb"""(?<![\w:])([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*)>\s*<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
"""A cell with a formula and no value."""


def without_results(path: Path) -> Mapping[str, Sequence[str]]:
    """The cells, such as B2, by the name of their sheet; none for other kinds of workbooks."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = dict(_parts(archive))
            found = {name: list(_cells(archive, part)) for name, part in parts.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, RuntimeError):
        return {}
    return {name: cells for name, cells in found.items() if cells}


def named(sheet: str, cells: Sequence[str]) -> str:
    """Some of the cells of a sheet, for people.

    >>> named("Lots", ["B2", "B3"])
    'Lots: B2, B3'
    """
    more = f" and {len(cells) - _MOST_NAMED:,} more" if len(cells) > _MOST_NAMED else ""
    return f"{sheet}: {', '.join(cells[:_MOST_NAMED])}{more}"


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The name of each sheet, and the part of the archive that holds it."""
    relations = map(_attributes, _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")))
    targets = {one.get("Id", ""): one.get("Target", "") for one in relations}
    for one in map(_attributes, _SHEET.findall(archive.read("xl/workbook.xml"))):
        target = targets.get(next((v for k, v in one.items() if k.endswith(":id")), ""), "")
        if "name" in one and target:
            yield one["name"], target.removeprefix("/") if target[0] == "/" else f"xl/{target}"


def _attributes(text: bytes) -> dict[str, str]:
    pairs = ((key, double or single) for key, double, single in _ATTRIBUTE.findall(text))
    return {key.decode(): html.unescape(value.decode(errors="replace")) for key, value in pairs}


def _cells(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    with archive.open(part) as stream:
        for rows in _rows(stream):
            for written in _CELL.findall(rows) if b"f" in rows else ():
                cell = _attributes(written)
                if cell.get("t") != "str":  # a text that is empty is a result
                    yield cell.get("r", "?")


def _rows(stream: IO[bytes]) -> Iterator[bytearray]:
    """The content of a sheet, in pieces that end with a row."""
    rest = bytearray()
    while chunk := stream.read(_CHUNK):
        rest += chunk
        end = rest.rfind(_ROW, max(0, len(rest) - len(chunk) - len(_ROW)))
        if end >= 0:
            yield rest[:end]
            del rest[:end]
    yield rest
