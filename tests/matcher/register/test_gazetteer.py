"""Finding a place that a lot only names, by the names of providers there."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.ranking.matcher import Matcher
from matcher.register.gazetteer import spot_of_words
from matcher.register.register import Register
from models.background import Background
from tests.factory import lot, provider
from tests.registers import matcher

NONE = Background()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    """Ten providers at Bloxwich with its name, and ten roofers in many places."""
    here = [provider(f"H{i}", "WS1 1TP", name=f"Bloxwich Thing{i}") for i in range(10)]
    codes = ("BT1 5GS", "WA1 1AA", "BN3 3BQ", "WF1 1AA", "BD1 1AA", "BS1 5TR", "WS1 1TP")
    spread = [provider(f"S{i}", codes[i % 7], name=f"Roofing Qq{i}") for i in range(10)]
    folder = tmp_path_factory.mktemp("gazetteer")
    return matcher(folder, places_table, *here, *spread, trust_ids=True)


@pytest.fixture(scope="module")
def register(opened: Matcher) -> Register:
    return opened.register


def test_a_word_in_the_names_of_many_neighbours_is_a_place(register: Register) -> None:
    spot = spot_of_words(register, lot(title="Youth club", description="For Bloxwich."), NONE)
    assert spot is not None
    point = register.postcodes.find("WS1 1TP")
    assert point is not None
    assert (spot.east, spot.north) == (point.east, point.north)
    assert spot.source == "place named in the text: Bloxwich"
    assert spot.council == "", "a place in a text is not evidence of the council"


def test_a_widespread_or_common_word_is_no_place(register: Register) -> None:
    assert spot_of_words(register, lot(title="Roofing", description=""), NONE) is None
    common = Background(100, {"bloxwich": 50})
    youth_club = lot(title="Youth club", description="For Bloxwich.", buyer="")
    assert spot_of_words(register, youth_club, common) is None


def test_the_text_of_the_lot_comes_before_the_name_of_its_buyer(register: Register) -> None:
    spot = spot_of_words(register, lot(title="Youth club", buyer="Bloxwich Parish"), NONE)
    assert spot is not None
    assert spot.source.endswith("Bloxwich")
    elsewhere = lot(title="Youth club in Bradford", buyer="Bloxwich Parish")
    other = spot_of_words(register, elsewhere, NONE)
    assert other is not None
    assert "Bradford" in other.source


def test_a_postcode_comes_before_a_place_in_the_text(opened: Matcher) -> None:
    with_postcode = opened.place(lot(title="Youth club in Bloxwich", postcode="BS1 5TR"))
    assert with_postcode.source == "delivery postcode BS1 5TR"
    without = opened.place(lot(title="Youth club in Bloxwich", postcode=""))
    assert without.source == "place named in the text: Bloxwich"
    assert opened.place(lot(title="Youth club", postcode="")).spot is None
