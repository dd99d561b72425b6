"""Proposes ways to divide a need into lots: by place, by service and by value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import floor, log10

import numpy as np

from matcher.core.cpv import category_name
from matcher.core.formatting import pounds, series
from matcher.core.types import Lot
from matcher.lotting.delivery_area import (
    DeliveryArea,
    Group,
    clusters,
    delivery_area,
    joined_to_neighbour,
    whole_councils,
)
from matcher.lotting.division import (
    MOST_AREAS,
    MOST_EQUAL,
    DivideBy,
    LotDivision,
    by_place,
    by_service,
    by_value,
    equal_lots,
)
from matcher.lotting.lot_reader import LotReader
from matcher.lotting.measurement import credible_count
from matcher.lotting.work_parts import MOST_PARTS
from matcher.market.assessment import LotAssessment
from matcher.market.criteria import MarketCriteria
from matcher.market.value_curve import value_curve

_CLUSTERS = (2, 4)
_MOST_BY_SERVICE = 3


@dataclass(frozen=True)
class Proposals:
    """The divisions proposed for a need; `not_cut` says why a way to divide was not possible."""

    divisions: list[LotDivision]
    not_cut: dict[str, str]


def propose(reader: LotReader, need: Lot, criteria: MarketCriteria) -> Proposals:
    """Divisions of a need with different lots and different names, by place first."""
    assessment = reader.require(need)
    proposers: dict[DivideBy, Iterator[LotDivision | str]] = {
        DivideBy.PLACE: _by_place(reader, need, criteria),
        DivideBy.SERVICE: _by_service(need),
        DivideBy.VALUE: _by_value(assessment, criteria),
    }
    divisions: list[LotDivision] = []
    not_cut: dict[str, str] = {}
    for by, proposals in proposers.items():
        for proposal in proposals:
            if isinstance(proposal, str):
                not_cut[by.value] = proposal
            else:
                divisions.append(proposal)
    return Proposals(_distinct(divisions), not_cut)


def _distinct(divisions: list[LotDivision]) -> list[LotDivision]:
    """The divisions with different lots and different names."""
    by_lots = {division.lots: division for division in reversed(divisions)}
    distinct = [division for division in divisions if by_lots[division.lots] is division]
    return list({division.name: division for division in distinct}.values())


def _by_place(
    reader: LotReader, need: Lot, criteria: MarketCriteria
) -> Iterator[LotDivision | str]:
    """Divisions by council and by clusters of councils, or the reason why there are none."""
    matcher, register = reader.matcher, reader.matcher.register
    delivery = delivery_area(need, matcher.place(need), register.councils, register.postcodes)
    if reason := _not_by_place(delivery):
        yield reason
        return
    finest = whole_councils(delivery)
    if len(finest) > MOST_PARTS:
        finest = clusters(delivery, MOST_PARTS)
    yield by_place(need, delivery, finest)
    without_thin_lots = _without_thin_lots(reader, need, delivery, finest, criteria)
    if without_thin_lots is not None:
        yield without_thin_lots
    for number in _CLUSTERS:
        if number < len(finest):
            yield by_place(need, delivery, clusters(delivery, number))


def _not_by_place(delivery: DeliveryArea) -> str:
    """Why a need in this area cannot be divided by place; '' where it can."""
    several = "To get lots by place, give several councils or a county as its area."
    if not delivery.areas:
        return f"The need names no council. {several}"
    if len(delivery.areas) == 1:
        name = delivery.areas[0].name
        return f"The need is in one council, {name}, and a council is never divided. {several}"
    if len(delivery.areas) > MOST_AREAS:
        return (
            f"The need is for {len(delivery.areas)} councils, more than the {MOST_AREAS} that can "
            "be divided. Name the councils that it is for."
        )
    return ""


def _without_thin_lots(
    reader: LotReader,
    need: Lot,
    delivery: DeliveryArea,
    groups: tuple[Group, ...],
    criteria: MarketCriteria,
) -> LotDivision | None:
    """Lots by the smallest groups of councils without a thin lot, or None."""
    while len(groups) > 1:
        division = by_place(need, delivery, groups, "by place, thin lots joined to a neighbour")
        depths = [credible_count(reader.require(lot), criteria) for lot in division.lots]
        thin = sorted((depth, at) for at, depth in enumerate(depths) if depth < criteria.fewest)
        if not thin:
            return division
        wider = joined_to_neighbour(delivery, groups, [at for _, at in thin])
        if wider == groups:
            break
        groups = wider
    return None


def _by_service(need: Lot) -> Iterator[LotDivision | str]:
    """Divisions by parts of the work, or the reason why there are none."""
    divisions = list(by_service(need))
    if not divisions:
        yield (
            "The text does not list parts, and the CPV codes do not form several groups. List what "
            "you need item by item, or give the CPV codes of each part."
        )
    yield from divisions[:_MOST_BY_SERVICE]


def _by_value(assessment: LotAssessment, criteria: MarketCriteria) -> Iterator[LotDivision | str]:
    """Divisions into equal lots, or the reason why there are none."""
    need = assessment.lot
    if need.value is None:
        yield "The need has no value."
        return
    kinds_of_work = sorted({code[:2] for code in need.cpv})
    if len(kinds_of_work) > 1:
        kinds = series(dict.fromkeys(category_name(f"{each}000000") for each in kinds_of_work))
        yield (
            f"The need has unlike kinds of work ({kinds}), and each of several equal lots would "
            "have all of them. Divide it by service first."
        )
        return
    credible = assessment.credible(criteria.floor)
    incomes = np.count_nonzero(credible.small & credible.local & ~np.isnan(credible.income))
    keeps = dict.fromkeys((criteria.fewest, max(criteria.fewest, int(incomes) // 2)))
    curves = [value_curve(assessment, replace(criteria, fewest=keep)) for keep in keeps]
    largest = [_rounded_down(curve.largest) for curve in curves if curve.largest]
    divisions = [division for most in largest if (division := by_value(need, most))]
    if not divisions:
        yield _not_by_value(need, largest, criteria)
    yield from divisions


def _not_by_value(need: Lot, largest: list[float], criteria: MarketCriteria) -> str:
    """Why a need is not divided into equal lots of at most these values."""
    if not largest:
        return (
            f"Fewer than {criteria.fewest} credible small local providers have a known income, so "
            "no largest value can be worked out."
        )
    number, most = min((equal_lots(need, most), most) for most in largest)
    if number == 1:
        return (
            f"The need is small enough: at least {criteria.fewest} credible small local providers "
            "have enough income for all of it."
        )
    return (
        f"It would take {number:,} equal lots of at most {pounds(most)} to fit {criteria.fewest} "
        f"credible small local providers. At most {MOST_EQUAL} lots are proposed."
    )


def _rounded_down(value: float) -> float:
    """A value rounded down to two digits, as a notice would give it.

    >>> _rounded_down(37_213.0)
    37000.0
    """
    if value < 1:
        return value
    unit = 10.0 ** max(floor(log10(value)) - 1, 0)
    return floor(value / unit) * unit
