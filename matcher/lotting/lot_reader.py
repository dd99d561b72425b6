"""Assesses each lot of several splits once, as lots of one procurement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from matcher.core.errors import BadLot, NotLawful
from matcher.core.identifiers import fingerprint
from matcher.core.types import Lot
from matcher.law.procurement import is_vat_added, total_value
from matcher.law.rulebook import Rulebook
from matcher.lotting.types import Split
from matcher.market.assessment import LotAssessment, assess
from matcher.ranking.batch import Refusal, refusal
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request


@dataclass(frozen=True)
class LotReader:
    """Assesses lots, each content once.

    The request's whole value is that of all lots together; a lower bound where `at_least`.
    """

    matcher: Matcher
    request: Request
    at_least: bool = False
    _assessed: dict[str, LotAssessment | Refusal] = field(default_factory=dict)

    def __call__(self, lot: Lot) -> LotAssessment | Refusal:
        """The assessment of a lot, or its refusal."""
        key = self.key(lot)
        if key not in self._assessed:
            try:
                self._assessed[key] = assess(self.matcher, lot, self.request)
            except (NotLawful, BadLot) as error:
                self._assessed[key] = refusal(lot, error)
        result = self._assessed[key]
        return result if isinstance(result, Refusal) else replace(result, lot=lot)

    def key(self, lot: Lot) -> str:
        """A key for what decides the assessment: the lot's content and the known awards."""
        known_awards = self.matcher.register.without(lot.id).known_awards
        return f"lot-{fingerprint(repr((replace(lot, id=''), known_awards))):016x}"

    def require(self, lot: Lot) -> LotAssessment:
        """The assessment.  Raises BadLot or NotLawful where it is refused."""
        result = self(lot)
        if isinstance(result, Refusal):
            error = NotLawful(result.message, rule=result.rule, offer=result.offer)
            raise error if result.rule else BadLot(result.message)
        return result


def lot_reader(matcher: Matcher, need: Lot, splits: Iterable[Split], request: Request) -> LotReader:
    """A reader that values all lots together, by the split that adds up to the most."""
    sums = list(_sums(matcher.rulebook, need, splits))
    if request.whole_value is not None:
        sums.append(_Sum(request.whole_value, in_full=True, vat_added=request.vat_added))
    most = max(sums, key=lambda total: (total.value, total.in_full), default=None)
    if most is None:
        return LotReader(matcher, request)
    whole = replace(request, whole_value=most.value, vat_added=most.vat_added)
    return LotReader(matcher, whole, at_least=not most.in_full)


@dataclass(frozen=True, slots=True)
class _Sum:
    """The value of several lots in pounds including VAT; `in_full` if each has a value.

    `vat_added` is whether VAT was added to any of them.
    """

    value: float
    in_full: bool
    vat_added: bool


def _sums(book: Rulebook, need: Lot, splits: Iterable[Split]) -> Iterator[_Sum]:
    """The known value of the need and of each split."""
    for lots in ((need,), *(split.lots for split in splits)):
        valued = [lot for lot in lots if lot.value is not None]
        if valued:
            in_full = len(valued) == len(lots)
            yield _Sum(total_value(valued, book.vat), in_full, is_vat_added(valued))
