"""The lawful gate: what may count in a list, and whom it may be narrowed to.

Every ranking passes it.  It reads its law from the rulebook and knows none of its own; it
refuses with NotLawful, which names the rule, and otherwise answers with a Ruling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from matcher.core.errors import BadLot, NotLawful
from matcher.core.formatting import pounds, spoken
from matcher.core.types import Lot
from matcher.law.procurement import Procurement, buyer_kind, procurement
from matcher.law.reservations import PermittedReservation, grant
from matcher.law.rulebook import Rulebook
from matcher.law.scope import LocalArea, Scope
from matcher.law.types import (
    BuyerKind,
    Contract,
    NeutralSignal,
    Purpose,
    Signal,
    Threshold,
)

_THRESHOLDS = "PA2023-thresholds"
_VAT = "VATA1994-s2"
_ELSEWHERE = "ENGLAND-ONLY"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rulebook allows for one lot and purpose.

    A signal outside `counts` contributes exactly nothing, and `neutral` says by which rule.
    `scope` is the narrowing allowed; `scope.councils` are the codes in which a provider must
    lie when areas are named.  `rule_ids` and `sources` run side by side.  `notes` are what
    was assumed and what to beware of, in plain words.  `threshold` is None where the rulebook
    has none for the day, and `value` (pounds, VAT included) where the lot gives none.
    `notice_sentence` is for the advertisement; it is empty unless the purpose is reserved.
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


def gate(
    rulebook: Rulebook,
    lot: Lot,
    purpose: Purpose,
    scope: Scope,
    *,
    on: date,
    nation: str = "",
    buyer_area: LocalArea | None = None,
    contract: Contract | None = None,
    whole_value: float | None = None,
) -> Ruling:
    """What may count in a list for `lot`, commencing on day `on`, and whom it may be kept to.

    `nation` is the buyer's, '' when unknown.  `buyer_area` is the buyer's own whole area
    (for joint buyers, theirs together) with what borders it.  `contract` overrides the kind
    of contract read from the lot.  `whole_value` is pounds, VAT included, of all lots of the
    procurement together, which is what a threshold is compared with.

    Raises NotLawful naming the rule, and BadLot for a value or kind of buyer that cannot be.
    """
    bought = procurement(
        rulebook, lot, on=on, nation=nation, contract=contract, whole_value=whole_value
    )
    granted = PermittedReservation()
    if purpose is not Purpose.ENGAGEMENT:
        _check_buyer(lot)
        _check_nation(rulebook, bought, purpose)
        _check_below_threshold(rulebook, bought, purpose)
    if purpose is Purpose.INVITE:
        _check_unnarrowed(rulebook, bought, scope)
    if purpose is Purpose.RESERVED:
        granted = grant(rulebook, scope, bought.buyer, on, buyer_area)
    return _ruling(rulebook, bought, purpose, scope, granted)


def _check_buyer(lot: Lot) -> None:
    if lot.buyer_kind.strip() and buyer_kind(lot.buyer_kind) is None:
        raise BadLot(
            f"buyer_kind {lot.buyer_kind!r} is not known: give one of {', '.join(BuyerKind)}"
        )


def _check_nation(rulebook: Rulebook, bought: Procurement, purpose: Purpose) -> None:
    if _elsewhere(rulebook, bought):
        raise NotLawful(
            f"purpose {purpose} is not open to a buyer in {bought.nation}. "
            f"{_not_ours(rulebook, bought)} Ask for purpose engagement.",
            rule=_ELSEWHERE,
            offer="engagement",
        )


def _check_below_threshold(rulebook: Rulebook, bought: Procurement, purpose: Purpose) -> None:
    if bought.threshold is None:
        raise NotLawful(
            f"no threshold for {bought.contract} bought by a {bought.buyer} buyer is known for "
            f"{spoken(bought.on)}: the rulebook begins on {spoken(rulebook.begins)}. "
            "Ask for purpose engagement.",
            rule=_THRESHOLDS,
            offer="engagement",
        )
    if bought.over:
        raise NotLawful(
            f"purpose {purpose} is for contracts below threshold, and {bought.over}. "
            "Ask for purpose engagement.",
            rule=_THRESHOLDS,
            offer="engagement",
        )


def _check_unnarrowed(rulebook: Rulebook, bought: Procurement, scope: Scope) -> None:
    narrowed = {
        Signal.PLACE: "place" if scope.by_place else "",
        Signal.SIZE: "size or kind of organisation" if scope.by_sort else "",
    }
    for row in rulebook.neutral_for(Purpose.INVITE, bought.buyer):
        if narrowed.get(row.signal):
            raise NotLawful(
                f"purpose invite may not be narrowed by {narrowed[row.signal]}. {row.words} "
                "Ask for everyone, or for purpose reserved if it was declared beforehand.",
                rule=row.rule,
                offer="reserved",
            )


def _ruling(
    rulebook: Rulebook,
    bought: Procurement,
    purpose: Purpose,
    scope: Scope,
    granted: PermittedReservation,
) -> Ruling:
    terms = rulebook.purposes[purpose]
    neutral = rulebook.neutral_for(purpose, bought.buyer)
    ids = [_ELSEWHERE] if _elsewhere(rulebook, bought) else [*terms.rules]
    ids += [row.rule for row in neutral] + [_VAT] * bought.vat_added
    rules = (*rulebook.in_force(ids, bought.on), *granted.rules)
    return Ruling(
        purpose=purpose,
        counts=terms.counts,
        neutral=neutral,
        scope=scope,
        rule_ids=tuple(dict.fromkeys(rule.id for rule in rules)),
        sources=tuple(rule.source for rule in dict.fromkeys(rules)),
        notes=tuple(_notes(rulebook, bought, purpose)) + granted.notes,
        value=bought.value,
        threshold=bought.threshold,
        notice_sentence=granted.sentence,
    )


def _notes(rulebook: Rulebook, bought: Procurement, purpose: Purpose) -> Iterator[str]:
    yield from bought.assumed
    yield from _notes_on_reach(rulebook, bought)
    if purpose is not Purpose.ENGAGEMENT:
        yield from _notes_on_value(rulebook, bought)
    elif bought.over:
        yield (
            f"{bought.over}: the competition is advertised openly, so this list serves market "
            "engagement and lot design only."
        )
    yield from (caution.text for caution in rulebook.cautions if purpose in caution.purposes)


def _notes_on_reach(rulebook: Rulebook, bought: Procurement) -> Iterator[str]:
    if not bought.nation:
        yield f"The buyer's nation is not known: taken as {rulebook.name}."
    if _elsewhere(rulebook, bought):
        yield _not_ours(rulebook, bought)
    if bought.on < rulebook.begins:
        yield f"The rulebook begins on {spoken(rulebook.begins)} and is silent on earlier days."
    if bought.on >= rulebook.review:
        yield rulebook.review_words


def _notes_on_value(rulebook: Rulebook, bought: Procurement) -> Iterator[str]:
    if bought.value is None and bought.threshold:
        yield (
            "The value is not known: confirm that all lots together, VAT included, are below "
            f"{pounds(bought.threshold.amount)} before inviting anybody."
        )
    for level in rulebook.levels_reached(bought.on, bought.buyer, bought.contract, bought.value):
        yield f"From {pounds(level.amount)}: {level.words} ({level.rule})."


def _elsewhere(rulebook: Rulebook, bought: Procurement) -> bool:
    return bool(bought.nation) and bought.nation.lower() != rulebook.name.lower()


def _not_ours(rulebook: Rulebook, bought: Procurement) -> str:
    why = rulebook.nations.get(bought.nation, "No rulebook for it is loaded.")
    return f"{rulebook.name}'s rules do not apply in {bought.nation}. {why}"
