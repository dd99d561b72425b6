"""Makes the vectors of a register, when it is built or again for another bundle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace as with_fields
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from matcher.core import workers
from matcher.core.arrays import Ints, places_in
from matcher.core.disk import fullness, link
from matcher.core.errors import RegisterBusy, RegisterError
from matcher.core.identifiers import fingerprint
from matcher.core.types import Organisation
from matcher.geo.geocoding import placing
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import profile_words
from matcher.register.build.offers import Offers, name_stems
from matcher.register.build.snapshot import (
    current_snapshot,
    elsewhere,
    locked,
    new_snapshot,
    version,
    where,
)
from matcher.register.current_snapshot import own_councils
from matcher.register.encoded import FOLDER as ENCODED
from matcher.register.encoded import NO_TEXT, EncodedTexts
from matcher.register.encoded_texts import (
    READ,
    award_text,
    award_texts,
    provider_text,
    sentence_text,
    sentences_of,
    vectors_version,
)
from matcher.register.linkage.merge import names_of
from matcher.register.manifest import DAMAGE, Manifest, digests_of
from matcher.register.manifest import FILE as MANIFEST
from matcher.register.past_award import PastAward
from matcher.register.record_file import RecordFile
from matcher.register.register import Register
from matcher.register.unfinished import check_none_begun
from matcher.register.vectors import FOLDER as VECTORS
from matcher.sources.feed import Progress
from models.background import Background
from models.bundle import Bundle
from models.embedder import Embedder
from models.encoder import STORED, Encoder, Shorts
from models.errors import BundleError
from models.knowledge import Knowledge
from models.services import NEAREST, Services

_LONGEST = 64
"""Pieces of a provider's or an award's text that are read."""
_AT_ONCE = 1000
_FORGET = 50_000
_WORTH_PROCESSES = 5000
"""From how many texts on a process a core is worth its start."""


def write_encoded(
    snapshot: Path,
    out: Path,
    encoder: Encoder,
    progress: Progress,
    before: EncodedTexts | None = None,
    *,
    sentences: int = 0,
    services: Services | None = None,
) -> None:
    """Write the vectors of a snapshot's providers and awards into the folder `out`.

    `before` are those that the same encoder made earlier, with services if these `services` did:
    of unchanged texts they stay.  Of each profile, the first `sentences` are read too.
    """
    different: dict[str, int] = {"": NO_TEXT}
    said = _numbers(_provider_texts(snapshot, encoder, sentences), different)
    said = said.reshape(-1, 1 + sentences)
    awards = _numbers(_award_texts(snapshot, encoder), different)
    texts = list(different)
    fingerprints = np.array([fingerprint(text) for text in texts], np.uint64)
    vectors = np.zeros((len(texts), encoder.size), np.int8)
    at = _known(fingerprints, before)
    new, done = np.flatnonzero(at < 0), 0
    if before is not None:
        vectors[at >= 0] = before.texts[at[at >= 0]]
    for part in encode_many(encoder, [texts[at] for at in new.tolist()]):
        vectors[new[done : done + len(part)]] = part
        done += len(part)
        progress("encoding texts", done, len(new))
    near = _near_services(services, vectors, before, at) if services else (None, None)
    EncodedTexts(fingerprints, vectors, said[:, 0], awards, said[:, 1:], *near).save(out)


def encode_many(encoder: Encoder, texts: Sequence[str]) -> Iterator[Shorts]:
    """The vectors of `texts`, in order, some hundreds at a time; on all cores where it pays."""
    parts = [texts[i : i + _AT_ONCE] for i in range(0, len(texts), _AT_ONCE)]
    if len(texts) < _WORTH_PROCESSES or encoder.path is None:
        for part in parts:
            yield encoder.encode(part, STORED, _LONGEST)
        return
    encode = partial(_encode, encoder.path, encoder.version)
    yield from workers.in_order(encode, parts, workers.ALL_CORES)


@lru_cache(1)
def _opened(path: Path, version: str) -> Encoder:
    """The encoder at `path`.  Raises BundleError where one of another version lies there now."""
    encoder = Encoder.open(path)
    if encoder.version != version:
        raise BundleError(f"--bundle {path.parent.name}: changed since it was opened; start again")
    return encoder


def _encode(path: Path, version: str, texts: Sequence[str]) -> Shorts:
    return _opened(path, version).encode(texts, STORED, _LONGEST)


def _numbers(texts: Iterator[str], different: dict[str, int]) -> npt.NDArray[np.int32]:
    """The number of each text among the `different` ones, which grow by those that are new."""
    return np.array([different.setdefault(text, len(different)) for text in texts], np.int32)


def _known(
    fingerprints: npt.NDArray[np.uint64], before: EncodedTexts | None
) -> npt.NDArray[np.int64]:
    """(texts,) where `before` has each text; -1 where it does not."""
    if before is None:
        return np.full(len(fingerprints), -1)
    order = np.argsort(before.fingerprints)
    at = places_in(fingerprints, before.fingerprints[order])
    return np.where(at < 0, -1, order[at])


def _near_services(
    services: Services, vectors: npt.NDArray[np.int8], before: EncodedTexts | None, at: Ints
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint8]]:
    """The services of each text and their weights: those of `before`, where `at` says it has it."""
    numbers = np.zeros((len(vectors), NEAREST), np.int16)
    weights = np.zeros((len(vectors), NEAREST), np.uint8)
    new = np.ones(len(vectors), bool)
    if before is not None and before.services is not None and before.service_weights is not None:
        new = at < 0
        numbers[~new], weights[~new] = before.services[at[~new]], before.service_weights[at[~new]]
    found = services.of_offers(vectors[new])
    numbers[new], weights[new] = found.numbers, found.weights
    return numbers, weights


def _provider_texts(folder: Path, encoder: Encoder, sentences: int) -> Iterator[str]:
    """Of each row the text of the provider, then of its sentences, and '' for a missing one."""
    organisations = RecordFile(folder / "organisations", Organisation)
    for row in range(len(organisations)):
        provider = organisations[row].provider
        yield provider_text(encoder, provider)
        said = [sentence_text(encoder, one) for one in sentences_of(provider.profile)[:sentences]]
        yield from (*said, *[""] * (sentences - len(said)))
        if row % _FORGET == 0:
            organisations.free()


def _award_texts(folder: Path, encoder: Encoder) -> Iterator[str]:
    awards = RecordFile(folder / "awards", PastAward)
    place_of = placing(PostcodeTable.open(folder / "places"), own_councils(folder))
    for number in range(len(awards)):
        lot = awards[number].lot
        yield award_text(encoder, lot, place_of(lot))


_PART = 20_000
"""Rows that one process embeds before it returns them."""


def write_vectors(
    folder: Path, knowledge: Knowledge, progress: Progress, before: Path | None
) -> None:
    """Write the vectors of the awards of the snapshot in `folder`, and those of the encoder.

    `before` are the vectors of another snapshot: those of texts that it has too are copied, if
    the same encoder made them.  Vectors of organisations are those of `Offers`.
    """
    if knowledge.encoder is not None:
        table = knowledge.services
        known = encoded_before(before, knowledge.encoder, table)
        out = folder / ENCODED
        write_encoded(
            folder, out, knowledge.encoder, progress, known, sentences=READ, services=table
        )
    if knowledge.embedder is not None:
        (folder / VECTORS).mkdir(exist_ok=True)
        _write_awards(folder, knowledge.embedder, knowledge.background, progress)


def encoded_before(
    before: Path | None, encoder: Encoder, services: Services | None
) -> EncodedTexts | None:
    """The vectors of the snapshot `before` that `encoder` made, with services if these did."""
    if before is None:
        return None
    try:
        made = Manifest.read(before).meaning.split("+")
        if encoder.version not in made:
            return None
        found = EncodedTexts.open(before / ENCODED)
        same = services is not None and services.version in made
        return found if same else with_fields(found, services=None, service_weights=None)
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
    np.save(folder / VECTORS / "awards.npy", vectors)


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

    The one in `path` is not changed; files are linked where that is possible.  No copy stays where
    it is changed meanwhile, since the copy may have an organisation that was removed from it.
    Raises RegisterError then, and where another process makes the same copy or the disk is full.
    """
    register = Register.open(path)
    try:
        with locked(out):
            _embed(out, register, bundle, progress)
    except RegisterBusy as error:
        raise RegisterBusy(
            f"--register {path}: another run makes a copy of it for the model {bundle.name}; wait "
            "until it has ended, and run this again"
        ) from error
    except (OSError, RegisterError) as error:
        if _is_in_force(register):
            raise _not_copied(path, out, error) from error
    if not _is_in_force(register):
        shutil.rmtree(out, ignore_errors=True)
        raise RegisterError(
            f"--register {path}: was changed while a copy of it was made for the model "
            f"{bundle.name}; the copy is removed. Run this again"
        )


def _is_in_force(register: Register) -> bool:
    return current_snapshot(register.folder.parent) == register.folder


def _not_copied(path: Path, out: Path, error: Exception) -> RegisterError:
    """That a copy could not be made, in the words of who asks about the register in `path`."""
    full = fullness(error) or fullness(error.__cause__)
    why = f"in {out.parent} {full}" if full else f"{out.parent} cannot be written to"
    return RegisterError(
        f"{where(path)}: no copy of the register could be made, because {why}; it is unchanged. "
        f"{elsewhere(path, out.parent)}"
    )


def _embed(path: Path, register: Register, bundle: Bundle, progress: Progress) -> str:
    with new_snapshot(path) as folder:
        for old in sorted(register.folder.rglob("*")):
            inside = old.relative_to(register.folder)
            if old.is_file() and inside.parts[0] not in {VECTORS, ENCODED, MANIFEST}:
                (folder / inside).parent.mkdir(parents=True, exist_ok=True)
                link(old, folder / inside)
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
    made = vectors_version(bundle.knowledge) if bundle else ""
    return (bundle.name, made) if bundle and made else ("", "")
