"""What is known of branches of well-known charities by their names."""

from __future__ import annotations

import pytest

from matcher.core.types import Kind
from matcher.register.encoded_texts import provider_text
from matcher.register.families import work_of
from tests.encoders import tiny
from tests.factory import provider


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Mind in Exeter & East Devon", "mental health"),
        ("Wiltshire Mind", "mental health"),
        ("Mind - Moss", "mental health"),
        ("CAB - Moss & District", "debt"),
        ("Hay Dial-a-Ride", "minibuses"),
        ("Moss Dial A Ride", "minibuses"),
        ("DIAL Solihull", "disabled people"),
        ("Home Start Moss", "home visiting"),
        ("Moss Re-Furnish", "furniture"),
        ("Moss Rovers FC Community Trust", "sport"),
        ("Quay Foyer Trust", "homeless"),
        ("Off the Record (Moss)", "young people"),
    ],
)
def test_a_branch_does_what_its_family_does(name: str, part: str) -> None:
    assert part in work_of(provider(name=name, kind=Kind.CHARITY))


@pytest.mark.parametrize("kind", [Kind.COMPANY, Kind.UNKNOWN, Kind.PUBLIC])
@pytest.mark.parametrize("name", ["Cab My Ride", "The Foyer Cafe", "Crossroads Motors", "Dial Ltd"])
def test_a_namesake_is_of_no_family(name: str, kind: Kind) -> None:
    assert work_of(provider(name=name, kind=kind)) == ""
    assert work_of(provider(name=name, kind=Kind.CIC)) != ""


@pytest.mark.parametrize(
    "name",
    [
        *("Mind the Gap Theatre", "Peace of Mind Yoga", "Moss City Trust", "Headway Arts"),
        *("Mind Games Chess Club", "The Foyer Theatre Trust", "Crossroads Church Moss"),
    ],
)
def test_names_that_only_share_a_word_are_of_no_family(name: str) -> None:
    assert work_of(provider(name=name, kind=Kind.CHARITY)) == ""


def test_its_own_words_come_before_those_of_its_family() -> None:
    silent = provider("A", name="Moss Cruse", kind=Kind.CHARITY)
    assert "bereavement" in provider_text(tiny(), silent)
    speaks = provider("A", name="Moss Cruse", kind=Kind.CHARITY, profile="Plumbing")
    assert provider_text(tiny(), speaks) == "moss cruse. plumbing"
    labelled = provider("A", name="Moss Cruse", kind=Kind.CHARITY, tags=("sic:43910 Roofing",))
    assert "bereavement" not in provider_text(tiny(), labelled)
