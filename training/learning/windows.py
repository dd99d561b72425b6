"""The windows of past lots that a training asks, what they teach, and the trees that grow on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from matcher.law.types import Purpose, Signal
from matcher.register.register import Register
from models.calibrated_ranker import CalibratedRanker
from models.errors import BundleError
from models.knowledge import Knowledge
from models.relevance import Relevance
from training.evaluation.line_files import Progress
from training.learning import rankers
from training.learning.base_encoder import BaseEncoder
from training.learning.encoders import NO_ENCODERS, Encoders
from training.learning.examples import (
    Example,
    RegisterBefore,
    TrainingWindow,
    spread_evenly,
    training_examples,
    window_lots,
)
from training.learning.knowledge import learn_before
from training.learning.people import JudgedLot
from training.learning.settings import TrainingSettings

SETS: Mapping[str, tuple[Purpose, frozenset[Signal]]] = {
    "all": (Purpose.ENGAGEMENT, frozenset(Signal)),
    "relevance": (Purpose.INVITE, frozenset({Signal.RELEVANCE})),
}
"""Signal set → the purpose for which lots are asked, and the signals it may use."""


@dataclass(frozen=True)
class AskedWindow:
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


def windows_before(job: Training, until: date) -> list[TrainingWindow]:
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


def asked_window(job: Training, window: TrainingWindow) -> AskedWindow:
    """The lots of a window, and what was known on its first day, which is learned here."""
    at, _ = knowledge_before(job, window.first)
    settings = job.settings
    lots = window_lots(job.register, window, councils_only=settings.councils_only)
    every = window_lots(job.register, window, councils_only=False) if settings.elsewhere else lots
    further = sorted(set(every) - set(lots))
    return AskedWindow(
        window,
        at,
        tuple(spread_evenly(lots, settings.lots)),
        tuple(spread_evenly(further, settings.lots)),
    )


def knowledge_before(job: Training, before: date) -> tuple[RegisterBefore, Knowledge]:
    """What the awards before a day teach, and the register as it was known then."""
    folder = job.scratch / before.isoformat()
    encoded = job.encoders.encoded(job.register, before, job.scratch, job.progress)
    return learn_before(job.register, before, folder, job.settings, job.progress, encoded=encoded)


def features_of(job: Training, key: str) -> tuple[str, ...]:
    """The features that the ranker `key` learns from."""
    return rankers.features_for(SETS[key][1], encoder=bool(job.encoders.encoders))


def examples_of(job: Training, window: AskedWindow, key: str) -> list[Example]:
    """The examples of a window; some lots are asked again as if no provider had a record."""
    settings, at, names, purpose = job.settings, window.at, features_of(job, key), SETS[key][0]
    ask = partial(training_examples, others=settings.others, progress=job.progress)
    found = ask(at, window.lots, purpose, names)
    found += ask(at, window.elsewhere, purpose, names, importance=settings.elsewhere)
    if settings.newcomers:
        again = window.lots[:: settings.newcomers_every]
        found += ask(at, again, purpose, names, importance=settings.newcomers, cold_start=True)
    return found


def grown(job: Training, examples: Sequence[Example], key: str) -> CalibratedRanker:
    """The trees that the examples teach for the signal set `key`.

    Raises BundleError where there are too few examples.
    """
    job.progress(f"growing trees ({key})", 0, None)
    if len(examples) < job.settings.fewest_lots:
        raise BundleError(
            f"--awards, --providers: only {len(examples)} lots had a winner among their "
            f"candidates, and fewest_lots is {job.settings.fewest_lots}"
        )
    return rankers.learn(examples, features_of(job, key), job.settings.trees, job.settings.seed)
