"""Bodies are stored smaller, read back the same, and what is damaged is said and not believed."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import RecordsError
from api.records import body
from api.records.entry import EntryKind, NewEntry
from api.records.records import Records


@given(st.binary(max_size=300), st.integers(1, 40))
def test_every_body_is_read_back_the_same_and_none_is_stored_larger(part: bytes, n: int) -> None:
    whole = part * n
    stored = body.stored(whole)
    assert body.original(stored) == whole
    assert len(stored) <= len(whole) or whole.startswith(b"\0")


@given(st.binary(max_size=300))
def test_a_body_of_an_earlier_layout_is_read_as_it_is(part: bytes) -> None:
    assert body.original(b"{" + part) == b"{" + part


@given(st.binary(min_size=100, max_size=300), st.data())
def test_a_compressed_body_that_was_cut_short_is_refused(part: bytes, data: st.DataObject) -> None:
    stored = b"\0" + zlib.compress(part)
    with pytest.raises(RecordsError, match="damaged"):
        body.original(stored[: data.draw(st.integers(1, len(stored) - 1))])


def test_a_body_that_would_fill_the_memory_is_not_decompressed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body, "LARGEST", 1000)
    assert body.original(b"\0" + zlib.compress(b"x" * 1000)) == b"x" * 1000
    with pytest.raises(RecordsError, match="damaged"):
        body.original(b"\0" + zlib.compress(b"x" * 1001))


def entry(id_: str) -> NewEntry:
    return NewEntry(EntryKind.SHORTLIST, id_, id_, b'{"name": "Brightside"}' * 500)


def test_records_are_smaller_and_rows_written_before_are_read_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "records.sqlite"
    records = Records.open(f"sqlite:///{path}")
    with monkeypatch.context() as earlier:
        earlier.setattr(body, "stored", lambda content: content)
        records.append([entry("before")])
    records.append([entry("after")])
    assert [e.body for e in records.newest(EntryKind.SHORTLIST, 9)] == [entry("x").body] * 2
    assert records.verify().broken == ()
    records.close()
    with sqlite3.connect(path) as connection:
        sizes = [row[0] for row in connection.execute("SELECT length(body) FROM entries")]
    connection.close()
    assert sizes[0] == len(entry("x").body)
    assert sizes[1] < sizes[0] / 10


def test_a_damaged_body_is_reported_and_the_others_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    records = Records.open(f"sqlite:///{path}")
    records.append([entry("a"), entry("b")])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE entries SET body = substr(body, 1, 20) WHERE seq = 1")
    connection.close()
    (found,) = records.verify().broken
    assert found.startswith("entry 1: its body is not what was written")
    with pytest.raises(RecordsError, match="damaged"):
        records.get(EntryKind.SHORTLIST, "a")
    assert records.get(EntryKind.SHORTLIST, "b") is not None
    records.close()
