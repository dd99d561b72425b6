"""Removing an organisation from a register at its own request."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pytest

from matcher.core.errors import BadInput, MatcherError, RegisterError
from matcher.core.identifiers import made_up
from matcher.core.types import Award, Kind, PlannedContract, Provider
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.retrieval import retrieve
from matcher.register.analysis import buyer_key
from matcher.register.build.build import build
from matcher.register.build.changes import read_changes
from matcher.register.build.decisions import decide
from matcher.register.build.embed import embed, embed_copy
from matcher.register.build.erase import suppress
from matcher.register.build.eraser import Eraser
from matcher.register.build.snapshot import COPY, locked
from matcher.register.build.suppression_list import NAME, Suppressions, digest_of, pseudonym
from matcher.register.register import Register
from matcher.register.search import NameQuery, look_up
from matcher.register.unfinished import Removal, check_finished, running
from models.bundle import Bundle
from tests.factory import award, lot, provider
from tests.registers import as_bytes, feed, registered

SMITH = provider(
    "XX-TRADER-quillfeather",
    "WS2 8RR",
    name="Quillfeather Gardening",
    aliases=("Quillfeather and Daughter",),
    profile="Topiary and gardening for the quincunx of Wrenbury",
    kind=Kind.SOLE_TRADER,
    income=31_415.0,
    website="https://quillfeather.example",
)
OTHERS = tuple(
    provider(f"GB-CHC-{n}", "WS1 1TP", name=f"Garden {n}", profile="Gardening, parks" + n * " b")
    for n in range(1, 6)
)
TITLE = "Gardening (Quillfeather Gardening)"
WON = award("a-1", SMITH, OTHERS[0], lot=lot(id="a-1", title=TITLE, description="Hedges"))
LOST = award("a-2", OTHERS[1], lot=lot(id="a-2", title="Gardening of parks"))
ITEMS = (SMITH, *OTHERS, WON, LOST)
LOT = lot(title="Gardening of parks and hedges")
EVERYONE = Request(wish=Filters(everyone=True), limit=50)
ROOT = Path(__file__).resolve().parents[4]
SECRETS = ("quillfeath", "quincunx", "topiar", "wrenbur", "ws2 8rr")
"""The starts of its words, as they are and as stems."""


@pytest.fixture
def path(tmp_path: Path, places_table: Path) -> Path:
    registered(tmp_path / "reg", places_table, *ITEMS)
    return tmp_path / "reg"


def files(path: Path) -> Iterator[Path]:
    return (file for file in path.rglob("*") if file.is_file() and file.parent.name != "places")


def assert_removed(path: Path) -> None:
    """No file of the register contains a word of it."""
    for file in files(path):
        content = file.read_bytes().lower()
        for secret in SECRETS:
            assert secret.encode() not in content, (file.name, secret)


def test_no_file_contains_the_organisation_any_more(path: Path) -> None:
    before = b"".join(file.read_bytes() for file in files(path)).lower()
    assert all(secret.encode() in before for secret in SECRETS)
    suppress(path, SMITH.id)
    assert_removed(path)
    incomes = np.load(next(path.rglob("columns/income.npy")))
    assert 31_415.0 not in incomes


RENAMED = replace(OTHERS[0], name="Heron Hedges")
NAMED_SO = replace(OTHERS[1], name="Quillfeather Gardening Ltd")
FORMER = replace(SMITH, name="Quillfeather Topiary", aliases=())


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (OTHERS, (SMITH, RENAMED, *OTHERS[1:]), {"renamed"}),
        ((FORMER, *OTHERS), (SMITH, *OTHERS), set()),
        ((NAMED_SO,), (SMITH, *OTHERS), {"new"}),
        ((SMITH, *OTHERS), OTHERS, set()),
        ((FORMER, *OTHERS), (RENAMED, *OTHERS[1:]), {"renamed"}),
    ],
    ids=("new", "renamed", "another of its name", "gone", "gone beside others"),
)
def test_no_change_names_it_any_more(
    first: tuple[Provider, ...],
    second: tuple[Provider, ...],
    kept: set[str],
    tmp_path: Path,
    places_table: Path,
) -> None:
    path = tmp_path / "reg"
    registered(path, places_table, *first)
    folder = registered(path, places_table, *second).folder
    assert b"quillfeath" in (folder / "changes.jsonl").read_bytes().lower()
    suppress(path, SMITH.id)
    assert_removed(path)
    changes = read_changes(Register.open(path).folder, 99)
    assert {change.what.value for change in changes} == kept


@pytest.mark.parametrize(
    "joined", [(), (provider("XX-other", "WS1 1TP", name="Garden 1", ids=(SMITH.id,)),)]
)
def test_after_an_interrupted_suppression_the_next_build_does_not_name_it(
    joined: tuple[Provider, ...],
    path: Path,
    places_table: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    registered(path, places_table, SMITH, *OTHERS, *joined)
    with monkeypatch.context() as patch:
        patch.setattr(Eraser, "erase", stop)
        with pytest.raises(KeyboardInterrupt):
            suppress(path, SMITH.id)
    with pytest.raises(RegisterError, match="removal of an organisation was interrupted"):
        Register.open(path)
    report = build(path, [feed(SMITH, *OTHERS)], places_table=places_table)
    assert report.changes == {"new": 0, "gone": 0, "renamed": 0, "moved": 0}
    assert_removed(path)


def test_a_build_after_a_suppression_does_not_report_the_empty_row(
    path: Path, places_table: Path
) -> None:
    suppress(path, SMITH.id)
    report = build(path, [feed(*OTHERS)], places_table=places_table)
    assert set(report.changes.values()) == {0}


def test_records_that_a_killed_build_left_are_removed_whether_the_register_has_it_or_not(
    tmp_path: Path, places_table: Path
) -> None:
    path = tmp_path / "reg"
    registered(path, places_table, *OTHERS)
    killed = path / "snapshot-killed"
    killed.mkdir()
    (killed / "intake-records.jsonl").write_bytes(msgspec.json.encode(SMITH))
    assert suppress(path, SMITH.id) is None
    assert_removed(path)
    assert len(Register.open(path).organisations) == len(OTHERS)


def test_a_suppressed_organisation_is_neither_ranked_nor_found(path: Path) -> None:
    before = Matcher.open(path, "hand")
    assert SMITH.id in {s.id for s in before.shortlist(LOT, EVERYONE).suggestions}
    suppress(path, SMITH.id)
    now = before.renewed()
    assert SMITH.id not in {s.id for s in now.shortlist(LOT, EVERYONE).suggestions}
    assert now.register.row(SMITH.id) is None
    assert look_up(now.register, NameQuery("Quillfeather Gardening")) == []


def test_an_award_that_does_not_name_it_keeps_every_word(
    tmp_path: Path, places_table: Path
) -> None:
    silent = award("a-1", SMITH, lot=lot(id="a-1", title="Gardening of 7 parks"))
    before = registered(tmp_path / "reg", places_table, SMITH, silent, LOST)
    suppress(tmp_path / "reg", SMITH.id)
    after = Register.open(tmp_path / "reg")
    for index, word in (("titles", "7 parks"), ("titles", "gardening"), ("past", "garden")):
        rows = [getattr(register, index).rows_with(word).tolist() for register in (before, after)]
        assert rows[0] == rows[1] != []


def test_its_row_stays_under_a_pseudonym_as_removed(path: Path) -> None:
    row = Register.open(path).row(SMITH.id)
    assert row is not None
    suppress(path, SMITH.id)
    left = Register.open(path).organisations[row]
    assert (left.provider.id, left.provider.name, left.records) == (pseudonym(SMITH.id), NAME, ())
    assert not left.provider.status.may_rank


def test_others_rank_as_if_it_had_never_been_in_the_register(
    path: Path, tmp_path: Path, places_table: Path
) -> None:
    suppress(path, SMITH.id)
    without = award("a-1", OTHERS[0], lot=lot(id="a-1", title=TITLE, description="Hedges"))
    registered(tmp_path / "other", places_table, *OTHERS, without, LOST)
    for request in (EVERYONE, Request(wish=Filters(within="30km"))):
        ours, theirs = (
            Matcher.open(p, "hand").shortlist(LOT, request) for p in (path, tmp_path / "other")
        )
        assert [s.id for s in ours.suggestions] == [s.id for s in theirs.suggestions]
        assert ours.considered == theirs.considered


def test_the_links_between_awards_and_winners_stay_consistent(path: Path) -> None:
    suppress(path, SMITH.id)
    register = Register.open(path)
    for number in range(len(register.awards)):
        for row in register.winners.of(number).tolist():
            assert number in register.won.of(row)
    assert [len(register.winners.of(n)) for n in range(len(register.awards))] == [1, 1]


def test_a_register_opened_before_does_not_change_until_it_is_renewed(path: Path) -> None:
    before = Matcher.open(path, "hand")
    answer = as_bytes(before.shortlist(LOT, EVERYONE))
    suppress(path, SMITH.id)
    query = before.query(LOT, EVERYONE)
    assert len(retrieve(query, eligible_providers(query)).rows)
    assert as_bytes(before.shortlist(LOT, EVERYONE)) == answer
    assert before.renewed().register.version != before.register.version


def test_the_version_changes_and_the_manifest_counts_it(path: Path) -> None:
    before = Register.open(path)
    version = suppress(path, SMITH.id)
    after = Register.open(path)
    assert version == after.version != before.version
    assert after.manifest.suppressed == 1
    assert after.manifest.inactive == before.manifest.inactive + 1


def test_its_vectors_are_removed_too(tmp_path: Path, places_table: Path) -> None:
    bundle = Bundle.open("default", FEATURES)
    registered(tmp_path / "reg", places_table, *ITEMS, bundle=bundle)
    before = Register.open(tmp_path / "reg")
    row = before.row(SMITH.id)
    assert row is not None
    assert before.vectors is not None
    assert before.vectors.names[row].any() or row in before.vectors.profile_rows
    suppress(tmp_path / "reg", SMITH.id)
    after = Matcher.open(tmp_path / "reg")
    assert after.register.vectors is not None
    assert not after.register.vectors.names[row].any()
    assert row not in after.register.vectors.profile_rows
    assert after.shortlist(LOT, EVERYONE).suggestions


@pytest.mark.parametrize(
    "again", [SMITH, provider("NEW", "WS2 8RR", name="QUILLFEATHER GARDENING LTD")]
)
def test_later_builds_leave_it_out(path: Path, places_table: Path, again: Provider) -> None:
    suppress(path, SMITH.id)
    won = award("a-1", again, OTHERS[0], lot=WON.lot)
    source = feed(again, *OTHERS, won)
    report = build(path, [source], places_table=places_table)
    assert report.providers == len(OTHERS)
    assert source[0].set_aside == {"suppressed at its own request": 2}
    for file in files(path):
        assert b"quillfeath" not in file.read_bytes().lower(), file


@pytest.mark.parametrize(
    ("id_", "places", "name"),
    [
        ("XX-NAME-quillfeathergardening", (), "Quillfeather Gardening"),
        ("XX-NAME-quillfeathergardening", ("B1 1AA",), "QUILLFEATHER GARDENING LIMITED"),
        ("XX-NAME-quillfeatheranddaughter", (), "Quillfeather & Daughter"),
        (made_up("Quillfeather Gardening"), (), "Quillfeather Gardening"),
    ],
)
def test_a_supplier_that_a_later_notice_names_by_its_rare_name_alone_is_left_out(
    path: Path, places_table: Path, id_: str, places: tuple[str, ...], name: str
) -> None:
    suppress(path, SMITH.id)
    named = provider(id_, *places, name=name)
    later = award("a-9", named, lot=lot(id="a-9", title=f"Hedges by {name}"))
    register = registered(path, places_table, *OTHERS, later)
    assert len(register) == len(OTHERS)
    assert_removed(path)


@pytest.mark.parametrize(
    "other",
    [
        provider("GB-COH-00000007", "B1 1AA", name="Quillfeather Gardening"),
        provider("XX-NAME-q", "B1 1AA", name="Quillfeather Gardening", ids=("GB-COH-00000007",)),
        provider("XX-NAME-quillfeatherkennels", "B1 1AA", name="Quillfeather Kennels"),
    ],
)
def test_one_of_its_name_with_a_number_of_its_own_stays(
    path: Path, places_table: Path, other: Provider
) -> None:
    suppress(path, SMITH.id)
    assert len(registered(path, places_table, *OTHERS, other)) == len(OTHERS) + 1


def test_no_copy_for_another_bundle_has_it_any_more(path: Path) -> None:
    copy = path / f"{COPY}1"
    embed_copy(path, copy, Bundle.open("hand", FEATURES))
    assert SMITH.name.encode() in b"".join(file.read_bytes() for file in files(copy))
    suppress(path, SMITH.id)
    assert_removed(path)


def test_what_another_of_its_rare_name_won_stays_though_the_notice_says_no_number(
    tmp_path: Path, places_table: Path
) -> None:
    path, name = tmp_path / "shared", "Quillfeather Gardening"
    other, asks = (
        provider("GB-COH-00000001", "B1 1AA", name=name),
        provider("GB-COH-00000011", "WS2 8RR", name=f"{name} Ltd"),
    )
    supplier = provider("XX-NAME-quillfeathergardening", "B1 1AA", name=name)
    won = award("a-9", supplier, lot=lot(id="a-9", title="Hedges"))
    registered(path, places_table, other, asks, *OTHERS, won)
    suppress(path, asks.id)
    left = registered(path, places_table, other, asks, *OTHERS, won)
    assert left.row(asks.id) is None
    row = left.row(other.id)
    assert row is not None
    assert left.won.of(row).tolist() == [0]


def test_an_unknown_id_is_left_out_by_later_builds_too(path: Path, places_table: Path) -> None:
    late: Provider | Award = provider("GB-COH-99", "WS1 1TP", name="Late Comer")
    assert suppress(path, "GB-COH-99") is None
    build(path, [feed(*OTHERS, late)], places_table=places_table)
    assert Register.open(path).row("GB-COH-99") is None


def test_without_a_register_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(MatcherError) as caught:
        suppress(tmp_path / "none", "GB-COH-1")
    assert not isinstance(caught.value, BadInput)
    assert not (tmp_path / "none").exists()


def test_a_supplier_with_an_id_of_its_name_is_removed_by_that_id(
    tmp_path: Path, places_table: Path
) -> None:
    named = replace(SMITH, id="XX-NAME-quillfeather")
    items = (named, *OTHERS, replace(WON, suppliers=(named, OTHERS[0])), LOST)
    registered(tmp_path / "reg", places_table, *items)
    assert suppress(tmp_path / "reg", named.id) is not None
    assert_removed(tmp_path / "reg")
    registered(tmp_path / "reg", places_table, *items)
    assert_removed(tmp_path / "reg")


def test_which_of_two_suppliers_with_one_name_is_to_be_removed_must_be_said(
    tmp_path: Path, places_table: Path
) -> None:
    two = [
        provider("XX-NAME-gardencare", place, name="Garden Care") for place in ("WS2 8RR", "B1 1AA")
    ]
    registered(tmp_path / "reg", places_table, *two)
    with pytest.raises(RegisterError, match="XX-NAME-gardencare-B11AA"):
        suppress(tmp_path / "reg", "XX-NAME-gardencare")
    assert suppress(tmp_path / "reg", "XX-NAME-gardencare-B11AA") is not None
    again = registered(tmp_path / "reg", places_table, *two)
    assert again.row("XX-NAME-gardencare-WS28RR") is not None
    assert again.row("XX-NAME-gardencare-B11AA") is None


def test_of_suppliers_with_one_name_the_one_without_a_place_is_removed_by_the_id_of_the_name(
    tmp_path: Path, places_table: Path
) -> None:
    def named(*places: str) -> Provider:
        return provider("XX-NAME-gardencare", *places, name="Garden Care")

    awards = [award("a-8", named("WS2 8RR")), award("a-9", named())]
    built = registered(tmp_path / "reg", places_table, *awards)
    assert {built.provider_id(row) for row in range(len(built))} >= {"XX-NAME-gardencare"}
    assert suppress(tmp_path / "reg", "XX-NAME-gardencare") is not None
    again = registered(tmp_path / "reg", places_table, *awards)
    assert [again.provider_id(row) for row in range(len(again))] == ["XX-NAME-gardencare-WS28RR"]


def test_a_supplier_of_which_only_the_district_is_known_is_removed_by_the_id_of_its_name(
    tmp_path: Path, places_table: Path
) -> None:
    item = award("a-9", provider("XX-NAME-wrenmoorcare", "WS2", name="Wrenmoor Care"))
    registered(tmp_path / "reg", places_table, *OTHERS, item)
    assert suppress(tmp_path / "reg", "XX-NAME-wrenmoorcare") is not None
    again = registered(tmp_path / "reg", places_table, *OTHERS, item)
    assert again.row("XX-NAME-wrenmoorcare") is None
    assert len(again.organisations) == len(OTHERS)


@pytest.mark.parametrize("place", [(), ("WS2",)])
def test_a_removed_supplier_with_a_common_name_stays_out_where_a_notice_says_no_place(
    tmp_path: Path, places_table: Path, place: tuple[str, ...]
) -> None:
    first = award("a-8", provider("XX-NAME-gardencare", "WS2 8RR", name="Garden Care"))
    registered(tmp_path / "reg", places_table, *OTHERS, first)
    assert suppress(tmp_path / "reg", "XX-NAME-gardencare-WS28RR") is not None
    later = award("a-9", provider("XX-NAME-gardencare", *place, name="Garden Care"))
    elsewhere = award("a-10", provider("XX-NAME-gardencare", "B1 1AA", name="Garden Care"))
    again = registered(tmp_path / "reg", places_table, *OTHERS, later, elsewhere)
    assert again.row("XX-NAME-gardencare") == again.row("XX-NAME-gardencare-B11AA")
    assert len(again.organisations) == len(OTHERS) + 1


def test_others_of_a_common_name_stay_where_one_of_them_has_an_official_number(
    tmp_path: Path, places_table: Path
) -> None:
    def named(id_: str, *places: str, ids: tuple[str, ...] = ()) -> Provider:
        return provider(id_, *places, name="Garden Care", ids=ids)

    path, shared = tmp_path / "reg", "XX-NAME-gardencare"
    charity = named("GB-CHC-1000005", "WS1 1TP", ids=(shared,))
    items = [charity, award("a-8", named(shared, "SO23 8UJ")), award("a-9", named(shared))]
    registered(path, places_table, *items)
    assert suppress(path, charity.id) is not None
    again = registered(path, places_table, *items)
    assert [again.provider_id(row) for row in range(len(again))] == [f"{shared}-SO238UJ"]


def test_what_was_set_aside_of_decisions_does_not_name_it(
    tmp_path: Path, places_table: Path
) -> None:
    path, name = tmp_path / "reg", "XX-NAME-quillfeathercare"
    people = [provider(name, place, name="Quill Care") for place in ("WS2 8RR", "SO23 8UJ")]
    path.mkdir()
    decide(path, name, OTHERS[0].id, same=True)
    built = registered(path, places_table, *OTHERS, *(award("a-8", who) for who in people))
    assert name in str(built.manifest.tallies)
    assert suppress(path, f"{name}-WS28RR") is not None
    after = Register.open(path).manifest.tallies
    assert "quillfeather" not in str(after)
    assert [t.set_aside for t in after] == [t.set_aside for t in built.manifest.tallies]


@pytest.mark.parametrize("number", ["17", "17.0"])
def test_the_number_of_a_row_is_refused_and_leaves_no_other_row_out(
    path: Path, number: str
) -> None:
    with pytest.raises(RegisterError, match="plain number"):
        suppress(path, number)
    assert not Suppressions.open(path).marks


KILLED = """
import os, signal, sys
from pathlib import Path
from matcher.register.build.embed import embed, embed_copy
from matcher.register.build.erase import suppress

