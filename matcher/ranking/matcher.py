"""The matcher: a lot in, a shortlist with its reasons out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.core.errors import BadInput
from matcher.core.types import Lot, Size
from matcher.geo import geocoding
from matcher.law.gate import gate
from matcher.law.procurement import ProcurementFacts
from matcher.law.rulebook import Rulebook
from matcher.law.types import Signal
from matcher.ranking import filters, tie_break
from matcher.ranking.eligibility import EligibleProviders, eligible_providers
from matcher.ranking.explain import explain
from matcher.ranking.features import compute, registry
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.past_awards import A_DIGIT
from matcher.ranking.query import Query
from matcher.ranking.ranking import Ranking
from matcher.ranking.request import Request
from matcher.ranking.retrieval import retrieve
from matcher.ranking.shortlist import Shortlist
from matcher.register.analysis import AnalyzedLot
from matcher.register.columns import size_code
from matcher.register.gazetteer import spot_of_words
from matcher.register.register import Register
from models import exact
from models.bundle import DEFAULT, Bundle, CalibratedRanker
from models.errors import BundleError
from models.fairness import Fairness, fair_order
from models.ranker import Matrix, Ranker, Vector

_EVERYTHING = frozenset(Signal)
_RANKED = 200
"""How many candidates the ranker puts in order at most.  On past lots no more of the winners came
to stand among the first ten for ranking everyone, but for what may be chance (docs/notes)."""
_USUAL = Request()


@dataclass(frozen=True)
class Matcher:
    """A register, a bundle and a rulebook, ready to answer."""

    register: Register
    bundle: Bundle
    rulebook: Rulebook

    @classmethod
    def open(cls, register: Path, bundle: str | Path = DEFAULT) -> Matcher:
        """The register in folder `register`, ranked by the bundle named or in a folder.

        Raises BundleError where another bundle's embedder made the register's vectors.
        """
        opened = Bundle.open(bundle, registry.FEATURES)
        known = Register.open(register)
        _check_vectors(known, opened, register, bundle)
        return cls(known, opened, Rulebook.open())

    def renewed(self) -> Matcher:
        """This matcher over the snapshot in force: itself, unless the register was built anew."""
        register = self.register.renewed()
        if register is self.register:
            return self
        path = register.folder.parent
        _check_vectors(register, self.bundle, path, self.bundle.name)
        return replace(self, register=register)

    def shortlist(self, lot: Lot, request: Request = _USUAL) -> Shortlist:
        """The providers to consider for `lot`, best first, with reasons and evidence.

        Raises NotLawful where the rulebook does not allow what is asked.
        """
        query = self.query(lot, request)
        eligible = eligible_providers(query)
        ranking = self.rank(query, eligible, request.seed, request.limit, fair=request.fair)
        return explain(query, eligible, ranking, request, self.bundle.version)

    def query(self, lot: Lot, request: Request = _USUAL) -> Query:
        """The lot as a question to the register, once the gate has let it pass."""
        register, purpose = self.register, request.purpose
        place = self.place(lot)
        on = lot.day or request.on or date.today()  # noqa: DTZ011 - the officer's own today
        scope = filters.scope_of(register.councils, request.wish, purpose, place)
        facts = ProcurementFacts(
            lot,
            on,
            place.nation,
            filters.buyer_area(register.councils, place),
            request.contract,
            request.whole_value,
        )
        ruling = gate(self.rulebook, facts, purpose, scope)
        cautions = filters.cautions(lot, scope, register.councils, place)
        ruling = replace(ruling, notes=(*ruling.notes, *cautions))
        known = request.before or lot.day
        seen = (register.before(known) if known else register).without(lot.id)
        analyzed = AnalyzedLot.of(lot, place, self.bundle.knowledge.background)
        return Query(seen, analyzed, ruling, on, self.bundle.knowledge)

    def place(self, lot: Lot) -> geocoding.LotPlace:
        """Where `lot` is: as its fields say, else as its words do."""
        register = self.register
        place = geocoding.place_of(lot, register.postcodes, register.councils)
        if place.spot is not None:
            return place
        spot = spot_of_words(register, lot, self.bundle.knowledge.background)
        return replace(place, spot=spot, source=spot.source) if spot else place

    def rank(
        self,
        query: Query,
        eligible: EligibleProviders,
        seed: int,
        shown: int = 0,
        *,
        fair: bool = False,
    ) -> Ranking:
        """The candidates in the field, in order; for the first `shown`, what each feature added.

        Those who do too little like the lot are left out: nearness and a record alone list
        nobody.  Of the others the most promising are ranked.  `fair`: among near-equals, those
        without a record get their share of places.
        """
        found = retrieve(query, eligible, seed)
        ranker = self.ranker_for(query)
        x = compute.compute(FeatureContext(query, found), ranker.features)
        alike = ranker.is_relevant(x)
        kept = np.flatnonzero(alike)
        kept = kept[compute.promising(x[kept], ranker.features, _RANKED, found.tie_keys[kept])]
        rows, ranked = found.rows[kept], ranker.ranked(x)[kept]
        scores = exact.to_places(ranker.ranker.score(ranked))
        order = tie_break.order(scores, found.tie_keys[kept])
        fairness = self._fairness(ranker) if fair else None
        if fairness:
            new = _new(query.register, rows[order])
            order = order[fair_order(scores[order], new, fairness)]
        calibration = ranker.calibration
        return Ranking(
            rows=rows[order],
            features=ranker.ranker.features,
            values=ranked[order],
            contributions=contributions(
                ranker.ranker, ranked[order[:shown]], scores[order[:shown]]
            ),
            scores=scores[order],
            probabilities=calibration.probability(scores[order]) if calibration else None,
            fairness=fairness,
            likeness=found.past.likeness + np.float32(A_DIGIT) * found.past.depth,
            unlike=len(alike) - int(alike.sum()),
        )

    def _fairness(self, ranker: CalibratedRanker) -> Fairness:
        if ranker.fairness is None:
            raise BadInput(f"fair share: bundle {self.bundle.name} has learned no fair share")
        return ranker.fairness

    def ranker_for(self, query: Query) -> CalibratedRanker:
        """The ranker that was made for what may count here.

        Raises BundleError where the bundle has none, or one that reads more than may count.
        """
        ranker = self.bundle.ranker_for(
            "all" if query.ruling.counts == _EVERYTHING else "relevance"
        )
        _check_lawful(ranker, query, self.bundle.name)
        return ranker


def contributions(ranker: Ranker, x: Matrix, scores: Vector) -> Matrix:
    """(n, features + 1) what each feature adds to the score, to six places; the base is last.

    The base takes what rounding leaves, so that each row adds up to the score as shown.
    """
    added = exact.to_places(ranker.contributions(x))
    added[:, -1] = exact.to_places(scores - added[:, :-1].sum(axis=1))
    return added


def _new(register: Register, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(n,) which have no known award, and are not known to be large."""
    large = register.columns.size[rows] == size_code(Size.LARGE)
    new: npt.NDArray[np.bool_] = register.is_new(rows) & ~large
    return new


