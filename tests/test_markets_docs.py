"""docs/markets.md does not lie: its question and figures are the product's own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from matcher.market.criteria import MarketCriteria
from tests.registers import calibrated
from tests.services import served

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "markets.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> dict[str, Any]:
    """What the service answers to the question of the page."""
    (question,) = re.findall(r"-d '(\{.*?\})'", TEXT, re.DOTALL)
    bundle = calibrated(tmp_path_factory.mktemp("bundle") / "calibrated")
    folder = tmp_path_factory.mktemp("service")
    with served(folder, places_table, bundle=str(bundle)) as client:
        paths = set(client.get("/openapi.json").json()["paths"])
        posted = client.post("/v1/markets", json=json.loads(question))
    assert set(re.findall(r"`(?:GET |POST )(/v1/[^`]*)", TEXT)) <= paths
    assert posted.status_code == 200, posted.text
    told: dict[str, Any] = posted.json()
    return told


def test_the_question_is_answered_with_every_figure_of_the_table(answer: dict[str, Any]) -> None:
    assert set(answer) == {"markets", "together"}
    first, second = answer["markets"]
    assert first["problem"] is second["problem"] is None
    market = first["market"]
    named = re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE)
    words = [word for cell in named for word in re.findall(r"`(\S+?)`", cell)]
    known = {*market, *market["depth"], *market["depth"]["credible"], *answer}
    assert len(words) >= 15
    for word in words:
        whole = word.removeprefix("depth.").removeprefix("…")
        assert any(one == whole or one.endswith(whole) for one in known), word


def test_the_usual_terms_are_those_of_the_code() -> None:
    usual = MarketCriteria()
    assert f"(`--floor`, default {usual.floor:g})" in TEXT
    assert usual.value_to_income == 0.5
    assert "at most half of the provider's income" in TEXT
    assert usual.fewest == 3
    assert "fewer than three are credible" in TEXT
