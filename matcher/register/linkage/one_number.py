"""Records that give one official number, and whose names are not alike: one may be mistyped.

A person looks at them.  Where the person keeps two of them apart, each record with the number and
the unlike name gets an id of its own in place of the number, whatever source it is from.  Where
very many unlike names have a number, the records lose it without a person: people typed it where a
form requires one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress, islice, product
from typing import NamedTuple

from matcher.core.identifiers import OWN, PAYEE, own_id, scheme
from matcher.core.org_ids import equivalents
from matcher.core.types import Provider
from matcher.register.linkage import name_similarity
from matcher.register.linkage.groups import content
from matcher.register.linkage.merge import of_notices
from matcher.register.linkage.reading import read
from matcher.register.linkage.told_pairs import Pairs
from matcher.sources.notices.parties import name_key

UNLIKE = 0.5
"""Names below this similarity are unlike."""
_MOST = 20
"""Names of one number that are compared with all others: a placeholder may have thousands."""
FEWEST_STRANGERS = 6
"""Unlike names beside those of one organisation from which on a number is not that of all.

In 39,000 real award notices no number has more than three.
"""


class Unlike(NamedTuple):
    """A record whose name is unlike the others that give its number."""

    known: Provider
    """a record of the organisation that the number is taken to be of"""
    other: Provider
    similarity: float

    @property
    def id(self) -> str:
        """The id of the other, should it be another organisation."""
        return own_id_of(self.other)


def unlike(records: Iterable[Provider]) -> Iterator[Unlike]:
    """Of records with one official number as their id, those with unlike names, each name once.

    The number is taken to be of the organisation that a register names; if none does, of the one
    that most records name.  A name that is like one of its names is its own.
    """
    every = list(records)
    if scheme(every[0].id) is not None:
        yield from _unlike(every)


def _unlike(every: Sequence[Provider]) -> Iterator[Unlike]:
    times = Counter(name_key(record.name) for record in every)
    by_name: dict[str, Provider] = {}
    for record in sorted(
        every, key=lambda r: (of_notices(r), -times[name_key(r.name)], content(r))
    ):
        by_name.setdefault(name_key(record.name), record)
    known, *left = by_name.values()
    alike = [known]
    for one in islice(alike, _MOST):  # which grows
        is_near = [similarity(one, other) >= UNLIKE for other in left]
        alike += compress(left, is_near)
        left = [other for other, near in zip(left, is_near, strict=True) if not near]
    for other in left:
        yield Unlike(known, other, similarity(known, other))


def strangers(records: Sequence[Provider]) -> frozenset[str]:
    """The `name_key` of each name to which the official number of some records does not belong.

    There is none unless very many unlike names have it.  The organisation that a register names
    keeps its number, and so does one that most records name.  A source that gives the number to
    unlike names does not tell whose it is.
    """
    if len(records) <= FEWEST_STRANGERS:
        return frozenset()
    found = list(_unlike(records))
    left = [each.other for each in found]
    for _ in range(FEWEST_STRANGERS - 1):
        if left:
            left = [other for other in left[1:] if similarity(left[0], other) < UNLIKE]
    if not left:
        return frozenset()
    far = {name_key(each.other.name) for each in found}
    sources = {record.source.name for record in records if name_key(record.name) in far}
    own = len([record for record in records if name_key(record.name) not in far])
    known = found[0].known
    is_told = not of_notices(known) and known.source.name not in sources
    if not is_told and own * 2 < len(records):
        far = {name_key(record.name) for record in records}
    return frozenset(far)


def similarity(a: Provider, b: Provider) -> float:
    """How similar the most similar names of two records are; 1 if one begins or ends another."""
    names_a, names_b = ((record.name, *record.aliases) for record in (a, b))
    return max(
        1.0 if _is_part(x, y) else name_similarity.similarity(x, y)
        for x, y in product(names_a, names_b)
    )


def _is_part(a: str, b: str) -> bool:
    """Whether a name has all the words of another, which is shortened."""
    words_a, words_b = set(read(a).weights), set(read(b).weights)
    return bool(words_a and words_b) and (words_a <= words_b or words_b <= words_a)


def own_ids_in(pairs: Pairs) -> frozenset[str]:
    """The ids in pairs that a person keeps apart which `with_own_id` gives to records."""
    return frozenset(org_id for pair in pairs for org_id in pair if org_id.startswith(OWN))


def with_own_id(record: Provider, own_ids: frozenset[str]) -> Provider:
    """The record, with an id of its own where a person says that its number is another's.

    Its further numbers stay.  A payee has its number beside an id that is made from its name, and
    gets the other id in place of the number.
    """
    if not own_ids or not _number(record) or (own := own_id_of(record)) not in own_ids:
        return record
    number = _usual(_number(record))
    others = tuple(each for each in record.ids if _usual(each) != number)
    if record.id.startswith(PAYEE):
        return replace(record, ids=(own, *others))
    return replace(record, id=own, ids=others)


def without_numbers_of_others(record: Provider, numbers: Collection[str]) -> Provider:
    """The record without official `numbers`; with an id of its own where one of them is its id."""
    ids = tuple(each for each in record.ids if _usual(each) not in numbers)
    own = own_id_of(record) if _usual(record.id) in numbers else record.id
    return replace(record, id=own, ids=ids)


def numbers_of(record: Provider) -> set[str]:
    """The official numbers of a record, as the registers say them that gave them first."""
    return {_usual(org_id) for org_id in (record.id, *record.ids) if scheme(org_id)}


def all_with_own_ids(records: Sequence[Provider], own_ids: frozenset[str]) -> tuple[Provider, ...]:
    """The suppliers of an award, as `with_own_id` has each."""
    return tuple(with_own_id(record, own_ids) for record in records)


def own_id_of(record: Provider) -> str:
    """The id of the record, should it be another organisation's than its number.

    Decisions name it: a change of `name_key`, or of `_usual`, would undo them.
    """
    return own_id(_usual(_number(record)), name_key(record.name))


def _number(record: Provider) -> str:
    if not record.id.startswith(PAYEE):
        return record.id
    return record.ids[0] if record.ids else ""


def _usual(org_id: str) -> str:
    """An official number as the register says it that gave it first; other ids unchanged."""
    return (*equivalents(org_id), org_id)[0]
