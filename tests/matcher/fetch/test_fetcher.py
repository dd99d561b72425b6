"""Fetching by source: a refused file never replaces a good one."""

from __future__ import annotations

import re
import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from matcher.core.errors import BadInput, Busy
from matcher.fetch.client import TRIES
from matcher.fetch.fetcher import FetchEnd
from matcher.fetch.store import FeedStore
from matcher.sources.catalogue import load_catalogue
from tests.matcher.fetch.conftest import World
from tests.published import (
    CHARITIES,
    NSPL_2024,
    ccew,
    charity,
    companies,
    company,
    nspl,
    packed,
    societies,
    table,
)
from tests.replay import WEB_PAGE, Answer, blob, page, sources_toml

CHARITY_FILE = "/ccew/publicextract.charity.zip"


def content(store: FeedStore, name: str) -> dict[str, bytes]:
    """The files in force of a source, and that each is what its state says."""
    state = store.state(name)
    assert state is not None
    return {one.name: store.verified(name, state, one).read_bytes() for one in state.files}


def everything_in(store: FeedStore) -> bytes:
    """All bytes that lie in the store."""
    return b"".join(p.read_bytes() for p in sorted(store.path.rglob("*")) if p.is_file())


def test_every_register_is_fetched_and_recognised(world: World) -> None:
    outcomes = world.fetch("charities", "companies", "care", "mutuals", "postcodes", "codes")
    assert {one.name: one.end for one in outcomes} == dict.fromkeys(
        [
            "charity-commission",
            "oscr",
            "ccni",
            "companies-house",
            "cqc",
            "mutuals",
            "postcodes",
            "sic",
            "cpv",
        ],
        FetchEnd.NEW,
    )


def test_the_newest_files_that_a_page_links_to_are_fetched(world: World) -> None:
    assert world.one("companies").end is FetchEnd.NEW
    assert list(content(world.store, "companies-house")) == [
        "BasicCompanyData-2026-11-01-part1_1.zip"
    ]


def test_a_page_without_matching_links_is_refused(world: World) -> None:
    world.replay.serve("/ch/en_output.html", WEB_PAGE)
    outcome = world.one("companies")
    assert outcome.end is FetchEnd.FAILED
    assert "links to no file like BasicCompanyData" in outcome.why
    assert "Open it in a browser" in outcome.why


def test_links_to_other_hosts_are_refused_unless_in_the_catalogue(world: World) -> None:
    link = b'<a href="https://elsewhere.example/BasicCompanyData-2026-11-01-part1_1.zip">x</a>'
    world.replay.serve("/ch/en_output.html", Answer(link))
    assert 'hosts = ["elsewhere.example"]' in world.one("companies").why


def test_a_search_that_finds_nothing_is_refused(world: World) -> None:
    world.replay.serve("/arcgis/search", page({"features": []}))
    assert "found nothing" in world.one("postcodes").why


def test_a_second_fetch_downloads_nothing(world: World) -> None:
    world.fetch("charity-commission")
    first = world.store.state("charity-commission")
    world.replay.sent = 0
    world.clock.sleep(3600)
    assert world.one("charity-commission").end is FetchEnd.SAME
    assert world.replay.sent == 0
    second = world.store.state("charity-commission")
    assert first is not None
    assert second is not None
    assert second.changed == first.changed
    assert second.fetched > first.fetched
    assert second.files == first.files


def test_a_file_without_a_version_that_is_the_same_is_unchanged(world: World) -> None:
    world.fetch("ccni")
    assert world.one("ccni").end is FetchEnd.SAME


def test_again_fetches_unchanged_files(world: World) -> None:
    world.fetch("mutuals")
    world.replay.sent = 0
    (outcome,) = world.fetch("mutuals", anew=True)
    assert outcome.end is FetchEnd.SAME
    assert world.replay.sent == len(societies())


def test_only_the_changed_file_is_downloaded(world: World) -> None:
    world.fetch("charity-commission")
    newer = ccew("charity", *CHARITIES, charity(9, "Newly Registered", "WS1 1AA"))
    world.replay.serve(CHARITY_FILE, blob(newer))
    world.replay.sent = 0
    assert world.one("charity-commission").end is FetchEnd.NEW
    assert world.replay.sent == len(newer)
    held = content(world.store, "charity-commission")
    assert len(held) == 6
    assert newer in held.values()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (WEB_PAGE, "is a web page, not the data"),
        (Answer(b""), "is empty"),
        (Answer(ccew("charity", *CHARITIES)[:300]), "damaged zip"),
        (blob(ccew("charity").replace(b"PK", b"pk")), "not a table|not a charity register"),
        (Answer(packed({"publicextract.charity.txt": "a\tb\r\n1\t2\r\n"})), "has the columns"),
        (
            Answer(
                packed(
                    {
                        "publicextract.charity.txt": "date_of_extract\torganisation_number\t"
                        "charity_registration_status\r\n"
                    }
                )
            ),
            "has no column .*The layout may have changed",
        ),
    ],
)
def test_invalid_files_are_refused_and_the_stored_copy_is_kept(
    world: World, answer: Answer, why: str
) -> None:
    world.fetch("charity-commission")
    before = content(world.store, "charity-commission")
    world.replay.serve(CHARITY_FILE, answer)
    outcome = world.one("charity-commission")
    assert outcome.end is FetchEnd.FAILED
    assert re.search(why, outcome.why), outcome.why
    assert "The copy fetched before is still in use" in outcome.why
    assert content(world.store, "charity-commission") == before
    world.replay.serve(CHARITY_FILE, blob(ccew("charity", *CHARITIES)))
    assert world.one("charity-commission").end is FetchEnd.SAME


