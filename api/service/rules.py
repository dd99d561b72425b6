"""The rules in force on a day, as the API answers them; days are ISO dates, amounts pounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import Struct, field

from matcher.law.procedure_rules import ProcedureRules
from matcher.law.rulebook import Rulebook
from matcher.law.types import BuyerKind, Contract, Purpose, Signal


class InForce(Struct, frozen=True, kw_only=True):
    """What has a first and perhaps a last day, both included."""

    begins: date = field(name="from")
    """the first day on which it is in force"""
    ends: date | None = field(name="to")
    """the last day on which it is in force; null where none is known"""


class RuleInForce(InForce, frozen=True, kw_only=True):
    """One rule of the law in plain English."""

    id: str
    """the name by which answers refer to it, such as PA2023-s85"""
    title: str
    text: str
    """what the rule says, in plain English"""
    source: str
    """the Act or the guidance that it is read from"""


class ThresholdInForce(InForce, frozen=True, kw_only=True):
    """The amount from which a contract is no longer below threshold."""

    buyers: tuple[BuyerKind, ...]
    """the kinds of buyer that it concerns"""
    contract: Contract
    amount: int
    """pounds including VAT"""
    source: str


class LevelInForce(InForce, frozen=True, kw_only=True):
    """A lower amount from which a rule starts or stops applying."""

    rule: str
    """the id of the rule"""
    buyers: tuple[BuyerKind, ...]
    """the kinds of buyer that it concerns"""
    contract: Contract | None
    """the kind of contract that it concerns; null for any"""
    amount: int
    """pounds including VAT"""
    words: str
    """what follows from the amount"""


class NeutralInForce(Struct, frozen=True, kw_only=True):
    """What may not count for a purpose, and why."""

    signal: Signal
    buyers: tuple[BuyerKind, ...]
    """the kinds of buyer that it concerns"""
    rule: str
    """the id of the rule that says so"""
    words: str
    """why, in plain English"""


class PurposeInForce(Struct, frozen=True, kw_only=True):
    """What a list for one purpose may be used for, and what may count."""

    purpose: Purpose
    allows: str
    """what such a list may be used for"""
    forbids: str
    """what it may not be used for"""
    counts: tuple[Signal, ...]
    """what may count when providers are ranked"""
    rules: tuple[str, ...]
    """the ids of the rules that apply, of those in force"""
    neutral: tuple[NeutralInForce, ...]
    """what may not count for some kinds of buyer"""


class UnregulatedInForce(Struct, frozen=True, kw_only=True):
    """The contracts and buyers to which some of the rules below threshold do not apply."""

    contracts: tuple[Contract, ...]
    buyers: tuple[BuyerKind, ...]
    rules: tuple[str, ...]
    """the ids of the rules that do not apply"""
    words: str
    source: str


class LightTouchInForce(Struct, frozen=True, kw_only=True):
    """Which services are light touch."""

    prefixes: tuple[str, ...]
    """the first digits of their CPV codes"""
    words: str
    source: str


class HealthCareInForce(Struct, frozen=True, kw_only=True):
    """Which services may be health care, which is bought under another regime."""

    prefixes: tuple[str, ...]
    """the first digits of their CPV codes"""
    buyers: tuple[BuyerKind, ...]
    """the kinds of buyer that buy health care under the other regime"""
    words: str
    source: str


class CautionInForce(Struct, frozen=True, kw_only=True):
    """Advice to a person who uses a list for one of these purposes."""

    purposes: tuple[Purpose, ...]
    text: str


class Procedure(InForce, frozen=True, kw_only=True):
    """A council's own contract procedure rules, which a request can name."""

    id: str
    """the name for `procedure` in a request"""
    council: str
    version: str
    source: str
    digest: str
    """the SHA-256 of the file of rules, in hexadecimal"""


class RulesInForce(Struct, frozen=True, kw_only=True):
    """The rulebook in force on a day, and the contract procedure rules that can be named."""

    rulebook: str
    """the nation whose law it is, such as England"""
    on: date
    """the day whose rules these are"""
    begins: date
    """the first day that the rulebook covers"""
    checked: date
    """the day on which the rulebook was last compared with its sources"""
    review: date
    """the day from which its thresholds are due for revision"""
    vat_rate: float
    """the share that VAT adds to a net value, such as 0.2"""
    purposes: tuple[PurposeInForce, ...]
    rules: tuple[RuleInForce, ...]
    thresholds: tuple[ThresholdInForce, ...]
    levels: tuple[LevelInForce, ...]
    unregulated: UnregulatedInForce
    light_touch: LightTouchInForce
    health_care: HealthCareInForce
    nations: dict[str, str]
    """why the rulebook does not apply in each of the other nations"""
    cautions: tuple[CautionInForce, ...]
    procedures: tuple[Procedure, ...]


def rules_in_force(
    rulebook: Rulebook, on: date, packs: Mapping[str, ProcedureRules]
) -> RulesInForce:
    """The rulebook as it is in force on a day, and the procedure rules of `packs`."""
    procedures = [
        Procedure(
            id=pack.id,
            council=pack.council,
            version=pack.version,
            begins=pack.period.begins,
            ends=pack.period.ends,
            source=pack.source,
            digest=pack.digest,
        )
        for pack in packs.values()
    ]
    told = {**rulebook.describe(on), "procedures": procedures}
    return msgspec.convert(told, RulesInForce)
