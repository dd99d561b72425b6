"""Compares several ways to split a need with each other and with no split.

This is lot design before a procurement (Procurement Act 2023 s.18); nothing is published.  Every
lot is assessed once, however many splits contain it, and everything is counted from these
assessments.  A smaller lot does not guarantee that a small provider wins it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.core.errors import BadInput
from matcher.core.formatting import pounds
from matcher.core.types import Lot
from matcher.law.procurement import gross_value, total_value
from matcher.law.rulebook import Rulebook
from matcher.lotting.lot_reader import LotReader, lot_reader
from matcher.lotting.types import (
    COMPETITION,
    EVIDENCE,
    MOST_SPLITS,
    NO_SPLIT,
    ComparedSplits,
    LotOfSplit,
    MeasuredSplit,
    Split,
    SplitComparison,
    SplitReach,
    Thinnest,
    WholeContract,
)
from matcher.lotting.whole_value import whole_contract
from matcher.market.assessment import LotAssessment
from matcher.market.criteria import USUAL as USUAL_CRITERIA
from matcher.market.criteria import MarketCriteria
from matcher.market.market import Market, market
from matcher.market.value_curve import value_curve
from matcher.market.win_counts import win_counts
from matcher.ranking.batch import Refusal
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request

# --- comparing -------------------------------------------------------------------------


def compare(
    matcher: Matcher,
    need: Lot,
    splits: Mapping[str, Split],
    request: Request,
    criteria: MarketCriteria = USUAL_CRITERIA,
) -> ComparedSplits:
    """Compare the splits of `need` with each other and with no split; their order is irrelevant.

    Raises BadInput where splits cannot be compared, BadLot and NotLawful where the need itself
    cannot be assessed.
    """
    check(splits)
    return compare_with(lot_reader(matcher, need, splits.values(), request), need, splits, criteria)


def compare_with(
    reader: LotReader, need: Lot, splits: Mapping[str, Split], criteria: MarketCriteria
) -> ComparedSplits:
    """As `compare`, with a reader that may have assessed some lots already."""
    one = reader.require(need)
    whole = whole_contract(reader, need)
    found, refused = _read_splits(reader, splits)
    measured = {
        NO_SPLIT: _measured(
            reader, Split((need,), "One contract.", (_AS_A_WHOLE,)), [one], whole, criteria
        )
    }
    for name, each in found.items():
        counted = _measured(reader, splits[name], each, whole, criteria)
        against = _against([one], each, criteria)
        unlike = _unlike(reader.matcher.rulebook, need, splits[name].lots, counted)
        notes = (*counted.notes, *unlike)
        measured[name] = replace(counted, against=against, notes=notes)
    return ComparedSplits(
        need=need,
        splits=measured,
        markets=_markets(reader, [one, *(r for each in found.values() for r in each)], criteria),
        whole=replace(whole, warnings=tuple(_warnings(whole, measured))),
        curve=value_curve(one, criteria),
        refused=refused,
        evidence=EVIDENCE,
        terms=criteria,
        basis=one.basis,
    )


def check(splits: Mapping[str, Split]) -> None:
    """Raise BadInput where splits cannot be compared."""
    if not 1 <= len(splits) <= MOST_SPLITS:
        raise BadInput(f"splits: there are {len(splits)}; give from 1 to {MOST_SPLITS}")
    if any(name.casefold().strip() == NO_SPLIT for name in splits):
        raise BadInput(
            f"splits: {NO_SPLIT!r} is the name of the need as one contract, which is always "
            "compared; remove it, or give it another name"
        )
    for name, split in splits.items():
        if not name.strip():
            raise BadInput("splits: one has no name; give each split its own name")
        if not split.lots:
            raise BadInput(f"splits: {name!r} has no lots; give at least one")
        twice = _stands_twice(split.lots)
        if twice is not None:
            raise BadInput(
                f"splits/{name}: id {twice!r} is used twice, for different lots; give each lot an "
                "id of its own, or none"
            )


def _stands_twice(lots: Iterable[Lot]) -> str | None:
    """The first id that two different lots have; the same lot may be repeated."""
    of: dict[str, Lot] = {}
    return next((lot.id for lot in lots if of.setdefault(lot.id, lot) != lot), None)


def _read_splits(
    reader: LotReader, splits: Mapping[str, Split]
) -> tuple[dict[str, list[LotAssessment]], dict[str, Refusal]]:
    """The assessments of each split's lots; and the splits with a refused lot."""
    found: dict[str, list[LotAssessment]] = {}
    refused: dict[str, Refusal] = {}
    for name in sorted(splits):
        each = [reader(lot) for lot in splits[name].lots]
        wrong = next((one for one in each if isinstance(one, Refusal)), None)
        if wrong is None:
            found[name] = [one for one in each if isinstance(one, LotAssessment)]
        else:
            refused[name] = wrong
    return found, refused


