from __future__ import annotations

import json
import os
import pickle
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.errors import RegisterError
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.columns import Links
from matcher.register.manifest import FORMAT
from matcher.register.register import Register
from tests.factory import award, lot, provider
from tests.registers import as_bytes, features_of, matcher, registered, without_digests

CARE = provider("GB-CHC-1", "WS1 1TP", name="Beacon Care", profile="home care for older people")
MEALS = provider("GB-CHC-2", "WS2 8RR", name="Hot Pot", profile="hot meals and care")
KIND = provider("GB-CHC-3", "B1 1AA", name="Kindly", profile="older people at home")
ASKED = date(2026, 3, 1)


# --- opening ---


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Path:
    path = tmp_path_factory.mktemp("built") / "reg"
    moved = provider("T-1", "WS1 1TP", name="Beacon Care Ltd")
    assert registered(path, places_table, CARE, moved, award("a-1", CARE)).manifest.merges == 1
    return path


@pytest.fixture
def folder(tmp_path: Path, built: Path) -> Path:
    """A copy of a register, to be damaged."""
    return Path(shutil.copytree(built, tmp_path / "reg", copy_function=os.link))


def test_a_missing_folder_is_refused_with_the_command_to_build_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(RegisterError, match=r"--register .*none: does not exist.*matcher build"):
        Register.open(tmp_path / "none")


def test_a_folder_without_a_register_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="has no CURRENT file"):
        Register.open(tmp_path)


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reg").write_text("x")
    with pytest.raises(RegisterError, match="--register"):
        Register.open(tmp_path / "reg")


def replaced(path: Path, content: bytes) -> None:
    """Put other bytes in a file's place, leaving what else links to it alone."""
    path.unlink()
    path.write_bytes(content)


def manifest(folder: Path) -> Path:
    return Register.open(folder).folder / "manifest.json"


@pytest.mark.parametrize("content", ["", "{", "[]", "7", "{}", "\xff"])
def test_a_damaged_manifest_is_refused(folder: Path, content: str) -> None:
    replaced(manifest(folder), content.encode("latin-1"))
    with pytest.raises(RegisterError, match=r"damaged.*build it again"):
        Register.open(folder)


def test_a_register_of_another_format_is_refused_by_its_number(folder: Path) -> None:
    path = manifest(folder)
    other = {**json.loads(path.read_text()), "format": 99}
    replaced(path, json.dumps(other).encode())
    with pytest.raises(RegisterError, match=rf"format 99.*reads {FORMAT}.*build it again"):
        Register.open(folder)


@pytest.mark.parametrize("content", [b"", b"\n", b"snapshot-gone\n", b"\xff\xfe", b"../../etc\n"])
def test_a_current_file_that_names_no_snapshot_is_refused(folder: Path, content: bytes) -> None:
    replaced(folder / "CURRENT", content)
    with pytest.raises(RegisterError, match=r"damaged.*build it again"):
        Register.open(folder)


