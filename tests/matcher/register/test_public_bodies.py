"""The size of public bodies that no source gives a size."""

from __future__ import annotations

import pytest

from matcher.core.types import Kind, Size
from matcher.register.public_bodies import known_size
from tests.factory import provider


@pytest.mark.parametrize(
    "name",
    [
        "Walsall Council",
        "WALSALL METROPOLITAN BOROUGH COUNCIL",
        "Kent County Council t/a Kentish Meals",
        "London Borough of Hackney",
        "Cyngor Sir Ddinbych",
        "Larkmoor Hospitals NHS Foundation Trust",
        "NHS Larkmoor Integrated Care Board",
        "NHS Larkmoor ICB",
        "The University of Larkmoor",
        "Owlton Metropolitan University",
        "Larkshire Constabulary",
        "Larkshire Fire & Rescue Service",
        "Department for Work and Pensions",
    ],
)
def test_a_public_body_is_large_by_its_name(name: str) -> None:
    assert known_size(provider(name=name)) is Size.LARGE
    assert known_size(provider(name=name, size=Size.MEDIUM)) is Size.MEDIUM
    assert known_size(provider(name=name, income=9e5)) is Size.UNKNOWN
    assert known_size(provider(name=name, kind=Kind.COMPANY)) is Size.UNKNOWN


@pytest.mark.parametrize(
    "name",
    [
        "Larkmoor Parish Council",
        "Larkmoor Town Council",
        "Larkmoor Council",
        "Larkshire Rural Community Council",
        "Walsall Council for Voluntary Service",
        "Friends of Larkmoor University",
        "University of Larkmoor Students' Union",
        "University of the Third Age",
        "Larkmoor Hospitals NHS Trust Charity",
        "Larkshire County Council Services Ltd",
        "Larkmoor Primary School",
        "Department Store of Larkmoor",
    ],
)
def test_a_body_that_may_be_small_has_no_size_by_its_name(name: str) -> None:
    assert known_size(provider(name=name)) is Size.UNKNOWN