def _markets(
    reader: LotReader, assessments: Iterable[LotAssessment], criteria: MarketCriteria
) -> dict[str, Market]:
    distinct = {reader.key(one.lot): one for one in assessments}
    return {key: replace(market(one, criteria), lot=key) for key, one in sorted(distinct.items())}


# --- counting --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _DistinctProviders:
    """The distinct credible providers of several lots: (n,) arrays by ascending row."""

    rows: np.ndarray
    probabilities: np.ndarray
    times: np.ndarray
    sorts: dict[str, np.ndarray]


_MASKS: dict[str, Callable[[LotAssessment, MarketCriteria], np.ndarray]] = {
    "local": lambda one, _: one.local,
    "small": lambda one, _: one.small,
    "small_local": lambda one, _: one.small_local,
    "perhaps_small_local": lambda one, _: one.perhaps_small_local,
    "open": lambda one, criteria: one.small_local & ~_too_large(one, criteria),
    "fits": lambda one, criteria: one.small_local & one.fits(one.lot.value, criteria),
    "vcse": lambda one, _: one.vcse,
    "new": lambda one, _: one.new,
    "size_unknown": lambda one, _: one.size_unknown,
    "place_unknown": lambda one, _: one.place_unknown,
}


def _too_large(one: LotAssessment, criteria: MarketCriteria) -> np.ndarray:
    """(n,) has known income that is not enough for the lot."""
    if one.lot.value is None:
        return np.zeros(len(one), bool)
    return ~np.isnan(one.income) & ~one.fits(one.lot.value, criteria)


def _distinct(assessments: Sequence[LotAssessment], criteria: MarketCriteria) -> _DistinctProviders:
    credible = [one.credible(criteria.floor) for one in assessments]
    every = np.concatenate([one.rows for one in credible])
    rows, at, times = np.unique(every, return_inverse=True, return_counts=True)
    best = np.zeros(len(rows))
    np.maximum.at(best, at, np.concatenate([one.probabilities for one in credible]))
    sorts = {}
    for name, of in _MASKS.items():
        sorts[name] = np.zeros(len(rows), bool)
        np.logical_or.at(sorts[name], at, np.concatenate([of(one, criteria) for one in credible]))
    sorts["perhaps_small_local"] &= ~sorts["small_local"]
    return _DistinctProviders(rows, best, times, sorts)


def _measured(
    reader: LotReader,
    split: Split,
    assessments: Sequence[LotAssessment],
    whole: WholeContract,
    criteria: MarketCriteria,
) -> MeasuredSplit:
    together = _distinct(assessments, criteria)
    everyone = np.ones(len(together.rows), bool)
    reach = SplitReach(*win_counts(together.probabilities, [everyone, *together.sorts.values()]))
    values = [gross_value(lot, reader.matcher.rulebook.vat) for lot in split.lots]
    told = [value for value in values if value is not None]
    few = len(split.lots) > 1 and len(together.rows) < COMPETITION * len(split.lots)
    return MeasuredSplit(
        words=split.words,
        assumed=split.assumed,
        number=len(split.lots),
        lots=tuple(LotOfSplit(lot.id, lot.title, lot.value, reader.key(lot)) for lot in split.lots),
        reach=reach,
        thinnest=_thinnest(assessments, criteria),
        thin=tuple(
            one.lot.id
            for one in assessments
            if np.count_nonzero(one.probabilities >= criteria.floor) < criteria.fewest
        ),
        none_small_local=tuple(
            one.lot.id for one in assessments if not one.credible(criteria.floor).small_local.any()
        ),
        bidders_a_lot=round(len(together.rows) / len(split.lots), 2),
        shared=round(float((together.times > 1).mean()), 4) if len(together.rows) else 0.0,
        value=total_value(split.lots, reader.matcher.rulebook.vat)
        if len(told) == len(values)
        else None,
        largest_lot=max((lot.value for lot in split.lots if lot.value is not None), default=None),
        alone_below=sum(v < whole.threshold for v in told) if whole.threshold else 0,
        against=None,
        notes=(_FEWER,) if few else (),
    )


