"""Judgements (qrels): how relevant providers are to lots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeAlias

from matcher.core.errors import BadInput
from training.evaluation import runs
from training.evaluation.line_files import (
    Progress,
    file_format,
    line_error,
    no_progress,
    read_json,
    rows,
    split_lines,
)
from training.evaluation.runs import Run

Grades: TypeAlias = dict[str, dict[str, int]]
"""Lot → provider → grade."""

TREC = ("lot", "iteration", "provider", "grade")
HEADINGS: Mapping[str, Sequence[str]] = {
    **{name: runs.HEADINGS[name] for name in ("lot", "provider")},
    "grade": ("grade", "relevance", "rel", "judgement"),
}


@dataclass(frozen=True)
class Qrels:
    """Graded judgements of providers for lots; a grade of 1 or more is relevant."""

    grades: Grades
    file: str = ""

    @property
    def lots(self) -> tuple[str, ...]:
        """The lots judged, in the order of the file."""
        return tuple(self.grades)

    @property
    def judged(self) -> int:
        """The number of judgements, over all lots."""
        return sum(map(len, self.grades.values()))

    @property
    def without_relevant(self) -> tuple[str, ...]:
        """Lots where no provider is relevant; every ranking scores zero on them."""
        return tuple(k for k, found in self.grades.items() if max(found.values()) < 1)

    @property
    def graded(self) -> bool:
        """Whether any provider was judged not relevant; without these, only winners are known."""
        return any(
            grade < 1 for by_provider in self.grades.values() for grade in by_provider.values()
        )

    @property
    def ever_relevant(self) -> tuple[str, ...]:
        """The providers that are relevant for any lot, in the order of the file."""
        pairs = (pair for found in self.grades.values() for pair in found.items())
        return tuple(dict.fromkeys(provider for provider, grade in pairs if grade >= 1))

    def relevant(self, lot: str) -> frozenset[str]:
        """The providers that are relevant for a lot."""
        return frozenset(p for p, grade in self.grades.get(lot, {}).items() if grade >= 1)


def read(path: Path, progress: Progress = no_progress) -> Qrels:
    """The judgements in a file: `.csv`, `.json`, else TREC qrels.  Raises BadInput."""
    grades: Grades = {}
    kind = file_format(path)
    unit = "lot" if kind == "json" else "line"
    for line, lot, provider, grade in _READERS[kind](path, progress):
        if not lot or not provider:
            raise line_error(path, line, "has no lot or no provider", unit)
        by_provider = grades.setdefault(lot, {})
        if provider in by_provider:
            raise line_error(path, line, f"provider {provider} is judged twice for lot {lot}", unit)
        by_provider[provider] = _grade(path, line, grade, unit)
    if not grades:
        raise BadInput(f"{path.name}: has no judgement")
    return Qrels(grades, path.name)


def _grade(path: Path, line: int, grade: object, unit: str) -> int:
    try:
        return int(str(grade))
    except ValueError:
        raise line_error(path, line, f"grade {grade!r} is not a whole number", unit) from None


def _trec(path: Path, progress: Progress) -> Iterable[tuple[int, str, str, object]]:
    for line, (lot, _, provider, grade) in split_lines(path, TREC, progress):
        yield line, lot, provider, grade


def _csv(path: Path, progress: Progress) -> Iterable[tuple[int, str, str, object]]:
    for line, row in rows(path, HEADINGS):
        if not row["grade"]:
            also = " or ".join(HEADINGS["grade"])
            raise line_error(path, line, f"has no grade (a column headed {also})")
        yield line, row["lot"], row["provider"], row["grade"]
        progress(f"reading {path.name}", line, None)


def _json(path: Path, progress: Progress) -> Iterable[tuple[int, str, str, object]]:
    found = read_json(path)
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise BadInput(f'{path.name}: is not JSON of the form {{"LOT": {{"PROVIDER": GRADE}}}}')
    for place, (lot, by_provider) in enumerate(found.items(), 1):
        progress(f"reading {path.name}", place, len(found))
        yield from ((place, lot, provider, grade) for provider, grade in by_provider.items())


_READERS = {"trec": _trec, "csv": _csv, "json": _json}


def check_lots(run: Run, qrels: Qrels) -> None:
    """Raise BadInput, naming the line, where the run has a list for a lot without judgements."""
    unknown = [lot for lot in run.scores if lot not in qrels.grades]
    if unknown:
        lot = min(unknown, key=lambda one: run.lines.get(one, 0))
        place = f", line {run.lines[lot]:,}" if lot in run.lines else ""
        more = f" ({len(unknown):,} such lots)" if len(unknown) > 1 else ""
        raise BadInput(
            f"{run.file or run.name}{place}: lot {lot} is not in {qrels.file}{more}; "
            "give --judged-only to leave out and count such lots"
        )


def write(qrels: Qrels, out: TextIO) -> None:
    """Write the judgements in the TREC format."""
    for lot, by_provider in qrels.grades.items():
        out.writelines(f"{lot} 0 {provider} {grade}\n" for provider, grade in by_provider.items())
