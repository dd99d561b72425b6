"""Records of one name at one postcode whose groups have two numbers of one register.

Notices give mistyped numbers, and a charity that becomes an incorporated one is registered anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA

from matcher.core.arrays import Ints
from matcher.core.types import Provider
from matcher.register.linkage import matching, name_similarity
from matcher.register.linkage.blocks import Groups
from matcher.register.linkage.company_names import full_names
from matcher.register.linkage.groups import GroupFacts, Read
from matcher.register.linkage.judging import Judged
from matcher.register.linkage.key_tables import SEVERAL
from matcher.register.linkage.matching import Decision
from matcher.register.linkage.relations import MAY_BE_EARLIER, MAY_BE_LATER, Relation

_CHARITIES = frozenset({"GB-CHC", "GB-SC", "GB-NIC"})
_COMPANY = len("GB-COH-")
_FEWEST = 3
"""Digits from which on two numbers that differ by one are unlikely to do so by chance."""


def pairs_at_one_place(columns: Mapping[str, np.ndarray], records: Ints, sizes: Ints) -> Ints:
    """(n, 2) of the records of blocks, those that may share a postcode and have two numbers.

    Of each block and postcode they are neighbours by number, so that some pair is of two groups if
    not all records are of one.  Where a record of a block has several postcodes, the others of the
    block may share each.
    """
    block = np.repeat(np.arange(len(sizes)), sizes)
    place, form, number = (columns[name][records] for name in ("place", "form", "number"))
    several = np.bincount(block, place == SEVERAL, len(sizes)) > 0
    place = np.where(several[block] & (place != 0), SEVERAL, place)
    order = np.lexsort((number, form, form == 0, place, block))
    one, other = order[:-1], order[1:]
    worth = (block[one] == block[other]) & (place[one] == place[other]) & (place[one] != 0)
    worth &= (form[one] == 0) | (form[one] != form[other]) | (number[one] != number[other])
    return np.stack([records[one[worth]], records[other[worth]]], axis=1)


class _Numbers(NamedTuple):
    """Two numbers of one register."""

    form: str
    one: str
    other: str


class TwoNumbers:
    """Pairs of records that `pairs_at_one_place` found, as the groups are now."""

    def __init__(self, groups: Groups, facts: GroupFacts, read: Read, pairs: Ints) -> None:
        self._groups = groups
        self._facts = facts
        self._read = read
        self._pairs = pairs

    def mistyped(self) -> Iterator[tuple[int, int, str, str]]:
        """Pairs to join, why, and the number that is mistyped.

        One number has the digits of the other but for one, and only the other is in a register; or
        it lacks the two letters of the other, and is in no register.  Neither has ended, or both.
        """
        for a, b, numbers in self._of_two_groups():
            if not is_slip(numbers.one, numbers.other) or self._may_be_two(a, b):
                continue
            known_a, known_b = self._facts.known(a), self._facts.known(b)
            if known_a != known_b:
                wrong = numbers.other if known_a else numbers.one
                why = f"{wrong} differs by a digit, and only notices give it"
            elif not known_a and (wrong := _without_letters(numbers.one, numbers.other)):
                why = f"{wrong} lacks the letters of the other number"
            else:
                continue
            where = matching.place(self._read(a), self._read(b), lambda _, __: None)
            yield a, b, f"same name {where.words}; {why}", wrong

    def left(self) -> Iterator[Judged]:
        """Pairs for a person to look at: alike, or perhaps two registrations of one charity.

        Nobody may rank that has ended.  Companies that registers tell apart are two.
        """
        for a, b, numbers in self._of_two_groups():
            if self._facts.ended(a) or self._facts.ended(b):
                continue
            one, other = self._read(a), self._read(b)
            where = matching.place(one, other, lambda _, __: None)
            said = f"same name {where.words}"
            slip = is_slip(numbers.one, numbers.other)
            if numbers.form in _CHARITIES:
                whole = any(" " in postcode for postcode in _postcodes(one, other))
                if whole or name_similarity.of_one_body(one.name):
                    says = MAY_BE_EARLIER if _earlier(numbers) else MAY_BE_LATER
                    reason = f"{said}; two charity numbers"
                    yield a, b, Decision(False, reason, 1.0, Relation(says))
                    yield a, b, Decision(False, f"{reason}, not merged", 1.0)
            elif slip or not (self._both_known(a, b) or _two_forms(one, other)):
                digit = "differ by a digit" if slip else "of one register"
                yield a, b, Decision(False, f"{said}, not merged: two numbers {digit}", 1.0)

    def _may_be_two(self, a: int, b: int) -> bool:
        if self._facts.ended(a) != self._facts.ended(b):
            return True
        return _two_forms(self._read(a), self._read(b))

    def _both_known(self, a: int, b: int) -> bool:
        return self._facts.known(a) and self._facts.known(b)

    def _of_two_groups(self) -> Iterator[tuple[int, int, _Numbers]]:
        """Each pair of groups once, with the number in which they differ."""
        seen = set[tuple[int, int]]()
        for pair in self._pairs.tolist():
            one, other = sorted(map(self._groups.leader, pair))
            if one == other or (one, other) in seen:
                continue
            a, b = sorted(pair, key=lambda record: self._read(record).id)
            if not _postcodes(self._read(a), self._read(b)) or self._facts.told_apart(a, b):
                continue
            mine, theirs = self._facts.numbers(a), self._facts.numbers(b)
            found = [form for form in mine.keys() & theirs if mine[form].isdisjoint(theirs[form])]
            if found:
                seen.add((one, other))
                form = min(found)
                yield a, b, _Numbers(form, min(mine[form]), min(theirs[form]))


def is_slip(one: str, other: str) -> bool:
    """Whether two official numbers are one but for a digit, or for the letters before the digits.

    >>> is_slip("GB-COH-04242016", "GB-COH-04242416"), is_slip("GB-COH-00301540", "GB-COH-OC301540")
    (True, True)
    >>> is_slip("GB-COH-04242016", "GB-COH-04252416")
    False
    """
    x, y = (_digits(number) for number in (one, other))
    return min(len(x), len(y)) >= _FEWEST and OSA.distance(x, y, score_cutoff=1) <= 1


def _digits(org_id: str) -> str:
    return "".join(c for c in org_id if c.isdigit()).lstrip("0")


def _without_letters(one: str, other: str) -> str:
    """The one of two company numbers that lacks the letters of the other; '' if none does."""
    plain, lettered = sorted((one, other), key=_has_letters)
    one_of_each = _has_letters(lettered) and not _has_letters(plain)
    return plain if one_of_each and _digits(plain) == _digits(lettered) else ""


def _has_letters(number: str) -> bool:
    return number[_COMPANY : _COMPANY + 2].isalpha()


def _two_forms(one: Provider, other: Provider) -> bool:
    """Whether two names are those of companies with different legal forms."""
    forms = [{full.form for full in full_names(record.name)} for record in (one, other)]
    return all(forms) and forms[0].isdisjoint(forms[1])


def _postcodes(one: Provider, other: Provider) -> set[str]:
    """The postcodes that two records share, some of which may be districts."""
    return {site.postcode for site in one.sites} & {site.postcode for site in other.sites}


def _earlier(numbers: _Numbers) -> bool:
    return int(_digits(numbers.one) or 0) < int(_digits(numbers.other) or 0)
