"""The value of each feature, worked out by hand on a register of a few providers.

BM25's strength of a word that stands f times in a text of n words is
f / (f + 1.2 * (0.4 + 0.6 * n / 40)), kept to 1/255.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

import pytest

from matcher import features
from matcher.explain import _WORDING
from matcher.features import FEATURES, REASONS
from matcher.matcher import Matcher
from matcher.need import category_lines
from matcher.question import Question
from matcher.reach import Wish
from matcher.request import Request
from matcher.rules import Signal
from matcher.types import Award, Lot, Provider, Size
from models import text
from models.bundle import DEFAULT, Bundle
from tests.factory import award, lot, provider
from tests.registers import features_of, line_of_places, matcher

BYTE = 1 / 255
ONE_WORD = 1 / (1 + 1.2 * (0.4 + 0.6 * 1 / 40))
TITLE_TWICE = 2 / (2 + 1.2 * (0.4 + 0.6 * 2 / 40))
ANYONE = Request(wish=Wish(everyone=True))
ASKED = date(2026, 9, 1)
HERE, TEN, FORTY, THIRTY = "WS1 1AA", "WS1 1AB", "WS1 1AC", "WS1 1AD"


def asked(**fields: Any) -> Lot:
    """A lot of one word, at the first postcode of the line, from one buyer."""
    given = {"title": "plumbing", "postcode": HERE, "buyer": "Walsall Council", "day": ASKED}
    return lot(**{**given, **fields})


def named(id_: str, *postcodes: str, **fields: Any) -> Provider:
    return provider(id_, *postcodes, **{"name": f"Zzz{id_.lower()}", **fields})


def won(id_: str, *who: Provider, **fields: Any) -> Award:
    """An award for plumbing at the first postcode, by a buyer of no name."""
    given = {"title": "plumbing", "postcode": HERE}
    return award(id_, *who, lot=lot(id=id_, **{**given, **fields}))


Ask = Callable[..., dict[str, dict[str, float]]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask a register of the items given: id → feature → value."""
    places = line_of_places(tmp_path / "places", 0, 10_000, 40_000, 30_000)

    def values(*items: Provider | Award, **fields: Any) -> dict[str, dict[str, float]]:
        one = matcher(tmp_path / "reg", places, *items, trust_ids=True)
        question: Question = one.question(asked(**fields), ANYONE)
        return features_of(question, *FEATURES)

    return values


def near(value: float) -> Any:
    return pytest.approx(value, abs=1e-5)


# --- what it says and what it is called ---


def test_profile_words(ask: Ask) -> None:
    a, b = named("A", HERE, profile="plumbing"), named("B", HERE, profile="roofing")
    found = ask(a, b)
    assert found["A"]["profile_words"] == pytest.approx(ONE_WORD, abs=BYTE)
    assert found["B"]["profile_words"] == 0


def test_profile_words_is_a_share_of_all_that_is_asked(ask: Ask) -> None:
    a, b = named("A", HERE, profile="plumbing"), named("B", HERE, profile="plumbing glazing")
    found = ask(a, b, title="plumbing glazing")
    assert 0 < found["A"]["profile_words"] < ONE_WORD - BYTE
    both = 1 / (1 + 1.2 * (0.4 + 0.6 * 2 / 40))
    assert found["B"]["profile_words"] == pytest.approx(both, abs=BYTE)


def test_profile_category(ask: Ask) -> None:
    (line,) = category_lines(["45332000"])
    stems = set(text.words(line))
    assert len(stems) <= 12
    said = " ".join(text.spellings(line, stems).values())
    words = text.counts([(said, 1.0)])
    assert words == dict.fromkeys(stems, 1.0), "each once, so that one strength holds for all"
    a, b = named("A", HERE, profile=said), named("B", HERE, profile="roofs")
    found = ask(a, b, title="Qqqq", cpv=("45332000",))
    strength = 1 / (1 + 1.2 * (0.4 + 0.6 * len(words) / 40))
    assert found["A"]["profile_category"] == pytest.approx(strength, abs=BYTE)
    assert found["B"]["profile_category"] == 0
    assert found["A"]["profile_words"] == 0


