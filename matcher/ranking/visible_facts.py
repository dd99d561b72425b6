"""Which facts of a provider a list may show, and which of these are not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matcher.core.types import CAUTIONS, NOT_SME, SME, Size, Status
from matcher.law.types import Signal
from matcher.ranking.evidence import Evidence
from matcher.ranking.query import Query


@dataclass(frozen=True, slots=True)
class VisibleFacts:
    """Which facts a list may show under the ruling."""

    km: bool
    record: bool
    place: bool
    size: bool
    kind: bool

    @classmethod
    def of(cls, query: Query) -> VisibleFacts:
        """What may count is shown, and so is what the list is narrowed by."""
        scope, place = query.ruling.scope, query.counts(Signal.PLACE)
        size = query.counts(Signal.SIZE) or scope.sizes is not None
        return cls(
            km=place,
            record=query.counts(Signal.RECORD),
            place=place or scope.by_place,
            size=size,
            kind=size or scope.vcse,
        )

    def missing(self, evidence: Evidence) -> Iterator[str]:
        """What is not known or to check of the provider; no fact that may not be shown."""
        provider = evidence.provider
        if not provider.profile:
            yield "what it says it does"
        if self.size and provider.size is Size.UNKNOWN:
            not_sme = NOT_SME in provider.tags and SME not in provider.tags
            yield "size (a notice does not call it an SME)" if not_sme else "size"
        if self.place and evidence.site is None:
            yield "place"
        if provider.status is Status.UNKNOWN:
            yield "whether it is still active"
        if self.record and not evidence.contracts:
            yield "any public contract"
        for caution in (tag for tag in provider.tags if tag.endswith(CAUTIONS)):
            what, _, source = caution.removesuffix(")").rpartition(" (")
            yield f"whether it trades and will go on: {source} shows {what}"
