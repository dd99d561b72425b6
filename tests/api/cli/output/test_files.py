from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import cells
from api.cli.output import console as show
from api.cli.output import files, register
from matcher.core.types import Tally
from matcher.law.types import Purpose
from matcher.ranking.batch import Refusal
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.ranking import Ranking
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist
from tests.factory import award, lot, provider
from tests.registers import matcher

EVIL = '=HYPERLINK("http://x","y")'
SPEAKING = "\x1b[2J\x1b]0;gone\x07Red \x9b31m\u202eDaor\r\n"
CONTROLS = {c for c in map(chr, range(0xA0)) if not c.isprintable()} - {"\n", "\t"} | {"\u202e"}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    people = [
        provider("GB-CHC-1", "WS1 1TP", name=EVIL, profile="cleaning"),
        provider("GB-CHC-2", "WS1 1TP", name=SPEAKING, profile="cleaning"),
        provider("GB-CHC-3", "WS1 1TP", name="[bold]Markup[/red] Ltd", profile="cleaning"),
        provider("GB-CHC-4", "WS1 1TP", name="-5", profile="cleaning", tags=("@SUM(A1)",)),
    ]
    won = award("a-1", people[0], lot=lot(id="a-1", title="+1+cmd|' /C calc'!A0 cleaning"))
    return matcher(tmp_path_factory.mktemp("reg"), places_table, *people, won, trust_ids=True)


@pytest.fixture(scope="module")
def answer(one: Matcher) -> Shortlist:
    subject = lot(id="@lot", title="\t=1+1 cleaning", day=date(2026, 9, 1))
    return one.shortlist(subject, Request(wish=Filters(everyone=True)))


REFUSED = Refusal("=2", EVIL, "not today", "RULE-1", "engagement")


def written(form: str, given_: list[Shortlist | Refusal]) -> str:
    out = io.StringIO()
    tally = Tally("notices", set_aside={"=is not JSON": 2}, examples={"=is not JSON": "x:1"})
    files.WRITERS[form](given_, tally, out)
    return out.getvalue()


# --- a table in a terminal ---


def test_what_the_law_says_of_many_lots_is_said_once(one: Matcher) -> None:
    """Lots of a table are procurements of their own, each with its own value."""
    amounts = [31_000, 41_000, 520_000, 530_000]
    lots = [
        lot(id=f"row-{n}", title="cleaning", value=amount, day=date(2026, 9, 1))
        for n, amount in enumerate(amounts)
    ]
    lists = [one.shortlist(each, Request(wish=Filters(everyone=True))) for each in lots]
    told = " ".join(re.sub("[│╭╰─╮╯]", " ", written("table", list(lists))).split())
    below, over = lists[0], lists[2]
    assert below.procurement is not None
    assert over.procurement is not None
    for outcome in below.procurement.purposes:
        assert told.count(outcome.words) == 1
    (refused,) = {each.rule for each in over.procurement.purposes if not each.allowed}
    assert told.count(f"Lots row-2, row-3: refused ({refused})") == 1
    for note in {note for each in lists for note in each.notes}:
        assert 1 <= told.count(note) <= len(Purpose), note
    for value in ("£37,200", "£49,200", "£624,000", "£636,000"):
        assert told.count(f"{value} including VAT") == 1
    first = told[: told.index("row-1 ·")]
    assert [note for note in below.notes if note in first]


# --- CSV ---


def test_no_cell_of_a_csv_can_become_a_formula(answer: Shortlist) -> None:
    rows = list(csv.reader(io.StringIO(written("csv", [answer, REFUSED]))))
    cells = [cell for row in rows[1:] for cell in row]
    assert f"'{EVIL}" in cells
    assert "'=2" in cells
    risky = [c for c in cells if c.lstrip().startswith(("=", "+", "-", "@"))]
    assert [c for c in risky if not is_number(c)] == []


def is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).replace("e-", "", 1).isdigit()


@given(st.text())
def test_a_cell_that_is_kept_from_being_a_formula_still_says_the_same(cell: str) -> None:
    (safe,) = cells.safe([cell])
    assert isinstance(safe, str)
    assert safe.removeprefix("'") == cells.visible(cell).removeprefix("'")
    assert not safe.lstrip().startswith(("=", "@"))


@pytest.mark.parametrize(
    "unseen", ["", "\u200b", "\ufeff", "\u2060", "\u3164", "\u00a0 \u00ad", "\t"]
)
@pytest.mark.parametrize(
    "operator", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹫", "−"]
)
def test_an_operator_of_any_width_behind_what_cannot_be_seen_is_quoted(
    unseen: str, operator: str
) -> None:
    (safe,) = cells.safe([f"{unseen}{operator}cmd|' /C calc'!A0"])
    assert str(safe).startswith("'")
    assert cells.safe([f"Care {operator} more"]) == [f"Care {operator} more"]


