from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadLot, NotLawful
from matcher.core.types import Lot
from matcher.law.gate import Ruling, gate
from matcher.law.procurement import ProcurementFacts
from matcher.law.rulebook import Rulebook
from matcher.law.scope import SMALL, LocalArea, Scope
from matcher.law.summary import summarize
from matcher.law.types import Contract, Purpose, Signal
from tests.factory import lot

BOOK = Rulebook.open()
MAY_2026 = date(2026, 5, 1)
EVERYONE = Scope()
WALSALL = LocalArea("Walsall", councils=frozenset({"E08000030"}))
HOME_CARE = ("85312000",)
CLEANING = ("90910000",)
UNRESERVED = (Purpose.INVITE, EVERYONE)
RESERVED = (Purpose.RESERVED, Scope(areas=(WALSALL,)))


def bought(**fields: Any) -> Lot:
    """A council's cleaning contract of a gross value unless told otherwise."""
    given = {"buyer_kind": "council", "cpv": CLEANING, "value_is_gross": True, "value": 120_000.0}
    return lot(**{**given, **fields})


def ruled(subject: Lot, purpose: Purpose, scope: Scope = EVERYONE, **case: Any) -> Ruling:
    facts = ProcurementFacts(subject, **{"on": MAY_2026, "nation": "England", **case})
    return gate(BOOK, facts, purpose, scope)


def refusal(subject: Lot, purpose: Purpose, scope: Scope = EVERYONE, **case: Any) -> NotLawful:
    with pytest.raises(NotLawful) as caught:
        ruled(subject, purpose, scope, **case)
    return caught.value


# --- thresholds ---


@pytest.mark.parametrize(("purpose", "scope"), [UNRESERVED, RESERVED])
@pytest.mark.parametrize(
    ("fields", "case", "at"),
    [
        ({}, {}, 207_720),
        ({"category": "services"}, {}, 207_720),
        ({"category": "goods", "cpv": HOME_CARE}, {}, 207_720),
        ({"cpv": (*HOME_CARE, *CLEANING)}, {}, 207_720),
        ({"cpv": HOME_CARE}, {}, 663_540),
        ({"category": "works", "cpv": ()}, {}, 5_193_000),
        ({"category": "works", "cpv": ("45432100", *CLEANING)}, {}, 5_193_000),
        ({"category": "works", "cpv": (*CLEANING, "45432100")}, {}, 5_193_000),
        ({"category": "works"}, {}, 207_720),
        ({"category": "works", "cpv": HOME_CARE}, {}, 663_540),
        ({"cpv": ("45432100", *CLEANING)}, {}, 5_193_000),
        ({"cpv": (*CLEANING, "45432100")}, {}, 207_720),
        ({"cpv": ("45452000", "90910000", "90911200")}, {}, 207_720),
        ({"cpv": ("45210000",)}, {}, 5_193_000),
        ({}, {"contract": Contract.CONCESSION}, 5_193_000),
        ({"cpv": HOME_CARE}, {"contract": Contract.GOODS_SERVICES}, 207_720),
        ({"buyer_kind": "central government"}, {}, 135_018),
    ],
)
def test_refused_at_the_threshold_and_allowed_a_penny_below(
    purpose: Purpose, scope: Scope, fields: dict[str, Any], case: dict[str, Any], at: int
) -> None:
    refused = refusal(bought(**fields, value=float(at)), purpose, scope, **case)
    assert (refused.rule, refused.offer) == ("PA2023-thresholds", "engagement")
    assert f"£{at:,}" in str(refused)
    below = ruled(bought(**fields, value=at - 0.01), purpose, scope, **case)
    assert below.threshold is not None
    assert below.threshold.amount == at


@pytest.mark.parametrize(("value", "allowed"), [(214_903.99, True), (214_904.0, False)])
def test_a_2025_date_uses_the_threshold_of_2025(value: float, allowed: bool) -> None:
    subject = bought(value=value)
    if allowed:
        assert ruled(subject, Purpose.INVITE, on=date(2025, 12, 31)).counts
    else:
        assert refusal(subject, Purpose.INVITE, on=date(2025, 12, 31)).rule == "PA2023-thresholds"
    assert refusal(subject, Purpose.INVITE, on=date(2026, 1, 1)).rule == "PA2023-thresholds"


