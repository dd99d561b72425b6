"""Which organisations are the same in a register that is built again, so that they need no reading.

Words, keys and vectors of an organisation follow from what its records say, and from the code and
the model that read it.  Where these are the same as before, they are copied from the snapshot that
the new one replaces.  The day on which a source says the same again makes no difference.
"""

from __future__ import annotations

import hashlib
import platform
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import models
from matcher.core.arrays import Ints, mapped, places_in
from matcher.core.identifiers import fingerprint
from matcher.register.manifest import DAMAGE, Manifest
from models.background import Background

FOLDER = "content"
"""Where a snapshot keeps what its organisations say, as one number each."""
ARRAYS = ("numbers", "rows")
_DAY = re.compile(rb',"day":(?:"\d{4}-\d\d-\d\d"|null),"licence":"')
"""The day of a source, in the JSON of an organisation."""
_READ = (".py", ".toml", ".csv", ".txt")
LIBRARIES = ("anyascii", "msgspec", "numpy", "PyStemmer", "rapidfuzz")
"""What reads records, compares them and makes their words and vectors, besides our own code."""


def content_of(line: bytes) -> int:
    """A number for what the JSON of an organisation says, whatever the days of its sources."""
    return fingerprint(_DAY.sub(b',"licence":"', line))


def save(folder: Path, contents: npt.NDArray[np.uint64]) -> None:
    """Write the `contents` of the rows into the snapshot in `folder`."""
    order = np.argsort(contents, kind="stable")
    numbers = contents[order]
    once = np.ones(len(numbers), bool)
    once[1:] &= numbers[1:] != numbers[:-1]
    once[:-1] &= numbers[1:] != numbers[:-1]
    (folder / FOLDER).mkdir()
    np.save(folder / FOLDER / "numbers.npy", numbers[once])
    np.save(folder / FOLDER / "rows.npy", order[once].astype(np.int32))


@dataclass(frozen=True, slots=True)
class Before:
    """The snapshot that a new one replaces, and what the organisations on its rows say."""

    folder: Path
    numbers: npt.NDArray[np.uint64]
    """ascending; those of two rows are left out"""
    rows: npt.NDArray[np.int32]
    same_places: bool = False
    """whether it has the postcodes that the new one has"""

    @classmethod
    def open(cls, folder: Path, *, same_places: bool = False) -> Before:
        """The snapshot in `folder`, memory-mapped."""
        arrays: dict[str, Any] = {name: mapped(folder / FOLDER / f"{name}.npy") for name in ARRAYS}
        return cls(folder, **arrays, same_places=same_places)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the folder's path: another process maps the same files."""
        return partial(Before.open, same_places=self.same_places), (self.folder.absolute(),)

    def rows_with(self, contents: npt.NDArray[np.uint64]) -> Ints:
        """(n,) the row whose organisation said the same; -1 where none did."""
        at = places_in(contents, self.numbers)
        rows = np.full(len(contents), -1, np.int64)
        rows[at >= 0] = self.rows[at[at >= 0]]
        return rows

    def rows_of(self, snapshot: Path, part: range) -> Ints:
        """The row that said the same, for each row of `part` of a new snapshot; -1 if none did."""
        new = Before.open(snapshot)
        inside = np.flatnonzero((new.rows >= part.start) & (new.rows < part.stop))
        rows = np.full(len(part), -1, np.int64)
        rows[new.rows[inside] - part.start] = self.rows_with(new.numbers[inside])
        return rows


def unchanged_since(before: Path | None, made_by: str) -> Before | None:
    """The snapshot in `before`, if the same code and model made it and it can be read."""
    try:
        if before is None or Manifest.read(before).made_by != made_by:
            return None
        known = Before.open(before)
    except DAMAGE:
        return None
    return known if len(known.numbers) == len(known.rows) else None


def made_by(background: Background | None, meaning: str) -> str:
    """A digest of the code, the lists of words and the model that read organisations."""
    places = sorted(background.places) if background is not None else ()
    digest = hashlib.sha256(repr((_code(), places, meaning)).encode())
    return digest.hexdigest()[:16]


@cache
def _code() -> str:
    """A digest of the files that organisations are read by, and of the versions of libraries."""
    python = platform.python_version(), unicodedata.unidata_version
    digest = hashlib.sha256(repr((*map(metadata.version, LIBRARIES), *python)).encode())
    for file in sorted(_files((Path(__file__).parents[2], Path(models.__path__[0])))):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _files(folders: Iterable[Path]) -> Iterable[Path]:
    return (
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.suffix in _READ and "bundles" not in file.relative_to(folder).parts
    )
