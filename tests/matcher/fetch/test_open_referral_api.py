"""Directories of services in both versions, and no personal data on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.core.errors import BadInput
from matcher.core.types import Grade
from matcher.fetch.client import TRIES
from matcher.fetch.fetcher import FetchEnd
from matcher.fetch.open_referral_api import feed_name
from matcher.sources.providers import open_referral
from tests.matcher.fetch.conftest import World
from tests.published import directory, service
from tests.replay import WEB_PAGE, Answer, page


def services(world: World, name: str) -> tuple[Path, list[dict[str, object]]]:
    state = world.store.state(name)
    assert state is not None
    (one,) = state.files
    path = world.store.verified(name, state, one)
    return path, json.loads(path.read_text())


@pytest.mark.parametrize("version", [3, 1])
def test_every_service_of_every_page_arrives_with_its_organisation(
    world: World, version: int
) -> None:
    address = directory(world.replay, "/api", *map(service, range(5)), version=version)
    outcome = world.one(address)
    assert outcome.end is FetchEnd.NEW
    path, _ = services(world, outcome.name)
    ((tally, organisations),) = open_referral.read([path])
    found = list(organisations)
    assert [one.name for one in found] == [f"Invented Befrienders {n}" for n in range(5)]
    assert all(one.sites[0].postcode == "WS1 1AD" for one in found)
    assert all(one.sites[0].grade is Grade.SERVICE_LOCATION for one in found)
    assert tally.source == f"Open Referral UK: {feed_name(address)}"


def test_personal_data_is_not_saved(world: World) -> None:
    world.one(directory(world.replay, "/api", service(1)))
    written = b"".join(p.read_bytes() for p in world.store.path.rglob("*") if p.is_file())
    for secret in (b"someone@", b"checker@", b"chair@", b"Persona", b"01922", b"Invented Street"):
        assert secret not in written


def test_a_service_that_went_away_between_two_fetches_is_gone(world: World) -> None:
    address = directory(world.replay, "/api", service(1), service(2))
    name = world.one(address).name
    directory(world.replay, "/api", service(2))
    assert world.one(address).end is FetchEnd.NEW
    assert [one["id"] for one in services(world, name)[1]] == ["s-2"]


def test_the_same_services_again_are_unchanged(world: World) -> None:
    address = directory(world.replay, "/api", service(1))
    world.one(address)
    assert world.one(address).end is FetchEnd.SAME
    assert world.one("open-referral").end is FetchEnd.SAME


def test_a_service_that_has_no_page_is_taken_as_the_list_has_it(world: World) -> None:
    address = directory(world.replay, "/api", service(1), service(2))
    world.replay.serve("/api/services/s-1", Answer(status=404))
    name = world.one(address).name
    assert services(world, name)[1][0]["name"] == "Befriending 1"


def test_an_interrupted_directory_resumes_and_is_not_used_before(world: World) -> None:
    address = directory(world.replay, "/api", *map(service, range(4)))
    world.replay.trouble("/api/services/s-2", *[Answer(status=503)] * TRIES)
    assert world.one(address).end is FetchEnd.FAILED
    assert world.store.names() == []
    world.replay.asked.clear()
    assert world.one(address).end is FetchEnd.NEW
    assert "/api/services/s-0" not in world.replay.paths()
    assert "/api/services/s-2" in world.replay.paths()


def test_a_directory_that_ignores_the_page_asked_for_ends(world: World) -> None:
    one = service(1)
    world.replay.serve("/api/services", page({"contents": [one], "total_pages": 900}))
    world.replay.serve("/api/services/s-1", page(one))
    assert world.one(f"{world.replay.address}/api").end is FetchEnd.NEW
    assert world.replay.paths().count("/api/services") == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (WEB_PAGE, "a web page instead of JSON"),
        (page({"message": "hello"}), "no page of services"),
        (Answer(status=404), "answers 404"),
    ],
)
def test_other_services_are_not_a_directory(world: World, answer: Answer, why: str) -> None:
    world.replay.serve("/api/services", answer)
    outcome = world.one(f"{world.replay.address}/api")
    assert outcome.end is FetchEnd.FAILED
    assert why in outcome.why


def test_an_empty_directory_is_accepted(world: World) -> None:
    world.replay.serve("/api/services", page({"contents": [], "total_pages": 0}))
    assert world.one(f"{world.replay.address}/api").end is FetchEnd.NEW


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://council.example/api/", "council.example-api"),
        (
            "http://council.example:8080/o/ServiceDirectory",
            "council.example-8080-o-ServiceDirectory",
        ),
        ("https://council.example", "council.example"),
    ],
)
def test_a_directory_is_named_by_host_and_path(address: str, name: str) -> None:
    assert feed_name(address) == name


@pytest.mark.parametrize("address", ["council.example/api", "file:///etc/passwd", "https://"])
def test_an_invalid_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="is not a web address"):
        feed_name(address)