left, watched, begun = int(sys.argv[1]), sys.argv[2], False
names = {"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir"}

def watch(event, args):
    global left, begun
    begun = begun or (event == "open" and "suppressing.json" in str(args[0]))
    if begun and (event in names or (event == "open" and watched in str(args[0]))):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
suppress(Path(watched), sys.argv[3])
"""


@pytest.mark.parametrize("step", range(1, 6))
def test_a_removal_that_the_disk_has_no_room_for_says_so_and_can_be_run_again(
    step: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, replace_ = step, os.replace

    def full(*words: Path) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        replace_(*words)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(RegisterError, match="the disk is full"):
            suppress(path, SMITH.id)
    assert Register.open(path, unfinished=True).row(SMITH.id) is not None
    suppress(path, SMITH.id)
    assert Register.open(path).row(SMITH.id) is None
    assert_removed(path)


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 2, 4, 6, 8, 30, 90, 150, 210, 270, 10_000])
def test_a_killed_suppression_is_done_not_begun_or_said_to_be_unfinished(
    at: int, path: Path, places_table: Path
) -> None:
    command = [sys.executable, "-c", KILLED, str(at), str(path), SMITH.id]
    code = subprocess.run(command, check=False, cwd=ROOT).returncode
    assert code in (0, -signal.SIGKILL)
    if not (path / "suppressing.json").exists():
        assert code
        assert Register.open(path).row(SMITH.id) is not None
        return
    if code and Register.open(path, unfinished=True).row(SMITH.id) is not None:
        with pytest.raises(RegisterError, match="removal of an organisation was interrupted"):
            Register.open(path)
        if at % 4:
            assert suppress(path, SMITH.id) is not None
        else:
            build(path, [feed(*ITEMS)], places_table=places_table)
    assert Register.open(path).row(SMITH.id) is None
    assert_removed(path)
    build(path, [feed(*ITEMS)], places_table=places_table)
    assert Register.open(path).row(SMITH.id) is None


def test_while_a_suppression_runs_the_register_is_read_as_before(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    erase = Eraser.erase

    def read_meanwhile(self: Eraser) -> None:
        command = [sys.executable, "-c", READ, str(path)]
        opened.append(subprocess.run(command, check=False, cwd=ROOT).returncode)
        erase(self)

    monkeypatch.setattr(Eraser, "erase", read_meanwhile)
    assert suppress(path, SMITH.id) is not None
    assert opened == [0]
    assert Register.open(path).row(SMITH.id) is None


READ = """
import sys
from pathlib import Path
from matcher.register.register import Register

