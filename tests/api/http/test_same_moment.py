"""Two people at one moment: both decisions are kept, and of two answers on a pair one stands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

from httpx2 import Client

from api.records.records import Records
from api.service.entries import listings_of
from api.settings import Settings
from matcher.register.build.decisions import MergeDecisions, decide
from tests.factory import provider
from tests.officer import DECIDED, Officer
from tests.registers import registered
from tests.servers import Server, serving
from tests.services import LOT, PEOPLE

ONE = "GB-CHC-1000001"
ROUNDS = 4
BY_API = {
    "by": "Ann Example",
    "reason": "Nearest.",
    "conflicts": "none",
    "choices": [{"provider": ONE, "outcome": "invited"}],
}


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each of several pieces of work gives, begun at the same moment."""
    ready = Barrier(len(works))

    def begin(work: Callable[[], Any]) -> Any:
        ready.wait(60)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def browser(server: Server) -> Client:
    return Client(base_url=server.url, follow_redirects=True, timeout=60)


def two_decide(register: Path, records: str) -> None:
    """One decides by the API and one on the page, on one row of one list, several times."""
    options = ("--bundle", "hand", "--records", records, "--workers", "2", "--per-minute", "100000")
    with serving(register, *options) as server, browser(server) as client:
        officer: Any = Officer(client)  # type: ignore[arg-type]
        for n in range(ROUNDS):
            lots = {"lots": {"a": {**LOT, "title": f"Home care {n}"}}}
            id_ = server.post("/v1/shortlists", lots)["shortlists"]["a"]["id"]
            page = officer.open(f"/lists/{id_}")
            form = officer.decide(page, **{ONE: (True, "Able.")}) | DECIDED | {"by": "Bo Example"}
            form["lbd-form"] = officer.open("/").form("/need")["lbd-form"]
            by_api, by_page = at_once(
                lambda id_=id_: server.post(f"/v1/shortlists/{id_}/decision", BY_API),  # type: ignore[misc]
                lambda id_=id_, form=form: client.post(f"/lists/{id_}/decision", data=form),  # type: ignore[misc]
            )
            assert by_page.status_code == 200
            kept = server.get(f"/v1/shortlists/{id_}")["decisions"]
            assert {one["decision"]["by"] for one in kept} == {"Ann Example", "Bo Example"}
            assert [one["id"].rpartition(".")[2] for one in kept] == ["1", "2"]
            told = [one["decision"]["by"] for one in by_api["decisions"]]
            assert "Ann Example" in told
            if kept[1]["decision"]["by"] == "Ann Example":
                assert told == ["Bo Example", "Ann Example"]
            assert "Bo Example" in by_page.text
            # The first may be told of the second too, where that was saved before it was answered.
            if kept[1]["decision"]["by"] == "Bo Example":
                assert "Another decision" in by_page.text
    opened = Records.open(Settings(register, records=records).records_url)
    verification = opened.verify(listings_of=listings_of)
    (counted,) = (each for each in opened.exposure() if each.provider == ONE)
    opened.close()
    assert verification.broken == ()
    assert verification.entries == 3 * ROUNDS
    assert counted.suggested == ROUNDS


def test_two_who_decide_on_one_row_are_both_kept(tmp_path: Path, places_table: Path) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    two_decide(tmp_path / "reg", str(tmp_path / "records.sqlite"))


def test_two_who_decide_on_one_row_are_both_kept_on_postgresql(
    tmp_path: Path, places_table: Path, postgres_url: str
) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    two_decide(tmp_path / "reg", postgres_url)


def test_of_two_answers_on_one_pair_one_stands_and_no_other_is_lost(
    tmp_path: Path, places_table: Path
) -> None:
    alike = [
        provider(f"own-{n}", "WS1 1TP", name=f"Willowmere Befriending{more}")
        for n, more in enumerate(("", " and Advice Project"), 1)
    ]
    reg = tmp_path / "reg"
    registered(reg, places_table, *PEOPLE, *alike)
    decide(reg, "other-1", "other-2", same=True)
    pair = {"kept": "own-1", "merged": "own-2"}
    typed = [sys.executable, "-m", "api.cli", "merges", "--register", str(reg)]

    def command(*words: str) -> int:
        ran = subprocess.run([*typed, *words], env={**os.environ}, check=False, capture_output=True)
        return ran.returncode

    records = tmp_path / "records.sqlite"
    with (
        serving(reg, "--bundle", "hand", "--records", records, "--workers", "2") as server,
        browser(server) as client,
    ):
        officer: Any = Officer(client)  # type: ignore[arg-type]
        token = {"lbd-form": officer.open("/").form("/need")["lbd-form"]}

        def answer(said: str) -> int:
            sent = client.post("/same-or-not", data={**token, **pair, "answer": said})
            return int(sent.status_code)

        for n in range(ROUNDS):
            done = at_once(lambda: answer("same"), lambda: answer("apart"))
            assert done == [200, 200]
            decided = MergeDecisions.open(reg)
            answers = [("own-1", "own-2") in pairs for pairs in (decided.apart, decided.joined)]
            assert sorted(answers) == [False, True], n
            assert ("other-1", "other-2") in decided.joined
        done = at_once(
            lambda: command("--same", "own-1", "own-2"),
            lambda: command("--apart", "own-1", "GB-CHC-1000001"),
            lambda: answer("apart"),
        )
        assert done == [0, 0, 200]
    decided = MergeDecisions.open(reg)
    assert ("GB-CHC-1000001", "own-1") in decided.apart
    assert (("own-1", "own-2") in decided.apart) != (("own-1", "own-2") in decided.joined)
    assert ("other-1", "other-2") in decided.joined
