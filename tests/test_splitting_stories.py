"""User stories 5 and 6: splits side by side, and consortia, on the fictional and on real data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from matcher.lotting.types import NO_SPLIT
from tests.factory import SHARED, needs_shared

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, example_register: Path
) -> Iterator[TestClient]:
    """The service over the fictional example register, with the bundle that ships."""
    records = tmp_path_factory.mktemp("stories") / "records.sqlite"
    settings = Settings(example_register, records=str(records))
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        yield client


def post(client: TestClient, path: str, body: object) -> Any:
    posted = client.post(path, json=body)
    assert posted.status_code == 200, posted.text
    return posted.json()


# --- story 5: a tool compares three splits of one need ---


def test_story_5_three_splits_of_one_need_are_compared_in_one_call(client: TestClient) -> None:
    request = example("splits.json")
    found = post(client, "/v1/splits", request)["compared"]
    assert set(found["splits"]) == {NO_SPLIT, *request["splits"]}
    assert len(request["splits"]) == 3
    for name, split in found["splits"].items():
        markets = [found["markets"][lot["market"]] for lot in split["lots"]]
        most = max(market["depth"]["credible"]["number"] for market in markets)
        every = sum(market["depth"]["credible"]["number"] for market in markets)
        distinct = split["reach"]["credible"]["number"]
        assert most <= distinct <= every
        assert split["bidders_a_lot"] == round(distinct / len(markets), 2)
        thin = {
            lot["id"]
            for lot, market in zip(split["lots"], markets, strict=True)
            if market["depth"]["credible"]["number"] < found["terms"]["fewest"]
        }
        assert set(split["thin"]) == thin, name
        for market in markets:
            fit, depth = market["fit"], market["depth"]
            parts = ("fits", "too_small", "unknown")
            assert sum(fit[part]["number"] for part in parts) == depth["credible"]["number"]
            assert {"hhi", "winners", "awards"} <= set(market["concentration"])


def test_story_5_whole_value_is_shown_and_splitting_does_not_lower_it(
    client: TestClient,
) -> None:
    """Five lots of £639,600 together: each is under £207,720, and the whole is over."""
    found = post(client, "/v1/splits", {"need": example("notice.json")})["compared"]
    assert found["whole"]["value"] == 639_600
    assert found["whole"]["threshold"] == 207_720
    assert found["whole"]["over"] is True
    assert found["splits"]["as given"]["alone_below"] == 5
    assert any("must not be split" in warning for warning in found["whole"]["warnings"])


def test_story_5_no_lot_is_promised_to_a_small_provider(client: TestClient) -> None:
    answer = post(client, "/v1/splits/suggest", {"need": example("need.json")})
    text = json.dumps(answer)
    assert "only for lots of up to 25,000 euros" in text
    assert "This does not mean that they would bid or win" in text or "Not splitting" in text


@needs_shared
def test_story_5_real_tenders_with_lots_are_compared_and_suggested(client: TestClient) -> None:
    """Few providers of this register are near these tenders, but each tender gets an answer."""
    path = SHARED / "fixtures" / "devolved-tenders" / "tenders-with-lots.jsonl"
    tenders = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    several = [tender for tender in tenders if 1 < len(tender["lots"]) <= 12][:12]
    assert len(several) == 12
    for tender in several:
        answer = post(client, "/v1/splits/suggest", {"need": tender})
        found = answer["compared"]
        assert found["splits"]["as given"]["number"] == len(tender["lots"])
        assert found["need"]["title"]
        assert found["whole"]["threshold"] is None  # Scotland and Wales have their own
        assert answer["suggested"]["verdict"]


# --- story 6: a tool looks for providers that cover a wide lot together ---


def covered(members: list[Any]) -> set[tuple[str, str]]:
    return {(cover["part"], cover["place"]) for member in members for cover in member["covers"]}


WIDE = {
    "lot": {
        "title": "Support for older people to stay well at home",
        "area": "Walsall",
        "value": 240_000,
        "years": 3,
        "buyer": "Wallbrook Borough Council (fictional)",
        "day": "2026-09-21",
    },
    "needs": [
        "Minibuses with a tail lift to day centres and lunch clubs",
        "Day club for older people with a cooked midday meal",
    ],
}


def test_story_6_each_set_covers_every_need_without_redundant_members(
    client: TestClient,
) -> None:
    found = post(client, "/v1/consortia", WIDE)
    needs = set(product(WIDE["needs"], ["Walsall"]))
    assert {(need["part"], need["place"]) for need in found["needs"]} == needs
    assert found["sets"]
    for consortium in found["sets"]:
        members = consortium["members"]
        assert 2 <= len(members) <= 5
        assert covered(members) == needs
        for member in members:
            others = [other for other in members if other["id"] != member["id"]]
            assert covered(others) < needs
