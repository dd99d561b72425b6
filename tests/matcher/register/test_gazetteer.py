"""A place that a lot only names, found by the providers that carry its name."""

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
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    """Ten at Bloxwich that say so, and ten roofers all over."""
    here = [provider(f"H{i}", "WS1 1TP", name=f"Bloxwich Thing{i}") for i in range(10)]
    codes = ("BT1 5GS", "WA1 1AA", "BN3 3BQ", "WF1 1AA", "BD1 1AA", "BS1 5TR", "WS1 1TP")
    spread = [provider(f"S{i}", codes[i % 7], name=f"Roofing Qq{i}") for i in range(10)]
    folder = tmp_path_factory.mktemp("gazetteer")
    return matcher(folder, places_table, *here, *spread, trust_ids=True)


@pytest.fixture(scope="module")
def register(one: Matcher) -> Register:
    return one.register


def test_a_name_that_many_near_each_other_carry_is_a_place(register: Register) -> None:
    spot = spot_of_words(register, lot(title="Youth club", description="For Bloxwich."), NONE)
    assert spot is not None
    there = register.postcodes.find("WS1 1TP")
    assert there is not None
    assert (spot.east, spot.north) == (there.east, there.north)
    assert spot.source == "place named in the text: Bloxwich"
    assert spot.council == "", "what a text lets fall says nothing of the law"


def test_what_is_carried_all_over_or_is_common_in_notices_is_none(register: Register) -> None:
    assert spot_of_words(register, lot(title="Roofing", description=""), NONE) is None
    common = Background(100, {"bloxwich": 50})
    asked = lot(title="Youth club", description="For Bloxwich.", buyer="")
    assert spot_of_words(register, asked, common) is None


def test_the_words_of_the_lot_come_before_the_name_of_its_buyer(register: Register) -> None:
    asked = lot(title="Youth club", buyer="Bloxwich Parish")
    spot = spot_of_words(register, asked, NONE)
    assert spot is not None
    assert spot.source.endswith("Bloxwich")
    elsewhere = lot(title="Youth club in Bradford", buyer="Bloxwich Parish")
    other = spot_of_words(register, elsewhere, NONE)
    assert other is not None
    assert "Bradford" in other.source


def test_a_lot_that_says_where_it_is_is_not_looked_up(one: Matcher) -> None:
    told = one.place(lot(title="Youth club in Bloxwich", postcode="BS1 5TR"))
    assert told.source == "delivery postcode BS1 5TR"
    only = one.place(lot(title="Youth club in Bloxwich", postcode=""))
    assert only.source == "place named in the text: Bloxwich"
    assert one.place(lot(title="Youth club", postcode="")).spot is None
