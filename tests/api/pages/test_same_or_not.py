"""The page on which a person says whether alike records are one organisation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from matcher.core.types import Award, Provider
from matcher.register.build.decisions import MergeDecisions
from tests.factory import provider
from tests.officer import Officer
from tests.registers import registered
from tests.services import PEOPLE, served

_ALIKE: tuple[Provider | Award, ...] = (
    provider("own-1", "WS1 1TP", name="Willowmere Befriending"),
    provider("own-2", "WS1 1TP", name="Willowmere Befriending and Advice Project"),
)
_PAIR = {"kept": "own-1", "merged": "own-2"}


@pytest.fixture
def here(tmp_path: Path, places_table: Path) -> Iterator[tuple[Officer, Path]]:
    registered(tmp_path / "reg", places_table, *PEOPLE, *_ALIKE)
    with served(tmp_path, places_table) as client:
        yield Officer(client), tmp_path / "reg"


def test_an_answer_is_written_and_taken_back(here: tuple[Officer, Path]) -> None:
    officer, register = here
    page = officer.open("/same-or-not")
    assert "Willowmere Befriending and Advice Project" in page.text
    answered = officer.send("/same-or-not", {**_PAIR, "answer": "same"})
    assert MergeDecisions.open(register).joined == {("own-1", "own-2")}
    assert "No pair is left to answer." in answered.text
    said = answered.tree.xpath("normalize-space(//h2[.='Answers given']/following-sibling::ul)")
    for record in ("Willowmere Befriending own-1", "Befriending and Advice Project own-2"):
        assert record in said
    assert "own-2: one organisation" in said
    officer.send("/same-or-not", {**_PAIR, "answer": "apart"})
    assert MergeDecisions.open(register).apart == {("own-1", "own-2")}
    back = officer.send("/same-or-not", {**_PAIR, "answer": "undo"})
    assert MergeDecisions.open(register) == MergeDecisions()
    assert "Answers given" not in back.text


def test_each_record_of_a_pair_leads_to_what_is_known_of_it(here: tuple[Officer, Path]) -> None:
    officer, _ = here
    links = officer.open("/same-or-not").tree.xpath("//tbody//a/@href")
    assert len(links) == 2
    for link in links:
        known = officer.open(link)
        assert known.status == 200
        assert "Willowmere Befriending" in known.text


@pytest.mark.parametrize(
    "fields",
    [{}, {**_PAIR}, {**_PAIR, "answer": "perhaps"}, {"kept": "a", "merged": "a", "answer": "same"}],
)
def test_an_incomplete_answer_is_refused(
    here: tuple[Officer, Path], fields: dict[str, str]
) -> None:
    officer, register = here
    page = officer.send("/same-or-not", fields)
    assert page.status == 422
    assert page.errors == ["Select “one organisation” or “two organisations” beside one pair"]
    assert MergeDecisions.open(register) == MergeDecisions()


def test_a_list_its_print_and_its_spreadsheet_tell_who_is_perhaps_the_same(
    tmp_path: Path, places_table: Path
) -> None:
    one = provider("GB-COH-09990001", "WS1 1TP", name="Willowmere Befriending Ltd")
    other = provider("own-2", "WS1 1TP", name="Willowmere Befriending and Advice Ltd")
    registered(tmp_path / "reg", places_table, *PEOPLE, one, other)
    with served(tmp_path, places_table) as client:
        officer = Officer(client)
        page = officer.ask("Befriending and advice project\nVisits around WS1 1TP")
        page = officer.send(f"{page.path}/weak", page.form(f"{page.path}/ticked"))
        printed = officer.open(f"{page.path}/print").text
        table = client.get(f"{page.path}/export.csv").text
    cards = page.texts("lbd-card")
    first, second = (at for at, card in enumerate(cards, 1) if f"{at}. Willowmere" in card)
    assert f"perhaps the same organisation as number {second}, Willowmere" in cards[first - 1]
    assert f"perhaps the same organisation as number {first}, " in cards[second - 1]
    assert f"Perhaps the same organisation as number {second}, Willowmere" in printed
    assert table.count("perhaps the same organisation as ") == 2
