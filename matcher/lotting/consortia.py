"""Sets of small providers that together cover what a lot needs, in all the places that it is for.

For a lot that is too wide for one small provider.  What is claimed of a member can be checked:
the words of its profile or a past contract for a part of the work, a site or a contract for a
place.  Nobody named has been asked, and nobody is said to have agreed to anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.core.errors import BadInput
from matcher.core.types import Lot, Provider
from matcher.lotting.capability import (
    CapableProvider,
    Whereabouts,
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
from matcher.market.criteria import USUAL as USUAL_TERMS
from matcher.market.criteria import MarketCriteria
from matcher.market.local_area import unknown_area_notes
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.register import Register
from models import text

MOST_NEEDS = 48
"""Parts of the work, each in each place, that sets are sought for."""
MOST_SETS = 10
_A_NEED = 8
"""Who may be members for one part in one place: the likeliest."""
_MOST_UMBRELLAS = 5

NOT_AGREED = (
    "Nobody named here was asked, and nobody has agreed to work with anybody: these are sets to "
    "ask about in market engagement, open to all alike (Procurement Act 2023 s.16)."
)


@dataclass(frozen=True, slots=True)
class CoverageNeed:
    """One part of the work in one place, and what share of the whole it is taken to be."""

    part: str
    place: str
    share: float
    able: int
    """providers found for whom there is evidence of both"""


@dataclass(frozen=True, slots=True)
class ConsortiumCover:
    """That a member covers a part of the work in a place, by which evidence."""

    part: str
    place: str
    probability: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a set: what it would cover, and what of the value would fall to it.

    `annual` is pounds a year without VAT; `fits` is None where its income, or the value of the
    lot, is not known.
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
    """A set of members that covers every need, none of whom can be left out.

    `weakest` is the probability of the likeliest member for the need that is covered least
    surely.  `possible_lead` is an id, and `why_lead` in words why that one.
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
    """Sets of two to five providers for a lot, fewest members and surest first.

    `alone` are small providers who cover all of it by themselves and are not known to be too
    small; `uncovered` are needs for which there is evidence of nobody.  `found` sets there are in
    all, of which the first are shown; `too_large` more were left out because a member's share is
    too large for its income; `complete` is False where the search was cut short, or where more are
    able to cover a need than those likeliest among whom members were sought.
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
    terms: MarketCriteria = USUAL_TERMS,
    needs: Sequence[str] = (),
) -> Consortia:
    """Sets that together cover `needs` (or what the lot's text and codes list) in all its places.

    Raises BadInput where there is more to cover than can be searched; BadLot and NotLawful
    where the lot cannot be read.
    """
    reads = lot_reader(matcher, lot, (), request)
    one = reads.require(lot)
    parts = _parts(lot, needs)
    register = matcher.register
    ground = delivery_area(lot, matcher.place(lot), register.councils, register.postcodes)
    _check(parts, ground)
    table = _table(reads, lot, parts, ground, terms)
    found = table.search(one, terms)
    surest = sorted(found.found, key=table.rank)
    return Consortia(
        lot=lot.id,
        needs=table.needs,
        uncovered=tuple(need for need in table.needs if not need.able),
        sets=tuple(table.together(cover, one, terms) for cover in surest[:MOST_SETS]),
        found=len(found.found),
        too_large=found.too_large,
        complete=found.complete and not table.narrowed,
        alone=table.alone(one, terms),
        umbrellas=tuple(
            OrganisationRef(body.id, body.name)
            for body in umbrellas(register, ground, _MOST_UMBRELLAS)
        ),
        rule=_rule(one, terms),
        notes=(
            NOT_AGREED,
            *unknown_area_notes(lot.area, register.councils),
            *_notes(table, ground, one, found),
        ),
        terms=terms,
        basis=one.basis,
    )


def _parts(lot: Lot, needs: Sequence[str]) -> tuple[WorkPart, ...]:
    """The parts as stated, else as the lot lists them, else all of it as one."""
    if any(not text.words(said) for said in needs):
        raise BadInput("needs: one of them says nothing; give each in a few words")
    whole = WorkPart(lot.title or "all of it", lot.description, lot.cpv, "the lot as a whole")
    return stated_parts(lot, needs) or work_parts(lot) or (whole,)


def _check(parts: Sequence[WorkPart], ground: DeliveryArea) -> None:
    if len(parts) > MOST_PARTS:
        raise BadInput(f"needs: {len(parts)} are given; give at most {MOST_PARTS}")
    number = len(parts) * max(len(ground.areas), 1)
    if number > MOST_NEEDS:
        raise BadInput(
            f"needs: {len(parts)} parts in {len(ground.areas)} councils are {number} needs; at "
            f"most {MOST_NEEDS} can be searched: name fewer parts or fewer councils"
        )


# --- who covers what -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A provider with what it can be shown to do and where: need number → the evidence."""

    provider: Provider
    income: float
    covers: Mapping[int, ConsortiumCover]


@dataclass(frozen=True)
class _Table:
    """Candidates by needs: the likeliest of each need, each with all that it covers.

    `able_to_all` are those who cover every need, candidates or not.
    """

    needs: tuple[CoverageNeed, ...]
    candidates: tuple[_Candidate, ...]
    able_to_all: tuple[_Candidate, ...]

    @property
    def narrowed(self) -> bool:
        """Whether more are able to cover a need than were taken for it."""
        return any(need.able > _A_NEED for need in self.needs)

    def search(self, one: LotAssessment, terms: MarketCriteria) -> Covers:
        """All sets that cover every need, within what each member can carry."""
        has = np.zeros((len(self.candidates), len(self.needs)), bool)
        for at, candidate in enumerate(self.candidates):
            has[at, list(candidate.covers)] = True
        weights = np.array([need.share for need in self.needs])
        return find_covers(has, weights, _room(self.candidates, one, terms))

    def rank(self, cover: Cover) -> tuple[int, int, float, tuple[str, ...]]:
        """Fewest members first, then those whose size is known, then the surest."""
        who = [self.candidates[at] for at in cover.members]
        unknown = sum(bool(np.isnan(one.income)) for one in who)
        ids = tuple(sorted(one.provider.id for one in who))
        return len(who), unknown, -self._weakest(who), ids

    def _weakest(self, who: Sequence[_Candidate]) -> float:
        return min(
            max(one.covers[at].probability for one in who if at in one.covers)
            for at in range(len(self.needs))
        )

    def together(self, cover: Cover, one: LotAssessment, terms: MarketCriteria) -> Consortium:
        """A set as it is shown."""
        who = [self.candidates[at] for at in cover.members]
        lead, why = _lead(who)
        return Consortium(
            members=tuple(
                _member(candidate, share, one, terms)
                for candidate, share in zip(who, cover.shares, strict=True)
            ),
            possible_lead=lead.provider.id,
            why_lead=why,
            weakest=round(self._weakest(who), 4),
            size_unknown=sum(bool(np.isnan(each.income)) for each in who),
        )

    def alone(self, one: LotAssessment, terms: MarketCriteria) -> tuple[OrganisationRef, ...]:
        """Who covers everything by itself, and is not known to be too small for it."""
        room = _room(self.able_to_all, one, terms)
        return tuple(
            OrganisationRef(each.provider.id, each.provider.name)
            for each, large in zip(self.able_to_all, room, strict=True)
            if large >= 1
        )


def _room(who: Sequence[_Candidate], one: LotAssessment, terms: MarketCriteria) -> np.ndarray:
    """(n,) the largest share of the whole that each can carry; 1 where that is not known."""
    income = np.array([each.income for each in who])
    if not one.annual:
        return np.ones(len(income))
    room = income * terms.value_to_income / one.annual
    return np.where(np.isnan(room), 1.0, room)


def _member(
    candidate: _Candidate, share: float, one: LotAssessment, terms: MarketCriteria
) -> Member:
    provider, annual = candidate.provider, one.annual
    falls = None if annual is None else round(annual * share, 2)
    known = falls is not None and provider.income is not None
    enough = (provider.income or 0.0) * terms.value_to_income
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
    """An umbrella body among the members, else who covers most; equals by id."""
    ordered = sorted(who, key=lambda one: (-len(one.covers), one.provider.id))
    umbrella = next((one for one in ordered if is_umbrella(one.provider)), None)
    if umbrella is not None:
        return umbrella, "an umbrella or resource body, by its charity classification"
    alone = len(ordered) < 2 or len(ordered[0].covers) > len(ordered[1].covers)
    return ordered[0], f"it covers {'most' if alone else 'as much as any other'}"


def _table(
    reads: LotReader,
    lot: Lot,
    parts: Sequence[WorkPart],
    ground: DeliveryArea,
    terms: MarketCriteria,
) -> _Table:
    matcher = reads.matcher
    where = Whereabouts(matcher.register, ground)
    needs: list[CoverageNeed] = []
    columns: list[dict[int, ConsortiumCover]] = []
    for number, part in enumerate(parts, 1):
        one = part_alone(lot, part, f"part {number}")
        shown = capable_providers(matcher, one, reads.request, ground, terms.floor)
        for place in _places(ground):
            does = dict(_covering(part, place, shown, where))
            share = round(place.share / len(parts), 6)
            needs.append(CoverageNeed(part.title, place.name, share, len(does)))
            columns.append(does)
    likeliest = {row for does in columns for row in list(does)[:_A_NEED]}
    versatile = set(columns[0]).intersection(*columns[1:])
    return _Table(
        tuple(needs),
        tuple(_candidates(matcher.register, columns, likeliest)),
        tuple(_candidates(matcher.register, columns, versatile)),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A council of the need, and its part of the homes; no code where no place is known."""

    code: str
    name: str
    share: float


def _places(ground: DeliveryArea) -> list[_Place]:
    if not ground.areas:
        return [_Place("", "a place that is not known", 1.0)]
    even = 1 / len(ground.areas)
    known = any(ground.homes.values())
    return [
        _Place(area.code, area.name, ground.share(frozenset({area.code})) if known else even)
        for area in ground.areas
    ]


def _covering(
    part: WorkPart, place: _Place, shown: Sequence[CapableProvider], where: Whereabouts
) -> Iterator[tuple[int, ConsortiumCover]]:
    """(row, what it covers) of those who can be shown to do the part and to be at the place."""
    for one in shown:
        there = where.evidence(one.row, place.code) if place.code else ()
        if there or not place.code:
            evidence = (*one.evidence, *there)
            yield one.row, ConsortiumCover(part.title, place.name, one.probability, evidence)


def _candidates(
    register: Register, columns: Sequence[Mapping[int, ConsortiumCover]], rows: Iterable[int]
) -> Iterator[_Candidate]:
    """These rows by id, each with all that it covers."""
    providers = {row: register.organisations[row].provider for row in rows}
    for row in sorted(providers, key=lambda row: providers[row].id):
        does = {at: column[row] for at, column in enumerate(columns) if row in column}
        yield _Candidate(providers[row], float(register.columns.income[row]), does)


# --- in words --------------------------------------------------------------------------


def _rule(one: LotAssessment, terms: MarketCriteria) -> str:
    return (
        "Parts of the work weigh the same, places as their homes do, and what several members "
        "cover is divided evenly among them. What falls to a member in a year may be at most "
        f"{terms.value_to_income:g} of its yearly income; the lot is worth {one.yearly_rule}."
    )


def _notes(table: _Table, ground: DeliveryArea, one: LotAssessment, found: Covers) -> Iterator[str]:
    if not all(need.able for need in table.needs):
        yield (
            "For some needs there is evidence of nobody, so no set covers everything: ask the "
            "market about those, or state the needs otherwise."
        )
    if len(table.needs) == 1:
        yield (
            "One part of the work in one place is all that is known of this lot, so there is "
            "nothing to share out: state its needs, or its places, or cut it by value."
        )
    if not ground.areas:
        yield "Where the lot is is not known, so whether anybody works there was not asked."
    if one.annual is None:
        yield "The lot gives no value, so whether a member is large enough was not asked."
    if table.narrowed:
        yield (
            f"For some needs more than {_A_NEED} are able: members were sought among the "
            f"{_A_NEED} likeliest of each need, so there are other sets."
        )
    if not found.complete:
        yield "There are so many sets that the search was cut short: there are others."
