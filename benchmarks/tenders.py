"""Real tenders with lots, through `split` and `suggest`: a table to read.

    python -m benchmarks.tenders --register REG --tenders TENDERS.jsonl [--bundle NAME] [--full]

Each tender with two lots or more is one need, and its own lots are one split of it; the product
suggests others.  The output has the providers that each split reaches, the verdict, the number of
each verdict, and how long an answer took.  There is no right answer to compare with: a tender
shows how it was split, not how it should have been.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import numpy as np
from rich.console import Console
from rich.table import Table

from api.service.splits import (
    AS_GIVEN,
    KeptComparison,
    SplitRequest,
    compiled,
    read_need,
)
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from models.bundle import DEFAULT


def tenders(path: Path) -> Iterator[dict[str, Any]]:
    """The tenders of a file (one on each line) that have two lots or more."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            tender = json.loads(line)
            if len(tender["lots"]) > 1:
                yield tender


def answered(matcher: Matcher, tender: dict[str, Any]) -> KeptComparison:
    """The comparison for one tender."""
    need, own = read_need(matcher, tender, {})
    return compiled(matcher, SplitRequest(need, own, Request(), MarketCriteria(), suggest=True))


def verdict(answer: KeptComparison) -> str:
    """Whether a split is better, one contract is better, or it is not known."""
    assert answer.suggested
    if answer.suggested.split:
        return "a split is better"
    undecided = any("It is not known" in sentence for sentence in answer.suggested.verdict)
    return "it is not known" if undecided else "not splitting is better"


def _table(tender: dict[str, Any], answer: KeptComparison) -> Table:
    table = Table(title=f"{tender['title']} · {verdict(answer)}", title_justify="left")
    columns = ("#", "way", "lots", "credible", "small local", "perhaps", "open", "per lot", "thin")
    for name in (*columns, "shared"):
        table.add_column(name, justify="left" if name == "way" else "right")
    assert answer.suggested
    for option in answer.suggested.options:
        split = answer.compared.splits[option.name]
        reach = split.reach
        counts = (reach.credible, reach.small_local, reach.perhaps_small_local, reach.open)
        numbers = [split.number, *(count.number for count in counts)]
        rest = (f"{split.bidders_a_lot:g}", str(len(split.thin)), f"{split.shared:.0%}")
        way = f"[bold]{option.name}[/bold]" if option.name == AS_GIVEN else option.name
        table.add_row(str(option.rank), way, *map(str, numbers), *rest)
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare the splits of each tender, and print the results."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tenders", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--tenders", type=Path, required=True, help="one a line, with lots")
    parser.add_argument("--bundle", default=DEFAULT)
    parser.add_argument("--full", action="store_true", help="print a table for each tender")
    args = parser.parse_args(arguments)
    matcher, console = Matcher.open(args.register, args.bundle), Console(width=150)
    verdicts: Counter[str] = Counter()
    seconds = []
    for tender in tenders(args.tenders):
        began = time.perf_counter()
        answer = answered(matcher, tender)
        seconds.append(time.perf_counter() - began)
        verdicts[verdict(answer)] += 1
        if args.full:
            console.print(_table(tender, answer))
    for word, number in verdicts.most_common():
        console.print(f"{number} of {len(seconds)}: {word}")
    if seconds:
        console.print(f"median {np.median(seconds):.2f} s, longest {max(seconds):.2f} s per answer")


if __name__ == "__main__":
    main()
