from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matcher.core.errors import RegisterError
from matcher.core.leftovers import scratch_folder
from matcher.core.types import (
    Provider,
    Source,
    Status,
    Tally,
)
from matcher.core.workers import running_on
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.ranking.matcher import Matcher
from matcher.register.build import organisations, record_keys
from matcher.register.build.build import build
from matcher.register.index_writer import TextIndexWriter
from matcher.register.linkage import named_pairs
from matcher.register.register import Register
from tests.factory import award, lot, provider
from tests.registers import feed, registered, snapshots

CARE = provider("GB-CHC-1", "WS1 1TP", name="Beacon Care", profile="home care for older people")
MEALS = provider("GB-CHC-2", "WS2 8RR", name="Hot Pot", profile="hot meals cooked and delivered")


def broken_after(*items: Provider, error: BaseException) -> Iterator[Provider]:
    yield from items
    raise error


def version(path: Path) -> str:
    return Register.open(path).version


# --- all or nothing ---


@pytest.mark.parametrize(
    "error", [ValueError("bad row"), KeyboardInterrupt(), OSError(errno.EIO, "I/O error")]
)
def test_a_failed_build_leaves_the_register_unchanged(
    tmp_path: Path, places_table: Path, error: BaseException
) -> None:
    before = registered(tmp_path / "reg", places_table, CARE).version
    feeds = [(Tally("bad"), broken_after(MEALS, error=error))]
    with pytest.raises((ValueError, KeyboardInterrupt, RegisterError)):
        build(tmp_path / "reg", feeds, places_table=places_table)
    assert version(tmp_path / "reg") == before
    assert len(snapshots(tmp_path / "reg")) == 1


def test_a_full_disk_while_reading_is_reported(tmp_path: Path, places_table: Path) -> None:
    before = registered(tmp_path / "reg", places_table, CARE).version
    full = OSError(errno.ENOSPC, "No space left on device")
    feeds = [(Tally("big"), broken_after(MEALS, error=full))]
    with pytest.raises(RegisterError, match=r"disk is full.*unchanged.*another\s+disk"):
        build(tmp_path / "reg", feeds, places_table=places_table)
    assert version(tmp_path / "reg") == before
    assert len(snapshots(tmp_path / "reg")) == 1


def test_a_full_disk_while_writing_leaves_nothing_behind(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: TextIndexWriter) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TextIndexWriter, "finish", full)
    with pytest.raises(RegisterError, match="the disk is full"):
        build(tmp_path / "reg", [feed(CARE)], places_table=places_table)
    assert not (tmp_path / "reg").exists()


def test_a_full_temporary_folder_is_named_by_the_variable_that_sets_it(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: TextIndexWriter) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TextIndexWriter, "finish", full)
    for use in ("training", "evaluation"):
        with (
            scratch_folder(use, tmp_path) as scratch,
            pytest.raises(RegisterError, match="the disk is full") as told,
        ):
            build(scratch / "register", [feed(CARE)], places_table=places_table)
        assert str(told.value).startswith(f"$TMPDIR {tmp_path}: the disk is full;")
        assert "--register" not in str(told.value)


