"""Decides whether two records are of one organisation, of two related ones, or neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from matcher.core.identifiers import scheme
from matcher.core.org_ids import equivalents, form_of
from matcher.core.types import Kind, Provider, Status
from matcher.register.linkage import name_similarity
from matcher.register.linkage.company_names import (
    begins,
    full_names,
    keys_of,
    meant_names,
    misspelt,
    name_key,
)
from matcher.register.linkage.name_similarity import parts, telling
from matcher.register.linkage.reading import read
from matcher.register.linkage.relations import EARLIER, LATER, NAMESAKE, ROLES, Relation, relation
from matcher.register.linkage.spelling import CACHED, abbreviated

NEAR_KM = 40.0
CLOSE_KM = 3.0
"""Kilometres within which a name of several words is one organisation's, though it is not rare."""
MERGED = 0.935
"""Names at one postcode from this similarity on are of one organisation: one wrong merge costs more
than one organisation that is listed twice."""
DOUBTFUL = 0.75
"""Names at one postcode from this similarity on are shown to a person if they are not merged."""
SURE = 0.95
"""A merge by name that is at least so similar is not doubtful."""

_NOT_MERGED = ", not merged"
Distance = Callable[[str, str], float | None]
"""Kilometres between two postcodes; None where one is unknown."""


class Decision(NamedTuple):
    """What two records are to each other.

    `same`: one organisation.  `relation`: how the first is related to the second.  Neither: alike,
    and for a person to look at.  `shorter`: 1 where, at one postcode, the first name is without
    legal form and the other begins with it; 2 where it is the second.
    """

    same: bool
    reason: str
    similarity: float
    relation: Relation | None = None
    shorter: int = 0

    def left(self, why: str) -> Decision:
        """The decision not to merge after all."""
        return Decision(False, f"{self.reason}, not merged: {why}", self.similarity)

    def completed(self) -> Decision:
        """The decision to merge because no other name at the postcode begins with the shorter."""
        where = self.reason.removesuffix(_NOT_MERGED)
        return Decision(True, f"{where}: the only one that begins so", self.similarity)


def registered(ids: Iterable[str]) -> dict[str, set[str]]:
    """Register and kind of registration → the official numbers there, in their usual form."""
    found: dict[str, set[str]] = {}
    for org_id in ids:
        if (registration := _registration(org_id)) is not None:
            form, usual = registration
            found.setdefault(form, set()).add(usual)
    return found


@lru_cache(CACHED)
def _registration(org_id: str) -> tuple[str, str] | None:
    """The register and kind of registration of an official number, and its usual form; or None."""
    return (form_of(org_id), (*equivalents(org_id), org_id)[0]) if scheme(org_id) else None


def may_match(a: Provider, b: Provider) -> bool:
    """Whether two records share a postcode or a name, without which `decide` is None.

    This is much faster than comparing their names.
    """
    if any(x.postcode == y.postcode for x in a.sites for y in b.sites):
        return True
    return _share_a_spelling(a, b)


def _share_a_spelling(a: Provider, b: Provider) -> bool:
    """Whether a name, or a part of one, is the same once normalised."""
    return not spellings(a.name, a.aliases).isdisjoint(spellings(b.name, b.aliases))


def may_be_related(a: Provider, b: Provider) -> bool:
    """Whether one of two records has a word that tells related organisations apart."""
    return has_role(a.name) or has_role(b.name) or gone(a) != gone(b)


@lru_cache(CACHED)
def has_role(name: str) -> bool:
    """Whether a name has a word that tells related organisations apart."""
    return not ROLES.isdisjoint(read(name).words)


def decide(a: Provider, b: Provider, km: Distance) -> Decision | None:
    """What two records are to each other, by name and place; None if they have nothing in common.

    Similar names match at one postcode.  A distinctive name that is the same once normalised also
    matches within 40 km (the organisation moved), or if one record has no postcode; one of several
    words, within 3 km.  The same name of a company matches anywhere, because no two companies may
    have it.  Names that tell related
    organisations apart never match.
    """
    where = place(a, b, km)
    if not where.one_postcode and not where.near and not _share_a_spelling(a, b):
        return None  # only the same name counts from so far away, and comparing names is slow
    similar, name_a, name_b = _most_similar(a, b)
    found = _by_names(a, b, (similar, name_a, name_b), where)
    if found is None or found.same or not where.one_postcode:
        return found
    return found._replace(shorter=begins(name_a, name_b))


