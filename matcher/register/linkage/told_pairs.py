"""The pairs of records that a person says are one organisation, or two."""

from __future__ import annotations

import csv
from pathlib import Path

from matcher.core.errors import BadSource
from matcher.core.identifiers import without_number

Pairs = frozenset[tuple[str, str]]
"""Pairs of ids, the lower first."""


def pairs_in(path: Path | None, option: str) -> Pairs:
    """The pairs of ids in a CSV with columns kept and merged; `option` names it in errors.

    Raises BadSource where the file cannot be read, or a row does not name two ids.
    """
    if path is None:
        return frozenset()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            columns, rows = table.fieldnames or (), list(table)
    except OSError as error:
        raise BadSource(f"{option} {path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadSource(f"{option} {path}: is not a CSV file in UTF-8 ({error})") from error
    if not {"kept", "merged"} <= set(columns):
        raise BadSource(
            f"{option} {path}: needs the columns 'kept' and 'merged' (as `matcher merges "
            f"--format csv` writes them); found {', '.join(columns) or 'nothing'}"
        )
    for number, row in enumerate(rows, 1):
        if not row["kept"] or not row["merged"]:
            raise BadSource(
                f"{option} {path}: row {number} must name an id under 'kept' and another "
                f"under 'merged'; found {row['kept'] or ''!r} and {row['merged'] or ''!r}"
            )
    return frozenset(pair_of(_id_in(row["kept"]), _id_in(row["merged"])) for row in rows)


def _id_in(cell: str) -> str:
    """The id in a cell, without the apostrophe that stops spreadsheets from reading a formula."""
    text = cell.strip()
    return text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text


def without_numbers(pairs: Pairs) -> Pairs:
    """The pairs without the numbers of rows, which change when rows are added to a table."""
    return frozenset(map(bare_pair, pairs))


def bare_pair(pair: tuple[str, str]) -> tuple[str, str]:
    """A pair without the numbers of rows."""
    return pair_of(without_number(pair[0])[0], without_number(pair[1])[0])


def pair_of(a: str, b: str) -> tuple[str, str]:
    """Two ids, the lower first."""
    return (a, b) if a <= b else (b, a)
