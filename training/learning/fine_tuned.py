"""Sentence encoders for the days that training needs: each learned only from earlier awards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from matcher.core import atomic
from matcher.core.cpv import all_category_lines
from matcher.register.register import Register
from models import text
from models.background import Background
from models.encoder import Encoder
from models.errors import BundleError
from training.evaluation.line_files import Progress
from training.learning import background
from training.learning.base_encoder import BaseEncoder
from training.learning.encoders import KNOWS_BEFORE, Encoders
from training.learning.fine_tuning import FineTuning
from training.learning.pairs import pairs
from training.learning.settings import TrainingSettings

_RARE = 0.0015
"""A word of a council's name says where, not what, if at most this share of notices have it."""


@dataclass(frozen=True)
class EncoderTraining:
    """What encoders are fine-tuned from and with, and the folder where they are kept."""

    base: BaseEncoder
    out: Path
    settings: TrainingSettings
    progress: Progress

    def encoders(self, register: Register, days: Sequence[date]) -> Encoders:
        """An encoder for each day, fine-tuned on the awards before it.

        One that is there already, from the same base, awards and settings, is used again. So
        training that was interrupted goes on after the last whole epoch.
        Raises BundleError where a library is missing or the folder cannot be written.
        """
        wanted = sorted(set(days))
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            for number, day in enumerate(wanted, 1):
                stage = f" (encoder {number} of {len(wanted)})"
                self._before(day, register.before(day), stage)
        except OSError as error:
            raise BundleError(
                f"--encoders {self.out}: cannot be written ({error.strerror})"
            ) from error
        return Encoders.open(self.out)

    def _before(self, day: date, known: Register, stage: str) -> None:
        """Fine-tune the encoder of one day, unless it is there."""
        path = self.out / f"encoder-{day}.npz"
        card = self._card(day, known)
        digest = hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()[:16]
        state = self.out / f"encoder-{day}-{digest}.state"
        if path.exists() and dict(Encoder.open(path).card) == card:
            return

        def tell(what: str, done: int, total: int | None) -> None:
            self.progress(what + stage, done, total)

        tell("counting words", 0, None)
        words = background.learn(known)
        places = place_names(known, words)
        common = frozenset(stem for stem in words.frequency if words.is_common(stem))
        reader = self.base.encoder(self.base.weights, places, common, {})
        found = pairs(known, reader, self.settings.seed, tell)
        run = FineTuning(self.base, self.settings.encoder, self.settings.seed, state)
        learned = run.learn(found, tell)
        with atomic.replacing(path) as temporary:
            self.base.encoder(learned, places, common, card).save(temporary)
        state.unlink(missing_ok=True)

    def _card(self, day: date, known: Register) -> dict[str, Any]:
        return {
            "what": "A sentence encoder, fine-tuned on who won which lot.",
            "from": f"{self.base.name}, SHA-256 {self.base.digest}",
            KNOWS_BEFORE: day.isoformat(),
            "awards": known.known_awards,
            "register": known.version,
            "settings": asdict(self.settings.encoder),
            "seed": self.settings.seed,
        }


def place_names(register: Register, words: Background) -> frozenset[str]:
    """Stems that say where and not what: learned ones, and those of councils' names.

    A word of a council's name that notices often use, or that CPV uses for a kind of work, stays.
    """
    names = (area.name for area in register.councils.areas.values())
    rare = {
        stem
        for name in names
        for stem in text.words(name)
        if words.frequency.get(stem, 0) <= _RARE * words.documents
    }
    work = {stem for line in all_category_lines() for stem in text.words(line)}
    return words.places | (rare - work)
