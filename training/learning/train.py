"""Train a bundle: from past awards and provider profiles to what ranks providers for a lot.

    register ── windows of past lots, each asked as it stood on its first day
        │         knowledge: words, distances, meanings of all before that day
        │         examples: candidates, features, who won
        ▼
    first windows → rankers → measured on the last window, held back → report
    all windows   → rankers ─┐
    all awards    → knowledge ┴→ the bundle

The held-back figures are those of rankers that never saw that window.  The rankers that are
kept learned from it too, and carry the calibration that was measured on it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from matcher.core import atomic
from matcher.geo.postcodes import PostcodeTable
from matcher.law.types import Purpose, Signal
from matcher.register.build.build import build
from matcher.register.register import Register
from matcher.sources.feed import Feed
from models.bundle import Bundle, CalibratedRanker, refuse_to_overwrite
from models.errors import BundleError
from models.knowledge import Knowledge
from models.trees import TreesRanker
from training.learning import calibration, rankers
from training.learning import fairness as newcomers
from training.learning.background import LEAST_NAMED
from training.learning.examples import (
    Example,
    Progress,
    Ranked,
    RegisterBefore,
    TrainingWindow,
    examples,
    lots_of,
    ranked,
    spread,
    without_record,
)
from training.learning.holdout import held_back
from training.learning.knowledge import stand
from training.learning.settings import TrainingSettings
from training.reports.charts import refuse_without_matplotlib
from training.reports.training_report import page

SETS: Mapping[str, tuple[Purpose, frozenset[Signal]]] = {
    "all": (Purpose.ENGAGEMENT, frozenset(Signal)),
    "relevance": (Purpose.INVITE, frozenset({Signal.RELEVANCE})),
}
"""Signal set → the purpose that is asked to learn it, and the signals that it may draw on."""
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "lightgbm", "PyStemmer")


@dataclass(frozen=True)
class WindowExamples:
    """A window of past lots, and where they are asked from."""

    window: TrainingWindow
    at: RegisterBefore
    lots: tuple[int, ...]
    """those that count in full"""
    elsewhere: tuple[int, ...] = ()
    """those of other buyers, which teach a little"""


@dataclass(frozen=True)
class Training:
    """What every step needs."""

    register: Register
    settings: TrainingSettings
    scratch: Path
    progress: Progress


def train_files(
    feeds: Iterable[Feed],
    out: Path,
    settings: TrainingSettings,
    progress: Progress,
    *,
    until: date | None = None,
    trust_ids: bool = False,
) -> tuple[Bundle, dict[str, Any]]:
    """Train on what the feeds hold and save the bundle, with its report, as the folder `out`.

    Nothing is left behind when it is interrupted.
    """
    refuse_to_overwrite(out)
    refuse_without_matplotlib()
    with tempfile.TemporaryDirectory(prefix="training-") as folder:
        scratch = Path(folder)
        table = PostcodeTable.cached(lambda n, of: progress("compiling postcodes", n, of))
        root = scratch / "register"
        build(root, feeds, places_table=table, trust_ids=trust_ids, progress=progress)
        job = Training(Register.open(root), settings, scratch, progress)
        bundle, report = train(job, out.name, until)
        save(bundle, report, out)
    return bundle, report


def save(bundle: Bundle, report: dict[str, Any], out: Path) -> None:
    """Write the bundle as the folder `out`, whole or not at all, with its report."""
    refuse_to_overwrite(out)
    encoded = json.dumps(report, indent=1, sort_keys=True) + "\n"
    with atomic.replacing_folder(out) as folder:
        bundle.save(folder, {"report.json": encoded, "report.html": page(bundle.name, report)})


def train(job: Training, name: str, until: date | None = None) -> tuple[Bundle, dict[str, Any]]:
    """The bundle NAME, learned from the awards of the register before `until`, and its report.

    `until`: the day after the newest award, unless another is wanted.
    Raises BundleError where there is too little to learn from.
    """
    until = until or _day_after(job.register)
    lessons = [_lesson(job, window) for window in _windows(job, until)]
    learned = {key: _learn(job, lessons, key) for key in SETS}
    _, knowledge = _stand(job, until)
    calibrated_rankers = {key: calibrated for key, (calibrated, _) in learned.items()}
    report = {
        "data": _data(job.register.before(until), knowledge),
        "windows": [_described(lesson) for lesson in lessons],
        "rankers": {key: found for key, (_, found) in learned.items()},
        "settings": msgspec.to_builtins(job.settings),
        "libraries": {one: metadata.version(one) for one in _LIBRARIES},
    }
    return Bundle(name, "", _card(report, until), calibrated_rankers, knowledge), report


def knows_before(bundle: Bundle) -> date:
    """The day before which the awards lie that a bundle learned from; the first day if unknown."""
    return date.fromisoformat(bundle.card.get("knows awards before", date.min.isoformat()))


def _day_after(register: Register) -> date:
    if not register.known_awards:
        raise BundleError("--awards: no award is known, so there is nothing to learn from")
    newest = int(register.columns.award_day[register.known_awards - 1])
    return date.fromordinal(newest) + timedelta(days=1)


def _windows(job: Training, until: date) -> list[TrainingWindow]:
    """The windows, oldest first.  Raises BundleError where one has too few lots."""
    settings = job.settings
    windows = TrainingWindow.before(until, settings.months, settings.windows)
    for window in windows:
        found = len(lots_of(job.register, window, councils_only=settings.councils_only))
        if found < settings.fewest_lots:
            whose = "of local government " if settings.councils_only else ""
            raise BundleError(
                f"--awards: too little to learn from: {found} lots {whose}from {window.first} to "
                f"before {window.end}, and fewest_lots is {settings.fewest_lots}; give more "
                "awards, or fewer or longer windows in --config"
            )
    first = windows[0].first
    if not job.register.before(first).known_awards:
        raise BundleError(
            f"--awards: no award from before {first} is known, and the lots of {first} and later "
            "are asked of what was; give older awards, or fewer or shorter windows in --config"
        )
    return windows


def _lesson(job: Training, window: TrainingWindow) -> WindowExamples:
    at, _ = _stand(job, window.first)
    settings = job.settings
    lots = lots_of(job.register, window, councils_only=settings.councils_only)
    every = lots_of(job.register, window, councils_only=False) if settings.elsewhere else lots
    further = sorted(set(every) - set(lots))
    return WindowExamples(
        window, at, tuple(spread(lots, settings.lots)), tuple(spread(further, settings.lots))
    )


def _stand(job: Training, before: date) -> tuple[RegisterBefore, Knowledge]:
    folder = job.scratch / before.isoformat()
    return stand(job.register, before, folder, job.settings, job.progress)


def _learn(
    job: Training, lessons: Sequence[WindowExamples], key: str
) -> tuple[CalibratedRanker, dict[str, Any]]:
    """The ranker of a signal set, and what it was worth on the last window without that."""
    purpose, signals = SETS[key]
    names = rankers.features_for(signals)
    taught = [_taught(job, lesson, purpose, names) for lesson in lessons]
    job.progress(f"growing trees ({key})", 0, None)
    trial = _ranker(job, [e for some in taught[:-1] for e in some], names)
    answers = _answers(job, lessons[-1], key, trial)
    job.progress(f"growing trees ({key})", 1, None)
    calibrated = _ranker(job, [e for some in taught for e in some], names)
    curve, truth = calibration.calibrate(
        job.register, lessons[-1].window, answers, by_place=Signal.PLACE in signals
    )
    known = job.register.before(lessons[-1].window.first).known_awards
    report: dict[str, Any] = {
        "lots learned from": sum(map(len, taught)),
        "held back": held_back(job.register, answers, lessons[-1].lots, known),
        "calibration": truth,
        "features": _gains(calibrated),
    }
    fairness = None
    if Signal.RECORD in signals:
        fairness, report["new entrants"] = newcomers.exposure(job.register, answers, known)
    return replace(calibrated, calibration=curve, fairness=fairness), report


def _taught(
    job: Training, lesson: WindowExamples, purpose: Purpose, names: tuple[str, ...]
) -> list[Example]:
    """The lots of a window to learn from, some of them asked once more as of newcomers."""
    settings, at = job.settings, lesson.at
    ask = partial(examples, others=settings.others, progress=job.progress)
    found = ask(at, lesson.lots, purpose, names)
    found += ask(at, lesson.elsewhere, purpose, names, counts=settings.elsewhere)
    if settings.newcomers:
        again = lesson.lots[:: settings.newcomers_every]
        new = partial(without_record, others=settings.others, progress=job.progress)
        found += new(at, again, purpose, names, counts=settings.newcomers)
    return found


def _ranker(job: Training, taught: Sequence[Example], names: tuple[str, ...]) -> CalibratedRanker:
    if len(taught) < job.settings.fewest_lots:
        raise BundleError(
            f"--awards, --providers: only {len(taught)} lots had a winner among their candidates, "
            f"and fewest_lots is {job.settings.fewest_lots}"
        )
    return rankers.learn(taught, names, job.settings.trees, job.settings.seed)


def _answers(
    job: Training, lesson: WindowExamples, key: str, calibrated: CalibratedRanker
) -> list[Ranked]:
    """The lots of a window as a bundle with this one ranker would have answered them."""
    known = Bundle.open(lesson.at.bundle, ()).knowledge
    folder = job.scratch / f"trial-{key}"
    Bundle("trial", "", {}, {key: calibrated}, known).save(folder)
    at = replace(lesson.at, bundle=folder)
    return ranked(at, lesson.lots, SETS[key][0], job.progress)


def _gains(calibrated: CalibratedRanker) -> dict[str, float]:
    """Feature → its share of what all splits gained, greatest first."""
    gains = calibrated.ranker.gains() if isinstance(calibrated.ranker, TreesRanker) else {}
    return dict(sorted(gains.items(), key=lambda pair: -pair[1]))


def _described(lesson: WindowExamples) -> dict[str, Any]:
    window = lesson.window
    return {
        "from": window.first.isoformat(),
        "to before": window.end.isoformat(),
        "lots": len(lesson.lots),
    }


def _data(register: Register, knowledge: Knowledge) -> dict[str, Any]:
    days = register.columns.award_day[: register.known_awards]
    coder = knowledge.embedder.coder if knowledge.embedder else None
    return {
        "awards": register.known_awards,
        "awards from": date.fromordinal(int(days[0])).isoformat(),
        "awards to": date.fromordinal(int(days[-1])).isoformat(),
        "providers": len(register),
        "with a profile": sum(
            bool(register.organisations[row].provider.profile) for row in range(len(register))
        ),
        "register": register.version,
        "words learned": len(coder.words) if coder else 0,
        "CPV codes learned": len(coder.codes) if coder else 0,
        "words of names learned": len(coder.name_words) if coder else 0,
    }


def _card(report: Mapping[str, Any], until: date) -> dict[str, Any]:
    """What a user of the bundle must know of it, in short; the report has all."""
    held = {key: found["held back"]["measures"] for key, found in report["rankers"].items()}
    return {
        "what": "Learned from past contract awards which providers belong to which lots.",
        "data": report["data"],
        "knows awards before": until.isoformat(),
        "windows": report["windows"],
        "held back, not learned from": {"window": report["windows"][-1], **held},
        "libraries": report["libraries"],
        "limits": "Only winners are known, never those who bid and lost. Holds words, weights "
        "and distances; no supplier and no award. No word is learned that fewer than "
        f"{report['settings']['embedder']['least']} texts or names hold; those known to name "
        f"places stand in {LEAST_NAMED} names or more.",
    }