Register.open(Path(sys.argv[1]))
"""


def interrupted(path: Path) -> Register:
    """The register, opened before a removal that was interrupted before the records changed."""
    opened = Register.open(path)
    Removal(opened.folder.name, (digest_of(SMITH.id),), SMITH.id).begin(path)
    return opened


def test_a_register_that_is_open_is_refused_without_a_name_after_an_interrupted_removal(
    path: Path,
) -> None:
    with pytest.raises(RegisterError, match="interrupted") as refused:
        interrupted(path).renewed()
    assert "quillfeather" not in str(refused.value)


def test_neither_other_readers_nor_a_build_are_taken_for_a_removal_that_runs(path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    interrupted(path)
    with running(path):
        assert Register.open(path).row(SMITH.id) is not None
    with (path / "suppressing.lock").open("rb") as reader, locked(path):
        fcntl.flock(reader, fcntl.LOCK_SH | fcntl.LOCK_NB)
        with pytest.raises(RegisterError, match="interrupted"):
            Register.open(path)


def test_a_removal_that_ends_while_the_register_is_opened_is_not_called_interrupted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = interrupted(path).folder.name

    def ended(_: Path) -> bool:
        (path / "CURRENT").write_text("snapshot-next\n")
        return False

    monkeypatch.setattr("matcher.register.unfinished._is_running", ended)
    check_finished(path, snapshot)
    check_finished(path, "snapshot-next")


def test_another_organisation_is_removed_only_after_what_was_interrupted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Eraser, "erase", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            suppress(path, SMITH.id)
    with pytest.raises(RegisterError, match="interrupted"):
        suppress(path, OTHERS[0].id)
    suppress(path, SMITH.id)
    assert suppress(path, OTHERS[0].id) is not None


def test_vectors_are_not_made_again_from_a_register_with_an_interrupted_removal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The removal begins, and is cut off, after the register was opened to make them."""
    renewed = Register.renewed

    def after_a_removal(self: Register) -> Register:
        found = renewed(self)
        Removal(self.folder.name, (digest_of(SMITH.id),)).begin(path)
        return found

    monkeypatch.setattr(Register, "renewed", after_a_removal)
    with pytest.raises(RegisterError, match="interrupted"):
        embed(path, Bundle.open("hand", FEATURES))
    assert Removal.of(path).snapshot == (path / "CURRENT").read_text().strip()


