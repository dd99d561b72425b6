"""The kind of contract that a threshold depends on: of one lot, and of all lots of a notice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from matcher.core.cpv import with_own_codes
from matcher.core.formatting import series
from matcher.core.types import Lot
from matcher.law.rulebook import Rulebook
from matcher.law.types import BuyerKind, Contract

_WORKS = "45"
_CATEGORIES = ("goods", "products", "services", "works")
_LONGEST_SHOWN = 60


def contract_of(rulebook: Rulebook, lot: Lot) -> Contract:
    """The kind of contract of one lot: by its codes where there are codes, else by its category.

    A contract is for works where works are its main purpose (Procurement Act 2023 Schedule 1):
    where its first code, the main one, and at least half of its codes are. A category 'works'
    without a code of works does not count: portals give it for alarms and carpets, and the
    threshold for works is by far the highest.  Codes that are none of the CPV do not count.
    """
    lot = with_own_codes(lot)
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


def contract_words(lot: Lot, given: Contract | None, contract: Contract) -> str:
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
    are_works = {code.startswith(_WORKS) for code in lot.cpv}
    if not category and len(are_works) > 1:
        return (
            f"Some of its CPV codes are for works: assumed to be a contract for {contract}. "
            "Its main purpose decides: if it is another, choose it."
        )
    source = "category and CPV codes" if category in _CATEGORIES else "CPV codes"
    return f"Assumed to be a contract for {contract}, from its {source}."


def lowest(
    rulebook: Rulebook, kinds: Collection[Contract], buyer: BuyerKind, on: date
) -> Contract | None:
    """The kind with the lowest threshold, for lots of several kinds; None where none is known.

    The main purpose of all lots together decides (Procurement Act 2023 Schedule 1), which a
    person has to say: a small lot of works does not lift the threshold of a large service.
    """
    limits = {kind: rulebook.threshold(on, buyer, kind) for kind in sorted(kinds)}
    known = {kind: limit.amount for kind, limit in limits.items() if limit}
    return min(known, key=known.__getitem__, default=None)


def mixed_words(kinds: Collection[Contract], contract: Contract) -> str:
    """That the lots are of several kinds, and what to do."""
    return (
        f"The lots are for different kinds of contract ({series(sorted(kinds))}), and are valued "
        "together. The main purpose of all of them decides the threshold: until you choose the "
        f"kind of contract, the lowest counts, that for {contract}."
    )


def _has_works(lot: Lot) -> bool:
    return any(code.startswith(_WORKS) for code in lot.cpv)
