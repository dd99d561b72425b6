"""How long a register of invented companies takes to build, renew, narrow to an area and open.

    python -m benchmarks.build [--sizes 100000] [--area Walsall] [--keep DIR] [--json OUT]
        [--beside --providers PROFILES --awards AWARDS]

Each size is a file in Companies House's own layout (`benchmarks.company_rows`) and the file of the
next month, in which a hundredth is new, gone or changed.  Each step is one command of the product,
in processes of its own:

- build: the whole file, linked, with the words and names of the bundle `lite`, on all cores;
- month: the next month's file into the same register;
- area: the register of one council from the whole file;
- open: the register in one process.

After `--beside` come options of `matcher build` that all its steps get too: other sources.

Beside them DuckDB reads the same columns of the same file: no build can be quicker than that.
Memory is the most that all processes of a step held at one time, shared pages counted once.  Of
it, pages of files can be read again, so the system takes them back where memory is short; `own MB`
is the most without them.
Where others use the machine too, the seconds of processors tell more than those of the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.company_rows import NAME, spread_postcodes, write_rows
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.providers.companies import CELLS

_OPEN = (
    "import sys, time; from pathlib import Path; from matcher.register.register import Register;"
    "start = time.perf_counter(); Register.open(Path(sys.argv[1]));"
    "print(time.perf_counter() - start)"
)
_LOOK_EVERY, _LOOK_SELDOM = 0.25, 2.0
"""Seconds between two looks at the processes of a step: at first, and of a long one.  A look at
processes that hold gigabytes takes a twentieth of a second itself."""
_MB = 1 << 20


@dataclass(frozen=True)
class Measured:
    """What one step took."""

    companies: int
    step: str
    seconds: float
    processor_seconds: float
    """of all its processes: what `seconds` would be on one idle core"""
    peak_mb: float
    own_mb: float
    """the most memory that is no page of a file"""
    disk_mb: float = 0.0
    times_peer: float | None = None
    """how many times as much of a processor as the peer, which only reads the same columns"""
    load: float = 0.0
    """what ran on the machine before the step, in processes"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every size and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.build", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000])
    parser.add_argument("--area", default="Walsall")
    parser.add_argument("--keep", type=Path, help="keep the files and registers here")
    parser.add_argument("--steps", nargs="+", choices=_STEPS, default=list(_STEPS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--beside", nargs=argparse.REMAINDER, default=[], metavar="OPTION")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as apart:
        folder = given.keep or Path(apart)
        folder.mkdir(parents=True, exist_ok=True)
        found = []
        for size in given.sizes:
            for one in measure(folder, size, given.area, given.steps, given.beside):
                found.append(one)
                if given.json:
                    _write(given.json, found)
    show(found)


def _write(path: Path, found: Sequence[Measured]) -> None:
    """Write what was measured so far, so that a later step that fails loses nothing."""
    rows = [asdict(one) for one in found]
    path.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")


_STEPS = ("peer", "build", "month", "area", "open")


def measure(
    folder: Path, size: int, area: str, steps: Sequence[str], beside: Sequence[str] = ()
) -> Iterator[Measured]:
    """What each step takes for one size; `beside` are more options of `matcher build`."""
    first = _file(folder, size, 0)
    second = _file(folder, size, 1) if "month" in steps else first
    whole, near = folder / f"{size}.register", folder / f"{size}-area.register"
    build = [sys.executable, "-m", "api.cli", "build", "--bundle", "lite", "--quiet", *beside]
    commands = {
        "peer": [sys.executable, "-c", peer_of(first)],
        "build": [*build, "--register", str(whole), "--companies", str(first)],
        "month": [*build, "--register", str(whole), "--companies", str(second)],
        "area": [*build, "--register", str(near), "--companies", str(first), "--area", area],
        "open": [sys.executable, "-c", _OPEN, str(whole)],
    }
    peer: float | None = None
    for step in steps:
        if step in ("build", "area"):
            shutil.rmtree(whole if step == "build" else near, ignore_errors=True)
        load = os.getloadavg()[0]
        seconds, processor, memory, said = run(commands[step])
        if step == "open":
            seconds = float(said)
        peer = processor if step == "peer" else peer
        disk = {"build": whole, "month": whole, "area": near}.get(step)
        yield Measured(
            size,
            step,
            round(seconds, 2),
            round(processor, 1),
            round(memory.all / _MB),
            round(memory.own / _MB),
            round(_size(disk) / _MB) if disk else 0.0,
            round(processor / peer, 1) if peer and disk else None,
            round(load, 1),
        )


def peer_of(file: Path) -> str:
    """A program in which DuckDB reads the columns that the product reads."""
    with file.open(encoding="utf-8") as lines:
        names = lines.readline().rstrip().split(",")
    read = [name.strip() for name in names if name.strip() in CELLS]
    lengths = ", ".join(f'sum(length("{name}"))' for name in read)
    query = f"select {lengths} from read_csv('{file}', all_varchar=true, header=true)"
    return f"import duckdb; duckdb.sql({query!r}).fetchall()"


class Memory(NamedTuple):
    """Bytes that processes hold."""

    all: int
    own: int
    """without the pages of files"""


def run(command: Sequence[str]) -> tuple[float, float, Memory, str]:
    """Seconds, seconds of processors, the peak memory and the output of a command."""
    start, peak, used = time.perf_counter(), Memory(0, 0), dict[int, float]()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, start_new_session=True)
        while process.poll() is None:
            running = list(_processes(process.pid))
            held = [_memory(one) for one in running]
            peak = Memory(
                max(peak.all, sum(one.all for one in held)),
                max(peak.own, sum(one.own for one in held)),
            )
            used.update({one: _processor(one) for one in running})
            spent = time.perf_counter() - start
            with suppress(subprocess.TimeoutExpired):
                process.wait(min(max(spent / 100, _LOOK_EVERY), _LOOK_SELDOM))
        seconds = time.perf_counter() - start
        out.seek(0)
        said = out.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)[:300]} ended with {process.returncode}")
    return seconds, sum(used.values()), peak, said


