"""Records, backups and restored records on a disk that is full: nothing is lost, all is said."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.errors import RecordsError
from api.records import backup
from api.records.entry import EntryKind, NewEntry
from api.records.records import Records
from matcher.core.errors import BadInput, FetchError, MatcherError
from matcher.fetch import notice_file
from tests.api.records import test_migrations
from tests.postgresql import postgresql, small_disk

MEGABYTES = 4


def _no_listings(*_: object) -> tuple[()]:
    return ()


def _long(number: int) -> NewEntry:
    return NewEntry(EntryKind.SHORTLIST, f"s{number}", f"s{number}", b"x" * 3000)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "disk").mkdir()
    with small_disk(tmp_path / "disk", MEGABYTES) as mounted:
        if not mounted:
            pytest.skip("a small disk can only be mounted by root")
        yield tmp_path / "disk"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A backup of some entries, on another disk."""
    records = Records.open(f"sqlite:///{tmp_path / 'records.sqlite'}")
    for number in range(30):
        records.append([_long(number)])
    records.close()
    url = f"sqlite:///{tmp_path / 'records.sqlite'}"
    backup.backup(url, tmp_path / "kept", listings_of=_no_listings)
    return tmp_path / "kept"


@contextmanager
def filled(disk: Path, left: int) -> Iterator[None]:
    """Leave so many bytes of the disk, while the block runs."""
    with (disk / "other").open("wb") as other:
        other.write(bytes(shutil.disk_usage(disk).free - left))
    try:
        yield
    finally:
        (disk / "other").unlink()


def tried(disk: Path, act: Callable[[], object]) -> set[str]:
    """What was said, on a disk with less and less room missing, until it was done."""
    said = set[str]()
    for left in range(0, MEGABYTES << 20, 20_000):
        with filled(disk, left):
            try:
                act()
            except MatcherError as error:
                said.add(str(error))
            else:
                return said
    raise AssertionError(said)


def test_records_that_cannot_be_made_on_a_full_disk_say_so_and_can_be_made_later(
    disk: Path,
) -> None:
    said = tried(disk, lambda: Records.open(f"sqlite:///{disk / 'new.sqlite'}").close())
    assert said
    assert all("the disk is full: free some space, or name" in each for each in said)


def test_old_records_that_cannot_be_upgraded_on_a_full_disk_stay_as_they_are(
    disk: Path, tmp_path: Path
) -> None:
    url = test_migrations.first_layout(
        f"sqlite:///{disk / 'old.sqlite'}",
        tmp_path,
        test_migrations.shortlists(test_migrations.ENTRIES),
    )
    said = tried(disk, lambda: Records.open(url).close())
    assert said
    assert all("the disk is full: free some space, or name" in each for each in said)
    test_migrations.is_whole(url)


def test_what_was_acknowledged_before_the_disk_was_full_is_kept(disk: Path) -> None:
    records = Records.open(f"sqlite:///{disk / 'records.sqlite'}")
    acknowledged = []

    def append_until_full() -> None:
        for number in range(100):
            records.append([_long(number)])
            acknowledged.append(number)

    with filled(disk, 100_000), pytest.raises(RecordsError, match="full"):
        append_until_full()
    records.append([_long(1000)])
    assert acknowledged
    for number in (*acknowledged, 1000):
        assert records.get(EntryKind.SHORTLIST, f"s{number}")
    assert records.verify().broken == ()
    records.close()


def test_a_backup_that_finds_no_room_leaves_nothing_and_names_itself(
    disk: Path, kept: Path
) -> None:
    url, path = f"sqlite:///{kept}", disk / "backup"
    said = tried(disk, lambda: backup.backup(url, path, listings_of=_no_listings))
    assert said == {
        f"{path}: cannot be written (the disk is full; free some space, or name a file on another "
        "disk)"
    }
    assert {each.name for each in disk.iterdir()} == {"backup", "backup.head"}
    backup.restore(path, f"sqlite:///{disk / 'again'}", listings_of=_no_listings)


def test_a_restore_that_finds_no_room_says_so_and_can_be_run_again(disk: Path, kept: Path) -> None:
    url = f"sqlite:///{disk / 'records.sqlite'}"
    said = tried(disk, lambda: backup.restore(kept, url, listings_of=_no_listings))
    assert said
    assert all("full" in each for each in said)
    records = Records.open(url)
    assert all(records.get(EntryKind.SHORTLIST, f"s{number}") for number in range(30))
    records.close()


