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
"""£100,000 in two councils and two parts: a quarter of it needs an income of about £50,000."""


def searched(
    matcher: Matcher, lot: Lot = WIDE, needs: Iterable[str] = NEEDS, **terms: Any
) -> Consortia:
    return consortia(matcher, lot, Request(), replace(TERMS, **terms), tuple(needs))


def needs_of(answer: Consortia) -> set[tuple[str, str]]:
    return {(need.part, need.place) for need in answer.needs}


def covered(consortium: Consortium, without: str = "") -> set[tuple[str, str]]:
    return {
        (c.part, c.place)
        for member in consortium.members
        if member.id != without
        for c in member.covers
    }


def ids(consortium: Consortium) -> set[str]:
    return {member.id for member in consortium.members}


def assert_holds(answer: Consortia, terms: MarketCriteria = TERMS) -> None:
    """Every set covers every need, without a redundant member, each within its size."""
    for found in answer.sets:
        assert 2 <= len(found.members) <= 5
        assert covered(found) == needs_of(answer)
        for member in found.members:
            assert covered(found, without=member.id) < needs_of(answer)
            if member.annual is not None and member.income is not None:
                assert member.annual <= terms.value_to_income * member.income + 0.02
                assert member.fits is True
            assert all(cover.evidence for cover in member.covers)
        assert abs(sum(member.share for member in found.members) - 1) < 1e-3
        assert found.possible_lead in ids(found)


def test_sets_cover_every_need_without_redundant_members(
    three_councils: Matcher,
) -> None:
    answer = searched(three_councils)
    assert needs_of(answer) == {(p, a) for p in NEEDS for a in ("Walsall", "Sandwell")}
    assert answer.found > 0
    assert answer.complete
    assert_holds(answer)


@settings(max_examples=12, deadline=None)
@given(value=st.floats(1_000, 2_000_000), share=st.floats(0.05, 2))
def test_no_member_has_a_share_too_large_for_its_income(
    three_councils: Matcher, value: float, share: float
) -> None:
    terms = replace(TERMS, value_to_income=share)
    answer = consortia(three_councils, replace(WIDE, value=value), Request(), terms, NEEDS)
    assert_holds(answer, terms)
    without_value = searched(three_councils, replace(WIDE, value=None))
    assert answer.found + answer.too_large == without_value.found


def test_smallest_and_most_probable_sets_come_first(three_councils: Matcher) -> None:
    answer = searched(three_councils, replace(WIDE, value=None))
    ranked = [(len(found.members), found.size_unknown, -found.weakest) for found in answer.sets]
    assert ranked == sorted(ranked)
    assert len(answer.sets) == min(answer.found, MOST_SETS)


def test_provider_that_covers_everything_is_listed_alone(three_councils: Matcher) -> None:
    """Carers 6 is in Sandwell and says that it works in Walsall."""
    answer = searched(three_councils, needs=(CARE,))
    assert [provider.id for provider in answer.alone] == ["GB-CHC-6"]
    assert all("GB-CHC-6" not in ids(found) for found in answer.sets)
    assert searched(three_councils, replace(WIDE, value=1e6), needs=(CARE,)).alone == ()


def test_large_providers_are_not_members(three_councils: Matcher) -> None:
    answer = searched(three_councils, replace(WIDE, area="Walsall, Sandwell, Birmingham"))
    assert all("GB-CHC-7" not in ids(found) for found in answer.sets)


def test_need_without_providers_is_listed_and_leaves_no_sets(three_councils: Matcher) -> None:
    answer = searched(three_councils, needs=(CARE, "Deep sea welding of hulls"))
    assert answer.sets == ()
    assert {need.part for need in answer.uncovered} == {"Deep sea welding of hulls"}
    assert any("No provider is known" in note for note in answer.notes)