def test_a_zip_with_a_damaged_directory_and_a_good_file_is_accepted(world: World) -> None:
    whole = ccew("charity", *CHARITIES)
    damaged = whole[: whole.rindex(b"PK\x01\x02")] + b"rubbish"
    world.replay.serve(CHARITY_FILE, blob(damaged))
    assert world.one("charity-commission").end is FetchEnd.NEW


@pytest.fixture
def small(world: World, tmp_path: Path) -> World:
    """A world in which the list of societies may unpack to one megabyte at most."""
    path = sources_toml(tmp_path, world.replay, mutuals={"largest": 0.001})
    world.entries = load_catalogue([path])
    return world


def bomb() -> bytes:
    columns = "Full Registation Number,Society Name,Registered As,Society Address,Society Status"
    return packed({"SocietyList.csv": columns + "\r\n" + " " * 3_000_000})


def test_a_zip_bomb_is_refused_before_unpacking(small: World) -> None:
    small.replay.serve("/fca/SocietyList.csv", blob(bomb()))
    outcome = small.one("mutuals")
    assert outcome.end is FetchEnd.FAILED
    assert "unpacks to more than 0.001 GB" in outcome.why
    assert "set largest = … (gigabytes)" in outcome.why


def test_a_zip_bomb_without_a_directory_is_refused(small: World) -> None:
    body = bomb()
    small.replay.serve("/fca/SocietyList.csv", blob(body[: body.rindex(b"PK\x01\x02")]))
    assert "unpacks to more than 0.001 GB" in small.one("mutuals").why


def test_a_plain_file_that_is_too_large_is_refused(small: World) -> None:
    small.replay.serve("/fca/SocietyList.csv", blob(b"a,b\r\n" * 400_000))
    assert "more than 0.001 GB" in small.one("mutuals").why


def test_a_failed_source_does_not_stop_the_others(world: World) -> None:
    world.replay.serve("/oscr/CharityRegDownload", Answer(status=404))
    ends = {one.name: one.end for one in world.fetch("charities")}
    assert ends == {
        "charity-commission": FetchEnd.NEW,
        "oscr": FetchEnd.FAILED,
        "ccni": FetchEnd.NEW,
    }
    assert world.store.names() == ["ccni", "charity-commission"]


