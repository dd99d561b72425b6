"""Proposes ways to split a need, and ranks them by their reach to small local providers.

Lots by place, by service and by value are proposed where the need can be divided so.  Not splitting
is one of the ways, and may be the best.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matcher.core.types import Lot
from matcher.lotting.comparison import check, compare_with
from matcher.lotting.division import DivideBy
from matcher.lotting.figures import Sentence
from matcher.lotting.justification import trade_off
from matcher.lotting.lot_reader import lot_reader
from matcher.lotting.proposals import propose
from matcher.lotting.split_ranking import is_better, rank_key
from matcher.lotting.types import NO_SPLIT, ComparedSplits, Split
from matcher.lotting.verdict import verdict
from matcher.market.criteria import USUAL as USUAL_CRITERIA
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request

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
    criteria: MarketCriteria = USUAL_CRITERIA,
    given: Mapping[str, Split] | None = None,
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
