"""Learn the embedder: lots near the names of those who won them, and near each other.

Two tables of vectors, one for texts and one for names, learned together by contrast: of
every batch of pairs, each text must pick its own partner out of all partners, and each
partner its text.  Three kinds of pair share the tables:

    a lot and the name of a supplier that won it
    two lots that one supplier won
    what a provider says it does and what it is called
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matcher.core.arrays import Floats, Ints
from matcher.register.texts import Offer, Text
from models.coder import BUCKETS, Coder, Row, Vocabulary, letters, name_words
from models.embedder import Embedder, QuantizedVectors
from training.learning.settings import TowerSettings

Pairs: TypeAlias = tuple[Ints, Ints, Ints]
"""Left rows, right rows, and what a pair has in common with others that are no contrast."""
Progress: TypeAlias = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class History:
    """What the embedder learns from: awards with their winners, and providers."""

    texts: Sequence[Text]
    series: Sequence[str]
    """one key an award; two of one series are much the same contract"""
    winners: Sequence[npt.NDArray[np.integer]]
    """the offers (numbers) that won each award"""
    offers: Sequence[Offer]


_MOST_WINNERS = 20
_PER_AWARD = 4
_PER_SUPPLIER = 40


def learn(
    history: History, settings: TowerSettings, places: frozenset[str], seed: int, progress: Progress
) -> Embedder:
    """The embedder of a history; the same history, settings and seed give the same one."""
    coder = learn_coder(history, settings, places)
    texts = _matrix([coder.text(*t) for t in history.texts], coder.text_columns)
    said = _matrix([coder.text(words, ()) for _, words in history.offers], coder.text_columns)
    names = _matrix([coder.name(named) for named, _ in history.offers], coder.name_columns)
    draw = np.random.default_rng(seed)
    text_table = _Table(coder.text_columns, settings, draw)
    name_table = _Table(coder.name_columns, settings, draw)
    tasks = (
        _Task((texts, text_table), (names, name_table), _won(history), settings.name_sharpness),
        _Task((texts, text_table), (texts, text_table), _shared(history), settings.text_sharpness),
        _Task((said, text_table), (names, name_table), _own(said), settings.name_sharpness),
    )
    _run(tasks, settings, draw, progress)
    turn = _turn((texts, text_table), (said, text_table), (names, name_table), kept=settings.kept)
    return Embedder(
        coder,
        QuantizedVectors.of(text_table.vectors @ turn),
        QuantizedVectors.of(name_table.vectors @ turn),
    )


def learn_coder(history: History, settings: TowerSettings, places: frozenset[str]) -> Coder:
    """The vocabularies: words that enough documents hold, so that nobody's name is learned."""
    said = [words for _, words in history.offers if words]
    heard = [words for words, _ in history.texts]
    named = [names for names, _ in history.offers]
    count = np.zeros(BUCKETS)
    for names in named:
        count[list(letters(names, places))] += 1
    return Coder(
        words=Vocabulary.of([*heard, *said], settings.least, settings.most),
        codes=Vocabulary.of((codes for _, codes in history.texts), 2),
        name_words=Vocabulary.of((name_words(names, places) for names in named), settings.least),
        letters=np.log((len(named) + 1) / (count + 1)).astype(np.float32),
        places=places,
    )


def _matrix(rows: Sequence[Row], columns: int) -> sparse.csr_matrix:
    ends = np.cumsum([0, *(len(at) for at, _ in rows)])
    at = np.concatenate([np.empty(0, np.int32), *(a for a, _ in rows)])
    value = np.concatenate([np.empty(0, np.float32), *(v for _, v in rows)])
    return sparse.csr_matrix((value, at, ends), shape=(len(rows), columns))


# --- pairs -----------------------------------------------------------------------------


def _won(history: History) -> Callable[[np.random.Generator], Pairs]:
    """A lot and a winner: a few of each award, so that a framework does not drown the rest."""

    def pairs(draw: np.random.Generator) -> Pairs:
        chosen = [
            w if len(w) <= _PER_AWARD else draw.choice(w, _PER_AWARD, replace=False)
            for w in history.winners
        ]
        left = np.repeat(np.arange(len(chosen)), [len(w) for w in chosen])
        right = np.concatenate([np.empty(0, np.int64), *chosen]).astype(np.int64)
        return left, right, right

    return pairs


