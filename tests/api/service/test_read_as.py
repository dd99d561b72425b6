"""What a lot was read as: in answers and on pages, and not in what was kept before it was said."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.records.entry import EntryKind, NewEntry
from api.records.records import Records
from tests.api.conftest import Run
from tests.officer import Officer
from tests.services import LOT, people_register, served

NEED = {**LOT, "postcode": "", "area": "Walsall, Sandwell", "value": 240_000}
PARTS = [{**NEED, "area": area, "value": 120_000} for area in ("Walsall", "Sandwell")]
CARE = "Domiciliary care for older people"
CHECK = "If that is not what you need, check the CPV codes and say more about the work."
ADVICE = CHECK.replace(" check the CPV codes and", "")
KINDS = {
    "shortlists": (EntryKind.SHORTLIST, "/v1/shortlists", {"lots": {"a": LOT}}),
    "markets": (EntryKind.MARKET, "/v1/markets", {"lots": {"a": LOT}}),
    "splits": (EntryKind.SPLITS, "/v1/splits", {"need": NEED, "splits": {"two": PARTS}}),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[TestClient]:
    with served(tmp_path_factory.mktemp("read-as"), places_table, bundle="default") as client:
        yield client


@pytest.fixture
def own(tmp_path: Path, places_table: Path) -> Iterator[TestClient]:
    with served(tmp_path, places_table, bundle="default") as client:
        yield client


def asked(client: TestClient, title: str = LOT["title"], view: str = "", **fields: Any) -> Any:
    body = {"lots": {"a": {**LOT, "title": title, "description": ""}}, **fields}
    posted = client.post(f"/v1/shortlists{view}", json=body)
    assert posted.status_code == 200, posted.text
    return posted.json()["shortlists"]["a"]


# --- answers ---


def test_each_form_of_an_answer_says_what_its_lot_was_read_as(client: TestClient) -> None:
    whole = asked(client)
    assert CARE in whole["read_as"]
    assert 1 <= len(whole["read_as"]) <= 3
    for view in ("?view=short", "?fields=id"):
        assert asked(client, view=view)["read_as"] == whole["read_as"]
    body = {"lots": {"a": {**LOT, "description": ""}}}
    (line,) = client.post("/v1/markets", json=body).json()["markets"]
    assert line["market"]["read_as"] == whole["read_as"]
    for purpose in ("invite", "reserved"):
        wish = {"kind": "vcse"} if purpose == "reserved" else {}
        assert asked(client, purpose=purpose, as_one=False, **wish)["read_as"] == whole["read_as"]


def test_each_lot_of_a_split_says_what_it_was_read_as(client: TestClient) -> None:
    lots = [{**PARTS[0], "title": "Grass cutting", "description": "", "cpv": []}, PARTS[1]]
    answer = client.post("/v1/splits", json={"need": NEED, "splits": {"two": lots}}).json()
    markets = answer["compared"]["markets"]
    grass, care = (markets[lot["market"]] for lot in answer["compared"]["splits"]["two"]["lots"])
    assert "Grass cutting of verges and open spaces" in grass["read_as"]
    assert CARE in care["read_as"]


def test_a_lot_that_is_near_no_service_is_read_as_none(client: TestClient) -> None:
    assert asked(client, "Translation of Sumerian tablets")["read_as"] == []


# --- what was kept before ---


def without_it(kept: Any) -> Any:
    """An answer as a version kept it that did not say what lots were read as."""
    if isinstance(kept, dict):
        return {name: without_it(part) for name, part in kept.items() if name != "read_as"}
    return [without_it(part) for part in kept] if isinstance(kept, list) else kept


def first_of(answer: Any, kind: str) -> Any:
    """The one answer among those of a response."""
    if kind == "shortlists":
        return answer["shortlists"]["a"]
    return answer["markets"][0]["market"] if kind == "markets" else answer


def keep(client: TestClient, kind: EntryKind, answer: Any) -> bytes:
    """Keep an answer as if a version had given it; returns its bytes."""
    records: Records = client.app.state.services.context.records  # type: ignore[attr-defined]
    body = msgspec.json.encode(answer, order="deterministic")
    records.append([NewEntry(kind, answer["id"], answer["id"], body)])
    return body


@pytest.mark.parametrize("name", KINDS)
def test_an_answer_that_was_kept_before_opens_replays_and_stands(
    client: TestClient, own: TestClient, name: str
) -> None:
    kind, path, body = KINDS[name]
    new = first_of(client.post(path, json=body).json(), name)
    assert new != without_it(new)
    old = keep(own, kind, without_it(new))
    address = f"{path}/{new['id']}"
    assert own.get(address).status_code == 200
    assert own.post(f"{address}/replay").json() == {
        "id": new["id"],
        "identical": True,
        "changes": [],
    }
    again = own.post(path, json=body)
    assert without_it(first_of(again.json(), name)) == without_it(new)
    if kind is EntryKind.SHORTLIST:
        assert old in again.content
    assert own.app.state.services.context.records.verify().broken == ()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["shortlists", "markets"])
def test_an_answer_that_says_something_else_is_not_the_same(
    client: TestClient, own: TestClient, name: str
) -> None:
    kind, path, body = KINDS[name]
    new = first_of(client.post(path, json=body).json(), name)
    keep(own, kind, {**new, "read_as": ["Grass cutting"]})
    replayed = own.post(f"{path}/{new['id']}/replay").json()
    assert replayed["identical"] is False
    (change,) = replayed["changes"]
    assert (change["what"], json.loads(change["then"])) == ("read as", ["Grass cutting"])
    assert json.loads(change["now"]) == new["read_as"]


def test_a_replay_names_the_notes_that_another_version_gave(
    client: TestClient, own: TestClient
) -> None:
    new = asked(client)
    first, *others = new["notes"]
    keep(own, EntryKind.SHORTLIST, {**new, "notes": ["Said by another version.", *others]})
    (change,) = own.post(f"/v1/shortlists/{new['id']}/replay").json()["changes"]
    assert (change["what"], json.loads(change["then"])) == ("notes", ["Said by another version."])
    assert json.loads(change["now"]) == [first]


def test_a_list_that_was_kept_before_is_shown_and_printed_as_it_was(
    client: TestClient, own: TestClient
) -> None:
    new = asked(client)
    keep(own, EntryKind.SHORTLIST, without_it(new))
    for page in ("", "/kept", "/print"):
        for one, said in ((client, True), (own, False)):
            shown = Officer(one).open(f"/lists/{new['id']}{page}")
            assert (shown.status, "Read as" in shown.text) == (200, said)
    for one, said in ((client, True), (own, False)):
        sheet = one.get(f"/v1/shortlists/{new['id']}/export.xlsx").content
        record = openpyxl.load_workbook(io.BytesIO(sheet))["Record"]
        told = {row[0]: row[1] for row in record.iter_rows(values_only=True)}
        assert told.get("Read as") == ("; ".join(new["read_as"]) if said else None)


# --- what people see ---


def test_a_page_says_what_the_need_was_read_as_and_what_to_do_where_that_is_wrong(
    client: TestClient,
) -> None:
    answer = asked(client)
    page = Officer(client).open(f"/lists/{answer['id']}")
    (row,) = (text for text in page.texts("govuk-summary-list__row") if "Read as" in text)
    assert row == f"Read as{'; '.join(answer['read_as'])}{CHECK}"


def test_a_page_without_a_provider_says_it_where_it_says_that_there_is_none(
    client: TestClient,
) -> None:
    answer = asked(client, "Asbestos surveys")
    assert answer["suggestions"] == []
    page = Officer(client).open(f"/lists/{answer['id']}")
    services = "; ".join(answer["read_as"])
    assert "Asbestos" in services
    _, none, below = page.text.partition("No matching provider found")
    assert none
    assert f"Read as: {services}. {CHECK}" in below
    assert page.text.count(CHECK) == 1


def test_the_page_of_ways_to_split_says_it_of_each_lot(client: TestClient) -> None:
    lots = "Care and grass\nLot 1: Home care for older people\nLot 2: Grass cutting\n"
    officer = Officer(client)
    form = officer.paste(f"{lots}In Walsall, WS1 1TP.").form("/lots")
    page = officer.send("/lots", {**form, "do": "splits"})
    assert "Read as: Grass cutting of verges and open spaces" in page.text
    assert "If a lot was read as work that it is not for" in page.text


def test_the_command_line_says_it_above_the_list(
    run: Run, tmp_path: Path, places_table: Path
) -> None:
    register = people_register(tmp_path, places_table, "default")
    lots = {"grass": "Grass cutting", "asbestos": "Asbestos surveys"}
    for name, title in lots.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({**LOT, "title": title, "description": "", "cpv": []}))
        shown = " ".join(run("shortlist", path, "--register", register).out.split())
        assert f"Read as: {title}" in shown.replace("surveying", "surveys")
        assert ADVICE in shown.replace("│ │ ", "")
    market = run("market", tmp_path / "grass.json", "--register", register).out
    assert "read as: Grass" in " ".join(market.split())
