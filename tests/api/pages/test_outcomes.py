"""What came of a list: recorded by a person or read from a notice, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from tests.factory import award, lot
from tests.officer import ACCEPTS_HTML, DECIDED, Officer, Page
from tests.registers import registered
from tests.services import PEOPLE, carer, served

ONE, TWO, FOUR = "GB-CHC-1000001", "GB-CHC-1000002", "GB-CHC-1000004"
OCID = "ocds-h6vhtk-0a1b2c"
RECORDED = {"by": "Pat Example", "role": "Commissioning officer", "note": ""}


@pytest.fixture(scope="module")
def officer(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[Officer]:
    """An officer at a service of its own, whose register has one award notice."""
    folder = tmp_path_factory.mktemp("outcomes")
    won = award(f"{OCID}/1", carer(2, "WS2 8RR"), lot=lot(id=OCID, title="Home care, east"),
                day=date(2026, 3, 3))  # fmt: skip
    registered(folder / "reg", places_table, *PEOPLE, won, trust_ids=True)
    with served(folder, places_table) as client:
        yield Officer(client)


def asked(officer: Officer, what: str) -> Page:
    return officer.ask(f"Home care for older people\nVisits around WS1 1TP, {what}. CPV 85312100")


def recorded(officer: Officer, page: Page, **results: str) -> Page:
    address = f"{page.path}/outcome"
    form = officer.open(address).form(address)
    said = {f"result-{id_}": result for id_, result in results.items()}
    return officer.send(address, {**form, **RECORDED, **said})


def counted(officer: Officer, group: str) -> list[int]:
    """Listed, included, answered and awarded of a group on the page."""
    row = f"//tbody/tr[normalize-space(th)='{group}']/td"
    cells = officer.open("/outcomes").tree.xpath(row)
    return [int(td.text_content()) for td in cells] or [0, 0, 0, 0]


def test_a_person_records_who_answered_who_won_and_why_not(officer: Officer) -> None:
    page = asked(officer, "mornings")
    address = f"{page.path}/outcome"
    form = officer.open(address).form(address) | RECORDED
    form |= {f"result-{ONE}": "awarded", f"result-{TWO}": "no answer"}
    kept = officer.send(address, {**form, f"why-{TWO}": "It is fully booked, call 01922 555 010."})
    assert kept.path.endswith("/kept")
    assert "What came of it is saved with the list." in kept.text
    (told,) = kept.texts("lbd-decision")
    for said in ("Pat Example", "Brightside 1 CareWon", "Did not answer: It is fully booked"):
        assert said in told
    assert "555 010" not in told
    assert "fully booked" in officer.open(f"{page.path}/print").text
    table = officer.open(f"{page.path}/export.csv").response.text
    assert 'no answer,"It is fully booked' in table


def test_those_that_were_included_come_first_and_the_others_are_folded_away(
    officer: Officer,
) -> None:
    page = asked(officer, "Wednesdays")
    address = f"{page.path}/outcome"
    folded = "//details//select/@name"
    assert officer.open(address).tree.xpath(folded) == []
    chosen = officer.decide(page, **{TWO: (True, "")})
    officer.send(f"{page.path}/decision", {**chosen, **DECIDED})
    form = officer.open(address).tree
    assert form.xpath("//select[not(ancestor::details)]/@name") == [f"result-{TWO}"]
    assert f"result-{ONE}" in form.xpath(folded)
    assert len(set(form.xpath("//select/@id"))) == len(form.xpath("//select"))


def test_an_outcome_that_lacks_something_is_shown_again(officer: Officer) -> None:
    page = asked(officer, "evenings")
    address = f"{page.path}/outcome"
    form = officer.open(address).form(address)
    assert not any(value for name, value in form.items() if name.startswith("result-"))
    assert officer.send(address, form).errors == [
        "Select what became of at least one provider",
        "Enter the name of the person who records this",
        "Enter the role of the person who records this",
    ]
    refused = officer.send(address, {**form, f"result-{ONE}": "awarded", "by": "Pat"})
    again = officer.open(str(refused.response.url))
    assert again.errors == ["Enter the role of the person who records this"]
    assert again.form(address)[f"result-{ONE}"] == "awarded"


@pytest.mark.parametrize(
    "typed", [OCID, f"https://www.find-tender.service.gov.uk/procurement/{OCID}"]
)
def test_the_winners_are_read_from_the_award_notice(officer: Officer, typed: str) -> None:
    page = asked(officer, f"nights {len(typed)}")
    address = f"{page.path}/outcome"
    read = officer.open(address, ocid=typed)
    assert "Home care, east, 3 March 2026: Brightside 2 Care" in read.text
    form = read.form(address)
    assert form[f"result-{TWO}"] == "awarded"
    assert form[f"result-{ONE}"] == ""
    kept = officer.send(address, {**form, **RECORDED})
    assert f"winners read from the award notice {OCID}" in kept.text


def test_a_notice_that_the_register_lacks_fills_in_nothing(officer: Officer) -> None:
    page = asked(officer, "weekends")
    read = officer.open(f"{page.path}/outcome", ocid="ocds-h6vhtk-ffffff")
    assert "The register has no award of this procurement" in read.text
    assert "awarded" not in read.form(f"{page.path}/outcome").values()


def test_the_funnel_counts_by_size_and_sector_and_the_last_record_stands(
    officer: Officer,
) -> None:
    before = counted(officer, "Small (income under £1 million)")
    page = asked(officer, "holidays")
    small = {card for card in page.texts("lbd-card") if "small (income" in card}
    decision = officer.decide(page, **{ONE: (True, ""), TWO: (True, "")}) | DECIDED
    officer.send(f"{page.path}/decision", decision)
    officer.send(f"{page.path}/decision", {**decision, "reason": "On a second reading."})
    recorded(officer, page, **{ONE: "awarded", TWO: "answered"})
    after = counted(officer, "Small (income under £1 million)")
    assert [b - a for a, b in zip(before, after, strict=True)] == [len(small), 2, 2, 1]
    kept = recorded(officer, page, **{ONE: "no answer", TWO: "awarded"})
    assert len(kept.texts("lbd-decision")) == 4
    after = counted(officer, "Small (income under £1 million)")
    assert [b - a for a, b in zip(before, after, strict=True)] == [len(small), 2, 1, 1]
    everyone = officer.client.get("/v1/outcomes").json()
    for by in ("by_size", "by_sector", "by_quarter"):
        for count in ("listed", "invited", "answered", "awarded"):
            assert sum(row[count] for row in everyone[by]) == everyone["everyone"][count]


def test_the_page_of_a_provider_and_the_exposure_count_its_answers(officer: Officer) -> None:
    page = asked(officer, "lunchtimes")
    provider = "//div[dt='{}']/dd"

    def told(what: str) -> str:
        tree = officer.open(f"/providers/{FOUR}").tree
        return str(tree.xpath(provider.format(what))[0].text_content())

    recorded(officer, page, **{FOUR: "awarded"})
    assert (told("Answered"), told("Awarded")) == ("1 time", "1 time")


def test_the_same_outcome_sent_by_two_at_once_is_kept_once_and_the_chain_holds(
    officer: Officer,
) -> None:
    page = asked(officer, "brunches")
    address = f"{page.path}/outcome"
    form = officer.open(address).form(address) | RECORDED | {f"result-{ONE}": "awarded"}
    others = form | {f"result-{ONE}": "no answer"}
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(
            lambda n: officer.client.post(address, data=others if n == 4 else form,
                                          headers=ACCEPTS_HTML),
            range(8),
        ))  # fmt: skip
    assert {each.status_code for each in sent} == {200}
    id_ = page.path.rpartition("/")[2]
    outcomes = officer.client.get(f"/v1/shortlists/{id_}").json()["outcomes"]
    results = [each["outcome"]["results"][0]["result"] for each in outcomes]
    assert set(results) == {"awarded", "no answer"}
    assert all(one != two for one, two in pairwise(results))
    assert [each["id"] for each in outcomes] == [f"{id_}.{n + 1}" for n in range(len(outcomes))]


def test_the_api_records_an_outcome_and_refuses_what_is_wrong(officer: Officer) -> None:
    id_ = asked(officer, "days").path.rpartition("/")[2]
    address = f"/v1/shortlists/{id_}/outcome"
    body = {"by": "Alex", "results": [{"provider": ONE, "result": "answered"}]}
    kept = officer.client.post(address, json=body)
    assert kept.status_code == 200
    assert kept.json()["outcomes"][0]["outcome"]["results"][0]["provider"] == ONE
    for wrong, why in (
        ({"results": []}, "results: is empty"),
        ({"by": " "}, "by: is missing"),
        ({"results": [body["results"][0]] * 2}, "is there twice"),
        ({"results": [{"provider": "XX-NOBODY", "result": "answered"}]}, "no provider"),
    ):
        refused = officer.client.post(address, json=body | wrong)
        assert refused.status_code == 422
        assert why in refused.json()["detail"]
