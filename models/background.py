"""What is known of words beyond one register: how common each is, and which name places."""

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
"""For how many documents of a register the background stands."""


@dataclass(frozen=True)
class Background:
    """Stem → in how many of `documents` (public notices) it stands; a stem not here is rare.

    `places` are stems that organisations carry in their names where they are near each
    other, and hardly elsewhere: they say where, not what.
    """

    documents: int = 0
    frequency: dict[str, int] = field(default_factory=dict)
    places: frozenset[str] = frozenset()

    @classmethod
    def open(cls, path: Path) -> Background:
        """The counts in the file `path`; none where there is no such file."""
        if not path.exists():
            return cls()
        try:
            saved = json.loads(path.read_text(encoding="utf-8"))
            counted = {str(k): int(v) for k, v in saved["frequency"].items()}
            places = frozenset(map(str, saved["places"]))
            documents = int(saved["documents"])
            if any(n > documents for n in counted.values()):
                raise ValueError(f"a word is counted in more than its {documents} documents")  # noqa: TRY301
            return cls(documents, counted, places)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as wrong:
            raise BundleError(f"{path.name} is damaged ({wrong})") from wrong

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
        """How many documents it stands for: none where nothing was counted."""
        return WEIGHT if self.documents else 0.0

    def is_common(self, stem: str) -> bool:
        """Whether one notice in two hundred or more holds the stem."""
        return self.frequency.get(stem, 0) * 200 >= max(self.documents, 1)

    def shares(self, stems: Sequence[str]) -> Floats:
        """The share of documents that hold each stem, shape (stems,)."""
        whole = max(self.documents, 1)
        return np.array([self.frequency.get(s, 0) / whole for s in stems], np.float32)
