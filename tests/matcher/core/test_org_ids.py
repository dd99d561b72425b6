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
        ("87654321", ""),
        ("99999999", ""),
        ("GB-COH-99999999", ""),
        ("01234567", "GB-COH-01234567"),
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
        ("SC-012345", "GB-SC-SC012345"),
        ("NIC-100123", "GB-NIC-100123"),
        ("100002", "GB-NIC-100002"),
        ("NIC100002", "GB-NIC-100002"),
        ("GB-SC12345", "GB-SC-SC012345"),
        ("CHC1150079", "GB-CHC-1150079"),
        ("RCN 1150079", "GB-CHC-1150079"),
        ("Scottish charity SC012345", "GB-SC-SC012345"),
        ("Charity Commission no. 1150079", "GB-CHC-1150079"),
        ("England and Wales 1150079", ""),
        ("\u200b1150079\ufeff", "GB-CHC-1150079"),
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GB-COH-RS009876", "GB-MPR-9876"),
        ("GB-COH-RS009876", "GB-MPR-9876CBS"),
        ("GB-MPR-9876", "GB-MPR-9876CS"),
        ("GB-COH-IP98765R", "GB-MPR-98765R"),
        ("GB-COH-IP098765", "GB-MPR-98765R"),
        ("GB-MPR-98765", "GB-MPR-98765R"),
        ("GB-COH-SP9876RS", "GB-MPR-9876RS"),
        ("GB-COH-SP009876", "GB-MPR-9876RS"),
        ("GB-COH-IP000987", "GB-MPR-987IP"),
        ("GB-COH-NP000987", "GB-MPR-987IP"),
        ("GB-COH-IP00987C", "GB-MPR-987C"),
    ],
)
def test_companies_house_repeats_the_numbers_of_societies(one: str, other: str) -> None:
    assert {*org_ids.equivalents(one), one} & {*org_ids.equivalents(other), other}
    assert org_ids.form_of(one) == org_ids.form_of(other) == "GB-MPR"


def test_societies_whose_numbers_end_in_other_letters_are_others() -> None:
    numbers = [f"GB-MPR-987{letters}" for letters in ("", "R", "RS", "C", "CUS", "IP", "W")]
    usual = [(*org_ids.equivalents(number), number)[0] for number in numbers]
    assert len(set(usual)) == len(numbers)


@given(st.from_regex(r"GB-(COH|MPR)-(RS|IP|SP|NP)?[0-9]{1,8}[A-Z]{0,3}", fullmatch=True))
def test_the_usual_form_of_a_number_has_no_other(number: str) -> None:
    for usual in org_ids.equivalents(number):
        assert org_ids.equivalents(usual) == ()


def test_an_unknown_scheme_gives_no_org_id() -> None:
    assert org_ids.from_scheme("US-EIN", "123") == ""


@pytest.mark.parametrize(
    "number", ["N/A", "n/a", "none", "TBC", "TBD", "Not known", "unknown", "-", "0"]
)
@pytest.mark.parametrize("scheme", ["GB-CHC", "GB-COH", "GB-SC", "GB-NHS", "GB-MPR"])
def test_words_for_no_number_make_no_org_id(scheme: str, number: str) -> None:
    assert org_ids.from_scheme(scheme, number) == ""
    assert org_ids.tidy(f"{scheme}-{number}") == ""
    assert org_ids.from_scheme("GB-NHS", "RRV") == "GB-NHS-RRV"


@given(st.text(max_size=12))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    for once in (org_ids.company(text), org_ids.charity(text), org_ids.tidy(f"GB-COH-{text}")):
        assert org_ids.tidy(once) == once


@given(st.integers(10_000_000, 99_999_999), st.integers(1, 8))
def test_a_number_shown_with_an_exponent_is_read_only_where_no_digit_is_lost(
    number: int, digits: int
) -> None:
    shown = f"{number:.{digits}E}"
    assert org_ids.registered_company(shown) in ("", f"GB-COH-{number}")
    if digits >= len(str(number)) - 1:
        assert org_ids.registered_company(shown) == f"GB-COH-{number}"


@pytest.mark.parametrize("cell", ["N/A 1180041", "n/a / 1180041", "1180041 (n/a)", "1180041; N/A"])
def test_a_number_beside_not_applicable_is_read_alone(cell: str) -> None:
    assert org_ids.several(org_ids.charity, cell) == ("GB-CHC-1180041",)
    assert org_ids.several(org_ids.company, cell) == ("GB-COH-01180041",)


@pytest.mark.parametrize("number", ["A1180041", "ABC12345", "1180041X"])
def test_a_company_number_begins_with_two_letters_or_none(number: str) -> None:
    assert org_ids.company(number) == ""


@pytest.mark.parametrize("number", ["0000753C", "004373CS"])
def test_the_number_of_a_society_that_a_list_gives_in_eight_places_stays(number: str) -> None:
    assert org_ids.company(number) == f"GB-COH-{number}"


@pytest.mark.parametrize(
    ("number", "org_id"),
    [
        ("1150079", "GB-CHC-1150079"),
        ("SC012345", "GB-SC-SC012345"),
        ("awaiting registration", ""),
        ("01922 555010", ""),
        ("07954321", ""),
        ("5012345", ""),
        ("100123", ""),
    ],
)
def test_a_charity_scheme_makes_ids_of_charity_numbers_alone(number: str, org_id: str) -> None:
    assert org_ids.from_scheme("GB-CHC", number) == org_id


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://charities.example/charity-details/?regid=1150321&subid=0", "1150321"),
        ("https://charities.example/charity-details/?regid=1150321&subid=2", ""),
        ("https://www.oscr.example/search/charity-details?number=4321", "SC004321"),
        ("https://www.oscr.example/search/charity-details?number=SC004321", "SC004321"),
        ("https://www.charitycommissionni.example/details/?regId=100321&subId=0", "NIC100321"),
        ("https://companies.example/company/01234999/filing-history?page=2", "01234999"),
        ("http://schema.example/Organization", "Organization"),
        ("https://api.example/v2/providers/willow-lunch-club", "willow-lunch-club"),
        ("https://grants.example/2023/groups/rye-loaf", "rye-loaf"),
        ("https://data.example/orgs/GB-CHC-1150321/v2", "GB-CHC-1150321"),
        ("https://data.example/orgs/gb-coh-1234999/2025/", "gb-coh-1234999"),
        ("https://data.example/1150321/own-12", "1150321"),
        ("https://data.example/orgs/own-12", "own-12"),
        ("https://register.example/SC004321/accounts", "SC004321"),
    ],
)
def test_the_number_in_an_address_of_a_register_is_found(address: str, number: str) -> None:
    assert org_ids.in_address(address) == number
