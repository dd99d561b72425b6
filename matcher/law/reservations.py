"""Reservations: whether a competition may be reserved to a scope, and the notice sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from matcher.core.errors import NotLawful
from matcher.core.formatting import long_date, series
from matcher.core.types import Size
from matcher.law.rulebook import Rulebook
from matcher.law.scope import SMALL, LocalArea, Scope
from matcher.law.types import BuyerKind, Reservation, Rule

_WHOLE = "a whole council area or county, or that and the areas bordering it"
_SINGLE = "one county or borough, or the UK"
_DISTRICT = "district"
_METROPOLITAN = "E08"
"""How the codes of metropolitan districts begin."""
_LIKE_A_COUNTY = (
    "A metropolitan district that borders the buyer's area is taken for a whole area here, like a "
    "county. The Order names counties and London boroughs: take advice before you name one."
)
_SIZES = (
    "In law an SME has fewer than 250 staff, and a turnover of at most £44m or a balance sheet "
    "of at most £38m. Here, size is based on income, and a provider is large from £10m: check "
    "the providers left out before you rely on it."
)


@dataclass(frozen=True, slots=True)
class PermittedReservation:
    """A reservation that is allowed: its rules, cautions and sentence for the notice."""

    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    sentence: str = ""


def permit(
    rulebook: Rulebook, scope: Scope, buyer: BuyerKind, on: date, buyer_area: LocalArea | None
) -> PermittedReservation:
    """The reservation of a below-threshold competition to `scope`.

    Raises NotLawful, naming the rule, where it is not allowed.
    """
    reservation = _reservation(rulebook, buyer)
    _check_not_everyone(reservation, scope)
    if scope.by_place:
        _check_in_force(rulebook.rule(reservation.place_rule), on)
        _check_place(reservation, scope)
        _check_own(reservation, scope, buyer_area)
    if scope.by_size_or_kind:
        _check_size_or_kind(reservation, scope, buyer)
    ids = [reservation.place_rule] * scope.by_place
    ids += [reservation.size_rule] * scope.by_size_or_kind
    rules = rulebook.in_force(ids, on)
    notes = (
        *_notes_on_place(reservation, scope, buyer_area),
        *_notes_on_size(reservation, scope, rules),
    )
    cautions = (reservation.caution,) if reservation.caution else ()
    return PermittedReservation(rules, notes + cautions, notice_sentence(scope, rules))


def notice_sentence(scope: Scope, rules: Iterable[Rule]) -> str:
    """The sentence that the advertisement of the competition must include."""
    based = f" based in {scope.where}" if scope.where else ""
    cited = " and ".join(rule.cite for rule in rules if rule.cite)
    said = f"This competition is reserved to {scope.who}{based}"
    return f"{said}, {cited}." if cited else f"{said}."


def _reservation(rulebook: Rulebook, buyer: BuyerKind) -> Reservation:
    reservation = rulebook.reservation(buyer)
    if reservation is None:
        raise NotLawful(
            f"this rulebook has no rule that lets {buyer.one} reserve a competition",
            rule="PA2023-s85",
            offer="engagement",
        )
    return reservation


def _check_not_everyone(reservation: Reservation, scope: Scope) -> None:
    if scope.everyone:
        raise NotLawful(
            "purpose reserved needs to know what the competition is reserved to: the UK, a whole "
            "council area (with or without its neighbours), SMEs or VCSEs. Without any of these, "
            "ask for purpose invite",
            rule=reservation.place_rule,
            offer="invite",
        )


def _check_in_force(rule: Rule, on: date) -> None:
    if not rule.period.contains(on):
        raise NotLawful(
            f"a competition commencing on {long_date(on)} cannot be reserved by place: "
            f"the rule ({rule.title}) is in force from {long_date(rule.period.begins)}",
            rule=rule.id,
            offer="engagement",
        )


def _check_place(reservation: Reservation, scope: Scope) -> None:
    if scope.within_km is not None:
        raise NotLawful(
            f"within_km {scope.within_km:g}: a competition cannot be reserved to a radius, "
            f"only to the UK or to {_WHOLE}",
            rule=reservation.place_rule,
            offer=_WHOLE,
        )
    if scope.uk == bool(scope.areas) or (scope.uk and scope.with_neighbours):
        raise NotLawful(
            "name one place that it is reserved to: either the UK or a local area",
            rule=reservation.place_rule,
            offer=_WHOLE,
        )
    if not reservation.several and (len(scope.areas) > 1 or scope.with_neighbours):
        raise NotLawful(
            f"this buyer may reserve to {_SINGLE}, not to several: {_named(scope)}",
            rule=reservation.place_rule,
            offer=_SINGLE,
        )
    for area in scope.areas:
        _check_whole(reservation, area)


def _check_whole(reservation: Reservation, area: LocalArea) -> None:
    if area.kind == _DISTRICT and _DISTRICT not in reservation.area_kinds:
        raise NotLawful(
            f"{area.name} is one of the districts of a county: this buyer may reserve to {_SINGLE}",
            rule=reservation.place_rule,
            offer=_SINGLE,
        )
    if area.kind not in reservation.area_kinds or not area.councils:
        raise NotLawful(
            f"{area.name} ({area.kind}): a competition may be reserved to {_WHOLE}, "
            "but not to a ward, a postcode, a region or a nation",
            rule=reservation.place_rule,
            offer=_WHOLE,
        )


def _check_own(reservation: Reservation, scope: Scope, own: LocalArea | None) -> None:
    if not (reservation.own_area and scope.areas and own):
        return
    beyond = scope.councils - own.councils - own.bordering_councils
    far = [a.name for a in (*scope.areas, *scope.neighbours) if a.councils & beyond]
    missing = own.councils - scope.councils
    if far or missing:
        why = f"{series(far)} is outside it" if far else f"{_named(scope)} leaves out part of it"
        raise NotLawful(
            f"the local area must be the whole of the buyer's own area, {own.name}, alone or with "
            f"areas that border it: {why}",
            rule=reservation.place_rule,
            offer=f"{own}, or it and the areas bordering it",
        )
    for near in own.bordering:
        reserved, whole = scope.councils - own.councils, near.councils - own.councils
        if reserved & whole and not whole <= reserved:
            raise NotLawful(
                f"beyond the buyer's own area, {own.name}, the local area may only be whole areas "
                f"that border it, and of {near.name} only a part is named: {_named(scope)}",
                rule=reservation.place_rule,
                offer=f"{own}, alone or with {near}",
            )


def _check_size_or_kind(reservation: Reservation, scope: Scope, buyer: BuyerKind) -> None:
    if not (reservation.size_alone or scope.by_place):
        raise NotLawful(
            f"{buyer.one} may reserve to SMEs or VCSEs only together with a location: "
            f"add {_SINGLE}",
            rule=reservation.size_rule,
            offer=f"the same with {_SINGLE}",
        )
    if scope.sizes is not None and scope.sizes - {Size.UNKNOWN} != SMALL:
        raise NotLawful(
            f"sizes {', '.join(sorted(scope.sizes))}: a competition must be reserved to all small "
            "and medium-sized enterprises (micro, small and medium)",
            rule=reservation.size_rule,
            offer="micro, small and medium together",
        )


def _notes_on_place(reservation: Reservation, scope: Scope, own: LocalArea | None) -> Iterator[str]:
    if reservation.own_area and scope.areas and own is None:
        yield f"The buyer's own area is not known: check that it is {_named(scope)}."
    beyond = scope.councils - (own.councils if own else frozenset())
    if reservation.own_area and own and any(c.startswith(_METROPOLITAN) for c in beyond):
        yield _LIKE_A_COUNTY
    if scope.with_neighbours and not scope.neighbours:
        yield f"No area that borders {_named(scope)} is known, so none was added."


def _notes_on_size(
    reservation: Reservation, scope: Scope, rules: tuple[Rule, ...]
) -> Iterator[str]:
    if scope.by_size_or_kind and reservation.size_rule not in {rule.id for rule in rules}:
        yield "No guidance on reserving to SMEs or VCSEs was in force on that day: take advice."
    if scope.sizes is not None:
        yield _SIZES


def _named(scope: Scope) -> str:
    return series(area.name for area in (*scope.areas, *scope.neighbours))
