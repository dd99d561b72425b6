"""The chain of entries: nothing in it can be changed, moved or taken out unseen."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.errors import RecordsError
from api.records import body
from api.records.entry import FIRST, EntryKind, Listing, NewEntry, Removal, Sender
from api.records.exposure import Journeys, ListFilter
from api.records.records import Records

THEN = datetime(2026, 5, 4, 12, tzinfo=UTC)


def listed(id_: str, body: bytes = b'{"x":1}', *providers: str) -> NewEntry:
    shown = tuple(
        Listing(p, "suggested", n, "engagement", "2026-05-04") for n, p in enumerate(providers, 1)
    )
    return NewEntry(EntryKind.SHORTLIST, id_, id_, body, shown)


def chosen(about: str, provider: str) -> NewEntry:
    return NewEntry(
        EntryKind.DECISION,
        f"{about}.1",
        about,
        b"{}",
        (Listing(provider, "chosen", 1, "engagement", "2026-05-05"),),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


@pytest.fixture
def records(path: Path) -> Iterator[Records]:
    opened = Records.open(f"sqlite:///{path}", lambda: THEN)
    yield opened
    opened.close()


def tamper(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


# --- appending ---


def test_entries_are_there_when_the_records_are_opened_again(path: Path, records: Records) -> None:
    records.append([listed("a", b"one"), listed("b", b"two")])
    records.close()
    again = Records.open(f"sqlite:///{path}")
    found = again.get(EntryKind.SHORTLIST, "b")
    assert found is not None
    assert (found.seq, found.body) == (2, b"two")
    assert again.verify().broken == ()
    again.close()


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_new_records_are_for_their_owner_alone(path: Path, records: Records) -> None:
    records.append([listed("a")])
    files = [file for file in path.parent.glob(f"{path.name}*") if file.is_file()]
    assert path in files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_an_empty_chain_verifies(records: Records) -> None:
    found = records.verify()
    assert (found.entries, found.head, found.broken) == (0, FIRST, ())


def test_the_same_shortlist_asked_twice_is_kept_once(records: Records) -> None:
    records.append([listed("a", b"{}", "P")])
    records.append([listed("a", b"{}", "P"), listed("b", b"{}", "P")])
    assert records.verify().entries == 2
    assert records.exposure()[0].suggested == 2


def test_concurrent_writers_make_one_chain(path: Path, records: Records) -> None:
    others = [Records.open(f"sqlite:///{path}") for _ in range(3)]

    def write(who: int) -> None:
        for n in range(20):
            others[who].append([listed(f"{who}-{n}")])

    threads = [threading.Thread(target=write, args=(who,)) for who in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = records.verify()
    assert (found.entries, found.broken) == (60, ())
    for other in others:
        other.close()


def test_all_entries_of_one_append_are_kept_or_none(records: Records) -> None:
    shown = Listing("P", "suggested", 1, "engagement", "2026-05-04")
    doubled = NewEntry(EntryKind.SHORTLIST, "bad", "bad", b"{}", (shown, shown))
    with pytest.raises(Exception, match="UNIQUE"):
        records.append([listed("good"), doubled])
    assert records.verify().entries == 0


def test_entries_about_a_shortlist_come_oldest_first(records: Records) -> None:
    records.append([listed("a"), listed("b"), chosen("a", "P")])
    assert [e.kind for e in records.about("a")] == [EntryKind.SHORTLIST, EntryKind.DECISION]


def test_the_newest_entries_come_first_and_can_be_paged(records: Records) -> None:
    records.append([listed(f"s{n}") for n in range(5)])
    first = records.newest(EntryKind.SHORTLIST, 2)
    rest = records.newest(EntryKind.SHORTLIST, 10, first[-1].seq)
    assert [e.id for e in (*first, *rest)] == ["s4", "s3", "s2", "s1", "s0"]


# --- tampering ---

FIVE = [listed(f"s{n}", f"body {n}".encode()) for n in range(5)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = x'00' WHERE seq = 3",
        "UPDATE entries SET body = NULL WHERE seq = 3",
        "UPDATE entries SET at = '2020-01-01T00:00:00.000+00:00' WHERE seq = 3",
        "UPDATE entries SET id = 'other' WHERE seq = 3",
        "UPDATE entries SET about = 'other' WHERE seq = 3",
        "UPDATE entries SET kind = 'decision' WHERE seq = 3",
        "UPDATE entries SET digest = hash WHERE seq = 3",
        "UPDATE entries SET hash = digest WHERE seq = 3",
        "UPDATE entries SET seq = 99 WHERE seq = 5",
        "DELETE FROM entries WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 3",
    ],
)
def test_every_change_move_and_removal_is_found(
    path: Path, records: Records, statement: str
) -> None:
    records.append(FIVE)
    tamper(path, statement)
    assert records.verify().broken


def test_two_swapped_bodies_are_found(path: Path, records: Records) -> None:
    records.append(FIVE)
    tamper(
        path,
        "CREATE TEMP TABLE was AS SELECT seq, body FROM entries",
        "UPDATE entries SET body = (SELECT body FROM was WHERE was.seq = 5 - entries.seq)"
        " WHERE seq IN (2, 3)",
    )
    assert len(records.verify().broken) == 2


def test_an_end_cut_off_is_found_by_an_earlier_hash(path: Path, records: Records) -> None:
    records.append(FIVE)
    head = records.verify().head
    tamper(path, "DELETE FROM entries WHERE seq > 3")
    assert records.verify().broken == ()
    (broken,) = records.verify(head).broken
    assert "cut off" in broken


def test_an_earlier_hash_is_found_in_a_longer_chain(records: Records) -> None:
    records.append(FIVE[:2])
    head = records.verify().head
    records.append(FIVE[2:])
    assert records.verify(head).broken == ()


@settings(max_examples=30, deadline=None)
@given(
    bodies=st.lists(st.binary(max_size=30), min_size=1, max_size=6),
    at=st.integers(0, 5),
    flipped=st.integers(0, 7),
    place=st.integers(0, 29),
)
def test_one_changed_bit_of_any_body_is_found(
    tmp_path_factory: pytest.TempPathFactory,
    bodies: list[bytes],
    at: int,
    flipped: int,
    place: int,
) -> None:
    path = tmp_path_factory.mktemp("chain") / "records.sqlite"
    records = Records.open(f"sqlite:///{path}", lambda: THEN)
    records.append([listed(f"s{n}", body) for n, body in enumerate(bodies)])
    assert records.verify().broken == ()
    row = at % len(bodies)
    body = bytearray(bodies[row])
    if body:
        body[place % len(body)] ^= 1 << flipped
    else:
        body = bytearray(b"\0")
    tamper(path, f"UPDATE entries SET body = x'{body.hex()}' WHERE seq = {row + 1}")
    assert len(records.verify().broken) == 1
    records.close()


# --- taking away, and saying so ---

REMOVAL = Removal(why="asked for", by="Alex Example", what="fields")


def test_a_redacted_body_verifies_because_an_entry_records_it(records: Records) -> None:
    records.append([listed("a", b"secret"), listed("b", b"plain")])
    count = records.redact(lambda _, body: body.replace(b"secret", b"gone"), REMOVAL, "p", ["P"])
    found = records.verify()
    assert (count, found.entries, found.redacted, found.broken) == (1, 3, 1, ())


def test_a_redacted_body_that_is_put_back_is_found(path: Path, records: Records) -> None:
    records.append([listed("a", b"secret")])
    records.redact(lambda _, body: b"gone", REMOVAL, "p", [])
    tamper(path, f"UPDATE entries SET body = x'{b'secret'.hex()}' WHERE seq = 1")
    assert records.verify().broken


@pytest.mark.parametrize("compressed", [False, True])
def test_redacted_content_is_nowhere_in_the_files(
    path: Path, records: Records, monkeypatch: pytest.MonkeyPatch, compressed: bool
) -> None:
    if not compressed:
        monkeypatch.setattr(body, "_LEVEL", 0)
    secret = b"a name that shall be forgotten"
    written = secret * 40
    if compressed:
        secret = body.stored(written)
    records.append([listed("a", written, "forgotten-id")])
    assert any(secret in file.read_bytes() for file in path.parent.iterdir())
    records.redact(lambda _, body: b"gone", REMOVAL, "p", ["forgotten-id"])
    for file in path.parent.iterdir():
        assert secret not in file.read_bytes(), file
        assert b"forgotten-id" not in file.read_bytes(), file


def test_the_exposure_of_a_suppressed_provider_is_under_its_pseudonym(records: Records) -> None:
    records.append([listed("a", b"{}", "P", "Q")])
    records.redact(lambda _, body: body, REMOVAL, "suppressed-1", ["P"])
    assert {one.provider for one in records.exposure()} == {"suppressed-1", "Q"}


def test_only_old_entries_are_pruned_and_the_chain_verifies(path: Path) -> None:
    now = THEN - timedelta(days=2000)
    records = Records.open(f"sqlite:///{path}", lambda: now)
    records.append([listed("old", b"old", "P"), listed("decided", b"decided", "Q")])
    now = THEN
    records.append([listed("new", b"new", "R"), chosen("decided", "Q")])
    gone = records.prune(THEN - timedelta(days=1000), REMOVAL)
    assert gone == 1
    bodies = {e.id: e.body for e in records.newest(EntryKind.SHORTLIST, 9)}
    assert bodies == {"old": None, "decided": b"decided", "new": b"new"}
    assert {one.provider for one in records.exposure()} == {"Q", "R"}
    found = records.verify()
    assert (found.taken_away, found.broken) == (1, ())
    records.close()


def test_pruning_twice_adds_no_entry(path: Path) -> None:
    records = Records.open(f"sqlite:///{path}", lambda: THEN - timedelta(days=2000))
    records.append([listed("old")])
    assert [records.prune(THEN, REMOVAL), records.prune(THEN, REMOVAL)] == [1, 0]
    assert records.verify().entries == 2
    records.close()


# --- exposure ---


def test_exposure_adds_up_to_the_lists_that_were_issued(records: Records) -> None:
    records.append([listed("a", b"{}", "P", "Q"), listed("b", b"{}", "Q"), chosen("a", "Q")])
    found = {one.provider: one for one in records.exposure()}
    assert sum(one.suggested for one in found.values()) == 3
    assert (found["Q"].suggested, found["Q"].chosen, found["Q"].mean_rank) == (2, 1, 1.5)
    assert records.exposure()[0].provider == "Q"


def test_exposure_can_be_limited_to_days_and_a_purpose(records: Records) -> None:
    records.append([listed("a", b"{}", "P"), chosen("a", "P")])
    (late,) = records.exposure(ListFilter(since=date(2026, 5, 5)))
    assert (late.suggested, late.chosen) == (0, 1)
    (early,) = records.exposure(ListFilter(until=date(2026, 5, 4)))
    assert (early.suggested, early.chosen) == (1, 0)
    assert records.exposure(ListFilter(purpose="invite")) == []


# --- opening ---


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////no/such/folder/records.sqlite", "x://y"])
def test_records_that_cannot_be_opened_are_refused_by_name(url: str) -> None:
    with pytest.raises(RecordsError, match="--records"):
        Records.open(url)


def test_a_password_in_the_url_is_not_repeated() -> None:
    with pytest.raises(RecordsError) as caught:
        Records.open("postgresql://me:geheim@127.0.0.1:1/none")
    assert "geheim" not in str(caught.value)


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    path.write_text("not a database, but long enough to be taken for one" * 100)
    with pytest.raises(RecordsError, match="cannot be opened"):
        Records.open(f"sqlite:///{path}")


@pytest.mark.parametrize(("folder", "wrong"), [("none", "does not exist"), ("full", "cannot be")])
def test_a_folder_that_cannot_be_written_is_named_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, wrong: str
) -> None:
    if folder == "full":
        (tmp_path / folder).mkdir()
        refused = sqlite3.OperationalError("unable to open database file")
        refused.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN

        def connect(*_: object, **__: object) -> None:
            raise refused

        monkeypatch.setattr("sqlite3.dbapi2.connect", connect)
    with pytest.raises(RecordsError) as caught:
        Records.open(f"sqlite:///{tmp_path / folder / 'records.sqlite'}")
    assert f"the folder {tmp_path / folder} {wrong}" in str(caught.value)
    assert "name a file in another folder with `--records`" in str(caught.value)


def test_records_of_a_newer_version_are_refused_and_left_alone(
    path: Path, records: Records
) -> None:
    records.append([listed("a")])
    tamper(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RecordsError, match="9999"):
        Records.open(f"sqlite:///{path}")


def test_the_migrations_leave_the_tables_that_the_code_knows(records: Records) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from api.records.schema import metadata

    with records._store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


# --- PostgreSQL ---


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_became_of_providers_is_counted_by_month(
    kind: str, path: Path, request: pytest.FixtureRequest
) -> None:
    where = f"sqlite:///{path}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    records = Records.open(where, lambda: THEN)

    def entry(kind: EntryKind, about: str, day: str, **events: str) -> NewEntry:
        shown = [Listing(p, event, None, "engagement", day) for p, event in events.items()]
        id_ = None if kind is EntryKind.OUTCOME else about
        return NewEntry(kind, id_, about, day.encode(), tuple(shown))

    records.append(
        [
            entry(EntryKind.SHORTLIST, "a", "2026-05-31", P="suggested", Q="suggested"),
            entry(EntryKind.SHORTLIST, "b", "2026-06-01", P="suggested"),
            entry(EntryKind.SHORTLIST, "c", "2026-06-30", P="suggested"),
            entry(EntryKind.DECISION, "b", "2026-07-02", P="invited"),
            entry(EntryKind.OUTCOME, "b", "2026-08-02", P="answered"),
            entry(EntryKind.OUTCOME, "b", "2026-08-03", P="awarded"),
            entry(EntryKind.OUTCOME, "c", "2026-08-03", P="answered"),
            entry(EntryKind.OUTCOME, "c", "2026-08-04", P="no answer"),
        ]
    )
    records.sent_by(Sender(authority="other")).append(
        [entry(EntryKind.SHORTLIST, "a", "2026-05-31", P="suggested")]
    )
    p_in_may = Journeys("P", "2026-05", 1, 0, 0, 0)
    q_in_may = Journeys("Q", "2026-05", 1, 0, 0, 0)
    p_in_june = Journeys("P", "2026-06", 2, 1, 1, 1)
    assert records.journeys(ListFilter()) == [p_in_may, q_in_may, p_in_june]
    assert records.journeys(ListFilter(), ["Q"]) == [q_in_may]
    assert records.journeys(ListFilter(since=date(2026, 6, 1))) == [p_in_june]
    records.close()


def test_postgresql_keeps_the_same_chain(postgres_url: str) -> None:
    records = Records.open(postgres_url, lambda: THEN)
    others = [Records.open(postgres_url, lambda: THEN) for _ in range(2)]

    def write(who: int) -> None:
        for n in range(10):
            others[who].append([listed(f"{who}-{n}", b"{}", "P")])

    threads = [threading.Thread(target=write, args=(who,)) for who in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records.append([chosen("0-1", "P")])
    assert records.redact(lambda _, body: b"{ }", REMOVAL, "p", ["Q"]) == 21
    found = records.verify()
    assert (found.entries, found.redacted, found.broken) == (22, 21, ())
    (shown,) = records.exposure()
    assert (shown.suggested, shown.chosen, shown.mean_rank) == (20, 1, 1.0)
    assert records.prune(THEN + timedelta(days=1), REMOVAL) == 21
    assert records.verify().broken == ()
    for one in (records, *others):
        one.close()