def may_tell_a_relation(a: Provider, b: Provider) -> bool:
    """Whether `successor` or `decide` may find that one record is related to the other.

    They ask how the names that are most similar are related.  To know that no names are is much
    faster than to find the most similar.
    """
    if gone(a) != gone(b) and _share_a_spelling(a, b):
        return True
    return any(
        relation(x, y) not in (None, Relation(NAMESAKE)) for x in _names(a) for y in _names(b)
    )


def _by_names(
    a: Provider, b: Provider, closest: tuple[float, str, str], where: Where
) -> Decision | None:
    """What two records are to each other, by their `closest` names and how similar these are."""
    similar, name_a, name_b = closest
    if where.one_postcode and misspelt(name_a, name_b):
        return _at_one_postcode(a, b, (name_a, name_b), similar, where)
    if similar < DOUBTFUL and not may_be_related(a, b):
        return None
    found = relation(name_a, name_b)
    if found == Relation(NAMESAKE):
        return _alike(similar, where)
    if found is not None:
        near = where.one_postcode or (where.near and _any_distinctive(name_a, name_b))
        return Decision(False, f"related names, {where.words}", similar, found) if near else None
    if where.one_postcode:
        return _at_one_postcode(a, b, (name_a, name_b), similar, where)
    return _elsewhere(a, b, where) if similar == 1.0 else None


def _at_one_postcode(
    a: Provider, b: Provider, names: tuple[str, str], similar: float, where: Where
) -> Decision | None:
    if (similar >= MERGED or misspelt(*names)) and not _odd_kinds(a, b, similar):
        because = name_similarity.reasons(name_similarity.judge(*names))
        said = f": {', '.join(because)}" if because else ""
        return Decision(True, f"alike names {where.words}{said}", similar)
    return _alike(similar, where)


def _alike(similar: float, where: Where) -> Decision | None:
    """Two organisations whose names a person should look at."""
    if not where.one_postcode or similar < DOUBTFUL:
        return None
    return Decision(False, f"alike names {where.words}{_NOT_MERGED}", similar)


def _elsewhere(a: Provider, b: Provider, where: Where) -> Decision | None:
    if where.near and _shares(a, b, name_similarity.distinctive):
        return Decision(True, f"same name{where.join}{where.words}", 1.0)
    if where.close and _shares(a, b, name_similarity.of_one_town):
        return Decision(True, f"same name{where.join}{where.words}", 1.0)
    if _one_full_name(a, b):
        return Decision(True, f"same company name{where.join}{where.words}", 1.0)
    return None


def successor(a: Provider, b: Provider, km: Distance) -> Decision | None:
    """Whether two registrations are one body's, one after the other; None if not.

    A charity that becomes an incorporated one gets a new number, and the old one is removed.
    """
    if gone(a) == gone(b) or not _share_a_spelling(a, b):
        return None
    similar, name_a, name_b = _most_similar(a, b)
    if similar < 1.0 or relation(name_a, name_b) is not None:
        return None
    where = place(a, b, km)
    if not where.one_postcode and not (where.near and _any_distinctive(name_a, name_b)):
        return None
    says = EARLIER if gone(a) else LATER
    return Decision(False, f"same name, {where.words}; one was removed", similar, Relation(says))


class Where(NamedTuple):
    """How near two records are: `near` also where one has no postcode, `close` only if known."""

    words: str
    join: str = ", "
    one_postcode: bool = False
    near: bool = False
    close: bool = False


