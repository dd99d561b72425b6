"""Keys in files, and which pairs of records are judged."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.types import Provider, Status
from matcher.register.linkage.candidates import pairs_in, shared
from matcher.register.linkage.judging import Judge, SomePairs
from matcher.register.linkage.key_tables import (
    SPOTS,
    KeyFiles,
    KeyKind,
    KeyTable,
    all_with,
    partition_of,
)
from matcher.register.linkage.keys import RecordKeys
from matcher.register.linkage.name_similarity import keys as name_keys
from tests.factory import provider

_EAST = {"WS1 1TP": 400_000, "WS1 2AA": 401_000, "B1 1AA": 439_900, "WR1 1AA": 480_000}
_RECORDS = st.lists(
    st.builds(
        lambda number, name, other, place, gone: provider(
            number,
            *place,
            name=name,
            aliases=(other,) if other else (),
            status=Status.REMOVED if gone else Status.ACTIVE,
        ),
        st.sampled_from(("GB-COH-00000001", "GB-COH-00000002", "GB-CHC-3", "XX-4", "XX-5")),
        st.sampled_from(
            (
                "Penllergare Valley Woods",
                "Penllergare Valley Woods Holdings Ltd",
                "Friends of Penllergare Valley Woods",
                "Quarnford Lifts Ltd T/A Upways",
            )
        ),
        st.sampled_from(("", "Upways", "Penllergare Woods", "Kestrel Lifts")),
        st.sampled_from(((), ("WS1 1TP",), ("WS1 2AA", "WR1 1AA"), ("B1 1AA",), ("QQ9 9QQ",))),
        st.booleans(),
    ),
    min_size=2,
    max_size=7,
)


def _km(a: str, b: str) -> float | None:
    return abs(_EAST[a] - _EAST[b]) / 1000 if a in _EAST and b in _EAST else None


def _keys(records: Sequence[Provider]) -> RecordKeys:
    keys = RecordKeys(trust_ids=False)
    for record in records:
        keys.add(record)
    first = [record.sites[0].postcode if record.sites else "" for record in records]
    spots = [(_EAST.get(postcode, -1), 0 if postcode in _EAST else -1) for postcode in first]
    keys.share(SPOTS, np.array(spots, np.int32))
    return keys


def _alone(keys: RecordKeys | KeyFiles) -> None:
    keys.share("leaders", np.arange(keys.records))
    keys.share("in_group", np.zeros(keys.records, bool))


@settings(deadline=None)
@given(_RECORDS)
def test_a_pair_that_is_left_out_would_have_been_judged_to_be_nothing(
    records: list[Provider],
) -> None:
    keys = _keys(records)
    _alone(keys)
    found = set(pairs_in(keys, 0).tolist())
    size = len(records)
    judge = Judge(lambda: (records.__getitem__, _km), size, frozenset())
    every = {a * size + b for a, b in combinations(range(size), 2)}
    assert found <= every
    mine = [_keys_with_places(record) for record in records]
    sharing = {c for c in every if not mine[c // size].isdisjoint(mine[c % size])}
    left_out = np.array(sorted(sharing - found), np.int64)
    assert judge(SomePairs(left_out, {}))[0] == []


def _keys_with_places(record: Provider) -> frozenset[str]:
    return frozenset[str]().union(*map(name_keys, (record.name, *record.aliases)))


@settings(deadline=None)
@given(_RECORDS, st.sampled_from((1, 2, 8)), st.integers(1, 3))
def test_keys_in_files_are_those_in_memory(
    records: list[Provider], partitions: int, at_once: int
) -> None:
    keys = _keys(records)
    parts = tuple(
        range(at, min(at + at_once, len(records))) for at in range(0, len(records), at_once)
    )
    with tempfile.TemporaryDirectory() as name:
        files = KeyFiles(Path(name), parts, partitions)
        for part in parts:
            mine = _keys(records[part.start : part.stop])
            mine.table().save_part(files.folder, part, partitions)
        files.join()
        for kind in KeyKind:
            every = [files.of(kind, partition) for partition in range(partitions)]
            for partition, (hashes, _) in enumerate(every):
                assert (partition_of(hashes, partitions) == partition).all()
            ours = np.concatenate([h for h, _ in every]), np.concatenate([r for _, r in every])
            theirs = keys.of(kind, 0)
            assert _sorted(*ours) == _sorted(*theirs)
            blocks = [shared(*some) for some in every]
            records_of, sizes_of = shared(*theirs)
            assert np.concatenate([r for r, _ in blocks]).tolist() == records_of.tolist()
            assert np.concatenate([n for _, n in blocks]).tolist() == sizes_of.tolist()
        for found in (files, keys):
            _alone(found)
        pairs = [pairs_in(files, partition) for partition in range(partitions)]
        assert np.unique(np.concatenate(pairs)).tolist() == sorted(pairs_in(keys, 0).tolist())
        assert all_with(files, records[-1].id) == all_with(keys, records[-1].id) != []
        assert all_with(files, "XX-none") == []


def _sorted(hashes: np.ndarray, records: np.ndarray) -> list[tuple[int, int]]:
    return sorted(zip(hashes.tolist(), records.tolist(), strict=True))


@settings(deadline=None)
@given(_RECORDS, st.data())
def test_the_table_of_some_records_is_the_one_that_they_have_alone(
    records: list[Provider], data: st.DataObject
) -> None:
    table = _keys(records).table()
    order = data.draw(st.permutations(range(len(records))))
    split = data.draw(st.integers(0, len(records)))
    with tempfile.TemporaryDirectory() as folder:
        table.save(Path(folder) / "kept")
        kept = KeyTable.open(Path(folder) / "kept")
        parts = [kept.take(np.array(some, np.int64)) for some in (order[:split], order[split:])]
        _assert_same(parts[0].followed_by(parts[1]), _keys([records[at] for at in order]).table())


def _assert_same(one: KeyTable, other: KeyTable) -> None:
    assert one.size == other.size
    assert one.columns.keys() == other.columns.keys()
    for name, column in one.columns.items():
        assert (column == other.columns[name]).all()
    for name, (hashes, sizes) in one.ragged.items():
        assert hashes.tolist() == other.ragged[name][0].tolist()
        assert sizes.tolist() == other.ragged[name][1].tolist()
