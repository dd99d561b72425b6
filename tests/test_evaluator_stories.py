"""What evaluators ask of the whole: stories 7 and 8, from a register to a verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import chisquare

from matcher.core.identifiers import fingerprint
from matcher.core.types import Lot, Size
from matcher.law.types import Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.tie_break import order, tie_break_keys
from tests.api.conftest import Run, run
from tests.factory import award, lot, provider
from tests.registers import matcher
from training.evaluation.exposure import (
    measure_exposure,
    named_target,
    register_groups,
)
from training.evaluation.runs import run_from_lists
from training.replays.runner import Asker

__all__ = ["run"]

SIZES = (Size.MICRO, Size.SMALL, Size.MEDIUM, Size.LARGE)
PEOPLE = [
    provider(
        f"GB-CHC-{n:02}",
        "WS1 1TP",
        name="Roofs",
        profile="roof repair",
        size=SIZES[n % 4],
        income=10.0 ** (4 + n % 4) + n,
    )
    for n in range(40)
]
LOTS = [f"L{n:02}" for n in range(40)]


@pytest.fixture(scope="module")
def equals(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    """Forty firms that nothing but their size tells apart."""
    return matcher(tmp_path_factory.mktemp("reg"), places_table, *PEOPLE, trust_ids=True)


def to_invite(id: str) -> Lot:
    """A lot below the threshold, for which only what providers do may count."""
    return lot(
        id=id,
        title="Roof repair",
        value=50_000.0,
        buyer="Walsall Council",
        buyer_kind="council",
        day=date(2026, 5, 1),
    )


# --- story 7: an evaluator scores a run ---


@pytest.fixture
def exported(run: Run, tmp_path: Path, places_table: Path) -> Path:
    """A run that `matcher rank` wrote, and judgements of most of its lots."""
    past = [award(f"p-{n}", PEOPLE[n], lot=lot(id=f"p-{n}", title="Roof repair")) for n in range(5)]
    matcher(tmp_path / "reg", places_table, *PEOPLE, *past, trust_ids=True)
    rows = [{"id": one, "title": f"Roof repair {one}", "postcode": "WS1 1TP"} for one in LOTS]
    (tmp_path / "lots.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ("rank", "--register", tmp_path / "reg", "--lots", tmp_path / "lots.jsonl")
    done = run(*words, "--run", tmp_path / "ours.run", "--bundle", "hand", "--everyone")
    assert done.code == 0, done
    judged = [f"{one} 0 GB-CHC-{n:02} {n % 4}\n" for one in LOTS for n in range(0, 40, 3)]
    (tmp_path / "qrels.txt").write_text("".join([*judged, "LOST 0 GB-CHC-00 1\n"]))
    return tmp_path


def told(run: Run, *words: str | Path) -> dict[str, Any]:
    done = run("evaluate", *words, "--format", "json")
    assert done.code == 0, done
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_story_7_the_exported_run_scores_as_the_command_line_of_ir_measures_says(
    run: Run, exported: Path
) -> None:
    names = "Success@5 nDCG@10 RR@100 AP R@20 P@5 Judged@10"
    ours, qrels = exported / "ours.run", exported / "qrels.txt"
    found = told(run, ours, "--qrels", qrels, "--metrics", names.replace(" Judged@10", ""))
    done = subprocess.run(
        [sys.executable, "-m", "ir_measures", str(qrels), str(ours), names, "-p", "9"],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = dict(line.split("\t") for line in done.stdout.splitlines())
    (one,) = found["runs"]
    for measure, values in one["measures"].items():
        assert values["mean"] == pytest.approx(float(theirs[measure]), abs=1e-6)
    share = one["measures"]["nDCG@10"]["judged"] * len(LOTS) / (len(LOTS) + 1)
    assert share == pytest.approx(float(theirs["Judged@10"]), abs=1e-6)


# --- story 8: an evaluator asks whom a ranking shows ---


def test_story_8_a_ranker_that_lists_by_income_fails_and_the_product_among_equals_passes(
    equals: Matcher,
) -> None:
    groups = register_groups(equals.register)
    target = named_target("pool", groups["size"], None)
    assert target == pytest.approx({size.value: 0.25 for size in SIZES})
    richest = sorted(PEOPLE, key=lambda one: -(one.income or 0))
    by_income = run_from_lists("by income", {one: [p.id for p in richest] for one in LOTS})
    found = measure_exposure(by_income, groups["size"], target)
    assert found["verdict"].startswith("fails: less than four fifths of its target goes to")
    assert {row["group"] for row in found["groups"] if row["short"]} == {
        "micro",
        "small",
        "medium",
    }
    ours = Asker("ours", equals, Request(Purpose.INVITE, Filters(everyone=True)))
    lists = ours.run([to_invite(f"M{n}") for n in range(150)])
    assert len(lists.scores) == 150
    assert measure_exposure(lists, groups["size"], target)["verdict"].startswith("passes")


def test_story_8_the_draw_among_equals_is_uniform_over_ten_thousand_seeds_and_replayable() -> None:
    keys = np.array([fingerprint(one.id) for one in PEOPLE[:4]], np.uint64)
    scores = np.zeros(4)
    seen = [
        tuple(order(scores, tie_break_keys(keys, seed, "L1")).tolist()) for seed in range(10_000)
    ]
    counts = [seen.count(one) for one in permutations(range(4))]
    assert sum(counts) == 10_000
    assert chisquare(counts).pvalue > 0.001
    again = [tuple(order(scores, tie_break_keys(keys, seed, "L1")).tolist()) for seed in range(100)]
    assert again == seen[:100]


def test_story_8_the_product_draws_among_equals_as_the_seed_says(equals: Matcher) -> None:
    asked = lot(title="Roof repair", postcode="WS1 1TP")

    def first(seed: int) -> tuple[str, ...]:
        request = Request(wish=Filters(everyone=True), seed=seed, limit=5)
        return tuple(one.id for one in equals.shortlist(asked, request).suggestions)

    drawn = [first(seed) for seed in range(60)]
    assert drawn[:10] == [first(seed) for seed in range(10)]
    assert len({one[0] for one in drawn}) > 20
