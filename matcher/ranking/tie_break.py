"""Breaks ties at random by a seed, never by name, id or row."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.identifiers import fingerprint

Keys: TypeAlias = npt.NDArray[np.uint64]


def tie_break_keys(providers: Keys, seed: int, lot_id: str) -> Keys:
    """(n,) a number for each provider, from its own key, the seed and the lot.

    Another seed or lot gives an unrelated order.  A provider's row and the other providers make
    no difference.
    """
    mixed = providers ^ _key(seed, lot_id)
    with np.errstate(over="ignore"):
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    keys: Keys = mixed ^ (mixed >> np.uint64(31))
    return keys


@lru_cache(1024)
def _key(seed: int, lot_id: str) -> np.uint64:
    return np.uint64(fingerprint(f"{seed}\n{lot_id}"))


def order(scores: npt.NDArray[np.float64], tie_keys: Keys) -> npt.NDArray[np.int64]:
    """Positions from the highest score to the lowest; ties go by `tie_keys`."""
    ranked: npt.NDArray[np.int64] = np.lexsort((tie_keys, -scores))
    return ranked
