"""The procurement that a lot belongs to, as the law sees it: buyer, contract, value and day."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from matcher.core.errors import BadLot
from matcher.core.formatting import long_date, pounds
from matcher.core.types import Lot
from matcher.law.buyers import kind_of_buyer, nation_of_name
from matcher.law.contract_kinds import contract_of, contract_words, lowest, mixed_words
from matcher.law.rulebook import Rulebook
from matcher.law.scope import LocalArea
from matcher.law.types import BuyerKind, Contract, Threshold

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class ProcurementFacts:
    """What is known of a procurement before the rulebook is applied to it.

    It commences on day `on`. `nation` is the buyer's, '' when unknown. `buyer_area` is the whole
    area of the buyer (of joint buyers together), with its neighbours. `contract` overrides the
    kind of contract that is read from the lot's category and CPV codes. `whole_value` is pounds
    including VAT, of all lots together: thresholds are compared with it.  `at_least`: one of the
    lots has no value, so they may be worth more.  `vat_added`: some of it was added.  `kinds` are
    the kinds of contract of all lots, where these differ.
    """

    lot: Lot
    on: date
    nation: str = ""
    buyer_area: LocalArea | None = None
    contract: Contract | None = None
    whole_value: float | None = None
    at_least: bool = False
    vat_added: bool = False
    kinds: tuple[Contract, ...] = ()


@dataclass(frozen=True, slots=True)
class Procurement:
    """What a threshold depends on, and the `assumptions` that were needed.

    `value` is pounds including VAT, of all lots together where that is known; None when unknown.
    `vat_added` is whether VAT was added here. `threshold` is None where the rulebook has none
    for the day, and where it does not apply. `nation` is the buyer's, '' when unknown.
    """

    on: date
    nation: str
    buyer: BuyerKind
    contract: Contract
    value: float | None
    vat_added: bool
    threshold: Threshold | None
    assumptions: tuple[str, ...]
    contract_words: str = ""
    """how the kind of contract was found, and whether another regime may govern it"""
    contract_question: str = ""
    """what to ask a person where the kind of contract was assumed without a code; '' if nothing"""
    value_question: str = ""
    """what to ask a person where the value may be for a year or for all of it; '' if nothing"""
    vat_words: str = "including VAT"
    """what `value` says of VAT"""
    mixed: str = ""
    """that the lots are of several kinds of contract, and what to do; '' where they are not"""
    at_least: bool = False
    """whether a lot has no value, so that the whole may be worth more than `value`"""

    @classmethod
    def of(cls, rulebook: Rulebook, facts: ProcurementFacts) -> Procurement:
        """The procurement with these facts.  Raises BadLot for a value that is not an amount."""
        lot = facts.lot
        _check_amounts(value=lot.value, whole_value=facts.whole_value)
        buyer = buyer_kind(lot.buyer_kind) or kind_of_buyer(lot.buyer) or BuyerKind.COUNCIL
        kinds = set() if facts.contract else set(facts.kinds)
        mixed = lowest(rulebook, kinds, buyer, facts.on) if len(kinds) > 1 else None
        contract = facts.contract or mixed or contract_of(rulebook, lot)
        value, vat_added = _gross_value(rulebook, facts)
        how_found = (
            mixed_words(kinds, mixed) if mixed else contract_words(lot, facts.contract, contract)
        )
        nation = nation_of_name(lot.buyer) or facts.nation.strip()
        health_care = _health_care_words(rulebook, nation, buyer, contract, lot.cpv)
        applies = rulebook.applies_in(nation)
        question = _contract_question(rulebook, facts, buyer) if applies else ""
        assumptions = [*_assumptions(lot)]
        if not facts.contract and applies:
            assumptions.append(how_found)
        if contract is Contract.LIGHT_TOUCH and not facts.contract and applies:
            assumptions.append(rulebook.light_touch.words)
        if health_care:
            assumptions.append(health_care)
        if question:
            assumptions.append(question)
        if value_question := _value_question(lot):
            assumptions.append(value_question)
        if vat_added and applies:
            assumptions.append(_vat_assumption(rulebook, lot, value))
        return cls(
            on=facts.on,
            nation=nation,
            buyer=buyer,
            contract=contract,
            value=value,
            vat_added=vat_added,
            vat_words=f"with {rulebook.vat:.0%} VAT added" if vat_added else "including VAT",
            threshold=rulebook.threshold(facts.on, buyer, contract) if applies else None,
            assumptions=tuple(assumptions),
            contract_words=f"{how_found} {health_care}".strip(),
            contract_question=question,
            value_question=value_question,
            mixed=how_found if mixed else "",
            at_least=facts.at_least and value is not None,
        )

    @property
    def over_threshold(self) -> str:
        """A clause saying that the value is at or over the threshold; '' if not known to be."""
        if self.value is None or self.threshold is None or self.value < self.threshold.amount:
            return ""
        return (
            f"{pounds(self.value)} ({self.vat_words}) is at or over "
            f"{pounds(self.threshold.amount)}, "
            f"the threshold for {self.contract} bought by {self.buyer.one} "
            f"from {long_date(self.threshold.period.begins)}"
        )


def _value_question(lot: Lot) -> str:
    """What to ask of a value that may be for each year or for the whole contract; '' if nothing."""
    if lot.value is None or lot.value_if_whole is None:
        return ""
    return (
        f"Is {pounds(lot.value_if_whole)} for a year or in all? The text does not say, so it "
        f"counts as a year's. Say whether it is for each year ({pounds(lot.value)} in all) or for "
        f"the whole contract ({pounds(lot.value_if_whole)} in all)."
    )


def total_value(lots: Iterable[Lot], vat: float) -> float:
    """Pounds including VAT of all lots together, to the penny.

    `vat` is the rate to add where a value does not include it.  It is added to the sum of these
    values, so that no pennies are lost.  Lots without a value add nothing.
    """
    valued = [lot for lot in lots if lot.value is not None]
    gross = math.fsum(lot.value or 0.0 for lot in valued if lot.value_is_gross)
    net = math.fsum(lot.value or 0.0 for lot in valued if not lot.value_is_gross)
    return round(gross + net * (1 + vat), 2)


def is_vat_added(lots: Iterable[Lot]) -> bool:
    """Whether `total_value` adds VAT to the value of any of these lots."""
    return any(lot.value is not None and not lot.value_is_gross for lot in lots)


def gross_value(lot: Lot, vat: float) -> float | None:
    """The lot's value in pounds including VAT, to the penny; None where it has no value."""
    return None if lot.value is None else total_value([lot], vat)


