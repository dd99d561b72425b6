from __future__ import annotations

import random

from training.learning.invented_pairs import invented_pairs, near_pair


def test_the_same_seed_invents_the_same_pairs() -> None:
    first, again, other = (list(invented_pairs(seed, 40)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_invented_pairs_are_of_both_kinds_and_never_one_name_twice() -> None:
    pairs = list(invented_pairs(3, 200, ["Penllergare Valley Woods Ltd"]))
    assert sum(pair.same for pair in pairs) > 150
    assert sum(not pair.same for pair in pairs) > 300
    assert all(pair.a.casefold() != pair.b.casefold() for pair in pairs if pair.same)
    assert any("Penllergare" in pair.a for pair in pairs)


def test_pairs_of_neighbouring_words_differ_in_one_letter() -> None:
    a, b = near_pair(random.Random(0))
    different = [(x, y) for x, y in zip(a.split(), b.split(), strict=True) if x != y]
    assert len(different) == 1
    assert abs(len(different[0][0]) - len(different[0][1])) <= 1
