"""The market of a lot: how many could do it, who they are, and in how few hands it has been.

This is market engagement (Procurement Act 2023 s.16): the lot goes through the gate for
purpose engagement and is ranked as any other, over everyone.  A lot is read once, and
whatever is counted of it comes of that `LotAssessment`.

'Credible' is what the bundle's calibration says: the probability that a provider wins this
lot or, in a month like those held back, another of its CPV class near there.  Only winners
are known, so that is seldom: one in fifty a month is once in four years.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.core.arrays import Ints
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
"""Past awards known near a lot, under which depth says little of the market itself."""


@dataclass(frozen=True, slots=True)
class Depth:
    """The credible providers of a lot, in all and by sort; what is not known counts apart."""

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
    """Whom the lot's size fits: of the credible, how many have the income for it.

    `annual` is pounds a year without VAT, and None where the lot gives no value: nobody then
    fits, and nobody is too small.  `income` is the yearly income that it asks for.
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
    """The market of one lot, and what was assumed in counting it."""

    lot: str
    title: str
    value: float | None
    place: str
    local: str
    """who counts as local, in words"""
    depth: Depth
    fit: Fit
    concentration: Concentration
    thin: bool
    """fewer than `terms.fewest` are credible"""
    ranked: int
    known_near: int | None
    """past awards of any service that are known within 30 km; None where the place is not"""
    terms: MarketCriteria
    basis: Basis
    notes: tuple[str, ...]
    curve: ValueCurve | None = None
    """where values were named to draw it through"""


@dataclass(frozen=True, slots=True)
class CombinedMarket:
    """Lots taken together: the distinct credible providers that they reach, a lot on average.

    A provider that is credible for several lots counts once, at its highest probability.
    `winners` is how many different ones would win on average, were each lot won by one of its
    credible providers, by their probabilities.
    """

    lots: int
    providers: WinCount
    providers_a_lot: float | None
    winners: float
    thin: int


def market(
    reading: LotAssessment, terms: MarketCriteria = USUAL, values: Sequence[float] | None = None
) -> Market:
    """The market that a reading shows, counted by `terms`; with `values`, a value curve too."""
    credible = reading.credible(terms.floor)
    everyone = np.ones(len(credible), bool)
    fits = credible.fits(reading.lot.value, terms)
    unknown = np.isnan(credible.income) | (reading.lot.value is None)
    sorts = {
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
    counted = win_counts(credible.probabilities, [*sorts.values(), *sizes.values()])
    annual = reading.annual
    fit = Fit(
        annual,
        None if annual is None else annual / terms.value_to_income,
        reading.yearly_rule,
        *counted[len(sorts) :],
    )
    return Market(
        lot=reading.lot.id,
        title=reading.lot.title,
        value=reading.lot.value,
        place=reading.place,
        local=reading.local_rule,
        depth=Depth(*counted[: len(sorts)]),
        fit=fit,
        concentration=reading.concentration,
        thin=len(credible) < terms.fewest,
        ranked=len(reading),
        known_near=reading.known_near,
        terms=terms,
        basis=reading.basis,
        notes=(*reading.notes, *_cautions(reading, terms, counted[0])),
        curve=None if values is None else value_curve(reading, terms, values),
    )


def _cautions(reading: LotAssessment, terms: MarketCriteria, credible: WinCount) -> Iterator[str]:
    if credible.number < terms.fewest:
        yield (
            f"Thin: fewer than {terms.fewest} providers in this register are credible. Others may "
            "be able to do it who have won nothing like it and say nothing of it."
        )
    if reading.known_near is not None and reading.known_near < _LITTLE:
        yield (
            f"Little is known here: the register holds {reading.known_near} past awards of any "
            "kind within 30 km of the lot, so that whoever could do it may not be counted."
        )
    if reading.lot.value is None:
        yield "The lot gives no value, so whom its size fits is not known."


def combined_market(
    readings: Sequence[LotAssessment], terms: MarketCriteria = USUAL
) -> CombinedMarket:
    """The distinct credible providers of several lots, and how many that is a lot."""
    credible = [reading.credible(terms.floor) for reading in readings]
    rows = np.concatenate([np.empty(0, np.int64), *(one.rows for one in credible)])
    told = np.concatenate([np.empty(0), *(one.probabilities for one in credible)])
    distinct, at = np.unique(rows, return_inverse=True)
    highest = np.zeros(len(distinct))
    np.maximum.at(highest, at, told)
    (found,) = win_counts(highest, [np.ones(len(distinct), bool)])
    return CombinedMarket(
        lots=len(readings),
        providers=found,
        providers_a_lot=round(found.number / len(readings), 2) if readings else None,
        winners=round(_winners(distinct, credible), 2),
        thin=sum(len(one) < terms.fewest for one in credible),
    )


def _winners(distinct: Ints, credible: Sequence[LotAssessment]) -> float:
    """How many of the `distinct` rows are expected to win at least one of the lots."""
    none = np.ones(len(distinct))
    for one in credible:
        share = one.probabilities / max(one.probabilities.sum(), 1e-12)
        none[np.searchsorted(distinct, one.rows)] *= 1 - share
    return float((1 - none).sum())


def markets(
    matcher: Matcher,
    lots: Iterable[Lot],
    request: Request,
    terms: MarketCriteria = USUAL,
    jobs: int = 1,
    *,
    values: Sequence[float] | None = None,
) -> Iterator[Market | Refusal]:
    """Each lot's market, in the order given, or why there is none; see `readings`."""
    for one in assess_lots(matcher, lots, request, jobs):
        yield one if isinstance(one, Refusal) else market(one, terms, values)
