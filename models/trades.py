"""What suppliers are called, by what they are wanted for: a table learned from past awards.

Under the CPV codes of removals, winners are called movers; under those of taxis, cabs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import BundleError


@dataclass(frozen=True)
class Trades:
    """How much likelier a word is in the name of a winner than in any supplier's.

    CPV prefix → stem → the logarithm, above 0; stems that say nothing are left out.
    """

    ratios: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def stems(self, codes: Sequence[str]) -> dict[str, float]:
        """Stem → the mean logarithm over the longest of the prefixes `codes` that are known."""
        known = [code for code in codes if code in self.ratios]
        longest = max(map(len, known), default=0)
        rows = [self.ratios[code] for code in known if len(code) == longest]
        every = dict.fromkeys(stem for row in rows for stem in row)
        return {stem: sum(row.get(stem, 0.0) for row in rows) / len(rows) for stem in every}

    def to_json(self) -> dict[str, dict[str, float]]:
        """A JSON-ready form."""
        return {code: dict(sorted(row.items())) for code, row in sorted(self.ratios.items())}

    @classmethod
    def open(cls, path: Path) -> Trades:
        """The table in the file `path`; an empty one where there is no such file."""
        if not path.exists():
            return cls()
        try:
            return cls.from_json(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as wrong:
            raise BundleError(f"{path.name} is damaged ({wrong})") from wrong

    @classmethod
    def from_json(cls, saved: Any) -> Trades:  # noqa: ANN401 - whatever the file holds
        """The table that `to_json` wrote.  Raises BundleError where it is not one."""
        try:
            ratios = {
                str(code): {str(stem): float(ratio) for stem, ratio in row.items()}
                for code, row in saved.items()
            }
        except (AttributeError, TypeError, ValueError, OverflowError) as wrong:
            raise BundleError(f"the table of trades is damaged ({wrong})") from wrong
        if not all(np.isfinite(list(row.values())).all() for row in ratios.values()):
            raise BundleError("the table of trades is damaged: it must hold finite numbers")
        return cls(ratios)
