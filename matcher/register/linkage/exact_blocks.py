"""The records that share an id or the whole of a name, without those that need not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from matcher.core.arrays import Ints, Mask
from matcher.register.linkage.candidates import shared
from matcher.register.linkage.key_tables import KeyKind, Keys, columns_of
from matcher.register.linkage.two_numbers import at_one_place


def joined(blocks: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """The records of several blocks, and their sizes."""
    return np.concatenate([r for r, _ in blocks]), np.concatenate([n for _, n in blocks])


def blocks_in(
    keys: Keys, kinds: Sequence[KeyKind], partition: int
) -> tuple[dict[KeyKind, tuple[Ints, Ints]], tuple[Ints, Ints]]:
    """The records that share a key in a partition, by the kind of key; and those `at_one_place`."""
    found = {kind: shared(*keys.of(kind, partition)) for kind in kinds}
    columns, nothing = columns_of(keys), np.empty(0, np.int64)
    places = at_one_place(columns, *found.get(KeyKind.NAME, (nothing, nothing)))
    for kind, worth in ((KeyKind.NAME, _of_one_number), (KeyKind.COMPANY, _of_some_number)):
        if kind in found and len(found[kind][0]):
            found[kind] = worth(columns, *found[kind])
    return found, places


def _of_one_number(
    columns: Mapping[str, np.ndarray], records: Ints, sizes: Ints
) -> tuple[Ints, Ints]:
    """Without the blocks of which two records have different numbers of one register.

    Two organisations have that name, whatever their legal forms: `by_only_name` joins none of
    them either, but has to read the records.
    """
    near = _neighbours(columns, records, sizes)
    left_out = np.zeros(len(sizes), bool)
    left_out[near.block[near.one_form & near.official & ~near.one_number]] = True
    return records[np.repeat(~left_out, sizes)], sizes[~left_out]


def _of_some_number(
    columns: Mapping[str, np.ndarray], records: Ints, sizes: Ints
) -> tuple[Ints, Ints]:
    """Without the blocks whose records have each a number of its own in one register.

    They are companies that differ, and conflict: `by_company` joins none of them either, but has
    to read each and to compare it with each.
    """
    near = _neighbours(columns, records, sizes)
    kept = np.zeros(len(sizes), bool)
    kept[near.block[~near.one_form | near.one_number]] = True
    return records[np.repeat(kept, sizes)], sizes[kept]


class _Neighbours(NamedTuple):
    """Pairs of records that follow each other in a block, by register and official number."""

    block: Ints
    official: Mask
    """whether the first has exactly one official number"""
    one_form: Mask
    """whether both have, or lack, a number of one register"""
    one_number: Mask


def _neighbours(columns: Mapping[str, np.ndarray], records: Ints, sizes: Ints) -> _Neighbours:
    block = np.repeat(np.arange(len(sizes)), sizes)
    form, number = columns["form"][records], columns["number"][records]
    order = np.lexsort((number, form, block))
    one, other = order[:-1], order[1:]
    within = block[one] == block[other]
    one, other = one[within], other[within]
    return _Neighbours(
        block[one], form[one] != 0, form[one] == form[other], number[one] == number[other]
    )


def each(records: Ints, sizes: Ints) -> Iterator[list[int]]:
    """The records of each block."""
    at = 0
    for size in sizes.tolist():
        yield records[at : at + size].tolist()
        at += size