@given(value=st.floats(0, 1e9), net=st.booleans())
def test_invite_is_open_exactly_below_the_threshold(value: float, net: bool) -> None:
    subject = bought(value=value, value_is_gross=not net)
    if (round(value * 1.2, 2) if net else value) < 207_720:
        assert ruled(subject, Purpose.INVITE).counts == {Signal.RELEVANCE}
    else:
        assert refusal(subject, Purpose.INVITE).rule == "PA2023-thresholds"


@pytest.mark.parametrize(("purpose", "scope"), [UNRESERVED, RESERVED])
def test_no_list_but_engagement_is_given_until_a_year_or_in_all_is_known(
    purpose: Purpose, scope: Scope
) -> None:
    unclear = bought(value=120_000.0, value_if_whole=40_000.0)
    refused = refusal(unclear, purpose, scope, buyer_area=WALSALL)
    assert (refused.rule, refused.offer) == ("PA2023-sch3", "engagement")
    assert "value_period: Is £40,000 for a year or in all?" in str(refused)
    assert "each year (£120,000 in all)" in str(refused)
    assert "the whole contract (£40,000 in all)" in str(refused)
    assert "Give 'year' or 'whole'" in str(refused)
    assert any("for a year or in all" in note for note in ruled(unclear, Purpose.ENGAGEMENT).notes)
    ruled(bought(value=40_000.0), purpose, scope, buyer_area=WALSALL)


def test_vat_is_added_to_a_value_without_it_and_noted() -> None:
    refused = refusal(bought(value=173_100.0, value_is_gross=False), Purpose.INVITE)
    assert "£207,720 (with 20% VAT added) is at or over £207,720" in str(refused)
    ruling = ruled(bought(value=100_000.0, value_is_gross=False), Purpose.INVITE)
    assert ruling.value == 120_000
    assert "VATA1994-s2" in ruling.rule_ids
    assert any("compared as £120,000" in note for note in ruling.notes)


def test_unknown_value_is_allowed_with_a_note_to_confirm_it() -> None:
    ruling = ruled(bought(value=None), Purpose.INVITE)
    assert any("not known" in note and "£207,720" in note for note in ruling.notes)


def test_all_lots_together_are_what_is_compared() -> None:
    small_lot = bought(value=60_000.0)
    assert ruled(small_lot, Purpose.INVITE, whole_value=180_000.0).value == 180_000
    assert refusal(small_lot, Purpose.INVITE, whole_value=300_000.0).rule == "PA2023-thresholds"


def test_a_whole_smaller_than_its_lot_does_not_hide_the_lot() -> None:
    refused = refusal(bought(value=300_000.0), Purpose.INVITE, whole_value=1.0)
    assert refused.rule == "PA2023-thresholds"


@pytest.mark.parametrize("value", [-5.0, float("nan"), float("inf")])
def test_value_that_is_no_amount_is_refused_naming_the_field(value: float) -> None:
    with pytest.raises(BadLot, match=r"value .* pounds"):
        ruled(bought(value=value), Purpose.INVITE)
    with pytest.raises(BadLot, match=r"whole_value .* pounds"):
        ruled(bought(), Purpose.INVITE, whole_value=value)


@pytest.mark.parametrize(("value", "said"), [(29_999.99, False), (30_000.0, True)])
def test_from_30_000_the_notice_is_mentioned(value: float, said: bool) -> None:
    notes = ruled(bought(value=value), Purpose.INVITE).notes
    assert any("£30,000" in note for note in notes) is said


def test_before_the_rulebook_begins_only_engagement_is_open() -> None:
    eve = date(2025, 2, 23)
    assert "24 February 2025" in str(refusal(bought(), Purpose.INVITE, on=eve))
    ruling = ruled(bought(), Purpose.ENGAGEMENT, on=eve)
    assert ruling.rule_ids == ()
    assert any("24 February 2025" in note for note in ruling.notes)


