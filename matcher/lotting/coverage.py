"""Which providers cover which needs of a lot, and the sets that together cover all of them.

A need is one part of the work in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.core.arrays import Doubles
from matcher.core.types import Lot, Provider
from matcher.lotting.capability import (
    CapableProvider,
    ProviderPlaces,
    capable_providers,
    is_umbrella,
)
from matcher.lotting.consortium import (
    Consortium,
    ConsortiumCover,
    CoverageNeed,
    Member,
    OrganisationRef,
)
from matcher.lotting.delivery_area import DeliveryArea
from matcher.lotting.lot_reader import LotReader
from matcher.lotting.set_cover import Cover, Covers, find_covers
from matcher.lotting.work_parts import WorkPart, part_alone
from matcher.market.assessment import LotAssessment
from matcher.market.criteria import MarketCriteria
from matcher.register.register import Register

MOST_A_NEED = 8
"""The most possible members for one need, most probable first."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A provider and the needs that it covers, by number."""

    provider: Provider
    income: float
    covers: Mapping[int, ConsortiumCover]


@dataclass(frozen=True)
class CoverageTable:
    """The needs, and the most probable candidates for each.

    `able_to_all` are all providers that cover every need.
    """

    needs: tuple[CoverageNeed, ...]
    candidates: tuple[_Candidate, ...]
    able_to_all: tuple[_Candidate, ...]

    @property
    def narrowed(self) -> bool:
        """Whether more providers can cover a need than were considered for it."""
        return any(need.able > MOST_A_NEED for need in self.needs)

    def search(self, assessment: LotAssessment, criteria: MarketCriteria) -> Covers:
        """All sets that cover every need, with shares that each member has the income for."""
        has = np.zeros((len(self.candidates), len(self.needs)), bool)
        for at, candidate in enumerate(self.candidates):
            has[at, list(candidate.covers)] = True
        shares = np.array([need.share for need in self.needs])
        weights = shares / shares.sum()
        return find_covers(has, weights, _largest_shares(self.candidates, assessment, criteria))

    def rank_key(self, cover: Cover) -> tuple[int, int, float, tuple[str, ...]]:
        """A sort key: fewest members, then fewest of unknown size, then highest probability."""
        members = self._members(cover)
        ids = tuple(sorted(member.provider.id for member in members))
        return len(members), _size_unknown(members), -self._weakest(members), ids

    def consortium(
        self, cover: Cover, assessment: LotAssessment, criteria: MarketCriteria
    ) -> Consortium:
        """A set as a consortium."""
        members = self._members(cover)
        lead, reason = _lead(members)
        return Consortium(
            members=tuple(
                _member(candidate, share, assessment, criteria)
                for candidate, share in zip(members, cover.shares, strict=True)
            ),
            possible_lead=lead.provider.id,
            why_lead=reason,
            weakest=round(self._weakest(members), 4),
            size_unknown=_size_unknown(members),
        )

    def alone(
        self, assessment: LotAssessment, criteria: MarketCriteria
    ) -> tuple[OrganisationRef, ...]:
        """The providers that cover everything themselves and are not known to be too small."""
        shares = _largest_shares(self.able_to_all, assessment, criteria)
        return tuple(
            OrganisationRef(candidate.provider.id, candidate.provider.name)
            for candidate, share in zip(self.able_to_all, shares, strict=True)
            if share >= 1
        )

    def _members(self, cover: Cover) -> list[_Candidate]:
        return [self.candidates[at] for at in cover.members]

    def _weakest(self, members: Sequence[_Candidate]) -> float:
        """The lowest, over all needs, of the highest probability of a member."""
        return min(
            max(member.covers[at].probability for member in members if at in member.covers)
            for at in range(len(self.needs))
        )


def _size_unknown(members: Sequence[_Candidate]) -> int:
    return sum(bool(np.isnan(member.income)) for member in members)


def _largest_shares(
    candidates: Sequence[_Candidate], assessment: LotAssessment, criteria: MarketCriteria
) -> Doubles:
    """(n,) the largest share of the whole that each has income for; 1 where not known."""
    income = np.array([candidate.income for candidate in candidates])
    if not assessment.annual:
        return np.ones(len(income))
    shares = income * criteria.value_to_income / assessment.annual
    return np.where(np.isnan(shares), 1.0, shares)


