"""Proposes ways to split a need, and ranks them by their reach to small local providers.

Lots by place, by service and by value are proposed where the need can be divided so.  Not splitting
is one of the ways, and may be the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from matcher.core.formatting import series
from matcher.core.types import Lot
from matcher.lotting.comparison import check, compare_with
from matcher.lotting.division import DivideBy
from matcher.lotting.justification import Sentence, trade_off
from matcher.lotting.lot_reader import lot_reader
from matcher.lotting.proposals import propose
from matcher.lotting.types import COMPETITION, NO_SPLIT, ComparedSplits, MeasuredSplit, Split
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request


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


_ROOT = "/compared"
_MUCH_SHARED = 0.5
_SAME_WORK = Sentence(
    "More than half of the credible providers are credible for several of the lots: these may be "
    "one kind of work under several names."
)


@dataclass(frozen=True, slots=True)
class Option:
    """One way to buy the need: its rank, what it is divided by, and its gains and losses."""

    rank: int
    name: str
    by: str
    trade_off: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """Ways to split a need, best first and including no split, with the case for each.

    `split` is whether any of them is better than one contract; `verdict` explains it.  `not_cut`
    says why a way to divide was not possible.  Figures are quoted with JSON pointers into this
    advice.
    """

    split: bool
    verdict: tuple[str, ...]
    options: tuple[Option, ...]
    not_cut: dict[str, str]
    compared: ComparedSplits


def advise(
    matcher: Matcher,
    need: Lot,
    request: Request,
    criteria: MarketCriteria,
    given: Mapping[str, Split] | None,
) -> Advice:
    """Propose splits of `need`, measure them, and rank them together with those `given`.

    Raises BadInput where given splits cannot be compared, BadLot and NotLawful where the need
    cannot be assessed.
    """
    own = dict(given or {})
    if own:
        check(own)
    reader = lot_reader(matcher, need, own.values(), request)
    proposals = propose(reader, need, criteria)
    divisions = [
        replace(division, name=f"{division.name} (proposed)") if division.name in own else division
        for division in proposals.divisions
    ]
    proposed = {
        division.name: Split(division.lots, division.words, division.assumed)
        for division in divisions
    }
    compared = compare_with(reader, need, proposed | own, criteria)
    order = sorted(compared.splits, key=lambda name: rank_key(compared, name))
    better = is_better(compared, order[0])
    if not better:
        order = [NO_SPLIT, *(name for name in order if name != NO_SPLIT)]
    divided_by = {division.name: division.by.value for division in divisions}
    return Advice(
        split=better,
        verdict=tuple(verdict(compared, order, criteria)),
        options=tuple(
            _option(compared, rank, name, divided_by.get(name, ""))
            for rank, name in enumerate(order, 1)
        ),
        not_cut=proposals.not_cut,
        compared=compared,
    )


def _option(compared: ComparedSplits, rank: int, name: str, by: str) -> Option:
    same_work = by == DivideBy.SERVICE and compared.splits[name].shared > _MUCH_SHARED
    sentences = trade_off(compared, name, _ROOT)
    return Option(rank, name, by, (*sentences, _SAME_WORK) if same_work else sentences)


def verdict(compared: ComparedSplits, order: list[str], criteria: MarketCriteria) -> Iterator[str]:
    """The verdict in sentences; `order` are the names of the ways, best first."""
    incomparable = [name for name in order if not is_comparable(compared, name)]
    if order[0] != NO_SPLIT:
        ways = "ways that can be compared by value" if incomparable else "ways compared"
        yield _better(compared, order[0], criteria, ways)
    else:
        yield from _not_better(compared, order, criteria)
    if incomparable:
        yield _values_missing(compared, incomparable)


def _better(compared: ComparedSplits, name: str, criteria: MarketCriteria, ways: str) -> str:
    split, one_contract = compared.splits[name], compared.splits[NO_SPLIT]
    more = split.reach.open.number - one_contract.reach.open.number
    return (
        f"Of the {ways}, “{name}” reaches the most small local providers, {more} more than one "
        f"contract, and no lot has fewer than {criteria.fewest} credible providers. This does not "
        "mean that they would bid or win."
    )


def _not_better(
    compared: ComparedSplits, order: list[str], criteria: MarketCriteria
) -> Iterator[str]:
    ways, one_contract = compared.splits, compared.splits[NO_SPLIT]
    unsound = (
        f"a lot with fewer than {criteria.fewest} credible providers, or fewer than two credible "
        "providers per lot"
    )
    if len(ways) == 1:
        yield "No way to split this need was found, so there is nothing to compare."
    elif not any(way.reach.open.number for way in ways.values()):
        yield _nobody_known(compared)
    elif not any(map(is_sound, ways.values())):
        yield (
            f"None of the ways compared is sound: each, including one contract, has {unsound}. "
            "Nothing can be recommended."
        )
    elif any(reaches_more(compared, name) for name in order):
        advice = "No split can be recommended" if one_contract.thin else "Not splitting is better"
        yield f"{advice}: each split that reaches more small local providers has {unsound}."
    elif splits := [ways[n] for n in order if n != NO_SPLIT and is_comparable(compared, n)]:
        yield _no_more(one_contract, splits)
    if one_contract.thin:
        yield (
            f"One contract itself has fewer than {criteria.fewest} credible providers. Engage the "
            "market widely before you decide."
        )


def _no_more(one_contract: MeasuredSplit, splits: list[MeasuredSplit]) -> str:
    """The verdict that no split reaches more small local providers."""
    if max(split.reach.open.number for split in splits) == one_contract.reach.open.number:
        return (
            "No split that was compared reaches more small local providers than one contract, as "
            "far as their size and place are known."
        )
    return (
        "Not splitting is better: each split that was compared reaches fewer small local "
        "providers, as far as their size and place are known."
    )


def _values_missing(compared: ComparedSplits, names: list[str]) -> str:
    """Which ways cannot be compared because values are missing."""
    reason = (
        "not every lot there has a value, but the need does"
        if is_valued(compared.splits[NO_SPLIT])
        else "the need has no value, but lots there do"
    )
    ways = series(f"“{name}”" for name in sorted(names))
    return (
        f"It is not known whether one contract is better than {ways}, because {reason}. The value "
        "decides which providers a lot is too large for. Give the values, and ask again."
    )


def _nobody_known(compared: ComparedSplits) -> str:
    """The verdict that nothing known decides for or against splitting."""
    perhaps = max(way.reach.perhaps_small_local.number for way in compared.splits.values())
    others = f" {perhaps} may be: their size or place is not known." if perhaps else ""
    return (
        "It is not known whether splitting helps small local providers. In none of the ways "
        "compared is a credible provider known to be small, local and not too small for a lot."
        f"{others} Build the register with the charities and companies of the area, and engage "
        "the market."
    )
