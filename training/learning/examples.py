"""Ask past lots with what was known then: examples to learn from, and lists to measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from matcher.core import workers
from matcher.core.arrays import Ints, Mask
from matcher.core.errors import NotLawful
from matcher.core.identifiers import fingerprint
from matcher.core.types import Lot
from matcher.law.rulebook import Rulebook
from matcher.law.types import Purpose
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features import compute, registry
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query
from matcher.ranking.request import Request
from matcher.ranking.retrieval import retrieve
from matcher.register.analysis import buyer_key
from matcher.register.encoded import EncodedTexts
from matcher.register.register import Register
from matcher.register.vectors import Vectors
from models.bundle import Bundle
from training.evaluation.line_files import Progress
from training.learning.cold_start import cold_start_context, without_profile, words_only

Matrix: TypeAlias = npt.NDArray[np.float32]
Found = TypeVar("Found")

MOST_WINNERS = 20
_TITLE = 60
_CHUNK = 50


@dataclass(frozen=True, slots=True)
class TrainingWindow:
    """Days from `first` up to but not including `end`; its lots are asked as on `first`."""

    first: date
    end: date

    @classmethod
    def before(cls, end: date, months: int, count: int) -> list[TrainingWindow]:
        """The last `count` windows before `end`, oldest first."""
        edges = [*(_months_before(end, months * i) for i in range(count, 0, -1)), end]
        return [cls(a, b) for a, b in pairwise(edges)]


def _months_before(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, min(day.day, 28) if day.day > 1 else 1)


@dataclass(frozen=True, slots=True)
class RegisterBefore:
    """A register, and the knowledge learned from its awards before a day.

    Named by folders, so that any process can open it.
    """

    register: Path
    bundle: Path
    vectors: Path
    before: date
    encoded: Path | None = None
    """the register's texts through the bundle's encoder, if it has one"""

    def open(self) -> Matcher:
        """A matcher that knows only awards before that day."""
        register = replace(Register.open(self.register), vectors=Vectors.open(self.vectors))
        if self.encoded is not None:
            register = replace(register, encoded=EncodedTexts.open(self.encoded))
        bundle = Bundle.open(self.bundle, registry.FEATURES)
        return Matcher(register.before(self.before), bundle, Rulebook.open())

    def ask(
        self, matcher: Matcher, number: int, purpose: Purpose, *, words_alone: bool = False
    ) -> Query | None:
        """Award `number` as a query over all providers; None where the gate refuses it."""
        request = Request(purpose, Filters(everyone=True), before=self.before)
        lot = matcher.register.awards[number].lot
        lot = words_only(lot) if words_alone else lot
        try:
            return matcher.query(
                lot if purpose is Purpose.ENGAGEMENT else as_invite_lot(lot), request
            )
        except NotLawful:
            return None


@dataclass(frozen=True, slots=True)
class Example:
    """One lot to learn from: its candidates that won, and a sample of the others."""

    number: int
    x: Matrix
    """(candidates, features)"""
    won: Mask
    winners: int
    """the number of winners, candidates or not"""
    importance: float = 1.0
    """its weight compared with a lot of a council"""

    @property
    def weight(self) -> float:
        """The weight of each candidate: lower for frameworks with many winners."""
        return self.importance / float(np.sqrt(self.winners))


@dataclass(frozen=True, slots=True)
class Ranked:
    """The list for one lot: register rows, best first, and their scores."""

    number: int
    rows: Ints
    scores: npt.NDArray[np.float64]
    new: Mask
    """which had no known award"""


def series(lot: Lot) -> str:
    """A key shared by near-identical lots: the buyer and the start of the title."""
    return f"{buyer_key(lot.buyer)} {lot.title.lower()[:_TITLE]}"


def window_lots(register: Register, window: TrainingWindow, *, councils_only: bool) -> list[int]:
    """Numbers of the awards of a window to ask as lots: the first of each series.

    Frameworks with more than `MOST_WINNERS` winners say little about any one, and are left out.
    """
    start, end = (register.before(day).known_awards for day in (window.first, window.end))
    seen: set[str] = set()
    chosen = []
    for number in range(start, end):
        lot = register.awards[number].lot
        fits = 0 < len(register.winners.of(number)) <= MOST_WINNERS
        if fits and (lot.buyer_kind == "council" or not councils_only):
            key = series(lot)
            if key not in seen:
                seen.add(key)
                chosen.append(number)
    return chosen


def spread_evenly(numbers: Sequence[int], most: int) -> list[int]:
    """At most `most` of the numbers, spread evenly."""
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[i] for i in np.linspace(0, len(numbers) - 1, most).astype(int).tolist()]


def as_invite_lot(lot: Lot) -> Lot:
    """The lot as a below-threshold purchase of an English council in June 2026.

    The rulebook has no invite lists before 2025.  Words, codes, buyer and area stay, because
    the query uses them.  The buyer's postcode is removed, so that its nation does not matter.
    """
    return replace(
        lot,
        day=date(2026, 6, 1),
        value=None,
        category="",
        buyer_kind="council",
        buyer_postcode="",
        postcode="",
    )


def training_examples(
    at: RegisterBefore,
    numbers: Sequence[int],
    purpose: Purpose,
    names: Sequence[str],
    *,
    others: int,
    progress: Progress,
    importance: float = 1.0,
    cold_start: bool = False,
) -> list[Example]:
    """Each award's candidates without a profile, with the features `names`.

    With `cold_start`, all candidates, as if none had a record; every second lot has only its words.
    Keeps at most `others` that did not win.  Leaves out lots that the gate refuses and lots with
    no winner among the candidates.  `importance` is the weight of a lot compared with a lot of a
    council.
    """
    stage = f"asking lots of {at.before:%B %Y}{' of newcomers' * cold_start} ({purpose.value})"
    work = partial(
        _cold_start_chunk if cold_start else _example_chunk,
        _ExampleOptions(at, purpose, tuple(names), others, importance),
    )
    found = workers.in_order(work, _chunks(numbers), workers.ALL_CORES)
    return [e for e in _with_progress(found, stage, len(numbers), progress) if e.won.any()]


@dataclass(frozen=True, slots=True)
class _ExampleOptions:
    """How the lots of a window are asked."""

    at: RegisterBefore
    purpose: Purpose
    names: tuple[str, ...]
    others: int
    importance: float


def rank_lots(
    at: RegisterBefore, numbers: Sequence[int], purpose: Purpose, progress: Progress
) -> list[Ranked]:
    """The list of each award's lot by the bundle, over all providers."""
    work = partial(_rank_chunk, at, purpose)
    found = workers.in_order(work, _chunks(numbers), workers.ALL_CORES)
    stage = f"measuring on lots of {at.before:%B %Y} ({purpose.value})"
    return list(_with_progress(found, stage, len(numbers), progress))


