"""Decides which records are of one organisation.

Rules, in this order:
1. Records with the same own id are one organisation.  Where their names are unlike, a person is
   asked (`one_number`); where very many are, they lose the number, as other records with it do.
2. Pairs that the user joins are one organisation.
3. Records that share an official number, or any other id, are one organisation.
4. Records with the same full company name are one organisation; so are those with the same name
   where only one organisation has it, and near records with a trading name of one company.
   (`exact_keys`)
5. Records with alike names and places are one organisation, or two that are related, as
   `matching.decide` has it.  The surest pairs come first.

Rules 3 to 5 never merge two groups with different numbers of one official register and kind of
registration (`org_ids.form_of`), or a pair that the user keeps apart; rule 5 also not two groups
with the full names of two companies.  Where two groups with one name at one postcode differ in such
a number, a person is asked (`two_numbers`).  The only name, a trading name or a short name never
joins an organisation that has ended to one that has not.  With `trust_ids`, names are not compared,
and of ids only official numbers count.

Records need not fit in memory: only hashes are kept, in files, and records are read and compared
only if they share a key.  Keys are searched in parts (`key_tables`), and pairs judged in parts
(`judging`), in several processes; groups are joined in one, in order.

Every merge has a reason, and can be undone with a file of pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain

import numpy as np

from matcher.core import workers
from matcher.core.arrays import Ints
from matcher.core.identifiers import OWN, without_number
from matcher.core.types import Merge, Provider, Related
from matcher.register.linkage.blocks import Groups
from matcher.register.linkage.exact_blocks import blocks_in, each, joined
from matcher.register.linkage.exact_keys import ExactKeys
from matcher.register.linkage.groups import GroupFacts, ids_of
from matcher.register.linkage.judging import CACHED, JudgedPairs, Open
from matcher.register.linkage.key_tables import NOT_ITS_OWN, KeyKind, Keys, all_with
from matcher.register.linkage.keys import RecordKeys
from matcher.register.linkage.matching import Distance
from matcher.register.linkage.named_pairs import NamedPairs, PairsBefore, Stage
from matcher.register.linkage.one_number import (
    FEWEST_STRANGERS,
    UNLIKE,
    numbers_of,
    own_ids_in,
    similarity,
    strangers,
    unlike,
    without_numbers_of_others,
)
from matcher.register.linkage.told_pairs import Pairs, bare_pair, without_numbers
from matcher.register.linkage.two_numbers import TwoNumbers
from matcher.sources.notices.parties import name_key

ONE_NUMBER = "one number, unlike names"
"""The reason of merges of records that have only their number in common."""
_EXACT = (KeyKind.ID, KeyKind.COMPANY, KeyKind.NAME, KeyKind.TRADING)
"""The kinds of keys that are followed without comparing names, in this order."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The leader of each record's group, and the merges with their reasons."""

    leaders: Ints
    merges: tuple[Merge, ...]
    related: dict[int, tuple[Related, ...]] = field(default_factory=dict)
    """leader → the organisations that its own is related to"""
    alike: tuple[Merge, ...] = ()
    """pairs that are alike and were not merged, for a person to look at"""
    compared: int = 0
    """pairs of records whose names were compared"""
    unsure: tuple[tuple[str, str], ...] = ()
    """pairs to join that were not, because several records may be meant by one id"""
    not_own: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """record → the numbers which it gives and which are not its own"""
    judged: JudgedPairs | None = None
    """what the next build need not judge again"""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a person said of ids and of pairs of records."""

    trust_ids: bool = False
    apart: Pairs = frozenset()
    joined: Pairs = frozenset()

    @property
    def own_ids(self) -> frozenset[str]:
        """The ids of records whose number a person says is another organisation's."""
        return own_ids_in(self.apart)


NOTHING_SAID = Rules()


