"""Choose and decide: what a decision must hold, and that it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.officer import DECIDED, Officer, Page
from tests.registers import registered
from tests.services import LOT, carer, served

NEED = "Home care for older people\nVisits at home around WS1 1TP, {}. CPV 85312100-0"
ONE, TWO = "GB-CHC-1000001", "GB-CHC-1000002"
BOTH = {ONE: (True, ""), TWO: (False, "It has no drivers, it told us.")}


def asked(officer: Officer, what: str, **fields: str) -> Page:
    """A list of its own for each test, since decisions stay."""
    return officer.ask(NEED.format(what), **fields)


def decided(officer: Officer, page: Page, **said: str) -> Page:
    return officer.send(
        f"{page.path}/decision", {**officer.decide(page, **BOTH), **DECIDED, **said}
    )


def test_the_whole_way_from_choices_to_the_record(officer: Officer) -> None:
    kept = decided(officer, asked(officer, "mornings"))
    assert kept.path.endswith("/kept")
    assert "The decision is saved with the list." in kept.text
    for said in ("Pat Example, Commissioning officer", "Brightside 1 Care", "Included", "Left out",
                 "It has no drivers, it told us.", "Nearest to those who need it.",
                 "None known: I have checked"):  # fmt: skip
        assert said in kept.text


@pytest.mark.parametrize(
    ("field", "said", "why"),
    [
        ("by", " ", "Enter the name of the person who decides"),
        ("role", "", "Enter the role of the person who decides"),
        ("reason", "", "Enter why you made this choice"),
        ("reason", "x" * 5_001, "This must be 5,000 characters or fewer"),
        ("conflicts", "", "Select whether there is a conflict of interest"),
        (
            "conflicts",
            "some",
            "Enter what the conflict of interest is and what you are doing about it",
        ),
    ],
)
def test_a_decision_that_lacks_something_is_refused_and_nothing_is_kept(
    officer: Officer, field: str, said: str, why: str
) -> None:
    page = asked(officer, f"evenings {field} {len(said)}")
    refused = decided(officer, page, **{field: said})
    assert refused.errors == [why]
    assert refused.path == f"{page.path}/decision"
    assert refused.form(refused.path)[f"reason-{TWO}"] == BOTH[TWO][1]
    assert "Nobody has decided on this list yet." in officer.open(f"{page.path}/kept").text


def test_back_to_a_form_that_was_refused_and_then_saved_still_includes_the_providers(
    officer: Officer,
) -> None:
    page = asked(officer, "afternoons")
    refused = decided(officer, page, role="")
    address = str(refused.response.url)
    said = {**refused.form(refused.path), "role": DECIDED["role"]}
    officer.send(refused.path, said)
    again = officer.open(address).form(refused.path)
    assert again["provider"] == ONE
    kept = officer.send(
        refused.path, {**said, "provider": again["provider"], "seen": again["seen"]}
    )
    assert len(kept.texts("lbd-decision")) == 1


def test_a_conflict_is_kept_in_the_words_it_was_declared_in(officer: Officer) -> None:
    page = asked(officer, "weekends")
    words = "My sister works there; a colleague scored it."
    assert words in decided(officer, page, conflicts="some", conflict=words).text


def test_without_a_reason_nothing_is_decided_on_a_provider_that_is_not_ticked(
    officer: Officer,
) -> None:
    page = asked(officer, "nights")
    form = officer.decide(page, **{ONE: (True, ""), TWO: (False, " ")})
    kept = officer.send(f"{page.path}/decision", {**form, **DECIDED})
    assert "Brightside 1 Care" in kept.texts("lbd-decision")[0]
    assert "Brightside 2 Care" not in kept.texts("lbd-decision")[0]


def test_no_choice_at_all_is_refused(officer: Officer) -> None:
    page = asked(officer, "holidays")
    refused = officer.send(f"{page.path}/decision", {**officer.decide(page), **DECIDED})
    assert refused.errors == ["Go back and tick a provider, or enter why you leave one out"]


def test_the_same_decision_sent_twice_is_kept_once(officer: Officer) -> None:
    page = asked(officer, "brunches")
    once = decided(officer, page)
    assert len(once.texts("lbd-decision")) == 1
    assert len(decided(officer, page).texts("lbd-decision")) == 1


def test_a_later_decision_is_kept_with_the_first(officer: Officer) -> None:
    page = asked(officer, "lunchtimes")
    decided(officer, page)
    again = decided(officer, page, by="Sam Example", reason="On a second reading.")
    assert len(again.texts("lbd-decision")) == 2


def test_who_decides_hears_of_a_decision_that_was_saved_meanwhile(officer: Officer) -> None:
    page = asked(officer, "teatimes")
    first, second = ({**officer.decide(page, **BOTH), **DECIDED} for _ in range(2))
    words = "Another decision on this list was saved after you opened this form."
    address = f"{page.path}/decision"
    assert words not in officer.send(address, {**first, "by": "Ann Example"}).text
    assert words in officer.send(address, {**second, "by": "Bo Example"}).text
    assert words not in officer.send(address, {**second, "by": "Bo Example"}).text
    assert words not in decided(officer, page, by="Cy Example").text


@pytest.mark.parametrize("seen", ["", "many", "-1", "9" * 5_000, "²"])
def test_a_form_that_does_not_say_what_it_saw_is_saved_all_the_same(
    officer: Officer, seen: str
) -> None:
    page = asked(officer, "mornings")
    form = {**officer.decide(page, **BOTH), **DECIDED, "seen": seen}
    after = officer.send(f"{page.path}/decision", form)
    assert len(after.texts("lbd-decision")) == 1
    assert "Another decision" not in after.text


def test_contacts_in_a_reason_are_not_kept(officer: Officer) -> None:
    page = asked(officer, "sleepovers")
    said = decided(officer, page, reason="Jo rang from 01922 555 010, jo@example.org.").text
    assert "555 010" not in said
    assert "jo@" not in said


def test_spreadsheets_of_an_invite_list_wait_for_a_decision(officer: Officer) -> None:
    page = asked(
        officer, "all day", purpose="invite", buyer="Walsall Council", lot_0_value="24,000"
    )
    before = officer.open(f"{page.path}/kept")
    assert "once a named person has decided" in before.text
    refused = officer.open(f"{page.path}/export.csv")
    assert refused.status == 409
    assert refused.response.headers["content-type"].startswith("text/html")
    decided(officer, page)
    taken = officer.open(f"{page.path}/export.csv").response
    assert taken.status_code == 200
    assert taken.headers["content-disposition"].startswith("attachment")
    assert "Pat Example" in taken.text
    assert "WS1 1TP" not in taken.text.partition("\n")[2].replace("around WS1 1TP", "")


def test_every_provider_that_is_ticked_is_in_the_decision_however_many(
    tmp_path: Path, places_table: Path
) -> None:
    many = [carer(number, "WS1 1TP") for number in range(230)]
    registered(tmp_path / "reg", places_table, *many, trust_ids=True)
    with served(tmp_path, places_table) as client:
        asked = client.post("/v1/shortlists", json={"lots": {"a": LOT}, "limit": 230}).json()
        list_ = asked["shortlists"]["a"]
        ids = [each.id for each in many]
        why = {f"reason-{id_}": "It is near." for id_ in ids}  # some are not on the list
        officer, path = Officer(client), f"/lists/{list_['id']}/decision"
        form = officer.open(path.removesuffix("/decision")).form(f"/lists/{list_['id']}/ticked")
        page = officer.send(f"/lists/{list_['id']}/ticked", {**form, "provider": ids})
        lacking = officer.send(path, page.form(path) | {"provider": ids, **why})
        assert lacking.errors
        for shown in (page, lacking, officer.open(f"{lacking.path}?{lacking.query}")):
            assert sorted(shown.tree.xpath("//input[@name='provider']/@value")) == sorted(ids)
            assert len(shown.query) < 1_000
            (back,) = shown.tree.find_class("govuk-back-link")
            listed = officer.open(back.get("href")).tree
            ticked = listed.xpath("//input[@name='provider'][@checked]")
            assert {each.get("value") for each in ticked} == set(ids)
        kept = officer.send(path, lacking.form(path) | {"provider": ids, **DECIDED})
        assert kept.path.endswith("/kept")
        (decided,) = client.get(f"/v1/shortlists/{list_['id']}").json()["decisions"]
        said = {each["provider"]: each["outcome"] for each in decided["decision"]["choices"]}
        assert said == dict.fromkeys(ids, "invited")
        more = officer.send(path, {"provider": [*ids, *["GB-CHC-1000001"] * 771], **DECIDED})
        assert "Tick at most 1,000 providers; 1,001 were ticked" in more.errors