def _member(
    candidate: _Candidate, share: float, assessment: LotAssessment, criteria: MarketCriteria
) -> Member:
    provider = candidate.provider
    annual = None if assessment.annual is None else round(assessment.annual * share, 2)
    known = annual is not None and provider.income is not None
    enough = (provider.income or 0.0) * criteria.value_to_income
    return Member(
        id=provider.id,
        name=provider.name,
        kind=provider.kind.value,
        size=provider.size.value,
        income=provider.income,
        share=round(share, 4),
        annual=annual,
        fits=enough + 0.01 >= (annual or 0.0) if known else None,
        covers=tuple(candidate.covers[at] for at in sorted(candidate.covers)),
    )


def _lead(members: Sequence[_Candidate]) -> tuple[_Candidate, str]:
    """The umbrella body among the members, else the one that covers most; ties by id."""
    ordered = sorted(members, key=lambda member: (-len(member.covers), member.provider.id))
    umbrella = next((member for member in ordered if is_umbrella(member.provider)), None)
    if umbrella is not None:
        return umbrella, "an umbrella or resource body, by its charity classification"
    alone = len(ordered) < 2 or len(ordered[0].covers) > len(ordered[1].covers)
    return ordered[0], f"it covers {'most' if alone else 'as much as any other'}"


def coverage_table(
    reader: LotReader,
    lot: Lot,
    parts: Sequence[WorkPart],
    delivery: DeliveryArea,
    criteria: MarketCriteria,
) -> CoverageTable:
    """The needs of a lot, each part in each council, and the providers that cover them."""
    matcher = reader.matcher
    provider_places = ProviderPlaces(matcher.register, delivery)
    needs: list[CoverageNeed] = []
    covers_by_need: list[dict[int, ConsortiumCover]] = []
    for number, part in enumerate(parts, 1):
        part_lot = part_alone(lot, part, f"part {number}")
        capable = capable_providers(matcher, part_lot, reader.request, delivery, criteria.floor)
        for place in _places(delivery):
            covers = dict(_covers(part, place, capable, provider_places))
            share = round(place.share / len(parts), 6)
            needs.append(CoverageNeed(part.title, place.name, share, len(covers)))
            covers_by_need.append(covers)
    most_probable = {row for covers in covers_by_need for row in list(covers)[:MOST_A_NEED]}
    able_to_all = set(covers_by_need[0]).intersection(*covers_by_need[1:])
    return CoverageTable(
        tuple(needs),
        tuple(_candidates(matcher.register, covers_by_need, most_probable)),
        tuple(_candidates(matcher.register, covers_by_need, able_to_all)),
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
    homes_known = any(delivery.homes.values())
    return [
        _Place(
            area.code,
            area.name,
            delivery.share(frozenset({area.code})) if homes_known else even,
        )
        for area in delivery.areas
    ]


def _covers(
    part: WorkPart,
    place: _Place,
    capable: Sequence[CapableProvider],
    provider_places: ProviderPlaces,
) -> Iterator[tuple[int, ConsortiumCover]]:
    """(row, cover) for the providers with evidence of the part and of the place."""
    for provider in capable:
        there = provider_places.evidence(provider.row, place.code) if place.code else ()
        if there or not place.code:
            evidence = (*provider.evidence, *there)
            yield (
                provider.row,
                ConsortiumCover(part.title, place.name, provider.probability, evidence),
            )


def _candidates(
    register: Register,
    covers_by_need: Sequence[Mapping[int, ConsortiumCover]],
    rows: Iterable[int],
) -> Iterator[_Candidate]:
    """The candidates in these rows, by id, each with all that it covers."""
    providers = {row: register.organisations[row].provider for row in rows}
    for row in sorted(providers, key=lambda row: providers[row].id):
        covers = {at: covers[row] for at, covers in enumerate(covers_by_need) if row in covers}
        yield _Candidate(providers[row], float(register.columns.income[row]), covers)
