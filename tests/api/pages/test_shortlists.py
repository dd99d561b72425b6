"""The shortlist as an officer reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from starlette.datastructures import FormData

from api.pages.cards import strongest_reason
from api.pages.forms import SubmittedForm
from api.pages.search_form import SearchForm
from matcher.ranking.features.feature import NEAR
from matcher.ranking.reason_text import NO_PROFILE
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Reason
from tests.factory import award, lot, provider
from tests.officer import DECIDED, Officer, Page
from tests.registers import registered
from tests.services import carer, served

NEED = "Home care for older people\nVisits at home around WS1 1TP. CPV 85312100-0"
FAR = "Brightside 5 Care"


@pytest.fixture(scope="module")
def shortlist(officer: Officer) -> Page:
    return officer.ask(NEED)


@pytest.fixture(scope="module")
def invite(officer: Officer) -> Page:
    return officer.ask(NEED, purpose="invite", buyer="Walsall Council", lot_0_value="24,000")


def test_a_card_says_in_six_lines_what_an_officer_needs(shortlist: Page) -> None:
    card = next(card for card in shortlist.texts("lbd-card") if "Brightside 1 Care" in card)
    for said in ("“Home care and visits for older people, team 1.” test table", "less than 0.1 km",
                 "Charity, small (income under £1 million) (test table", "Last similar contract",
                 "£90,000", "February 2025"):  # fmt: skip
        assert said in card
    other = next(card for card in shortlist.texts("lbd-card") if "Brightside 2" in card)
    assert "Not known: any public contract" in other


def test_a_card_without_a_description_says_what_speaks_for_the_provider(
    tmp_path: Path, places_table: Path
) -> None:
    plain = provider("GB-CHC-1000011", "WS1 1TP", name="Thornhill Home Care Visits")
    registered(tmp_path / "reg", places_table, carer(1, "WS1 1TP"), plain, trust_ids=True)
    with served(tmp_path, places_table) as client:
        cards = Officer(client).ask(NEED).texts("lbd-card")
    (card,) = (card for card in cards if "Thornhill" in card)
    assert "Our sources have no description of what it does. Its name " in card


def test_a_card_says_once_that_there_is_no_profile() -> None:
    near = Reason(NEAR, 3.0, "1 km away")
    named = Reason("What it says it does", 2.0, f"{NO_PROFILE} Its name suggests this work.")
    assert strongest_reason([near, named]) == "Its name suggests this work."
    assert strongest_reason([near]) == ""


def test_a_card_says_of_a_shared_contract_that_its_value_is_that_of_all_its_suppliers(
    tmp_path: Path, places_table: Path
) -> None:
    both = carer(1, "WS1 1TP"), carer(2, "WS2 8RR")
    home = lot(id="a-1", title="Home care for older people", buyer="Walsall Council")
    shared = award("a-1", *both, lot=home, value=9e4, day=date(2025, 2, 1))
    own = award("a-2", both[1], lot=replace(home, id="a-2"), value=8e4, day=date(2024, 2, 1))
    registered(tmp_path / "reg", places_table, *both, shared, own, trust_ids=True)
    with served(tmp_path, places_table) as client:
        officer = Officer(client)
        page = officer.ask(NEED)
        provider = officer.open("/providers/GB-CHC-1000002")
    told = "£90,000 in all for 2 suppliers"
    assert [card.count(told) for card in page.texts("lbd-card")] == [1, 1]
    assert told in provider.text
    assert "£80,000. Source" in provider.text


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ("3.1 .\nTo advance the arts of the county.", "“To advance the arts of the county.”"),
        ("and iii) teaching of English to all", "“teaching of English to all”"),
        ("A)TO PROVIDE ART FOR ALL", "“TO PROVIDE ART FOR ALL”"),
        ("Art club.", "“Art club.”"),
        ("3.1 .", "Our sources have no description of what it does. Its name"),
    ],
)
def test_a_card_quotes_sentences_and_no_numbers_of_clauses(
    tmp_path: Path, places_table: Path, profile: str, told: str
) -> None:
    plain = provider("GB-CHC-1000013", "WS1 1TP", name="Thornhill Home Care", profile=profile)
    registered(tmp_path / "reg", places_table, carer(1, "WS1 1TP"), plain, trust_ids=True)
    with served(tmp_path, places_table) as client:
        cards = Officer(client).ask(NEED).texts("lbd-card")
    (card,) = (card for card in cards if "Thornhill" in card)
    assert told in card


def test_a_card_quotes_no_label_and_says_what_a_body_looks_like(
    tmp_path: Path, places_table: Path
) -> None:
    labelled = provider(
        *("GB-CHC-1000012", "WS1 1TP"),
        name="Thornhill Home Care School",
        profile="Home care for older people. Sector: Care",
        tags=("sic:88100 Home care for older people",),
    )
    registered(tmp_path / "reg", places_table, carer(1, "WS1 1TP"), labelled, trust_ids=True)
    with served(tmp_path, places_table) as client:
        cards = Officer(client).ask(NEED).texts("lbd-card")
    (card,) = (card for card in cards if "Thornhill" in card)
    assert "“" not in card
    assert "Looks like a school, college or nursery" in card


def test_a_card_has_one_control_and_a_link_to_its_provider(shortlist: Page) -> None:
    for card in shortlist.tree.find_class("lbd-card"):
        assert len(card.xpath(".//input | .//button | .//summary | .//select")) == 1
        assert card.xpath(".//h3/a/@href")[0].startswith("/providers/")


def test_a_distance_is_told_once_and_in_the_unit_that_the_officer_used(officer: Officer) -> None:
    miles = officer.ask(NEED, within="5 miles")
    told = " ".join(miles.texts("lbd-card"))
    assert "miles away in a straight line" in told
    assert " km" not in told
    assert "Within 5 miles" in miles.text
    km = officer.ask(NEED, within="8 km")
    assert "miles" not in " ".join(km.texts("lbd-card"))


def test_the_points_of_the_evidence_add_up_to_the_score(officer: Officer, shortlist: Page) -> None:
    link = shortlist.tree.find_class("lbd-card")[0].xpath(".//h3/a/@href")[0]
    table = officer.open(link).tree.xpath("//details//table")[0]
    told = [float(cell.text_content().replace("−", "-")) for cell in
            table.xpath(".//td[contains(@class, 'numeric')]")]  # fmt: skip
    assert len(told) > 3
    assert sum(told[:-1]) == pytest.approx(told[-1], abs=0.005 * len(told))


def test_the_map_shows_each_placed_provider_by_its_rank_and_says_so_in_words(
    shortlist: Page,
) -> None:
    svg = shortlist.tree.xpath("//svg")[0]
    ranks = [text.text for text in svg.xpath(".//*[@class='lbd-map__number']")]
    cards = shortlist.texts("lbd-card")
    placed = sum(" away" in card for card in cards)
    assert sorted(ranks) == sorted(str(n) for n in range(1, placed + 1))
    assert svg.xpath(".//title")[0].text.startswith(f"Map of {placed} suggested providers")


WHERE = ("miles", " km", "Walsall (", "WS1 1TP,", "Where it is:", "lbd-map__svg")
HOW_BIG = ("Small (income", "income £", "Charity", "Sole trader")
RECORD = ("£90,000", "public contract", "Walsall Council, February")


def test_an_invite_list_shows_nothing_of_place_size_or_record(
    officer: Officer, invite: Page
) -> None:
    assert invite.path.startswith("/lists/"), invite.errors
    cards = invite.texts("lbd-card")
    assert cards
    everything = " ".join(cards)
    for said in (*WHERE, *HOW_BIG, *RECORD):
        assert said not in everything, said
    assert "lbd-map__svg" not in invite.response.text
    assert "Apply filters" not in invite.text
    ids = invite.tree.xpath("//input[@name='provider']/@value")
    compared = officer.open(f"{invite.path}/compare", provider=ids[:4])
    printed = officer.open(f"{invite.path}/print")
    for page in (compared, printed):
        told = " ".join(one.text_content() for one in page.tree.xpath("//table"))
        assert "Brightside 1" in told
        for said in (*WHERE, *HOW_BIG, *RECORD):
            assert said not in told, said


def test_an_invite_list_says_what_does_not_count_and_by_which_rule(invite: Page) -> None:
    assert "these do not count" in invite.text
    assert "Local Government Act 1988 s.17" in invite.text


def test_lots_follow_one_another(officer: Officer) -> None:
    first = officer.ask("Intro\nLot 1: Home care\nVisits, WS1 1TP\nLot 2: Care at home\nWS2 8RR")
    assert "Lot 1 of 2" in first.text
    link = next(a for a in first.tree.iterlinks() if a[0].text == "Next: lot 2")[2]
    second = officer.open(link)
    assert "Lot 2 of 2" in second.text
    assert second.path != first.path


def test_a_list_is_narrowed_to_an_area_and_to_a_kind(officer: Officer, shortlist: Page) -> None:
    form = shortlist.form(f"{shortlist.path}/ticked")
    near = officer.send(
        f"{shortlist.path}/narrow", {**form, "within": "", "area": "Walsall", "kind": "vcse"}
    )
    assert near.path != shortlist.path
    assert "Brightside 1" in near.text
    assert "Brightside 4" not in near.text
    assert "J Smith Care" not in " ".join(near.texts("lbd-card"))


def test_a_list_is_widened_to_the_whole_country(officer: Officer, shortlist: Page) -> None:
    assert FAR not in shortlist.text
    form = shortlist.form(f"{shortlist.path}/ticked")
    wide = officer.send(f"{shortlist.path}/narrow", {**form, "within": "", "size": "any"})
    assert FAR in wide.text


def test_a_list_without_a_provider_says_what_to_do_and_asks_for_no_choice(
    officer: Officer, shortlist: Page
) -> None:
    form = shortlist.form(f"{shortlist.path}/ticked")
    empty = officer.send(f"{shortlist.path}/narrow", {**form, "within": "", "area": "Cornwall"})
    assert "No matching provider found" in empty.text
    assert "You can search a wider area or for any size" in empty.text
    for page, asks in ((shortlist, True), (empty, False)):
        assert ("Tick providers above" in page.text) is asks


def test_an_unknown_area_is_refused_and_the_list_stays_visible(
    officer: Officer, shortlist: Page
) -> None:
    form = shortlist.form(f"{shortlist.path}/ticked")
    page = officer.send(f"{shortlist.path}/narrow", {**form, "area": "Walsal"})
    assert "did you mean 'Walsall'" in page.text
    assert "Brightside 1" in page.text


def test_a_distance_without_a_unit_is_asked_for_it(officer: Officer, shortlist: Page) -> None:
    form = shortlist.form(f"{shortlist.path}/ticked")
    page = officer.send(f"{shortlist.path}/narrow", {**form, "within": "7"})
    assert page.errors == ["Enter 7 miles or 7 km"]
    assert page.form(f"{shortlist.path}/ticked")["within"] == "7"


def test_enter_filters_where_a_filter_was_changed_and_else_asks_about_the_provider(
    officer: Officer, shortlist: Page
) -> None:
    asked = {**shortlist.form(f"{shortlist.path}/ticked"), "do": "enter", "q": FAR}
    narrow = f"{shortlist.path}/narrow"
    assert officer.send(narrow, asked).path == f"{shortlist.path}/why"
    near = officer.send(narrow, {**asked, "within": "5 km"})
    assert "Within 5 km" in near.text
    assert near.path not in (shortlist.path, f"{shortlist.path}/why")
    refused = officer.send(narrow, {**asked, "within": "far"})
    again = refused.form(f"{shortlist.path}/ticked") | {"do": "enter", "q": FAR}
    assert officer.send(narrow, again).path == f"{shortlist.path}/why"


def test_what_the_form_beside_a_list_has_no_field_for_stays() -> None:
    asked = SearchForm.of(Request(fair=True, weak=True, limit=7))
    changed = asked.changed_by(SubmittedForm(FormData({"within": "5 km"})))
    assert changed.get("within") == "5 km"
    assert changed.request().fair
    assert not changed.request().weak


def test_an_invite_list_cannot_be_narrowed_to_what_is_near(officer: Officer, invite: Page) -> None:
    page = officer.send(f"{invite.path}/narrow", {"within": "5 km", "area": "Walsall"})
    assert "Everyone" in page.texts("govuk-summary-list__value")


def test_weaker_matches_are_listed_on_request_and_stay_when_the_list_is_narrowed(
    officer: Officer, shortlist: Page
) -> None:
    form = shortlist.form(f"{shortlist.path}/ticked")
    assert "weak" not in form
    weak = officer.send(f"{shortlist.path}/weak", form)
    assert weak.path != shortlist.path
    usual, more = (
        page.tree.xpath("//input[@name='provider']/@value") for page in (shortlist, weak)
    )
    assert set(usual) <= set(more)
    assert weak.form(f"{weak.path}/ticked")["weak"] == "yes"
    near = officer.send(
        f"{weak.path}/narrow", {**weak.form(f"{weak.path}/ticked"), "within": "5 km"}
    )
    assert near.form(f"{near.path}/ticked")["weak"] == "yes"


def test_up_to_four_are_compared_side_by_side(officer: Officer) -> None:
    page = officer.ask(NEED, within="", size="any")
    ids = page.tree.xpath("//input[@name='provider']/@value")
    assert len(ids) > 4
    compared = officer.open(f"{page.path}/compare", provider=[*ids, "XX-NOBODY"])
    assert len(compared.tree.xpath("(//thead)[1]//th")) == 5
    assert "Only the first 4" in compared.text
    assert compared.tree.xpath("//table/caption")[0].text_content() == "4 providers side by side"
    for row in ("Size", "Distance in a straight line", "Not known", "Sources", "Score"):
        assert compared.tree.xpath(f"//th[normalize-space()='{row}']"), row


def test_comparing_without_a_choice_explains_what_to_do(officer: Officer, shortlist: Page) -> None:
    assert "You have not ticked any providers" in officer.open(f"{shortlist.path}/compare").text


def test_a_ticked_provider_that_the_register_has_no_longer_is_told(
    officer: Officer, shortlist: Page
) -> None:
    page = officer.open(shortlist.path, provider=["GB-CHC-1000003", "GB-CHC-9999999"])
    assert page.response.status_code == 200
    assert "You ticked 1 provider that the register has no longer" in page.text
    assert page.text.count("GB-CHC-9999999") == 1
    (added,) = page.tree.xpath("//input[starts-with(@id, 'tick-added-')]/@value")
    assert added == "GB-CHC-1000003"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Brightside 5", "out of reach"),
        ("Brihgtside 5 Care", "out of reach"),
        ("GB-CHC-1000003", "it is large"),
        ("Engine Works", "Too little that is known about it is similar"),
    ],
)
def test_why_not_this_provider(officer: Officer, shortlist: Page, said: str, why: str) -> None:
    page = officer.open(f"{shortlist.path}/why", q=said)
    if "Which of these do you mean?" in page.text:
        links = [link for _, _, link, _ in page.tree.iterlinks() if "provider=" in link]
        page = officer.open(links[0])
    assert why.lower() in page.text.lower()


def test_why_this_one_tells_its_rank(officer: Officer, shortlist: Page) -> None:
    page = officer.open(f"{shortlist.path}/why", q="GB-CHC-1000001")
    assert "It is number" in page.text
    assert "listed" in page.text


def test_what_is_known_of_a_provider_below_the_list_is_told_with_its_points(
    officer: Officer,
) -> None:
    short = officer.ask(NEED, limit="1")
    (listed,) = short.tree.xpath("//input[@name='provider']/@value")
    other = next(id_ for id_ in ("GB-CHC-1000001", "GB-CHC-1000002") if id_ != listed)
    page = officer.open(f"{short.path}/why", q=other)
    assert "below the list" in page.text
    assert page.texts("lbd-reasons")
    assert "How the score adds up" in page.text


def test_an_unknown_name_gets_a_plain_answer(officer: Officer, shortlist: Page) -> None:
    page = officer.open(f"{shortlist.path}/why", q="Zzyzx Quark Ltd")
    assert "No provider in the register has this name or ID" in page.text


def test_a_provider_that_is_not_listed_can_be_added_with_a_reason(
    officer: Officer, shortlist: Page
) -> None:
    page = officer.open(shortlist.path, provider="GB-CHC-1000005")
    assert "Added by you" in page.text
    form = officer.decide(shortlist, **{"GB-CHC-1000005": (True, "")}) | DECIDED
    refused = officer.send(f"{shortlist.path}/decision", form)
    assert refused.errors == [f"Enter a reason for adding {FAR}"]
    form["reason-GB-CHC-1000005"] = "It has opened an office in Walsall."
    assert officer.send(f"{shortlist.path}/decision", form).path.endswith("/kept")


def test_a_list_that_is_not_saved_gives_a_not_found_page(officer: Officer) -> None:
    page = officer.open("/lists/0123456789abcdef01234567")
    assert page.status == 404
    assert "look for the title of the lot under Past shortlists" in page.text


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/lists/0123456789abcdef01234567/kept", 404, "We cannot find this shortlist"),
        ("/splits/0123456789abcdef01234567", 404, "We cannot find this comparison"),
        ("/providers/GB-CHC-9999999", 404, "We cannot find this provider"),
        ("/lists/0123456789abcdef01234567/narrow", 405, "There is no page at this address"),
    ],
)
def test_what_cannot_be_found_is_told_in_an_officers_words_and_a_programs(
    officer: Officer, address: str, status: int, words: str
) -> None:
    page = officer.open(address)
    assert (page.status, page.tree.xpath("//h1")[0].text) == (status, words)
    told = officer.client.get(address).json()
    assert told["status"] == status
    assert told["detail"][1:] not in page.text


@pytest.mark.parametrize("lots", ["x", "a.b", "../..", "0" * 5000, "<script>"])
def test_invalid_ids_in_an_address_are_ignored(
    officer: Officer, shortlist: Page, lots: str
) -> None:
    page = officer.open(shortlist.path, lots=lots)
    assert page.status == 200
    assert "<script>" not in page.response.text.replace('<script type="module"', "")
