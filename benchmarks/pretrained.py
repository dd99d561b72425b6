"""A pretrained sentence encoder as it comes, as a peer of the product."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from matcher.core.types import Lot
from matcher.register.analysis import labels
from matcher.register.register import Register
from models import text
from models.encoder import QUERY, Encoder
from training.learning.base_encoder import BaseEncoder

_PIECES, _TITLES = 64, 6
"""How many pieces of a document are read, and how many titles of past contracts it has."""

Rows = npt.NDArray[np.int64]


class Pretrained:
    """The cosine of a lot and all that is known of a provider: names, profile, labels, titles.

    The weights are rounded to 8 bits and served by the product's arithmetic, which keeps a cosine
    of .999 to the original.  At most `_PIECES` pieces of a document are read.
    """

    def __init__(self, register: Register, folder: Path, rows: Rows, console: Console) -> None:
        """Read the documents of `rows` (rows of the register, ascending).

        `folder` is as `matcher train --fine-tune` takes it.  Raises BundleError where it is not.
        """
        base = BaseEncoder.open(folder)
        self._encoder: Encoder = base.encoder(base.weights, frozenset(), frozenset(), {})
        self._rows = rows
        words = [" ".join(text.clean(each).split()) for each in _documents(register, rows)]
        self._vectors = np.zeros((len(rows), self._encoder.size), np.float32)
        for at in track(range(0, len(rows), 500), "pretrained", console=console, transient=True):
            part = words[at : at + 500]
            self._vectors[at : at + 500] = self._encoder.encode(part, QUERY, _PIECES)

    def order(self, lot: Lot, among: Rows, most: int) -> Rows:
        """The `most` nearest of the rows in `among`, nearest first."""
        asked = self._encoder.query(text.clean(f"{lot.title}. {lot.description}"), _PIECES)
        near = self._vectors[np.searchsorted(self._rows, among)] @ asked.astype(np.float32)
        return among[np.argsort(-near, kind="stable")[:most]]


def _documents(register: Register, rows: Rows) -> Iterator[str]:
    for row in rows.tolist():
        one = register.organisations[row].provider
        won = register.won.of(row)
        titles = [register.awards[n].lot.title for n in won[won < register.known_awards].tolist()]
        yield ". ".join(filter(None, (one.name, one.profile, *labels(one), *titles[-_TITLES:])))
