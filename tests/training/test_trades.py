"""What suppliers are called, as a register of a few awards tells it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.need import code_prefixes
from matcher.types import Award, Provider
from models.trades import Trades
from tests.factory import award, lot, provider
from tests.registers import line_of_places, registered
from training.trades import learn

CABS, ROOFS = "60120000", "45261000"
HERE = "WS1 1AA"
LEAST = 3


def _named(prefix: str, name: str, many: int) -> list[Provider]:
    return [provider(f"{prefix}{i}", HERE, name=f"Q{chr(97 + i)}x {name}") for i in range(many)]


def _won(who: list[Provider], cpv: str) -> list[Award]:
    return [
        award(f"{cpv}{one.id}", one, lot=lot(id=f"{cpv}{one.id}", title=one.id, cpv=(cpv,)))
        for one in who
    ]


def _learned(path: Path, *given: Provider | Award, places: frozenset[str] = frozenset()) -> Trades:
    table = line_of_places(path / "places", 0)
    register = registered(path / "reg", table, *given, trust_ids=True)
    codes = [tuple(code_prefixes(one.lot.cpv)) for one in register.awards]
    offers = [((one.provider.name,), {}) for one in register.organisations]
    return learn(register, codes, offers, places, LEAST)


def test_winners_of_a_code_are_called_otherwise_than_others(tmp_path: Path) -> None:
    cabs, roofs = _named("C", "Cabs", 12), _named("R", "Roofing", 12)
    table = _learned(tmp_path, *_won(cabs, CABS), *_won(roofs, ROOFS))
    assert set(table.stems(code_prefixes((CABS,)))) == {"cab"}
    assert set(table.stems(code_prefixes((ROOFS,)))) == {"roof"}


def test_the_ratio_is_that_of_winners_to_all_leaning_on_the_wider(tmp_path: Path) -> None:
    """Twelve of 24 are called cabs; four winners stand for what the wider category holds."""
    cabs, roofs = _named("C", "Cabs", 12), _named("R", "Roofing", 12)
    table = _learned(tmp_path, *_won(cabs, CABS), *_won(roofs, ROOFS))
    share = 0.5
    for code in ("60", "601", "6012"):
        share = (12 + 4 * share) / 16
        assert table.ratios[code]["cab"] == pytest.approx(np.log(share / 0.5), abs=1e-3)


def test_joint_winners_count_less(tmp_path: Path) -> None:
    """Three contracts of nine weigh as nine winners, not as 27."""
    cabs, roofs = _named("C", "Cabs", 9), _named("R", "Roofing", 9)
    joint = [award(i, *cabs, lot=lot(id=i, title=i, cpv=(CABS,))) for i in "JKL"]
    table = _learned(tmp_path, *joint, *_won(roofs, ROOFS))
    share = (9 + 4 * 0.5) / (9 + 4)
    assert table.ratios["60"]["cab"] == pytest.approx(np.log(share / 0.5), abs=1e-3)


def test_a_code_of_few_winners_has_no_words_of_its_own(tmp_path: Path) -> None:
    cabs, roofs = _named("C", "Cabs", 4), _named("R", "Roofing", 12)
    table = _learned(tmp_path, *_won(cabs, CABS), *_won(roofs, ROOFS))
    assert not [code for code in table.ratios if code.startswith("60")]


def test_neither_a_name_of_its_own_nor_a_place_is_learned(tmp_path: Path) -> None:
    cabs, roofs = _named("C", "Walsall Cabs", 12), _named("R", "Roofing", 12)
    places = frozenset({"walsal"})
    table = _learned(tmp_path, *_won(cabs, CABS), *_won(roofs, ROOFS), places=places)
    every = {stem for row in table.ratios.values() for stem in row}
    assert every == {"cab", "roof"}
