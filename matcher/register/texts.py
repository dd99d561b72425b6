"""The texts of awards and profiles that an embedder turns into vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from matcher.core.types import Organisation
from matcher.geo.geocoding import placing
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import AnalyzedLot, profile_words
from matcher.register.current_snapshot import own_councils
from matcher.register.linkage.merge import names_of
from matcher.register.past_award import PastAward
from matcher.register.record_file import RecordFile
from matcher.register.vectors import Vectors
from models.background import Background
from models.embedder import Embedder

Text: TypeAlias = tuple[dict[str, float], tuple[str, ...]]
"""Stem → count, and CPV code prefixes."""
Offer: TypeAlias = tuple[tuple[str, ...], dict[str, float]]
"""A provider's names, and its profile as stem → count."""
_FREE_EVERY = 50_000
"""Rows after which the memory of the records read so far is freed."""


def award_texts(folder: Path, background: Background, known: int | None = None) -> Iterator[Text]:
    """What each award of a snapshot was for, oldest first, analysed as a lot.

    Only the first `known` awards, if given.
    """
    awards = RecordFile(folder / "awards", PastAward)
    place_of = placing(PostcodeTable.open(folder / "places"), own_councils(folder))
    for number in range(len(awards) if known is None else known):
        lot = awards[number].lot
        analyzed = AnalyzedLot.of(lot, place_of(lot), background)
        yield analyzed.words, analyzed.codes


def offers(
    folder: Path, background: Background, rows: Sequence[int] | None = None
) -> Iterator[Offer]:
    """The offer of each provider of a snapshot, by row, without place words in its profile.

    Only those of `rows`, if given.
    """
    organisations = RecordFile(folder / "organisations", Organisation)
    for row in range(len(organisations)) if rows is None else rows:
        provider = organisations[row].provider
        counts = profile_words(provider)
        words = {stem: n for stem, n in counts.items() if stem not in background.places}
        yield names_of(provider), words
        if row % _FREE_EVERY == 0:
            organisations.free()


def vectors_of(
    embedder: Embedder, texts: Sequence[Text], names_and_profiles: Sequence[Offer]
) -> Vectors:
    """The vectors of all `award_texts` and `offers`, in memory: for training."""
    profiles = np.stack([embedder.text(words) for _, words in names_and_profiles])
    rows = np.flatnonzero(profiles.any(axis=1))
    return Vectors(
        awards=np.stack([embedder.text(*text) for text in texts]),
        names=np.stack([embedder.name(names) for names, _ in names_and_profiles]),
        profiles=profiles[rows],
        profile_rows=rows.astype(np.int32),
    )
