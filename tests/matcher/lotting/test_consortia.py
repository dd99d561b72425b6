from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.errors import BadInput
from matcher.core.types import Lot, Size, Status
from matcher.lotting.consortia import MOST_SETS, consortia
from matcher.lotting.consortium import Consortia, Consortium
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from tests.factory import award, provider
from tests.markets import CARE, NEED, RIDES, SANDWELL, WALSALL, carer, market_of
from tests.registers import as_bytes, calibrated

NEEDS = (CARE, RIDES)
TERMS = MarketCriteria(floor=0.05)
WIDE = replace(NEED, title="Help for older people", description="", cpv=(), value=100_000.0)
"""£100,000 in two councils and two parts: a quarter of it asks for an income of about £50,000."""


def found(
    matcher: Matcher, lot: Lot = WIDE, needs: Iterable[str] = NEEDS, **terms: Any
) -> Consortia:
    return consortia(matcher, lot, Request(), replace(TERMS, **terms), tuple(needs))


def wanted(answer: Consortia) -> set[tuple[str, str]]:
    return {(one.part, one.place) for one in answer.needs}


def covered(one: Consortium, without: str = "") -> set[tuple[str, str]]:
    return {(c.part, c.place) for m in one.members if m.id != without for c in m.covers}


def ids(one: Consortium) -> set[str]:
    return {member.id for member in one.members}


def assert_holds(answer: Consortia, terms: MarketCriteria = TERMS) -> None:
    """Every set covers every need, without a redundant member, each within its size."""
    for one in answer.sets:
        assert 2 <= len(one.members) <= 5
        assert covered(one) == wanted(answer)
        for member in one.members:
            assert covered(one, without=member.id) < wanted(answer)
            if member.annual is not None and member.income is not None:
                assert member.annual <= terms.value_to_income * member.income + 0.02
                assert member.fits is True
            assert all(each.evidence for each in member.covers)
        assert abs(sum(member.share for member in one.members) - 1) < 1e-3
        assert one.possible_lead in ids(one)


def test_a_set_covers_each_part_in_each_place_and_needs_each_member(
    three_councils: Matcher,
) -> None:
    answer = found(three_councils)
    assert wanted(answer) == {(p, a) for p in NEEDS for a in ("Walsall", "Sandwell")}
    assert answer.found > 0
    assert answer.complete
    assert_holds(answer)


@settings(max_examples=12, deadline=None)
@given(value=st.floats(1_000, 2_000_000), share=st.floats(0.05, 2))
def test_whatever_the_value_no_member_carries_more_than_it_can(
    three_councils: Matcher, value: float, share: float
) -> None:
    terms = replace(TERMS, value_to_income=share)
    answer = consortia(three_councils, replace(WIDE, value=value), Request(), terms, NEEDS)
    assert_holds(answer, terms)
    everyone = found(three_councils, replace(WIDE, value=None))
    assert answer.found + answer.too_large == everyone.found


def test_the_smallest_and_surest_sets_come_first(three_councils: Matcher) -> None:
    answer = found(three_councils, replace(WIDE, value=None))
    ranked = [(len(one.members), one.size_unknown, -one.weakest) for one in answer.sets]
    assert ranked == sorted(ranked)
    assert len(answer.sets) == min(answer.found, MOST_SETS)


def test_where_one_can_do_all_of_it_that_is_said(three_councils: Matcher) -> None:
    """Carers 6 are in Sandwell and say that they work in Walsall."""
    answer = found(three_councils, needs=(CARE,))
    assert [one.id for one in answer.alone] == ["GB-CHC-6"]
    assert all("GB-CHC-6" not in ids(one) for one in answer.sets)
    assert found(three_councils, replace(WIDE, value=1e6), needs=(CARE,)).alone == ()


def test_large_providers_are_no_members(three_councils: Matcher) -> None:
    answer = found(three_councils, replace(WIDE, area="Walsall, Sandwell, Birmingham"))
    assert all("GB-CHC-7" not in ids(one) for one in answer.sets)


