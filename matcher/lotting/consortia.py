"""Finds sets of small providers that together cover all the work and places of a lot.

This is for a lot that is too large for one small provider.  All evidence on a member can be
checked: its profile or a past contract for a part of the work, a site or a contract for a place.
Nobody named has been asked or has agreed to anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcher.core.errors import BadInput
from matcher.core.types import Lot
from matcher.lotting.capability import umbrellas
from matcher.lotting.consortium import Consortia, OrganisationRef
from matcher.lotting.coverage import MOST_A_NEED, CoverageTable, coverage_table
from matcher.lotting.delivery_area import DeliveryArea, delivery_area
from matcher.lotting.lot_reader import lot_reader
from matcher.lotting.set_cover import Covers
from matcher.lotting.work_parts import MOST_PARTS, WorkPart, stated_parts, work_parts
from matcher.market.assessment import LotAssessment
from matcher.market.criteria import USUAL as USUAL_CRITERIA
from matcher.market.criteria import MarketCriteria
from matcher.market.local_area import unknown_area_notes
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from models import text

MOST_NEEDS = 48
"""The most needs (a part of the work in a place) to search sets for."""
MOST_SETS = 10
_MOST_UMBRELLAS = 5

NOT_AGREED = (
    "Nobody named here was asked, and nobody has agreed to work together. These are sets to ask "
    "about in market engagement, which must be open to all (Procurement Act 2023 s.16)."
)


def consortia(
    matcher: Matcher,
    lot: Lot,
    request: Request,
    criteria: MarketCriteria = USUAL_CRITERIA,
    needs: Sequence[str] = (),
) -> Consortia:
    """Sets that cover `needs`, or the parts in the lot's text and codes, in all its places.

    Raises BadInput where there are too many needs to search; BadLot and NotLawful where the lot
    cannot be assessed.
    """
    reader = lot_reader(matcher, lot, (), request)
    assessment = reader.require(lot)
    parts = _parts(lot, needs)
    register = matcher.register
    delivery = delivery_area(lot, matcher.place(lot), register.councils, register.postcodes)
    _check(parts, delivery)
    table = coverage_table(reader, lot, parts, delivery, criteria)
    covers = table.search(assessment, criteria)
    ranked = sorted(covers.found, key=table.rank_key)
    return Consortia(
        lot=lot.id,
        needs=table.needs,
        uncovered=tuple(need for need in table.needs if not need.able),
        sets=tuple(table.consortium(cover, assessment, criteria) for cover in ranked[:MOST_SETS]),
        found=len(covers.found),
        too_large=covers.too_large,
        complete=covers.complete and not table.narrowed,
        alone=table.alone(assessment, criteria),
        umbrellas=tuple(
            OrganisationRef(body.id, body.name)
            for body in umbrellas(register, delivery, _MOST_UMBRELLAS)
        ),
        rule=_rule(assessment, criteria),
        notes=(
            NOT_AGREED,
            *unknown_area_notes(lot.area, register.councils),
            *_notes(table, delivery, assessment, covers),
        ),
        terms=criteria,
        basis=assessment.basis,
    )


def _parts(lot: Lot, needs: Sequence[str]) -> tuple[WorkPart, ...]:
    """The parts as stated, else as the lot lists them, else the whole lot."""
    if any(not text.words(need) for need in needs):
        raise BadInput("needs: a need has no words; describe each need in a few words")
    whole = WorkPart(lot.title or "all of it", lot.description, lot.cpv, "the lot as a whole")
    return stated_parts(lot, needs) or work_parts(lot) or (whole,)


def _check(parts: Sequence[WorkPart], delivery: DeliveryArea) -> None:
    """Raise BadInput where there are too many needs to search."""
    if len(parts) > MOST_PARTS:
        raise BadInput(f"needs: there are {len(parts)}; give at most {MOST_PARTS}")
    number = len(parts) * max(len(delivery.areas), 1)
    if number > MOST_NEEDS:
        raise BadInput(
            f"needs: {len(parts)} parts in {len(delivery.areas)} councils are {number} needs; at "
            f"most {MOST_NEEDS} can be searched: give fewer parts or fewer councils"
        )


def _rule(assessment: LotAssessment, criteria: MarketCriteria) -> str:
    return (
        "Each part of the work counts the same, and each place by its homes. What several members "
        "cover is shared evenly between them. A member's share in a year may be at most "
        f"{criteria.value_to_income:g} of its yearly income. The lot's yearly value is "
        f"{assessment.yearly_rule}."
    )


def _notes(
    table: CoverageTable, delivery: DeliveryArea, assessment: LotAssessment, covers: Covers
) -> Iterator[str]:
    if not all(need.able for need in table.needs):
        yield (
            "No provider is known for some needs, so no set covers everything. Ask the market "
            "about these needs, or state them differently."
        )
    if len(table.needs) == 1:
        yield (
            "Only one part of the work in one place is known, so there is nothing to share. State "
            "the lot's needs or its places, or divide it by value."
        )
    if not delivery.areas:
        yield "The lot's place is not known, so places were not checked."
    if assessment.annual is None:
        yield "The lot has no value, so the size of members was not checked."
    if table.narrowed:
        yield (
            f"For some needs more than {MOST_A_NEED} providers are possible. Only the "
            f"{MOST_A_NEED} most probable were considered for each, so there are other sets."
        )
    if not covers.complete:
        yield "There are so many sets that the search stopped early: there are others."
