"""What a signal is worth: its numbers shuffled, all else as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.law.types import Purpose
from matcher.ranking.features.feature import LOT, NEAR
from matcher.ranking.features.registry import FEATURES
from models.ranker import LinearRanker
from tests.factory import lot, provider
from tests.registers import matcher
from training.evaluation.qrels import Qrels
from training.evaluation.scoring import parse_measures
from training.replays.ablation import (
    Shuffled,
    Trial,
    groups,
    report,
)
from training.replays.awards import replay_asker
from training.replays.runner import Asker

DAY = date(2026, 3, 1)
RANKER = LinearRanker(("a", "b", "c"), (1.0, 10.0, 100.0))


@given(st.integers(0, 2**32), st.integers(2, 30))
def test_only_the_shuffled_columns_move_and_they_move_together(seed: int, rows: int) -> None:
    x = np.random.default_rng(seed).normal(size=(rows, 3))
    dealt = Shuffled(RANKER, ("a", "c"), seed)._shuffled(x)
    assert np.array_equal(dealt[:, 1], x[:, 1])
    pairs = sorted(map(tuple, x[:, [0, 2]].tolist()))
    assert sorted(map(tuple, dealt[:, [0, 2]].tolist())) == pairs


def test_the_same_candidates_are_shuffled_the_same_again_and_the_input_stays() -> None:
    x = np.arange(30.0).reshape(10, 3)
    kept = x.copy()
    one = Shuffled(RANKER, ("c",), 1)
    assert np.array_equal(one.score(x), one.score(x))
    assert np.array_equal(x, kept)
    assert not np.array_equal(one.score(x), RANKER.score(x))
    assert np.array_equal(Shuffled(RANKER, (), 1).score(x), RANKER.score(x))


def test_every_feature_but_those_of_the_lot_is_in_one_group() -> None:
    found = groups(tuple(FEATURES))
    told = [name for names in found.values() for name in names]
    assert len(told) == len(set(told))
    assert set(FEATURES) - set(told) == {n for n, f in FEATURES.items() if f.reason == LOT}


@pytest.fixture(scope="module")
def nearest_wins(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Trial:
    """Thirty lots that were won by the near one of two equal firms."""
    near = provider("GB-COH-1", "WS1 1TP", name="Roofs", profile="roof repair")
    far = provider("GB-COH-2", "BN3 3BQ", name="Roofs", profile="roof repair")
    others = [
        provider(f"GB-COH-{n}", "BD1 1AA", name="Roofs", profile="roof repair") for n in range(3, 9)
    ]
    one = matcher(tmp_path_factory.mktemp("reg"), places_table, near, far, *others, trust_ids=True)
    pool = {p.id for p in (near, far, *others)}
    here = ("WS1 1TP", "WS2 8RR", "B70 8DB")  # not one place, or all lots would be shuffled alike
    lots = [lot(id=f"L{n}", title="Repair of roof", postcode=here[n % 3]) for n in range(30)]
    qrels = Qrels({each.id: {near.id: 1} for each in lots})
    whole: Asker = replay_asker("hand", one, DAY, Purpose.ENGAGEMENT, pool)
    halves: dict[str, Sequence[str]] = {
        "a new entrant": [each.id for each in lots[:15]],
        "an incumbent": [each.id for each in lots[15:24]],
    }
    slices = {"winner": {name: tuple(held) for name, held in halves.items()}}
    return Trial(whole, lots, qrels, parse_measures("Success@1"), slices)


def test_only_a_signal_that_decides_is_worth_something(
    nearest_wins: Trial,
) -> None:
    found = report(nearest_wins)
    assert found["measures"]["Success@1"] == 1.0
    worth = {(row["group"], one["part"]): one for row in found["groups"] for one in row["worth"]}
    assert worth[NEAR, "all lots"]["worth"] > 0.5
    assert worth[NEAR, "all lots"]["p after Holm"] < 0.05
    assert worth["How big it is", "all lots"]["worth"] == 0.0
    assert (NEAR, "winner: a new entrant") in worth
    assert (NEAR, "winner: an incumbent") not in worth
