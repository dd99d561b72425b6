"""Counts the distinct credible providers of all lots of a split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.core.arrays import Doubles, Ints, Mask
from matcher.law.procurement import gross_value, total_value
from matcher.lotting.lot_reader import LotReader
from matcher.lotting.types import (
    COMPETITION,
    LotOfSplit,
    MeasuredSplit,
    Split,
    SplitComparison,
    SplitReach,
    Thinnest,
    WholeContract,
)
from matcher.market.assessment import LotAssessment
from matcher.market.criteria import MarketCriteria
from matcher.market.win_counts import win_counts

_FEW_PROVIDERS = (
    "There are fewer than two credible providers per lot: competition may be weak and collusion "
    "easier. The limit of two is this tool's own; research warns against more lots than bidders."
)


@dataclass(frozen=True, eq=False)
class _DistinctProviders:
    """The distinct credible providers of several lots: (n,) arrays by ascending row.

    `probabilities` are the highest of each provider, `lots` the number of lots that it is credible
    for, and `kinds` the masks of `_KINDS`.
    """

    rows: Ints
    probabilities: Doubles
    lots: Ints
    kinds: dict[str, Mask]


_KINDS: dict[str, Callable[[LotAssessment, MarketCriteria], Mask]] = {
    "local": lambda assessment, _: assessment.local,
    "small": lambda assessment, _: assessment.small,
    "small_local": lambda assessment, _: assessment.small_local,
    "perhaps_small_local": lambda assessment, _: assessment.perhaps_small_local,
    "open": lambda assessment, criteria: (
        assessment.small_local & ~_lot_too_large(assessment, criteria)
    ),
    "fits": lambda assessment, criteria: (
        assessment.small_local & assessment.fits(assessment.lot.value, criteria)
    ),
    "vcse": lambda assessment, _: assessment.vcse,
    "new": lambda assessment, _: assessment.new,
    "size_unknown": lambda assessment, _: assessment.size_unknown,
    "place_unknown": lambda assessment, _: assessment.place_unknown,
}
"""The kinds of providers in a `SplitReach`, in its order, as (n,) masks of an assessment."""


def _lot_too_large(assessment: LotAssessment, criteria: MarketCriteria) -> Mask:
    """(n,) has a known income that is not enough for the lot."""
    if assessment.lot.value is None:
        return np.zeros(len(assessment), bool)
    return ~np.isnan(assessment.income) & ~assessment.fits(assessment.lot.value, criteria)


def _distinct(assessments: Sequence[LotAssessment], criteria: MarketCriteria) -> _DistinctProviders:
    credible = [assessment.credible(criteria.floor) for assessment in assessments]
    all_rows = np.concatenate([assessment.rows for assessment in credible])
    rows, at, lots = np.unique(all_rows, return_inverse=True, return_counts=True)
    highest = np.zeros(len(rows))
    np.maximum.at(highest, at, np.concatenate([a.probabilities for a in credible]))
    kinds = {}
    for name, mask in _KINDS.items():
        kinds[name] = np.zeros(len(rows), bool)
        np.logical_or.at(kinds[name], at, np.concatenate([mask(a, criteria) for a in credible]))
    kinds["perhaps_small_local"] &= ~kinds["small_local"]
    return _DistinctProviders(rows, highest, lots, kinds)


def measure(
    reader: LotReader,
    split: Split,
    assessments: Sequence[LotAssessment],
    whole: WholeContract,
    criteria: MarketCriteria,
) -> MeasuredSplit:
    """The figures of a split, from the assessments of its lots in order."""
    providers = _distinct(assessments, criteria)
    number, credible = len(split.lots), len(providers.rows)
    everyone = np.ones(credible, bool)
    vat = reader.matcher.rulebook.vat
    gross_values = [gross_value(lot, vat) for lot in split.lots]
    values = [value for value in gross_values if value is not None]
    few_providers = number > 1 and credible < COMPETITION * number
    return MeasuredSplit(
        words=split.words,
        assumed=split.assumed,
        number=number,
        lots=tuple(LotOfSplit(lot.id, lot.title, lot.value, reader.key(lot)) for lot in split.lots),
        reach=SplitReach(
            *win_counts(providers.probabilities, [everyone, *providers.kinds.values()])
        ),
        thinnest=_thinnest(assessments, criteria),
        thin=tuple(
            assessment.lot.id
            for assessment in assessments
            if credible_count(assessment, criteria) < criteria.fewest
        ),
        none_small_local=tuple(
            assessment.lot.id
            for assessment in assessments
            if not assessment.credible(criteria.floor).small_local.any()
        ),
        bidders_a_lot=round(credible / number, 2),
        shared=round(float((providers.lots > 1).mean()), 4) if credible else 0.0,
        value=total_value(split.lots, vat) if len(values) == number else None,
        largest_lot=max((lot.value for lot in split.lots if lot.value is not None), default=None),
        alone_below=sum(v < whole.threshold for v in values) if whole.threshold else 0,
        against=None,
        notes=(_FEW_PROVIDERS,) if few_providers else (),
    )


def credible_count(assessment: LotAssessment, criteria: MarketCriteria) -> int:
    """How many providers are credible for a lot."""
    return int(np.count_nonzero(assessment.probabilities >= criteria.floor))


def _thinnest(assessments: Sequence[LotAssessment], criteria: MarketCriteria) -> Thinnest:
    """The lot with the fewest credible providers; ties by fewest expected winners."""

    def depth(assessment: LotAssessment) -> tuple[int, float, str]:
        credible = assessment.probabilities[assessment.probabilities >= criteria.floor]
        return len(credible), float(credible.sum()), assessment.lot.id

    thinnest = min(assessments, key=depth)
    credible = thinnest.credible(criteria.floor)
    (count,) = win_counts(credible.probabilities, [np.ones(len(credible), bool)])
    return Thinnest(thinnest.lot.id, thinnest.lot.title, count)


def gains_and_losses(
    need: LotAssessment, lots: Sequence[LotAssessment], criteria: MarketCriteria
) -> SplitComparison:
    """The providers that a split into `lots` gains and loses compared with one contract."""
    one_contract, split = _distinct([need], criteria), _distinct(lots, criteria)
    gained = ~np.isin(split.rows, one_contract.rows)
    lost = ~np.isin(one_contract.rows, split.rows)
    open_before = one_contract.rows[one_contract.kinds["open"]]
    open_after = split.rows[split.kinds["open"]]
    open_gained = split.kinds["open"] & ~np.isin(split.rows, open_before)
    open_lost = one_contract.kinds["open"] & ~np.isin(one_contract.rows, open_after)
    gains = win_counts(split.probabilities, [gained, open_gained])
    losses = win_counts(one_contract.probabilities, [lost, open_lost])
    return SplitComparison(gains[0], losses[0], gains[1], losses[1])
