"""Laws of the sums of a place, on ledgers of any numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matcher.core.arrays import Ints
from matcher.place.classes import CLASSES, PlaceView
from matcher.place.ledger import PAYMENTS, Ledger
from matcher.place.money import money
from matcher.place.together import SharedNeed, shared_needs
from matcher.place.upcoming import months_after
from matcher.register.register import Register

NEEDS = ("Hot meals", "Road repairs", "Home care")
Line = tuple[int, int, int, bool, int]
"""A payee, pence (refunds are negative), a purpose, whether it is left out, and a month."""
lines_of = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from([200_000, 500, -150_000]) | st.integers(-1_000_000, 1_000_000),
        st.integers(0, 5),
        st.booleans(),
        st.integers(2025 * 12, 2026 * 12 + 11),
    ),
    max_size=25,
)


class Seen:
    """A view that knows the class of each payee by its number."""

    def __init__(self, classes: Sequence[int]) -> None:
        self._classes = np.array(classes, np.int64)

    def classes(self, rows: Ints) -> Ints:
        found: Ints = self._classes[-2 - rows]
        return found


def ledger_of(lines: Sequence[Line]) -> Ledger:
    """A ledger of payees that are in no register: two departments buy each need."""
    columns: Any = np.array(lines, np.int64).reshape(-1, 5).T
    payee, pence, purpose, left_out, month = columns
    return Ledger(
        basis=PAYMENTS,
        bodies=("Walsall Council",),
        row=-2 - payee,
        pence=pence,
        times=np.ones(len(lines), np.int64),
        month=month,
        purpose=purpose,
        left_out=left_out.astype(bool),
        departments=tuple("AAABBB"),
        services=NEEDS * 2,
        categories=NEEDS * 2,
        payees={-2 - number: f"Payee {number}" for number in range(6)},
    )


@given(lines_of, st.lists(st.integers(0, CLASSES - 1), min_size=6, max_size=6))
def test_shares_are_shares_whatever_was_refunded(lines: list[Line], classes: list[int]) -> None:
    found = money(cast("PlaceView", Seen(classes)), ledger_of(lines), "Walsall")
    for group in (found.total, *found.by_year, *found.by_service):
        rest = sum(sum(sizes.values()) for sizes in group.by.values())
        assert rest == group.pence - group.left_out
        whole = 1 if rest > 0 else 0
        for shares in (group.shares, group.size_shares):
            assert all(0 <= share <= 1 for share in shares.values())
            assert sum(shares.values()) == pytest.approx(whole, abs=6e-4)
        assert group.placed == pytest.approx(whole - group.shares["unknown"], abs=2e-4)
        assert group.local_share is None or (group.sure and 0 <= group.local_share <= 1)
        assert group.hhi is None or 10_000 / group.payees - 0.1 <= group.hhi <= 10_000
    for groups in (found.by_year, found.by_service):
        assert sum(group.pence for group in groups) == found.total.pence
        assert sum(group.payments for group in groups) == found.total.payments


def test_a_place_that_paid_back_more_than_it_got_has_no_share() -> None:
    local, elsewhere, unknown = 1, 15, CLASSES - 1
    month = 2026 * 12
    lines = [(0, 10_000, 0, False, month), (1, -5_000, 0, False, month), (2, 0, 0, False, month)]
    classes = [local, elsewhere, unknown, 0, 0, 0]
    total = money(cast("PlaceView", Seen(classes)), ledger_of(lines), "Walsall").total
    assert total.pence == 5_000
    assert total.shares == {"local": 1.0, "near": 0.0, "elsewhere": 0.0, "unknown": 0.0}
    assert (total.local_share, total.placed) == (1.0, 1.0)


def shared(*books: tuple[str, Ledger]) -> list[SharedNeed]:
    """What the councils of these ledgers buy alike, by name."""
    found = shared_needs(cast("Register", None), list(books))
    return sorted(found, key=lambda need: need.name)


_MAY = 2026 * 12 + 4


@given(lines_of, lines_of)
@example(
    ours=[(0, 200_000, 0, False, _MAY), (1, 200_000, 3, False, _MAY)],
    theirs=[(2, 500, 0, False, _MAY)],
)
def test_needs_bought_by_several_are_counted_once_a_payee_in_any_order(
    ours: list[Line], theirs: list[Line]
) -> None:
    books = [("Walsall", ledger_of(ours)), ("Sandwell", ledger_of(theirs))]
    found = shared(*books)
    assert found == shared(*books[::-1])
    for need in found:
        number = NEEDS.index(need.name)
        spent: dict[tuple[str, str], dict[int, int]] = {}
        for (council, book), lines in zip(books, (ours, theirs), strict=True):
            for payee, pence, purpose, left_out, _ in lines:
                if purpose % len(NEEDS) == number and not left_out:
                    of = spent.setdefault((council, book.departments[purpose]), {})
                    of[payee] = of.get(payee, 0) + pence
        enough = {who: of for who, of in spent.items() if sum(of.values()) >= 100_000}
        assert {(s.council, s.department): s.pence for s in need.shares} == {
            who: sum(of.values()) for who, of in enough.items()
        }
        assert need.pence == sum(share.pence for share in need.shares)
        assert need.providers == len({payee for of in enough.values() for payee in of})


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_so_many_months_later_is_the_same_day_or_the_last_of_a_shorter_month(
    day: date, months: int
) -> None:
    later = months_after(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (
        later.day < day.day and (later + timedelta(days=1)).month != later.month
    )
    assert months_after(day + timedelta(days=1), months) >= later
