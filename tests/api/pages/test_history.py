"""Past shortlists and exposure."""

from __future__ import annotations

import pytest

from api.pages.history import PAGE_SIZE
from tests.officer import DECIDED, Officer

ONE = "GB-CHC-1000001"


@pytest.fixture(scope="module", autouse=True)
def many(officer: Officer) -> None:
    """More shortlists than one page shows."""
    for number in range(PAGE_SIZE + 2):
        officer.ask(f"Home visits for older people, round {number}\nWS1 1TP")


def test_past_shortlists_are_listed_newest_first_and_page_by_page(officer: Officer) -> None:
    page = officer.open("/past")
    titles = [one.text for one in page.tree.xpath("//ul//h2")]
    assert titles[0].endswith(f"round {PAGE_SIZE + 1}")
    older = next(a for a in page.tree.iterlinks() if a[0].text == "Older shortlists")[2]
    assert "round 1" in officer.open(older).text


def test_a_search_finds_by_part_of_the_title(officer: Officer) -> None:
    page = officer.open("/past", q="ROUND 7")
    assert [one.text for one in page.tree.xpath("//ul//h2")] == [
        "Home visits for older people, round 7"
    ]


def test_the_lists_of_one_procurement_stay_together_and_lead_to_one_another(
    officer: Officer,
) -> None:
    officer.ask("Intro\nLot 1: Home care, dawn\nVisits, WS1 1TP\nLot 2: Care, dusk\nWS2 8RR")
    page = officer.open("/past", q="d")
    (group,) = page.tree.xpath("//li[h2='Home care, dawn; Care, dusk']")
    links = group.xpath(".//ul//a/@href")
    assert len(links) == 2
    second = officer.open(links[1])
    assert "Lot 2 of 2" in second.text
    assert second.tree.xpath("//h1")[0].text == "Care, dusk"


def test_exposure_is_read_page_by_page_and_its_totals_are_of_all(officer: Officer) -> None:
    whole = officer.client.get("/v1/exposure").json()["exposure"]
    page = officer.open("/exposure", start=1)
    shown = [row.text_content() for row in page.tree.xpath("//tbody//th")]
    assert len(shown) == len(whole) - 1
    assert f"{len(whole)} providers took {sum(row['suggested'] for row in whole):,}" in page.text
    first = next(a for a in page.tree.iterlinks() if a[0].text == "Providers listed more often")
    assert len(officer.open(first[2]).tree.xpath("//tbody//th")) == len(whole)


def test_a_search_that_finds_nothing_says_so_and_escapes_what_was_sought(officer: Officer) -> None:
    page = officer.open("/past", q="<b>nothing</b>")
    assert "No lot title contains “<b>nothing</b>”." in page.text
    assert "<b>nothing" not in page.response.text


def test_the_lists_shown_are_run_again_and_their_status_is_shown(officer: Officer) -> None:
    page = officer.open("/past", q="round 7")
    form = page.form("/past/replay")
    assert officer.send("/past/replay", form).texts("govuk-tag") == ["Same"]


def test_exposure_counts_suggestions_and_decisions(officer: Officer) -> None:
    row = "//tbody/tr[contains(., 'Brightside 1 Care')]/td"
    before = [td.text_content() for td in officer.open("/exposure").tree.xpath(row)]
    page = officer.ask("Home visits for older people, counted\nWS1 1TP")
    form = officer.decide(page, **{ONE: (True, "")})
    officer.send(f"{page.path}/decision", {**form, **DECIDED})
    after = [td.text_content() for td in officer.open("/exposure").tree.xpath(row)]
    assert int(after[0]) == int(before[0]) + 1
    assert int(after[2]) == int(before[2]) + 1


def test_exposure_explains_ties_and_the_fair_share(officer: Officer) -> None:
    text = officer.open("/exposure").text
    assert "the tie is broken at random" in text
    assert "Fair share." in text


def test_exposure_of_a_period_without_lists_is_empty(officer: Officer) -> None:
    page = officer.open("/exposure", since="2000-01-01", until="2000-12-31")
    assert "No list matches these dates and this purpose." in page.text


def test_an_invalid_day_is_refused_next_to_its_field(officer: Officer) -> None:
    page = officer.open("/exposure", since="yesterday")
    assert page.status == 422
    assert page.errors == ["Enter a day such as 2026-04-01, or leave this empty"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"within": "7 miles"}, "Within 7 miles in a straight line"),
        ({"within": ""}, "Based in the United Kingdom"),
        ({"area": "Walsall"}, "Walsall (whole council area)"),
        ({"size": "any"}, "Within 30 km in a straight line"),
        ({"kind": "vcse"}, "Voluntary, community and social enterprises only"),
        ({"weak": "yes"}, "Weaker matches too"),
        ({"limit": "3"}, "Up to 3 providers"),
        ({"within": "", "size": "any"}, "Everyone"),
        ({"purpose": "invite"}, "Invite"),
        ({"contract": "works"}, "Works"),
        ({"whole": "90,000"}, "All lots together: £90,000"),
        ({"lot-0-value": "61000"}, "£61,000"),
        ({"lot-0-place": "B1 1AA"}, "B1 1AA"),
    ],
)
def test_a_list_that_differs_by_one_thing_alone_says_so(
    officer: Officer, changed: dict[str, str], words: str
) -> None:
    title = f"Kennels {'-'.join([*changed, *changed.values()])}, all"
    for fields in ({}, changed):
        officer.ask(f"{title}\nDogs are walked, WS1 1TP", **fields)
    new, old = (
        [" ".join(part.split()) for part in item.text_content().split("·")][1:]
        for item in officer.open("/past", q=title).tree.find_class("lbd-past-lists__item")
    )
    assert any(part.startswith(words) or words in part for part in new)
    assert sorted(new) != sorted(old)


def test_what_is_the_same_for_all_lots_of_a_procurement_is_said_once(officer: Officer) -> None:
    officer.ask("Lot 1: Kennels, dawn\nDogs, WS1 1TP, £5,000\nLot 2: Kennels, dusk\nDogs, B1 1AA")
    (group,) = officer.open("/past", q="kennels, d").tree.find_class("lbd-past-lists__item")
    told = group.text_content()
    assert told.count("Within 30 km") == 1
    assert [told.count(each) for each in ("WS1 1TP", "B1 1AA", "£5,000")] == [1, 1, 1]


def test_the_tag_of_the_whole_country_is_not_a_filter_that_cannot_be_removed(
    officer: Officer,
) -> None:
    page = officer.ask("Home visits, everywhere\nWS1 1TP", within="")
    assert page.texts("lbd-filter__tag") == ["Remove this filter: Not large"]
    assert "Based in the United Kingdom" in page.text


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/past?before=soon", "“before”: 'soon' is not a whole number; give one such as 50"),
        ("/past?before=", "“before”: '' is not a whole number; give one such as 50"),
        ("/past?before=-4", "“before”: '-4' is out of range; give a number from 1"),
        (f"/past?before={10**20}", f"give a number below {2**53:,}"),
        ("/splits?before=x", "“before”: 'x' is not a whole number"),
        ("/exposure?start=-1", "“start”: '-1' is out of range; give a number from 0"),
        (f"/place?q={'a' * 201}", "“q”: is too long; give at most 200 characters"),
    ],
)
def test_a_wrong_address_is_told_with_its_field_its_value_and_what_is_right(
    officer: Officer, address: str, told: str
) -> None:
    shown = officer.open(address)
    assert shown.status == 422
    assert shown.text.startswith("There is a problem with this address")
    assert told in shown.text
