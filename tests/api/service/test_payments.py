"""What public bodies paid one provider, by body."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.service.register import PaidBy, paid_to
from matcher.core.types import Payment, Tally
from matcher.register.build.build import build
from matcher.register.register import Register
from tests.factory import provider
from tests.registers import feed

MEALS = provider("GB-COH-00000001", "WS2 8RR", name="Hot Pot Kitchens Ltd")
OTHER = provider("GB-COH-00000002", "WS1 1TP", name="Quiet Gardens Ltd")
JANUARY = 2026 * 12


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Register:
    base = Payment("Walsall Council", MEALS.name, "", "Adults", "", "Hot meals", JANUARY, 120_050)
    payments = [
        base,
        base._replace(month=JANUARY + 2, pence=30_000, times=2, category="Catering"),
        base._replace(body="Sandwell Council", pence=500_000, category=""),
    ]
    path = tmp_path_factory.mktemp("paid") / "reg"
    build(path, [feed(MEALS, OTHER), (Tally("spend"), iter(payments))], places_table=places_table)
    return Register.open(path)


def row(register: Register, id_: str) -> int:
    found = register.row(id_)
    assert found is not None
    return found


def test_each_body_is_told_with_its_sum_its_months_and_its_purposes(register: Register) -> None:
    assert paid_to(register, row(register, MEALS.id)) == [
        PaidBy("Sandwell Council", 5_000.0, 1, "January 2026", "January 2026", ()),
        PaidBy("Walsall Council", 1_500.5, 3, "January 2026", "March 2026",
               ("Hot meals", "Catering")),
    ]  # fmt: skip


def test_a_provider_that_nobody_paid_has_none(register: Register) -> None:
    assert paid_to(register, row(register, OTHER.id)) == []
