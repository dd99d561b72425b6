"""What the bearers of names do, as people told it: pairs that teach an encoder names."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matcher.register.encoded_texts import name_text
from models import text
from models.encoder import Encoder
from models.errors import BundleError
from training.learning.pairs import Pairs

COLUMNS = ("name", "work")


@dataclass(frozen=True)
class Told:
    """A table of names and what their bearers do."""

    names: list[tuple[str, str]]
    incomplete: list[int]
    """the lines of rows that lack one of the two, which are left out"""


def read(path: Path) -> Told:
    """The rows of a CSV file with the columns `name` and `work`.

    Raises BundleError where the file cannot be read or lacks a column.
    """
    names: list[tuple[str, str]] = []
    incomplete: list[int] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
            for row in () if missing else table:
                name, work = ((row[column] or "").strip() for column in COLUMNS)
                if name and work:
                    names.append((name, work))
                else:
                    incomplete.append(table.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BundleError(f"--names-told {path}: cannot be read ({error})") from error
    if missing:
        raise BundleError(
            f"--names-told {path}: has no column {missing[0]}; it needs name and work"
        )
    return Told(names, incomplete)


def told_pairs(told: Sequence[tuple[str, str]], encoder: Encoder) -> Pairs:
    """Each name and the work, as the encoder reads them.

    `encoder` says which words name places; its weights are not used.
    """
    numbers: dict[str, int] = {}
    named: dict[str, int] = {}
    found = []
    for name, work in told:
        left, right = name_text(encoder, name), text.clean(work)
        if left and right and left != right:
            pair = (numbers.setdefault(t, len(numbers)) for t in (left, right))
            found.append((*pair, named.setdefault(left, len(named))))
    table = np.array(found, np.int32).reshape(-1, 3)
    return Pairs(tuple(numbers), table[:, 0], table[:, 1], table[:, 2])