def place(a: Provider, b: Provider, km: Distance) -> Where:
    """How near two records are, in words for a reason."""
    postcodes_a, postcodes_b = {s.postcode for s in a.sites}, {s.postcode for s in b.sites}
    if shared := postcodes_a & postcodes_b:
        return Where(f"at one postcode ({min(shared)})", one_postcode=True)
    if not postcodes_a or not postcodes_b:
        return Where("one record has no postcode", join="; ", near=True)
    distances = [d for x in postcodes_a for y in postcodes_b if (d := km(x, y)) is not None]
    if not distances:
        return Where("at unknown postcodes")
    if min(distances) <= NEAR_KM:
        words = f"{min(distances):.0f} km apart (a changed postcode)"
        return Where(words, near=True, close=min(distances) <= CLOSE_KM)
    return Where(f"{min(distances):.0f} km apart")


def _names(record: Provider) -> tuple[str, ...]:
    return tuple(dict.fromkeys((record.name, *record.aliases)))


def _most_similar(a: Provider, b: Provider) -> tuple[float, str, str]:
    """The highest similarity of any two names of the records, and these names."""
    best = (-1.0, "", "")
    for x in _names(a):
        for y in _names(b):
            similar = name_similarity.similarity(x, y)
            if similar > best[0]:
                best = (similar, x, y)
    return best


def _shares(a: Provider, b: Provider, is_so: Callable[[str], bool]) -> bool:
    """Whether the records share a name that is so, in the spelling of the first."""
    return any(
        name_similarity.normalise(x) == name_similarity.normalise(y) and is_so(x)
        for x in _names(a)
        for y in _names(b)
    )


def one_company_name(a: Provider, b: Provider) -> bool:
    """Whether the records share a full name, of which no two companies have one."""
    return not company_keys(a).isdisjoint(company_keys(b))


def _one_full_name(a: Provider, b: Provider) -> bool:
    """Whether the records share a full company name with the same legal form."""
    first, second = ({full[:2] for x in _names(r) for full in full_names(x)} for r in (a, b))
    return not first.isdisjoint(second)


def company_keys(record: Provider) -> set[str]:
    """The keys of each full company name of a record; also of one that is meant and tells much."""
    full = {full for name in _names(record) for full in full_names(name)}
    meant = {full for name in _names(record) for full in meant_names(name) if telling(full.written)}
    return {key for name in full | meant for key in keys_of(name)}


def trading_names(record: Provider) -> dict[str, str]:
    """The key of each trading name of a record that tells much, and the name.

    An abbreviation may be that of many: "GOAL".
    """
    every = (
        part
        for name in _names(record)
        if len(parts(name)) > 1
        for part in parts(name)
        if part not in (abbreviated(name) or ())[1:]
    )
    return {name_key(part): part for part in every if not full_names(part) and telling(part)}


def trading_keys(record: Provider) -> set[str]:
    """The keys of a record's trading names, and of its own name if that may be one."""
    keys = set(trading_names(record))
    if not any(map(full_names, _names(record))) and telling(record.name):
        keys.add(name_key(record.name))
    return keys


def share_a_trading_name_alone(a: Provider, b: Provider) -> bool:
    """Whether two records share a name that is the trading name of one, and no legal name."""
    legal_a, legal_b = ({name_key(parts(n)[0]) for n in _names(r) if parts(n)} for r in (a, b))
    if not legal_a.isdisjoint(legal_b) or one_company_name(a, b):
        return False
    return not trading_keys(a).isdisjoint(trading_keys(b))


def _any_distinctive(a: str, b: str) -> bool:
    return name_similarity.distinctive(min(a, b, key=len))


def _odd_kinds(a: Provider, b: Provider, similar: float) -> bool:
    """Whether one is a public body and the other is not, and their names differ."""
    public = [record.kind is Kind.PUBLIC for record in (a, b)]
    known = Kind.UNKNOWN not in (a.kind, b.kind)
    return known and public[0] != public[1] and similar < 1.0


def gone(record: Provider) -> bool:
    """Whether an organisation is no longer registered."""
    return record.status in (Status.REMOVED, Status.DISSOLVED)


@lru_cache(CACHED)
def spellings(name: str, aliases: tuple[str, ...]) -> frozenset[str]:
    """The normalised forms of an organisation's names, and of the parts of each name."""

    def each() -> Iterator[str]:
        for full in (name, *aliases):
            for written in (full, *name_similarity.parts(full)):
                yield name_similarity.normalise(written)

    return frozenset(each())
