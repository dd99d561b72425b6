"""Ranks the ways to buy a need, by their reach to small local providers."""

from __future__ import annotations

from matcher.lotting.types import COMPETITION, NO_SPLIT, ComparedSplits, MeasuredSplit


def rank_key(
    compared: ComparedSplits, name: str
) -> tuple[bool, bool, bool, int, int, float, int, int, str]:
    """A sort key: no thin lot, then two providers per lot, then small local reach.

    Ways with lots without a value come after those where each lot has one, because nobody is too
    small for a lot without a value.  Ties go to the fewest lots without a small local provider,
    then to the most providers that may be small and local, then to the fewest lots.
    """
    split = compared.splits[name]
    reach = split.reach
    return (
        bool(split.thin),
        _has_few_providers(split),
        is_valued(split) < max(map(is_valued, compared.splits.values())),
        -reach.open.number,
        len(split.none_small_local),
        -reach.open.expected,
        -reach.perhaps_small_local.number,
        split.number,
        name,
    )


def is_better(compared: ComparedSplits, name: str) -> bool:
    """Whether a split reaches more small local providers without a thin lot."""
    return name != NO_SPLIT and is_sound(compared.splits[name]) and reaches_more(compared, name)


def is_sound(split: MeasuredSplit) -> bool:
    """Whether no lot is thin and there are enough providers for the number of lots."""
    return not split.thin and not _has_few_providers(split)


def reaches_more(compared: ComparedSplits, name: str) -> bool:
    """Whether a way is known to reach more small local providers than one contract."""
    split, one_contract = compared.splits[name], compared.splits[NO_SPLIT]
    more = split.reach.open.number > one_contract.reach.open.number
    return more and is_comparable(compared, name)


def is_comparable(compared: ComparedSplits, name: str) -> bool:
    """Whether a way and one contract are both valued in full, or both not at all."""
    split, one_contract = compared.splits[name], compared.splits[NO_SPLIT]
    no_value = split.largest_lot is None
    same_fullness = is_valued(split) == is_valued(one_contract)
    return same_fullness and no_value == (one_contract.largest_lot is None)


def is_valued(split: MeasuredSplit) -> bool:
    """Whether each of its lots has a value."""
    return split.value is not None


def _has_few_providers(split: MeasuredSplit) -> bool:
    """Whether there are too few providers for competition for each lot."""
    return split.number > 1 and split.reach.credible.number < COMPETITION * split.number
