"""Commands that ask past lots again: the award replay, and what each signal is worth on it."""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from api import show, verdicts
from api.evaluating import (
    METRICS,
    DepthOption,
    Form,
    FormOption,
    HtmlOption,
    MetricsOption,
    PurposeOption,
    QuietOption,
    SeedOption,
    TargetOption,
    as_json,
    deliver,
    needs_training,
    with_target,
)
from api.progress import Bar, progress
from matcher.build import build
from matcher.errors import BadInput
from matcher.intake import Feed
from matcher.law import Purpose
from matcher.postcodes import PostcodeTable
from matcher.register import Register
from matcher.sources import ocds, table
from models.bundle import DEFAULT, find

if TYPE_CHECKING:
    from training.asking import Asker
    from training.comparison import Asked
    from training.replay import Replay
    from training.runs import Run


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("replay-awards")(replay_awards)
    app.command("ablate")(ablate)


AwardsOption = Annotated[
    list[Path],
    typer.Option("--awards", metavar="FILE…", help="OCDS award notices, plain or gzipped."),
]
ProvidersOption = Annotated[
    list[Path],
    typer.Option(
        "--providers",
        metavar="FILE…",
        help="Tables of providers: with the suppliers of past awards, the pool.",
    ),
]
WindowOption = Annotated[
    tuple[datetime, datetime],
    typer.Option("--window", formats=["%Y-%m-%d"], metavar="FROM TO", help="Both days inclusive."),
]
SampleOption = Annotated[
    int | None, typer.Option(min=1, help="Ask only about so many lots, spread evenly.")
]
KeptOption = Annotated[
    Path | None, typer.Option("--register", help="Keep the register here, and use it again.")
]
RetrainOption = Annotated[
    bool,
    typer.Option(
        "--retrain",
        help="Where a bundle knows awards of the window, train another as it was, on those before.",
    ),
]
AsItIsOption = Annotated[
    bool, typer.Option("--as-it-is", help="Ask it anyway; the report says so.")
]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="How to --retrain, TOML.")]


@dataclass(frozen=True)
class _Window:
    """The files, the window, and what to do with a bundle that has seen it."""

    awards: Sequence[Path]
    providers: Sequence[Path]
    first: date
    last: date
    sample: int | None
    retrain: bool
    as_it_is: bool
    config: Path | None
    purpose: Purpose

    def build(self, folder: Path, bar: Bar) -> None:
        """Build the register of the files in `folder`, ids as given, unless there is one."""
        if not (folder / "CURRENT").exists():
            places = PostcodeTable.cached(lambda n, of: bar("compiling postcodes", n, of))
            feeds: list[Feed] = [*table.read(self.providers), *ocds.read_awards(self.awards)]
            build(folder, feeds, places_table=places, trust_ids=True, progress=bar)

    def replay(self) -> Replay:
        """The lots to ask.  Raises BadInput where there is none."""
        from training.replay import replay_of, spread

        if self.purpose is Purpose.RESERVED:
            raise BadInput(
                "--purpose reserved: the replay asks over everyone, and a reserved list is for an "
                "area; give engagement or invite"
            )
        if self.last < self.first:
            raise BadInput(f"--window {self.first} {self.last}: ends before it begins")
        awards = [award for _, feed in ocds.read_awards(self.awards) for award in feed]
        found = spread(replay_of(awards, self.first, self.last), self.sample)
        if not found.queries:
            raise BadInput(
                f"--window {self.first} {self.last}: no lot of local government was awarded then "
                "in --awards"
            )
        return found

    def pool(self, found: Replay) -> set[str]:
        """Everyone who may be listed: those of --providers and of past awards."""
        listed = {p.id for _, feed in table.read(self.providers) for p in feed}
        return listed | {s.id for award in found.history for s in award.suppliers}

    def bundle(self, name: str, folder: Path, bar: Bar) -> tuple[str, str | Path]:
        """(what it is called, where it is); trained anew on what was before, if wanted."""
        from training.replay import knew_too_much, train_before

        known = knew_too_much(name, self.first)
        if known is None:
            return find(name).name, name
        if self.as_it_is:
            return f"{find(name).name}, knowing the window", name
        if not self.retrain:
            raise BadInput(
                f"--bundle {name}: learned from awards before {known}, so from the window itself, "
                "and its figures would flatter it; give --retrain (takes minutes), or --as-it-is"
            )
        out = folder / f"bundle-before-{self.first}{self._how()}"
        if not out.exists():
            train_before(folder, out, self.first, self.config, bar)
        return f"{find(name).name}, before {self.first}", out

    def _how(self) -> str:
        """Tells a bundle that was trained by --config from one that was trained as usual."""
        if self.config is None:
            return ""
        try:
            return "-" + hashlib.sha256(self.config.read_bytes()).hexdigest()[:12]
        except OSError as wrong:
            raise BadInput(f"--config {self.config}: cannot be read ({wrong.strerror})") from wrong

    def asker(self, name: str, folder: Path, scratch: Path, pool: set[str], bar: Bar) -> Asker:
        """A bundle, ready to be asked as it would have answered on the window's first day."""
        from training.asking import matcher_for
        from training.replay import asker

        called, place = self.bundle(name, folder, bar)
        matcher = matcher_for(folder, place, scratch, bar)
        return asker(called, matcher, self.first, self.purpose, pool)


