"""Who is here for each service: local providers, thin services, and what is bought elsewhere.

A provider counts for a service if what it says, what it is called, what it was paid for or what its
past contracts were about shares enough key words with the service and its categories.  That is a
weaker test than a shortlist's: it says who might be asked, not who can do the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from matcher.core.arrays import Ints, Mask
from matcher.place.classes import ELSEWHERE, SIZES, UNKNOWN, PlaceView
from matcher.place.ledger import Ledger
from matcher.place.money import NOT_GIVEN, Spending
from matcher.ranking.query import weighted_terms
from matcher.register.rows import Rows
from models import text
from models.background import Background

FEWEST = 3
"""A service with fewer local providers is thin."""
_ENOUGH = 0.2
"""The least score of a provider's words, of which 1 has the twelve weightiest words."""
_MOST_CATEGORIES = 4
_MOST_SERVICES = 40
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Known:
    """A provider by its id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ServiceHere:
    """One service: what is spent on it, and the local providers that might do it.

    `pence` is what the place spends, and `elsewhere` what of it goes to known places outside and
    not near.  `local_share` is of what went to known places; None where too little is known.
    `with_work` have a public contract or payment so far.  `size_unknown` may be small or not.
    """

    name: str
    pence: int
    elsewhere: int
    local_share: float | None
    providers: int
    vcse: int
    small: int
    size_unknown: int
    with_work: int
    shown: tuple[Known, ...]
    thin: bool
    """fewer than three local providers are known"""


def services_here(
    view: PlaceView, book: Ledger, spending: Sequence[Spending], background: Background
) -> tuple[ServiceHere, ...]:
    """The services that a place spends most on, and who is here for each."""
    finder = ServiceFinder.of(view, background)
    categories = _categories(book)
    found = []
    for group in spending[:_MOST_SERVICES]:
        if group.name == NOT_GIVEN or group.name.endswith(" others") or not says(group.name):
            continue
        at = finder.find(group.name, categories.get(group.name.casefold(), ()))
        found.append(finder.service(group, at))
    return tuple(found)


_ACCOUNTING = frozenset(
    stem
    for line in (
        "services supplies supply payments payment general other others miscellaneous misc fees",
        "fee charges charge expenses expenditure costs cost purchase purchases private contractors",
        "contractor third party equipment materials goods revenue capital internal external",
        "direct indirect recharge recharges income grants grant contributions and of the",
        "employees",
        "employee",
        "premises transfer related hired contracted professional support central non stock",
    )
    for stem in text.words(line)
)
"""Words of accounts, which say nothing of what is needed."""


@lru_cache(maxsize=1 << 14)
def says(category: str) -> tuple[str, ...]:
    """The words of a category that say what is needed, in the order of the alphabet.

    >>> says("Supplies and Services"), says("Roofing services")
    ((), ('roof',))
    """
    return tuple(sorted(set(text.words(category)) - _ACCOUNTING))


def _categories(book: Ledger) -> dict[str, tuple[str, ...]]:
    """Service → the categories on which most of it is spent."""
    pence = np.bincount(book.purpose, book.pence, len(book.services))
    ranked: dict[str, dict[str, float]] = {}
    for number, service in enumerate(book.services):
        of = ranked.setdefault(service.casefold(), {})
        name = book.categories[number]
        of[name] = of.get(name, 0.0) + float(pence[number])
    return {
        service: tuple(sorted(of, key=lambda name: (-of[name], name))[:_MOST_CATEGORIES])
        for service, of in ranked.items()
    }


@dataclass(frozen=True)
class ServiceFinder:
    """Finds the local providers for services."""

    view: PlaceView
    background: Background
    here: Ints
    """the rows of local organisations, ascending"""
    public: Mask
    """(here,) which have a public contract or payment"""
    small: Mask
    vcse: Mask
    size_unknown: Mask

    @classmethod
    def of(cls, view: PlaceView, background: Background) -> ServiceFinder:
        """A finder for the providers of a place, without those known to be large."""
        here = view.here()
        sizes = view.sizes(here)
        here = np.sort(here[sizes != SIZES.index("large")])
        public = view.with_public_work(here)
        unknown = view.sizes(here) == SIZES.index(UNKNOWN)
        vcse = view.vcse(here)
        return cls(view, background, here, public, view.small(here), vcse, unknown)

    def find(self, service: str, more: Sequence[str] = ()) -> Ints:
        """The positions in `here` of providers for a service, the best first."""
        words = text.counts([(service, 2.0), *((line, 1.0) for line in more)])
        words = {s: n for s, n in words.items() if s not in self.background.places}
        if not words or not len(self.here):
            return np.empty(0, np.int64)
        register = self.view.register
        index = register.names_and_profiles
        terms = weighted_terms(words, index, None, self.background, rarest=None)
        scores = index.scores(terms, _only(self.here))
        past = weighted_terms(words, register.past, register.known_awards, self.background)
        alike = register.past.scores(past, Rows.span(0, register.known_awards))
        _, winners = register.winners.of_many(np.flatnonzero(alike >= _ENOUGH))
        scores = np.maximum(scores, np.where(np.isin(self.here, winners), _ENOUGH, 0))
        at = np.flatnonzero(scores >= _ENOUGH)
        return at[np.argsort(-scores[at], kind="stable")]

    def service(self, group: Spending, at: Ints) -> ServiceHere:
        """What is known of a service, given the positions of its providers."""
        return ServiceHere(
            name=group.name,
            pence=group.pence,
            elsewhere=group.at(ELSEWHERE),
            local_share=group.local_share,
            providers=len(at),
            vcse=int(self.vcse[at].sum()),
            small=int(self.small[at].sum()),
            size_unknown=int(self.size_unknown[at].sum()),
            with_work=int(self.public[at].sum()),
            shown=self.known(at[:_SHOWN]),
            thin=len(at) < FEWEST,
        )

    def known(self, at: Ints) -> tuple[Known, ...]:
        """The providers at some positions."""
        organisations = self.view.register.organisations
        providers = (organisations[int(self.here[n])].provider for n in at)
        return tuple(Known(provider.id, provider.name) for provider in providers)


def bought_elsewhere(services: Sequence[ServiceHere]) -> tuple[ServiceHere, ...]:
    """Services of which most goes elsewhere although three local providers or more are known."""
    found = [s for s in services if not s.thin and s.elsewhere * 2 > s.pence > 0]
    return tuple(sorted(found, key=lambda s: -s.elsewhere))


def _only(rows: Ints) -> Rows:
    """These rows, ascending, and no others."""
    none = np.empty(0, np.int64)
    return Rows(none, none, rows)
