"""The files of a judging session: the pool, and the judgements, which are only added to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar

import msgspec

from matcher.core import atomic
from matcher.core.disk import why_not_written
from matcher.core.errors import BadInput
from matcher.core.leftovers import lock_open
from matcher.core.parser_words import in_words
from training.evaluation.pooling import GRADES, Item, Judgement

Kind = TypeVar("Kind")


def write_pool(path: Path, pool: Sequence[Item]) -> None:
    """Write a pool, one item a line.  Raises BadInput where the file exists already."""
    check_new(path)
    try:
        atomic.write_bytes(path, b"".join(msgspec.json.encode(item) + b"\n" for item in pool))
    except OSError as error:
        raise BadInput(f"--pool {path}: cannot be written ({why_not_written(error)})") from error


def check_new(path: Path) -> None:
    """Raise BadInput where the file of a pool exists already."""
    if path.exists():
        raise BadInput(
            f"--pool {path}: exists already, and may have been judged; name another file"
        )


def read_pool(path: Path) -> list[Item]:
    """The items of a pool.  Raises BadInput where it cannot be read or is empty."""
    pool = _read(path, "--pool", Item)
    if not pool:
        raise BadInput(f"--pool {path}: is empty")
    return pool


class Judgements:
    """A file of judgements: read when opened; a new one is on the disk before it counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.all: list[Judgement] = read_judgements(path) if path.exists() else []
        self._lock = Lock()
        if path.exists():
            _drop_partial_line(path)

    def add(self, item: Item, rater: str, grade: int | None) -> None:
        """Add one judgement.  Raises BadInput where it cannot be written."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        judgement = Judgement(item.lot, item.provider, rater, grade, at, item.also)
        with self._lock:
            try:
                atomic.append(self.path, msgspec.json.encode(judgement) + b"\n")
            except OSError as error:
                raise BadInput(
                    f"--judgements {self.path}: cannot be written ({why_not_written(error)})"
                ) from error
            self.all.append(judgement)


def _drop_partial_line(path: Path) -> None:
    """End the file after its last complete line: a line cut short was never counted."""
    try:
        with path.open("r+b") as text:
            lock_open(text.fileno(), wait=True)  # another may be adding a line
            content = text.read()
            end = content.rfind(b"\n") + 1
            if content[end:].strip():
                try:
                    msgspec.json.decode(content[end:], type=Judgement)
                except msgspec.DecodeError:
                    text.truncate(end)
                else:
                    text.write(b"\n")
    except OSError as error:
        raise BadInput(f"--judgements {path}: cannot be written ({error.strerror})") from error


def read_judgements(path: Path) -> list[Judgement]:
    """The judgements in a file.  A last line that was cut short is ignored.

    Raises BadInput, naming the line, for any other line that is not a judgement.
    """
    judgements = _read(path, "--judgements", Judgement)
    for number, judgement in enumerate(judgements, 1):
        grade = judgement.grade
        if grade is not None and grade not in GRADES:
            raise BadInput(f"{path.name}, judgement {number}: grade {grade} is not 0 to 3")
    return judgements


def _read(path: Path, option: str, kind: type[Kind]) -> list[Kind]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise BadInput(f"{option} {path}: cannot be read ({error.strerror})") from error
    items = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                items.append(msgspec.json.decode(line, type=kind))
            except msgspec.DecodeError as error:
                if number == len(lines):
                    break
                raise BadInput(f"{path.name}, line {number:,}: {in_words(error)}") from error
    return items
