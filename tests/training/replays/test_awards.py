"""The replay's own rules: which lots are asked, what is known, and who is listed how."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from matcher.core.types import Award, Provider
from matcher.law.types import Purpose
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from models.bundle import Bundle
from models.ranker import LinearRanker
from models.relevance import Relevance
from tests.factory import award, lot, provider
from tests.registers import matcher
from training.replays.awards import (
    build_replay,
    replay_asker,
    replay_lots,
    replay_slices,
    sample,
)
from training.replays.runner import Asker, own_id, shared_ids

A, B = provider("GB-COH-1", "WS1 1TP", name="Roofs"), provider("GB-COH-2", name="Slates")
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


def won(id: str, day: date, *who: Provider, buyer: str = "Walsall Council", **of: str) -> Award:
    held = {"title": f"Roof {id}", **of}
    return award(id, *(who or (A,)), lot=lot(id=id, buyer=buyer, day=day, **held), day=day)


def asked(*awards: Award) -> list[str]:
    return [query.lot.id for query in build_replay(awards, FIRST, LAST).queries]


def test_lots_of_the_window_are_asked_both_days_inclusive() -> None:
    days = [date(2026, 2, 28), FIRST, LAST, date(2026, 4, 1)]
    found = build_replay([won(str(n), day) for n, day in enumerate(days)], FIRST, LAST)
    assert [query.lot.id for query in found.queries] == ["1", "2"]
    assert [past.lot.id for past in found.history] == ["0"]


def test_only_local_government_and_the_first_of_a_series_are_asked() -> None:
    day = date(2026, 3, 5)
    assert asked(won("1", day), won("2", day, title="ROOF 1")) == ["1"]
    assert asked(won("1", day, buyer="Ministry of Roofs")) == []
    assert asked(won("1", day, buyer="Ambridge Fire Service")) == ["1"]


def test_frameworks_of_many_winners_and_awards_without_any_are_left_out() -> None:
    crowd = [provider(f"GB-COH-{n}") for n in range(21)]
    day = date(2026, 3, 5)
    assert asked(won("1", day, *crowd), won("2", day, *crowd[:20])) == ["2"]
    assert asked(award("3", lot=lot(buyer="Walsall Council"), day=day)) == []


def test_a_sample_is_spread_over_the_window() -> None:
    awards = [won(f"{n:02}", date(2026, 3, n)) for n in range(1, 31)]
    found = sample(build_replay(awards, FIRST, LAST), 3)
    assert [query.lot.id for query in found.queries] == ["01", "11", "21"]
    assert found.flags["all"] == {"01", "11", "21"}


def test_winners_alone_are_judged() -> None:
    found = build_replay([won("1", FIRST, A, B)], FIRST, LAST)
    assert found.qrels.grades == {"1": {"GB-COH-1": 1, "GB-COH-2": 1}}


@pytest.mark.parametrize(("weak", "listed"), [(False, []), (True, ["GB-COH-1"])])
def test_weak_matches_are_asked_for_on_request(
    tmp_path: Path, places_table: Path, weak: bool, listed: list[str]
) -> None:
    """A relevance that calls nobody more than a weak match."""
    bundle = Bundle.open("hand", FEATURES)
    nobody = Relevance(LinearRanker(("told_words",), (1.0,), -9.0))
    marked = {key: replace(one, relevance=nobody) for key, one in bundle.rankers.items()}
    Bundle("marks", "", {}, marked, bundle.knowledge).save(tmp_path / "marks")
    matcher(tmp_path / "reg", places_table, A, won("0", date(2026, 1, 1)), trust_ids=True)
    one = Matcher.open(tmp_path / "reg", tmp_path / "marks")
    asker = replay_asker("ours", one, FIRST, Purpose.ENGAGEMENT, {A.id}, weak=weak)
    assert asker.run([won("1", FIRST).lot]).first("1") == listed


def test_slices_separate_new_entrants_from_incumbents(tmp_path: Path, places_table: Path) -> None:
    awards = [
        won("0", date(2026, 1, 1), A),
        won("1", date(2026, 3, 2), A),
        won("2", date(2026, 3, 3), B),
        won("3", date(2026, 3, 4), B),
    ]
    one = matcher(tmp_path / "reg", places_table, A, B, *awards, trust_ids=True)
    found = replay_slices(build_replay(awards, FIRST, LAST), one.register, FIRST)
    assert found["winner"] == {"a new entrant": ("2", "3"), "an incumbent": ("1",)}
    assert set(found) >= {"service", "region", "surroundings", "value"}


def test_a_lot_never_knows_its_own_award_or_a_later_one(tmp_path: Path, places_table: Path) -> None:
    late = [won(str(n), date(2026, 3, 2 + n), A) for n in range(3)]
    one = matcher(tmp_path / "reg", places_table, A, B, *late, trust_ids=True)
    found = build_replay(late, FIRST, LAST)
    told = replay_asker("hand", one, FIRST, Purpose.ENGAGEMENT, {A.id, B.id})
    told.run(replay_lots(found, Purpose.ENGAGEMENT))
    reasons = " ".join(told.explain("2", 5)[A.id].reasons)
    assert "public contract known" not in reasons
    after = replay_asker("hand", one, date(2026, 4, 1), Purpose.ENGAGEMENT, {A.id, B.id})
    after.run([lot(id="another", title="Roof", postcode="")])
    assert "public contracts known" in " ".join(after.explain("another", 5)[A.id].reasons)


def test_an_organisation_takes_a_place_for_each_id_of_the_pool(
    tmp_path: Path, places_table: Path
) -> None:
    two = provider("GB-CHC-7", "WS1 1TP", name="Roof Trust", profile="roofs", ids=("GB-COH-7",))
    one = matcher(tmp_path / "reg", places_table, two)
    for pool, listed in (
        ({"GB-CHC-7", "GB-COH-7"}, ["GB-CHC-7", "GB-COH-7"]),
        ({"GB-COH-7"}, ["GB-COH-7"]),
        (set(), []),
    ):
        found = replay_asker("hand", one, FIRST, Purpose.ENGAGEMENT, pool).run([lot(title="Roofs")])
        assert found.first("lot-1") == listed
    alone = Asker("hand", one, Request(wish=Filters(everyone=True)), own_id)
    assert alone.run([lot(title="Roofs")]).first("lot-1") == ["GB-CHC-7"]
    known = Asker("hand", one, Request(wish=Filters(everyone=True)), shared_ids({"GB-COH-7"}))
    assert known.run([lot(title="Roofs")]).first("lot-1") == ["GB-COH-7"]
    assert known.explain("lot-1", 5)["GB-COH-7"].name == "Roof Trust"


def test_a_lot_that_is_refused_has_no_list_and_the_run_says_why(
    tmp_path: Path, places_table: Path
) -> None:
    one = matcher(tmp_path / "reg", places_table, A)
    asker_ = Asker("hand", one, Request(Purpose.INVITE))
    found = asker_.run([lot(value=9e6, buyer_kind="council", day=date(2026, 5, 1))])
    assert not found.ran
    assert set(found.refused) == {"lot-1"}
    assert asker_.explain("lot-1", 5) == {}
    assert asker_.explain("another", 5) == {}
