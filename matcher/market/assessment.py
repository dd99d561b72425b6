"""A lot read once: who was ranked for it, and what a market counts of each.

The lot goes through the gate for purpose engagement and is ranked as any other, over everyone.
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
from matcher.register.columns import size_code
from matcher.register.register import Register

_SMALL = np.array([size in SMALL for size in Size])
_VCSE = np.array([kind.vcse for kind in Kind])


@dataclass(frozen=True, slots=True)
class Basis:
    """What a market was read from, so that it can be read again."""

    register: str
    model: str
    rulebook: str
    rule_ids: tuple[str, ...]
    rule_sources: tuple[str, ...]
    purpose: str = Purpose.ENGAGEMENT.value


@dataclass(frozen=True, eq=False)
class LotAssessment:
    """One lot read once: who was ranked for it, and what a market counts of them.

    All arrays have one value a provider, the most promising first.  What is not known of one
    is False in `small`, `local` and `vcse` and True beside it.
    """

    lot: Lot
    rows: Ints
    """of the register"""
    probabilities: Doubles
    """that each is a credible provider, as the bundle's calibration means it"""
    small: Mask
    """known to be micro, small or medium"""
    size_unknown: Mask
    local: Mask
    """has a site where `local_rule` says"""
    place_unknown: Mask
    vcse: Mask
    kind_unknown: Mask
    new: Mask
    """has won no contract that the register knows"""
    income: Doubles
    """pounds a year, NaN where not known"""
    yearly_factor: float
    """pounds a year, without VAT, that one pound of the lot's value is"""
    yearly_rule: str
    place: str
    local_rule: str
    concentration: Concentration
    basis: Basis
    notes: tuple[str, ...]
    request: Request = field(default_factory=Request)
    """as it stands for the lot's notice: all its lots valued together"""
    known_near: int | None = None
    """past awards of any service that are known within 30 km; None where the place is not"""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def small_local(self) -> Mask:
        """(n,) who is known to be small and local."""
        return self.small & self.local

    @property
    def perhaps_small_local(self) -> Mask:
        """(n,) who may be small and local, but of whom the size or the place is not known."""
        either = (self.small | self.size_unknown) & (self.local | self.place_unknown)
        return either & ~self.small_local

    @property
    def annual(self) -> float | None:
        """Pounds a year that the lot is worth, without VAT; None where its value is not given."""
        return None if self.lot.value is None else self.lot.value * self.yearly_factor

    def fits(self, value: float | None, terms: MarketCriteria) -> Mask:
        """(n,) whose known income is enough for a lot of this value (pounds, as the lot's)."""
        if value is None:
            return np.zeros(len(self), bool)
        enough: Mask = self.income * terms.value_to_income >= value * self.yearly_factor
        return enough

    def subset(self, kept: Mask | Ints) -> LotAssessment:
        """The same of some of the providers."""
        arrays: dict[str, Any] = {
            f.name: value[kept]
            for f in fields(self)
            if isinstance(value := getattr(self, f.name), np.ndarray)
        }
        return replace(self, **arrays)

    def credible(self, floor: float) -> LotAssessment:
        """The same of those who are credible."""
        return self.subset(self.probabilities >= floor)


def assess(matcher: Matcher, lot: Lot, request: Request) -> LotAssessment:
    """Rank everyone for `lot`, and look up of each what a market counts.

    The request's wish says who is local; it narrows nothing.  Lots that differ in nothing but
    their id get the same reading: no draw goes by the id.
    Raises NotLawful, BadLot, and BadInput for what a market cannot be asked.
    """
    _check(request)
    asked = _placed(matcher, lot)
    query = _by_content(matcher.query(asked, replace(request, wish=Filters(everyone=True))))
    ranking = matcher.rank(query, _everyone(query.register), request.seed)
    if ranking.probabilities is None:
        raise BadInput(
            f"--bundle {matcher.bundle.name} has not learned what its scores mean, so nobody can "
            "be called credible; take a trained bundle, such as default"
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
        vcse=_VCSE[kind],
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
            *_supposed(lot, asked),
            *query.ruling.notes,
        ),
        request=request,
        known_near=known_near(query),
    )


def _check(request: Request) -> None:
    wish = request.wish
    if request.purpose is not Purpose.ENGAGEMENT:
        raise BadInput(
            f"purpose {request.purpose.value}: a market is read before anybody is invited, for "
            "purpose engagement; leave purpose out"
        )
    for option, given in (("size", wish.size), ("kind", wish.kind)):
        if given not in (None, "any"):
            raise BadInput(
                f"{option} {given!r}: a market counts everyone, and who is small or a VCSE beside; "
                f"leave {option} out"
            )


def _placed(matcher: Matcher, lot: Lot) -> Lot:
    """The lot with the area that its title names, where it does not say itself where it is."""
    named = named_in_title(lot.title, matcher.register.councils)
    return lot if not named or is_placed(matcher.place(lot)) else replace(lot, area=named)


def _supposed(lot: Lot, asked: Lot) -> tuple[str, ...]:
    """What was taken as said, though the lot does not say it plainly."""
    if asked.area == lot.area:
        return ()
    return (f"The lot's title names {asked.area}, which is taken as its area: give it as area.",)


def _by_content(query: Query) -> Query:
    """The question with its draws made by what the lot says, whatever it is numbered."""
    analyzed = query.analyzed
    said = repr(replace(analyzed.lot, id=""))
    return replace(query, analyzed=replace(analyzed, lot=replace(analyzed.lot, id=said)))


def _everyone(register: Register) -> EligibleProviders:
    """All who may rank; a market has no use for counts of who may not."""
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
    """What a pound of the lot's value is in a year, without VAT; and in words how it is got.

    A lot of under a year is worth its whole value in the year that it falls in.
    """
    gross = "VAT taken off" if lot.value_is_gross else "taken as without VAT"
    net = 1 / (1 + vat) if lot.value_is_gross else 1.0
    if not lot.years:
        return net, f"the whole value, since how long the lot runs is not known; {gross}"
    if lot.years <= 1:
        return net, f"the whole value, since the lot runs for a year or less; {gross}"
    return net / lot.years, f"the value divided by {lot.years:g} years; {gross}"


def _basis(matcher: Matcher, query: Query) -> Basis:
    book, ruling = matcher.rulebook, query.ruling
    return Basis(
        register=matcher.register.version,
        model=matcher.bundle.version,
        rulebook=f"{book.name}, checked {book.checked.isoformat()}",
        rule_ids=ruling.rule_ids,
        rule_sources=ruling.sources,
    )
