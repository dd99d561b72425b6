"""Ways to split one need, proposed and ranked by what they do for small local providers.

Proposed are lots by place, by service and by value, as far as the need can be cut so; each is
measured as any split is.  Not splitting is one of the ways, and may be the best.
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
from matcher.market.criteria import USUAL as USUAL_TERMS
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
    """One way to buy the need, by rank: what it is cut by, and what it gains and loses."""

    rank: int
    name: str
    by: str
    trade_off: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """Ways to split a need, best first, no split among them, and what speaks for each.

    `split` is whether any of them is better than one contract, as `verdict` says in words.
    `not_cut` says of each way to cut that was not open why not.  Figures are quoted with JSON
    pointers into this advice.
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
    terms: MarketCriteria = USUAL_TERMS,
    given: Mapping[str, Split] | None = None,
) -> Advice:
    """Propose splits of `need`, measure them, and rank them; those `given` too.

    Raises BadInput for splits given that cannot be compared, BadLot and NotLawful where the need
    cannot be read.
    """
    own = dict(given or {})
    if own:
        check(own)
    reads = lot_reader(matcher, need, own.values(), request)
    one = reads.require(need)
    not_cut: dict[str, str] = {}
    cuts = _distinct(
        [
            *_by_place(reads, one, terms, not_cut),
            *_by_service(need, not_cut),
            *_by_value(one, terms, not_cut),
        ]
    )
    cuts = [_renamed(cut) if cut.name in own else cut for cut in cuts]
    splits = {cut.name: Split(cut.lots, cut.words, cut.assumed) for cut in cuts} | own
    found = compare_with(reads, need, splits, terms)
    kinds = {cut.name: cut.by.value for cut in cuts}
    order = sorted(found.splits, key=lambda name: _rank(found, name))
    better = _is_better(found, order[0])
    if not better:
        order = [NO_SPLIT, *(name for name in order if name != NO_SPLIT)]
    options = (
        Option(at, name, kinds.get(name, ""), _trade_off(found, name, kinds.get(name, "")))
        for at, name in enumerate(order, 1)
    )
    return Advice(better, tuple(_verdict(found, order, terms)), tuple(options), not_cut, found)


def _trade_off(found: ComparedSplits, name: str, by: str) -> tuple[Sentence, ...]:
    same = by == DivideBy.SERVICE and found.splits[name].shared > _MUCH_SHARED
    return (*trade_off(found, name, _ROOT), *([_SAME_WORK] if same else []))


# --- proposing -------------------------------------------------------------------------


def _by_place(
    reads: LotReader, one: LotAssessment, terms: MarketCriteria, not_cut: dict[str, str]
) -> Iterator[LotDivision]:
    matcher, need = reads.matcher, one.lot
    register = matcher.register
    ground = delivery_area(need, matcher.place(need), register.councils, register.postcodes)
    if len(ground.areas) < 2:
        where = f"is in one council, {ground.areas[0].name}" if ground.areas else "names no council"
        not_cut[DivideBy.PLACE.value] = (
            f"The need {where}: an area is never cut up. Name several councils or a county as its "
            "area to have it cut by place."
        )
        return
    if len(ground.areas) > MOST_AREAS:
        not_cut[DivideBy.PLACE.value] = (
            f"The need is for {len(ground.areas)} councils, more than the {MOST_AREAS} that are "
            "told apart: name those that it is for."
        )
        return
    finest = whole_councils(ground)
    if len(finest) > MOST_PARTS:
        finest = clusters(ground, MOST_PARTS)
    yield by_place(need, ground, finest)
    deep = _deep_enough(reads, need, ground, finest, terms)
    if deep is not None:
        yield deep
    for number in _CLUSTERS:
        if number < len(finest):
            yield by_place(need, ground, clusters(ground, number))


def _deep_enough(
    reads: LotReader,
    need: Lot,
    ground: DeliveryArea,
    groups: tuple[frozenset[str], ...],
    terms: MarketCriteria,
) -> LotDivision | None:
    """The finest groups of councils that leave no lot thin: thin ones join a neighbour."""
    while len(groups) > 1:
        cut = by_place(need, ground, groups, "by place, thin lots joined to a neighbour")
        depths = [_credible(reads.require(lot), terms) for lot in cut.lots]
        thin = sorted((n, at) for at, n in enumerate(depths) if n < terms.fewest)
        if not thin:
            return cut
        wider = joined_to_neighbour(ground, groups, [at for _, at in thin])
        if wider == groups:
            break
        groups = wider
    return None


def _credible(one: LotAssessment, terms: MarketCriteria) -> int:
    return int(np.count_nonzero(one.probabilities >= terms.floor))


def _by_service(need: Lot, not_cut: dict[str, str]) -> Iterator[LotDivision]:
    cuts = list(by_service(need))
    if not cuts:
        not_cut[DivideBy.SERVICE.value] = (
            "Neither does its text list parts, nor are its CPV codes of several groups. List what "
            "is wanted one by one, or give the CPV codes of each part."
        )
    yield from cuts[:_MOST_OF_SERVICE]


