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

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from importlib import metadata
from typing import Any

import msgspec

from matcher.law.types import Signal
from matcher.register.register import Register
from models.bundle import Bundle
from models.calibrated_ranker import CalibratedRanker
from models.errors import BundleError
from training.learning import calibration, report
from training.learning import fairness as newcomers
from training.learning.examples import (
    Example,
    Ranked,
    RegisterBefore,
    rank_lots,
)
from training.learning.fine_tuning import EncoderTraining
from training.learning.grade_tuning import Tuning
from training.learning.people import GRADED, Guard, summary
from training.learning.people import examples as judged_examples
from training.learning.report import held_back
from training.learning.taught import Taught, blended, flat, work_read_by
from training.learning.windows import (
    SETS,
    AskedWindow,
    Training,
    asked_window,
    examples_of,
    features_of,
    grown,
    knowledge_before,
    windows_before,
)

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "lightgbm", "PyStemmer")


def train(job: Training, name: str, until: date | None = None) -> tuple[Bundle, dict[str, Any]]:
    """The bundle `name`, learned from the awards of the register before `until`, and its report.

    Without `until`, learns from all awards.
    Raises BundleError where there is too little to learn from.
    """
    until = until or _day_after(job.register)
    wanted = windows_before(job, until)
    job = _with_encoders(job, [*(window.first for window in wanted), until])
    windows = [asked_window(job, window) for window in wanted]
    taught = {key: [examples_of(job, window, key) for window in windows] for key in SETS}
    trials = {key: grown(job, flat(taught[key][:-1]), key) for key in SETS}
    whole = {key: grown(job, flat(taught[key]), key) for key in SETS}
    relevance = _relevance(job, windows[-1].at, trials["relevance"], whole["relevance"])
    learned = {
        key: _learn(
            job, windows, key, taught[key], trial=trials[key], whole=whole[key], taught=relevance
        )
        for key in SETS
    }
    _, knowledge = knowledge_before(job, until)
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


def _relevance(
    job: Training, at: RegisterBefore, trial: CalibratedRanker, whole: CalibratedRanker
) -> Taught:
    """What people's grades teach, or what another bundle was taught.

    `trial` and `whole` are the rankers for invite lists of all windows but the last and of all.
    """
    if job.relevance:
        return Taught(work_read_by(trial, job.relevance), work_read_by(whole, job.relevance))
    graded = [one for one in job.judged if one.source == GRADED]
    if not graded:
        return Taught()
    job.progress("learning relevance from graded providers", 0, None)
    names = features_of(job, "relevance")
    return Taught.learn(at, graded, names, trial=trial, whole=whole, settings=job.settings)


def _learn(
    job: Training,
    windows: Sequence[AskedWindow],
    key: str,
    examples: Sequence[Sequence[Example]],
    *,
    trial: CalibratedRanker,
    whole: CalibratedRanker,
    taught: Taught,
) -> tuple[CalibratedRanker, dict[str, Any]]:
    """The ranker of a signal set, and how well `trial` did on the last window.

    `trial` learned from the other windows alone, and `whole` from all of them.
    """
    _, signals = SETS[key]
    before = replace(job, relevance=taught.trial)
    answers = _rank_held_out(job, windows[-1], key, blended(trial, taught.trial))
    people = _people(before, windows[-1], key, examples[:-1], answers)
    answers = people.answers
    if people.examples:
        whole = grown(job, [*flat(examples), *people.examples], key)
    calibrated = blended(whole, taught.final)
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
    window: AskedWindow,
    key: str,
    examples: Sequence[Sequence[Example]],
    answers: list[Ranked],
) -> _People:
    """The examples that people judged, unless they cost new or small providers their places.

    `answers` are the lists for `window` by a ranker that learned from `examples` alone.
    """
    names = features_of(job, key)
    taught = judged_examples(window.at, job.judged, key, names, job.settings.people)
    if not taught:
        return _People(answers, report=summary(job.judged, key) if job.judged else {})
    ranker = blended(grown(job, [*flat(examples), *taught], key), job.relevance)
    after = _rank_held_out(job, window, f"{key}-people", ranker)
    verdict = Guard(job.register, answers, after).report()
    told = {**summary(job.judged, key), "lots learned from": len(taught), **verdict}
    return _People(after, taught, told) if verdict["used"] else _People(answers, report=told)


def _rank_held_out(
    job: Training, window: AskedWindow, key: str, calibrated: CalibratedRanker
) -> list[Ranked]:
    """The lists for the lots of a window by a bundle with this one ranker."""
    known = Bundle.open(window.at.bundle, ()).knowledge
    folder = job.scratch / f"trial-{key}"
    ranker, _, _ = key.partition("-")
    Bundle("trial", "", {}, {ranker: calibrated}, known).save(folder)
    at = replace(window.at, bundle=folder)
    return rank_lots(at, window.lots, SETS[ranker][0], job.progress)
