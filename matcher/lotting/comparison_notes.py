"""Warnings and notes of a comparison: the whole value, and lots that do not match the need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from matcher.core.formatting import pounds
from matcher.core.types import Lot
from matcher.law.procurement import gross_value
from matcher.law.rulebook import Rulebook
from matcher.lotting.types import NO_SPLIT, MeasuredSplit, WholeContract


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
        and abs(need_value - measured.value) > 1
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
