"""Assesses a lot: ranks all providers for it, and looks up what a market counts of each.

The lot goes through the gate for purpose engagement, and is ranked without filters.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from matcher.core.arrays import Doubles, Ints, Mask
from matcher.core.errors import BadInput
from matcher.core.types import Kind, Lot, Size
from matcher.geo.national_grid import NOWHERE
from matcher.law.scope import SMALL, Scope
from matcher.law.types import Purpose
from matcher.market.concentration import Concentration, concentration, known_near
from matcher.market.criteria import MarketCriteria
from matcher.market.local_area import (
    based_in,
    is_placed,
    local_scope,
    named_in_title,
    unknown_area_notes,
)
from matcher.ranking.eligibility import EligibleProviders
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query
from matcher.ranking.request import Request
from matcher.register.columns import IS_VCSE, size_code
from matcher.register.register import Register

_SMALL = np.array([size in SMALL for size in Size])


@dataclass(frozen=True, slots=True)
class Basis:
    """What a market was worked out from, so that it can be repeated."""

    register: str
    model: str
    rulebook: str
    rule_ids: tuple[str, ...]
    rule_sources: tuple[str, ...]
    purpose: str = Purpose.ENGAGEMENT.value


@dataclass(frozen=True, eq=False)
class LotAssessment:
    """The providers ranked for a lot, and what a market counts of them.

    All arrays have one value per provider, best first.  Where a fact is not known, `small`,
    `local` or `vcse` is False and the matching `_unknown` array is True.
    """

    lot: Lot
    rows: Ints
    """rows of the register"""
    probabilities: Doubles
    """that each is a credible provider, as the bundle's calibration means it"""
    small: Mask
    """known to be micro, small or medium"""
    size_unknown: Mask
    local: Mask
    """has a site in the local area, as `local_rule` describes it"""
    place_unknown: Mask
    vcse: Mask
    kind_unknown: Mask
    new: Mask
    """has no known contract"""
    income: Doubles
    """pounds a year; NaN where not known"""
    yearly_factor: float
    """pounds a year excluding VAT for each pound of the lot's value"""
    yearly_rule: str
    place: str
    local_rule: str
    concentration: Concentration
    basis: Basis
    notes: tuple[str, ...]
    request: Request = field(default_factory=Request)
    """the request, with the value of all lots of the notice"""
    known_near: int | None = None
    """known past awards of any service within 30 km; None where the place is not known"""
    read_as: tuple[str, ...] = ()
    """the services that the lot was read as, nearest first"""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def small_local(self) -> Mask:
        """(n,) known to be small and local."""
        return self.small & self.local

    @property
    def perhaps_small_local(self) -> Mask:
        """(n,) may be small and local: the size or the place is not known."""
        either = (self.small | self.size_unknown) & (self.local | self.place_unknown)
        return either & ~self.small_local

    @property
    def annual(self) -> float | None:
        """The lot's value in pounds a year excluding VAT; None where it has no value."""
        return None if self.lot.value is None else self.lot.value * self.yearly_factor

    def fits(self, value: float | None, criteria: MarketCriteria) -> Mask:
        """(n,) has enough known income for a lot of this value, in pounds as the lot's value is."""
        if value is None:
            return np.zeros(len(self), bool)
        enough: Mask = self.income * criteria.value_to_income >= value * self.yearly_factor
        return enough

    def subset(self, kept: Mask | Ints) -> LotAssessment:
        """The assessment of some of the providers."""
        arrays: dict[str, Any] = {
            f.name: value[kept]
            for f in fields(self)
            if isinstance(value := getattr(self, f.name), np.ndarray)
        }
        return replace(self, **arrays)

    def credible(self, floor: float) -> LotAssessment:
        """The assessment of the credible providers: probability at least `floor`."""
        return self.subset(self.probabilities >= floor)


def assess(matcher: Matcher, lot: Lot, request: Request) -> LotAssessment:
    """Rank all providers for `lot`, and look up what a market counts of each.

    The request's filters say who is local; they exclude nobody.  Lots that differ only in their
    id get the same assessment, because ties are broken by content.
    Raises NotLawful, BadLot, and BadInput for options that a market does not have.
    """
    return assessed(matcher, lot, request, market_query(matcher, lot, request))


def market_query(matcher: Matcher, lot: Lot, request: Request) -> Query:
    """The query that ranks all providers for `lot`.  Raises what `assess` does."""
    _check(request)
    placed = _placed(matcher, lot)
    return _by_content(matcher.query(placed, replace(request, wish=Filters(everyone=True))))


