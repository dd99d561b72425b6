"""Sentence encoders tuned on providers that people graded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from matcher.register.register import Register
from models.encoder import Encoder
from models.errors import BundleError
from training.evaluation.line_files import Progress
from training.learning.base_encoder import BaseEncoder
from training.learning.encoders import Encoders
from training.learning.grade_tuning import GradeTuning
from training.learning.graded_texts import graded_texts
from training.learning.names_told import told_pairs
from training.learning.people import JudgedLot
from training.learning.settings import TrainingSettings


@dataclass(frozen=True)
class Tuning:
    """What encoders are tuned on: judged lots, and what the register knows of their providers."""

    register: Register
    judged: Sequence[JudgedLot]
    told: Sequence[tuple[str, str]]
    """names, and what their bearers do"""
    settings: TrainingSettings
    progress: Progress

    def encoders(self, untuned: Encoders) -> Encoders:
        """Each tuned with what was known on the day up to which it had learned.

        Raises BundleError where there is no encoder, a library is missing or nothing is graded.
        """
        if not untuned.encoders:
            raise BundleError("--tune-on: there is no encoder to tune; give --encoders")
        return Encoders(tuple((day, self._tuned(day, one)) for day, one in untuned.encoders))

    def _tuned(self, day: date, encoder: Encoder) -> Encoder:
        def tell(what: str, done: int, total: int | None) -> None:
            self.progress(f"{what} (encoder to {day})", done, total)

        base = BaseEncoder.of(encoder)
        graded = graded_texts(self.register.before(day), self.judged, encoder)
        tuning = GradeTuning(base, self.settings.grades, self.settings.seed)
        weights = tuning.learn(graded, told_pairs(self.told, encoder), tell)
        card = {
            **encoder.card,
            "tuned on grades": {
                "from": encoder.version,
                "lots": len(graded.lists),
                "providers": sum(len(one.grades) for one in graded.lists),
                "names told": len(self.told),
                "settings": asdict(self.settings.grades),
            },
        }
        return base.encoder(weights, encoder.place_names, encoder.common, card)
