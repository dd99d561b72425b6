"""Counts the records whose postcode is not known: their place is that of its district, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from matcher.core.arrays import Ints, Mask
from matcher.core.types import Kind, Provider, Tally
from matcher.geo.postcodes import PostcodeTable
from matcher.register.build.intake_records import IntakeRecords

NOT_LISTED = (
    "postcode that is not in the list of postcodes (its rows are kept, in the middle of its "
    "district)"
)
_KEPT = "(its rows are kept, without a place for lists by area or distance)"
NOT_KNOWN = f"postcode that is not in the list of postcodes {_KEPT}"
OFF_THE_GRID = f"postcode of the Channel Islands, the Isle of Man or the armed forces {_KEPT}"
_OFF_THE_GRID = ("GY", "JE", "IM", "BF")
"""Areas whose postcodes have no position on the grids of Great Britain and Ireland."""
_SHOWN = 5
"""Postcodes that are shown as examples."""


class RecordsOfSource(NamedTuple):
    """The numbers of the records of one source, and its tally."""

    tally: Tally
    numbers: range


def count_unplaced(
    sources: Iterable[RecordsOfSource],
    records: IntakeRecords,
    squares: Ints,
    not_listed: Mask,
    table: PostcodeTable,
) -> None:
    """Count in the tally of each source its records of which no postcode is known.

    `squares` (records, 2) are -1 where no place is known; `not_listed` (records,) are those of
    which no whole postcode is.  A table of a part of the country knows few places, and then nothing
    is counted.  The postcode of a sole trader, who may live there, is not shown.
    """
    if not table.is_of_the_country():
        return
    has_no_place = squares[:, 0] < 0
    is_counted = has_no_place | not_listed
    for tally, numbers in sources:
        shown: dict[str, dict[str, None]] = {}
        of_source = np.flatnonzero(is_counted[numbers.start : numbers.stop]) + numbers.start
        for number in of_source.tolist():
            record = records[number]
            if record.sites and record.status.may_rank:
                reason = _reason(record) if has_no_place[number] else NOT_LISTED
                tally.drop(reason)
                if record.kind is not Kind.SOLE_TRADER:
                    shown.setdefault(reason, {})[_postcode(record)] = None
        for reason, postcodes in shown.items():
            tally.examples[reason] = _in_short(list(postcodes))


def _reason(record: Provider) -> str:
    off = all(site.postcode.startswith(_OFF_THE_GRID) for site in record.sites)
    return OFF_THE_GRID if off else NOT_KNOWN


def _postcode(record: Provider) -> str:
    """The first whole postcode of a record, or else the first."""
    every = [site.postcode for site in record.sites]
    return next((one for one in every if " " in one), every[0])


def _in_short(postcodes: Sequence[str]) -> str:
    more = len(postcodes) - _SHOWN
    shown = ", ".join(postcodes[:_SHOWN])
    return f"{shown} and {more:,} more" if more > 0 else shown
