"""The API's description of itself: its examples run, and the service keeps to it."""

from __future__ import annotations

import contextlib
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


def test_generated_requests_get_only_the_described_responses(
    register: Path, described: dict[str, Any]
) -> None:
    asked: set[str] = set()
    with serving(register, "--bundle", "hand", "--per-minute", "1000000") as server:
        body = {"lots": {"a": "Hot meals in Walsall WS2 8RR"}}
        kept = server.post("/v1/shortlists", body)["shortlists"]["a"]["id"]

        for found in schemathesis.openapi.from_dict(described).get_all_operations():
            operation = found.ok()
            fits, misfits = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
            takes = operation.method.upper() == "POST" and bool(operation.body)
            for mode in (fits, misfits) if takes else (fits,):

                @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
                @given(case=_drawn(operation.as_strategy(generation_mode=mode)))
                def holds(case: schemathesis.Case) -> None:
                    if "id" in case.path_parameters and case.path.startswith("/v1/shortlists"):
                        case.path_parameters["id"] = kept
                    response = case.call(base_url=server.url)
                    case.validate_response(response, checks=CHECKS)
                    asked.add(case.path)

                holds()
    assert asked == set(described["paths"])


@pytest.mark.slow
def test_generated_requests_at_the_same_time_never_make_two_workers_fail(
    register: Path, described: dict[str, Any]
) -> None:
    operations = [
        (found.ok(), mode)
        for found in schemathesis.openapi.from_dict(described).get_all_operations()
        for mode in GenerationMode
    ]
    failures: list[str] = []
    reached = set[str]()
    options = ("--bundle", "hand", "--per-minute", "1000000", "--workers", "2")
    with serving(register, *options) as server:
        kept = server.post("/v1/shortlists", {"lots": {"a": "Hot meals in Walsall WS2 8RR"}})
        id_ = kept["shortlists"]["a"]["id"]

        def ask(operation: Any, mode: GenerationMode) -> None:
            @settings(
                max_examples=25,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode), own=st.booleans())
            def ask_some(case: schemathesis.Case, own: bool) -> None:
                if own and "id" in case.path_parameters:
                    case.path_parameters["id"] = id_
                response = case.call(base_url=server.url)
                reached.add(case.path)
                if response.status_code >= 500:
                    failures.append(f"{response.status_code}: {case.as_curl_command()}")

            with contextlib.suppress(Unsatisfiable):  # no request can be wrong
                ask_some()

        with ThreadPoolExecutor(4) as pool:
            for asked in [pool.submit(ask, *operation) for operation in operations]:
                asked.result()
        assert server.get("/readyz")["ready"] is True
    assert failures == []
    assert reached == set(described["paths"])