def _shared(history: History) -> Callable[[np.random.Generator], Pairs]:
    """Two lots of one winner, not of one series."""
    won: dict[int, list[int]] = {}
    for award, winners in enumerate(history.winners):
        if len(winners) <= _MOST_WINNERS:
            for winner in winners.tolist():
                won.setdefault(winner, []).append(award)
    several = {w: np.array(awards) for w, awards in won.items() if len(awards) > 1}

    def pairs(draw: np.random.Generator) -> Pairs:
        found = []
        for winner, awards in several.items():
            mixed = draw.permutation(awards)[:_PER_SUPPLIER].tolist()
            found += [
                (a, b, winner)
                for a, b in zip(mixed, mixed[1:] + mixed[:1], strict=True)
                if history.series[a] != history.series[b]
            ]
        left, right, by = np.array(found, np.int64).reshape(-1, 3).T
        return left, right, by

    return pairs


def _own(said: sparse.csr_matrix) -> Callable[[np.random.Generator], Pairs]:
    """A provider's profile and its name."""
    rows = np.flatnonzero(np.diff(said.indptr) > 0).astype(np.int64)
    return lambda draw: (rows, rows, rows)


# --- learning --------------------------------------------------------------------------


class _Table:
    """Vectors, and how much each has moved: Adagrad, one rate a row."""

    def __init__(self, rows: int, settings: TowerSettings, draw: np.random.Generator) -> None:
        self.vectors = draw.normal(0, 0.05, (rows, settings.size)).astype(np.float32)
        self._moved = np.zeros(rows, np.float32)

    def embed(self, x: sparse.csr_matrix) -> tuple[Floats, Floats]:
        """Unit vectors of sparse rows, and the lengths that they had."""
        z = x @ self.vectors
        length = np.linalg.norm(z, axis=1, keepdims=True) + np.float32(1e-8)
        return z / length, length

    def move(
        self, x: sparse.csr_matrix, unit: Floats, length: Floats, slope: Floats, rate: float
    ) -> None:
        """A step down the slope (n, d) that the unit vectors have."""
        down = (slope - (slope * unit).sum(axis=1, keepdims=True) * unit) / length
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

    def step(self, batch: Pairs, rate: float, hidden: float, draw: np.random.Generator) -> None:
        """One batch of pairs, each shown without a share `hidden` of what it holds."""
        left, right, same = batch
        (x, text), (y, other) = self.left, self.right
        a, b = _without(x[left], hidden, draw), _without(y[right], hidden, draw)
        u, u_length = text.embed(a)
        v, v_length = other.embed(b)
        u_slope, v_slope = _contrast(u, v, same, np.float32(self.sharpness))
        text.move(a, u, u_length, u_slope, rate)
        other.move(b, v, v_length, v_slope, rate)


def _turn(*of: tuple[sparse.csr_matrix, _Table], kept: int) -> Floats:
    """The turn (d, kept) of all vectors after which the first numbers tell most apart.

    What the last ones say is mostly chance: without them likeness in meaning is no worse, and
    half the numbers are half the work.
    """
    moments = sum(unit.T @ unit for x, table in of for unit in [table.embed(x)[0]])
    _, axes = np.linalg.eigh(np.asarray(moments, np.float64))
    turn: Floats = axes[:, ::-1][:, :kept].astype(np.float32)
    return turn


def _without(x: sparse.csr_matrix, hidden: float, draw: np.random.Generator) -> sparse.csr_matrix:
    """`x` with each number set to zero by chance `hidden`, so that no single word is leant on."""
    x.data *= draw.random(len(x.data), np.float32) >= hidden
    return x


def _contrast(u: Floats, v: Floats, same: Ints, sharpness: np.float32) -> tuple[Floats, Floats]:
    """The slopes of the symmetric softmax loss.

    Pairs that have something in common do not contrast with each other.
    """
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
    tasks: Sequence[_Task], settings: TowerSettings, draw: np.random.Generator, progress: Progress
) -> None:
    for epoch in range(settings.epochs):
        batches = list(_batches(tasks, settings.batch, draw))
        order = draw.permutation(len(batches)).tolist()
        for done, at in enumerate(order):
            task, batch = batches[at]
            so_far = (epoch + done / len(order)) / settings.epochs
            rate = settings.rate * (1 - so_far * 2 / 3)
            task.step(batch, rate, settings.hidden, draw)
            if done % 10 == 0:
                whole = settings.epochs * len(order)
                progress("learning what goes together", epoch * len(order) + done, whole)


def _batches(
    tasks: Sequence[_Task], size: int, draw: np.random.Generator
) -> Iterator[tuple[_Task, Pairs]]:
    for task in tasks:
        left, right, same = task.pairs(draw)
        order = draw.permutation(len(left))
        for start in range(0, max(len(order) - size // 2, 1), size):
            at = order[start : start + size]
            if len(at) > 1:
                yield task, (left[at], right[at], same[at])
