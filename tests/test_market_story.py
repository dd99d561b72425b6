"""User story 5, the market of each lot: over HTTP, on the fictional register and on real data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from tests.factory import SHARED, needs_shared

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SPLITS = {
    "no split": ["Home care and day care"],
    "by place": ["Home care, north - Walsall", "Home care, south - Sandwell"],
    "by service": ["Home care, north - Walsall", "Day care"],
}
FIELDS = {
    "cpv": ["85312000"],
    "value": 300_000,
    "years": 3,
    "postcode": "WS1 1NG",
    "buyer": "Wallbrook Borough Council (fictional)",
    "day": "2026-09-21",
}


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, example_register: Path
) -> Iterator[TestClient]:
    """The service over the fictional example register, with the bundle that ships."""
    records = tmp_path_factory.mktemp("story") / "records.sqlite"
    settings = Settings(example_register, records=str(records))
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        yield client


def ask(client: TestClient, lots: list[Any], **fields: Any) -> dict[str, Any]:
    posted = client.post("/v1/markets", json={"lots": lots, **fields})
    assert posted.status_code == 200, posted.text
    told: dict[str, Any] = posted.json()
    return told


def test_story_5_three_candidate_splits_are_assessed_in_one_call(client: TestClient) -> None:
    lots = [{**FIELDS, "title": title} for split in SPLITS.values() for title in split]
    told = ask(client, lots)
    found = [line["market"] for line in told["markets"]]
    assert [one["title"] for one in found] == [lot["title"] for lot in lots]
    for one in found:
        depth, fit, past = one["depth"], one["fit"], one["concentration"]
        credible = depth["credible"]
        # providers above the floor, and those within the cap of value to income
        assert credible["number"] > 0
        assert fit["annual"] == 100_000
        parts = [fit[part]["number"] for part in ("fits", "too_small", "unknown")]
        assert sum(parts) == credible["number"]
        # concentration, with its counts
        assert past["awards"] > 0
        assert 0 < past["hhi"] <= 10_000
        # lots under three are flagged
        assert one["thin"] is (credible["number"] < 3)
        # no part is larger than the whole, and each has an interval
        for part in depth.values():
            assert part["number"] <= credible["number"]
            assert part["low"] <= part["high"] <= part["number"]
        assert one["value"] == 300_000
    # identical lots across splits have identical answers
    assert found[1] == found[3]
    # bidders ÷ lots
    whole = told["together"]
    assert whole["lots"] == 5
    assert whole["providers_a_lot"] == round(whole["providers"]["number"] / 5, 2)


@needs_shared
def test_story_5_real_tenders_with_lots_are_assessed(client: TestClient) -> None:
    path = SHARED / "fixtures" / "devolved-tenders" / "tenders-with-lots.jsonl"
    tenders = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    several = [one for one in tenders if len(one.get("tender", one).get("lots", [])) > 1][:12]
    told = ask(client, several, fewest=3)
    markets = [line["market"] for line in told["markets"]]
    assert len(markets) > 24
    assert all(markets)
    assert {line["at"] for line in told["markets"]} == set(range(len(several)))
    assert told["together"]["lots"] == len(markets)
