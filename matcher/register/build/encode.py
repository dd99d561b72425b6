"""A register's providers and awards through a sentence encoder, when it is built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.core import workers
from matcher.core.identifiers import fingerprint
from matcher.core.types import Organisation
from matcher.geo.geocoding import placing
from matcher.geo.postcodes import PostcodeTable
from matcher.register.current_snapshot import own_councils
from matcher.register.encoded import NO_TEXT, EncodedTexts
from matcher.register.encoded_texts import award_text, provider_text, sentence_text, sentences_of
from matcher.register.past_award import PastAward
from matcher.register.record_file import RecordFile
from matcher.sources.feed import Progress
from models.encoder import STORED, Encoder, Shorts

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
) -> None:
    """Write the vectors of a snapshot's providers and awards into the folder `out`.

    `before` are those that the same encoder made earlier: of unchanged texts they stay.  Of each
    profile, the first `sentences` are read too.
    """
    different: dict[str, int] = {"": NO_TEXT}
    said = _numbers(_provider_texts(snapshot, encoder, sentences), different)
    said = said.reshape(-1, 1 + sentences)
    awards = _numbers(_award_texts(snapshot, encoder), different)
    texts = list(different)
    fingerprints = np.array([fingerprint(text) for text in texts], np.uint64)
    vectors = np.zeros((len(texts), encoder.size), np.int8)
    new = _reuse(fingerprints, vectors, before)
    done = 0
    for part in encode_many(encoder, [texts[at] for at in new.tolist()]):
        vectors[new[done : done + len(part)]] = part
        done += len(part)
        progress("encoding texts", done, len(new))
    EncodedTexts(fingerprints, vectors, said[:, 0], awards, said[:, 1:]).save(out)


def encode_many(encoder: Encoder, texts: Sequence[str]) -> Iterator[Shorts]:
    """The vectors of `texts`, in order, some hundreds at a time; on all cores where it pays."""
    parts = [texts[i : i + _AT_ONCE] for i in range(0, len(texts), _AT_ONCE)]
    if len(texts) < _WORTH_PROCESSES or encoder.path is None:
        for part in parts:
            yield encoder.encode(part, STORED, _LONGEST)
        return
    yield from workers.in_order(partial(_encode, encoder.path), parts, workers.ALL_CORES)


@cache
def _opened(path: Path) -> Encoder:
    return Encoder.open(path)


def _encode(path: Path, texts: Sequence[str]) -> Shorts:
    return _opened(path).encode(texts, STORED, _LONGEST)


def _numbers(texts: Iterator[str], different: dict[str, int]) -> npt.NDArray[np.int32]:
    """The number of each text among the `different` ones, which grow by those that are new."""
    return np.array([different.setdefault(text, len(different)) for text in texts], np.int32)


def _reuse(
    fingerprints: npt.NDArray[np.uint64], vectors: npt.NDArray[np.int8], before: EncodedTexts | None
) -> npt.NDArray[np.int64]:
    """Copy what is known into `vectors`; gives the positions of what is not."""
    if before is None or not len(before.fingerprints):
        return np.arange(len(fingerprints))
    order = np.argsort(before.fingerprints)
    place = before.fingerprints[order].searchsorted(fingerprints)
    at = order[np.minimum(place, len(order) - 1)]
    known = before.fingerprints[at] == fingerprints
    vectors[known] = before.texts[at[known]]
    return np.flatnonzero(~known)


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
