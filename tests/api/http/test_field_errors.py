"""Wrong requests are refused in words that say which field, what value and what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core._pydantic_core import list_all_errors

from tests.services import LOT, served

NEED = {**LOT, "postcode": "", "area": "Walsall, Sandwell", "value": 240_000}
VALID: list[tuple[str, dict[str, Any]]] = [
    (
        "/v1/shortlists",
        {
            "lots": {"a": LOT, "b": "Home care, WS2 8RR"},
            "purpose": "engagement",
            "limit": 3,
            "seed": 1,
            "within": "30km",
            "size": "small",
            "before": "2026-01-01",
            "whole_value": 100.0,
            "contract": "goods and services",
            "fair": False,
        },
    ),
    ("/v1/markets", {"lots": [LOT], "floor": 0.05, "fewest": 2, "values": [20_000], "seed": 0}),
    ("/v1/splits", {"need": NEED, "splits": {"two": {"a": LOT, "b": {**LOT, "value": 9}}}}),
    ("/v1/consortia", {"lot": NEED, "needs": ["Home care", "Day club"]}),
    (
        "/v1/shortlists/none/decision",
        {
            "by": "Alex Example",
            "reason": "It is near.",
            "conflicts": "none",
            "choices": [{"provider": "GB-CHC-1000001", "outcome": "invited"}],
        },
    ),
]
"""Requests that are answered, or refused for one reason only: nothing is kept under 'none'."""

FLAGS = [
    ("/v1/shortlists", ("with_neighbours", "everyone", "fair", "weak", "as_one")),
    ("/v1/markets", ("with_neighbours", "as_one")),
    ("/v1/splits", ("with_neighbours",)),
    ("/v1/consortia", ("with_neighbours",)),
]
"""Every field of a request that is true or false."""

VALIDATORS_WORDS = sorted(
    {
        part.strip(" :,'\"`")
        for error in list_all_errors()
        for part in re.split(r"\{\w+\}", error["message_template_python"])
        if len(part.strip(" :,'\"`")) >= 10
    }
    | {"Value error", "Assertion failed", "Object missing", "Expected `", "Invalid enum value"}
)
"""What pydantic's and msgspec's own messages are made of."""

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["2026-13-01", "invite", "-1", "1e400", "WS1 1TP"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("fields")
    settings = {"bundle": str(calibrated_bundle), "per_minute": 10**6}
    with served(folder, places_table, **settings) as client:
        yield client


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value within a value."""
    yield path
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(one, (*path, key))


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Any]:
    """A valid request with one value replaced, removed, renamed or added."""
    path, valid = draw(st.sampled_from(VALID))
    body: Any = deepcopy(valid)
    *within, last = draw(st.sampled_from([place for place in places(valid) if place]))
    holder = body
    for key in within:
        holder = holder[key]
    change = draw(st.sampled_from(["replace", "remove", "rename", "add", "whole"]))
    if change == "whole":
        return path, draw(JSON)
    if change == "replace" or isinstance(holder, list):
        holder[last] = draw(JSON)
    elif change == "remove":
        del holder[last]
    elif change == "rename":
        holder[f"{last}{draw(st.text(max_size=3))}"] = holder.pop(last)
    else:
        holder[draw(st.text(max_size=8))] = draw(JSON)
    return path, body


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(request=mutated())
def test_no_refusal_has_the_words_of_a_validator(
    client: TestClient, request: tuple[str, Any]
) -> None:
    path, body = request
    response = client.post(path, json=body)
    assert response.status_code in {200, 404, 422}, response.text
    if response.status_code != 422:
        return
    problem = response.json()
    assert problem["detail"]
    said = [problem["detail"], *(error["detail"] for error in problem["errors"])]
    for sentence in said:
        own = sentence.replace(repr(body), "")
        assert not [part for part in VALIDATORS_WORDS if part in own], sentence


