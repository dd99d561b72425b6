"""Who is large by what notices say: several buyers do not call it an SME, and hardly any does."""

from __future__ import annotations

from array import array
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints
from matcher.core.types import NOT_SME, SME

_BUYERS, _TIMES = 3, 3
"""From how many buyers on a supplier is large, and how many times as many as call it an SME.

Of suppliers that one buyer does not call an SME one in ten is among the employers of 250 or more,
of those with two three in ten, with three half of them, and with more most of them.
"""


class DeclaredSizes:
    """What each award says of the size of each of its suppliers."""

    def __init__(self) -> None:
        self._records, self._buyers, self._is_sme = array("q"), array("Q"), array("b")

    def add(self, record: int, buyer: int, tags: Collection[str]) -> None:
        """Add what an award of `buyer` says of the supplier in `record`, if it says anything.

        A buyer that is not known, 0, may be one that was counted already.
        """
        if SME in tags or (NOT_SME in tags and buyer):
            self._records.append(record)
            self._buyers.append(buyer)
            self._is_sme.append(SME in tags)

    def large(self, row_of_record: Ints) -> dict[int, int]:
        """Row → how many buyers do not call it an SME, for each row that is large by them."""
        if not self._records:
            return {}
        is_sme = np.array(self._is_sme, bool)
        rows = row_of_record[np.array(self._records, np.int64)]
        buyers = np.array(self._buyers, np.uint64)
        count = len(row_of_record)
        yes, no = (_buyers_of(rows[said], buyers[said], count) for said in (is_sme, ~is_sme))
        large = np.flatnonzero((no >= _BUYERS) & (no >= _TIMES * yes))
        return dict(zip(large.tolist(), no[large].tolist(), strict=True))


def _buyers_of(rows: Ints, buyers: npt.NDArray[np.uint64], count: int) -> Ints:
    """(count,) how many different buyers each row has."""
    order = np.lexsort((buyers, rows))
    rows, buyers = rows[order], buyers[order]
    first = np.ones(len(rows), bool)
    first[1:] = (rows[1:] != rows[:-1]) | (buyers[1:] != buyers[:-1])
    return np.bincount(rows[first], minlength=count).astype(np.int64)
