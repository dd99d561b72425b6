"""A running server whose records are taken away, and records that a running server uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from api.errors import RecordsError
from api.records import backup
from api.service.entries import listings_of
from api.settings import Settings
from tests.registers import registered
from tests.servers import Server, serving
from tests.services import LOT, PEOPLE


def ask(server: Server, **fields: Any) -> Any:
    return server.post("/v1/shortlists", {"lots": {"a": {**LOT, **fields}}})["shortlists"]["a"]


def problem(call: Callable[[], object]) -> dict[str, Any]:
    """The problem detail of a call that is answered with 503."""
    with pytest.raises(HTTPError) as caught:
        call()
    with caught.value as response:
        assert response.code == 503
        found: dict[str, Any] = json.loads(response.read())
        return found


def test_a_records_file_deleted_under_a_running_server_is_503_until_it_is_back(
    tmp_path: Path, places_table: Path
) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    records = tmp_path / "records.sqlite"
    with serving(tmp_path / "reg", "--bundle", "hand", "--records", records) as server:
        id_ = ask(server)["id"]
        records.rename(tmp_path / "away")
        calls: list[Callable[[], object]] = [
            lambda: server.get("/readyz"),
            lambda: server.get(f"/v1/shortlists/{id_}"),
            lambda: server.get("/v1/exposure"),
            lambda: ask(server, title="Asked in vain"),
        ]
        for call in calls:
            told = problem(call)
            assert told["type"] == "/problems/records"
            assert "was deleted or replaced" in told["detail"]
        assert server.get("/healthz") == {"alive": True}
        (tmp_path / "away").rename(records)
        assert server.get("/readyz")["entries"] == 1
        assert server.get(f"/v1/shortlists/{id_}")["id"] == id_


def test_nothing_is_restored_under_a_running_server(tmp_path: Path, places_table: Path) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    records, other = tmp_path / "records.sqlite", tmp_path / "other.sqlite"
    options = ("--bundle", "hand", "--records")
    with serving(tmp_path / "reg", *options, records) as server:
        id_ = ask(server)["id"]
        url = Settings(tmp_path / "reg", records=str(records)).records_url
        copy = backup.backup(url, tmp_path / "backup", listings_of=listings_of)
        assert (copy.anchor.seq, copy.verification.broken) == (1, ())
    target = Settings(tmp_path / "reg", records=str(other)).records_url
    with serving(tmp_path / "reg", *options, other, "--workers", "2") as server:
        with pytest.raises(RecordsError, match="are in use"):
            backup.restore(tmp_path / "backup", target, listings_of=listings_of)
        assert server.get("/readyz")["entries"] == 0
    backup.restore(tmp_path / "backup", target, listings_of=listings_of)
    with serving(tmp_path / "reg", *options, other) as server:
        assert server.get(f"/v1/shortlists/{id_}")["id"] == id_
