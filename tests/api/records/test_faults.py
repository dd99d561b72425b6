"""The records under load and under faults: nothing acknowledged is lost, and faults are named."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from api.errors import Missing, RecordsError
from api.records import store
from api.records.entry import EntryKind, NewEntry, Removal, Sender
from api.records.records import Records
from tests.postgresql import PostgreSQL

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
REMOVAL = Removal("kept long enough", "Alex Example", "old entries")


def shortlist(id_: str, body: bytes = b"{}") -> NewEntry:
    return NewEntry(EntryKind.SHORTLIST, id_, id_, body)


def decision(about: str, body: bytes) -> NewEntry:
    return NewEntry(EntryKind.DECISION, None, about, body)


def together(*work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/records.sqlite"


@pytest.fixture
def records(url: str) -> Iterator[Records]:
    opened = Records.open(url, lambda: NOW)
    yield opened
    opened.close()


# --- decisions at the same moment ---


def decide_at_once(url: str) -> None:
    """Eight writers, each over its own connection pool, decide on one shortlist ten times."""
    writers = [Records.open(url, lambda: NOW) for _ in range(8)]
    writers[0].append([shortlist("a")])

    def write(number: int) -> None:
        for n in range(10):
            writers[number].append([decision("a", f"{number}-{n}".encode())])

    together(*(lambda number=number: write(number) for number in range(8)))
    kept = [e for e in writers[0].about("a") if e.kind is EntryKind.DECISION]
    assert {e.body for e in kept} == {f"{w}-{n}".encode() for w in range(8) for n in range(10)}
    assert [e.id for e in kept] == [f"a.{n}" for n in range(1, 81)]
    assert writers[0].verify().broken == ()
    for writer in writers:
        writer.close()


def test_every_decision_made_at_the_same_moment_is_kept(url: str) -> None:
    decide_at_once(url)


def test_every_decision_made_at_the_same_moment_is_kept_in_postgresql(postgres_url: str) -> None:
    decide_at_once(postgres_url)


def test_the_same_answer_from_many_at_once_is_kept_once(url: str, records: Records) -> None:
    together(*(lambda: records.append([shortlist("a"), shortlist("b")]) for _ in range(8)))
    assert records.verify().entries == 2


# --- the same id ---


def test_the_first_entry_under_an_id_stands_and_is_given_back(records: Records) -> None:
    records.append([shortlist("a", b"one")])
    kept = records.append([shortlist("b", b"three"), shortlist("a", b"two")])
    assert kept == [b"three", b"one"]
    assert [e.body for e in records.about("a")] == [b"one"]
    assert [e.body for e in records.about("b")] == [b"three"]


def test_a_redacted_body_is_not_brought_back_by_asking_again(records: Records) -> None:
    records.append([shortlist("a", b"secret")])
    records.redact(lambda *_: b"gone", REMOVAL, "pseudonym", [])
    assert records.append([shortlist("a", b"secret")]) == [b"gone"]
    assert [e.body for e in records.about("a")] == [b"gone"]


def pruned_and_asked_again(url: str) -> None:
    moments = iter([NOW - timedelta(days=2000)] * 2 + [NOW] * 9)
    records = Records.open(url, lambda: next(moments))
    records.append([shortlist("a", b"one")])
    records.append([decision("a", b"yes")])
    assert records.prune(NOW - timedelta(days=1000), REMOVAL) == 2
    with pytest.raises(Missing, match="was removed"):
        records.append([decision("a", b"too late")])
    records.append([shortlist("a", b"one")])
    kept = records.get(EntryKind.SHORTLIST, "a")
    assert kept is not None
    assert (kept.body, kept.seq) == (b"one", 4)
    records.append([decision("a", b"again")])
    assert [e.id for e in records.about("a") if e.body] == ["a", "a.2"]
    assert records.prune(NOW - timedelta(days=1000), REMOVAL) == 0
    assert records.verify().broken == ()
    records.close()


def test_a_pruned_answer_is_kept_again_when_it_is_asked_for_again(url: str) -> None:
    pruned_and_asked_again(url)


def test_a_pruned_answer_is_kept_again_in_postgresql(postgres_url: str) -> None:
    pruned_and_asked_again(postgres_url)


# --- who sent it ---


def test_two_people_of_one_name_who_decide_the_same_are_two_entries(records: Records) -> None:
    records.append([shortlist("a")])
    people = [Sender(person="Pat Example", subject=subject) for subject in ("1", "2")]
    for sender in (*people, *people[1:]):  # the second one sends it twice
        records.sent_by(sender).append([decision("a", b"yes")])
    kept = [(e.person, e.subject) for e in records.about("a") if e.kind is EntryKind.DECISION]
    assert kept == [("Pat Example", "1"), ("Pat Example", "2")]
    assert records.verify().broken == ()


def test_a_person_in_an_entry_cannot_be_changed_unnoticed(url: str, records: Records) -> None:
    records.sent_by(Sender(person="Pat Example", subject="1")).append([shortlist("a")])
    with records._store.writing() as connection:
        connection.exec_driver_sql("UPDATE entries SET person = 'Sam Example'")
    assert records.verify().broken == ("entry 1 was changed: its hash is not that of its heading",)


def test_an_entry_keeps_the_name_of_the_api_key_and_its_hash_covers_it(
    url: str, records: Records
) -> None:
    records.append([shortlist("without")])
    records.sent_by(Sender("lots-tool")).append([shortlist("with")])
    names = {e.id: e.key_name for e in records.newest(EntryKind.SHORTLIST, 9)}
    assert names == {"without": "", "with": "lots-tool"}
    assert records.verify().broken == ()
    for id_, name in (("with", ""), ("with", "other"), ("without", "other")):
        with records._store.writing() as connection:
            connection.exec_driver_sql(f"UPDATE entries SET key_name = '{name}' WHERE id = '{id_}'")
        assert "was changed" in records.verify().broken[0]
        was = names[id_]
        with records._store.writing() as connection:
            connection.exec_driver_sql(f"UPDATE entries SET key_name = '{was}' WHERE id = '{id_}'")


# --- ids that cannot be ---


@pytest.mark.parametrize("id_", ["a\0b", "é", "x" * 65, "a\nb", ""])
def test_an_impossible_id_is_not_found(records: Records, postgres_url: str, id_: str) -> None:
    other = Records.open(postgres_url)
    for each in (records, other):
        assert each.about(id_) == []
        assert each.get(EntryKind.SHORTLIST, id_) is None
    other.close()


def test_a_number_too_large_for_the_database_is_no_fault(records: Records) -> None:
    records.append([shortlist("a")])
    assert [e.id for e in records.newest(EntryKind.SHORTLIST, 9, 10**30)] == ["a"]


# --- faults of the database ---


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


def refused(records: Records) -> str:
    """The reason with which reading, writing and the write test are all refused."""
    reasons = set()
    for call in (
        lambda: records.append([shortlist("new")]),
        lambda: records.get(EntryKind.SHORTLIST, "a"),
        records.check_writable,
    ):
        with pytest.raises(RecordsError) as caught:
            call()
        reasons.add(str(caught.value))
    (reason,) = reasons
    return reason


def test_a_deleted_file_is_noticed_and_so_is_its_return(path: Path, records: Records) -> None:
    records.append([shortlist("a")])
    path.rename(path.with_suffix(".away"))
    assert "was deleted or replaced" in refused(records)
    assert not path.exists(), "no empty file takes its place"
    path.with_suffix(".away").rename(path)
    records.append([shortlist("b")])
    assert records.verify().entries == 2


def test_a_replaced_file_is_noticed(path: Path, records: Records) -> None:
    records.append([shortlist("a")])
    shutil.copy(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)
    assert "was deleted or replaced" in refused(records)


def test_a_file_deleted_while_an_entry_is_written_is_not_acknowledged(
    path: Path, records: Records
) -> None:
    with pytest.raises(RecordsError, match="was deleted"), records._store.writing():
        path.unlink()


def test_a_full_disk_is_a_fault_with_a_reason_and_leaves_the_chain_whole(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Records.open(url).close()
    monkeypatch.setattr(store, "_PRAGMAS", (*store._PRAGMAS, "max_page_count = 40"))
    records = Records.open(url, lambda: NOW)

    def fill() -> None:
        for n in range(100):
            records.append([shortlist(f"s{n}", random.Random(n).randbytes(5000))])

    with pytest.raises(RecordsError, match="is full"):
        fill()
    kept = records.newest(EntryKind.SHORTLIST, 100)
    assert 0 < len(kept) < 100
    assert records.verify().broken == ()
    records.close()


def test_a_locked_file_is_a_fault_with_a_reason(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.001)
    one, other = Records.open(url), Records.open(url)
    with one._store.writing(), pytest.raises(RecordsError, match="locked"):
        other.append([shortlist("a")])
    other.append([shortlist("a")])
    for each in (one, other):
        each.close()


@pytest.fixture(params=["url", "postgres_url"])
def either(request: pytest.FixtureRequest) -> str:
    """The URL of new records in each database."""
    found: str = request.getfixturevalue(request.param)
    return found


def test_who_waits_too_long_for_another_that_writes_is_refused_and_others_read(
    either: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever: neither in the process of the one that hangs, nor in another."""
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.05)
    hangs, other = Records.open(either), Records.open(either)
    hangs.append([shortlist("a")])
    with hangs._store.writing():
        for waits in (hangs, other):
            with pytest.raises(RecordsError):
                waits.append([shortlist("b")])
            assert waits.get(EntryKind.SHORTLIST, "a") is not None
    other.append([shortlist("b")])
    assert hangs.verify().entries == 2
    for each in (hangs, other):
        each.close()


