"""The page of one provider: facts with sources and dates, and nothing that a list may not use."""

from __future__ import annotations

import pytest

from api.pages.labels import notice_link
from api.pages.providers import list_of_facts
from matcher.core.types import Fact, Source
from tests.officer import Officer, Page

NEED = "Home care for older people\nVisits at home around WS1 1TP. CPV 85312100-0"
ONE = "GB-CHC-1000001"


@pytest.fixture(scope="module")
def invite(officer: Officer) -> Page:
    return officer.ask(NEED, purpose="invite", buyer="Walsall Council", lot_0_value="24,000")


def test_each_fact_has_its_source_and_the_contracts_are_there(officer: Officer) -> None:
    page = officer.open(f"/providers/{ONE}")
    for said in ("Brightside 1 Care", "Home care and visits for older people, team 1.",
                 "Charity", "test table", "WS1 1TP", "1 contract known",
                 "Walsall Council, February 2025", "£90,000"):  # fmt: skip
        assert said in page.text, said


def test_a_page_read_for_an_invite_list_shows_nothing_that_may_not_count(
    officer: Officer, invite: Page
) -> None:
    id_ = invite.path.rpartition("/")[2]
    page = officer.open(f"/providers/{ONE}", list=id_)
    assert "It is number" in page.text
    assert "these do not count and are not shown here" in page.text
    told = page.text.replace("around WS1 1TP", "")
    for said in ("WS1 1TP", "Small", "Charity", "£90,000", "Walsall Council, "):
        assert said not in told, said


def test_a_page_read_for_a_list_says_why_it_is_on_it_and_leads_back(officer: Officer) -> None:
    shortlist = officer.ask(NEED)
    link = shortlist.tree.find_class("lbd-card")[0].xpath(".//h3/a/@href")[0]
    page = officer.open(link)
    assert "Why it is on the list" in page.text
    back = page.tree.xpath("//a[@class='govuk-back-link']/@href")[0]
    assert officer.open(back.partition("#")[0]).path == shortlist.path


def test_an_unknown_provider_gives_a_not_found_page(officer: Officer) -> None:
    assert officer.open("/providers/XX-NOBODY").status == 404


def test_a_value_of_two_sources_is_one_line_with_both() -> None:
    register, notice = Source("a register"), Source("a notice")
    rows = list_of_facts(
        [Fact("id", "GB-CHC-1", register), Fact("id", "XX-NAME-moss", notice),
         Fact("kind", "charity", register),
         Fact("kind", "charity", notice), Fact("status", "unknown", notice)], set()
    )  # fmt: skip
    assert [(row.name, row.values) for row in rows] == [
        ("Kind", (("Charity", "a register; a notice"),)),
        ("Number", (("GB-CHC-1", "a register"),)),
    ]


def test_the_district_of_a_postcode_that_is_known_is_not_shown_beside_it() -> None:
    charities, table = Source("charities"), Source("own table")
    rows = list_of_facts(
        [Fact("postcode (registered)", "WV14", charities), Fact("postcode (office)", "WV1", table),
         Fact("postcode (registered)", "WV14 0QL", charities),
         Fact("postcode (office)", "WV14", table)], set()
    )  # fmt: skip
    assert [(row.name, row.values) for row in rows] == [
        ("Postcode (office)", (("WV1", "own table"),)),
        ("Postcode (registered)", (("WV14 0QL", "charities"),)),
    ]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("ukcat:HO204", ""),
        ("sic:81300", ""),
        ("81300", ""),
        ("HO204", ""),
        ("sic:81300 Landscape service activities", "Landscape service activities"),
        ("icnptso:D12: Shelter", "Shelter"),
        ("ccni-who:Older people", "Older people"),
        ("ccni-who:16 to 25 year olds", "16 to 25 year olds"),
        ("ownership:Workers", "Ownership: Workers"),
        ("ISO9001", "ISO9001"),
        ("24/7 helpline", "24/7 helpline"),
        ("50+ groups", "50+ groups"),
        ("paid for: grit, salt", "paid for: grit, salt"),
        ("Youth: sport", "Youth: sport"),
    ],
)
def test_a_label_is_shown_in_words_or_not_at_all(label: str, words: str) -> None:
    rows = list_of_facts([Fact("tag", label, Source("a register"))], set())
    assert [row.values for row in rows] == ([((words, "a register"),)] if words else [])


@pytest.mark.parametrize(
    ("award", "address"),
    [
        ("ocds-h6vhtk-051f8d/1",
         "https://www.find-tender.service.gov.uk/procurement/ocds-h6vhtk-051f8d"),
        ("ocds-b5fd17-8a0c89fe-3eed-4f9c-b17a-ae7c1badee7d/1",
         "https://www.contractsfinder.service.gov.uk/Notice/8a0c89fe-3eed-4f9c-b17a-ae7c1badee7d"),
        ("ocds-b5fd17-not-a-notice/1", ""),
        ("ocds-r6ebe6-0000123456/1", ""),
        ("javascript:ocds-h6vhtk-051f8d", ""),
    ],
)  # fmt: skip
def test_a_notice_is_linked_where_its_portal_has_a_page_for_it(award: str, address: str) -> None:
    assert notice_link(award) == address
