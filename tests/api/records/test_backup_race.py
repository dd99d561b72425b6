"""Backups that are made while others write and prune: each is the records at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from api.records import backup
from api.records.entry import EntryKind, Listing, NewEntry, Removal
from api.records.records import Records

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=2000)
BACKUPS = 6


def listings_of(kind: EntryKind, body: bytes, _: object) -> tuple[Listing, ...]:
    if kind is EntryKind.SHORTLIST:
        return (Listing(body.decode(), "suggested", 1, "invite", "2026-05-04"),)
    return ()


def shortlist(id_: str) -> NewEntry:
    body = b"P"
    return NewEntry(EntryKind.SHORTLIST, id_, id_, body, listings_of(EntryKind.SHORTLIST, body, 0))


def race(url: str, folder: Path) -> None:
    """Two write, one of them what is old enough to be pruned; one prunes; one makes backups."""
    over = threading.Event()
    records = [Records.open(url, lambda: NOW), Records.open(url, lambda: LONG_AGO)]
    pruner = Records.open(url, lambda: NOW)
    for each in records:
        each.append([shortlist(f"first-{id(each)}")])

    def until_over(work: Callable[[int], object]) -> None:
        for number in count():
            if over.is_set():
                return
            work(number)

    def prune(number: int) -> None:
        removal = Removal("retention", f"Alex {number}", "content")
        pruner.prune(NOW - timedelta(days=1000), removal)

    with ThreadPoolExecutor(3) as pool:
        running = [
            pool.submit(until_over, lambda n: records[0].append([shortlist(f"new-{n}")])),
            pool.submit(until_over, lambda n: records[1].append([shortlist(f"old-{n}")])),
            pool.submit(until_over, prune),
        ]
        try:
            copies = [
                backup.backup(url, folder / f"backup-{n}", listings_of=listings_of)
                for n in range(BACKUPS)
            ]
        finally:
            over.set()
        for work in running:
            work.result()
    for n, copy in enumerate(copies):
        assert copy.verification.broken == ()
        assert copy.verification.entries == copy.anchor.seq
        target = f"sqlite:///{folder / f'restored-{n}'}"
        again = backup.restore(folder / f"backup-{n}", target, listings_of=listings_of)
        assert (again.anchor.hash, again.verification.broken) == (copy.anchor.hash, ())
    assert [copy.anchor.seq for copy in copies] == sorted(copy.anchor.seq for copy in copies)
    assert pruner.verify(listings_of=listings_of).broken == ()
    for each in (*records, pruner):
        each.close()


def test_a_backup_is_whole_while_others_write_and_prune(tmp_path: Path) -> None:
    race(f"sqlite:///{tmp_path / 'records.sqlite'}", tmp_path)


def test_a_backup_of_postgresql_is_whole_while_others_write_and_prune(
    tmp_path: Path, postgres_url: str
) -> None:
    race(postgres_url, tmp_path)
