"""The network of a sentence encoder while it learns, on a GPU where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core import atomic
from models.encoder_layers import Floats
from models.errors import BundleError
from training.learning.base_encoder import NEEDS, BaseEncoder

Tokens = Sequence[int]
"""The numbers of the pieces of a text."""


class Network:
    """A network, its optimiser and the device that they are on.

    The table of words stays as it is, which cost nothing in trials and keeps rare words where they
    were. Raises BundleError where a library is missing.
    """

    def __init__(self, base: BaseEncoder, rate: float, decay: float, seed: int) -> None:
        try:
            import torch
            import transformers
        except ModuleNotFoundError as missing:
            raise BundleError(NEEDS.format(missing.name)) from missing
        torch.manual_seed(seed)
        self.torch: Any = torch
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        config = transformers.BertConfig(
            **base.shape, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
        )
        self._network: Any = transformers.BertModel(config, add_pooling_layer=False)
        start = {name: torch.from_numpy(array) for name, array in base.weights.items()}
        start = {name: one for name, one in start.items() if not name.startswith("pooler.")}
        self._network.load_state_dict(start)
        self._network.embeddings.word_embeddings.weight.requires_grad_(False)
        self._network.to(self.device)
        self._network.train()
        self._rate = rate
        learned = [p for p in self._network.parameters() if p.requires_grad]
        self._optimiser = torch.optim.AdamW(learned, lr=rate, weight_decay=decay)

    def resume(self, path: Path) -> int:
        """Take up the state in the file, if it is there.  Returns the epochs that are done."""
        if not path.exists():
            return 0
        saved = self.torch.load(path, map_location=self.device, weights_only=True)
        self._network.load_state_dict(saved["network"])
        self._optimiser.load_state_dict(saved["optimiser"])
        return int(saved["epochs"])

    def keep(self, path: Path, epochs: int) -> None:
        """Keep the state after so many epochs, whole or not at all."""
        saved = {
            "epochs": epochs,
            "network": self._network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        with atomic.replacing(path) as temporary:
            self.torch.save(saved, temporary)

    def weights(self) -> dict[str, Floats]:
        """All weights as arrays, named as in `BaseEncoder.weights`."""
        state: Mapping[str, Any] = self._network.state_dict()
        return {name: one.detach().float().cpu().numpy() for name, one in state.items()}

    def step(self, loss: Any, share: float) -> None:  # noqa: ANN401 - a tensor
        """Learn from a loss, at a share of the usual rate."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate * share
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()

    def unit(self, texts: Sequence[Tokens]) -> Any:  # noqa: ANN401 - a tensor
        """(n, d) unit vectors: the mean over the pieces of each text."""
        torch = self.torch
        longest = max(map(len, texts))
        pieces = torch.zeros((len(texts), longest), dtype=torch.long)
        for row, numbers in zip(pieces, texts, strict=True):
            row[: len(numbers)] = torch.tensor(numbers)
        lengths = torch.tensor([len(numbers) for numbers in texts])
        read = (torch.arange(longest) < lengths[:, None]).to(self.device)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.device == "cuda"):
            out = self._network(input_ids=pieces.to(self.device), attention_mask=read.long())
        summed = (out.last_hidden_state.float() * read[:, :, None]).sum(dim=1)
        return torch.nn.functional.normalize(summed / read.sum(dim=1, keepdim=True), dim=1)

    def unit_by_length(self, texts: Sequence[Tokens], most: int) -> Any:  # noqa: ANN401
        """The same, in batches of texts of like length with at most `most` pieces each."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        parts, start = [], 0
        while start < len(order):
            stop = start + 1
            while stop < len(order) and (stop + 1 - start) * len(texts[order[stop]]) <= most:
                stop += 1
            parts.append(self.unit([texts[i] for i in order[start:stop]]))
            start = stop
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        return self.torch.cat(parts)[self.tensor(place)]

    def tensor(self, array: npt.NDArray[Any]) -> Any:  # noqa: ANN401
        """The array as a tensor on the device."""
        return self.torch.from_numpy(array).to(self.device)
