"""Choose and decide: what a decision must hold, and that it is kept."""

from __future__ import annotations

import pytest

from tests.officer import DECIDED, Officer, Page

NEED = "Home care for older people\nVisits at home around WS1 1TP, {}. CPV 85312100-0"
ONE, TWO = "GB-CHC-1000001", "GB-CHC-1000002"
BOTH = {ONE: ("invited", ""), TWO: ("left out", "It has no drivers, it told us.")}


def asked(officer: Officer, what: str, **fields: str) -> Page:
    """A list of its own for each test, since decisions stay."""
    return officer.asks(NEED.format(what), **fields)


def decided(officer: Officer, page: Page, **said: str) -> Page:
    form = officer.chooses(page, **BOTH).form(f"{page.path}/decision")
    return officer.sends(f"{page.path}/decision", {**form, **DECIDED, **said})


def test_the_whole_way_from_choices_to_the_record(officer: Officer) -> None:
    kept = decided(officer, asked(officer, "mornings"))
    assert kept.path.endswith("/kept")
    assert "The decision is kept with the list." in kept.text
    for said in ("Pat Example, Commissioning officer", "Brightside 1 Care", "Included", "Left out",
                 "It has no drivers, it told us.", "Nearest to those who need it.",
                 "None known: I have checked"):  # fmt: skip
        assert said in kept.text


@pytest.mark.parametrize(
    ("field", "said", "why"),
    [
        ("by", " ", "Give the name of the person who decides"),
        ("role", "", "Give the role of the person who decides"),
        ("reason", "", "Say why this choice was made"),
        ("reason", "x" * 5_001, "This is longer than 5,000 characters: shorten it"),
        ("conflicts", "", "Say whether there is a conflict of interest"),
        ("conflicts", "some", "Describe the conflict of interest and what is done about it"),
    ],
)
def test_a_decision_that_lacks_something_is_refused_and_nothing_is_kept(
    officer: Officer, field: str, said: str, why: str
) -> None:
    page = asked(officer, f"evenings {field} {len(said)}")
    refused = decided(officer, page, **{field: said})
    assert refused.status == 422
    assert refused.wrongs == [why]
    assert refused.form(f"{page.path}/decision")[f"choice-{TWO}"] == "left out"
    assert "Nobody has decided on this list yet." in officer.goes(f"{page.path}/kept").text


def test_a_conflict_is_kept_in_the_words_it_was_declared_in(officer: Officer) -> None:
    page = asked(officer, "weekends")
    words = "My sister works there; a colleague scored it."
    assert words in decided(officer, page, conflicts="some", conflict=words).text


def test_to_leave_somebody_out_needs_a_reason(officer: Officer) -> None:
    page = asked(officer, "nights")
    refused = officer.chooses(page, **{ONE: ("left out", " ")})
    assert refused.wrongs == ["Give a reason for leaving out Brightside 1 Care"]
    box = refused.tree.get_element_by_id(f"choice-{ONE}-2")
    assert box.get("checked") is not None


def test_no_choice_at_all_is_refused(officer: Officer) -> None:
    page = asked(officer, "holidays")
    refused = officer.chooses(page, **{ONE: ("", "")})
    assert refused.wrongs == ["Choose at least one provider to include or to leave out"]


def test_a_later_decision_stands_beside_the_first(officer: Officer) -> None:
    page = asked(officer, "lunchtimes")
    decided(officer, page)
    again = decided(officer, page, by="Sam Example", reason="On a second reading.")
    assert len(again.of("lbd-decision")) == 2


def test_contacts_in_a_reason_are_not_kept(officer: Officer) -> None:
    page = asked(officer, "sleepovers")
    said = decided(officer, page, reason="Jo rang from 01922 555 010, jo@example.org.").text
    assert "555 010" not in said
    assert "jo@" not in said


def test_spreadsheets_of_an_invite_list_wait_for_a_decision(officer: Officer) -> None:
    page = asked(
        officer, "all day", purpose="invite", buyer="Walsall Council", lot_0_value="24,000"
    )
    before = officer.goes(f"{page.path}/kept")
    assert "once a named person has decided" in before.text
    refused = officer.goes(f"{page.path}/export.csv")
    assert refused.status == 409
    assert refused.response.headers["content-type"].startswith("text/html")
    decided(officer, page)
    taken = officer.goes(f"{page.path}/export.csv").response
    assert taken.status_code == 200
    assert taken.headers["content-disposition"].startswith("attachment")
    assert "Pat Example" in taken.text
    assert "WS1 1TP" not in taken.text.partition("\n")[2].replace("around WS1 1TP", "")
