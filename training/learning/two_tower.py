"""Learn the embedder, so that lots are near the names of their winners and near similar lots.

Two tables of vectors, one for texts and one for names, are learned together by contrast: in each
batch of pairs, each text must pick its own partner among all partners, and the reverse.  Three
kinds of pair share the tables:

    a lot and the name of a supplier that won it
    two lots that one supplier won
    the profile and the name of a provider
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matcher.core.arrays import Floats, Ints
from matcher.register.encoded_texts import Offer, Text
from models.coder import BUCKETS, Coder, Row, Vocabulary, letters, name_words
from models.embedder import Embedder, QuantizedVectors
from training.evaluation.line_files import Progress
from training.learning.settings import TowerSettings

Pairs: TypeAlias = tuple[Ints, Ints, Ints]
"""Left rows, right rows, and a key shared by pairs that must not be contrasted."""


@dataclass(frozen=True)
class History:
    """The data of the embedder: awards with their winners, and providers."""

    texts: Sequence[Text]
    series: Sequence[str]
    """one key for each award, the same for nearly identical contracts"""
    winners: Sequence[npt.NDArray[np.integer]]
    """for each award, the numbers of the offers that won it"""
    offers: Sequence[Offer]


_MOST_WINNERS = 20
_PER_AWARD = 4
_PER_SUPPLIER = 40


def learn(
    history: History, settings: TowerSettings, places: frozenset[str], seed: int, progress: Progress
) -> Embedder:
    """The embedder for a history; the same history, settings and seed give the same one."""
    coder = learn_coder(history, settings, places)
    texts = _matrix([coder.text(*t) for t in history.texts], coder.text_columns)
    profiles = _matrix([coder.text(words, ()) for _, words in history.offers], coder.text_columns)
    names = _matrix(
        [coder.name(names_of_offers) for names_of_offers, _ in history.offers], coder.name_columns
    )
    random = np.random.default_rng(seed)
    text_table = _Table(coder.text_columns, settings, random)
    name_table = _Table(coder.name_columns, settings, random)
    tasks = (
        _Task(
            (texts, text_table),
            (names, name_table),
            _winner_pairs(history),
            settings.name_sharpness,
        ),
        _Task(
            (texts, text_table),
            (texts, text_table),
            _same_winner_pairs(history),
            settings.text_sharpness,
        ),
        _Task(
            (profiles, text_table),
            (names, name_table),
            _profile_pairs(profiles),
            settings.name_sharpness,
        ),
    )
    _run(tasks, settings, random, progress)
    rotation = _rotation(
        (texts, text_table), (profiles, text_table), (names, name_table), kept=settings.kept
    )
    return Embedder(
        coder,
        QuantizedVectors.of(text_table.vectors @ rotation),
        QuantizedVectors.of(name_table.vectors @ rotation),
    )


def learn_coder(history: History, settings: TowerSettings, places: frozenset[str]) -> Coder:
    """The vocabularies: only words in enough documents, so that no person's name is learned."""
    profiles = [words for _, words in history.offers if words]
    texts = [words for words, _ in history.texts]
    names_of_offers = [names for names, _ in history.offers]
    count = np.zeros(BUCKETS)
    for names in names_of_offers:
        count[list(letters(names, places))] += 1
    return Coder(
        words=Vocabulary.of([*texts, *profiles], settings.least, settings.most),
        codes=Vocabulary.of((codes for _, codes in history.texts), 2),
        name_words=Vocabulary.of(
            (name_words(names, places) for names in names_of_offers), settings.least
        ),
        letters=np.log((len(names_of_offers) + 1) / (count + 1)).astype(np.float32),
        places=places,
    )


def _matrix(rows: Sequence[Row], columns: int) -> sparse.csr_matrix:
    ends = np.cumsum([0, *(len(at) for at, _ in rows)])
    at = np.concatenate([np.empty(0, np.int32), *(a for a, _ in rows)])
    value = np.concatenate([np.empty(0, np.float32), *(v for _, v in rows)])
    return sparse.csr_matrix((value, at, ends), shape=(len(rows), columns))


# --- pairs -----------------------------------------------------------------------------


def _winner_pairs(history: History) -> Callable[[np.random.Generator], Pairs]:
    """A lot and a winner: a few for each award, so that large frameworks do not dominate."""

    def pairs(random: np.random.Generator) -> Pairs:
        chosen = [
            w if len(w) <= _PER_AWARD else random.choice(w, _PER_AWARD, replace=False)
            for w in history.winners
        ]
        left = np.repeat(np.arange(len(chosen)), [len(w) for w in chosen])
        right = np.concatenate([np.empty(0, np.int64), *chosen]).astype(np.int64)
        return left, right, right

    return pairs


def _same_winner_pairs(history: History) -> Callable[[np.random.Generator], Pairs]:
    """Two lots with the same winner that are not nearly identical."""
    won: dict[int, list[int]] = {}
    for award, winners in enumerate(history.winners):
        if len(winners) <= _MOST_WINNERS:
            for winner in winners.tolist():
                won.setdefault(winner, []).append(award)
    several = {w: np.array(awards) for w, awards in won.items() if len(awards) > 1}

    def pairs(random: np.random.Generator) -> Pairs:
        found = []
        for winner, awards in several.items():
            mixed = random.permutation(awards)[:_PER_SUPPLIER].tolist()
            found += [
                (a, b, winner)
                for a, b in zip(mixed, mixed[1:] + mixed[:1], strict=True)
                if history.series[a] != history.series[b]
            ]
        left, right, by = np.array(found, np.int64).reshape(-1, 3).T
        return left, right, by

    return pairs


