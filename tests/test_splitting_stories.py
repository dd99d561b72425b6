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
from matcher.ranking.features.registry import FEATURES
from matcher.register.build.build import BuildOptions, build
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from models.bundle import Bundle
from tests.factory import SHARED, needs_shared

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[TestClient]:
    """The service over the fictional example register, with the bundle that ships."""
    path = tmp_path_factory.mktemp("stories") / "reg"
    feeds = [
        *own_table.read([EXAMPLES / "providers.jsonl"]),
        *ocds.read_awards([EXAMPLES / "awards.ocds.jsonl"]),
    ]
    build(
        path,
        feeds,
        places_table=places_table,
        options=BuildOptions(bundle=Bundle.open("default", FEATURES)),
    )
    with TestClient(create_app(Settings(path)), base_url="http://localhost") as client:
        yield client


def post(client: TestClient, path: str, body: object) -> Any:
    posted = client.post(path, json=body)
    assert posted.status_code == 200, posted.text
    return posted.json()


# --- story 5: a tool lays three splits of one need side by side ---


def test_story_5_three_splits_of_one_need_in_one_call(client: TestClient) -> None:
    asked = example("splits.json")
    found = post(client, "/v1/splits", asked)["compared"]
    assert set(found["splits"]) == {NO_SPLIT, *asked["splits"]}
    assert len(asked["splits"]) == 3
    for name, split in found["splits"].items():
        markets = [found["markets"][lot["market"]] for lot in split["lots"]]
        most = max(one["depth"]["credible"]["number"] for one in markets)
        every = sum(one["depth"]["credible"]["number"] for one in markets)
        distinct = split["reach"]["credible"]["number"]
        assert most <= distinct <= every
        assert split["bidders_a_lot"] == round(distinct / len(markets), 2)
        thin = {
            lot["id"]
            for lot, one in zip(split["lots"], markets, strict=True)
            if one["depth"]["credible"]["number"] < found["terms"]["fewest"]
        }
        assert set(split["thin"]) == thin, name
        for one in markets:
            fit, depth = one["fit"], one["depth"]
            parts = ("fits", "too_small", "unknown")
            assert sum(fit[part]["number"] for part in parts) == depth["credible"]["number"]
            assert {"hhi", "winners", "awards"} <= set(one["concentration"])


def test_story_5_the_same_lot_in_two_splits_has_the_same_answer(client: TestClient) -> None:
    found = post(client, "/v1/splits", example("splits.json"))["compared"]
    by_title: dict[str, set[str]] = {}
    for split in found["splits"].values():
        for lot in split["lots"]:
            by_title.setdefault(lot["title"], set()).add(lot["market"])
    shared = "Advice on debt and welfare benefits: Sandwell"
    assert len(by_title[shared]) == 1
    used = {lot["market"] for split in found["splits"].values() for lot in split["lots"]}
    assert used == set(found["markets"])


def test_story_5_the_whole_value_is_shown_and_splitting_does_not_lessen_it(
    client: TestClient,
) -> None:
    """Five lots of £639,600 together: each is under £207,720, and they are not."""
    found = post(client, "/v1/splits", {"need": example("notice.json")})["compared"]
    assert found["whole"]["value"] == 639_600
    assert found["whole"]["threshold"] == 207_720
    assert found["whole"]["over"] is True
    assert found["splits"]["as given"]["alone_below"] == 5
    assert any("must not be split" in said for said in found["whole"]["warnings"])


def test_story_5_a_lot_is_never_promised_a_small_winner(client: TestClient) -> None:
    answer = post(client, "/v1/splits/suggest", {"need": example("need.json")})
    said = json.dumps(answer)
    assert "only for lots of up to 25,000 euros" in said
    assert "This does not mean that they would bid or win" in said or "Not splitting" in said


def test_story_5_no_split_is_always_weighed(client: TestClient) -> None:
    answer = post(client, "/v1/splits/suggest", {"need": example("need.json")})
    assert NO_SPLIT in [option["name"] for option in answer["suggested"]["options"]]
    assert NO_SPLIT in answer["reasons"]


@needs_shared
def test_story_5_real_tenders_with_lots_are_compared_and_suggested(client: TestClient) -> None:
    """Of this register hardly anybody is near them; each is laid out, and none breaks."""
    path = SHARED / "fixtures" / "devolved-tenders" / "tenders-with-lots.jsonl"
    tenders = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    several = [one for one in tenders if 1 < len(one["lots"]) <= 12][:12]
    assert len(several) == 12
    for tender in several:
        answer = post(client, "/v1/splits/suggest", {"need": tender})
        found = answer["compared"]
        assert found["splits"]["as given"]["number"] == len(tender["lots"])
        assert found["need"]["title"]
        assert found["whole"]["threshold"] is None  # Scotland and Wales have their own
        assert answer["suggested"]["verdict"]


# --- story 6: a tool asks who could cover a wide lot together ---


def covered(members: list[Any]) -> set[tuple[str, str]]:
    return {(one["part"], one["place"]) for member in members for one in member["covers"]}


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


def test_story_6_each_set_covers_every_stated_need_and_nobody_is_redundant(
    client: TestClient,
) -> None:
    found = post(client, "/v1/consortia", WIDE)
    wanted = set(product(WIDE["needs"], ["Walsall"]))
    assert {(one["part"], one["place"]) for one in found["needs"]} == wanted
    assert found["sets"]
    for one in found["sets"]:
        members = one["members"]
        assert 2 <= len(members) <= 5
        assert covered(members) == wanted
        for member in members:
            others = [each for each in members if each["id"] != member["id"]]
            assert covered(others) < wanted


def test_story_6_each_member_fits_the_cap_and_each_claim_has_evidence(client: TestClient) -> None:
    found = post(client, "/v1/consortia", WIDE)
    cap = found["terms"]["value_to_income"]
    for one in found["sets"]:
        for member in one["members"]:
            if member["income"] is not None:
                assert member["annual"] <= cap * member["income"] + 0.02
            assert member["fits"] is not False
            assert all(each["evidence"] for each in member["covers"])


def test_story_6_nobody_is_said_to_have_agreed(client: TestClient) -> None:
    found = post(client, "/v1/consortia", WIDE)
    assert "nobody has agreed" in found["notes"][0]
    for one in found["sets"]:
        assert one["possible_lead"] in {member["id"] for member in one["members"]}
        assert not any(word in one["why_lead"] for word in ("agreed", "will", "leads"))


def test_story_6_removed_and_large_organisations_are_no_members(client: TestClient) -> None:
    """Pendlow Dial-a-Ride is removed from its register; Corvane Mobility is large."""
    found = post(client, "/v1/consortia", {**WIDE, "lot": {**WIDE["lot"], "value": 30_000}})  # type: ignore[dict-item]
    names = {member["name"] for one in found["sets"] for member in one["members"]}
    names |= {one["name"] for one in found["alone"]}
    assert names
    assert not {"Pendlow Dial-a-Ride", "Corvane Mobility plc"} & names
