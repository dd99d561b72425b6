"""Which files of a folder hold data, by their names; the others, such as a README, are left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_TEXTS = frozenset(
    {
        *(".csv", ".tsv", ".tab", ".psv", ".txt", ".dat", ".gz", ".zip", ""),
        *(".json", ".jsonl", ".ndjson", ".geojson"),
    }
)
SHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
_ABOUT_DATA = re.compile(
    r"read[ _-]?me\b.*|(?:licen[cs]e|notice|copying|changelog|makefile)(?:\.txt)?", re.I
)
"""Names of files about the data.  A file such as 'notice-1.json' is data."""


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files of a folder that hold data, and what else lies there; neither with hidden files."""

    data: tuple[Path, ...]
    others: tuple[Path, ...]

    @classmethod
    def with_texts(cls, folder: Path) -> FolderFiles:
        """Of the files in the folder itself, tables and JSON as text, also zipped, are data."""
        inside = _seen(folder.iterdir())
        return cls._divided(inside, lambda path: path.is_file() and is_data(path.name))

    @classmethod
    def with_texts_and_sheets(cls, folder: Path) -> FolderFiles:
        """Of the files in the folder itself, tables and JSON as text and spreadsheets are data."""
        inside = _seen(folder.iterdir())
        return cls._divided(inside, lambda path: path.is_file() and may_be_table(path))

    @classmethod
    def with_tables(cls, folder: Path) -> FolderFiles:
        """Of the files at any depth, spreadsheets and tables as text are data."""
        inside = [path for path in _seen(folder.rglob("*")) if path.is_file()]
        return cls._divided(inside, may_be_table)

    @classmethod
    def _divided(cls, paths: Sequence[Path], holds_data: Callable[[Path], bool]) -> FolderFiles:
        data = tuple(path for path in paths if holds_data(path))
        return cls(data, tuple(path for path in paths if path not in set(data)))


def is_data(name: str) -> bool:
    """Whether a file of this name may hold a table or JSON as text.

    >>> [name for name in ("2026.csv", "README.md", "readme.txt", "map.pdf") if is_data(name)]
    ['2026.csv']
    """
    return Path(name).suffix.lower() in _TEXTS and not _ABOUT_DATA.fullmatch(name)


def may_be_table(path: Path) -> bool:
    """Whether a file of this name may hold a table as text, JSON or a spreadsheet."""
    return is_data(path.name) or path.suffix.lower() in SHEETS


def _seen(paths: Iterable[Path]) -> list[Path]:
    return sorted(path for path in paths if not path.name.startswith("."))