def _profile_pairs(profiles: sparse.csr_matrix) -> Callable[[np.random.Generator], Pairs]:
    """The profile and the name of a provider."""
    rows = np.flatnonzero(np.diff(profiles.indptr) > 0).astype(np.int64)
    return lambda random: (rows, rows, rows)


# --- learning --------------------------------------------------------------------------


class _Table:
    """Vectors that are learned with Adagrad, with one rate for each row."""

    def __init__(self, rows: int, settings: TowerSettings, random: np.random.Generator) -> None:
        self.vectors = random.normal(0, 0.05, (rows, settings.size)).astype(np.float32)
        self._moved = np.zeros(rows, np.float32)

    def embed(self, x: sparse.csr_matrix) -> tuple[Floats, Floats]:
        """The unit vectors of sparse rows, and their lengths before scaling."""
        z = x @ self.vectors
        length = np.linalg.norm(z, axis=1, keepdims=True) + np.float32(1e-8)
        return z / length, length

    def move(
        self, x: sparse.csr_matrix, unit: Floats, length: Floats, gradient: Floats, rate: float
    ) -> None:
        """Take a step against the gradient (n, d) of the unit vectors."""
        down = (gradient - (gradient * unit).sum(axis=1, keepdims=True) * unit) / length
        columns = np.unique(x.indices)
        step = x[:, columns].T @ down
        self._moved[columns] += (step * step).mean(axis=1)
        pace = np.float32(rate) / np.sqrt(self._moved[columns] + np.float32(1e-10))
        self.vectors[columns] -= pace[:, None] * step


@dataclass(frozen=True)
class _Task:
    left: tuple[sparse.csr_matrix, _Table]
    right: tuple[sparse.csr_matrix, _Table]
    pairs: Callable[[np.random.Generator], Pairs]
    sharpness: float

    def step(self, batch: Pairs, rate: float, hidden: float, random: np.random.Generator) -> None:
        """Learn from one batch of pairs, with a share `hidden` of their parts left out."""
        left, right, same = batch
        (x, text), (y, other) = self.left, self.right
        a, b = _drop_parts(x[left], hidden, random), _drop_parts(y[right], hidden, random)
        u, u_length = text.embed(a)
        v, v_length = other.embed(b)
        u_gradient, v_gradient = _contrast(u, v, same, np.float32(self.sharpness))
        text.move(a, u, u_length, u_gradient, rate)
        other.move(b, v, v_length, v_gradient, rate)


def _rotation(*of: tuple[sparse.csr_matrix, _Table], kept: int) -> Floats:
    """The rotation (d, kept) that orders dimensions of all vectors by importance (PCA).

    The last dimensions are mostly noise: similarity is no worse without them, at half the work.
    """
    moments = sum(unit.T @ unit for x, table in of for unit in [table.embed(x)[0]])
    _, axes = np.linalg.eigh(np.asarray(moments, np.float64))
    rotation: Floats = axes[:, ::-1][:, :kept].astype(np.float32)
    return rotation


def _drop_parts(
    x: sparse.csr_matrix, hidden: float, random: np.random.Generator
) -> sparse.csr_matrix:
    """`x` with each value set to zero with probability `hidden`, so that no word dominates."""
    x.data *= random.random(len(x.data), np.float32) >= hidden
    return x


def _contrast(u: Floats, v: Floats, same: Ints, sharpness: np.float32) -> tuple[Floats, Floats]:
    """The gradients of the symmetric softmax loss; pairs with the same key are not contrasted."""
    logits = sharpness * (u @ v.T)
    together = same[:, None] == same[None, :]
    np.fill_diagonal(together, val=False)
    logits[together] = -1e9
    across = np.exp(logits - logits.max(axis=1, keepdims=True))
    across /= across.sum(axis=1, keepdims=True)
    along = np.exp(logits - logits.max(axis=0))
    along /= along.sum(axis=0)
    error = (across + along) / 2
    error[np.arange(len(u)), np.arange(len(u))] -= 1
    error *= sharpness / np.float32(len(u))
    return error @ v, error.T @ u


def _run(
    tasks: Sequence[_Task], settings: TowerSettings, random: np.random.Generator, progress: Progress
) -> None:
    for epoch in range(settings.epochs):
        batches = list(_batches(tasks, settings.batch, random))
        order = random.permutation(len(batches)).tolist()
        for done, at in enumerate(order):
            task, batch = batches[at]
            so_far = (epoch + done / len(order)) / settings.epochs
            rate = settings.rate * (1 - so_far * 2 / 3)
            task.step(batch, rate, settings.hidden, random)
            if done % 10 == 0:
                whole = settings.epochs * len(order)
                progress("learning what goes together", epoch * len(order) + done, whole)


def _batches(
    tasks: Sequence[_Task], size: int, random: np.random.Generator
) -> Iterator[tuple[_Task, Pairs]]:
    for task in tasks:
        left, right, same = task.pairs(random)
        order = random.permutation(len(left))
        for start in range(0, max(len(order) - size // 2, 1), size):
            at = order[start : start + size]
            if len(at) > 1:
                yield task, (left[at], right[at], same[at])
