"""The result of a search for consortia: needs, sets of members, and their evidence."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.market.assessment import Basis
from matcher.market.criteria import MarketCriteria


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