def test_numbers_stay_numbers() -> None:
    assert cells.safe([-1.5, 3, None, "-1.5", "+44"]) == [-1.5, 3, "", "-1.5", "+44"]


def test_a_csv_has_a_row_for_each_suggestion_and_refusal_under_one_header(
    answer: Shortlist,
) -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv", [answer, REFUSED]))))
    assert [r["id"] for r in rows[:4]] == [s.id for s in answer.suggestions]
    assert [float(r["score"]) for r in rows[:4]] == [s.score for s in answer.suggestions]
    assert rows[4]["purpose"] == "refused: not today"
    assert rows[4]["rules"] == "RULE-1"
    assert rows[5]["lot"] == "set aside: 2 =is not JSON"
    assert None not in rows[4]


def test_no_control_character_reaches_a_csv(answer: Shortlist) -> None:
    text = written("csv", [answer, REFUSED])
    assert "Red " in text
    assert set(text) & (CONTROLS - {"\r"}) == set()


# --- tables ---


def test_no_control_character_reaches_the_terminal(answer: Shortlist) -> None:
    text = written("table", [answer, REFUSED])
    assert "Red " in text
    assert set(text) & CONTROLS == set()


def test_brackets_in_a_name_are_shown_not_obeyed(answer: Shortlist) -> None:
    assert "[bold]Markup[/red] Ltd" in written("table", [answer])


def test_what_is_shown_of_a_provider_merges_and_sources_obeys_nothing(one: Matcher) -> None:
    from matcher.core.types import Merge, Source
    from matcher.register.linkage.merge import facts
    from matcher.register.manifest import Manifest

    organisation = one.register.organisations[one.register.row("GB-CHC-2") or 0]
    tally = Tally("[/x]\x1b[2J.csv", 1, 0, {"[/y]": 1}, {"[/y]": "[/z]"})
    merge = Merge("a", "b", SPEAKING, "[/red]", "[why]")
    parts = (
        register.organisation(organisation, facts(organisation.records), [(SPEAKING,) * 5]),
        register.merges([merge]),
        register.built(Manifest(tallies=(tally,), records=1, providers=1, version="v")),
        files.summary(1, [REFUSED], tally),
    )
    assert Source("x").day is None
    out = io.StringIO()
    console = show.console()
    console.file = out
    for part in parts:
        console.print(part)
    assert set(out.getvalue()) & CONTROLS == set()
    assert all(said in out.getvalue() for said in ("[/x]", "[/y]", "[/z]", "[/red]", "[why]"))


# --- JSON ---


def test_json_holds_all_three_parts(answer: Shortlist) -> None:
    found = json.loads(written("json", [answer, REFUSED]))
    assert [s["lot"]["id"] for s in found["shortlists"]] == ["@lot"]
    assert found["refused"][0]["offer"] == "engagement"
    assert found["set_aside"] == {"=is not JSON": 2}
    assert found["shortlists"][0]["suggestions"][0]["contributions"]


def test_json_escapes_what_a_terminal_would_obey(answer: Shortlist) -> None:
    text = written("json", [answer])
    assert "\\u001b[2J" in text
    assert set(text) & {chr(c) for c in range(0x20)} == {"\n"}


# --- TREC ---


def lines_of(one: Matcher, scores: list[float], limit: int = 100) -> list[list[str]]:
    rows = np.arange(len(scores)) % len(one.register)
    given_ = np.array(scores)
    ranking = Ranking(rows, (), np.zeros((len(rows), 0)), given_[:, None], given_)
    return [line.split() for line in files.trec(one, "lot 1", ranking, limit)]


@given(st.lists(st.floats(-1e3, 1e3), max_size=30))
def test_run_scores_fall_strictly_and_stay_in_order(one: Matcher, scores: list[float]) -> None:
    ordered = sorted(scores, reverse=True)
    found = [float(line[4]) for line in lines_of(one, ordered)]
    assert all(a > b for a, b in pairwise(map(np.float32, found))), "also as 32-bit numbers"
    assert found == pytest.approx(ordered, abs=1e-2)


def test_a_run_line_has_its_six_words(one: Matcher) -> None:
    found = lines_of(one, [3.0, 3.0, 1.0], limit=2)
    ids = [one.register.organisations[i].provider.id for i in range(2)]
    assert found == [
        ["lot_1", "Q0", ids[0], "1", "3.000000000", one.bundle.name],
        ["lot_1", "Q0", ids[1], "2", "2.999999000", one.bundle.name],
    ]
