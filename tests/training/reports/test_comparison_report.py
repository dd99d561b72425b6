"""The page of a comparison: complete in itself, and nothing on it but text."""

from __future__ import annotations

import html.parser
import re
from typing import Any

import pytest

from tests.factory import scored
from training.evaluation.comparison import ComparisonRequest, report, with_target
from training.evaluation.qrels import Qrels
from training.evaluation.runs import RowDetails, Run, run_from_lists
from training.evaluation.scoring import parse_measures
from training.reports.comparison_report import page
from training.reports.formatting import number, p_value

NASTY = '<script>alert("x")</script>&amp;'
LOTS = [f"L{n:02}" for n in range(24)]


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """A report that has everything, of runs that say nasty things."""
    told = {lot: {"a": RowDetails(NASTY, (NASTY,), 0.5)} for lot in LOTS}
    one = Run(
        NASTY, {lot: {"a": 2.0, "b": 1.0} for lot in LOTS}, details=told, refused={"X": NASTY}
    )
    other = run_from_lists("other", {lot: ["b", "a"] for lot in LOTS[:20]})
    groups = {NASTY: {"a": "small", "b": NASTY}}
    slices = {NASTY: {NASTY: tuple(LOTS[:12]), "rest": tuple(LOTS[12:])}}
    qrels = Qrels({lot: {"a": 1} for lot in LOTS}, "winners")
    asked = ComparisonRequest(
        [one, other, Run("silent", {})],
        qrels,
        parse_measures("Success@1 RR@10"),
        slices=slices,
        groups=groups,
        titles={"L00": NASTY},
        about={"data": NASTY},
    )
    return report(with_target(asked, "equal"))


class Tags(html.parser.HTMLParser):
    """The tags of a page, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_part_is_there_and_every_tag_is_closed(whole: dict[str, Any]) -> None:
    said = page("A comparison", whole)
    tags = Tags()
    tags.feed(said)
    assert tags.open == []
    for mark in (
        *("runs", "quality", "real", "slices", "exposure", "reliability"),
        *("overlap", "lots", "methods"),
    ):
        assert f'<h2 id="{mark}">' in said


def test_nothing_is_run_and_nothing_is_fetched(whole: dict[str, Any]) -> None:
    said = page(NASTY, whole)
    tags = Tags()
    tags.feed(said)
    assert "script" not in tags.seen
    assert not re.search(r'(?:src|href)="(?!#)', said)
    assert "default-src 'none'" in said
    assert not re.search(r"@import|url\((?!#)", said)


def test_the_same_report_gives_the_same_bytes(whole: dict[str, Any]) -> None:
    assert page("A", whole) == page("A", whole)


def test_ids_are_not_given_twice(whole: dict[str, Any]) -> None:
    ids = re.findall(r' id="([^"]+)"', page("A", whole))
    assert len(ids) == len(set(ids))


def test_the_page_names_runs_without_lists_and_missing_lots(whole: dict[str, Any]) -> None:
    said = page("A", whole)
    assert "silent was not run" in said
    assert "4 lots for which other has no list; they count as zero" in said
    assert "L20, L21, L22, L23" in said


def test_few_lots_yield_no_p_on_the_page() -> None:
    qrels = Qrels({"L1": {"a": 1}})
    asked = ComparisonRequest([scored("x", L1={"a": 1.0}), scored("y", L1={"b": 1.0})], qrels)
    said = page("A", report(asked))
    assert "no claim: 1 lots, at least 10 are needed" in said
    assert "is better than" not in said


def test_a_page_without_judgements_does_not_say_which_is_better() -> None:
    said = page(
        "A", report(ComparisonRequest([scored("x", L1={"a": 1.0}), scored("y", L1={"b": 1.0})]))
    )
    assert "this page does not say which run is better" in said
    assert '<h2 id="real">' not in said


def test_numbers_as_they_are_read() -> None:
    assert number(-0.12345) == "−0.123"
    assert number(None) == number(float("nan")) == "–"
    assert p_value(0.0004) == "< 0.001"
    assert p_value(0.25) == "0.250"
    assert p_value(None) == "–"
