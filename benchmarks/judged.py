"""Graded needs: how good the first rows of a list are, by people's grades, compared with peers.

    python -m benchmarks.judged --data ../shared/data [--register REG] [--pool unjudged.jsonl]
                                [--minilm FOLDER] [--graded FILE] [--floors .05,.1,.2]
                                [--needs FILE]

The data folder has `judged/needs.jsonl` (needs as a council officer writes them) and
`judged/grades.tsv` (grades of providers for them, from 0 to 3, and x for 'cannot be told'), with
the providers and awards that the register is built from.  Every system lists only providers that
are active, not large, and within 30 km of the need.

The product is asked twice: for its list as it is shown, and with weak matches after the others.
Peers in the same run: BM25 (bm25s) over names, profiles, labels and titles of past contracts;
with --minilm a pretrained sentence encoder over the same (a folder as `matcher train --fine-tune`
takes it, such as all-MiniLM-L6-v2); the reciprocal rank fusion of both, and of BM25 and the
product.  Rows that nobody graded count as neither good nor bad, except in nDCG@10, where they have
no gain; Judged@10 says how many are graded.  --graded adds grades of your own, in the same form,
and --needs asks needs of your own in place of the folder's; then only the grades of --graded count.
--floors asks the product again for each probability of relevance from which providers are listed.
Each figure has its bootstrap 95% interval over needs.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import bm25s
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from api.judging.judgements import write_pool
from benchmarks.graded import DEPTH, graded_values, reciprocal_rank_fusion
from benchmarks.pretrained import Pretrained
from matcher.core.types import Lot
from matcher.geo.postcodes import PostcodeTable
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query as MatcherQuery
from matcher.ranking.request import Request
from matcher.register.analysis import labels
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.embed import embed
from matcher.register.encoded_texts import vectors_version
from matcher.register.register import Register
from matcher.sources.feed import Feed
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from models import text
from models.bundle import DEFAULT, Bundle
from training.evaluation.metrics import estimate
from training.evaluation.pooling import pool_items, pool_keys
from training.evaluation.runs import run_from_lists

NEEDS, GRADES = Path("judged/needs.jsonl"), Path("judged/grades.tsv")
PROVIDERS = Path("providers/provider-profiles.jsonl.gz")
AWARDS = Path("awards/uk-awards-to-2022-09.ocds.jsonl.gz")
CANNOT_TELL = "x"
_DEEP = 100
"""How many rows of each list are fused."""
Grades = Mapping[str, Mapping[str, float]]
"""Need → provider → grade."""
Lists = dict[str, list[str]]
"""Need → providers, best first."""
System = Callable[[Lot], list[str]]
Row = dict[str, object]


def read_needs(path: Path) -> list[Lot]:
    """The needs of a file of JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return [
        Lot(
            id=row["id"],
            title=row["title"],
            description=row["description"],
            postcode=row["postcode"],
            value=float(row["value"]),
            buyer=row["buyer"],
        )
        for row in rows
    ]


def read_grades(path: Path) -> dict[str, dict[str, float]]:
    """The grades of a TSV file with the columns need, provider and grade; x is left out."""
    grades: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["grade"] != CANNOT_TELL:
                grades.setdefault(row["need"], {})[row["provider"]] = float(row["grade"])
    return grades


def merged(read: Sequence[Grades]) -> dict[str, dict[str, float]]:
    """All grades; of two for one row, the one read first."""
    together: dict[str, dict[str, float]] = {}
    for grades in reversed(read):
        for need, held in grades.items():
            together.setdefault(need, {}).update(held)
    return together


def by_listed_id(grades: Grades, register: Register) -> dict[str, dict[str, float]]:
    """The grades under the id that the register lists an organisation by."""
    return {
        need: {_listed_id(provider, register): grade for provider, grade in held.items()}
        for need, held in grades.items()
    }


def _listed_id(provider: str, register: Register) -> str:
    row = register.row(provider)
    return provider if row is None else register.organisations[row].provider.id


