"""Opposites, first names, churches, saints, trusts and companies in brackets."""

import pytest

from matcher.register.linkage.name_similarity import SAME, keys, normalise, parts, similarity
from matcher.register.linkage.relations import relation

TWO_BODIES = [
    ("Citizens Advice North Harrowdene", "Citizens Advice South Harrowdene"),
    ("North Wolverhampton Home-Start", "South Wolverhampton Home-Start"),
    ("Citizens Advice North East Walsall", "Citizens Advice North West Walsall"),
    ("Citizens Advice NE Walsall", "Citizens Advice NW Walsall"),
    ("Citizens Advice Northern Devon", "Citizens Advice Southern Devon"),
    ("Old Harrowdene Bowling Club", "New Harrowdene Bowling Club"),
    ("Upper Harrowdene Bowling Club", "Lower Harrowdene Bowling Club"),
    ("Great Harrowdene Bowling Club", "Little Harrowdene Bowling Club"),
    ("Glanmor Uchaf Bowling Club", "Glanmor Isaf Bowling Club"),
    ("Clann Harradal an Iar", "Clann Harradal an Ear"),
    ("Wm Harrowdene Ltd", "Wilfred Harrowdene Ltd"),
    ("Jas Brown Ltd", "John Brown Ltd"),
    ("W M Harrowdene", "William Harrowdene"),
    ("WM Harrowdene", "William Harrowdene"),
    ("Geo Surveys Ltd", "George Surveys Ltd"),
    ("Geo Environmental Services", "George Environmental Services"),
    ("R C Harrowdene Ltd", "Catholic Harrowdene Ltd"),
    ("St Osyth's RC Primary School", "St Osyth's CE Primary School"),
    ("Harrowdene PCC", "Harrowdene Parish Council"),
    ("St Osyth's PCC", "St Osyth's Police and Crime Commissioner"),
    ("Tarnwell Primary PCC", "Tarnwell Primary Church Council"),
    ("Eglwys Sant Ioan", "St James's Church"),
    ("Eglwys Santes Fair", "St Margaret's Church"),
    ("Gwalch Cwmni Cymunedol", "Gwalch Theatre CIC"),
    ("Tidy Gutters (Tarnwell Ltd)", "Tidy Roofs (Tarnwell Ltd)"),
    ("Tidy Gutters (Tarnwell) Ltd", "Tarnwell Ltd"),
    ("Tidy Gutters (Walsall Ltd)", "Walsall Ltd"),
    ("Walsall NHS", "Walsall NHS Foundation Trust"),
]

ONE_BODY = [
    ("Wm Harrowdene & Sons Ltd", "William Harrowdene & Sons Ltd"),
    ("WM HARROWDENE & SONS LTD", "William Harrowdene & Sons Ltd"),
    ("Chas. D. Harrowdene Ltd", "Charles D Harrowdene Ltd"),
    ("Geo Harrowdene & Co", "George Harrowdene & Co"),
    ("Jas Harrowdene", "James Harrowdene"),
    ("Thos. Harrowdene Builders", "Thomas Harrowdene Builders"),
    ("Edw. Smith Ltd", "Edward Smith Ltd"),
    ("Geo Brown Ltd", "George Brown Ltd"),
    ("Jos Smith & Son", "Joseph Smith & Son"),
    ("Eglwys Sant Ioan", "St John's Church"),
    ("Eglwys Dewi Sant", "St David's Church"),
    ("Ysgol Santes Fair", "St Mary's School"),
    ("Eaglais Naomh Eoin", "St John's Church"),
    ("Scoil Naomh Pádraig", "St Patrick's School"),
    ("Sgoil Naomh Pheadair", "St Peter's School"),
    ("Tidy Gutters (Tarnwell Ltd)", "Tarnwell Limited"),
    ("Tidy Gutters (Tarnwell Ltd)", "Tidy Gutters"),
    ("Harrowdene Partnership NHS", "Harrowdene Partnership NHS Foundation Trust"),
    ("Harrowdene Hospitals NHS", "Harrowdene Hospitals NHS Trust"),
]

ONE_SPELLING = [
    ("St Osyth's RC Primary School", "St Osyth's Roman Catholic Primary School"),
    ("St Osyth's R.C. Church", "St Osyth's Catholic Church"),
    ("St Osyth's CE School", "St Osyth's Church of England School"),
    ("PCC of St Osyth", "Parochial Church Council of St Osyth"),
    ("Gwalch Cwmni Budd Cymunedol", "Gwalch CIC"),
    ("Cwmni Buddiant Cymunedol Gwalch", "Gwalch Community Interest Company"),
    ("Tidy Gutters (Tarnwell Ltd)", "Tarnwell Ltd t/a Tidy Gutters"),
]


@pytest.mark.parametrize(("a", "b"), TWO_BODIES)
def test_names_of_two_bodies_are_told_apart(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a) < SAME


@pytest.mark.parametrize(("a", "b"), ONE_BODY)
def test_names_of_one_body_are_alike_and_found(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a) >= SAME
    assert keys(a) & keys(b)


@pytest.mark.parametrize(("a", "b"), ONE_SPELLING)
def test_words_of_one_sense_have_one_spelling(a: str, b: str) -> None:
    assert normalise(a) == normalise(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Citizens Advice North East Harrowdene", "Citizens Advice NE Harrowdene"),
        ("Citizens Advice Northern Harrowdene", "Citizens Advice North Harrowdene"),
        ("Mudiad Gogledd Harrowdene", "Mudiad North Harrowdene"),
        ("Harrowdene Academy Trust - North West", "Harrowdene Academy Trust - South Humber"),
    ],
)
def test_spellings_of_one_side_and_branches_are_no_opposites(a: str, b: str) -> None:
    assert similarity(a, b) >= SAME


@pytest.mark.parametrize(
    "name",
    [
        "Griffiths (Contracts Ltd)",
        "Tidy Gutters (Penistone Ltd)",
        "Tarnwell Lifts (Tarnwell Ltd)",
        "Consortium (Tarnwell Ltd & Harrowdene Ltd)",
        "(Tarnwell Ltd)",
        "TWC (Tarnwell Ltd)",
        "Tidy Gutters (was Tarnwell Ltd)",
    ],
)
def test_a_bracket_without_a_company_of_its_own_name_is_no_second_name(name: str) -> None:
    assert len(parts(name)) == 1


def test_two_companies_whose_first_name_one_abbreviates_are_not_told_apart_by_it() -> None:
    assert relation("Wm Harrowdene Ltd", "William Harrowdene Ltd") is None
    assert relation("Wm Harrowdene Ltd", "Walter Harrowdene Ltd") is not None


def test_a_trust_without_its_last_words_has_not_that_trust_as_a_foundation() -> None:
    short = "Harrowdene Partnership NHS"
    assert relation(short, f"{short} Foundation Trust") is None
    assert relation(short, f"{short} Charity") is not None
