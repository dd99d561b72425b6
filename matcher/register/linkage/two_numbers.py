"""Records of one name at one postcode whose groups have two numbers of one register.

Notices give mistyped numbers, and a charity that becomes an incorporated one is registered anew.
None of them are joined: nothing here tells for sure which number is right, and the wrong one may be
another organisation's.  A person is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA

from matcher.core.arrays import Ints
from matcher.register.linkage import matching, name_similarity
from matcher.register.linkage.blocks import Groups
from matcher.register.linkage.company_names import full_names
from matcher.register.linkage.groups import GroupFacts, Read
from matcher.register.linkage.judging import Judged, in_order
from matcher.register.linkage.key_tables import GONE, SEVERAL
from matcher.register.linkage.matching import Decision
from matcher.register.linkage.merge import digits
from matcher.register.linkage.relations import MAY_BE_EARLIER, MAY_BE_LATER, Relation

_CHARITIES = frozenset({"GB-CHC", "GB-SC", "GB-NIC"})
_COMPANY = len("GB-COH-")
_FEWEST = 3
"""Digits from which on two numbers that differ by one are unlikely to do so by chance."""
_MOST = 40
"""Organisations of one name at one postcode; where there are more, the pairs tell nothing."""


def at_one_place(
    columns: Mapping[str, np.ndarray], records: Ints, sizes: Ints
) -> tuple[Ints, Ints]:
    """The records of blocks that may share a postcode and have two numbers, by block and postcode.

    With them, how many each has.  Where a record of a block has several postcodes, the others of
    the block may share each.  Nobody may rank that is gone, so they are left out.
    """
    block = np.repeat(np.arange(len(sizes)), sizes)
    kept = (columns["place"][records] != 0) & (columns["marks"][records] & GONE == 0)
    records, block = records[kept], block[kept]
    if not len(records):
        return records, np.empty(0, np.int64)
    place = columns["place"][records]
    several = np.bincount(block, place == SEVERAL, len(sizes)) > 0
    place = np.where(several[block], SEVERAL, place)
    order = np.lexsort((place, block))
    records, block, place = records[order], block[order], place[order]
    starts = np.flatnonzero(
        np.concatenate([[True], (block[1:] != block[:-1]) | (place[1:] != place[:-1])])
    )
    form, number = columns["form"][records], columns["number"][records]
    worth = np.minimum.reduceat(form, starts) == 0
    for values in (form, number):
        worth |= np.minimum.reduceat(values, starts) != np.maximum.reduceat(values, starts)
    size = np.diff(np.append(starts, len(records)))
    worth &= size > 1
    return records[np.repeat(worth, size)], size[worth]


class _Numbers(NamedTuple):
    """Two numbers of one register."""

    form: str
    one: str
    other: str


class TwoNumbers:
    """Records that `at_one_place` found, as the groups are when they are asked for."""

    def __init__(
        self, groups: Groups, facts: GroupFacts, read: Read, blocks: tuple[Ints, Ints]
    ) -> None:
        self._groups = groups
        self._facts = facts
        self._read = read
        self._records, self._sizes = blocks

    def left(self) -> Iterator[Judged]:
        """Pairs for a person to look at: alike, or perhaps two registrations of one charity.

        Nobody may rank that has ended.  Companies that registers tell apart are two, except where
        their numbers differ by a slip and their names do not differ in legal form.
        """
        for mine, theirs, numbers in self._of_two_groups():
            a, b = mine[0], theirs[0]
            one, other = self._read(a), self._read(b)
            where = matching.place(one, other, lambda _, __: None)
            said = f"same name {where.words}"
            if numbers.form in _CHARITIES:
                shared = {s.postcode for s in one.sites} & {s.postcode for s in other.sites}
                whole = any(" " in postcode for postcode in shared)
                if whole or name_similarity.of_one_body(one.name):
                    says = MAY_BE_EARLIER if _earlier(numbers) else MAY_BE_LATER
                    reason = f"{said}; two charity numbers"
                    yield a, b, Decision(False, reason, 1.0, Relation(says))
                    yield a, b, Decision(False, f"{reason}, not merged", 1.0)
                continue
            slip = is_slip(numbers.one, numbers.other)
            both_known = self._facts.known(a) and self._facts.known(b)
            doubts = slip, not both_known, not self._two_forms(mine, theirs)
            if sum(doubts) > 1:
                why = self._why(a, b, numbers) if slip else "two numbers of one register"
                yield a, b, Decision(False, f"{said}, not merged: {why}", 1.0)

    def _why(self, a: int, b: int, numbers: _Numbers) -> str:
        """How two numbers differ by a slip, and which is wrong if that is likely."""
        if plain := _without_letters(numbers.one, numbers.other):
            return f"{plain} lacks the letters of the other number"
        differs = "by a digit or two exchanged ones"
        known_a, known_b = self._facts.known(a), self._facts.known(b)
        if known_a == known_b:
            return f"two numbers differ {differs}"
        wrong = numbers.other if known_a else numbers.one
        return f"{wrong} differs {differs}, and only notices give it"

    def _of_two_groups(self) -> Iterator[tuple[list[int], list[int], _Numbers]]:
        """The records of each pair of groups at one postcode, and the numbers in which they differ.

        Each pair of groups is there once, at a whole postcode where they share one, and whatever
        the order of the records is.
        """
        seen = set[tuple[int, int]]()
        for block in self._of_several_groups():
            for groups in self._by_place(block):
                for one, other in combinations(groups, 2):
                    pair = min(one, other), max(one, other)
                    if pair in seen:
                        continue
                    seen.add(pair)
                    mine, theirs = groups[one], groups[other]
                    if numbers := self._two_numbers(mine[0], theirs[0]):
                        yield mine, theirs, numbers

    def _of_several_groups(self) -> Iterator[list[int]]:
        """The records of each block that are of two or more groups; nothing is read for it."""
        sizes = self._sizes
        if not len(sizes):
            return
        leaders = self._groups.leaders()[self._records]
        starts = np.cumsum(sizes) - sizes
        several = np.minimum.reduceat(leaders, starts) != np.maximum.reduceat(leaders, starts)
        for start, size in zip(starts[several].tolist(), sizes[several].tolist(), strict=True):
            yield self._records[start : start + size].tolist()

    def _by_place(self, block: Sequence[int]) -> Iterator[dict[int, list[int]]]:
        """Leader → its records, for each postcode that two groups of a block share."""
        found: dict[str, dict[int, list[int]]] = {}
        for record in in_order(self._read, block):
            leader = self._groups.leader(record)
            for postcode in dict.fromkeys(site.postcode for site in self._read(record).sites):
                found.setdefault(postcode, {}).setdefault(leader, []).append(record)
        for postcode in sorted(found, key=lambda place: (" " not in place, place)):
            if len(found[postcode]) <= _MOST:
                yield found[postcode]

    def _two_numbers(self, a: int, b: int) -> _Numbers | None:
        """The numbers of one register in which two groups differ, those of a slip first."""
        if self._facts.ended(a) or self._facts.ended(b) or self._facts.told_apart(a, b):
            return None
        mine, theirs = self._facts.numbers(a), self._facts.numbers(b)
        found = [form for form in mine.keys() & theirs if mine[form].isdisjoint(theirs[form])]
        if not found:
            return None
        form = min(found)
        every = [_Numbers(form, x, y) for x in sorted(mine[form]) for y in sorted(theirs[form])]
        return next((each for each in every if is_slip(each.one, each.other)), every[0])

    def _two_forms(self, mine: Sequence[int], theirs: Sequence[int]) -> bool:
        """Whether the names of two groups are those of companies with different legal forms."""
        forms = [
            {full.form for record in some for full in full_names(self._read(record).name)}
            for some in (mine, theirs)
        ]
        return all(forms) and forms[0].isdisjoint(forms[1])


def is_slip(one: str, other: str) -> bool:
    """Whether two official numbers are one but for a digit, or for the letters before the digits.

    >>> is_slip("GB-COH-04242016", "GB-COH-04242416"), is_slip("GB-COH-00301540", "GB-COH-OC301540")
    (True, True)
    >>> is_slip("GB-COH-04242016", "GB-COH-04252416")
    False
    """
    x, y = (digits(number) for number in (one, other))
    return min(len(x), len(y)) >= _FEWEST and OSA.distance(x, y, score_cutoff=1) <= 1


def _without_letters(one: str, other: str) -> str:
    """The one of two company numbers that lacks the letters of the other; '' if none does."""
    plain, lettered = sorted((one, other), key=_has_letters)
    one_of_each = _has_letters(lettered) and not _has_letters(plain)
    return plain if one_of_each and digits(plain) == digits(lettered) else ""


def _has_letters(number: str) -> bool:
    return number[_COMPANY : _COMPANY + 2].isalpha()


def _earlier(numbers: _Numbers) -> bool:
    return int(digits(numbers.one) or 0) < int(digits(numbers.other) or 0)
