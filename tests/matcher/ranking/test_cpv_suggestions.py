from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.cpv import category_name
from matcher.core.errors import NotLawful
from matcher.law.rulebook import Rulebook
from matcher.law.types import Purpose
from matcher.ranking.cpv_suggestions import CodeVotes, note_on_codes
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from models.bundle import Bundle
from models.knowledge import Knowledge
from tests.encoders import services, tiny
from tests.factory import award, lot, provider
from tests.registers import matcher, registered

LAUNDRY, MOWING, ADVICE = "98310000", "77314000", "85312310"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    """Awards of laundry, mowing and debt advice, three of each."""
    firm = provider("GB-CHC-1", "WS1 1TP", profile="Laundry, mowing and debt advice.")
    kinds = {LAUNDRY: "Laundry of bed linen", MOWING: "Mowing of verges", ADVICE: "Debt advice"}
    awards = [
        award(f"{code}-{n}", firm, lot=lot(id=f"{code}-{n}", title=title, cpv=(code,)))
        for code, title in kinds.items()
        for n in range(3)
    ]
    folder = tmp_path_factory.mktemp("cpv")
    return matcher(folder, places_table, firm, *awards)


def test_the_codes_of_awards_with_similar_words_are_suggested(one: Matcher) -> None:
    answer = one.shortlist(lot(title="Laundry of linen", cpv=()))
    first = answer.cpv_suggestions[0]
    assert (first.code, 0 < first.likelihood <= 1) == (LAUNDRY, True)
    assert any(LAUNDRY in note and "confirm the kind of contract" in note for note in answer.notes)


def test_a_lot_with_codes_or_like_no_award_gets_none(one: Matcher) -> None:
    assert one.shortlist(lot(title="Laundry", cpv=(MOWING,))).cpv_suggestions == ()
    assert one.shortlist(lot(title="Zeppelin hire", cpv=())).cpv_suggestions == ()


def encoding(folder: Path, places: Path, *awarded: tuple[str, str]) -> Matcher:
    """With a tiny encoder and its services, over awards with these titles and codes."""
    knowledge = Knowledge(encoder=tiny(), services=services())
    bundle = replace(Bundle.open("hand", FEATURES), knowledge=knowledge)
    firm = provider("GB-CHC-1", "WS1 1TP", profile="Work of every kind")
    awards = [
        award(f"w{n}", firm, lot=lot(id=f"w{n}", title=title, cpv=(code,)))
        for n, (title, code) in enumerate(awarded)
    ]
    register = registered(folder, places, firm, *awards, bundle=bundle)
    return Matcher(register, bundle, Rulebook.open())


def test_the_services_that_a_lot_is_read_as_suggest_their_codes(
    tmp_path: Path, places_table: Path
) -> None:
    over = encoding(tmp_path, places_table, ("Zeppelin hire", "60440000"))
    answer = over.shortlist(lot(title="Roofing", cpv=()))
    assert answer.read_as[0] == "roofing"
    assert answer.cpv_suggestions[0].code == "45261000"
    assert any("awards and services, the likeliest first: 45261000" in n for n in answer.notes)


def test_an_award_in_the_words_of_the_lot_counts_more_than_services(
    tmp_path: Path, places_table: Path
) -> None:
    over = encoding(tmp_path, places_table, ("Roofing", "45260000"), ("Meals", "55520000"))
    assert over.shortlist(lot(title="Roofing", cpv=())).cpv_suggestions[0].code == "45260000"


def test_the_shares_of_awards_and_services_make_less_than_one(
    tmp_path: Path, places_table: Path
) -> None:
    over = encoding(tmp_path, places_table, ("Roofing", "45260000"))
    shares = [share for _, share in over.code_votes(lot(title="Roofing", cpv=())).shares]
    assert 0.9 < sum(shares) < 1


def test_a_suggestion_never_loosens_a_refusal(one: Matcher) -> None:
    asked = lot(title="Debt advice", value=400_000.0, value_is_gross=True, buyer_kind="council")
    votes = one.code_votes(asked)
    assert votes.light_touch(one.rulebook.light_touch) > 0.8
    with pytest.raises(NotLawful, match="goods and services"):
        one.shortlist(asked, Request(Purpose.INVITE))


def test_of_one_class_only_the_likeliest_code_is_suggested() -> None:
    votes = CodeVotes(((("85312310",), 0.5), (("85312320",), 0.3), (("77314000",), 0.1)))
    assert [each.code for each in votes.suggestions()] == ["85312310", "77314000"]


def test_a_code_is_named_by_its_own_work_and_not_by_its_group() -> None:
    votes = CodeVotes(((("90650000",), 0.5), (("50432000",), 0.3), (("98336000",), 0.1)))
    assert [each.name for each in votes.suggestions()] == [
        "Asbestos removal",
        "Clock and watch repair",
        "Exercise and fitness classes",
    ]


SHARES = st.lists(
    st.tuples(
        st.lists(st.sampled_from([LAUNDRY, "98311000", MOWING, "77310000", ADVICE]), min_size=1,
                 max_size=3, unique=True).map(tuple),
        st.floats(0.01, 1),
    ),
    max_size=8,
)  # fmt: skip


@given(SHARES)
def test_the_figure_of_a_code_is_in_the_order_of_the_codes(
    shares: list[tuple[tuple[str, ...], float]],
) -> None:
    total = sum(share for _, share in shares)
    votes = CodeVotes(tuple((codes, share / total) for codes, share in shares))
    figures = [each.likelihood for each in votes.suggestions()]
    assert figures == sorted(figures, reverse=True)
    assert all(0 < figure <= 1 for figure in figures)


def test_a_code_counts_with_its_class_and_the_note_has_no_figure_for_it(one: Matcher) -> None:
    votes = CodeVotes((((MOWING,), 0.3), ((ADVICE,), 0.25), (("85312320",), 0.25)))
    first, second = votes.suggestions()
    assert (first.code, first.likelihood) == (ADVICE, (0.25 + 0.5) / 2)
    assert (second.code, second.likelihood) == (MOWING, 0.3)
    codes = note_on_codes(votes, one.rulebook.light_touch).partition(".")[0]
    assert codes.startswith("CPV codes of similar past awards, the likeliest first: 85312310")
    assert "%" not in codes


def test_codes_of_one_name_are_named_once(one: Matcher) -> None:
    votes = CodeVotes(((("79100000",), 0.4), ((MOWING,), 0.3), (("79111000",), 0.2)))
    name, other = category_name("79100000"), category_name(MOWING)
    assert name == category_name("79111000")
    said = f"likeliest first: 79100000 and 79111000 {name}; {MOWING} {other}."
    assert said in note_on_codes(votes, one.rulebook.light_touch)


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.95, "probably light touch (95%"), (0.5, "not clear"), (0.05, "probably not light touch")],
)
def test_below_the_bound_the_kind_of_contract_is_not_clear(
    one: Matcher, share: float, words: str
) -> None:
    votes = CodeVotes((((ADVICE,), share), ((MOWING,), 1 - share)))
    assert words in note_on_codes(votes, one.rulebook.light_touch)
    assert note_on_codes(CodeVotes(()), one.rulebook.light_touch) == ""
