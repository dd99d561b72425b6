"""What people decided about providers, as lots to learn from: graded rows and officers' decisions.

A judgement counts for a ranker only if it was made with what that ranker may use. Graded rows say
whether a provider does the work, so they count for both rankers. Choices for engagement may weigh
place and record, so they count for the engagement ranker alone. Choices from an invite list were
made among all who do the work, so they count for both. Choices from a reserved list depend on
where providers are based, and count for neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from matcher.core.arrays import Mask
from matcher.core.errors import BadLot, NotLawful
from matcher.core.types import Lot, Size
from matcher.law.types import Purpose
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features import compute
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request
from matcher.ranking.retrieval import retrieve
from matcher.register.columns import size_code
from matcher.register.register import Register
from matcher.sources.notices import lots as lot_files
from models.errors import BundleError
from training.evaluation import qrels
from training.evaluation.metrics import estimate
from training.learning.examples import Example, Ranked, RegisterBefore, as_invite_lot
from training.learning.relevance import GradedRows

FITS = 2
"""From this grade on, a provider could credibly be asked."""
GRADED = "judgements"
"""The source of lots whose providers people graded by reading."""
LEAST_SHARE = 0.8
"""Judgements are left out of a ranker if they cost new or small providers a fifth of their places.

It is the four-fifths rule of `training.evaluation.exposure`."""
_TOP = 10
_SMALL = tuple(size_code(size) for size in (Size.MICRO, Size.SMALL))
_COUNTS_FOR: Mapping[Purpose, frozenset[str]] = {
    Purpose.ENGAGEMENT: frozenset({"all"}),
    Purpose.INVITE: frozenset({"all", "relevance"}),
    Purpose.RESERVED: frozenset(),
}


@dataclass(frozen=True)
class JudgedLot:
    """A lot, and for some providers whether their work fits it."""

    lot: Lot
    grades: Mapping[str, float]
    """provider id → grade, from 0 to 3"""
    counts_for: frozenset[str]
    """the rankers that may learn from it"""
    source: str

    @property
    def fits(self) -> dict[str, bool]:
        """Provider id → whether it could credibly be asked."""
        return {provider: grade >= FITS for provider, grade in self.grades.items()}

    @classmethod
    def decided(cls, lot: Lot, fits: Mapping[str, bool], purpose: Purpose) -> JudgedLot:
        """The lot of a list that was made for `purpose` and decided on."""
        grades = {provider: float(FITS if fit else 0) for provider, fit in fits.items()}
        return cls(lot, grades, _COUNTS_FOR[purpose], "decisions")


def graded(judgements: Path, lots: Path, option: str = "--judgements") -> list[JudgedLot]:
    """The lots of the file `lots` that the file `judgements` (qrels) grades, from 0 to 3.

    `option` is what refusals call that file.

    Raises BundleError where no graded lot is in `lots`, and BadInput for files that cannot be read.
    """
    grades = qrels.read(judgements).grades
    by_id = {lot.id: lot for lot in lot_files.iter_lots(lots)[1]}
    found = [
        JudgedLot(
            by_id[lot],
            {provider: float(grade) for provider, grade in by_provider.items()},
            frozenset({"all", "relevance"}),
            GRADED,
        )
        for lot, by_provider in grades.items()
        if lot in by_id
    ]
    if not found:
        raise BundleError(
            f"{option} {judgements}: grades no lot that is in --judged-lots {lots}; "
            "the ids of the lots must be the same in both"
        )
    return found


def examples(
    at: RegisterBefore, lots: Iterable[JudgedLot], key: str, names: Sequence[str], weight: float
) -> list[Example]:
    """The judged providers of each lot that counts for the ranker `key`, with the features `names`.

    Leaves out lots where no provider fits, or all do, and providers that are no candidates.
    """
    purpose = Purpose.INVITE if key == "relevance" else Purpose.ENGAGEMENT
    request = Request(purpose, Filters(everyone=True), before=at.before)
    found = []
    for rows in _graded_rows(at, lots, key, names, request):
        won = rows.grades >= FITS
        if won.any() and not won.all():
            x = rows.x.astype(np.float32)
            found.append(Example(-1, x, won, max(int(won.sum()), 1), weight))
    return found


def graded_rows(
    at: RegisterBefore, lots: Iterable[JudgedLot], names: Sequence[str]
) -> list[GradedRows]:
    """The rows that relevance learns from: by the limits of a usual list, with what was known.

    Each lot is asked as if on its own day, if that is earlier. Later, its own award may be known.
    Leaves out providers that are no candidates.
    """
    return list(_graded_rows(at, lots, "relevance", names, Request(before=at.before)))


def _graded_rows(
    at: RegisterBefore,
    lots: Iterable[JudgedLot],
    key: str,
    names: Sequence[str],
    request: Request,
) -> Iterator[GradedRows]:
    matcher = at.open()
    for judged in lots:
        if key not in judged.counts_for:
            continue
        invite = request.purpose is Purpose.INVITE
        lot = as_invite_lot(judged.lot) if invite else replace(judged.lot, day=None)
        known = min(at.before, judged.lot.day or at.before)
        try:
            query = matcher.query(lot, replace(request, before=known))
        except (NotLawful, BadLot):
            continue
        context = FeatureContext(query, retrieve(query, eligible_providers(query)))
        grades = _by_row(matcher.register, judged.grades)
        kept = np.flatnonzero(np.isin(context.candidates.rows, list(grades)))
        if len(kept):
            of_kept = [grades[int(row)] for row in context.candidates.rows[kept]]
            yield GradedRows(compute.compute(context, names)[kept], np.array(of_kept))


def _by_row(register: Register, grades: Mapping[str, float]) -> dict[int, float]:
    rows = {register.row(provider): grade for provider, grade in grades.items()}
    return {row: grade for row, grade in rows.items() if row is not None}


@dataclass(frozen=True)
class Guard:
    """Compares the lists of a held-back window with and without what people decided."""

    register: Register
    before: Sequence[Ranked]
    after: Sequence[Ranked]

    def report(self) -> dict[str, Any]:
        """The share of the first ten places of new and of small providers, and the verdict.

        `used` is False if either group keeps less than `LEAST_SHARE` of its share of places.
        """
        groups = {"new providers": _new, "micro and small providers": _small}
        shares = {
            name: {
                "before": estimate(_shares(self.register, self.before, of)),
                "after": estimate(_shares(self.register, self.after, of)),
            }
            for name, of in groups.items()
        }
        lost = [
            name
            for name, share in shares.items()
            if share["before"]
            and share["after"]
            and share["after"][0] < LEAST_SHARE * share["before"][0]
        ]
        return {
            "share of the first ten places": shares,
            "found in the first ten": {
                "before": estimate(self._hits(self.before)),
                "after": estimate(self._hits(self.after)),
            },
            "used": not lost,
            "why not": f"it would cost {' and '.join(lost)} a fifth of their places"
            if lost
            else "",
        }

    def _hits(self, answers: Sequence[Ranked]) -> list[float]:
        winners = self.register.winners
        return [float(np.isin(one.rows[:_TOP], winners.of(one.number)).any()) for one in answers]


def _new(_: Register, answer: Ranked) -> Mask:
    return answer.new[:_TOP]


def _small(register: Register, answer: Ranked) -> Mask:
    return np.isin(register.columns.size[answer.rows[:_TOP]], _SMALL)


def _shares(register: Register, answers: Sequence[Ranked], of: Any) -> list[float]:  # noqa: ANN401
    return [float(of(register, one).mean()) for one in answers if len(one.rows)]


def summary(lots: Sequence[JudgedLot], key: str) -> dict[str, Any]:
    """How many lots and rows count for the ranker `key`, by source, and how many do not."""
    kept = [judged for judged in lots if key in judged.counts_for]
    return {
        "lots": dict(sorted(Counter(judged.source for judged in kept).items())),
        "providers that fit": sum(sum(judged.fits.values()) for judged in kept),
        "providers that do not fit": sum(
            len(judged.fits) - sum(judged.fits.values()) for judged in kept
        ),
        "lots made for another purpose": len(lots) - len(kept),
    }
