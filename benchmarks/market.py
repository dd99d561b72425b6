"""Test market figures against later awards: is depth right, is 'credible', and how long it takes.

    python -m benchmarks.market truth --awards AWARDS.jsonl.gz --providers SUPPLIERS.jsonl.gz \
        [--from 2022-07-01] [--to 2022-09-30] [--register DIR] [--bundle NAME] [--json OUT]
    python -m benchmarks.market speed --awards AWARDS.jsonl.gz --providers PROFILES.jsonl.gz \
        [--size 30000] [--keep DIR] [--json OUT]

**truth** predicts on the first day of a window, from earlier awards only.  If a bundle learned
from the window, another one is trained, as in `benchmarks.replay`.  A pair is a service (CPV
class, four digits) in an area (council of the lot's place), with at least `--least` awards in the
window.  Up to `--asked` of its lots are asked, spread evenly.  The number of distinct suppliers
that won in the pair is compared with the product's figures for its lots: the mean depth of a lot,
the distinct credible providers of all its lots together, and the number of different winners
expected.  Two baselines run at the same time: distinct suppliers that won in the pair before,
and providers registered in the area.  The measure is Spearman's rank correlation, with bootstrap
95% intervals over pairs, and how much higher the product's is, pair by pair.  The number of lots
of a pair does not predict who could do them, but its planner knows it and more lots have more
winners, so it is printed too.

Then each month is asked with what was known on its first day.  Lots of local government, from
which 'credible' was learned, are reported apart from those of other buyers: how often providers
of each probability won the lot, or another of its class nearby, within the month; Brier's score
and that of giving everyone the mean; how often the number of credible winners was within its
interval; and how many winners the floor keeps.

**speed** is one thread on a register of invented providers, as in `benchmarks.speed`: requests
of 50 lots one after the other, 1,000 lots by two processes (with their start), and a comparison
of splits of one need.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from matcher.core.arrays import Doubles

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
os.environ |= dict.fromkeys(_THREADS, "1")

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.stats import spearmanr

from benchmarks import replay, replay_bundles, speed
from matcher.core.cpv import code_prefixes
from matcher.core.errors import BadLot, NotLawful
from matcher.core.types import Lot
from matcher.core.workers import running_on
from matcher.geo.geocoding import place_of
from matcher.lotting.comparison import compare
from matcher.lotting.types import Split
from matcher.market.assessment import LotAssessment, assess
from matcher.market.criteria import MarketCriteria
from matcher.market.market import combined_market, markets
from matcher.market.win_counts import win_counts
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.register import Register
from models.bundle import DEFAULT
from training.learning.calibration import CLASS, NEAR_KM, credible_mask
from training.learning.examples import (
    MOST_WINNERS,
    Ranked,
    TrainingWindow,
    window_lots,
)

Key: TypeAlias = tuple[str, str]
Row: TypeAlias = dict[str, object]

_DRAWS = 2000
_ON_THEIR_SIDE = 2
_WHOSE = {True: "local government", False: "other buyers"}
_EDGES = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
A_LOT = "depth of a lot, mean"
TOGETHER = "depth, all lots together"
WINNERS = "different winners expected"
PAST = "past distinct winners (baseline)"
REGISTERED = "providers in the area (baseline)"
LOTS = "lots planned (known to the caller)"


@dataclass(frozen=True, slots=True)
class Pair:
    """A service in an area: its awards in the window, those that are asked, and the winners."""

    service: str
    council: str
    awards: tuple[int, ...]
    asked: tuple[int, ...]
    winners: frozenset[int]


class Places:
    """The pairs of awards: each CPV class of an award, in the council of its place."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def keys(self, lot: Lot) -> list[Key]:
        """The pairs of one lot; none without a code of four digits or a place."""
        spot = place_of(lot, self._register.postcodes, self._register.councils).spot
        if spot is None or not spot.council:
            return []
        classes = {c for c in code_prefixes(lot.cpv) if len(c) == CLASS}
        return [(one, spot.council) for one in sorted(classes)]

    def gathered(self, start: int, stop: int) -> dict[Key, list[int]]:
        """Pair → the numbers of its awards among those from `start` to before `stop`."""
        found: dict[Key, list[int]] = defaultdict(list)
        for number in track(range(start, stop), "placing", console=_progress(), transient=True):
            if 0 < len(self._register.winners.of(number)) <= MOST_WINNERS:
                for key in self.keys(self._register.awards[number].lot):
                    found[key].append(number)
        return found