def test_a_need_that_nobody_covers_leaves_no_set_and_is_named(three_councils: Matcher) -> None:
    answer = found(three_councils, needs=(CARE, "Deep sea welding of hulls"))
    assert answer.sets == ()
    assert {one.part for one in answer.uncovered} == {"Deep sea welding of hulls"}
    assert any("No provider is known" in note for note in answer.notes)


def test_an_income_that_is_not_known_is_kept_and_counted(three_councils: Matcher) -> None:
    answer = found(three_councils, needs=(CARE,))
    unsure = [one for one in answer.sets if "GB-CHC-3" in ids(one)]
    assert unsure
    for one in unsure:
        assert one.size_unknown == 1
        assert {m.fits for m in one.members if m.id == "GB-CHC-3"} == {None}


def test_an_umbrella_body_among_the_members_is_the_possible_lead(three_councils: Matcher) -> None:
    answer = found(three_councils, replace(WIDE, value=None))
    led = [one for one in answer.sets if "GB-CHC-13" in ids(one)]
    assert led
    assert all(one.possible_lead == "GB-CHC-13" for one in led)
    assert all("umbrella" in one.why_lead for one in led)
    assert [body.id for body in answer.umbrellas] == ["GB-CHC-13"]


def test_else_who_covers_most_is(three_councils: Matcher) -> None:
    answer = found(three_councils, replace(WIDE, area="Walsall", value=None))
    for one in answer.sets:
        most = max(len(member.covers) for member in one.members)
        (lead,) = [member for member in one.members if member.id == one.possible_lead]
        assert len(lead.covers) == most
        assert "it covers" in one.why_lead


def test_nobody_is_said_to_have_agreed(three_councils: Matcher) -> None:
    answer = found(three_councils)
    assert answer.notes[0].startswith("Nobody named here was asked")
    assert "possible" in Consortium.__dataclass_fields__["possible_lead"].name


def test_what_each_covers_is_shown_by_what_can_be_checked(three_councils: Matcher) -> None:
    answer = found(three_councils, replace(WIDE, value=None), needs=(CARE,))
    told = {
        (member.id, each.place): " ".join(each.evidence)
        for one in answer.sets
        for member in one.members
        for each in member.covers
    }
    for (id_, place), said in told.items():
        assert "Its profile mentions" in said
        assert {"Walsall": "WS", "Sandwell": "B70"}[place] in said or "works in" in said, (
            id_,
            said,
        )
    assert "Won “Home care for older people” (January 2025, a-1)" in told["GB-CHC-1", "Walsall"]


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    """The small market, with providers who have won elsewhere, claim much, or are gone."""
    folder = tmp_path_factory.mktemp("travelled")
    there = replace(NEED, id="a-9", area="Sandwell", title="Home care visits")
    more = (
        carer(21, WALSALL, name="Won There"),
        carer(22, "WV1 1AA", name="Everywhere", areas=("Throughout England", "England")),
        carer(23, WALSALL, SANDWELL, name="Gone", status=Status.DISSOLVED),
        provider("GB-CHC-24", WALSALL, name="Zebra Trust", profile="Zebras", size=Size.SMALL),
        award("a-9", carer(21, WALSALL), lot=there, day=date(2025, 5, 1)),
    )
    return market_of(folder / "reg", places_table, calibrated(folder / "bundle"), *more)


def test_a_past_contract_shows_where_somebody_works(travelled: Matcher) -> None:
    answer = found(travelled, needs=(CARE,))
    assert "GB-CHC-21" in {one.id for one in answer.alone}


def test_who_claims_a_whole_nation_is_not_taken_to_be_in_each_council(travelled: Matcher) -> None:
    answer = found(travelled, needs=(CARE,))
    assert all("GB-CHC-22" not in ids(one) for one in answer.sets)
    assert "GB-CHC-22" not in {one.id for one in answer.alone}


