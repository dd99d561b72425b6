"""What is printed of a training and of a bundle."""

from __future__ import annotations

import copy
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import RenderableType

from api.cli.output import bundle_card, console
from models.bundle import DEFAULT, Bundle
from models.calibrated_ranker import CalibratedRanker, Calibration, Fairness, Floor
from models.ranker import LinearRanker
from models.trees import TreeSettings, TreesRanker
from tests.api.conftest import Run

HELD = {"all": {"Success@10": [0.4321, 0.4001, 0.4642], "RR@100": [0.25, 0.2, 0.3]}}
NARROW = {"all": {"Success@10": [0.3, 0.25, 0.35]}, "cold": {"Success@10": [float("nan")] * 3}}
WINDOW = {"from": "2021-04-01", "to before": "2021-07-01", "lots": 2222}
REPORT: dict[str, Any] = {
    "data": {
        "awards": 12345,
        "awards from": "2020-01-02",
        "awards to": "2021-06-30",
        "providers": 678,
    },
    "windows": [{"from": "2021-01-01", "to before": "2021-04-01", "lots": 1}, WINDOW],
    "rankers": {
        "all": {
            "held back": {"lots": {"all": 2222}, "measures": HELD},
            "calibration": {"brier": 0.0147, "brier of the mean": 0.0196},
            "new entrants": {
                "share of awards won by the new": 0.43,
                "settings": [{"share of places for the new": 0.21}],
            },
        },
        "relevance": {"held back": {"lots": {"all": 2221, "cold": 0}, "measures": NARROW}},
    },
}
CARD: dict[str, Any] = {
    "what": "Learned from [bold]invented[/bold] awards.",
    "limits": "Only winners are known.",
    "data": REPORT["data"],
    "knows awards before": "2021-07-01",
    "windows": REPORT["windows"],
    "held back, not learned from": {"window": WINDOW, "all": HELD, "relevance": NARROW},
    "libraries": {"numpy": "2.0.1"},
    "an_odd_key": {"deep": [1, 2]},
}


def printed(capsys: pytest.CaptureFixture[str], renderable: RenderableType) -> str:
    console.console().print(renderable)
    return capsys.readouterr().out


