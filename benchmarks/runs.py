"""What a run of many lots, the start of a command and an installation cost.

    python -m benchmarks.runs --register REG --awards AWARDS.jsonl.gz [--bundle NAME]
        [--lots 1000] [--everyone-lots 3500] [--processes 1 2] [--install] [--json OUT]

- runs: `matcher rank` of past lots within 30 km, and of more lots over all providers, whole
  commands with opening and writing.  Seconds by the clock, and seconds of processor of all
  processes;
- start: `matcher --help`, seconds of processor, the least of five;
- installation (`--install`): the megabytes of a new virtual environment with what `make shortlist`
  installs, which it fetches.

The lots are award notices of the window, spread evenly over it; a notice of the register is ranked
as of its day.  The load average says what else the machine did.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from benchmarks.speed import show
from models.bundle import DEFAULT

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_MATCHER = (sys.executable, "-m", "api.cli")


def notices(awards: Path, first: date, last: date, count: int) -> Iterator[str]:
    """The lines of `count` notices of a window, spread evenly over it."""
    with gzip.open(awards, "rt", encoding="utf-8") as lines:
        found = [line for line in lines if first.isoformat() <= _day(line) <= last.isoformat()]
    step = max(1.0, len(found) / count)
    yield from (found[int(i * step)] for i in range(min(count, len(found))))


def _day(line: str) -> str:
    return str(json.loads(line)["date"])[:10]


def timed(command: Sequence[str]) -> tuple[float, float]:
    """(seconds by the clock, seconds of processor) of a command and the processes that it starts.

    Raises CalledProcessError where it fails.
    """
    before, began = _processor_seconds(), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=os.environ | _ONE_THREAD)
    return time.perf_counter() - began, _processor_seconds() - before


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def runs(args: argparse.Namespace, scratch: Path) -> Iterator[dict[str, object]]:
    """One row for each run of lots."""
    for count, everyone in ((args.lots, False), (args.everyone_lots, True)):
        lots = scratch / f"lots-{count}.jsonl"
        lots.write_text("".join(notices(args.awards, args.first, args.last, count)))
        for processes in args.processes:
            command = [*_MATCHER, "rank", "--register", args.register, "--bundle", args.bundle]
            command += ["--lots", lots, "--run", scratch / "run.txt", "--quiet"]
            command += ["--parallel", processes, *(["--everyone"] if everyone else [])]
            clock, processor = timed([str(word) for word in command])
            yield {
                "run": "everyone" if everyone else "30 km",
                "bundle": args.bundle,
                "lots": count,
                "processes": processes,
                "seconds": round(clock, 1),
                "processor seconds": round(processor, 1),
                "load average": round(os.getloadavg()[0], 1),
            }


def help_seconds() -> float:
    """Seconds of processor of `matcher --help`, the least of five."""
    return round(min(timed([*_MATCHER, "--help"])[1] for _ in range(5)), 2)


def installation_mb(scratch: Path) -> int:
    """The megabytes on disk of a new virtual environment with the product in it."""
    environment = scratch / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = (str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet")
    subprocess.run([*pip, "--constraint", "requirements.txt", "--editable", "."], check=True)
    sizes = (path.lstat().st_blocks for path in environment.rglob("*"))
    return round(sum(sizes) * 512 / (1 << 20))


def main() -> None:
    """Measure, print the tables, write them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.runs", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--awards", type=Path, required=True, help="OCDS awards, gzipped")
    parser.add_argument("--bundle", default=DEFAULT, help="the one the register was built with")
    parser.add_argument("--lots", type=int, default=1000)
    parser.add_argument("--everyone-lots", type=int, default=3500)
    parser.add_argument("--processes", type=int, nargs="+", default=[2])
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2022, 6, 1))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 9, 30))
    parser.add_argument("--install", action="store_true", help="also measure an installation")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as apart:
        rows = list(runs(args, Path(apart)))
        start: dict[str, object] = {"matcher --help, processor seconds": help_seconds()}
        if args.install:
            start["installation MB"] = installation_mb(Path(apart))
    console = Console(width=130)
    show("Runs of many lots", rows, console)
    show("Start and size", [start], console)
    if args.json:
        args.json.write_text(json.dumps({"runs": rows, "start": start}, indent=1) + "\n")


if __name__ == "__main__":
    main()