@pytest.mark.parametrize(
    ("path", "body", "where", "words"),
    [
        ("/v1/shortlists", {"lotts": {"a": "x"}}, "/lots", "is missing"),
        ("/v1/shortlists", {"lots": ["x"], "purpos": "x"}, "/purpos", "did you mean purpose?"),
        ("/v1/shortlists", {"lots": ["x"], "colour": "x"}, "/colour", "give one of lots, purpose"),
        ("/v1/shortlists", {"lots": ["x"], "limit": "ten"}, "/limit", "'ten' is not a whole"),
        ("/v1/shortlists", {"lots": ["x"], "limit": 0}, "/limit", "0 is out of range; give a num"),
        ("/v1/shortlists", {"lots": ["x"], "size": "big"}, "/size", "'big' is not known; give sm"),
        ("/v1/shortlists", {"lots": ["x"], "before": "May"}, "/before", "'May' is not a date"),
        ("/v1/shortlists", {"lots": []}, "/lots", "is empty; give at least one"),
        ("/v1/shortlists", {"lots": ["x"], "fair": {}}, "/fair", "an object is not true or false"),
        ("/v1/markets", {"lots": ["x"], "values": ["a"]}, "/values/0", "'a' is not a number"),
        (
            "/v1/shortlists/x/decision",
            {"by": "A", "reason": "R", "conflicts": "none", "choices": [{"provder": "x"}]},
            "/choices/0/provder",
            "did you mean provider?",
        ),
        ("/v1/shortlists", [], "", "a list is not an object with fields"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_right(
    client: TestClient, path: str, body: Any, where: str, words: str
) -> None:
    errors = client.post(path, json=body).json()["errors"]
    assert words in {error["where"]: error["detail"] for error in errors}[where]


@pytest.mark.parametrize(
    "body", ["", "{", '{"lots": ["x"],}', "lots=x", '{"lots": ["x"], "whole_value": NaN}']
)
def test_a_body_that_is_not_json_is_named_by_the_pointer_to_the_whole_body(
    client: TestClient, body: str
) -> None:
    sent = client.post("/v1/shortlists", content=body, headers={"content-type": "application/json"})
    problem = sent.json()
    (error,) = problem["errors"]
    assert sent.status_code == 422
    assert error["where"] == ""
    assert problem["detail"] == f"the body: {error['detail']}"


def test_a_pointer_to_a_field_writes_a_slash_and_a_tilde_as_the_standard_says(
    client: TestClient,
) -> None:
    sent = client.post("/v1/shortlists", json={"lots": ["x"], "a/b~c": 1}).json()
    assert sent["errors"][0]["where"] == "/a~1b~0c"


@pytest.mark.parametrize(
    ("field", "meant"),
    [
        ("titel", "title"),
        ("post_code", "postcode"),
        ("budget", "value"),
        ("Buyer-Kind", "buyer_kind"),
    ],
)
def test_an_unknown_field_of_a_lot_is_named_with_the_one_that_is_meant(
    client: TestClient, field: str, meant: str
) -> None:
    lot = {"title": "Home care", "postcode": "WS1 1TP", field: "x"}
    answered = client.post("/v1/shortlists", json={"lots": {"a": lot, "b": LOT}}).json()
    assert (
        f"{field}: there is no such field; did you mean {meant}?"
        in answered["errors"]["a"]["detail"]
    )
    assert set(answered["shortlists"]) == {"b"}


@pytest.mark.parametrize(
    "query",
    [
        *("limit=ten", "limit=0", "limit=1000", "before=x", "containing=" + "x" * 300),
        *("limit=1&limit=2", "before=1&limit=1&before=2"),
    ],
)
def test_a_wrong_parameter_is_named(client: TestClient, query: str) -> None:
    problem = client.get(f"/v1/shortlists?{query}").json()
    assert problem["errors"][0]["where"] == query.partition("=")[0]
    assert not [part for part in VALIDATORS_WORDS if part in problem["detail"]]


def test_a_period_that_ends_before_it_begins_is_refused(client: TestClient) -> None:
    for path in ("/v1/exposure", "/v1/outcomes"):
        refused = client.get(f"{path}?since=2026-02-01&until=2026-01-31")
        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert error["where"] == "since"
        assert "2026-02-01 is after until, 2026-01-31" in error["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"lots": {}}'.encode("utf-16"), "is not UTF-8 from byte 0 on; send the JSON in UTF-8"),
        (b'{"lots": {"a": "caf\xe9"}}', "is not UTF-8 from byte 19 on; send the JSON in UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_refused_without_a_codec_s_words(
    client: TestClient, body: bytes, said: str
) -> None:
    headers = {"content-type": "application/json"}
    problem = client.post("/v1/shortlists", content=body, headers=headers).json()
    assert problem["status"] == 422
    assert said in problem["detail"]


def test_a_byte_order_mark_is_left_out(client: TestClient) -> None:
    body = b'\xef\xbb\xbf{"lots": {"a": "Home care, WS1 1TP"}, "limit": 1}'
    headers = {"content-type": "application/json"}
    answered = client.post("/v1/shortlists", content=body, headers=headers)
    assert list(answered.json()["shortlists"]) == ["a"]


@pytest.mark.parametrize("media_type", ["text/csv", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_told_which_one_is_read(
    client: TestClient, media_type: str
) -> None:
    headers = {"content-type": media_type}
    problem = client.post("/v1/shortlists", content=b"lots=a", headers=headers).json()
    assert "send it with the header 'Content-Type: application/json'" in problem["detail"]
    assert "b'" not in problem["detail"]


@pytest.mark.parametrize(("lot", "shown"), [(None, "null"), (True, "true"), (5, "5")])
def test_what_is_no_lot_is_shown_as_it_was_sent(client: TestClient, lot: Any, shown: str) -> None:
    answered = client.post("/v1/shortlists", json={"lots": {"a": lot, "b": LOT}}).json()
    assert f"{shown} is not a lot" in answered["errors"]["a"]["detail"]
    assert set(answered["shortlists"]) == {"b"}


@pytest.mark.parametrize("value", ["yes", "true", "maybe", 1, 0, 1.0])
@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in FLAGS for name in names]
)
def test_only_true_and_false_are_true_or_false(
    client: TestClient, path: str, name: str, value: object
) -> None:
    answer = client.post(path, json={**dict(VALID)[path], name: value})
    assert answer.status_code == 422, answer.text
    assert f"{name}: {value!r} is not true or false" in answer.json()["detail"]


NUMBERS = [
    ("/v1/shortlists", ("limit", "seed", "whole_value", "max_lots_per_provider")),
    ("/v1/markets", ("floor", "value_to_income", "fewest", "seed")),
    ("/v1/splits", ("floor", "value_to_income", "fewest", "seed", "whole_value")),
    ("/v1/consortia", ("floor", "value_to_income", "fewest", "seed", "whole_value")),
]
"""Every field of a request that is a number."""


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in NUMBERS for name in names]
)
def test_true_and_false_are_no_numbers(
    client: TestClient, path: str, name: str, value: bool
) -> None:
    answer = client.post(path, json={**dict(VALID)[path], name: value})
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["where"] == f"/{name}"
    assert error["detail"].startswith(f"{'true' if value else 'false'} is not a ")


def test_true_and_false_are_no_numbers_in_a_list(client: TestClient) -> None:
    answer = client.post("/v1/markets", json={"lots": [LOT], "values": [5_000, True]})
    assert answer.json()["errors"] == [{"where": "/values/1", "detail": "true is not a number"}]


@pytest.mark.parametrize("value", [0, 86_400, -86_400.0, True, "0", "-86400", "20260401", ""])
@pytest.mark.parametrize("path", ["/v1/shortlists", "/v1/markets", "/v1/splits", "/v1/consortia"])
def test_a_number_is_no_day(client: TestClient, path: str, value: object) -> None:
    """Seconds since 1970 would be taken for a day, before which nothing is known."""
    answer = client.post(path, json={**dict(VALID)[path], "before": value})
    (error,) = answer.json()["errors"]
    assert error["where"] == "/before"
    assert "is not a date; give one such as 2026-04-01" in error["detail"]


@pytest.mark.parametrize(
    "address",
    [
        *("exposure?since=0", "exposure?until=-86400", "outcomes?since=0"),
        "rules?on=86400",
        "places/E08000030/picture?on=0",
    ],
)
def test_a_number_is_no_day_in_an_address(client: TestClient, address: str) -> None:
    answer = client.get(f"/v1/{address}")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert address.partition("?")[2].startswith(f"{error['where']}=")
    assert client.get(f"/v1/{address.rpartition('=')[0]}=2026-04-01").status_code in {200, 404}


@pytest.mark.parametrize(
    ("address", "where", "right"),
    [
        ("shortlists?limit=2&offset=2", "offset", "give one of limit, before, containing"),
        ("shortlists?befor=9", "befor", "did you mean before?"),
        ("exposure?Page=2.1", "Page", "did you mean page?"),
        ("register?on=2026-04-01", "on", "leave it out"),
        ("places/E08000030/picture?besides=E08000031", "besides", "did you mean beside?"),
    ],
)
def test_a_parameter_that_does_not_exist_is_refused(
    client: TestClient, address: str, where: str, right: str
) -> None:
    """A page that is asked for by another name would be the first one, again and again."""
    answer = client.get(f"/v1/{address}")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["where"] == where
    assert error["detail"] == f"there is no such parameter; {right}"


def test_a_misspelt_view_is_refused_where_lots_are_sent(client: TestClient) -> None:
    told = client.post("/v1/shortlists?veiw=short&feilds=id", json=dict(VALID)["/v1/shortlists"])
    assert [error["where"] for error in told.json()["errors"]] == ["veiw", "feilds"]


@pytest.mark.parametrize(
    ("wish", "where"),
    [
        ({"within": "30km", "area": "Walsall"}, "/within"),
        ({"with_neighbours": True}, "/with_neighbours"),
        ({"with_neighbours": True, "area": "uk"}, "/with_neighbours"),
        ({"everyone": True, "within": "30km"}, "/everyone"),
        ({"fair": True, "purpose": "invite"}, "/fair"),
        ({"area": "Atlantis"}, "/area"),
    ],
)
def test_an_option_that_does_not_go_with_another_is_named(
    client: TestClient, wish: dict[str, Any], where: str
) -> None:
    asked = {"lots": {"a": LOT}, **wish}
    told = client.post("/v1/shortlists", json=asked).json()
    (error,) = told["errors"]
    assert error["where"] == where
    assert told["detail"].startswith(where[1:])
    assert told["detail"].endswith(error["detail"])


def kinds_of_fields(document: dict[str, Any], *kinds: str) -> set[tuple[str, str]]:
    """The path and name of each field of a body that can be of one of these kinds."""
    found = set()
    for path, operations in document["paths"].items():
        body = operations.get("post", {}).get("requestBody", {}).get("content", {})
        name = body.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        fields = document["components"]["schemas"].get(name, {}).get("properties", {})
        options = {key: [field, *field.get("anyOf", [])] for key, field in fields.items()}
        found |= {
            (path, key)
            for key, each in options.items()
            if any(option.get("type") in kinds for option in each)
        }
    return found


def test_every_number_of_the_api_is_tested(client: TestClient) -> None:
    found = kinds_of_fields(client.get("/openapi.json").json(), "integer", "number")
    assert found >= {(path, name) for path, names in NUMBERS for name in names}
    assert {name for _, name in found} == {name for _, names in NUMBERS for name in names}


def test_every_flag_of_the_api_is_tested(client: TestClient) -> None:
    found = kinds_of_fields(client.get("/openapi.json").json(), "boolean")
    assert found >= {(path, name) for path, names in FLAGS for name in names}
    assert {name for _, name in found} == {name for _, names in FLAGS for name in names}


def test_of_very_many_errors_some_are_listed_and_all_are_counted(client: TestClient) -> None:
    names = {f"unknown-{n}": n for n in range(3000)}
    answer = client.post("/v1/shortlists", json={"lots": {"a": LOT}, **names})
    assert answer.status_code == 422
    told = answer.json()
    assert [each["where"] for each in told["errors"]] == [f"/unknown-{n}" for n in range(100)]
    assert told["detail"].endswith("; and 2,995 more")


def test_more_lots_than_any_answer_holds_are_counted_and_not_read(client: TestClient) -> None:
    for lots in (list(range(20_001)), {str(n): n for n in range(20_001)}):
        for path, body in (
            ("/v1/shortlists", {"lots": lots}),
            ("/v1/markets", {"lots": lots}),
            ("/v1/splits", {"need": NEED, "splits": {"two": lots}}),
        ):
            told = client.post(path, json=body).json()
            (error,) = told["errors"]
            assert error["where"] == ("/lots" if "lots" in body else "/splits/two")
            assert error["detail"] == "20,001 are more than 20,000; ask in several requests"