def test_a_disk_that_is_too_small_is_refused_before_anything_is_read(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reg"
    before = registered(path, places_table, CARE)
    usage = shutil.disk_usage(tmp_path)._replace(free=2_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(RegisterError, match=r"needs at least 0\.\d\d GB.*on another disk"):
        build(path, iter(()), places_table=places_table)
    with pytest.raises(RegisterError, match=r"needs at least 9\.00 GB"):
        registered(tmp_path / "new", places_table, CARE, bytes_needed=9_000_000_000)
    assert version(path) == before.version
    assert len(snapshots(path)) == 1


def test_the_size_of_a_register_of_other_areas_does_not_count(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(tmp_path / "reg", places_table, CARE)
    usage = shutil.disk_usage(tmp_path)._replace(free=2_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    registered(tmp_path / "reg", places_table, CARE, locality=("E08000030",))


def test_a_folder_that_cannot_be_written_to_is_refused_by_name(
    tmp_path: Path, places_table: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RegisterError, match=r"--register .*file/reg: cannot be written"):
        build(tmp_path / "file" / "reg", [feed(CARE)], places_table=places_table)
    with pytest.raises(RegisterError, match=r"--register .*file: cannot be written"):
        build(tmp_path / "file", [feed(CARE)], places_table=places_table)
    assert (tmp_path / "file").read_text() == "not a folder"


def test_a_rebuild_replaces_the_old_snapshot(tmp_path: Path, places_table: Path) -> None:
    first = registered(tmp_path, places_table, CARE).version
    second = registered(tmp_path, places_table, CARE, MEALS)
    assert second.version != first
    assert len(second) == 2
    assert snapshots(tmp_path) == [second.folder]
    assert not list(second.folder.glob("intake-*"))


def test_sources_without_a_record_are_refused_with_what_they_set_aside(
    tmp_path: Path, places_table: Path
) -> None:
    tally = Tally("rows.csv")
    tally.drop("no name", "rows.csv row 2")
    with pytest.raises(RegisterError, match=r"rows\.csv \(no name: 1\); empty\.csv \(no rows\)"):
        build(tmp_path, [(tally, iter(())), feed(source="empty.csv")], places_table=places_table)
    assert not (tmp_path / "CURRENT").exists()


@pytest.mark.parametrize("was_there", [True, False])
def test_a_first_build_that_fails_leaves_neither_lock_nor_folder_of_its_own(
    tmp_path: Path, places_table: Path, was_there: bool
) -> None:
    path = tmp_path / "new" / "reg"
    if was_there:
        path.mkdir(parents=True)
    with pytest.raises(RegisterError, match="nothing to build from"):
        build(path, [feed()], places_table=places_table)
    left = [str(one.relative_to(tmp_path)) for one in sorted(tmp_path.rglob("*"))]
    assert left == (["new", "new/reg"] if was_there else [])


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path, places_table: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RegisterError, match=r"other things in it \(such as thesis\.txt\)"):
        registered(tmp_path, places_table, CARE)
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]


def test_another_program_s_folder_is_no_register_for_a_file_of_the_same_name(
    tmp_path: Path, places_table: Path
) -> None:
    (tmp_path / "CURRENT").write_text("MANIFEST-000004\n")
    (tmp_path / "000003.log").write_bytes(b"rows of a database")
    with pytest.raises(RegisterError, match="other things in it"):
        registered(tmp_path, places_table, CARE)
    assert (tmp_path / "CURRENT").read_text() == "MANIFEST-000004\n"


@pytest.mark.parametrize("name", [".DS_Store", "lost+found", "keep-apart.csv", "snapshot-killed"])
def test_what_says_nothing_of_another_use_may_lie_in_a_new_folder(
    tmp_path: Path, places_table: Path, name: str
) -> None:
    (tmp_path / name).mkdir() if "." not in name[1:] else (tmp_path / name).write_text(
        "kept,merged\n"
    )
    assert len(registered(tmp_path, places_table, CARE)) == 1


def test_a_register_may_have_a_note_beside_it(tmp_path: Path, places_table: Path) -> None:
    registered(tmp_path, places_table, CARE)
    (tmp_path / "note.txt").write_text("asked Alex")
    assert len(registered(tmp_path, places_table, CARE, MEALS)) == 2
    assert (tmp_path / "note.txt").read_text() == "asked Alex"


# --- what is written ---


def contents(register: Register) -> dict[str, bytes]:
    files = (p for p in register.folder.rglob("*") if p.is_file())
    return {str(p.relative_to(register.folder)): p.read_bytes() for p in files}


def test_the_same_sources_give_the_same_version_and_the_same_bytes(
    tmp_path: Path, places_table: Path
) -> None:
    items = (CARE, MEALS, award("a-1", CARE), award("a-2", MEALS, CARE))
    first = registered(tmp_path / "one", places_table, *items)
    second = registered(tmp_path / "two", places_table, *items)
    assert first.version == second.version
    assert contents(first) == contents(second)


@pytest.mark.parametrize("place", ["1", "2"])
def test_any_number_of_processes_gives_the_same_bytes(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    records = [
        provider(f"GB-COH-{n:08}", "WS1 1TP" if n % 2 else "IP1 2BX", name=f"Acorn {n} Care Ltd")
        for n in range(1, 8)
    ]
    merged = [replace(records[1], id="x", source=Source("other"))]
    whole = registered(tmp_path / "whole", places_table, *records, *merged)
    monkeypatch.setattr(organisations, "_AT_ONCE", 2)
    monkeypatch.setattr(record_keys, "_AT_ONCE", 3)
    monkeypatch.setattr(record_keys, "partitions_for", lambda records: 4)
    monkeypatch.setattr(named_pairs, "PAIRS_AT_ONCE", 1)
    with running_on(place):
        parts = registered(tmp_path / "parts", places_table, *records, *merged)
    assert contents(parts) == contents(whole)


def test_another_fact_gives_another_version(tmp_path: Path, places_table: Path) -> None:
    first = registered(tmp_path / "one", places_table, CARE)
    second = registered(tmp_path / "two", places_table, replace(CARE, income=5.0))
    assert first.version != second.version


def test_a_register_contains_no_pickles(tmp_path: Path, places_table: Path) -> None:
    register = registered(tmp_path, places_table, CARE, award("a-1", MEALS))
    kinds = {p.suffix for p in register.folder.rglob("*") if p.is_file()}
    assert kinds <= {".npy", ".json", ".jsonl"}
    arrays = [p.read_bytes()[:200] for p in register.folder.rglob("*.npy")]
    assert arrays
    assert not any(b"'descr': '|O'" in head for head in arrays)


def test_the_manifest_lists_the_tally_of_each_source(tmp_path: Path, places_table: Path) -> None:
    tally, items = feed(CARE, source="a.csv")
    tally.drop("no name", "a.csv row 3")
    report = build(
        tmp_path, [(tally, items), feed(MEALS, source="b.csv")], places_table=places_table
    )
    manifest = Register.open(tmp_path).manifest
    assert [t.source for t in manifest.tallies] == ["a.csv", "b.csv"]
    assert manifest.tallies[0].set_aside == {"no name": 1}
    assert manifest.tallies[0].examples == {"no name": "a.csv row 3"}
    assert (manifest.records, manifest.providers, manifest.awards) == (2, 2, 0)
    assert manifest == report


# --- records ---


def test_of_several_awards_with_one_id_the_last_counts(tmp_path: Path, places_table: Path) -> None:
    register = registered(
        tmp_path,
        places_table,
        award("a-1", CARE, value=1.0),
        award("a-2", CARE, value=7.0),
        award("a-1", MEALS, value=2.0, day=date(2026, 4, 1)),
    )
    kept = [register.awards[i] for i in range(len(register.awards))]
    assert [(a.id, a.value) for a in kept] == [("a-2", 7.0), ("a-1", 2.0)]
    row = register.row(MEALS.id)
    assert row is not None
    assert [register.awards[int(a)].id for a in register.won.of(row)] == ["a-1"]


def test_awards_are_stored_oldest_first(tmp_path: Path, places_table: Path) -> None:
    days = [date(2026, 3, 1), date(2024, 1, 1), date(2025, 6, 30)]
    given = [award(f"a-{i}", CARE, day=day) for i, day in enumerate(days)]
    register = registered(tmp_path, places_table, *given)
    assert [register.awards[i].day for i in range(3)] == sorted(days)


def test_an_award_of_a_council_is_where_its_title_says(tmp_path: Path, places_table: Path) -> None:
    buyer = {"postcode": "", "buyer": "Walsall Council", "buyer_postcode": "WS1 1TP"}
    said = ("Minibus from Bloxwich", "Minibus")
    awards = [
        award(f"a-{n}", provider(f"p-{n}"), lot=lot(id=f"a-{n}", title=title, **buyer))
        for n, title in enumerate(said)
    ]
    columns = registered(tmp_path, places_table, *awards).columns
    spots = [*zip(columns.award_east.tolist(), columns.award_north.tolist(), strict=True)]
    town = Councils.open().towns.find("Bloxwich")[0]
    office = PostcodeTable.open(places_table).find("WS1 1TP")
    assert office is not None
    assert spots == [(town.east, town.north), (office.east, office.north)]


def test_a_record_repeated_in_one_source_is_kept_once(tmp_path: Path, places_table: Path) -> None:
    later = replace(CARE, source=replace(CARE.source, day=date(2026, 2, 1)))
    register = registered(tmp_path, places_table, CARE, award("a-1", later), award("a-2", CARE))
    assert len(register.organisations[0].records) == 1
    assert len(register.won.of(0)) == 2


@pytest.mark.parametrize(
    "news", [{"status": Status.REMOVED}, {"profile": "day centre"}, {"income": 9.0}]
)
def test_a_later_record_with_new_facts_is_kept(
    tmp_path: Path, places_table: Path, news: dict[str, Any]
) -> None:
    register = registered(tmp_path, places_table, CARE, replace(CARE, **news))
    assert len(register) == 1
    organisation = register.organisations[0]
    assert len(organisation.records) == 2
    for name, value in news.items():
        assert str(value) in str(getattr(organisation.provider, name))


def test_every_record_keeps_its_own_source_and_day(tmp_path: Path, places_table: Path) -> None:
    other = replace(CARE, source=Source("register", date(2025, 5, 5), "OGL"), income=10.0)
    organisation = registered(tmp_path, places_table, CARE, other).organisations[0]
    assert {r.source for r in organisation.records} == {CARE.source, other.source}


SAME_NAME = (
    provider("GB-CHC-7", "WS1 1TP", name="Willowmere Befriending Society"),
    provider("T-8", "WS1 1TP", name="Willowmere Befriending Society Ltd"),
)


def test_ids_are_trusted_on_request(tmp_path: Path, places_table: Path) -> None:
    assert len(registered(tmp_path / "a", places_table, *SAME_NAME)) == 1
    trusting = registered(tmp_path / "b", places_table, *SAME_NAME, trust_ids=True)
    assert len(trusting) == 2
    assert trusting.manifest.trust_ids is True


# --- registers that lack something ---


def test_a_register_without_awards_can_be_ranked(tmp_path: Path, places_table: Path) -> None:
    registered(tmp_path, places_table, CARE, MEALS)
    answer = Matcher.open(tmp_path, "hand").shortlist(lot(day=date(2026, 9, 1)))
    assert answer.suggestions[0].id == CARE.id
    assert not any(suggestion.past for suggestion in answer.suggestions)


def test_a_register_without_places_can_be_ranked(tmp_path: Path, places_table: Path) -> None:
    bare = [replace(p, sites=()) for p in (CARE, MEALS)]
    registered(tmp_path, places_table, *bare, award("a-1", bare[0]))
    answer = Matcher.open(tmp_path, "hand").shortlist(lot())
    assert answer.suggestions == ()
    assert answer.set_aside == {"place not known": 2}
    nowhere = Matcher.open(tmp_path, "hand").shortlist(lot(postcode=""))
    assert nowhere.suggestions[0].id == CARE.id
    assert nowhere.suggestions[0].km is None


def test_a_register_of_one_provider_without_words_can_be_ranked(
    tmp_path: Path, places_table: Path
) -> None:
    registered(tmp_path, places_table, provider("X", name="?"))
    answer = Matcher.open(tmp_path, "hand").shortlist(lot(postcode=""))
    assert (answer.suggestions, answer.considered) == ((), 1)


def test_another_process_can_open_the_register(tmp_path: Path, places_table: Path) -> None:
    register = registered(tmp_path, places_table, CARE, award("a-1", CARE))
    code = (
        "import sys, pathlib; from matcher.register.register import Register; "
        "r = Register.open(pathlib.Path(sys.argv[1])); print(r.version, len(r), r.known_awards)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[4],
    )
    assert ran.stdout.split() == [register.version, "1", "1"]


def test_the_manifest_is_json_that_says_its_format(tmp_path: Path, places_table: Path) -> None:
    register = registered(tmp_path, places_table, CARE)
    manifest = json.loads((register.folder / "manifest.json").read_text())
    assert isinstance(manifest["format"], int)
