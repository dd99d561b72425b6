"""Speed and memory at size: a shortlist with evidence, compared with a peer that only retrieves.

    python -m benchmarks.speed --providers PROFILES.jsonl.gz --awards AWARDS.jsonl.gz \
        [--sizes 30000 1000000] [--bundles lite default] [--lots 200] [--keep DIR] [--json OUT]

Each register has `size` providers, invented by perturbing the profiles of the file: words are
dropped, swapped and copied between profiles, names recombined, incomes varied, and postcodes
sampled from the whole postcode table, so that they are as dense as addresses are.  The awards
are those of the file; each supplier becomes one of the invented providers and keeps its own
address.  The register is built as a stream, in a separate process.

The lots are awards of the window, spread evenly, at their real places.  For each lot, one
after the other and in one thread, three things are timed: the usual local shortlist (30 km,
ten suggestions, with evidence), a shortlist from all providers, and the first hundred by bm25s
over the names, profiles and labels of the whole register.  Splitting text into words uses the
same function and is timed on both sides.  The peer is asked each word of the lot once, which is
its fastest way.  Times are of the processor, so that other work on the machine counts less, but not
nothing: the load average is printed.  They depend on the machine; the ratios should hold.

With --keep, the registers stay, and beside each what building it took, with the load then.

Bundles take turns at the same sizes.  A bundle with a sentence encoder is measured up to
`--encode-up-to` providers, because reading the texts of a million takes hours; and it reads each
lot anew, although a service keeps what it read.  `BATCH` lots are also asked in one go, as one
request to the service asks them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
os.environ |= dict.fromkeys(_THREADS, "1")

import bm25s
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.memory import peak_mb
from matcher.core.identifiers import fingerprint
from matcher.core.types import (
    Award,
    Grade,
    Lot,
    Provider,
    Site,
    Source,
    Status,
    Tally,
)
from matcher.geo.postcodes import PostcodeTable
from matcher.ranking.batch import shortlists
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.build.build import BuildOptions, build
from matcher.register.register import Register
from matcher.sources.feed import Feed
from matcher.sources.formats.tables import size_of_income
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from models import text
from models.bundle import DEFAULT, Bundle

LOCAL = "ours, 30 km, with evidence"
EVERYONE = "ours, everyone, with evidence"
PEER = "bm25s, top 100, bare"
BATCH = 50
_DEPTH = 100
_SOURCE = Source("invented for measurement", date(2022, 6, 30))


class Invention:
    """Invents providers from real ones, always the same ones.

    `postcodes` are postcodes as numbers, as a postcode table stores them.
    """

    def __init__(
        self, real: Sequence[Provider], postcodes: np.ndarray[tuple[int], np.dtype[np.uint64]]
    ) -> None:
        self._real = real
        self._profiles = [p.profile.split() for p in real]
        self._names = [p.name.split() for p in real]
        self._postcodes = postcodes
        self._random = np.random.default_rng(20220630)

    def provider(self, number: int) -> Provider:
        """The next provider, with the id for `number`."""
        draw = self._random
        a, b, c, d = draw.integers(0, len(self._real), 4).tolist()
        one: Provider = self._real[a]
        other: Provider = self._real[b]
        income = one.income * float(draw.lognormal(0, 0.3)) if one.income is not None else None
        return replace(
            one,
            id=test_id(number),
            name=self._name(a, c),
            source=_SOURCE,
            ids=(),
            aliases=(),
            profile=self._profile(a, b),
            tags=one.tags if d % 4 else tuple(dict.fromkeys(one.tags + other.tags[:1])),
            sites=tuple(self._sites(2 if d % 20 == 0 else 1)),
            income=income,
            size=size_of_income(income) if income is not None else one.size,
            status=one.status if one.status.may_rank or d % 4 == 0 else Status.ACTIVE,
            website="",
        )

    def _name(self, a: int, b: int) -> str:
        one, other = self._names[a], self._names[b]
        return " ".join([*one[: (len(one) + 1) // 2], *other[len(other) // 2 :]])

    def _profile(self, a: int, b: int) -> str:
        """The words of one profile: some dropped, some replaced by or mixed with another's."""
        one, other = self._profiles[a], self._profiles[b] or ["services"]
        fate, lent = self._random.random(len(one)), self._random.integers(0, 1 << 30, len(one))
        said: list[str] = []
        for word, chance, at in zip(one, fate.tolist(), lent.tolist(), strict=True):
            if chance > 0.30:
                said.append(word)
            elif chance > 0.10:
                said.append(other[at % len(other)])
                if chance < 0.15:
                    said.append(word)
        return " ".join(said)

    def _sites(self, count: int) -> Iterator[Site]:
        for at in self._random.integers(0, len(self._postcodes), count).tolist():
            said = int(self._postcodes[at]).to_bytes(8, "big").rstrip(b"\0").decode()
            yield Site(f"{said[:4].strip()} {said[4:]}", Grade.CONTACT_ADDRESS)


