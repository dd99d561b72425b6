"""The nouns of procurement law: signals, purposes, kinds of buyer and contract, dated rows.

Days are inclusive; amounts are pounds with VAT included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Signal(StrEnum):
    """What a feature draws on.

    SIZE is how big a provider is and of what sort.  RECORD is how many contracts it won,
    from whom and how large; what they were about is RELEVANCE.
    """

    RELEVANCE = "relevance"
    PLACE = "place"
    SIZE = "size"
    RECORD = "record"


class Purpose(StrEnum):
    """What a shortlist is for, which decides what may count in it."""

    ENGAGEMENT = "engagement"
    INVITE = "invite"
    RESERVED = "reserved"


class BuyerKind(StrEnum):
    """Which duties and thresholds a buyer is under."""

    COUNCIL = "council"
    CENTRAL = "central government"
    SUB_CENTRAL = "sub-central"
    UTILITY = "utility"


class Contract(StrEnum):
    """The kinds of contract that have a threshold of their own."""

    GOODS_SERVICES = "goods and services"
    WORKS = "works"
    CONCESSION = "concession"
    LIGHT_TOUCH = "light touch"
    LIGHT_TOUCH_CONCESSION = "light touch concession"
    DEFENCE = "defence and security"


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included; without an end, still in force."""

    begins: date
    ends: date | None = None

    def holds(self, day: date) -> bool:
        """Whether `day` lies in it."""
        return self.begins <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in plain English, with its source; `cite` is how a notice refers to it."""

    id: str
    title: str
    text: str
    source: str
    span: Period
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The amount, pounds VAT included, at which such a contract is no longer below threshold."""

    buyers: tuple[BuyerKind, ...]
    contract: Contract
    amount: int
    span: Period
    source: str


@dataclass(frozen=True, slots=True)
class LesserThreshold:
    """A lesser amount from which a rule begins or ceases to apply; no contract means any."""

    rule: str
    buyers: tuple[BuyerKind, ...]
    amount: int
    span: Period
    words: str
    contract: Contract | None = None


@dataclass(frozen=True, slots=True)
class NeutralSignal:
    """A signal that contributes nothing, by which rule, and why in plain words."""

    signal: Signal
    rule: str
    words: str
    purposes: tuple[Purpose, ...]
    buyers: tuple[BuyerKind, ...]


@dataclass(frozen=True, slots=True)
class Reservation:
    """To what these buyers may reserve a below-threshold competition.

    `place_rule` allows a reservation by place and `sort_rule` one to SMEs or VCSEs, which
    `sort_alone` lets stand without a place.  `kinds` are the areas that may be declared;
    `several` allows more than one and its neighbours; `own_area` requires the buyer's own;
    `caution` is what such a buyer should know.
    """

    buyers: tuple[BuyerKind, ...]
    place_rule: str
    sort_rule: str
    sort_alone: bool
    kinds: tuple[str, ...]
    several: bool
    own_area: bool
    caution: str = ""


@dataclass(frozen=True, slots=True)
class PurposeRules:
    """What one purpose lets count, the rules behind it, and what it allows and forbids."""

    counts: frozenset[Signal]
    rules: tuple[str, ...]
    allows: str
    forbids: str


@dataclass(frozen=True, slots=True)
class LightTouch:
    """Leading digits of the CPV codes of light touch services, and how far to trust them."""

    prefixes: tuple[str, ...]
    words: str
    source: str

    def covers(self, cpv: Iterable[str]) -> bool:
        """Whether there are codes and each of them is of a light touch service."""
        codes = tuple(cpv)
        return bool(codes) and all(code.startswith(self.prefixes) for code in codes)


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that whoever uses a list for one of these purposes should know."""

    purposes: tuple[Purpose, ...]
    text: str
