"""Count how common each word is in past award notices, and find which words name places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from matcher.core.types import Award, Provider
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import lot_words
from matcher.register.past_award import PastAward
from matcher.register.register import Register
from models import text
from models.background import Background

LEAST = 20
"""Words in fewer notices are left out: they may be a person's name, and are rare anyway."""
LEAST_NAMED = 6
"""A word in fewer providers' names is not taken for the name of a place."""
_NEAR = 40_000.0
_TOGETHER = 0.8


def count(awards: Iterable[Award | PastAward]) -> tuple[int, dict[str, int]]:
    """(number of awards, stem → number of their lots that contain it)."""
    found: Counter[str] = Counter()
    documents = 0
    for award in awards:
        documents += 1
        found.update(lot_words(award.lot.title, award.lot.description).keys())
    return documents, {stem: n for stem, n in sorted(found.items()) if n >= LEAST}


def place_words(providers: Iterable[Provider], postcodes: PostcodeTable) -> frozenset[str]:
    """Stems used in names of one place: four in five within 40 km of their median position."""
    users: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for provider in providers:
        point = next((p for s in provider.sites if (p := postcodes.find(s.postcode))), None)
        if point is not None:
            for stem in set(text.words(provider.name)):
                users[stem][provider.id] = (point.east, point.north)
    return frozenset(stem for stem, positions in users.items() if _close_together(positions))


def _close_together(positions: Mapping[str, tuple[int, int]]) -> bool:
    if len(positions) < LEAST_NAMED:
        return False
    points = np.array(list(positions.values()), float)
    distances = np.hypot(*(points - np.median(points, axis=0)).T)
    return bool((distances <= _NEAR).mean() >= _TOGETHER)


def learn(register: Register) -> Background:
    """The background from the awards and the providers in a register."""
    awards = (register.awards[number] for number in range(register.known_awards))
    everyone = (
        record
        for row in range(len(register.organisations))
        for record in register.organisations[row].records
    )
    documents, frequency = count(awards)
    return Background(documents, frequency, place_words(everyone, register.postcodes))
