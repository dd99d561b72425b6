"""Runs: the lists of a ranking for many lots, read from TREC, CSV or this product's JSON.

Order is by score, highest first; equal scores are ordered by provider id from last to first, as in
trec_eval.  An error in a file names its line.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO, TypeAlias

import numpy as np

from matcher.core.errors import BadInput
from matcher.core.parser_words import in_words
from training.evaluation.line_files import (
    Progress,
    file_format,
    line_error,
    no_progress,
    read_json,
    rows,
    split_lines,
)

Scores: TypeAlias = dict[str, dict[str, float]]
"""Lot → provider → score, best first."""

TREC = ("lot", "Q0", "provider", "rank", "score", "tag")
HEADINGS: Mapping[str, Sequence[str]] = {
    "lot": ("lot", "lot_id", "query_id", "qid", "query", "topic"),
    "provider": ("provider", "id", "provider_id", "doc_id", "docid", "docno", "doc"),
    "rank": ("rank",),
    "score": ("score",),
    "purpose": ("purpose",),
    "name": ("name",),
    "title": ("lot_title", "title"),
    "reasons": ("reasons",),
}
"""Column of a CSV run → the headings that it may have."""
_REASONS = 4


@dataclass(frozen=True, slots=True)
class RowDetails:
    """The name, reasons and probability that a run gives for one provider."""

    name: str = ""
    reasons: tuple[str, ...] = ()
    probability: float | None = None


@dataclass(frozen=True)
class Run:
    """One ranking of many lots."""

    name: str
    scores: Scores
    lines: Mapping[str, int] = field(default_factory=dict)
    """lot → its first line"""
    details: Mapping[str, Mapping[str, RowDetails]] = field(default_factory=dict)
    """lot → provider → details, where the run has any"""
    titles: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    """lot → why it has no list, where the run gives a reason"""
    file: str = ""

    @property
    def ran(self) -> bool:
        """Whether it has a list for any lot."""
        return bool(self.scores)

    def first(self, lot: str, count: int | None = None) -> list[str]:
        """The first `count` providers for a lot, best first; empty without a list."""
        listed = list(self.scores.get(lot, ()))
        return listed if count is None else listed[:count]

    def only(self, lots: Iterable[str]) -> Run:
        """The run with only these lots."""
        kept = frozenset(lots)
        return replace(self, scores={k: v for k, v in self.scores.items() if k in kept})


def read(path: Path, progress: Progress = no_progress) -> Run:
    """The run in a `.csv`, this product's `.json`, or a TREC file.  Raises BadInput."""
    return _READERS[file_format(path)](path, progress)


def read_all(paths: Sequence[Path], progress: Progress) -> list[Run]:
    """Several runs, with unique names."""
    return with_unique_names([read(path, progress) for path in paths])


def with_unique_names(runs: Sequence[Run]) -> list[Run]:
    """The runs, with numbers added to names that are used twice."""
    names = [run.name for run in runs]
    return [
        replace(run, name=f"{run.name} ({names[: at + 1].count(run.name)})")
        if names.count(run.name) > 1
        else run
        for at, run in enumerate(runs)
    ]


def name_of(path: Path) -> str:
    """The name of a run, from its file."""
    name = path.name.removesuffix(".gz")
    for end in (".run", ".txt", ".csv", ".json", ".trec"):
        name = name.removesuffix(end)
    return name or path.name


def in_order(found: Mapping[str, float]) -> dict[str, float]:
    """Providers and scores, best first; equal scores by id from last to first."""
    by_id = sorted(found.items(), reverse=True)
    return dict(sorted(by_id, key=lambda pair: -pair[1]))


def run_from_lists(name: str, lists: Mapping[str, Sequence[str]]) -> Run:
    """A run of lists without scores: each provider scores less than the one before it."""
    return Run(
        name,
        {
            lot: {provider: -float(rank) for rank, provider in enumerate(listed, 1)}
            for lot, listed in lists.items()
            if listed
        },
    )


class _Reading:
    """Collects the rows of a run, and checks them together."""

    def __init__(self, path: Path, unit: str = "line") -> None:
        self.path = path
        self.unit = unit
        self.scores: Scores = {}
        self.lines: dict[str, int] = {}
        self._lot: list[int] = []
        self._rank: list[int] = []
        self._score: list[float] = []
        self._line: list[int] = []
        self._numbers: dict[str, int] = {}

    def add(self, line: int, lot: str, provider: str, rank: int | None, score: float) -> None:
        """Add one provider to a lot's list.  Raises BadInput where it is listed already."""
        listed = self.scores.get(lot)
        if listed is None:
            listed = self.scores[lot] = {}
            self.lines[lot] = line
            self._numbers[lot] = len(self._numbers)
        if provider in listed:
            raise self.line_error(line, f"provider {provider} is listed twice for lot {lot}")
        listed[provider] = score
        if rank is not None:
            self._lot.append(self._numbers[lot])
            self._rank.append(rank)
            self._score.append(score)
            self._line.append(line)

    def whole(self) -> Scores:
        """All lists, best first.  Raises BadInput where ranks and scores disagree."""
        self._check_order()
        return {lot: in_order(listed) for lot, listed in self.scores.items()}

    def _check_order(self) -> None:
        lot, rank, line = (np.array(one, np.int64) for one in (self._lot, self._rank, self._line))
        score = np.array(self._score, np.float64)
        order = np.lexsort((-score, rank, lot))
        lot, rank, line, score = lot[order], rank[order], line[order], score[order]
        up = (lot[1:] == lot[:-1]) & (rank[1:] > rank[:-1]) & (score[1:] > score[:-1])
        if up.any():
            at = int(np.flatnonzero(up)[np.argmin(line[1:][up])])
            raise self.line_error(
                int(line[at + 1]),
                f"rank {rank[at + 1]} has score {score[at + 1]:g}, and rank {rank[at]} "
                f"({self.unit} {line[at]:,}) has a lower one, {score[at]:g}: they must agree",
            )

    def line_error(self, line: int, reason: str) -> BadInput:
        """An error about one line, or another unit, of the file."""
        return line_error(self.path, line, reason, self.unit)


