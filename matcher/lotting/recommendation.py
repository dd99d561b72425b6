"""Proposes ways to split a need, and ranks them by their reach to small local providers.

Lots by place, by service and by value are proposed where the need can be divided so.  Not splitting
is one of the ways, and may be the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import floor, log10

import numpy as np

from matcher.core.formatting import pounds, series
from matcher.core.types import Lot
from matcher.lotting.comparison import check, compare_with
from matcher.lotting.division import (
    MOST_AREAS,
    MOST_EQUAL,
    DeliveryArea,
    DivideBy,
    LotDivision,
    by_place,
    by_service,
    by_value,
    clusters,
    delivery_area,
    equal_lots,
    joined_to_neighbour,
    whole_councils,
)
from matcher.lotting.justification import Sentence, trade_off
from matcher.lotting.lot_reader import LotReader, lot_reader
from matcher.lotting.types import (
    COMPETITION,
    NO_SPLIT,
    ComparedSplits,
    MeasuredSplit,
    Split,
)
from matcher.lotting.work_parts import MOST_PARTS
from matcher.market.assessment import LotAssessment
from matcher.market.criteria import USUAL as USUAL_CRITERIA
from matcher.market.criteria import MarketCriteria
from matcher.market.value_curve import value_curve
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request

_ROOT = "/compared"
_CLUSTERS = (2, 4)
_MUCH_SHARED = 0.5
_MOST_OF_SERVICE = 3
_SAME_WORK = Sentence(
    "More than half of its credible providers are credible for several of its lots: these may be "
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
    one = reader.require(need)
    not_cut: dict[str, str] = {}
    divisions = _distinct(
        [
            *_by_place(reader, one, criteria, not_cut),
            *_by_service(need, not_cut),
            *_by_value(one, criteria, not_cut),
        ]
    )
    divisions = [_renamed(division) if division.name in own else division for division in divisions]
    splits = {
        division.name: Split(division.lots, division.words, division.assumed)
        for division in divisions
    } | own
    found = compare_with(reader, need, splits, criteria)
    kinds = {division.name: division.by.value for division in divisions}
    order = sorted(found.splits, key=lambda name: _rank(found, name))
    better = _is_better(found, order[0])
    if not better:
        order = [NO_SPLIT, *(name for name in order if name != NO_SPLIT)]
    options = (
        Option(at, name, kinds.get(name, ""), _trade_off(found, name, kinds.get(name, "")))
        for at, name in enumerate(order, 1)
    )
    return Advice(better, tuple(_verdict(found, order, criteria)), tuple(options), not_cut, found)


def _trade_off(found: ComparedSplits, name: str, by: str) -> tuple[Sentence, ...]:
    same = by == DivideBy.SERVICE and found.splits[name].shared > _MUCH_SHARED
    return (*trade_off(found, name, _ROOT), *([_SAME_WORK] if same else []))


# --- proposing -------------------------------------------------------------------------


def _by_place(
    reader: LotReader, one: LotAssessment, criteria: MarketCriteria, not_cut: dict[str, str]
) -> Iterator[LotDivision]:
    matcher, need = reader.matcher, one.lot
    register = matcher.register
    delivery = delivery_area(need, matcher.place(need), register.councils, register.postcodes)
    if len(delivery.areas) < 2:
        where = (
            f"is in one council, {delivery.areas[0].name}" if delivery.areas else "names no council"
        )
        not_cut[DivideBy.PLACE.value] = (
            f"The need {where}: an area is never cut up. Name several councils or a county as its "
            "area to have it cut by place."
        )
        return
    if len(delivery.areas) > MOST_AREAS:
        not_cut[DivideBy.PLACE.value] = (
            f"The need is for {len(delivery.areas)} councils, more than the {MOST_AREAS} that are "
            "told apart: name those that it is for."
        )
        return
    finest = whole_councils(delivery)
    if len(finest) > MOST_PARTS:
        finest = clusters(delivery, MOST_PARTS)
    yield by_place(need, delivery, finest)
    deep = _deep_enough(reader, need, delivery, finest, criteria)
    if deep is not None:
        yield deep
    for number in _CLUSTERS:
        if number < len(finest):
            yield by_place(need, delivery, clusters(delivery, number))


def _deep_enough(
    reader: LotReader,
    need: Lot,
    delivery: DeliveryArea,
    groups: tuple[frozenset[str], ...],
    criteria: MarketCriteria,
) -> LotDivision | None:
    """Lots by the smallest groups of councils without a thin lot, or None."""
    while len(groups) > 1:
        division = by_place(need, delivery, groups, "by place, thin lots joined to a neighbour")
        depths = [_credible(reader.require(lot), criteria) for lot in division.lots]
        thin = sorted((n, at) for at, n in enumerate(depths) if n < criteria.fewest)
        if not thin:
            return division
        wider = joined_to_neighbour(delivery, groups, [at for _, at in thin])
        if wider == groups:
            break
        groups = wider
    return None


def _credible(one: LotAssessment, criteria: MarketCriteria) -> int:
    return int(np.count_nonzero(one.probabilities >= criteria.floor))


def _by_service(need: Lot, not_cut: dict[str, str]) -> Iterator[LotDivision]:
    divisions = list(by_service(need))
    if not divisions:
        not_cut[DivideBy.SERVICE.value] = (
            "Neither does its text list parts, nor are its CPV codes of several groups. List what "
            "is wanted one by one, or give the CPV codes of each part."
        )
    yield from divisions[:_MOST_OF_SERVICE]


def _by_value(
    one: LotAssessment, criteria: MarketCriteria, not_cut: dict[str, str]
) -> Iterator[LotDivision]:
    need = one.lot
    if need.value is None:
        not_cut[DivideBy.VALUE.value] = "The need gives no value."
        return
    near = one.credible(criteria.floor)
    known = int(np.count_nonzero(near.small & near.local & ~np.isnan(near.income)))
    keeps = dict.fromkeys((criteria.fewest, max(criteria.fewest, known // 2)))
    curves = [value_curve(one, replace(criteria, fewest=keep)) for keep in keeps]
    largest = [_rounded(curve.largest) for curve in curves if curve.largest]
    divisions = [division for most in largest if (division := by_value(need, most))]
    if not divisions:
        not_cut[DivideBy.VALUE.value] = _not_by_value(need, largest, criteria)
    yield from divisions


def _not_by_value(need: Lot, largest: list[float], criteria: MarketCriteria) -> str:
    """Why a need is not divided into equal lots of at most these values."""
    if not largest:
        return (
            f"Fewer than {criteria.fewest} credible small local providers have an income that is "
            "known, so no largest value can be worked out."
        )
    number, most = min((equal_lots(need, most), most) for most in largest)
    if number == 1:
        return (
            f"It is small enough: at least {criteria.fewest} credible small local providers have "
            "the income for all of it."
        )
    return (
        f"It would take {number:,} equal lots of at most {pounds(most)} to fit {criteria.fewest} "
        f"credible small local providers, more than the {MOST_EQUAL} that are proposed."
    )


def _rounded(value: float) -> float:
    """A value rounded down to two digits, as a notice would give it.

    >>> _rounded(37_213.0)
    37000.0
    """
    if value < 1:
        return value
    unit = 10.0 ** max(floor(log10(value)) - 1, 0)
    return floor(value / unit) * unit


def _distinct(divisions: list[LotDivision]) -> list[LotDivision]:
    """The divisions with different lots and different names."""
    by_lots = {division.lots: division for division in reversed(divisions)}
    kept = [division for division in divisions if by_lots[division.lots] is division]
    return list({division.name: division for division in kept}.values())


def _renamed(division: LotDivision) -> LotDivision:
    """The division under a name that no given split has."""
    return replace(division, name=f"{division.name} (proposed)")


# --- ranking ---------------------------------------------------------------------------


def _rank(
    found: ComparedSplits, name: str
) -> tuple[bool, bool, bool, int, int, float, int, int, str]:
    """A sort key: no thin lot, then two providers per lot, then small local reach.

    Ways with lots without a value come after those where each lot has one, because nobody is too
    small for a lot without a value.  Ties go to the fewest lots without a small local provider,
    then to the most providers that may be small and local, then to the fewest lots.
    """
    one = found.splits[name]
    reach = one.reach
    return (
        bool(one.thin),
        _weak(one),
        _valued(one) < max(map(_valued, found.splits.values())),
        -reach.open.number,
        len(one.none_small_local),
        -reach.open.expected,
        -reach.perhaps_small_local.number,
        one.number,
        name,
    )


def _valued(one: MeasuredSplit) -> bool:
    """Whether each of its lots has a value."""
    return one.value is not None


def _is_better(found: ComparedSplits, name: str) -> bool:
    """Whether a split reaches more small local providers without a thin lot."""
    return name != NO_SPLIT and _sound(found.splits[name]) and _reaches_more(found, name)


def _sound(one: MeasuredSplit) -> bool:
    """Whether no lot is thin and there are enough providers for the number of lots."""
    return not one.thin and not _weak(one)


def _weak(one: MeasuredSplit) -> bool:
    """Whether there are too few providers for competition for each lot."""
    return one.number > 1 and one.reach.credible.number < COMPETITION * one.number


def _reaches_more(found: ComparedSplits, name: str) -> bool:
    """Whether a way is known to reach more small local providers than one contract."""
    one = found.splits[NO_SPLIT]
    more = found.splits[name].reach.open.number > one.reach.open.number
    return more and _alike(found, name)


def _alike(found: ComparedSplits, name: str) -> bool:
    """Whether a way and one contract are both valued in full, or both not at all."""
    way, one = found.splits[name], found.splits[NO_SPLIT]
    return _valued(way) == _valued(one) and (way.largest_lot is None) == (one.largest_lot is None)


def _verdict(found: ComparedSplits, order: list[str], criteria: MarketCriteria) -> Iterator[str]:
    unlike = [name for name in order if not _alike(found, name)]
    if order[0] != NO_SPLIT:
        those = " that are valued as one contract is" if unlike else ""
        yield _better(found, order[0], criteria, those)
    else:
        yield from _not_better(found, order, criteria)
    if unlike:
        yield _unvalued(found, unlike)


def _better(found: ComparedSplits, name: str, criteria: MarketCriteria, those: str) -> str:
    more = found.splits[name].reach.open.number - found.splits[NO_SPLIT].reach.open.number
    return (
        f"Of the ways compared{those}, “{name}” reaches most small local providers, {more} "
        f"more than one contract, without a lot under {criteria.fewest} credible ones. That they "
        "would bid, or win, is not said."
    )


def _not_better(found: ComparedSplits, order: list[str], criteria: MarketCriteria) -> Iterator[str]:
    one = found.splits[NO_SPLIT]
    thin = f"a lot under {criteria.fewest} credible ones, or fewer than two for each lot"
    if len(found.splits) == 1:
        yield "No way to split this was found, so there is nothing to compare one contract with."
    elif not any(each.reach.open.number for each in found.splits.values()):
        yield _untold(found)
    elif not any(map(_sound, found.splits.values())):
        yield (
            f"No way that was compared is sound: each, one contract too, has {thin}. Nothing can "
            "be recommended."
        )
    elif any(_reaches_more(found, name) for name in order):
        said = "No split can be recommended" if one.thin else "Not splitting is better"
        yield f"{said}: each split that reaches more small local providers has {thin}."
    elif alike := [found.splits[n] for n in order if n != NO_SPLIT and _alike(found, n)]:
        yield _no_more(one, alike)
    if one.thin:
        yield (
            f"One contract has itself fewer than {criteria.fewest} credible providers: engage the "
            "market widely before deciding anything."
        )


def _no_more(one: MeasuredSplit, others: list[MeasuredSplit]) -> str:
    """The verdict that no split reaches more small local providers."""
    if max(each.reach.open.number for each in others) == one.reach.open.number:
        return (
            "No split that was compared reaches more small local providers than one contract, as "
            "far as they are known."
        )
    return (
        "Not splitting is better: each split that was compared reaches fewer small local "
        "providers, as far as they are known."
    )


def _unvalued(found: ComparedSplits, names: list[str]) -> str:
    """Which ways cannot be compared for want of values."""
    why = (
        "not every lot there has a value, and the need has"
        if _valued(found.splits[NO_SPLIT])
        else "the need has no value, and lots there have"
    )
    named = series(f"“{name}”" for name in sorted(names))
    return (
        f"Whether one contract is better than {named} cannot be told, for {why}: whom a lot is not "
        "too large for depends on it. Give the values, and ask again."
    )


def _untold(found: ComparedSplits) -> str:
    """The verdict that nothing known decides for or against splitting."""
    perhaps = max(each.reach.perhaps_small_local.number for each in found.splits.values())
    others = f" {perhaps} may be: their size or place is not known." if perhaps else ""
    return (
        "Whether splitting helps small local providers cannot be told: in no way compared is any "
        f"credible provider known to be small, local and not too small.{others} Build the register "
        "with the charities and companies of the area, and engage the market."
    )
