"""`matcher market` as a lot-splitting officer meets it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Ran, Run

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
NOTICE, TEXT = EXAMPLES / "notice.json", EXAMPLES / "lot.txt"


@pytest.fixture(scope="module")
def register(example_register: Path) -> Path:
    """The fictional example register, for the bundle that ships."""
    return example_register


def market(run: Run, register: Path, lots: str | Path, *words: str, stdin: bytes = b"") -> Ran:
    return run("market", lots, "--register", register, *words, stdin=stdin)


def told(run: Run, register: Path, lots: str | Path, *words: str, stdin: bytes = b"") -> Any:
    ran = market(run, register, lots, "--format", "json", *words, stdin=stdin)
    assert ran.code == 0, ran
    return json.loads(ran.out)


def test_each_lot_of_a_notice_has_its_market_in_order(run: Run, register: Path) -> None:
    found = told(run, register, NOTICE)
    assert [one["lot"].partition("#")[2] for one in found["markets"]] == ["1", "2", "3", "4", "5"]
    assert found["refused"] == []
    assert found["together"]["lots"] == 5
    for one in found["markets"]:
        depth = one["depth"]
        assert depth["credible"]["number"] >= depth["small_local"]["number"] > 0
        assert not one["thin"]


def test_lines_are_the_same_markets_and_end_with_all_together(run: Run, register: Path) -> None:
    whole = told(run, register, NOTICE)
    ran = market(run, register, NOTICE, "--format", "ndjson")
    *lines, last = [json.loads(line) for line in ran.out.splitlines()]
    assert [line["market"] for line in lines] == whole["markets"]
    assert last == {"together": whole["together"], "set_aside": {}}


def test_what_differs_between_lots_in_its_amount_alone_is_said_once(
    run: Run, register: Path
) -> None:
    lots = [
        {"id": f"L{n}", "title": "Hot meals", "value": value, "postcode": "WS2 8RR"}
        for n, value in enumerate((20_000, 30_000, 40_000))
    ]
    said = " ".join(market(run, register, "-", stdin=json.dumps(lots).encode()).out.split())
    assert said.count("does not say that the value of") == 1
    assert "(lot L0; likewise, with its own amounts, lots L1, L2)" in said


def test_two_processes_write_the_bytes_of_one(run: Run, register: Path, tmp_path: Path) -> None:
    one = market(run, register, NOTICE, "--format", "ndjson")
    two = market(run, register, NOTICE, "--format", "ndjson", "--parallel", "2")
    assert one.out == two.out


def test_the_table_flags_thin_lots_and_says_what_is_counted(run: Run, register: Path) -> None:
    plain = market(run, register, NOTICE).out
    assert "THIN" not in plain
    ran = market(run, register, NOTICE, "--floor", "0.9")
    assert ran.code == 0
    assert ran.out.count("THIN: fewer than") == 5
    assert "at least 0.9 probability" in " ".join(ran.out.split())
    assert "Local: in the council of the lot's postcode: Walsall" in " ".join(ran.out.split())
    assert "PA2023-s16" in ran.out


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_word_of_the_table_is_cut_on_a_narrow_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, register: Path, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = market(run, register, NOTICE).out
    assert max(map(len, out.splitlines())) <= columns
    table = set(re.findall(r"[^\W\d_]+", out.partition("5 lots")[0]))
    assert {"Credible", "Small", "local", "VCSE", "Large", "enough", "awards"} <= table


def test_a_curve_is_drawn_when_asked_for(run: Run, register: Path) -> None:
    assert all(one["curve"] is None for one in told(run, register, TEXT)["markets"])
    (one,) = told(run, register, TEXT, "--curve")["markets"]
    assert len(one["curve"]["points"]) == 9
    assert "Value curve:" in market(run, register, TEXT, "--curve").out


def test_terms_and_the_local_area_are_taken_from_the_options(run: Run, register: Path) -> None:
    words = ("--floor", "0.05", "--value-to-income", "0.25", "--fewest", "40", "--area", "Sandwell")
    found = told(run, register, NOTICE, *words)["markets"]
    assert all(one["thin"] for one in found)
    terms = {"floor": 0.05, "value_to_income": 0.25, "fewest": 40}
    assert all(one["terms"] == terms for one in found)
    assert all(one["local"].startswith("as asked: Sandwell") for one in found)


def test_a_bad_lot_is_named_and_the_others_are_answered(
    run: Run, register: Path, tmp_path: Path
) -> None:
    lots = tmp_path / "lots.jsonl"
    good = {"title": "Home care", "postcode": "WS1 1TP"}
    rows = [{"id": "a", **good}, {"id": "b", **good, "value": 1e999}, {"id": "c", "title": 3}]
    lots.write_text("\n".join(json.dumps(row) for row in rows))
    found = told(run, register, lots, "--within", "10km")
    assert [one["lot"] for one in found["markets"]] == ["a"]
    assert found["set_aside"] == {"lot cannot be used": 2}
    value, title = found["refused"]
    assert (value["lot"], title["lot"]) == ("lots.jsonl line 2", "lots.jsonl line 3")
    assert "value: " in value["message"]
    assert "title: 3 is not text" in title["message"]
    lines = market(run, register, lots, "--format", "ndjson").out.splitlines()
    assert [set(json.loads(line)) for line in lines] == [
        *({"refused"}, {"refused"}, {"market"}),
        {"together", "set_aside"},
    ]
    table = " ".join(market(run, register, lots).out.split())
    assert table.count("lots.jsonl line 2") == table.count("lots.jsonl line 3") == 1
    assert "title: 3 is not text" in table


def test_another_lot_under_an_id_that_is_taken_is_refused_and_the_same_again_is_not(
    run: Run, register: Path, tmp_path: Path
) -> None:
    lots = tmp_path / "lots.jsonl"
    one = {"id": "a", "title": "Home care", "postcode": "WS1 1TP"}
    rows = [one, {**one, "title": "Minibuses"}, one]
    lots.write_text("\n".join(json.dumps(row) for row in rows))
    found = told(run, register, lots)
    assert [market["title"] for market in found["markets"]] == ["Home care"]
    (refused,) = found["refused"]
    assert refused["lot"] == "lots.jsonl line 2"
    assert (
        refused["message"]
        == "lot with the id of another lot: id: 'a' is used twice; give each lot its own id"
    )
    assert found["set_aside"] == {"lot with the id of another lot": 1, "lot repeated": 1}


def test_a_lot_that_lost_a_field_only_is_answered_and_not_refused(
    run: Run, register: Path, tmp_path: Path
) -> None:
    lots = tmp_path / "notice.json"
    tender = {"title": "Home care", "value": {"amount": 9000, "currency": "EUR"}}
    lots.write_text(json.dumps({"ocid": "ocds-1", "tender": tender}))
    found = told(run, register, lots)
    assert [one["lot"] for one in found["markets"]] == ["ocds-1"]
    assert found["refused"] == []
    assert "Set aside: 1 value is not in pounds" in market(run, register, lots).out


def test_a_lot_that_cannot_be_read_is_refused_alone(
    run: Run, register: Path, tmp_path: Path
) -> None:
    lots = tmp_path / "lots.jsonl"
    rows = [{"id": "a", "title": "Home care", "postcode": "WS1 1TP"}, {"id": "b", "title": "Care"}]
    lots.write_text("\n".join(json.dumps(row) for row in rows))
    found = told(run, register, lots, "--within", "10km")
    assert [one["lot"] for one in found["markets"]] == ["a"]
    (refused,) = found["refused"]
    assert refused["lot"] == "b"
    assert "needs a place" in refused["message"]
    lots.write_text(json.dumps(rows[1]))
    ran = market(run, register, lots, "--within", "10km")
    assert ran.code == 3
    assert "needs a place" in " ".join(ran.out.split())


def test_standard_input_is_read(run: Run, register: Path) -> None:
    (one,) = told(run, register, "-", stdin=b"Debt advice in Walsall WS1 1NG")["markets"]
    assert one["title"] == "Debt advice in Walsall WS1 1NG"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--floor", "0"), "--floor 0 is not a probability"),
        (("--value-to-income", "0"), "--value-to-income 0 is out of range"),
        (("--fewest", "0"), "fewest 0 is out of range"),
        (("--area", "Atlantis"), "area 'Atlantis' is not a council"),
        (("--within", "far"), "within 'far' is not a distance"),
        (("--within", "9km", "--area", "Walsall"), "--within cannot be given with area"),
        (("--with-neighbours",), "--with-neighbours needs area"),
        (("--bundle", "hand"), "--bundle hand is not calibrated"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    run: Run, register: Path, words: tuple[str, ...], said: str
) -> None:
    assert said in market(run, register, NOTICE, *words).refusal


def test_control_characters_of_a_lot_reach_no_terminal(
    run: Run, register: Path, tmp_path: Path
) -> None:
    (tmp_path / "lot.json").write_text(json.dumps({"title": "Care \u202e\u001b[31m WS1 1TP"}))
    out = market(run, register, tmp_path / "lot.json").out
    assert "\u202e" not in out
    assert "\u001b[31m" not in out


def test_a_very_long_title_is_shortened_on_the_terminal_alone(
    run: Run, register: Path, tmp_path: Path
) -> None:
    title = "Home care visits " * 6_000
    (tmp_path / "lot.json").write_text(json.dumps({"title": title, "postcode": "WS1 1TP"}))
    shown = market(run, register, tmp_path / "lot.json").out
    assert (len(shown) < 20_000, "…" in shown) == (True, True)
    assert title.strip() in market(run, register, tmp_path / "lot.json", "--format", "json").out


@pytest.mark.parametrize(("lots", "words"), [(1, "1 lot, which is"), (2, "2 lots, of which")])
def test_one_lot_is_not_several(
    run: Run, register: Path, tmp_path: Path, lots: int, words: str
) -> None:
    lot = {"title": "Home care", "postcode": "WS1 1TP"}
    (tmp_path / "lots.json").write_text(json.dumps({"title": "Care", "lots": [lot] * lots}))
    assert words in " ".join(market(run, register, tmp_path / "lots.json").out.split())
