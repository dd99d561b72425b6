"""A lot as a query of the register: its words, codes, place and buyer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from matcher.core.cpv import category_lines, code_prefixes
from matcher.core.identifiers import fingerprint
from matcher.core.types import BUYERS, CAUTIONS, PAID_FOR, STAFF, Lot, Provider
from matcher.geo.geocoding import LotPlace
from matcher.geo.postcode_parsing import without_postcodes
from models import text
from models.background import Background

DESCRIPTION = 1500
"""Characters of a description that are read; the rest is mostly boilerplate."""
NONE = Background()
_OF_NO_WORK = ("(self-declared)", *CAUTIONS, STAFF, BUYERS)
"""The ends of labels that say nothing of a provider's work."""


@dataclass(frozen=True, slots=True)
class AnalyzedLot:
    """What one lot searches the register for.

    `words` is stem → count in the lot's text; `category` is stem → count in the CPV headings of
    its codes; `codes` are its CPV codes and the codes above them.
    """

    lot: Lot
    words: dict[str, float]
    category: dict[str, float]
    codes: tuple[str, ...]
    place: LotPlace
    buyer: int

    @property
    def unread(self) -> str:
        """Why there is no word to search for; '' where there is one."""
        if self.words:
            return ""
        if lot_words(self.lot.title, self.lot.description):
            return "it names places and no work"
        return "it has none in English letters, or only common ones such as “the”"

    @classmethod
    def of(cls, lot: Lot, place: LotPlace, background: Background = NONE) -> AnalyzedLot:
        """Analyse `lot`, which is at `place` (`matcher.geo.geocoding.place_of`).

        Leaves out words that are places: whole postcodes, learned place words, the lot's own areas,
        and rare words of the buyer's name or after "in", "at" or "near" ("in Bloxwich and
        Mossley").  A place name in a provider's name is not evidence of capability.
        """
        title, description = map(without_postcodes, (lot.title, lot.description))
        words = lot_words(title, description)
        named = [*text.words(lot.buyer), *named_places(f"{title}\n{description}")]
        local = place_words(lot, place).union(s for s in named if not background.is_common(s))
        places = background.places
        return cls(
            lot=lot,
            words={s: n for s, n in words.items() if s not in local and s not in places},
            category=text.counts([(line, 1.0) for line in category_lines(lot.cpv)]),
            codes=tuple(code_prefixes(lot.cpv)),
            place=place,
            buyer=buyer_key(lot.buyer),
        )


def place_words(lot: Lot, place: LotPlace) -> frozenset[str]:
    """The stems of the names of the lot's and the buyer's areas."""
    named = (lot.area, *(area.name for area in (place.area, place.buyer) if area))
    return frozenset(stem for name in named for stem in text.words(name))


_WHERE = re.compile(
    r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Aa]round|[Aa]cross|[Ww]ithin|[Tt]hroughout|[Cc]overing|[Ss]erving"
    r"|[Bb]etween)\s+((?:the\s+)?[A-Z][\w'’-]+"
    r"(?:(?:,\s*|\s+and\s+|\s*&\s*|\s+or\s+|[^\S\r\n]+)(?:the\s+)?[A-Z][\w'’-]+){0,12})"
)
"""Names after a word that says where.  A new line without a comma begins something else: a title
that ends in "in Walsall", and "Counselling for …" below it."""


def named_places(description: str) -> list[str]:
    r"""The stems of names that follow a preposition of place, such as "in" or "near".

    >>> named_places("Youth work in Blakenall, Bloxwich and Mossley, for girls of Year 9")
    ['blakenal', 'bloxwich', 'mossley']
    >>> named_places("Counselling in Bloxwich\nCounselling for girls of Year 9")
    ['bloxwich']
    """
    return [stem for names in _WHERE.findall(description) for stem in text.words(names)]


def lot_words(title: str, description: str) -> dict[str, float]:
    """Stem → count in a lot's text; the title counts twice, the description only to a limit."""
    return text.counts([(title, 2.0), (description[:DESCRIPTION], 1.0)])


def profile_words(provider: Provider) -> dict[str, float]:
    """Stem → count in a provider's profile and labels.

    What it was paid for adds each word once, however often and by however many it was paid.
    """
    counts = text.counts([(provider.profile, 1.0)]) if provider.profile else {}
    of_labels, paid_for = _label_words(provider.tags)
    for stem, count in of_labels.items():
        counts[stem] = counts.get(stem, 0.0) + count
    for stem in paid_for:
        counts.setdefault(stem, 1.0)
    return counts


@lru_cache(1 << 14)
def _label_words(tags: tuple[str, ...]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Stem → count in the labels among `tags`, and the stems of what was paid for."""
    paid_for = (tag.removeprefix(PAID_FOR) for tag in tags if tag.startswith(PAID_FOR))
    stems = dict.fromkeys(stem for label in paid_for for stem in text.words(label))
    return text.counts((label, 1.0) for label in labels_of(tags)), tuple(stems)


def labels(provider: Provider) -> list[str]:
    """The provider's labels for its work, without the code in front.

    Labels that suppliers declare in notices ('sme') are not about their work. What it was paid for
    is not among them either.
    """
    return labels_of(provider.tags)


def labels_of(tags: Iterable[str]) -> list[str]:
    """The labels among tags, as `labels` gives those of a provider."""
    kept = (t for t in tags if not t.endswith(_OF_NO_WORK) and not t.startswith(PAID_FOR))
    return [tag.partition(":")[2] or tag for tag in kept]


_BUYER_NOISE = frozenset(
    {
        *("the", "of", "and", "council", "borough", "county", "city", "district", "limited"),
        *("metropolitan", "mbc", "bc", "cc", "dc", "royal", "london", "authority", "ltd"),
        "unitary",
    }
)


def buyer_key(name: str) -> int:
    """A number that is the same for all spellings of a buyer's name; 0 where it is empty."""
    words = set(text.plain(name.replace(".", "")).split())
    kept = sorted(words - _BUYER_NOISE or words)
    return fingerprint(" ".join(kept)) if kept else 0
