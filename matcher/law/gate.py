"""Decides what a list may use and who it may be limited to.

Every ranking passes through `gate`. All the law is in the rulebook: this module only applies
it. It raises NotLawful, naming the rule, or returns a Ruling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matcher.core.errors import BadLot, NotLawful
from matcher.core.formatting import long_date, pounds
from matcher.core.types import Lot
from matcher.law.procurement import Procurement, ProcurementFacts, buyer_kind
from matcher.law.reservations import PermittedReservation, permit
from matcher.law.rulebook import Rulebook
from matcher.law.scope import Scope
from matcher.law.types import BuyerKind, NeutralSignal, Purpose, Signal, Threshold

_THRESHOLDS = "PA2023-thresholds"
_VAT = "VATA1994-s2"
_WHOLE_VALUE = "PA2023-sch3"
_OTHER_NATION = "ENGLAND-ONLY"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rulebook allows for one lot and purpose.

    A signal that is not in `counts` contributes nothing; `neutral` names the rule that says so.
    `scope` is who the list may be limited to. `rule_ids` and `sources` are in the same order.
    `notes` are assumptions and cautions in plain English. `threshold` is None where the rulebook
    has none for the day. `value` is pounds including VAT, None where the lot gives no value.
    `notice_sentence` is for the advertisement, and empty unless the purpose is reserved.
    """

    purpose: Purpose
    counts: frozenset[Signal]
    neutral: tuple[NeutralSignal, ...]
    scope: Scope
    rule_ids: tuple[str, ...]
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    value: float | None = None
    threshold: Threshold | None = None
    notice_sentence: str = ""


def gate(rulebook: Rulebook, facts: ProcurementFacts, purpose: Purpose, scope: Scope) -> Ruling:
    """What a list for `purpose` may use, and who it may be limited to.

    Raises NotLawful where the rulebook does not allow it, and BadLot where a value or a kind of
    buyer is not valid.
    """
    procurement = Procurement.of(rulebook, facts)
    reservation = PermittedReservation()
    if purpose is not Purpose.ENGAGEMENT:
        _check_buyer(facts.lot)
        check_purpose(rulebook, procurement, purpose)
    if purpose is Purpose.INVITE:
        _check_not_narrowed(rulebook, procurement, scope)
    if purpose is Purpose.RESERVED:
        reservation = permit(rulebook, scope, procurement.buyer, facts.on, facts.buyer_area)
    return _ruling(rulebook, procurement, purpose, scope, reservation)


def check_purpose(rulebook: Rulebook, procurement: Procurement, purpose: Purpose) -> None:
    """Raise NotLawful where no list for `purpose` is allowed, with any limits."""
    if purpose is not Purpose.ENGAGEMENT:
        _check_nation(rulebook, procurement, purpose)
        _check_period(procurement, purpose)
        _check_below_threshold(rulebook, procurement, purpose)


def _check_buyer(lot: Lot) -> None:
    if lot.buyer_kind.strip() and buyer_kind(lot.buyer_kind) is None:
        raise BadLot(
            f"buyer_kind {lot.buyer_kind!r} is not known: give one of {', '.join(BuyerKind)}"
        )


def _check_period(procurement: Procurement, purpose: Purpose) -> None:
    """Raise NotLawful where the value may be for a year or for the whole contract."""
    if procurement.value_question:
        raise NotLawful(
            f"value_period: {procurement.value_question} Give 'year' or 'whole': purpose {purpose} "
            "depends on it.",
            rule=_WHOLE_VALUE,
            offer="engagement",
        )


def _check_nation(rulebook: Rulebook, procurement: Procurement, purpose: Purpose) -> None:
    if not rulebook.applies_in(procurement.nation):
        raise NotLawful(
            f"purpose {purpose} is not available to a buyer in {procurement.nation}. "
            f"{_does_not_apply(rulebook, procurement)} Ask for purpose engagement.",
            rule=_OTHER_NATION,
            offer="engagement",
        )


def _check_below_threshold(rulebook: Rulebook, procurement: Procurement, purpose: Purpose) -> None:
    if procurement.threshold is None:
        raise NotLawful(
            f"the rulebook has no threshold for {procurement.contract} bought by "
            f"{procurement.buyer.one} on {long_date(procurement.on)}: it begins on "
            f"{long_date(rulebook.begins)}. Ask for purpose engagement.",
            rule=_THRESHOLDS,
            offer="engagement",
        )
    if procurement.over_threshold:
        mixed = f"{procurement.mixed} " if procurement.mixed else ""
        raise NotLawful(
            f"purpose {purpose} is for contracts below threshold, and "
            f"{procurement.over_threshold}. {mixed}Ask for purpose engagement.",
            rule=_THRESHOLDS,
            offer="engagement",
        )


