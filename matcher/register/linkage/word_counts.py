"""How many of 100,000 names have each common word."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path


@cache
def known_counts() -> dict[str, int]:
    """Common word → the number of 100,000 names that have it."""
    with Path(__file__).with_name("word_counts.csv").open(encoding="utf-8", newline="") as file:
        return {row["word"]: int(row["per_100000_names"]) for row in csv.DictReader(file)}
