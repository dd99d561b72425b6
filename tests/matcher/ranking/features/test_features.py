"""The value of each feature, worked out by hand on a register of a few providers.

BM25's strength of a word that stands f times in a text of n words is
f / (f + 1.2 * (0.4 + 0.6 * n / 40)), kept to 1/255.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.cpv import category_lines
from matcher.core.types import Award, Lot, Provider, Size
from matcher.law.rulebook import Rulebook
from matcher.law.types import Signal
from matcher.ranking import reason_text
from matcher.ranking.features import compute, encoded, payments, place, record, relevance, size
from matcher.ranking.features.feature import LOT, REASONS, Feature
from matcher.ranking.features.positions import RankPositions
from matcher.ranking.features.registry import BY_ENCODER, FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query
from matcher.ranking.request import Request
from models import text
from models.bundle import Bundle, shipped
from models.distances import EDGES_KM, Distances
from models.encoder import QUERY, STORED
from models.knowledge import Knowledge
from models.saved_rankers import USUAL_PREFILTER
from tests import learned
from tests.encoders import services, tiny
from tests.factory import award, lot, provider
from tests.registers import features_of, line_of_places, matcher, registered

BYTE = 1 / 255
ONE_WORD = 1 / (1 + 1.2 * (0.4 + 0.6 * 1 / 40))
TITLE_TWICE = 2 / (2 + 1.2 * (0.4 + 0.6 * 2 / 40))
ANYONE = Request(wish=Filters(everyone=True))
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
        query: Query = one.query(asked(**fields), ANYONE)
        return features_of(query, *FEATURES)

    return values


def near(value: float) -> Any:
    return pytest.approx(value, abs=1e-5)


def close(cosine: float) -> Any:
    """Vectors stand on a grid of 2**-11, and so do not quite have the length one."""
    return pytest.approx(cosine, abs=2e-3)


# --- what it says and what it is called ---


def test_profile_words(ask: Ask) -> None:
    a, b = named("A", HERE, profile="plumbing"), named("B", HERE, profile="roofing")
    found = ask(a, b)
    assert found["A"]["profile_words"] == pytest.approx(ONE_WORD, abs=BYTE)
    assert found["B"]["profile_words"] == 0


def test_profile_words_is_a_share_of_all_words_of_the_lot(ask: Ask) -> None:
    a, b = named("A", HERE, profile="plumbing"), named("B", HERE, profile="plumbing glazing")
    found = ask(a, b, title="plumbing glazing")
    assert 0 < found["A"]["profile_words"] < ONE_WORD - BYTE
    both = 1 / (1 + 1.2 * (0.4 + 0.6 * 2 / 40))
    assert found["B"]["profile_words"] == pytest.approx(both, abs=BYTE)


def test_told_words_reads_profile_and_names_together(ask: Ask) -> None:
    a, b = named("A", HERE, profile="plumbing"), provider("B", HERE, name="Plumbing")
    found = ask(a, b, named("C", HERE, profile="roofing"))
    said, called = (f / (f + 1.2 * (0.7 + 0.3 * n / 40)) for f, n in ((1, 3), (2, 2)))
    assert found["A"]["told_words"] == pytest.approx(said, abs=BYTE)
    assert found["B"]["told_words"] == pytest.approx(called, abs=BYTE)
    assert found.get("C", {"told_words": 0})["told_words"] == 0


def test_profile_words_reads_those_of_the_category_too(ask: Ask) -> None:
    (line,) = category_lines(["45332000"])
    stems = set(text.words(line))
    assert len(stems) <= 12
    said = " ".join(text.spellings(line, stems).values())
    words = text.counts([(said, 1.0)])
    assert words == dict.fromkeys(stems, 1.0), "each once, so that one strength holds for all"
    a, b = named("A", HERE, profile=said), named("B", HERE, profile="roofs")
    found = ask(a, b, title="1", cpv=("45332000",))
    strength = 1 / (1 + 1.2 * (0.4 + 0.6 * len(words) / 40))
    assert found["A"]["profile_words"] == pytest.approx(strength, abs=BYTE)
    assert found["B"]["profile_words"] == 0


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


def test_past_category(ask: Ask) -> None:
    digits = {"45332200": 8, "45332300": 5, "45333000": 4, "45340000": 3, "45500000": 2}
    digits |= {"79000000": 0}
    found = ask(*(won(code, named(code, HERE), cpv=(code,)) for code in digits), cpv=("45332200",))
    shared = {code: found[code]["past_category"] * 8 for code in digits}
    assert shared == pytest.approx(digits, abs=1e-5)


def test_past_words_and_category(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    same, other = won("1", a, cpv=("45340000",)), won("2", b, cpv=("45500000",))
    found = ask(same, other, cpv=("45332200",))
    assert found["A"]["past_words_and_category"] == pytest.approx(TITLE_TWICE, abs=BYTE)
    assert found["B"]["past_words_and_category"] == 0


def test_past_title(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    found = ask(won("1", a), won("2", b, title="roofing", description="plumbing"))
    once = 1 / (1 + 1.2 * (0.4 + 0.6 * 1 / 40))
    assert found["A"]["past_title"] == pytest.approx(once, abs=BYTE)
    assert found["B"]["past_title"] == 0


def test_past_title_uses_numbers_short_words_and_word_order(ask: Ask) -> None:
    a, b, c, d = (named(i, HERE) for i in "ABCD")
    same, number = (
        won("1", a, title="Route 7 to plumbing"),
        won("2", b, title="Route 8 to plumbing"),
    )
    order, word = won("3", c, title="to 7 plumbing route"), won("4", d, title="plumbing")
    found = ask(same, number, order, word, title="Route 7 to plumbing")
    values = [found[i]["past_title"] for i in "ABCD"]
    assert values[0] > max(values[1:3])
    assert min(values[1:3]) > values[3] > 0


def test_past_title_beside_best(ask: Ask) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    longer = won("2", b, title="plumbing and roofing")
    found = ask(won("1", a), longer, won("3", c, title="roofing"))
    assert found["A"]["past_title_beside_best"] == 1
    share = found["B"]["past_title"] / found["A"]["past_title"]
    assert found["B"]["past_title_beside_best"] == near(share)
    assert 0 < share < 1
    assert found["C"]["past_title_beside_best"] == 0


def test_past_words_beside_best(ask: Ask) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    longer = won("2", b, description="pipes and drains")
    found = ask(won("1", a), longer, won("3", c, title="roofing"))
    assert found["A"]["past_words_beside_best"] == 1
    share = found["B"]["past_words"] / found["A"]["past_words"]
    assert found["B"]["past_words_beside_best"] == near(share)
    assert 0 < share < 1
    assert found["C"]["past_words_beside_best"] == 0


def _together(*strengths: float, of: int) -> float:
    """Strengths of one word in `of` contracts, as one document."""
    whole = sum(strengths)
    return whole / (whole + 0.6 * (0.8 + 0.2 * of / 3))


def test_past_words_together_counts_the_second_contract_less(ask: Ask) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    found = ask(won("1", a), won("2", b), won("3", b), won("4", c), won("5", c, title="roofing"))
    values = [found[i]["past_words_together"] for i in "ABC"]
    one = TITLE_TWICE
    expected = [_together(one, of=1), _together(one, one, of=2), _together(one, of=2)]
    assert values == pytest.approx(expected, abs=2 * BYTE)
    assert values[1] > values[0] > values[2]


def test_past_codes_together(ask: Ask) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    same, wider = won("1", a, cpv=("45332200",)), won("2", b, cpv=("45500000",))
    found = ask(same, wider, won("3", c, cpv=("79000000",)), cpv=("45332200",))
    values = [found[i]["past_codes_together"] for i in "ABC"]
    assert values[0] == 1 > values[1] > values[2] == 0


def test_past_category_share(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    mine = [won("1", a, cpv=("45333000",)), won("2", a, cpv=("45332200",)), won("3", a)]
    found = ask(*mine, won("4", b, cpv=("45340000",)), cpv=("45332200",))
    assert found["A"]["past_category_share"] == near(2 / 3)
    assert found["B"]["past_category_share"] == 0


# --- what it means ---


@dataclass(frozen=True)
class Meant:
    """What was asked of a register with vectors: id → feature → value, and by which embedder."""

    values: dict[str, dict[str, float]]
    query: Query

    def name(self, name: str) -> float:
        """How near the lot lies to a name."""
        return self._near(learned.embedder().name((name,)))

    def text(self, *words: str) -> float:
        """How near the lot lies to a text in which each of the stems stands twice."""
        return self._near(learned.embedder().text(dict.fromkeys(words, 2.0)))

    def _near(self, vector: Any) -> float:
        assert self.query.meaning is not None
        return max(float(vector @ self.query.meaning.vector), 0.0)


Mean = Callable[..., Meant]


def asking_by_meaning(folder: Path) -> Mean:
    """Ask a register that an embedder knows for a roof: it knows roofs and meals."""
    places = line_of_places(folder / "places", 0, 10_000, 40_000, 30_000)
    known = Knowledge(embedder=learned.embedder())
    bundle = Bundle("meant", "", {}, {}, known)

    def values(*items: Provider | Award, **fields: Any) -> Meant:
        register = registered(folder / "reg", places, *items, trust_ids=True, bundle=bundle)
        one = Matcher(register, bundle, Rulebook.open())
        query = one.query(asked(**{"title": "roof", **fields}), ANYONE)
        return Meant(features_of(query, *FEATURES), query)

    return values


@pytest.fixture
def mean(tmp_path: Path) -> Mean:
    return asking_by_meaning(tmp_path)


ROOF = "Roof Slate"


@pytest.fixture(scope="module")
def roofers(tmp_path_factory: pytest.TempPathFactory) -> Meant:
    """Two that are named after roofs, in other words."""
    asked_by_meaning = asking_by_meaning(tmp_path_factory.mktemp("roofers"))
    return asked_by_meaning(*(provider(i, HERE, name=name) for i, name in NAMED.items()))


NAMED = {"A": ROOF, "B": "Chimney Gutter"}


def test_name_meaning(roofers: Meant) -> None:
    for i, name in NAMED.items():
        assert roofers.values[i]["name_meaning"] == near(roofers.name(name)) != 0


def test_name_meaning_beside_best(roofers: Meant) -> None:
    best = max(map(roofers.name, NAMED.values()))
    for i, name in NAMED.items():
        assert roofers.values[i]["name_meaning_beside_best"] == near(roofers.name(name) / best)


def test_profile_meaning(mean: Mean) -> None:
    given = [named("A", HERE, profile="slates"), named("B", HERE, profile="meals roof")]
    found = mean(*given, named("C", HERE, profile="roof"))
    assert found.values["A"]["profile_meaning"] == close(found.text("slate"))
    assert found.values["C"]["profile_meaning"] == close(1)
    assert 0 < found.values["B"]["profile_meaning"] < 1


def test_named_like_winners(mean: Mean) -> None:
    winner, alike = provider("A", HERE, name=ROOF), provider("B", HERE, name="Slate Gutter")
    found = mean(won("1", winner, title="roof"), alike)
    embedder = learned.embedder()
    cosine = float(embedder.name((ROOF,)) @ embedder.name(("Slate Gutter",)))
    assert found.values["A"]["named_like_winners"] == close(1)
    assert found.values["B"]["named_like_winners"] == close(cosine)


@pytest.fixture(scope="module")
def slate_and_roof(tmp_path_factory: pytest.TempPathFactory) -> Meant:
    """A won slates and a roof, B slates."""
    a, b = named("A", HERE), named("B", HERE)
    mine = [won("1", a, title="slate"), won("2", a, title="roof")]
    mean = asking_by_meaning(tmp_path_factory.mktemp("slate"))
    return mean(*mine, won("3", b, title="slate"))


def test_past_meaning_is_that_of_the_nearest_contract(slate_and_roof: Meant) -> None:
    found, slate = slate_and_roof, slate_and_roof.text("slate")
    assert 0 < slate < 1
    assert found.values["A"]["past_meaning"] == close(1)
    assert found.values["B"]["past_meaning"] == close(slate)


def test_past_meaning_beside_best(slate_and_roof: Meant) -> None:
    found, slate = slate_and_roof, slate_and_roof.text("slate")
    assert found.values["A"]["past_meaning_beside_best"] == 1
    assert found.values["B"]["past_meaning_beside_best"] == close(slate)


def test_past_meaning_usual(slate_and_roof: Meant) -> None:
    found, slate = slate_and_roof, slate_and_roof.text("slate")
    assert found.values["A"]["past_meaning_usual"] == close((1 + slate) / 2)
    assert found.values["B"]["past_meaning_usual"] == close(slate)


@pytest.fixture(scope="module")
def joint(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """A won a roof alone, B and C one together."""
    a, b, c = (named(i, HERE) for i in "ABC")
    mean = asking_by_meaning(tmp_path_factory.mktemp("joint"))
    return mean(won("1", a, title="roof"), won("2", b, c, title="roof")).values


def test_meaning_votes_are_shared_between_joint_winners(joint: dict[str, dict[str, float]]) -> None:
    assert joint["A"]["meaning_votes"] == close(log(1 + 4))
    assert joint["B"]["meaning_votes"] == joint["C"]["meaning_votes"] == close(log(1 + 4 / sqrt(2)))


def test_meaning_votes_beside_best(joint: dict[str, dict[str, float]]) -> None:
    assert joint["A"]["meaning_votes_beside_best"] == 1
    assert joint["B"]["meaning_votes_beside_best"] == close(1 / sqrt(2))


def test_meaning_votes_fall_with_the_eighth_power_and_count_three_times_from_the_buyer(
    mean: Mean,
) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    own = won("3", c, title="roof", buyer="Walsall Council")
    found = mean(won("1", a, title="roof"), won("2", b, title="slate"), own)
    assert found.values["B"]["meaning_votes"] == close(log(1 + 4 * found.text("slate") ** 8))
    assert found.values["C"]["meaning_votes"] == close(log(1 + 4 * 3))


def test_won_alike_from_buyer(mean: Mean) -> None:
    a, b = named("A", HERE), named("B", HERE)
    ours = won("1", a, title="slate", buyer="Walsall Council")
    found = mean(ours, won("2", a, title="roof"), won("3", b, title="roof"))
    assert found.values["A"]["won_alike_from_buyer"] == close(found.text("slate"))
    assert found.values["B"]["won_alike_from_buyer"] == 0


def test_won_alike_near(mean: Mean) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    given = [won("1", a, title="slate"), won("2", b, title="roof", postcode=FORTY)]
    found = mean(*given, won("3", c, title="roof", postcode=""))
    assert found.values["A"]["won_alike_near"] == close(found.text("slate"))
    assert found.values["B"]["won_alike_near"] == close(1 / 3)
    assert found.values["C"]["won_alike_near"] == 0


def test_lot_is_usual(mean: Mean) -> None:
    a = named("A", HERE, profile="roof")
    assert mean(a, won("1", a, title="roof")).values["A"]["lot_is_usual"] == close(1)
    found = mean(a, won("1", a, title="slate"))
    assert found.values["A"]["lot_is_usual"] == close(found.text("slate"))
    assert mean(a).values["A"]["lot_is_usual"] == 0


def test_features_of_meaning_are_zero_without_an_embedder(ask: Ask) -> None:
    found = ask(won("1", named("A", HERE)))["A"]
    meant = [n for n in FEATURES if "meaning" in n or "alike_" in n or n == "named_like_winners"]
    assert len(meant) > 8
    assert {found[name] for name in meant} == {0}


# --- the lot itself ---


@pytest.mark.parametrize(("cpv", "value"), [(("45332200", "90000000"), 45), ((), 0)])
def test_lot_division(ask: Ask, cpv: tuple[str, ...], value: float) -> None:
    assert ask(named("A", HERE, profile="plumbing"), cpv=cpv)["A"]["lot_division"] == value


def test_seldom_sells(ask: Ask) -> None:
    school = named("A", HERE, profile="plumbing")
    found = ask(replace(school, name="Moss School"), named("B", HERE, profile="plumbing"))
    assert found["A"]["seldom_sells"] == 1
    assert found["B"]["seldom_sells"] == 0


def test_lot_length(ask: Ask) -> None:
    a = named("A", HERE, profile="plumbing")
    assert ask(a)["A"]["lot_length"] == near(log(2))
    assert ask(a, title="plumbing pipes", description="pipes, taps")["A"]["lot_length"] == near(
        log(4)
    )


@pytest.mark.parametrize(("value", "expected"), [(999.0, log(1000)), (None, 0)])
def test_lot_value(ask: Ask, value: float | None, expected: float) -> None:
    found = ask(named("A", HERE, profile="plumbing"), value=value)
    assert found["A"]["lot_value"] == near(expected)


def test_buyer_is_known(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    given = [won("1", a, buyer="Walsall Council"), won("2", b, buyer="Walsall Council")]
    found = ask(*given, won("3", b, buyer="Else"))
    assert found["A"]["buyer_is_known"] == found["B"]["buyer_is_known"] == near(log(3))


# --- its record ---


def test_votes_are_shared_between_joint_winners(joint: dict[str, dict[str, float]]) -> None:
    assert joint["A"]["votes"] == near(log(1 + 4 * 1))
    assert joint["B"]["votes"] == joint["C"]["votes"] == near(log(1 + 4 / sqrt(2)))


def test_votes_add_up_over_contracts(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    found = ask(won("1", a), won("2", a), won("3", b))
    assert found["A"]["votes"] == near(log(1 + 4 * 2))
    assert found["B"]["votes"] == near(log(1 + 4 * 1))


def test_votes_for_the_same_buyer_count_more(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    found = ask(won("1", a, buyer="Walsall Council"), won("2", b, buyer="Else"))
    assert found["A"]["votes"] > found["B"]["votes"] == near(log(5))


def test_votes_beside_best(joint: dict[str, dict[str, float]]) -> None:
    assert joint["A"]["votes_beside_best"] == 1
    assert joint["B"]["votes_beside_best"] == near(1 / sqrt(2))


def test_wins(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE, profile="plumbing")
    found = ask(won("1", a), won("2", a, title="roofing"), b)
    assert found["A"]["wins"] == near(log(3))
    assert found["B"]["wins"] == 0


def test_months_since_win(ask: Ask) -> None:
    a, b, c = named("A", HERE), named("B", HERE), named("C", HERE, profile="plumbing")
    older = replace(won("2", b), day=date(2026, 3, 1) - timedelta(days=304))
    found = ask(won("1", a), replace(won("3", b), day=date(2020, 1, 1)), older, c)
    values = [found[i]["months_since_win"] for i in "ABC"]
    assert values == [0, near(log(11)), 10]


def test_value_unlike(ask: Ask) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    worth = [replace(won(i, a), value=v) for i, v in (("1", 100.0), ("2", 400.0), ("3", None))]
    given = [*worth, won("4", b), replace(won("5", c), value=3200.0)]
    found = ask(*given, value=800.0)
    values = [found[i]["value_unlike"] for i in "ABC"]
    assert values == [near(log(800 / 200)), 0, near(-log(4))]
    assert ask(*given)["A"]["value_unlike"] == 0


def test_record_together_adds_the_buyer_to_words_and_codes(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    found = ask(won("1", a, buyer="Walsall Council"), won("2", b, buyer="Else"))
    more = found["A"]["record_together"] - found["B"]["record_together"]
    assert more == near(3 * log(2) / 1.6)
    assert found["B"]["record_together"] > 0


def test_record_together_beside_best(ask: Ask) -> None:
    a, b = named("A", HERE), named("B", HERE)
    found = ask(won("1", a, buyer="Walsall Council"), won("2", b, buyer="Else"))
    assert found["A"]["record_together_beside_best"] == 1
    share = found["B"]["record_together"] / found["A"]["record_together"]
    assert found["B"]["record_together_beside_best"] == near(share)


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


def test_nearness_is_zero_for_a_lot_without_a_place(ask: Ask) -> None:
    found = ask(named("A", HERE, profile="plumbing"), postcode="", buyer="")
    assert found["A"]["nearness"] == 0
    assert found["A"]["won_near"] == 0
    assert found["A"]["local_votes"] == 0


def test_local_votes_fall_with_distance(ask: Ask) -> None:
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


def test_past_words_here_counts_place_names(ask: Ask) -> None:
    a, b, c = (named(i, HERE) for i in "ABC")
    given = [won("1", a, title="plumbing Walsall"), won("2", b), won("3", c, title="roofing")]
    found = ask(*given, title="plumbing", description="In Walsall.")
    values = [found.get(i, {"past_words_here": 0.0})["past_words_here"] for i in "ABC"]
    assert values[0] == 1 > values[1] > values[2] == 0
    assert found["A"]["past_words"] < found["B"]["past_words"]


def test_distance_likely(ask: Ask, tmp_path: Path) -> None:
    a, b = named("A", HERE, profile="plumbing"), named("B", THIRTY, profile="plumbing")
    given = [a, b, named("C", profile="plumbing")]
    assert {values["distance_likely"] for values in ask(*given).values()} == {0}
    one = Matcher.open(tmp_path / "reg", "hand")
    row = tuple(float(band) for band in range(len(EDGES_KM) + 1))
    known = replace(one.bundle.knowledge, distances=Distances({"": row}))
    query = replace(one.query(asked(), ANYONE), knowledge=known)
    found = features_of(query, "distance_likely")
    band = sum(edge <= 30 for edge in EDGES_KM)
    assert [found[i]["distance_likely"] for i in "ABC"] == [0, band, 0]


def test_beyond_reach(ask: Ask) -> None:
    a, b, c = named("A", HERE), named("B", FORTY), named("C", HERE, profile="plumbing")
    found = ask(won("1", a, postcode=TEN), won("2", b, postcode=FORTY), c)
    values = [found[i]["beyond_reach"] for i in "ABC"]
    assert values == [near(-log(11)), near(log(41)), 0]


# --- how big it is ---


def test_is_small(ask: Ask) -> None:
    found = ask(*(named(size, HERE, profile="plumbing", size=size) for size in Size))
    small = {size for size in Size if found[named(size).id]["is_small"]}
    assert small == set(Size) - {Size.LARGE, Size.UNKNOWN}


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"value": 100_000.0}, {200_000.0}),
        ({"value": 100_000.0, "years": 2.0}, {100_000.0, 199_000.0, 200_000.0}),
        ({"value": 100_000.0, "years": 0.5}, {200_000.0}),
        ({}, set()),
    ],
    ids=["of one year", "of two years", "of half a year", "without a value"],
)
def test_lot_fits(ask: Ask, fields: dict[str, float], fits: set[float]) -> None:
    incomes = (100_000.0, 199_000.0, 200_000.0, None)
    found = ask(*(named(str(i), HERE, profile="plumbing", income=i) for i in incomes), **fields)
    assert {i for i in incomes if found[str(i)]["lot_fits"]} == fits


# --- what they are called, and where they lie ---


def test_name_meaning_of_title_reads_the_title_alone(mean: Mean) -> None:
    given = provider("A", HERE, name=ROOF), provider("B", HERE, name="Kitchen Canteen")
    embedder = learned.embedder()
    title, name = embedder.text({"roof": 1.0}), embedder.name((ROOF,))
    found = mean(*given, title="roof", description="meal lunch canteen kitchen").values
    assert found["A"]["name_meaning_of_title"] == near(float(title @ name))
    assert found["A"]["name_meaning_of_title"] > found["A"]["name_meaning"]


def test_meaning_and_place(mean: Mean) -> None:
    found = mean(provider("A", HERE, name=ROOF), named("B", HERE, profile="roof"))
    for one in found.values.values():
        meant = max(one["name_meaning"], one["profile_meaning"])
        assert one["meaning_and_place"] == near(meant + 0.2 * one["distance_likely"])
    assert found.values["B"]["profile_meaning"] > found.values["B"]["name_meaning"]


def test_meaning_and_place_behind_best(mean: Mean) -> None:
    mine = won("1", named("A", HERE, profile="roof"), title="slate")
    found = mean(mine, provider("B", HERE, name=ROOF), provider("C", HERE, name="Chimney")).values
    together = {i: one["meaning_and_place"] for i, one in found.items()}
    assert together["A"] > together["B"] != together["C"]
    newest = max(together["B"], together["C"])
    for i, one in found.items():
        assert one["meaning_and_place_behind_best"] == near(together[i] - together["A"])
        assert one["meaning_and_place_behind_best_new"] == near(together[i] - newest)


def test_meaning_and_place_behind_best_new_is_zero_without_newcomers(mean: Mean) -> None:
    found = mean(won("1", named("A", HERE), title="roof")).values
    assert found["A"]["meaning_and_place_behind_best_new"] == 0


def test_winners_around_counts_winners_of_contracts_close_in_meaning(mean: Mean) -> None:
    """Half as thick eight kilometres away: here ten."""
    a, b = named("A", HERE), provider("B", TEN, name=ROOF)
    found = mean(won("1", a, title="roof"), b).values
    assert found["A"]["winners_around"] == near(1)
    assert found["B"]["winners_around"] == near(1 / (1 + (10 / 8) ** 2))


def test_winners_here_around_counts_winners_of_contracts_that_share_words(ask: Ask) -> None:
    found = ask(won("1", named("A", HERE)), named("B", TEN, profile="plumbing"))
    assert found["A"]["winners_here_around"] == near(1)
    assert found["B"]["winners_here_around"] == near(1 / (1 + (10 / 8) ** 2))


def test_buyers_winners_around_counts_only_winners_from_this_buyer(ask: Ask) -> None:
    mine = won("1", named("A", HERE), buyer="Walsall Council")
    other = won("2", named("B", FORTY), buyer="Sandwell Council")
    found = ask(mine, other)
    assert found["A"]["buyers_winners_around"] == near(1)
    assert found["B"]["buyers_winners_around"] == near(1 / (1 + (40 / 8) ** 2))


def test_near_named_place_is_nearness_to_the_place_in_the_title(ask: Ask) -> None:
    """Ten who bear the name of the place say where it is; half as near ten kilometres away."""
    local = [provider(f"L{i}", HERE, name=f"Bloxwich Plumbing {i}") for i in range(10)]
    spread = [provider(f"S{i}", code, name="Plumbing") for i, code in enumerate((TEN, FORTY) * 4)]
    found = ask(*local, *spread, title="Plumbing in Bloxwich", postcode=FORTY)
    assert found["L0"]["near_named_place"] == near(1)
    assert found["S0"]["near_named_place"] == near(0.5)
    assert found["S1"]["near_named_place"] == near(0.2)


def test_near_named_place_is_zero_where_the_title_names_no_place(ask: Ask) -> None:
    found = ask(provider("A", HERE, name="Plumbing"), description="In Bloxwich.")
    assert found["A"]["near_named_place"] == 0


# --- a candidate's place among the others ---


def test_newcomers_is_the_share_without_a_known_award(ask: Ask) -> None:
    found = ask(won("1", named("A", HERE)), named("B", HERE, profile="plumbing"))
    assert {one["newcomers"] for one in found.values()} == {0.5}


VALUES = st.lists(st.floats(-50, 50).map(lambda v: round(v, 3)), max_size=40)


@given(VALUES, VALUES, st.integers(0, 2**32))
def test_rank_positions_count_candidates_ahead(
    one: list[float], other: list[float], seed: int
) -> None:
    many = min(len(one), len(other))
    numbers = np.array([one[:many], other[:many]])
    lines = RankPositions.of(numbers.astype(np.float32))
    some = np.random.default_rng(seed).random(many) < 0.4
    ahead, of_some, second = lines.ahead(), lines.ahead_of(some), lines.subset([1]).ahead()
    for row, at in np.ndindex(numbers.shape):
        before = numbers[row] > numbers[row, at]
        assert ahead[row, at] == near(log(1 + before.sum()))
        assert of_some[row, at] == near(log(1 + before[some].sum()))
    assert second.tolist() == ahead[1:].tolist()


def test_values_of_a_very_long_text_have_positions_too() -> None:
    few = np.array([[3.0, 1.0, 2.0]])
    many = RankPositions.of(few * 30_000).ahead()
    assert many.tolist() == RankPositions.of(few).ahead().tolist()


def test_rounding_errors_do_not_change_rank_positions() -> None:
    lines = RankPositions.of(np.array([[0.3, 0.3 + 1e-8, 0.1]]))
    assert lines.ahead()[0].tolist() == near([0, 0, log(3)])


STANDINGS = [n for n, f in FEATURES.items() if f.of]


def test_each_rank_position_belongs_to_a_measured_feature() -> None:
    bases = {FEATURES[n].of for n in STANDINGS}
    assert len(STANDINGS) > len(bases) > 10
    assert bases <= set(FEATURES)


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """The features of two winners, A and B, and of C and D, who won nothing."""
    a, b = provider("A", HERE, name=ROOF), provider("B", TEN, name="Slate Gutter")
    given = [won("1", a, title="roof", value=9.0), won("2", a, b, title="slate roof", value=5.0)]
    new = [provider("C", TEN, name="Chimney"), named("D", FORTY, profile="roof meals")]
    return asking_by_meaning(tmp_path_factory.mktemp("four"))(*given, *new, value=8.0).values


def test_rank_position_is_the_number_of_candidates_ahead(four: dict[str, dict[str, float]]) -> None:
    for name in STANDINGS:
        base = FEATURES[name].of
        among = "CD" if name.endswith("_new") else "ABCD"
        for one in four.values():
            ahead = sum(four[i][base] > one[base] + 1e-5 for i in among)
            assert one[name] == near(log(1 + ahead)), name


def test_rank_position_has_the_signal_of_its_feature() -> None:
    for name in STANDINGS:
        base = FEATURES[FEATURES[name].of]
        new = name.endswith("_new")
        assert FEATURES[name].signal is (Signal.RECORD if new else base.signal), name
        assert FEATURES[name].reason == base.reason, name


# --- what a sentence encoder finds near ---


@dataclass(frozen=True)
class Encoded:
    """The features of a register that an encoder made vectors of, and the encoder's cosines."""

    values: dict[str, dict[str, float]]
    query: Query

    def near(self, said: str) -> float:
        assert self.query.encoded is not None
        vector = tiny().encode([said])[0].astype(np.float64)
        return max(float(vector @ self.query.encoded.vector) / (STORED * QUERY), 0.0)


