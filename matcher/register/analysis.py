"""A lot as a question: its words, its codes, its place and its buyer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcher.core.cpv import category_lines, code_prefixes
from matcher.core.identifiers import fingerprint
from matcher.core.types import Lot, Provider
from matcher.geo.geocoding import LotPlace
from models import text
from models.background import Background

DESCRIPTION = 1500
"""Characters of a description that count; what follows is boilerplate mostly."""
NONE = Background()


@dataclass(frozen=True, slots=True)
class AnalyzedLot:
    """What is asked of the register for one lot.

    `words` is stem → how much the lot stresses it; `category` the same for the words that
    suppliers under the lot's CPV codes use; `codes` the CPV codes and all they belong to.
    """

    lot: Lot
    words: dict[str, float]
    category: dict[str, float]
    codes: tuple[str, ...]
    place: LotPlace
    buyer: int

    @classmethod
    def of(cls, lot: Lot, place: LotPlace, background: Background = NONE) -> AnalyzedLot:
        """The question that `lot` asks; `place` as `matcher.geo.geocoding.place_of` finds it.

        Words that say where are left out, as far as they can be told: learned place words,
        the lot's own areas, and of the words in the buyer's name or said to be where
        something is ("in Bloxwich and Mossley") those that notices seldom use.  Who bears a
        town's name is not therefore able to do the work.
        """
        said = lot_words(lot.title, lot.description)
        named = [*text.words(lot.buyer), *whereabouts(f"{lot.title}\n{lot.description}")]
        idle = place_words(lot, place).union(s for s in named if not background.is_common(s))
        places = background.places
        return cls(
            lot=lot,
            words={s: n for s, n in said.items() if s not in idle and s not in places},
            category=text.counts([(line, 1.0) for line in category_lines(lot.cpv)]),
            codes=tuple(code_prefixes(lot.cpv)),
            place=place,
            buyer=buyer_key(lot.buyer),
        )


def place_words(lot: Lot, place: LotPlace) -> frozenset[str]:
    """The stems of the areas that the lot and its buyer name."""
    named = (lot.area, *(area.name for area in (place.area, place.buyer) if area))
    return frozenset(stem for name in named for stem in text.words(name))


_WHERE = re.compile(
    r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Aa]round|[Aa]cross|[Ww]ithin|[Tt]hroughout|[Cc]overing|[Ss]erving"
    r"|[Bb]etween)\s+((?:the\s+)?[A-Z][\w'’-]+"
    r"(?:(?:,\s*|\s+and\s+|\s*&\s*|\s+or\s+|\s+)(?:the\s+)?[A-Z][\w'’-]+){0,12})"
)


def whereabouts(said: str) -> list[str]:
    """The stems of the names that a text says something is in, at or near.

    >>> whereabouts("Youth work in Blakenall, Bloxwich and Mossley, for girls of Year 9")
    ['blakenal', 'bloxwich', 'mossley']
    """
    return [stem for names in _WHERE.findall(said) for stem in text.words(names)]


def lot_words(title: str, description: str) -> dict[str, float]:
    """Stem → count of a lot's text: the title twice, the description's opening once."""
    return text.counts([(title, 2.0), (description[:DESCRIPTION], 1.0)])


def profile_words(provider: Provider) -> dict[str, float]:
    """Stem → count of what a provider says it does: its profile and its labels."""
    return text.counts([(provider.profile, 1.0), *((label, 1.0) for label in labels(provider))])


def labels(provider: Provider) -> list[str]:
    """Its labels that tell what it does, without the code in front.

    What a notice lets a supplier declare of itself ('sme') says nothing of its work.
    """
    said = (tag for tag in provider.tags if not tag.endswith("(self-declared)"))
    return [tag.partition(":")[2] or tag for tag in said]


_BUYER_NOISE = frozenset(
    {
        *("the", "of", "and", "council", "borough", "county", "city", "district", "limited"),
        *("metropolitan", "mbc", "bc", "cc", "dc", "royal", "london", "authority", "ltd"),
        "unitary",
    }
)


def buyer_key(name: str) -> int:
    """A number that a buyer keeps under its several spellings; 0 where it has no name."""
    words = set(text.plain(name.replace(".", "")).split())
    kept = sorted(words - _BUYER_NOISE or words)
    return fingerprint(" ".join(kept)) if kept else 0
