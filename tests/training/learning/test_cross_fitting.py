"""Rankers of a window learn from the other windows alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest

from matcher.core.types import Award, Provider
from matcher.ranking.features.registry import FEATURES
from matcher.register.register import Register
from models.bundle import Bundle
from models.calibrated_ranker import CalibratedRanker
from models.ranker import LinearRanker
from models.relevance import Relevance
from models.trees import TreesRanker
from tests.history import SETTINGS, items
from tests.registers import registered
from tests.training.conftest import silent
from training.learning import cross_fitting
from training.learning.cross_fitting import cross_fitted
from training.learning.examples import Example, TrainingWindow
from training.learning.windows import Training, grown
from training.replays.awards import cross_fit

UNTIL = date(2025, 10, 1)
QUICK = msgspec.structs.replace(
    SETTINGS, windows=3, months=1, lots=40, embedder=replace(SETTINGS.embedder, epochs=2)
)
WINDOWS = TrainingWindow.before(UNTIL, QUICK.months, QUICK.windows)


def _registered(path: Path, places: Path, given: Sequence[Provider | Award]) -> Register:
    return registered(path, places, *given, trust_ids=True)


def _job(register: Register, scratch: Path, relevance: Relevance | None = None) -> Training:
    return Training(register, QUICK, scratch, silent, relevance=relevance)


def _trees(bundle: Bundle, key: str) -> str:
    ranker = bundle.ranker_for(key).ranker
    assert isinstance(ranker, TreesRanker)
    return ranker.text


def test_no_ranker_learns_from_a_lot_of_its_own_window_and_each_from_all_others(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = _registered(tmp_path / "reg", places_table, items())
    taught: list[set[date]] = []

    def watched(job: Training, examples: Sequence[Example], key: str) -> CalibratedRanker:
        days = (int(register.columns.award_day[one.number]) for one in examples)
        taught.append({date.fromordinal(day).replace(day=1) for day in days})
        return grown(job, examples, key)

    monkeypatch.setattr(cross_fitting, "grown", watched)
    found = list(cross_fitted(_job(register, tmp_path / "scratch"), UNTIL))
    assert [window for window, _ in found] == WINDOWS
    firsts = {window.first for window in WINDOWS}
    expected = [firsts - {window.first} for window in WINDOWS for _ in ("all", "relevance")]
    assert taught == expected


def test_other_winners_in_the_last_window_change_nothing_of_its_own_rankers(
    tmp_path: Path, places_table: Path
) -> None:
    given = items()
    people = [one for one in given if isinstance(one, Provider)]
    swapped = [
        replace(one, suppliers=(people[at % len(people)],))
        if isinstance(one, Award) and one.day >= WINDOWS[-1].first
        else one
        for at, one in enumerate(given)
    ]
    bundles = []
    for name, records in (("as it was", given), ("swapped", swapped)):
        register = _registered(tmp_path / name, places_table, records)
        job = _job(register, tmp_path / f"scratch {name}")
        bundles.append([bundle for _, bundle in cross_fitted(job, UNTIL)])
    before, after = bundles
    for key in ("all", "relevance"):
        assert _trees(before[-1], key) == _trees(after[-1], key)
        assert _trees(before[0], key) != _trees(after[0], key)
    assert before[0].knowledge.embedder is not None
    assert after[0].knowledge.embedder is not None
    assert before[0].knowledge.embedder.version == after[0].knowledge.embedder.version


def test_relevance_that_is_taken_over_reads_the_trees_of_the_others(
    tmp_path: Path, places_table: Path
) -> None:
    register = _registered(tmp_path / "reg", places_table, items())
    plain = [bundle for _, bundle in cross_fitted(_job(register, tmp_path / "plain"), UNTIL)]
    foreign = plain[0].ranker_for("relevance").ranker
    assert isinstance(foreign, TreesRanker)
    taken = Relevance(LinearRanker(("told_words",), (4.0,), -2.0), work=foreign, work_weight=0.2)
    kept = Bundle("taught", "", {}, {"all": replace(plain[0].ranker_for("all"), relevance=taken)})
    out = tmp_path / "bundles"
    cross_fit(tmp_path / "reg", out, UNTIL, QUICK, bundle=kept, progress=silent)
    assert [one.name for one in sorted(out.iterdir())] == [w.first.isoformat() for w in WINDOWS]
    for at, path in enumerate(sorted(out.iterdir())):
        opened = Bundle.open(path, FEATURES)
        relevance = opened.ranker_for("all").relevance
        assert relevance is not None
        assert relevance.work is not None
        assert relevance.work.text == _trees(plain[at], "relevance")
        assert (relevance.log_odds, relevance.work_weight) == (taken.log_odds, 0.2)