def _processes(session: int) -> Iterator[int]:
    """The processes of a session."""
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if os.getsid(int(folder.name)) == session:
                yield int(folder.name)


def _processor(process: int) -> float:
    """Seconds that a process computed so far; 0 once it has ended and was waited for."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _memory(process: int) -> Memory:
    with suppress(OSError):
        told = Path(f"/proc/{process}/smaps_rollup").read_text()
        kb = {name: int(size) for name, size in re.findall(r"^(Pss\w*):\s+(\d+) kB", told, re.M)}
        if kb:
            return Memory(kb["Pss"] * 1024, (kb["Pss"] - kb.get("Pss_File", 0)) * 1024)
    return Memory(0, 0)


def _file(folder: Path, size: int, month: int) -> Path:
    path = folder / str(size) / NAME.format(month + 1)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        postcodes = spread_postcodes(PostcodeTable.open(PostcodeTable.cached()))
        write_rows(path, size, postcodes, month)
    return path


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def machine() -> str:
    """The machine in words."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if "model name" in line)
        return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def show(found: Sequence[Measured]) -> None:
    """Print the table."""
    table = Table(title=machine())
    for column in (
        "companies",
        "step",
        "seconds",
        "processor s",
        "peak MB",
        "own MB",
        "disk MB",
        "times peer",
        "load",
    ):
        table.add_column(column, justify="left" if column == "step" else "right")
    for one in found:
        peer = "" if one.times_peer is None else f"{one.times_peer:.1f}"
        disk = f"{one.disk_mb:,.0f}" if one.disk_mb else ""
        table.add_row(
            f"{one.companies:,}",
            one.step,
            f"{one.seconds:,.2f}",
            f"{one.processor_seconds:,.1f}",
            f"{one.peak_mb:,.0f}",
            f"{one.own_mb:,.0f}",
            disk,
            peer,
            f"{one.load}",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
