"""The files of a judging: the pool, and the judgements, which are only ever added to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar

import msgspec

from matcher.core.errors import BadInput
from training.evaluation.pooling import GRADES, Item, Judgement

Kind = TypeVar("Kind")


def write_pool(path: Path, pool: Sequence[Item]) -> None:
    """Write a pool, one item a line.  Raises BadInput where one stands there already."""
    if path.exists():
        raise BadInput(
            f"--pool {path}: is there already, and may have been judged; name another file"
        )
    try:
        path.write_bytes(b"".join(msgspec.json.encode(item) + b"\n" for item in pool))
    except OSError as wrong:
        raise BadInput(f"--pool {path}: cannot be written ({wrong.strerror})") from wrong


def read_pool(path: Path) -> list[Item]:
    """The items of a pool.  Raises BadInput."""
    pool = _read(path, "--pool", Item)
    if not pool:
        raise BadInput(f"--pool {path}: holds nothing to judge")
    return pool


class Judgements:
    """A file of judgements: read at the start, then each new one is on disk before it counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said: list[Judgement] = read_judgements(path) if path.exists() else []
        self._lock = Lock()
        if path.exists():
            _cut_what_was_broken_off(path)

    def add(self, item: Item, rater: str, grade: int | None) -> None:
        """Add one judgement.  Raises BadInput where it cannot be written."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        one = Judgement(item.lot, item.provider, rater, grade, at, item.also)
        with self._lock:
            try:
                with self.path.open("ab") as out:
                    out.write(msgspec.json.encode(one) + b"\n")
                    out.flush()
                    os.fsync(out.fileno())
            except OSError as wrong:
                raise BadInput(
                    f"--judgements {self.path}: cannot be written ({wrong.strerror})"
                ) from wrong
            self.said.append(one)


def _cut_what_was_broken_off(path: Path) -> None:
    """End the file with its last whole line: what was broken off never counted."""
    try:
        with path.open("r+b") as text:
            whole = text.read()
            kept = whole.rfind(b"\n") + 1
            if whole[kept:].strip():
                try:
                    msgspec.json.decode(whole[kept:], type=Judgement)
                except msgspec.DecodeError:
                    text.truncate(kept)
                else:
                    text.write(b"\n")
    except OSError as wrong:
        raise BadInput(f"--judgements {path}: cannot be written ({wrong.strerror})") from wrong


def read_judgements(path: Path) -> list[Judgement]:
    """The judgements in a file.  A last line that was broken off is passed over.

    Raises BadInput, naming the line, for any other that is not one.
    """
    said = _read(path, "--judgements", Judgement)
    for number, one in enumerate(said, 1):
        if one.grade is not None and one.grade not in GRADES:
            raise BadInput(f"{path.name}, judgement {number}: grade {one.grade} is not 0 to 3")
    return said


def _read(path: Path, option: str, kind: type[Kind]) -> list[Kind]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as wrong:
        raise BadInput(f"{option} {path}: cannot be read ({wrong.strerror})") from wrong
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(msgspec.json.decode(line, type=kind))
            except msgspec.DecodeError as wrong:
                if number == len(lines):
                    break
                raise BadInput(f"{path.name}, line {number:,}: {wrong}") from wrong
    return found