def test_a_writer_that_hangs_loses_its_turn_in_postgresql(postgres_url: str) -> None:
    """A machine that is gone ends no connection, and would keep its lock for hours."""
    hangs, other = Records.open(postgres_url, lambda: NOW), Records.open(postgres_url)
    limit = "idle_in_transaction_session_timeout"

    def write_and_hang() -> None:
        with hangs._store.writing() as connection:
            assert connection.exec_driver_sql(f"SHOW {limit}").scalar() == "1min"
            hangs._appending.append(connection, [shortlist("lost")])
            connection.exec_driver_sql(f"SET LOCAL {limit} = 50")  # a busy machine is no hang
            other.append([shortlist("kept")])

    with pytest.raises(RecordsError):
        write_and_hang()
    assert [entry.id for entry in other.newest(EntryKind.SHORTLIST, 9)] == ["kept"]
    hangs.append([shortlist("again")])
    assert other.verify().entries == 2
    for each in (hangs, other):
        each.close()


def test_a_session_that_was_ended_stays_so_where_a_clock_is_set_right(url: str) -> None:
    """One machine's clock is days ahead: by it, the session would be over anyway."""
    right, ahead = (Records.open(url, lambda days=days: NOW + timedelta(days)) for days in (0, 2))
    until = int((NOW + timedelta(hours=8)).timestamp())
    right.end_session("copied", until)
    ahead.end_session("other", until)
    assert right.session_ended("copied")
    for each in (right, ahead):
        each.close()


