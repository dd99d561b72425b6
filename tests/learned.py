"""A small ranker of trees and a small embedder for tests, learned from invented data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from models.embedder import Embedder
from models.ranker import LinearRanker, Ranker
from models.trees import TreeSettings, TreesRanker
from training.learning.settings import TowerSettings
from training.learning.two_tower import History, learn

FEATURES = ("near", "alike", "idle")
PLACES = frozenset({"walsal"})
LEAST = 4


@cache
def trees() -> TreesRanker:
    """Learned from thirty lots with ten candidates each, of which the most similar won."""
    draw = np.random.default_rng(0)
    x = draw.random((300, len(FEATURES))).astype(np.float32)
    alike = x[:, 1].reshape(30, 10)
    won = (alike == alike.max(axis=1, keepdims=True)).ravel()
    settings = TreeSettings(trees=8, leaves=4, least_in_leaf=5, features_tried=1.0)
    lots = x.reshape(30, 10, len(FEATURES))
    return TreesRanker.learn(list(lots), won, np.ones(300), FEATURES, settings=settings)


def linear() -> LinearRanker:
    """Weights that are not in alphabetical order."""
    return LinearRanker(FEATURES, (0.3, 2.0, -0.1), 0.7)


RANKERS: dict[str, Callable[[], Ranker]] = {"linear": linear, "trees": trees}

ROOFS = ("roof", "slate", "gutter", "tile", "chimney")
MEALS = ("meal", "lunch", "kitchen", "bakeri", "canteen")
"""Two trades, as the word stems of their lots and names."""
_ODD = ("Zork", "Quib", "Vand", "Mulp", "Yeft", "Hobb", "Glin", "Prax", "Twoz", "Snee")


def history() -> History:
    """Forty suppliers of two trades with invented names, and two hundred lots they won."""
    draw = np.random.default_rng(0)
    texts, series, winners, offers = [], [], [], []
    for number in range(40):
        trade = (ROOFS, MEALS)[number % 2]
        named = [f"{_ODD[number % 10]}{_ODD[number // 10]}", *draw.choice(trade, 2).tolist()]
        said = dict.fromkeys(draw.choice(trade, 2).tolist(), 1.0) if number % 3 else {}
        offers.append(((" ".join([*named, "Walsall"]),), said))
    for number in range(200):
        trade = (ROOFS, MEALS)[number % 2]
        texts.append(
            (dict.fromkeys(draw.choice(trade, 3).tolist(), 1.0), ("45", "55")[number % 2 :][:1])
        )
        series.append(str(number))
        winners.append(2 * draw.choice(20, 2, replace=False) + number % 2)
    texts.append(({"bloggs": 1.0, "roof": 1.0}, ("45",)))
    return History(texts, [*series, "last"], [*winners, np.array([0])], offers)


def learnt(seed: int = 0, kept: int = 8) -> Embedder:
    """The embedder learned from `history`."""
    settings = TowerSettings(size=12, kept=kept, epochs=6, batch=64, least=LEAST, most=0.9)
    return learn(history(), settings, PLACES, seed, lambda stage, done, whole: None)


@cache
def embedder() -> Embedder:
    """The embedder learned from `history`, learned only once."""
    return learnt()
