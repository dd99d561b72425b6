"""The matcher: turns a lot into a shortlist with reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.core.cpv import with_own_codes
from matcher.core.errors import BadInput
from matcher.core.formatting import count
from matcher.core.types import Lot, Size
from matcher.geo import geocoding
from matcher.geo.typed_places import PlaceCheck
from matcher.law.gate import gate
from matcher.law.procurement import ProcurementFacts
from matcher.law.rulebook import Rulebook
from matcher.law.summary import summarize
from matcher.law.types import Signal
from matcher.ranking import engagement, filters, tie_break
from matcher.ranking.cpv_suggestions import CodeVotes, code_votes, note_on_codes
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
from matcher.register.analysis import DESCRIPTION, AnalyzedLot
from matcher.register.columns import size_code
from matcher.register.encoded_texts import vectors_version
from matcher.register.gazetteer import spot_of_words
from matcher.register.register import Register
from models import exact
from models.bundle import DEFAULT, Bundle
from models.calibrated_ranker import CalibratedRanker, Fairness, fair_order
from models.errors import BundleError
from models.ranker import Matrix, Ranker, Vector

_EVERYTHING = frozenset(Signal)
_RANKED = 200
"""The most candidates that a ranker with a prefilter ranks.  On past lots, ranking everyone put no
more winners in the first ten, within chance (docs/notes)."""
_USUAL = Request()


@dataclass(frozen=True)
class Matcher:
    """Shortlists providers from a register, with the models of a bundle and a rulebook."""

    register: Register
    bundle: Bundle
    rulebook: Rulebook

    @classmethod
    def open(cls, register: Path, bundle: str | Path = DEFAULT) -> Matcher:
        """Open the register in a folder, and a bundle by name or folder.

        Raises BundleError where the register's vectors were made with another bundle.
        """
        opened_bundle = Bundle.open(bundle, registry.FEATURES)
        opened_register = Register.open(register)
        _check_vectors(opened_register, opened_bundle, register, bundle)
        return cls(opened_register, opened_bundle, Rulebook.open())

    def __repr__(self) -> str:
        """What a notebook shows: the register and the bundle, and not what they hold."""
        return f"Matcher({self.register!r}, bundle={self.bundle.name!r})"

    @property
    def place_check(self) -> PlaceCheck:
        """The check of places that a person typed."""
        return PlaceCheck(self.register.councils, self.register.postcodes)

    def renewed(self) -> Matcher:
        """A matcher over the current snapshot; this one, unless the register was rebuilt."""
        register = self.register.renewed()
        if register is self.register:
            return self
        path = register.folder.parent
        named = self.bundle.source or self.bundle.name
        _check_vectors(register, self.bundle, path, named, _RESTART)
        return replace(self, register=register)

    def shortlist(self, lot: Lot, request: Request = _USUAL) -> Shortlist:
        """The providers to consider for `lot`, best first, with reasons and evidence.

        Raises NotLawful where the rulebook does not allow the request.
        """
        return self.answer(self.query(lot, request), request)

    def answer(self, query: Query, request: Request = _USUAL) -> Shortlist:
        """The shortlist for a query that was made with this request."""
        lot = query.analyzed.lot
        eligible = eligible_providers(query)
        ranking = self.ranking_for(query, eligible, request)
        answer = explain(query, eligible, ranking, request, self.bundle.version)
        facts = self._facts(lot, request, query.analyzed.place, query.on)
        answer = replace(answer, procurement=summarize(self.rulebook, facts))
        if request.withheld:
            answer = replace(answer, notes=(*answer.notes, _withheld_note(request)))
        return answer if lot.cpv else self._with_suggested_codes(answer, query)

    def _with_suggested_codes(self, answer: Shortlist, query: Query) -> Shortlist:
        votes = code_votes(query)
        note = note_on_codes(votes, self.rulebook.light_touch)
        return replace(
            answer,
            cpv_suggestions=votes.suggestions(),
            notes=(*answer.notes, note) if note else answer.notes,
        )

    def code_votes(self, lot: Lot, before: date | None = None) -> CodeVotes:
        """What past awards say of the CPV codes of `lot`, whatever codes it has itself.

        Raises BadLot for a lot that cannot be searched for.
        """
        return code_votes(self.query(replace(lot, cpv=()), Request(before=before)))

    def query(self, lot: Lot, request: Request = _USUAL) -> Query:
        """The lot as a query of the register, if the gate allows it.

        Codes that are none of the CPV are left out.
        Raises NotLawful where it does not, and BadLot for a lot that cannot be searched for.
        """
        sent, lot = lot, with_own_codes(lot)
        register, purpose = self.register, request.purpose
        place = self.place(lot)
        on = lot.day or request.on or date.today()  # noqa: DTZ011 - the officer's own today
        scope = filters.scope_of(register.councils, request.wish, purpose, place)
        facts = self._facts(lot, request, place, on)
        ruling = gate(self.rulebook, facts, purpose, scope)
        cautions = filters.cautions(lot, scope, register.councils, place)
        before = request.before or lot.day
        visible = (register.before(before) if before else register).without(lot.id)
        analyzed = AnalyzedLot.of(lot, place, self.bundle.knowledge.background)
        unread = filters.unread_note(analyzed)
        notes = (*ruling.notes, *cautions, *filters.codes_note(sent), *unread)
        ruling = replace(ruling, notes=notes)
        return Query(visible, analyzed, ruling, on, self.bundle.knowledge, sent)

    def _facts(
        self, lot: Lot, request: Request, place: geocoding.LotPlace, on: date
    ) -> ProcurementFacts:
        area = filters.buyer_area(self.register.councils, place)
        whole = request.whole_value, request.whole_at_least, request.vat_added, request.kinds
        return ProcurementFacts(lot, on, place.nation, area, request.contract, *whole)

    def place(self, lot: Lot) -> geocoding.LotPlace:
        """Where `lot` is: read from its fields, else from its words."""
        register = self.register
        tables = register.postcodes, register.councils
        place = geocoding.place_of(lot, *tables)
        lot_text = f"{lot.title}\n{lot.description[:DESCRIPTION]}"
        place = geocoding.place_in_text(lot_text, lot, place, *tables)
        if place.spot is not None or place.unclear:
            return place
        spot = geocoding.spot_of_title_town(lot.title, lot, place, *tables) or spot_of_words(
            register, lot, self.bundle.knowledge.background
        )
        return replace(place, spot=spot, source=spot.source) if spot else place

    def ranking_for(self, query: Query, eligible: EligibleProviders, request: Request) -> Ranking:
        """The ranking that a request's list is taken from: without the providers withheld."""
        shown = request.limit + len(request.withheld)
        ranking = self.rank(
            query, eligible, request.seed, shown, fair=request.fair, weak=request.weak
        )
        rows = [query.register.row(each.provider) for each in request.withheld]
        return ranking.without(np.array([row for row in rows if row is not None], np.int64))

    def rank(
        self,
        query: Query,
        eligible: EligibleProviders,
        seed: int,
        shown: int = 0,
        *,
        fair: bool = False,
        weak: bool = False,
    ) -> Ranking:
        """The most promising eligible providers, ranked; the first `shown` with contributions.

        Providers below the relevance floor are dropped, whatever their distance: proximity or
        past awards alone never qualify a provider.  With `weak` they come after the others.
        `fair`: providers without a known contract get their share of places among near-equals.
        """
        candidates = retrieve(query, eligible, seed)
        ranker = self.ranker_for(query)
        context = FeatureContext(query, candidates)
        x = compute.compute(context, ranker.features)
        likely = ranker.relevance_of(x)
        alike = ranker.is_relevant(x, likely)
        kept = np.arange(len(alike)) if weak else np.flatnonzero(alike)
        prefilter = ranker.prefilter_values(x[kept])
        paid = engagement.values(context)[kept]
        promising = compute.promising(prefilter, _RANKED, candidates.tie_keys[kept])
        promising = engagement.with_paid(promising, paid, candidates.tie_keys[kept])
        kept, paid = kept[promising], paid[promising]
        rows, learned = candidates.rows[kept], ranker.ranked(x)[kept]
        scores = exact.to_places(ranker.ranker.score(learned) + engagement.added(paid))
        ranked = np.hstack([learned, paid])
        order = tie_break.order(scores, candidates.tie_keys[kept])
        fairness = self._fairness(ranker) if fair else None
        if fairness:
            new = _new(query.register, rows[order])
            order = order[fair_order(scores[order], new, fairness)]
        order = order[np.argsort(~alike[kept][order], kind="stable")]
        calibration = ranker.calibration
        relevance = None if likely is None else likely[kept][order]
        return Ranking(
            rows=rows[order],
            features=(*ranker.ranker.features, *engagement.names(query)),
            values=ranked[order],
            contributions=contributions(
                ranker.ranker, ranked[order[:shown]], scores[order[:shown]]
            ),
            scores=scores[order],
            probabilities=calibration.probability(scores[order]) if calibration else None,
            relevance=relevance,
            marks=ranker.marks(relevance),
            fairness=fairness,
            likeness=candidates.past.likeness + np.float32(A_DIGIT) * candidates.past.depth,
            unlike=0 if weak else len(alike) - int(alike.sum()),
        )

    def _fairness(self, ranker: CalibratedRanker) -> Fairness:
        if ranker.fairness is None:
            raise BadInput(
                f"fair share: bundle {self.bundle.name} has no fair share; "
                "use a bundle that was trained with one"
            )
        return ranker.fairness

    def ranker_for(self, query: Query) -> CalibratedRanker:
        """The ranker for the signals that may count.

        Raises BundleError where the bundle has none, or where it reads more than may count.
        """
        ranker = self.bundle.ranker_for(
            "all" if query.ruling.counts == _EVERYTHING else "relevance"
        )
        _check_lawful(ranker, query, self.bundle.name)
        return ranker


