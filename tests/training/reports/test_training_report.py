from __future__ import annotations

import copy
import json
import sys
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.ranking.features.registry import FEATURES
from models.errors import BundleError
from training.reports.formatting import brier_words, day, in_order, value, with_interval
from training.reports.training_report import page

NAN = float("nan")
EVIL = "<script>alert(1)</script> & \"$x$ 'y'"
VOID = {"meta", "br", "path", "use"}
REPORT: dict[str, Any] = {
    "data": {"awards": 12345, "awards from": "2020-01-02", "providers": 678, EVIL: EVIL},
    "windows": [
        {"from": "2021-01-01", "to before": "2021-04-01", "lots": 1111},
        {"from": "2021-04-01", "to before": "2021-07-01", "lots": 2222},
    ],
    "rankers": {
        "all": {
            "lots learned from": 3333,
            "held back": {
                "lots": {"all": 2222, "cold": 0},
                "measures": {
                    "all": {"Success@10": [0.4321, 0.4001, 0.4642], "RR@100": [0.25, 0.2, 0.3]},
                    "cold": {"Success@10": [NAN, NAN, NAN], "RR@100": [NAN, NAN, NAN]},
                },
            },
            "calibration": {
                "what": "won this invented lot",
                "candidates": 500,
                "mean": 0.02,
                "brier": 0.0147,
                "brier of the mean": 0.0196,
                "bins": [
                    {"candidates": 400, "told": 0.0, "came true": 0.0003},
                    {"candidates": 100, "told": 0.1234, "came true": 0.2},
                ],
            },
            "features": {"nearness": 0.25, "name_meaning_beside_best": 0.7, "unheard_of": 0.05},
            "new entrants": {
                "share of awards won by the new": 0.43,
                "share of candidates that are new": 0.61,
                "kept margin": 0.1,
                "settings": [
                    {
                        "margin": margin,
                        "share of places for the new": share,
                        "Success@10": [hit, hit - 0.03, hit + 0.03],
                    }
                    for margin, share, hit in ((0.0, 0.21, 0.44), (0.1, 0.27, 0.432))
                ],
            },
        },
        "relevance": {"held back": {"measures": {"all": {"Success@10": [0.3, 0.25, 0.35]}}}},
    },
    "settings": {"seed": 7, "councils_only": True, "trees": {"leaves": 31}},
    "libraries": {"numpy": "2.0.1"},
}


