"""Backup and restore: the records at one moment, whole, into SQLite or PostgreSQL."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.errors import RecordsError
from api.records import anchors, backup, store
from api.records.anchors import Anchor
from api.records.chain_key import ChainKey
from api.records.entry import (
    FIRST,
    EntryKind,
    Listing,
    NewEntry,
    Removal,
    Sender,
    digest,
    heading_hash,
)
from api.records.records import Records
from matcher.core.errors import BadInput

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def listings_of(kind: EntryKind, body: bytes, _: object) -> tuple[Listing, ...]:
    """One provider in each shortlist: what its body says."""
    if kind is EntryKind.SHORTLIST:
        return (Listing(body.decode(), "suggested", 1, "invite", "2026-05-04"),)
    return ()


def shortlist(id_: str, provider: str = "P") -> NewEntry:
    body = provider.encode()
    return NewEntry(EntryKind.SHORTLIST, id_, id_, body, listings_of(EntryKind.SHORTLIST, body, 0))


def filled(url: str, count: int = 5, key: ChainKey | None = None) -> Records:
    """Records with as many shortlists, a removal, and another authority's."""
    records = Records.open(url, lambda: NOW, chain_key=key)
    records.append([shortlist(f"s{n}") for n in range(count)])
    records.sent_by(Sender("key", "Wallbrook")).append([shortlist("s0")])
    records.redact(
        lambda _, body: body.replace(b"P", b"p"), Removal("asked", "Alex", "fields"), "p", ["P"]
    )
    return records


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_url(tmp_path / "records.sqlite")


def backed_up(url: str, path: Path, key: ChainKey | None = None) -> backup.Copy:
    return backup.backup(url, path, chain_key=key, listings_of=listings_of)


def restored(path: Path, url: str, key: ChainKey | None = None) -> backup.Copy:
    return backup.restore(path, url, chain_key=key, listings_of=listings_of)


def there_and_back(url: str, other: str, path: Path) -> None:
    key = ChainKey(b"k" * 32)
    records = filled(url, 450, key)
    copy = backed_up(url, path, key)
    records.close()
    assert (copy.anchor.seq, copy.verification.broken) == (452, ())
    again = restored(path, other, key)
    assert (again.anchor.hash, again.verification.broken) == (copy.anchor.hash, ())
    opened = Records.open(other, chain_key=key)
    assert opened.verify(listings_of=listings_of).redacted == 451
    assert [one.suggested for one in opened.exposure()] == [450]
    assert [one.suggested for one in opened.sent_by(Sender("k", "Wallbrook")).exposure()] == [1]
    opened.append([shortlist("afterwards")])
    assert opened.verify(listings_of=listings_of).broken == ()
    opened.close()


def test_a_backup_is_restored_whole(url: str, tmp_path: Path) -> None:
    there_and_back(url, sqlite_url(tmp_path / "other.sqlite"), tmp_path / "backup")


def test_a_backup_of_sqlite_is_restored_into_postgresql(
    url: str, postgres_url: str, tmp_path: Path
) -> None:
    there_and_back(url, postgres_url, tmp_path / "backup")


def test_a_backup_of_postgresql_is_restored_into_sqlite(postgres_url: str, tmp_path: Path) -> None:
    there_and_back(postgres_url, sqlite_url(tmp_path / "other.sqlite"), tmp_path / "backup")


