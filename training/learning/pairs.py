"""Pairs of texts that mean the same, from the awards that a register knows: what an encoder learns.

    lot      a lot and the name of its winner
    record   a lot and its winner's name with the titles of other contracts that it won
    winner   two lots of one winner
    profile  a provider's profile and its name
    labels   a provider's labels and its profile

Lots of one series (the same buyer, nearly the same title) are never the two sides of a pair. Words
that say where are left out, as when a lot is asked (`matcher.register.encoded_texts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.geo.geocoding import place_of
from matcher.register.analysis import labels
from matcher.register.encoded_texts import award_text, lot_text, provider_text
from matcher.register.register import Register
from models.encoder import Encoder
from training.evaluation.line_files import Progress
from training.learning.examples import MOST_WINNERS, series

_TITLES = 4
"""Other contracts of a winner that one pair names."""
_LOTS_OF_ONE = 40
"""The most lots of one winner, so that no large firm decides what words mean."""


@dataclass(frozen=True)
class Pairs:
    """Texts, and pairs of them by number."""

    texts: tuple[str, ...]
    left: npt.NDArray[np.int32]
    """(pairs,)"""
    right: npt.NDArray[np.int32]
    """(pairs,)"""
    provider: npt.NDArray[np.int32]
    """(pairs,) the row of the provider: two pairs of one provider are no counter-examples"""

    def __len__(self) -> int:
        return len(self.left)


def pairs(register: Register, encoder: Encoder, seed: int, progress: Progress) -> Pairs:
    """All pairs that the awards known to `register` give; the same seed gives the same ones.

    `encoder` says which words name places; its weights are not used.
    """
    numbers: dict[str, int] = {}
    found = [
        (numbers.setdefault(a, len(numbers)), numbers.setdefault(b, len(numbers)), row)
        for row in range(len(register))
        for a, b in _pairs_of(register, encoder, row, np.random.default_rng([seed, row]))
        if _tell(progress, row, len(register)) and a and b and a != b
    ]
    table = np.array(found, np.int32).reshape(-1, 3)
    return Pairs(tuple(numbers), table[:, 0], table[:, 1], table[:, 2])


def _tell(progress: Progress, row: int, rows: int) -> bool:
    if row % 500 == 0:
        progress("pairing texts", row, rows)
    return True


def _pairs_of(
    register: Register, encoder: Encoder, row: int, draw: np.random.Generator
) -> Iterator[tuple[str, str]]:
    """The pairs of one provider."""
    provider = register.organisations[row].provider
    name = provider_text(encoder, replace(provider, profile="", tags=()))
    if provider.profile:
        profile = provider_text(encoder, replace(provider, name=""))
        yield profile, name
        if tags := "; ".join(labels(provider)).lower():
            yield tags, profile
    lots = _lots_won(register, encoder, row, draw)
    titles = [title for _, title in lots]
    for at, (whole, title) in enumerate(lots):
        yield whole, name
        others = [other for i, other in enumerate(titles) if i != at]
        if others:
            chosen = draw.permutation(len(others))[:_TITLES].tolist()
            yield title, ". ".join([name, *(others[i] for i in chosen)])
            yield title, others[chosen[0]]


def _lots_won(
    register: Register, encoder: Encoder, row: int, draw: np.random.Generator
) -> list[tuple[str, str]]:
    """(whole text, title and categories) of one lot of each series that the provider won."""
    won = register.won.of(row)
    numbers = won[won < register.known_awards].tolist()
    first: dict[str, int] = {}
    for number in numbers:
        if len(register.winners.of(number)) <= MOST_WINNERS:
            first.setdefault(series(register.awards[number].lot), number)
    chosen = list(first.values())
    if len(chosen) > _LOTS_OF_ONE:
        chosen = sorted(draw.choice(chosen, _LOTS_OF_ONE, replace=False).tolist())
    texts = []
    for number in chosen:
        lot = register.awards[number].lot
        place = place_of(lot, register.postcodes, register.councils)
        texts.append((lot_text(encoder, lot, place), award_text(encoder, lot, place)))
    return texts
