"""Read evaluators' files, plain or gzipped; an error names the line."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from matcher.core.errors import BadInput

Progress: TypeAlias = Callable[[str, int, int | None], None]

_OFTEN = 20_000
"""The number of lines between reports of progress."""


def no_progress(stage: str, done: int, total: int | None) -> None:
    """Ignore progress."""


def line_error(path: Path, line: int, reason: str, unit: str = "line") -> BadInput:
    """An error about one line, or another unit, of a file."""
    return BadInput(f"{path.name}, {unit} {line:,}: {reason}")


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """The file as text, unzipped where its name ends in `.gz`.  Raises BadInput."""
    try:
        with path.open("rb") as raw:
            plain = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
            with io.TextIOWrapper(plain, encoding="utf-8-sig") as text:
                yield text
    except UnicodeDecodeError as bad:
        raise BadInput(f"{path.name}: is not UTF-8 text ({bad.reason})") from bad
    except (OSError, EOFError) as bad:
        why = getattr(bad, "strerror", None) or bad
        raise BadInput(f"{path}: cannot be read ({why})") from bad


def split_lines(
    path: Path, columns: Sequence[str], progress: Progress
) -> Iterator[tuple[int, Any]]:
    """(line number, words) of a file with these columns, separated by spaces or tabs."""
    count, often, stage = len(columns), _OFTEN, f"reading {path.name}"
    with open_text(path) as text:
        for number, line in enumerate(text, 1):
            found = line.split()
            if number % often == 0:
                progress(stage, number, None)
            if len(found) == count:
                yield number, found
            elif found:
                raise line_error(
                    path,
                    number,
                    f"has {len(found)} columns instead of {count}: {' '.join(columns)}",
                )


def rows(path: Path, headings: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, name → cell) of a CSV file with a heading line.

    `headings` maps a name to the headings that its column may have; a cell is '' where the row or
    the file lacks it.  Raises BadInput for a row that is too long.
    """
    with open_text(path) as text:
        reader = csv.reader(text)
        try:
            heading = [cell.strip().lower() for cell in next(reader, [])]
            at = {name: _column(heading, also) for name, also in headings.items()}
            for cells in reader:
                if any(cells):
                    if len(cells) > len(heading):
                        raise line_error(
                            path,
                            reader.line_num,
                            f"has {len(cells)} columns, but the heading has {len(heading)}",
                        )
                    yield reader.line_num, {name: _cell(cells, i) for name, i in at.items()}
        except csv.Error as bad:
            raise line_error(path, reader.line_num, str(bad)) from bad


def _column(heading: Sequence[str], also: Sequence[str]) -> int:
    return next((heading.index(name) for name in also if name in heading), -1)


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at].strip() if 0 <= at < len(cells) else ""


def read_json(path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The JSON in a file.  Raises BadInput that names the line of a syntax error."""
    with open_text(path) as text:
        try:
            return json.load(text, parse_constant=_no_number, object_pairs_hook=_each_once)
        except json.JSONDecodeError as bad:
            raise line_error(path, bad.lineno, f"is not JSON: {bad.msg}") from bad
        except (ValueError, RecursionError) as bad:
            raise BadInput(f"{path.name}: {bad}") from bad


def _no_number(found: str) -> float:
    raise ValueError(f"{found} cannot be a score")


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object.  Raises ValueError for a repeated key, which Python would drop."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"{twice!r} is twice in one object")
    return found


def file_format(path: Path) -> str:
    """'csv' or 'json' by the file's name; otherwise 'trec'."""
    ends = [end.lower() for end in path.suffixes if end != ".gz"]
    return {".csv": "csv", ".json": "json"}.get(ends[-1] if ends else "", "trec")
