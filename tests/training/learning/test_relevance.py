"""Learning from grades how likely a provider is at least closely related to a lot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BundleError
from training.learning import relevance
from training.learning.relevance import GradedRows, Levels, area_under_curve

NAMES = ("lot_length", *relevance.READ)
LEVELS = Levels(strong=0.6, possible=0.2)
FITS = 2


def graded_lots(count: int, seed: int = 1) -> list[GradedRows]:
    """Lots whose providers fit where likeness is high, and never where they seldom sell."""
    draw = np.random.default_rng(seed)
    lots = []
    for _ in range(count):
        x = draw.random((20, len(NAMES)))
        idle = NAMES.index("seldom_sells")
        x[:, idle] = x[:, idle] < 0.3
        sure = 12 * (x[:, NAMES.index("encoded_best")] - 0.6) - 6 * x[:, idle]
        fits = draw.random(20) < 1 / (1 + np.exp(-sure))
        lots.append(GradedRows(x, np.where(fits, 3.0, draw.integers(0, 2, 20))))
    return lots


def test_what_tells_providers_apart_has_weight_and_nothing_else() -> None:
    model, report = relevance.learn(graded_lots(200), NAMES, FITS, LEVELS, None)
    weights = dict(zip(model.log_odds.features, model.log_odds.weights, strict=True))
    assert "lot_length" not in weights, "it is the same for all providers of a lot"
    assert weights["encoded_best"] > 5
    assert weights["seldom_sells"] < -2
    others = [w for n, w in weights.items() if n not in {"encoded_best", "seldom_sells"}]
    assert max(map(abs, others)) < 1.5
    assert report["area under the curve, in a lot"][0] > 0.85
    assert (model.strong, model.possible) == (0.6, 0.2)


def test_what_people_contradict_has_no_weight_rather_than_the_wrong_sign() -> None:
    lots = [GradedRows(1 - one.x, one.grades) for one in graded_lots(60)]
    model, _ = relevance.learn(lots, NAMES, FITS, LEVELS, None)
    weights = dict(zip(model.log_odds.features, model.log_odds.weights, strict=True))
    assert weights["encoded_best"] == 0
    assert weights["seldom_sells"] == 0


def test_the_report_is_of_lots_that_were_held_back() -> None:
    """Where grades are drawn by lot, there is nothing to learn, and the report says so."""
    draw = np.random.default_rng(3)
    lots = [GradedRows(one.x, draw.permutation(one.grades)) for one in graded_lots(100)]
    _, report = relevance.learn(lots, NAMES, FITS, LEVELS, None)
    low, high = report["area under the curve, in a lot"][1:]
    assert low < 0.5 < high + 0.02
    assert report["rows"] == sum(row["rows"] for row in report["probability"]) == 2000


def test_probabilities_are_what_they_say() -> None:
    model, _ = relevance.learn(graded_lots(300), NAMES, FITS, LEVELS, None)
    fresh = graded_lots(300, seed=2)
    columns = [NAMES.index(name) for name in model.features]
    p = np.concatenate([model.probability(one.x[:, columns]) for one in fresh])
    fits = np.concatenate([one.grades >= FITS for one in fresh])
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        here = (p >= low) & (p < low + 0.2)
        assert fits[here].mean() == pytest.approx(p[here].mean(), abs=0.06)


def test_too_few_lots_that_tell_providers_apart_are_refused() -> None:
    alike = [GradedRows(one.x, np.zeros(20)) for one in graded_lots(40)]
    few = graded_lots(relevance.FEWEST - 1)
    with pytest.raises(BundleError, match=r"--judgements: 29 of 69 lots have both"):
        relevance.learn([*alike, *few], NAMES, FITS, LEVELS, None)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=30))
def test_the_area_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[bool, int]]) -> None:
    fits = np.array([fit for fit, _ in rows], bool)
    score = np.array([value for _, value in rows], float)
    pairs = [(a > b) + (a == b) / 2 for a in score[fits] for b in score[~fits]]
    found = area_under_curve(fits, score)
    assert found == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)
