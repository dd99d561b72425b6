"""The sentence in a provider's own words that is nearest to a lot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from threading import Lock
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.law.types import Signal
from matcher.ranking.query import Query
from matcher.register.analysis import named_places
from models import text
from models.encoder import QUERY, STORED, Encoder

_END = re.compile(r"(?<=[.;!?])\s|\n|\s[-•*]\s")
_SENTENCES, _SHORTEST, _LONGEST = 12, 12, 240
_READ, _PIECES = 4, 32
"""How many sentences the encoder reads at most, and how many pieces of each."""
_WORD, _RUN = re.compile(r"[^\W\d_]+"), 3
_NEAR = 0.3
"""The cosine from which a sentence without a shared word is quoted."""


def nearest_sentences(
    query: Query, profiles: Sequence[str], weights: Mapping[str, float]
) -> list[str]:
    """Of each profile the sentence that shares most of the words weighed in `weights` (by stem).

    Where none shares a word, the one that the encoder finds nearest; '' where none is near.
    Sentences that name a place are left out where places may not count.  The encoder reads the
    sentences of all profiles together, which is faster.
    """
    found, unlike = [""] * len(profiles), dict[int, Sequence[str]]()
    for at, profile in enumerate(profiles):
        sentences = _sentences(profile)
        if not query.counts(Signal.PLACE):
            sentences = [one for one in sentences if not _names_a_place(query, one)]
        shared = [sum(weights[s] for s in text.spellings(one, weights)) for one in sentences]
        if max(shared, default=0) > 0:
            found[at] = _cut(sentences[shared.index(max(shared))])
        elif sentences:
            unlike[at] = sentences[:_READ]
    lot, encoder = query.encoded, query.knowledge.encoder
    if lot is None or encoder is None or not unlike:
        return found
    vectors = _vectors(encoder, [one for read in unlike.values() for one in read])
    asked = lot.vector.astype(np.int64)
    for at, read in unlike.items():
        near = [float(vectors[one] @ asked) for one in read]
        if max(near) >= _NEAR * QUERY * STORED:
            found[at] = _cut(read[near.index(max(near))])
    return found


def shared_phrases(content: str, weights: Mapping[str, float], most: int) -> list[str]:
    """Up to `most` words, or runs of words side by side, of `content` that are weighed, by weight.

    Of words with one stem, only the first counts.
    """
    runs: list[tuple[float, list[str]]] = []
    seen: set[str] = set()
    end = -1
    for match in _WORD.finditer(content):
        stem = text.stem(match.group())
        weight = 0.0 if stem in seen else weights.get(stem, 0.0)
        if not weight:
            continue
        seen.add(stem)
        total, words = runs[-1] if runs else (0.0, [])
        if content[end : match.start()] == " " and len(words) < _RUN:
            runs[-1] = total + weight, [*words, match.group()]
        else:
            runs.append((weight, [match.group()]))
        end = match.end()
    best = sorted(runs, key=lambda run: -run[0])[:most]
    shouts = content.isupper()
    return [_lower(" ".join(words), shouts=shouts) for _, words in best]


def _lower(phrase: str, *, shouts: bool) -> str:
    """Words in lower case, but for short ones in capital letters, such as IT, in other text."""
    words = phrase.split()
    return " ".join(w if w.isupper() and len(w) < 4 and not shouts else w.lower() for w in words)


def _sentences(profile: str) -> Sequence[str]:
    pieces = (" ".join(piece.split()) for piece in _END.split(profile))
    return [piece for piece in pieces if len(piece) >= _SHORTEST][:_SENTENCES]


def _names_a_place(query: Query, sentence: str) -> bool:
    known, encoder = query.knowledge.background.places, query.knowledge.encoder
    stems = set(text.words(sentence))
    listed = stems & known or (encoder and stems & encoder.place_names)
    return bool(listed or named_places(sentence))


def _cut(sentence: str) -> str:
    sentence = sentence.strip(" -–•*;,")
    if len(sentence) <= _LONGEST:
        return sentence
    return sentence[:_LONGEST].rsplit(" ", 1)[0] + " …"


_Vector: TypeAlias = npt.NDArray[np.int64]
_KEPT, _LOCK = 20_000, Lock()
"""How many of the latest sentences keep their vectors, and what guards them."""
_read: dict[tuple[str, str], _Vector] = {}
"""(version of the encoder, sentence) → its vector, the oldest first"""


def _vectors(encoder: Encoder, sentences: Sequence[str]) -> dict[str, _Vector]:
    """The vector of each of the sentences."""
    with _LOCK:
        known = {s: _read.get((encoder.version, s)) for s in sentences}
    found = {s: vector for s, vector in known.items() if vector is not None}
    if new := [s for s in known if s not in found]:
        read = [text.without(sentence, encoder.place_names) for sentence in new]
        made = encoder.encode(read, STORED, _PIECES).astype(np.int64)
        found |= zip(new, made, strict=True)
        with _LOCK:
            _read.update(((encoder.version, s), found[s]) for s in new)
            for oldest in list(islice(_read, max(0, len(_read) - _KEPT))):
                del _read[oldest]
    return found
