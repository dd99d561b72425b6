"""Fine-tunes a sentence encoder on pairs of texts, on a GPU where there is one, or on processors.

Of a batch, each text must be nearer to its own partner than to the partners of the others
(symmetric softmax over cosines). Pairs of one provider are no counter-examples of each other. The
table of words stays as it is, which cost nothing in trials and keeps rare words where they were.
With the same seed, libraries and kind of processor, the result is the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core import atomic
from models.encoder import Floats
from models.errors import BundleError
from models.wordpiece import WordPieces
from training.learning.base_encoder import NEEDS, BaseEncoder
from training.learning.examples import Progress
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
        try:
            import torch
            import transformers
        except ModuleNotFoundError as missing:
            raise BundleError(NEEDS.format(missing.name)) from missing
        tokens = _numbered(pairs.texts, WordPieces(self.base.pieces), self.settings.pieces)
        usable = np.array([len(t) >= _SHORTEST for t in tokens])
        kept = np.flatnonzero(usable[pairs.left] & usable[pairs.right])
        if len(kept) < 2:
            raise BundleError("--fine-tune: the awards give no pairs of texts to learn from")
        torch.manual_seed(self.seed)
        run = _Run(torch, transformers, self, pairs, tokens)
        done = run.resume()
        for epoch in range(done, self.settings.epochs):
            order = np.random.default_rng([self.seed, epoch]).permutation(kept)
            run.epoch(epoch, order, progress)
            run.keep(epoch + 1)
        return run.weights()


def _numbered(texts: tuple[str, ...], pieces: WordPieces, most: int) -> list[list[int]]:
    return [pieces.numbers(text, most) for text in texts]


class _Run:
    """The network, its optimiser and the device that they are on."""

    def __init__(
        self,
        torch: Any,  # noqa: ANN401 - torch has no home outside this extra
        transformers: Any,  # noqa: ANN401
        job: FineTuning,
        pairs: Pairs,
        tokens: list[list[int]],
    ) -> None:
        self._torch, self._job, self._pairs, self._tokens = torch, job, pairs, tokens
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        config = transformers.BertConfig(
            **job.base.shape, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
        )
        self._network = transformers.BertModel(config, add_pooling_layer=False)
        start = {name: torch.from_numpy(array) for name, array in job.base.weights.items()}
        start = {name: one for name, one in start.items() if not name.startswith("pooler.")}
        self._network.load_state_dict(start)
        self._network.embeddings.word_embeddings.weight.requires_grad_(False)
        self._network.to(self._device)
        learned = [p for p in self._network.parameters() if p.requires_grad]
        rate = job.settings.rate
        self._optimiser = torch.optim.AdamW(learned, lr=rate, weight_decay=job.settings.decay)

    def resume(self) -> int:
        """Take up the state that was kept.  Returns the number of epochs that are done."""
        path = self._job.state
        if not path.exists():
            return 0
        saved = self._torch.load(path, map_location=self._device, weights_only=True)
        self._network.load_state_dict(saved["network"])
        self._optimiser.load_state_dict(saved["optimiser"])
        return int(saved["epochs"])

    def keep(self, epochs: int) -> None:
        """Keep the state after so many epochs, whole or not at all."""
        saved = {
            "epochs": epochs,
            "network": self._network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        with atomic.replacing(self._job.state) as temporary:
            self._torch.save(saved, temporary)

    def weights(self) -> dict[str, Floats]:
        """All weights as arrays."""
        state: Mapping[str, Any] = self._network.state_dict()
        return {name: one.detach().float().cpu().numpy() for name, one in state.items()}

    def epoch(self, epoch: int, order: Ints, progress: Progress) -> None:
        """One pass over all pairs."""
        size = min(self._job.settings.batch, len(order))
        batches = list(_batches(order, size))
        whole = len(batches) * self._job.settings.epochs
        self._network.train()
        for number, batch in enumerate(batches):
            done = epoch * len(batches) + number
            progress(f"fine-tuning on {self._device}", done, whole)
            for group in self._optimiser.param_groups:
                group["lr"] = self._job.settings.rate * _share(done, whole)
            self._optimiser.zero_grad()
            self._loss(batch).backward()
            self._optimiser.step()

    def _loss(self, batch: Ints) -> Any:  # noqa: ANN401 - a tensor
        torch, pairs = self._torch, self._pairs
        with torch.autocast(self._device, torch.bfloat16, enabled=self._device == "cuda"):
            left, right = self._unit(pairs.left[batch]), self._unit(pairs.right[batch])
        cosines = left.float() @ right.float().T / self._job.settings.temperature
        provider = torch.from_numpy(pairs.provider[batch]).to(self._device)
        same = provider[:, None] == provider[None, :]
        same.fill_diagonal_(fill_value=False)
        cosines = cosines.masked_fill(same, -torch.inf)
        own = torch.arange(len(batch), device=self._device)
        entropy = torch.nn.functional.cross_entropy
        return entropy(cosines, own) + entropy(cosines.T, own)

    def _unit(self, texts: npt.NDArray[np.int32]) -> Any:  # noqa: ANN401 - a tensor
        """(n, d) unit vectors: the mean over the pieces of each text."""
        torch = self._torch
        numbered = [self._tokens[text] for text in texts.tolist()]
        longest = max(map(len, numbered))
        pieces = torch.zeros((len(numbered), longest), dtype=torch.long)
        for row, numbers in zip(pieces, numbered, strict=True):
            row[: len(numbers)] = torch.tensor(numbers)
        lengths = torch.tensor([len(numbers) for numbers in numbered])
        read = (torch.arange(longest) < lengths[:, None]).to(self._device)
        out = self._network(input_ids=pieces.to(self._device), attention_mask=read.long())
        summed = (out.last_hidden_state * read[:, :, None]).sum(dim=1)
        return torch.nn.functional.normalize(summed / read.sum(dim=1, keepdim=True), dim=1)


def _batches(order: Ints, size: int) -> Iterator[Ints]:
    """Whole batches of `size` pairs; the few that are left over wait for the next epoch."""
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]


def _share(step: int, whole: int) -> float:
    """The share of the learning rate at a step: up during the first steps, then down to nothing."""
    warm_up = max(1, math.ceil(0.06 * whole))
    return min((step + 1) / warm_up, (whole - step) / max(1, whole - warm_up))
