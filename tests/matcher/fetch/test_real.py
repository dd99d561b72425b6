"""Real files in their published layouts, fetched and built from."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from matcher.core.redaction import without_provider_contacts
from matcher.core.types import Award, Provider, Tally
from matcher.fetch.contact_stripping import notice
from matcher.fetch.fetcher import FetchEnd
from matcher.fetch.stored_feeds import StoredFeeds
from matcher.sources.catalogue import load_catalogue
from matcher.sources.notices.ocds import AwardSource, merged_awards
from matcher.sources.notices.releases import releases
from matcher.sources.providers import charities, companies, open_referral
from tests.factory import SHARED, needs_shared
from tests.matcher.fetch.conftest import World
from tests.published import notices, packed
from tests.replay import Answer, blob, page, sources_toml

FIXTURES = SHARED / "fixtures"


def built_from(world: World) -> dict[str, list[Provider | Award]]:
    stock = StoredFeeds(world.store, world.entries)
    found = {tally.source: list(items) for tally, items in stock.feeds()}
    stock.finish()
    return found


def directly(reader: Any, *paths: Path) -> list[Provider]:
    return [without_provider_contacts(one) for _, rows in reader.read(paths) for one in rows]


def same(found: list[Any], wanted: list[Provider]) -> None:
    """The same records; the day of a source may come from the name that a file was given."""
    assert len(found) == len(wanted) > 0
    assert {(one.id, one.name, one.profile, one.sites, one.status) for one in found} == {
        (one.id, one.name, one.profile, one.sites, one.status) for one in wanted
    }


@needs_shared
def test_real_registers_come_through_as_they_are(world: World) -> None:
    for path in (FIXTURES / "ccew").glob("*.zip"):
        world.replay.serve(f"/ccew/{path.name}", blob(path.read_bytes()))
    (ccni,) = (FIXTURES / "ccni").glob("*.csv")
    world.replay.serve("/ccni/export.csv", Answer(ccni.read_bytes()))
    (company,) = (FIXTURES / "companies-house").glob("*.csv")
    part = packed({company.name: company.read_bytes()})
    world.replay.serve("/ch/BasicCompanyData-2026-11-01-part1_1.zip", blob(part))
    outcomes = world.fetch("charity-commission", "ccni", "companies")
    assert {one.end for one in outcomes} == {FetchEnd.NEW}
    for _ in range(2):
        found = built_from(world)
        same(
            found["Charity Commission for England and Wales"],
            directly(charities, FIXTURES / "ccew"),
        )
        same(found["Charity Commission for Northern Ireland"], directly(charities, ccni))
        same(found["Companies House"], directly(companies, company))


@needs_shared
def test_real_notices_come_through_a_page_at_a_time(world: World, tmp_path: Path) -> None:
    wide = {"window": 10_000}
    world.entries = load_catalogue([sources_toml(tmp_path, world.replay, contracts_finder=wide)])
    every = [
        one
        for path in sorted((FIXTURES / "contracts-finder").glob("*.json"))
        for one in releases(json.loads(path.read_text(encoding="utf-8")))
    ]
    world.replay.serve("/cf/Search", notices("/cf/Search", *every))
    world.fetch("contracts-finder", first=date(2010, 1, 1))
    found = built_from(world)["Contracts Finder"]
    source = AwardSource(Tally("x"), (("", notice(one)) for one in every))
    wanted = [award for _, awards in merged_awards([source]) for award in awards]
    assert {one.id for one in found} == {one.id for one in wanted}
    assert found


@needs_shared
def test_a_real_directory_comes_through(world: World) -> None:
    folder = FIXTURES / "open-referral-uk"
    listed = json.loads((folder / "service_list.json").read_text())
    whole = json.loads((folder / "service_full.json").read_text())
    listed |= {"total_pages": 1, "last_page": True}
    world.replay.serve("/api/services", page(listed))
    world.replay.serve(f"/api/services/{listed['contents'][0]['id']}", page(whole))
    world.one(f"{world.replay.address}/api")
    (found,) = built_from(world).values()
    wanted = directly(open_referral, folder / "service_full.json")
    assert [(one.name, one.sites) for one in found if isinstance(one, Provider)] == [
        (one.name, one.sites) for one in wanted
    ]
