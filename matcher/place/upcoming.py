"""What comes up: contracts that end or are announced, and the local providers for them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from matcher.core.arrays import Ints
from matcher.core.errors import MatcherError
from matcher.core.types import Lot, PlannedContract
from matcher.geo.councils import Area
from matcher.lotting.recommendation import advise
from matcher.market.batch import assess_lots
from matcher.market.criteria import USUAL
from matcher.market.market import market
from matcher.place.ledger import awards_of, buyers_of
from matcher.place.services import Known, ServiceFinder
from matcher.ranking.batch import Refusal
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import weighted_terms
from matcher.ranking.request import Request
from matcher.register.register import Register
from matcher.register.rows import Rows
from models import text
from models.background import Background

_MOST = 40
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class MarketReading:
    """The market of a contract as `matcher market` reads it, and the split that it would propose.

    `expected` of the small and local are expected to win such work; `low` to `high` in 19 of 20
    cases.  `proposal` is '' where one contract is best or nothing could be proposed.
    """

    credible: int
    small_local: int
    perhaps_small_local: int
    expected: float
    low: int
    high: int
    thin: bool
    proposal: str


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A contract that ends soon, or that the council announced and has not tendered yet.

    `holders` have it now, or have the contract `held` that it seems to replace; they do not count
    among `providers`, which are local, not known to be large, and share key words with it.
    `size_unknown` of them may be large.
    """

    id: str
    title: str
    buyer: str
    value: float | None
    ends: date | None
    extends: date | None
    cpv: tuple[str, ...]
    holders: tuple[Known, ...]
    providers: int
    size_unknown: int
    shown: tuple[Known, ...]
    reading: MarketReading | None = None
    text: str = ""
    """the contract as text, to ask for a shortlist or for ways to split"""
    notice: str = ""
    """the kind of notice that announced it, such as UK1; '' for a contract that ends"""
    announced: date | None = None
    """the day of that notice"""
    tender: date | None = None
    """the day on which the council means to go to the market"""
    starts: date | None = None
    held: str = ""


def upcoming(
    matcher: Matcher, finder: ServiceFinder, on: date, *, read_markets: bool
) -> tuple[Upcoming, ...]:
    """The contracts that come up within two years after `on`, those with most providers first."""
    register, area = matcher.register, finder.view.area
    found = list(coming_up(register, area, matcher.bundle.knowledge.background, on))
    ranked = sorted(
        (_upcoming(finder, one) for one in found),
        key=lambda one: (-one.providers, -(one.value or 0), one.ends or on, one.id),
    )[:_MOST]
    if not read_markets:
        return tuple(ranked)
    lots = {one.id: one.lot for one in found}
    return tuple(_with_reading(matcher, one, lots[one.id], on) for one in ranked)


def _upcoming(finder: ServiceFinder, found: ComingUp) -> Upcoming:
    register, lot = finder.view.register, found.lot
    at = finder.find(lot.title, [lot.description[:400]])
    at = at[[int(finder.here[n]) not in found.winners for n in at]] if len(at) else at
    holders = (register.organisations[row].provider for row in found.winners)
    return Upcoming(
        id=found.id,
        title=lot.title,
        buyer=lot.buyer,
        value=found.value,
        ends=found.ends,
        extends=found.extends,
        cpv=lot.cpv,
        holders=tuple(Known(one.id, one.name) for one in holders),
        providers=len(at),
        size_unknown=int(finder.size_unknown[at].sum()),
        shown=finder.known(at[:_SHOWN]),
        text=_text(lot, found.value),
        notice=found.notice,
        announced=found.announced,
        tender=found.tender,
        starts=found.starts,
        held=found.held,
    )


def _text(lot: Lot, value: float | None) -> str:
    lines = [lot.title, lot.description]
    if value is not None:
        lines.append(f"Value: £{value:,.0f}")
    lines += [f"Postcode: {lot.postcode}"] if lot.postcode else []
    return "\n".join(line for line in lines if line)


def _with_reading(matcher: Matcher, one: Upcoming, lot: Lot, on: date) -> Upcoming:
    """The contract with its market as it stands on `on`."""
    again = replace(lot, id=f"{lot.id}-again", day=on, value=lot.value or one.value)
    (assessed,) = assess_lots(matcher, [again], Request())
    if isinstance(assessed, Refusal):
        return one
    found = market(assessed)
    local, perhaps = found.depth.small_local, found.depth.perhaps_small_local
    reading = MarketReading(
        credible=found.depth.credible.number,
        small_local=local.number,
        perhaps_small_local=perhaps.number,
        expected=local.expected,
        low=local.low,
        high=local.high,
        thin=found.thin,
        proposal=_proposal(matcher, again),
    )
    return replace(one, reading=reading)