def test_id(number: int) -> str:
    """The id of the invented provider of that number."""
    return f"TEST-{number:06d}"


def invented(real: Sequence[Provider], postcodes: PostcodeTable, size: int) -> Feed:
    """A feed of `size` invented providers, none of which is held."""
    tally = Tally("invented providers")
    invention = Invention(real, np.asarray(postcodes.postcodes.keys))

    def feed() -> Iterator[Provider]:
        for number in range(size):
            tally.read += 1
            tally.kept += 1
            yield invention.provider(number)

    return tally, feed()


def won_by_invented(feed: Iterator[Award], size: int) -> Iterator[Award]:
    """The awards, each supplier as one of `size` invented providers, at its own address."""
    for award in feed:
        suppliers = tuple(
            replace(s, id=test_id(fingerprint(s.id) % size), ids=(), aliases=())
            for s in award.suppliers
        )
        yield replace(award, suppliers=suppliers)


def make_register(folder: Path, providers: Path, awards: Path, size: int, name: str) -> None:
    """Build the register of `size` providers in `folder`, trusting ids."""
    places = PostcodeTable.cached()
    real = [p for _, feed in own_table.read([providers]) for p in feed]
    feeds: list[Feed] = [invented(real, PostcodeTable.open(places), size)]
    feeds += [(tally, won_by_invented(feed, size)) for tally, feed in ocds.read_awards([awards])]
    bundle = Bundle.open(name, FEATURES)
    build(folder, feeds, places_table=places, options=BuildOptions(trust_ids=True, bundle=bundle))


def make_peer(folder: Path, register: Path) -> None:
    """Index the names, profiles and labels of every provider of `register` with bm25s."""
    opened = Register.open(register)
    vocabulary: dict[str, int] = {}
    documents = []
    for row in range(len(opened)):
        one = opened.organisations[row].provider
        said = " \n".join((one.name, *one.aliases, one.profile, *one.tags))
        documents.append([vocabulary.setdefault(w, len(vocabulary)) for w in text.words(said)])
    peer = bm25s.BM25()
    peer.index(
        bm25s.tokenization.Tokenized(documents, vocabulary),
        create_empty_token=False,
        show_progress=False,
    )
    peer.save(str(folder), show_progress=False)


