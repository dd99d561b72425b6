"""The benchmarks run: on a handful of providers, without a word about how long it takes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from benchmarks import speed
from matcher.postcodes import PostcodeTable
from matcher.register import Register
from matcher.types import Provider
from tests.factory import award, lot, provider
from tests.matcher.gazetteer import small_table

REAL = [
    provider("GB-CHC-1", "WS1 1TP", name="Walsall Home Care", profile="home care for the old"),
    provider("GB-CHC-2", "IP1 2BX", name="Ipswich Youth Club", profile="a club for young people"),
    provider("GB-CHC-3", name="Nowhere Trust", income=50_000.0),
]
SIZE = 25


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> PostcodeTable:
    return small_table(tmp_path_factory.mktemp("places"))


@pytest.fixture
def files(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Path]:
    """A file of profiles and one of awards; and the small table in place of the whole."""
    places = tmp_path_factory.mktemp("table")
    small_table(places)
    monkeypatch.setattr(PostcodeTable, "cached", lambda: places)
    profiles = tmp_path / "profiles.jsonl"
    rows = [
        {
            "id": p.id,
            "name": p.name,
            "profile": p.profile,
            "postcode": [s.postcode for s in p.sites],
        }
        for p in REAL
    ]
    profiles.write_text("".join(json.dumps(row) + "\n" for row in rows))
    awards = tmp_path / "awards.jsonl"
    awards.write_text("".join(json.dumps(_release(n)) + "\n" for n in range(4)))
    return profiles, awards


def _release(number: int) -> dict[str, object]:
    """An award of August 2022 of home care in Walsall to a supplier there."""
    supplier = {
        "id": f"GB-COH-0000000{number}",
        "name": f"Carers {number} Ltd",
        "roles": ["supplier"],
        "address": {"postalCode": "WS1 2AA"},
    }
    buyer = {"id": "GB-LAC-1", "name": "Walsall Council", "roles": ["buyer"]}
    return {
        "ocid": f"ocds-b5fd17-{number}",
        "id": f"{number}-1",
        "date": f"2022-08-0{number + 1}T00:00:00Z",
        "tag": ["award"],
        "parties": [supplier, buyer],
        "buyer": {"id": "GB-LAC-1", "name": "Walsall Council"},
        "tender": {
            "id": f"t{number}",
            "title": "Home care for older people",
            "items": [{"id": "1", "deliveryAddresses": [{"postalCode": "WS1 1TP"}]}],
        },
        "awards": [
            {
                "id": f"a{number}",
                "date": f"2022-08-0{number + 1}T00:00:00Z",
                "suppliers": [{"id": supplier["id"], "name": supplier["name"]}],
            }
        ],
    }


def _invented(table: PostcodeTable) -> list[Provider]:
    tally, feed = speed.invented(REAL, table, SIZE)
    found = [one for one in feed if isinstance(one, Provider)]
    assert tally.read == tally.kept == len(found)
    return found


def test_invented_providers_have_ids_of_their_own_and_postcodes_of_the_table(
    table: PostcodeTable,
) -> None:
    found = _invented(table)
    assert len({one.id for one in found}) == SIZE
    assert all(one.id.startswith("TEST-") for one in found)
    places = [table.find(site.postcode) for one in found for site in one.sites]
    assert all(place is not None and place.how.name == "EXACT" for place in places)


def test_invention_is_the_same_twice(table: PostcodeTable) -> None:
    assert _invented(table) == _invented(table)


def test_a_supplier_is_laid_upon_one_invented_provider_and_keeps_its_address() -> None:
    real = award("a-1", provider("GB-COH-1", "WS1 1TP"), provider("GB-COH-2", "IP1 2BX"))
    (found,) = speed.won_by_invented(iter([real]), SIZE)
    (again,) = speed.won_by_invented(iter([real]), SIZE)
    known = {speed.test_id(number) for number in range(SIZE)}
    assert [one.sites for one in found.suppliers] == [one.sites for one in real.suppliers]
    assert {one.id for one in found.suppliers} <= known
    assert found == again


def test_suppliers_are_spread_over_the_invented_providers() -> None:
    many = award("a-1", *(provider(f"GB-COH-{number}") for number in range(50)))
    (found,) = speed.won_by_invented(iter([many]), SIZE)
    assert len({one.id for one in found.suppliers}) > SIZE // 2


def test_every_system_is_timed_once_a_lot() -> None:
    asked: list[str] = []
    systems = {"a": lambda one: asked.append(one.id), "b": lambda one: None}
    lots = [lot(id=str(number)) for number in range(5)]
    times = speed.timed(systems, lots)
    assert {name: len(taken) for name, taken in times.items()} == {"a": 5, "b": 5}
    assert set(asked) == {one.id for one in lots}


def test_ratios_are_to_the_peer() -> None:
    times = {speed.LOCAL: [1.0, 1.0, 1.0], speed.EVERYONE: [8.0] * 3, speed.PEER: [4.0] * 3}
    rows = {row["system"]: row for row in speed.summary(9, times)}
    assert rows[speed.LOCAL]["median / peer"] == pytest.approx(0.25)
    assert rows[speed.EVERYONE]["p95 / peer"] == pytest.approx(2.0)
    assert rows[speed.PEER]["median ms"] == pytest.approx(4.0)


def test_a_register_of_the_size_asked_for_is_built_opened_and_asked(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    profiles, awards = files
    register, peer = tmp_path / "register", tmp_path / "peer"
    speed.make_register(register, profiles, awards, SIZE)
    opened = Register.open(register)
    assert len(opened) == SIZE
    assert opened.known_awards == 4
    speed.make_peer(peer, register)
    lots = speed.sample(awards, date(2022, 7, 1), date(2022, 9, 30), 2)
    assert [one.title for one in lots] == ["Home care for older people"] * 2
    systems = speed.open_all(register, peer).systems
    for system in systems.values():
        assert system(lots[0]) is not None
    rows = list(speed.summary(SIZE, speed.timed(systems, lots)))
    assert [row["lots"] for row in rows] == [2, 2, 2]


def test_lots_are_spread_evenly_over_the_window(
    files: tuple[Path, Path],
) -> None:
    _, awards = files
    days = [one.day for one in speed.sample(awards, date(2022, 8, 1), date(2022, 8, 31), 2)]
    assert days == [date(2022, 8, 1), date(2022, 8, 3)]
    assert not speed.sample(awards, date(2021, 8, 1), date(2021, 8, 31), 2)
