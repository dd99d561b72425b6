"""Markets as a lot-splitting tool meets them: asked over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http.problems import MEDIA_TYPE
from api.http.schemas.markets import EXAMPLES
from api.records.entry import Removal
from api.settings import Settings
from matcher.register.build.build import build
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from tests.services import LOT, served

FILES = Path(__file__).resolve().parents[4] / "examples"
LINES = {"accept": "application/x-ndjson"}


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("service")
    with served(folder, places_table, bundle=str(calibrated_bundle)) as client:
        yield client


@pytest.fixture(scope="module")
def example(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Iterator[TestClient]:
    """The service over the fictional example register."""
    path = tmp_path_factory.mktemp("example") / "reg"
    feeds = [
        *own_table.read([FILES / "providers.jsonl"]),
        *ocds.read_awards([FILES / "awards.ocds.jsonl"]),
    ]
    build(path, feeds, places_table=places_table)
    app = create_app(Settings(path, str(calibrated_bundle)))
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def ask(client: TestClient, *lots: object, **fields: Any) -> dict[str, Any]:
    response = client.post("/v1/markets", json={"lots": list(lots), **fields})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def first(client: TestClient, *lots: object, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask(client, *(lots or (LOT,)), **fields)["markets"][0]["market"]
    return found


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    told: dict[str, Any] = response.json()
    return told


def test_a_market_counts_credible_providers_by_kind(client: TestClient) -> None:
    found = first(client)
    depth = found["depth"]
    assert depth["credible"]["number"] == 6
    assert depth["local"]["number"] == 3
    assert depth["small"]["number"] == 5
    assert depth["small_local"]["number"] == 3
    assert depth["vcse"]["number"] == 4
    assert depth["new"]["number"] == 5
    assert found["thin"] is False
    assert depth["credible"]["low"] <= depth["credible"]["expected"] <= depth["credible"]["high"]
    assert found["basis"]["purpose"] == "engagement"
    assert "PA2023-s16" in found["basis"]["rule_ids"]


def test_providers_that_a_lot_fits_are_counted_without_vat(client: TestClient) -> None:
    fit = first(client)["fit"]
    assert fit["annual"] == pytest.approx(20_000)
    assert (fit["fits"]["number"], fit["too_small"]["number"], fit["unknown"]["number"]) == (
        1,
        1,
        4,
    )


def test_lots_are_answered_in_order_and_a_bad_lot_does_not_affect_others(
    client: TestClient,
) -> None:
    found = ask(client, LOT, {"title": 3}, "Engines rebuilt WS1 1TP", {**LOT, "value": -1})
    assert [line["at"] for line in found["markets"]] == [0, 1, 2, 3]
    good, bad, other, minus = found["markets"]
    assert good["problem"] is bad["market"] is None
    assert bad["problem"]["detail"] == "title: 3 is not text; write it in quotes"
    assert bad["problem"]["errors"][0]["where"] == "/lots/1/title"
    assert other["market"]["title"] == "Engines rebuilt WS1 1TP"
    assert minus["problem"]["type"] == "/problems/bad-lot"
    assert found["together"]["lots"] == 2


def test_the_lots_of_a_notice_have_its_number_in_the_request(client: TestClient) -> None:
    notice = {"id": "n", "lots": [{"title": "Home care"}, {"title": "Engines"}]}
    found = ask(client, LOT, notice, LOT)["markets"]
    assert [line["at"] for line in found] == [0, 1, 1, 2]
    assert [line["market"]["title"] for line in found[1:3]] == ["Home care", "Engines"]


def test_identical_lots_have_identical_answers_in_any_position(client: TestClient) -> None:
    other = {**LOT, "title": "Engines"}
    alone = first(client, LOT)
    found = [line["market"] for line in ask(client, other, LOT, LOT, other, LOT)["markets"]]
    assert found[1] == found[2] == found[4] == alone
    assert found[0] == found[3]


def test_values_of_one_procurement_are_added_up_when_requested(client: TestClient) -> None:
    dear = {**LOT, "value": 400_000}
    apart, as_one = (ask(client, dear, dear, as_one=one)["markets"] for one in (False, True))
    assert not any("at or over" in note for note in apart[0]["market"]["notes"])
    assert any("£800,000" in note for note in as_one[0]["market"]["notes"])


def test_a_lot_sent_twice_under_its_id_is_valued_once(client: TestClient) -> None:
    dear = {**LOT, "id": "own-1", "value": 400_000}
    notes = ask(client, dear, dear, as_one=True)["markets"][0]["market"]["notes"]
    assert not any("£800,000" in note for note in notes)
    two = ask(client, dear, {**dear, "id": "own-2"}, as_one=True)["markets"][0]["market"]["notes"]
    assert any("£800,000" in note for note in two)


def test_all_lots_together_reach_each_provider_once(client: TestClient) -> None:
    one, two = ask(client, LOT)["together"], ask(client, LOT, LOT)["together"]
    assert one["providers"] == two["providers"]
    assert two["providers_a_lot"] == one["providers_a_lot"] / 2


def test_the_same_request_gives_the_same_bytes(client: TestClient) -> None:
    body = {"lots": [LOT, "Home care"], "values": []}
    one, two = (client.post("/v1/markets", json=body) for _ in range(2))
    assert one.content == two.content
    lines = [client.post("/v1/markets", json=body, headers=LINES).content for _ in range(2)]
    assert lines[0] == lines[1]


def test_as_ndjson_each_lot_is_a_line_and_the_last_is_the_whole(
    client: TestClient,
) -> None:
    lots = [LOT, {}, "Engines"]
    response = client.post("/v1/markets", json={"lots": lots}, headers=LINES)
    assert response.headers["content-type"] == "application/x-ndjson"
    *lines, last = [json.loads(line) for line in response.text.splitlines()]
    whole = ask(client, *lots)
    assert [line["at"] for line in lines] == [0, 1, 2]
    assert lines[0]["market"] == whole["markets"][0]["market"]
    assert lines[1]["problem"] == whole["markets"][1]["problem"]
    assert last == {"together": whole["together"]}


def test_own_criteria_are_used_and_returned(client: TestClient) -> None:
    found = first(client, floor=0.9999, fewest=2, value_to_income=0.7, area="Sandwell")
    assert found["terms"] == {"floor": 0.9999, "fewest": 2, "value_to_income": 0.7}
    assert found["thin"] is True
    assert found["local"].startswith("as asked: Sandwell")


def test_a_value_curve_is_drawn_through_the_given_values(client: TestClient) -> None:
    assert first(client)["curve"] is None
    curve = first(client, values=[40_000, 10_000], fewest=1)["curve"]
    assert [point["value"] for point in curve["points"]] == [10_000, 40_000]
    # J Smith Care alone has an income known, 31,000: half of it a year, VAT removed.
    assert [point["fits"]["number"] for point in curve["points"]] == [1, 0]
    assert curve["largest"] == 18_600
    assert len(first(client, values=[])["curve"]["points"]) == 9


@pytest.mark.parametrize(
    ("fields", "where", "words"),
    [
        ({"lots": []}, "/lots", "give at least one"),
        ({"floor": 0.0009}, "/floor", "give a number from 0.001"),
        ({"floor": 1}, "/floor", "give a number below 1"),
        ({"value_to_income": 11}, "/value_to_income", "give a number up to 10"),
        ({"fewest": 0}, "/fewest", "give a number from 1"),
        ({"values": [0]}, "/values/0", "give a number above 0"),
        ({"before": "soon"}, "/before", "date"),
        ({"purpose": "invite"}, "/purpose", "there is no such field"),
        ({"size": "small"}, "/size", "there is no such field"),
    ],
)
def test_an_invalid_field_is_refused_by_its_name(
    client: TestClient, fields: dict[str, Any], where: str, words: str
) -> None:
    told = problem(client.post("/v1/markets", json={"lots": [LOT], **fields}), 422)
    (wrong,) = told["errors"]
    assert wrong["where"] == where
    assert words in wrong["detail"]


@pytest.mark.parametrize("headers", [{}, LINES])
def test_an_error_in_the_whole_request_is_returned_before_the_first_line(
    client: TestClient, headers: dict[str, str]
) -> None:
    for lots in ([LOT], [{"cpv": "care"}, LOT], [{"cpv": "care"}, {}, LOT]):
        body = {"lots": lots, "area": "Atlantis"}
        told = problem(client.post("/v1/markets", json=body, headers=headers), 422)
        assert "area 'Atlantis' is not a council" in told["detail"]


def test_too_many_lots_are_refused(
    tmp_path: Path, places_table: Path, calibrated_bundle: Path
) -> None:
    with served(tmp_path, places_table, bundle=str(calibrated_bundle), most_lots=2) as few:
        told = problem(few.post("/v1/markets", json={"lots": [LOT] * 3}), 422)
        notice = {"title": "Care", "lots": [LOT] * 3}
        within = problem(few.post("/v1/markets", json={"lots": [notice]}), 422)
    assert "lots: 3 lots are more than 2" in told["detail"]
    assert "lots: 3 lots are more than 2" in within["detail"]


def test_a_bundle_without_probabilities_is_refused_with_the_reason(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as hand:
        told = problem(hand.post("/v1/markets", json={"lots": [LOT]}), 422)
    assert "--bundle hand is not calibrated" in told["detail"]


# --- what is kept ---


def test_a_market_is_kept_and_replays_to_the_same_bytes(client: TestClient) -> None:
    found = first(client, values=[20_000])
    assert client.get(f"/v1/markets/{found['id']}").json() == found
    replayed = client.post(f"/v1/markets/{found['id']}/replay").json()
    assert replayed == {"id": found["id"], "identical": True, "changes": []}


def test_another_floor_is_another_market(client: TestClient) -> None:
    assert first(client)["id"] != first(client, floor=0.5)["id"]


def test_a_market_that_is_not_kept_is_not_found(client: TestClient) -> None:
    for response in (client.get("/v1/markets/none"), client.post("/v1/markets/none/replay")):
        assert "no market 'none' is kept" in problem(response, 404)["detail"]


def test_a_market_names_no_provider(client: TestClient) -> None:
    said = client.post("/v1/markets", json={"lots": [LOT], "values": []}).text
    assert "Brightside" not in said
    assert "GB-CHC-1" not in said


def test_a_kept_market_is_not_found_as_a_shortlist(client: TestClient) -> None:
    found = first(client)
    assert problem(client.get(f"/v1/shortlists/{found['id']}"), 404)
    listed = client.get("/v1/shortlists").json()["shortlists"]
    assert found["id"] not in [one["id"] for one in listed]


def test_an_organisation_can_be_taken_out_where_markets_are_kept(
    tmp_path: Path, places_table: Path, calibrated_bundle: Path
) -> None:
    with served(tmp_path, places_table, bundle=str(calibrated_bundle)) as own:
        own_lot = {**LOT, "buyer_id": "GB-CHC-1000001"}
        before = first(own, own_lot)
        own.app.state.services.register.suppress("GB-CHC-1000001", by="A. Clerk", why="asked")  # type: ignore[attr-defined]
        assert own.get(f"/v1/markets/{before['id']}").json() == before
        after = first(own, own_lot)["depth"]["credible"]["number"]
        assert after == before["depth"]["credible"]["number"] - 1
        changed = own.post(f"/v1/markets/{before['id']}/replay").json()
        assert changed["identical"] is False
        assert "register" in [change["what"] for change in changed["changes"]]


def test_a_market_that_was_kept_long_enough_is_pruned(
    tmp_path: Path, places_table: Path, calibrated_bundle: Path
) -> None:
    with served(tmp_path, places_table, bundle=str(calibrated_bundle)) as own:
        found = first(own)
        records = own.app.state.services.context.records  # type: ignore[attr-defined]
        assert records.prune(datetime(2100, 1, 1, tzinfo=UTC), Removal("", "", "")) == 1
        told = problem(own.get(f"/v1/markets/{found['id']}"), 404)
        assert "was removed from the records" in told["detail"]
        assert records.verify().broken == ()


# --- worked examples ---


def test_every_worked_example_is_answered_without_a_problem(example: TestClient) -> None:
    described = example.get("/openapi.json").json()
    content = described["paths"]["/v1/markets"]["post"]["requestBody"]["content"]
    worked = content["application/json"]["examples"]
    assert set(worked) == set(EXAMPLES)
    for name, body in worked.items():
        response = example.post("/v1/markets", json=body["value"])
        assert response.status_code == 200, (name, response.text)
        lines = response.json()["markets"]
        assert all(line["problem"] is None for line in lines), name
        assert all(line["market"]["depth"]["credible"]["number"] for line in lines), name


def test_a_lot_with_what_no_json_has_is_refused_alone(client: TestClient) -> None:
    body = '{"lots": {"bad": {"title": "Meals", "value": 1E400}, "good": {"title": "Meals"}}}'
    sent = {"content-type": "application/json", "Idempotency-Key": "one"}
    answers = [client.post("/v1/markets", content=body, headers=sent) for _ in range(2)]
    bad, good = answers[0].json()["markets"]
    assert bad["problem"]["errors"][0]["where"] == "/lots/bad/value"
    assert good["market"]["title"] == "Meals"
    assert answers[0].content == answers[1].content
