"""Commands for evaluators: score runs against judgements, and compare them."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from api.cli.options import QuietOption, gathers
from api.cli.output import console, evaluations
from api.cli.progress import Bar, progress
from matcher.core.errors import BadInput
from matcher.core.types import Lot
from matcher.law.types import Purpose
from matcher.ranking.filters import Wish
from matcher.ranking.request import Request
from matcher.register.register import Register
from matcher.sources.notices import lots as lot_files

if TYPE_CHECKING:
    from training.evaluation.comparison import Asked
    from training.evaluation.qrels import Qrels
    from training.evaluation.runs import Run
    from training.replays.runner import Asker

_BUNDLE = "bundle:"
METRICS = "Success@10 nDCG@10 RR@100"


class Form(StrEnum):
    """How a report is written to standard output."""

    TABLE = "table"
    JSON = "json"


QrelsOption = Annotated[
    Path | None, typer.Option("--qrels", help="Judgements: TREC qrels, CSV or JSON.")
]
SlicesOption = Annotated[
    Path | None, typer.Option("--slices", help="CSV with the columns lot, by, slice.")
]
GroupsOption = Annotated[
    Path | None,
    typer.Option("--groups", help="CSV with the columns provider, by, group, for exposure."),
]
TargetOption = Annotated[
    str,
    typer.Option(
        help="Whose share of attention is fair: pool (of all providers in a group), relevant, "
        "equal, or a CSV file with the columns by, group, share."
    ),
]
MetricsOption = Annotated[str, typer.Option(help="Measures, in ir-measures' names.")]
JudgedOnly = Annotated[
    bool, typer.Option("--judged-only", help="Leave lots out that nobody judged, and count them.")
]
DepthOption = Annotated[
    int, typer.Option(min=1, help="How deep lists are laid side by side, and attention reaches.")
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", help="Also write the report as one HTML page.")
]
FormOption = Annotated[Form, typer.Option("--format", help="How to write the report.")]
SeedOption = Annotated[int, typer.Option(help="Of the bootstrap and the randomisation test.")]
RegisterOption = Annotated[
    Path | None,
    typer.Option("--register", help="To ask bundles, and to group providers for exposure."),
]
LotsOption = Annotated[Path | None, typer.Option("--lots", help="The lots to ask bundles.")]
BeforeOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Bundles know only awards before this day."),
]
PurposeOption = Annotated[Purpose, typer.Option(help="What bundles are asked for.")]
_RUN = (
    "A TREC run, a CSV, the JSON of `matcher shortlist`; or bundle:NAME, asked on the spot "
    "(needs --register and --lots)."
)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("evaluate")(evaluate)
    app.command("compare")(compare)


@contextmanager
def needs_training() -> Iterator[None]:
    """Refuse in words where the libraries of training are not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise BadInput(
            f"evaluating needs libraries that are not installed ({missing.name}): where the "
            "product's pyproject.toml lies, run `pip install --editable '.[train]'`"
        ) from missing


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """What the options of `evaluate` and `compare` say."""

    qrels: QrelsOption = None
    slices: SlicesOption = None
    groups: GroupsOption = None
    target: TargetOption = "pool"
    metrics: MetricsOption = METRICS
    judged_only: JudgedOnly = False
    depth: DepthOption = 10
    seed: SeedOption = 7
    register: RegisterOption = None
    lots: LotsOption = None
    before: BeforeOption = None
    purpose: PurposeOption = Purpose.ENGAGEMENT
    form: FormOption = Form.TABLE
    html: HtmlOption = None
    quiet: QuietOption = False

    @property
    def known(self) -> date | None:
        """The day before which bundles know awards; None: they know all."""
        return self.before.date() if self.before else None


@gathers(_Wanted)
def evaluate(
    wanted: _Wanted, run: Annotated[list[str], typer.Argument(metavar="RUN…", help=_RUN)]
) -> None:
    """Score runs against judgements: how good, for whom, and whether differences are real.

    Lots that a run lacks are counted and named, and count as zero.  Several runs are compared
    in pairs, corrected for how many there are; nothing is claimed on fewer than ten lots.
    """
    if wanted.qrels is None:
        raise BadInput("--qrels: is missing; without judgements, `matcher compare` tells two apart")
    _evaluate(run, wanted, "Evaluation")


@gathers(_Wanted)
def compare(
    wanted: _Wanted,
    first: Annotated[str, typer.Argument(metavar="RUN_A", help=_RUN)],
    second: Annotated[str, typer.Argument(metavar="RUN_B", help="The other, likewise.")],
) -> None:
    """Compare two runs: which is better, for whom, and the lots that differ most, with reasons.

    Without --qrels it tells how alike they are (RBO, overlap, churn, places moved), and not
    which is better.
    """
    _evaluate([first, second], wanted, "Comparison")


def _evaluate(said: Sequence[str], wanted: _Wanted, title: str) -> None:
    with needs_training():
        from training.evaluation import comparison
    with progress(wanted.quiet) as bar, ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        asked = _asked(said, wanted, scratch, bar)
        report = comparison.report(asked, bar)
    names = " and ".join(run.name for run in asked.runs)
    deliver(report, f"{title}: {names}", wanted.form, wanted.html)


