"""`matcher records`: verify, prune, suppress."""

from __future__ import annotations

import re
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.records.entry import EntryKind, NewEntry
from api.records.records import Records
from matcher.core.errors import RegisterError
from matcher.ranking.request import Request
from matcher.register.build.build import build
from matcher.register.build.erase import suppress as removed_alone
from matcher.register.register import Register
from tests.api.conftest import Run
from tests.factory import provider
from tests.registers import feed
from tests.services import LOT, open_services


@pytest.fixture(scope="module")
def asked_once(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Path:
    """A folder with a register and records with one shortlist; it is only copied."""
    folder = tmp_path_factory.mktemp("asked")
    one = open_services(folder, places_table)
    one.shortlists.ask({"a": LOT}, Request(limit=10))
    one.close()
    return folder


@pytest.fixture
def kept(tmp_path: Path, asked_once: Path) -> tuple[str | Path, ...]:
    """The options that name a register and records with one shortlist."""
    shutil.copytree(asked_once, tmp_path, dirs_exist_ok=True)
    return ("--register", tmp_path / "reg", "--records", tmp_path / "records.sqlite")


def test_whole_records_are_reported_with_the_hash_to_keep(
    run: Run, kept: tuple[str | Path, ...]
) -> None:
    ran = run("records", "verify", *kept)
    assert ran.code == 0
    assert "1 entry is whole" in ran.out
    (head,) = re.findall(r"Last hash: ([0-9a-f]{64})", ran.out)
    assert run("records", "verify", *kept, "--head", head).code == 0


def test_broken_records_are_reported_by_entry_and_by_the_exit_code(
    run: Run, kept: tuple[str | Path, ...]
) -> None:
    with sqlite3.connect(kept[-1]) as connection:
        connection.execute("UPDATE entries SET body = x'7b7d'")
    connection.close()
    ran = run("records", "verify", *kept)
    assert ran.code == 4
    assert "Broken: entry 1: its body is not what was written" in ran.out
    assert "NOT whole" in ran.out


def test_a_removed_end_is_reported(run: Run, kept: tuple[str | Path, ...]) -> None:
    ran = run("records", "verify", *kept, "--head", "0" * 63 + "1")
    assert ran.code == 4
    assert "cut off" in ran.out


def test_an_id_that_nothing_has_may_be_mistyped(run: Run, kept: tuple[str | Path, ...]) -> None:
    ran = run("records", "suppress", "GB-COH-00000000", *kept, "--by", "Dana", "--why", "objection")
    assert ran.out == (
        "It was not in the register, and no entry shows it: check how GB-COH-00000000 is written. "
        "Later builds leave it out.\n"
    )


def test_what_cannot_be_a_hash_is_refused_before_the_check(
    run: Run, kept: tuple[str | Path, ...]
) -> None:
    refusal = run("records", "verify", *kept, "--head", "deadbeef").refusal
    assert "--head deadbeef: is not a hash" in refusal
    assert "64 digits and letters" in refusal


def test_a_hash_that_no_entry_has_may_be_mistyped(run: Run, kept: tuple[str | Path, ...]) -> None:
    ran = run("records", "verify", *kept, "--head", "a" * 64)
    assert "cut off, or the hash was mistyped" in ran.out


def test_records_that_are_named_need_no_register(
    run: Run, kept: tuple[str | Path, ...], tmp_path: Path
) -> None:
    named = kept[2:]
    copy, new = tmp_path / "copy.sqlite", tmp_path / "new.sqlite"
    assert "1 entry is whole" in run("records", "verify", *named).out
    assert "1 entry was copied" in run("records", "backup", copy, *named).out
    assert "1 entry was restored whole" in run("records", "restore", copy, "--records", new).out
    assert "1 entry is whole" in run("records", "verify", "--records", new).out
    assert "0 entries were removed" in run("records", "prune", "--by", "Alex", *named).out


@pytest.mark.parametrize("words", [("verify",), ("prune", "--by", "Alex"), ("backup", "copy")])
def test_records_that_nothing_names_are_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.delenv("MATCHER_REGISTER", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    refusal = run("records", *words).refusal
    assert "--records: is missing" in refusal
    assert "--register if they lie next to the register" in refusal


def test_why_a_database_server_needs_the_register_is_said(run: Run, tmp_path: Path) -> None:
    url = "postgresql+psycopg://example.invalid/lots"
    refusal = run("records", "verify", "--records", url).refusal
    assert "--register: is needed with the records of a database server" in refusal
    assert "file of anchors" in refusal


def test_anchors_that_the_environment_names_are_checked(
    run: Run, kept: tuple[str | Path, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    anchors = tmp_path / "elsewhere.anchors"
    anchors.write_text('{"seq":7,"hash":"' + "a" * 64 + '","at":"2026-01-01T00:00:00Z"}\n')
    monkeypatch.setenv("LBD_ANCHORS", str(anchors))
    ran = run("records", "verify", *kept)
    assert ran.code == 4
    assert "names entry 7, which is missing" in ran.out


def test_a_pruning_that_removes_nothing_writes_no_entry_and_says_so(
    run: Run, kept: tuple[str | Path, ...]
) -> None:
    ran = run("records", "prune", *kept, "--by", "Alex")
    assert ran.out == "0 entries were removed. Nothing was changed.\n"
    assert "1 entry is whole" in run("records", "verify", *kept).out


def test_missing_records_are_not_created_by_a_check(
    run: Run, kept: tuple[str | Path, ...], tmp_path: Path
) -> None:
    elsewhere = (*kept[:3], tmp_path / "typo.sqlite")
    for words in (("verify",), ("prune", "--by", "Alex")):
        assert "no such file" in run("records", *words, *elsewhere).refusal
    assert not (tmp_path / "typo.sqlite").exists()


def test_only_what_is_older_than_three_years_is_pruned(
    run: Run, kept: tuple[str | Path, ...]
) -> None:
    old = datetime.now(UTC) - timedelta(days=1500)
    records = Records.open(f"sqlite:///{kept[-1]}", lambda: old)
    records.append([NewEntry(EntryKind.SHORTLIST, "old", "old", b"{}")])
    records.close()
    ran = run("records", "prune", *kept, "--by", "Alex Example")
    assert "1 entry was removed" in ran.out
    assert "2 entries" not in run("records", "prune", *kept, "--by", "Alex Example").out
    assert "are whole" in run("records", "verify", *kept).out


def test_younger_entries_are_pruned_only_with_the_option(
    run: Run, kept: tuple[str | Path, ...]
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    asked = ("records", "prune", *kept, "--by", "Alex", "--before", tomorrow)
    assert "less than three years ago" in run(*asked).refusal
    assert "1 entry was removed. A new entry says so." in run(*asked, "--younger").out


def test_an_organisation_is_suppressed_by_command(
    run: Run, kept: tuple[str | Path, ...], tmp_path: Path
) -> None:
    ran = run(
        "records", "suppress", "XX-NAME-jsmithcare", *kept, "--by", "Dana", "--why", "objection"
    )
    assert "removed from the register" in ran.out
    assert "1 entry, which now shows" in ran.out
    assert Register.open(tmp_path / "reg").row("XX-NAME-jsmithcare") is None
    records = Records.open(f"sqlite:///{kept[-1]}")
    bodies = [entry.body for entry in records.newest(EntryKind.SHORTLIST, 9)]
    records.close()
    assert len(bodies) == 1
    assert b"jsmith" not in (bodies[0] or b"jsmith")
    assert "1 with fields removed" in run("records", "verify", *kept).out


# --- the chain key, anchors, backup and restore ---


def test_the_end_is_checked_against_the_anchor_of_the_last_stop(
    run: Run, kept: tuple[str | Path, ...]
) -> None:
    with sqlite3.connect(kept[-1]) as connection:
        for table in ("entries", "exposure"):
            connection.execute(f"DELETE FROM {table}")
    connection.close()
    ran = run("records", "verify", *kept)
    assert ran.code == 4
    assert "names entry 1, which is missing: the end was cut off" in ran.out


def test_an_anchor_that_was_cut_short_is_said_and_the_one_before_is_checked(
    run: Run, kept: tuple[str | Path, ...], tmp_path: Path
) -> None:
    with (tmp_path / "records.sqlite.anchors").open("ab") as out:
        out.write(b'{"seq":2,"hash":"0')
    ran = run("records", "verify", *kept)
    assert (ran.code, "line 2 was cut short" in ran.out) == (0, True)
    with sqlite3.connect(kept[-1]) as connection:
        for table in ("entries", "exposure"):
            connection.execute(f"DELETE FROM {table}")
    connection.close()
    ran = run("records", "verify", *kept)
    assert (ran.code, "names entry 1, which is missing" in ran.out) == (4, True)


def test_a_file_of_anchors_elsewhere_is_added_to_and_checked(
    run: Run, kept: tuple[str | Path, ...], tmp_path: Path
) -> None:
    (tmp_path / "records.sqlite.anchors").unlink()
    mine = tmp_path / "mine"
    for _ in range(2):
        assert run("records", "verify", *kept, "--anchor", mine).code == 0
    assert len(mine.read_text().splitlines()) == 1
    with sqlite3.connect(kept[-1]) as connection:
        for table in ("entries", "exposure"):
            connection.execute(f"DELETE FROM {table}")
    connection.close()
    assert run("records", "verify", *kept).code == 0
    assert run("records", "verify", *kept, "--anchor", mine).code == 4
    assert len(mine.read_text().splitlines()) == 1


def test_removals_are_listed_by_number_and_author(run: Run, kept: tuple[str | Path, ...]) -> None:
    by = ("--by", "Dana", "--why", "objection")
    run("records", "suppress", "XX-NAME-jsmithcare", *kept, *by)
    out = run("records", "verify", *kept).out
    assert "Entry 2: suppression by Dana on " in out
    assert "(objection); changed entry: 1\n" in out


def test_a_changed_exposure_is_reported(run: Run, kept: tuple[str | Path, ...]) -> None:
    with sqlite3.connect(kept[-1]) as connection:
        connection.execute("UPDATE exposure SET provider = 'GB-CHC-9' WHERE rank = 1")
    connection.close()
    ran = run("records", "verify", *kept)
    assert ran.code == 4
    assert "Broken: entry 1: the exposure kept for it is not what its body gives" in ran.out


def test_a_chain_key_begins_where_it_is_first_given(
    run: Run, kept: tuple[str | Path, ...], tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("k" * 32)
    key = ("--chain-key", tmp_path / "key")
    by = ("--by", "Dana", "--why", "objection")
    run("records", "suppress", "XX-NAME-jsmithcare", *kept, *by, *key)
    ran = run("records", "verify", *kept, *key)
    assert ran.code == 0
    assert "begin with entry 2. Entries 1 to 1 were written without it.\n" in ran.out
    assert "Give --chain-key to check them" in run("records", "verify", *kept).out
    run("records", "suppress", "GB-CHC-1000001", *kept, *by)
    assert "2 entries are whole" in run("records", "verify", *kept, *key).out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("backup", ""), "FILE .: cannot be written: it is a folder; name a file in it"),
        (("restore", "x" * 300), f"{'x' * 200}…: File name too long; name a file or folder"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused_in_words(
    run: Run, kept: tuple[str | Path, ...], words: tuple[str, str], why: str
) -> None:
    assert why in run("records", *words, *kept).refusal


def test_a_register_can_be_named_as_the_folder_one_is_in(
    run: Run, kept: tuple[str | Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    register = Path(kept[kept.index("--register") + 1])
    monkeypatch.chdir(register)
    beside = register.with_name(f"{register.name}.records.sqlite")
    assert (
        f"--records {beside}: no such file" in run("records", "verify", "--register", ".").refusal
    )


def test_records_are_backed_up_and_restored_by_command(
    run: Run, kept: tuple[str | Path, ...], tmp_path: Path
) -> None:
    ran = run("records", "backup", tmp_path / "backup", *kept)
    assert ran.code == 0
    (head,) = re.findall(r"Last hash: ([0-9a-f]{64})", ran.out)
    refused = run("records", "restore", tmp_path / "backup", *kept)
    assert "hold 1 entries" in refused.refusal
    elsewhere = (*kept[:3], tmp_path / "restored.sqlite")
    ran = run("records", "restore", tmp_path / "backup", *elsewhere)
    assert f"1 entry was restored whole.\nLast hash: {head}\n" in ran.out
    assert run("records", "verify", *elsewhere, "--head", head).code == 0


def test_a_restore_says_what_is_lost_since_the_backup(
    run: Run, kept: tuple[str | Path, ...], tmp_path: Path
) -> None:
    run("records", "backup", tmp_path / "backup", *kept)
    by = ("--by", "Dana", "--why", "objection")
    run("records", "suppress", "XX-NAME-jsmithcare", *kept, *by)
    Path(kept[-1]).unlink()
    ran = run("records", "restore", tmp_path / "backup", *kept)
    assert "names entries up to 2: what was kept after entry 1 is lost" in ran.out
    assert run("records", "verify", *kept).code == 4


# --- removal where no server kept records, and removals that are cut off ---

BY = ("--by", "Dana", "--why", "objection")


@pytest.fixture
def alone(tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A register that no server has served."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    open_services(tmp_path, places_table).close()
    (tmp_path / "records.sqlite").unlink()
    return tmp_path / "reg"


def test_without_records_the_register_alone_is_changed_and_this_is_said(
    run: Run, alone: Path
) -> None:
    ran = run("records", "suppress", "XX-NAME-jsmithcare", "--register", alone, *BY)
    assert ran.code == 0
    assert "It was removed from the register" in ran.out
    assert f"There are no records at {alone}.records.sqlite" in ran.out
    assert "only the register was changed" in ran.out
    assert "XX-NAME-jsmithcare" in ran.out
    assert Register.open(alone).row("XX-NAME-jsmithcare") is None
    assert list(alone.parent.glob("*records*")) == []
    again = run("records", "suppress", "XX-NAME-jsmithcare", "--register", alone, *BY)
    assert "It was not in the register" in again.out


def test_records_that_are_named_must_be_there(run: Run, alone: Path) -> None:
    options = ("--register", alone, "--records", alone.parent / "wrong.sqlite", *BY)
    assert "no such file" in run("records", "suppress", "XX-NAME-jsmithcare", *options).refusal
    assert Register.open(alone).row("XX-NAME-jsmithcare") is not None


def test_without_records_a_name_and_a_reason_are_still_asked_for(run: Run, alone: Path) -> None:
    options = ("--register", alone, "--by", " ", "--why", "objection")
    assert "by: is missing" in run("records", "suppress", "XX-NAME-jsmithcare", *options).refusal


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_removal_cut_off_at_the_records_is_said_and_is_finished_by_the_same_command(
    when: str,
    run: Run,
    kept: tuple[str | Path, ...],
    places_table: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    redact = Records.redact

    def cut_off(*arguments: Any) -> int:
        if when == "after":
            redact(*arguments)
        raise KeyboardInterrupt

    path = tmp_path / "reg"
    name = "XX-NAME-jsmithcare"
    with monkeypatch.context() as patch:
        patch.setattr(Records, "redact", cut_off)
        run("records", "suppress", name, *kept, *BY)
    again = f"run `matcher records suppress {name}` again"
    assert again in run("provider", name, "--register", path).refusal
    assert again in run("shortlist", "lot.txt", "--register", path).refusal
    assert again in run("status", "--register", path).refusal
    for write in (
        lambda: build(path, [feed(provider("GB-CHC-1"))], places_table=places_table),
        lambda: removed_alone(path, name),
        lambda: removed_alone(path, "GB-CHC-1000001"),
    ):
        with pytest.raises(RegisterError, match=again):
            write()
    ran = run("records", "suppress", name, *kept, *BY)
    assert "It was removed from the register" in ran.out
    assert Register.open(path).row(name) is None
    assert "jsmith" not in (path / "suppressing.json").read_text()
    assert b"jsmith" not in Path(kept[-1]).read_bytes()
    assert run("records", "verify", *kept).code == 0
