"""Lots of the past asked again, as they stood then: to learn from, and to measure on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias, TypeVar

import joblib
import numpy as np
import numpy.typing as npt

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
from matcher.register.register import Register
from matcher.register.vectors import Vectors
from models.bundle import Bundle
from training.learning.cold_start import bare, disguised, silent

Matrix: TypeAlias = npt.NDArray[np.float32]
Progress: TypeAlias = Callable[[str, int, int | None], None]
Found = TypeVar("Found")

MOST_WINNERS = 20
_TITLE = 60
_CHUNK = 50


@dataclass(frozen=True, slots=True)
class TrainingWindow:
    """A stretch of days: lots from `first` up to but not including `end`, asked as on `first`."""

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
    """A register, and what could be learned of it before a day.

    Named by folders, so that any process can stand there.
    """

    register: Path
    bundle: Path
    vectors: Path
    before: date

    def open(self) -> Matcher:
        """A matcher that knows only awards before that day."""
        register = replace(Register.open(self.register), vectors=Vectors.open(self.vectors))
        bundle = Bundle.open(self.bundle, registry.FEATURES)
        return Matcher(register.before(self.before), bundle, Rulebook.open())

    def ask(
        self, matcher: Matcher, number: int, purpose: Purpose, *, words_alone: bool = False
    ) -> Query | None:
        """Award `number` asked as a lot, over everyone; None where the gate refuses it."""
        request = Request(purpose, Filters(everyone=True), before=self.before)
        lot = matcher.register.awards[number].lot
        lot = bare(lot) if words_alone else lot
        try:
            return matcher.query(
                lot if purpose is Purpose.ENGAGEMENT else as_if_today(lot), request
            )
        except NotLawful:
            return None


@dataclass(frozen=True, slots=True)
class Example:
    """One lot to learn from: all its candidates that won, and some that did not."""

    number: int
    x: Matrix
    """(candidates, features)"""
    won: Mask
    winners: int
    """how many won, candidates or not"""
    counts: float = 1.0
    """what it teaches beside a lot of a council"""

    @property
    def weight(self) -> float:
        """What each of its candidates weighs: frameworks of many winners say less of each."""
        return self.counts / float(np.sqrt(self.winners))


@dataclass(frozen=True, slots=True)
class Ranked:
    """One lot as it would have been answered: register rows, best first, and their scores."""

    number: int
    rows: Ints
    scores: npt.NDArray[np.float64]
    new: Mask
    """which had no award that was known"""


def series(lot: Lot) -> str:
    """What near-identical lots have in common: the buyer and how the title begins."""
    return f"{buyer_key(lot.buyer)} {lot.title.lower()[:_TITLE]}"


def lots_of(register: Register, window: TrainingWindow, *, councils_only: bool) -> list[int]:
    """Numbers of the awards of a window to ask as lots: the first of each series.

    Frameworks with more winners than `MOST_WINNERS` say little of who fits, and are left out.
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


def spread(numbers: Sequence[int], most: int) -> list[int]:
    """At most `most` of the numbers, spread evenly."""
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[i] for i in np.linspace(0, len(numbers) - 1, most).astype(int).tolist()]


