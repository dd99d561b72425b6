"""Two worker processes and many clients at once: what was acknowledged is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.records.records import Records
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
