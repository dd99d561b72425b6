"""The sentence in a provider's own words that is nearest to a lot."""

from __future__ import annotations

import re
from collections.abc import Mapping

from matcher.law.types import Signal
from matcher.ranking.query import Query
from matcher.register.analysis import named_places
from matcher.register.encoded_texts import sentences_of
from models import text

_LONGEST = 240
_WORD, _RUN = re.compile(r"[^\W\d_]+"), 3
_NEAR = 0.3
"""The cosine from which a sentence without a shared word is quoted."""


def nearest_sentence(query: Query, row: int, profile: str, weights: Mapping[str, float]) -> str:
    """The sentence of a row's `profile` that shares most of the words weighed in `weights`.

    `weights` are by stem.  Where no sentence shares a word, it is the nearest of those whose
    vectors the register holds; '' where none is near.  Sentences that name a place are left out
    where places may not count.
    """
    sentences = dict(enumerate(sentences_of(profile)))
    if not query.counts(Signal.PLACE):
        sentences = {n: one for n, one in sentences.items() if not _names_a_place(query, one)}
    shared = {
        n: sum(weights[stem] for stem in text.spellings(one, weights))
        for n, one in sentences.items()
    }
    if any(shared.values()):
        return _cut(sentences[max(shared, key=shared.__getitem__)])
    if (lot := query.encoded) is None:
        return ""
    likeness = lot.texts.sentences_like(lot.vector, row).tolist()
    near = {n: like for n, like in enumerate(likeness) if n in sentences and like >= _NEAR}
    return _cut(sentences[max(near, key=near.__getitem__)]) if near else ""


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
