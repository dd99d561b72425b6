"""Learn how far suppliers travel, by category of work."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.geo.national_grid import NOWHERE
from matcher.register.register import Register
from models.distances import EDGES_KM, Distances

Vector: TypeAlias = npt.NDArray[np.float64]

_LIKE_THE_WIDER = 20.0
"""Weight of the wider category, in winners."""
_PAIRS = 200_000
_DIGITS = 4


def learn(register: Register, codes: list[tuple[str, ...]], seed: int) -> Distances:
    """Learn from the known awards of a register; `codes` are the CPV prefixes of each award.

    Compares how many winners are in each band of distance, shrunk towards the wider category,
    with how many suppliers are.  Joint winners share one count.
    """
    counts = _counts(register, codes)
    if not counts:
        return Distances()
    usual = _shares(_chance(register, seed))
    found: dict[str, Vector] = {"": _shares(counts[""])}
    for code in sorted((c for c in counts if c), key=lambda c: (len(c), c)):
        wider = next((found[code[:n]] for n in (3, 2) if n < len(code) and code[:n] in found), None)
        wider = found[""] if wider is None else wider
        grown = counts[code] + _LIKE_THE_WIDER * wider
        found[code] = grown / grown.sum()
    return Distances(
        {c: tuple(np.round(np.log(share / usual), 4).tolist()) for c, share in found.items()}
    )


def _shares(counts: Vector) -> Vector:
    shares: Vector = (counts + 1) / (counts + 1).sum()
    return shares


def _band(km: Vector) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = np.searchsorted(np.array(EDGES_KM), km, side="right")
    return found


def _counts(register: Register, codes: list[tuple[str, ...]]) -> dict[str, Vector]:
    """CPV prefix → (bands,) number of winners in each."""
    c = register.columns
    known = np.arange(register.known_awards)
    award, row = register.winners.of_many(known)
    placed = (c.award_east[award] != NOWHERE) & (c.east[row] != NOWHERE)
    award, row = award[placed], row[placed]
    east = c.award_east[award] - c.east[row].astype(float)
    north = c.award_north[award] - c.north[row].astype(float)
    band = _band(np.hypot(east, north) / 1000)
    share = 1 / np.bincount(award, minlength=len(known))[award]
    counts: dict[str, Vector] = defaultdict(lambda: np.zeros(len(EDGES_KM) + 1))
    for i, number in enumerate(award.tolist()):
        for code in ("", *(p for p in codes[number] if len(p) <= _DIGITS)):
            counts[code][band[i]] += share[i]
    return counts


def _chance(register: Register, seed: int) -> Vector:
    """(bands,) number of pairs of a random award and a random provider in each."""
    c = register.columns
    known = c.award_east[: register.known_awards]
    awards = np.flatnonzero(known != NOWHERE)
    rows = np.flatnonzero(c.east != NOWHERE)
    random = np.random.default_rng(seed)
    a, r = random.choice(awards, _PAIRS), random.choice(rows, _PAIRS)
    east = c.award_east[a] - c.east[r].astype(float)
    north = c.award_north[a] - c.north[r].astype(float)
    band = _band(np.hypot(east, north) / 1000)
    return np.bincount(band, minlength=len(EDGES_KM) + 1).astype(np.float64)