def test_name_words_counts_a_word_of_several_spellings_once(ask: Ask) -> None:
    a = provider("A", HERE, name="Plumbing")
    b = provider("B", HERE, name="Plumbing", aliases=("PLUMBING", "The Plumbing"))
    found = ask(a, b, named("C", HERE, profile="plumbing"))
    assert found["A"]["name_words"] == pytest.approx(ONE_WORD, abs=BYTE)
    assert found["B"]["name_words"] == found["A"]["name_words"]
    assert found["C"]["name_words"] == 0


# --- what its past contracts were about ---


def test_past_words(ask: Ask) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    found = ask(won("1", a), won("2", a, title="roofing"), won("3", b, title="roofing"), c)
    assert found["A"]["past_words"] == pytest.approx(TITLE_TWICE, abs=BYTE)
    assert found["B"]["past_words"] == 0
    assert found["C"]["past_words"] == 0


@pytest.mark.parametrize(
    ("code", "digits"),
    [("45332200", 8), ("45332300", 5), ("45333000", 4), ("45340000", 3), ("45500000", 2)],
)
def test_past_category(ask: Ask, code: str, digits: int) -> None:
    a, b = named("A", HERE), named("B", HERE)
    found = ask(won("1", a, cpv=(code,)), won("2", b, cpv=("79000000",)), cpv=("45332200",))
    assert found["A"]["past_category"] == near(digits / 8)
    assert found["B"]["past_category"] == 0


