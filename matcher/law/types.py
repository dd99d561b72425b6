"""The types of procurement law: signals, purposes, kinds of buyer and contract, dated rows.

Days are inclusive. Amounts are pounds including VAT.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Signal(StrEnum):
    """What a feature is based on.

    SIZE is how big a provider is and what kind of organisation. RECORD is how many contracts it
    won, from which buyers and how large. What those contracts were about is RELEVANCE.
    """

    RELEVANCE = "relevance"
    PLACE = "place"
    SIZE = "size"
    RECORD = "record"


class Purpose(StrEnum):
    """What a shortlist is for. It decides which signals may count."""

    ENGAGEMENT = "engagement"
    INVITE = "invite"
    RESERVED = "reserved"


class BuyerKind(StrEnum):
    """The kind of buyer, which decides its duties and thresholds."""

    COUNCIL = "council"
    CENTRAL = "central government"
    SUB_CENTRAL = "sub-central"
    UTILITY = "utility"

    @property
    def one(self) -> str:
        """A buyer of this kind, as a sentence names it: 'a sub-central authority'."""
        is_noun = self in {BuyerKind.COUNCIL, BuyerKind.UTILITY}
        return f"a {self}" if is_noun else f"a {self} authority"


class Contract(StrEnum):
    """The kinds of contract that each have a threshold."""

    GOODS_SERVICES = "goods and services"
    WORKS = "works"
    CONCESSION = "concession"
    LIGHT_TOUCH = "light touch"
    LIGHT_TOUCH_CONCESSION = "light touch concession"
    DEFENCE = "defence and security"


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included. Without an end, it is still in force."""

    begins: date
    ends: date | None = None

    def contains(self, day: date) -> bool:
        """Whether `day` is in it."""
        return self.begins <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in plain English, with its source; `cite` is how a notice refers to it."""

    id: str
    title: str
    text: str
    source: str
    period: Period
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The amount from which a contract of this kind is no longer below threshold."""

    buyers: tuple[BuyerKind, ...]
    contract: Contract
    amount: int
    period: Period
    source: str


@dataclass(frozen=True, slots=True)
class LesserThreshold:
    """A lower amount from which a rule starts or stops applying; no contract means any kind."""

    rule: str
    buyers: tuple[BuyerKind, ...]
    amount: int
    period: Period
    words: str
    contract: Contract | None = None


@dataclass(frozen=True, slots=True)
class Unregulated:
    """The contracts and buyers to which some of the rules below threshold do not apply."""

    contracts: tuple[Contract, ...]
    buyers: tuple[BuyerKind, ...]
    rules: tuple[str, ...]
    words: str
    source: str

    def covers(self, buyer: BuyerKind, contract: Contract) -> bool:
        """Whether these rules do not apply to this contract of this buyer."""
        return buyer in self.buyers or contract in self.contracts


@dataclass(frozen=True, slots=True)
class NeutralSignal:
    """A signal that contributes nothing, the rule that says so, and why in plain English."""

    signal: Signal
    rule: str
    words: str
    purposes: tuple[Purpose, ...]
    buyers: tuple[BuyerKind, ...]


@dataclass(frozen=True, slots=True)
class Reservation:
    """What these buyers may reserve a below-threshold competition to.

    `place_rule` allows a reservation by place. `size_rule` allows one to SMEs or VCSEs, without
    a place where `size_alone` is true. `area_kinds` are the kinds of area that may be declared.
    `several` allows more than one area, and its neighbours. `own_area` requires the buyer's own
    area. `caution` is advice to such a buyer.
    """

    buyers: tuple[BuyerKind, ...]
    place_rule: str
    size_rule: str
    size_alone: bool
    area_kinds: tuple[str, ...]
    several: bool
    own_area: bool
    caution: str = ""


@dataclass(frozen=True, slots=True)
class PurposeRules:
    """Which signals count for one purpose, under which rules, and what it allows and forbids."""

    counts: frozenset[Signal]
    rules: tuple[str, ...]
    allows: str
    forbids: str


@dataclass(frozen=True, slots=True)
class LightTouch:
    """The first digits of the CPV codes of light touch services, and their limits in words."""

    prefixes: tuple[str, ...]
    words: str
    source: str

    def covers(self, cpv: Iterable[str]) -> bool:
        """Whether every code is of a light touch service; False where there is no code."""
        codes = tuple(cpv)
        return bool(codes) and all(code.startswith(self.prefixes) for code in codes)


@dataclass(frozen=True, slots=True)
class HealthCare:
    """The first digits of the CPV codes of health care, which another regime governs, in words.

    `buyers` are those that buy health care under the other regime.
    """

    prefixes: tuple[str, ...]
    buyers: tuple[BuyerKind, ...]
    words: str
    source: str

    def may_govern(self, buyer: BuyerKind, contract: Contract, cpv: Iterable[str]) -> bool:
        """Whether a contract may be for health care: by any of its codes, where it has some.

        A contract of light touch services without a code may be as well.
        """
        codes = tuple(cpv)
        is_light = contract in (Contract.LIGHT_TOUCH, Contract.LIGHT_TOUCH_CONCESSION)
        is_health = any(code.startswith(self.prefixes) for code in codes)
        return buyer in self.buyers and (is_health or (is_light and not codes))


@dataclass(frozen=True, slots=True)
class Caution:
    """Advice to a person who uses a list for one of these purposes."""

    purposes: tuple[Purpose, ...]
    text: str