def _plan(id_: str, title: str, description: str = "") -> PlannedContract:
    announced = lot(id=id_, title=title, description=description, buyer="Elm Council")
    return PlannedContract(id_, announced, date(2026, 8, 1), "UK1", "Find a Tender")


def test_contracts_that_are_only_announced_do_not_name_it_any_more(
    tmp_path: Path, places_table: Path
) -> None:
    path = tmp_path / "reg"
    plans = (
        _plan("p-1", "Gardening, now by QUILLFEATHER GARDENING LTD"),
        _plan("p-2", "Hedges", "Extends what Quillfeather and Daughter do"),
        _plan("p-3", "Gardening of parks", "Garden 1 does it"),
    )
    build(path, [feed(*ITEMS, *plans)], places_table=places_table)
    suppress(path, SMITH.id)
    assert_removed(path)
    planned = Register.open(path).planned
    assert planned is not None
    said = {one.id: (one.lot.title, one.lot.description) for one in planned.records}
    assert said == {
        "p-1": ("Gardening, now by [supplier] LTD", ""),
        "p-2": ("Hedges", "Extends what [supplier] do"),
        "p-3": ("Gardening of parks", "Garden 1 does it"),
    }
    assert len(list(planned.of({buyer_key("Elm Council")}))) == 3