def test_members_of_unknown_income_are_kept_and_counted(three_councils: Matcher) -> None:
    answer = searched(three_councils, needs=(CARE,))
    unsure = [found for found in answer.sets if "GB-CHC-3" in ids(found)]
    assert unsure
    for found in unsure:
        assert found.size_unknown == 1
        assert {member.fits for member in found.members if member.id == "GB-CHC-3"} == {None}


def test_umbrella_body_is_the_possible_lead(three_councils: Matcher) -> None:
    answer = searched(three_councils, replace(WIDE, value=None))
    led = [found for found in answer.sets if "GB-CHC-13" in ids(found)]
    assert led
    assert all(found.possible_lead == "GB-CHC-13" for found in led)
    assert all("umbrella" in found.why_lead for found in led)
    assert [body.id for body in answer.umbrellas] == ["GB-CHC-13"]


def test_member_that_covers_most_is_otherwise_the_possible_lead(three_councils: Matcher) -> None:
    answer = searched(three_councils, replace(WIDE, area="Walsall", value=None))
    for found in answer.sets:
        most = max(len(member.covers) for member in found.members)
        (lead,) = [member for member in found.members if member.id == found.possible_lead]
        assert len(lead.covers) == most
        assert "it covers" in found.why_lead


def test_notes_say_that_nobody_has_agreed(three_councils: Matcher) -> None:
    answer = searched(three_councils)
    assert answer.notes[0].startswith("Nobody named here was asked")
    assert "possible" in Consortium.__dataclass_fields__["possible_lead"].name


def test_each_cover_has_evidence_of_work_and_place(three_councils: Matcher) -> None:
    answer = searched(three_councils, replace(WIDE, value=None), needs=(CARE,))
    evidence = {
        (member.id, cover.place): " ".join(cover.evidence)
        for found in answer.sets
        for member in found.members
        for cover in member.covers
    }
    for (id_, place), sentences in evidence.items():
        assert "Its profile mentions" in sentences
        assert {"Walsall": "WS", "Sandwell": "B70"}[
            place
        ] in sentences or "works in" in sentences, (
            id_,
            sentences,
        )
    assert "Won “Home care for older people” (January 2025, a-1)" in evidence["GB-CHC-1", "Walsall"]


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    """The small market, with providers that won elsewhere, claim to work nationwide or are gone."""
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


def test_past_contract_is_evidence_of_place(travelled: Matcher) -> None:
    answer = searched(travelled, needs=(CARE,))
    assert "GB-CHC-21" in {provider.id for provider in answer.alone}


def test_claim_to_work_nationwide_is_not_evidence_of_place(travelled: Matcher) -> None:
    answer = searched(travelled, needs=(CARE,))
    assert all("GB-CHC-22" not in ids(found) for found in answer.sets)
    assert "GB-CHC-22" not in {provider.id for provider in answer.alone}


def test_inactive_and_unrelated_providers_are_not_members(travelled: Matcher) -> None:
    answer = searched(travelled, replace(WIDE, value=None))
    members = set().union(*map(ids, answer.sets)) | {provider.id for provider in answer.alone}
    assert not {"GB-CHC-23", "GB-CHC-24"} & members


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    """Ten care providers of Walsall that won such work, and a provider of both that won none."""
    folder = tmp_path_factory.mktemp("crowded")
    crowd = [carer(n, WALSALL) for n in range(31, 41)]
    there = [replace(NEED, id=f"a-{n}", area="Walsall") for n in range(31, 41)]
    won = [
        award(lot.id, winner, lot=lot, day=date(2025, 3, 1))
        for lot, winner in zip(there, crowd, strict=True)
    ]
    both = carer(50, WALSALL, name="Both", profile=f"{RIDES}. {CARE}, team 50")
    more = [*crowd, *won, both]
    return market_of(folder / "reg", places_table, calibrated(folder / "bundle"), *more)


