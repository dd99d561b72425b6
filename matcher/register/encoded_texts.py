"""The texts of lots, awards and providers as models read them: what is done, never where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from matcher.core.cpv import category_name
from matcher.core.types import Lot, Organisation, Provider
from matcher.geo.geocoding import LotPlace, placing
from matcher.geo.postcode_parsing import without_postcodes
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import AnalyzedLot, labels, named_places, place_words, profile_words
from matcher.register.current_snapshot import own_councils
from matcher.register.families import table_version, work_of
from matcher.register.linkage.merge import names_of
from matcher.register.past_award import PastAward
from matcher.register.record_file import RecordFile
from matcher.register.vectors import Vectors
from models import text
from models.background import Background
from models.embedder import Embedder
from models.encoder import Encoder
from models.knowledge import Knowledge

_TITLE, _DESCRIPTION, _PROFILE, _SENTENCE = 200, 500, 240, 120
"""Characters that are read."""
READ = 3
"""How many sentences of a profile an encoder reads.  A fourth, and longer ones, would take a third
more time in a build, and change 4 of a hundred quotes."""
_END = re.compile(r"\s(?:(?<=[.;!?]\s)|(?<=\n)|[-•*]\s)")
_SENTENCES, _SHORTEST = 12, 12
_CODES = 2
_LEGAL = re.compile(r"\b(ltd|limited|llp|plc|inc|t/a|\(uk\)|uk|the)\b\.?", re.IGNORECASE)


def vectors_version(knowledge: Knowledge) -> str:
    """The versions of all that makes a register's vectors; '' where nothing makes any."""
    table = f"+{table_version()}" if knowledge.encoder else ""
    return f"{knowledge.embedder_version}{table}"


def lot_text(encoder: Encoder, lot: Lot, place: LotPlace) -> str:
    """What a lot asks for: its title, its first categories, the opening of its description.

    Postcodes and words that say where are left out, as `AnalyzedLot.of` of
    `matcher.register.analysis` leaves them out, so that a name cannot be found because it is that
    of the place.
    """
    title, description = map(without_postcodes, (lot.title, lot.description))
    named = [*text.words(lot.buyer), *named_places(f"{title}\n{description}")]
    idle = place_words(lot, place).union(s for s in named if s not in encoder.common)
    dropped = encoder.place_names | idle
    parts = [
        text.without(title[:_TITLE], dropped),
        _categories(lot),
        text.without(description[: 2 * _DESCRIPTION], dropped)[:_DESCRIPTION],
    ]
    return ". ".join(part for part in parts if part)


def award_text(encoder: Encoder, lot: Lot, place: LotPlace) -> str:
    """What a past award was for: its title and its first categories."""
    return lot_text(encoder, replace(lot, description=""), place)


def provider_text(encoder: Encoder, provider: Provider) -> str:
    """What a provider is called, and what it says it does.

    Without that, what it is labelled, or else what the family that its name shows does.
    """
    said = provider.profile or "; ".join(labels(provider)) or work_of(provider)
    parts = [
        name_text(encoder, provider.name),
        text.without(said, encoder.place_names)[:_PROFILE],
    ]
    return ". ".join(part for part in parts if part)


def sentences_of(profile: str) -> Sequence[str]:
    """The first sentences of a profile, each on one line, without very short ones."""
    pieces = (" ".join(piece.split()) for piece in _END.split(profile))
    return [piece for piece in pieces if len(piece) >= _SHORTEST][:_SENTENCES]


def sentence_text(encoder: Encoder, sentence: str) -> str:
    """What a sentence of a profile says."""
    return text.without(sentence, encoder.place_names)[:_SENTENCE]


def name_text(encoder: Encoder, name: str) -> str:
    """A name without its legal form and words that say where, unless nothing else is left."""
    without = text.without(_LEGAL.sub(" ", name), encoder.place_names)
    return without.strip(" -,.;:|") or text.clean(name)


def _categories(lot: Lot) -> str:
    names = dict.fromkeys(category_name(code) for code in lot.cpv[:_CODES])
    return "; ".join(name for name in names if not name.isdigit()).lower()


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


def offers(folder: Path, background: Background) -> Iterator[Offer]:
    """The offer of each provider of a snapshot, by row, without place words in its profile."""
    organisations = RecordFile(folder / "organisations", Organisation)
    for row in range(len(organisations)):
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
