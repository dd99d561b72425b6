"""Train a bundle: from past awards and provider profiles to rankers of providers for a lot.

    register ── windows of past lots, each asked with what was known on its first day
        │         knowledge: words, distances, meanings from awards before that day
        │         examples: candidates, features, who won
        ▼
    first windows → rankers → measured on the last window, held back → report
    all windows   → rankers ─┐
    all awards    → knowledge ┴→ the bundle

The held-back figures are from rankers that never saw that window.  The final rankers learned from
it too, and have the calibration that was measured on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from matcher.law.types import Purpose, Signal
from matcher.register.register import Register
from models.bundle import Bundle
from models.calibrated_ranker import CalibratedRanker
from models.errors import BundleError
from models.knowledge import Knowledge
from models.relevance import Relevance
from training.evaluation.line_files import Progress
from training.learning import calibration, rankers, report
from training.learning import fairness as newcomers
from training.learning.base_encoder import BaseEncoder
from training.learning.encoders import NO_ENCODERS, Encoders
from training.learning.examples import (
    Example,
    Ranked,
    RegisterBefore,
    TrainingWindow,
    rank_lots,
    spread_evenly,
    training_examples,
    window_lots,
)
from training.learning.fine_tuning import EncoderTraining
from training.learning.grade_tuning import Tuning
from training.learning.knowledge import learn_before
from training.learning.people import GRADED, Guard, JudgedLot, summary
from training.learning.people import examples as judged_examples
from training.learning.report import held_back
from training.learning.settings import TrainingSettings
from training.learning.taught import Taught, blended, flat

SETS: Mapping[str, tuple[Purpose, frozenset[Signal]]] = {
    "all": (Purpose.ENGAGEMENT, frozenset(Signal)),
    "relevance": (Purpose.INVITE, frozenset({Signal.RELEVANCE})),
}
"""Signal set → the purpose for which lots are asked, and the signals it may use."""
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "lightgbm", "PyStemmer")


@dataclass(frozen=True)
class WindowExamples:
    """A window of past lots, and the register as known on its first day."""

    window: TrainingWindow
    at: RegisterBefore
    lots: tuple[int, ...]
    """lots with full weight"""
    elsewhere: tuple[int, ...] = ()
    """lots of other buyers, with less weight"""


@dataclass(frozen=True)
class Training:
    """The register, settings and tools that every step needs."""

    register: Register
    settings: TrainingSettings
    scratch: Path
    progress: Progress
    encoders: Encoders = NO_ENCODERS
    relevance: Relevance | None = None
    base: BaseEncoder | None = None
    """what to fine-tune an encoder from for each window; None uses `encoders` as they are"""
    kept: Path | None = None
    """where fine-tuned encoders are kept; None keeps them until training ends"""
    judged: Sequence[JudgedLot] = ()
    """lots that people judged, to learn from as well"""
    tune_on: Sequence[JudgedLot] = ()
    """other lots that people judged, to tune the encoders on"""
    told: Sequence[tuple[str, str]] = ()
    """names and what their bearers do, to tune the encoders on as well"""


def train(job: Training, name: str, until: date | None = None) -> tuple[Bundle, dict[str, Any]]:
    """The bundle `name`, learned from the awards of the register before `until`, and its report.

    Without `until`, learns from all awards.
    Raises BundleError where there is too little to learn from.
    """
    until = until or _day_after(job.register)
    wanted = _windows(job, until)
    job = _with_encoders(job, [*(window.first for window in wanted), until])
    windows = [_window_examples(job, window) for window in wanted]
    taught = {key: [_examples(job, window, key) for window in windows] for key in SETS}
    trials = {key: _grown(job, flat(taught[key][:-1]), key) for key in SETS}
    relevance = _relevance(job, windows[-1].at, taught["relevance"], trials["relevance"])
    learned = {
        key: _learn(job, windows, key, taught[key], trial=trials[key], taught=relevance)
        for key in SETS
    }
    _, knowledge = _learn_before(job, until)
    calibrated_rankers = {key: calibrated for key, (calibrated, _) in learned.items()}
    told = {
        "data": report.data(job.register.before(until), knowledge),
        "windows": [report.window_dates(one.window, len(one.lots)) for one in windows],
        "rankers": {key: found for key, (_, found) in learned.items()},
        **({"relevance": relevance.report} if relevance.report else {}),
        "settings": msgspec.to_builtins(job.settings),
        "libraries": {one: metadata.version(one) for one in _LIBRARIES},
    }
    return Bundle(name, "", report.card(told, until), calibrated_rankers, knowledge), told


def _with_encoders(job: Training, days: Sequence[date]) -> Training:
    """The job with an encoder fine-tuned for each day, if it has a base, and tuned if it should."""
    if job.base is not None:
        out = job.kept or job.scratch / "encoders"
        training = EncoderTraining(job.base, out, job.settings, job.progress)
        job = replace(job, encoders=training.encoders(job.register, days))
    if not job.tune_on:
        return job
    tuning = Tuning(job.register, job.tune_on, job.told, job.settings, job.progress)
    return replace(job, encoders=tuning.encoders(job.encoders.used_on(days)))


def knows_before(bundle: Bundle) -> date:
    """The day before which a bundle learned from awards; `date.min` if unknown."""
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
        found = len(window_lots(job.register, window, councils_only=settings.councils_only))
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
            "are asked with what was known before; give older awards, or fewer or shorter windows "
            "in --config"
        )
    return windows


def _window_examples(job: Training, window: TrainingWindow) -> WindowExamples:
    at, _ = _learn_before(job, window.first)
    settings = job.settings
    lots = window_lots(job.register, window, councils_only=settings.councils_only)
    every = window_lots(job.register, window, councils_only=False) if settings.elsewhere else lots
    further = sorted(set(every) - set(lots))
    return WindowExamples(
        window,
        at,
        tuple(spread_evenly(lots, settings.lots)),
        tuple(spread_evenly(further, settings.lots)),
    )


def _learn_before(job: Training, before: date) -> tuple[RegisterBefore, Knowledge]:
    folder = job.scratch / before.isoformat()
    encoded = job.encoders.encoded(job.register, before, job.scratch, job.progress)
    return learn_before(job.register, before, folder, job.settings, job.progress, encoded=encoded)


def _relevance(
    job: Training,
    at: RegisterBefore,
    examples: Sequence[Sequence[Example]],
    trial: CalibratedRanker,
) -> Taught:
    """What people's grades teach, or what another bundle was taught."""
    graded = [one for one in job.judged if one.source == GRADED]
    if job.relevance or not graded:
        return Taught(job.relevance, job.relevance)
    job.progress("learning relevance from graded providers", 0, None)
    return Taught.learn(
        at, graded, _names(job, "relevance"), examples, ranker=trial, settings=job.settings
    )


