"""Count how common each word is in past award notices.

python -m training.background --awards FILE… --before 2022-07-01 --out FOLDER
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from matcher.need import lot_words
from matcher.sources import ocds
from matcher.types import Award
from models.background import Background

LEAST = 20
"""A word in fewer notices is left out: it may be somebody's name, and is rare anyway."""


def count(awards: Iterable[Award], before: date) -> Background:
    """The words of the lots awarded before `before`, each counted once a notice."""
    found: Counter[str] = Counter()
    documents = 0
    for award in awards:
        if award.day < before:
            documents += 1
            found.update(lot_words(award.lot.title, award.lot.description).keys())
    kept = {stem: n for stem, n in sorted(found.items()) if n >= LEAST}
    return Background(documents, kept)


def main() -> None:
    """Count the words of the awards named and write them where the bundle keeps them."""
    parser = argparse.ArgumentParser(description="Count how common each word is in award notices.")
    parser.add_argument("--awards", type=Path, nargs="+", required=True, help="OCDS awards")
    parser.add_argument("--before", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--out", type=Path, required=True, help="the bundle's folder")
    args = parser.parse_args()
    awards = (award for _, feed in ocds.read_awards(args.awards) for award in feed)
    count(awards, args.before).save(args.out / "background.json")


if __name__ == "__main__":
    main()
