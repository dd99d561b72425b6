"""Errors as problem details."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.http.problems import Sent, error_problem, refusal_problem
from matcher.core.errors import BadInput, RegisterError
from matcher.ranking.batch import Refusal
from matcher.register.build.build import build
from matcher.register.build.erase import suppress
from matcher.register.build.snapshot import locked
from matcher.register.register import Register
from matcher.register.unfinished import Removal
from tests.factory import provider
from tests.registers import feed, registered
from tests.services import LOT, served


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[TestClient]:
    with served(tmp_path_factory.mktemp("problems"), places_table) as client:
        yield client


def test_a_build_or_suppression_during_a_build_is_503(tmp_path: Path, places_table: Path) -> None:
    registered(tmp_path, places_table, provider("XX-1"))
    with locked(tmp_path), pytest.raises(RegisterError) as suppression:
        suppress(tmp_path, "XX-1")
    with locked(tmp_path), pytest.raises(RegisterError) as rebuild:
        build(tmp_path, [feed(provider("XX-1"))], places_table=places_table)
    for refused in (suppression, rebuild):
        problem = error_problem(refused.value)
        assert (problem.status, problem.type) == (503, "/problems/register")
        assert "another build is writing it; wait until it has ended" in problem.detail


def test_a_server_does_not_answer_after_an_interrupted_removal_nor_say_whose_it_was(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        path = tmp_path / "reg"
        assert client.get("/v1/providers/XX-NAME-jsmithcare").status_code == 200
        Removal(Register.open(path).folder.name, (), "XX-NAME-jsmithcare").begin(path)
        for address in ("/v1/register", "/v1/providers/XX-NAME-jsmithcare", "/readyz"):
            refused = client.get(address)
            assert (refused.status_code, refused.json()["type"]) == (503, "/problems/register")
            assert "removal of an organisation was interrupted" in refused.json()["detail"]
        assert "jsmith" not in client.get("/v1/register").text
        assert client.get("/healthz").status_code == 200


def test_an_address_or_a_method_that_is_not_there_is_refused_in_words(client: TestClient) -> None:
    assert "nothing at this address" in client.get("/v1/nothing").json()["detail"]
    page = client.get("/nothing", headers={"accept": "text/html"})
    assert "There is nothing at this address" in page.text
    wrong = client.put("/v1/shortlists")
    assert wrong.status_code == 405
    assert wrong.json()["detail"].startswith("PUT is not possible here; use ")


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/register", "/v1/providers/none"])
def test_head_is_answered_like_get_without_the_content(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize(
    ("key", "where"),
    [("t/LOT/1", "/lots/t/value"), ("t", "/lots/t/value"), ("a/b", "/lots/a~1b/value")],
)
def test_the_problem_of_a_lot_names_what_was_sent(key: str, where: str) -> None:
    refused = Refusal("x", "Meals", "value: -1 is negative")
    (error,) = refusal_problem(refused, key, ["t", "t2", "a/b"]).errors
    assert error.where == where


@pytest.mark.parametrize(
    ("message", "where", "detail"),
    [
        ("lots: 900 are more than 500", "/lots", "900 are more than 500"),
        ("as_one: is missing; give true", "/as_one", "is missing; give true"),
        ("fields: 'nam': there is no such field", "fields", "'nam': there is no such field"),
        ("need: postcode: 'A' is not one", "/need/postcode", "'A' is not one"),
        ("need: is missing", "/need", "is missing"),
        ("lot: value: -1 is negative", "/lot/value", "-1 is negative"),
        ("splits/a/b, number 2: value: 'x' is none", "/splits/a~1b/1/value", "'x' is none"),
        ("splits/a, number 1: 3 is not a lot", "/splits/a/0", "3 is not a lot"),
        ("splits/keyed, number 2: value: 'x' is none", "/splits/keyed/s~1w/value", "'x' is none"),
        ("area 'Atlantis' is no area", "/area", "'Atlantis' is no area"),
        ("fields 'nam' is none", "fields", "'nam' is none"),
        ("results: the reason: is too long", "/results", "the reason: is too long"),
    ],
)
def test_a_refused_request_names_the_field(message: str, where: str, detail: str) -> None:
    (error,) = error_problem(
        BadInput(message), Sent(["fields"], ["area"], {"keyed": ["north", "s/w"]})
    ).errors
    assert (error.where, error.detail) == (where, detail)


@pytest.mark.parametrize(
    "message", ["give a name", "provider GB-1 is gone; ask again: later", "provider 'GB-1' is gone"]
)
def test_a_message_without_a_field_names_none(message: str) -> None:
    assert error_problem(BadInput(message)).errors == ()


def test_too_many_lots_and_a_lot_of_a_split_are_named_in_the_answer(client: TestClient) -> None:
    sent = {"need": "Meals", "splits": {"two": ["Lunch", {"title": "Tea", "value": -1}]}}
    refused = client.post("/v1/splits", json=sent).json()
    assert [one["where"] for one in refused["errors"]] == ["/splits/two/1/value"]
    together = {"purpose": "invite", "lots": {"a": "Meals", "b": "Buses"}}
    refused = client.post("/v1/shortlists", json=together).json()
    assert [one["where"] for one in refused["errors"]] == ["/as_one"]


def test_every_method_of_an_address_is_allowed_and_options_lists_them(client: TestClient) -> None:
    for path, methods in (
        ("/v1/shortlists", {"GET", "HEAD", "POST"}),
        ("/v1/markets", {"POST"}),
        ("/v1/places/E08000030/picture", {"GET", "HEAD", "POST"}),
        ("/healthz", {"GET", "HEAD"}),
    ):
        told, refused = client.options(path), client.put(path, json={})
        assert (told.status_code, refused.status_code, told.content) == (204, 405, b"")
        for answer in (told, refused):
            assert set(answer.headers["allow"].split(", ")) == {*methods, "OPTIONS"}
        assert refused.headers["allow"] in refused.json()["detail"]
    assert client.options("/nothing").status_code == 404


def test_a_compressed_body_is_refused_and_said_to_be(client: TestClient) -> None:
    body = json.dumps({"lots": {"a": "Meals"}}).encode()
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    refused = client.post("/v1/shortlists", content=gzip.compress(body), headers=headers)
    assert refused.status_code == 415
    assert refused.headers["accept-encoding"] == "identity"
    assert "gzip; send it uncompressed" in refused.json()["detail"]
    headers["content-encoding"] = "identity"
    assert client.post("/v1/shortlists", content=body, headers=headers).status_code == 200


def test_a_wrong_request_key_is_pointed_to_by_the_name_of_its_header(client: TestClient) -> None:
    sent = {"lots": ["Meals"]}
    refused = client.post("/v1/shortlists", json=sent, headers={"Idempotency-Key": "k" * 256})
    (error,) = refused.json()["errors"]
    assert error["where"] == "Idempotency-Key"
    assert refused.json()["detail"] == f"Idempotency-Key: {error['detail']}"


def test_json_that_cannot_be_read_is_refused_without_a_place_that_says_nothing(
    client: TestClient,
) -> None:
    headers = {"content-type": "application/json"}
    for sent in ("1e400", "Infinity"):
        body = f'{{"lots": {{"a": {{"title": "Meals", "value": NaN}}}}, "whole_value": {sent}}}'
        refused = client.post("/v1/shortlists", content=body, headers=headers)
        assert refused.status_code == 422
        assert f"the body: whole_value: {sent} is " in refused.json()["detail"]
    refused = client.post("/v1/shortlists", content='{"lots": [', headers=headers)
    assert "it ends too early" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("lot", "where", "words"),
    [
        ('{"title": "Tea", "value": 1E400}', "/value", "1E400 is too large; give a number in"),
        ('{"title": "Tea", "value": -1e999}', "/value", "-1e999 is too large"),
        ('{"title": "Tea", "years": NaN}', "/years", "NaN is not a number of JSON"),
        ('{"title": "Tea", "value": -Infinity}', "/value", "-Infinity is not a number of JSON"),
        ('{"title": "Tea", "value": ' + "7" * 5000 + "}", "/value", "of 5,000 characters is too"),
        ('{"title": "Tea \\ud83d"}', "/title", "half a character"),
        ('"Tea \\udc00 and cake"', "", "half a character"),
        ('{"title": "Tea", "no\\ud83dte": 1}', "", "half a character"),
        ('{"tender": {"title": "Tea", "value": {"amount": NaN}}}', "", "tender.value.amount: NaN"),
        ('{"title": "Tea", "cpv": ["55300000", Infinity]}', "/cpv", "Infinity is not a number"),
    ],
)
def test_a_lot_with_what_no_json_has_is_refused_alone(
    client: TestClient, lot: str, where: str, words: str
) -> None:
    headers = {"content-type": "application/json"}
    body = f'{{"lots": {{"bad": {lot}, "good": {json.dumps(LOT)}}}}}'
    answer = client.post("/v1/shortlists", content=body, headers=headers).json()
    (error,) = answer["errors"]["bad"]["errors"]
    assert (list(answer["shortlists"]), error["where"]) == (["good"], f"/lots/bad{where}")
    assert words in error["detail"]
    plain = client.post("/v1/shortlists", json={"lots": {"good": LOT}}).json()
    assert answer["shortlists"] == plain["shortlists"]


@pytest.mark.parametrize(
    "body",
    [
        '{"lots": {"a": {"title": "Tea", "value": NaN}}, "limit": NaN}',
        '{"lots": {"a\\ud83d": {"title": "Tea"}}}',
        '{"lots": {"a": {"title": "Tea", "value": NaN}, "b": {"title": "x", "title": "y"}}}',
        '{"lots": NaN}',
    ],
)
def test_what_no_json_has_outside_a_lot_is_refused_with_the_whole_body(
    client: TestClient, body: str
) -> None:
    headers = {"content-type": "application/json"}
    assert client.post("/v1/shortlists", content=body, headers=headers).status_code == 422


def test_the_field_of_a_value_that_is_refused_later_is_named_too(client: TestClient) -> None:
    split = {"north": "Lunch", "s/w": {"title": "Tea", "value": -1}}
    asked = (
        ("/v1/shortlists", {"lots": ["Meals"], "area": "Atlantis"}, "/area"),
        ("/v1/shortlists", {"lots": [LOT], "within": "near"}, "/within"),
        ("/v1/shortlists", {"lots": ["Meals"], "procedure": "mine"}, "/procedure"),
        ("/v1/splits", {"need": "Meals", "splits": {"two": split}}, "/splits/two/s~1w/value"),
        ("/v1/consortia", {"lot": {"title": "Tea", "value": -1}}, "/lot/value"),
        ("/v1/consortia", {"lot": None}, "/lot"),
    )
    for path, body, where in asked:
        refused = client.post(path, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, where)