def _names(job: Training, key: str) -> tuple[str, ...]:
    """The features that the ranker `key` learns from."""
    return rankers.features_for(SETS[key][1], encoder=bool(job.encoders.encoders))


def _learn(
    job: Training,
    windows: Sequence[WindowExamples],
    key: str,
    examples: Sequence[Sequence[Example]],
    *,
    trial: CalibratedRanker,
    taught: Taught,
) -> tuple[CalibratedRanker, dict[str, Any]]:
    """The ranker of a signal set, and how well `trial` did on the last window.

    `trial` learned from the other windows alone.
    """
    _, signals = SETS[key]
    before = replace(job, relevance=taught.trial)
    answers = _rank_held_out(job, windows[-1], key, blended(trial, taught.trial))
    people = _people(before, windows[-1], key, examples[:-1], answers)
    answers = people.answers
    grown = _grown(job, [*flat(examples), *people.examples], key)
    calibrated = blended(grown, taught.final)
    curve, truth = calibration.calibrate(
        job.register, windows[-1].window, answers, by_place=Signal.PLACE in signals
    )
    known = job.register.before(windows[-1].window.first).known_awards
    measured: dict[str, Any] = {
        "lots learned from": sum(map(len, examples)),
        "held back": held_back(job.register, answers, windows[-1].lots, known),
        "calibration": truth,
        "features": report.gains(calibrated),
        **({"judged by people": people.report} if people.report else {}),
    }
    fairness = None
    if Signal.RECORD in signals:
        fairness, measured["new entrants"] = newcomers.exposure(job.register, answers, known)
    return replace(calibrated, calibration=curve, fairness=fairness), measured


@dataclass(frozen=True)
class _People:
    """What people's judgements add to a ranker, and what they changed."""

    answers: list[Ranked]
    """the lists for the held-back window"""
    examples: Sequence[Example] = ()
    report: dict[str, Any] = field(default_factory=dict)


def _people(
    job: Training,
    window: WindowExamples,
    key: str,
    examples: Sequence[Sequence[Example]],
    answers: list[Ranked],
) -> _People:
    """The examples that people judged, unless they cost new or small providers their places.

    `answers` are the lists for `window` by a ranker that learned from `examples` alone.
    """
    names = _names(job, key)
    taught = judged_examples(window.at, job.judged, key, names, job.settings.people)
    if not taught:
        return _People(answers, report=summary(job.judged, key) if job.judged else {})
    ranker = blended(_grown(job, [*flat(examples), *taught], key), job.relevance)
    after = _rank_held_out(job, window, f"{key}-people", ranker)
    verdict = Guard(job.register, answers, after).report()
    told = {**summary(job.judged, key), "lots learned from": len(taught), **verdict}
    return _People(after, taught, told) if verdict["used"] else _People(answers, report=told)


def _examples(job: Training, window: WindowExamples, key: str) -> list[Example]:
    """The examples of a window; some lots are asked again as if no provider had a record."""
    settings, at, names, purpose = job.settings, window.at, _names(job, key), SETS[key][0]
    ask = partial(training_examples, others=settings.others, progress=job.progress)
    found = ask(at, window.lots, purpose, names)
    found += ask(at, window.elsewhere, purpose, names, importance=settings.elsewhere)
    if settings.newcomers:
        again = window.lots[:: settings.newcomers_every]
        found += ask(at, again, purpose, names, importance=settings.newcomers, cold_start=True)
    return found


def _grown(job: Training, examples: Sequence[Example], key: str) -> CalibratedRanker:
    """The trees that the examples teach for the signal set `key`.

    Raises BundleError where there are too few examples.
    """
    job.progress(f"growing trees ({key})", 0, None)
    if len(examples) < job.settings.fewest_lots:
        raise BundleError(
            f"--awards, --providers: only {len(examples)} lots had a winner among their "
            f"candidates, and fewest_lots is {job.settings.fewest_lots}"
        )
    return rankers.learn(examples, _names(job, key), job.settings.trees, job.settings.seed)


def _rank_held_out(
    job: Training, window: WindowExamples, key: str, calibrated: CalibratedRanker
) -> list[Ranked]:
    """The lists for the lots of a window by a bundle with this one ranker."""
    known = Bundle.open(window.at.bundle, ()).knowledge
    folder = job.scratch / f"trial-{key}"
    ranker, _, _ = key.partition("-")
    Bundle("trial", "", {}, {ranker: calibrated}, known).save(folder)
    at = replace(window.at, bundle=folder)
    return rank_lots(at, window.lots, SETS[ranker][0], job.progress)
