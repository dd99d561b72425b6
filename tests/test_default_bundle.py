"""Every address of the service, asked with the bundle that is shipped, over the example register.

Other tests of the service use hand-set weights, which rank faster and have another description.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http.examples import DECIDE, MEALS, OUTCOME, QUERIES
from api.settings import Settings
from tests.officer import DECIDED, Officer, Page

NEED = "Hot meals for older people at home\nA hot midday meal around WS2 8RR. CPV 55521100-0"
PROVIDER, COUNCIL = "XX-EXAMPLE-0078", "E08000030"
KEPT = re.compile(r"/v1/(shortlists|markets|splits)/\{id\}")
VARIED = re.compile(r"(?<=/)(?=[^/?]*\d)[\w-]{8,}|=[^&]*")
"""The part of an address that differs between pages of one kind."""
MOST_PAGES = 120


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, example_register: Path
) -> Iterator[TestClient]:
    records = str(tmp_path_factory.mktemp("default") / "records.sqlite")
    app = create_app(Settings(example_register, records=records))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found["paths"]


def examples(operation: dict[str, Any]) -> list[Any]:
    """The bodies that the description gives for an operation; None where it takes none."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    named = [each["value"] for each in content.get("examples", {}).values()]
    return named or ([content["example"]] if "example" in content else [None])


@pytest.fixture(scope="module")
def kept(client: TestClient) -> dict[str, str]:
    """The id of a shortlist, a market and a comparison of splits."""
    lots = {"lots": {"meals": MEALS}}
    shortlist = client.post("/v1/shortlists", json=lots).json()["shortlists"]["meals"]
    market = client.post("/v1/markets", json=lots).json()["markets"][0]["market"]
    splits = {"need": MEALS, "splits": {"two": [MEALS, {**MEALS, "title": "Cold meals"}]}}
    split = client.post("/v1/splits", json=splits).json()
    return {"shortlists": shortlist["id"], "markets": market["id"], "splits": split["id"]}


def test_the_bundle_is_the_one_that_is_shipped(client: TestClient) -> None:
    assert client.get("/v1/models").json()["name"] == "default"


def test_every_address_of_the_api_answers(
    client: TestClient, described: dict[str, Any], kept: dict[str, str]
) -> None:
    failed = []
    for path, operations in described.items():
        found = KEPT.match(path)
        address = path.replace("{id}", kept[found[1]] if found else PROVIDER)
        address = address.replace("{provider}", PROVIDER).replace("{code}", COUNCIL)
        for method, operation in operations.items():
            required = [p for p in operation.get("parameters", ()) if p.get("required")]
            query = {p["name"]: "Walsall meals" for p in required if p["in"] == "query"}
            for body in examples(operation):
                form = {"queries": json.dumps(QUERIES)} if path == "/reconcile" else None
                answer = client.request(method, address, params=query, json=body, data=form)
                if answer.status_code >= 400:
                    failed.append((method, path, answer.status_code, answer.text[:200]))
    assert not failed


def test_a_list_is_decided_and_its_outcome_recorded(client: TestClient) -> None:
    asked = {"lots": {"meals": {**MEALS, "title": "Warm meals for older people"}}}
    shortlist = client.post("/v1/shortlists", json=asked).json()["shortlists"]["meals"]
    ids = [each["id"] for each in shortlist["suggestions"]]
    address = f"/v1/shortlists/{shortlist['id']}"
    decision = {**DECIDE, "choices": [{"provider": ids[0], "outcome": "invited"}]}
    assert client.post(f"{address}/decision", json=decision).status_code == 200
    outcome = {**OUTCOME, "results": [{"provider": ids[0], "result": "awarded"}]}
    assert client.post(f"{address}/outcome", json=outcome).status_code == 200
    for each in ids:
        assert client.get(f"{address}/providers/{each}").status_code == 200
    assert client.post(f"{address}/replay").json()["identical"]


def links(page: Page) -> Iterator[str]:
    """The addresses of this service that a page leads to."""
    for link in page.tree.xpath("//a/@href"):
        parts = urlsplit(link)
        if not parts.netloc and parts.path.startswith("/"):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def test_every_page_opens_that_an_officer_reaches(client: TestClient) -> None:
    officer = Officer(client)
    shortlist = officer.ask(NEED, buyer="Walsall Council", lot_0_value="24,000")
    assert "/lists/" in shortlist.path, shortlist.errors
    form = officer.decide(shortlist, **{PROVIDER: (True, "")})
    officer.send(f"{shortlist.path}/decision", {**form, **DECIDED})
    lots = officer.paste(NEED)
    own = [shortlist.path + end for end in ("", "/outcome", "/print", f"/why?provider={PROVIDER}")]
    waiting = ["/", "/past", "/exposure", "/outcomes", "/place", f"/place/{COUNCIL}", "/splits",
               "/same-or-not", "/docs", f"/providers/{PROVIDER}", lots.path, *own]  # fmt: skip
    seen, failed = set[str](), []
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        if (kind := VARIED.sub("*", address)) in seen:
            continue
        seen.add(kind)
        page = officer.open(address)
        if page.status >= 400:
            failed.append((address, page.status))
        elif "html" in page.response.headers.get("content-type", ""):
            waiting.extend(links(page))
    assert not failed
    assert len(seen) > 20