def told(text: str) -> str:
    """The text on one line, for what was wrapped."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def learned() -> Bundle:
    random = np.random.default_rng(0)
    x = random.random((400, 2)).astype(np.float32)
    small = TreeSettings(trees=3, leaves=4, least_in_leaf=5)
    lots, names = list(x.reshape(20, 20, 2)), ("nearness", "name_words")
    trees = TreesRanker.learn(lots, x[:, 0] > 0.8, np.ones(400), names, settings=small)
    curve = Calibration((0.0, 1.0), (0.1, 0.9))
    calibrated_rankers = {
        "relevance": CalibratedRanker(
            LinearRanker(("name_words",), (1.0,)), Floor(LinearRanker((), ()))
        ),
        "all": CalibratedRanker(trees, Floor(LinearRanker((), ())), curve, Fairness(0.43, 0.2)),
    }
    return Bundle("mine", "", CARD, calibrated_rankers)


@pytest.fixture
def folder(learned: Bundle, tmp_path: Path) -> Path:
    learned.save(tmp_path / "mine")
    return tmp_path / "mine"


# --- what a training prints ---


@pytest.mark.parametrize(
    "said",
    [
        "12,345 awards, 678 providers; awards of 2 January 2020 to 30 June 2021",
        "1 April 2021 to before 1 July 2021",
        "All lots (2,222)",
        "0.432 [0.400, 0.464]",
        "0.250 [0.200, 0.300]",
        "0.300 [0.250, 0.350]",
        "No winner had won before (0) │ –",
        "Brier score 0.01470; giving every candidate the mean scores 0.01960",
        "New entrants get 21% of the first ten places and won 43% of the awards.",
        "kept/report.html",
        "--bundle kept/mine",
    ],
)
def test_a_training_says(capsys: pytest.CaptureFixture[str], said: str) -> None:
    path = Path("kept/mine") if "mine" in said else Path("kept")
    assert said in told(
        printed(capsys, bundle_card.trained(Bundle("mine", "", {}, {}), REPORT, path))
    )


@pytest.mark.parametrize(
    ("path", "option"),
    [("mine", "./mine"), ("a folder/mine", "'a folder/mine'"), ("/kept/[b]", "'/kept/[b]'")],
)
def test_the_folder_is_told_as_the_option_takes_it(
    capsys: pytest.CaptureFixture[str], path: str, option: str
) -> None:
    out = printed(capsys, bundle_card.trained(Bundle("mine", "", {}, {}), REPORT, Path(path)))
    assert out.count(f"--bundle {option}\n") == 2


def test_a_training_says_how_much_was_saved(
    capsys: pytest.CaptureFixture[str], learned: Bundle, folder: Path
) -> None:
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert f", {size / 1e3:.0f} kB." in told(
        printed(capsys, bundle_card.trained(learned, REPORT, folder))
    )


@pytest.mark.parametrize("part", ["data", "windows", "rankers"])
def test_what_a_report_lacks_is_left_out(capsys: pytest.CaptureFixture[str], part: str) -> None:
    for lacking in ({k: v for k, v in REPORT.items() if k != part}, REPORT | {part: None}):
        out = printed(
            capsys, bundle_card.trained(Bundle("mine", "", {}, {}), lacking, Path("kept"))
        )
        assert "Bundle mine is saved in kept" in out
        assert ("Held back" in out) == (part != "rankers")


def test_new_entrants_that_were_not_measured_are_not_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = copy.deepcopy(REPORT)
    report["rankers"]["all"]["new entrants"]["settings"] = []
    out = printed(capsys, bundle_card.trained(Bundle("mine", "", {}, {}), report, Path("kept")))
    assert "New entrants get" not in out


# --- the card ---


@pytest.mark.parametrize(
    "said",
    [
        "Bundle mine, version ",
        "Learned from [bold]invented[/bold] awards.",
        "Only winners are known.",
        "knows awards before: 1 July 2021",
        "awards from │ 2 January 2020",
        "All signals (market engagement) │ trees │ 2 │ 3 │ yes │ share 43%, margin 0.2",
        "Relevance alone (whom to invite) │ linear │ 1 │ │ no",
        "Held back, not learned from: 1 April 2021 to before 1 July 2021, 2,222 lots",
        "0.432 [0.400, 0.464]",
        "numpy │ 2.0.1",
        "an odd key",
        "deep │ 1, 2",
        "all.txt │",
    ],
)
def test_a_card_says(capsys: pytest.CaptureFixture[str], folder: Path, said: str) -> None:
    opened = Bundle.open(folder, ("nearness", "name_words"))
    assert said in told(printed(capsys, bundle_card.card(opened, folder)))


def test_a_card_tells_how_each_file_begins_and_what_all_weigh(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    out = told(
        printed(capsys, bundle_card.card(Bundle.open(folder, ("nearness", "name_words")), folder))
    )
    trees = (folder / "all.txt").read_bytes()
    digest = hashlib.sha256(trees).hexdigest()
    assert f"all.txt │ {len(trees):,} │ {digest[:12]} │" in out
    assert digest[:13] not in out
    assert "kB" in out


def test_files_of_another_bundle_are_never_told(
    capsys: pytest.CaptureFixture[str], learned: Bundle, folder: Path
) -> None:
    opened = Bundle.open(folder, ("nearness", "name_words"))
    other = Bundle(DEFAULT, opened.version, opened.card, opened.rankers)
    out = printed(capsys, bundle_card.card(other))
    assert "Files" not in out
    assert "kB" not in out
    assert "Files" not in printed(capsys, bundle_card.card(learned, folder))


def test_a_card_without_measures_has_no_table_of_them(
    capsys: pytest.CaptureFixture[str], learned: Bundle
) -> None:
    assert "Held back" not in printed(
        capsys, bundle_card.card(Bundle("mine", "", {}, learned.rankers))
    )


def test_the_bundle_that_ships_shows_its_card(run: Run) -> None:
    ran = run("bundle", "show", DEFAULT)
    assert (ran.code, ran.err) == (0, "")
    out = told(ran.out)
    for said in (f"Bundle {DEFAULT}, version ", "Rankers", "Files", " MB", "background.json │"):
        assert said in out
    assert "All signals (market engagement) │ trees and relevance │" in out
    assert "{" not in out


def test_a_bundle_that_is_not_there_is_refused(run: Run) -> None:
    assert "no bundle there" in run("bundle", "show", "nowhere").refusal
