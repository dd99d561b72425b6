"""The picture of a place over HTTP, and the pictures that are kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service.entries import encode
from api.service.places import without_names
from api.settings import Settings
from matcher.core.types import Tally
from matcher.place.picture import picture_of
from matcher.ranking.matcher import Matcher
from matcher.register.build.build import build
from tests.factory import award, lot, provider
from tests.matcher.place.test_picture import HERE, paid
from tests.registers import feed, registered

OTHER = provider("GB-COH-00000009", "WS1 1TP", name="Rye Loaf Bakers Ltd")


@pytest.fixture
def register(tmp_path: Path, places_table: Path) -> Path:
    path = tmp_path / "reg"
    payments = (Tally("payments"), iter([paid(HERE.name, 10.01)]))
    build(path, [feed(HERE), payments], places_table=places_table)
    return path


@pytest.fixture
def client(register: Path, tmp_path: Path) -> TestClient:
    settings = Settings(register=register, bundle="hand", records=str(tmp_path / "r.db"))
    return TestClient(create_app(settings))


def test_the_picture_of_a_place(client: TestClient) -> None:
    with client:
        found = client.get("/v1/places/E08000030/picture", params={"on": "2026-09-01"}).json()
    assert found["name"] == "Walsall"
    assert found["on"] == "2026-09-01"
    assert found["money"]["total"]["by"]["local"]["small"] == 1001


def test_a_place_that_is_not_known_is_missing(client: TestClient) -> None:
    with client:
        answer = client.get("/v1/places/Walsal/picture")
    assert answer.status_code == 404
    assert "did you mean 'Walsall'?" in answer.json()["detail"]


def test_a_kept_picture_names_no_provider_and_the_next_says_what_changed(
    client: TestClient, register: Path, places_table: Path
) -> None:
    with client:
        first = client.post("/v1/places/Walsall/picture")
        again = client.post("/v1/places/Walsall/picture")
        payments = (Tally("payments"), iter([paid(HERE.name, 30)]))
        build(register, [feed(HERE, OTHER), payments], places_table=places_table)
        later = client.post("/v1/places/Walsall/picture").json()
    assert first.content == again.content
    assert "Hot Pot" not in first.text
    assert first.json()["changed"] == []
    assert any("Organisations with an address here: 2 (+1)" in s for s in later["changed"])


def test_a_contract_whose_title_says_who_has_it_names_nobody_in_a_kept_picture(
    tmp_path: Path, places_table: Path
) -> None:
    title = f"Meals at home, {HERE.name}"
    ends = award("a-1", HERE, lot=lot(id="a-1", title=title, buyer="Walsall Council"),
                 ends=date(2026, 12, 1))  # fmt: skip
    register = registered(tmp_path / "reg", places_table, HERE, ends)
    walsall = register.councils.require("Walsall")
    found = picture_of(Matcher.open(tmp_path / "reg", "hand"), walsall, date(2026, 9, 1))
    assert [one.title for one in found.upcoming] == [title]
    kept = without_names(found)
    assert [one.id for one in kept.upcoming] == ["a-1"]
    assert HERE.name.encode() not in encode(kept)