def _number(path: Path, line: int, text: str, unit: str = "line") -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise line_error(path, line, f"score {text!r} is not a finite number", unit)
    return score


def _rank(path: Path, line: int, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise line_error(path, line, f"rank {text!r} is not a whole number") from None


def _trec(path: Path, progress: Progress) -> Run:
    reading = _Reading(path)
    add = reading.add
    for line, (lot, _, provider, rank, score, _) in split_lines(path, TREC, progress):
        add(line, lot, provider, _rank(path, line, rank), _number(path, line, score))
    return Run(name_of(path), reading.whole(), reading.lines, file=path.name)


def _csv(path: Path, progress: Progress) -> Run:
    reading = _Reading(path)
    details: dict[str, dict[str, RowDetails]] = {}
    titles: dict[str, str] = {}
    refused: dict[str, str] = {}
    for line, row in rows(path, HEADINGS):
        lot, provider = row["lot"], row["provider"]
        if row["purpose"].startswith("refused: "):
            refused[lot] = row["purpose"].removeprefix("refused: ")
            continue
        if lot.startswith("set aside: ") and not provider:
            continue
        _check_row(path, line, row)
        rank = _rank(path, line, row["rank"]) if row["rank"] else None
        score = _number(path, line, row["score"]) if row["score"] else -float(rank or 0)
        reading.add(line, lot, provider, rank, score)
        titles[lot] = row["title"]
        reasons = tuple(filter(None, row["reasons"].split(" | ")))[:_REASONS]
        if row["name"] or reasons:
            details.setdefault(lot, {})[provider] = RowDetails(row["name"], reasons)
        progress(f"reading {path.name}", line, None)
    return Run(
        name_of(path), reading.whole(), reading.lines, details, titles, refused, file=path.name
    )


def _check_row(path: Path, line: int, row: Mapping[str, str]) -> None:
    for name in ("lot", "provider"):
        if not row[name]:
            also = " or ".join(HEADINGS[name])
            raise line_error(path, line, f"has no {name} (a column headed {also})")
    if not row["rank"] and not row["score"]:
        raise line_error(path, line, "has neither a rank nor a score")


def _json(path: Path, progress: Progress) -> Run:
    found = read_json(path)
    reading = _Reading(path, "shortlist")
    details: dict[str, dict[str, RowDetails]] = {}
    titles: dict[str, str] = {}
    try:
        answers = found["shortlists"]
        for place, answer in enumerate(answers, 1):
            lot = _word(answer["lot"]["id"])
            titles[lot] = str(answer["lot"].get("title", ""))
            for one in answer["suggestions"]:
                score = _number(path, place, str(one["score"]), "shortlist")
                reading.add(place, lot, _word(one["id"]), int(one["rank"]), score)
                details.setdefault(lot, {})[_word(one["id"])] = _details(one)
            progress(f"reading {path.name}", place, len(answers))
        refused = {_word(one["lot"]): str(one["message"]) for one in found.get("refused", ())}
    except (KeyError, TypeError, ValueError, AttributeError) as bad:
        raise BadInput(
            f"{path.name}: is not what `matcher shortlist --format json` writes ({in_words(bad)})"
        ) from bad
    return Run(
        name_of(path), reading.whole(), reading.lines, details, titles, refused, file=path.name
    )


def _details(one: Mapping[str, Any]) -> RowDetails:
    reasons = [r for r in one.get("reasons", ()) if r.get("counted", True) and r["contribution"]]
    text = tuple(f"{r['contribution']:+.2f} {r['words'] or r['name']}" for r in reasons[:_REASONS])
    probability = one.get("probability")
    return RowDetails(
        str(one.get("name", "")), text, None if probability is None else float(probability)
    )


_READERS = {"trec": _trec, "csv": _csv, "json": _json}


def _word(text: object) -> str:
    """An id without spaces, as the TREC format needs."""
    return "_".join(str(text).split())


def trec_lines(run: Run) -> Iterator[str]:
    """The lines of the run in the TREC format."""
    tag = _word(run.name) or "run"
    for lot, listed in run.scores.items():
        for rank, (provider, score) in enumerate(listed.items(), 1):
            yield f"{_word(lot)} Q0 {_word(provider)} {rank} {score!r} {tag}\n"


def write(run: Run, out: TextIO) -> None:
    """Write the run in the TREC format."""
    out.writelines(trec_lines(run))
