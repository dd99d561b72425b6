"""benchmarks.payments: the comparison with and without payments, lot by lot."""

from __future__ import annotations

from benchmarks.payments import rows
from training.replays.awards import AwardReplay

FLAGS = {
    "all": frozenset({"a", "b", "c"}),
    "warm": frozenset({"a", "b"}),
    "cold": frozenset({"c"}),
}


def values(hits: dict[str, float]) -> dict[str, dict[str, float]]:
    return {"Success@10": hits, "RR@100": hits}


def test_gains_are_paired_and_a_lot_without_a_list_counts_as_zero() -> None:
    replay = AwardReplay((), (), FLAGS)
    lots = {"in the payments": frozenset({"a", "c"}), "elsewhere": frozenset({"b"})}
    table = list(rows(replay, lots, values({"a": 1.0, "b": 1.0}), values({"b": 1.0, "c": 1.0})))
    found = {(row["buyers"], row["slice"]): row for row in table}
    covered = found["in the payments", "all"]
    assert covered["lots"] == 2
    assert covered["Success@10 without"][0] == covered["Success@10 with"][0] == 0.5  # type: ignore[index]
    assert covered["Success@10 gain"][0] == 0.0  # type: ignore[index]
    assert found["in the payments", "cold"]["Success@10 gain"][0] == 1.0  # type: ignore[index]
    assert found["elsewhere", "warm"]["Success@10 gain"][0] == 0.0  # type: ignore[index]