def as_if_today(lot: Lot) -> Lot:
    """The lot as a below-threshold purchase of an English council in June 2026.

    The rulebook has no invite lists before 2025.  Words, codes, buyer and area stay, because
    the question reads them; the buyer's postcode goes, so that its nation is no bar.
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


def examples(
    at: RegisterBefore,
    numbers: Sequence[int],
    purpose: Purpose,
    names: Sequence[str],
    *,
    others: int,
    progress: Progress,
    counts: float = 1.0,
) -> list[Example]:
    """Each award's candidates with the features `names`; at most `others` that did not win.

    Only candidates without a profile teach here; `without_record` is of all.

    Lots that the gate refuses, or of which no winner is among the candidates, teach nothing
    and are left out.  `counts` is what each teaches beside a lot of a council.
    """
    stage = f"asking lots of {at.before:%B %Y} ({purpose.value})"
    given = _Given(at, purpose, tuple(names), others, counts)
    return _gathered(_examples, given, numbers, stage, progress)


def without_record(
    at: RegisterBefore,
    numbers: Sequence[int],
    purpose: Purpose,
    names: Sequence[str],
    *,
    others: int,
    progress: Progress,
    counts: float = 1.0,
) -> list[Example]:
    """The same awards asked as if nobody had a record, every second one by its words alone."""
    stage = f"asking lots of {at.before:%B %Y} of newcomers ({purpose.value})"
    given = _Given(at, purpose, tuple(names), others, counts)
    return _gathered(_disguised, given, numbers, stage, progress)


@dataclass(frozen=True, slots=True)
class _Given:
    """What each lot of a window is asked with."""

    at: RegisterBefore
    purpose: Purpose
    names: tuple[str, ...]
    others: int
    counts: float


def _gathered(
    work: Callable[[_Given, Sequence[int]], list[Example]],
    given: _Given,
    numbers: Sequence[int],
    stage: str,
    progress: Progress,
) -> list[Example]:
    later = joblib.delayed(work)
    found: Iterator[list[Example]] = _parallel(later(given, c) for c in _chunks(numbers))
    return [e for e in _watched(found, stage, len(numbers), progress) if e.won.any()]


def ranked(
    at: RegisterBefore, numbers: Sequence[int], purpose: Purpose, progress: Progress
) -> list[Ranked]:
    """Each award as the bundle would have answered it, over everyone."""
    work = joblib.delayed(_ranked)
    found: Iterator[list[Ranked]] = _parallel(work(at, c, purpose) for c in _chunks(numbers))
    stage = f"measuring on lots of {at.before:%B %Y} ({purpose.value})"
    return list(_watched(found, stage, len(numbers), progress))


def _chunks(numbers: Sequence[int]) -> list[list[int]]:
    return [list(numbers[i : i + _CHUNK]) for i in range(0, len(numbers), _CHUNK)]


def _parallel(tasks: Iterator[object]) -> Iterator[list[Found]]:
    """Whoever starts first, results come in the order of the tasks."""
    return joblib.Parallel(n_jobs=-1, return_as="generator")(tasks)  # type: ignore[no-any-return]


def _watched(
    chunks: Iterator[list[Found]], stage: str, whole: int, progress: Progress
) -> Iterator[Found]:
    for done, chunk in enumerate(chunks):
        progress(stage, min((done + 1) * _CHUNK, whole), whole)
        yield from chunk


def _examples(given: _Given, numbers: Sequence[int]) -> list[Example]:
    asked = _asked(given.at, numbers, given.purpose)
    looks = ((number, _look(query)) for number, _, query in asked)
    return [_example(given, number, look, silent(look)) for number, look in looks]


def _disguised(given: _Given, numbers: Sequence[int]) -> list[Example]:
    matcher, found = given.at.open(), []
    for place, number in enumerate(numbers):
        query = given.at.ask(matcher, number, given.purpose, words_alone=place % 2 == 1)
        if query is not None:
            look = disguised(_look(query))
            found.append(_example(given, number, look, np.ones(len(look.candidates.rows), bool)))
    return found


def _look(query: Query) -> FeatureContext:
    return FeatureContext(query, retrieve(query, eligible_providers(query)))


def _example(given: _Given, number: int, look: FeatureContext, teaching: Mask) -> Example:
    """What those of the candidates teach that are marked."""
    winners = look.register.winners.of(number)
    won = np.isin(look.candidates.rows, winners)
    x = compute.compute(look, given.names)
    taught = np.flatnonzero(teaching)
    kept = taught[_some(won[taught], given.others, look.analyzed.lot.id)]
    return Example(number, x[kept].astype(np.float32), won[kept], len(winners), given.counts)


def _some(won: Mask, others: int, lot_id: str) -> Ints:
    """Positions of all that won, and of `others` that did not, drawn by the lot's id."""
    lost = np.flatnonzero(~won)
    if len(lost) > others:
        lost = np.random.default_rng(fingerprint(lot_id)).choice(lost, others, replace=False)
    return np.sort(np.concatenate([np.flatnonzero(won), lost]))


def _ranked(at: RegisterBefore, numbers: Sequence[int], purpose: Purpose) -> list[Ranked]:
    found = []
    for number, matcher, query in _asked(at, numbers, purpose):
        answer = matcher.rank(query, eligible_providers(query), seed=0)
        found.append(
            Ranked(number, answer.rows, answer.scores, matcher.register.is_new(answer.rows))
        )
    return found


def _asked(
    at: RegisterBefore, numbers: Sequence[int], purpose: Purpose
) -> Iterator[tuple[int, Matcher, Query]]:
    """Those of the awards that the gate lets be asked, each with whom and what to ask."""
    matcher = at.open()
    for number in numbers:
        query = at.ask(matcher, number, purpose)
        if query is not None:
            yield number, matcher, query
