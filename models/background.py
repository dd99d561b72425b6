"""Word counts over public notices: how common each word is, and which words are places."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.errors import BundleError

Floats: TypeAlias = npt.NDArray[np.float32]

WEIGHT = 2000.0
"""How many documents of a register the background counts as."""


@dataclass(frozen=True)
class Background:
    """How many of `documents` (public notices) contain each stem, by stem; others are rare.

    `places` are stems that are used in the names of organisations that are close together, and
    rarely elsewhere: they say where an organisation is, not what it does.
    """

    documents: int = 0
    frequency: dict[str, int] = field(default_factory=dict)
    places: frozenset[str] = frozenset()

    @classmethod
    def open(cls, path: Path) -> Background:
        """The counts in the file `path`; empty where there is no such file."""
        if not path.exists():
            return cls()
        try:
            saved = json.loads(path.read_text(encoding="utf-8"))
            frequency = {str(k): int(v) for k, v in saved["frequency"].items()}
            places = frozenset(map(str, saved["places"]))
            documents = int(saved["documents"])
            if any(n > documents for n in frequency.values()):
                raise ValueError(f"a word is counted in more than its {documents} documents")  # noqa: TRY301
            return cls(documents, frequency, places)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise BundleError(f"{path.name} is damaged ({error})") from error

    def save(self, path: Path) -> None:
        """Write the counts to the file `path`."""
        saved = {
            "documents": self.documents,
            "frequency": self.frequency,
            "places": sorted(self.places),
        }
        path.write_text(json.dumps(saved, sort_keys=True, separators=(",", ":")) + "\n")

    @property
    def weight(self) -> float:
        """How many documents it counts as; 0 where nothing was counted."""
        return WEIGHT if self.documents else 0.0

    def is_common(self, stem: str) -> bool:
        """Whether at least one notice in 200 contains the stem."""
        return self.frequency.get(stem, 0) * 200 >= max(self.documents, 1)

    def shares(self, stems: Sequence[str]) -> Floats:
        """(stems,) the share of documents that contain each stem."""
        total = max(self.documents, 1)
        return np.array([self.frequency.get(s, 0) / total for s in stems], np.float32)
