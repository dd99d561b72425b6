"""The peers of the award replay: other ways to rank suppliers, from the same past awards.

Each is a function from what was known before the window to a system, which gives the first
hundred suppliers for a lot.  All use the same words (`models.text`), codes and buyers as the
product does.  Their settings were chosen on the development window, so that each peer does as
well as it can.  A supplier about which a peer knows nothing is not listed.  Ties are broken by
the product's own seeded method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import bm25s
import numpy as np
import numpy.typing as npt
from scipy import sparse

from matcher.core.cpv import code_prefixes
from matcher.core.identifiers import fingerprint
from matcher.core.types import Award, Lot, Provider
from matcher.geo.councils import Councils
from matcher.geo.geocoding import place_of
from matcher.geo.national_grid import km
from matcher.geo.postcodes import PostcodeTable
from matcher.ranking.tie_break import order, tie_break_keys
from matcher.register.analysis import DESCRIPTION, buyer_key
from models import text

DEPTH = 100
"""How many suppliers a system gives for a lot."""
_SEED = 0
_MOST_ALIKE = 100
"""The number of past awards that vote."""
_SHARPNESS = 2.0
"""A vote is the award's score to this power."""
_SAME_BUYER = 3.0
"""The weight of an award by the same buyer."""
_A_LEVEL = 2.0
"""How much more a code counts than its parent, for each digit."""

System = Callable[[Award], Sequence[str]]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bm25:
    """The words of a lot for BM25, and its two parameters.

    The title's words count `title` times and the buyer (as one word) `buyer` times; with `codes`,
    CPV codes and their parents are words too.
    """

    k1: float
    b: float
    title: int = 1
    codes: bool = False
    buyer: int = 0

    def words(self, lot: Lot) -> list[str]:
        """The words of `lot`, with repeats."""
        found = text.words(f"{lot.title} {lot.description[:DESCRIPTION]}")
        found += text.words(lot.title) * (self.title - 1)
        found += code_prefixes(lot.cpv) if self.codes else []
        buyer = buyer_key(lot.buyer)
        return found + [f"buyer {buyer}"] * (self.buyer if buyer else 0)

    def index(self, documents: Sequence[list[str]]) -> _Index:
        """An index of documents (words with repeats)."""
        retriever = bm25s.BM25(k1=self.k1, b=self.b)
        retriever.index(list(documents), show_progress=False)
        return _Index(retriever)


PLAIN = Bm25(k1=1.5, b=0.75)
"""The library's usual settings, over title and description."""
OF_PROFILES = Bm25(k1=1.2, b=0.2, title=2, codes=True, buyer=3)
"""The best found for profiles on the development window."""
OF_NOTICES = Bm25(k1=1.5, b=0.5, title=2, codes=True)
"""The best found for past notices; their votes use the buyer directly."""


@dataclass(frozen=True)
class _Index:
    retriever: bm25s.BM25

    def scores(self, words: Sequence[str]) -> Scores:
        """(documents,) the BM25 score of each; 0 for all where no word is known."""
        asked = [word for word in words if word in self.retriever.vocab_dict]
        if not asked:
            return np.zeros(self.retriever.scores["num_docs"])
        return np.asarray(self.retriever.get_scores(asked), np.float64)


@dataclass(frozen=True)
class Known:
    """The past awards before the window, and every supplier."""

    history: tuple[Award, ...]
    suppliers: tuple[Provider, ...]

    @classmethod
    def of(cls, history: Sequence[Award], pool: Mapping[str, Provider]) -> Known:
        """The past awards, and the suppliers of `pool` and of those awards."""
        everyone = dict(pool)
        for award in history:
            for supplier in award.suppliers:
                everyone.setdefault(supplier.id, supplier)
        return cls(tuple(history), tuple(everyone.values()))

    @cached_property
    def wins(self) -> sparse.csr_array:
        """(awards, suppliers) sparse: 1 where the supplier won the award."""
        column = {supplier.id: at for at, supplier in enumerate(self.suppliers)}
        return _marks(
            [{column[s.id] for s in award.suppliers} for award in self.history],
            len(self.suppliers),
        )

    def first(self, scores: Scores, lot_id: str) -> list[str]:
        """The ids of the first hundred by `scores` (suppliers,); only those above 0."""
        rows = _highest(scores, DEPTH)
        ranked = rows[order(scores[rows], tie_break_keys(self._keys[rows], _SEED, lot_id))]
        return [self.suppliers[row].id for row in ranked[:DEPTH].tolist()]

    @cached_property
    def _keys(self) -> npt.NDArray[np.uint64]:
        return np.array([fingerprint(supplier.id) for supplier in self.suppliers], np.uint64)


