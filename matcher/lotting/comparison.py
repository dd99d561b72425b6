"""Compares several ways to split a need with each other and with no split.

This is lot design before a procurement (Procurement Act 2023 s.18); nothing is published.  Every
lot is assessed once, however many splits contain it, and everything is counted from these
assessments.  A smaller lot does not guarantee that a small provider wins it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from matcher.core.errors import BadInput
from matcher.core.formatting import pounds
from matcher.core.types import Lot
from matcher.law.procurement import Procurement, ProcurementFacts, gross_value
from matcher.law.rulebook import Rulebook
from matcher.lotting.lot_reader import LotReader, lot_reader
from matcher.lotting.measurement import gains_and_losses, measure
from matcher.lotting.types import (
    ANTI_AVOIDANCE,
    EVIDENCE,
    MOST_SPLITS,
    NO_SPLIT,
    THRESHOLDS,
    ComparedSplits,
    MeasuredSplit,
    Split,
    WholeContract,
)
from matcher.market.assessment import LotAssessment
from matcher.market.criteria import USUAL as USUAL_CRITERIA
from matcher.market.criteria import MarketCriteria
from matcher.market.market import Market, market
from matcher.market.value_curve import value_curve
from matcher.ranking.batch import Refusal
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request

_ROUNDED = 1.2
"""Pounds by which rounding can change the value of a lot, with VAT."""
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


def value_warnings(whole: WholeContract, splits: Mapping[str, MeasuredSplit]) -> Iterator[str]:
    """Warnings about the value of all lots together and the threshold."""
    if whole.value is None:
        yield (
            "The value of all lots together is not known. Give the values: the threshold applies "
            "to all lots together, VAT included, however they are split."
        )
        return
    least = "at least " if whole.at_least else ""
    yield (
        f"All lots are valued together, whatever the split: {least}{pounds(whole.value)}, VAT "
        "included."
        + (" Not every lot has a value: give the value of each." if whole.at_least else "")
        + (f" The threshold is {pounds(whole.threshold)}." if whole.threshold else "")
    )
    below = sum(split.alone_below for name, split in splits.items() if name != NO_SPLIT)
    if whole.over and below:
        yield (
            f"Splitting does not take this below the threshold. {below} of the lots compared would "
            "be below it as single contracts, but all lots are valued together. A contract must "
            "not be split to avoid the Act."
        )


def mismatch_notes(
    book: Rulebook, need: Lot, lots: Sequence[Lot], measured: MeasuredSplit
) -> Iterator[str]:
    """Notes on lots whose values or years do not match the need's."""
    need_value = gross_value(need, book.vat)
    if need_value is None and measured.largest_lot is not None:
        yield (
            "The need has no value, but its lots do. Nobody counts as too small for one contract, "
            "so a split seems to lose providers."
        )
    if need_value is not None and measured.value is None:
        yield (
            "Not every lot has a value, but the need does. Nobody counts as too small for a lot "
            "without a value, so this split seems to reach more providers than it may. Give the "
            "value of each lot, so that the ways can be compared."
        )
    if (
        need_value is not None
        and measured.value is not None
        and abs(need_value - measured.value) > max(_ROUNDED * len(lots), need_value / 1000)
    ):
        yield (
            "The lots do not add up to the value of the need, so they may not be for the same need."
        )
    if any(lot.years is None and lot.value is not None for lot in lots) and _is_long(need):
        yield (
            "The need gives its years, but not every lot does. The whole value of a lot without "
            "years counts in one year, so it seems too large for more providers than it may be. "
            "Give the years of each lot."
        )
    if need.years is None and need.value is not None and any(map(_is_long, lots)):
        yield (
            "The lots give their years, but the need does not. The whole value of the need counts "
            "in one year, so a split seems to reach more providers than it may. Give the years of "
            "the need."
        )


def _is_long(lot: Lot) -> bool:
    """Whether a lot is for more than a year."""
    return lot.years is not None and lot.years > 1


def whole_contract(reader: LotReader, need: Lot) -> WholeContract:
    """The value of the need including VAT, and the threshold on its day."""
    matcher, request = reader.matcher, reader.request
    book, place, value = matcher.rulebook, matcher.place(need), request.whole_value
    on = need.day or request.on or date.today()  # noqa: DTZ011 - the officer's own today
    facts = ProcurementFacts(
        need,
        on,
        place.nation,
        contract=request.contract,
        whole_value=value,
        vat_added=request.vat_added,
    )
    procurement = Procurement.of(book, facts)
    applies = book.applies_in(procurement.nation)
    threshold = procurement.threshold.amount if procurement.threshold and applies else None
    return WholeContract(
        value=value,
        threshold=threshold,
        over=_over(value, threshold, at_least=reader.at_least),
        contract=procurement.contract.value,
        buyer=procurement.buyer.value,
        on=on,
        rule=THRESHOLDS if applies else "",
        anti_avoidance=ANTI_AVOIDANCE if applies else "",
        source=book.rule(ANTI_AVOIDANCE).source if applies else "",
        warnings=(),
        assumed=(*procurement.assumptions, *_elsewhere(book, procurement, applies=applies)),
        at_least=reader.at_least,
        nation="" if applies else procurement.nation,
    )


def _over(value: float | None, threshold: int | None, *, at_least: bool) -> bool | None:
    """Whether the whole is at or over the threshold; None where that is not known."""
    if value is None or threshold is None:
        return None
    return True if value >= threshold else None if at_least else False


def _elsewhere(book: Rulebook, procurement: Procurement, *, applies: bool) -> Iterator[str]:
    if not applies:
        why = book.why_not_in(procurement.nation)
        yield f"{book.name}'s thresholds do not apply in {procurement.nation}. {why}"
