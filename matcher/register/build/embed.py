"""Makes the vectors of a register, when it is built or again for another bundle."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from matcher.core import workers
from matcher.core.arrays import Floats, Ints
from matcher.core.types import Organisation
from matcher.register.build.encode import write_encoded
from matcher.register.build.snapshot import link, locked, new_snapshot, version
from matcher.register.build.unchanged import Before
from matcher.register.encoded import FOLDER as ENCODED
from matcher.register.encoded import EncodedTexts
from matcher.register.manifest import Manifest
from matcher.register.record_file import RecordFile
from matcher.register.register import PastAward, Register
from matcher.register.texts import award_texts, offers
from matcher.register.vectors import Vectors
from matcher.sources.feed import Progress
from models.background import Background
from models.bundle import Bundle
from models.embedder import Embedder
from models.knowledge import Knowledge

_PART = 20_000
"""Rows that one process embeds before it returns them."""


def write_vectors(
    folder: Path,
    knowledge: Knowledge,
    progress: Progress,
    before: Path | None = None,
    unchanged: Before | None = None,
) -> None:
    """Write the vectors of the snapshot in `folder`, if there is a model to make them.

    `before` is the current snapshot: the vectors of texts that it has too are copied from it, if
    the same encoder made them. Those of `unchanged` organisations are copied as well.
    """
    if knowledge.encoder is not None:
        known = _encoded_before(before, knowledge)
        write_encoded(folder, folder / ENCODED, knowledge.encoder, progress, known)
    if knowledge.embedder is None:
        return
    (folder / "vectors").mkdir()
    _write_awards(folder, knowledge.embedder, knowledge.background, progress)
    _write_offers(folder, knowledge.embedder, knowledge.background, progress, unchanged)


def _encoded_before(before: Path | None, knowledge: Knowledge) -> EncodedTexts | None:
    """The vectors of the snapshot `before`, if the encoder of `knowledge` made them."""
    if before is None or knowledge.encoder is None:
        return None
    try:
        if knowledge.encoder.version not in Manifest.read(before).meaning.split("+"):
            return None
        return EncodedTexts.open(before / ENCODED)
    except (OSError, ValueError):
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


def _write_offers(
    folder: Path,
    embedder: Embedder,
    background: Background,
    progress: Progress,
    unchanged: Before | None = None,
) -> None:
    providers = len(RecordFile(folder / "organisations", Organisation))
    shape = (providers, embedder.size)
    names = np.lib.format.open_memmap(
        folder / "vectors" / "names.npy", mode="w+", dtype=np.float32, shape=shape
    )
    parts = [range(at, min(at + _PART, providers)) for at in range(0, providers, _PART)]
    jobs = workers.ALL_CORES if len(parts) > 1 else 1
    rows: list[int] = []
    with (folder / "vectors" / "profiles.raw").open("wb") as raw:
        work = partial(_offers_of, folder.absolute(), embedder, background, unchanged)
        for part, (part_names, profiles) in zip(
            parts, workers.in_order(work, parts, jobs), strict=True
        ):
            names[part.start : part.stop] = part_names
            known = profiles.any(axis=1)
            rows.extend((part.start + np.flatnonzero(known)).tolist())
            raw.write(profiles[known].tobytes())
            progress("embedding providers", part.stop, providers)
    names.flush()
    _save_profiles(folder / "vectors", rows, embedder.size)


def _offers_of(
    folder: Path,
    embedder: Embedder,
    background: Background,
    unchanged: Before | None,
    part: range,
) -> tuple[Floats, Floats]:
    """(n, d) the vectors of the names, and of the profiles, of the rows of `part`."""
    names = np.zeros((len(part), embedder.size), np.float32)
    profiles = np.zeros_like(names)
    known: dict[tuple[tuple[str, float], ...], Floats] = {}
    new = np.arange(len(part))
    if unchanged is not None:
        same = unchanged.rows_of(folder, part)
        new = np.flatnonzero(same < 0)
        _copy_offers(unchanged, same, names, profiles)
    rows = (new + part.start).tolist()
    for at, (provider_names, words) in zip(
        new.tolist(), offers(folder, background, rows), strict=True
    ):
        names[at] = embedder.name(provider_names)
        if words:
            text = tuple(words.items())
            if text not in known:
                known[text] = embedder.text(words)
            profiles[at] = known[text]
    return names, profiles


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


def _save_profiles(folder: Path, rows: list[int], size: int) -> None:
    """Turn the profile vectors in `profiles.raw` into numpy files."""
    raw = folder / "profiles.raw"
    shape = (len(rows), size)
    vectors = np.memmap(raw, np.float32, "r", shape=shape) if rows else np.zeros(shape, np.float32)
    np.save(folder / "profiles.npy", vectors)
    np.save(folder / "profile_rows.npy", np.array(rows, np.int32))
    raw.unlink()


def embed(path: Path, bundle: Bundle, progress: Progress = lambda stage, done, total: None) -> str:
    """Make the vectors of the register in folder `path` again, with the embedder of `bundle`.

    Nothing else changes. Returns the register's new version.  Raises RegisterError where a build
    is writing the register.
    """
    register = Register.open(path)
    with locked(path):
        return _embed(path, register.renewed(), bundle, progress)


def _embed(path: Path, register: Register, bundle: Bundle, progress: Progress) -> str:
    with new_snapshot(path) as folder:
        for old in sorted(register.folder.rglob("*")):
            inside = old.relative_to(register.folder)
            if old.is_file() and inside.parts[0] not in {"vectors", ENCODED, "manifest.json"}:
                (folder / inside).parent.mkdir(parents=True, exist_ok=True)
                link(str(old), str(folder / inside))
        write_vectors(folder, bundle.knowledge, progress, register.folder)
        name, meaning = embedder_of(bundle)
        before = register.manifest
        new_version = version(folder, meaning=meaning, trust_ids=before.trust_ids)
        replace(before, version=new_version, bundle=name, meaning=meaning, made_by="").write(folder)
    return new_version


def embedder_of(bundle: Bundle | None) -> tuple[str, str]:
    """The bundle's name and the versions of what makes its vectors; '' where nothing does."""
    if bundle is None or not bundle.knowledge.embedder_version:
        return "", ""
    return bundle.name, bundle.knowledge.embedder_version