def encode(folder: Path, *items: Provider | Award) -> Encoded:
    """Ask a register that a sentence encoder made vectors of for a roof."""
    places = line_of_places(folder / "places", 0, 10_000, 40_000, 30_000)
    bundle = Bundle("encoded", "", {}, {}, Knowledge(encoder=tiny(), services=services()))
    register = registered(folder / "reg", places, *items, trust_ids=True, bundle=bundle)
    query = Matcher(register, bundle, Rulebook.open()).query(asked(title="roof"), ANYONE)
    return Encoded(features_of(query, *FEATURES), query)


YOUTH, GRASS, MEAL = "youth work", "grass cutting", "meals"


def three() -> list[Provider | Award]:
    """A says one thing and won two others; B and C are only called something."""
    a = named("A", HERE, profile=MEAL)
    b, c = provider("B", TEN, name=GRASS), provider("C", FORTY, name=YOUTH)
    return [b, c, won("1", a, title=YOUTH), won("2", a, title=GRASS)]


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    return encode(tmp_path_factory.mktemp("coded"), *three())


def test_encoded_offer(coded: Encoded) -> None:
    said = {"A": f"zzza. {MEAL}", "B": GRASS, "C": YOUTH}
    for i, words in said.items():
        assert coded.values[i]["encoded_offer"] == near(coded.near(words))