def _highest(scores: Scores, count: int) -> npt.NDArray[np.int64]:
    """Positions of the `count` highest scores above 0, and of all equal to the last."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) <= count:
        return rows
    least = np.partition(scores[rows], -count)[-count]
    highest: npt.NDArray[np.int64] = rows[scores[rows] >= least]
    return highest


def _marks(columns: Sequence[set[int]], width: int) -> sparse.csr_array:
    """(rows, `width`) sparse: 1 in those columns of each row."""
    ends = np.cumsum([0, *map(len, columns)])
    marked = np.array([at for row in columns for at in sorted(row)], np.int64)
    return sparse.csr_array((np.ones(len(marked)), marked, ends), shape=(len(columns), width))


def bm25_profiles(known: Known, settings: Bm25 = OF_PROFILES) -> System:
    """BM25 over one document for each supplier: its name and the words of its past awards.

    `settings` decide whether the codes and buyers of those awards are among the words.
    """
    said = [settings.words(award.lot) for award in known.history]
    won = known.wins.tocsc()
    documents = []
    for at, supplier in enumerate(known.suppliers):
        awards = won.indices[won.indptr[at] : won.indptr[at + 1]]
        past = [word for award in awards for word in said[award]]
        documents.append(text.words(supplier.name) + past)
    index = settings.index(documents)
    return lambda award: known.first(index.scores(settings.words(award.lot)), award.lot.id)


def bm25_voting(known: Known, settings: Bm25 = OF_NOTICES) -> System:
    """BM25 over past notices: the hundred most similar vote for their winners.

    A vote is the score squared, three times as much where the buyer is the same; winners of
    one award share it by the square root of their number.
    """
    index = settings.index([settings.words(award.lot) for award in known.history])
    buyers = np.array([buyer_key(award.lot.buyer) for award in known.history], np.uint64)
    winners = np.maximum(known.wins.sum(axis=1), 1)
    shares = (sparse.diags_array(winners**-0.5) @ known.wins).tocsr()

    def answer(award: Award) -> list[str]:
        scores = index.scores(settings.words(award.lot))
        best = _highest(scores, _MOST_ALIKE)
        buyer = buyer_key(award.lot.buyer)
        same = (buyers[best] == np.uint64(buyer)) & (buyer != 0)
        votes = scores[best] ** _SHARPNESS * np.where(same, _SAME_BUYER, 1.0)
        return known.first(votes @ shares[best], award.lot.id)

    return answer


def cpv_hierarchy(known: Known) -> System:
    """CPV codes and their parents shared with past awards, summed over the awards.

    After Mynarz et al. 2017: a code counts by its inverse document frequency and, the deeper
    it is in the hierarchy, the more.
    """
    codes = [code_prefixes(award.lot.cpv) for award in known.history]
    numbers: dict[str, int] = {}
    held = [{numbers.setdefault(code, len(numbers)) for code in row} for row in codes]
    marks = _marks(held, len(numbers))
    depth = np.array([len(code) for code in numbers], np.float64)
    rarity = np.log((1 + len(codes)) / (0.5 + marks.sum(axis=0)))
    weights = np.maximum(rarity, 0) * _A_LEVEL**depth
    profiles = (sparse.diags_array(weights) @ marks.T @ known.wins).tocsr()

    def answer(award: Award) -> list[str]:
        asked = [numbers[code] for code in code_prefixes(award.lot.cpv) if code in numbers]
        shared = profiles[np.array(asked, np.int64)].sum(axis=0)
        return known.first(shared, award.lot.id)

    return answer


def nearest(known: Known, postcodes: PostcodeTable, councils: Councils) -> System:
    """Suppliers by the distance from the lot's place to the nearest of their postcodes."""
    sites = [(at, s.postcode) for at, one in enumerate(known.suppliers) for s in one.sites]
    owners = np.array([at for at, _ in sites], np.int64)
    east, north, _, how = postcodes.find_many([postcode for _, postcode in sites])
    east, north, owners = east[how > 0], north[how > 0], owners[how > 0]

    def answer(award: Award) -> list[str]:
        spot = place_of(award.lot, postcodes, councils).spot
        nearness = np.zeros(len(known.suppliers))
        if spot is not None:
            np.maximum.at(nearness, owners, 1 / (1 + km(spot.east, spot.north, east, north)))
        return known.first(nearness, award.lot.id)

    return answer
