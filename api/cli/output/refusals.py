"""Lots that are set aside while a file is read, as refusals beside the answers for the others."""

from __future__ import annotations

from matcher.ranking.batch import Refusal
from matcher.sources.notices.lot_tally import LotTally


class RefusalTally(LotTally):
    """A tally that gives a refusal for each lot that was set aside and gets no answer."""

    __slots__ = ()

    @property
    def refused(self) -> list[Refusal]:
        """The refusals, in order."""
        return [
            Refusal(one.where, "", f"{one.reason}: {one.fault}" if one.fault else one.reason)
            for one in self.unusable
        ]
