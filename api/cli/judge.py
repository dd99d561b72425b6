"""Commands for judging: make a pool from runs, let raters grade it, and write qrels."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli.evaluation_options import FormOption, needs_training
from api.cli.named_paths import file_to_add_to, file_to_read, file_to_write, written
from api.cli.options import QuietOption, TableOrJson
from api.cli.output import console as show
from api.cli.output.register import set_aside
from api.cli.progress import progress
from matcher.core.errors import BadInput
from matcher.core.formatting import count
from matcher.core.types import Tally
from matcher.register.register import Register
from matcher.sources.notices import lots as lot_files

app = typer.Typer(
    no_args_is_help=True,
    help="Let people judge the providers that runs list: pool, serve, agreement, export.",
)

_POOL_HELP = "The pool: the providers to judge."
_JUDGEMENTS_HELP = "The raters' judgements; the file only grows."
PoolOption = Annotated[Path, typer.Option("--pool", callback=file_to_read, help=_POOL_HELP)]
PoolToWrite = Annotated[Path, typer.Option("--pool", callback=file_to_write, help=_POOL_HELP)]
JudgementsOption = Annotated[
    Path, typer.Option("--judgements", callback=file_to_read, help=_JUDGEMENTS_HELP)
]
JudgementsToWrite = Annotated[
    Path, typer.Option("--judgements", callback=file_to_add_to, help=_JUDGEMENTS_HELP)
]
_POOL, _JUDGEMENTS = Path("pool.jsonl"), Path("judgements.jsonl")


@app.command()
def pool(
    run: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN…",
            callback=file_to_read,
            help="TREC runs, CSV, or JSON of `matcher shortlist`.",
        ),
    ],
    depth: Annotated[
        int, typer.Option(min=1, help="How many providers of each list to judge.")
    ] = 20,
    to: PoolToWrite = _POOL,
    lots: Annotated[
        Path | None,
        typer.Option(callback=file_to_read, help="The lots, so that raters can read them."),
    ] = None,
    register: Annotated[
        Path | None, typer.Option(help="Shows raters what is known about providers.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Collect the first providers of several runs, once for each lot, without the run's name.

    Raters see only a provider's contracts from before the lot's day, so that they do not learn
    who won it.
    """
    with needs_training():
        from api.judging.judgements import check_new, write_pool
        from training.evaluation import pooling, runs
    check_new(to)
    with progress(quiet) as bar:
        read = runs.read_all(run, bar)
        keys = pooling.pool_keys(read, depth)
        if not keys:
            raise BadInput("RUN: none of the runs lists a provider, so there is nothing to judge")
        tally, each = lot_files.iter_lots(lots) if lots else (Tally(""), iter(()))
        found = list(each)
        known = {lot.id: lot for lot in found}
        bar("describing", 0, len(keys))
        opened = Register.open(register) if register else None
        write_pool(to, pooling.pool_items(keys, read, known, opened))
    for line in set_aside(tally):
        show.say(str(line))
    asked = len({lot for lot, _ in keys})
    show.say(
        f"{count(len(keys), 'provider')} to judge for {count(asked, 'lot')}, from "
        f"{count(len(read), 'run')} to depth {depth}: {to}. Next: matcher judge serve --pool {to}"
    )
    unknown = len({lot for lot, _ in keys} - set(known)) if lots else 0
    if unknown:
        are, ids = ("is", "its id") if unknown == 1 else ("are", "their ids")
        show.say(f"{unknown:,} of the lots {are} not in {lots}: raters see only {ids}")


@app.command()
def serve(
    from_: PoolOption = _POOL,
    judgements: JudgementsToWrite = _JUDGEMENTS,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8010,
    seed: Annotated[int, typer.Option(help="Seed of the order in which raters see the pool.")] = 0,
) -> None:
    """Serve the raters' page on this machine, until Ctrl-C.

    Each rater sees the pool in a different order, and can stop and continue later. Keys: 0 to 3,
    x for 'cannot judge', b to go back.
    """
    with needs_training():
        from api.judging.app import HOST, create_app, listen, server
        from api.judging.judgements import Judgements, read_pool
        from api.judging.session import JudgingSession
    session = JudgingSession(read_pool(from_), Judgements(judgements), seed)
    with listen(port) as listener:
        show.say(
            f"http://{HOST}:{listener.getsockname()[1]}/ (Ctrl-C ends it; judgements are saved in "
            f"{judgements})"
        )
        with suppress(KeyboardInterrupt):
            server(create_app(session)).run(sockets=[listener])
    show.say(f"{count(len(session.judgements.all), 'judgement')} in {judgements}")


@app.command()
def agreement(
    judgements: JudgementsOption = _JUDGEMENTS, form: FormOption = TableOrJson.TABLE
) -> None:
    """Show how far raters agree: Krippendorff's alpha, over items with two grades or more."""
    with needs_training():
        from api.judging.judgements import read_judgements
        from training.evaluation import pooling
    found = pooling.agreement(read_judgements(judgements))
    if form is TableOrJson.JSON:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        show.console().print(_agreement(found))


@app.command()
def export(
    qrels: Annotated[
        Path,
        typer.Argument(metavar="QRELS", callback=file_to_write, help="The TREC qrels to write."),
    ],
    judgements: JudgementsOption = _JUDGEMENTS,
    least: Annotated[
        int,
        typer.Option("--least-votes", min=1, help="The fewest grades of an item to be written."),
    ] = 1,
) -> None:
    """Write the raters' grades as qrels: the median, or the lower of two in the middle.

    Items that no rater could judge are left out and counted.
    """
    with needs_training():
        from api.judging.judgements import read_judgements
        from training.evaluation import pooling
        from training.evaluation.qrels import write
    found, counts = pooling.median_qrels(read_judgements(judgements), least)
    if not found.grades:
        raise BadInput(f"--judgements {judgements}: no item has {least} grades or more")
    with written("QRELS", qrels) as out:
        write(found, out)
    show.say(
        f"{count(counts['kept'], 'judgement')} for {count(len(found.lots), 'lot')} in {qrels}; "
        "left out: "
        f"{counts['nobody could judge']:,} that no rater could judge, {counts['too few votes']:,} "
        "with too few grades"
    )


def _agreement(found: dict[str, Any]) -> Table:
    out = Table(title="How far raters agree", title_justify="left", show_header=False)
    for name in ("judgements", "cannot judge", "items", "items graded twice or more"):
        out.add_row(name, f"{found[name]:,}")
    for name in ("alpha, ordinal", "alpha, nominal"):
        told = found[name]
        out.add_row(
            f"Krippendorff's {name}",
            f"{told:.3f}" if told is not None else "unknown: too few grades, or all equal",
        )
    for rater, grades in found["raters"].items():
        out.add_row(f"rater {rater}", ", ".join(f"{k}: {v:,}" for k, v in grades.items()))
    for pair in found["pairs"]:
        a, b = pair["raters"]
        out.add_row(
            f"{a} and {b}", f"{pair['the same grade']:,} of {pair['items']:,} the same grade"
        )
    return out
