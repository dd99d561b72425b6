"""What is known of words beyond one register."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from matcher.geo.postcodes import PostcodeTable
from models.background import Background
from models.errors import BundleError
from tests.factory import award, lot, provider
from training.learning.background import (
    LEAST,
    LEAST_NAMED,
    count,
    place_words,
)

HERE = "WS1 1TP"


def test_it_is_kept_as_it_was(tmp_path: Path) -> None:
    known = Background(10, {"care": 4}, frozenset({"walsal"}))
    known.save(tmp_path / "background.json")
    assert Background.open(tmp_path / "background.json") == known


def test_without_a_file_the_background_is_empty(tmp_path: Path) -> None:
    nothing = Background.open(tmp_path / "background.json")
    assert nothing.weight == 0
    assert nothing.shares(["care"]).tolist() == [0]


@pytest.mark.parametrize(
    "saved",
    [
        "{",
        "[]",
        json.dumps({"documents": 1, "frequency": {"care": 2}, "places": []}),
        '{"documents": 1e999, "frequency": {}, "places": []}',
        json.dumps({"documents": 1, "frequency": {}}),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, saved: str) -> None:
    (tmp_path / "background.json").write_text(saved)
    with pytest.raises(BundleError, match=r"background\.json is damaged"):
        Background.open(tmp_path / "background.json")


def test_a_word_is_counted_once_a_notice_and_rare_ones_are_left_out() -> None:
    often = lot(title="Gritting gritting", description="gritting")
    awards = [award(f"a{i}", provider("S"), lot=often, day=date(2022, 1, 1)) for i in range(LEAST)]
    rare = award("b", provider("S"), lot=lot(title="Falconry"), day=date(2022, 1, 1))
    documents, frequency = count([*awards, rare])
    assert documents == LEAST + 1
    assert frequency == {"grit": LEAST}


def test_a_word_in_names_that_are_close_together_is_a_place(places_table: Path) -> None:
    table = PostcodeTable.open(places_table)
    walsall = [provider(f"W{i}", HERE, name=f"Walsall Thing {i}") for i in range(LEAST_NAMED)]
    spread = [
        provider(f"S{i}", postcode, name="Roofing")
        for i, postcode in enumerate([HERE, "BT1 5GS", "WA1 1AA", "BN1 1AA", "WF1 1AA", "BD1 1AA"])
    ]
    found = place_words([*walsall, *spread], table)
    assert "walsal" in found
    assert "roof" not in found


def test_a_word_of_few_bearers_is_not_learned(places_table: Path) -> None:
    few = [provider(f"W{i}", HERE, name="Smithson") for i in range(LEAST_NAMED - 1)]
    assert place_words(few, PostcodeTable.open(places_table)) == frozenset()