def _withheld_note(request: Request) -> str:
    """How many providers are left out because other lots list them; it names none."""
    number = len(request.withheld)
    who = count(number, "provider that ranks", "providers that rank")
    return (
        f"{who} here {'is' if number == 1 else 'are'} left out, because each provider is on a "
        "limited number of the lists of this request. 'withheld' in the request names them and "
        "the lots that list them."
    )


def contributions(ranker: Ranker, x: Matrix, scores: Vector) -> Matrix:
    """(n, features + 1) what each feature adds to the score, to six places; the base is last.

    The columns of `x` are the ranker's features, and then those of payments, if they count.  The
    base takes what rounding leaves, so that each row adds up to the score as shown.
    """
    learned = len(ranker.features)
    own = exact.to_places(ranker.contributions(x[:, :learned]))
    added = np.hstack([own[:, :-1], engagement.parts(x[:, learned:]), own[:, -1:]])
    added[:, -1] = exact.to_places(scores - added[:, :-1].sum(axis=1))
    return added


def _new(register: Register, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(n,) which providers have no known award and are not known to be large."""
    large = register.columns.size[rows] == size_code(Size.LARGE)
    new: npt.NDArray[np.bool_] = register.is_new(rows) & ~large
    return new


_RESTART = "start this program again if it or its bundle was replaced since it started, or "
"""What to do where a program that runs meets a register of another version."""


def _check_vectors(
    register: Register, bundle: Bundle, path: Path, named: str | Path, way_out: str = ""
) -> None:
    wanted, made = vectors_version(bundle.knowledge), register.manifest.meaning
    if wanted and wanted != made:
        maker = f"{register.manifest.bundle or 'no bundle'}, not by this bundle"
        if register.manifest.bundle == bundle.name:
            maker = "another version of it, or of this program"
        raise BundleError(
            f"--bundle {bundle.name}: the vectors of --register {path} were made by {maker}; "
            f"{way_out}run `matcher build --register {path} --bundle {named}` to make them again "
            "(nothing else changes)"
        )


@cache
def _signals(names: tuple[str, ...]) -> frozenset[Signal]:
    """The signals that features use."""
    return frozenset(registry.FEATURES[name].signal for name in names)


def _check_lawful(ranker: CalibratedRanker, query: Query, bundle: str) -> None:
    """Raise BundleError where the ranker reads signals that may not count."""
    if not all(query.counts(signal) for signal in _signals(ranker.features)):
        signal_of = {name: registry.FEATURES[name].signal for name in ranker.features}
        unlawful = [name for name, signal in signal_of.items() if not query.counts(signal)]
        raise BundleError(
            f"bundle {bundle}: its ranker for purpose {query.ruling.purpose} reads "
            f"{', '.join(unlawful)}, which may not count for that purpose"
        )