def _chunks(numbers: Sequence[int]) -> list[list[int]]:
    return [list(numbers[i : i + _CHUNK]) for i in range(0, len(numbers), _CHUNK)]


def _with_progress(
    chunks: Iterator[list[Found]], stage: str, whole: int, progress: Progress
) -> Iterator[Found]:
    for done, chunk in enumerate(chunks):
        progress(stage, min((done + 1) * _CHUNK, whole), whole)
        yield from chunk


def _example_chunk(options: _ExampleOptions, numbers: Sequence[int]) -> list[Example]:
    asked = _queries(options.at, numbers, options.purpose)
    contexts = ((number, _context(query)) for number, _, query in asked)
    return [
        _example(options, number, context, without_profile(context)) for number, context in contexts
    ]


def _cold_start_chunk(options: _ExampleOptions, numbers: Sequence[int]) -> list[Example]:
    matcher, found = options.at.open(), []
    for place, number in enumerate(numbers):
        query = options.at.ask(matcher, number, options.purpose, words_alone=place % 2 == 1)
        if query is not None:
            context = cold_start_context(_context(query))
            found.append(
                _example(options, number, context, np.ones(len(context.candidates.rows), bool))
            )
    return found


def _context(query: Query) -> FeatureContext:
    return FeatureContext(query, retrieve(query, eligible_providers(query)))


def _example(
    options: _ExampleOptions, number: int, context: FeatureContext, teaching: Mask
) -> Example:
    """The example that the candidates marked in `teaching` give."""
    winners = context.register.winners.of(number)
    won = np.isin(context.candidates.rows, winners)
    x = compute.compute(context, options.names)
    teaching_rows = np.flatnonzero(teaching)
    kept = teaching_rows[_sample(won[teaching_rows], options.others, context.analyzed.lot.id)]
    return Example(number, x[kept].astype(np.float32), won[kept], len(winners), options.importance)


def _sample(won: Mask, others: int, lot_id: str) -> Ints:
    """Positions of all winners and of `others` that lost, sampled with the lot's id as seed."""
    lost = np.flatnonzero(~won)
    if len(lost) > others:
        lost = np.random.default_rng(fingerprint(lot_id)).choice(lost, others, replace=False)
    return np.sort(np.concatenate([np.flatnonzero(won), lost]))


def _rank_chunk(at: RegisterBefore, purpose: Purpose, numbers: Sequence[int]) -> list[Ranked]:
    found = []
    for number, matcher, query in _queries(at, numbers, purpose):
        answer = matcher.rank(query, eligible_providers(query), seed=0)
        found.append(
            Ranked(number, answer.rows, answer.scores, matcher.register.is_new(answer.rows))
        )
    return found


def _queries(
    at: RegisterBefore, numbers: Sequence[int], purpose: Purpose
) -> Iterator[tuple[int, Matcher, Query]]:
    """(number, matcher, query) of each award that the gate does not refuse."""
    matcher = at.open()
    for number in numbers:
        query = at.ask(matcher, number, purpose)
        if query is not None:
            yield number, matcher, query