def test_encoded_past_is_of_the_nearest_contract(coded: Encoded) -> None:
    assert coded.near(YOUTH) != near(coded.near(GRASS))
    assert coded.values["A"]["encoded_past"] == near(max(map(coded.near, (YOUTH, GRASS))))
    assert coded.values["B"]["encoded_past"] == 0


def test_encoded_past_usual(coded: Encoded) -> None:
    usual = (coded.near(YOUTH) + coded.near(GRASS)) / 2
    assert coded.values["A"]["encoded_past_usual"] == near(usual)


def test_encoded_past_uses_only_known_awards(tmp_path: Path) -> None:
    late = replace(won("3", named("A", HERE), title="roof"), day=date(2027, 1, 1))
    found = encode(tmp_path, provider("B", TEN, name=GRASS), late)
    assert found.values["A"]["encoded_past"] == 0


def test_encoded_best(coded: Encoded) -> None:
    for one in coded.values.values():
        assert one["encoded_best"] == near(max(one["encoded_offer"], one["encoded_past"]))


def test_same_services(coded: Encoded) -> None:
    """A says one thing and did two others; B and C are only called something."""
    assert coded.query.encoded is not None
    lot = coded.query.encoded.services
    assert lot is not None

    def shared(said: str) -> float:
        text = services().of_offers(tiny().encode([said]).astype(np.int8))
        return float(text.shared_with(lot)[0])

    said = {"A": (f"zzza. {MEAL}", YOUTH, GRASS), "B": (GRASS,), "C": (YOUTH,)}
    for i, texts in said.items():
        assert coded.values[i]["same_services"] == near(max(map(shared, texts)))