def resolve(
    keys: Keys,
    rules: Rules,
    open_: Open,
    stage: Stage = lambda name, done, total: None,
    before: PairsBefore | None = None,
) -> Resolution:
    """Decide which of the records with these keys are one organisation.

    Pairs that were judged `before` are not compared again: the postcodes must be where they were.
    Where keys are in several partitions, several processes search them and `open_` the records.
    """
    return _Resolving(keys, rules, open_, stage).run(before)


def resolved(records: Sequence[Provider], km: Distance, rules: Rules = NOTHING_SAID) -> Resolution:
    """As `resolve`, of a few records in memory; `km` is the distance between two postcodes."""
    keys = RecordKeys(trust_ids=rules.trust_ids)
    for record in records:
        keys.add(record)
    return resolve(keys, rules, lambda: (records.__getitem__, km))


class _Resolving:
    """One run over all records."""

    def __init__(self, keys: Keys, rules: Rules, open_: Open, stage: Stage) -> None:
        read, self._km = open_()
        self._given = lru_cache(CACHED)(read)
        self._not_own: dict[int, frozenset[str]] = {}
        """record → the numbers which it gives and which are not its own"""
        self._open = open_
        self._compare_names = not rules.trust_ids
        self._keys = keys
        self._apart = without_numbers(rules.apart)
        self._joined = [p for p in sorted(rules.joined) if bare_pair(p) not in self._apart]
        self._groups = Groups(keys.records)
        self._facts = GroupFacts(self._groups, self._read, self._apart)
        self._unsure: list[tuple[str, str]] = []
        self._merges: list[Merge] = []
        self._named = NamedPairs(
            keys, self._groups, self._facts, self._read, stage, not_own=self._not_own
        )
        self._stage = stage

    def _read(self, record: int) -> Provider:
        provider = self._given(record)
        numbers = self._not_own.get(record)
        return without_numbers_of_others(provider, numbers) if numbers else provider

    def run(self, before: PairsBefore | None) -> Resolution:
        ids = self._blocks((KeyKind.OWN_ID, KeyKind.ID))[0]
        own = ids[KeyKind.OWN_ID]
        if self._compare_names:
            self._leave_numbers_of_others(each(*ids[KeyKind.ID]))
        blocks, places = self._blocks(_EXACT)
        exact = ExactKeys(self._groups, self._facts, self._read, self._km, self._merge)
        for block in each(*own):
            self._by_own_id(block)
        self._join()
        for block in each(*blocks[KeyKind.ID]):
            exact.by_id(self._sharing(block), self._by_id)
        for block in each(*blocks[KeyKind.COMPANY]):
            exact.by_company(block)
        for block in each(*blocks[KeyKind.NAME]):
            exact.by_only_name(block)
        for block in each(*blocks[KeyKind.TRADING]):
            exact.by_trading_name(block)
        blocks.clear()
        judged = self._named.judge(self._open, self._apart, before)
        for a, b, decision in self._named.surest():
            self._merge(a, b, decision.reason, round(decision.similarity, 4))
        for a, b, decision in list(self._named.completed()):
            self._merge(a, b, decision.reason, round(decision.similarity, 4))
        self._named.note(TwoNumbers(self._groups, self._facts, self._read, places).left())
        left = self._named.left()
        return Resolution(
            self._groups.leaders(),
            tuple(self._merges),
            self._named.related(left),
            tuple(self._named.alike(left)),
            self._named.compared,
            tuple(self._unsure),
            self._not_own,
            judged,
        )

    def _leave_numbers_of_others(self, blocks: Iterable[list[int]]) -> None:
        """Find the records whose number is not theirs, as very many unlike names have it.

        A number has several blocks where registers write it differently.
        """
        seen = set[str]()
        for block in blocks:
            if len(block) <= FEWEST_STRANGERS:
                continue
            records = list(map(self._given, block))
            shared = set.intersection(*map(numbers_of, records)) - seen
            seen |= shared
            far = strangers(records) if shared else ()
            for record, provider in zip(block, records, strict=True) if far else ():
                if name_key(provider.name) in far:
                    self._not_own[record] = self._not_own.get(record, frozenset()) | shared
        if self._not_own:
            mine = np.zeros(self._keys.records, bool)
            mine[[*self._not_own]] = True
            self._keys.share(NOT_ITS_OWN, mine)

    def _sharing(self, block: Sequence[int]) -> Sequence[int]:
        """The records of a block that share an id, without a number that is not their own."""
        if self._not_own.keys().isdisjoint(block):
            return block
        ids = [ids_of(self._read(record)) for record in block]
        times = Counter(chain.from_iterable(ids))
        return [
            record
            for record, mine in zip(block, ids, strict=True)
            if any(times[org_id] > 1 for org_id in mine)
        ]

    def _blocks(
        self, kinds: Sequence[KeyKind]
    ) -> tuple[dict[KeyKind, tuple[Ints, Ints]], tuple[Ints, Ints]]:
        """The records of each key that two or more share, by kind of key, in order of keys.

        With them, those of one name and postcode that may have two numbers.
        """
        parts = range(self._keys.partitions)
        jobs = workers.ALL_CORES if len(parts) > 1 else 1
        found: dict[KeyKind, list[tuple[Ints, Ints]]] = {kind: [] for kind in kinds}
        places = list[tuple[Ints, Ints]]()
        every = workers.in_order(partial(blocks_in, self._keys, kinds), parts, jobs)
        for done, (some, of_one_place) in enumerate(every):
            self._stage("searching keys", done, len(parts))
            places.append(of_one_place)
            for kind, block in some.items():
                found[kind].append(block)
        return {kind: joined(blocks) for kind, blocks in found.items()}, joined(places)

    def _join(self) -> None:
        """Join the pairs that the user says are one organisation.

        Numbers of rows do not tell which row was meant.  Where a pair names two rows of one name
        and place, both are meant while there are only these two.
        """
        for id_a, id_b in self._joined:
            one, other = self._named_by(id_a), self._named_by(id_b)
            if not one or not other:
                continue
            if one == other and len(one) == 2:
                one, other = one[:1], one[1:]
            if len(one) > 1 or len(other) > 1:
                self._unsure.append((id_a, id_b))
            elif self._groups.leader(one[0]) != self._groups.leader(other[0]):
                self._merge(one[0], other[0], "joined by a person")

    def _named_by(self, org_id: str) -> list[int]:
        """The first record of each different id that `org_id` may mean, in order."""
        bare, _ = without_number(org_id)
        first = dict[str, int]()
        renamed = self._not_own if bare.startswith(OWN) else ()
        own = [record for record in renamed if self._read(record).id == bare]
        for record in (*all_with(self._keys, bare), *own):
            first.setdefault(self._read(record).id, record)
        if org_id in first and bare == org_id:
            return [first[org_id]]
        return list(first.values())

    def _merge(self, a: int, b: int, reason: str, similar: float | None = None) -> None:
        one, other = self._read(a), self._read(b)
        self._facts.join(a, b)
        self._merges.append(Merge(one.id, other.id, one.name, other.name, reason, similar))

    def _by_own_id(self, block: Sequence[int]) -> None:
        """Join the records of a block that have the same own id, and note unlike names."""
        by_id: dict[str, list[int]] = {}
        for record in block:
            by_id.setdefault(self._read(record).id, []).append(record)
        for own, (first, *others) in by_id.items():
            for record in others:
                self._facts.join(first, record)
            if others and self._compare_names:
                for found in unlike(map(self._read, (first, *others))):
                    names = found.known.name, found.other.name
                    merge = Merge(own, found.id, *names, ONE_NUMBER, round(found.similarity, 4))
                    self._merges.append(merge)

    def _by_id(self, a: int, b: int, reason: str, similar: float | None = None) -> None:
        """Join the groups of two records that share a number, and note unlike names."""
        likeness = similarity(self._read(a), self._read(b)) if self._compare_names else 1.0
        if likeness < UNLIKE:
            reason, similar = f"{reason}; unlike names", round(likeness, 4)
        self._merge(a, b, reason, similar)
