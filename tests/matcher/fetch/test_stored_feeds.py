"""Stored sources as a build reads them, and what a build keeps."""

from __future__ import annotations

import errno
import gzip
import os
from datetime import date
from pathlib import Path

import pytest

from matcher.core.errors import FetchError
from matcher.core.types import Award, Provider, Tally
from matcher.fetch.fetcher import FetchEnd
from matcher.fetch.stored_feeds import StoredFeeds
from matcher.geo.postcodes import PostcodeTable
from matcher.register.build.build import build
from tests.matcher.fetch.conftest import World
from tests.published import CHARITIES, WALSALL, ccew, charity, directory, service
from tests.replay import blob

REGISTERS = ("charities", "companies", "care", "mutuals")


def stock(world: World, *, keep: bool = False) -> StoredFeeds:
    return StoredFeeds(world.store, world.entries, keep)


def read(one: StoredFeeds) -> dict[str, tuple[Tally, list[Provider | Award]]]:
    """Every feed read to its end, by its name, as a build does; then the stock is settled."""
    found = {tally.source: (tally, list(items)) for tally, items in one.feeds()}
    one.finish()
    return found


def archives(world: World) -> list[str]:
    """The sources whose own files are still here."""
    return [name for name, (state, _) in stock(world).states().items() if state.files]


def test_each_source_is_a_feed_and_awards_come_last(world: World) -> None:
    world.fetch(*REGISTERS, directory(world.replay, "/api", service(1)))
    world.fetch("awards", first=date(2026, 10, 1))
    found = read(stock(world))
    assert list(found)[-2:] == ["Contracts Finder", "Find a Tender"]
    assert {name: len(items) for name, (_, items) in found.items() if "Referral" not in name} == {
        "Charity Commission for England and Wales": 3,
        "Scottish Charity Regulator": 1,
        "Charity Commission for Northern Ireland": 1,
        "Companies House": 2,
        "Care Quality Commission": 1,
        "Mutuals Public Register": 2,
        "Contracts Finder": 10,
        "Find a Tender": 0,
    }
    assert {name: found[name][0].kept for name in list(found)[-2:]} == {
        "Contracts Finder": 5,
        "Find a Tender": 5,
    }


def test_a_build_deletes_the_archives_and_keeps_the_records(world: World) -> None:
    world.fetch(*REGISTERS)
    before = read(stock(world))
    assert archives(world) == []
    assert read(stock(world)) == before
    written = b"".join(p.read_bytes() for p in world.store.path.rglob("*") if p.is_file())
    assert b"PERSONA" not in written.upper()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_store_whose_disk_is_full_is_not_taken_for_the_register(
    code: int, world: World, tmp_path: Path, places_table: Path
) -> None:
    world.fetch("charities")
    before = archives(world)

    def full(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gzip.GzipFile, "write", full)
        with pytest.raises(FetchError, match=f"--store {world.store.path}: the disk is full"):
            build(tmp_path / "reg", stock(world).feeds(), places_table=places_table)
    assert not (tmp_path / "reg").exists()
    assert archives(world) == before
    assert not list(world.store.path.rglob("records-*"))
    build(tmp_path / "reg", stock(world).feeds(), places_table=places_table)


def test_keep_keeps_the_archives(world: World) -> None:
    world.fetch(*REGISTERS)
    before = read(stock(world, keep=True))
    assert set(archives(world)) == {
        "charity-commission",
        "oscr",
        "ccni",
        "companies-house",
        "cqc",
        "mutuals",
    }
    assert read(stock(world, keep=True)) == before


def test_an_unfinished_build_keeps_the_archives(world: World) -> None:
    world.fetch("charity-commission")
    one = stock(world)
    ((_, items),) = one.feeds()
    next(iter(items))
    del items
    assert archives(world) == ["charity-commission"]
    assert len(read(stock(world))["Charity Commission for England and Wales"][1]) == 3