def test_provider_outside_the_most_probable_of_a_need_can_still_cover_everything(
    crowded: Matcher,
) -> None:
    in_walsall = replace(WIDE, area="Walsall", value=None)
    answer = searched(crowded, in_walsall)
    assert {need.part: need.able > 9 for need in answer.needs} == {CARE: True, RIDES: False}
    assert [provider.id for provider in answer.alone] == ["GB-CHC-50"]
    assert answer.found > 0
    assert all("GB-CHC-50" not in ids(found) for found in answer.sets)
    assert_holds(answer)


def test_note_says_where_more_providers_are_possible_than_were_considered(
    crowded: Matcher, three_councils: Matcher
) -> None:
    answer = searched(crowded, replace(WIDE, area="Walsall", value=None))
    assert not answer.complete
    assert any("Only the 8 most probable" in note for note in answer.notes)
    assert not any("likeliest" in note for note in searched(three_councils).notes)


def test_same_request_gives_the_same_bytes(three_councils: Matcher) -> None:
    assert as_bytes(searched(three_councils)) == as_bytes(searched(three_councils))


def test_order_of_needs_does_not_matter(three_councils: Matcher) -> None:
    first, second = (searched(three_councils, needs=needs) for needs in (NEEDS, NEEDS[::-1]))
    assert [ids(found) for found in first.sets] == [ids(found) for found in second.sets]


def test_parts_in_the_text_are_the_needs_where_none_are_stated(three_councils: Matcher) -> None:
    listed = replace(WIDE, description=f"- {CARE} and visits\n- {RIDES}, daily")
    parts = {need.part for need in searched(three_councils, listed, needs=()).needs}
    assert parts == {f"{CARE} and visits", f"{RIDES}, daily"}


def test_lot_with_one_need_has_no_sets(three_councils: Matcher) -> None:
    alone = replace(NEED, area="Walsall")
    answer = consortia(three_councils, alone, Request(), TERMS)
    assert answer.sets == ()
    assert any("nothing to share" in note for note in answer.notes)


def test_unknown_area_is_noted(three_councils: Matcher) -> None:
    answer = searched(three_councils, replace(WIDE, area="Walsall, Sandwel"))
    assert {need.place for need in answer.needs} == {"Walsall"}
    assert any("area 'Sandwel' is not a council" in note for note in answer.notes)


def test_places_are_not_checked_where_the_lot_has_none(three_councils: Matcher) -> None:
    answer = searched(three_councils, replace(WIDE, area="", buyer=""))
    assert {need.place for need in answer.needs} == {"a place that is not known"}
    assert any("were not checked" in note for note in answer.notes)
    assert answer.found > 0


@pytest.mark.parametrize(
    ("lot", "needs", "message"),
    [
        (WIDE, (CARE, "of the"), "a need has no words"),
        (WIDE, tuple(f"{CARE} {n}" for n in range(13)), "at most 12"),
        (replace(WIDE, area="West Midlands"), (CARE, RIDES), "at most 48"),
    ],
)
def test_needs_that_cannot_be_searched_are_refused(
    three_councils: Matcher, lot: Lot, needs: tuple[str, ...], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        searched(three_councils, lot, needs)


def test_no_two_sets_have_the_same_members(three_councils: Matcher) -> None:
    answer = searched(three_councils, replace(WIDE, value=None))
    assert all(ids(first) != ids(second) for first, second in combinations(answer.sets, 2))
    assert "Riders 11" in {member.name for found in answer.sets for member in found.members}


@settings(max_examples=12, deadline=None)
@given(parts=st.integers(2, 7), pence=st.integers(100_000, 10_000_000_000))
def test_shares_of_the_members_add_up_to_the_value_of_the_lot(
    three_councils: Matcher, parts: int, pence: int
) -> None:
    wide = replace(WIDE, value=pence / 100)
    needs = (RIDES, *(f"{CARE} {n}" for n in range(1, parts)))
    answer = searched(three_councils, wide, needs, value_to_income=10)
    assert answer.found + answer.too_large > 0
    for found in answer.sets:
        annual = [member.annual or 0.0 for member in found.members]
        assert sum(annual) == pytest.approx(pence / 100, abs=0.005 * len(annual) + 1e-6)
