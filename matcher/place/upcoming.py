"""What comes up: contracts that end or are announced, and the local providers for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from matcher.core.errors import MatcherError
from matcher.core.types import Lot
from matcher.lotting.recommendation import advise
from matcher.market.batch import assess_lots
from matcher.market.criteria import USUAL
from matcher.market.market import market
from matcher.place.contracts import ComingUp, coming_up
from matcher.place.services import Known, ServiceFinder
from matcher.ranking.batch import Refusal
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request

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