def test_encoded_and_place(coded: Encoded) -> None:
    for one in coded.values.values():
        assert one["encoded_and_place"] == near(one["encoded_best"] + 0.2 * one["distance_likely"])


def behind_best(coded: Encoded, name: str) -> None:
    best = max(one[name] for one in coded.values.values())
    for one in coded.values.values():
        assert one[f"{name}_behind_best"] == near(one[name] - best)


def test_encoded_offer_behind_best(coded: Encoded) -> None:
    behind_best(coded, "encoded_offer")


def test_encoded_best_behind_best(coded: Encoded) -> None:
    behind_best(coded, "encoded_best")


def test_encoded_features_are_zero_without_an_encoder(ask: Ask) -> None:
    found = ask(*three())
    assert {one[name] for one in found.values() for name in BY_ENCODER} == {0.0}


# --- the list of them ---


def test_every_feature_has_a_test_of_its_value() -> None:
    tests = [name for name in globals() if name.startswith("test_")]
    of = [
        max((f for f in FEATURES if t.startswith(f"test_{f}")), key=len, default="") for t in tests
    ]
    elsewhere = {feature.name for feature in payments.FEATURES}  # tests/.../test_payments.py
    untested = sorted(set(FEATURES) - set(of) - set(STANDINGS) - elsewhere)
    assert untested == []


