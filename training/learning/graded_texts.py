"""The texts of graded providers, as the encoder that learns from them reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.geo.geocoding import place_of
from matcher.register.encoded_texts import award_text, lot_text, provider_text
from matcher.register.register import Register
from models.encoder import Encoder
from training.learning.people import JudgedLot

_TITLES = 3
"""The latest past contracts of a provider that are read."""


@dataclass(frozen=True)
class GradedList:
    """One lot and its graded providers, by the numbers of their texts."""

    lot: int
    providers: tuple[tuple[int, ...], ...]
    """for each provider: what it is called and says it does, then past contracts"""
    grades: tuple[float, ...]


@dataclass(frozen=True)
class GradedTexts:
    """Texts, and the lists that name them by number."""

    texts: tuple[str, ...]
    lists: tuple[GradedList, ...]


def graded_texts(register: Register, judged: Sequence[JudgedLot], encoder: Encoder) -> GradedTexts:
    """The texts of judged lots that relevance may learn from, and of their providers.

    Only awards that `register` knows are read, and none with the title of the lot: it may be the
    award of that very lot. Providers that the register does not know are left out. `encoder` says
    which words name places; its weights are not used.
    """
    numbers: dict[str, int] = {}

    def number(text: str) -> int:
        return numbers.setdefault(text, len(numbers))

    found = []
    for one in judged:
        if "relevance" not in one.counts_for:
            continue
        place = place_of(one.lot, register.postcodes, register.councils)
        rows = {provider: register.row(provider) for provider in one.grades}
        graded = [(row, one.grades[provider]) for provider, row in rows.items() if row is not None]
        lot = number(lot_text(encoder, one.lot, place))
        own = award_text(encoder, one.lot, place)
        providers = tuple(
            tuple(map(number, _texts(register, encoder, row, own))) for row, _ in graded
        )
        if graded:
            found.append(GradedList(lot, providers, tuple(grade for _, grade in graded)))
    return GradedTexts(tuple(numbers), tuple(found))


def _texts(register: Register, encoder: Encoder, row: int, own: str) -> list[str]:
    """What a provider is called and says it does, then its latest past contracts but for `own`."""
    won = register.won.of(row)
    lots = [register.awards[n].lot for n in won[won < register.known_awards].tolist()]
    titles = dict.fromkeys(
        award_text(encoder, lot, place_of(lot, register.postcodes, register.councils))
        for lot in lots
    )
    said = provider_text(encoder, register.organisations[row].provider)
    return [said, *[title for title in titles if title not in ("", own)][-_TITLES:]]