def _by_value(
    one: LotAssessment, terms: MarketCriteria, not_cut: dict[str, str]
) -> Iterator[LotDivision]:
    need = one.lot
    if need.value is None:
        not_cut[DivideBy.VALUE.value] = "The need gives no value."
        return
    near = one.credible(terms.floor)
    known = int(np.count_nonzero(near.small & near.local & ~np.isnan(near.income)))
    keeps = dict.fromkeys((terms.fewest, max(terms.fewest, known // 2)))
    curves = [value_curve(one, replace(terms, fewest=keep)) for keep in keeps]
    largest = [_rounded(curve.largest) for curve in curves if curve.largest]
    cuts = [cut for most in largest if (cut := by_value(need, most))]
    if not cuts:
        not_cut[DivideBy.VALUE.value] = _not_by_value(need, largest, terms)
    yield from cuts


def _not_by_value(need: Lot, largest: list[float], terms: MarketCriteria) -> str:
    """Why a need is not cut into equal lots of at most these values."""
    if not largest:
        return (
            f"Fewer than {terms.fewest} credible small local providers have an income that is "
            "known, so no largest value can be read."
        )
    number, most = min((equal_lots(need, most), most) for most in largest)
    if number == 1:
        return (
            f"It is small enough: at least {terms.fewest} credible small local providers have the "
            "income for all of it."
        )
    return (
        f"It would take {number:,} equal lots of at most {pounds(most)} to fit {terms.fewest} "
        f"credible small local providers, more than the {MOST_EQUAL} that are proposed."
    )


def _rounded(value: float) -> float:
    """A value rounded down to two digits, such as one writes in a notice.

    >>> _rounded(37_213.0)
    37000.0
    """
    if value < 1:
        return value
    unit = 10.0 ** max(floor(log10(value)) - 1, 0)
    return floor(value / unit) * unit


def _distinct(cuts: list[LotDivision]) -> list[LotDivision]:
    """The cuts that differ in their lots, and with names of their own."""
    by_lots = {cut.lots: cut for cut in reversed(cuts)}
    kept = [cut for cut in cuts if by_lots[cut.lots] is cut]
    return list({cut.name: cut for cut in kept}.values())


def _renamed(cut: LotDivision) -> LotDivision:
    """The cut under a name that nobody else gave."""
    return replace(cut, name=f"{cut.name} (proposed)")


# --- ranking ---------------------------------------------------------------------------


def _rank(
    found: ComparedSplits, name: str
) -> tuple[bool, bool, bool, int, int, float, int, int, str]:
    """First those without a thin lot and with two providers a lot; then by small local reach.

    Ways of which not every lot has a value come after those of which each has, for nobody is too
    small for a lot without.  Among equals, the fewest lots without any such provider; then by
    those who may be small and local; then the fewest lots.
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
    """Whether a split reaches more small local providers, and leaves no lot thin."""
    return name != NO_SPLIT and _sound(found.splits[name]) and _reaches_more(found, name)


def _sound(one: MeasuredSplit) -> bool:
    """Whether no lot is thin, and there are enough providers for so many lots."""
    return not one.thin and not _weak(one)


def _weak(one: MeasuredSplit) -> bool:
    """Whether there are too few providers for so many lots to be competed for."""
    return one.number > 1 and one.reach.credible.number < COMPETITION * one.number


def _reaches_more(found: ComparedSplits, name: str) -> bool:
    """Whether a way reaches more small local providers than one contract, and that can be told."""
    one = found.splits[NO_SPLIT]
    more = found.splits[name].reach.open.number > one.reach.open.number
    return more and _alike(found, name)


def _alike(found: ComparedSplits, name: str) -> bool:
    """Whether a way is valued as one contract is: both in full, or neither at all."""
    way, one = found.splits[name], found.splits[NO_SPLIT]
    return _valued(way) == _valued(one) and (way.largest_lot is None) == (one.largest_lot is None)


def _verdict(found: ComparedSplits, order: list[str], terms: MarketCriteria) -> Iterator[str]:
    unlike = [name for name in order if not _alike(found, name)]
    if order[0] != NO_SPLIT:
        those = " that are valued as one contract is" if unlike else ""
        yield _better(found, order[0], terms, those)
    else:
        yield from _not_better(found, order, terms)
    if unlike:
        yield _unvalued(found, unlike)


def _better(found: ComparedSplits, name: str, terms: MarketCriteria, those: str) -> str:
    more = found.splits[name].reach.open.number - found.splits[NO_SPLIT].reach.open.number
    return (
        f"Of the ways compared{those}, “{name}” reaches most small local providers, {more} "
        f"more than one contract, without a lot under {terms.fewest} credible ones. That they "
        "would bid, or win, is not said."
    )


def _not_better(found: ComparedSplits, order: list[str], terms: MarketCriteria) -> Iterator[str]:
    one = found.splits[NO_SPLIT]
    thin = f"a lot under {terms.fewest} credible ones, or fewer than two for each lot"
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
            f"One contract has itself fewer than {terms.fewest} credible providers: engage the "
            "market widely before deciding anything."
        )


def _no_more(one: MeasuredSplit, others: list[MeasuredSplit]) -> str:
    """That no split reaches more; that one contract is better only where each reaches fewer."""
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
    """Of which ways it cannot be told whether they are better, and what would tell it."""
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
    """That nothing known speaks for or against splitting."""
    perhaps = max(each.reach.perhaps_small_local.number for each in found.splits.values())
    others = f" {perhaps} may be: their size or place is not known." if perhaps else ""
    return (
        "Whether splitting helps small local providers cannot be told: in no way compared is any "
        f"credible provider known to be small, local and not too small.{others} Build the register "
        "with the charities and companies of the area, and engage the market."
    )
