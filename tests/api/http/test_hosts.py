"""The names that the service answers to: every other one is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.services import served


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[TestClient]:
    hosts = "localhost,127.0.0.1,[::1],lots.council.example"
    with served(tmp_path_factory.mktemp("hosts"), places_table, hosts=hosts) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "lots.Council.example"]
)
def test_a_name_of_the_service_is_answered_whatever_the_port(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "evil.example:8000", "localhost@evil.example"),
        *("evil.example@localhost", "localhost/", "localhost:80:80", "localhost:", "", "[::2]"),
        *("xlocalhost", "localhost evil.example", "localhost,evil.example", "a" * 300),
    ],
)
def test_another_name_is_refused_with_what_to_do(client: TestClient, host: str) -> None:
    for path in ("/healthz", "/", "/v1/register"):
        answer = client.get(path, headers={"host": host})
        assert answer.status_code == 400
        told = answer.json()
        assert told["type"] == "/problems/host"
        assert "--allow-host" in told["detail"] or "send one 'Host' header" in told["detail"]


def test_two_names_are_refused(client: TestClient) -> None:
    """A proxy in front may have looked at the other one."""
    both = [("host", "localhost"), ("host", "evil.example")]
    assert client.get("/healthz", headers=both).status_code == 400
