"""Finds sets of small providers that together cover all the work and places of a lot.

This is for a lot that is too large for one small provider.  All evidence on a member can be
checked: its profile or a past contract for a part of the work, a site or a contract for a place.
Nobody named has been asked or has agreed to anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.core.errors import BadInput
from matcher.core.types import Lot, Provider
from matcher.lotting.capability import (
    CapableProvider,
    ProviderPlaces,
    capable_providers,
    is_umbrella,
    umbrellas,
)
from matcher.lotting.division import DeliveryArea, delivery_area
from matcher.lotting.lot_reader import LotReader, lot_reader
from matcher.lotting.set_cover import Cover, Covers, find_covers
from matcher.lotting.work_parts import (
    MOST_PARTS,
    WorkPart,
    part_alone,
    stated_parts,
    work_parts,
)
from matcher.market.assessment import Basis, LotAssessment
from matcher.market.criteria import USUAL as USUAL_CRITERIA
from matcher.market.criteria import MarketCriteria
from matcher.market.local_area import unknown_area_notes
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.register import Register
from models import text

MOST_NEEDS = 48
"""The most needs (a part of the work in a place) to search sets for."""
MOST_SETS = 10
_MOST_A_NEED = 8
"""The most possible members for one need, most probable first."""
_MOST_UMBRELLAS = 5

NOT_AGREED = (
    "Nobody named here was asked, and nobody has agreed to work together. These are sets to ask "
    "about in market engagement, which must be open to all (Procurement Act 2023 s.16)."
)


@dataclass(frozen=True, slots=True)
class CoverageNeed:
    """One part of the work in one place, and its assumed share of the whole."""

    part: str
    place: str
    share: float
    able: int
    """providers with evidence of both"""


@dataclass(frozen=True, slots=True)
class ConsortiumCover:
    """A need that a member covers, with evidence."""

    part: str
    place: str
    probability: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a set: what it would cover, and its share of the value.

    `annual` is pounds a year excluding VAT.  `fits` is None where the member's income or the
    lot's value is not known.
    """

    id: str
    name: str
    kind: str
    size: str
    income: float | None
    share: float
    annual: float | None
    fits: bool | None
    covers: tuple[ConsortiumCover, ...]


@dataclass(frozen=True, slots=True)
class Consortium:
    """A set of members that covers every need, and in which each member is needed.

    `weakest` is the lowest, over all needs, of the highest probability of a member.
    `possible_lead` is a member's id, and `why_lead` the reason.
    """

    members: tuple[Member, ...]
    possible_lead: str
    why_lead: str
    weakest: float
    size_unknown: int


@dataclass(frozen=True, slots=True)
class OrganisationRef:
    """An organisation by its id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Consortia:
    """Sets of two to five providers for a lot, fewest members and highest probability first.

    `alone` are small providers that cover everything themselves and are not known to be too small.
    `uncovered` are needs without any provider.  `found` is the number of sets, of which the first
    are in `sets`; `too_large` more were dropped because a member's share is too large for its
    income.  `complete` is False where the search stopped early, or where more providers can cover a
    need than were considered.
    """

    lot: str
    needs: tuple[CoverageNeed, ...]
    uncovered: tuple[CoverageNeed, ...]
    sets: tuple[Consortium, ...]
    found: int
    too_large: int
    complete: bool
    alone: tuple[OrganisationRef, ...]
    umbrellas: tuple[OrganisationRef, ...]
    rule: str
    notes: tuple[str, ...]
    terms: MarketCriteria
    basis: Basis


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
    one = reader.require(lot)
    parts = _parts(lot, needs)
    register = matcher.register
    delivery = delivery_area(lot, matcher.place(lot), register.councils, register.postcodes)
    _check(parts, delivery)
    table = _table(reader, lot, parts, delivery, criteria)
    found = table.search(one, criteria)
    surest = sorted(found.found, key=table.rank)
    return Consortia(
        lot=lot.id,
        needs=table.needs,
        uncovered=tuple(need for need in table.needs if not need.able),
        sets=tuple(table.consortium(cover, one, criteria) for cover in surest[:MOST_SETS]),
        found=len(found.found),
        too_large=found.too_large,
        complete=found.complete and not table.narrowed,
        alone=table.alone(one, criteria),
        umbrellas=tuple(
            OrganisationRef(body.id, body.name)
            for body in umbrellas(register, delivery, _MOST_UMBRELLAS)
        ),
        rule=_rule(one, criteria),
        notes=(
            NOT_AGREED,
            *unknown_area_notes(lot.area, register.councils),
            *_notes(table, delivery, one, found),
        ),
        terms=criteria,
        basis=one.basis,
    )


def _parts(lot: Lot, needs: Sequence[str]) -> tuple[WorkPart, ...]:
    """The parts as stated, else as the lot lists them, else the whole lot."""
    if any(not text.words(said) for said in needs):
        raise BadInput("needs: one has no words; describe each need in a few words")
    whole = WorkPart(lot.title or "all of it", lot.description, lot.cpv, "the lot as a whole")
    return stated_parts(lot, needs) or work_parts(lot) or (whole,)


def _check(parts: Sequence[WorkPart], delivery: DeliveryArea) -> None:
    if len(parts) > MOST_PARTS:
        raise BadInput(f"needs: there are {len(parts)}; give at most {MOST_PARTS}")
    number = len(parts) * max(len(delivery.areas), 1)
    if number > MOST_NEEDS:
        raise BadInput(
            f"needs: {len(parts)} parts in {len(delivery.areas)} councils are {number} needs; at "
            f"most {MOST_NEEDS} can be searched: give fewer parts or fewer councils"
        )


# --- who covers what -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A provider and the needs that it covers, by number."""

    provider: Provider
    income: float
    covers: Mapping[int, ConsortiumCover]


