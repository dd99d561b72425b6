"""The sentences that are written from the evidence on one provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.types import Kind, Organisation, Source, Status
from matcher.ranking import quotes
from matcher.ranking.evidence import Evidence
from matcher.ranking.features.feature import DONE, NAMED, RECORD, SAYS
from matcher.ranking.reason_text import UNINFORMATIVE, reason_text
from matcher.ranking.shortlist import PastContract
from tests.factory import provider

TITLE = "Repair of swings"


def contract(near: float | None = 0.9, **fields: Any) -> PastContract:
    one = PastContract(
        id="c1",
        title=TITLE,
        buyer="Mosswick Council",
        day=date(2021, 3, 1),
        value=None,
        alike=("swings",),
        category="",
        source=Source("Notices"),
        near=near,
    )
    return replace(one, **fields)


def evidence(name: str = "Moss Play", *past: PastContract, **fields: Any) -> Evidence:
    own = {key: fields.pop(key) for key in ("profile", "status", "kind", "tags") if key in fields}
    one = provider("A", name=name, **own)
    found = Evidence(
        organisation=Organisation(one, (one,)),
        matches=(),
        past=past,
        contracts=len(past),
        site=None,
        council="",
        km=None,
    )
    return replace(found, **fields)


def test_a_school_is_to_be_checked_unless_it_has_a_public_contract() -> None:
    check = "It looks like a school, college or nursery. Check that it works for other bodies."
    assert check in reason_text(SAYS, evidence("Moss School"))
    assert "looks like" not in reason_text(SAYS, evidence("Moss School", contract()))


def test_an_umbrella_body_with_a_public_contract_is_like_any_other() -> None:
    assert evidence("Moss Community Council").body.seldom_sells
    assert not evidence("Moss Community Council", contract()).body.seldom_sells


@pytest.mark.parametrize(
    ("near", "similar"), [(0.9, True), (0.7, True), (0.6, False), (0.45, False)]
)
def test_only_a_contract_that_is_like_the_lot_is_called_similar(near: float, similar: bool) -> None:
    row = evidence(profile="We mend swings.", near=0.95, said_in="profile")
    said = reason_text(RECORD, replace(row, past=(contract(near),), contracts=1))
    assert ("Won a similar contract from Mosswick Council in 2021." in said) is similar
    assert (f"Has worked for Mosswick Council: “{TITLE}” (2021)." in said) is not similar


@pytest.mark.parametrize(
    ("fields", "similar"),
    [
        ({"alike": ("swings",)}, False),
        ({"alike": ("swings", "people", "support")}, False),
        ({"alike": ("swings", "surfacing")}, True),
        ({"category": "3753"}, True),
        ({"category": "37"}, False),
    ],
)
def test_without_an_encoder_words_or_a_class_make_a_contract_similar(
    fields: dict[str, Any], similar: bool
) -> None:
    said = reason_text(RECORD, evidence("Moss Play", contract(None, **fields)))
    assert ("similar" in said) is similar


@given(
    near=st.none() | st.floats(0, 1),
    near_past=st.none() | st.floats(0, 1),
    buyer=st.sampled_from(["", "Mosswick Council"]),
    alike=st.sampled_from([(), ("people",), ("swings", "slides")]),
    category=st.sampled_from(["", "37", "3753"]),
)
def test_the_title_of_the_nearest_contract_is_given_at_most_once(
    near: float | None, near_past: float | None, buyer: str, alike: tuple[str, ...], category: str
) -> None:
    past = contract(near_past, buyer=buyer, alike=alike, category=category)
    one = evidence("Moss Play", past, near=near)
    said = " ".join(reason_text(name, one) for name in (SAYS, DONE, RECORD))
    assert said.count(TITLE) <= 1


def test_where_only_the_name_is_known_the_reasons_agree() -> None:
    one = evidence(near=0.8)
    assert reason_text(SAYS, one) == "Only its name is known. It suggests this kind of work."
    assert "does not mention" not in reason_text(NAMED, one)
    won = evidence("Moss Play", contract(0.1), near=0.8)
    assert reason_text(SAYS, won) == "It has no profile. Its name suggests this kind of work."


@pytest.mark.parametrize(("years_ago", "shown"), [(15, True), (5, True), (4, False)])
def test_the_age_of_a_name_alone_is_stated_where_it_is_old(years_ago: int, shown: bool) -> None:
    old: dict[str, Any] = {"near": 0.8, "status": Status.UNKNOWN, "years_ago": years_ago}
    old["last_recorded"] = date(2011, 1, 1)
    stated = "Last recorded in 2011; check that it still exists."
    assert (stated in reason_text(SAYS, evidence(**old))) is shown
    assert stated not in reason_text(SAYS, evidence(profile="We mend swings.", **old))
    assert stated not in reason_text(SAYS, evidence("Moss Play", contract(), **old))


def test_words_are_reported_where_they_stand() -> None:
    said = evidence(profile="Sector: Sport", said=("sport",), said_in="labels")
    assert reason_text(SAYS, said) == "Its labels mention sport."
    tags = ("sic:56302 Public houses and bars", "sector:Food service")
    pub = evidence(tags=tags, said=("houses", "bars"), said_in="labels")
    told = "Its labels (“Public houses and bars”) mention houses and bars."
    assert reason_text(SAYS, pub) == told
    known = evidence(also_known_as="SWINGS FOR A TOWN")
    assert reason_text(NAMED, known) == "It is also known as Swings for a Town."


def test_labels_of_owners_are_not_work_and_sentences_of_labels_are_not_its_own() -> None:
    one = provider(
        "A",
        name="Moss Play",
        profile="We mend swings. Repair of toys. Sector: Sport\nOwnership: Community of Interest",
        tags=("sic:95290 Repair of toys", "sector:Sport", "ownership:Community of Interest"),
    )
    assert quotes.own_words(one) == "We mend swings."
    assert quotes.work_labels(one.tags) == ("Repair of toys", "Sport")


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("icnptso:G14 Social youth work", ["Social youth work"]),
        ("sic:90000", []),
        ("sector:3D printing", ["3D printing"]),
        ("sector:Clubs for under 116 days", ["Clubs for under 116 days"]),
        ("size:Small", []),
    ],
)
def test_only_the_code_in_front_of_a_label_is_left_out(tag: str, label: list[str]) -> None:
    assert quotes.work_labels((tag,)) == tuple(label)


def test_words_that_do_not_say_what_work_it_is_are_no_reason() -> None:
    assert quotes.telling(["running", "sites", "people support", "young people", "swings"]) == [
        "young people",
        "swings",
    ]


def test_the_service_that_a_name_suggests_is_named() -> None:
    one = evidence(near=0.9, mark="strong", service="Playground repair")
    assert reason_text(SAYS, one).endswith("It suggests this kind of work: “Playground repair”.")
    assert "Playground" not in reason_text(SAYS, replace(one, mark="weak"))
    told = replace(one, organisation=evidence(profile="We mend swings").organisation)
    said = reason_text(SAYS, replace(told, said_in="profile"))
    assert said.endswith("are close to this need: it reads like a provider of “Playground repair”.")
    shared = replace(told, said=("mend", "swings"), said_in="profile")
    assert "Playground repair" not in reason_text(SAYS, shared), "the words it shares say more"


@pytest.mark.parametrize(
    ("mark", "suggests", "are"),
    [
        ("", "this kind of work", "are close to this need"),
        ("strong", "this kind of work", "are close to this need"),
        ("possible", "related work", "are related to this need"),
        ("weak", "little of this work", "have little in common with this need"),
    ],
)
def test_no_reason_says_more_of_nearness_than_the_mark(mark: str, suggests: str, are: str) -> None:
    only_named = evidence(near=0.9, mark=mark)
    assert f"It suggests {suggests}." in reason_text(SAYS, only_named)
    told = evidence(profile="We mend bridges.", near=0.9, said_in="profile", mark=mark)
    assert reason_text(SAYS, told) == f"Its name and profile {are}."


def test_what_is_near_in_a_weak_row_is_named_and_not_called_related() -> None:
    row = evidence("Moss Play", contract(0.5, alike=()), near=0.45, mark="weak")
    assert reason_text(SAYS, row) == f"Its nearest past contract: “{TITLE}” (2021)."
    assert "related" not in reason_text(DONE, row)
    unsaid = evidence(profile="We make power.", near=0.2, said_in="profile", mark="weak")
    assert "related" not in reason_text(SAYS, unsaid, by_meaning=3.0)


@pytest.mark.parametrize("alike", [(), ("swings",)])
def test_a_past_contract_is_named_where_no_other_reason_names_it(alike: tuple[str, ...]) -> None:
    past = contract(0.8, alike=alike, buyer="")
    unnamed = evidence("Moss Play", past, profile="We mend swings.", said_in="profile", near=0.9)
    assert reason_text(DONE, unnamed).startswith(f"Its past contract “{TITLE}” (March 2021) ")
    named = evidence("Moss Play", past, near=0.5)
    assert TITLE in reason_text(SAYS, named)
    assert reason_text(DONE, named).startswith("Its nearest past contract ")


def test_what_one_reason_says_of_a_past_contract_another_does_not_repeat() -> None:
    row = evidence("Moss Play", contract(0.6, alike=()), near=0.45)
    assert "is related to this need" in reason_text(SAYS, row)
    assert reason_text(DONE, row) in UNINFORMATIVE


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("strong", "Its profile mentions swings."),
        ("possible", "Its profile mentions only “swings” of what is needed."),
        ("weak", "Its profile mentions only “swings” of what is needed."),
    ],
)
def test_one_word_alone_is_called_so_where_the_match_is_not_sure(mark: str, said: str) -> None:
    row = evidence(profile="Swings.", said=("swings",), said_in="profile", near=0.6, mark=mark)
    assert reason_text(SAYS, row) == said


def test_labels_that_are_near_are_quoted() -> None:
    one = evidence(near=0.9, said_in="labels")
    labelled = replace(one.provider, tags=("sic:56302 Public houses and bars", "sector:Leisure"))
    row = replace(one, organisation=Organisation(labelled, (labelled,)))
    said = "Its name and labels (“Public houses and bars; Leisure”) are close to this need."
    assert reason_text(SAYS, row) == said


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (
            ("sic:96090 Other service activities n.e.c.", "sector:Leisure"),
            "Its name and labels (“Leisure”) are close to this need.",
        ),
        (
            ("sic:96090 Other service activities n.e.c.",),
            "Its name suggests this kind of work. Its labels do not say what it does.",
        ),
    ],
)
def test_a_label_for_what_no_class_fits_says_nothing(tags: tuple[str, ...], said: str) -> None:
    one = evidence(near=0.9, said_in="labels")
    labelled = replace(one.provider, tags=tags)
    row = replace(one, organisation=Organisation(labelled, (labelled,)))
    assert reason_text(SAYS, row) == said


def test_one_word_of_a_label_is_shown_in_its_label() -> None:
    one = evidence(near=0.5, mark="possible", said=("family",), said_in="labels")
    labelled = replace(one.provider, tags=("class:Addiction", "class:Family services"))
    row = replace(one, organisation=Organisation(labelled, (labelled,)))
    said = "Its name and labels (“Addiction; Family services”) are related to this need."
    assert reason_text(SAYS, row) == said


def test_the_family_of_a_name_that_says_no_work_is_explained() -> None:
    one = evidence("Moss Foyer", near=0.8, mark="strong", kind=Kind.CHARITY)
    said = reason_text(SAYS, one)
    known = "Only its name is known. Bodies so named usually do this: “young homeless people"
    assert said.startswith(known)
    won = reason_text(SAYS, evidence("Moss Foyer", contract(0.1), near=0.8, kind=Kind.CHARITY))
    assert won.startswith("It has no profile. Bodies so named usually do this: “young homeless")
    weak = reason_text(SAYS, replace(one, mark="weak"))
    assert weak == "Only its name is known. It suggests little of this work."


def test_two_labels_in_the_same_words_are_one() -> None:
    assert quotes.work_labels(("sic:85590 Education", "sector:Education")) == ("Education",)


def test_a_sentence_of_legal_form_is_not_its_own_words() -> None:
    one = provider("A", profile="A workers co-operative. We mend swings.")
    assert quotes.own_words(one) == "We mend swings."


def test_a_past_contract_says_more_than_a_name_that_may_be_related() -> None:
    near = evidence("Bridges Ltd", contract(0.6), near=0.45)
    assert reason_text(SAYS, near).startswith("Its work is related to this need")
    sure = evidence("Swing Repairs Ltd", contract(0.8), near=0.9, mark="strong")
    assert reason_text(SAYS, sure).startswith("Its work is close to this need")
    assert "suggests" not in reason_text(SAYS, sure)
    possible = reason_text(SAYS, replace(sure, mark="possible"))
    assert possible.startswith("Its work is related to this need"), "as the mark says"


@pytest.mark.parametrize(
    ("like_winners", "mark", "said"),
    [
        (None, "", True),
        (0.8, "possible", True),
        (0.3, "strong", False),
        (0.8, "weak", False),
    ],
)
def test_a_name_is_called_like_those_of_winners_only_where_it_is(
    like_winners: float | None, mark: str, said: bool
) -> None:
    one = evidence(like_winners=like_winners, mark=mark)
    assert ("past winners" in reason_text(NAMED, one, by_meaning=1.0)) is said


@pytest.mark.parametrize(
    "tag",
    [
        "360g-orgtype:Private Limited Company",
        "legal form:CIO",
        "Company Limited by Guarantee",
        "register:Registered society",
    ],
)
def test_what_a_body_is_in_law_is_no_work(tag: str) -> None:
    assert quotes.work_labels((tag, "sic:43910 Roofing")) == ("Roofing",)


def test_where_the_sort_of_body_lowered_a_score_the_reason_says_so() -> None:
    counted = (
        "It looks like a school, college or nursery, which counts against it here: such bodies "
        "seldom do work for others"
    )
    unproved = reason_text(SAYS, evidence("Moss School", lowered=True))
    assert f"{counted}. Check that this one does." in unproved
    won = reason_text(SAYS, evidence("Moss School", contract(), lowered=True))
    assert f"{counted}, but this one has." in won
    umbrella = reason_text(SAYS, evidence("Moss Community Council", contract(), lowered=True))
    assert "It looks like a membership or umbrella body, which counts against it" in umbrella
