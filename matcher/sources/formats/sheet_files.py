"""Reads the sheets of a workbook as tables of text."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from matcher.core.errors import BadSource
from matcher.sources.formats import workbooks
from matcher.sources.formats.folders import SHEETS
from matcher.sources.formats.text_files import OLE, TextFile

_BOOK_PARTS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook, by its content: many are sent under another name."""
    try:
        with path.open("rb") as file:
            start = file.read(len(OLE))
        if start == OLE:
            return True
        if not start.startswith(b"PK"):
            return False
        with zipfile.ZipFile(path) as archive:
            has_parts = not _BOOK_PARTS.isdisjoint(archive.namelist())
        return has_parts or path.suffix.lower() in SHEETS
    except (OSError, zipfile.BadZipFile):
        return path.suffix.lower() in SHEETS


@dataclass(frozen=True, slots=True)
class SheetFile(TextFile):
    """A sheet of the workbook at `path`, read as CSV; `title` is its name for people."""

    title: str = ""
    rows: Sequence[Sequence[str]] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The name of the workbook, with that of the sheet where it is one of several."""
        return self.title

    def is_json(self) -> bool:
        """It is a table."""
        return False

    def _open(self) -> IO[bytes]:
        out = io.StringIO(newline="")
        csv.writer(out).writerows(self.rows)
        return io.BytesIO(out.getvalue().encode())


def sheet_files(
    path: Path, advice: str = "save the table as CSV", *, repeat_merged: bool = False
) -> tuple[list[SheetFile], workbooks.Sheets]:
    """The sheets of a workbook that are not blank as files, and its sheets as they are.

    With `repeat_merged`, the text of cells merged down a column stands in each of their rows.
    Raises BadSource, with the advice, where it is damaged or a document of another kind.
    """
    try:
        found = workbooks.sheets(path, repeat_merged=repeat_merged)
    except workbooks.DAMAGED as error:
        raise BadSource(
            f"{path} is damaged, or a document and no spreadsheet ({error}); {advice}"
        ) from error
    filled = {name: rows for name, rows in found.shown.items() if any(map(any, rows))}
    several = len(filled) > 1
    files = [
        SheetFile(path, name, f"{path.stem} {name}" if several else path.name, rows)
        for name, rows in filled.items()
    ]
    return files, found