def _check_vectors(register: Register, bundle: Bundle, path: Path, named: str | Path) -> None:
    wanted, made = bundle.knowledge.embedder_version, str(register.manifest.get("meaning", ""))
    if wanted and wanted != made:
        maker = register.manifest.get("bundle") or "no bundle"
        raise BundleError(
            f"--bundle {bundle.name}: the vectors of --register {path} were made by {maker}, not "
            f"by this bundle; run `matcher build --register {path} --bundle {named}` to make "
            "them again (nothing else changes)"
        )


@cache
def _signals(names: tuple[str, ...]) -> frozenset[Signal]:
    """What the features draw on."""
    return frozenset(registry.FEATURES[name].signal for name in names)


def _check_lawful(ranker: CalibratedRanker, query: Query, bundle: str) -> None:
    """Refuse a ranker that reads what the ruling does not let count, whatever it is called."""
    if not all(query.counts(signal) for signal in _signals(ranker.features)):
        drawn_on = {name: registry.FEATURES[name].signal for name in ranker.features}
        unlawful = [name for name, signal in drawn_on.items() if not query.counts(signal)]
        raise BundleError(
            f"bundle {bundle}: its ranker for purpose {query.ruling.purpose} draws on "
            f"{', '.join(unlawful)}, which may not count there"
        )
