"""An award replay from its files to its report: build the register, ask bundles, compare runs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

import msgspec

from matcher.core import atomic
from matcher.core.disk import why_not_written
from matcher.core.errors import BadInput
from matcher.core.leftovers import scratch_folder
from matcher.core.types import Lot
from matcher.geo.postcodes import PostcodeTable
from matcher.law.types import Purpose
from matcher.register.build.build import BuildOptions, build
from matcher.register.register import Register
from matcher.sources.feed import Feed
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from models.bundle import DEFAULT, find
from training.evaluation import comparison, exposure, qrels, runs, scoring, slices
from training.evaluation.comparison import ComparisonRequest
from training.evaluation.line_files import Progress
from training.evaluation.runs import Run
from training.evaluation.slices import Slices
from training.replays import ablation, awards
from training.replays.awards import AwardReplay
from training.replays.runner import Asker, Say, explaining, matcher_for, provider_names, say_nothing


@dataclass(frozen=True, kw_only=True)
class ReplayOptions:
    """The files of a replay, its window, the bundles to ask, and how to report on them."""

    awards: Sequence[Path]
    first: date
    """the first day of the window; only awards before it are known"""
    last: date
    """the last day of the window, inclusive"""
    providers: Sequence[Path] = ()
    sample: int | None = None
    """about how many lots to ask, spread evenly; None asks all"""
    purpose: Purpose = Purpose.ENGAGEMENT
    register: Path | None = None
    """where to keep the register; None builds it in a temporary folder"""
    bundles: Sequence[str] = (DEFAULT,)
    retrain: bool = False
    """train another bundle where one learned from the window"""
    as_it_is: bool = False
    """ask a bundle even if it learned from the window"""
    config: Path | None = None
    """training settings for `retrain`"""
    measures: str
    seed: int = 7
    target: str = "pool"
    depth: int = 10
    other_runs: Sequence[Path] = ()
    out: Path | None = None
    """a folder for the runs, qrels, slices, groups and lots"""
    say: Say = say_nothing
    """tells the person that a copy of the register is made"""


def compare_bundles(options: ReplayOptions, progress: Progress) -> dict[str, Any]:
    """Ask every bundle the lots of the window, and report on their runs and the other runs.

    Raises BadInput for options that contradict each other, and where the window has no lot.
    """
    measures = scoring.parse_measures(options.measures)
    with open_session(options, progress) as session:
        lots = session.lots()
        askers = [session.asker(bundle) for bundle in options.bundles]
        listed = [asker.run(lots, progress, len(lots)) for asker in askers]
        listed += runs.read_all(options.other_runs, progress)
        listed = runs.with_unique_names(listed)
        explain = explaining(listed, askers, options.depth)
        request = comparison.with_target(
            session.comparison_request(listed, measures=measures, explain=explain), options.target
        )
        report = comparison.report(request, progress)
        if options.out is not None:
            _write_files(options.out, request, lots)
    return report


def ablate(options: ReplayOptions, progress: Progress) -> dict[str, Any]:
    """Report what the first bundle loses on the replay without each group of signals."""
    measures = scoring.parse_measures(options.measures)
    with open_session(options, progress) as session:
        asker = session.asker(options.bundles[0])
        progress("grouping lots", 0, None)
        trial = ablation.Trial(
            asker, session.lots(), session.replay.qrels, measures, session.slices(), options.seed
        )
        return ablation.report(trial, progress)


@contextmanager
def open_session(options: ReplayOptions, progress: Progress) -> Iterator[ReplaySession]:
    """The lots of the window and a register to ask.  Raises BadInput where there is no lot."""
    with scratch_folder("evaluation") as scratch:
        folder = options.register or scratch / "register"
        replay = _read_replay(options)
        _build_register(options, folder, progress)
        yield ReplaySession(options, replay, folder, progress)


def _read_replay(options: ReplayOptions) -> AwardReplay:
    window = f"--window {options.first} {options.last}"
    if options.purpose is Purpose.RESERVED:
        raise BadInput(
            "--purpose reserved: a replay asks about all providers, and a reserved list is for "
            "one area; give engagement or invite"
        )
    if options.last < options.first:
        raise BadInput(f"{window}: ends before it begins")
    past = [award for _, feed in ocds.read_awards(options.awards) for award in feed]
    replay = awards.sample(awards.build_replay(past, options.first, options.last), options.sample)
    if not replay.queries:
        raise BadInput(f"{window}: --awards has no lot of local government awarded in these days")
    return replay


def _build_register(options: ReplayOptions, folder: Path, progress: Progress) -> None:
    """Build the register in `folder`, with ids as given, unless it is there already."""
    if not (folder / "CURRENT").exists():
        places = PostcodeTable.cached(lambda n, total: progress("compiling postcodes", n, total))
        feeds: list[Feed] = [
            *own_table.read(options.providers),
            *ocds.read_awards(options.awards),
        ]
        as_given = BuildOptions(trust_ids=True)
        build(folder, feeds, places_table=places, options=as_given, progress=progress)


@dataclass(frozen=True)
class ReplaySession:
    """The lots of a window and the register that is asked about them."""

    options: ReplayOptions
    replay: AwardReplay
    folder: Path
    """where the register is, with copies for other bundles beside it"""
    progress: Progress = field(repr=False)

    @cached_property
    def register(self) -> Register:
        """The register, with everything in the files."""
        return Register.open(self.folder)

    @cached_property
    def pool(self) -> frozenset[str]:
        """The ids that may be listed: those of --providers and of suppliers in past awards."""
        listed = (p.id for _, feed in own_table.read(self.options.providers) for p in feed)
        return frozenset((*listed, *(s.id for a in self.replay.history for s in a.suppliers)))

    def lots(self) -> list[Lot]:
        """The lots as bundles are asked them."""
        return awards.replay_lots(self.replay, self.options.purpose)

    def slices(self) -> Slices:
        """The lots grouped by what they are for and by who won them."""
        return awards.replay_slices(self.replay, self.register, self.options.first)

    def asker(self, bundle: str) -> Asker:
        """A bundle that answers with what was known on the window's first day."""
        name, place = self._bundle(bundle)
        matcher = matcher_for(self.folder, place, self.folder, self.progress, self.options.say)
        return awards.replay_asker(
            name, matcher, self.options.first, self.options.purpose, self.pool
        )

    def _bundle(self, name: str) -> tuple[str, str | Path]:
        """(name in the report, where the bundle is), trained again where the options say so."""
        options = self.options
        until = awards.learned_into_window(name, options.first)
        if until is None:
            return find(name).name, name
        if options.as_it_is:
            return f"{find(name).name}, knowing the window", name
        if not options.retrain:
            raise BadInput(
                f"--bundle {name}: learned from awards before {until}, so from the window itself, "
                "and its figures would be too good; give --retrain (takes minutes), or --as-it-is"
            )
        out = self.folder / f"bundle-before-{options.first}{_config_suffix(options.config)}"
        if not out.exists():
            awards.train_before(self.folder, out, options.first, options.config, self.progress)
        return f"{find(name).name}, before {options.first}", out

    def comparison_request(
        self, listed: Sequence[Run], measures: Sequence[Any], explain: comparison.Explain
    ) -> ComparisonRequest:
        """What to report about runs over the lots of the window."""
        judgements = self.replay.qrels
        for run in listed:
            qrels.check_lots(run, judgements)
        self.progress("grouping lots and providers", 0, None)
        return ComparisonRequest(
            runs=listed,
            qrels=judgements,
            measures=measures,
            slices=self.slices(),
            groups=exposure.register_groups(self.register.before(self.options.first)),
            depth=self.options.depth,
            explain=explain,
            provider_name=provider_names(self.register),
            titles={query.lot.id: query.lot.title for query in self.replay.queries},
            seed=self.options.seed,
            about=self._about(),
        )

    def _about(self) -> dict[str, str]:
        options, replay = self.options, self.replay
        return {
            "window": f"{options.first} to {options.last}",
            "lots": f"{len(replay.queries):,} of local government, first of each series",
            "past awards": f"{len(replay.history):,}, all before {options.first}",
            "register": self.register.version,
            "purpose": options.purpose.value,
            "awards from": ", ".join(path.name for path in options.awards),
        }