def in_separate_process(*task: str) -> dict[str, float]:
    """Run a task of this module in a separate process: its seconds and peak memory in MB."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.speed", *task]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return {"seconds": round(time.perf_counter() - began, 1), "peak MB": told["peak MB"]}


System = Callable[[Lot], object]


@dataclass(frozen=True)
class Opened:
    """A register and its peer, ready to be timed, and how long opening took."""

    systems: Mapping[str, System]
    backend: str
    open_ms: float
    matcher: Matcher


def open_all(register: Path, peer: Path, bundle: str) -> Opened:
    """Open the register, note the time, then open the peer in memory."""
    began = time.perf_counter()
    matcher = Matcher.open(register, bundle)
    open_ms = 1000 * (time.perf_counter() - began)
    backend = "numba" if importlib.util.find_spec("numba") else "numpy"
    rival = bm25s.BM25.load(str(peer), show_progress=False)
    rival.backend = backend
    depth = min(_DEPTH, rival.scores["num_docs"])
    everyone = Request(wish=Filters(everyone=True))

    def bare(lot: Lot) -> object:
        words = dict.fromkeys(text.words(f"{lot.title} {lot.description[:1500]}"))
        asked = [w for w in words if w in rival.vocab_dict]
        return rival.retrieve([asked], k=depth, show_progress=False) if asked else None

    def ours(lot: Lot, request: Request) -> object:
        if (encoder := matcher.bundle.knowledge.encoder) is not None:
            encoder.forget()
        return matcher.shortlist(lot, request)

    systems = {
        LOCAL: lambda lot: ours(lot, Request()),
        EVERYONE: lambda lot: ours(lot, everyone),
        PEER: bare,
    }
    return Opened(systems, backend, open_ms, matcher)


def timed(systems: Mapping[str, System], lots: Sequence[Lot]) -> dict[str, list[float]]:
    """System → processor milliseconds for each lot; the systems take turns to be first."""
    names = list(systems)
    times: dict[str, list[float]] = {name: [] for name in names}
    for lot in lots[:3]:
        for system in systems.values():
            system(lot)
    for at, lot in enumerate(track(lots, "asking", console=Console(stderr=True), transient=True)):
        turn = at % len(names)
        for name in names[turn:] + names[:turn]:
            began = time.thread_time()
            systems[name](lot)
            times[name].append(1000 * (time.thread_time() - began))
    return times


def sample(awards: Path, first: date, last: date, count: int) -> list[Lot]:
    """Lots of the awards of a window, spread evenly over it."""
    found = [
        award
        for _, feed in ocds.read_awards([awards])
        for award in feed
        if first <= award.day <= last
    ]
    found.sort(key=lambda award: (award.day, award.id))
    step = max(1.0, len(found) / count)
    return [found[int(i * step)].lot for i in range(min(count, len(found)))]


def batch_seconds(matcher: Matcher, lots: Sequence[Lot]) -> float:
    """How long one request for the first `BATCH` lots takes."""
    if (encoder := matcher.bundle.knowledge.encoder) is not None:
        encoder.forget()
    began = time.thread_time()
    for _ in shortlists(matcher, lots[:BATCH], Request()):
        pass
    return time.thread_time() - began


def summary(
    size: int, bundle: str, times: Mapping[str, Sequence[float]]
) -> Iterator[dict[str, object]]:
    """One row for each system: median, 95th percentile, and both divided by the peer's."""
    peer = np.percentile(times[PEER], [50, 95])
    for system, taken in times.items():
        middle, high = np.percentile(taken, [50, 95])
        yield {
            "providers": size,
            "bundle": bundle,
            "system": system,
            "lots": len(taken),
            "median ms": round(float(middle), 2),
            "p95 ms": round(float(high), 2),
            "median / peer": round(float(middle / peer[0]), 3),
            "p95 / peer": round(float(high / peer[1]), 3),
        }