def test_every_feature_has_words_and_a_reason() -> None:
    assert FEATURES
    for name, feature in FEATURES.items():
        assert name == feature.name
        assert name in STANDINGS or name == feature.compute.__name__
        assert feature.words.endswith("."), name
        assert feature.reason in REASONS
        assert feature.signal in Signal


def test_every_feature_that_a_module_makes_is_registered() -> None:
    made = {
        name
        for module in (relevance, record, place, size, encoded, payments)
        for name, value in vars(module).items()
        if isinstance(value, Feature) and value.compute.__module__ == module.__name__
    }
    assert made | set(STANDINGS) == set(FEATURES)
    assert not inspect.isfunction(place.nearness)


def test_each_reason_has_a_sentence() -> None:
    assert tuple(reason_text._WRITERS) == REASONS


@pytest.mark.parametrize("reason", [r for r in REASONS if r != LOT])
def test_each_reason_uses_one_signal_except_comparisons_with_newcomers(reason: str) -> None:
    of = {n: f.signal for n, f in FEATURES.items() if f.reason == reason}
    assert len({signal for n, signal in of.items() if not n.endswith("_standing_new")}) == 1


def test_features_of_the_lot_are_the_same_for_all(ask: Ask) -> None:
    mine = won("1", named("A", HERE, profile="plumbing"), buyer="Walsall Council")
    found = ask(
        mine, named("B", FORTY, profile="roofs"), named("C"), value=900.0, cpv=("45330000",)
    )
    for name in (n for n, f in FEATURES.items() if f.reason == LOT):
        assert len({values[name] for values in found.values()}) == 1, name


