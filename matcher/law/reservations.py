"""Reserving a competition: whether it may be kept to a scope, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from matcher.core.errors import NotLawful
from matcher.core.formatting import series, spoken
from matcher.core.types import Size
from matcher.law.rulebook import Rulebook
from matcher.law.scope import SMALL, LocalArea, Scope
from matcher.law.types import BuyerKind, Reservation, Rule

_WHOLE = "a whole council area or county, or that and the areas bordering it"
_SINGLE = "one county or borough, or the UK"
_SIZES = (
    "In law an SME has fewer than 250 staff, and a turnover of at most £44m or a balance sheet "
    "of at most £38m. Sizes here go by income and call a provider large from £10m: look at "
    "those left out before relying on it."
)


@dataclass(frozen=True, slots=True)
class PermittedReservation:
    """A reservation that may be made: by which rules, with which cautions, in which words."""

    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    sentence: str = ""


def grant(
    rulebook: Rulebook, scope: Scope, buyer: BuyerKind, on: date, buyer_area: LocalArea | None
) -> PermittedReservation:
    """The reservation of a below-threshold competition to `scope`, or NotLawful naming the rule."""
    terms = _terms(rulebook, buyer)
    _check_something_reserved(terms, scope)
    if scope.by_place:
        _check_in_force(rulebook.rule(terms.place_rule), on)
        _check_place(terms, scope)
        _check_own(terms, scope, buyer_area)
    if scope.by_sort:
        _check_sort(terms, scope, buyer)
    ids = [terms.place_rule] * scope.by_place + [terms.sort_rule] * scope.by_sort
    rules = rulebook.in_force(ids, on)
    notes = (*_notes_on_place(terms, scope, buyer_area), *_notes_on_sort(terms, scope, rules))
    cautions = (terms.caution,) if terms.caution else ()
    return PermittedReservation(rules, notes + cautions, notice_sentence(scope, rules))


def notice_sentence(scope: Scope, rules: Iterable[Rule]) -> str:
    """The sentence that the advertisement of the competition must carry."""
    based = f" based in {scope.where}" if scope.where else ""
    cited = " and ".join(rule.cite for rule in rules if rule.cite)
    said = f"This competition is reserved to {scope.who}{based}"
    return f"{said}, {cited}." if cited else f"{said}."


def _terms(rulebook: Rulebook, buyer: BuyerKind) -> Reservation:
    terms = rulebook.reservation(buyer)
    if terms is None:
        raise NotLawful(
            f"no rule that lets a {buyer} buyer reserve a competition is in this rulebook",
            rule="PA2023-s85",
            offer="engagement",
        )
    return terms


def _check_something_reserved(terms: Reservation, scope: Scope) -> None:
    if scope.everyone:
        raise NotLawful(
            "purpose reserved needs what it is reserved to: the UK, a whole council area "
            "(with or without its neighbours), SMEs or VCSEs; for none of them ask for invite",
            rule=terms.place_rule,
            offer="invite",
        )


def _check_in_force(rule: Rule, on: date) -> None:
    if not rule.span.holds(on):
        raise NotLawful(
            f"a competition commencing on {spoken(on)} cannot be reserved by place: "
            f"the rule ({rule.title}) is in force from {spoken(rule.span.begins)}",
            rule=rule.id,
            offer="engagement",
        )


def _check_place(terms: Reservation, scope: Scope) -> None:
    if scope.within_km is not None:
        raise NotLawful(
            f"within_km {scope.within_km:g}: a competition is never reserved to a radius, "
            f"only to the UK or to {_WHOLE}",
            rule=terms.place_rule,
            offer=_WHOLE,
        )
    if scope.uk == bool(scope.areas):
        raise NotLawful(
            "name the one place it is reserved to: either the UK or a local area",
            rule=terms.place_rule,
            offer=_WHOLE,
        )
    if not terms.several and (len(scope.areas) > 1 or scope.with_neighbours):
        raise NotLawful(
            f"this buyer may reserve to {_SINGLE}, not to several: {_named(scope)}",
            rule=terms.place_rule,
            offer=_SINGLE,
        )
    for area in scope.areas:
        _check_whole(terms, area)


def _check_whole(terms: Reservation, area: LocalArea) -> None:
    if area.kind not in terms.kinds or not area.councils:
        raise NotLawful(
            f"{area.name} ({area.kind}): a competition is reserved to {_WHOLE}, "
            "never to a ward, a postcode, a region or a nation",
            rule=terms.place_rule,
            offer=_WHOLE,
        )


def _check_own(terms: Reservation, scope: Scope, own: LocalArea | None) -> None:
    if not (terms.own_area and scope.areas and own):
        return
    beyond = scope.councils - own.councils - own.surroundings
    far = [a.name for a in (*scope.areas, *scope.neighbours) if a.councils & beyond]
    missing = own.councils - scope.councils
    if far or missing:
        why = f"{series(far)} is beyond it" if far else f"{_named(scope)} leaves some of it out"
        raise NotLawful(
            f"the local area is the whole of the buyer's own, {own.name}, alone or with areas "
            f"that border it: {why}",
            rule=terms.place_rule,
            offer=f"{own}, or it and the areas bordering it",
        )


def _check_sort(terms: Reservation, scope: Scope, buyer: BuyerKind) -> None:
    if not (terms.sort_alone or scope.by_place):
        raise NotLawful(
            f"a {buyer} buyer may reserve to SMEs or VCSEs only together with a location: "
            f"add {_SINGLE}",
            rule=terms.sort_rule,
            offer=f"the same with {_SINGLE}",
        )
    if scope.sizes is not None and scope.sizes - {Size.UNKNOWN} != SMALL:
        raise NotLawful(
            f"sizes {', '.join(sorted(scope.sizes))}: a competition is reserved to small and "
            "medium-sized enterprises as a whole (micro, small and medium)",
            rule=terms.sort_rule,
            offer="micro, small and medium together",
        )


def _notes_on_place(terms: Reservation, scope: Scope, own: LocalArea | None) -> Iterator[str]:
    if terms.own_area and scope.areas and own is None:
        yield f"The buyer's own area is not known: check that it is {_named(scope)}."
    if scope.with_neighbours and not scope.neighbours:
        yield f"No area that borders {_named(scope)} is known, so none is added."


def _notes_on_sort(terms: Reservation, scope: Scope, rules: tuple[Rule, ...]) -> Iterator[str]:
    if scope.by_sort and terms.sort_rule not in {rule.id for rule in rules}:
        yield "No guidance on reserving to SMEs or VCSEs was in force that day: take advice."
    if scope.sizes is not None:
        yield _SIZES


def _named(scope: Scope) -> str:
    return series(area.name for area in (*scope.areas, *scope.neighbours))
