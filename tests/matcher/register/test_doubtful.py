"""The order in which a person looks at doubtful pairs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from matcher.core.types import Merge
from matcher.register.doubtful import doubtful_pairs
from matcher.register.register import Register


def _merge(kept: str, similarity: float) -> Merge:
    return Merge(kept, "XX-2", "One", "Other", "a reason", similarity)


def test_records_of_one_number_with_unlike_names_come_before_pairs_at_the_limit() -> None:
    merges, alike = [_merge("d", 0.94), _merge("c", 0.2)], [_merge("a", 0.935), _merge("b", 0.8)]
    register = cast("Register", SimpleNamespace(merges=merges, alike=alike))
    assert [doubt.pair.kept for doubt in doubtful_pairs(register)] == ["c", "a", "d", "b"]