@pytest.mark.parametrize("name", shipped())
def test_relevance_ranker_uses_only_relevance(name: str) -> None:
    bundle = Bundle.open(name, FEATURES)
    used = {FEATURES[feature].signal for feature in bundle.ranker_for("relevance").features}
    assert used == {Signal.RELEVANCE}


def test_columns_are_in_the_requested_order(tmp_path: Path) -> None:
    places = line_of_places(tmp_path / "places", 0, 10_000)
    one: Matcher = matcher(tmp_path / "reg", places, named("A", HERE, profile="plumbing"))
    query = one.query(asked(), ANYONE)
    assert features_of(query, "nearness", "is_small")["A"] == {"nearness": 1, "is_small": 0}
    assert list(features_of(query, "is_small", "nearness")["A"]) == ["is_small", "nearness"]
    assert features_of(query) == {"A": {}}


# --- who is ranked at all ---

candidates_with_positions = st.lists(
    st.tuples(*[st.integers(0, 6)] * 3, st.integers(0, 2**64 - 1)),
    max_size=30,
    unique_by=lambda candidate: candidate[3],
)


def _promising(candidates: list[tuple[int, int, int, int]], most: int) -> list[int]:
    positions = np.array([candidate[:3] for candidate in candidates], float).reshape(-1, 3)
    tie_keys = np.array([key for *_, key in candidates], np.uint64)
    return compute.promising(positions, most, tie_keys).tolist()


@given(candidates_with_positions, st.integers(1, 12))
def test_the_lowest_sums_are_ranked_and_tie_keys_decide_among_equals(
    candidates: list[tuple[int, int, int, int]], most: int
) -> None:
    order = sorted(range(len(candidates)), key=lambda n: (sum(candidates[n][:3]), candidates[n][3]))
    assert _promising(candidates, most) == sorted(order[:most])


@given(candidates_with_positions, st.integers(1, 12), st.randoms())
def test_which_candidates_are_ranked_does_not_depend_on_their_order(
    candidates: list[tuple[int, int, int, int]], most: int, random: Any
) -> None:
    moved = random.sample(candidates, len(candidates))
    before = {candidates[n] for n in _promising(candidates, most)}
    assert {moved[n] for n in _promising(moved, most)} == before


def test_without_a_prefilter_every_candidate_is_ranked() -> None:
    found = compute.promising(np.ones((5, 0)), 2, np.arange(5, dtype=np.uint64))
    assert found.tolist() == [0, 1, 2, 3, 4]


def test_the_usual_prefilter_consists_of_rank_positions() -> None:
    assert all(FEATURES[name].of for name in USUAL_PREFILTER)
