"""The sort of body that a provider's name and labels show."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core import bodies
from matcher.core.bodies import Body, body_of
from matcher.core.types import Kind
from tests.factory import provider


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Hillside Primary School", Body.SCHOOL),
        ("Friends of Hillside School", Body.PARENTS),
        ("ST MARY'S SCHOOL PTA", Body.PARENTS),
        ("ST MARY'S SCHOOL P.T.A., MOSS", Body.PARENTS),
        ("Moss House P.T.A.", Body.PARENTS),
        ("MOSS C.E. SCHOOL FPTA", Body.PARENTS),
        ("Moss Primary School Parent Teacher Association", Body.PARENTS),
        ("Moss Parents, Teachers & Friends Association", Body.PARENTS),
        ("Moss Parents' and Friends' Association", Body.PARENTS),
        ("Moss Grammar School Parents' Association", Body.PARENTS),
        ("Moss School PSA", Body.PARENTS),
        ("Autistic Children Parents Association", Body.OTHER),
        ("PFA Research Limited", Body.OTHER),
        ("Moss Lane Methodist Church", Body.RELIGIOUS),
        ("Moss Anglers Club", Body.CLUB),
        ("Clayton Relief in Need", Body.GRANTS),
        ("Voluntary Action Clayton", Body.MEMBERS),
        ("Churchill Roofing", Body.OTHER),
        ("Schoolhouse Builders", Body.OTHER),
        ("College Catering Services", Body.OTHER),
        ("Hillside Nursery Ltd", Body.SCHOOL),
        ("School of St Bride, Clayton", Body.SCHOOL),
        ("CLAYTON COLLEGE (MOSS CAMPUS)", Body.SCHOOL),
        ("The School Roofing Company", Body.OTHER),
        ("Academy Plumbing Ltd", Body.OTHER),
        ("Old School Gardens Limited", Body.OTHER),
        ("Hillside After School and Kids Klubs", Body.OTHER),
        ("MOSS LANE AFTER SCHOOL HOURS CARE", Body.OTHER),
        ("Clayton Out-of-School Club", Body.OTHER),
        ("Hillside School Breakfast Club", Body.OTHER),
        ("Moss Holiday Club at Hillside School", Body.OTHER),
        ("Clayton Community Council", Body.MEMBERS),
        ("Community Council of Moss-shire", Body.OTHER),
        ("Moss-shire Rural Community Council", Body.OTHER),
        ("Royal College of Podiatry", Body.MEMBERS),
        ("Royal College of Cardiologists", Body.MEMBERS),
        ("Royal College of Music", Body.SCHOOL),
    ],
)
def test_its_name_shows_the_sort(name: str, body: Body) -> None:
    assert body_of(provider("A", name=name)) is body


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("icnptso:H10 Grant-making foundations", Body.GRANTS),
        ("ccew:302 MAKES GRANTS TO ORGANISATIONS", Body.GRANTS),
        ("icnptso:I10 Religious congregations", Body.RELIGIOUS),
        ("sic:93120 Activities of sport clubs", Body.CLUB),
        ("sic:56301 Licensed clubs", Body.CLUB),
        ("sic:56302 Public houses and bars", Body.PUB),
        ("sic:43910 Roofing activities", Body.OTHER),
    ],
)
def test_its_labels_show_the_sort(label: str, body: Body) -> None:
    assert body_of(provider("A", name="The Moss", tags=(label,))) is body


def test_a_body_labelled_as_providing_services_is_like_any_other() -> None:
    tags = ("icnptso:H10 Grant-making foundations", "ccew:306 PROVIDES SERVICES")
    assert body_of(provider("A", name="The Moss", tags=tags)) is Body.OTHER


@given(kind=st.sampled_from(Kind), name=st.text(max_size=40))
def test_its_legal_form_does_not_count(kind: Kind, name: str) -> None:
    one = provider("A", name=name)
    assert body_of(replace(one, kind=kind)) is body_of(one)


def test_clubs_and_congregations_may_do_work_for_others() -> None:
    seldom = {body for body in Body if body.seldom_sells}
    assert seldom == {Body.SCHOOL, Body.PARENTS, Body.GRANTS, Body.MEMBERS}


_OF_NAMES = [bodies._SELLS, bodies._WORKS_FOR_OTHERS, *bodies._NAMED.values()]


@given(st.sampled_from(_OF_NAMES).flatmap(st.from_regex))
def test_every_name_that_a_pattern_finds_has_a_word_that_patterns_begin_with(name: str) -> None:
    found = re.compile(r"\w+").findall(name)
    assert not bodies._BEGIN.isdisjoint(found)


@pytest.mark.parametrize("name", ["Moss Klub", "Dale Wraparound", "Play Scheme", "AfterSchool"])
def test_a_club_outside_school_hours_is_like_any_other_whatever_its_labels(name: str) -> None:
    tags = ("ccew:302 MAKES GRANTS TO ORGANISATIONS",)
    assert body_of(provider("A", name=name, tags=tags)) is Body.OTHER
