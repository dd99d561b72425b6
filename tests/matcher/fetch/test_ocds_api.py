"""Award notices: pages and dates, changes that replace, and nothing personal on the disk."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.errors import FetchError
from matcher.core.types import Award, Tally
from matcher.fetch import notice_file as module
from matcher.fetch.client import TRIES, Client
from matcher.fetch.notice_file import documents
from matcher.fetch.ocds_api import NoticeQuery, Notices
from matcher.sources.notices.ocds import AwardSource, merged_awards
from tests.matcher.fetch.conftest import World, entry
from tests.published import notices, release
from tests.replay import WEB_PAGE, Answer, FakeClock, Replay, Route, page, raw
from tests.replay import Asked as Request

PATH = "/fts/ocdsReleasePackages"
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
TALK = {"dates": ("updatedFrom", "updatedTo"), "window": 10, "overlap": 3, "way": "notices"}


def _down(_: Request) -> Answer:
    return Answer(status=503)


DOWN: Route = _down


def service(replay: Replay, client: Client, path: Path, **told: Any) -> Notices:
    source = entry(f"{replay.address}{PATH}", layout="notices", **(TALK | told))
    return Notices(path / "notices.sqlite", source, client)


def fetched(
    replay: Replay,
    client: Client,
    path: Path,
    *releases: Mapping[str, Any],
    last: date = LAST,
    **told: Any,
) -> bool:
    replay.serve(PATH, notices(PATH, *releases))
    asked = service(replay, client, path, **told)
    is_new = asked.fetch(NoticeQuery(FIRST, last))
    asked.settle()
    return is_new


def in_turn(*routes: Route) -> Route:
    """Each of the routes for one request, in order."""
    left = list(routes)

    def answer(asked: Request) -> Answer:
        route = left.pop(0)
        return route(asked)

    return answer


def awards(path: Path) -> tuple[list[Award], Tally]:
    tally = Tally("notices")
    [(_, awards)] = merged_awards([AwardSource(tally, documents(path / "notices.sqlite"))])
    return list(awards), tally


def test_every_page_of_every_window_is_stored(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    every = [release(n, day=FIRST + timedelta(days=n)) for n in range(25)]
    assert fetched(replay, client, tmp_path, *every)
    found, _ = awards(tmp_path)
    assert {award.id for award in found} == {f"{r['ocid']}/1" for r in every}
    windows = {(a.query["updatedFrom"], a.query["updatedTo"]) for a in replay.asked}
    assert windows == {
        ("2026-10-01T00:00:00", "2026-10-10T23:59:59"),
        ("2026-10-11T00:00:00", "2026-10-20T23:59:59"),
        ("2026-10-21T00:00:00", "2026-10-30T23:59:59"),
        ("2026-10-31T00:00:00", "2026-10-31T23:59:59"),
    }


def test_the_next_fetch_requests_only_the_last_days_again(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    fetched(replay, client, tmp_path, release(1, day=FIRST))
    replay.asked.clear()
    late = release(2, day=date(2026, 10, 30))
    assert fetched(replay, client, tmp_path, release(1), late, last=date(2026, 11, 5))
    assert replay.asked[0].query["updatedFrom"] == "2026-10-28T00:00:00"
    assert len(awards(tmp_path)[0]) == 2


def test_a_fetch_without_new_notices_is_unchanged(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    one = release(1, day=date(2026, 10, 30))
    assert fetched(replay, client, tmp_path, one)
    assert not fetched(replay, client, tmp_path, one)


def test_what_came_before_an_interruption_is_new_until_it_was_said(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    """Else the register would be said to be up to date without them."""
    every = [release(n, day=FIRST) for n in range(7)]
    fetched(replay, client, tmp_path, *every[4:])
    good = notices(PATH, *every)
    replay.serve(PATH, in_turn(good, *[DOWN] * TRIES))
    again = NoticeQuery(FIRST - timedelta(days=1), LAST)
    with pytest.raises(FetchError, match="answers 503"):
        service(replay, client, tmp_path).fetch(again)
    replay.serve(PATH, good)
    killed_before_it_was_said = service(replay, client, tmp_path)
    assert killed_before_it_was_said.fetch(again)
    assert fetched(replay, client, tmp_path, *every)
    assert not fetched(replay, client, tmp_path, *every)


def test_a_changed_notice_replaces_its_earlier_version(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    fetched(replay, client, tmp_path, release(1, day=date(2026, 10, 29), value=100))
    newer = release(1, day=date(2026, 10, 30), value=250)
    assert fetched(replay, client, tmp_path, newer)
    ((award,), _) = awards(tmp_path)
    assert award.value == 250


def test_a_late_older_version_is_ignored(replay: Replay, client: Client, tmp_path: Path) -> None:
    fetched(replay, client, tmp_path, release(1, day=date(2026, 10, 30), value=250))
    fetched(replay, client, tmp_path, release(1, day=date(2026, 10, 29), value=100))
    ((award,), _) = awards(tmp_path)
    assert award.value == 250


def test_a_newer_notice_replaces_the_awards_that_it_has(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    two = release(1, day=date(2026, 10, 5))
    two["awards"].append({**two["awards"][0], "id": "2", "value": {"amount": 700}})
    later = release(1, day=date(2026, 10, 6), value=99, id="later")
    fetched(replay, client, tmp_path, two, later)
    found, _ = awards(tmp_path)
    assert {a.id.partition("/")[2]: a.value for a in found} == {"1": 99, "2": 700}


def test_an_award_that_a_newer_notice_cancels_is_removed(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    later = release(1, day=date(2026, 10, 6), id="later")
    later["awards"][0]["status"] = "cancelled"
    fetched(replay, client, tmp_path, release(1, day=date(2026, 10, 5)), later)
    found, tally = awards(tmp_path)
    assert found == []
    assert tally.set_aside == {"award replaced by a newer release": 1, "award is cancelled": 1}


def test_an_award_repeated_without_content_keeps_its_content(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    later = release(1, day=date(2026, 10, 6), id="later", awards=[{"id": "1", "amendments": []}])
    fetched(replay, client, tmp_path, release(1, day=date(2026, 10, 5), value=12), later)
    ((award,), _) = awards(tmp_path)
    assert award.value == 12


def test_awards_without_ids_are_identified_by_position(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    nameless = release(1, day=date(2026, 10, 5))
    one = nameless["awards"][0] | {"id": None}
    nameless["awards"] = [one, one | {"value": {"amount": 700}}]
    later = release(1, day=date(2026, 10, 6), value=99, id="later")
    fetched(replay, client, tmp_path, nameless, later)
    found, _ = awards(tmp_path)
    assert {a.id.partition("/")[2]: a.value for a in found} == {"1": 99, "2": 700}


def test_time_zones_are_used_to_find_the_newest_notice(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    early = release(1, id="a", date="2026-10-05T23:30:00+01:00", value=100)
    late = release(1, id="b", date="2026-10-05T23:00:00", value=200)
    fetched(replay, client, tmp_path, early, late)
    ((award,), _) = awards(tmp_path)
    assert award.value == 200


def test_a_value_that_is_too_large_is_set_aside_and_its_award_kept(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    text = json.dumps({"releases": [release(1, day=FIRST, value=12345)]})
    replay.serve(PATH, raw(text.replace("12345", "1e9999")))
    service(replay, client, tmp_path).fetch(NoticeQuery(FIRST, FIRST))
    ((award,), tally) = awards(tmp_path)
    assert award.value is None
    assert "value is not an amount of money (the rest is kept)" in tally.set_aside


def test_personal_data_is_not_saved(replay: Replay, client: Client, tmp_path: Path) -> None:
    fetched(replay, client, tmp_path, release(1, day=FIRST))
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (
        b"persona",
        b"01922",
        b"council.example",
        b"ferndale.example",
        b"Elm House",
        b"Invented Street",
        b'telephone":',
    ):
        assert secret not in written
    ((award,), _) = awards(tmp_path)
    assert award.suppliers[0].sites[0].postcode == "WS1 1AB"
    assert award.lot.buyer_postcode == "WS1 1AA"


def test_403_waits_five_minutes_if_the_catalogue_says_so(
    replay: Replay, client: Client, clock: FakeClock, tmp_path: Path
) -> None:
    replay.trouble(PATH, Answer(status=403))
    fetched(replay, client, tmp_path, release(1, day=FIRST), wait_on_403=300)
    assert clock.waits == [300.0]
    assert len(awards(tmp_path)[0]) == 1


def test_a_failed_fetch_resumes_at_the_same_page(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    every = [release(n, day=FIRST) for n in range(7)]
    replay.serve(PATH, notices(PATH, *every))
    first = service(replay, client, tmp_path)
    good = notices(PATH, *every)
    replay.serve(PATH, in_turn(good, good, *[DOWN] * TRIES))
    with pytest.raises(FetchError, match="answers 503"):
        first.fetch(NoticeQuery(FIRST, LAST))
    replay.asked.clear()
    assert fetched(replay, client, tmp_path, *every)
    assert replay.asked[0].query["cursor"] == "4"
    assert len(awards(tmp_path)[0]) == 7


def test_a_cursor_of_yesterday_is_not_used(
    replay: Replay, client: Client, clock: FakeClock, tmp_path: Path
) -> None:
    every = [release(n, day=FIRST) for n in range(7)]
    good = notices(PATH, *every)
    replay.serve(PATH, in_turn(good, *[DOWN] * TRIES))
    with pytest.raises(FetchError):
        service(replay, client, tmp_path).fetch(NoticeQuery(FIRST, LAST))
    clock.sleep(86_400)
    replay.asked.clear()
    fetched(replay, client, tmp_path, *every)
    assert "cursor" not in replay.asked[0].query


def test_a_loop_of_pages_is_refused(replay: Replay, client: Client, tmp_path: Path) -> None:
    replay.serve(PATH, page({"releases": [], "links": {"next": f"{PATH}?cursor=a"}}))
    with pytest.raises(FetchError, match="sends the same pages again"):
        service(replay, client, tmp_path).fetch(NoticeQuery(FIRST, LAST))


def test_a_next_page_on_another_host_is_not_followed(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    link = "https://elsewhere.example/x?cursor=a"
    replay.serve(PATH, page({"releases": [], "links": {"next": link}}))
    with pytest.raises(FetchError, match=r"another host, elsewhere\.example"):
        service(replay, client, tmp_path).fetch(NoticeQuery(FIRST, LAST))


@pytest.mark.parametrize("answer", [page({"error": "no"}), page([]), page({"releases": None})])
def test_another_layout_is_refused_and_stored_notices_are_kept(
    answer: Answer, replay: Replay, client: Client, tmp_path: Path
) -> None:
    fetched(replay, client, tmp_path, release(1, day=FIRST))
    replay.serve(PATH, answer)
    with pytest.raises(FetchError, match=r"sent no release package.*still in use"):
        service(replay, client, tmp_path).fetch(NoticeQuery(FIRST, LAST))
    assert len(awards(tmp_path)[0]) == 1


def test_a_maintenance_page_is_retried(replay: Replay, client: Client, tmp_path: Path) -> None:
    replay.trouble(PATH, WEB_PAGE)
    assert fetched(replay, client, tmp_path, release(1, day=FIRST))


def test_a_damaged_database_is_refused_with_advice(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    (tmp_path / module.FILE).write_bytes(b"no database at all, but long enough to be read as one")
    with pytest.raises(FetchError, match="delete its folder and fetch again"):
        fetched(replay, client, tmp_path, release(1, day=FIRST))


def test_an_earlier_first_day_fetches_the_days_before(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    fetched(replay, client, tmp_path, release(1, day=FIRST))
    before = release(2, day=date(2026, 9, 3))
    replay.serve(PATH, notices(PATH, before, release(1, day=FIRST)))
    one = service(replay, client, tmp_path)
    one.fetch(NoticeQuery(date(2026, 9, 1), LAST))
    assert len(awards(tmp_path)[0]) == 2
    assert one.covered() == NoticeQuery(date(2026, 9, 1), LAST)


def test_there_is_no_gap_between_two_ranges_of_days(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    fetched(replay, client, tmp_path, release(1, day=FIRST), last=date(2026, 10, 5))
    between = release(2, day=date(2026, 10, 10))
    replay.serve(PATH, notices(PATH, release(1, day=FIRST), between))
    service(replay, client, tmp_path).fetch(NoticeQuery(date(2026, 10, 20), LAST))
    assert len(awards(tmp_path)[0]) == 2


def test_notices_of_other_buyers_are_counted_and_not_stored(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    ours, theirs = release(1, day=FIRST), release(2, day=FIRST, buyer="Elsewhere Council")
    replay.serve(PATH, notices(PATH, ours, theirs))
    one = service(replay, client, tmp_path)
    one.release_filter = lambda r: (
        "" if r["buyer"]["name"] == "Walsall Council" else "another buyer"
    )  # type: ignore[index]
    one.fetch(NoticeQuery(FIRST, LAST, "walsall"))
    assert one.set_aside == {"another buyer": 1}
    assert [award.lot.buyer for award in awards(tmp_path)[0]] == ["Walsall Council"]


def test_a_query_for_other_buyers_replaces_all_notices(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    replay.serve(PATH, notices(PATH, release(1, day=FIRST), release(2, day=FIRST)))
    one = service(replay, client, tmp_path)
    one.fetch(NoticeQuery(FIRST, LAST))
    one.release_filter = lambda r: "" if r["ocid"] == "ocds-h6vhtk-000002" else "another buyer"
    replay.asked.clear()
    one.fetch(NoticeQuery(FIRST, LAST, "areas"))
    assert replay.asked[0].query["updatedFrom"] == "2026-10-01T00:00:00"
    assert [award.id for award in awards(tmp_path)[0]] == ["ocds-h6vhtk-000002/1"]


def test_notices_without_an_id_or_date_are_counted(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    bad = release(1, day=FIRST) | {"date": "soon"}
    replay.serve(PATH, page({"releases": [bad, {"id": "x"}, release(2, day=FIRST)]}))
    one = service(replay, client, tmp_path)
    one.fetch(NoticeQuery(FIRST, FIRST))
    assert one.set_aside == {"notice without an ocid, id or date": 2}
    assert one.kept() == 1


@settings(max_examples=50, deadline=None)
@given(
    said=st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 28), st.integers(10, 999)),
        min_size=1,
        max_size=12,
        unique_by=lambda one: one[2],
    ),
    order=st.randoms(use_true_random=False),
)
def test_the_newest_version_of_an_award_is_read_in_any_order(
    said: list[tuple[int, int, int, int]],
    order: random.Random,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Each of `said` is (ocid, award, day, value); days are distinct."""
    newest = {
        (ocid, award): value for ocid, award, _, value in sorted(said, key=lambda one: one[2])
    }
    shuffled = list(said)
    order.shuffle(shuffled)
    path = tmp_path_factory.mktemp("notices") / module.FILE
    one = Notices(path, entry("http://a.example"), Client(FakeClock(), env={}))
    with sqlite3.connect(path) as base:
        base.executescript(module.TABLES)
        for ocid, award, day, value in shuffled:
            body = release(ocid, day=date(2026, 10, day), value=value, id=f"n-{day}")
            body["awards"][0]["id"] = str(award)
            one._keep(base, {"releases": [body]}, NoticeQuery(FIRST, LAST))
    base.close()
    [(_, awards)] = merged_awards([AwardSource(Tally("x"), documents(path))])
    found = {
        (int(a.id.partition("/")[0][-6:]), int(a.id.partition("/")[2])): a.value for a in awards
    }
    assert found == newest


def test_a_build_does_not_read_an_unfinished_fetch(world: World) -> None:
    world.replay.trouble(PATH, *[Answer(status=503)] * TRIES)
    world.fetch("find-a-tender", first=FIRST)
    assert world.store.names() == []