def _asked(said: Sequence[str], wanted: _Wanted, scratch: Path, bar: Bar) -> Asked:
    from training.evaluation import (
        comparison,
        qrels,
        scoring,
        slices,
    )
    from training.evaluation.runs import named_apart
    from training.replays.runner import names_in

    measures = scoring.measures(wanted.metrics)
    judged = qrels.read(wanted.qrels, bar) if wanted.qrels else None
    runs, askers = _runs(said, judged, wanted, scratch, bar)
    runs = named_apart(runs)
    if judged is not None and not wanted.judged_only:
        for run in runs:
            qrels.check_lots(run, judged)
    if wanted.slices and judged is None:
        raise BadInput("--slices: means over slices need --qrels")
    by_name = {run.name: asker for run, asker in zip(runs, askers, strict=True) if asker}
    asked = comparison.Asked(
        runs=runs,
        qrels=judged,
        wanted=measures,
        slices=slices.read(wanted.slices, judged.grades) if wanted.slices and judged else {},
        depth=wanted.depth,
        explain=lambda name, lot: (
            by_name[name].explain(lot, wanted.depth) if name in by_name else {}
        ),
        named=names_in(Register.open(wanted.register)) if wanted.register else None,
        seed=wanted.seed,
        about=_about(said, wanted),
    )
    return _with_groups(asked, wanted, bar)


def _about(said: Sequence[str], wanted: _Wanted) -> dict[str, str]:
    """What a citation must name: the files by their SHA-256, and what bundles knew."""
    files = {word: Path(word) for word in said if not word.startswith(_BUNDLE)}
    files |= {"judgements": wanted.qrels} if wanted.qrels else {}
    files |= {"slices": wanted.slices} if wanted.slices else {}
    files |= {"groups": wanted.groups} if wanted.groups else {}
    about = {
        (path.name if name == str(path) else name): f"{path.name}, SHA-256 {_digest(path)}"
        for name, path in files.items()
    }
    if wanted.register:
        about["register"] = Register.open(wanted.register).version
    if wanted.known:
        about["awards known"] = f"those before {wanted.known}"
    return about


def _digest(path: Path) -> str:
    with path.open("rb") as text:
        return hashlib.file_digest(text, "sha256").hexdigest()


def _with_groups(asked: Asked, wanted: _Wanted, bar: Bar) -> Asked:
    from training.evaluation import exposure

    if wanted.groups:
        groups = exposure.read(wanted.groups)
    elif wanted.register:
        bar("grouping providers", 0, None)
        register = Register.open(wanted.register)
        groups = exposure.groups_of(register.before(wanted.known) if wanted.known else register)
    else:
        return asked
    return with_target(replace(asked, groups=groups), wanted.target)


def with_target(asked: Asked, target: str) -> Asked:
    """The same with the target that --target names or that its file holds."""
    from training.evaluation import comparison, exposure

    if not target.endswith(".csv"):
        return comparison.with_targets(asked, target)
    targets = exposure.read_targets(Path(target))
    unknown = sorted(set(targets) - set(asked.groups))
    if unknown:
        raise BadInput(
            f"--target {target}: no provider is grouped by {unknown[0]}; there is "
            f"{', '.join(asked.groups)}"
        )
    return replace(asked, targets=targets)


def _runs(
    said: Sequence[str], judged: Qrels | None, wanted: _Wanted, scratch: Path, bar: Bar
) -> tuple[list[Run], list[Asker | None]]:
    """The runs named, in order, and who was asked for those that are bundles.

    An organisation with several ids is listed by those that the files know it by.
    """
    from training.evaluation import runs

    read = {word: runs.read(Path(word), bar) for word in said if not word.startswith(_BUNDLE)}
    known = {one for run in read.values() for listed in run.scores.values() for one in listed}
    known.update(one for held in (judged.grades if judged else {}).values() for one in held)
    found: list[Run] = []
    askers: list[Asker | None] = []
    for word in said:
        asker = None
        if word.startswith(_BUNDLE):
            asker = _asker(word, known, wanted, scratch, bar)
            found.append(asker.run(_lots(word, wanted), bar))
        else:
            found.append(read[word])
        askers.append(asker)
    return found, askers


def _lots(word: str, wanted: _Wanted) -> list[Lot]:
    if wanted.lots is None:
        raise BadInput(f"{word}: needs --lots, the lots to ask it")
    tally, lots = lot_files.iter_lots(wanted.lots)
    found = list(lots)
    for line in console.set_aside(tally):
        console.console(error=True).print(line)
    return found


def _asker(word: str, known: set[str], wanted: _Wanted, scratch: Path, bar: Bar) -> Asker:
    from training.replays.runner import Asker, known_ids, matcher_for

    if wanted.register is None:
        raise BadInput(f"{word}: needs --register, to ask it")
    matcher = matcher_for(wanted.register, word.removeprefix(_BUNDLE), scratch, bar)
    request = Request(wanted.purpose, Wish(everyone=True), before=wanted.known)
    return Asker(matcher.bundle.name, matcher, request, known_ids(known))


def deliver(report: dict[str, Any], title: str, form: Form, html: Path | None) -> None:
    """Write a report as asked; exit code 3 where no run ran."""
    from training.reports.comparison_report import page

    if html is not None:
        write(html, page(title, report), "--html")
    if form is Form.JSON:
        sys.stdout.write(as_json(report))
    else:
        console.console().print(evaluations.tables(report))
    if not any(run["status"] == "ran" for run in report["runs"]):
        raise typer.Exit(3)


def as_json(report: dict[str, Any]) -> str:
    """A report as JSON; what is not a number is null."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode() + "\n"


def write(path: Path, content: str, option: str) -> None:
    """Write a file that an option names.  Raises BadInput that names the option."""
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as wrong:
        raise BadInput(f"{option} {path}: cannot be written ({wrong.strerror})") from wrong
