"""Makes the vectors of the names and profiles of a snapshot, a part at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, Ints, places_in
from matcher.register.build.unchanged import Before
from matcher.register.vectors import FOLDER as VECTORS
from matcher.register.vectors import Vectors
from models import text
from models.embedder import Embedder
from models.knowledge import Knowledge

_NAMES_AT_ONCE = 4000
"""Organisations whose names are embedded at once."""
_FLOAT = np.dtype(np.float32)
Words: TypeAlias = "Mapping[str, float]"
"""Stem → count."""
_embedders: dict[str, Embedder] = {}
"""Version → the embedder that this process unpickled first: what it cached serves all parts."""


@dataclass(frozen=True, slots=True)
class Offers:
    """Makes the vectors of names and profiles in the snapshot in `folder`, a part at a time."""

    folder: Path
    embedder: Embedder
    version: str
    places: frozenset[str]
    """stems that are left out of profiles"""
    unchanged: Before | None = None

    @classmethod
    def of(
        cls, folder: Path, knowledge: Knowledge, unchanged: Before | None = None
    ) -> Offers | None:
        """The vectors that `knowledge` makes; None if it has no embedder."""
        embedder = knowledge.embedder
        if embedder is None:
            return None
        places = frozenset(knowledge.background.places)
        return cls(folder.absolute(), embedder, embedder.version, places, unchanged)

    def start(self) -> None:
        """Make the folder that the files of the parts go into."""
        (self.folder / VECTORS).mkdir()

    def names(self, part: range) -> Path:
        """The file of the vectors of the names in a part: no two machines write one file."""
        return self.folder / VECTORS / f"names-{part.start}.npy"

    def profiles(self, part: range) -> Path:
        """The file of the vectors of the profiles in a part."""
        return self.folder / VECTORS / f"profiles-{part.start}.npz"

    def part(self, part: range) -> OffersPart:
        """What makes the vectors of some rows."""
        return OffersPart(self, part, _embedders.setdefault(self.version, self.embedder))

    def finish(self, parts: Sequence[range]) -> None:
        """Put the vectors of all parts together."""
        rows = [np.empty(0, np.int32)]
        with (self.folder / VECTORS / "profiles.raw").open("wb") as raw:
            for part in parts:
                with np.load(self.profiles(part), allow_pickle=False) as saved:
                    rows.append(saved["rows"])
                    raw.write(saved["profiles"].tobytes())
                self.profiles(part).unlink()
        self._join_names(parts)
        _save_profiles(self.folder / VECTORS, np.concatenate(rows), self.embedder.size)

    def _join_names(self, parts: Sequence[range]) -> None:
        shape = (parts[-1].stop if parts else 0, self.embedder.size)
        with (self.folder / VECTORS / "names.npy").open("wb") as out:
            head = {"descr": _FLOAT.str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(out, head)
            for part in parts:
                out.write(np.load(self.names(part), allow_pickle=False).tobytes())
                self.names(part).unlink()


class OffersPart:
    """The vectors of some consecutive rows."""

    def __init__(self, offers: Offers, part: range, embedder: Embedder) -> None:
        self._offers = offers
        self._part = part
        self._embedder = embedder
        self._names = np.zeros((len(part), embedder.size), np.float32)
        self._profiles = np.zeros_like(self._names)
        self._new: list[tuple[int, tuple[Iterable[str], Sequence[str]]]] = []
        self._known: dict[tuple[tuple[str, float], ...], Floats] = {}

    def add(self, at: int, names: Sequence[str], stems: Iterable[str], profile: Words) -> None:
        """Add the row number `at` of the part; `stems` are the different ones of its names."""
        self._new.append((at, (stems, names)))
        if len(self._new) == _NAMES_AT_ONCE:
            self._embed_names()
        said = tuple([item for item in profile.items() if item[0] not in self._offers.places])
        if said:
            if said not in self._known:
                self._known[said] = self._embedder.text(dict(said))
            self._profiles[at] = self._known[said]

    def _embed_names(self) -> None:
        if self._new:
            rows, names = zip(*self._new, strict=True)
            self._names[list(rows)] = self._embedder.names_of(names)
            self._new.clear()

    def save(self, same: Ints) -> None:
        """Write them, and those that were the `same` in the snapshot before; -1 where none were."""
        self._embed_names()
        offers = self._offers
        if offers.unchanged is not None:
            _copy_offers(offers.unchanged, same, self._names, self._profiles)
        np.save(offers.names(self._part), self._names)
        known = np.flatnonzero(self._profiles.any(axis=1))
        rows = (known + self._part.start).astype(np.int32)
        np.savez(offers.profiles(self._part), rows=rows, profiles=self._profiles[known])


def name_stems(names: Sequence[str]) -> dict[str, float]:
    """Stem → 1 for each word in any of the names, however many names have it."""
    return dict.fromkeys((w for name in names for w in text.words(name)), 1.0)


def _copy_offers(unchanged: Before, same: Ints, names: Floats, profiles: Floats) -> None:
    """Copy the vectors of the rows that were the `same`, which are -1 where none were."""
    vectors = Vectors.open(unchanged.folder / VECTORS)
    at = np.flatnonzero(same >= 0)
    if not len(at):
        return
    old = same[at]
    names[at] = vectors.names[old]
    place = places_in(old, vectors.profile_rows)
    profiles[at[place >= 0]] = vectors.profiles[place[place >= 0]]


def _save_profiles(folder: Path, rows: npt.NDArray[np.int32], size: int) -> None:
    """Turn the profile vectors in `profiles.raw` into numpy files."""
    raw = folder / "profiles.raw"
    shape = (len(rows), size)
    vectors = (
        np.memmap(raw, np.float32, "r", shape=shape) if len(rows) else np.zeros(shape, np.float32)
    )
    np.save(folder / "profiles.npy", vectors)
    np.save(folder / "profile_rows.npy", rows)
    raw.unlink()
