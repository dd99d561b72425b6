"""The sentence in a provider's own words that is nearest to a lot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

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


def nearest_sentence(query: Query, profile: str, weights: Mapping[str, float]) -> str:
    """The sentence of `profile` that shares most of the words weighed in `weights` (by stem).

    Where none shares a word, the one that the encoder finds nearest; '' where none is near.
    Sentences that name a place are left out where places may not count.
    """
    sentences = _sentences(profile)
    if not query.counts(Signal.PLACE):
        sentences = [one for one in sentences if not _names_a_place(query, one)]
    shared = [sum(weights[s] for s in text.spellings(one, weights)) for one in sentences]
    if max(shared, default=0) > 0:
        return _cut(sentences[shared.index(max(shared))])
    lot, encoder = query.encoded, query.knowledge.encoder
    if lot is None or encoder is None:
        return ""
    read, asked = sentences[:_READ], lot.vector.astype(np.int64)
    near = [float(_vector(_Reader(encoder.version, encoder), one) @ asked) for one in read]
    best = max(near, default=0.0)
    return _cut(read[near.index(best)]) if best >= _NEAR * QUERY * STORED else ""


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


@dataclass(frozen=True, slots=True)
class _Reader:
    """An encoder that is told from others by its version."""

    version: str
    encoder: Encoder = field(compare=False)


def _cut(sentence: str) -> str:
    sentence = sentence.strip(" -–•*;,")
    if len(sentence) <= _LONGEST:
        return sentence
    return sentence[:_LONGEST].rsplit(" ", 1)[0] + " …"


@lru_cache(20_000)
def _vector(reader: _Reader, sentence: str) -> npt.NDArray[np.int64]:
    read = text.without(sentence, reader.encoder.place_names)
    found: npt.NDArray[np.int64] = reader.encoder.encode([read], STORED, _PIECES)[0].astype(
        np.int64
    )
    return found
