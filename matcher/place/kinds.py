"""The kind of service, as a CPV category, that the words of an account or a category mean.

Two departments rarely write the same words for one need: "Taxi hire" and "Coach hire, schools" are
both road transport.  Categories are compared with the everyday words for each CPV category.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from math import fsum, log

from matcher.core.cpv import category_names, category_words
from matcher.place.services import says
from models import text

_DIVISION, _GROUP = 2, 3
_LEAST_LETTERS = 4
_VAGUE = frozenset(
    stem
    for line in (
        "adult adults team teams sales second area locality project projects finance child",
        "commission commissions internal external goods",
        "licence licences licencing street parking travel property animal specialist",
        "wholesale wholesaler wholesalers heating servicing window windows public private",
    )
    for stem in text.words(line)
)
"""Words that alone do not tell a kind of service, although only one category has them."""
_ENOUGH = 0.65
"""The least share of the weight of a category's words that a CPV category must have."""


@cache
def _codes() -> dict[str, str]:
    """Name of a CPV category → its code, the widest of those with that name."""
    ordered = sorted(category_names().items(), key=lambda item: -len(item[0]))
    return {name: code for code, name in ordered}


def _group(codes: Sequence[str]) -> str:
    """The name of the group that nested categories are in, or of the widest of them."""
    widest = min(codes, key=len)
    groups = {code[:_GROUP] for code in codes if len(code) >= _GROUP}
    known = [code for code in groups if code in category_names()]
    return category_names()[known[0] if len(groups) == len(known) == 1 else widest]


@cache
def _words() -> tuple[dict[str, frozenset[str]], dict[str, float]]:
    """The stems of each CPV category by its code, and the rarity of each stem."""
    stems = {
        code: frozenset(text.words(f"{name}, {category_words().get(code, '')}"))
        for code, name in category_names().items()
    }
    count: dict[str, int] = defaultdict(int)
    for of in stems.values():
        for stem in of:
            count[stem] += 1
    return stems, {stem: log(1 + len(stems) / n) for stem, n in count.items()}


@lru_cache(maxsize=1 << 14)
def kind_of(category: str) -> str:
    """The name of the CPV category that a category means; '' where its words do not tell.

    >>> kind_of("Taxi hire"), kind_of("Coach hire - schools"), kind_of("Supplies and services")
    ('Road transport', 'Road transport', '')
    """
    if category in _codes():
        return _group([_codes()[category]])
    said = says(category)
    if not said:
        return ""
    stems, rarity = _words()
    unknown = max(rarity.values())
    whole = fsum(rarity.get(stem, unknown) for stem in said)
    scores = {
        code: fsum(rarity[stem] for stem in said if stem in of) / whole
        for code, of in stems.items()
    }
    best = max(scores.values())
    alike = [code for code, score in scores.items() if score == best]
    widest = min(alike, key=len)
    shared = stems[widest].intersection(said)
    if best < _ENOUGH or not all(code.startswith(widest) for code in alike):
        return ""
    return _group(alike) if len(shared) > 1 or _is_telling(*shared) else ""


def _is_telling(stem: str) -> bool:
    """Whether a stem alone tells the kind: only categories of one division have it."""
    stems, _ = _words()
    divisions = {code[:_DIVISION] for code, of in stems.items() if stem in of}
    return len(divisions) == 1 and len(stem) >= _LEAST_LETTERS and stem not in _VAGUE