def test_whoever_is_gone_or_does_other_work_is_no_member(travelled: Matcher) -> None:
    answer = found(travelled, replace(WIDE, value=None))
    everybody = set().union(*map(ids, answer.sets)) | {one.id for one in answer.alone}
    assert not {"GB-CHC-23", "GB-CHC-24"} & everybody


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    """Ten carers of Walsall who have won such work, and one who does both but never won any."""
    folder = tmp_path_factory.mktemp("crowded")
    crowd = [carer(n, WALSALL) for n in range(31, 41)]
    there = [replace(NEED, id=f"a-{n}", area="Walsall") for n in range(31, 41)]
    won = [
        award(lot.id, one, lot=lot, day=date(2025, 3, 1))
        for lot, one in zip(there, crowd, strict=True)
    ]
    both = carer(50, WALSALL, name="Both", profile=f"{RIDES}. {CARE}, team 50")
    more = [*crowd, *won, both]
    return market_of(folder / "reg", places_table, calibrated(folder / "bundle"), *more)


def test_who_is_not_among_the_likeliest_of_a_need_is_still_known_to_cover_it(
    crowded: Matcher,
) -> None:
    in_walsall = replace(WIDE, area="Walsall", value=None)
    answer = found(crowded, in_walsall)
    assert {one.part: one.able > 9 for one in answer.needs} == {CARE: True, RIDES: False}
    assert [one.id for one in answer.alone] == ["GB-CHC-50"]
    assert answer.found > 0
    assert all("GB-CHC-50" not in ids(one) for one in answer.sets)
    assert_holds(answer)


def test_that_more_are_able_than_were_looked_among_is_said(
    crowded: Matcher, three_councils: Matcher
) -> None:
    answer = found(crowded, replace(WIDE, area="Walsall", value=None))
    assert not answer.complete
    assert any("Only the 8 most probable" in note for note in answer.notes)
    assert not any("likeliest" in note for note in found(three_councils).notes)


def test_the_same_question_gives_the_same_bytes(three_councils: Matcher) -> None:
    assert as_bytes(found(three_councils)) == as_bytes(found(three_councils))


def test_the_order_of_needs_decides_nothing(three_councils: Matcher) -> None:
    one, other = (found(three_councils, needs=needs) for needs in (NEEDS, NEEDS[::-1]))
    assert [ids(each) for each in one.sets] == [ids(each) for each in other.sets]


def test_what_the_text_lists_is_needed_where_nothing_is_stated(three_councils: Matcher) -> None:
    listed = replace(WIDE, description=f"- {CARE} and visits\n- {RIDES}, daily")
    parts = {one.part for one in found(three_councils, listed, needs=()).needs}
    assert parts == {f"{CARE} and visits", f"{RIDES}, daily"}


def test_a_lot_of_one_thing_in_one_place_has_nothing_to_share_out(three_councils: Matcher) -> None:
    alone = replace(NEED, area="Walsall")
    answer = consortia(three_councils, alone, Request(), TERMS)
    assert answer.sets == ()
    assert any("nothing to share" in note for note in answer.notes)


def test_an_area_that_is_not_known_is_not_dropped_without_a_word(three_councils: Matcher) -> None:
    answer = found(three_councils, replace(WIDE, area="Walsall, Sandwel"))
    assert {one.place for one in answer.needs} == {"Walsall"}
    assert any("area 'Sandwel' is not a council" in note for note in answer.notes)


def test_without_a_place_where_members_work_is_not_asked(three_councils: Matcher) -> None:
    answer = found(three_councils, replace(WIDE, area="", buyer=""))
    assert {one.place for one in answer.needs} == {"a place that is not known"}
    assert any("were not checked" in note for note in answer.notes)
    assert answer.found > 0


@pytest.mark.parametrize(
    ("lot", "needs", "said"),
    [
        (WIDE, (CARE, "of the"), "a need has no words"),
        (WIDE, tuple(f"{CARE} {n}" for n in range(13)), "at most 12"),
        (replace(WIDE, area="West Midlands"), (CARE, RIDES), "at most 48"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    three_councils: Matcher, lot: Lot, needs: tuple[str, ...], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        found(three_councils, lot, needs)


def test_no_two_sets_are_of_the_same_members(three_councils: Matcher) -> None:
    answer = found(three_councils, replace(WIDE, value=None))
    assert all(ids(one) != ids(other) for one, other in combinations(answer.sets, 2))
    assert "Riders 11" in {m.name for one in answer.sets for m in one.members}