def _proposal(matcher: Matcher, lot: Lot) -> str:
    try:
        advice = advise(matcher, lot, Request(), USUAL, {})
    except MatcherError:
        return ""
    return advice.options[0].name if advice.split and advice.options else ""


MONTHS = 24
_SAME_NEED = 0.5
"""The least likeness of a contract to the title of a plan that is said to replace it."""
_ENDED = timedelta(days=183)
"""How long ago a contract may have ended for a plan to be its successor."""
_FRESH = timedelta(days=365)
"""How old a notice without any date ahead may be."""


@dataclass(frozen=True, slots=True)
class ComingUp:
    """A contract that ends or is planned; `winners` are the rows of those who have it now.

    `notice` is '' where it ends, else the kind of notice that announced it.  `held` is the title
    of the contract that the winners have, where a plan seems to replace it.
    """

    id: str
    lot: Lot
    value: float | None
    winners: Sequence[int]
    ends: date | None
    extends: date | None = None
    notice: str = ""
    announced: date | None = None
    tender: date | None = None
    starts: date | None = None
    held: str = ""

    @property
    def comes(self) -> date | None:
        """The day on which there is something to do: the tender, the start or the end."""
        return self.tender or (self.starts if self.notice else self.ends)


def coming_up(
    register: Register, area: Area, background: Background, on: date
) -> Iterator[ComingUp]:
    """The contracts of an area's council that end or are to be tendered within two years."""
    until = months_after(on, MONTHS)
    awards = awards_of(register, area)
    awards = awards[register.columns.award_day[awards] <= on.toordinal()]
    for number in awards.tolist():
        award = register.awards[number]
        if award.ends is not None and on <= award.ends <= until:
            winners = register.winners.of(number).tolist()
            yield ComingUp(award.id, award.lot, award.value, winners, award.ends, award.extends)
    holders = _Holders(register, awards, background, on)
    buyers = buyers_of(register, area)
    for plan in register.planned.of(buyers) if register.planned else ():
        if plan.day <= on and _is_ahead(plan, on, until):
            yield holders.coming_up(plan, on)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day.

    >>> months_after(date(2026, 3, 31), 24), months_after(date(2028, 2, 29), 24)
    (datetime.date(2028, 3, 31), datetime.date(2030, 2, 28))
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _is_ahead(plan: PlannedContract, on: date, until: date) -> bool:
    """Whether a plan's tender or start lies ahead; a fresh notice may give neither."""
    days = [day for day in (plan.tender, plan.starts) if day is not None and day >= on]
    if days:
        return min(days) <= until
    if plan.tender or (plan.ends and plan.ends < on):
        return False
    return plan.starts is None and on - plan.day <= _FRESH


@dataclass(frozen=True)
class _Holders:
    """Finds the contract that a plan seems to replace, among those of the same council."""

    register: Register
    awards: Ints
    background: Background
    on: date

    def coming_up(self, plan: PlannedContract, on: date) -> ComingUp:
        """The plan, with who has such a contract now.

        A tender day that has passed is left out, where the contract is still to start.
        """
        number = self._replaced(plan)
        winners: Sequence[int] = ()
        if number is not None:
            winners = self.register.winners.of(number).tolist()
        return ComingUp(
            id=plan.id,
            lot=plan.lot,
            value=plan.lot.value,
            winners=winners,
            ends=plan.ends,
            notice=plan.notice,
            announced=plan.day,
            tender=plan.tender if plan.tender and plan.tender >= on else None,
            starts=plan.starts,
            held="" if number is None else self.register.awards[number].lot.title,
        )

    def _replaced(self, plan: PlannedContract) -> int | None:
        """The number of the award that is most like a plan and not long over; None without one."""
        words = text.counts([(plan.lot.title, 1.0)])
        words = {s: n for s, n in words.items() if s not in self.background.places}
        if not words or not len(self.awards):
            return None
        past, known = self.register.past, self.register.known_awards
        terms = weighted_terms(words, past, known, self.background)
        alike = past.scores(terms, Rows.span(0, known))[self.awards]
        for at in np.argsort(-alike, kind="stable").tolist():
            if alike[at] < _SAME_NEED:
                return None
            number = int(self.awards[at])
            ends = self.register.awards[number].ends
            if ends is not None and ends >= self.on - _ENDED:
                return number
        return None
