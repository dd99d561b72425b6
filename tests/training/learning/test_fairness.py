"""What is reported of new entrants, on a register where who is new is known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from matcher.core.types import Lot
from matcher.register.register import Register
from models.calibrated_ranker import Calibration
from tests.factory import award, lot, provider
from tests.registers import registered
from training.learning.calibration import calibrate, credible_mask
from training.learning.examples import Ranked, TrainingWindow
from training.learning.fairness import MOST_COST, exposure, new_winners

OLD, NEW = provider("OLD", "WS1 1TP", name="Qq"), provider("NEW", "BS1 5TR", name="Zz")
JUNE = TrainingWindow(date(2025, 6, 1), date(2025, 7, 1))


def _lot(id_: str, cpv: str = "45260000", postcode: str = "WS1 1TP") -> Lot:
    return lot(id=id_, title=id_, cpv=(cpv,), postcode=postcode)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Register:
    """One award that is known, then in June one to the old, one to the new, one to both."""
    given = [award("a", OLD, lot=_lot("a"), day=date(2025, 1, 1))]
    for day, who in ((3, (OLD,)), (4, (NEW,)), (5, (OLD, NEW))):
        given.append(award(f"j{day}", *who, lot=_lot(f"j{day}"), day=date(2025, 6, day)))
    other = _lot("o", "90000000")
    given.append(award("o", NEW, lot=other, day=date(2025, 6, 6)))
    return registered(tmp_path_factory.mktemp("new"), places_table, *given, trust_ids=True)


def _answers(register: Register, gap: float = 0.05) -> list[Ranked]:
    """Each lot of June answered with the old first and the new just behind."""
    rows = [register.row(id_) for id_ in ("OLD", "NEW")]
    scores, new = np.array([1.0, 1.0 - gap]), np.array([False, True])
    return [Ranked(number, np.array(rows), scores, new) for number in range(1, 5)]


def test_the_share_of_awards_that_the_new_won(register: Register) -> None:
    assert new_winners(register, _answers(register), 1) == pytest.approx((0 + 1 + 0.5 + 1) / 4)
    assert new_winners(register, _answers(register), 5) == 0
    assert new_winners(register, [], 1) == 0


def test_the_setting_that_is_kept_costs_next_to_nothing(register: Register) -> None:
    kept, report = exposure(register, _answers(register), 1)
    assert kept.share == report["share of awards won by the new"] == 0.625
    assert kept.margin == report["kept margin"]
    rows = {row["margin"]: row["Success@10"][0] for row in report["settings"]}
    assert rows[0.0] - rows[kept.margin] <= MOST_COST
    assert report["share of candidates that are new"] == 0.5


def test_a_credible_supplier_won_the_like_in_the_window_and_near_where_place_counts(
    register: Register,
) -> None:
    first = _answers(register)[0]
    assert credible_mask(register, JUNE, first, by_place=False).tolist() == [True, True]
    assert credible_mask(register, JUNE, first, by_place=True).tolist() == [True, True]
    early = TrainingWindow(date(2025, 6, 1), date(2025, 6, 4))
    assert credible_mask(register, early, first, by_place=False).tolist() == [True, False]
    other = _answers(register)[-1]
    assert credible_mask(register, JUNE, other, by_place=False).tolist() == [False, True]


def test_a_calibration_is_tested_on_other_days_than_it_was_learned_on(register: Register) -> None:
    curve, report = calibrate(register, JUNE, _answers(register), by_place=True)
    assert isinstance(curve, Calibration)
    assert report["candidates"] == 4, "of two lots out of four"
    assert 0 <= report["brier"] <= 1
    assert sum(row["candidates"] for row in report["bins"]) == report["candidates"]
