"""`matcher serve` and `matcher keys`: a real server, and what it must not lose or let in."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Run
from tests.registers import registered
from tests.servers import Server, serving
from tests.services import LOT, PEOPLE


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Path:
    folder = tmp_path_factory.mktemp("serving")
    registered(folder / "reg", places_table, *PEOPLE, trust_ids=True)
    return folder / "reg"


@pytest.fixture(scope="module")
def server(register: Path) -> Iterator[Server]:
    """A server without keys, whose records lie beside the register."""
    records = register.with_name("records.sqlite")
    with serving(register, "--bundle", "hand", "--records", records) as server:
        yield server


def test_several_workers_keep_one_chain_and_count_together(register: Path, tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    with serving(register, "--bundle", "hand", "--records", path, "--workers", "2") as server:

        def ask(n: int) -> Any:
            return server.post("/v1/shortlists", {"lots": {"a": {**LOT, "title": f"Care {n}"}}})

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(ask, range(24)))
        with urllib.request.urlopen(f"{server.url}/metrics", timeout=30) as response:
            metrics = response.read().decode()
    ids = {answer["shortlists"]["a"]["id"] for answer in answers}
    assert len(ids) == 24
    with sqlite3.connect(path) as connection:
        (count,) = connection.execute("SELECT count(*) FROM entries").fetchone()
    connection.close()
    assert count == 24
    assert 'lbd_lots_total{outcome="answered",purpose="engagement"} 24.0' in metrics


def test_the_log_is_json_a_line_and_names_nobody(server: Server) -> None:
    server.get("/v1/providers/XX-NAME-jsmithcare")
    server.post("/v1/shortlists", {"lots": {"a": {"title": "Hushhush"}}})
    server.get("/healthz")  # by now the lines of the others are written
    log = server.log.read_text()
    told = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"/v1/providers/{id}", "/v1/shortlists"} <= {line.get("route") for line in told}
    assert "smith" not in log
    assert "Hushhush" not in log


# --- who may come in ---


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "council.example"])
def test_a_public_address_is_refused_without_keys(
    run: Run, register: Path, tmp_path: Path, host: str
) -> None:
    refusal = run("serve", "--register", register, "--host", host).refusal
    assert f"--host {host}" in refusal
    assert "matcher keys add" in refusal
    asked = ("serve", "--register", register, "--host", host, "--keys", tmp_path / "k")
    assert "no such file; `matcher keys add` writes one" in run(*asked).refusal
    (tmp_path / "k").write_text("")
    assert "holds no key" in run(*asked).refusal


def test_with_keys_any_address_serves_their_owners(
    run: Run, register: Path, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    key = run("keys", "add", "lots-tool", "--keys", keys).out.strip()
    assert "lots-tool" in run("keys", "list", "--keys", keys).out
    options = ("--bundle", "hand", "--keys", keys, "--records", tmp_path / "r.sqlite")
    with serving(register, *options, host="0.0.0.0") as server:
        with pytest.raises(urllib.error.HTTPError) as caught:
            server.get("/v1/rules")
        assert caught.value.code == 401
        caught.value.close()
        assert server.get("/v1/rules", {"authorization": f"Bearer {key}"})["rules"]
        run("keys", "remove", "lots-tool", "--keys", keys)
        with pytest.raises(urllib.error.HTTPError) as caught:
            server.get("/v1/rules", {"authorization": f"Bearer {key}"})
        assert caught.value.code == 401
        caught.value.close()


def test_a_request_for_another_host_name_is_refused_on_this_machine(server: Server) -> None:
    assert server.get("/healthz", {"host": "localhost"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        server.get("/healthz", {"host": "rebound.example"})
    assert caught.value.code == 400
    caught.value.close()


# --- what cannot be opened is refused before anything is served ---


def test_an_error_at_the_start_is_one_line(run: Run, register: Path, tmp_path: Path) -> None:
    assert "--register" in run("serve", "--register", tmp_path / "none").refusal
    bundle = run("serve", "--register", register, "--bundle", "nobody").refusal
    assert "--bundle nobody" in bundle
    records = run("serve", "--register", register, "--bundle", "hand", "--records", "no://where")
    assert "--records" in records.refusal
    packs = run("serve", "--register", register, "--bundle", "hand", "--procedures", tmp_path / "x")
    assert "--procedures" in packs.refusal


def test_a_key_with_a_name_that_is_taken_is_refused(run: Run, tmp_path: Path) -> None:
    run("keys", "add", "a", "--keys", tmp_path / "keys")
    assert "taken" in run("keys", "add", "a", "--keys", tmp_path / "keys").refusal
    assert "no key is called" in run("keys", "remove", "b", "--keys", tmp_path / "keys").refusal


def test_a_file_that_holds_no_keys_is_refused_on_this_machine_too(
    run: Run, register: Path, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text('{"title": "Meals"}')
    refusal = run("serve", "--register", register, "--keys", tmp_path / "keys").refusal
    assert "is not a file of keys (name is missing); `matcher keys add` writes one" in refusal
    (tmp_path / "keys").write_text("my keys")
    listed = run("keys", "list", "--keys", tmp_path / "keys").refusal
    assert "is not a file of keys (it is not JSON, from character 1 on)" in listed


def test_a_file_without_a_key_is_refused_where_nobody_else_could_ask(
    run: Run, register: Path, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text("\n")
    asked = ("serve", "--register", register, "--keys", tmp_path / "keys")
    for words in (asked, (*asked, "--allow-host", "lots.council.example")):
        refusal = run(*words).refusal
        assert f"--keys {tmp_path / 'keys'}: holds no key; run `matcher keys add NAME" in refusal
        assert "nobody could ask" in refusal
