"""Two worker processes and many clients at once: what was acknowledged is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from api.errors import RecordsError
from api.records import backup
from api.records.records import Records
from api.service.entries import listings_of
from api.settings import Settings
from tests.registers import registered
from tests.servers import Server, serving
from tests.services import LOT, PEOPLE

pytestmark = pytest.mark.slow

CLIENTS, EACH = 8, 5


def decision(by: str) -> dict[str, Any]:
    return {
        "by": by,
        "reason": "They do it now.",
        "conflicts": "none",
        "choices": [{"provider": "GB-CHC-1000001", "outcome": "invited"}],
    }


def ask(server: Server, **fields: Any) -> Any:
    return server.post("/v1/shortlists", {"lots": {"a": {**LOT, **fields}}})["shortlists"]["a"]


def everybody_decides(register: Path, records: str) -> None:
    """Eight clients send five decisions each, and ask the same lot and their own in between."""
    options = ("--bundle", "hand", "--records", records, "--workers", "2")
    with serving(register, *options) as server:
        id_ = ask(server)["id"]

        def client(number: int) -> list[str]:
            ids = []
            for n in range(EACH):
                by = f"Officer {number}.{n}"
                answer = server.post(f"/v1/shortlists/{id_}/decision", decision(by))
                own = [one for one in answer["decisions"] if one["decision"]["by"] == by]
                assert len(own) == 1, "the answer holds the decision that it acknowledges"
                ids.append(ask(server, title=f"Home care {n}")["id"])
            return ids

        with ThreadPoolExecutor(CLIENTS) as pool:
            asked = [id_ for ids in pool.map(client, range(CLIENTS)) for id_ in ids]
        kept = server.get(f"/v1/shortlists/{id_}")["decisions"]
        officers = {one["decision"]["by"] for one in kept}
        assert officers == {f"Officer {c}.{n}" for c in range(CLIENTS) for n in range(EACH)}
        assert sorted(int(one["id"].rpartition(".")[2]) for one in kept) == list(
            range(1, CLIENTS * EACH + 1)
        )
        for each in set(asked):
            assert server.get(f"/v1/shortlists/{each}")["id"] == each
        assert len(set(asked)) == EACH
    opened = Records.open(Settings(register, records=records).records_url)
    verification = opened.verify()
    opened.close()
    assert verification.broken == ()
    assert verification.entries == 1 + CLIENTS * EACH + EACH


def test_no_decision_is_lost_with_two_workers(tmp_path: Path, places_table: Path) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    everybody_decides(tmp_path / "reg", str(tmp_path / "records.sqlite"))


def test_no_decision_is_lost_with_two_workers_on_postgresql(
    tmp_path: Path, places_table: Path, postgres_url: str
) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    everybody_decides(tmp_path / "reg", postgres_url)


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
    options = ("--bundle", "hand", "--workers", "2", "--records")
    with serving(tmp_path / "reg", *options, records) as server:
        id_ = ask(server)["id"]
        url = Settings(tmp_path / "reg", records=str(records)).records_url
        copy = backup.backup(url, tmp_path / "backup", listings_of=listings_of)
        assert (copy.anchor.seq, copy.verification.broken) == (1, ())
    target = Settings(tmp_path / "reg", records=str(other)).records_url
    with serving(tmp_path / "reg", *options, other) as server:
        with pytest.raises(RecordsError, match="are in use"):
            backup.restore(tmp_path / "backup", target, listings_of=listings_of)
        assert server.get("/readyz")["entries"] == 0
    backup.restore(tmp_path / "backup", target, listings_of=listings_of)
    with serving(tmp_path / "reg", *options, other) as server:
        assert server.get(f"/v1/shortlists/{id_}")["id"] == id_
