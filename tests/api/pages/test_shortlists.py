"""The shortlist as an officer reads it."""

from __future__ import annotations

import pytest

from tests.officer import Officer, Page

NEED = "Home care for older people\nVisits at home around WS1 1TP. CPV 85312100-0"
FAR = "Brightside 5 Care"


@pytest.fixture(scope="module")
def shortlist(officer: Officer) -> Page:
    return officer.ask(NEED)


@pytest.fixture(scope="module")
def invite(officer: Officer) -> Page:
    return officer.ask(NEED, purpose="invite", buyer="Walsall Council", lot_0_value="24,000")


def test_each_suggestion_has_reasons_distance_size_evidence_and_what_is_unknown(
    shortlist: Page,
) -> None:
    card = next(card for card in shortlist.texts("lbd-card") if "Brightside 1 Care" in card)
    for said in ("Its profile mentions", "miles", "Small (income under £1 million)", "Charity",
                 "Sources", "test table", "£90,000", "February 2025"):  # fmt: skip
        assert said in card
    other = next(card for card in shortlist.texts("lbd-card") if "Brightside 2" in card)
    assert "Not known: any public contract." in other


def test_the_points_of_the_evidence_add_up_to_the_score(shortlist: Page) -> None:
    card = shortlist.tree.find_class("lbd-card")[0]
    told = [float(cell.text_content().replace("−", "-")) for cell in
            card.xpath(".//td[contains(@class, 'numeric')]")]  # fmt: skip
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
    assert "Make a new list" not in invite.text
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
    form = shortlist.form(f"{shortlist.path}/narrow")
    near = officer.send(
        f"{shortlist.path}/narrow", {**form, "within": "", "area": "Walsall", "kind": "vcse"}
    )
    assert near.path != shortlist.path
    assert "Brightside 1" in near.text
    assert "Brightside 4" not in near.text
    assert "J Smith Care" not in " ".join(near.texts("lbd-card"))


def test_a_list_is_widened_to_the_whole_country(officer: Officer, shortlist: Page) -> None:
    assert FAR not in shortlist.text
    form = shortlist.form(f"{shortlist.path}/narrow")
    wide = officer.send(f"{shortlist.path}/narrow", {**form, "within": "", "size": "any"})
    assert FAR in wide.text


def test_an_unknown_area_is_refused_and_the_list_stays_visible(
    officer: Officer, shortlist: Page
) -> None:
    form = shortlist.form(f"{shortlist.path}/narrow")
    page = officer.send(f"{shortlist.path}/narrow", {**form, "area": "Walsal"})
    assert page.status == 422
    assert "did you mean 'Walsall'" in page.text
    assert "Brightside 1" in page.text


def test_an_invite_list_cannot_be_narrowed_to_what_is_near(officer: Officer, invite: Page) -> None:
    page = officer.send(f"{invite.path}/narrow", {"within": "5 km", "area": "Walsall"})
    assert "Everyone" in page.texts("govuk-summary-list__value")


def test_up_to_four_are_compared_side_by_side(officer: Officer) -> None:
    page = officer.ask(NEED, within="", size="any")
    ids = page.tree.xpath("//input[@name='provider']/@value")
    assert len(ids) > 4
    compared = officer.open(f"{page.path}/compare", provider=[*ids, "XX-NOBODY"])
    assert len(compared.tree.xpath("//thead//th")) == 5
    assert "Only the first 4" in compared.text
    for row in ("Size", "Distance", "Not known", "Sources", "Score"):
        assert compared.tree.xpath(f"//th[normalize-space()='{row}']"), row


def test_comparing_without_a_choice_explains_what_to_do(officer: Officer, shortlist: Page) -> None:
    assert "You have not chosen any providers" in officer.open(f"{shortlist.path}/compare").text


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


def test_an_unknown_name_gets_a_plain_answer(officer: Officer, shortlist: Page) -> None:
    page = officer.open(f"{shortlist.path}/why", q="Zzyzx Quark Ltd")
    assert "No provider in the register has this name or ID" in page.text


def test_a_provider_that_is_not_listed_can_be_added_with_a_reason(
    officer: Officer, shortlist: Page
) -> None:
    page = officer.open(shortlist.path, add="GB-CHC-1000005")
    assert "Added by you" in page.text
    fields = {"add": "GB-CHC-1000005", "choice-GB-CHC-1000005": "invited"}
    refused = officer.send(f"{shortlist.path}/choices", fields)
    assert refused.errors == [f"Enter a reason for adding {FAR}"]
    fields["reason-GB-CHC-1000005"] = "It has opened an office in Walsall."
    assert officer.send(f"{shortlist.path}/choices", fields).text.startswith("Home care")


def test_a_list_that_is_not_saved_gives_a_not_found_page(officer: Officer) -> None:
    page = officer.open("/lists/0123456789abcdef01234567")
    assert page.status == 404
    assert "is kept here" in page.text


@pytest.mark.parametrize("lots", ["x", "a.b", "../..", "0" * 5000, "<script>"])
def test_invalid_ids_in_an_address_are_ignored(
    officer: Officer, shortlist: Page, lots: str
) -> None:
    page = officer.open(shortlist.path, lots=lots)
    assert page.status == 200
    assert "<script>" not in page.response.text.replace('<script type="module"', "")
