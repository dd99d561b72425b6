from __future__ import annotations

import pytest

from matcher.register.linkage.relations import APART, INVERSE, Relation, relation

RELATED = [
    ("Lakeford College Students' Union", "Lakeford College", "students' body of"),
    ("Northmoor NHS Trust Charity", "Northmoor NHS Trust", "charitable foundation of"),
    ("Northmoor Hospitals", "Northmoor Hospitals Charity", "has the charitable foundation"),
    ("Friends of Tettenhall Wood School", "Tettenhall Wood School", "friends or supporters of"),
    (
        "Tettenhall Wood School PTA",
        "Tettenhall Wood School",
        "parents' and teachers' association of",
    ),
    ("Beaumaris Hospice Trading Ltd", "Beaumaris Hospice", "trading arm of"),
    ("Beaumaris Hospice Shops Limited", "Beaumaris Hospice", "trading arm of"),
    ("Kestrelwood Enterprises Ltd", "Kestrelwood", "trading arm of"),
    ("Kestrelwood Services Ltd", "Kestrelwood Ltd", "services arm of"),
    ("Kestrelwood Holdings Ltd", "Kestrelwood Ltd", "holding company of"),
    ("Kestrelwood Ltd", "Kestrelwood Holdings Ltd", "held by"),
    ("Kestrelwood Homes (No. 2) Ltd", "Kestrelwood Homes Ltd", "sister organisation of"),
    ("1st Bloxwich Scouts", "2nd Bloxwich Scouts", "sister organisation of"),
    ("Aldermoor Care (North) Ltd", "Aldermoor Care (South) Ltd", "sister organisation of"),
    ("Aldermoor Trading Ltd", "Aldermoor Holdings Ltd", "in one group with"),
    ("Royal British Legion Gateshead Branch", "Royal British Legion Gateshead", "branch of"),
    ("Bloxwich Academy", "Bloxwich School", "academy or school of the same name as"),
    ("Penllergare Consultants Ltd", "Penllergare Consulting Engineers Ltd", "shares a name with"),
    ("Penllergare Group plc", "Penllergare Limited", "in one group with"),
    ("Penllergare Fund I", "Penllergare Fund II", "sister organisation of"),
    ("Penllergare GmbH", "Penllergare Ltd", "shares a name with"),
    ("Penll-ergare GmbH", "Penllergare Ltd", "shares a name with"),
    ("Penllergare Company GmbH", "Penllergare Company Ltd", "shares a name with"),
    ("Davy Penllergare Ltd", "Davies Penllergare Ltd", "shares a name with"),
    ("Kestrelwood Enterprises Ltd", "Kestrelwood Charity", "trading arm of"),
    ("Kestrelwood Property Services Ltd", "Kestrelwood Ltd", "services arm of"),
    ("University of Lakeford Students' Union", "University of Lakeford", "students' body of"),
    (
        "Northmoor NHS Foundation Trust",
        "Northmoor NHS Trust",
        "perhaps the later registration of",
    ),
]

NO_MORE_THAN_A_WORD = [
    ("Lakeford Pensions", "Lakeford Access Ltd"),
    ("The Kestrelwood Foundation", "Kestrelwood Cars Ltd"),
    ("Kestrelwood Supporters Limited", "Kestrelwood Roofing Ltd"),
    ("Kestrelwood Children's Services Ltd", "Kestrelwood 365 Ltd"),
    ("Kestrelwood North", "Kestrelwood Social Club South"),
    ("Healthcare Ireland (No. 4) Limited", "No. 57 Ltd"),
    ("Walsall Trading Ltd", "Walsall School"),
    ("Leeds Foundation", "Leeds Charity"),
    ("Dudley 2 Ltd", "Dudley School"),
]
"""Names that are kept apart, and of which nobody is told that they are related."""

NOT_RELATED = [
    ("Kestrel Heron Charity", "Kestrel Heron"),
    ("Kestrelwood Ltd", "Kestrelwood Limited"),
    ("Kestrelwood Trading Ltd", "Kestrelwood Trading"),
    ("Heron Trading", "Kestrelwood"),
    ("Heron Trading", "Kestrelwood Trading"),
    ("Friends of Walsall Hospital", "Friends of Dudley Hospital"),
    ("Community Services", "Community Trading"),
    ("Kestrelwood", "Kestrelwood Penllergare Trading"),
    ("", "Kestrelwood Trading"),
    ("Penllergare Consultants", "Penllergare Consultants Ltd"),
    ("Penllergare Consultents Ltd", "Penllergare Consultants Ltd"),
    ("Penllergare South West", "Penllergare Southwest"),
    ("Penllergare GmbH", "Penllergare"),
    ("Penllergare GmbH", "Penllergare SARL"),
    ("Penllergare Ltd", "Penllergare Cyfyngedig"),
    ("Penllergare Care SE", "Penllergare Care Ltd"),
    ("Penllergare Day Spa", "Penllergare Day Spa Ltd"),
    ("Cleaners of Leamington Spa", "Cleaners of Leamington Spa Ltd"),
    ("Penllergare SAS", "Penllergare SAS Ltd"),
]


@pytest.mark.parametrize(("a", "b", "says"), RELATED)
def test_a_word_for_a_related_organisation_tells_how_it_is_related(
    a: str, b: str, says: str
) -> None:
    found = relation(a, b)
    assert found is not None
    assert found.says == says


@pytest.mark.parametrize(("a", "b", "says"), RELATED)
def test_the_other_way_round_is_the_same_relation_turned(a: str, b: str, says: str) -> None:
    one, other = relation(a, b), relation(b, a)
    assert (one is None) == (other is None)
    assert one is None or other is None or one.turned() == other


@pytest.mark.parametrize(("a", "b"), NO_MORE_THAN_A_WORD)
def test_names_that_share_a_word_are_apart_and_said_to_be_nothing_to_each_other(
    a: str, b: str
) -> None:
    assert relation(a, b) == relation(b, a) == Relation(APART)


@pytest.mark.parametrize(("a", "b"), NOT_RELATED)
def test_other_names_show_no_relation(a: str, b: str) -> None:
    assert relation(a, b) is None
    assert relation(b, a) is None


def test_a_relation_turned_twice_is_itself() -> None:
    for says, turned in INVERSE.items():
        assert INVERSE[turned] == says
