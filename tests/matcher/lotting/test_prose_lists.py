"""Kinds of work that a sentence lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.lotting.prose_lists import FEWEST, kinds_listed
from matcher.lotting.work_parts import parts_in_text, work_parts
from tests.factory import lot


@pytest.mark.parametrize(
    ("passage", "kinds"),
    [
        ("Provision of cleaning, catering, security and other services",
         ("cleaning", "catering", "security")),
        ("We want one provider for befriending visits, lunch clubs, transport to day centres with\n"
         "lifts, and debt advice for older people in Dudley. Bids close in May.",
         ("befriending visits", "lunch clubs", "transport to day centres with lifts",
          "debt advice")),
        ("It will cover painting and decorating, plumbing, roofing and carpentry (all trades).",
         ("painting and decorating", "plumbing", "roofing", "carpentry")),
        ("A team to provide counselling, mentoring and advocacy to young people",
         ("counselling", "mentoring", "advocacy")),
        ("The council plans to buy hedge cutting, weed control and pond clearing in ten parks.",
         ("hedge cutting", "weed control", "pond clearing")),
        ("It will cover contract cleaning, contract catering and pest control.",
         ("contract cleaning", "contract catering", "pest control")),
        ("We want to buy meeting room bookings, conference catering and event staffing.", ()),
        ("We want to buy meeting room cleaning, conference catering and event staffing.",
         ("meeting room cleaning", "conference catering", "event staffing")),
        ("It will cover the contract ending, cleaning and catering.", ()),
        ("We want to commission play sessions, art activities and swimming lessons.",
         ("play sessions", "art activities", "swimming lessons")),
    ],
)  # fmt: skip
def test_kinds_of_work_in_a_sentence(passage: str, kinds: tuple[str, ...]) -> None:
    assert kinds_listed(passage) == kinds


@pytest.mark.parametrize(
    ("passage", "kinds"),
    [
        ("The works comprise tiling; carpentry; fencing; drain clearance and plastering. Bid now.",
         ("tiling", "carpentry", "fencing", "drain clearance", "plastering")),
        ("Services required: litter picking, hedge pruning, graffiti removal and pest control in "
         "Leeds", ("litter picking", "hedge pruning", "graffiti removal", "pest control")),
        ("The following trades are required: Plumbing, tiling, painting and decorating",
         ("Plumbing", "tiling", "painting and decorating")),
        ("Works required: Tiling; Fencing; Plastering", ("Tiling", "Fencing", "Plastering")),
    ],
)  # fmt: skip
def test_a_list_after_the_words_for_one_needs_no_comma_and_no_and(
    passage: str, kinds: tuple[str, ...]
) -> None:
    assert kinds_listed(passage) == kinds


@pytest.mark.parametrize(
    "listed",
    [
        "collection; transport; treatment",
        "design; supply; installation; commissioning",
        "surface preparation; road resurfacing; line marking",
        "drain surveys; drain cleaning; drain repairs",
        "schools; libraries; offices",
        "Leeds; Reading; Barking",
        "chairs; desks; shelving",
        "catering; Monday; cleaning",
        "tiling; plastering",
        "tiling, carpentry, the hall",
    ],
)
def test_sites_goods_and_steps_of_one_job_are_no_kinds_of_work(listed: str) -> None:
    assert kinds_listed(f"The contract includes {listed}.") == ()
    assert kinds_listed(f"Services required: {listed}") == ()


NAMED = ["tiling", "carpentry", "hedge pruning", "pest control", "painting and decorating"]


@given(st.permutations(NAMED), st.sampled_from(["; ", ", "]))
def test_the_order_of_a_list_does_not_matter(kinds: list[str], mark: str) -> None:
    assert set(kinds_listed(f"Works required: {mark.join(kinds)}")) == set(NAMED)


def test_a_title_may_be_a_list_by_itself() -> None:
    title = "Grounds maintenance, street cleansing and waste collection"
    kinds = ("Grounds maintenance", "street cleansing", "waste collection")
    assert kinds_listed(title, is_title=True) == kinds
    assert kinds_listed(title) == ()
    assert kinds_listed("Visits to homes, morning and evening", is_title=True) == ()


@pytest.mark.parametrize(
    "passage",
    [
        "Supply, installation and maintenance of cameras",
        "Cleaning and catering",
        "A service for children, young people and adults in Dudley, Sandwell and Walsall.",
        "The service must be diverse, inclusive and accessible.",
        "Work includes induction, supervision and training.",
        "Residential, domiciliary and day care",
        "Open on Monday, Wednesday and Friday",
        "Fitting rails, locks and key safes",
        "The scope covers cleaning of nurseries, depots and museums.",
        "It includes advice on evictions, working with landlords and reviewing of rents.",
        "Provision of card payments, authorisation and settlement",
        "Hedges are for screening, privacy and edging. It covers screening, privacy and edging.",
        "We need the roof mended, and the provider must be insured, trained and vetted.",
        "It covers Leeds Meals Care, York Meals Care and Hull Meals Care.",
        "",
    ],
)
def test_other_lists_are_no_kinds_of_work(passage: str) -> None:
    assert kinds_listed(passage) == ()


def test_the_kinds_of_a_sentence_are_parts_where_the_text_has_no_items() -> None:
    sentence = "One provider for hot meals, minibus transport and debt advice."
    parts = parts_in_text(lot(description=sentence))
    assert [part.title for part in parts] == ["Hot meals", "Minibus transport", "Debt advice"]
    assert {part.source for part in parts} == {"listed in a sentence"}
    items = work_parts(lot(description=f"{sentence}\n- Meals at home\n- Rides to clubs"))
    assert [part.title for part in items] == ["Meals at home", "Rides to clubs"]


@given(st.text(alphabet="abc, and.;-&for provision of\n", max_size=300))
def test_any_text_lists_none_or_several_kinds_each_once(passage: str) -> None:
    kinds = kinds_listed(passage)
    assert not kinds or len(set(kinds)) == len(kinds) >= FEWEST
