"""How far suppliers come, by what they are wanted for: a table learned from past awards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from models.errors import BundleError

Floats: TypeAlias = npt.NDArray[np.float32]

EDGES_KM = (2.0, 5.0, 10.0, 20.0, 35.0, 60.0, 100.0, 150.0, 220.0, 320.0)
"""Where one band of distance ends and the next begins, in whole kilometres."""
_BAND_OF = np.searchsorted(EDGES_KM, np.arange(EDGES_KM[-1] + 1), side="right")
"""The band that each whole kilometre begins in."""


@dataclass(frozen=True)
class Distances:
    """How much likelier a winner is to lie in each band of distance than any supplier.

    CPV prefix ('' for all) → the logarithm for each band.
    """

    ratios: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def bands(self, codes: Sequence[str]) -> Floats:
        """(bands,) the mean over the longest of the prefixes `codes` that are known."""
        known = [c for c in codes if c in self.ratios]
        longest = max(map(len, known), default=0)
        rows = [self.ratios[c] for c in known if len(c) == longest] or [self.ratios.get("", ())]
        if not rows[0]:
            return np.zeros(len(EDGES_KM) + 1, np.float32)
        mean: Floats = np.array(rows, np.float32).mean(axis=0, dtype=np.float32)
        return mean

    def likelier(self, km: npt.NDArray[np.floating], codes: Sequence[str]) -> Floats:
        """(n,) that logarithm for each distance `km`, kilometres; 0 where it is not finite."""
        whole = np.fmin(km, np.float32(EDGES_KM[-1])).astype(np.intp)
        found: Floats = self.bands(codes)[_BAND_OF].take(whole, mode="clip")
        found[~np.isfinite(km)] = 0
        return found

    def to_json(self) -> dict[str, list[float]]:
        """A JSON-ready form."""
        return {code: list(row) for code, row in sorted(self.ratios.items())}

    @classmethod
    def open(cls, path: Path) -> Distances:
        """The table in the file `path`; an empty one where there is no such file."""
        if not path.exists():
            return cls()
        try:
            return cls.from_json(json.loads(path.read_text()))
        except ValueError as wrong:
            raise BundleError(f"{path.name} is damaged ({wrong})") from wrong

    @classmethod
    def from_json(cls, saved: Any) -> Distances:  # noqa: ANN401 - whatever the file holds
        """The table that `to_json` wrote.  Raises BundleError where it is not one."""
        try:
            ratios = {str(c): tuple(float(v) for v in row) for c, row in saved.items()}
        except (AttributeError, TypeError, ValueError, OverflowError) as wrong:
            raise BundleError(f"the table of distances is damaged ({wrong})") from wrong
        for code, row in ratios.items():
            if len(row) != len(EDGES_KM) + 1 or not np.isfinite(row).all():
                raise BundleError(
                    f"the table of distances is damaged: '{code}' needs {len(EDGES_KM) + 1} numbers"
                )
        return cls(ratios)