@dataclass(frozen=True)
class _Table:
    """The needs, and the most probable candidates for each.

    `able_to_all` are all providers that cover every need.
    """

    needs: tuple[CoverageNeed, ...]
    candidates: tuple[_Candidate, ...]
    able_to_all: tuple[_Candidate, ...]

    @property
    def narrowed(self) -> bool:
        """Whether more providers can cover a need than were considered for it."""
        return any(need.able > _MOST_A_NEED for need in self.needs)

    def search(self, one: LotAssessment, criteria: MarketCriteria) -> Covers:
        """All sets that cover every need, with shares that each member has the income for."""
        has = np.zeros((len(self.candidates), len(self.needs)), bool)
        for at, candidate in enumerate(self.candidates):
            has[at, list(candidate.covers)] = True
        weights = np.array([need.share for need in self.needs])
        return find_covers(has, weights, _room(self.candidates, one, criteria))

    def rank(self, cover: Cover) -> tuple[int, int, float, tuple[str, ...]]:
        """A sort key: fewest members, then fewest of unknown size, then highest probability."""
        who = [self.candidates[at] for at in cover.members]
        unknown = sum(bool(np.isnan(one.income)) for one in who)
        ids = tuple(sorted(one.provider.id for one in who))
        return len(who), unknown, -self._weakest(who), ids

    def _weakest(self, who: Sequence[_Candidate]) -> float:
        return min(
            max(one.covers[at].probability for one in who if at in one.covers)
            for at in range(len(self.needs))
        )

    def consortium(self, cover: Cover, one: LotAssessment, criteria: MarketCriteria) -> Consortium:
        """A set as a consortium."""
        who = [self.candidates[at] for at in cover.members]
        lead, why = _lead(who)
        return Consortium(
            members=tuple(
                _member(candidate, share, one, criteria)
                for candidate, share in zip(who, cover.shares, strict=True)
            ),
            possible_lead=lead.provider.id,
            why_lead=why,
            weakest=round(self._weakest(who), 4),
            size_unknown=sum(bool(np.isnan(each.income)) for each in who),
        )

    def alone(self, one: LotAssessment, criteria: MarketCriteria) -> tuple[OrganisationRef, ...]:
        """The providers that cover everything themselves and are not known to be too small."""
        room = _room(self.able_to_all, one, criteria)
        return tuple(
            OrganisationRef(each.provider.id, each.provider.name)
            for each, large in zip(self.able_to_all, room, strict=True)
            if large >= 1
        )


def _room(who: Sequence[_Candidate], one: LotAssessment, criteria: MarketCriteria) -> np.ndarray:
    """(n,) the largest share of the whole that each has income for; 1 where not known."""
    income = np.array([each.income for each in who])
    if not one.annual:
        return np.ones(len(income))
    room = income * criteria.value_to_income / one.annual
    return np.where(np.isnan(room), 1.0, room)


