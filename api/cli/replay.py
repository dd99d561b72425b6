"""Commands that ask past lots again: the award replay, and what each signal is worth on it."""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from api.cli.evaluation_options import (
    METRICS,
    DepthOption,
    FormOption,
    HtmlOption,
    MetricsOption,
    PurposeOption,
    ReportFormat,
    SeedOption,
    TargetOption,
    as_json,
    deliver,
    needs_training,
    with_target,
)
from api.cli.options import AwardsOption, QuietOption
from api.cli.output import console, evaluations
from api.cli.progress import Bar, progress
from matcher.core.errors import BadInput
from matcher.core.types import Lot
from matcher.geo.postcodes import PostcodeTable
from matcher.law.types import Purpose
from matcher.register.build.build import build
from matcher.register.register import Register
from matcher.sources.feed import Feed
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from models.bundle import DEFAULT, find

if TYPE_CHECKING:
    from training.evaluation.comparison import ComparisonRequest
    from training.evaluation.runs import Run
    from training.evaluation.slices import Slices
    from training.replays.awards import AwardReplay
    from training.replays.runner import Asker


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("replay-awards")(replay_awards)
    app.command("ablate")(ablate)


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
    days: tuple[datetime, datetime]
    sample: int | None
    purpose: Purpose
    register: Path | None
    retrain: bool
    as_it_is: bool
    config: Path | None

    @property
    def first(self) -> date:
        """Its first day: what is known is from before it."""
        return self.days[0].date()

    @property
    def last(self) -> date:
        """Its last day, inclusive."""
        return self.days[1].date()

    @contextmanager
    def opened(self, *, quiet: bool) -> Iterator[_Opened]:
        """The lots of the window, ready to be asked.  Raises BadInput where there is none."""
        with progress(quiet) as bar, tempfile.TemporaryDirectory() as scratch:
            folder = self.register or Path(scratch) / "register"
            found = self.replay()
            pool = self.pool(found)
            self.build(folder, bar)
            yield _Opened(self, found, pool, folder, Path(scratch), bar)

    def replay(self) -> AwardReplay:
        """The lots to ask.  Raises BadInput where there is none."""
        from training.replays.awards import replay_of, spread

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

    def pool(self, found: AwardReplay) -> set[str]:
        """Everyone who may be listed: those of --providers and of past awards."""
        listed = {p.id for _, feed in own_table.read(self.providers) for p in feed}
        return listed | {s.id for award in found.history for s in award.suppliers}

    def build(self, folder: Path, bar: Bar) -> None:
        """Build the register of the files in `folder`, ids as given, unless there is one."""
        if not (folder / "CURRENT").exists():
            places = PostcodeTable.cached(lambda n, of: bar("compiling postcodes", n, of))
            feeds: list[Feed] = [*own_table.read(self.providers), *ocds.read_awards(self.awards)]
            build(folder, feeds, places_table=places, trust_ids=True, progress=bar)

    def bundle(self, name: str, folder: Path, bar: Bar) -> tuple[str, str | Path]:
        """(what it is called, where it is); trained anew on what was before, if wanted."""
        from training.replays.awards import knew_too_much, train_before

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


