"""What the headers of a table mean, however people write them."""

from __future__ import annotations

import pytest

from matcher.sources.providers.column_meanings import column_meanings


def meaning(header: str) -> str | None:
    return column_meanings(("Organisation name", header))[0].get(header)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Postcode of base", "postcode"),
        ("Post code for correspondence", "postcode"),
        ("Postal code where registered", "postcode"),
        ("Côd post y swyddfa", "postcode"),
        ("What is the main postcode you work from?", "postcode"),
        ("What is the postcode you live at?", None),
        ("Postcode where you live", None),
        ("Postcode you work in", None),
        ("Postcode of the Liverpool office", "postcode"),
        ("Website 1", "website"),
        ("Postcodes of areas covered", None),
        ("Postcode of service delivery", None),
        ("Charity registered no.", "charity_number"),
        ("Charity reference", "charity_number"),
        ("OSCR no", "charity_number"),
        ("Rhif elusen gofrestredig", "charity_number"),
        ("Number (charity)", "charity_number"),
        ("Number of charities", None),
        ("Company House ref", "company_number"),
        ("Co. reg. ID", "company_number"),
        ("Company / CIC number", "company_number"),
        ("Registration no. (Companies House)", "company_number"),
        ("Rhif cofrestru'r cwmni", "company_number"),
        ("Rhif y cwmni", "company_number"),
        ("Rhif yr elusen", "charity_number"),
        ("CIO number", "charity_number"),
        ("Gwefan", "website"),
        ("Disgrifiad o'r gwasanaeth", "profile"),
        ("Math o sefydliad", "kind"),
        ("Cyfeiriad / Address", "address"),
        ("Trosiant blynyddol", "income"),
        ("Ardal", "areas"),
        ("Rhif ffôn", None),
        ("E-bost", None),
        ("No. of companies", None),
        ("Charity or company number", None),
        ("VAT registered number", None),
        ("CQC registered number", None),
    ],
)
def test_a_longer_header_means_the_same(header: str, expected: str | None) -> None:
    assert meaning(header) == expected


@pytest.mark.parametrize(
    "header",
    [
        *("Enw", "Enw'r sefydliad", "Name / Enw", "Enw | Name", "Company / Organisation"),
        *("Organisation's name", "Name of organisation/group"),
    ],
)
def test_a_header_in_two_languages_is_of_a_name(header: str) -> None:
    assert column_meanings((header, "Postcode"))[0] == {header: "name", "Postcode": "postcode"}


@pytest.mark.parametrize("header", ["Name / Address", "Contact / Name", "Your name"])
def test_a_header_of_a_name_and_something_else_is_not_used(header: str) -> None:
    assert meaning(header) is None


@pytest.mark.parametrize(
    "header",
    [
        *("Club name", "SchoolName", "Q1. Name of your organisation", "2) Name of voluntary group"),
        *(
            "recipientOrganization/0/name",
            "What is your society called?",
            "Setting Name",
            "Grantee",
        ),
        *("Company Name / Trading Name", "Member organisation", "Trading name", "Enw'r mudiad"),
    ],
)
def test_names_of_every_sort_of_organisation_are_read(header: str) -> None:
    found = column_meanings((header, "Contact name", "Postcode"))[0]
    assert found == {header: "name", "Postcode": "postcode"}


@pytest.mark.parametrize(
    "header",
    [
        *(
            "Contact name",
            "Name of manager",
            "Funding Org:Name",
            "Voluntary organisation",
            "Service",
        ),
        *("Member", "Applicant name", "School type", "Company contact name", "Community group"),
    ],
)
def test_names_of_others_and_sorts_of_organisation_are_not_names(header: str) -> None:
    assert "name" not in column_meanings((header, "Postcode"))[0].values()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("EstablishmentStatus (name)", "status"),
        ("Service status", "status"),
        ("Active / closed", "status"),
        ("Grant status", None),
        ("Charitable status", None),
        ("Is the club still running?", "active"),
        ("Still exists", "active"),
        ("Is registered company", None),
        ("Running", None),
        ("Year disbanded", "ended"),
        ("CloseDate", "ended"),
        ("Date of dissolution / removal", "ended"),
        ("Date struck off", "ended"),
        ("Financial year end", None),
        ("Service end date", None),
        ("Closed group", None),
        ("Removal service", None),
        ("Wound care", None),
        ("Closed days", None),
        ("Public address", "address"),
        ("Home address", None),
        ("Organisation email address", None),
        ("Client postcode", None),
        ("Funding Org:Postal Code", None),
        ("Q5 Postcode", "postcode"),
        ("What is the postcode of your group?", "postcode"),
        ("Fundraising income", None),
        ("Status at Companies House", "status"),
        ("Companies House", "company_number"),
        ("RCN", "charity_number"),
    ],
)
def test_a_header_means_what_all_its_words_say(header: str, expected: str | None) -> None:
    assert meaning(header) == expected


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("What services do you offer?", "profile"),
        ("Please describe your activities", "profile"),
        ("Tell us what your organisation does", "profile"),
        ("What support do you need?", None),
        ("Do you offer support?", None),
        ("Services you use", None),
        ("Are you still operating?", "active"),
        ("Group", "name"),
    ],
)
def test_what_a_form_asks_is_known(header: str, meaning: str | None) -> None:
    assert column_meanings((header,))[0].get(header) == meaning


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("ServiceDesc", "profile"),
        ("Service", "profile"),
        ("Service name", "profile"),
        ("Summary of services", "profile"),
        ("Brief description", "profile"),
        ("Goods / services supplied", "profile"),
        ("Specialisms", "profile"),
        ("Other services", "profile"),
        ("Nature of business", "profile"),
        ("Trade", "profile"),
        ("Work", None),
        ("Work phone", None),
        ("Support", None),
        ("Details", None),
        ("Contact details", None),
        ("Financial summary", None),
        ("Service area", None),
        ("Service manager", None),
        ("Type of service", "tags"),
        ("Service category", "tags"),
        ("Provider type", "kind"),
        ("Business type", "kind"),
        ("Business sector", "tags"),
        ("Sub-sector", "tags"),
        ("Legal structure", "kind"),
        ("Contract type", None),
        ("Structure", None),
        ("Company size", "size"),
        ("Lot size", None),
    ],
)
def test_what_the_words_about_work_sorts_and_size_mean(header: str, expected: str | None) -> None:
    assert meaning(header) == expected


def test_the_name_beside_a_surname_is_a_persons() -> None:
    columns = ("Name", "Surname", "Organisation")
    assert column_meanings(columns) == ({"Organisation": "name"}, ("Name", "Surname"))


def test_who_provides_a_service_is_the_provider_and_not_the_service() -> None:
    meanings, _ = column_meanings(("Service name", "Provided by"))
    assert meanings["Provided by"] == "name"
