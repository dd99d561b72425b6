"""Count how common each word is in past award notices, and find which words name places.

python -m training.background --awards FILE… --providers FILE… --before 2022-07-01 --out FOLDER
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import numpy as np

from matcher.need import lot_words
from matcher.postcodes import PostcodeTable
from matcher.sources import ocds, table
from matcher.types import Award, Provider
from models import text
from models.background import Background

LEAST = 20
"""A word in fewer notices is left out: it may be somebody's name, and is rare anyway."""
LEAST_NAMED = 6
_NEAR = 40_000.0
_TOGETHER = 0.8


def count(awards: Iterable[Award]) -> tuple[int, dict[str, int]]:
    """How many awards, and stem → in how many of their lots' texts it stands."""
    found: Counter[str] = Counter()
    documents = 0
    for award in awards:
        documents += 1
        found.update(lot_words(award.lot.title, award.lot.description).keys())
    return documents, {stem: n for stem, n in sorted(found.items()) if n >= LEAST}


def place_words(providers: Iterable[Provider], postcodes: PostcodeTable) -> frozenset[str]:
    """Stems whose bearers lie together: four in five within 40 km of their middle."""
    bearers: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for provider in providers:
        point = next((p for s in provider.sites if (p := postcodes.find(s.postcode))), None)
        if point is not None:
            for stem in set(text.words(provider.name)):
                bearers[stem][provider.id] = (point.east, point.north)
    return frozenset(stem for stem, where in bearers.items() if _together(where))


def _together(where: Mapping[str, tuple[int, int]]) -> bool:
    if len(where) < LEAST_NAMED:
        return False
    points = np.array(list(where.values()), float)
    way = np.hypot(*(points - np.median(points, axis=0)).T)
    return bool((way <= _NEAR).mean() >= _TOGETHER)


def learn(
    awards: list[Award], providers: Iterable[Provider], postcodes: PostcodeTable
) -> Background:
    """The background of the awards and of their suppliers and the other providers."""

    def everyone() -> Iterator[Provider]:
        yield from providers
        yield from (supplier for award in awards for supplier in award.suppliers)

    documents, frequency = count(awards)
    return Background(documents, frequency, place_words(everyone(), postcodes))


def main() -> None:
    """Learn from the files named and write what the bundle keeps."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--awards", type=Path, nargs="+", required=True, help="OCDS awards")
    parser.add_argument("--providers", type=Path, nargs="*", default=[], help="tables of providers")
    parser.add_argument("--before", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--out", type=Path, required=True, help="the bundle's folder")
    args = parser.parse_args()
    awards = [a for _, feed in ocds.read_awards(args.awards) for a in feed if a.day < args.before]
    providers = (p for _, feed in table.read(args.providers) for p in feed)
    postcodes = PostcodeTable.open(PostcodeTable.cached())
    learn(awards, providers, postcodes).save(args.out / "background.json")


if __name__ == "__main__":
    main()