def test_what_others_won_does_not_name_it_any_more(tmp_path: Path, places_table: Path) -> None:
    path = tmp_path / "reg"
    words = "Follows Quillfeather Gardening"
    later = award("a-3", OTHERS[2], lot=lot(id="a-3", title=words, description="Lawns"))
    registered(path, places_table, *ITEMS, later)
    suppress(path, SMITH.id)
    assert_removed(path)
    register = Register.open(path)
    titles = {one.id: one.lot.title for one in register.awards}
    assert titles["a-3"] == "Follows [supplier]"
    row = register.row(OTHERS[2].id)
    assert row is not None
    assert len(register.won.of(row)) == 1


def test_a_common_name_stays_in_what_others_announce(tmp_path: Path, places_table: Path) -> None:
    path, plan = tmp_path / "reg", _plan("p-1", "Community transport for older people")
    common = provider("GB-CHC-77", "WS2 8RR", name="Community Transport")
    build(path, [feed(common, *OTHERS, plan)], places_table=places_table)
    suppress(path, common.id)
    planned = Register.open(path).planned
    assert planned is not None
    assert [one.lot.title for one in planned.records] == ["Community transport for older people"]


def test_a_rare_name_of_another_too_stays_in_what_is_announced(
    tmp_path: Path, places_table: Path
) -> None:
    path, plan = tmp_path / "reg", _plan("p-1", "Gardening by Quillfeather Gardening")
    other = provider("GB-COH-00000001", "B1 1AA", name="Quillfeather Gardening")
    asks = provider("GB-COH-00000011", "WS2 8RR", name="Quillfeather Gardening Ltd")
    build(path, [feed(other, asks, plan)], places_table=places_table)
    suppress(path, asks.id)
    planned = Register.open(path).planned
    assert planned is not None
    assert [one.lot.title for one in planned.records] == ["Gardening by Quillfeather Gardening"]