def _check_not_narrowed(rulebook: Rulebook, procurement: Procurement, scope: Scope) -> None:
    narrowed_by = {
        Signal.PLACE: "place" if scope.by_place else "",
        Signal.SIZE: "size or kind of organisation" if scope.by_size_or_kind else "",
    }
    for row in rulebook.neutral_for(Purpose.INVITE, procurement.buyer):
        if narrowed_by.get(row.signal):
            raise NotLawful(
                f"purpose invite may not be limited by {narrowed_by[row.signal]}. {row.words} "
                "Ask for everyone, or for purpose reserved if the competition was declared "
                "reserved beforehand.",
                rule=row.rule,
                offer="reserved",
            )


def _ruling(
    rulebook: Rulebook,
    procurement: Procurement,
    purpose: Purpose,
    scope: Scope,
    reservation: PermittedReservation,
) -> Ruling:
    purpose_rules = rulebook.purposes[purpose]
    neutral = rulebook.neutral_for(purpose, procurement.buyer)
    applies = rulebook.applies_in(procurement.nation)
    not_for = rulebook.rules_not_for(procurement.buyer, procurement.contract)
    ids = [rule for rule in purpose_rules.rules if rule not in not_for]
    ids = ids if applies else [_OTHER_NATION]
    ids += [row.rule for row in neutral] + [_VAT] * procurement.vat_added
    rules = (*rulebook.in_force(ids, procurement.on), *reservation.rules)
    return Ruling(
        purpose=purpose,
        counts=purpose_rules.counts,
        neutral=neutral,
        scope=scope,
        rule_ids=tuple(dict.fromkeys(rule.id for rule in rules)),
        sources=tuple(rule.source for rule in dict.fromkeys(rules)),
        notes=tuple(_notes(rulebook, procurement, purpose)) + reservation.notes,
        value=procurement.value,
        threshold=procurement.threshold,
        notice_sentence=reservation.sentence,
    )


def _notes(rulebook: Rulebook, procurement: Procurement, purpose: Purpose) -> Iterator[str]:
    yield from procurement.assumptions
    yield from _notes_on_coverage(rulebook, procurement)
    if purpose is not Purpose.ENGAGEMENT:
        yield from _notes_on_value(rulebook, procurement)
    elif procurement.over_threshold:
        yield (
            f"{procurement.over_threshold}: the competition must be advertised openly, so use "
            "this list only for market engagement and lot design."
        )
    applies = rulebook.applies_in(procurement.nation)
    for caution in rulebook.cautions:
        if purpose in caution.purposes and (applies or {*Purpose} <= {*caution.purposes}):
            yield caution.text  # one for certain purposes explains the law of the rulebook


def _notes_on_coverage(rulebook: Rulebook, procurement: Procurement) -> Iterator[str]:
    if not procurement.nation:
        yield f"The buyer's nation is not known: assumed to be {rulebook.name}."
    if not rulebook.applies_in(procurement.nation):
        yield _does_not_apply(rulebook, procurement)
    if procurement.on < rulebook.begins:
        begins = long_date(rulebook.begins)
        yield f"The rulebook begins on {begins} and does not cover earlier days."
    if procurement.on >= rulebook.review:
        yield rulebook.review_words


def _notes_on_value(rulebook: Rulebook, procurement: Procurement) -> Iterator[str]:
    buyer, contract, value = procurement.buyer, procurement.contract, procurement.value
    if value is None and procurement.threshold:
        yield (
            "The value is not known: before you invite anybody, confirm that all lots together, "
            f"including VAT, are below {pounds(procurement.threshold.amount)}."
        )
    elif value is not None and procurement.at_least and procurement.threshold:
        yield (
            f"Not every lot has a value: all lots together are worth at least {pounds(value)}. "
            "Before you invite anybody, confirm that all of them, including VAT, are below "
            f"{pounds(procurement.threshold.amount)}."
        )
    if rulebook.rules_not_for(buyer, contract):
        yield rulebook.unregulated.words
    for level in rulebook.levels_reached(procurement.on, buyer, contract, value):
        yield f"From {pounds(level.amount)}: {level.words} ({level.rule})."


def _does_not_apply(rulebook: Rulebook, procurement: Procurement) -> str:
    nation = procurement.nation
    return f"{rulebook.name}'s rules do not apply in {nation}. {rulebook.why_not_in(nation)}"