def test_a_full_disk_is_explained(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matcher.fetch.access.files.stored_file", full)
    outcome = world.one("mutuals")
    assert outcome.end is FetchEnd.FAILED
    assert "the disk is full; the copy fetched before is still in use" in outcome.why


def test_notices_that_find_no_room_leave_those_that_are_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def small(path: Path) -> sqlite3.Connection:
        base = connect(path)
        base.execute("PRAGMA max_page_count = 6")
        return base

    with monkeypatch.context() as patch:
        patch.setattr("matcher.fetch.notice_file.sqlite3.connect", small)
        for outcome in world.fetch("awards", first=date(2026, 10, 1)):
            assert outcome.end is FetchEnd.FAILED
            assert "the disk is full; the copy fetched before is still in use" in outcome.why
            assert "delete" not in outcome.why
    assert {one.end for one in world.fetch("awards", first=date(2026, 10, 1))} == {FetchEnd.NEW}


def test_a_second_fetch_at_the_same_time_is_refused(world: World) -> None:
    with world.store.locked(), pytest.raises(Busy, match="another fetch or build is using"):
        world.fetch("mutuals")
    assert world.one("mutuals").end is FetchEnd.NEW


def test_without_arguments_all_stored_sources_are_fetched(world: World) -> None:
    world.fetch("mutuals", "ccni")
    world.fetch("find-a-tender", first=date(2026, 10, 1), last=date(2026, 10, 20))
    world.replay.asked.clear()
    assert {one.name for one in world.fetch()} == {"mutuals", "ccni", "find-a-tender"}
    asked = [one for one in world.replay.asked if one.path == "/fts/ocdsReleasePackages"]
    assert asked[0].query["updatedFrom"] == "2026-10-17T00:00:00"
    assert asked[-1].query["updatedTo"] == "2026-11-25T23:59:59"


@pytest.mark.parametrize(
    ("words", "asked", "why"),
    [
        ((), {}, "nothing was fetched before, so there is nothing to update; say what to"),
        (("charity",), {}, "fetch 'charity': is not a source; name one or more of charities"),
        (("awards",), {}, "--from: Find a Tender is fetched for the first time"),
        (
            ("awards",),
            {"first": date(2026, 1, 2), "last": date(2026, 1, 1)},
            "--from 2026-01-02: is after --to 2026-01-01",
        ),
        (
            ("awards",),
            {"first": date(2026, 1, 1), "sources": ("ted",)},
            "--source 'ted': has no award notices; name one or more of find-a-tender",
        ),
        (("open-referral",), {}, "give the address of the directory"),
        (("ftp://council.example/api",), {}, "is not a web address"),
    ],
)
def test_unknown_sources_are_refused_with_the_known_ones(
    world: World, words: tuple[str, ...], asked: dict[str, object], why: str
) -> None:
    with pytest.raises(BadInput) as refused:
        world.fetch(*words, **asked)
    assert why in str(refused.value)


def test_a_stored_source_missing_from_the_catalogue_is_refused(world: World) -> None:
    world.fetch("mutuals")
    world.entries = {name: e for name, e in world.entries.items() if name != "mutuals"}
    with pytest.raises(BadInput, match="has mutuals, which is not in the catalogue"):
        world.fetch()


def test_a_file_that_changed_on_disk_is_refused(world: World) -> None:
    world.fetch("charity-commission")
    state = world.store.state("charity-commission")
    assert state is not None
    victim = state.files[1]
    world.store.path_of("charity-commission", state, victim).write_bytes(b"x" * victim.size)
    newer = ccew("charity", charity(9, "Newly Registered", "WS1 1AA"))
    world.replay.serve(CHARITY_FILE, blob(newer))
    outcome = world.one("charity-commission")
    assert "has changed since it was fetched" in outcome.why
    assert "matcher fetch charity-commission --again" in outcome.why
    (mended,) = world.fetch("charity-commission", anew=True)
    assert mended.end is FetchEnd.NEW
    content(world.store, "charity-commission")


def test_a_new_month_of_companies_replaces_the_old(world: World) -> None:
    world.fetch("companies")
    link = b'<a href="BasicCompanyData-2026-12-01-part1_1.zip">new</a>'
    world.replay.serve("/ch/en_output.html", Answer(link))
    december = companies(company("09000009", "DECEMBER LTD", "WS1 1AA"))
    world.replay.serve("/ch/BasicCompanyData-2026-12-01-part1_1.zip", blob(december))
    assert world.one("companies").end is FetchEnd.NEW
    assert list(content(world.store, "companies-house").values()) == [december]
    folder = world.store.path / "companies-house"
    assert len(list(folder.glob("g-*"))) == 1
    assert not (folder / "partial").exists()


def test_trustees_are_never_requested(world: World) -> None:
    world.fetch("charities")
    assert not [path for path in world.replay.paths() if "trustee" in path]


def test_old_and_new_headers_of_the_postcode_lookup_are_recognised(world: World) -> None:
    assert world.one("postcodes").end is FetchEnd.NEW
    world.replay.serve("/arcgis/items/abc123/data", blob(nspl(NSPL_2024, "FEB_2024")))
    assert world.one("postcodes").end is FetchEnd.NEW
    other = packed({"Data/multi_csv/NSPL_UK_AB.csv": table(["pcd7", "pcds", "east1m"])})
    world.replay.serve("/arcgis/items/abc123/data", blob(other))
    assert "has no column for north, council" in world.one("postcodes").why


def test_a_service_that_is_down_leaves_the_stored_copy(world: World) -> None:
    world.fetch("mutuals")
    before = content(world.store, "mutuals")
    world.replay.trouble("/fca/SocietyList.csv", *[Answer(status=503)] * TRIES)
    outcome = world.one("mutuals")
    assert outcome.end is FetchEnd.FAILED
    assert content(world.store, "mutuals") == before


def test_a_store_that_cannot_be_written_is_refused(tmp_path: Path, world: World) -> None:
    path = tmp_path / "file"
    path.write_text("in the way")
    world.store = FeedStore(path / "store")
    with pytest.raises(Exception, match=r"cannot be written.*use a folder that can be written to"):
        world.fetch("mutuals")


def test_leftovers_of_a_killed_fetch_are_deleted(world: World) -> None:
    world.fetch("mutuals")
    left = world.store.path / "mutuals" / "g-left"
    left.mkdir()
    (left / "half.csv").write_text("half")
    world.fetch("mutuals")
    assert not left.exists()
    shutil.rmtree(world.store.path)
