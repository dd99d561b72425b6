"""CPV codes suggested for past lots, and light touch or not, against the codes they really have.

    python -m benchmarks.cpv --register REG --from 2022-07-01 --to 2022-09-30 --json OUT.json

REG is a register of awards, the window's included; only awards before the window are known.  Each
award is asked with its words and without its codes and category.  The first code that it has is
the truth.  The peer is the single most similar award, by BM25 (bm25s, the library's usual
settings); its top three are the codes of the nearest awards.  Of awards with the same buyer and
the first 60 letters of the title, one is asked.  Intervals are bootstrap 95% over lots.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeAlias

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import numpy as np
from rich.console import Console

from benchmarks.peers import PLAIN
from matcher.core.types import Lot
from matcher.law.types import LightTouch
from matcher.ranking.cpv_suggestions import MOST, SURE, CodeVotes
from matcher.ranking.matcher import Matcher
from matcher.register.past_award import PastAward
from matcher.register.register import Register
from models import text
from models.bundle import DEFAULT
from training.evaluation.metrics import estimate

LEVELS = {"division": 2, "group": 3, "class": 4}
BOUNDS = (0.5, SURE)
Codes: TypeAlias = Callable[[Lot], Sequence[str]]
"""The codes that a system suggests for a lot, likeliest first."""
Row: TypeAlias = dict[str, object]


def window(register: Register, first: date, last: date, size: int, seed: int) -> list[PastAward]:
    """A sample of the awards of the window that have codes, one for each buyer and title."""
    days = np.asarray(register.columns.award_day)
    inside = np.flatnonzero((days >= first.toordinal()) & (days <= last.toordinal()))
    asked: dict[tuple[str, str], PastAward] = {}
    for number in np.random.default_rng(seed).permutation(inside).tolist():
        award = register.awards[number]
        if award.lot.cpv:
            asked.setdefault((award.lot.buyer, award.lot.title[:60]), award)
        if len(asked) == size:
            break
    return list(asked.values())


def nearest_award(register: Register, first: date) -> Codes:
    """The first codes of the awards nearest by BM25, each code once."""
    history = [register.awards[i].lot for i in range(register.before(first).known_awards)]
    index = PLAIN.index([text.words(f"{lot.title} {lot.description}") for lot in history])

    def codes(lot: Lot) -> list[str]:
        scores = index.scores(text.words(f"{lot.title} {lot.description}"))
        nearest = np.argsort(-scores, kind="stable")[:100].tolist()
        found = (history[i].cpv[0] for i in nearest if scores[i] > 0 and history[i].cpv)
        return list(dict.fromkeys(found))[:MOST]

    return codes


def accuracy(name: str, awards: Sequence[PastAward], system: Codes) -> Iterator[Row]:
    """The share of lots whose code is among the first one and the first three, at each level."""
    suggested = [system(award.lot) for award in awards]
    for level, digits in LEVELS.items():
        row: Row = {"system": name, "level": level}
        for top in (1, MOST):
            hits = [
                any(code[:digits] == award.lot.cpv[0][:digits] for code in codes[:top])
                for award, codes in zip(awards, suggested, strict=True)
            ]
            row[f"top-{top}"] = estimate([float(hit) for hit in hits])
        yield row


def light_touch(
    awards: Sequence[PastAward], votes: Sequence[CodeVotes], services: LightTouch
) -> Iterator[Row]:
    """Precision and recall of light touch, from each share of the votes."""
    true = [services.covers(award.lot.cpv) for award in awards]
    shares = [each.light_touch(services) for each in votes]
    for bound in BOUNDS:
        found = [share >= bound for share in shares]
        precise = [float(t) for t, f in zip(true, found, strict=True) if f]
        recalled = [float(f) for t, f in zip(true, found, strict=True) if t]
        yield {
            "bound": bound,
            "light touch": sum(true),
            "found": sum(found),
            "precision": estimate(precise),
            "recall": estimate(recalled),
            "light touch where said not to be": estimate(
                [float(t) for t, s in zip(true, shares, strict=True) if s <= 1 - bound]
            ),
            "unclear": round(float(np.mean([1 - bound < s < bound for s in shares])), 4),
        }


def main(words: Sequence[str] | None = None) -> None:
    """Ask, print the tables, and write them where `--json` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cpv")
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default="2022-07-01")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default="2022-09-30")
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bundle", default=DEFAULT)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(words)
    matcher = Matcher.open(args.register, args.bundle)
    awards = window(matcher.register, args.first, args.last, args.sample, args.seed)
    asked = {award.lot: replace(award.lot, cpv=(), category="") for award in awards}
    votes = {award.lot: matcher.code_votes(asked[award.lot], args.first) for award in awards}
    systems: dict[str, Codes] = {
        "ours": lambda lot: [each.code for each in votes[lot].suggestions()],
        "nearest award": nearest_award(matcher.register, args.first),
    }
    services = matcher.rulebook.light_touch
    report = {
        "window": {
            "from": args.first.isoformat(),
            "to": args.last.isoformat(),
            "lots": len(awards),
            "past awards": matcher.register.before(args.first).known_awards,
        },
        "codes": [
            row for name, system in systems.items() for row in accuracy(name, awards, system)
        ],
        "light touch": list(light_touch(awards, [votes[a.lot] for a in awards], services)),
    }
    Console().print_json(json.dumps(report))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