@pytest.mark.parametrize(("day", "said"), [(date(2027, 12, 31), False), (date(2028, 1, 1), True)])
def test_a_note_warns_after_the_revision_of_the_thresholds_is_due(day: date, said: bool) -> None:
    assert (BOOK.review_words in ruled(bought(), Purpose.INVITE, on=day).notes) is said


# --- engagement ---


def test_engagement_lets_every_signal_count_at_any_value() -> None:
    ruling = ruled(bought(value=9e6), Purpose.ENGAGEMENT, Scope(within_km=30, sizes=SMALL))
    assert ruling.counts == set(Signal)
    assert ruling.neutral == ()
    assert ruling.scope == Scope(within_km=30, sizes=SMALL)
    assert any("only for market engagement" in note for note in ruling.notes)


def test_engagement_below_threshold_does_not_mention_open_advertising() -> None:
    assert not any(
        "only for market engagement" in n for n in ruled(bought(), Purpose.ENGAGEMENT).notes
    )


@pytest.mark.parametrize("purpose", Purpose)
def test_every_ruling_notes_that_it_is_not_legal_advice(purpose: Purpose) -> None:
    scope = Scope(uk=True) if purpose is Purpose.RESERVED else EVERYONE
    assert any("not legal advice" in note for note in ruled(bought(), purpose, scope).notes)


# --- invite ---


def test_invite_counts_relevance_alone_and_names_the_rest_with_their_rules() -> None:
    ruling = ruled(bought(), Purpose.INVITE)
    assert ruling.counts == {Signal.RELEVANCE}
    assert {row.signal: row.rule for row in ruling.neutral} == {
        Signal.PLACE: "LGA1988-s17",
        Signal.SIZE: "PA2023-s85",
        Signal.RECORD: "PA2023-s85",
    }
    assert ruling.scope.everyone
    assert ruling.notice_sentence == ""


@given(
    within_km=st.none() | st.floats(0, 500),
    area=st.booleans(),
    neighbours=st.booleans(),
    uk=st.booleans(),
    sizes=st.none() | st.just(SMALL),
    vcse=st.booleans(),
)
def test_invite_allows_no_narrowing_whatever(
    within_km: float | None,
    area: bool,
    neighbours: bool,
    uk: bool,
    sizes: Any,
    vcse: bool,
) -> None:
    areas = (WALSALL,) if area else ()
    scope = Scope(within_km, areas, neighbours, uk, sizes, vcse)
    if scope.everyone:
        assert ruled(bought(), Purpose.INVITE, scope).scope.everyone
    else:
        rule = "LGA1988-s17" if scope.by_place else "PA2023-s85"
        assert refusal(bought(), Purpose.INVITE, scope).rule == rule


def test_place_in_an_invitation_of_central_government_is_refused_by_its_own_rule() -> None:
    subject = bought(buyer_kind="central government")
    assert refusal(subject, Purpose.INVITE, Scope(within_km=30)).rule == "PPN-005"


def test_rule_ids_and_sources_run_side_by_side() -> None:
    ruling = ruled(bought(), Purpose.INVITE)
    assert [BOOK.rule(name).source for name in ruling.rule_ids] == list(ruling.sources)


def test_a_rule_not_yet_in_force_is_not_cited() -> None:
    assert "UKGDPR-22A" not in ruled(bought(), Purpose.INVITE, on=date(2026, 2, 4)).rule_ids
    assert "UKGDPR-22A" in ruled(bought(), Purpose.INVITE, on=date(2026, 2, 5)).rule_ids


# --- whose law ---


@pytest.mark.parametrize("nation", ["Scotland", "Wales", "Northern Ireland", "Isle of Man"])
@pytest.mark.parametrize(("purpose", "scope"), [UNRESERVED, RESERVED])
def test_a_buyer_outside_england_is_offered_engagement_only(
    nation: str, purpose: Purpose, scope: Scope
) -> None:
    refused = refusal(bought(), purpose, scope, nation=nation)
    assert (refused.rule, refused.offer) == ("ENGLAND-ONLY", "engagement")
    assert nation in str(refused)
    ruling = ruled(bought(), Purpose.ENGAGEMENT, nation=nation)
    assert ruling.rule_ids == ("ENGLAND-ONLY",)
    assert any(nation in note for note in ruling.notes)