def _member(
    candidate: _Candidate, share: float, one: LotAssessment, criteria: MarketCriteria
) -> Member:
    provider, annual = candidate.provider, one.annual
    falls = None if annual is None else round(annual * share, 2)
    known = falls is not None and provider.income is not None
    enough = (provider.income or 0.0) * criteria.value_to_income
    return Member(
        id=provider.id,
        name=provider.name,
        kind=provider.kind.value,
        size=provider.size.value,
        income=provider.income,
        share=round(share, 4),
        annual=falls,
        fits=enough + 0.01 >= (falls or 0.0) if known else None,
        covers=tuple(candidate.covers[at] for at in sorted(candidate.covers)),
    )


def _lead(who: Sequence[_Candidate]) -> tuple[_Candidate, str]:
    """The umbrella body among the members, else the one that covers most; ties by id."""
    ordered = sorted(who, key=lambda one: (-len(one.covers), one.provider.id))
    umbrella = next((one for one in ordered if is_umbrella(one.provider)), None)
    if umbrella is not None:
        return umbrella, "an umbrella or resource body, by its charity classification"
    alone = len(ordered) < 2 or len(ordered[0].covers) > len(ordered[1].covers)
    return ordered[0], f"it covers {'most' if alone else 'as much as any other'}"


def _table(
    reader: LotReader,
    lot: Lot,
    parts: Sequence[WorkPart],
    delivery: DeliveryArea,
    criteria: MarketCriteria,
) -> _Table:
    matcher = reader.matcher
    places = ProviderPlaces(matcher.register, delivery)
    needs: list[CoverageNeed] = []
    columns: list[dict[int, ConsortiumCover]] = []
    for number, part in enumerate(parts, 1):
        one = part_alone(lot, part, f"part {number}")
        shown = capable_providers(matcher, one, reader.request, delivery, criteria.floor)
        for place in _places(delivery):
            does = dict(_covering(part, place, shown, places))
            share = round(place.share / len(parts), 6)
            needs.append(CoverageNeed(part.title, place.name, share, len(does)))
            columns.append(does)
    likeliest = {row for does in columns for row in list(does)[:_MOST_A_NEED]}
    versatile = set(columns[0]).intersection(*columns[1:])
    return _Table(
        tuple(needs),
        tuple(_candidates(matcher.register, columns, likeliest)),
        tuple(_candidates(matcher.register, columns, versatile)),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A council of the need and its share of homes; no code where no place is known."""

    code: str
    name: str
    share: float


def _places(delivery: DeliveryArea) -> list[_Place]:
    if not delivery.areas:
        return [_Place("", "a place that is not known", 1.0)]
    even = 1 / len(delivery.areas)
    known = any(delivery.homes.values())
    return [
        _Place(area.code, area.name, delivery.share(frozenset({area.code})) if known else even)
        for area in delivery.areas
    ]


def _covering(
    part: WorkPart, place: _Place, shown: Sequence[CapableProvider], places: ProviderPlaces
) -> Iterator[tuple[int, ConsortiumCover]]:
    """(row, cover) for the providers with evidence of the part and of the place."""
    for one in shown:
        there = places.evidence(one.row, place.code) if place.code else ()
        if there or not place.code:
            evidence = (*one.evidence, *there)
            yield one.row, ConsortiumCover(part.title, place.name, one.probability, evidence)


def _candidates(
    register: Register, columns: Sequence[Mapping[int, ConsortiumCover]], rows: Iterable[int]
) -> Iterator[_Candidate]:
    """The candidates in these rows, by id, each with all that it covers."""
    providers = {row: register.organisations[row].provider for row in rows}
    for row in sorted(providers, key=lambda row: providers[row].id):
        does = {at: column[row] for at, column in enumerate(columns) if row in column}
        yield _Candidate(providers[row], float(register.columns.income[row]), does)


# --- in words --------------------------------------------------------------------------


def _rule(one: LotAssessment, criteria: MarketCriteria) -> str:
    return (
        "Each part of the work counts the same, and each place by its homes. What several members "
        "cover is shared evenly between them. A member's share in a year may be at most "
        f"{criteria.value_to_income:g} of its yearly income. The lot's yearly value is "
        f"{one.yearly_rule}."
    )


def _notes(
    table: _Table, delivery: DeliveryArea, one: LotAssessment, found: Covers
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
    if one.annual is None:
        yield "The lot has no value, so the size of members was not checked."
    if table.narrowed:
        yield (
            f"For some needs more than {_MOST_A_NEED} providers are possible. Only the "
            f"{_MOST_A_NEED} most probable were considered for each, so there are other sets."
        )
    if not found.complete:
        yield "There are so many sets that the search stopped early: there are others."
