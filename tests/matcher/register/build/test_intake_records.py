"""Records of a build that stay in the snapshot before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pytest

from matcher.core.types import Organisation, Provider, Related, Source
from matcher.register.build.intake_records import IntakeRecords, IntakeRecordsWriter
from matcher.register.record_file import RecordFile, RecordFileWriter
from tests.factory import provider

_MARCH, _APRIL = date(2026, 3, 1), date(2026, 4, 1)


def at(day: date | None, **fields: str) -> Provider:
    source = Source("Companies House", day, "OGL-UK-3.0")
    return replace(provider("GB-COH-00000001", "WS1 1TP", **fields), source=source)


def alone(record: Provider, *related: Related) -> Organisation:
    return Organisation(record, (record,), related)


def written(folder: Path, day: date | None, *before: Organisation) -> IntakeRecords:
    """Records of a build: one that was read, and those of the snapshot before, with a `day`."""
    snapshot, part = folder / "before", folder / "part"
    snapshot.mkdir()
    with RecordFileWriter[Organisation](snapshot / "organisations") as out:
        for organisation in before:
            out.add(organisation)
    line = msgspec.json.encode(at(_MARCH, name="Read")) + b"\n"
    part.write_bytes(line)
    rows = np.array([-1, *range(len(before))], np.int32)
    with IntakeRecordsWriter(folder, snapshot) as writer:
        kept = np.ones(len(rows), bool)
        source = Source("Companies House", day, "OGL-UK-3.0")
        writer.add_part(part, np.array([len(line)]), rows, kept, source)
    assert not part.exists()
    return IntakeRecords(folder)


@pytest.mark.parametrize("then", [_MARCH, _APRIL, None])
@pytest.mark.parametrize("now", [_APRIL, None])
def test_only_the_day_of_its_source_is_another(
    then: date | None, now: date | None, tmp_path: Path
) -> None:
    name = 'Acorn ","day":"2026-03-01","licence":" Care'
    records = written(tmp_path, now, alone(at(then, name=name)), alone(at(then, name="Beacon")))
    expected = [at(_MARCH, name="Read"), at(now, name=name), at(now, name="Beacon")]
    assert [records[number] for number in range(len(records))] == expected
    lines = list(records.organisations(np.arange(3)))
    assert lines[0] is None
    assert lines[1:] == [msgspec.json.encode(alone(one)) + b"\n" for one in expected[1:]]


def test_a_line_with_relations_is_made_again(tmp_path: Path) -> None:
    related = Related("GB-COH-00000002", "Acorn Holdings", "held by", "their names")
    records = written(tmp_path, _APRIL, alone(at(_MARCH, name="Acorn"), related))
    assert list(records.organisations(np.arange(2))) == [None, None]
    assert records[1] == at(_APRIL, name="Acorn")


def test_numbers_follow_the_records_that_are_kept(tmp_path: Path) -> None:
    lines = [msgspec.json.encode(at(_MARCH, name=name)) + b"\n" for name in ("A", "B", "C")]
    part = tmp_path / "part"
    part.write_bytes(b"".join(lines))
    with IntakeRecordsWriter(tmp_path, None) as writer:
        assert writer.add(at(None, name="First")) == 0
        sizes, rows = np.array(list(map(len, lines))), np.full(3, -1, np.int32)
        writer.add_part(part, sizes, rows, np.array([True, False, True]), at(_MARCH).source)
        assert writer.add(at(None, name="Last")) == 3
    names = [record.name for record in map(IntakeRecords(tmp_path).__getitem__, range(4))]
    assert names == ["First", "A", "C", "Last"]


def test_memory_of_both_files_is_freed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records, freed = written(tmp_path, _APRIL, alone(at(_MARCH))), set[int]()
    monkeypatch.setattr(RecordFile, "free", lambda self: freed.add(id(self)))
    records.free()
    assert len(freed) == 2
