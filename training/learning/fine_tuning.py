"""Fine-tunes a sentence encoder on pairs of texts.

Of a batch, each text must be nearer to its own partner than to the partners of the others
(symmetric softmax over cosines). Pairs of one provider are no counter-examples of each other.
With the same seed, libraries and kind of processor, the result is the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.encoder_layers import Floats
from models.errors import BundleError
from models.wordpiece import WordPieces
from training.evaluation.line_files import Progress
from training.learning.base_encoder import BaseEncoder
from training.learning.network import Network, Tokens
from training.learning.pairs import Pairs
from training.learning.settings import EncoderSettings

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