def product(matcher: Matcher, *, weak: bool = False, floor: float | None = None) -> System:
    """The product's own list, by its usual limits: active, not large, within 30 km.

    `floor` is the probability of relevance from which providers are listed, in place of the
    bundle's.
    """
    weak = weak or floor is not None
    request = Request(weak=weak)

    def answer(lot: Lot) -> list[str]:
        query = matcher.query(lot, request)
        ranking = matcher.rank(query, eligible_providers(query), request.seed, weak=weak)
        rows = ranking.rows
        if floor is not None and ranking.relevance is not None:
            order = np.argsort(-ranking.scores, kind="stable")
            rows = rows[order][ranking.relevance[order] >= floor]
        return _ids(matcher.register, rows[:_DEEP])

    return answer


def bm25(matcher: Matcher) -> System:
    """BM25 with its usual settings, over the providers that the product may list."""
    peer = bm25s.BM25()
    peer.index(documents(matcher.register), show_progress=False)

    def answer(lot: Lot) -> list[str]:
        query = matcher.query(lot, Request())
        eligible = eligible_providers(query)
        rows = eligible.numbers[eligible.allowed]
        words = [word for word in _words(lot.title, lot.description) if word in peer.vocab_dict]
        scores = peer.get_scores(words)[rows] if words else np.zeros(len(rows))
        order = np.argsort(-scores, kind="stable")[:_DEEP]
        return _ids(matcher.register, rows[order[scores[order] > 0]])

    return answer


def minilm(matcher: Matcher, folder: Path, needs: Sequence[Lot], console: Console) -> System:
    """A pretrained encoder as it comes, over all that is known of a provider."""
    queries = {need.id: matcher.query(need, Request()) for need in needs}
    allowed = {id_: _allowed(query) for id_, query in queries.items()}
    every = np.unique(np.concatenate(list(allowed.values())))
    peer = Pretrained(matcher.register, folder, every, console)

    def answer(lot: Lot) -> list[str]:
        return _ids(matcher.register, peer.order(lot, allowed[lot.id], _DEEP))

    return answer