def buyer_kind(text: str) -> BuyerKind | None:
    """The kind of buyer with this name, or None."""
    return next((kind for kind in BuyerKind if kind == text.strip().lower()), None)


def _check_amounts(**amounts: float | None) -> None:
    for field, amount in amounts.items():
        if amount is not None and not 0 <= amount < math.inf:
            raise BadLot(f"{field} {amount} is not an amount: give pounds including VAT, from 0")


def _gross_value(rulebook: Rulebook, facts: ProcurementFacts) -> tuple[float | None, bool]:
    """The larger of the lot's value with VAT and the whole value; whether VAT was added."""
    whole, gross = facts.whole_value, gross_value(facts.lot, rulebook.vat)
    if gross is None or (whole is not None and whole >= gross):
        return whole, facts.vat_added and whole is not None
    return gross, not facts.lot.value_is_gross


def _health_care_words(
    rulebook: Rulebook, nation: str, buyer: BuyerKind, contract: Contract, cpv: Iterable[str]
) -> str:
    """That another regime may govern the contract, which is or may be for health care; else ''."""
    health_care = rulebook.health_care
    may = rulebook.applies_in(nation) and health_care.may_govern(buyer, contract, cpv)
    return health_care.words if may else ""


def _contract_question(rulebook: Rulebook, facts: ProcurementFacts, buyer: BuyerKind) -> str:
    """Asks whether it is light touch, where no code says so and it would be compared otherwise."""
    goods_or_works = facts.lot.category.strip().lower() in ("goods", "products", "works")
    light = rulebook.threshold(facts.on, buyer, Contract.LIGHT_TOUCH)
    if facts.contract or facts.lot.cpv or goods_or_works or light is None:
        return ""
    return (
        "If it is a social or similar specific service, its kind of contract is "
        f"{Contract.LIGHT_TOUCH} and the threshold is {pounds(light.amount)}: choose the kind of "
        "contract, or give CPV codes."
    )


def _assumptions(lot: Lot) -> Iterator[str]:
    if buyer_kind(lot.buyer_kind) is not None:
        return
    by_name = kind_of_buyer(lot.buyer)
    assumed = (by_name or BuyerKind.COUNCIL).one
    given = lot.buyer_kind.strip()[:_LONGEST_SHOWN]
    if given:
        kinds = ", ".join(BuyerKind)
        yield f"The kind of buyer {given!r} is none of {kinds}: assumed to be {assumed}."
    elif by_name is None:
        yield f"The kind of buyer is not known: assumed to be {assumed}."
    elif by_name is not BuyerKind.COUNCIL:
        yield f"The buyer is assumed to be {assumed}, from its name."


def _vat_assumption(rulebook: Rulebook, lot: Lot, gross: float | None) -> str:
    if lot.value is None or lot.value_is_gross or gross != gross_value(lot, rulebook.vat):
        return (
            "Not all values say that they include VAT: all lots together are compared as "
            f"{pounds(gross or 0)}, with {rulebook.vat:.0%} VAT added to those that do not."
        )
    return (
        f"The notice does not say that the value of {pounds(lot.value)} includes VAT: it is "
        f"compared as {pounds(gross or 0)}, with {rulebook.vat:.0%} VAT added."
    )
