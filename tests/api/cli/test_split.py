"""`matcher split` and `matcher consortia`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher.lotting.types import NO_SPLIT
from tests import documents
from tests.api.conftest import Run
from tests.markets import NEED, RIDES, market_of
from tests.registers import calibrated

FIELDS: dict[str, Any] = {
    "title": NEED.title,
    "description": NEED.description,
    "cpv": list(NEED.cpv),
    "buyer": "Walsall Council",
    "day": "2026-09-01",
}
WHOLE = {**FIELDS, "area": "Walsall, Sandwell", "value": 240_000}
WAYS = {
    "need": WHOLE,
    "splits": {
        "by [council]": [{**FIELDS, "area": a, "value": 120_000} for a in ("Walsall", "Sandwell")]
    },
}
NOTICE = {"id": "n-1", "title": "Care", "lots": WAYS["splits"]["by [council]"]}


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> list[str | Path]:
    folder = tmp_path_factory.mktemp("splitting")
    bundle = calibrated(folder / "calibrated")
    market_of(folder / "reg", places_table, bundle)
    return ["--register", folder / "reg", "--bundle", str(bundle)]


@pytest.fixture
def asked(run: Run, options: list[str | Path], tmp_path: Path) -> Any:
    """Ask a command of what a file holds."""

    def ask(command: str, content: object, *words: str, name: str = "need.json") -> Any:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return run(command, path, *options, *words)

    return ask


def test_a_table_shows_the_ways_side_by_side(asked: Any) -> None:
    ran = asked("split", WAYS)
    assert ran.code == 0, ran
    said = " ".join(ran.out.split())
    for words in (NO_SPLIT, "by [council]", "Credible providers per lot", "valued together"):
        assert words in said, words
    assert "25,000 euros" in said


def test_json_is_what_the_service_answers(asked: Any) -> None:
    answer = json.loads(asked("split", WAYS, "--format", "json").out)
    assert set(answer["compared"]["splits"]) == {NO_SPLIT, "by [council]"}
    assert answer["suggested"] is None


def test_ways_are_proposed_where_they_are_asked_for(asked: Any) -> None:
    answer = json.loads(asked("split", WHOLE, "--suggest", "--format", "json").out)
    assert "by council" in answer["compared"]["splits"]
    table = asked("split", WHOLE, "--suggest")
    assert answer["suggested"]["verdict"][0].split(",")[0] in " ".join(table.out.split())


def test_the_lots_of_a_notice_are_a_split_of_it(asked: Any) -> None:
    answer = json.loads(asked("split", NOTICE, "--format", "json").out)
    assert set(answer["compared"]["splits"]) == {NO_SPLIT, "as given"}
    assert answer["asked"]["need"]["title"] == "Care"


def test_a_specification_is_read_as_on_the_pages(asked: Any, tmp_path: Path) -> None:
    said = "Care in Walsall\nLot 1: Home care, worth £30,000\nVisits.\nLot 2: Minibus rides\nDaily."
    answer = json.loads(asked("split", said, "--format", "json", name="spec.txt").out)
    assert answer["compared"]["splits"]["as given"]["number"] == 2


@pytest.mark.usefixtures("sandboxed")
def test_a_word_file_is_read_as_on_the_pages(
    run: Run, options: list[str | Path], tmp_path: Path
) -> None:
    path = tmp_path / "spec.docx"
    path.write_bytes(documents.word("Lot 1: Home care", "Visits.", "Lot 2: Rides", "Daily."))
    ran = run("split", path, *options, "--format", "json")
    assert json.loads(ran.out)["compared"]["splits"]["as given"]["number"] == 2


def test_a_draft_shows_the_source_of_its_figures(asked: Any) -> None:
    out = asked("split", WAYS, "--reasons", "by [council]").out
    assert "Draft of the reasons: by [council]" in out
    assert "= /compared/splits/by [council]/number" in out


def test_the_caller_can_set_what_counts_as_local(asked: Any) -> None:
    def local(*words: str) -> int:
        answer = json.loads(asked("split", WAYS, "--format", "json", *words).out)
        number: int = answer["compared"]["splits"][NO_SPLIT]["reach"]["local"]["number"]
        return number

    assert local("--area", "Birmingham") == 1
    assert local("--area", "Birmingham", "--with-neighbours") > local("--area", "Birmingham")


def test_standard_input_is_read(run: Run, options: list[str | Path]) -> None:
    ran = run("split", "-", *options, "--format", "json", stdin=json.dumps(WAYS).encode())
    assert "by [council]" in json.loads(ran.out)["compared"]["splits"]


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        (WHOLE, (), "add --suggest"),
        (WAYS, ("--reasons", "north"), "--reasons 'north': no split has this name"),
        ({**WAYS, "floor": 0.1}, (), "floor: unknown; criteria are options"),
        ({"need": WHOLE, "splits": {"a": {}}}, (), "'a' is not a list of lots"),
        ({"need": WHOLE, "splits": {"a": [{"value": 1}]}}, (), "splits/a, number 1"),
        (WAYS, ("--floor", "2"), "--floor 2 is not a probability"),
        (WAYS, ("--area", "Atlantis"), "Atlantis"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    asked: Any, content: object, words: tuple[str, ...], said: str
) -> None:
    assert said in asked("split", content, *words).refusal


def test_a_file_that_is_not_there_is_refused(run: Run, options: list[str | Path]) -> None:
    assert "nothing.json" in run("split", "nothing.json", *options).refusal


def test_consortia_are_shown_with_their_evidence(asked: Any) -> None:
    needs = ("--need", NEED.title, "--need", RIDES)
    ran = asked("consortia", {**WHOLE, "value": 40_000}, *needs)
    said = " ".join(ran.out.split())
    assert "Nobody named here was asked" in said
    assert "Set 1" in said
    assert "possible lead" in said
    assert "Its profile mentions" in said
    found = json.loads(
        asked("consortia", {**WHOLE, "value": 40_000}, *needs, "--format", "json").out
    )
    assert found["found"] > 0
    assert f"{found['found']:,} sets in all" in said


@pytest.mark.parametrize("marked", ["[/b] Debt advice", "[link=https://example.org]Debts[/link]"])
def test_markup_in_a_title_is_shown_as_it_is_written(asked: Any, marked: str) -> None:
    """Square brackets mean something to the terminal: in a title they are only that."""
    lots = [{**WHOLE, "title": marked, "area": area} for area in ("Walsall", "Sandwell")]
    table = asked("split", {"need": {**WHOLE, "title": marked}, "splits": {marked: lots}}).out
    assert "".join(table.split()).count("".join(marked.split())) > len(lots)
    sets = asked("consortia", {**WHOLE, "value": 40_000}, "--need", f"{marked} {NEED.title}").out
    assert "".join(marked.split()) in "".join(sets.split())
    assert "\x1b]8" not in table + sets


def test_a_lot_that_needs_no_set_says_so(asked: Any) -> None:
    out = asked("consortia", {**WHOLE, "value": 1000}, "--need", NEED.title).out
    assert "No set is needed: these can do all of it alone: Carers 6" in " ".join(out.split())


def test_a_row_of_a_table_without_a_title_is_told(asked: Any) -> None:
    table = "Lot,Title,Value\n1,Rides to day centres,60000\n2,,40000\n3,Rides to school,50000\n"
    ran = asked("split", table, name="lots.csv")
    assert ran.code == 0
    assert "row 3: title: is missing" in " ".join(ran.err.split())
