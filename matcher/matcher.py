"""The matcher: a lot in, a shortlist with its reasons out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from matcher import draw, features, places, reach
from matcher.explain import Ranking, explain
from matcher.find import Field, candidates, eligible
from matcher.need import Need
from matcher.past import A_DIGIT
from matcher.question import Question
from matcher.register import Register
from matcher.request import Request
from matcher.rulebook import Rulebook
from matcher.rules import Signal, gate
from matcher.types import Lot, Shortlist
from models.bundle import DEFAULT, Bundle
from models.errors import BundleError
from models.ranker import Ranker

_EVERYTHING = frozenset(Signal)
_USUAL = Request()


@dataclass(frozen=True)
class Matcher:
    """A register, a bundle and a rulebook, ready to answer."""

    register: Register
    bundle: Bundle
    rulebook: Rulebook

    @classmethod
    def open(cls, register: Path, bundle: str | Path = DEFAULT) -> Matcher:
        """The register in folder `register`, ranked by the bundle named or in a folder."""
        opened = Bundle.open(bundle, features.FEATURES)
        return cls(Register.open(register), opened, Rulebook.open())

    def shortlist(self, lot: Lot, request: Request = _USUAL) -> Shortlist:
        """The providers to consider for `lot`, best first, with reasons and evidence.

        Raises NotLawful where the rulebook does not allow what is asked.
        """
        question = self.question(lot, request)
        field = eligible(question)
        ranking = self.rank(question, field, request.seed)
        return explain(question, field, ranking, request, self.bundle.version)

    def question(self, lot: Lot, request: Request = _USUAL) -> Question:
        """The lot as a question to the register, once the gate has let it pass."""
        register, purpose = self.register, request.purpose
        place = places.place_of(lot, register.postcodes, register.councils)
        on = lot.day or date.today()  # noqa: DTZ011 - the day that the rulebook is asked about
        scope = reach.scope_of(register.councils, request.wish, purpose, place)
        ruling = gate(
            self.rulebook,
            lot,
            purpose,
            scope,
            on=on,
            nation=place.nation,
            buyer_area=reach.buyer_area(register.councils, place),
            contract=request.contract,
            whole_value=request.whole_value,
        )
        cautions = reach.cautions(lot, scope, register.councils, place)
        ruling = replace(ruling, notes=(*ruling.notes, *cautions))
        known = request.before or lot.day
        seen = (register.before(known) if known else register).without(lot.id)
        need = Need.of(lot, place, self.bundle.background)
        return Question(seen, need, ruling, on, self.bundle.background)

    def rank(self, question: Question, field: Field, seed: int) -> Ranking:
        """The candidates in the field, in order, with what each feature added.

        Those whose relevance adds less than the bundle's floor are left out: nearness and
        a record alone list nobody.
        """
        found = candidates(question, field, seed)
        signals = "all" if question.ruling.counts == _EVERYTHING else "relevance"
        ranker = self.bundle.ranker(signals)
        _check_lawful(ranker, question, self.bundle.name)
        x = features.compute(features.Look(question, found), ranker.features)
        added = ranker.contributions(x)
        scores = added.sum(axis=1)
        order = draw.order(scores, found.drawn)
        does = [features.FEATURES[n].signal is Signal.RELEVANCE for n in ranker.features]
        alike = added[order, :-1][:, does].sum(axis=1) >= self.bundle.floors[signals]
        kept = order[alike]
        unlike = len(order) - len(kept)
        return Ranking(
            rows=found.rows[kept],
            features=ranker.features,
            x=x[kept],
            added=added[kept],
            scores=scores[kept],
            likeness=found.past.likeness + np.float32(A_DIGIT) * found.past.depth,
            unlike=unlike,
        )


def _check_lawful(ranker: Ranker, question: Question, bundle: str) -> None:
    """Refuse a ranker that reads what the ruling does not let count, whatever it is called."""
    drawn_on = {name: features.FEATURES[name].signal for name in ranker.features}
    unlawful = [name for name, signal in drawn_on.items() if not question.counts(signal)]
    if unlawful:
        raise BundleError(
            f"bundle {bundle}: its ranker for purpose {question.ruling.purpose} draws on "
            f"{', '.join(unlawful)}, which may not count there"
        )
