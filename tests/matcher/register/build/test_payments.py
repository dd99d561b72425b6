"""Payments in a register: whom they join, what they add up to, and what stays private."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.core.types import STAFF, Payment, Provider, Remark, Size, Tally
from matcher.geo.councils import Councils
from matcher.register.build.build import build
from matcher.register.build.erase import suppress
from matcher.register.build.payments import PaymentIntake
from matcher.register.payments import LEFT_OUT, NOBODY
from matcher.register.register import Register
from tests.factory import provider
from tests.registers import feed

MEALS = provider("GB-COH-00000001", "WS2 8RR", name="Hot Pot Kitchens Ltd")
JANUARY = 2026 * 12
COUNCILS = Councils.open()


def paid(payee: str, pounds: float = 10, **fields: object) -> Payment:
    base = Payment("Walsall Council", payee, "", "Adults", "", "Meals", JANUARY, int(pounds * 100))
    return base._replace(**fields)  # type: ignore[arg-type]


def registered(path: Path, places: Path, *items: Provider | Payment | Remark) -> Register:
    records = [item for item in items if isinstance(item, Provider)]
    others = [item for item in items if not isinstance(item, Provider)]
    feeds = [feed(*records), (Tally("more"), iter(others))]
    build(path, feeds, places_table=places)
    return Register.open(path)


def paid_to(register: Register, org_id: str) -> int:
    assert register.payments is not None
    row = register.row(org_id)
    assert row is not None
    _, cells = register.payments.cells_of(np.array([row]))
    return int(register.payments.pence[cells].sum())


# --- sums ---

PAYEES = st.sampled_from(["Hot Pot Kitchens Ltd", "HOT POT KITCHENS LIMITED", "Beacon Care", ""])
PAYMENTS = st.lists(
    st.builds(
        Payment,
        body=st.sampled_from(["Walsall Council", "Sandwell Council"]),
        payee=PAYEES,
        number=st.just(""),
        department=st.sampled_from(["Adults", "Place"]),
        service=st.just(""),
        category=st.sampled_from(["Meals", "Care", ""]),
        month=st.integers(JANUARY, JANUARY + 3),
        pence=st.integers(-(10**9), 10**9),
        times=st.just(1),
    ),
    min_size=1,
    max_size=40,
)


@given(PAYMENTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cells_add_up_to_the_payments(payments: list[Payment]) -> None:
    intake = PaymentIntake(COUNCILS)
    wanted: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for payment in payments:
        intake.add(payment)
        wanted[payment.body, payment.department, payment.category, payment.month] += payment.pence
    found = intake.finish()
    assert found is not None
    sums: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for purpose, month, pence in zip(found.purpose, found.month, found.pence, strict=True):
        what = found.purposes[purpose]
        body = found.bodies[found.purpose_body[purpose]].name
        sums[body, what.department, what.category, int(month)] += int(pence)
    assert sums == wanted
    assert found.lines == len(payments)


# --- whom they join ---


def test_a_payment_joins_by_name_and_by_number(tmp_path: Path, places_table: Path) -> None:
    register = registered(
        tmp_path / "reg",
        places_table,
        MEALS,
        paid("HOT POT KITCHENS LIMITED", 10),
        paid("A trading name", 20, number="GB-COH-00000001"),
        paid("Someone Else Ltd", 40),
    )
    assert paid_to(register, MEALS.id) == 3000
    totals = register.manifest.payments
    assert totals is not None
    assert (totals.pence, totals.joined_pence, totals.joined_payees) == (7000, 3000, 2)


def test_a_payee_in_no_register_makes_no_provider(tmp_path: Path, places_table: Path) -> None:
    register = registered(tmp_path / "reg", places_table, MEALS, paid("Someone Else Ltd"))
    assert len(register) == 1
    assert register.payments is not None
    assert register.payments.payee_row.tolist() == [NOBODY, NOBODY]


def test_two_organisations_with_the_name_of_a_payee_stay_two(
    tmp_path: Path, places_table: Path
) -> None:
    here = provider("GB-CHC-1", "WS1 1TP", name="Penllergare Valley Woods")
    there = provider("GB-CHC-2", "B1 1BB", name="Penllergare Valley Woods")
    register = registered(tmp_path / "reg", places_table, here, there, paid(here.name))
    assert len(register) == 2


def test_of_two_with_one_name_the_one_near_the_body_was_paid(
    tmp_path: Path, places_table: Path
) -> None:
    near = provider("GB-CHC-1", "WS1 1TP", name="Penllergare Valley Woods")
    far = provider("GB-CHC-2", "BH1 1AA", name="Penllergare Valley Woods")
    register = registered(tmp_path / "reg", places_table, near, far, paid(near.name, 5))
    assert (paid_to(register, near.id), paid_to(register, far.id)) == (500, 0)


def test_the_order_of_the_files_changes_nothing(tmp_path: Path, places_table: Path) -> None:
    items = [MEALS, paid("HOT POT KITCHENS LIMITED"), paid("Hot Pot Kitchens Ltd", 7)]
    one = registered(tmp_path / "a", places_table, *items)
    other = registered(tmp_path / "b", places_table, items[0], items[2], items[1])
    assert paid_to(one, MEALS.id) == paid_to(other, MEALS.id) == 1700


# --- time ---


def test_a_register_before_a_day_knows_only_earlier_months(
    tmp_path: Path, places_table: Path
) -> None:
    register = registered(
        tmp_path / "reg", places_table, MEALS, paid(MEALS.name, 1), paid(MEALS.name, 2, month=24312)
    )
    assert paid_to(register, MEALS.id) == 300
    assert paid_to(register.before(date(2026, 1, 31)), MEALS.id) == 0
    assert paid_to(register.before(date(2026, 2, 1)), MEALS.id) == 300 - 200 * (JANUARY < 24312)


# --- sizes ---


@pytest.mark.parametrize("said", [Size.UNKNOWN, Size.SMALL])
def test_an_employer_of_250_is_large_whatever_is_said(
    tmp_path: Path, places_table: Path, said: Size
) -> None:
    small = provider("GB-COH-00000001", "WS2 8RR", name="Hot Pot Kitchens Ltd", size=said)
    employer = provider("GB-COH-00000001", name="HOT POT", tags=(f"250–499 staff{STAFF}",))
    register = registered(tmp_path / "reg", places_table, small, Remark(employer))
    assert register.organisations[0].provider.size is Size.LARGE


def test_an_employer_in_no_register_makes_no_provider(tmp_path: Path, places_table: Path) -> None:
    employer = provider("GB-COH-00000009", name="Elsewhere plc", tags=(f"500 staff{STAFF}",))
    assert len(registered(tmp_path / "reg", places_table, MEALS, Remark(employer))) == 1


# --- suppression ---


def test_a_suppressed_payee_has_no_name_now_or_after_a_build(
    tmp_path: Path, places_table: Path
) -> None:
    path = tmp_path / "reg"
    items = (MEALS, provider("GB-CHC-1", "WS1 1TP"), paid("HOT POT KITCHENS LIMITED", 10))
    registered(path, places_table, *items)
    suppress(path, MEALS.id)
    for register in (Register.open(path), registered(path, places_table, *items)):
        assert register.payments is not None
        assert "hot pot" not in " ".join(p.name.lower() for p in register.payments.payees)
        assert register.payments.payee.tolist() == [LEFT_OUT]
        assert register.payments.pence.tolist() == [1000]
        content = b"".join(p.read_bytes() for p in register.folder.rglob("*") if p.is_file())
        assert b"hot pot" not in content.lower()


@pytest.mark.parametrize("when", ["paid before and not joined", "paid later"])
def test_a_payee_that_is_known_by_the_rare_name_of_a_suppressed_organisation_has_no_name(
    tmp_path: Path, places_table: Path, when: str
) -> None:
    """Its payments joined nobody, and yet a place's page would show whom most was paid to."""
    path, other = tmp_path / "reg", provider("GB-CHC-1", "WS1 1TP")
    rare = provider("GB-COH-00000001", name="Quillfeather Weavers Ltd")
    late = paid("QUILLFEATHER WEAVERS LIMITED", 10), paid("Beacon Quarries", 5)
    registered(path, places_table, rare, other, *(late if "before" in when else ()))
    suppress(path, rare.id)
    again = registered(path, places_table, other, *late)
    for register in (again, *([Register.open(path)] if "before" in when else [])):
        assert register.payments is not None
        assert [p.name for p in register.payments.payees if p.name] == ["Beacon Quarries"]
        assert sorted(register.payments.pence.tolist()) == [500, 1000]


def test_a_payee_of_a_rare_name_that_another_has_too_keeps_it(
    tmp_path: Path, places_table: Path
) -> None:
    path, name = tmp_path / "reg", "Quillfeather Weavers Ltd"
    asks, other = (provider(f"GB-COH-0000000{n}", f"WS{n} 1TP", name=name) for n in (1, 2))
    registered(path, places_table, asks, other, paid(name, 10))
    suppress(path, asks.id)
    again = registered(path, places_table, asks, other, paid(name, 10))
    for register in (Register.open(path), again):
        assert register.payments is not None
        assert [p.name for p in register.payments.payees if p.name] == [name]


def test_a_payee_with_the_number_of_another_keeps_its_name(
    tmp_path: Path, places_table: Path
) -> None:
    path, other = tmp_path / "reg", provider("GB-CHC-1", "WS1 1TP")
    rare = provider("GB-COH-00000001", name="Quillfeather Weavers Ltd")
    registered(path, places_table, rare, other)
    suppress(path, rare.id)
    numbered = paid(rare.name, 10, number="GB-COH-00000002")
    register = registered(path, places_table, other, numbered)
    assert register.payments is not None
    assert [p.name for p in register.payments.payees if p.name] == [rare.name]
