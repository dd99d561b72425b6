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
from matcher.law.rulebook import Rulebook
from matcher.law.scope import LocalArea
from matcher.law.types import BuyerKind, Contract, Threshold

_WORKS = "45"
_CATEGORIES = ("goods", "products", "services", "works")
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class ProcurementFacts:
    """What is known of a procurement before the rulebook is applied to it.

    It commences on day `on`. `nation` is the buyer's, '' when unknown. `buyer_area` is the whole
    area of the buyer (of joint buyers together), with its neighbours. `contract` overrides the
    kind of contract that is read from the lot's category and CPV codes. `whole_value` is pounds
    including VAT, of all lots together: thresholds are compared with it.
    """

    lot: Lot
    on: date
    nation: str = ""
    buyer_area: LocalArea | None = None
    contract: Contract | None = None
    whole_value: float | None = None


@dataclass(frozen=True, slots=True)
class Procurement:
    """What a threshold depends on, and the `assumptions` that were needed.

    `value` is pounds including VAT, of all lots together where that is known; None when unknown.
    `vat_added` is whether VAT was added here. `threshold` is None where the rulebook has none
    for the day. `nation` is the buyer's, '' when unknown.
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
    """how the kind of contract was found"""
    contract_question: str = ""
    """what to ask a person where the kind of contract was assumed without a code; '' if nothing"""
    value_question: str = ""
    """what to ask a person where the value may be for a year or for all of it; '' if nothing"""

    @classmethod
    def of(cls, rulebook: Rulebook, facts: ProcurementFacts) -> Procurement:
        """The procurement with these facts.  Raises BadLot for a value that is not an amount."""
        lot = facts.lot
        _check_amounts(value=lot.value, whole_value=facts.whole_value)
        buyer = buyer_kind(lot.buyer_kind) or kind_of_buyer(lot.buyer) or BuyerKind.COUNCIL
        contract = facts.contract or _contract(rulebook, lot)
        value, vat_added = _gross_value(rulebook, lot, facts.whole_value)
        contract_words = _contract_words(lot, facts.contract, contract)
        question = _contract_question(rulebook, facts, buyer, contract)
        assumptions = [*_assumptions(lot)]
        if not facts.contract:
            assumptions.append(contract_words)
        if contract is Contract.LIGHT_TOUCH and not facts.contract:
            assumptions.append(rulebook.light_touch.words)
        if question:
            assumptions.append(question)
        if value_question := _value_question(lot):
            assumptions.append(value_question)
        if vat_added:
            assumptions.append(_vat_assumption(rulebook, lot.value, value))
        return cls(
            on=facts.on,
            nation=nation_of_name(lot.buyer) or facts.nation.strip(),
            buyer=buyer,
            contract=contract,
            value=value,
            vat_added=vat_added,
            threshold=rulebook.threshold(facts.on, buyer, contract),
            assumptions=tuple(assumptions),
            contract_words=contract_words,
            contract_question=question,
            value_question=value_question,
        )

    @property
    def over_threshold(self) -> str:
        """A clause saying that the value is at or over the threshold; '' if not known to be."""
        if self.value is None or self.threshold is None or self.value < self.threshold.amount:
            return ""
        return (
            f"{pounds(self.value)} (including VAT) is at or over "
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
        f"counts as a year's. Give value_period 'year' ({pounds(lot.value)} in all) or 'whole' "
        f"({pounds(lot.value_if_whole)} in all)."
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


def gross_value(lot: Lot, vat: float) -> float | None:
    """The lot's value in pounds including VAT, to the penny; None where it has no value."""
    return None if lot.value is None else total_value([lot], vat)


def buyer_kind(text: str) -> BuyerKind | None:
    """The kind of buyer with this name, or None."""
    return next((kind for kind in BuyerKind if kind == text.strip().lower()), None)


def _contract(rulebook: Rulebook, lot: Lot) -> Contract:
    """The kind of contract: by its codes where there are codes, else by its category.

    A contract is for works where works are its main purpose (Procurement Act 2023 Schedule 1):
    where its first code, the main one, and at least half of its codes are. A category 'works'
    without a code of works does not count: portals give it for alarms and carpets, and the
    threshold for works is by far the highest.
    """
    category = lot.category.strip().lower()
    works = [code for code in lot.cpv if code.startswith(_WORKS)]
    main_is_works = works[:1] == [*lot.cpv[:1]] and 2 * len(works) >= len(lot.cpv) > 0
    if (category == "works" and (not lot.cpv or _has_works(lot))) or (
        not category and main_is_works
    ):
        return Contract.WORKS
    if category not in ("goods", "products") and rulebook.light_touch.covers(lot.cpv):
        return Contract.LIGHT_TOUCH
    return Contract.GOODS_SERVICES


def _has_works(lot: Lot) -> bool:
    return any(code.startswith(_WORKS) for code in lot.cpv)


def _is_mixed(lot: Lot) -> bool:
    """Whether some of the codes are for works and others are not."""
    return len({code.startswith(_WORKS) for code in lot.cpv}) > 1


def _check_amounts(**amounts: float | None) -> None:
    for field, amount in amounts.items():
        if amount is not None and not 0 <= amount < math.inf:
            raise BadLot(f"{field} {amount} is not an amount: give pounds including VAT, from 0")


def _gross_value(rulebook: Rulebook, lot: Lot, whole: float | None) -> tuple[float | None, bool]:
    """The larger of the lot's value with VAT and the whole value; whether VAT was added."""
    gross = gross_value(lot, rulebook.vat)
    if gross is None or (whole is not None and whole >= gross):
        return whole, False
    return gross, not lot.value_is_gross


def _contract_words(lot: Lot, given: Contract | None, contract: Contract) -> str:
    """How the kind of contract was found."""
    if given:
        return "Chosen by the person who asked."
    category = lot.category.strip().lower()
    if not lot.cpv and category in _CATEGORIES:
        return (
            f"No CPV code: assumed to be a contract for {contract}, from its category, {category}."
        )
    if not lot.cpv:
        known = f"the category {category[:_LONGEST_SHOWN]!r} is none of {', '.join(_CATEGORIES)}"
        missing = f", and {known}" if category else " and no category"
        return f"No CPV code{missing}: assumed to be a contract for {contract}."
    if category == "works" and not _has_works(lot):
        return (
            f"Its category is works, but none of its CPV codes is: assumed to be a contract for "
            f"{contract}, from the codes. If works are its main purpose, choose works."
        )
    if not category and _is_mixed(lot):
        return (
            f"Some of its CPV codes are for works: assumed to be a contract for {contract}. "
            "Its main purpose decides: if it is another, choose it."
        )
    source = "category and CPV codes" if category in _CATEGORIES else "CPV codes"
    return f"Assumed to be a contract for {contract}, from its {source}."


def _contract_question(
    rulebook: Rulebook, facts: ProcurementFacts, buyer: BuyerKind, contract: Contract
) -> str:
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


def _vat_assumption(rulebook: Rulebook, net: float | None, gross: float | None) -> str:
    return (
        f"The notice does not say that the value of {pounds(net or 0)} includes VAT: it is "
        f"compared as {pounds(gross or 0)}, with {rulebook.vat:.0%} VAT added."
    )
