"""What is known of branches of well-known charities by their names."""

from __future__ import annotations

import pytest

from matcher.register.encoded_texts import provider_text
from matcher.register.families import work_of
from tests.encoders import tiny
from tests.factory import provider


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Age UK Oxfordshire", "older people"),
        ("AGE CONCERN - MERTON", "older people"),
        ("Mind in Exeter & East Devon", "mental health"),
        ("Wiltshire Mind", "mental health"),
        ("Barnsley Rape Crisis", "sexual violence"),
        ("Carers' Centre Leeds", "unpaid carers"),
        ("Hay Dial-a-Ride", "minibuses"),
        ("DIAL Solihull", "disabled people"),
        ("Home Start Moss", "home visiting"),
        ("Moss Dial A Ride", "minibuses"),
        ("Mind - Moss", "mental health"),
        ("CAB - Moss & District", "debt"),
        ("Moss Rape & Sexual Abuse Centre", "sexual violence"),
        ("Moss Women’s Aid", "domestic abuse"),
        ("Moss Community Law Centre", "legal advice"),
        ("Moss Rovers FC Community Trust", "sport"),
        ("Quay Foyer Trust", "homeless"),
        ("Moss AIDS Support", "HIV"),
        ("Off the Record (Moss)", "young people"),
    ],
)
def test_a_branch_does_what_its_family_does(name: str, part: str) -> None:
    assert part in work_of(name)


@pytest.mark.parametrize(
    "name",
    [
        *("Mind the Gap Theatre", "Peace of Mind Cleaning Ltd", "Dial A Cab Poole", "Scope IT Ltd"),
        *("1-a-cab", "Cab My Ride", "Deaf Children's Society", "Moss Good Samaritans"),
        *("Moss City NHS Foundation Trust", "Jewish Community Council of Moss"),
        *("Foyer Theatre Bar", "The Foyer Cafe", "Off the Record Music Shop", "Mind - Body Studio"),
        *("Cranstoun Haulage Ltd", "Moss Hearing Aids Support", "Body Positive Yoga"),
        *("Equal Opportunity Group", "Neighbourhood Care Homes Ltd", "Forward Trust Leasing plc"),
    ],
)
def test_names_that_only_share_a_word_are_of_no_family(name: str) -> None:
    assert work_of(name) == ""


def test_its_own_words_come_before_those_of_its_family() -> None:
    silent = provider("A", name="Age UK Moss")
    assert "older people" in provider_text(tiny(), silent)
    speaks = provider("A", name="Age UK Moss", profile="Plumbing")
    assert provider_text(tiny(), speaks) == "age moss. plumbing"
    labelled = provider("A", name="Age UK Moss", tags=("sic:43910 Roofing",))
    assert "older people" not in provider_text(tiny(), labelled)
