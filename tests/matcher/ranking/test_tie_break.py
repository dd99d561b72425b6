from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.identifiers import fingerprint
from matcher.ranking.tie_break import Keys, order, tie_break_keys

SEEDS = 10_000
IDS = ["GB-CHC-1000001", "GB-CHC-1000002", "GB-COH-00000001", "XX-aardvark", "XX-zebra"]
# The chance that a fair draw exceeds these is one in 100,000: chi-square, 4, 19 and 23 degrees.
FIRST, PLACES, ORDERS = 28.5, 57.0, 63.7

numbers = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20, unique=True)
lots = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def _keys(ids: Sequence[str]) -> Keys:
    return np.array([fingerprint(i) for i in ids], np.uint64)


def _orders(ids: Sequence[str], lot: str = "lot-1") -> list[tuple[int, ...]]:
    keys, equal = _keys(ids), np.zeros(len(ids))
    return [tuple(order(equal, tie_break_keys(keys, s, lot)).tolist()) for s in range(SEEDS)]


def _chi_square(counts: Sequence[int]) -> float:
    fair = sum(counts) / len(counts)
    return sum((n - fair) ** 2 / fair for n in counts)


@pytest.mark.parametrize("lot", ["lot-1", "ocds-b5fd17-7a/2"])
def test_each_tied_provider_comes_first_equally_often(lot: str) -> None:
    firsts = Counter(drawn[0] for drawn in _orders(IDS, lot))
    assert _chi_square([firsts[i] for i in range(len(IDS))]) < FIRST


def test_every_order_of_ties_is_equally_likely() -> None:
    seen = Counter(_orders(IDS[:4]))
    assert _chi_square([seen[p] for p in permutations(range(4))]) < ORDERS


def test_similar_ids_are_ordered_independently() -> None:
    """Twenty neighbours in a register: each comes first equally often."""
    ids = [f"GB-CHC-11000{n}" for n in range(10, 30)]
    firsts = Counter(drawn[0] for drawn in _orders(ids))
    assert _chi_square([firsts[i] for i in range(len(ids))]) < PLACES


def test_similar_keys_are_ordered_independently() -> None:
    keys, equal = np.array([1, 2, 4, 8, 16], np.uint64), np.zeros(5)
    firsts = Counter(int(order(equal, tie_break_keys(keys, s, "lot"))[0]) for s in range(SEEDS))
    assert _chi_square([firsts[i] for i in range(5)]) < FIRST


@given(numbers, st.integers(-(2**40), 2**40), lots)
def test_tie_break_is_repeatable(providers: list[int], seed: int, lot: str) -> None:
    keys = np.array(providers, np.uint64)
    assert (
        tie_break_keys(keys, seed, lot).tolist() == tie_break_keys(keys.copy(), seed, lot).tolist()
    )
    assert keys.tolist() == providers


@given(numbers, st.integers(), lots, st.data())
def test_key_does_not_depend_on_order_or_other_providers(
    providers: list[int], seed: int, lot: str, data: st.DataObject
) -> None:
    everyone = dict(zip(providers, _drawn(providers, seed, lot), strict=True))
    some = data.draw(st.permutations(providers))[: data.draw(st.integers(1, len(providers)))]
    assert _drawn(some, seed, lot) == [everyone[p] for p in some]


def _drawn(providers: list[int], seed: int, lot: str) -> list[int]:
    drawn: list[int] = tie_break_keys(np.array(providers, np.uint64), seed, lot).tolist()
    return drawn


@given(numbers, st.integers(), lots)
def test_no_two_providers_have_the_same_key(providers: list[int], seed: int, lot: str) -> None:
    assert len(set(_drawn(providers, seed, lot))) == len(providers)


def test_another_seed_or_lot_gives_other_keys() -> None:
    keys = _keys([f"id-{n}" for n in range(50)])
    drawn = {(s, lot): tie_break_keys(keys, s, lot) for s in (0, 1) for lot in ("lot-1", "lot-2")}
    orders = {tuple(np.argsort(d).tolist()) for d in drawn.values()}
    assert len(orders) == len(drawn)


@given(
    st.lists(st.sampled_from([-1.0, -0.0, 0.0, 0.5, 2.0]), min_size=1, max_size=20),
    st.integers(0, 2**32),
)
def test_keys_order_only_equal_scores(scores: list[float], seed: int) -> None:
    drawn = np.random.default_rng(seed).permutation(len(scores)).astype(np.uint64)
    ranked = order(np.array(scores), drawn).tolist()
    assert ranked == sorted(range(len(scores)), key=lambda i: (-scores[i], int(drawn[i])))


@given(numbers, st.integers(), lots, st.integers(0, 2**32))
def test_row_of_a_provider_does_not_matter(
    providers: list[int], seed: int, lot: str, shuffle: int
) -> None:
    keys: npt.NDArray[np.uint64] = np.array(providers, np.uint64)
    moved = np.random.default_rng(shuffle).permutation(keys)
    equal = np.zeros(len(keys))
    here = keys[order(equal, tie_break_keys(keys, seed, lot))]
    assert here.tolist() == moved[order(equal, tie_break_keys(moved, seed, lot))].tolist()
