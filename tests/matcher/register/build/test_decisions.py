from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from matcher.core.errors import BadSource, RegisterError
from matcher.register.build.decisions import (
    APART,
    JOIN,
    MergeDecisions,
    decide,
    forget,
    undo,
)
from matcher.register.build.suppression_list import pseudonym


def test_a_decision_is_kept_and_undone(tmp_path: Path) -> None:
    decide(tmp_path, "GB-CHC-2", "GB-CHC-1", same=False)
    decide(tmp_path, "GB-CHC-3", "XX-4", same=True)
    wanted = MergeDecisions(
        frozenset({("GB-CHC-1", "GB-CHC-2")}), frozenset({("GB-CHC-3", "XX-4")})
    )
    assert MergeDecisions.open(tmp_path) == wanted
    assert undo(tmp_path, "GB-CHC-1", "GB-CHC-2")
    assert not undo(tmp_path, "GB-CHC-1", "GB-CHC-2")
    assert MergeDecisions.open(tmp_path).apart == frozenset()
    assert undo(tmp_path, "XX-4", "GB-CHC-3")
    assert MergeDecisions.open(tmp_path) == MergeDecisions()


def test_a_later_decision_replaces_the_earlier(tmp_path: Path) -> None:
    decide(tmp_path, "a", "b", same=True)
    decide(tmp_path, "b", "a", same=False)
    assert MergeDecisions.open(tmp_path) == MergeDecisions(apart=frozenset({("a", "b")}))
    decide(tmp_path, "a", "b", same=True)
    assert MergeDecisions.open(tmp_path) == MergeDecisions(joined=frozenset({("a", "b")}))


def test_a_suppressed_organisation_is_in_no_decision(tmp_path: Path) -> None:
    decide(tmp_path, "a", "b", same=True)
    decide(tmp_path, "c", "d", same=False)
    forget(tmp_path, {"b", "e"})
    assert MergeDecisions.open(tmp_path) == MergeDecisions(apart=frozenset({("c", "d")}))
    assert "b" not in (tmp_path / JOIN).read_text().split("\n", 1)[1]


def test_that_a_number_is_not_of_a_suppressed_organisation_stays(tmp_path: Path) -> None:
    decide(tmp_path, "GB-COH-01234567", "XX-OWN-1", same=False)
    forget(tmp_path, {"XX-OWN-1"})
    assert MergeDecisions.open(tmp_path).apart == {("GB-COH-01234567", "XX-OWN-1")}
    forget(tmp_path, {"GB-COH-01234567"})
    ((own, number),) = MergeDecisions.open(tmp_path).apart
    assert (own, number) == ("XX-OWN-1", pseudonym("GB-COH-01234567"))
    assert "01234567" not in (tmp_path / APART).read_text()


def test_one_id_and_a_folder_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="a is one id; name two"):
        decide(tmp_path, "a", "a", same=True)
    with pytest.raises(RegisterError, match="does not exist"):
        decide(tmp_path / "none", "a", "b", same=True)


def test_a_damaged_file_is_refused_and_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / APART).write_text("one,other\na,b\n")
    with pytest.raises(BadSource, match=r"keep-apart\.csv: needs the columns"):
        decide(tmp_path, "c", "d", same=True)
    assert (tmp_path / APART).read_text() == "one,other\na,b\n"
    assert not (tmp_path / JOIN).exists()


def _decide_many(register: Path, worker: int) -> None:
    for number in range(10):
        decide(register, f"w{worker}-{number}", "shared", same=number % 2 == 0)


def test_decisions_at_the_same_time_all_stay(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_decide_many, args=(tmp_path, w)) for w in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    decided = MergeDecisions.open(tmp_path)
    every = {(w, n) for w in range(3) for n in range(10)}
    assert decided.joined == {("shared", f"w{w}-{n}") for w, n in every if n % 2 == 0}
    assert decided.apart == {("shared", f"w{w}-{n}") for w, n in every if n % 2}


def _decide_for_ever(register: Path) -> None:
    for number in range(100_000):
        decide(register, f"n{number % 7}", "shared", same=number % 2 == 0)


def _wait_for(file: Path, workers: Sequence[BaseProcess]) -> None:
    """Wait until the workers have made a file; they must live until then."""
    while not file.exists():
        assert all(worker.is_alive() for worker in workers)
        time.sleep(0.01)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_decision_leaves_both_files_whole(tmp_path: Path) -> None:
    decide(tmp_path, "first", "second", same=False)
    worker = multiprocessing.get_context("spawn").Process(target=_decide_for_ever, args=(tmp_path,))
    worker.start()
    _wait_for(tmp_path / JOIN, [worker])
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    decided = MergeDecisions.open(tmp_path)
    assert ("first", "second") in decided.apart
    assert not decided.apart & decided.joined
    decide(tmp_path, "after", "it", same=True)
    assert ("after", "it") in MergeDecisions.open(tmp_path).joined


def test_who_reads_while_an_answer_changes_never_sees_both(tmp_path: Path) -> None:
    decide(tmp_path, "first", "second", same=False)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_decide_for_ever, args=(tmp_path,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        _wait_for(tmp_path / JOIN, workers)
        for _ in range(3000):
            read = MergeDecisions.open(tmp_path)
            assert not read.apart & read.joined
            assert ("first", "second") in read.apart
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    left = MergeDecisions.open(tmp_path)
    decided = {(f"n{n}", "shared") for n in range(7)}
    assert not left.apart & left.joined
    assert left.apart | left.joined <= {("first", "second"), *decided}