def while_written(url: str, tmp_path: Path) -> None:
    """Backups of records that two writers add to, and that are redacted meanwhile."""
    writers = [Records.open(url, lambda: NOW) for _ in range(3)]
    writers[0].append([shortlist("first")])
    stop = threading.Event()

    def write(who: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            writers[who].append([shortlist(f"{who}-{number}")])

    def redact() -> None:
        while not stop.wait(0.01):
            removal = Removal("asked", "Alex", "fields")
            writers[2].redact(lambda _, body: body.replace(b"P", b"p"), removal, "p", ["P"])

    threads = [threading.Thread(target=write, args=(who,)) for who in range(2)]
    threads.append(threading.Thread(target=redact))
    for thread in threads:
        thread.start()
    try:
        copies = [backed_up(url, tmp_path / f"backup-{n}") for n in range(5)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [copy.verification.broken for copy in copies] == [()] * 5
    for number, copy in enumerate(copies):
        again = restored(tmp_path / f"backup-{number}", sqlite_url(tmp_path / f"again-{number}"))
        assert (again.anchor.seq, again.verification.broken) == (copy.anchor.seq, ())
    assert writers[0].verify(listings_of=listings_of).broken == ()
    for writer in writers:
        writer.close()


def test_a_backup_made_while_others_write_is_whole(url: str, tmp_path: Path) -> None:
    while_written(url, tmp_path)


def test_a_backup_made_while_others_write_is_whole_in_postgresql(
    postgres_url: str, tmp_path: Path
) -> None:
    while_written(postgres_url, tmp_path)


def test_a_backup_is_one_file_with_its_head_and_only_for_its_owner(
    url: str, tmp_path: Path
) -> None:
    filled(url).close()
    (tmp_path / "kept").mkdir()
    backed_up(url, tmp_path / "kept" / "backup")
    assert {file.name for file in (tmp_path / "kept").iterdir()} == {"backup", "backup.head"}
    assert (tmp_path / "kept" / "backup").stat().st_mode & 0o077 == 0


def test_a_backup_does_not_replace_another(url: str, tmp_path: Path) -> None:
    filled(url).close()
    backed_up(url, tmp_path / "backup")
    before = (tmp_path / "backup").read_bytes()
    with pytest.raises(BadInput, match="exists"):
        backed_up(url, tmp_path / "backup")
    assert (tmp_path / "backup").read_bytes() == before


@pytest.fixture
def whole(url: str, tmp_path: Path) -> Path:
    """A backup."""
    filled(url).close()
    backed_up(url, tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def open_records(tmp_path: Path) -> Iterator[Records]:
    """Empty records that another process could have open."""
    records = Records.open(sqlite_url(tmp_path / "other.sqlite"))
    records.head()
    yield records
    records.close()


def test_records_in_use_are_not_restored_into(
    whole: Path, open_records: Records, tmp_path: Path
) -> None:
    with pytest.raises(RecordsError, match="are in use"):
        restored(whole, sqlite_url(tmp_path / "other.sqlite"))
    assert open_records.head()[0] == 0
    open_records.close()
    assert restored(whole, sqlite_url(tmp_path / "other.sqlite")).anchor.seq == 7


def test_records_in_use_in_postgresql_are_not_restored_into(whole: Path, postgres_url: str) -> None:
    other = Records.open(postgres_url)
    with pytest.raises(RecordsError, match="are in use"):
        restored(whole, postgres_url)
    other.close()
    assert restored(whole, postgres_url).anchor.seq == 7


def test_records_that_hold_entries_are_not_restored_into(whole: Path, url: str) -> None:
    with pytest.raises(RecordsError, match="hold 7 entries"):
        restored(whole, url)


def tamper(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = x'00' WHERE seq = 2",
        "DELETE FROM entries WHERE seq = 7",
        "DELETE FROM exposure WHERE seq = 2",
    ],
)
def test_a_backup_that_is_not_whole_is_not_restored(
    whole: Path, tmp_path: Path, statement: str
) -> None:
    tamper(whole, statement)
    with pytest.raises(RecordsError, match="is not whole"):
        restored(whole, sqlite_url(tmp_path / "other.sqlite"))
    assert not (tmp_path / "other.sqlite").exists()


def test_a_backup_without_its_head_is_not_restored(whole: Path, tmp_path: Path) -> None:
    backup.head_file(whole).unlink()
    with pytest.raises(BadInput, match="belongs to the backup"):
        restored(whole, sqlite_url(tmp_path / "other.sqlite"))


def test_restoring_leaves_the_backup_as_it_is(whole: Path, tmp_path: Path) -> None:
    before = whole.read_bytes()
    whole.chmod(0o400)
    restored(whole, sqlite_url(tmp_path / "other.sqlite"))
    assert whole.read_bytes() == before
    assert not list(tmp_path.glob("backup-*"))


def test_a_backup_of_broken_records_is_made_and_says_so(url: str, tmp_path: Path) -> None:
    filled(url).close()
    tamper(tmp_path / "records.sqlite", "UPDATE entries SET body = x'00' WHERE seq = 2")
    assert backed_up(url, tmp_path / "backup").verification.broken
    assert (tmp_path / "backup").exists()


def test_a_backup_of_an_earlier_layout_is_restored(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LAYOUT", "0002")
    Records.open(url).close()
    monkeypatch.undo()
    heading: dict[str, str | int] = {
        "seq": 1,
        "kind": "market",
        "id": "m",
        "about": "m",
        "at": "2026-01-01T00:00:00.000+00:00",
        "digest": digest(b"{}"),
        "previous": FIRST,
        "key_name": "lots-tool",
    }
    hash_ = heading_hash({**heading, "authority": ""})
    with sqlite3.connect(tmp_path / "records.sqlite") as connection:
        connection.execute(
            f"INSERT INTO entries ({', '.join(heading)}, hash, body) VALUES (?,?,?,?,?,?,?,?,?,?)",
            (*heading.values(), hash_, b"{}"),
        )
    connection.close()
    shutil.copy(tmp_path / "records.sqlite", tmp_path / "backup")
    anchors.append(tmp_path / "backup.head", Anchor(1, hash_, "2026-01-01T00:00:00.000+00:00"))
    copy = restored(tmp_path / "backup", sqlite_url(tmp_path / "other.sqlite"))
    assert (copy.anchor.hash, copy.verification.broken) == (hash_, ())
