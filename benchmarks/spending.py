"""What payments cost: reading millions of lines, and the picture of a large place.

    python -m benchmarks.spending read --lines 10000000 [--json OUT]
    python -m benchmarks.spending picture --providers 10000 --payments 500000 [--json OUT]

`read` writes invented months of a council as CSV, with 20,000 payees and the columns of a usual
file, then reads them into sums in a process of its own: its time, and the most memory that it had.
`picture` builds a register of invented providers in one borough with payments to them, without the
time of the build, and makes the picture of the place again and again.  Everything is invented.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks.memory import peak_mb
from matcher.core.types import Grade, Payment, Provider, Site, Source, Tally
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.place.picture import picture_of
from matcher.ranking.matcher import Matcher
from matcher.register.build.build import build
from matcher.register.build.payments import PaymentIntake
from matcher.sources.feed import Feed
from matcher.sources.payments.spend_files import open_files

AREA = "E08000030"
ON = date(2026, 9, 1)
_BODY = "Walsall Council"
_MONTHS = [(year, month) for year in range(2021, 2026) for month in range(1, 13)]
_DEPARTMENTS = ("Adults", "Children", "Place", "Resources", "Public Health", "Housing")
_NEEDS = [
    "Home care",
    "Residential care",
    "Grounds maintenance",
    "Taxi hire",
    "Building cleaning",
    "Agency staff",
    "Legal advice",
    "School meals",
    "Road repairs",
    "Printing",
    "Software",
    "Vehicle parts",
    "Youth work",
    "Training",
]
_TRADES = [
    "Kitchens",
    "Care",
    "Transport",
    "Cleaning",
    "Gardens",
    "Builders",
    "Legal",
    "Print",
    "Youth",
    "Training",
]
_WORDS = [
    "Amber",
    "Birch",
    "Cedar",
    "Dove",
    "Elm",
    "Fern",
    "Gorse",
    "Hazel",
    "Iris",
    "Juniper",
    "Kestrel",
    "Larch",
    "Maple",
    "Nettle",
]


@dataclass(frozen=True)
class ReadFigures:
    """What reading took, in seconds and megabytes."""

    lines: int
    megabytes: float
    seconds: float
    processor_seconds: float
    lines_a_second: int
    """of processor time"""
    peak_megabytes: float
    pence: int
    cells: int


@dataclass(frozen=True)
class PictureFigures:
    """How long a picture takes, in seconds."""

    providers: int
    payments: int
    cells: int
    median: float
    longest: float
    processor_median: float
    rounds: int


def payee(number: int) -> str:
    """The name of an invented payee."""
    first, second = _WORDS[number % len(_WORDS)], _TRADES[number // 7 % len(_TRADES)]
    return f"{first} {second} {number} Ltd"


def write_months(folder: Path, lines: int, payees: int = 20_000) -> int:
    """Write invented payments as a file a month.  Returns their sum in pence."""
    random_ = np.random.default_rng(1)
    total = 0
    for number, (year, month) in enumerate(_MONTHS):
        n = lines * (number + 1) // len(_MONTHS) - lines * number // len(_MONTHS)
        who = (payees * random_.random(n) ** 3).astype(np.int64).tolist()
        pence = random_.integers(-50_000, 2_000_000, n).tolist()
        what = random_.integers(0, len(_NEEDS), n).tolist()
        total += sum(pence)
        with (folder / f"payments-{year}-{month:02d}.csv").open("w") as out:
            out.write(
                "Body Name,Directorate,Expense Type,Payment Date,Ref,Net Amount,Supplier Name\n"
            )
            for at, (w, p, c) in enumerate(zip(who, pence, what, strict=True)):
                out.write(
                    f"{_BODY},{_DEPARTMENTS[c % 6]},{_NEEDS[c]},{at % 28 + 1:02d}/"
                    f"{month:02d}/{year},{at},{p / 100:.2f},{payee(w)}\n"
                )
    return total


def read(folder: Path) -> dict[str, float]:
    """Read a folder of files into sums, and say what that took; for a process of its own."""
    start = time.perf_counter()
    intake = PaymentIntake(Councils.open())
    for file in open_files([folder]):
        _, payments = file.feed()
        for payment in payments:
            intake.add(payment)
    found = intake.finish()
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    if found is None:
        raise SystemExit("no payment was read")
    return {
        "seconds": seconds,
        "processor": used.ru_utime + used.ru_stime,
        "peak": peak_mb(),
        "pence": int(found.pence.sum()),
        "cells": len(found.pence),
        "lines": found.lines,
    }


def measure_reading(lines: int, scratch: Path) -> ReadFigures:
    """Write and read `lines` payments; raises SystemExit where the sums differ."""
    written = write_months(scratch, lines)
    size = sum(path.stat().st_size for path in scratch.glob("*.csv")) / 1e6
    code = "import json, sys; from pathlib import Path; from benchmarks import spending;"
    code += "print(json.dumps(spending.read(Path(sys.argv[1]))))"
    command = [sys.executable, "-c", code, str(scratch)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if (found["pence"], found["lines"]) != (written, lines):
        raise SystemExit(f"wrote {written} pence in {lines} lines, and read {found}")
    return ReadFigures(
        lines=lines,
        megabytes=round(size, 1),
        seconds=round(found["seconds"], 1),
        processor_seconds=round(found["processor"], 1),
        lines_a_second=round(lines / found["processor"]),
        peak_megabytes=found["peak"],
        pence=int(found["pence"]),
        cells=int(found["cells"]),
    )


def _providers(number: int, postcodes: Sequence[str]) -> Iterator[Provider]:
    source = Source("Invented", None, "CC0-1.0")
    for n in range(number):
        site = Site(postcodes[n * 37 % len(postcodes)], Grade.REGISTERED_OFFICE)
        profile = f"{_NEEDS[n % len(_NEEDS)]} and {_NEEDS[n // 3 % len(_NEEDS)]}"
        id_ = f"GB-COH-{n:08d}"
        yield Provider(id=id_, name=payee(n), source=source, profile=profile, sites=(site,))


def _payments(number: int, providers: int) -> Iterator[Payment]:
    random_ = random.Random(1)
    for _ in range(number):
        who, need = int(providers * 1.2 * random_.random() ** 2), random_.randrange(len(_NEEDS))
        month = 2021 * 12 + random_.randrange(len(_MONTHS))
        name = payee(who) if who < providers else f"Elsewhere {who} Ltd"
        department = _DEPARTMENTS[random_.randrange(6)]
        pence = random_.randrange(50_000, 5_000_000)
        yield Payment(_BODY, name, "", department, "", _NEEDS[need], month, pence)


def measure_picture(providers: int, payments: int, rounds: int, scratch: Path) -> PictureFigures:
    """Build a register, and time the picture of its place, opened anew for the first round."""
    table = PostcodeTable.cached()
    postcodes = [
        f"WS{n % 5 + 1} {n % 9 + 1}{a}{b}" for n in range(45) for a in "ABDE" for b in "ADEG"
    ]
    places = PostcodeTable.open(table)
    here = [code for code in postcodes if places.find(code) is not None]
    feeds: list[Feed] = [
        (Tally("providers"), _providers(providers, here)),
        (Tally("payments"), _payments(payments, providers)),
    ]
    build(scratch / "register", feeds, places_table=table)
    times, processor = [], []
    for _ in range(rounds):
        matcher = Matcher.open(scratch / "register", "hand")
        area = matcher.register.councils.require(AREA)
        start, used = time.perf_counter(), time.process_time()
        found = picture_of(matcher, area, ON)
        times.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    if matcher.register.payments is None or not found.money.by_year:
        raise SystemExit("the picture has no money in it")
    return PictureFigures(
        providers=providers,
        payments=payments,
        cells=len(matcher.register.payments.pence),
        median=round(statistics.median(times), 3),
        longest=round(max(times), 3),
        processor_median=round(statistics.median(processor), 3),
        rounds=rounds,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spending")
    parser.add_argument("what", choices=("read", "picture"))
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--providers", type=int, default=10_000)
    parser.add_argument("--payments", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the figures here, beside others")
    args = parser.parse_args(arguments)
    figures: ReadFigures | PictureFigures
    with tempfile.TemporaryDirectory() as scratch:
        if args.what == "read":
            figures = measure_reading(args.lines, Path(scratch))
        else:
            figures = measure_picture(args.providers, args.payments, args.rounds, Path(scratch))
    load = [round(one, 1) for one in os.getloadavg()]
    told = {**asdict(figures), "load of the machine": load, "processors": os.cpu_count()}
    Console().print_json(json.dumps(told))
    if args.json:
        old = json.loads(args.json.read_text()) if args.json.exists() else {}
        args.json.write_text(json.dumps(old | {args.what: told}, indent=1) + "\n")


if __name__ == "__main__":
    main()
