"""The user stories as they are asked of the service: the officer, the law, the auditor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from api.service.services import Services
from matcher.core.types import Size
from tests.factory import SHARED, needs_shared
from tests.registers import registered
from tests.services import LOT, PEOPLE, carer, open_services, opened, served

BUNDLE = "default"
"""The bundle that is shipped: most other tests of the service use hand-set weights."""
SPECIFICATION = {
    "ocid": "ocds-213czf-1",
    "date": "2026-05-04T09:00:00Z",
    "buyer": {"name": "Walsall Council"},
    "tender": {
        "title": "Care close to home (fictional)",
        "lots": [
            {"id": "1", "title": "Home care for older people", "description": "Visits at home."},
            {"id": "2", "title": "Engines", "description": "Engines are to be rebuilt."},
        ],
        "items": [
            {"id": n, "relatedLot": n, "deliveryAddresses": [{"postalCode": "WS1 1TP"}]}
            for n in ("1", "2")
        ],
    },
}
GROSS = {**LOT, "value": 120_000, "value_is_gross": True}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stories")


@pytest.fixture(scope="module")
def client(folder: Path, places_table: Path) -> Iterator[TestClient]:
    with served(folder, places_table, bundle=BUNDLE) as client:
        yield client


def ask(client: TestClient, lots: dict[str, Any], **fields: Any) -> dict[str, Any]:
    posted = client.post("/v1/shortlists", json={"lots": lots, **fields})
    assert posted.status_code == 200, posted.text
    told: dict[str, Any] = posted.json()
    return told


def one(client: TestClient, lot: dict[str, Any], **fields: Any) -> dict[str, Any]:
    told = ask(client, {"a": lot}, **fields)
    assert not told["errors"], told["errors"]
    answer: dict[str, Any] = told["shortlists"]["a"]
    return answer


# --- story 1: an officer gives a specification with lots, and gets whom to talk to ---


def test_story_1_each_lot_of_a_specification_has_a_list_that_can_be_defended(
    client: TestClient,
) -> None:
    told = ask(client, {"spec": SPECIFICATION}, limit=3)["shortlists"]
    assert set(told) == {"spec/1", "spec/2"}
    for answer in told.values():
        assert 1 <= len(answer["suggestions"]) <= 3
        text = f"{answer['lot']['title']} {answer['lot']['description']}".lower()
        for found in answer["suggestions"]:
            parts = sum(found["contributions"].values()) + found["base"]
            assert parts == pytest.approx(found["score"], abs=1e-9)
            assert any(m["asked"].lower() in text and m["found"] for m in found["matches"])
            assert all("2026-01-01" in source for source in found["sources"])
    assert told["spec/2"]["suggestions"][0]["name"] == "Engine Works"


@needs_shared
def test_story_1_a_real_tender_with_lots_has_a_list_a_lot(client: TestClient) -> None:
    path = next((SHARED / "fixtures" / "devolved-tenders").glob("*.json*"))
    text = path.read_text(encoding="utf-8")
    document = json.loads(text if path.suffix == ".json" else text.splitlines()[0])
    tenders = document if isinstance(document, list) else [document]
    told = ask(client, {str(n): tender for n, tender in enumerate(tenders[:20])})
    assert told["shortlists"]
    assert all(refused["detail"] for refused in told["errors"].values())


# --- story 2: an invite list, £120,000, VAT included, nothing reserved ---


def test_story_2_moving_a_provider_or_changing_its_income_changes_no_byte_of_the_list(
    tmp_path: Path, places_table: Path, client: TestClient
) -> None:
    moved = [
        replace(carer(n, "B1 1AA"), income=9e6, size=Size.MEDIUM) if n < 6 else None
        for n in range(1, 7)
    ]
    rest = [p for p in PEOPLE if not getattr(p, "id", "").startswith("GB-CHC-100000")]
    people = [*(p for p in moved if p), *rest]
    registered(tmp_path / "reg", places_table, *people, trust_ids=True, bundle=opened(BUNDLE))
    with served(tmp_path, places_table, bundle=BUNDLE) as other:
        answers = [one(c, GROSS, purpose="invite") for c in (client, other)]
        near = [one(c, GROSS, everyone=True) for c in (client, other)]
    assert answers[0]["suggestions"] == answers[1]["suggestions"]
    assert near[0]["suggestions"] != near[1]["suggestions"]


# --- story 4: contract procedure rules ---


def checks(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {check["words"]: check for check in answer["procedure"]["checks"]}


def test_story_4_a_list_says_met_not_met_or_possible_conflict(client: TestClient) -> None:
    lot = {**LOT, "value": 24_000}
    free = one(client, lot, procedure="wallbrook", everyone=True)
    invite = one(client, lot, procedure="wallbrook", purpose="invite")
    short = one(client, lot, procedure="wallbrook", limit=2)
    assert checks(free)["at least 1 based in Walsall"]["outcome"] == "met"
    conflict = checks(invite)["at least 1 based in Walsall"]
    assert (conflict["outcome"], conflict["rule"]) == ("possible conflict", "LGA1988-s17")
    assert "reserved" in conflict["because"]
    assert checks(short)["at least 3 on the list"]["outcome"] == "not met"


def test_story_4_a_council_brings_its_own_rules(tmp_path: Path, places_table: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "ours.toml").write_text(
        'council = "Walsall Council"\nversion = "1"\nfrom = 2026-04-01\nsource = "test"\n'
        'vat = "included"\n[[bands]]\nname = "All"\nquotes = 2\nwords = "Two quotes."\n',
        encoding="utf-8",
    )
    with served(tmp_path, places_table, bundle=BUNDLE, procedures=tmp_path / "packs") as client:
        answer = one(client, LOT, procedure="ours")
    assert checks(answer)["at least 2 on the list"]["outcome"] == "met"


# --- story 10: the auditor, and the sole trader ---


@pytest.fixture
def own(tmp_path: Path, places_table: Path) -> Iterator[TestClient]:
    with served(tmp_path, places_table, bundle=BUNDLE) as client:
        yield client


def test_story_10_why_was_i_not_listed_on_3_march(own: TestClient) -> None:
    answer = one(own, {**LOT, "day": "2026-03-03"}, limit=1)
    kept = own.get("/v1/shortlists", params={"containing": "older people"}).json()["shortlists"]
    assert [brief["id"] for brief in kept] == [answer["id"]]
    assert own.post(f"/v1/shortlists/{answer['id']}/replay").json()["identical"] is True
    why = own.get(f"/v1/shortlists/{answer['id']}/providers/XX-NAME-jsmithcare").json()
    assert why["stage"] == "below the list"
    assert why["rank"] > 1
    assert why["gap"] > 0
    facts = why["facts"]
    assert facts["contributions"]
    assert facts["postcode"] == "WS1 1TP"
    gap = answer["suggestions"][0]["score"] - facts["score"]
    assert gap == pytest.approx(why["gap"])


def test_story_10_a_sole_trader_is_taken_out_of_store_register_and_exports(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table, bundle=BUNDLE) as client:
        before = one(client, LOT, limit=10)
        assert b"J Smith" in client.get(f"/v1/shortlists/{before['id']}/export.csv").content
        other: Services = open_services(tmp_path, places_table, bundle=BUNDLE)
        done = other.register.suppress(
            "XX-NAME-jsmithcare", by="Dana Example", why="objection, Article 21"
        )
        log = [e for e in other.context.records.about(done.pseudonym) if e.body]
        told = msgspec.json.decode(log[0].body or b"")
        assert (told["by"], told["why"]) == ("Dana Example", "objection, Article 21")
        assert other.context.records.verify().broken == ()
        other.close()
        pages = [
            client.get(f"/v1/shortlists/{before['id']}"),
            client.get(f"/v1/shortlists/{before['id']}/export.csv"),
            client.get("/v1/exposure"),
            client.get("/v1/providers", params={"q": "J Smith Care"}),
            client.post("/v1/shortlists", json={"lots": {"a": LOT}, "limit": 10}),
        ]
        assert client.get("/v1/providers/XX-NAME-jsmithcare").status_code == 404
    for page in pages:
        assert page.status_code == 200
        assert b"smith" not in page.content.lower()
    files = [p for p in tmp_path.rglob("*") if p.is_file() and p.parent.name != "places"]
    assert files
    for file in files:
        assert b"jsmith" not in file.read_bytes(), file
        assert b"J Smith" not in file.read_bytes(), file


def test_story_10_the_transparency_draft_is_written_from_what_runs(own: TestClient) -> None:
    first, second = (own.get("/v1/transparency") for _ in range(2))
    assert first.headers["content-type"].startswith("text/markdown")
    assert first.text == second.text
    models, register = own.get("/v1/models").json(), own.get("/v1/register").json()
    for said in (models["version"], register["version"], "LGA1988-s17", "named person"):
        assert said in first.text
    for ranker in models["rankers"]:
        assert ranker["weights"]
        assert all(f"| {name} |" in first.text for name in ranker["weights"])