_AS_A_WHOLE = (
    "Credible for one contract means that what a provider does is like it as a whole; whether one "
    "provider could do all of it is not tested."
)
_FEWER = (
    "There are fewer than two credible providers for each lot: competition may be weak, and "
    "collusion easier. Two is a line drawn by this tool; research warns of more lots than bidders."
)


def _thinnest(assessments: Sequence[LotAssessment], criteria: MarketCriteria) -> Thinnest:
    """The lot with the fewest credible providers; ties by fewest expected winners."""

    def depth(one: LotAssessment) -> tuple[int, float, str]:
        told = one.probabilities[one.probabilities >= criteria.floor]
        return len(told), float(told.sum()), one.lot.id

    one = min(assessments, key=depth)
    credible = one.credible(criteria.floor)
    (count,) = win_counts(credible.probabilities, [np.ones(len(credible), bool)])
    return Thinnest(one.lot.id, one.lot.title, count)


def _against(
    one: Sequence[LotAssessment], lots: Sequence[LotAssessment], criteria: MarketCriteria
) -> SplitComparison:
    was, now = _distinct(one, criteria), _distinct(lots, criteria)
    gained = ~np.isin(now.rows, was.rows)
    lost = ~np.isin(was.rows, now.rows)
    were, are = was.rows[was.sorts["open"]], now.rows[now.sorts["open"]]
    open_gained = now.sorts["open"] & ~np.isin(now.rows, were)
    open_lost = was.sorts["open"] & ~np.isin(was.rows, are)
    more = win_counts(now.probabilities, [gained, open_gained])
    less = win_counts(was.probabilities, [lost, open_lost])
    return SplitComparison(more[0], less[0], more[1], less[1])


# --- the whole value -------------------------------------------------------------------


def _warnings(whole: WholeContract, measured: Mapping[str, MeasuredSplit]) -> Iterator[str]:
    if whole.value is None:
        yield (
            "What all lots are worth together is not known: give values, for the threshold is "
            "compared with the whole, VAT included, however it is split."
        )
        return
    least = "at least " if whole.at_least else ""
    yield (
        f"All lots are valued together, whatever the split: {least}{pounds(whole.value)}, VAT "
        "included."
        + (" Not every lot has a value: give them all." if whole.at_least else "")
        + (f" The threshold is {pounds(whole.threshold)}." if whole.threshold else "")
    )
    below = sum(one.alone_below for name, one in measured.items() if name != NO_SPLIT)
    if whole.over and below:
        yield (
            f"Splitting does not take this below the threshold: {below} of the lots compared would "
            "be below it if they stood alone, and they do not. A contract may not be cut up so as "
            "to avoid the Act."
        )


def _unlike(
    book: Rulebook, need: Lot, lots: Sequence[Lot], counted: MeasuredSplit
) -> Iterator[str]:
    """Notes on lots whose values or lengths do not match the need's."""
    one = gross_value(need, book.vat)
    if one is None and counted.largest_lot is not None:
        yield (
            "The need has no value and its lots have: nobody is taken to be too small for one "
            "contract, so a split seems to lose providers."
        )
    if one is not None and counted.value is None:
        yield (
            "Not every lot has a value and the need has: nobody is taken to be too small for a lot "
            "without one, so this split seems to reach more providers than it may. It cannot be "
            "compared by whom it is open to; give the value of each lot."
        )
    if one is not None and counted.value is not None and abs(one - counted.value) > 1:
        yield "Its lots do not add up to the value of the need: it may not be all of the same need."
    if any(lot.years is None and lot.value is not None for lot in lots) and _long(need):
        yield (
            "The need says for how many years it is and not every lot does: all that such a lot is "
            "worth is taken to fall in one year, so it seems too large for more providers than it "
            "may be. Give the years of each lot."
        )
    if need.years is None and need.value is not None and any(map(_long, lots)):
        yield (
            "The need does not say for how many years it is and its lots do: all that it is worth "
            "is taken to fall in one year, so a split seems to reach more providers than it may. "
            "Give the years of the need."
        )


def _long(lot: Lot) -> bool:
    """Whether a lot is for more than a year."""
    return lot.years is not None and lot.years > 1
