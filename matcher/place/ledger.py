"""What a council spent as one table: who got how much, for what, from which department, and when.

It comes from payments, or where the register has none of the council, from its past awards: the
value of an award counts on its day, and several winners share it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, Mask
from matcher.core.cpv import category_name
from matcher.geo.councils import Area
from matcher.register.analysis import buyer_key
from matcher.register.payments import LEFT_OUT, Payments
from matcher.register.register import Register

PAYMENTS, AWARDS, NOTHING = "payments", "awards", "nothing"
_FIRST_MONTH = 3
"""April, in which a council's year begins."""


@dataclass(frozen=True)
class Ledger:
    """The money of one council; arrays have one value a line.

    A line is what one payee got for one purpose in one month.  `row` is the payee's row in the
    register, or negative: a number of its own for each payee that is no organisation there, the
    same in the ledger of each council.
    """

    basis: str
    bodies: tuple[str, ...]
    row: Ints
    pence: Ints
    times: Ints
    month: Ints
    purpose: Ints
    """a number into the names below"""
    left_out: Mask
    """paid to people and redacted payees"""
    departments: tuple[str, ...]
    services: tuple[str, ...]
    categories: tuple[str, ...]
    payees: Mapping[int, str] = field(default_factory=dict)
    """the names of payees that are no organisations, by row"""

    def years(self) -> Ints:
        """(lines,) the calendar year in which the council's year of each line begins."""
        return (self.month - _FIRST_MONTH) // 12


def ledger(register: Register, area: Area) -> Ledger:
    """The money of the council of an area."""
    payments = register.payments
    if payments is not None:
        bodies = payments.bodies_of(area.code)
        if len(bodies):
            return _of_payments(payments, bodies)
    return _of_awards(register, area)


def _of_payments(payments: Payments, bodies: Ints) -> Ledger:
    cells = payments.cells_of_bodies(bodies)
    payee = payments.payee[cells]
    row = payments.payee_row[payee].astype(np.int64)
    unknown = row < 0
    row[unknown] = -2 - payee[unknown].astype(np.int64)
    used, purpose = np.unique(payments.purpose[cells], return_inverse=True)
    purposes = [payments.purposes[int(one)] for one in used]
    return Ledger(
        basis=PAYMENTS,
        bodies=tuple(payments.bodies[int(one)].name for one in bodies),
        row=row,
        pence=payments.pence[cells],
        times=payments.count[cells].astype(np.int64),
        month=payments.month[cells].astype(np.int64),
        purpose=purpose.astype(np.int64),
        left_out=payee == LEFT_OUT,
        departments=tuple(one.department for one in purposes),
        services=tuple(one.service or one.category for one in purposes),
        categories=tuple(one.category for one in purposes),
        payees={-2 - one: payments.payees[one].name for one in np.unique(payee[unknown]).tolist()},
    )


def buyers_of(register: Register, area: Area) -> frozenset[int]:
    """The keys of the buyers that are an area's council: of its name, and of its payments'."""
    keys = {buyer_key(area.name)}
    if register.payments is not None:
        bodies = register.payments.bodies_of(area.code)
        keys |= {register.payments.bodies[int(body)].key for body in bodies}
    return frozenset(keys)


def awards_of(register: Register, area: Area) -> Ints:
    """The numbers of the known awards of the council of an area."""
    known = register.columns.award_buyer[: register.known_awards]
    sought = np.array(sorted(buyers_of(register, area)), np.uint64)
    return np.flatnonzero(np.isin(known, sought)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    pence: int
    month: int
    service: str


def _award_lines(register: Register, awards: Ints) -> Iterator[_Line]:
    for number in awards.tolist():
        award = register.awards[number]
        winners: Sequence[int] = register.winners.of(number).tolist()
        if not award.value or not winners:
            continue
        whole = round(award.value * 100)
        share, rest = divmod(whole, len(winners))
        service = category_name(award.lot.cpv[0]) if award.lot.cpv else award.lot.category
        month = award.day.year * 12 + award.day.month - 1
        for place, row in enumerate(winners):
            yield _Line(row, share + (place < rest), month, service)


def _of_awards(register: Register, area: Area) -> Ledger:
    lines = list(_award_lines(register, awards_of(register, area)))
    services = list(dict.fromkeys(line.service for line in lines))
    number = {service: at for at, service in enumerate(services)}

    def column(values: Iterator[int]) -> npt.NDArray[np.int64]:
        return np.fromiter(values, np.int64, len(lines))

    return Ledger(
        basis=AWARDS if lines else NOTHING,
        bodies=(area.name,),
        row=column(line.row for line in lines),
        pence=column(line.pence for line in lines),
        times=np.ones(len(lines), np.int64),
        month=column(line.month for line in lines),
        purpose=column(number[line.service] for line in lines),
        left_out=np.zeros(len(lines), bool),
        departments=("",) * len(services),
        services=tuple(services),
        categories=tuple(services),
    )
