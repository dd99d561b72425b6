"""The texts of awards and profiles that an embedder turns into vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from matcher.core.types import Organisation
from matcher.geo.councils import Councils
from matcher.geo.geocoding import place_of
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import AnalyzedLot, profile_words
from matcher.register.record_file import RecordFile
from matcher.register.register import PastAward, own_borders
from matcher.register.vectors import Vectors
from models.background import Background
from models.embedder import Embedder

Text: TypeAlias = tuple[dict[str, float], tuple[str, ...]]
"""Stem → count, and CPV code prefixes."""


Offer: TypeAlias = tuple[tuple[str, ...], dict[str, float]]
"""A provider's names, and what it says it does as stem → count."""


_FORGET = 50_000
"""After how many rows the records that were read may leave memory."""


def award_texts(folder: Path, background: Background, known: int | None = None) -> Iterator[Text]:
    """What each award of a snapshot was for, oldest first, read as a lot that asks the same.

    `known`: only that many.
    """
    awards = RecordFile(folder / "awards", PastAward)
    postcodes, councils = PostcodeTable.open(folder / "places"), Councils.open(own_borders(folder))
    for number in range(len(awards) if known is None else known):
        lot = awards[number].lot
        need = AnalyzedLot.of(lot, place_of(lot, postcodes, councils), background)
        yield need.words, need.codes


def offers(folder: Path, background: Background) -> Iterator[Offer]:
    """Each provider of a snapshot, by row, without words in its profile that name places."""
    organisations = RecordFile(folder / "organisations", Organisation)
    for row in range(len(organisations)):
        one = organisations[row].provider
        said = profile_words(one)
        words = {stem: n for stem, n in said.items() if stem not in background.places}
        yield (one.name, *one.aliases), words
        if row % _FORGET == 0:
            organisations.forget()


def vectors_of(embedder: Embedder, texts: Sequence[Text], of: Sequence[Offer]) -> Vectors:
    """The same in memory, from what `award_texts` and `offers` gave: for training."""
    said = np.stack([embedder.text(words) for _, words in of])
    rows = np.flatnonzero(said.any(axis=1))
    return Vectors(
        awards=np.stack([embedder.text(*text) for text in texts]),
        names=np.stack([embedder.name(named) for named, _ in of]),
        profiles=said[rows],
        profile_rows=rows.astype(np.int32),
    )
