"""Joins the records that share an id or the whole of a name, where no group says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Protocol, TypeAlias

from matcher.core.identifiers import OF_A_NAME, scheme, without_place
from matcher.core.types import Provider
from matcher.register.linkage import matching
from matcher.register.linkage.blocks import Groups
from matcher.register.linkage.company_names import (
    forms,
    full_names,
    most_common_form,
    name_key,
    of_one_company,
)
from matcher.register.linkage.groups import GroupFacts, Read, ids_of, share_an_id
from matcher.register.linkage.judging import in_order
from matcher.register.linkage.matching import Distance
from matcher.register.linkage.name_similarity import (
    distinctive,
    has_own_word,
    is_local_group,
    of_one_body,
)

_MANY = 100
"""Organisations with one name, from which on only records with one number are compared."""
Share: TypeAlias = Callable[[Provider, Provider], bool]
"""Whether two records share what a kind of key stands for."""


class Join(Protocol):
    """Joins the groups of two records, for a reason."""

    def __call__(self, a: int, b: int, reason: str, similar: float | None = None) -> None:
        """Join the groups of records a and b; `similar` is how similar the names are, 0 to 1."""


def _always(one: Provider, other: Provider) -> bool:
    return True


class ExactKeys:
    """Joins the records of blocks, each of records with one key, by the kind of key."""

    def __init__(
        self, groups: Groups, facts: GroupFacts, read: Read, km: Distance, join: Join
    ) -> None:
        self._groups = groups
        self._facts = facts
        self._read = read
        self._km = km
        self._merge = join

    def by_id(self, block: Sequence[int], join: Join) -> None:
        """Join the records of a block, which share an id, except where their groups conflict."""
        for first, other in self._agreeing(block, share_an_id):
            shared = ids_of(self._read(first)) & ids_of(self._read(other))
            join(first, other, f"same official number {min(shared)}")

    def by_company(self, block: Sequence[int]) -> None:
        """Join the records of a block, which share a full company name, unless they conflict.

        The present name of a company comes before the former name of another, and the same legal
        form before another, and a company that a register has before one whose number only notices
        give, which may be mistyped.  Where two companies of the block differ, a record with neither
        stays alone.
        """
        if len({self._groups.leader(record) for record in block}) == 1:
            return
        alike: dict[tuple[bool, str], list[int]] = {}
        for record in block:
            read = self._read(record)
            for full in full_names(read.name):
                alike.setdefault((matching.gone(read), f"{full.key} {full.form}"), []).append(
                    record
                )
        numbers = self._facts.numbers_of(block)
        several = any(len(of_form) > 1 for of_form in numbers.values())
        for some in (*(alike[key] for key in sorted(alike)), [] if several else block):
            for first, other in self._agreeing(some, matching.one_company_name, known_first=True):
                self._merge(first, other, f"same company name{self._where(first, other)}", 1.0)

    def by_only_name(self, block: Sequence[int]) -> None:
        """Join the records of a block, which share a name, where one organisation has it.

        The name must tell much, and the groups of all records of the block together may have only
        one number of each official register and kind of registration.  Records with another legal
        form than nearly all others are left out, but their numbers count.  Organisations that have
        ended and those that have not stay apart.
        """
        if len({self._groups.leader(record) for record in block}) == 1:
            return
        numbers = self._facts.numbers_of(block)
        if any(len(of_form) > 1 for of_form in numbers.values()):
            return
        for ended in (False, True):
            some = [record for record in block if self._facts.ended(record) == ended]
            if len(some) > 1:
                self._by_name_of_one(some)

    def _by_name_of_one(self, block: Sequence[int]) -> None:
        """Join the records of a block, all ended or none, whose name at most one number has."""
        numbers = self._facts.numbers_of(block)
        every = [_keys_of(self._read(record)) for record in block]
        shared = sorted(set(every[0]).intersection(*every[1:]))
        names = {
            record: keys[shared[0]] for record, keys in zip(block, every, strict=True) if shared
        }
        form = most_common_form(names.values())
        if form is None:
            return
        if not numbers and not form and not self._of_one_name_id(names):
            return
        block = [record for record in block if forms(names[record]) <= {form}]
        for first, other in self._agreeing(block):
            reason = f"same name, which no other organisation has{self._where(first, other)}"
            self._merge(first, other, reason, 1.0)

    def _of_one_name_id(self, names: Mapping[int, str]) -> bool:
        """Whether all sources know the records by one name alone, which is one body's own.

        One with a word of its own is, where the records are near each other or have no place.
        One of common words is only where all have a place, and nothing says that it is a local
        group: each village has its "Tenants and Residents Association".
        """
        ids = {without_place(self._read(record).id) for record in names}
        if len(ids) > 1 or not min(ids).startswith(OF_A_NAME):
            return False
        if all(map(distinctive, names.values())):
            return True
        if not all(map(of_one_body, names.values())):
            return False
        records = [self._read(record) for record in names]
        if not all(map(has_own_word, names.values())) and (
            any(map(is_local_group, names.values())) or not all(one.sites for one in records)
        ):
            return False
        return all(
            where.one_postcode or where.near
            for a, b in combinations(records, 2)
            if (where := matching.place(a, b, self._km))
        )

    def by_trading_name(self, block: Sequence[int]) -> None:
        """Join the records of a block with a name that is a trading name of one company alone.

        A record that has it as its whole name has neither a legal form nor an official number, and
        is near one that has it as a trading name.
        """
        told = {record: matching.trading_names(self._read(record)) for record in block}
        if not any(told.values()) or len({self._groups.leader(record) for record in block}) == 1:
            return
        shared = set.intersection(*(matching.trading_keys(self._read(r)) for r in block))
        names, ids = self._facts.names, self._facts.ids
        if not any(shared.intersection(keys) for keys in told.values()):
            return
        for record in block:
            whole = shared.isdisjoint(told[record])
            if whole and (names(record) or any(map(scheme, ids(record)))):
                return
        if any(len(of_form) > 1 for of_form in self._facts.numbers_of(block).values()):
            return
        traders = [names(record) for record in block if names(record)]
        if any(not of_one_company(traders[0].values(), other.values()) for other in traders[1:]):
            return
        block = in_order(self._read, block)
        named = [record for record in block if not shared.isdisjoint(told[record])]
        for first, other in self._near(named, block):
            reason = f"same trading name, of one company alone{self._where(first, other)}"
            self._merge(first, other, reason, 1.0)

    def _near(self, named: Sequence[int], block: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs of a record that has a trading name and one of the block near it, to join.

        Of the records of one group at one place, one stands for all.
        """
        for first, other in product(self._one_at_each_place(named), self._one_at_each_place(block)):
            if self._groups.leader(first) == self._groups.leader(other):
                continue
            where = matching.place(self._read(first), self._read(other), self._km)
            if (where.one_postcode or where.near) and self._facts.may_infer(first, other):
                yield first, other

    def _one_at_each_place(self, block: Sequence[int]) -> list[int]:
        found: dict[tuple[int, frozenset[str]], int] = {}
        for record in block:
            key = self._groups.leader(record), _postcodes(self._read(record))
            found.setdefault(key, record)
        return list(found.values())

    def _where(self, a: int, b: int) -> str:
        """How near two records are, to go on a reason with."""
        where = matching.place(self._read(a), self._read(b), self._km)
        return f"{where.join}{where.words}"

    def _agreeing(
        self, block: Sequence[int], share: Share = _always, *, known_first: bool = False
    ) -> Iterator[tuple[int, int]]:
        """Pairs of records of a block to join, whose groups do not conflict.

        Hashes of two keys may be the same, so `share` looks whether two records share the key.
        With `known_first`, groups that a register or a table names come before others.
        """
        ordered = in_order(self._read, block)
        if known_first:
            ordered.sort(key=lambda record: not self._facts.known(record))
        for some in self._by_number(ordered):
            yield from self._agreeing_in_order(some, share)

    def _by_number(self, block: Sequence[int]) -> Iterator[Sequence[int]]:
        """The block in one; where it has very many official numbers, the records of each number.

        Comparing each organisation with each would take hours.  Records without a number of the
        register that most of them are in go with the first organisation, which they would join.
        """
        numbers = self._facts.numbers_of(block)
        form = max(numbers, key=lambda name: (len(numbers[name]), name), default="")
        if len(numbers.get(form, ())) <= _MANY:
            yield block
            return
        found: dict[str, list[int]] = {}
        without = []
        for record in block:
            mine = self._facts.numbers(record).get(form)
            if mine:
                found.setdefault(min(mine), []).append(record)
            else:
                without.append(record)
        first, *others = found.values()
        yield in_order(self._read, [*first, *without])
        yield from others

    def _agreeing_in_order(self, block: Sequence[int], share: Share) -> Iterator[tuple[int, int]]:
        while len(block) > 1:
            first, refused = block[0], []
            for other in block[1:]:
                if self._groups.leader(first) == self._groups.leader(other):
                    continue
                one, two = self._read(first), self._read(other)
                if not share(one, two) or self._facts.conflict(first, other):
                    refused.append(other)
                else:
                    yield first, other
            block = refused


def _postcodes(record: Provider) -> frozenset[str]:
    return frozenset(site.postcode for site in record.sites)


def _keys_of(record: Provider) -> dict[str, str]:
    """The key of each whole name of a record, and the name."""
    found = {name_key(name): name for name in (record.name, *record.aliases)}
    found.pop("", None)
    return found