def test_an_unchanged_source_is_not_fetched_again_after_a_build(world: World) -> None:
    world.fetch("charity-commission")
    read(stock(world))
    world.replay.sent = 0
    assert world.one("charity-commission").end is FetchEnd.SAME
    assert world.replay.sent == 0
    assert len(read(stock(world))["Charity Commission for England and Wales"][1]) == 3


def test_a_changed_file_after_a_build_fetches_the_whole_source(world: World) -> None:
    world.fetch("charity-commission")
    read(stock(world))
    newer = ccew("charity", *CHARITIES, charity(9, "Newly Registered", "WS1 1AA"))
    world.replay.serve("/ccew/publicextract.charity.zip", blob(newer))
    assert world.one("charity-commission").end is FetchEnd.NEW
    state = world.store.state("charity-commission")
    assert state is not None
    assert len(state.files) == 6
    assert len(read(stock(world))["Charity Commission for England and Wales"][1]) == 4


def test_a_stray_line_break_in_a_row_is_joined(world: World) -> None:
    body = ccew("charity", charity(4, "Broken\r\n Line Trust", "WS1 1AA"))
    world.replay.serve("/ccew/publicextract.charity.zip", blob(body))
    world.fetch("charity-commission")
    ((_, (kept,)),) = read(stock(world)).values()
    assert isinstance(kept, Provider)
    assert kept.name == "Broken Line Trust"


def test_the_kept_records_have_no_contacts(world: World) -> None:
    telling = charity(
        4, "Telling Trust", "WS1 1AA", charity_activities="Ring 01922 555 010 or a@b.example."
    )
    body = ccew("charity", telling)
    world.replay.serve("/ccew/publicextract.charity.zip", blob(body))
    world.fetch("charity-commission")
    read(stock(world))
    ((_, (kept,)),) = read(stock(world)).values()
    assert isinstance(kept, Provider)
    assert kept.profile == "Ring [telephone] or [e-mail]."


def test_a_code_without_a_name_gets_one(world: World) -> None:
    world.fetch("mutuals", "sic")
    _, items = read(stock(world))["Mutuals Public Register"]
    assert {tag for item in items if isinstance(item, Provider) for tag in item.tags} == {
        "49390 - Other passenger land transport n.e.c."
    }


def test_changed_record_files_are_refused(world: World) -> None:
    world.fetch("mutuals")
    read(stock(world))
    (path,) = world.store.path.rglob("records-*.gz")
    path.write_bytes(b"\0" * path.stat().st_size)
    with pytest.raises(FetchError, match="matcher fetch mutuals --again"):
        read(stock(world))


def test_fetched_postcodes_are_the_table_of_places(world: World) -> None:
    world.fetch("postcodes", "mutuals")
    one = stock(world)
    folder = one.postcode_table()
    assert folder is not None
    table = PostcodeTable.open(folder)
    assert table.version == "NSPL AUG 2025"
    point = table.find("ws11aa")
    assert point is not None
    assert (point.east, point.north, point.council) == (401000, 298000, WALSALL)
    read(one)
    assert stock(world).postcode_table() == folder


def test_without_postcodes_there_is_no_table_of_places(world: World) -> None:
    world.fetch("mutuals")
    assert stock(world).postcode_table() is None


def test_a_missing_table_of_places_is_refused(world: World) -> None:
    world.fetch("postcodes", "mutuals")
    one = stock(world)
    folder = one.postcode_table()
    assert folder is not None
    read(one)
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(FetchError, match="matcher fetch postcodes --again"):
        stock(world).postcode_table()


def test_a_source_that_is_not_in_the_catalogue_is_refused(world: World) -> None:
    world.fetch("mutuals", "ccni")
    less = {name: entry for name, entry in world.entries.items() if name != "ccni"}
    with pytest.raises(FetchError, match="has ccni, which is not in the catalogue"):
        list(StoredFeeds(world.store, less).feeds())


def test_a_damaged_state_file_is_refused_with_advice(world: World) -> None:
    world.fetch("mutuals")
    path: Path = world.store.path / "mutuals" / "state.json"
    path.write_text("{")
    with pytest.raises(FetchError, match=r"delete the folder .*mutuals and fetch mutuals again"):
        stock(world).states()