def _config_suffix(config: Path | None) -> str:
    """Part of a folder's name that differs between training settings; '' for the usual ones."""
    if config is None:
        return ""
    try:
        return "-" + hashlib.sha256(config.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise BadInput(f"--config {config}: cannot be read ({error.strerror})") from error


def _write_files(out: Path, request: ComparisonRequest, lots: Sequence[Lot]) -> None:
    """Write what the other commands read: runs, qrels, slices, groups and lots."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for run in request.runs:
            with _replacing(out / f"{_file_name(run.name)}.run") as text:
                runs.write(run, text)
        if request.qrels is not None:
            with _replacing(out / "qrels.txt") as text:
                qrels.write(request.qrels, text)
        with _replacing(out / "slices.csv") as text:
            slices.write(request.slices, text)
        with _replacing(out / "groups.csv") as text:
            exposure.write(request.groups, text)
        encoded = b"".join(msgspec.json.encode(lot) + b"\n" for lot in lots)
        atomic.write_bytes(out / "lots.jsonl", encoded)
    except OSError as error:
        raise BadInput(f"--out {out}: cannot be written to ({why_not_written(error)})") from error


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """A file to write, whole or not at all: half a run reads like a run."""
    with (
        atomic.replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as text,
    ):
        yield text


def _file_name(run: str) -> str:
    """A run's name with only letters, digits and hyphens."""
    return re.sub(r"[\W_]+", "-", run).strip("-")