@pytest.mark.parametrize(
    "name",
    [
        "columns/east.npy",
        "columns/id_hash.npy",
        "profiles/terms.npy",
        "past/index.json",
        "organisations.jsonl",
        "awards.offsets.npy",
        "places/table.json",
        "places/postcodes-keys.npy",
        "columns/council_square.npy",
        "merges.jsonl",
    ],
)
@pytest.mark.parametrize("how", ["gone", "empty", "cut"])
def test_a_part_that_is_missing_or_cut_short_is_refused(folder: Path, name: str, how: str) -> None:
    part = Register.open(folder).folder / name
    without_digests(folder)
    whole = part.read_bytes()
    part.unlink()
    if how != "gone":
        part.write_bytes(b"" if how == "empty" else whole[: len(whole) // 2])
        assert whole != part.read_bytes()
    with pytest.raises(RegisterError, match=r"damaged; build it again"):
        Register.open(folder)


def test_a_register_that_is_in_use_reads_on_when_a_build_removes_its_snapshot(
    folder: Path,
) -> None:
    register = Register.open(folder)
    shutil.rmtree(register.folder)
    assert register.provider_id(0) == CARE.id
    assert [(merge.kept, merge.merged) for merge in register.merges] == [(CARE.id, "T-1")]
    assert len(register.alike) == 0


def test_an_array_with_a_damaged_header_is_refused(folder: Path) -> None:
    without_digests(folder)
    part = next(folder.rglob("columns/east.npy"))
    bent = part.read_bytes().replace(b"{'descr'", b"z'descr'", 1)
    assert bent != part.read_bytes()
    part.unlink()
    part.write_bytes(bent)
    with pytest.raises(RegisterError, match=r"damaged; build it again"):
        Register.open(folder)


def test_an_array_that_would_run_code_is_refused(folder: Path) -> None:
    part = Register.open(folder).folder / "columns" / "east.npy"
    without_digests(folder)
    part.unlink()
    np.save(part, np.array([{"code": 1}], object), allow_pickle=True)
    with pytest.raises(RegisterError, match="damaged"):
        Register.open(folder)


# --- ids and links ---


def test_a_provider_is_found_by_any_of_its_ids(tmp_path: Path, places_table: Path) -> None:
    known = replace(CARE, ids=("GB-COH-01234567",))
    register = registered(tmp_path, places_table, known, MEALS)
    row = register.row("GB-CHC-1")
    assert row is not None
    assert register.row("GB-COH-01234567") == row
    assert register.organisations[row].provider.name == "Beacon Care"
    assert register.row("GB-CHC-9") is None


@pytest.mark.parametrize(("trust_ids", "rows"), [(False, 2), (True, 1)])
def test_two_suppliers_with_one_name_have_an_id_each(
    tmp_path: Path, places_table: Path, trust_ids: bool, rows: int
) -> None:
    named = [
        provider("XX-NAME-communitytransport", place, name="Community Transport")
        for place in ("WS1 1TP", "B1 1AA")
    ]
    won = [award(f"a-{i}", supplier) for i, supplier in enumerate(named)]
    register = registered(tmp_path, places_table, *won, trust_ids=trust_ids)
    shown = [register.provider_id(row) for row in range(len(register.organisations))]
    assert len(set(shown)) == rows
    assert [register.row(org_id) for org_id in shown] == list(range(rows))
    assert (register.row("XX-NAME-communitytransport") is None) == (rows == 2)


def test_a_supplier_is_found_by_the_id_made_from_its_name(
    tmp_path: Path, places_table: Path
) -> None:
    only = provider("XX-NAME-kestrelfold", "WS1 1TP", name="Kestrelfold")
    register = registered(tmp_path, places_table, award("a-1", only))
    assert register.provider_id(0) == "XX-NAME-kestrelfold-WS11TP"
    assert register.row("XX-NAME-kestrelfold") == register.row("XX-NAME-kestrelfold-WS11TP") == 0


def test_a_supplier_of_which_only_the_district_is_known_is_found_by_both_ids(
    tmp_path: Path, places_table: Path
) -> None:
    only = provider("XX-NAME-kestrelfold", "WS1", name="Kestrelfold")
    register = registered(tmp_path, places_table, award("a-1", only))
    assert register.row("XX-NAME-kestrelfold") == register.row(register.provider_id(0)) == 0


def test_links_of_many_are_those_of_each() -> None:
    links = Links(np.array([0, 2, 2, 5]), np.array([7, 9, 1, 2, 3], np.int32))
    position, numbers = links.of_many(np.array([2, 1, 0]))
    assert position.tolist() == [0, 0, 0, 2, 2]
    assert numbers.tolist() == [1, 2, 3, 7, 9]
    assert links.of(1).tolist() == []


# --- visible awards ---


def test_only_awards_before_the_day_are_visible(tmp_path: Path, places_table: Path) -> None:
    days = [ASKED + timedelta(days=n) for n in (-1, 0, 0, 1)]
    awards = [award(f"a-{i}", CARE, day=day) for i, day in enumerate(days)]
    register = registered(tmp_path, places_table, *awards)
    known = [register.before(ASKED + timedelta(days=n)).known_awards for n in (-1, 0, 1, 2)]
    assert known == [0, 1, 3, 4]
    assert register.before(ASKED).before(ASKED + timedelta(days=9)).known_awards == 1


PAST = (
    award("p-1", CARE, lot=lot(id="p-1"), day=date(2025, 5, 1)),
    award("p-2", MEALS, lot=lot(id="p-2", title="Care at home"), day=date(2025, 6, 1)),
)
EVERYTHING = tuple(FEATURES)
ANYONE = Request(wish=Filters(everyone=True))


def planted() -> st.SearchStrategy[Any]:
    return st.builds(
        lambda days, supplier, title, buyer: award(
            f"new-{days}",
            supplier,
            day=ASKED + timedelta(days=days),
            lot=lot(id="new", title=title, buyer=buyer, cpv=("85312000",)),
        ),
        st.integers(0, 400),
        st.sampled_from([CARE, MEALS, KIND]),
        st.sampled_from(["Home care for older people", "Meals", "older people"]),
        st.sampled_from(["Walsall Council", "Else"]),
    )


@settings(max_examples=8, deadline=None)
@given(later=st.lists(planted(), min_size=1, max_size=3, unique_by=lambda a: a.id))
def test_a_later_award_changes_no_feature_and_no_rank(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, later: list[Any]
) -> None:
    query_lot = lot(day=ASKED, buyer="Walsall Council", cpv=("85312000",))
    results = []
    for planted_now in ([], later):
        path = tmp_path_factory.mktemp("reg")
        opened = matcher(path, places_table, CARE, MEALS, KIND, *PAST, *planted_now)
        values = features_of(opened.query(query_lot, ANYONE), *EVERYTHING)
        results.append((values, as_bytes(opened.shortlist(query_lot, ANYONE).suggestions)))
    assert results[0][0].keys() == {CARE.id, MEALS.id, KIND.id}
    assert results[0] == results[1]


def test_the_same_award_a_day_earlier_changes_features(tmp_path: Path, places_table: Path) -> None:
    query_lot = lot(day=ASKED)
    new = award("new", KIND, day=ASKED - timedelta(days=1), lot=lot(id="new"))
    without = matcher(tmp_path / "a", places_table, CARE, MEALS, KIND, *PAST)
    having = matcher(tmp_path / "b", places_table, CARE, MEALS, KIND, *PAST, new)
    assert features_of(without.query(query_lot, ANYONE), "votes") != features_of(
        having.query(query_lot, ANYONE), "votes"
    )


def test_before_in_the_request_takes_precedence_over_the_lots_day(
    tmp_path: Path, places_table: Path
) -> None:
    opened = matcher(tmp_path, places_table, CARE, MEALS, *PAST)
    known = [
        opened.query(lot(day=day), Request(before=before)).register.known_awards
        for day, before in [
            (ASKED, None),
            (ASKED, date(2025, 6, 1)),
            (date(2025, 5, 1), None),
            (None, None),
        ]
    ]
    assert known == [2, 1, 0, 2]


@pytest.mark.parametrize("own", ["notice-1", "notice-1#2"])
def test_a_lots_own_award_is_never_visible_to_it(
    tmp_path: Path, places_table: Path, own: str
) -> None:
    query_lot = lot(id="notice-1#2" if "#" in own else "notice-1", day=date(2026, 6, 1))
    won = award("notice-1/1", KIND, day=ASKED, lot=replace(query_lot, id=own))
    opened = matcher(tmp_path, places_table, CARE, MEALS, KIND, *PAST, won)
    assert opened.query(query_lot, ANYONE).register.known_awards == 2
    values = features_of(opened.query(query_lot, ANYONE), "past_words", "votes")
    assert values[KIND.id] == {"past_words": 0.0, "votes": 0.0}


def test_an_award_of_the_whole_notice_is_not_visible_to_its_lots(
    tmp_path: Path, places_table: Path
) -> None:
    won = award("notice-1/1", KIND, day=ASKED, lot=lot(id="notice-1"))
    opened: Matcher = matcher(tmp_path, places_table, CARE, KIND, *PAST, won)
    query_lot = lot(id="notice-1#2", day=date(2026, 6, 1))
    assert opened.query(query_lot, ANYONE).register.known_awards == 2


def test_a_register_is_pickled_as_its_folder(built: Path) -> None:
    register = Register.open(built)
    sent = pickle.dumps(replace(register.before(date(2020, 1, 1)), vectors=None))
    again = pickle.loads(sent)
    assert len(sent) < 1000
    assert (again.version, again.known_awards, register.known_awards) == (register.version, 0, 1)
    assert as_bytes(again.organisations[0]) == as_bytes(register.organisations[0])
