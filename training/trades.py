"""Learn what suppliers are called, by what they are wanted for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from matcher.embed import Offer
from matcher.register import Register
from models.coder import name_words
from models.trades import Trades

_LIKE_THE_WIDER = 4.0
"""For how many winners the wider category stands."""
_FEWEST = 5.0
"""For fewer winners than this a category has no words of its own."""
_TELLING = 0.5
_MOST = 60
"""How many words a category keeps at most."""


def learn(
    register: Register,
    codes: Sequence[Sequence[str]],
    offers: Sequence[Offer],
    places: frozenset[str],
    least: int,
) -> Trades:
    """From the awards that the register knows; `codes` are each award's CPV prefixes.

    Only stems that at least `least` names hold, so that nobody's own name is learned, and none
    that name places.  Shares are shrunk towards the wider category's.
    """
    named = [frozenset(name_words(names, places)) for names, _ in offers]
    usual = Counter(stem for stems in named for stem in stems)
    shares = {stem: n / len(named) for stem, n in usual.items() if n >= least}
    winners, held = _counts(register, codes, named, shares)
    found: dict[str, dict[str, float]] = {"": dict(shares)}
    for code in sorted(winners, key=lambda c: (len(c), c)):
        if winners[code] < _FEWEST:
            continue
        shorter = (code[:n] for n in (5, 4, 3, 2, 0) if n < len(code))
        wider = found[next(prefix for prefix in shorter if prefix in found)]
        whole = winners[code] + _LIKE_THE_WIDER
        known = held.get(code, Counter())
        found[code] = {
            stem: (known.get(stem, 0.0) + _LIKE_THE_WIDER * share) / whole
            for stem, share in wider.items()
        }
    del found[""]
    return Trades({code: _telling(row, shares) for code, row in found.items()})


def _counts(
    register: Register,
    codes: Sequence[Sequence[str]],
    named: Sequence[frozenset[str]],
    known: Mapping[str, float],
) -> tuple[dict[str, float], dict[str, Counter[str]]]:
    """CPV prefix → how many winners, and in how many of their names each known stem stands.

    Joint winners weigh less, as votes of past awards do.
    """
    winners: defaultdict[str, float] = defaultdict(float)
    held: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, prefixes in enumerate(codes):
        rows = register.winners.of(number).tolist()
        weight = 1 / np.sqrt(max(len(rows), 1))
        stems = [stem for row in rows for stem in named[row] if stem in known]
        for code in prefixes:
            winners[code] += weight * len(rows)
            for stem in stems:
                held[code][stem] += weight
    return dict(winners), dict(held)


def _telling(row: Mapping[str, float], usual: Mapping[str, float]) -> dict[str, float]:
    """Stem → how much likelier than usual (logarithm), for those that tell something."""
    ratios = {stem: float(np.log(share / usual[stem])) for stem, share in row.items()}
    most = sorted((s for s, r in ratios.items() if r > _TELLING), key=lambda s: (-ratios[s], s))
    return {stem: round(ratios[stem], 3) for stem in most[:_MOST]}
