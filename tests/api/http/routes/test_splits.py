"""Splits and consortia as a lot-splitting tool meets them: asked over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.problems import MEDIA_TYPE
from api.http.schemas.splits import (
    COMPARISONS,
    CONSORTIA,
    SUGGESTIONS,
    AskConsortia,
)
from api.records.entry import Removal
from api.service.splits import SplitService
from matcher.lotting.types import MOST_SPLITS, NO_SPLIT
from matcher.market.criteria import MarketCriteria
from matcher.ranking.request import Request
from tests.services import LOT, served

NEED = {**LOT, "postcode": "", "area": "Walsall, Sandwell", "value": 240_000}


def part(area: str, value: float = 120_000.0, **fields: Any) -> dict[str, Any]:
    return {**NEED, "title": f"{LOT['title']}: {area}", "area": area, "value": value, **fields}


SPLITS: dict[str, Any] = {
    "by council": [part("Walsall"), part("Sandwell")],
    "uneven": [part("Walsall", 40_000.0), part("Sandwell", 200_000.0)],
}


TWICE = {"twice": [part("Walsall", id="1"), part("Sandwell", id="1")]}


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("service")
    with served(folder, places_table, bundle=str(calibrated_bundle)) as client:
        yield client


def ask(client: TestClient, path: str = "/v1/splits", **fields: Any) -> dict[str, Any]:
    given = {"need": NEED, "splits": SPLITS, **fields}
    response = client.post(path, json={key: one for key, one in given.items() if one is not None})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def problem(client: TestClient, path: str, body: object, status: int = 422) -> str:
    response = client.post(path, json=body)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    return str(response.json())


def test_splits_are_compared_with_one_contract(client: TestClient) -> None:
    found = ask(client)["compared"]
    assert set(found["splits"]) == {NO_SPLIT, *SPLITS}
    assert found["splits"]["by council"]["number"] == 2
    assert found["splits"][NO_SPLIT]["against"] is None
    assert found["splits"]["uneven"]["against"] is not None


def test_the_same_request_gives_the_same_bytes_and_is_kept_and_replayed(
    client: TestClient,
) -> None:
    body = {"need": NEED, "splits": SPLITS}
    first, again = (client.post("/v1/splits", json=body) for _ in range(2))
    assert first.content == again.content
    id_ = first.json()["id"]
    assert client.get(f"/v1/splits/{id_}").content == first.content
    assert client.post(f"/v1/splits/{id_}/replay").json()["identical"] is True
    assert client.get("/v1/splits/nothing").status_code == 404


def test_equal_requests_get_the_same_id_on_another_day_where_the_lots_have_days(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated = {name: [{**one, "day": "2026-09-01"} for one in each] for name, each in SPLITS.items()}
    free = {name: [{**one, "day": None} for one in each] for name, each in SPLITS.items()}
    asked = [({**NEED, "day": "2026-09-01"}, dated), ({**NEED, "day": "2026-09-01"}, free)]

    def ids(today: date) -> list[str]:
        context = client.app.state.services.context  # type: ignore[attr-defined]
        later = SplitService(replace(context, today=lambda: today))
        answers = (later.ask(need, ways, Request(), MarketCriteria()) for need, ways in asked)
        return [answer.id for answer in answers]

    one, other = ids(date(2026, 9, 2)), ids(date(2026, 9, 3))
    assert one[0] == other[0]
    assert one[1] != other[1]


def test_the_order_of_splits_gives_the_same_answer(client: TestClient) -> None:
    turned = dict(reversed(SPLITS.items()))
    assert ask(client, splits=turned) == ask(client)


def test_a_need_can_be_left_out_where_there_is_one_split(client: TestClient) -> None:
    found = ask(client, need=None, splits={"mine": SPLITS["by council"]})
    assert found["asked"]["need"]["value"] == 240_000
    said = problem(client, "/v1/splits", {"splits": SPLITS})
    assert "2 splits may be of different needs" in said


def test_a_notice_with_lots_is_a_need_and_a_split_of_it(client: TestClient) -> None:
    found = ask(client, need=COMPARISONS["notice"]["value"]["need"], splits=None)
    assert set(found["compared"]["splits"]) == {NO_SPLIT, "as given"}
    assert found["asked"]["need"]["title"] == "Support close to home (fictional)"
    assert found["compared"]["splits"]["as given"]["number"] == 2


def test_suggestions_rank_ways_and_say_whether_any_is_better(client: TestClient) -> None:
    found = ask(client, "/v1/splits/suggest", splits=None)
    suggested = found["suggested"]
    names = [option["name"] for option in suggested["options"]]
    assert set(names) == set(found["compared"]["splits"]) == set(found["reasons"])
    assert NO_SPLIT in names
    assert "by council" in names
    assert suggested["verdict"]
    assert suggested["split"] is (names[0] != NO_SPLIT)


def test_the_criteria_are_those_of_the_request(client: TestClient) -> None:
    strict = ask(client, fewest=100)["compared"]
    assert strict["splits"]["by council"]["thin"]
    assert strict["terms"]["fewest"] == 100
    rich = ask(client, value_to_income=10)["compared"]["splits"]["by council"]["reach"]
    poor = ask(client, value_to_income=0.01)["compared"]["splits"]["by council"]["reach"]
    assert rich["open"]["number"] >= poor["open"]["number"]
    near = ask(client, area="Birmingham")["compared"]["splits"]["by council"]["reach"]
    assert near["local"]["number"] == 1


def test_a_kept_comparison_names_no_provider(client: TestClient) -> None:
    said = client.post("/v1/splits/suggest", json={"need": NEED, "splits": SPLITS}).text
    assert "Brightside" not in said
    assert "GB-CHC" not in said


def test_consortia_cover_what_is_needed(client: TestClient) -> None:
    body = {"lot": {**NEED, "value": 40_000}, "needs": ["Home care and visits for older people"]}
    found = client.post("/v1/consortia", json=body).json()
    needed = {(one["part"], one["place"]) for one in found["needs"]}
    assert needed == {(body["needs"][0], place) for place in ("Walsall", "Sandwell")}
    assert found["notes"][0].startswith("Nobody named here was asked")
    again = client.post("/v1/consortia", json=body)
    assert again.json() == found


@pytest.mark.parametrize(
    ("path", "example"),
    [
        *(("/v1/splits", one) for one in COMPARISONS.values()),
        *(("/v1/splits/suggest", one) for one in SUGGESTIONS.values()),
        *(("/v1/consortia", one) for one in CONSORTIA.values()),
    ],
)
def test_each_worked_example_is_answered(
    client: TestClient, path: str, example: dict[str, Any]
) -> None:
    response = client.post(path, json=example["value"])
    assert response.status_code == 200, response.text


def test_the_examples_are_those_of_the_description(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path, examples in (
        ("/v1/splits", COMPARISONS),
        ("/v1/splits/suggest", SUGGESTIONS),
        ("/v1/consortia", CONSORTIA),
    ):
        content = paths[path]["post"]["requestBody"]["content"]["application/json"]
        assert content["examples"] == examples


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/v1/splits", {}, "need: is missing"),
        *(
            ("/v1/splits", {"need": empty, "splits": SPLITS}, said)
            for empty, said in (
                ("", "is empty"),
                ([], "not a lot"),
                (0, "not a lot"),
                ({}, "is missing"),
            )
        ),
        ("/v1/splits", {"need": NEED, "splits": {" ": [NEED]}}, "has no name"),
        ("/v1/splits", {"need": NEED, "splits": TWICE}, "splits/twice: id '1' is used twice"),
        ("/v1/splits/suggest", {"need": NEED, "splits": TWICE}, "id '1' is used twice"),
        ("/v1/splits/suggest", {"need": NEED, "splits": {"No split": [NEED]}}, "always compared"),
        ("/v1/splits/suggest", {"need": {**NEED, "value": 1e20}}, "below a trillion"),
        ("/v1/splits", {"need": NEED}, "from 1 to 20"),
        ("/v1/splits/suggest", {}, "need: is missing"),
        ("/v1/splits", {"need": NEED, "splits": {"a": []}}, "splits"),
        ("/v1/splits", {"need": NEED, "splits": {"No split": [NEED]}}, "always compared"),
        ("/v1/splits", {"need": {"value": -1, "title": "x"}, "splits": SPLITS}, "value"),
        (
            "/v1/splits",
            {"need": NEED, "splits": {"a": [part("Walsall"), {"value": "much"}]}},
            "splits/a, number 2",
        ),
        ("/v1/splits", {"need": NEED, "splits": SPLITS, "floor": 2}, "floor"),
        ("/v1/splits", {"need": NEED, "splits": SPLITS, "floor": 0.0001}, "floor"),
        ("/v1/splits", {"need": NEED, "splits": SPLITS, "purpose": "invite"}, "purpose"),
        ("/v1/splits", {"need": NEED, "splits": SPLITS, "area": "Atlantis"}, "Atlantis"),
        ("/v1/consortia", {"lot": NEED, "needs": ["of the"]}, "has no words"),
        ("/v1/consortia", {"lot": NEED, "needs": ["care"] * 13}, "at most 12"),
    ],
)
def test_an_invalid_request_is_refused_naming_its_field(
    client: TestClient, path: str, body: dict[str, Any], said: str
) -> None:
    assert said in problem(client, path, body)


def test_every_lot_that_cannot_be_read_is_named_at_once(client: TestClient) -> None:
    """So that a tool with forty lots corrects them all before it asks again."""
    wrong = {
        "by place": [part("Walsal"), part("Sandwell"), part("Sandwell", value="much")],
        "other/one": [{"title": ""}],
    }
    body = {"need": {**NEED, "value": -1}, "splits": wrong}
    answer = client.post("/v1/splits", json=body)
    assert answer.status_code == 422
    assert [error["where"] for error in answer.json()["errors"]] == [
        "/splits/by place/0/area",
        "/splits/by place/2/value",
        "/splits/other~1one/0/title",
        "/need/value",
    ]
    many = {"many": [part("Walsall", value=-1)] * 120}
    told = client.post("/v1/splits", json={"need": NEED, "splits": many}).json()
    assert len(told["errors"]) == 100
    assert told["detail"].endswith("; and 115 more")


def test_the_description_allows_as_many_needs_as_are_searched(client: TestClient) -> None:
    described = AskConsortia.model_json_schema()["properties"]["needs"]["maxItems"]
    many = [f"home care for team {n}" for n in range(described)]
    assert client.post("/v1/consortia", json={"lot": NEED, "needs": many}).status_code == 200
    refused = client.post("/v1/consortia", json={"lot": NEED, "needs": [*many, "care"]})
    assert refused.status_code == 422


def test_too_many_splits_or_lots_are_refused(client: TestClient) -> None:
    ways = {str(n): [NEED] for n in range(MOST_SPLITS + 1)}
    assert "splits" in problem(client, "/v1/splits", {"need": NEED, "splits": ways})
    most = client.app.state.settings.most_lots  # type: ignore[attr-defined]
    many = {"a": [NEED] * (most + 1)}
    assert f"more than {most}" in problem(client, "/v1/splits", {"need": NEED, "splits": many})
    notice = {"title": "Care", "lots": [NEED] * most}
    for body in (
        {"need": NEED, "splits": {"a": [notice]}},
        {"need": notice, "splits": {"a": [NEED]}},
    ):
        told = problem(client, "/v1/splits", body)
        assert f"need and splits: {most + 1} lots are more than {most}" in told
    wide = {"lot": {"title": "Care", "lots": [NEED] * (most + 1)}}
    assert f"lot: {most + 1} lots are more than {most}" in problem(client, "/v1/consortia", wide)


def test_a_split_that_cannot_be_read_is_named_and_the_others_are_compared(
    client: TestClient,
) -> None:
    """Who is within 30 km of a lot that is nowhere cannot be told."""
    nowhere = {"nowhere": [{"title": "Home care", "value": 1000}]}
    found = ask(client, splits={**SPLITS, **nowhere}, within="30km")["compared"]
    assert set(found["splits"]) == {NO_SPLIT, *SPLITS}
    assert "needs a place" in found["refused"]["nowhere"]["message"]


def test_a_pruned_comparison_is_missing(
    tmp_path: Path, places_table: Path, calibrated_bundle: Path
) -> None:
    with served(tmp_path, places_table, bundle=str(calibrated_bundle)) as client:
        id_ = ask(client)["id"]
        records = client.app.state.services.context.records  # type: ignore[attr-defined]
        assert records.prune(datetime(2999, 1, 1, tzinfo=UTC), Removal("", "", "")) == 1
        gone = client.get(f"/v1/splits/{id_}")
    assert gone.status_code == 404
    assert "removed" in gone.json()["detail"]
