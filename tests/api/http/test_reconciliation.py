"""The Reconciliation API 0.2, as OpenRefine asks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.reconciliation.queries import most_candidates
from tests.services import served


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[TestClient]:
    with served(tmp_path_factory.mktemp("reconcile"), places_table) as client:
        yield client


def asked(client: TestClient, **queries: Any) -> dict[str, Any]:
    posted = client.post("/reconcile", data={"queries": json.dumps(queries)})
    assert posted.status_code == 200, posted.text
    found: dict[str, Any] = posted.json()
    by_get = client.get("/reconcile", params={"queries": json.dumps(queries)})
    assert by_get.json() == found
    return found


def test_the_manifest_has_what_a_client_needs(client: TestClient) -> None:
    told = client.get("/reconcile").json()
    assert told["versions"] == ["0.2"]
    for needed in ("name", "identifierSpace", "schemaSpace", "defaultTypes", "view"):
        assert told[needed], needed
    assert "{{id}}" in told["view"]["url"]


def test_every_address_in_the_manifest_works(client: TestClient) -> None:
    told = client.get("/reconcile").json()
    services = [*told["suggest"].values(), told["extend"]["propose_properties"]]
    for one in services:
        response = client.get(one["service_url"] + one["service_path"], params={"prefix": "b"})
        assert response.status_code == 200, one
    viewed = client.get(told["view"]["url"].replace("{{id}}", "GB-CHC-1000001"))
    assert "Brightside 1 Care" in viewed.text
    previewed = client.get(told["preview"]["url"].replace("{{id}}", "GB-CHC-1000001"))
    assert "Brightside 1 Care" in previewed.text
    flyout = told["suggest"]["entity"]
    path = flyout["flyout_service_path"].replace("${id}", "GB-CHC-1000001")
    shown = client.get(flyout["flyout_service_url"] + path).json()
    assert (shown["id"], "Brightside 1 Care" in shown["html"]) == ("GB-CHC-1000001", True)


def test_each_query_is_answered_under_its_key(client: TestClient) -> None:
    found = asked(client, a={"query": "Engine Wrks"}, b={"query": "Nobody at all"})
    (first,) = found["a"]["result"]
    assert (first["id"], first["name"]) == ("GB-COH-01234567", "Engine Works")
    assert found["b"]["result"] == []


def test_a_candidate_shows_the_features_behind_its_score(client: TestClient) -> None:
    query = {"query": "Engine Works", "properties": [{"pid": "postcode", "v": "WS1 1TP"}]}
    (first,) = asked(client, q=query)["q"]["result"]
    features = {one["id"]: one["value"] for one in first["features"]}
    assert features == {"name_similarity": 100.0, "same_number": False, "same_place": 100.0}
    assert first["score"] == 100.0
    assert first["type"][0].keys() == {"id", "name"}


@pytest.mark.parametrize("said", ["GB-COH-01234567", {"id": "GB-COH-01234567"}])
def test_a_number_matches_whatever_the_name(client: TestClient, said: Any) -> None:
    query = {"query": "Quite another name", "properties": [{"pid": "id", "v": said}]}
    first = asked(client, q=query)["q"]["result"][0]
    assert (first["id"], first["score"], first["match"]) == ("GB-COH-01234567", 100.0, True)


@pytest.mark.parametrize(
    ("pid", "number", "found"),
    [("company_number", "01234567", "GB-COH-01234567"), ("charity_number", 1000001, None)],
)
def test_a_number_without_its_prefix_matches(
    client: TestClient, pid: str, number: Any, found: str | None
) -> None:
    query = {"query": "x", "properties": [{"pid": pid, "v": number}]}
    first = asked(client, q=query)["q"]["result"][0]
    assert first["id"] == (found or "GB-CHC-1000001")


def test_equally_good_candidates_are_not_matches(client: TestClient) -> None:
    found = asked(client, q={"query": "Brightside Care"})["q"]["result"]
    assert len(found) > 1
    assert not any(one["match"] for one in found)


def test_a_type_selects_its_kind_and_unknown_kinds(client: TestClient) -> None:
    for kinds in ("company", ["company"]):
        found = asked(client, q={"query": "Brightside 4 Care", "type": kinds})["q"]["result"]
        assert {one["type"][0]["id"] for one in found} <= {"company", "unknown"}
        assert found[0]["id"] == "GB-CHC-1000004"


def test_at_most_limit_candidates_are_returned(client: TestClient) -> None:
    assert len(asked(client, q={"query": "Brightside Care", "limit": 2})["q"]["result"]) == 2


def test_columns_are_filled_with_facts(client: TestClient) -> None:
    wanted = {
        "ids": ["XX-NAME-jsmithcare", "GB-COH-01234567", "GB-XXX-none"],
        "properties": [{"id": "kind"}, {"id": "income"}, {"id": "postcode"}],
    }
    told = client.post("/reconcile", data={"extend": json.dumps(wanted)}).json()
    assert [one["id"] for one in told["meta"]] == ["kind", "income", "postcode"]
    assert told["rows"]["XX-NAME-jsmithcare"] == {
        "kind": [{"str": "sole trader"}],
        "income": [{"float": 31000.0}],
        "postcode": [{"str": "WS1 1TP"}],
    }
    assert told["rows"]["GB-COH-01234567"]["income"] == []
    assert told["rows"]["GB-XXX-none"] == {"kind": [], "income": [], "postcode": []}


def test_an_id_that_is_null_leaves_the_other_rows(client: TestClient) -> None:
    wanted = {"ids": [None, "XX-NAME-jsmithcare"], "properties": [{"id": "kind"}]}
    told = client.post("/reconcile", data={"extend": json.dumps(wanted)}).json()
    assert told["rows"] == {"XX-NAME-jsmithcare": {"kind": [{"str": "sole trader"}]}}


def test_properties_are_proposed_for_columns(client: TestClient) -> None:
    told = client.get("/reconcile/properties", params={"limit": 3}).json()
    assert len(told["properties"]) == 3
    assert {"id", "name"} == set(told["properties"][0])


def test_names_are_suggested_while_they_are_typed(client: TestClient) -> None:
    told = client.get("/reconcile/suggest/entity", params={"prefix": "engi"}).json()
    assert [one["id"] for one in told["result"]] == ["GB-COH-01234567"]
    assert client.get("/reconcile/suggest/entity").json() == {"result": []}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "either queries or extend"),
        ({"queries": "{}", "extend": "{}"}, "either queries or extend"),
        ({"queries": "{"}, "queries: is not JSON"),
        ({"queries": "[]"}, "queries: does not follow"),
        ({"extend": '{"ids": []}'}, "properties"),
        ({"extend": '{"ids": [], "properties": [{"id": "salary"}]}'}, "'salary' is not a property"),
        ({"queries": json.dumps({str(n): {"query": "x"} for n in range(501)})}, "more than 500"),
        ({"extend": json.dumps({"ids": ["x"] * 501, "properties": []})}, "more than 500"),
    ],
)
def test_a_query_that_breaks_the_specification_is_a_problem(
    client: TestClient, form: dict[str, str], words: str
) -> None:
    refused = client.post("/reconcile", data=form)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]


def test_pages_of_allowed_origins_can_read_reconciliation_only(client: TestClient) -> None:
    headers = {"origin": "http://127.0.0.1:3333"}
    told = client.get("/reconcile", headers=headers)
    assert told.headers["access-control-allow-origin"] == "http://127.0.0.1:3333"
    assert told.headers["vary"] == "Origin"
    other = client.get("/v1/rules", headers=headers)
    assert "access-control-allow-origin" not in other.headers


def test_a_query_that_cannot_be_read_leaves_the_others_alone(client: TestClient) -> None:
    batch = {
        "null": {"query": None},
        "empty": {"query": " "},
        "nothing": None,
        "list": {"query": ["x"]},
        "good": {"query": "GB-COH-01234567"},
    }
    found = client.post("/reconcile", data={"queries": json.dumps(batch)})
    assert found.status_code == 200
    counts = {key: len(answer["result"]) for key, answer in found.json().items()}
    assert counts == {"null": 0, "empty": 0, "nothing": 0, "list": 0, "good": 1}


@pytest.mark.parametrize(
    "query",
    [
        "Some other name - 1234567",
        "Some other name, 01234567",
        "Some other name | GB-COH-01234567",
        "01234567 Some other name",
    ],
)
def test_a_number_beside_a_name_counts(client: TestClient, query: str) -> None:
    (found, *_) = asked(client, q={"query": query})["q"]["result"]
    assert (found["id"], found["features"][1]["value"]) == ("GB-COH-01234567", True)


def test_a_name_may_be_given_as_a_property(client: TestClient) -> None:
    asks = {"query": "", "properties": [{"pid": "name", "v": "Engine Works"}]}
    (found, *_) = asked(client, q=asks)["q"]["result"]
    assert found["id"] == "GB-COH-01234567"


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("1234567", None),
        (1234567, None),
        ("gb-coh-1234567", None),
        ("x", "1234567"),
        ("x", 1234567.0),
        ("x", ["GB-COH-1234567"]),
        ("", "01234567"),
    ],
)
def test_a_number_is_found_in_every_form_that_people_write(
    client: TestClient, query: object, value: object
) -> None:
    given = [{"pid": "company_number", "v": value}] if value else None
    batch = {"q": {"query": query, "properties": given}}
    found = client.post("/reconcile", data={"queries": json.dumps(batch)}).json()["q"]["result"]
    assert [(one["id"], one["match"]) for one in found[:1]] == [("GB-COH-01234567", True)]


@pytest.mark.parametrize(
    "path",
    [
        "/reconcile",
        "/reconcile?queries={}",
        "/reconcile/suggest/entity?prefix=a",
        "/reconcile/suggest/type",
        "/reconcile/suggest/property",
        "/reconcile/properties",
    ],
)
@pytest.mark.parametrize("origin", ["https://any.example", "null", "http://127.0.0.1:8000", "["])
def test_pages_of_other_origins_are_refused(client: TestClient, path: str, origin: str) -> None:
    refused = client.get(path, headers={"origin": origin})
    assert refused.status_code == 403
    assert "--allow-origin" in refused.json()["detail"]
    assert "access-control-allow-origin" not in refused.headers


def test_the_pages_of_the_service_itself_are_answered(client: TestClient) -> None:
    assert client.get("/reconcile", headers={"origin": "http://localhost"}).status_code == 200


def test_a_key_that_is_sent_twice_is_refused_by_name(client: TestClient) -> None:
    twice = '{"q0": {"query": "Engine Works", "query": "Brightside"}}'
    refused = client.post("/reconcile", data={"queries": twice})
    assert refused.status_code == 422
    assert "the key 'query' twice" in refused.json()["detail"]


# --- suggestions, previews and settings ---


def test_suggestions_that_begin_with_the_prefix_come_first_in_the_order_of_their_names(
    client: TestClient,
) -> None:
    def suggested(prefix: str, cursor: int = 0) -> list[str]:
        params: dict[str, str | int] = {"prefix": prefix, "cursor": cursor}
        found = client.get("/reconcile/suggest/entity", params=params).json()
        return [one["name"] for one in found["result"]]

    names = suggested("bright")
    assert names == [f"Brightside {number} Care" for number in range(1, 6)]
    assert suggested("bright", cursor=2) == names[2:]
    assert suggested("car")[:5] == names, "their third word begins with it"


@pytest.mark.parametrize(
    ("kind", "prefix", "expected"),
    [
        ("type", "c", ["charity", "cic", "co-op", "community group", "company"]),
        ("type", "SOLE", ["sole trader"]),
        ("property", "char", ["charity_number"]),
        ("property", "charity n", ["charity_number"]),
        ("property", "inc", ["income"]),
        ("property", "what it", ["profile"]),
        ("property", "zz", []),
    ],
)
def test_types_and_properties_are_suggested_by_id_and_by_name(
    client: TestClient, kind: str, prefix: str, expected: list[str]
) -> None:
    found = client.get(f"/reconcile/suggest/{kind}", params={"prefix": prefix}).json()["result"]
    assert [one["id"] for one in found] == expected
    assert [one["name"] for one in found] == sorted(one["name"] for one in found)


def test_a_preview_can_be_framed_by_the_pages_that_may_ask_and_by_no_others(
    client: TestClient,
) -> None:
    shown = client.get("/reconcile/preview", params={"id": "XX-NAME-jsmithcare"})
    assert "J Smith Care" in shown.text
    assert "WS1 1TP" in shown.text
    policy = shown.headers["content-security-policy"]
    assert "frame-ancestors 'self' http://127.0.0.1:3333 http://localhost:3333" in policy
    assert "default-src 'none'" in policy
    assert "x-frame-options" not in shown.headers
    assert client.get("/reconcile/preview", params={"id": "GB-COH-0"}).status_code == 404


def test_a_setting_limits_the_values_of_a_property(client: TestClient) -> None:
    def values(limit: object) -> list[Any]:
        wanted = [{"id": "ids", "settings": {"limit": limit}}]
        extend = json.dumps({"ids": ["GB-COH-01234567"], "properties": wanted})
        rows = client.post("/reconcile", data={"extend": extend}).json()["rows"]
        found: list[Any] = rows["GB-COH-01234567"]["ids"]
        return found

    assert values("2")[:1] == values(1) == values(0)[:1]


# --- the draft 1.0 ---


def matched(client: TestClient, *queries: Any) -> list[list[dict[str, Any]]]:
    answered = client.post("/reconcile/1.0/match", json={"queries": queries})
    assert answered.status_code == 200, answered.text
    return [one["candidates"] for one in answered.json()["results"]]


def name(value: Any, **fields: Any) -> dict[str, Any]:
    return {"matchType": "name", "v": value, **fields}


def fact(pid: str, value: Any, **fields: Any) -> dict[str, Any]:
    return {"matchType": "property", "pid": pid, "v": value, **fields}


def test_the_manifest_of_the_draft_says_what_it_offers(client: TestClient) -> None:
    told = client.get("/reconcile/1.0").json()
    assert told["versions"] == ["1.0-draft"]
    assert set(told["suggest"].values()) == {True}
    assert told["standardizedScore"] is True
    view = told["view"]["url"].replace("{id}", "GB-CHC-1000001")
    assert "Brightside 1 Care" in client.get(view).text
    for kind in ("entity", "property", "type"):
        ours, old = (
            client.get(f"/reconcile/{part}suggest/{kind}", params={"prefix": "c"}).json()
            for part in ("1.0/", "")
        )
        assert ours == old
    assert client.get("/reconcile/1.0/preview?id=GB-CHC-1000001").status_code == 200
    proposed = client.get("/reconcile/1.0/extend/propose", params={"type": "company"}).json()
    assert proposed["properties"]


def test_the_draft_answers_in_the_order_of_the_queries_what_0_2_answers(
    client: TestClient,
) -> None:
    queries = ["Engine Wrks", "Nobody at all", "Brightside Care"]
    found = matched(client, *({"conditions": [name(query)]} for query in queries))
    old = asked(client, **{str(at): {"query": query} for at, query in enumerate(queries)})
    assert found == [old[str(at)]["result"] for at in range(3)]
    assert all(feature["name"] for feature in found[0][0]["features"])


def test_the_renamed_fields_of_the_draft_are_read_too(client: TestClient) -> None:
    old, new = matched(
        client,
        {"conditions": [name("Any"), fact("company_number", "01234567")]},
        {
            "conditions": [
                {"matchType": "name", "propertyValue": "Any"},
                {
                    "matchType": "property",
                    "propertyId": "company_number",
                    "propertyValue": "01234567",
                },
            ]
        },
    )
    assert old == new
    assert (old[0]["id"], old[0]["match"]) == ("GB-COH-01234567", True)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([fact("kind", "company", required=True)], {"GB-CHC-1000004"}),
        ([fact("kind", ["company", "cic"], required=True)], {"GB-CHC-1000004"}),
        ([fact("kind", ["company", "cic"], required=True, matchQuantifier="all")], set()),
        ([fact("postcode", "ws2 8rr", required=True)], {"GB-CHC-1000002"}),
        ([fact("charity_number", "1000003", required=True)], {"GB-CHC-1000003"}),
        (
            [fact("kind", "charity", matchQuantifier="none")],
            {"GB-CHC-1000004"},
        ),
        ([fact("salary", "x", required=True)], set()),
    ],
)
def test_a_required_condition_leaves_out_who_does_not_meet_it(
    client: TestClient, conditions: list[Any], expected: set[str]
) -> None:
    (found,) = matched(client, {"conditions": [name("Brightside Care"), *conditions]})
    assert {one["id"] for one in found if one["name"].startswith("Brightside")} == expected


def test_a_query_of_the_draft_that_cannot_be_read_leaves_the_others_alone(
    client: TestClient,
) -> None:
    bad: list[Any] = [
        None,
        [],
        {},
        {"conditions": []},
        {"conditions": "x"},
        {"conditions": [{"matchType": "sound", "v": "x"}]},
        {"conditions": [{"matchType": "name"}]},
        {"conditions": [{"matchType": "property", "v": "x"}]},
        {"conditions": [name({"id": ["x"]})]},
    ]
    good = {"conditions": [name("Engine Works")], "limit": 1, "lang": "en"}
    *found, last = matched(client, *bad, good)
    assert found == [[]] * len(bad)
    assert [one["id"] for one in last] == ["GB-COH-01234567"]


def test_the_draft_fills_columns_in_rows(client: TestClient) -> None:
    body = {"ids": ["XX-NAME-jsmithcare", "none"], "properties": [{"id": "kind"}, {"id": "income"}]}
    told = client.post("/reconcile/1.0/extend", json=body).json()
    assert [one["id"] for one in told["meta"]] == ["kind", "income"]
    first, second = told["rows"]
    assert first == {
        "id": "XX-NAME-jsmithcare",
        "properties": [
            {"id": "kind", "values": [{"str": "sole trader"}]},
            {"id": "income", "values": [{"float": 31000.0}]},
        ],
    }
    assert [one["values"] for one in second["properties"]] == [[], []]


@pytest.mark.parametrize("body", [{}, {"queries": {}}, {"queries": [{}] * 501}, [], "x"])
def test_a_batch_of_the_draft_that_is_none_is_refused(client: TestClient, body: Any) -> None:
    refused = client.post("/reconcile/1.0/match", json=body)
    assert refused.status_code == 422
    assert refused.json()["detail"]


def test_a_page_of_an_allowed_origin_may_send_json(client: TestClient) -> None:
    asks = {"origin": "http://localhost:3333", "access-control-request-headers": "content-type"}
    allowed = client.options("/reconcile/1.0/match", headers=asks)
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == "http://localhost:3333"
    assert "Content-Type" in allowed.headers["access-control-allow-headers"]
    refused = client.options("/reconcile/1.0/match", headers={"origin": "https://any.example"})
    assert refused.status_code == 403


def test_half_a_character_in_one_query_leaves_the_batch_alone(client: TestClient) -> None:
    batch = '\ufeff{"a": {"query": "Engine Works \\ud83d"}, "b": {"query": "Engine Works"}}'
    found = client.post("/reconcile", data={"queries": batch})
    assert found.status_code == 200, found.text
    assert [answer["result"][0]["id"] for answer in found.json().values()] == [
        "GB-COH-01234567",
        "GB-COH-01234567",
    ]


@pytest.mark.parametrize("said", ["\\\\ud83d", "\\ud83d\\ude00"])
def test_whole_characters_and_backslashes_are_read_as_they_are(
    client: TestClient, said: str
) -> None:
    posted = client.post("/reconcile", data={"queries": f'{{"a": {{"query": "{said}"}}}}'})
    assert posted.json() == {"a": {"result": []}}


@pytest.mark.parametrize(
    ("limit", "most"),
    [
        *((each, 10) for each in ("ten", True, [2], {}, None, 0, -3, "", "nan")),
        *((2, 2), (2.5, 2), ("2", 2), ("2.0", 2), (50, 50), (51, 50), (1e300, 50), ("1e300", 50)),
    ],
)
def test_a_query_has_the_candidates_it_asks_for_within_bounds(limit: Any, most: int) -> None:
    assert most_candidates(limit) == most


@pytest.mark.parametrize("limit", ["ten", True, [2], {}, 1e300])
def test_a_limit_that_is_no_number_leaves_the_query_as_it_is(
    client: TestClient, limit: Any
) -> None:
    query = {"query": "Brightside Care"}
    usual = asked(client, q=query)["q"]["result"]
    assert len(usual) > 1
    assert asked(client, q={**query, "limit": limit})["q"]["result"] == usual
    assert asked(client, q={**query, "limit": "1.0"})["q"]["result"] == usual[:1]
    condition = {"matchType": "name", "v": "Brightside Care"}
    [found] = matched(client, {"conditions": [condition], "limit": limit})
    assert len(found) == len(usual)


@pytest.mark.parametrize(
    ("pid", "value"),
    [
        ("company_number", "'01234567"),
        ("company_number", "07999999; 01234567"),
        ("company_number", "１２３４５６７"),
        ("ids", "GB-COH-01234567"),
        ("id", "GB‑COH‑1234567"),
    ],
)
def test_a_number_is_known_as_spreadsheets_hold_it(
    client: TestClient, pid: str, value: str
) -> None:
    query = {"query": "x", "properties": [{"pid": pid, "v": value}]}
    assert asked(client, q=query)["q"]["result"][0]["id"] == "GB-COH-01234567"


@pytest.mark.parametrize(
    "given",
    [
        [None, {"pid": "postcode"}],
        [{"pid": 7, "v": "x"}],
        [{"p": "postcode", "v": "WS1 1TP"}],
        {"pid": "postcode", "v": "WS1 1TP"},
        "postcode",
    ],
)
def test_a_property_that_cannot_be_read_leaves_the_query_alone(
    client: TestClient, given: Any
) -> None:
    (first,) = asked(client, q={"query": "Engine Works", "properties": given})["q"]["result"]
    assert first["id"] == "GB-COH-01234567"


@pytest.mark.parametrize("kind", ["", [""], "Company", ["COMPANY", None]])
def test_a_type_is_read_in_any_case_and_a_blank_one_is_none(client: TestClient, kind: Any) -> None:
    (first,) = asked(client, q={"query": "Engine Works", "type": kind})["q"]["result"]
    assert first["id"] == "GB-COH-01234567"


def test_the_address_of_the_service_may_end_in_a_slash(client: TestClient) -> None:
    assert client.get("/reconcile/", follow_redirects=False).json() == (
        client.get("/reconcile").json()
    )
    queries = json.dumps({"q": {"query": "Engine Works"}})
    sent = client.post("/reconcile/", data={"queries": queries}, follow_redirects=False)
    assert sent.json()["q"]["result"][0]["id"] == "GB-COH-01234567"


def test_every_property_that_is_suggested_fills_a_column(client: TestClient) -> None:
    told = client.get("/reconcile/suggest/property").json()["result"]
    names = [one["id"] for one in told]
    wanted = {"ids": ["GB-COH-01234567"], "properties": [{"id": name} for name in names]}
    filled = client.post("/reconcile", data={"extend": json.dumps(wanted)}).json()
    assert [one["id"] for one in filled["meta"]] == names
    row = filled["rows"]["GB-COH-01234567"]
    assert (row["company_number"], row["charity_number"]) == ([{"str": "01234567"}], [])


# --- what people type for types, properties and ids ---


@pytest.mark.parametrize("typed", ["Company number", "company number ", "COMPANY_NUMBER"])
def test_a_property_may_be_given_by_its_name(client: TestClient, typed: str) -> None:
    query = {"query": "x", "properties": [{"pid": typed, "v": "1234567"}]}
    first = asked(client, q=query)["q"]["result"][0]
    assert (first["id"], first["match"]) == ("GB-COH-01234567", True)
    ((drafted, *_),) = matched(client, {"conditions": [fact(typed, "1234567")]})
    assert drafted["id"] == "GB-COH-01234567"


@pytest.mark.parametrize("type_", ["organization", "http://schema.org/Organization", "", []])
def test_a_type_of_another_vocabulary_that_means_any_is_any(client: TestClient, type_: Any) -> None:
    assert asked(client, q={"query": "Engine Works", "type": type_})["q"]["result"]


@pytest.mark.parametrize("id_", ["https://org-id.guide/GB-COH-01234567", "gb-coh-1234567"])
def test_an_id_may_be_an_address(client: TestClient, id_: str) -> None:
    given: dict[str, Any] = {"query": "x", "properties": [{"pid": "id", "v": id_}]}
    for query in ({"query": id_}, given):
        assert asked(client, q=query)["q"]["result"][0]["id"] == "GB-COH-01234567"


def test_queries_of_earlier_drafts_are_read(client: TestClient) -> None:
    kind = {"pid": "kind", "v": "company", "required": True}
    found = matched(
        client,
        {"query": "Engine Wrks"},
        {"query": "Brightside Care", "properties": [kind]},
        {"query": "Brightside Care", "properties": [{**kind, "v": "charity", "required": False,
                                                     "match_quantifier": "none"}]},
        {"properties": [{"pid": "company_number", "v": ["01234567"]}]},
        {"limit": 3},
    )  # fmt: skip
    ids = [[one["id"] for one in each if one["id"] != "XX-NAME-jsmithcare"][:1] for each in found]
    assert ids == [["GB-COH-01234567"], ["GB-CHC-1000004"], ["GB-CHC-1000004"],
                   ["GB-COH-01234567"], []]  # fmt: skip
    body = {"queries": [{"query": "Engine Works"}]}
    old = client.post("/reconcile/1.0/reconcile", json=body)
    assert old.json() == client.post("/reconcile/1.0/match", json=body).json()


def test_a_condition_on_the_id_finds_that_organisation_alone(client: TestClient) -> None:
    id_ = {"matchType": "id", "propertyValue": "GB-CHC-1000002"}
    found, nobody = matched(
        client, {"conditions": [id_]}, {"conditions": [{**id_, "propertyValue": "GB-CHC-9"}]}
    )
    assert ([one["id"] for one in found], nobody) == (["GB-CHC-1000002"], [])


@pytest.mark.parametrize(
    "query",
    [
        {"query": "Quite another name (01234567)"},
        {"query": "Engine Wrks [GB-COH-1234567]"},
        {"query": "x", "properties": [{"pid": "companyNumber", "v": "1234567"}]},
    ],
)
def test_a_number_beside_a_name_or_in_camel_case_matches(
    client: TestClient, query: dict[str, Any]
) -> None:
    first = asked(client, q=query)["q"]["result"][0]
    assert (first["id"], first["match"]) == ("GB-COH-01234567", True)


def test_words_in_brackets_are_part_of_a_name(client: TestClient) -> None:
    first = asked(client, q={"query": "Engine Works (Walsall)"})["q"]["result"][0]
    assert first["id"] == "GB-COH-01234567"


def test_a_name_is_read_without_html(client: TestClient) -> None:
    plain, marked = (
        asked(client, q={"query": name})["q"]["result"]
        for name in ("Engine Works", "<b>Engine&nbsp;Works</b>")
    )
    assert plain == marked
    assert plain[0]["match"]


def test_a_property_may_be_named_by_the_header_of_a_column(client: TestClient) -> None:
    query = {"query": "x", "properties": [{"pid": "Company Reg. No", "v": "1234567"}]}
    (first,) = asked(client, q=query)["q"]["result"]
    assert first["id"] == "GB-COH-01234567"
