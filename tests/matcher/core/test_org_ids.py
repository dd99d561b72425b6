"""Numbers as registers, spreadsheets and people write them, as org-ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core import org_ids


@pytest.mark.parametrize(
    ("number", "org_id"),
    [
        ("07633349", "GB-COH-07633349"),
        ("7633349", "GB-COH-07633349"),
        ("7633349.0", "GB-COH-07633349"),
        (" sc 416208 ", "GB-COH-SC416208"),
        ("SC1234", "GB-COH-SC001234"),
        ("IP00763R", "GB-COH-IP00763R"),
        ("", ""),
        ("0", ""),
        ("00000000", ""),
        ("12345678", ""),
        ("N/A", ""),
        ("see notes", ""),
    ],
)
def test_company(number: str, org_id: str) -> None:
    assert org_ids.company(number) == org_id


def test_the_register_itself_may_use_a_number_that_people_make_up() -> None:
    assert org_ids.registered_company("12345678") == "GB-COH-12345678"


@pytest.mark.parametrize(
    ("number", "org_id"),
    [("492", "GB-COH-NI000492"), ("NI630590", "GB-COH-NI630590"), ("0", ""), ("", "")],
)
def test_northern_irish_companies_are_read_without_their_prefix(number: str, org_id: str) -> None:
    assert org_ids.northern_irish_company(number) == org_id


@pytest.mark.parametrize(
    ("number", "org_id"),
    [
        ("1150079", "GB-CHC-1150079"),
        ("203460", "GB-CHC-203460"),
        ("SC12345", "GB-SC-SC012345"),
        ("100002", "GB-NIC-100002"),
        ("NIC100002", "GB-NIC-100002"),
        ("GB-SC12345", "GB-SC-SC012345"),
        ("CHC1150079", "GB-CHC-1150079"),
        ("none", ""),
        ("42", ""),
    ],
)
def test_charity(number: str, org_id: str) -> None:
    assert org_ids.charity(number) == org_id


@pytest.mark.parametrize(
    ("org_id", "tidied"),
    [
        ("gb-coh-7633349", "GB-COH-07633349"),
        ("GB-COH-00000000", ""),
        ("GB-PPON:ABCD-1234-EFGH", "GB-PPON-ABCD-1234-EFGH"),
        ("XX-NAME-acorn", "XX-NAME-acorn"),
        ("local 7", "local 7"),
    ],
)
def test_tidy(org_id: str, tidied: str) -> None:
    assert org_ids.tidy(org_id) == tidied


def test_an_unknown_scheme_gives_no_org_id() -> None:
    assert org_ids.from_scheme("US-EIN", "123") == ""


@given(st.text(max_size=12))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    for once in (org_ids.company(text), org_ids.charity(text), org_ids.tidy(f"GB-COH-{text}")):
        assert org_ids.tidy(once) == once