def replay_awards(
    awards: AwardsOption,
    window: WindowOption,
    bundle: Annotated[
        list[str], typer.Option("--bundle", metavar="NAME…", help="By name, or a folder.")
    ] = [DEFAULT],  # noqa: B006 - Typer reads the default and never changes it
    providers: ProvidersOption = [],  # noqa: B006
    beside: Annotated[
        list[Path],
        typer.Option("--beside", metavar="RUN…", help="Runs of others over the same lots."),
    ] = [],  # noqa: B006
    sample: SampleOption = None,
    purpose: PurposeOption = Purpose.ENGAGEMENT,
    register: KeptOption = None,
    retrain: RetrainOption = False,
    as_it_is: AsItIsOption = False,
    config: ConfigOption = None,
    metrics: MetricsOption = METRICS,
    target: TargetOption = "pool",
    depth: DepthOption = 10,
    seed: SeedOption = 7,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder to write the runs, qrels, slices, groups and lots into."),
    ] = None,
    form: FormOption = Form.TABLE,
    html: HtmlOption = None,
    quiet: QuietOption = False,
) -> None:
    """Ask past lots again, knowing only awards from before: a hit is a provider that won.

    Lots are those of local government in the window with at most 20 winners, the first of each
    series.  Only winners are judged, so whoever could have done the work counts as a miss.
    """
    with needs_training():
        from training import comparison, runs, scoring
        from training import replay as replays
    asked_for = _Window(
        *(awards, providers, window[0].date(), window[1].date(), sample),
        *(retrain, as_it_is, config, purpose),
    )
    measures = scoring.measures(metrics)
    with progress(quiet) as bar, ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = register or scratch / "register"
        found = asked_for.replay()
        pool = asked_for.pool(found)
        asked_for.build(folder, bar)
        askers: list[Asker] = []
        given: list[Run] = []
        for one in bundle:
            asker = asked_for.asker(one, folder, scratch, pool, bar)
            lots = replays.lots_asked(found, purpose)
            given.append(asker.run(lots, bar, len(lots)))
            askers.append(asker)
        given = runs.named_apart([*given, *runs.read_all(beside, bar)])
        by_name = {run.name: asker for run, asker in zip(given, askers, strict=False)}
        asked = _replay_asked(asked_for, found, given, folder, bar)
        asked = replace(
            asked,
            wanted=measures,
            depth=depth,
            seed=seed,
            explain=lambda run, lot: by_name[run].explain(lot, depth) if run in by_name else {},
        )
        report = comparison.report(with_target(asked, target), bar)
        if out is not None:
            _write_all(out, asked, replays.lots_asked(found, purpose))
    deliver(report, f"Award replay, {asked_for.first} to {asked_for.last}", form, html)


def _replayed(
    name: str,
    place: str | Path,
    window: _Window,
    folder: Path,
    scratch: Path,
    pool: set[str],
    bar: Bar,
) -> Asker:
    from training.asking import matcher_for
    from training.replay import asker

    matcher = matcher_for(folder, place, scratch, bar)
    return asker(name, matcher, window.first, window.purpose, pool)


