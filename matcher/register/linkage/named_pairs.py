"""Pairs of records with alike names and places: which are merged, related, or left for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import compress, islice
from typing import NamedTuple, TypeAlias

import numpy as np

from matcher.core import workers
from matcher.core.arrays import AnyInts, Ints, are_in, distinct, first_of_each
from matcher.core.identifiers import scheme
from matcher.core.types import PERHAPS_THE_SAME, Merge, Related
from matcher.register.linkage import name_similarity
from matcher.register.linkage.blocks import Groups
from matcher.register.linkage.candidates import IN_GROUP, LEADERS, pairs_in
from matcher.register.linkage.groups import GroupFacts, Read, content
from matcher.register.linkage.judging import (
    PAIRS_AT_ONCE,
    Judge,
    Judged,
    JudgedPairs,
    Open,
    SomePairs,
    codes_of,
)
from matcher.register.linkage.key_tables import Keys
from matcher.register.linkage.matching import share_a_trading_name_alone
from matcher.register.linkage.told_pairs import Pairs

_MOST_RELATED = 12
"""Related organisations that are kept of one record."""
_MOST_ALIKE = 5000
"""Alike pairs that are kept for a person to look at."""

Stage: TypeAlias = Callable[[str, int, int | None], None]
"""Called with a stage, what is done of it, and how much there is."""


class PairsBefore(NamedTuple):
    """The pairs that were judged in a snapshot before, and the number there of each record."""

    pairs: JudgedPairs
    numbers: AnyInts
    """(records,) -1 where it has no such record"""


class NamedPairs:
    """The pairs that were judged by name and place."""

    def __init__(
        self,
        keys: Keys,
        groups: Groups,
        facts: GroupFacts,
        read: Read,
        stage: Stage,
        *,
        not_own: Mapping[int, frozenset[str]],
    ) -> None:
        self._keys = keys
        self._groups = groups
        self._facts = facts
        self._read = read
        self._not_own = not_own
        self._stage = stage
        self._same: list[Judged] = []
        self._relations: list[Judged] = []
        self._alike: list[Judged] = []
        self.compared = 0

    def judge(self, open_: Open, apart: Pairs, before: PairsBefore | None) -> JudgedPairs:
        """Find the pairs that may match, and decide what they are to each other.

        Returns those of records that are alone in their groups, and whose numbers are their own.
        Where they were judged `before`, they are not compared.
        """
        leaders = self._groups.leaders()
        in_group = np.bincount(leaders, minlength=len(leaders))[leaders] > 1
        in_group[[*self._not_own]] = True
        self._keys.share(LEADERS, leaders)
        self._keys.share(IN_GROUP, in_group)
        pairs, records = self._pairs(), len(leaders)
        codes = distinct(pairs)
        alone = ~np.logical_or(*(in_group[some] for some in np.divmod(codes, records)))
        known, found = np.zeros(len(codes), bool), list[Judged]()
        if before is not None and before.pairs.apart == apart:
            known[alone], found = before.pairs.among(codes[alone], before.numbers)
        # Pairs of one key follow each other, so that few names have to be read again.
        by_key = first_of_each(pairs[are_in(pairs, codes[~known])])
        tasks = list(self._tasks(by_key, in_group))
        judge, done = Judge(open_, records, apart), int(known.sum())
        jobs = workers.ALL_CORES if len(tasks) > 1 and self._keys.partitions > 1 else 1
        for task, (judged, compared) in zip(
            tasks, workers.in_order(judge, tasks, jobs), strict=True
        ):
            self.compared += compared
            done += len(task.codes)
            self._stage("comparing names", done, len(codes))
            found += judged
        at = codes_of(found, records)
        found = [found[place] for place in np.argsort(at).tolist()]
        for pair in found:
            self._kept(pair).append(pair)
        of_two = are_in(np.sort(at), codes[alone]).tolist()
        return JudgedPairs(records, apart, codes[alone], list(compress(found, of_two)))

    def _kept(self, pair: Judged) -> list[Judged]:
        if pair[2].same:
            return self._same
        return self._relations if pair[2].relation else self._alike

    def _pairs(self) -> Ints:
        """Pairs in the order of the keys that they share, some of them repeated."""
        parts = range(self._keys.partitions)
        jobs = workers.ALL_CORES if len(parts) > 1 else 1
        found = [np.empty(0, np.int64)]
        for done, codes in enumerate(workers.in_order(partial(pairs_in, self._keys), parts, jobs)):
            found.append(codes)
            self._stage("finding alike names", done, len(parts))
        return np.concatenate(found)

    def _tasks(self, codes: Ints, in_group: np.ndarray) -> Iterator[SomePairs]:
        for start in range(0, len(codes), PAIRS_AT_ONCE):
            some = codes[start : start + PAIRS_AT_ONCE]
            records = distinct(np.concatenate([*np.divmod(some, len(in_group))]))
            mine = records[in_group[records]].tolist()
            yield SomePairs(some, {r: self._facts.ids(r) for r in mine})

    def surest(self) -> Iterator[Judged]:
        """The pairs to merge, the surest first; their groups are to be joined before the next."""
        leader = self._groups.leader
        for a, b, decision in sorted(self._same, key=self._how_sure):
            if leader(a) == leader(b) or self._facts.conflict(a, b):
                continue
            if self._facts.two_companies(a, b):
                self._alike.append((a, b, decision.left("two full company names")))
            elif self._trades_after_the_end(a, b):
                self._alike.append((a, b, decision.left("one has ended")))
            else:
                yield a, b, decision

    def _trades_after_the_end(self, a: int, b: int) -> bool:
        """Whether one of two groups has ended, and they share only a trading name."""
        if self._facts.ended(a) == self._facts.ended(b):
            return False
        return share_a_trading_name_alone(self._read(a), self._read(b))

    def completed(self) -> Iterator[Judged]:
        """Pairs of a short name and the only longer one at its postcode, once `surest` are joined.

        The short name has no legal form and no official number, and tells much.  A longer name that
        says another organisation, such as its charity shop, makes two of them.  A short name that
        ends with premises, such as a centre, is whole: a longer one is that of who works there.
        Where one of the two has ended, they stay two (`GroupFacts.may_infer`).
        """
        leader, longer = self._groups.leader, dict[int, dict[int, Judged]]()
        shorter = (pair for pair in (*self._alike, *self._relations) if pair[2].shorter)
        for found in sorted(shorter, key=self._how_sure):
            a, b, decision = found
            short, other = (a, b) if decision.shorter == 1 else (b, a)
            if leader(short) != leader(other):
                longer.setdefault(leader(short), {}).setdefault(leader(other), found)
        only = (
            found for others in longer.values() for found in others.values() if len(others) == 1
        )
        for a, b, decision in sorted(only, key=self._how_sure):
            short = a if decision.shorter == 1 else b
            if decision.relation is None and self._may_complete(short, a, b):
                yield a, b, decision.completed()

    def note(self, found: Iterator[Judged]) -> None:
        """Add pairs of two organisations that are related, or for a person to look at."""
        for pair in found:
            self._kept(pair).append(pair)

    def _may_complete(self, short: int, a: int, b: int) -> bool:
        if self._groups.leader(a) == self._groups.leader(b) or not self._facts.may_infer(a, b):
            return False
        if self._facts.names(short) or any(map(scheme, self._facts.ids(short))):
            return False
        return name_similarity.of_one_body(self._read(short).name)

    def _how_sure(self, found: Judged) -> tuple[object, ...]:
        one, other = self._read(found[0]), self._read(found[1])
        apart = {s.postcode for s in one.sites}.isdisjoint(s.postcode for s in other.sites)
        return (-found[2].similarity, apart, content(one), content(other))

    def related(self, left: Iterable[Judged]) -> dict[int, tuple[Related, ...]]:
        """Leader → the organisations that its own is told to be related to, in order.

        An organisation of a pair that is `left` for a person is perhaps the same one.  It comes
        first, as a list shows the first few alone.
        """
        found: dict[int, dict[int, Related]] = {}
        for a, b, decision in self._relations:
            lead_a, lead_b = self._groups.leader(a), self._groups.leader(b)
            if lead_a == lead_b or decision.relation is None or not decision.relation.says:
                continue
            one, other = self._read(a), self._read(b)
            says, turned = decision.relation.says, decision.relation.turned().says
            for lead, far, to, words in (
                (lead_a, lead_b, other, says),
                (lead_b, lead_a, one, turned),
            ):
                item = Related(to.id, to.name, words, decision.reason)
                mine = found.setdefault(lead, {})
                if far not in mine or _by_id(item) < _by_id(mine[far]):
                    mine[far] = item
        for a, b, decision in left:
            for near, far in ((a, b), (b, a)):
                to = self._read(far)
                item = Related(to.id, to.name, PERHAPS_THE_SAME, decision.reason)
                mine = found.setdefault(self._groups.leader(near), {})
                mine.setdefault(self._groups.leader(far), item)
        return {
            lead: tuple(sorted(items.values(), key=_as_shown)[:_MOST_RELATED])
            for lead, items in found.items()
        }

    def alike(self, left: Iterable[Judged]) -> Iterator[Merge]:
        """The first of the pairs that are `left` for a person, as they are shown."""
        for a, b, decision in islice(left, _MOST_ALIKE):
            one, other = self._read(a), self._read(b)
            similar = round(decision.similarity, 4)
            yield Merge(one.id, other.id, one.name, other.name, decision.reason, similar)

    def left(self) -> list[Judged]:
        """Of each two organisations that are alike the most similar records, most similar first.

        Two that a person told apart are not among them.
        """
        leader, found = self._groups.leader, dict[frozenset[int], Judged]()
        for pair in sorted(self._alike, key=self._most_similar):
            a, b, _ = pair
            if leader(a) != leader(b) and not self._facts.told_apart(a, b):
                found.setdefault(frozenset((leader(a), leader(b))), pair)
        return [*found.values()]

    def _most_similar(self, pair: Judged) -> tuple[float, str, str, int, int]:
        a, b, decision = pair
        return (-decision.similarity, self._read(a).id, self._read(b).id, a, b)


def _as_shown(item: Related) -> tuple[bool, str, str]:
    return (item.relation != PERHAPS_THE_SAME, *_by_id(item))


def _by_id(item: Related) -> tuple[str, str]:
    return (item.id, item.relation)