def test_past_words_and_category(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    same, other = won("1", a, cpv=("45340000",)), won("2", b, cpv=("45500000",))
    found = ask(same, other, cpv=("45332200",))
    assert found["A"]["past_words_and_category"] == pytest.approx(TITLE_TWICE, abs=BYTE)
    assert found["B"]["past_words_and_category"] == 0


# --- its record ---


def test_votes_are_shared_between_joint_winners(ask: Ask) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    found = ask(won("1", a), won("2", b, c))
    assert found["A"]["votes"] == near(log(1 + 4 * 1))
    assert found["B"]["votes"] == near(log(1 + 4 / sqrt(2)))
    assert found["C"]["votes"] == found["B"]["votes"]


def test_votes_add_up_over_contracts(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    found = ask(won("1", a), won("2", a), won("3", b))
    assert found["A"]["votes"] == near(log(1 + 4 * 2))
    assert found["B"]["votes"] == near(log(1 + 4 * 1))


def test_votes_of_the_buyer_itself_count_more(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    found = ask(won("1", a, buyer="Walsall Council"), won("2", b, buyer="Else"))
    assert found["A"]["votes"] > found["B"]["votes"] == near(log(5))


def test_wins_in_category(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    mine = [won("1", a, cpv=("45333000",)), won("2", a, cpv=("45332200",))]
    found = ask(*mine, won("3", b, cpv=("45340000",)), cpv=("45332200",))
    assert found["A"]["wins_in_category"] == near(log(3))
    assert found["B"]["wins_in_category"] == 0


def test_won_from_buyer_knows_it_under_its_several_spellings(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    mine = [won("1", a, buyer="WALSALL COUNCIL"), won("2", a, buyer="Council of Walsall (the)")]
    found = ask(*mine, won("3", b, buyer="Sandwell Council"))
    assert found["A"]["won_from_buyer"] == near(log(3))
    assert found["B"]["won_from_buyer"] == 0


def test_won_from_buyer_takes_no_two_nameless_buyers_for_one(ask: Ask) -> None:
    assert ask(won("1", named("A", HERE)), buyer="")["A"]["won_from_buyer"] == 0


# --- where it is ---


def test_nearness(ask: Ask) -> None:
    said = {"profile": "plumbing"}
    sited = [named("A", HERE, **said), named("B", THIRTY, **said), named("C", **said)]
    found = ask(*sited, named("D", FORTY, THIRTY, **said), named("E", TEN, **said))
    values = [found[i]["nearness"] for i in "ABCD"]
    assert values == [near(1), near(0.5), 0, near(0.5)]
    assert 0.5 < found["E"]["nearness"] < 1


def test_nothing_is_near_to_a_lot_without_a_place(ask: Ask) -> None:
    found = ask(named("A", HERE, profile="plumbing"), postcode="", buyer="")
    assert found["A"]["nearness"] == 0
    assert found["A"]["won_near"] == 0
    assert found["A"]["local_votes"] == 0


def test_local_votes_fade_with_the_way(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    found = ask(won("1", a), won("2", b, postcode=FORTY))
    assert found["A"]["local_votes"] == near(log(1 + 4 * 1))
    assert found["B"]["local_votes"] == near(log(1 + 4 * exp(-1)))


def test_won_near(ask: Ask) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    placed = [won("1", a), won("2", a, postcode=FORTY), won("3", b, postcode=TEN)]
    found = ask(*placed, won("4", c, postcode=""))
    values = [found[i]["won_near"] for i in "ABC"]
    assert values == [near(1), near(0.5), 0]


# --- how big it is ---


@pytest.mark.parametrize(
    ("size", "value"), [(s, float(s not in ("large", "unknown"))) for s in Size]
)
def test_is_small(ask: Ask, size: Size, value: float) -> None:
    assert ask(named("A", HERE, profile="plumbing", size=size))["A"]["is_small"] == value


@pytest.mark.parametrize(
    ("income", "fields", "value"),
    [
        (200_000.0, {"value": 100_000.0}, 1),
        (199_000.0, {"value": 100_000.0}, 0),
        (100_000.0, {"value": 100_000.0, "years": 2.0}, 1),
        (100_000.0, {"value": 100_000.0, "years": 0.5}, 0),
        (None, {"value": 1.0}, 0),
        (200_000.0, {}, 0),
    ],
)
def test_lot_fits(ask: Ask, income: float | None, fields: dict[str, float], value: float) -> None:
    assert (
        ask(named("A", HERE, profile="plumbing", income=income), **fields)["A"]["lot_fits"] == value
    )


# --- the list of them ---


def test_every_feature_has_a_test_of_its_value() -> None:
    tests = [name for name in globals() if name.startswith("test_")]
    untested = [f for f in FEATURES if not any(t.startswith(f"test_{f}") for t in tests)]
    assert untested == []


def test_every_feature_has_words_and_a_reason() -> None:
    assert FEATURES
    for name, feature in FEATURES.items():
        assert name == feature.name == feature.compute.__name__
        assert feature.words.endswith("."), name
        assert feature.reason in REASONS
        assert feature.signal in Signal


def test_the_features_are_those_functions_of_the_module() -> None:
    made = {n for n, f in vars(features).items() if isinstance(f, features.Feature)}
    assert made == set(FEATURES)
    assert not inspect.isfunction(features.nearness)


def test_each_reason_draws_on_one_signal_and_has_its_wording() -> None:
    for reason in REASONS:
        assert len({f.signal for f in FEATURES.values() if f.reason == reason}) == 1
    assert tuple(_WORDING) == REASONS


def test_a_ranker_for_relevance_uses_relevance_alone() -> None:
    bundle = Bundle.open(DEFAULT, FEATURES)
    used = {FEATURES[name].signal for name in bundle.ranker("relevance").features}
    assert used == {Signal.RELEVANCE}


def test_the_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    places = line_of_places(tmp_path / "places", 0, 10_000)
    one: Matcher = matcher(tmp_path / "reg", places, named("A", HERE, profile="plumbing"))
    question = one.question(asked(), ANYONE)
    assert features_of(question, "nearness", "is_small")["A"] == {"nearness": 1, "is_small": 0}
    assert list(features_of(question, "is_small", "nearness")["A"]) == ["is_small", "nearness"]
    assert features_of(question) == {"A": {}}
