"""Contact details are left out of text, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.core.redaction import without_contacts, without_provider_contacts
from tests import factory


@pytest.mark.parametrize(
    "contact",
    [
        "jo.bloggs@example.org",
        "jo+bids@mail.example.co.uk",
        "01922 555010",
        "(01922) 555-010",
        "+44 1922 555 010",
        "+44 (0)1922 555010",
        "07700 900123",
        "0044 7700 900123",
    ],
)
def test_a_contact_is_left_out(contact: str) -> None:
    said = without_contacts(f"Write or ring: {contact}. Closes Friday.")
    assert said.startswith("Write or ring: [")
    assert said.endswith("]. Closes Friday.")
    assert not any(digit in said for digit in "0123456789")
    assert "@" not in said


@pytest.mark.parametrize(
    "text",
    [
        "CPV 85312000 and 0853120001234",
        "£0.1234567890 and 1,012,345,678",
        "notice 037689-2026 of 01/02/2026, 10:30",
        "BS 7671:2018 and ISO 9001",
        "company 01234567",
        "meet @ noon",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_contacts(text) == text


@pytest.mark.parametrize(
    ("website", "kept"),
    [
        ("https://acorn.example/find?area=Walsall%20North", True),
        ("https://acorn.example/ask?to=jo@acorn.example", False),
        ("https://acorn.example/ask?to=jo%40acorn.example", False),
    ],
)
def test_a_website_with_an_e_mail_address_is_left_out(website: str, kept: bool) -> None:
    record = replace(factory.provider("GB-CHC-1150079"), website=website)
    assert without_provider_contacts(record).website == (website if kept else "")
