from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from matcher.core import atomic
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


def test_who_reads_while_an_answer_changes_sees_the_old_or_the_new_one(tmp_path: Path) -> None:
    decide(tmp_path, "moves", "often", same=True)
    over = threading.Event()

    def change() -> None:
        for number in range(300):
            decide(tmp_path, "moves", "often", same=number % 2 == 1)
        over.set()

    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(change)
        while not over.is_set() and not changing.done():
            read = MergeDecisions.open(tmp_path)
            answers = [("moves", "often") in pairs for pairs in (read.apart, read.joined)]
            assert sorted(answers) == [False, True]
        changing.result()


@pytest.mark.parametrize("written", [0, 1, 2])
@pytest.mark.parametrize("same", [True, False])
def test_an_answer_that_is_cut_off_leaves_the_old_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int, *, same: bool
) -> None:
    """As by a power cut, after so many files were written."""
    decide(tmp_path, "one", "two", same=not same)
    decide(tmp_path, "other", "pair", same=not same)
    write, left = atomic.write_text, iter([True] * written)

    def cut_off(path: Path, text: str) -> None:
        if not next(left, False):
            raise OSError("the power is cut")
        write(path, text)

    with monkeypatch.context() as patched, suppress(RegisterError):
        patched.setattr(atomic, "write_text", cut_off)
        decide(tmp_path, "one", "two", same=same)
    read = MergeDecisions.open(tmp_path)
    found = [("one", "two") in pairs for pairs in (read.apart, read.joined)]
    assert sorted(found) == [False, True]
    assert ("other", "pair") in (read.apart if same else read.joined)
    assert undo(tmp_path, "one", "two")
    left_over = MergeDecisions.open(tmp_path)
    assert ("one", "two") not in left_over.apart | left_over.joined
    assert all("one" not in file.read_text() for file in tmp_path.glob("*.csv"))
