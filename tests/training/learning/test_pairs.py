"""The pairs of texts that an encoder learns from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from matcher.register.register import Register
from tests.encoders import tiny
from tests.factory import award, lot, provider
from tests.history import items
from tests.registers import registered
from tests.training.conftest import silent
from training.learning.pairs import Pairs, pairs

MIDDLE = date(2025, 5, 1)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Register:
    path = tmp_path_factory.mktemp("history") / "reg"
    return registered(path, places_table, *items(120), trust_ids=True)


def texts_of(found: Pairs) -> set[tuple[str, str]]:
    sides = zip(found.left.tolist(), found.right.tolist(), strict=True)
    return {(found.texts[a], found.texts[b]) for a, b in sides}


def test_a_lot_is_paired_with_its_winner_and_with_that_winners_other_lots(
    tmp_path: Path, places_table: Path
) -> None:
    roofer = provider("A", "WS1 1TP", name="Zebedee Roofing Ltd", profile="We lay slates.", tags=())
    roofs = lot(id="1", title="Roof repairs", description="Slates at schools.", cpv=())
    gutters = lot(id="2", title="Gutter clearance", description="", cpv=())
    register = registered(
        tmp_path / "reg",
        places_table,
        roofer,
        award("1", roofer, lot=roofs),
        award("2", roofer, lot=gutters),
        trust_ids=True,
    )
    found = texts_of(pairs(register, tiny(), 0, silent))
    assert found == {
        ("we lay slates.", "zebedee roofing"),
        ("roof repairs. slates at schools.", "zebedee roofing"),
        ("gutter clearance", "zebedee roofing"),
        ("roof repairs", "zebedee roofing. gutter clearance"),
        ("gutter clearance", "zebedee roofing. roof repairs"),
        ("roof repairs", "gutter clearance"),
        ("gutter clearance", "roof repairs"),
    }


def test_lots_of_one_series_are_never_the_two_sides(tmp_path: Path, places_table: Path) -> None:
    roofer = provider("A", "WS1 1TP", name="Zebedee Roofing Ltd", profile="", tags=())
    same = [lot(id=str(n), title="Roof repairs", description="", cpv=()) for n in (1, 2)]
    awards = [award(one.id, roofer, lot=one) for one in same]
    register = registered(tmp_path / "reg", places_table, roofer, *awards, trust_ids=True)
    found = texts_of(pairs(register, tiny(), 0, silent))
    assert found == {("roof repairs", "zebedee roofing")}


def test_nothing_is_read_of_an_award_that_is_not_known_yet(history: Register) -> None:
    """The texts of lots awarded later are in no pair."""
    found = pairs(history.before(MIDDLE), tiny(), 0, silent)
    every = "\n".join(found.texts)
    known = history.before(MIDDLE).known_awards
    for number in range(len(history.awards)):
        coined = history.awards[number].lot.title.split(" for ")[1].split()[0].lower()
        assert (coined in every) == (number < known), number


def test_the_same_seed_gives_the_same_pairs(history: Register) -> None:
    one, other = (pairs(history, tiny(), 3, silent) for _ in range(2))
    assert one.texts == other.texts
    assert one.left.tolist() == other.left.tolist()
    assert one.right.tolist() == other.right.tolist()
    assert texts_of(pairs(history, tiny(), 4, silent)) != texts_of(one)


def test_no_text_names_the_place_of_a_lot(history: Register) -> None:
    found = pairs(history, tiny(), 0, silent)
    whole = " ".join(found.texts)
    assert "walsall" not in whole
