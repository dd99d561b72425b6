from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from matcher.register.linkage.comparisons import NAMES
from matcher.register.linkage.name_similarity import normalise
from models.small_trees import SmallTrees
from tests.factory import provider
from training.learning.invented_pairs import NamePair, invented_pairs
from training.learning.name_pairs import (
    nearest_pairs,
    neighbours,
    same_pairs,
    spellings_of,
)
from training.learning.names import best_f1, compared, examples, word_counts

ROOT = Path(__file__).resolve().parents[3]


def test_pairs_come_from_official_numbers_only() -> None:
    records = [
        provider("GB-COH-1", "WS1 1TP", name="Beaumaris Lifeboats Ltd", aliases=("Harbour Boats",)),
        provider("GB-COH-2", "WS1 1TP", name="Beaumaris Lifeboat Cafe"),
        provider("GB-CHC-3", "WS1 1TP", name="Beaumaris Lifeboat Friends"),
        provider("XX-4", "WS1 1TP", name="Beaumaris Lifeboat Crew"),
    ]
    spellings = spellings_of(records)
    assert set(spellings) == {"GB-COH-1", "GB-COH-2", "GB-CHC-3"}
    assert [(p.a, p.b) for p in same_pairs(spellings)] == [
        ("Beaumaris Lifeboats Ltd", "Harbour Boats")
    ]
    beside = list(neighbours(records))
    assert [{p.a, p.b} for p in beside] == [{"Beaumaris Lifeboats Ltd", "Beaumaris Lifeboat Cafe"}]
    near = {frozenset((p.a, p.b)) for p in nearest_pairs(spellings)}
    assert frozenset(("Beaumaris Lifeboats Ltd", "Beaumaris Lifeboat Cafe")) in near
    assert not any(pair.same for pair in (*beside, *nearest_pairs(spellings)))


def test_a_word_is_counted_once_for_each_organisation() -> None:
    spellings = {f"GB-COH-{n}": ["Castle Cars", "Castle Cars Ltd"] for n in range(20)}
    assert word_counts(spellings, {"x": ["Other"]}) == {"cars": 100_000, "castle": 100_000}


def test_pairs_that_need_no_comparison_have_a_known_similarity() -> None:
    def pair(a: str, b: str) -> NamePair:
        return NamePair(a, b, same=True, group="g")

    assert compared(pair("Castle Cars Ltd", "CASTLE CARS")) == 1.0
    assert compared(pair("Jones t/a Castle Cars", "Castle Cars")) == 1.0
    assert compared(pair("Castle Cars", "Penllergare Woods")) == 0.0
    assert len(compared(pair("Castle Cars", "Castle Cabs"))) == len(NAMES)  # type: ignore[arg-type]


def test_margins_of_held_out_organisations_tell_the_pairs_apart() -> None:
    learned = examples(("invented", pair) for pair in invented_pairs(5, 250))
    f1, threshold = best_f1(learned.held_out(2), learned.same, np.ones(len(learned.same)))
    assert f1 > 0.6
    assert abs(threshold) < 5


def test_the_best_f1_takes_ties_together() -> None:
    margins, same = np.array([2.0, 1.0, 1.0, 0.0]), np.array([True, True, False, False])
    assert best_f1(margins, same, np.ones(4)) == pytest.approx((0.8, 1.0))


def test_the_command_writes_tables_that_the_product_reads(tmp_path: Path) -> None:
    with (tmp_path / "names.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(("company_id", "name"))
        for number in range(60):
            out.writerow((number, f"Maison {chr(65 + number % 26)}{number} Batiment SARL"))
            out.writerow((number, f"Maison {chr(65 + number % 26)}{number} Batiments"))
    (tmp_path / "judged.csv").write_text("a,b,same\nCastle Cars,Castle Cabs,0\n")
    examples_ = ROOT / "examples"
    words = [
        *("--names", tmp_path / "names.csv", "--judged", tmp_path / "judged.csv"),
        *(
            "--awards",
            examples_ / "awards.ocds.jsonl",
            "--providers",
            examples_ / "providers.jsonl",
        ),
        *("--invented", "150", "--out", tmp_path),
    ]
    command = [sys.executable, "-m", "training.learning.names", *map(str, words)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    trees = SmallTrees.read(tmp_path / "name_trees.csv", NAMES)
    assert trees.roots
    with (tmp_path / "word_counts.csv").open() as file:
        counts = {row["word"]: int(row["per_100000_names"]) for row in csv.DictReader(file)}
    assert counts[normalise("Maison")] > 50_000
    assert "invented: F1" in ran.stdout