def test_a_file_system_that_is_read_only_is_said_to_be_so(disk: Path, kept: Path) -> None:
    records = disk / "records of the county é.sqlite"
    Records.open(f"sqlite:///{records}").close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(BadInput, match=r"backup: cannot be written \(Read-only file system\)"):
        backup.backup(f"sqlite:///{kept}", disk / "backup", listings_of=_no_listings)
    with pytest.raises(RecordsError, match=r"é\.sqlite cannot be written"):
        Records.open(f"sqlite:///{records}")
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    Records.open(f"sqlite:///{records}").close()


@pytest.mark.parametrize("at", ["replace", "fsync"])
def test_a_backup_takes_its_name_only_once_its_head_is_kept(
    at: str, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "backup"
    act = getattr(os, at)

    def checked(*words: object) -> None:
        if backup.head_file(path).exists():
            assert not path.exists()
            assert backup.head_file(path).read_bytes().endswith(b"}\n")
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        act(*words)

    with monkeypatch.context() as patch:
        patch.setattr(os, at, checked)
        with pytest.raises(BadInput, match="the disk is full"):
            backup.backup(f"sqlite:///{kept}", path, listings_of=_no_listings)
    assert not list(tmp_path.glob("*backup*"))
    backup.backup(f"sqlite:///{kept}", path, listings_of=_no_listings)


def _decision(by: str, number: int) -> NewEntry:
    body = random.Random(f"{by} {number}").randbytes(3000)
    return NewEntry(EntryKind.DECISION, None, "s0", body)


@pytest.mark.parametrize("left", [0, 300_000])
def test_two_officers_whose_postgresql_has_no_room_lose_nothing_that_was_acknowledged(
    left: int,
) -> None:
    with postgresql(72) as server:
        if not server.small_disk:
            pytest.skip("a small disk can only be mounted by root")
        officers = {by: Records.open(server.url) for by in ("A", "B")}
        officers["A"].append([_long(0)])

        def decide(by: str) -> tuple[list[bytes], str]:
            acknowledged = []
            for number in range(300):
                try:
                    acknowledged += officers[by].append([_decision(by, number)])
                except RecordsError as error:
                    return acknowledged, str(error)
            raise AssertionError(by)

        with filled(server.folder, left), ThreadPoolExecutor(2) as pool:
            decided = list(pool.map(decide, officers))
            for each in officers.values():
                with pytest.raises(RecordsError, match="disk of PostgreSQL is full: free some"):
                    each.check_writable()
        for _, said in decided:
            assert "(the disk of PostgreSQL is full: free some space on it)" in said
        acknowledged = [body for bodies, _ in decided for body in bodies]
        for by, records in officers.items():
            records.check_writable()
            acknowledged += records.append([_decision(by, 1000)])
        kept = [e.body for e in officers["A"].about("s0") if e.kind is EntryKind.DECISION]
        assert sorted(filter(None, kept)) == sorted(acknowledged)
        assert officers["B"].verify().broken == ()
        for each in officers.values():
            each.close()


_SHARE_USED_UP = (errno.EDQUOT, os.strerror(errno.EDQUOT))


@pytest.mark.parametrize("said", [sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_CANTOPEN])
def test_a_share_of_the_disk_that_is_used_up_is_a_full_disk_though_sqlite_says_otherwise(
    said: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite knows the full disk alone: of a quota it says that the disk fails."""
    records = Records.open(f"sqlite:///{tmp_path / 'records.sqlite'}")
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode = said

    def fail() -> None:
        with notice_file.database(tmp_path / "notices.sqlite"):
            raise failure

    def read() -> None:
        with records._store.reading():
            raise failure

    with pytest.raises(RecordsError, match=r"disk I/O error"):
        read()
    with pytest.raises(FetchError, match="delete its folder"):
        fail()

    def refuse(**_: object) -> None:
        raise OSError(*_SHARE_USED_UP)

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(RecordsError, match="the disk of the records is full: free some space"):
        read()
    with pytest.raises(OSError, match="No space"):
        fail()
    records.close()