def pairs(
    register: Register, window: TrainingWindow, least: int, most: int
) -> tuple[list[Pair], dict[Key, int]]:
    """The pairs with enough awards in the window; and pair → distinct winners before it."""
    places = Places(register)
    start, stop = (register.before(day).known_awards for day in (window.first, window.end))
    now, past = places.gathered(start, stop), places.gathered(0, start)
    found = [
        Pair(*key, tuple(numbers), tuple(_spread(numbers, most)), winners_of(register, numbers))
        for key, numbers in sorted(now.items())
        if len(numbers) >= least
    ]
    return found, {key: len(winners_of(register, numbers)) for key, numbers in past.items()}


def winners_of(register: Register, numbers: Sequence[int]) -> frozenset[int]:
    """The distinct winners of these awards."""
    return frozenset(int(row) for number in numbers for row in register.winners.of(number))


def _spread(numbers: Sequence[int], most: int) -> Sequence[int]:
    return numbers[:: max(1, -(-len(numbers) // most))]


def reading(matcher: Matcher, number: int, before: date) -> LotAssessment | None:
    """The assessment of an award's lot; None where it cannot be made."""
    try:
        return assess(matcher, matcher.register.awards[number].lot, Request(before=before))
    except (NotLawful, BadLot):
        return None


def predictions(
    matcher: Matcher,
    found: Sequence[Pair],
    past: Mapping[Key, int],
    first: date,
    terms: MarketCriteria,
) -> dict[str, list[float]]:
    """For each pair, each prediction of the number of winners, and the number (`won`)."""
    register = matcher.register
    active = register.columns.council[register.columns.active]
    told: dict[str, list[float]] = defaultdict(list)
    for pair in track(found, "asking", console=_progress(), transient=True):
        lots = [one for n in pair.asked if (one := reading(matcher, n, first)) is not None]
        depths = [float(one.credible(terms.floor).probabilities.sum()) for one in lots]
        every = combined_market(lots, terms)
        (council,) = register.council_numbers([pair.council])
        told["won"].append(len(pair.winners))
        told[A_LOT].append(float(np.mean(depths)) if depths else 0.0)
        told[TOGETHER].append(every.providers.expected)
        told[WINNERS].append(every.winners)
        told[PAST].append(past.get((pair.service, pair.council), 0))
        told[REGISTERED].append(int((active == council).sum()))
        told[LOTS].append(len(pair.awards))
    return told


def correlations(told: Mapping[str, Sequence[float]], seed: int = 7) -> Iterator[Row]:
    """One row for each prediction: Spearman, and how much higher the product's is."""
    came = np.array(told["won"])
    every = {name: np.array(values) for name, values in told.items() if name != "won"}
    random = np.random.default_rng(seed)
    draws = [random.integers(0, len(came), len(came)) for _ in range(_DRAWS)]
    rhos = {n: [_rho(v[at], came[at]) for at in draws] for n, v in every.items()}
    for name, values in every.items():
        row: Row = {"prediction": name, "pairs": len(came)}
        row["Spearman"] = _estimate(_rho(values, came), rhos[name])
        for ours in (TOGETHER, WINNERS):
            gain = [a - b for a, b in zip(rhos[ours], rhos[name], strict=True)]
            above = _rho(every[ours], came) - _rho(values, came)
            row[f"{ours}, less this"] = None if name == ours else _estimate(above, gain)
        yield row


def _rho(predicted: Doubles, came: Doubles) -> float:
    """Spearman's rank correlation; 0 where all values of one side are equal."""
    if len(set(predicted.tolist())) < 2 or len(set(came.tolist())) < 2:
        return 0.0
    return float(spearmanr(predicted, came).statistic)


def _estimate(value: float, drawn: Sequence[float]) -> list[float]:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return [round(float(number), 3) for number in (value, low, high)]


# --- is 'credible' true ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Came:
    """One lot asked on the first day of its month: probabilities, and who won."""

    told: Doubles
    came: npt.NDArray[np.bool_]
    council: bool = True
    """whether it is a lot of local government, from which 'credible' was learned"""


def months(first: date, last: date) -> list[TrainingWindow]:
    """The months of a window; the last may be cut short."""
    found, end = [], last + timedelta(days=1)
    while first < end:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        found.append(TrainingWindow(first, min(following, end)))
        first = following
    return found


def asked_monthly(matcher: Matcher, windows: Sequence[TrainingWindow], sample: int) -> list[Came]:
    """The outcomes for lots of each month, the first of each series."""
    register, found = matcher.register, []
    for window in windows:
        councils = frozenset(window_lots(register, window, councils_only=True))
        every = window_lots(register, window, councils_only=False)
        numbers = _spread(every, max(1, sample // len(windows)))
        label = f"asking {window.first:%B}"
        for number in track(numbers, label, console=_progress(), transient=True):
            one = reading(matcher, number, window.first)
            if one is not None:
                ranked = Ranked(number, one.rows, one.probabilities, one.new)
                came = credible_mask(register, window, ranked, by_place=True)
                found.append(Came(one.probabilities, came, number in councils))
    return found


def reliability(lots: Sequence[Came]) -> Iterator[Row]:
    """One row for each band of probability: providers, mean probability, share that won.

    For lots of local government, then for those of other buyers.
    """
    for council, whose in _WHOSE.items():
        asked = [one for one in lots if one.council is council]
        for row in _bands(asked) if asked else ():
            yield {"lots of": whose, **row}


def _bands(lots: Sequence[Came]) -> Iterator[Row]:
    told, came = _flat(lots)
    for low, high in pairwise(_EDGES):
        inside = (told >= low) & ((told < high) | (high == 1.0))
        if inside.any():
            yield {
                "told": f"{low:g} to {high:g}",
                "providers": int(inside.sum()),
                "mean told": round(float(told[inside].mean()), 4),
                "came true": round(float(came[inside].mean()), 4),
            }


def worth(lots: Sequence[Came], terms: MarketCriteria) -> Iterator[Row]:
    """How accurate the probabilities, floor and intervals were, for each kind of buyer."""
    for council, whose in _WHOSE.items():
        asked = [one for one in lots if one.council is council]
        if asked:
            yield {"lots of": whose, **_worth(asked, terms)}


def _worth(lots: Sequence[Came], terms: MarketCriteria) -> Row:
    told, came = _flat(lots)
    mean = float(came.mean())
    floor = told >= terms.floor
    within, numbers = [], []
    for one in lots:
        kept = one.told >= terms.floor
        (count,) = win_counts(one.told, [kept])
        numbers.append(count.number)
        within.append(count.low <= int(one.came[kept].sum()) <= count.high)
    return {
        "what": f"won the lot, or in the month another of its CPV class within {NEAR_KM:g} km",
        "lots": len(lots),
        "Brier": round(float(np.mean((told - came) ** 2)), 5),
        "Brier of the mean": round(mean * (1 - mean), 5),
        "floor": terms.floor,
        "credible a lot, quartiles": np.percentile(numbers, [25, 50, 75]).tolist(),
        "thin lots": round(float(np.mean(np.array(numbers) < terms.fewest)), 4),
        "winners above the floor": round(float(came[floor].sum() / max(came.sum(), 1)), 4),
        "of those above, won": round(float(came[floor].mean()), 4) if floor.any() else None,
        "lots within the interval": round(float(np.mean(within)), 4),
    }


def _flat(lots: Sequence[Came]) -> tuple[Doubles, npt.NDArray[np.bool_]]:
    return np.concatenate([one.told for one in lots]), np.concatenate([one.came for one in lots])


# --- how long it takes -----------------------------------------------------------------


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """(seconds an action takes, seconds of processor time in this process)."""
    began, worked = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - began, time.process_time() - worked


def _all(matcher: Matcher, lots: Sequence[Lot], jobs: int = 1) -> object:
    with running_on(str(jobs)):
        return list(markets(matcher, lots, Request()))


def speeds(matcher: Matcher, lots: Sequence[Lot], size: int) -> Iterator[Row]:
    """One row for each task; targets are in seconds."""
    _all(matcher, lots[:3])
    requests = [lots[at : at + 50] for at in range(0, min(len(lots), 500), 50)]
    taken = [timed(partial(_all, matcher, part)) for part in requests]
    yield {
        "providers": size,
        "task": "50 lots in one request, one thread",
        "median s": round(float(np.median([wall for wall, _ in taken])), 3),
        "worst s": round(max(wall for wall, _ in taken), 3),
        "of it worked s": round(float(np.median([work for _, work in taken])), 3),
        "target s": 1,
    }
    both, _ = timed(partial(_all, matcher, lots, jobs=2))
    yield {
        "providers": size,
        "task": f"{len(lots):,} lots, two processes",
        "median s": round(both, 2),
        "worst s": round(both, 2),
        "of it worked s": None,
        "target s": 15,
    }
    ways = [lots[at : at + 50] for at in range(0, len(lots) - 49, 50)][:10] or [lots]
    taken = [timed(partial(_comparison, matcher, part)) for part in ways]
    yield {
        "providers": size,
        "task": "5 splits of 10 lots, all of them different, one thread",
        "median s": round(float(np.median([wall for wall, _ in taken])), 3),
        "worst s": round(max(wall for wall, _ in taken), 3),
        "of it worked s": round(float(np.median([work for _, work in taken])), 3),
        "target s": 1,
    }


def _comparison(matcher: Matcher, lots: Sequence[Lot]) -> object:
    """Compares unrelated lots as splits of one need, so that no assessment is reused."""
    splits = {str(at): Split(tuple(lots[at::5])) for at in range(5) if lots[at::5]}
    return compare(matcher, lots[0], splits, Request())


# --- running ---------------------------------------------------------------------------


def truth(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Ask, compare, and print the tables."""
    window = TrainingWindow(args.first, args.last + timedelta(days=1))
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.register or Path(scratch) / "register"
        asked = replay_bundles.Asked(
            args.awards, args.providers, args.bundle, args.first, args.config
        )
        matcher, name = replay_bundles.opened(asked, folder, console)
        found, past = pairs(matcher.register, window, args.least, args.asked)
        terms = MarketCriteria(floor=args.floor)
        told = predictions(matcher, found, past, args.first, terms)
        monthly = asked_monthly(matcher, months(args.first, args.last), args.sample)
    rows, bands = list(correlations(told)), list(reliability(monthly))
    value = list(worth(monthly, terms))
    replay.show(rows, console, f"Distinct winners of {len(found):,} pairs, as predicted before")
    _show(bands, console, "Told to be credible, and came true within the month")
    _show(value, console, "What the probabilities, the floor and the interval were worth")
    facts = {
        "bundle": name,
        "from": args.first.isoformat(),
        "to": args.last.isoformat(),
        "least awards of a pair": args.least,
        "lots asked of a pair": args.asked,
    }
    return {"window": facts, "depth": rows, "reliability": bands, "worth": value}


def speed_of(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Make the register where there is none, time, and print the table."""
    lots = speed.sample(args.awards, args.first, args.last, args.lots)
    with tempfile.TemporaryDirectory() as scratch:
        folder = (args.keep or Path(scratch)) / f"register-{args.size}"
        if not (folder / "CURRENT").exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            speed.make_register(folder, args.providers, args.awards, args.size, args.bundle)
        rows = list(speeds(Matcher.open(folder, args.bundle), lots, args.size))
    _show(rows, console, "Markets")
    return {"speed": rows}


def _show(rows: Sequence[Row], console: Console, title: str) -> None:
    """Print rows as a table, transposed where there are only one or two."""
    out = Table(title=title)
    if 0 < len(rows) <= _ON_THEIR_SIDE:
        for _ in range(1 + len(rows)):
            out.add_column("")
        for name in rows[0]:
            out.add_row(name, *(str(row[name]) for row in rows))
    else:
        for column in rows[0] if rows else ():
            out.add_column(column)
        for row in rows:
            out.add_row(*map(str, row.values()))
    console.print(out)


def _progress() -> Console:
    return Console(stderr=True)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.market", description=(__doc__ or "").split("\n")[0]
    )
    parts = parser.add_subparsers(dest="part", required=True)
    for part in ("truth", "speed"):
        one = parts.add_parser(part)
        one.add_argument("--awards", type=Path, required=True)
        one.add_argument("--providers", type=Path, required=True)
        one.add_argument("--bundle", default=DEFAULT, help="by name, or a folder")
        one.add_argument("--json", type=Path, help="also write the rows here, beside the others")
        one.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2022, 7, 1))
        one.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 9, 30))
    asked, fast = parts.choices["truth"], parts.choices["speed"]
    asked.add_argument("--register", type=Path, help="keep the register here and use it again")
    asked.add_argument("--config", type=Path, help="how to train, if the bundle knows the window")
    asked.add_argument("--least", type=int, default=3, help="awards that make a pair")
    asked.add_argument("--asked", type=int, default=40, help="lots asked of each pair at most")
    asked.add_argument(
        "--floor", type=float, default=MarketCriteria().floor, help="of who is credible"
    )
    asked.add_argument("--sample", type=int, default=1500, help="lots asked month by month")
    fast.add_argument("--size", type=int, default=30_000, help="invented providers")
    fast.add_argument("--lots", type=int, default=1000)
    fast.add_argument("--keep", type=Path, help="keep the register here and use it again")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one part and print its tables."""
    args = _arguments(arguments)
    console = Console(width=170)
    found = truth(args, console) if args.part == "truth" else speed_of(args, console)
    if args.json:
        held = json.loads(args.json.read_text()) if args.json.exists() else {}
        args.json.write_text(json.dumps({**held, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
