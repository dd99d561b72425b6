"""The types that every part uses: lots, providers, awards and the records they come from.

Money is in pounds. None of them contains personal contact details.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

FICTIONAL = " (fictional)"
"""The end of the name of a source or buyer whose organisations are invented."""


CAUTION = " (Companies House)"
"""The end of a label that is a caution about an organisation, and not about its work."""
CAUTIONS = (CAUTION, " (its charity register)", " (your table)")
"""The ends of such labels: each names who says it."""
STAFF = " (gender pay gap service)"
"""The end of a label that says how many staff an organisation has, and since when it is known."""
SME, NOT_SME = "sme (self-declared)", "not an SME (self-declared)"
"""The labels of suppliers that a notice calls an SME, or does not."""
VCSE = "vcse (self-declared)"
"""The label of suppliers that a notice calls a charity or the like."""
BUYERS = " (award notices)"
"""The end of a label that says how many public buyers do not call a supplier an SME."""
PAID_FOR = "paid for: "
"""The start of a label that says what a public body paid an organisation for."""


class Kind(StrEnum):
    """What kind of organisation a provider is."""

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
        """Whether it is in the voluntary, community and social enterprise sector."""
        return self in _VCSE


_VCSE = frozenset({Kind.CHARITY, Kind.CIC, Kind.COOP, Kind.COMMUNITY})


class Size(StrEnum):
    """How big a provider is, by yearly income in pounds where that is known.

    Micro is under 100,000, small under 1,000,000, medium under 10,000,000, large from 10,000,000.
    """

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """Whether the organisation still exists, according to its register."""

    ACTIVE = "active"
    UNKNOWN = "unknown"
    REMOVED = "removed"
    DISSOLVED = "dissolved"
    INSOLVENT = "insolvent"

    @property
    def may_rank(self) -> bool:
        """Whether it may be ranked: not where it is removed, dissolved or insolvent."""
        return self in (Status.ACTIVE, Status.UNKNOWN)


class Grade(StrEnum):
    """The evidence that a provider is at a place, weakest last."""

    OPERATING_SITE = "operating site"
    SERVICE_LOCATION = "delivers services there"
    CONTACT_ADDRESS = "contact address"
    AWARD_ADDRESS = "address in an award notice"
    REGISTERED_OFFICE = "registered office"
    SELF_DECLARED = "self-declared"


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a record, its day and its licence."""

    name: str
    day: date | None = None
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """The postcode of one address of a provider, and the evidence for it; never a street."""

    postcode: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Provider:
    """One organisation, as one source describes it.

    `id` is an org-id (`GB-CHC-1150079`, `GB-COH-07633349`) where the source has an official
    number, or else an id that is unique within the source. `ids` are other official numbers of
    the same organisation. `profile` is a description of what it does, by itself or its register.
    `tags` are labels given to it (SIC text, classification, UK-CAT). `income` is pounds a year.
    `areas` are names or codes of councils or regions where it says that it works, which may not
    be where it is based.
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

    `cpv` are eight-digit codes. `value` is pounds, including VAT where the notice says so
    (`value_is_gross`). `postcode`, `area` (a council's code or name, or a region's name) and
    `buyer_postcode` are as in the notice; `matcher.geo.geocoding` works out the lot's place from
    them. `day` is the start of the procurement or the date of the notice.
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
    value_if_whole: float | None = None
    """pounds that may be for the whole contract or for each year, where the text does not say;
    `value` is then that amount for each of the `years`"""

    @property
    def label(self) -> str:
        """The title, or the beginning of the description."""
        return self.title or self.description[:80]


@dataclass(frozen=True, slots=True)
class Award:
    """A lot that was awarded: the day, the winners and the value of the whole contract in pounds.

    `suppliers` are the winners as the notice describes them. Several suppliers share the value.
    `ends` is the day on which the contract ends, and `extends` that of its last extension.
    """

    id: str
    lot: Lot
    day: date
    suppliers: tuple[Provider, ...]
    value: float | None = None
    ends: date | None = None
    extends: date | None = None


@dataclass(frozen=True, slots=True)
class PlannedContract:
    """A contract that a buyer says it will buy, before any tender: a pipeline or planning notice.

    `notice` is the kind of notice, such as UK1.  `day` is that of the notice, `tender` the day on
    which the buyer means to go to the market, and `starts` and `ends` those of the contract.  Some
    buyers give the dates of the contract that runs now, and go to the market before its end.
    """

    id: str
    lot: Lot
    day: date
    notice: str
    source: str
    tender: date | None = None
    starts: date | None = None
    ends: date | None = None


class Payment(NamedTuple):
    """A payment by a public body, or several of one month to one payee for one purpose.

    `payee` is '' where the payee was left out, because it is redacted or may be a person.
    `number` is the payee's org-id, '' where the file has none. `department`, `service` and
    `category` (what was paid for) are the body's own words, '' where not given. `month` counts
    months: year * 12 + month - 1. `pence` may be negative, for a refund or a correction. `times` is
    how many payments it stands for. `area` is the code of the body's area, '' where not given.
    """

    body: str
    payee: str
    number: str
    department: str
    service: str
    category: str
    month: int
    pence: int
    times: int = 1
    area: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A record that describes an organisation which another source must name.

    It is added to that organisation, and never makes one of its own.
    """

    record: Provider


FIELD_ONLY = "(the rest is kept)"
"""The end of a reason for which only a field is set aside, and the record is kept."""


@dataclass(slots=True)
class Tally:
    """How many records of a source were read, kept and set aside, by reason.

    It is counted while the source is read, and complete when the whole source was read.
    """

    source: str
    read: int = 0
    kept: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def drop(self, reason: str, where: str = "") -> None:
        """Count one record set aside for `reason`, and keep the first place where it happened."""
        self.set_aside[reason] = self.set_aside.get(reason, 0) + 1
        self.examples.setdefault(reason, where)

    def reject(self, reason: str, where: str = "") -> None:
        """Count one record that was read and is set aside for `reason`."""
        self.read += 1
        self.drop(reason, where)

    def add(self, set_aside: Mapping[str, int], examples: Mapping[str, str]) -> None:
        """Count what another tally has set aside, too."""
        for reason, count in set_aside.items():
            self.set_aside[reason] = self.set_aside.get(reason, 0) + count
            self.examples.setdefault(reason, examples.get(reason, ""))

    def take_back(self, reason: str, count: int) -> None:
        """Count `count` records fewer as set aside for `reason`, because they are shown apart."""
        left = self.set_aside.get(reason, 0) - count
        if left > 0:
            self.set_aside[reason] = left
        else:
            self.set_aside.pop(reason, None)


PERHAPS_THE_SAME = "perhaps the same organisation as"
"""What the register says of two organisations whose records are alike, until a person decides."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another organisation that this one is related to, and how: "trading arm of".

    They are two organisations: neither has the size, the accounts or the awards of the other.
    """

    id: str
    name: str
    relation: str
    reason: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """One provider in the register.

    `records` are its records in each source, so that every fact keeps its source and day.
    `provider` combines the best value of each field.
    """

    provider: Provider
    records: tuple[Provider, ...]
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about a provider, from one source."""

    name: str
    value: str
    source: Source


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records that were merged as one organisation, and the reason."""

    kept: str
    merged: str
    kept_name: str
    merged_name: str
    reason: str
    similarity: float | None = None
