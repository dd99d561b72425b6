"""A lot asked as if nobody had a record: what is taken away, what takes its place, what stays."""

from __future__ import annotations

from datetime import date
from math import log
from pathlib import Path

import pytest

from matcher.law.rulebook import Rulebook
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features import compute
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import DONE, LOT, RECORD
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.retrieval import retrieve
from models.bundle import Bundle
from models.knowledge import Knowledge
from tests import learned
from tests.factory import award, lot, provider
from tests.registers import line_of_places, registered
from training.learning.cold_start import cold_start_context, words_only

HERE, NEAR = "WS1 1AA", "WS1 1AB"
NAMES = tuple(FEATURES)
Told = dict[str, dict[str, float]]


def _told(look: FeatureContext) -> Told:
    """Provider id → feature → value."""
    organisations = look.register.organisations
    ids = [organisations[int(row)].provider.id for row in look.candidates.rows]
    values = compute.compute(look, NAMES).tolist()
    return {i: dict(zip(NAMES, row, strict=True)) for i, row in zip(ids, values, strict=True)}


@pytest.fixture
def look(tmp_path: Path) -> FeatureContext:
    """A and B have won roofs and meals and say nothing; C says what it does and won nothing."""
    places = line_of_places(tmp_path / "places", 0, 10_000)
    a, b = provider("A", HERE, name="Aaa"), provider("B", NEAR, name="Bbb")
    c = provider("C", HERE, name="Slate Gutter", profile="roof slates")
    won = [
        award("1", a, lot=lot(id="1", title="roof and slate", buyer="Walsall Council")),
        award("2", b, lot=lot(id="2", title="meals and lunch for roof")),
    ]
    bundle = Bundle("meant", "", {}, {}, Knowledge(embedder=learned.embedder()))
    register = registered(tmp_path / "reg", places, *won, c, trust_ids=True, bundle=bundle)
    one = Matcher(register, bundle, Rulebook.open())
    wanted = lot(title="roof slate", buyer="Walsall Council", postcode=HERE, day=date(2026, 9, 1))
    query = one.query(wanted, Request(wish=Filters(everyone=True)))
    return FeatureContext(query, retrieve(query, eligible_providers(query)))


def test_no_record_is_left(look: FeatureContext) -> None:
    plain, found = _told(look), _told(cold_start_context(look))
    assert plain["A"]["wins"] > 0 < plain["A"]["record_together"]
    taken = [
        name
        for name, feature in FEATURES.items()
        if feature.reason in {DONE, RECORD} and not feature.of
    ]
    assert len(taken) > 20
    for one in found.values():
        assert {name: one[name] for name in taken if one[name]} == {"months_since_win": 10.0}
        assert one["winners_around"] == one["buyer_is_known"] == one["named_like_winners"] == 0
        assert one["newcomers"] == 1


def test_past_contracts_become_the_profile_and_a_better_profile_stays(look: FeatureContext) -> None:
    plain, found = _told(look), _told(cold_start_context(look))
    assert plain["A"]["profile_words"] == plain["A"]["profile_meaning"] == 0
    assert found["A"]["profile_words"] == found["A"]["told_words"] > found["B"]["profile_words"] > 0
    assert found["A"]["profile_meaning"] > found["B"]["profile_meaning"] > 0
    for name in ("profile_words", "told_words", "profile_meaning"):
        assert found["C"][name] == plain["C"][name] > 0


def test_what_needs_no_record_stays_as_it_was(look: FeatureContext) -> None:
    plain, found = _told(look), _told(cold_start_context(look))
    stays = ("name_words", "name_meaning", "nearness", "distance_likely", "lot_length")
    for one in "ABC":
        assert {n: found[one][n] for n in stays} == {n: plain[one][n] for n in stays}


def test_places_in_line_are_those_of_the_disguised(look: FeatureContext) -> None:
    found = _told(cold_start_context(look))
    for one in found.values():
        ahead = sum(other["told_words"] > one["told_words"] + 1e-5 for other in found.values())
        assert one["told_words_standing"] == pytest.approx(log(1 + ahead))
        assert one["told_words_standing_new"] == one["told_words_standing"]
        assert one["wins_standing"] == 0


def test_the_look_itself_is_left_alone(look: FeatureContext) -> None:
    before = _told(look)
    cold_start_context(look)
    assert _told(FeatureContext(look.query, look.candidates)) == before


def test_a_bare_lot_has_its_words_and_its_day_alone() -> None:
    asked = lot(
        title="Roofs",
        description="Of slate",
        cpv=("45261000",),
        buyer="Walsall Council",
        postcode=HERE,
        value=5.0,
        day=date(2026, 9, 1),
    )
    left = words_only(asked)
    assert (left.title, left.description, left.day) == ("Roofs", "Of slate", date(2026, 9, 1))
    assert not any((left.cpv, left.buyer, left.postcode, left.buyer_postcode, left.value))


def test_what_is_the_same_for_all_stays_so(look: FeatureContext) -> None:
    found = _told(cold_start_context(look))
    for name in (n for n, f in FEATURES.items() if f.reason == LOT):
        assert len({one[name] for one in found.values()}) == 1, name
