"""Lots that are set aside while a file is read, as refusals beside the answers for the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcher.core.types import Tally
from matcher.ranking.batch import Refusal
from matcher.sources.notices.lot_documents import REPEATED, REPLACED
from matcher.sources.notices.lot_table import NO_LOT
from matcher.sources.notices.tender_value import FIELD_ONLY

_ANSWERED = {REPEATED, REPLACED, *NO_LOT}


@dataclass(slots=True)
class RefusalTally(Tally):
    """A tally that also keeps a refusal for each lot that was set aside."""

    refused: list[Refusal] = field(default_factory=list)

    def drop(self, reason: str, where: str = "") -> None:
        """Count a lot that was set aside, and keep its refusal if it gets no answer."""
        Tally.drop(self, reason, where)
        if is_refused(reason):
            place, _, error = where.partition(": ")
            self.refused.append(Refusal(place, "", f"{reason}: {error}" if error else reason))


def is_refused(reason: str) -> bool:
    """Whether a lot that is set aside for this reason gets no answer."""
    return reason not in _ANSWERED and not reason.endswith(FIELD_ONLY)