def assessed(matcher: Matcher, lot: Lot, request: Request, query: Query) -> LotAssessment:
    """The assessment of `lot` for its market query."""
    ranking = matcher.rank(query, _everyone(query.register), request.seed)
    if ranking.probabilities is None:
        raise BadInput(
            f"--bundle {matcher.bundle.name} is not calibrated, so nobody can be called "
            "credible; use a trained bundle, such as default"
        )
    rows, register = np.asarray(ranking.rows, np.int64), query.register
    scope, local_rule = local_scope(register.councils, request.wish, query.analyzed.place)
    size, kind = register.columns.size[rows], register.columns.kind[rows]
    local = _local(query, scope, rows)
    yearly, yearly_rule = _yearly(lot, matcher.rulebook.vat)
    return LotAssessment(
        lot=lot,
        rows=rows,
        probabilities=np.asarray(ranking.probabilities, np.float64),
        small=_SMALL[size],
        size_unknown=size == size_code(Size.UNKNOWN),
        local=local,
        place_unknown=(_placeless(register, rows) & ~local) | (scope is None),
        vcse=IS_VCSE[kind],
        kind_unknown=kind == list(Kind).index(Kind.UNKNOWN),
        new=register.is_new(rows),
        income=register.columns.income[rows].astype(np.float64),
        yearly_factor=yearly,
        yearly_rule=yearly_rule,
        place=query.analyzed.place.source,
        local_rule=local_rule,
        concentration=concentration(query),
        basis=_basis(matcher, query),
        notes=(
            *unknown_area_notes(lot.area, register.councils),
            *_area_note(lot, query.analyzed.lot),
            *query.ruling.notes,
        ),
        request=request,
        known_near=known_near(query),
        read_as=query.read_as,
    )


def _check(request: Request) -> None:
    wish = request.wish
    if request.purpose is not Purpose.ENGAGEMENT:
        raise BadInput(
            f"purpose {request.purpose.value}: a market is assessed before anybody is invited, "
            "for purpose engagement; leave purpose out"
        )
    for option, value in (("size", wish.size), ("kind", wish.kind)):
        if value not in (None, "any"):
            raise BadInput(
                f"{option} {value!r}: a market counts all providers, and shows how many are small "
                f"or VCSE; leave {option} out"
            )


def _placed(matcher: Matcher, lot: Lot) -> Lot:
    """The lot with the area named in its title, where it has no area or postcode of its own."""
    named = named_in_title(lot.title, matcher.register.councils)
    return lot if not named or is_placed(matcher.place(lot)) else replace(lot, area=named)


def _area_note(lot: Lot, placed: Lot) -> tuple[str, ...]:
    """A note on the area that was read from the title, if any."""
    if placed.area == lot.area:
        return ()
    return (
        f"The lot's title names {placed.area}, so that was used as its area. "
        "Give it as area to be sure.",
    )


def _by_content(query: Query) -> Query:
    """The query with ties broken by the content of the lot instead of its id."""
    analyzed = query.analyzed
    content = repr(replace(analyzed.lot, id=""))
    return replace(query, analyzed=replace(analyzed, lot=replace(analyzed.lot, id=content)))


def _everyone(register: Register) -> EligibleProviders:
    """All active providers, without counts of those set aside."""
    rows = register.everywhere()
    return EligibleProviders(rows, rows.numbers(), rows.take(register.columns.active), {}, 0)


def _local(query: Query, scope: Scope | None, rows: Ints) -> Mask:
    """(n,) which of `rows` have a site in the scope."""
    if scope is None:
        return np.zeros(len(rows), bool)
    return based_in(query.register, rows, scope, query.analyzed.place.spot)


def _placeless(register: Register, rows: Ints) -> Mask:
    placeless: Mask = register.columns.east[rows] == NOWHERE
    return placeless


def _yearly(lot: Lot, vat: float) -> tuple[float, str]:
    """Pounds a year excluding VAT for each pound of the lot's value, and the rule in words.

    The whole value of a lot of a year or less counts in that year.
    """
    vat_rule = "VAT removed" if lot.value_is_gross else "assumed to exclude VAT"
    net = 1 / (1 + vat) if lot.value_is_gross else 1.0
    if not lot.years:
        return net, f"the whole value, because the lot's length is not known; {vat_rule}"
    if lot.years <= 1:
        return net, f"the whole value, because the lot is for a year or less; {vat_rule}"
    return net / lot.years, f"the value divided by {lot.years:g} years; {vat_rule}"


def _basis(matcher: Matcher, query: Query) -> Basis:
    book, ruling = matcher.rulebook, query.ruling
    return Basis(
        register=matcher.register.version,
        model=matcher.bundle.version,
        rulebook=f"{book.name}, checked {book.checked.isoformat()}",
        rule_ids=ruling.rule_ids,
        rule_sources=ruling.sources,
    )
