"""How far away winners are, by CPV code: a table learned from past awards."""

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
"""The bounds between bands of distance, in whole kilometres."""
_BAND_OF = np.searchsorted(EDGES_KM, np.arange(EDGES_KM[-1] + 1), side="right")
"""The band that each whole kilometre starts in."""

_AT_ONCE = 1 << 15
"""How many distances are looked up at once, so that what is needed for it fits a cache."""


@dataclass(frozen=True)
class Distances:
    """How much more likely a winner is to be in each band of distance than any supplier.

    `ratios` maps a CPV prefix ('' for all) to the logarithm of that ratio for each band.
    """

    ratios: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def bands(self, codes: Sequence[str]) -> Floats:
        """(bands,) the mean over the longest known prefixes in `codes`."""
        known = [c for c in codes if c in self.ratios]
        longest = max(map(len, known), default=0)
        rows = [self.ratios[c] for c in known if len(c) == longest] or [self.ratios.get("", ())]
        if not rows[0]:
            return np.zeros(len(EDGES_KM) + 1, np.float32)
        mean: Floats = np.array(rows, np.float32).mean(axis=0, dtype=np.float32)
        return mean

    def log_ratio(self, km: npt.NDArray[np.floating], codes: Sequence[str]) -> Floats:
        """(n,) the logarithm for each distance in kilometres; 0 where it is not finite."""
        of_whole, furthest = self.bands(codes)[_BAND_OF], np.float32(EDGES_KM[-1])
        ratios = np.empty(len(km), np.float32)
        for start in range(0, len(km), _AT_ONCE):
            some, part = km[start : start + _AT_ONCE], ratios[start : start + _AT_ONCE]
            of_whole.take(np.fmin(some, furthest).astype(np.intp), mode="clip", out=part)
            part[~np.isfinite(some)] = 0
        return ratios

    def to_json(self) -> dict[str, list[float]]:
        """The JSON form."""
        return {code: list(row) for code, row in sorted(self.ratios.items())}

    @classmethod
    def open(cls, path: Path) -> Distances:
        """The table in the file `path`; empty where there is no such file."""
        if not path.exists():
            return cls()
        try:
            return cls.from_json(json.loads(path.read_text()))
        except ValueError as error:
            raise BundleError(f"{path.name} is damaged ({error})") from error

    @classmethod
    def from_json(cls, saved: Any) -> Distances:  # noqa: ANN401 - any JSON
        """The table in its JSON form.  Raises BundleError where it is not valid."""
        try:
            ratios = {str(c): tuple(float(v) for v in row) for c, row in saved.items()}
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            raise BundleError(f"the table of distances is damaged ({error})") from error
        for code, row in ratios.items():
            if len(row) != len(EDGES_KM) + 1 or not np.isfinite(row).all():
                raise BundleError(
                    f"the table of distances is damaged: '{code}' needs {len(EDGES_KM) + 1} numbers"
                )
        return cls(ratios)
