"""Compares several ways to split a need with each other and with no split.

This is lot design before a procurement (Procurement Act 2023 s.18); nothing is published.  Every
lot is assessed once, however many splits contain it, and everything is counted from these
assessments.  A smaller lot does not guarantee that a small provider wins it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from matcher.core.errors import BadInput
from matcher.core.types import Lot
from matcher.lotting.comparison_notes import mismatch_notes, value_warnings
from matcher.lotting.lot_reader import LotReader, lot_reader
from matcher.lotting.measurement import gains_and_losses, measure
from matcher.lotting.types import (
    EVIDENCE,
    MOST_SPLITS,
    NO_SPLIT,
    ComparedSplits,
    Split,
)
from matcher.lotting.whole_value import whole_contract
from matcher.market.assessment import LotAssessment
from matcher.market.criteria import USUAL as USUAL_CRITERIA
from matcher.market.criteria import MarketCriteria
from matcher.market.market import Market, market
from matcher.market.value_curve import value_curve
from matcher.ranking.batch import Refusal
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request

_AS_ONE_CONTRACT = (
    "A provider is credible for one contract if what it does is similar to the contract as a "
    "whole. Whether one provider could do all of it is not tested."
)


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
    whole_need = reader.require(need)
    whole = whole_contract(reader, need)
    assessed, refused = _assess_splits(reader, splits)
    one_contract = Split((need,), "One contract.", (_AS_ONE_CONTRACT,))
    measured = {NO_SPLIT: measure(reader, one_contract, [whole_need], whole, criteria)}
    for name, assessments in assessed.items():
        split = measure(reader, splits[name], assessments, whole, criteria)
        mismatches = mismatch_notes(reader.matcher.rulebook, need, splits[name].lots, split)
        measured[name] = replace(
            split,
            against=gains_and_losses(whole_need, assessments, criteria),
            notes=(*split.notes, *mismatches),
        )
    all_lots = [whole_need, *(lot for lots in assessed.values() for lot in lots)]
    return ComparedSplits(
        need=need,
        splits=measured,
        markets=_markets(reader, all_lots, criteria),
        whole=replace(whole, warnings=tuple(value_warnings(whole, measured))),
        curve=value_curve(whole_need, criteria),
        refused=refused,
        evidence=EVIDENCE,
        terms=criteria,
        basis=whole_need.basis,
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
            raise BadInput("splits: a split has no name; give each split its own name")
        if not split.lots:
            raise BadInput(f"splits: {name!r} has no lots; give at least one")
        repeated = _repeated_id(split.lots)
        if repeated is not None:
            raise BadInput(
                f"splits/{name}: id {repeated!r} is used twice, for different lots; give each lot "
                "its own id, or none"
            )


def _repeated_id(lots: Iterable[Lot]) -> str | None:
    """The first id that two different lots have; the same lot may be repeated."""
    by_id: dict[str, Lot] = {}
    return next((lot.id for lot in lots if by_id.setdefault(lot.id, lot) != lot), None)


def _assess_splits(
    reader: LotReader, splits: Mapping[str, Split]
) -> tuple[dict[str, list[LotAssessment]], dict[str, Refusal]]:
    """The assessments of each split's lots; and the splits with a refused lot."""
    assessed: dict[str, list[LotAssessment]] = {}
    refused: dict[str, Refusal] = {}
    for name in sorted(splits):
        results = [reader(lot) for lot in splits[name].lots]
        refusals = [result for result in results if isinstance(result, Refusal)]
        if refusals:
            refused[name] = refusals[0]
        else:
            assessed[name] = [result for result in results if isinstance(result, LotAssessment)]
    return assessed, refused


def _markets(
    reader: LotReader, assessments: Iterable[LotAssessment], criteria: MarketCriteria
) -> dict[str, Market]:
    by_key = {reader.key(assessment.lot): assessment for assessment in assessments}
    return {
        key: replace(market(assessment, criteria), lot=key)
        for key, assessment in sorted(by_key.items())
    }