def test_a_read_only_database_fails_the_write_test(
    url: str, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.append([shortlist("a")])
    records.check_writable()
    monkeypatch.setattr(store, "_PRAGMAS", (*store._PRAGMAS, "query_only = ON"))
    reader = Records.open(url)
    assert reader.get(EntryKind.SHORTLIST, "a") is not None
    with pytest.raises(RecordsError, match="readonly"):
        reader.check_writable()
    reader.close()


def test_postgresql_that_stops_is_a_fault_and_its_restart_needs_nothing(
    postgres: PostgreSQL, postgres_url: str
) -> None:
    records = Records.open(postgres_url, lambda: NOW)
    records.append([shortlist("a")])
    postgres.stop()
    try:
        with pytest.raises(RecordsError, match="cannot be read or written at the moment"):
            records.append([shortlist("b")])
        with pytest.raises(RecordsError, match="cannot be read or written at the moment"):
            records.head()
    finally:
        postgres.start()
    records.append([shortlist("c")])
    assert [e.id for e in records.newest(EntryKind.SHORTLIST, 9)] == ["c", "a"]
    records.close()


@pytest.mark.parametrize("cut", [*range(1, 12), "commit"])
def test_a_connection_cut_in_the_middle_keeps_all_of_a_batch_or_nothing(
    postgres_url: str, cut: int | str
) -> None:
    """It is cut before each statement in turn, and before the commit."""
    import psycopg

    records = Records.open(postgres_url, lambda: NOW)
    records.append([shortlist("a")])
    statements = 0

    def cut_off(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [driver.info.backend_pid])

    def count(connection: Connection, *_: object) -> None:
        nonlocal statements
        statements += 1
        if statements == cut:
            cut_off(connection)

    def end(connection: Connection) -> None:
        if cut == "commit":
            cut_off(connection)

    engine = records._store._engine
    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", end)
    batch = [shortlist("b"), decision("a", b"yes"), shortlist("c")]
    try:
        with pytest.raises(RecordsError, match="at the moment"):
            records.append(batch)
    finally:
        event.remove(engine, "before_cursor_execute", count)
        event.remove(engine, "commit", end)
    assert records.verify().entries == 1
    records.append(batch)
    assert [e.id for e in records.newest(EntryKind.SHORTLIST, 9)] == ["c", "b", "a"]
    assert [e.body for e in records.about("a")][1:] == [b"yes"]
    assert records.verify().broken == ()
    records.close()


def test_what_was_kept_although_its_answer_was_cut_off_is_not_kept_twice(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL commits and ends before it says so: only sending it again tells."""
    import psycopg

    records = Records.open(postgres_url, lambda: NOW)
    records.append([shortlist("a")])
    commit = records._store._engine.dialect.do_commit

    def commit_unheard(connection: Any) -> None:
        commit(connection)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    batch = [shortlist("b"), decision("a", b"yes")]
    with monkeypatch.context() as patch:
        patch.setattr(records._store._engine.dialect, "do_commit", commit_unheard)
        with pytest.raises(RecordsError, match="closed the connection"):
            records.append(batch)
    assert records.append(batch) == [b"{}", b"yes"]
    assert records.verify().entries == 3
    records.close()


def test_postgresql_restarted_between_two_requests_is_no_fault(
    postgres: PostgreSQL, postgres_url: str
) -> None:
    records = Records.open(postgres_url, lambda: NOW)
    records.append([shortlist("a")])
    postgres.stop()
    postgres.start()
    records.append([shortlist("b")])
    assert records.verify().entries == 2
    records.close()
