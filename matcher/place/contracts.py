"""The contracts of a council that come up: those that end soon, and those that it announced."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from matcher.core.arrays import Ints
from matcher.core.types import Lot, PlannedContract
from matcher.geo.councils import Area
from matcher.place.ledger import awards_of, buyers_of
from matcher.ranking.query import weighted_terms
from matcher.register.register import Register
from matcher.register.rows import Rows
from models import text
from models.background import Background

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
