"""The API's description of itself: its examples run, and the service keeps to it."""

from __future__ import annotations

import contextlib
import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import UnsupportedSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.http.examples import EXTEND, QUERIES
from api.settings import Settings
from tests.servers import serving


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, example_register: Path) -> Path:
    """The fictional example register, with room for records beside it."""
    return shutil.copytree(example_register, tmp_path_factory.mktemp("openapi") / "reg")


@pytest.fixture(scope="module")
def client(register: Path) -> Iterator[TestClient]:
    """The service over the example."""
    with TestClient(create_app(Settings(register, "hand")), base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def bodies(described: dict[str, Any], path: str) -> dict[str, Any]:
    """The worked examples of what is posted to a path."""
    content = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    return {name: one["value"] for name, one in content["examples"].items()}


def test_every_worked_example_of_a_request_is_answered_without_a_problem(
    client: TestClient, described: dict[str, Any]
) -> None:
    examples = bodies(described, "/v1/shortlists")
    assert len(examples) >= 3
    for name, body in examples.items():
        response = client.post("/v1/shortlists", json=body)
        assert response.status_code == 200, (name, response.text)
        told = response.json()
        assert told["errors"] == {}, name
        assert all(one["suggestions"] for one in told["shortlists"].values()), name


def test_the_worked_example_of_a_decision_fits_the_list_of_the_request(
    client: TestClient, described: dict[str, Any]
) -> None:
    asked = bodies(described, "/v1/shortlists")["engagement"]
    told = client.post("/v1/shortlists", json=asked).json()
    id_ = told["shortlists"]["meals"]["id"]
    for body in bodies(described, "/v1/shortlists/{id}/decision").values():
        response = client.post(f"/v1/shortlists/{id_}/decision", json=body)
        assert response.status_code == 200, response.text


def test_the_worked_examples_of_reconciliation_find_providers(
    client: TestClient, described: dict[str, Any]
) -> None:
    parameters = described["paths"]["/reconcile"]["get"]["parameters"]
    examples = {one["name"]: one["examples"]["example"]["value"] for one in parameters}
    found = client.post("/reconcile", data={"queries": examples["queries"]}).json()
    assert set(found) == set(QUERIES)
    assert all(one["result"] for one in found.values())
    rows = client.post("/reconcile", data={"extend": examples["extend"]}).json()["rows"]
    assert set(rows) == set(EXTEND["ids"])


def test_every_endpoint_has_a_description_and_its_responses(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            assert operation["description"].startswith(operation["summary"][:30]), (method, path)
            assert "200" in operation["responses"], (method, path)
            problem = operation["responses"]["422"]["content"]
            assert set(problem) == {"application/problem+json"}, (method, path)


def test_every_form_of_an_answer_is_described(
    client: TestClient, described: dict[str, Any]
) -> None:
    """Also the lines and the files, and nothing that is never sent."""
    sent = {"lots": {"a": "Hot meals at home, WS2 8RR"}}
    lines = {"Accept": "application/x-ndjson"}
    kept = client.post("/v1/shortlists", json=sent).json()["shortlists"]["a"]["id"]
    asks = [client.post("/v1/shortlists", json=sent, headers=head) for head in ({}, lines)]
    given = {("post", "/v1/shortlists"): asks}
    for path in ("/v1/shortlists/{id}/export.csv", "/v1/shortlists/{id}/export.xlsx"):
        given["get", path] = [client.get(path.replace("{id}", kept))]
    for (method, path), answers in given.items():
        assert {answer.status_code for answer in answers} == {200}, path
        kinds = {answer.headers["content-type"].partition(";")[0] for answer in answers}
        content = described["paths"][path][method]["responses"]["200"]["content"]
        assert set(content) == kinds, path
        assert all(one["schema"] for one in content.values()), path
    markets = described["paths"]["/v1/markets"]["post"]["responses"]["200"]["content"]
    assert set(markets) == {"application/json", "application/x-ndjson"}


def test_what_a_role_may_not_do_is_described(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert {"401", "403"} <= set(operation["responses"]), (method, path)


FREE = {"/components/schemas/Models/properties/card"}
"""Objects whose members are not ours to name: each bundle's card has keys of its own."""


def _schemas(part: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a part of the description, and where it is; examples are none."""
    if isinstance(part, dict):
        yield where, part
        for name, inner in part.items():
            if name not in {"example", "examples", "default"}:
                yield from _schemas(inner, f"{where}/{name}")
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _schemas(inner, f"{where}/{number}")


def test_every_object_that_is_sent_or_answered_names_its_members(
    described: dict[str, Any],
) -> None:
    bare = {
        where
        for where, schema in _schemas({name: described[name] for name in ("paths", "components")})
        if schema.get("type") == "object"
        and not schema.get("properties")
        and not isinstance(schema.get("additionalProperties"), dict)
    }
    assert bare == FREE


def test_every_parameter_is_described(described: dict[str, Any]) -> None:
    bare = [
        (path, parameter["name"])
        for path, methods in described["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert bare == []


def test_what_the_source_says_of_a_field_is_its_description(described: dict[str, Any]) -> None:
    """Also of a field with another name in JSON, and of one that a class inherits."""
    schemas = described["components"]["schemas"]
    threshold = schemas["ThresholdInForce"]["properties"]
    assert threshold["amount"]["description"] == "pounds including VAT"
    assert threshold["from"]["description"] == "the first day on which it is in force"
    assert threshold["from"]["format"] == "date"
    read_as = schemas["ShortAnswer"]["properties"]["read_as"]
    assert read_as["description"].startswith("the services that the lot was read as")
    probability = schemas["Suggestion"]["properties"]["probability"]["description"]
    assert probability.endswith("null where unknown")


# --- what a machine thinks of asking ---

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@st.composite
def _drawn(draw: st.DrawFn, cases: st.SearchStrategy[schemathesis.Case]) -> schemathesis.Case:
    """A case.  For some wrong bodies, Schemathesis finds only while drawing that it has none."""
    try:
        return draw(cases)
    except UnsupportedSchema:
        reject()


def _cases(operation: Any, mode: GenerationMode, id_: str) -> list[schemathesis.Case]:
    """Requests of one kind for an operation, half of those with an id for the one that is kept."""
    cases: list[schemathesis.Case] = []

    @settings(
        max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=_drawn(operation.as_strategy(generation_mode=mode)), own=st.booleans())
    def drawn(case: schemathesis.Case, own: bool) -> None:
        if own and "id" in case.path_parameters:
            case.path_parameters["id"] = id_
        cases.append(case)

    with contextlib.suppress(Unsatisfiable):  # no request can be wrong
        drawn()
    return cases


def _checks(operation: Any, mode: GenerationMode) -> list[Any]:
    """What must hold of the answers.  Of wrong requests, only wrong bodies are described."""
    takes = operation.method.upper() == "POST" and bool(operation.body)
    return CHECKS if takes or mode is GenerationMode.POSITIVE else [not_a_server_error]


@pytest.mark.slow
def test_generated_requests_at_the_same_time_get_only_the_described_responses(
    register: Path, described: dict[str, Any]
) -> None:
    """Four clients ask two workers.  Hypothesis draws before: it is no work for several threads."""
    options = ("--bundle", "hand", "--per-minute", "1000000", "--workers", "2")
    with serving(register, *options) as server:
        kept = server.post("/v1/shortlists", {"lots": {"a": "Hot meals in Walsall WS2 8RR"}})
        id_ = kept["shortlists"]["a"]["id"]
        asked = [
            (case, _checks(operation, mode))
            for found in schemathesis.openapi.from_dict(described).get_all_operations()
            for mode in GenerationMode
            for operation in [found.ok()]
            for case in _cases(operation, mode, id_)
        ]
        random.Random(1).shuffle(asked)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda one: one[0].call(base_url=server.url), asked))
        assert server.get("/readyz")["ready"] is True
    assert {case.path for case, _ in asked} == set(described["paths"])
    for (case, checks), response in zip(asked, answers, strict=True):
        case.validate_response(response, checks=checks)