@dataclass(frozen=True)
class _Opened:
    """A window with its lots, who may be listed for them, and the register of its files."""

    window: _Window
    replay: AwardReplay
    pool: set[str]
    folder: Path
    scratch: Path
    bar: Bar

    @cached_property
    def register(self) -> Register:
        """The register, with all that the files say."""
        return Register.open(self.folder)

    def lots(self) -> list[Lot]:
        """The lots as bundles are asked them."""
        from training.replays.awards import lots_asked

        return lots_asked(self.replay, self.window.purpose)

    def asker(self, name: str) -> Asker:
        """A bundle, ready to be asked as it would have answered on the window's first day."""
        from training.replays.awards import asker
        from training.replays.runner import matcher_for

        called, place = self.window.bundle(name, self.folder, self.bar)
        matcher = matcher_for(self.folder, place, self.scratch, self.bar)
        return asker(called, matcher, self.window.first, self.window.purpose, self.pool)

    def slices(self) -> Slices:
        """The lots told apart by what they are for and by who won them."""
        from training.replays.awards import slices_of

        return slices_of(self.replay, self.register, self.window.first)

    def asked(self, given: Sequence[Run]) -> ComparisonRequest:
        """What there is to report of runs over the lots."""
        from training.evaluation import comparison, exposure, qrels
        from training.replays.runner import names_in

        judged = self.replay.judged
        for run in given:
            qrels.check_lots(run, judged)
        self.bar("telling lots and providers apart", 0, None)
        return comparison.ComparisonRequest(
            runs=given,
            qrels=judged,
            slices=self.slices(),
            groups=exposure.groups_of(self.register.before(self.window.first)),
            named=names_in(self.register),
            titles={query.lot.id: query.lot.title for query in self.replay.queries},
            about=self._about(),
        )

    def _about(self) -> dict[str, str]:
        window, found = self.window, self.replay
        return {
            "window": f"{window.first} to {window.last}",
            "lots": f"{len(found.queries):,} of local government, first of each series",
            "past awards": f"{len(found.history):,}, all before {window.first}",
            "register": self.register.version,
            "purpose": window.purpose.value,
            "awards from": ", ".join(path.name for path in window.awards),
        }


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
    form: FormOption = ReportFormat.TABLE,
    html: HtmlOption = None,
    quiet: QuietOption = False,
) -> None:
    """Ask past lots again, knowing only awards from before: a hit is a provider that won.

    Lots are those of local government in the window with at most 20 winners, the first of each
    series.  Only winners are judged, so whoever could have done the work counts as a miss.
    """
    with needs_training():
        from training.evaluation import comparison, runs, scoring
    days = _Window(awards, providers, window, sample, purpose, register, retrain, as_it_is, config)
    measures = scoring.measures(metrics)
    with days.opened(quiet=quiet) as opened:
        askers: list[Asker] = []
        given: list[Run] = []
        lots = opened.lots()
        for one in bundle:
            asker = opened.asker(one)
            given.append(asker.run(lots, opened.bar, len(lots)))
            askers.append(asker)
        given = runs.named_apart([*given, *runs.read_all(beside, opened.bar)])
        by_name = {run.name: asker for run, asker in zip(given, askers, strict=False)}
        asked = replace(
            opened.asked(given),
            wanted=measures,
            depth=depth,
            seed=seed,
            explain=lambda run, lot: by_name[run].explain(lot, depth) if run in by_name else {},
        )
        report = comparison.report(with_target(asked, target), opened.bar)
        if out is not None:
            _write_all(out, asked, lots)
    deliver(report, f"Award replay, {days.first} to {days.last}", form, html)


def _as_file(name: str) -> str:
    """What a run is called, as the name of a file."""
    return re.sub(r"[\W_]+", "-", name).strip("-")


def _write_all(out: Path, asked: ComparisonRequest, lots: Sequence[Lot]) -> None:
    """Write what the other commands read: runs, judgements, slices, groups and lots."""
    from training.evaluation import (
        exposure,
        qrels,
        runs,
        slices,
    )

    try:
        out.mkdir(parents=True, exist_ok=True)
        for run in asked.runs:
            with (out / f"{_as_file(run.name)}.run").open("w", encoding="utf-8") as text:
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
    form: FormOption = ReportFormat.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Tell what each group of signals is worth on the award replay, also for small and new.

    The numbers of one group are shuffled among a lot's candidates, so that they say nothing
    any more, and the same ranker orders them again.  That is what this ranker loses without the
    signal, not what another that was trained without it would.
    """
    with needs_training():
        from training.evaluation import scoring
        from training.replays import ablation
    days = _Window(awards, providers, window, sample, purpose, register, retrain, as_it_is, config)
    measures = scoring.measures(metrics)
    with days.opened(quiet=quiet) as opened:
        whole = opened.asker(bundle)
        opened.bar("telling lots apart", 0, None)
        slices, judged = opened.slices(), opened.replay.judged
        trial = ablation.Trial(whole, opened.lots(), judged, measures, slices, seed)
        report = ablation.report(trial, opened.bar)
    if form is ReportFormat.JSON:
        sys.stdout.write(as_json(report))
    else:
        console.console().print(evaluations.ablation(report))
