"""What a tender says that it is worth, for a lot or for the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matcher.core.types import FIELD_ONLY, Tally
from matcher.sources.formats.json_values import Fields, ident, mapping, mappings, number
from matcher.sources.notices.whole_value import WholeValue
from matcher.sources.wording.nominal import NOMINAL, is_all_nines

AMOUNTS = ("value", "maximumValue", "maxValue", "estimatedValue")
"""Not `minValue`: a contract that is worth more must not count as one below a threshold."""
TECHNIQUES = ("frameworkAgreement", "dynamicPurchasingSystem")
NO_VALUE = f"value under {NOMINAL:g} pounds: taken as not known {FIELD_ONLY}"
ALL_NINES = f"value of nothing but nines: taken as not known {FIELD_ONLY}"
LARGEST = 1e12
"""Pounds that no contract reaches."""


def with_budget(tender: Fields, planning: Fields) -> Fields:
    """A tender that states no value and has no lots with one, with the budget of its planning."""
    budget = mapping(planning.get("budget")).get("amount")
    given = [*stated(mappings(tender.get("lots")), AMOUNTS), *whole_holders(tender)]
    if not mapping(budget) or any(map(_says_value, given)):
        return tender
    return {**tender, "estimatedValue": budget}


def _says_value(holder: Fields) -> bool:
    """Whether a value has an amount that does not stand for one that is not known."""
    value = _money(holder.get("value"))
    amounts = (number(value.get(key)) for key in ("amount", "amountGross"))
    return any(amount is not None and not stands_for_none(amount) for amount in amounts)


def _money(value: object) -> Fields:
    """A value; one that is given as its amount or a text alone, as the `amount` of an object.

    Of a list it is its only value.
    """
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    is_text = isinstance(value, str) and value.strip()
    return mapping(value) or ({"amount": value} if is_text or number(value) is not None else {})


def stands_for_none(amount: float) -> str:
    """Why an amount in pounds stands for one that is not known; '' where it does not.

    Notices give a pound, a penny or 999999999 where a form requires a value.
    """
    if amount < NOMINAL:
        return NO_VALUE
    return ALL_NINES if is_all_nines(amount) else ""


def pounds(holder: Fields, key: str, tally: Tally, where: str) -> float | None:
    """`holder["value"][key]` in pounds, or None where it is not known.

    An amount that is negative, not a number below a trillion or in another currency is set aside,
    and so is one that notices give where they state no value: see `stands_for_none`.
    """
    value = _money(holder.get("value"))
    if value.get(key) is None:
        return None
    amount = number(value[key])
    if amount is None or not 0 <= amount < LARGEST:
        tally.drop(f"value is not an amount of money {FIELD_ONLY}", where)
        return None
    if ident(value.get("currency")).upper() not in ("", "GBP", "£"):
        tally.drop(f"value is not in pounds {FIELD_ONLY}", where)
        return None
    if reason := stands_for_none(amount):
        tally.drop(reason, where)
        return None
    return amount


def whole_holders(tender: Fields) -> list[Fields]:
    """Every value that a tender states for the whole, each as the `value` of an object.

    The maximum of a framework, a dynamic purchasing system or a group of lots is one of them.
    """
    techniques = mapping(tender.get("techniques"))
    systems = [mapping(techniques.get(key)) for key in TECHNIQUES]
    return stated([tender, *systems, *mappings(tender.get("lotGroups"))], AMOUNTS)


def whole_value_of(tender: Fields) -> WholeValue:
    """The largest amounts that a tender states for the whole, its maximum included."""
    ignored = Tally("")
    largest: list[float | None] = []
    for key in ("amount", "amountGross"):
        amounts = [pounds(one, key, ignored, "") for one in whole_holders(tender)]
        largest.append(max(filter(None, amounts), default=None))
    return WholeValue(*largest)


def stated(places: Iterable[Fields], keys: Iterable[str]) -> list[Fields]:
    """The values under these keys, each as the `value` of an object."""
    values = [_money(place.get(key)) for place in places for key in keys]
    return [{"value": value} for value in values if value]


def value_of_lot(holders: Sequence[Fields], tally: Tally, where: str) -> tuple[float | None, bool]:
    """The amount of the first holder, else the largest of the others, and whether it has VAT."""
    first, *others = [_amount(holder, tally, where) for holder in holders]
    if first[0] is not None or not others:
        return first
    return max(others, key=lambda amount: (amount[0] or 0.0, amount[1]))


def _amount(holder: Fields, tally: Tally, where: str) -> tuple[float | None, bool]:
    """The amount, with VAT if available, and whether it includes VAT."""
    for key, gross in (("amountGross", True), ("amount", False)):
        amount = pounds(holder, key, tally, where)
        if amount is not None:
            return amount, gross
    return None, False
