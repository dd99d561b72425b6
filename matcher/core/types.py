"""The matcher's nouns: lots, providers, awards, places, and the answer to a question.

All are frozen. Money is pounds; a day is an ISO date; a place is a point on the
British National Grid in metres.  None of them holds personal contact data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

FICTIONAL = " (fictional)"
"""Ends the name of a source, and of a buyer, whose organisations are invented."""


class Kind(StrEnum):
    """What sort of organisation a provider is."""

    CHARITY = "charity"
    CIC = "cic"
    COOP = "co-op"
    COMMUNITY = "community group"
    COMPANY = "company"
    SOLE_TRADER = "sole trader"
    PUBLIC = "public body"
    UNKNOWN = "unknown"

    @property
    def vcse(self) -> bool:
        """Whether it is of the voluntary, community and social enterprise sector."""
        return self in _VCSE


_VCSE = frozenset({Kind.CHARITY, Kind.CIC, Kind.COOP, Kind.COMMUNITY})


class Size(StrEnum):
    """How big a provider is, by yearly income in pounds where income is known.

    micro under 100,000; small under 1,000,000; medium under 10,000,000; large from there.
    """

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """Whether the organisation still exists, as its register says."""

    ACTIVE = "active"
    UNKNOWN = "unknown"
    REMOVED = "removed"
    DISSOLVED = "dissolved"
    INSOLVENT = "insolvent"

    @property
    def may_rank(self) -> bool:
        """A removed, dissolved or insolvent body never ranks."""
        return self in (Status.ACTIVE, Status.UNKNOWN)


class Grade(StrEnum):
    """How good the evidence is that a provider is at a place, weakest last."""

    OPERATING_SITE = "operating site"
    SERVICE_LOCATION = "delivers services there"
    CONTACT_ADDRESS = "contact address"
    AWARD_ADDRESS = "address in an award notice"
    REGISTERED_OFFICE = "registered office"
    SELF_DECLARED = "self-declared"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was read from, as of which day, and under which licence."""

    name: str
    day: date | None = None
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """One address of a provider, as its postcode, and what says so. Never a street."""

    postcode: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Provider:
    """One organisation, as one source describes it.

    `id` is an org-id (`GB-CHC-1150079`, `GB-COH-07633349`) where the source knows an
    official number, else an id that is unique within the source.  `ids` are further
    official numbers of the same organisation.  `profile` is what it says or its register
    says that it does; `tags` are labels given to it (SIC text, classification, UK-CAT).
    `income` is pounds a year.  `areas` are council or region names or codes where it says
    that it works, which is not where it is.
    """

    id: str
    name: str
    source: Source
    ids: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    kind: Kind = Kind.UNKNOWN
    profile: str = ""
    tags: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    areas: tuple[str, ...] = ()
    income: float | None = None
    size: Size = Size.UNKNOWN
    status: Status = Status.UNKNOWN
    website: str = ""


@dataclass(frozen=True, slots=True)
class Lot:
    """One thing to be bought.

    `cpv` are eight-digit codes.  `value` is pounds, VAT included where the notice says so
    (`value_is_gross`).  `postcode`, `area` (council code or name, or a region's name) and
    `buyer_postcode` are as the notice gives them; `matcher.geo.geocoding` says which of them is
    the lot's place.  `day` is the day that the procurement begins or the notice is dated.
    """

    id: str
    title: str
    description: str = ""
    cpv: tuple[str, ...] = ()
    value: float | None = None
    value_is_gross: bool = False
    postcode: str = ""
    area: str = ""
    buyer: str = ""
    buyer_id: str = ""
    buyer_kind: str = ""
    buyer_postcode: str = ""
    category: str = ""
    day: date | None = None
    years: float | None = None


@dataclass(frozen=True, slots=True)
class Award:
    """A lot that was awarded: when, to whom, and for how much (pounds, whole contract).

    `suppliers` are the winners as this notice describes them.  Several suppliers of one
    award share its one value.
    """

    id: str
    lot: Lot
    day: date
    suppliers: tuple[Provider, ...]
    value: float | None = None


@dataclass(slots=True)
class Tally:
    """What a source yielded and what it set aside, by reason.

    Counted while the source is read, and complete once the source is exhausted.
    """

    source: str
    read: int = 0
    kept: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def drop(self, reason: str, where: str = "") -> None:
        """Count one record set aside for `reason`; remember the first place it happened."""
        self.set_aside[reason] = self.set_aside.get(reason, 0) + 1
        self.examples.setdefault(reason, where)


@dataclass(frozen=True, slots=True)
class Organisation:
    """One provider as the register knows it: the records of it, and their best summary.

    `provider` holds the best of each field; `records` are what each source said, so that
    every fact keeps its source and day.
    """

    provider: Provider
    records: tuple[Provider, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that one source says of a provider."""

    name: str
    value: str
    source: Source


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records that were taken for one organisation, and why."""

    kept: str
    merged: str
    kept_name: str
    merged_name: str
    reason: str
    similarity: float | None = None
