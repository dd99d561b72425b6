"""The procurement behind a lot, as the law sees it: who buys, what kind, how much, when."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from matcher.core.errors import BadLot
from matcher.core.formatting import pounds, spoken
from matcher.core.types import Lot
from matcher.law.rulebook import Rulebook
from matcher.law.types import BuyerKind, Contract, Threshold

_WORKS = "45"


@dataclass(frozen=True, slots=True)
class Procurement:
    """What a threshold depends on, and in `assumed` what had to be assumed to know it.

    `value` is pounds, VAT included (`vat_added` says that it was added here), of all lots
    together where that is known; None when unknown.  `threshold` is None on a day for which
    the rulebook has none.  `nation` is the buyer's, '' when unknown.
    """

    on: date
    nation: str
    buyer: BuyerKind
    contract: Contract
    value: float | None
    vat_added: bool
    threshold: Threshold | None
    assumed: tuple[str, ...]

    @property
    def over(self) -> str:
        """How it is at or over its threshold, in words; empty when it is not known to be."""
        if self.value is None or self.threshold is None or self.value < self.threshold.amount:
            return ""
        return (
            f"{pounds(self.value)} (VAT included) is at or over {pounds(self.threshold.amount)}, "
            f"the threshold for {self.contract} bought by a {self.buyer} buyer "
            f"from {spoken(self.threshold.span.begins)}"
        )


def procurement(
    rulebook: Rulebook,
    lot: Lot,
    *,
    on: date,
    nation: str = "",
    contract: Contract | None = None,
    whole_value: float | None = None,
) -> Procurement:
    """The procurement of `lot`; `contract` overrides the kind read from its category and CPV.

    `whole_value` is pounds, VAT included, of all lots together.  Raises BadLot for a value
    that is not an amount.
    """
    _check_amounts(value=lot.value, whole_value=whole_value)
    buyer = buyer_kind(lot.buyer_kind) or BuyerKind.COUNCIL
    kind = contract or _contract(rulebook, lot)
    value, vat_added = _gross(rulebook, lot, whole_value)
    assumed = [*_assumed(rulebook, lot, None if contract else kind)]
    if vat_added:
        assumed.append(_vat_words(rulebook, lot.value, value))
    return Procurement(
        on=on,
        nation=nation.strip(),
        buyer=buyer,
        contract=kind,
        value=value,
        vat_added=vat_added,
        threshold=rulebook.threshold(on, buyer, kind),
        assumed=tuple(assumed),
    )


def buyer_kind(word: str) -> BuyerKind | None:
    """The kind of buyer that a word means, or None."""
    return next((kind for kind in BuyerKind if kind == word.strip().lower()), None)


def _contract(rulebook: Rulebook, lot: Lot) -> Contract:
    category = lot.category.strip().lower()
    is_works = bool(lot.cpv) and all(code.startswith(_WORKS) for code in lot.cpv)
    if category == "works" or (not category and is_works):
        return Contract.WORKS
    if category not in ("goods", "products") and rulebook.light_touch.covers(lot.cpv):
        return Contract.LIGHT_TOUCH
    return Contract.GOODS_SERVICES


def _check_amounts(**amounts: float | None) -> None:
    for field, amount in amounts.items():
        if amount is not None and not 0 <= amount < math.inf:
            raise BadLot(f"{field} {amount} is not an amount: give pounds, VAT included, from 0")


def _gross(rulebook: Rulebook, lot: Lot, whole: float | None) -> tuple[float | None, bool]:
    """The larger of the lot's value with VAT and the whole, and whether VAT was added to it."""
    if lot.value is None:
        return whole, False
    gross = lot.value if lot.value_is_gross else round(lot.value * (1 + rulebook.vat), 2)
    if whole is not None and whole >= gross:
        return whole, False
    return gross, not lot.value_is_gross


def _assumed(rulebook: Rulebook, lot: Lot, inferred: Contract | None) -> Iterator[str]:
    if buyer_kind(lot.buyer_kind) is None:
        yield "The kind of buyer is not known: taken as a council."
    if inferred:
        yield f"Taken as a contract for {inferred}, from its category and CPV codes."
    if inferred is Contract.LIGHT_TOUCH:
        yield rulebook.light_touch.words


def _vat_words(rulebook: Rulebook, net: float | None, gross: float | None) -> str:
    return (
        f"The value of {pounds(net or 0)} is not said to include VAT: taken as without it, "
        f"and compared as {pounds(gross or 0)}, with {rulebook.vat:.0%} VAT added."
    )
