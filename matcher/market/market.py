"""The market of a lot: how many providers could do it, which kinds, and how concentrated it is.

This is market engagement (Procurement Act 2023 s.16).  A lot is assessed once, and everything is
counted from its `LotAssessment`.

A provider is credible if its calibrated probability reaches the floor: the probability that it
wins this lot, or another lot of its CPV class nearby in the same month.  Only winners are known,
so probabilities are low: one in fifty a month is once in four years.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.core.arrays import Ints
from matcher.core.formatting import count
from matcher.core.types import Lot
from matcher.market.assessment import Basis, LotAssessment
from matcher.market.batch import assess_lots
from matcher.market.concentration import Concentration
from matcher.market.criteria import USUAL, MarketCriteria
from matcher.market.value_curve import (
    ValueCurve,
    value_curve,
)
from matcher.market.win_counts import WinCount, win_counts
from matcher.ranking.batch import Refusal
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request

_LITTLE = 100
"""With fewer known past awards near a lot, the counts say little about the market."""


@dataclass(frozen=True, slots=True)
class Depth:
    """The credible providers of a lot, in total and by kind; unknowns are counted separately."""

    credible: WinCount
    local: WinCount
    small: WinCount
    small_local: WinCount
    perhaps_small_local: WinCount
    vcse: WinCount
    new: WinCount
    place_unknown: WinCount
    size_unknown: WinCount
    kind_unknown: WinCount


@dataclass(frozen=True, slots=True)
class Fit:
    """How many credible providers have enough income for the lot.

    `annual` is pounds a year excluding VAT; None where the lot has no value, and then nobody
    fits and nobody is too small.  `income` is the yearly income that the lot needs.
    """

    annual: float | None
    income: float | None
    rule: str
    fits: WinCount
    small_local_fits: WinCount
    too_small: WinCount
    unknown: WinCount


@dataclass(frozen=True, slots=True)
class Market:
    """The market of one lot, and the assumptions behind the counts."""

    lot: str
    title: str
    value: float | None
    place: str
    local: str
    """the rule for who is local, in words"""
    depth: Depth
    fit: Fit
    concentration: Concentration
    thin: bool
    """fewer than `terms.fewest` providers are credible"""
    ranked: int
    known_near: int | None
    """known past awards of any service within 30 km; None where the place is not known"""
    terms: MarketCriteria
    basis: Basis
    notes: tuple[str, ...]
    curve: ValueCurve | None = None
    """where values for a curve were given"""
    read_as: tuple[str, ...] = ()
    """the services that the lot was read as, nearest first; empty in markets kept before it was
    said"""


@dataclass(frozen=True, slots=True)
class CombinedMarket:
    """The distinct credible providers of several lots together.

    A provider that is credible for several lots counts once, at its highest probability.
    `winners` is the expected number of different winners if each lot is won by one of its
    credible providers, in proportion to their probabilities.
    """

    lots: int
    providers: WinCount
    providers_a_lot: float | None
    winners: float
    thin: int


def market(
    assessment: LotAssessment,
    criteria: MarketCriteria = USUAL,
    values: Sequence[float] | None = None,
) -> Market:
    """The market of an assessed lot; with `values`, its value curve too."""
    credible = assessment.credible(criteria.floor)
    everyone = np.ones(len(credible), bool)
    fits = credible.fits(assessment.lot.value, criteria)
    unknown = np.isnan(credible.income) | (assessment.lot.value is None)
    kinds = {
        "credible": everyone,
        "local": credible.local,
        "small": credible.small,
        "small_local": credible.small_local,
        "perhaps_small_local": credible.perhaps_small_local,
        "vcse": credible.vcse,
        "new": credible.new,
        "place_unknown": credible.place_unknown,
        "size_unknown": credible.size_unknown,
        "kind_unknown": credible.kind_unknown,
    }
    sizes = {
        "fits": fits,
        "small_local_fits": fits & credible.small_local,
        "too_small": ~fits & ~unknown,
        "unknown": unknown,
    }
    counted = win_counts(credible.probabilities, [*kinds.values(), *sizes.values()])
    annual = assessment.annual
    fit = Fit(
        annual,
        None if annual is None else annual / criteria.value_to_income,
        assessment.yearly_rule,
        *counted[len(kinds) :],
    )
    return Market(
        lot=assessment.lot.id,
        title=assessment.lot.title,
        value=assessment.lot.value,
        place=assessment.place,
        local=assessment.local_rule,
        depth=Depth(*counted[: len(kinds)]),
        fit=fit,
        concentration=assessment.concentration,
        thin=len(credible) < criteria.fewest,
        ranked=len(assessment),
        known_near=assessment.known_near,
        terms=criteria,
        basis=assessment.basis,
        notes=(*assessment.notes, *_cautions(assessment, criteria, counted[0])),
        curve=None if values is None else value_curve(assessment, criteria, values),
        read_as=assessment.read_as,
    )


def _cautions(
    assessment: LotAssessment, criteria: MarketCriteria, credible: WinCount
) -> Iterator[str]:
    if credible.number < criteria.fewest:
        yield (
            f"Thin: fewer than {criteria.fewest} providers in this register are credible. Others "
            "may be able to do it whose records and profiles do not show it."
        )
    if assessment.known_near is not None and assessment.known_near < _LITTLE:
        near = assessment.known_near
        known = f"only {count(near, 'past award')}" if near else "no past award"
        yield (
            f"Little is known here: the register has {known} of any kind within 30 km of the lot, "
            "so providers that could do it may be missing."
        )
    if assessment.lot.value is None:
        yield "The lot has no value, so which providers it fits is not known."


def combined_market(
    assessments: Sequence[LotAssessment], criteria: MarketCriteria = USUAL
) -> CombinedMarket:
    """The market of several lots together."""
    credible = [assessment.credible(criteria.floor) for assessment in assessments]
    rows = np.concatenate([np.empty(0, np.int64), *(lot.rows for lot in credible)])
    probabilities = np.concatenate([np.empty(0), *(lot.probabilities for lot in credible)])
    distinct, at = np.unique(rows, return_inverse=True)
    highest = np.zeros(len(distinct))
    np.maximum.at(highest, at, probabilities)
    (providers,) = win_counts(highest, [np.ones(len(distinct), bool)])
    return CombinedMarket(
        lots=len(assessments),
        providers=providers,
        providers_a_lot=round(providers.number / len(assessments), 2) if assessments else None,
        winners=round(_winners(distinct, credible), 2),
        thin=sum(len(lot) < criteria.fewest for lot in credible),
    )


def _winners(distinct: Ints, credible: Sequence[LotAssessment]) -> float:
    """The expected number of the `distinct` rows that win at least one lot."""
    wins_none = np.ones(len(distinct))
    for lot in credible:
        share = lot.probabilities / max(lot.probabilities.sum(), 1e-12)
        wins_none[np.searchsorted(distinct, lot.rows)] *= 1 - share
    return float((1 - wins_none).sum())


def markets(
    matcher: Matcher,
    lots: Iterable[Lot],
    request: Request,
    criteria: MarketCriteria = USUAL,
    *,
    values: Sequence[float] | None = None,
) -> Iterator[Market | Refusal]:
    """The market of each lot, or its refusal, in order; see `assess_lots`."""
    for result in assess_lots(matcher, lots, request):
        yield result if isinstance(result, Refusal) else market(result, criteria, values)
