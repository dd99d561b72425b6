"""How long a run of a million lines takes to evaluate, compared with ir-measures' own command line.

    python -m benchmarks.evaluation --lots 10000 --deep 100

Both are complete commands on the same invented run and judgements.  The product also reports
intervals, expected values over ties, and the share judged.  The values must be the same.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

METRICS = "Success@10 nDCG@10 RR@100"
_POOL = 30_000
_JUDGED = 3


def invent(folder: Path, lots: int, deep: int) -> tuple[Path, Path]:
    """A run and judgements of `lots` lots and lists of `deep` providers, the same each time."""
    random = np.random.default_rng(3)
    run, qrels = folder / "invented.run", folder / "qrels.txt"
    with run.open("w") as lists, qrels.open("w") as judged:
        for lot in range(lots):
            listed = random.choice(_POOL, deep, replace=False)
            name = f"ocds-test-{lot:06}"
            lists.writelines(
                f"{name} Q0 TEST-{one:08} {rank} {deep - rank}.25 invented\n"
                for rank, one in enumerate(listed.tolist(), 1)
            )
            told = {*random.choice(listed, min(deep, _JUDGED - 1), replace=False).tolist(), _POOL}
            judged.writelines(f"{name} 0 TEST-{one:08} {one % 4}\n" for one in sorted(told))
    return run, qrels


def timed(words: Sequence[str]) -> tuple[float, str]:
    """(seconds that a command takes, its output)."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, check=True
    )
    return time.perf_counter() - start, done.stdout


def compared(run: Path, qrels: Path) -> dict[str, object]:
    """The seconds of both commands, and the largest difference between their means."""
    ours, report = timed(
        [
            *("api.cli.main", "evaluate", str(run), "--qrels", str(qrels)),
            *("--metrics", METRICS, "--format", "json"),
        ]
    )
    theirs, printed = timed(["ir_measures", str(qrels), str(run), METRICS, "-p", "9"])
    told = {m: v["mean"] for m, v in json.loads(report)["runs"][0]["measures"].items()}
    peer = dict(line.split("\t") for line in printed.splitlines())
    apart = max(abs(mean - float(peer[measure])) for measure, mean in told.items())
    return {
        "seconds": round(ours, 1),
        "seconds of ir-measures": round(theirs, 1),
        "means apart": float(f"{apart:.1e}"),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation")
    parser.add_argument("--lots", type=int, default=10_000)
    parser.add_argument("--deep", type=int, default=100)
    parser.add_argument("--json", type=Path, help="also write the result here")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        found = {"lines": args.lots * args.deep} | compared(
            *invent(Path(scratch), args.lots, args.deep)
        )
    out = Table(title="Evaluating one run")
    for name in found:
        out.add_column(name)
    out.add_row(*map(str, found.values()))
    Console().print(out)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
