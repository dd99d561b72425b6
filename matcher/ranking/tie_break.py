"""The fair draw: equals are ordered by a seeded lot, never by name, id or row."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.identifiers import fingerprint

Keys: TypeAlias = npt.NDArray[np.uint64]


def tie_break_keys(providers: Keys, seed: int, lot_id: str) -> Keys:
    """One number a provider, (n,), drawn from its own key, the seed and the lot.

    Another seed, or another lot, gives an unrelated order; where a provider is stored and
    who else takes part changes nothing.
    """
    mixed = providers ^ np.uint64(fingerprint(f"{seed}\n{lot_id}"))
    with np.errstate(over="ignore"):
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    drawn: Keys = mixed ^ (mixed >> np.uint64(31))
    return drawn


def order(scores: npt.NDArray[np.float64], drawn: Keys) -> npt.NDArray[np.int64]:
    """Positions from the highest score to the lowest, equals by the draw."""
    ranked: npt.NDArray[np.int64] = np.lexsort((drawn, -scores))
    return ranked