class Outline(HTMLParser):
    """What stands in a page: elements with their attributes; tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.wrong: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def written() -> str:
    return page(f"tiny {EVIL}", REPORT)


@pytest.fixture(scope="module")
def outline(written: str) -> Outline:
    return Outline(written)


# --- the page as a page ---


def test_every_element_is_closed_and_every_id_is_of_one_element(outline: Outline) -> None:
    assert (outline.wrong, outline.open) == ([], [])
    ids = Counter(found["id"] for _, found in outline.elements if "id" in found)
    assert [mark for mark, times in ids.items() if times > 1] == []


def test_what_is_referred_to_is_in_the_page(outline: Outline) -> None:
    ids = {found.get("id") for _, found in outline.elements}
    links = [
        found[k] for _, found in outline.elements for k in ("href", "xlink:href") if k in found
    ]
    assert links
    assert all(link and link.startswith("#") and link[1:] in ids for link in links)


def test_it_is_complete_in_itself(written: str, outline: Outline) -> None:
    assert not outline.all("script", "link", "img", "iframe", "object")
    assert not [found for _, found in outline.elements if "src" in found]
    assert "@import" not in written
    assert len(written.encode()) < 400_000


def test_tables_have_captions_and_their_heads_a_scope(outline: Outline) -> None:
    assert len(outline.all("table")) == len(outline.all("caption")) >= 8
    assert {found.get("scope") for found in outline.all("th")} == {"col", "row"}


def test_charts_have_a_description(outline: Outline) -> None:
    pictures = outline.all("svg")
    assert len(pictures) == 3
    assert all(found["role"] == "img" for found in pictures)
    assert len(outline.all("title")) == 1 + len(pictures)
    assert len(outline.all("desc")) == len(pictures)


def test_it_names_its_language_and_fits_a_phone(outline: Outline) -> None:
    assert outline.all("html") == [{"lang": "en-GB"}]
    assert "width=device-width" in str(outline.all("meta"))
    levels = [int(tag[1]) for tag, _ in outline.elements if tag in {"h1", "h2", "h3"}]
    assert levels[0] == 1
    assert levels.count(1) == 1


def test_text_of_the_report_is_never_markup(written: str, outline: Outline) -> None:
    assert "<script" not in written
    assert outline.text.count(EVIL) >= 3


def test_the_same_report_gives_the_same_bytes_in_any_order(written: str) -> None:
    def turned(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: turned(part[key]) for key in reversed(part)}
        return [turned(one) for one in part] if isinstance(part, list) else part

    assert page(f"tiny {EVIL}", turned(REPORT)) == written
    assert page(f"tiny {EVIL}", json.loads(json.dumps(REPORT))) == written


def test_other_matplotlib_settings_do_not_change_it(written: str) -> None:
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.facecolor": "red"}):
        assert page(f"tiny {EVIL}", REPORT) == written
        assert mpl.rcParams["font.size"] == 30


# --- what it says ---


@pytest.mark.parametrize(
    "said",
    [
        "43 of 100",
        "95% interval 40 to 46",
        "12,345",
        "2 January 2020",
        "1 April 2021",
        "held back to measure on",
        "0.432[0.400, 0.464]",
        "won this invented lot",
        "Brier score 0.01470; giving every candidate the mean scores 0.01960",
        "25.0% lower",
        "Only winners are known",
        "0.03%",
        "12.3%",
        "21.0% of the first ten places",
        "0.432 [0.402, 0.462]",
        "keeps the margin 0.1",
        "trees.leaves",
        "2.0.1",
        "unheard_of",
        FEATURES["nearness"].words.removesuffix("."),
        FEATURES["nearness"].reason,
    ],
)
def test_it_says(outline: Outline, said: str) -> None:
    assert said in outline.text


def test_nan_is_shown_as_unknown(outline: Outline) -> None:
    assert "nan" not in outline.text.lower().replace("finance", "")
    assert "–" in outline.text


def _lacking(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The report with each of its parts left out, or of another kind, in turn."""

    def paths(part: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        for key, inner in part.items() if isinstance(part, dict) else ():
            yield (*before, key)
            yield from paths(inner, (*before, key))

    for *way, last in paths(report):
        for left_out in (True, False):
            changed = copy.deepcopy(report)
            part = changed
            for key in way:
                part = part[key]
            part[last] = None
            if left_out:
                del part[last]
            yield changed


def test_what_a_report_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.reports.charts._svg", lambda *_: "<svg ></svg>")
    for report in _lacking(REPORT):
        found = Outline(page("tiny", report))
        assert (found.wrong, found.open) == ([], [])
    assert "<table" not in page("tiny", {})


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(BundleError, match=r"--editable '\.\[train\]'"):
        page("tiny", REPORT)


# --- words and numbers ---


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        ([0.5, 0.25, 0.75], "0.500 [0.250, 0.750]"),
        ([NAN, NAN, NAN], "–"),
        ([0.5], "–"),
        (None, "–"),
        ("abc", "–"),
    ],
)
def test_an_estimate_in_words(estimate: object, said: str) -> None:
    assert with_interval(estimate) == said


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ({"brier": 0.01, "brier of the mean": 0.02}, "50.0% lower"),
        ({"brier": 0.02, "brier of the mean": 0.02}, "which is as good"),
        ({"brier": 0.03, "brier of the mean": 0.02}, "which is better"),
        ({"brier": None, "brier of the mean": 0.02}, "no Brier score"),
        ({}, "no Brier score"),
    ],
)
def test_a_brier_score_in_words(truth: dict[str, float], said: str) -> None:
    assert said in brier_words(truth)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (1234567, "1,234,567"),
        (True, "yes"),
        (0.05, "0.05"),
        (NAN, "–"),
        (None, "–"),
        ("2022-07-01", "1 July 2022"),
        ("2022-13-01", "2022-13-01"),
        ("20220701", "20220701"),
    ],
)
def test_a_value_in_words(found: object, said: str) -> None:
    assert value(found) == said


@given(st.text())
def test_text_that_is_not_a_day_stays_as_it_is(text: str) -> None:
    assert day(text) == text or text.count("-") == 2


@given(st.lists(st.sampled_from("abcdef")))
def test_every_key_comes_once_and_the_known_first(keys: list[str]) -> None:
    ordered = in_order(keys, ["d", "b"])
    assert sorted(ordered) == sorted(set(keys))
    assert ordered == sorted(set(keys), key=lambda key: ({"d": 0, "b": 1}.get(key, 2), key))