@pytest.mark.parametrize("value", [70_000.0, 9e6])
def test_no_threshold_and_no_act_of_england_is_told_to_a_buyer_elsewhere(value: float) -> None:
    ruling = ruled(bought(value=value), Purpose.ENGAGEMENT, nation="Scotland")
    assert ruling.threshold is None
    told = " ".join(ruling.notes)
    assert "not legal advice" in told
    for words in ("threshold", "light touch", "Local Government Act", "Procurement Act 2023"):
        assert words not in told
    english = " ".join(ruled(bought(value=value), Purpose.ENGAGEMENT, nation="England").notes)
    assert "Local Government Act" in english


def test_an_unknown_nation_is_assumed_to_be_england_and_noted() -> None:
    notes = ruled(bought(), Purpose.INVITE, nation=" ").notes
    assert any("nation is not known" in note for note in notes)


def test_an_unknown_kind_of_buyer_is_assumed_to_be_a_council_and_noted() -> None:
    ruling = ruled(bought(buyer_kind=""), Purpose.INVITE)
    assert ruling.threshold is not None
    assert ruling.threshold.amount == 207_720
    assert any("assumed to be a council" in note for note in ruling.notes)


def test_misspelt_kind_of_buyer_is_refused_unless_the_list_is_for_engagement() -> None:
    subject = bought(buyer_kind="centrl government")
    with pytest.raises(BadLot, match=r"centrl government.*central government"):
        ruled(subject, Purpose.INVITE)
    notes = ruled(subject, Purpose.ENGAGEMENT).notes
    assert any("assumed to be a council" in note for note in notes)


# --- health care, which another regime governs ---

REGIME = "Provider Selection Regime"


def _names_the_regime(subject: Lot, **case: Any) -> bool:
    ruling = ruled(subject, Purpose.ENGAGEMENT, **case)
    facts = ProcurementFacts(subject, **{"on": MAY_2026, "nation": "England", **case})
    said = [any(REGIME in note for note in ruling.notes)]
    said.append(REGIME in summarize(BOOK, facts).contract_words)
    assert len(set(said)) == 1
    return said[0]


@pytest.mark.parametrize("contract", [Contract.LIGHT_TOUCH, Contract.LIGHT_TOUCH_CONCESSION, None])
@pytest.mark.parametrize("code", ["85100000", "85323000", "85312500", "85000000"])
def test_the_regime_of_health_care_is_named_whether_light_touch_is_chosen_or_read(
    contract: Contract | None, code: str
) -> None:
    assert _names_the_regime(bought(cpv=(code,)), contract=contract)
    assert _names_the_regime(bought(cpv=("33100000", code)), contract=contract)


def test_without_a_code_the_regime_is_named_only_where_light_touch_is_chosen() -> None:
    assert _names_the_regime(bought(cpv=()), contract=Contract.LIGHT_TOUCH)
    assert not _names_the_regime(bought(cpv=()))
    assert not _names_the_regime(bought(cpv=()), contract=Contract.WORKS)


@pytest.mark.parametrize("code", ["55520000", "80410000", "85200000", "90910000"])
def test_the_regime_is_not_named_for_other_services(code: str) -> None:
    assert not _names_the_regime(bought(cpv=(code,)), contract=Contract.LIGHT_TOUCH)
    assert not _names_the_regime(bought(cpv=(code,)))


def test_the_regime_is_named_to_those_who_buy_under_it_in_england() -> None:
    light = {"contract": Contract.LIGHT_TOUCH}
    health = ("85100000",)
    assert _names_the_regime(bought(cpv=health, buyer_kind="sub-central"), **light)
    assert not _names_the_regime(bought(cpv=health, buyer_kind="utility"), **light)
    assert not _names_the_regime(bought(cpv=health), nation="Scotland", **light)
