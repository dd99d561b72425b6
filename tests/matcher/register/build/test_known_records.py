"""Which records were read before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.geo.postcodes import PostcodeTable
from matcher.register.build import seen
from matcher.register.build.known_records import KnownRecords
from matcher.register.build.seen import Seen
from matcher.register.build.snapshot import same_files
from matcher.register.build.unchanged import unchanged_since
from matcher.register.linkage.key_tables import KeyKind
from matcher.register.manifest import Manifest
from matcher.register.register import Register
from models.bundle import Bundle
from tests.factory import provider
from tests.matcher.register.build.test_unchanged import built, bundle, facts

__all__ = ["bundle"]

_NUMBERS = st.integers(0, 2**64 - 1)


@given(st.lists(st.one_of(_NUMBERS, st.integers(0, 9), st.integers(2**63, 2**63 + 9))))
def test_a_number_is_found_where_it_came_first(numbers: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_SORTED_FROM", 2)
        found, first = Seen(), dict[int, int]()
        for number in numbers:
            before = found.number_of(number)
            assert before == first.get(number)
            first.setdefault(number, len(first))
        assert found.contents().tolist() == list(first)


@given(st.lists(st.tuples(st.booleans(), st.lists(st.one_of(_NUMBERS, st.integers(0, 9))))))
def test_numbers_that_come_together_are_found_as_those_that_come_one_by_one(
    batches: list[tuple[bool, list[int]]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_SORTED_FROM", 3)
        found, alone = Seen(), Seen()
        for together, numbers in batches:
            expected = [alone.number_of(number) for number in numbers]
            if together:
                is_new = found.add_new(np.array(numbers, np.uint64))
                assert is_new.tolist() == [before is None for before in expected]
            else:
                assert [found.number_of(number) for number in numbers] == expected
        assert found.contents().tolist() == alone.contents().tolist()


def test_a_record_with_many_names_at_many_places_keeps_all_its_keys(
    bundle: Bundle, places_table: Path, tmp_path: Path
) -> None:
    letters = "ABCDEFGHJKLMNPQRSTUWXYZ"
    postcodes = [f"WS1 1{a}{b}" for a in letters for b in letters][:250]
    aliases = tuple(f"Kestrel {at}" for at in range(300))
    large = provider("GB-COH-00000001", *postcodes, name="Acorn Care Ltd", aliases=aliases)
    others = [provider(f"GB-COH-{n:08}", "WS1 1TP", name=f"Beacon {n} Ltd") for n in (2, 3)]
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places_table, bundle, date(2026, 3, 1), large, *others)
    starts = np.load(Register.open(again).folder / "known/keys/keys-candidate-starts.npy")
    assert np.diff(starts).max() > 300 * 250
    new = provider("GB-COH-00000004", "WS1 1AB", name="Kestrel 7 Ltd")
    for path in (again, whole):
        built(path, places_table, bundle, date(2026, 4, 1), large, *others, new)
    assert facts(again) == facts(whole)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _header(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:10] + b"(" * 20 + content[30:])


def _longer(file: Path) -> None:
    values = np.load(file)
    np.save(file, np.concatenate([values, values[-1:]]))


@pytest.mark.parametrize("harm", [_empty, _cut, _header, _longer])
def test_damaged_keys_or_contents_do_not_stop_a_build(
    harm: Callable[[Path], None], bundle: Bundle, places_table: Path, tmp_path: Path
) -> None:
    records = [provider(f"GB-COH-{n:08}", "WS1 1TP", name=f"Acorn {n} Ltd") for n in (1, 2)]
    path, whole = tmp_path / "reg", tmp_path / "whole"
    built(path, places_table, bundle, date(2026, 3, 1), *records)
    folder = Register.open(path).folder
    maker = Manifest.read(folder).made_by
    known = folder / "known"
    for file in (*sorted(known.glob("*.npy")), *sorted((known / "keys").iterdir())):
        if harm is _longer and file.stem in (*(kind.file for kind in KeyKind), "spellings"):
            continue
        content = file.read_bytes()
        harm(file)
        assert KnownRecords.open(folder) is None, file
        file.write_bytes(content)
    assert KnownRecords.open(folder) is not None
    harm(folder / "known" / "contents.npy")
    for file in sorted((folder / "content").iterdir()):
        content = file.read_bytes()
        harm(file)
        assert unchanged_since(folder, maker) is None, file
        file.write_bytes(content)
    assert unchanged_since(folder, maker) is not None
    new = provider("GB-COH-00000003", "WS1 1TP", name="Beacon Ltd")
    built(whole, places_table, bundle, date(2026, 4, 1), *records, new)
    built(path, places_table, bundle, date(2026, 4, 1), *records, new)
    assert facts(path) == facts(whole)
    harm(Register.open(path).folder / "content" / "rows.npy")
    built(path, places_table, bundle, date(2026, 4, 1), *records, new)
    assert facts(path) == facts(whole)


def test_keys_are_not_taken_from_a_register_with_other_places(
    bundle: Bundle, places_table: Path, tmp_path: Path
) -> None:
    path = tmp_path / "reg"
    one = provider("GB-COH-00000001", "WS1 1TP", name="Acorn Care Ltd")
    built(path, places_table, bundle, date(2026, 3, 1), one)
    folder = Register.open(path).folder / "places"
    assert same_files(folder, folder)
    other = tmp_path / "other"
    other.mkdir()
    for file in PostcodeTable.open(places_table) and places_table.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    assert same_files(folder, other)
    changed = next(other.glob("*-east.npy"))
    content = changed.read_bytes()
    changed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert not same_files(folder, other)
    assert not same_files(tmp_path, other)