def measure(
    size: int, bundle: str, lots: Sequence[Lot], *, scratch: Path, providers: Path, awards: Path
) -> tuple[list[dict[str, object]], dict[str, object]]:
    """(the rows of one size and bundle, how long building and opening took)."""
    register, peer = scratch / f"{bundle}-{size}", scratch / f"peer-{size}"
    facts: dict[str, object] = {"providers": size, "bundle": bundle}
    built = scratch / f"{bundle}-{size}.json"
    if not (register / "CURRENT").exists():
        sources = ("--providers", str(providers), "--awards", str(awards))
        making = ("--make-register", str(register), str(size), bundle)
        told = in_separate_process(*sources, *making)
        told["load average"] = round(os.getloadavg()[0], 1)
        built.write_text(json.dumps(told) + "\n")
    if built.exists():
        facts |= {f"build {name}": value for name, value in json.loads(built.read_text()).items()}
    if not peer.exists():
        in_separate_process("--make-peer", str(peer), str(register))
    opened = open_all(register, peer, bundle)
    rows = list(summary(size, bundle, timed(opened.systems, lots)))
    facts |= {
        "disk MB": round(sum(p.stat().st_size for p in register.rglob("*") if p.is_file()) / 1e6),
        "open ms": round(opened.open_ms, 1),
        "process after opening MB": in_separate_process("--open", str(register), bundle)["peak MB"],
        f"{BATCH} lots at once, seconds": round(batch_seconds(opened.matcher, lots), 2),
        "bm25s backend": opened.backend,
        "load average": round(os.getloadavg()[0], 1),
    }
    return rows, facts


def asked(args: argparse.Namespace) -> Iterator[tuple[int, str]]:
    """The sizes and bundles to measure."""
    for size in args.sizes:
        for bundle in args.bundles:
            reads = Bundle.open(bundle, FEATURES).knowledge.encoder is not None
            if not reads or size <= args.encode_up_to:
                yield size, bundle


def show(title: str, rows: Sequence[Mapping[str, object]], console: Console) -> None:
    """Rows as a table."""
    out = Table(title=title)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for column in columns:
        out.add_column(column)
    for row in rows:
        out.add_row(*(str(row.get(column, "as kept")) for column in columns))
    console.print(out)


def _arguments(said: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--providers", type=Path, help="profiles to perturb")
    parser.add_argument("--awards", type=Path, help="OCDS awards")
    parser.add_argument("--sizes", type=int, nargs="+", default=[30_000, 1_000_000])
    parser.add_argument("--bundles", nargs="+", default=["lite", DEFAULT])
    parser.add_argument("--encode-up-to", type=int, default=100_000)
    parser.add_argument("--lots", type=int, default=200)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2022, 7, 1))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 9, 30))
    parser.add_argument("--keep", type=Path, help="keep the registers here and use them again")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    making = ("DIR", "SIZE", "BUNDLE")
    parser.add_argument("--make-register", nargs=3, metavar=making, help="only build")
    parser.add_argument("--make-peer", nargs=2, metavar=("DIR", "REGISTER"), help="only index")
    parser.add_argument("--open", nargs=2, metavar=("REGISTER", "BUNDLE"), help="only open")
    given = parser.parse_args(said)
    if not (given.make_peer or given.open) and not (given.providers and given.awards):
        parser.error("give --providers and --awards")
    return given


def main(said: Sequence[str] | None = None) -> None:
    """Make what is missing, measure every size, print the tables."""
    args = _arguments(said)
    if args.make_register:
        folder, size, bundle = args.make_register
        make_register(Path(folder), args.providers, args.awards, int(size), bundle)
        print(json.dumps({"peak MB": peak_mb()}))
        return
    if args.make_peer:
        make_peer(*map(Path, args.make_peer))
        print(json.dumps({"peak MB": peak_mb()}))
        return
    if args.open:
        Matcher.open(Path(args.open[0]), args.open[1])
        print(json.dumps({"peak MB": peak_mb()}))
        return
    lots = sample(args.awards, args.first, args.last, args.lots)
    with tempfile.TemporaryDirectory() as apart:
        scratch = args.keep or Path(apart)
        scratch.mkdir(parents=True, exist_ok=True)
        measured = [
            measure(
                *(size, bundle, lots),
                scratch=scratch,
                providers=args.providers,
                awards=args.awards,
            )
            for size, bundle in asked(args)
        ]
    rows = [row for found, _ in measured for row in found]
    facts = [fact for _, fact in measured]
    console = Console(width=130)
    show("Building and opening", facts, console)
    show("One lot, one thread", rows, console)
    if args.json:
        args.json.write_text(json.dumps({"sizes": facts, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