def _replay_asked(
    window: _Window, found: Replay, given: Sequence[Run], folder: Path, bar: Bar
) -> Asked:
    from training import comparison, exposure, qrels
    from training.asking import names_in
    from training.replay import slices_of

    judged = found.judged
    for run in given:
        qrels.check_lots(run, judged)
    bar("telling lots and providers apart", 0, None)
    opened = Register.open(folder)
    return comparison.Asked(
        runs=given,
        qrels=judged,
        slices=slices_of(found, opened, window.first),
        groups=exposure.groups_of(opened.before(window.first)),
        named=names_in(opened),
        titles={query.lot.id: query.lot.title for query in found.queries},
        about={
            "window": f"{window.first} to {window.last}",
            "lots": f"{len(found.queries):,} of local government, first of each series",
            "past awards": f"{len(found.history):,}, all before {window.first}",
            "register": opened.version,
            "purpose": window.purpose.value,
            "awards from": ", ".join(path.name for path in window.awards),
        },
    )


def _as_file(name: str) -> str:
    return re.sub(r"\W+", "-", name).strip("-") or "run"


def _write_all(out: Path, asked: Asked, lots: Sequence[Any]) -> None:
    """Write what the other commands read: runs, judgements, slices, groups and lots."""
    from training import exposure, qrels, runs, slices

    try:
        out.mkdir(parents=True, exist_ok=True)
        for run in asked.runs:
            name = "-".join(
                filter(None, "".join(c if c.isalnum() else " " for c in run.name).split())
            )
            with (out / f"{name}.run").open("w", encoding="utf-8") as text:
                runs.write(run, text)
        if asked.qrels is not None:
            with (out / "qrels.txt").open("w", encoding="utf-8") as text:
                qrels.write(asked.qrels, text)
        with (out / "slices.csv").open("w", encoding="utf-8", newline="") as text:
            slices.write(asked.slices, text)
        with (out / "groups.csv").open("w", encoding="utf-8", newline="") as text:
            exposure.write(asked.groups, text)
        (out / "lots.jsonl").write_bytes(b"".join(msgspec.json.encode(lot) + b"\n" for lot in lots))
    except OSError as wrong:
        raise BadInput(f"--out {out}: cannot be written to ({wrong.strerror})") from wrong


def ablate(
    awards: AwardsOption,
    window: WindowOption,
    bundle: Annotated[str, typer.Option(help="By name, or a folder.")] = DEFAULT,
    providers: ProvidersOption = [],  # noqa: B006
    sample: SampleOption = None,
    purpose: PurposeOption = Purpose.ENGAGEMENT,
    register: KeptOption = None,
    retrain: RetrainOption = False,
    as_it_is: AsItIsOption = False,
    config: ConfigOption = None,
    metrics: MetricsOption = METRICS,
    seed: SeedOption = 7,
    form: FormOption = Form.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Tell what each group of signals is worth on the award replay, also for small and new.

    The numbers of one group are shuffled among a lot's candidates, so that they say nothing
    any more, and the same ranker orders them again.  That is what this ranker loses without the
    signal, not what another that was trained without it would.
    """
    with needs_training():
        from training import ablation, scoring
        from training import replay as replays
    asked_for = _Window(
        *(awards, providers, window[0].date(), window[1].date(), sample),
        *(retrain, as_it_is, config, purpose),
    )
    measures = scoring.measures(metrics)
    with progress(quiet) as bar, ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = register or scratch / "register"
        found = asked_for.replay()
        pool = asked_for.pool(found)
        asked_for.build(folder, bar)
        whole = asked_for.asker(bundle, folder, scratch, pool, bar)
        bar("telling lots apart", 0, None)
        slices = replays.slices_of(found, Register.open(folder), asked_for.first)
        lots = replays.lots_asked(found, purpose)
        trial = ablation.Trial(whole, lots, found.judged, measures, slices, seed)
        report = ablation.report(trial, bar)
    if form is Form.JSON:
        sys.stdout.write(as_json(report))
    else:
        show.console().print(verdicts.ablation(report))
