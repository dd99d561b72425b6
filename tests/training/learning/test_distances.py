"""How far suppliers come, as a register of a few awards tells it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.core.cpv import code_prefixes
from matcher.core.types import Award, Provider
from matcher.register.register import Register
from models.distances import EDGES_KM, Distances
from tests.factory import award, lot, provider
from tests.registers import line_of_places, registered
from training.learning.distances import learn

HERE, FAR = "WS1 1AA", "WS1 1AB"
FAR_KM = 80.0
NEAR_BAND, FAR_BAND = 0, sum(edge <= FAR_KM for edge in EDGES_KM)


def _learned(path: Path, *given: Provider | Award) -> Distances:
    places = line_of_places(path / "places", 0, int(FAR_KM * 1000))
    register: Register = registered(path / "reg", places, *given, trust_ids=True)
    codes = [tuple(code_prefixes(one.lot.cpv)) for one in register.awards]
    return learn(register, codes, seed=0)


def _won(id_: str, who: Provider, cpv: str) -> Award:
    return award(id_, who, lot=lot(id=id_, title=id_, postcode=HERE, cpv=(cpv,)))


NEARBY, AWAY = provider("NEAR", HERE, name="Qq"), provider("AWAY", FAR, name="Zz")


def _mixed(near: int, far: int, cpv: str, start: int = 0) -> list[Award]:
    who = [NEARBY] * near + [AWAY] * far
    return [_won(f"w{cpv}{start + i}", one, cpv) for i, one in enumerate(who)]


def test_near_is_likelier_only_where_winners_are_near(tmp_path: Path) -> None:
    given = [*_mixed(60, 0, "45000000"), *_mixed(0, 60, "90000000")]
    table = _learned(tmp_path, *given)
    assert table.bands(("45",))[NEAR_BAND] > table.bands(())[NEAR_BAND]
    assert table.bands(("90",))[FAR_BAND] > table.bands(())[FAR_BAND]
    assert table.bands(("45",))[FAR_BAND] < table.bands(("90",))[FAR_BAND]


@pytest.mark.parametrize("own", [1, 10, 100])
def test_a_category_with_few_awards_is_closer_to_the_wider_one(own: int, tmp_path: Path) -> None:
    """Twenty winners stand for the wider category."""
    given = [*_mixed(0, 200, "45000000"), *_mixed(own, 0, "45200000")]
    table = _learned(tmp_path, *given)
    chance = _chance()
    wider, narrow = (np.exp(np.array(table.ratios[code])) * chance for code in ("45", "452"))
    expected = (own * (np.arange(len(chance)) == NEAR_BAND) + 20 * wider) / (own + 20)
    assert narrow == pytest.approx(expected, abs=2e-3)
    assert wider.sum() == pytest.approx(1, abs=1e-2)


def _chance() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How pairs of any award and any supplier lie: half here, half far, each band one more."""
    draws = 200_000
    counts = np.ones(len(EDGES_KM) + 1)
    counts[[NEAR_BAND, FAR_BAND]] += draws / 2
    return counts / counts.sum()


def test_only_categories_up_to_four_digits_are_told_apart(tmp_path: Path) -> None:
    table = _learned(tmp_path, *_mixed(3, 3, "45261210"))
    assert set(table.ratios) == {"", "45", "452", "4526"}
    assert Distances.from_json(table.to_json()) == table


def test_joint_winners_share_one_count(tmp_path: Path) -> None:
    wanted = lot(id="j", title="j", postcode=HERE, cpv=("45000000",))
    joint = [award(f"j{i}", NEARBY, AWAY, lot=wanted) for i in range(10)]
    alone = [*_mixed(5, 5, "45000000")]
    assert _learned(tmp_path / "a", *joint).ratios["45"] == pytest.approx(
        _learned(tmp_path / "b", *alone).ratios["45"], abs=0.02
    )


def test_without_known_places_nothing_is_learned(tmp_path: Path) -> None:
    nowhere = award("n", provider("N", name="Qq"), lot=lot(id="n", postcode="", cpv=("45000000",)))
    assert _learned(tmp_path, nowhere) == Distances()