def _allowed(query: MatcherQuery) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The rows, ascending, that a list for the query may show."""
    eligible = eligible_providers(query)
    return np.unique(eligible.numbers[eligible.allowed])


def documents(register: Register) -> list[list[str]]:
    """The words of each organisation: names, profile, labels and titles of past contracts."""
    titles = [register.awards[number].lot.title for number in range(register.known_awards)]
    return [
        _words(
            *(one.name, *one.aliases, one.profile, *labels(one)),
            *(titles[number] for number in register.won.of(row).tolist()),
        )
        for row in range(len(register))
        for one in (register.organisations[row].provider,)
    ]


def _words(*texts: str) -> list[str]:
    return text.words("\n".join(texts))


def _ids(register: Register, rows: np.ndarray[tuple[int], np.dtype[np.integer]]) -> list[str]:
    return [register.organisations[row].provider.id for row in rows.tolist()]


def measure(
    needs: Sequence[Lot],
    matcher: Matcher,
    console: Console,
    base: Path | None = None,
    floors: Sequence[float] = (),
) -> dict[str, Lists]:
    """System → its lists, each cut to the depth that is graded."""
    ours = f"ours ({matcher.bundle.name})"
    systems = {ours: product(matcher), "bm25": bm25(matcher)}
    if any(ranker.relevance for ranker in matcher.bundle.rankers.values()):
        systems[f"{ours}, weak matches too"] = product(matcher, weak=True)
        systems |= {f"{ours}, from {f:g} on": product(matcher, floor=f) for f in floors}
    if base:
        systems["minilm"] = minilm(matcher, base, needs, console)
    lists: dict[str, Lists] = {}
    for name, system in systems.items():
        steps = track(needs, name, console=console, transient=True)
        lists[name] = {need.id: system(need) for need in steps}
    for other in [name for name in ("minilm", ours) if name in lists]:
        lists[f"rrf of bm25 and {other}"] = {
            need.id: reciprocal_rank_fusion([lists["bm25"][need.id], lists[other][need.id]])
            for need in needs
        }
    return {
        name: {need: listed[:DEPTH] for need, listed in by_need.items()}
        for name, by_need in lists.items()
    }


def report(grades: Grades, lists: Mapping[str, Lists]) -> Iterator[Row]:
    """One row a system: each measure as [mean, low, high] over the needs it says something of.

    Its lists are counted, and those without a row.
    """
    for system, by_need in lists.items():
        values = [graded_values(listed, grades.get(need, {})) for need, listed in by_need.items()]
        empty = sum(not listed for listed in by_need.values())
        row: Row = {"system": system, "needs": len(by_need), "empty lists": empty}
        for name in values[0] if values else ():
            row[name] = estimate([found for v in values if (found := v[name]) is not None])
        yield row


def unjudged(grades: Grades, lists: Mapping[str, Lists]) -> list[tuple[str, str]]:
    """(need, provider) of every row that any system shows and nobody has graded."""
    runs = [run_from_lists(system, by_need) for system, by_need in lists.items()]
    return [key for key in pool_keys(runs, DEPTH) if key[1] not in grades.get(key[0], {})]


def show(rows: Sequence[Row], console: Console) -> None:
    """The report as a table."""
    out = Table(title="Graded needs: mean and 95% interval over needs")
    for column in rows[0] if rows else ():
        out.add_column(column)
    for row in rows:
        out.add_row(*map(_cell, row.values()))
    console.print(out)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if not isinstance(value, list):
        return str(value)
    mean, low, high = value
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def opened(args: argparse.Namespace, folder: Path) -> Matcher:
    """The matcher over a register in `folder`, built from the data unless it is there."""
    bundle = Bundle.open(args.bundle, FEATURES)
    if not (folder / "CURRENT").exists():
        feeds: list[Feed] = [
            *own_table.read([args.data / PROVIDERS]),
            *ocds.read_awards([args.data / AWARDS]),
        ]
        options = BuildOptions(trust_ids=True, bundle=bundle)
        build(folder, feeds, places_table=PostcodeTable.cached(), options=options)
    if Register.open(folder).manifest.meaning != vectors_version(bundle.knowledge):
        embed(folder, bundle)
    return Matcher.open(folder, args.bundle)


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask every need, print the table, and list what is not judged."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.judged", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("../shared/data"),
        help=f"a folder with {NEEDS}, {GRADES}, {PROVIDERS} and {AWARDS} (default: %(default)s)",
    )
    parser.add_argument("--register", type=Path, help="keep the register here and use it again")
    parser.add_argument("--bundle", default=DEFAULT, help="by name, or a folder")
    parser.add_argument(
        "--pool", type=Path, help="write rows that nobody graded, for matcher judge"
    )
    parser.add_argument("--minilm", type=Path, help="a folder with a pretrained encoder as a peer")
    parser.add_argument(
        "--graded", type=Path, action="append", default=[], help="more grades, in the same form"
    )
    parser.add_argument(
        "--floors", type=_floors, default=(), help="probabilities of relevance, with commas between"
    )
    parser.add_argument("--needs", type=Path, help="needs of your own, graded by --graded alone")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    args = parser.parse_args(arguments)
    console = Console(width=190)
    asked = args.needs or args.data / NEEDS
    graded = [*([] if args.needs else [args.data / GRADES]), *args.graded]
    if missing := [str(path) for path in (asked, *graded) if not path.exists()]:
        console.print(f"Skipped: there is no {' and no '.join(missing)}; give --data")
        return
    needs = read_needs(asked)
    with tempfile.TemporaryDirectory() as scratch:
        matcher = opened(args, args.register or Path(scratch) / "register")
        grades = by_listed_id(merged(list(map(read_grades, graded))), matcher.register)
        lists = measure(needs, matcher, console, args.minilm, args.floors)
        keys = unjudged(grades, lists)
        if args.pool and keys:
            runs = [run_from_lists(system, by_need) for system, by_need in lists.items()]
            lots = {need.id: need for need in needs}
            write_pool(args.pool, pool_items(keys, runs, lots, matcher.register))
    rows = list(report(grades, lists))
    show(rows, console)
    console.print(f"{len(keys):,} of the rows shown are not graded" + _next(args.pool, keys))
    if args.json:
        args.json.write_text(json.dumps({"rows": rows, "unjudged": keys}, indent=1) + "\n")


def _floors(typed: str) -> list[float]:
    return [float(part) for part in typed.split(",")]


def _next(pool: Path | None, keys: Sequence[tuple[str, str]]) -> str:
    if not keys:
        return ""
    return f": matcher judge serve --pool {pool}" if pool else "; give --pool to have them judged"


if __name__ == "__main__":
    main()
