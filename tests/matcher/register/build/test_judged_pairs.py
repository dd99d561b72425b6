"""Pairs of records that were compared in the build before are not compared again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.types import Provider
from matcher.register.build import record_keys
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.decisions import decide
from matcher.register.build.known_records import KnownRecords
from matcher.register.linkage import judging
from matcher.register.linkage.matching import Decision
from matcher.register.register import Register
from tests.factory import provider
from tests.matcher.register.build.test_unchanged import facts
from tests.registers import feed, line_of_places

_KESTREL = ("Kestrelfold Care Ltd", "Kestrelfold Care Holdings Ltd", "Kestrelfold Cares Ltd")
_NAMES = (*_KESTREL, "Kestrelfold Care", "Friends of Kestrelfold Care", "Kestrelfold")
_RECORDS = st.builds(
    lambda number, name, place, other: provider(
        f"GB-COH-{number:08}" if number else f"x-{name}-{place}",
        place,
        name=name,
        ids=(f"GB-CHC-{other}",) if other else (),
    ),
    st.integers(0, 6),
    st.sampled_from(_NAMES),
    st.sampled_from(["WS1 1AA", "WS1 1AB", "WS1 1AC"]),
    st.sampled_from([0, 0, 0, 1150079]),
)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three postcodes, 20 and 90 km east of the first."""
    return line_of_places(tmp_path_factory.mktemp("line") / "places", 0, 20_000, 90_000)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The ids of the pairs that were judged, in order."""
    found: list[tuple[str, ...]] = []
    decided = judging._Judging._decided

    def judged(self: judging._Judging, a: judging._Known, b: judging._Known) -> Decision | None:
        found.append(tuple(sorted((a.provider.id, b.provider.id))))
        return decided(self, a, b)

    monkeypatch.setattr(judging._Judging, "_decided", judged)
    return found


def built(path: Path, places: Path, *records: Provider) -> None:
    path.mkdir(exist_ok=True)
    build(path, [feed(*records)], places_table=places, options=BuildOptions())


def related(*numbers: int) -> list[Provider]:
    names = ("", "Kestrelfold Care Ltd", "Kestrelfold Care Holdings Ltd", "Kestrelfold Trust")
    return [provider(f"GB-COH-{n:08}", "WS1 1AA", name=names[n]) for n in numbers]


def test_only_pairs_with_a_record_that_changed_are_compared(
    places: Path, tmp_path: Path, compared: list[tuple[str, ...]]
) -> None:
    again, whole = tmp_path / "again", tmp_path / "whole"
    one, two, three = related(1, 2, 3)
    built(again, places, one, two, three)
    assert {(one.id, two.id), (two.id, three.id)} <= set(compared)
    compared.clear()
    built(again, places, three, two, one)
    assert compared == []
    built(whole, places, three, two, one)
    assert facts(again) == facts(whole)
    changed = provider(two.id, "WS1 1AA", name="Friends of Kestrelfold Care")
    compared.clear()
    built(again, places, three, one, changed)
    assert (one.id, two.id) in compared
    assert all(two.id in pair for pair in compared)
    shutil.rmtree(whole)
    built(whole, places, three, one, changed)
    assert facts(again) == facts(whole)


def test_pairs_are_compared_again_once_one_is_in_a_group(
    places: Path, tmp_path: Path, compared: list[tuple[str, ...]]
) -> None:
    again, whole = tmp_path / "again", tmp_path / "whole"
    one, two = related(1, 2)
    charity = provider("GB-CHC-1150079", name="Otherwise", ids=(one.id,))
    built(again, places, one, two)
    for records in ([one, two, charity], [one, two]):
        compared.clear()
        built(again, places, *records)
        assert (one.id, two.id) in compared
        built(whole, places, *records)
        assert facts(again) == facts(whole)


def test_pairs_are_compared_again_once_others_are_kept_apart(
    places: Path, tmp_path: Path, compared: list[tuple[str, ...]]
) -> None:
    again, whole = tmp_path / "again", tmp_path / "whole"
    records = [provider(f"x-{n}", "WS1 1AA", name="Kestrelfold Care") for n in "ab"]
    records.append(provider("x-c", "WS1 1AA", name="Kestrelfold Cares"))
    built(again, places, *records)
    whole.mkdir()
    for path in (again, whole):
        decide(path, "x-a", "x-b", same=False)
        decide(path, "x-a", "x-c", same=False)
    compared.clear()
    built(again, places, *records)
    assert ("x-a", "x-b") in compared
    compared.clear()
    built(again, places, *records)
    assert ("x-a", "x-b") not in compared
    built(whole, places, *records)
    assert facts(again) == facts(whole)


def test_pairs_are_compared_again_where_postcodes_moved(
    places: Path, tmp_path: Path, compared: list[tuple[str, ...]]
) -> None:
    nearer = line_of_places(tmp_path / "places", 0, 20_000, 30_000)
    records = [provider(f"x-{p[-1]}", p, name="Kestrelfold") for p in ("WS1 1AA", "WS1 1AC")]
    records = [*records, *related(1, 2)]
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places, *records)
    compared.clear()
    built(again, nearer, *records)
    assert ("GB-COH-00000001", "GB-COH-00000002") in compared
    built(whole, nearer, *records)
    assert facts(again) == facts(whole)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(_RECORDS, min_size=1, max_size=5), min_size=2, max_size=3), st.data())
def test_builds_over_others_give_what_a_whole_build_gives(
    places: Path, months: Sequence[Sequence[Provider]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_keys, "_AT_ONCE", 2)
        again, whole = Path(folder) / "again", Path(folder) / "whole"
        records: list[Provider] = []
        for new in months:
            records = data.draw(st.permutations([*records, *new]))
            records = records[: data.draw(st.integers(1, len(records)))]
            built(again, places, *records)
        built(whole, places, *records)
        assert facts(again) == facts(whole)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _gone(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("harm", [_empty, _cut, _gone])
def test_damaged_pairs_are_judged_again(
    harm: Callable[[Path], None], places: Path, tmp_path: Path, compared: list[tuple[str, ...]]
) -> None:
    again, whole = tmp_path / "again", tmp_path / "whole"
    for path in (again, whole):
        built(path, places, *related(1, 2))
    for name in ("codes.npy", "found.json"):
        folder = Register.open(again).folder
        known = KnownRecords.open(folder)
        assert known is not None
        assert known.judged() is not None
        harm(folder / "known" / "pairs" / name)
        assert known.judged() is None
        compared.clear()
        built(again, places, *related(1, 2))
        assert len(compared) == 1
        assert facts(again) == facts(whole)
