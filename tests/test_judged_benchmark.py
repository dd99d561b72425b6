"""The benchmark of graded needs: what it reads, counts, lists and skips."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from api.judging.judgements import read_pool
from benchmarks import judged, pretrained
from matcher.core.types import Size
from matcher.geo.postcodes import PostcodeTable
from tests.encoders import TinyBase
from tests.factory import award, lot, provider
from tests.gazetteer import small_table
from tests.registers import matcher

CARE = provider("GB-CHC-1", "WS1 1TP", name="Walsall Carers", profile="home care for old people")
CHOIR = provider("GB-CHC-2", "WS1 2AA", name="Walsall Choir", profile="singing for all")
FAR = provider("GB-CHC-3", "EH8 8BG", name="Far Carers", profile="home care for old people")
LARGE = provider(
    "GB-CHC-4", "WS1 1TP", name="Large Carers", profile="home care for old people", size=Size.LARGE
)
WON = provider("GB-CHC-5", "WS1 1TP", name="Silent Limited")
NEED = {
    "id": "n1",
    "title": "Home care",
    "description": "Care for old people",
    "postcode": "WS1 1TP",
    "value": 1000,
    "buyer": "Walsall Council",
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one need and one grade, and a register of five providers."""
    places = tmp_path / "places"
    small_table(places)
    monkeypatch.setattr(PostcodeTable, "cached", lambda: places)
    (tmp_path / "judged").mkdir()
    (tmp_path / judged.NEEDS).write_text(json.dumps(NEED) + "\n")
    grades = "need\tprovider\tgrade\nn1\tGB-CHC-1\t2.5\nn1\tGB-CHC-2\tx\n"
    (tmp_path / judged.GRADES).write_text(grades)
    past = award("a-1", WON, lot=lot(id="past", title="Home care for old people"))
    matcher(tmp_path / "register", places, CARE, CHOIR, FAR, LARGE, WON, past, trust_ids=True)
    return tmp_path


def test_what_cannot_be_told_is_no_grade(data: Path) -> None:
    assert judged.read_grades(data / judged.GRADES) == {"n1": {"GB-CHC-1": 2.5}}


def test_peers_list_only_active_small_and_local_providers(data: Path) -> None:
    (need,) = judged.read_needs(data / judged.NEEDS)
    one = judged.Matcher.open(data / "register", "hand")
    listed = judged.bm25(one)(need)
    assert "GB-CHC-1" in listed
    assert "GB-CHC-5" in listed, "its past contract says what it does"
    assert not {"GB-CHC-3", "GB-CHC-4"} & {*listed, *judged.product(one)(need)}


def test_figures_are_means_over_the_needs_that_they_say_something_of() -> None:
    grades = {"n1": {"a": 3.0, "b": 0.0}, "n2": {"a": 1.0}, "n3": {}}
    lists = {"ours": {"n1": ["a", "b"], "n2": ["new", "a"], "n3": ["new"]}}
    (row,) = judged.report(grades, lists)
    figures = {name: found[0] for name, found in row.items() if isinstance(found, list)}
    assert figures["first row suited"] == 1
    assert figures["rows suited"] == pytest.approx((1 / 2 + 0) / 2)
    assert figures["rows unrelated"] == pytest.approx((1 / 2 + 0) / 2)
    assert figures["Judged@10"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert figures["condensed nDCG@10"] == 1
    assert figures["nDCG@10"] == pytest.approx((1 + 0.6309) / 2, abs=1e-4)


def test_rows_that_nobody_graded_are_listed_once(data: Path) -> None:
    lists = {"one": {"n1": ["a", "b"]}, "other": {"n1": ["b", "c"]}}
    assert judged.unjudged({"n1": {"a": 3.0}}, lists) == [("n1", "b"), ("n1", "c")]


def test_the_benchmark_prints_figures_and_writes_a_pool_to_judge(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(data), "--register", str(data / "register"), "--bundle", "hand"]
    judged.main([*words, "--pool", str(data / "pool.jsonl"), "--json", str(data / "out.json")])
    found = json.loads((data / "out.json").read_text())
    systems = [row["system"] for row in found["rows"]]
    assert systems == ["ours (hand)", "bm25", "rrf of bm25 and ours (hand)"]
    pool = read_pool(data / "pool.jsonl")
    assert sorted([item.lot, item.provider] for item in pool) == sorted(found["unjudged"])
    assert pool[0].lot_title == "Home care"
    assert "matcher judge serve --pool" in capsys.readouterr().out.replace("\n", " ")


def test_without_the_data_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judged.main(["--data", str(tmp_path)])
    assert "Skipped" in capsys.readouterr().out


def test_of_two_grades_for_one_row_the_one_read_first_counts() -> None:
    found = judged.merged([{"n1": {"a": 3.0}}, {"n1": {"a": 0.0, "b": 1.0}, "n2": {"c": 2.0}}])
    assert found == {"n1": {"a": 3.0, "b": 1.0}, "n2": {"c": 2.0}}


def test_a_pretrained_encoder_is_a_peer(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained.BaseEncoder, "open", lambda _: TinyBase())
    needs = judged.read_needs(data / judged.NEEDS)
    one = judged.Matcher.open(data / "register", "hand")
    lists = judged.measure(needs, one, Console(quiet=True), data)
    assert list(lists) == [
        *("ours (hand)", "bm25", "minilm"),
        *("rrf of bm25 and minilm", "rrf of bm25 and ours (hand)"),
    ]
    assert sorted(lists["minilm"]["n1"]) == ["GB-CHC-1", "GB-CHC-2", "GB-CHC-5"]
