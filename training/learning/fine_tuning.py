"""Fine-tunes a sentence encoder on pairs of texts.

Of a batch, each text must be nearer to its own partner than to the partners of the others
(symmetric softmax over cosines). Pairs of one provider are no counter-examples of each other.
With the same seed, libraries and kind of processor, the result is the same.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core import atomic
from matcher.core.cpv import all_category_lines
from matcher.register.register import Register
from models import text
from models.background import Background
from models.encoder import Encoder
from models.encoder_layers import Floats
from models.errors import BundleError
from models.wordpiece import WordPieces
from training.evaluation.line_files import Progress
from training.learning import background
from training.learning.base_encoder import BaseEncoder
from training.learning.encoders import KNOWS_BEFORE, Encoders
from training.learning.network import Network, Tokens
from training.learning.pairs import Pairs, pairs
from training.learning.settings import EncoderSettings, TrainingSettings

Ints = npt.NDArray[np.int64]
_SHORTEST = 3
"""Pieces of a text with one word: its beginning, the word and its end."""


@dataclass(frozen=True)
class FineTuning:
    """One run: what it starts from, what it learns from, and where it keeps its state."""

    base: BaseEncoder
    settings: EncoderSettings
    seed: int
    state: Path
    """a file for the state after each whole epoch, from which an interrupted run goes on"""

    def learn(self, pairs: Pairs, progress: Progress) -> dict[str, Floats]:
        """The weights after all epochs, named as in `BaseEncoder.weights`.

        Raises BundleError where a library is missing or there are too few pairs for one batch.
        """
        pieces = WordPieces(self.base.pieces)
        most = min(self.settings.pieces, self.base.longest)
        tokens = [pieces.numbers(text, most) for text in pairs.texts]
        usable = np.array([len(t) >= _SHORTEST for t in tokens])
        kept = np.flatnonzero(usable[pairs.left] & usable[pairs.right])
        if len(kept) < 2:
            raise BundleError("--fine-tune: the awards give no pairs of texts to learn from")
        network = Network(self.base, self.settings.rate, self.settings.decay, self.seed)
        for epoch in range(network.resume(self.state), self.settings.epochs):
            order = np.random.default_rng([self.seed, epoch]).permutation(kept)
            size = min(self.settings.batch, len(order))
            batches = list(_batches(order, size))
            whole = len(batches) * self.settings.epochs
            for number, batch in enumerate(batches):
                done = epoch * len(batches) + number
                progress(f"fine-tuning on {network.device}", done, whole)
                loss = pair_loss(network, pairs, tokens, batch, self.settings.temperature)
                network.step(loss, share(done, whole))
            network.keep(self.state, epoch + 1)
        return network.weights()


def pair_loss(
    network: Network, pairs: Pairs, tokens: Sequence[Tokens], batch: Ints, temperature: float
) -> Any:  # noqa: ANN401 - a tensor
    """How badly each text of the batch is told from the partners of the others, in both ways."""
    left, right = (
        network.unit([tokens[text] for text in side[batch].tolist()])
        for side in (pairs.left, pairs.right)
    )
    torch = network.torch
    cosines = left @ right.T / temperature
    provider = network.tensor(pairs.provider[batch])
    same = provider[:, None] == provider[None, :]
    same.fill_diagonal_(fill_value=False)
    cosines = cosines.masked_fill(same, -torch.inf)
    own = torch.arange(len(batch), device=network.device)
    entropy = torch.nn.functional.cross_entropy
    return entropy(cosines, own) + entropy(cosines.T, own)


def _batches(order: Ints, size: int) -> Iterator[Ints]:
    """Whole batches of `size` pairs; the few that are left over wait for the next epoch."""
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]


def share(step: int, whole: int) -> float:
    """The share of the learning rate at a step: up during the first steps, then down to nothing."""
    warm_up = max(1, math.ceil(0.06 * whole))
    return min((step + 1) / warm_up, (whole - step) / max(1, whole - warm_up))


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
