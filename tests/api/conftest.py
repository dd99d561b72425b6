from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from api import app
from api.cli import main
from matcher.sources.documents import sandbox
from tests.postgresql import PostgreSQL, postgresql


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """What it refused with: one line, exit code 2, and no traceback."""
        assert self.code == 2, self
        assert "Traceback" not in self.err
        assert self.err.startswith("Refused: "), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.strip()


Run: TypeAlias = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cache: Path) -> Run:
    """Run the command line in this process."""

    def command(*words: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setenv("LBD_CACHE", str(cache))
        monkeypatch.setattr(sys, "argv", ["matcher", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = 0
        try:
            main.main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return command


@pytest.fixture(scope="session", autouse=True)
def _prepare_routes_as_they_are_asked_for() -> Iterator[None]:
    """A server prepares all routes before the first request; tests make many apps that get few.

    To prepare all took a third of a second each time.  Servers in processes of their own do.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "_settle", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _let_documents_be_read_slowly() -> Iterator[None]:
    """A busy machine is no fault of a document; how long the processor may work stays limited."""
    with pytest.MonkeyPatch.context() as patch:
        for read in (sandbox.read_in_sandbox, sandbox.read_text_in_sandbox):
            patch.setattr(read, "__defaults__", (600.0,))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A PostgreSQL server; the test is skipped where none is installed."""
    with postgresql() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgreSQL, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database on the PostgreSQL server."""
    import psycopg

    name = f"test_{abs(hash(request.node.nodeid))}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgres.url.replace("/postgres?", f"/{name}?")
