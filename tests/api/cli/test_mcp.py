"""`matcher mcp` as it is typed: what it refuses before it says that it answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.http.api_keys import Keys
from tests.api.conftest import Run
from tests.services import DAY, people_register

pytest.importorskip("mcp", reason="the extra mcp is not installed")

ANSWERING = "Answering on standard input and output (Ctrl-C ends it)\n"


@pytest.fixture
def words(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str | Path, ...]:
    """A command that could answer, and does not wait for questions."""
    monkeypatch.setattr("anyio.run", lambda *_: None)
    monkeypatch.setenv("MATCHER_KEY", "")
    register = people_register(tmp_path, places_table)
    records = ("--records", tmp_path / "records.sqlite")
    return ("mcp", "--register", register, "--bundle", "hand", *records)


def test_it_says_that_it_answers_once_everything_is_open(
    run: Run, words: tuple[str | Path, ...]
) -> None:
    assert run(*words).err == ANSWERING


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("--register", "none"),
        ("--register", "."),
        ("--bundle", "nobody"),
        ("--records", "no://where"),
    ],
)
def test_what_cannot_be_opened_is_refused_and_nothing_else_is_said(
    run: Run, words: tuple[str | Path, ...], tmp_path: Path, option: str, wrong: str
) -> None:
    given = tmp_path / wrong if option == "--register" else wrong
    assert option in run(*words, option, given).refusal


def test_a_key_that_the_file_does_not_hold_is_refused_at_once(
    run: Run,
    words: tuple[str | Path, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "keys.jsonl"
    known = Keys.open(file).add("asks", DAY)
    assert "the key to use is not set" in run(*words, "--keys", file).refusal
    monkeypatch.setenv("MATCHER_KEY", "lbd_other")
    assert "does not hold the key in $MATCHER_KEY" in run(*words, "--keys", file).refusal
    monkeypatch.setenv("MATCHER_KEY", known)
    assert run(*words, "--keys", file).err == ANSWERING
