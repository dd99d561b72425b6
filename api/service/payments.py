"""What public bodies paid one provider, by body, from the register's payments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher.core.formatting import month_name
from matcher.register.register import Register

_MOST_CATEGORIES = 3


@dataclass(frozen=True, slots=True)
class PaidBy:
    """What one public body paid: pounds in all, how often, the months, and the main purposes.

    `first` and `last` are months in words.  `purposes` are in the body's own words, the one that
    most was paid for first.
    """

    body: str
    pounds: float
    times: int
    first: str
    last: str
    purposes: tuple[str, ...]


def paid_to(register: Register, row: int) -> list[PaidBy]:
    """What each body paid the organisation in a row, the one that paid most first."""
    return sorted(_paid(register, row), key=lambda paid: (-paid.pounds, paid.body))


def _paid(register: Register, row: int) -> Iterator[PaidBy]:
    payments = register.payments
    if payments is None:
        return
    _, cells = payments.cells_of(np.array([row]))
    bodies, categories = payments.body_of(cells), payments.category_of(cells)
    for number in np.unique(bodies):
        own = cells[bodies == number]
        paid, kinds = payments.pence[own], categories[bodies == number]
        by_kind = {int(kind): int(paid[kinds == kind].sum()) for kind in np.unique(kinds)}
        largest = sorted((-pence, kind) for kind, pence in by_kind.items() if kind >= 0)
        months = payments.month[own]
        yield PaidBy(
            body=payments.bodies[int(number)].name,
            pounds=float(paid.sum()) / 100,
            times=int(payments.count[own].sum()),
            first=month_name(int(months.min())),
            last=month_name(int(months.max())),
            purposes=tuple(payments.categories[kind] for _, kind in largest[:_MOST_CATEGORIES]),
        )
