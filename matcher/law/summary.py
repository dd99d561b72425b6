"""Sums up a procurement before a list: value, kind of contract, buyer, threshold and purposes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcher.core.errors import NotLawful
from matcher.core.formatting import long_date, pounds
from matcher.core.types import Lot
from matcher.law.gate import check_purpose
from matcher.law.procurement import Procurement, ProcurementFacts, gross_value, total_value
from matcher.law.rulebook import Rulebook
from matcher.law.types import Purpose


@dataclass(frozen=True, slots=True)
class PurposeOutcome:
    """Whether a list for one purpose is allowed, and why; `rule` names the law that refuses it."""

    purpose: str
    allowed: bool
    words: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ProcurementSummary:
    """What the law makes of one procurement.

    `value` is pounds including VAT of all lots together; None where it is not known. `vat` is
    the rate that was added where a value does not include it.
    `threshold` is pounds on the day `on` (an ISO date); None where the rulebook has none.
    `value_words`, `contract_words` and `threshold_words` say how each was found.
    """

    on: str
    value: float | None
    value_words: str
    vat: float
    contract: str
    contract_words: str
    buyer: str
    buyer_kind: str
    regime: str
    threshold: int | None
    threshold_words: str
    purposes: tuple[PurposeOutcome, ...]


def summarize(rulebook: Rulebook, facts: ProcurementFacts) -> ProcurementSummary:
    """The summary of a procurement.  Raises BadLot for a value that is not an amount."""
    procurement = Procurement.of(rulebook, facts)
    threshold = procurement.threshold
    return ProcurementSummary(
        on=procurement.on.isoformat(),
        value=procurement.value,
        vat=rulebook.vat,
        value_words=" ".join(_value_words(rulebook, facts, procurement)),
        contract=procurement.contract,
        contract_words=f"{procurement.contract_words} {procurement.contract_question}".strip(),
        buyer=facts.lot.buyer,
        buyer_kind=procurement.buyer,
        regime=_regime(rulebook, procurement),
        threshold=threshold.amount if threshold else None,
        threshold_words=_threshold_words(rulebook, procurement),
        purposes=tuple(_outcome(rulebook, procurement, purpose) for purpose in Purpose),
    )


def values_of(lots: Sequence[Lot], vat: float) -> Iterator[str]:
    """What each lot adds to the value of all lots together, in words; then their sum."""
    for lot in lots:
        yield f"{lot.title or lot.description[:60]}: {_own_value(lot, vat)}"
    known = [lot for lot in lots if lot.value is not None]
    if len(lots) > 1 and known:
        least = "" if len(known) == len(lots) else "at least "
        yield f"Together: {least}{pounds(total_value(known, vat))} including VAT"


def _own_value(lot: Lot, vat: float) -> str:
    gross = gross_value(lot, vat)
    if lot.value is None or gross is None:
        return "value not known"
    if lot.value_is_gross:
        return f"{pounds(lot.value)} (VAT included)"
    return f"{pounds(gross)} ({pounds(lot.value)} with {vat:.0%} VAT added)"


def _value_words(
    rulebook: Rulebook, facts: ProcurementFacts, procurement: Procurement
) -> Iterator[str]:
    lot, whole = facts.lot, facts.whole_value
    if procurement.value is None:
        yield "The value is not known."
        return
    own = gross_value(lot, rulebook.vat)
    if whole is not None and (own is None or whole >= own):
        if procurement.at_least:
            yield "At least this: the sum of the lots that have a value. Others have none."
        else:
            yield "The value of all lots together: their sum, or what was given for the whole."
        yield f"This lot: {_own_value(lot, rulebook.vat)}."
    else:
        yield f"The value of this lot: {_own_value(lot, rulebook.vat)}."
    if lot.years is not None:
        unit = "year" if lot.years == 1 else "years"
        yield f"Its length, with options to extend it, is {lot.years:g} {unit}."


def _regime(rulebook: Rulebook, procurement: Procurement) -> str:
    nation, on = procurement.nation, long_date(procurement.on)
    if not rulebook.applies_in(nation):
        return f"{rulebook.name}'s rules do not apply in {nation}. {rulebook.why_not_in(nation)}"
    if procurement.on < rulebook.begins:
        return f"The rulebook begins on {long_date(rulebook.begins)} and does not cover {on}."
    assumed = "" if nation else " (assumed, because the buyer's nation is not known)"
    return f"The rules of {rulebook.name} on {on}{assumed}."


def _threshold_words(rulebook: Rulebook, procurement: Procurement) -> str:
    threshold = procurement.threshold
    if not rulebook.applies_in(procurement.nation):
        return f"{procurement.nation} has its own thresholds, which are not known here."
    if threshold is None:
        return f"No threshold is known for {long_date(procurement.on)}."
    words = (
        f"{pounds(threshold.amount)} including VAT on {long_date(procurement.on)}, for "
        f"{procurement.contract} bought by {procurement.buyer.one}."
    )
    if procurement.value is None:
        return words
    where = "at or over" if procurement.over_threshold else "below"
    said = f"{words} {pounds(procurement.value)} is {where} it."
    if procurement.at_least and not procurement.over_threshold:
        said += " Whether all lots together are is not known: not every lot has a value."
    return said


def _outcome(rulebook: Rulebook, procurement: Procurement, purpose: Purpose) -> PurposeOutcome:
    try:
        check_purpose(rulebook, procurement, purpose)
    except NotLawful as error:
        return PurposeOutcome(purpose, False, str(error), error.rule)
    allows = rulebook.purposes[purpose].allows
    if purpose is Purpose.ENGAGEMENT or procurement.threshold is None:
        return PurposeOutcome(purpose, True, allows)
    if procurement.value is None or procurement.at_least:
        limit = pounds(procurement.threshold.amount)
        allows += f" Only if all lots together, including VAT, are below {limit}."
    return PurposeOutcome(purpose, True, allows)
