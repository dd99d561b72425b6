"""How thick winners lie around a candidate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.core.types import Award, Provider
from matcher.ranking.features.place import NEAR_KM, winner_density
from matcher.register.register import Register
from tests.factory import award, lot, provider
from tests.registers import line_of_places, registered

HERE, NEAR, FAR = "WS1 1AA", "WS1 1AB", "WS1 1AC"
A, B, C = provider("A", HERE, name="Aa"), provider("B", NEAR, name="Bb"), provider("C", FAR)
NOWHERE = provider("N", name="Nowhere")


def _register(path: Path, *items: Provider | Award) -> Register:
    places = line_of_places(path / "places", 0, int(NEAR_KM * 1000), int(NEAR_KM * 3000))
    return registered(path / "reg", places, *items, trust_ids=True)


def _won(id_: str, *who: Provider) -> Award:
    return award(id_, *who, lot=lot(id=id_, title=id_))


def _around(register: Register, alike: dict[str, float], sharpness: int = 1) -> dict[str, float]:
    """Provider id → how thick winners lie around it; `alike` by award id."""
    ids = [one.provider.id for one in register.organisations]
    known = {register.awards[n].id: n for n in range(register.known_awards)}
    values = np.zeros(register.known_awards, np.float32)
    for id_, value in alike.items():
        values[known[id_]] = value
    found = winner_density(register, np.arange(len(ids)), values, sharpness)
    return dict(zip(ids, found.tolist(), strict=True))


def test_winner_counts_fully_at_its_place_and_half_at_eight_kilometres(tmp_path: Path) -> None:
    found = _around(_register(tmp_path, _won("1", A), B, C), {"1": 0.7})
    assert found["A"] == pytest.approx(1)
    assert found["B"] == pytest.approx(1 / 2)
    assert found["C"] == pytest.approx(1 / 10)


def test_contracts_are_weighted_by_sharpened_similarity(tmp_path: Path) -> None:
    register = _register(tmp_path, _won("1", A), _won("2", C), B)
    found = _around(register, {"1": 0.8, "2": 0.4}, sharpness=2)
    assert found["A"] == pytest.approx((1 + 0.25 / 10) / 1.25)
    assert found["C"] == pytest.approx((1 / 10 + 0.25) / 1.25)


def test_joint_winners_share_the_weight_of_their_contract(tmp_path: Path) -> None:
    register = _register(tmp_path, _won("1", A, C), _won("2", A), B)
    found = _around(register, {"1": 0.5, "2": 0.5})
    assert found["C"] == pytest.approx((0.5 + 1.5 / 10) / 2)


def test_unknown_places_count_for_nothing(tmp_path: Path) -> None:
    register = _register(tmp_path, _won("1", NOWHERE), _won("2", A), B, C)
    found = _around(register, {"1": 0.5, "2": 0.5})
    assert found["N"] == 0
    assert found["A"] == pytest.approx(0.5)
    assert set(_around(register, {"1": 0.5}).values()) == {0}


def test_density_is_zero_without_awards(tmp_path: Path) -> None:
    assert set(_around(_register(tmp_path, _won("1", A), B), {}).values()) == {0}
