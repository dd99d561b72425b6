"""Makes the vectors of a register, when it is built or again for another bundle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from matcher.core import workers
from matcher.core.arrays import Floats, Ints
from matcher.core.types import Organisation
from matcher.register.analysis import profile_words
from matcher.register.build.encode import write_encoded
from matcher.register.build.snapshot import link, locked, new_snapshot, version
from matcher.register.build.unchanged import Before
from matcher.register.encoded import FOLDER as ENCODED
from matcher.register.encoded import EncodedTexts
from matcher.register.encoded_texts import READ
from matcher.register.file_digests import digests_of
from matcher.register.linkage.merge import names_of
from matcher.register.manifest import DAMAGE, Manifest
from matcher.register.record_file import RecordFile
from matcher.register.register import PastAward, Register
from matcher.register.texts import award_texts
from matcher.register.unfinished import check_none_begun
from matcher.register.vectors import Vectors
from matcher.sources.feed import Progress
from models import text
from models.background import Background
from models.bundle import Bundle
from models.embedder import Embedder
from models.knowledge import Knowledge

_PART = 20_000
"""Rows that one process embeds before it returns them."""
_NAMES_AT_ONCE = 4000
"""Organisations whose names are embedded at once."""
_VECTORS = "vectors"
_FLOAT = np.dtype(np.float32)
Words: TypeAlias = "Mapping[str, float]"
"""Stem → count."""
_embedders: dict[str, Embedder] = {}
"""Version → the embedder that this process unpickled first: what it cached serves all parts."""


def write_vectors(
    folder: Path, knowledge: Knowledge, progress: Progress, before: Path | None = None
) -> None:
    """Write the vectors of the awards of the snapshot in `folder`, and those of the encoder.

    `before` are the vectors of another snapshot: those of texts that it has too are copied, if
    the same encoder made them.  Vectors of organisations are those of `Offers`.
    """
    if knowledge.encoder is not None:
        known = _encoded_before(before, knowledge)
        out = folder / ENCODED
        write_encoded(folder, out, knowledge.encoder, progress, known, sentences=READ)
    if knowledge.embedder is not None:
        (folder / _VECTORS).mkdir(exist_ok=True)
        _write_awards(folder, knowledge.embedder, knowledge.background, progress)


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
        (self.folder / _VECTORS).mkdir()

    def names(self, part: range) -> Path:
        """The file of the vectors of the names in a part: no two machines write one file."""
        return self.folder / _VECTORS / f"names-{part.start}.npy"

    def profiles(self, part: range) -> Path:
        """The file of the vectors of the profiles in a part."""
        return self.folder / _VECTORS / f"profiles-{part.start}.npz"

    def part(self, part: range) -> OffersPart:
        """What makes the vectors of some rows."""
        return OffersPart(self, part, _embedders.setdefault(self.version, self.embedder))

    def finish(self, parts: Sequence[range]) -> None:
        """Put the vectors of all parts together."""
        rows = [np.empty(0, np.int32)]
        with (self.folder / _VECTORS / "profiles.raw").open("wb") as raw:
            for part in parts:
                with np.load(self.profiles(part), allow_pickle=False) as saved:
                    rows.append(saved["rows"])
                    raw.write(saved["profiles"].tobytes())
                self.profiles(part).unlink()
        self._join_names(parts)
        _save_profiles(self.folder / _VECTORS, np.concatenate(rows), self.embedder.size)

    def _join_names(self, parts: Sequence[range]) -> None:
        shape = (parts[-1].stop if parts else 0, self.embedder.size)
        with (self.folder / _VECTORS / "names.npy").open("wb") as out:
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


def _encoded_before(before: Path | None, knowledge: Knowledge) -> EncodedTexts | None:
    """The vectors of the snapshot `before`, if the encoder of `knowledge` made them."""
    if before is None or knowledge.encoder is None:
        return None
    try:
        if knowledge.encoder.version not in Manifest.read(before).meaning.split("+"):
            return None
        return EncodedTexts.open(before / ENCODED)
    except DAMAGE:
        return None


def _write_awards(
    folder: Path, embedder: Embedder, background: Background, progress: Progress
) -> None:
    awards = len(RecordFile(folder / "awards", PastAward))
    vectors = np.zeros((awards, embedder.size), np.float32)
    for number, (words, codes) in enumerate(award_texts(folder, background)):
        vectors[number] = embedder.text(words, codes)
        if number % 500 == 0:
            progress("embedding awards", number, awards)
    np.save(folder / "vectors" / "awards.npy", vectors)


def _write_offers(offers: Offers, progress: Progress) -> None:
    """Make the vectors of the names and profiles of a snapshot that is written already."""
    rows = len(RecordFile(offers.folder / "organisations", Organisation))
    parts = [range(at, min(at + _PART, rows)) for at in range(0, rows, _PART)]
    jobs = workers.ALL_CORES if len(parts) > 1 else 1
    offers.start()
    for done in workers.in_order(partial(_offers_in, offers), parts, jobs):
        progress("embedding providers", done, rows)
    offers.finish(parts)


def _offers_in(offers: Offers, part: range) -> int:
    """Make the vectors of the rows of a part.  Returns where it ends."""
    organisations = RecordFile(offers.folder / "organisations", Organisation)
    mine = offers.part(part)
    for at, row in enumerate(part):
        provider = organisations[row].provider
        names = names_of(provider)
        mine.add(at, names, name_stems(names), profile_words(provider))
    organisations.free()
    mine.save(np.empty(0, np.int64))
    return part.stop


def name_stems(names: Sequence[str]) -> dict[str, float]:
    """Stem → 1 for each word in any of the names, however many names have it."""
    return dict.fromkeys((w for name in names for w in text.words(name)), 1.0)


def _copy_offers(unchanged: Before, same: Ints, names: Floats, profiles: Floats) -> None:
    """Copy the vectors of the rows that were the `same`, which are -1 where none were."""
    vectors = Vectors.open(unchanged.folder / "vectors")
    at = np.flatnonzero(same >= 0)
    if not len(at):
        return
    old = same[at]
    names[at] = vectors.names[old]
    stored = vectors.profile_rows
    if len(stored):
        place = np.minimum(stored.searchsorted(old.astype(np.int32)), len(stored) - 1)
        has = stored[place] == old
        profiles[at[has]] = vectors.profiles[place[has]]


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


def embed(path: Path, bundle: Bundle, progress: Progress = lambda stage, done, total: None) -> str:
    """Make the vectors of the register in folder `path` again, with the embedder of `bundle`.

    Nothing else changes. Returns the register's new version.  Raises RegisterError where a build
    is writing the register.
    """
    register = Register.open(path)
    with locked(path):
        register = register.renewed()
        check_none_begun(path, register.folder.name)
        return _embed(path, register, bundle, progress)


def embed_copy(
    path: Path,
    out: Path,
    bundle: Bundle,
    progress: Progress = lambda stage, done, total: None,
) -> None:
    """Make a register in folder `out` like the one in `path`, with the vectors of `bundle`.

    The one in `path` is not changed; files are linked where that is possible.
    """
    with locked(out):
        _embed(out, Register.open(path), bundle, progress)


def _embed(path: Path, register: Register, bundle: Bundle, progress: Progress) -> str:
    with new_snapshot(path) as folder:
        for old in sorted(register.folder.rglob("*")):
            inside = old.relative_to(register.folder)
            if old.is_file() and inside.parts[0] not in {"vectors", ENCODED, "manifest.json"}:
                (folder / inside).parent.mkdir(parents=True, exist_ok=True)
                link(str(old), str(folder / inside))
        if (offers := Offers.of(folder, bundle.knowledge)) is not None:
            _write_offers(offers, progress)
        write_vectors(folder, bundle.knowledge, progress, register.folder)
        name, meaning = embedder_of(bundle)
        before = register.manifest
        files = digests_of(folder, register.folder, before.files)
        new_version = version(files, meaning=meaning, trust_ids=before.trust_ids)
        replace(
            before, version=new_version, bundle=name, meaning=meaning, made_by="", files=files
        ).write(folder)
    return new_version


def embedder_of(bundle: Bundle | None) -> tuple[str, str]:
    """The bundle's name and the versions of what makes its vectors; '' where nothing does."""
    if bundle is None or not bundle.knowledge.embedder_version:
        return "", ""
    return bundle.name, bundle.knowledge.embedder_version
