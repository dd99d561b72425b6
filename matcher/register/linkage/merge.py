"""Summarises the records of one organisation: the best value of each field, and every fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from matcher.core.identifiers import SCHEMES, scheme
from matcher.core.legal_kinds import kind_of_name
from matcher.core.types import (
    BUYERS,
    STAFF,
    Fact,
    Grade,
    Kind,
    Provider,
    Site,
    Size,
    Source,
    Status,
)

_GRADES = list(Grade)
_REPLACED = (Grade.CONTACT_ADDRESS, Grade.REGISTERED_OFFICE, Grade.SELF_DECLARED)
"""Grades of address of which a source gives one at a time: a newer one replaces the older."""
_COMPANIES = "GB-COH"
_GONE = (Status.REMOVED, Status.DISSOLVED, Status.INSOLVENT)


def _newest_first(record: Provider) -> tuple[bool, int, str]:
    """Official registers first, then the newest; the record's content decides between equals."""
    day = record.source.day
    return (scheme(record.id) is None, -(day.toordinal() if day else 0), repr(record))


def summarise(records: Sequence[Provider]) -> Provider:
    """One provider from its records.  Each field is from an official register or else the newest.

    It is removed, dissolved or insolvent if any record says so.
    """
    if len(records) == 1:
        record = records[0]
        return replace(record, sites=_sites(records)) if len(record.sites) > 1 else record
    ranked = sorted(records, key=_newest_first)
    lead = ranked[0]
    ids = _ids(records)
    aliases = _distinct(n for r in ranked for n in (r.name, *r.aliases))
    return replace(
        lead,
        id=ids[0],
        ids=tuple(ids[1:]),
        aliases=tuple(n for n in aliases if n != lead.name),
        kind=next((r.kind for r in ranked if r.kind is not Kind.UNKNOWN), Kind.UNKNOWN),
        profile="\n".join(_distinct(r.profile for r in ranked if r.profile)),
        tags=tuple(_distinct(t for r in ranked for t in r.tags)),
        sites=_sites(ranked),
        areas=tuple(_distinct(a for r in ranked for a in r.areas)),
        income=next((r.income for r in ranked if r.income is not None), None),
        size=next((r.size for r in ranked if r.size is not Size.UNKNOWN), Size.UNKNOWN),
        status=_status(ranked),
        website=next((r.website for r in ranked if r.website), ""),
    )


def with_remarks(provider: Provider, remarks: Sequence[Provider]) -> Provider:
    """A summary with what remarks add: other spellings of the name, labels, and that it is large.

    How many staff an employer reports by law counts for more than what anybody says of its size,
    and what buyers say of it counts only where nothing else is known.
    """
    if not remarks:
        return provider
    aliases = _distinct(n for r in (provider, *remarks) for n in (r.name, *r.aliases))
    told = STAFF if provider.size is not Size.UNKNOWN else (STAFF, BUYERS)
    large = any(tag.endswith(told) for r in remarks for tag in r.tags)
    return replace(
        provider,
        aliases=tuple(n for n in aliases if n != provider.name),
        tags=tuple(_distinct(t for r in (provider, *remarks) for t in r.tags)),
        size=Size.LARGE if large else provider.size,
    )


def names_of(provider: Provider) -> tuple[str, ...]:
    """All names of a provider, its main name first."""
    return (provider.name, *provider.aliases)


def of_notices(record: Provider) -> bool:
    """Whether only award notices say what a record says, and no register or table."""
    if record.status is not Status.UNKNOWN or record.profile:
        return False
    if record.kind not in {Kind.UNKNOWN, *map(kind_of_name, names_of(record))}:
        return False
    return all(site.grade is Grade.AWARD_ADDRESS for site in record.sites)


def _ids(records: Sequence[Provider]) -> list[str]:
    """Every id once, the id of the organisation first: notices mistype numbers.

    Of one register, those that a register or a table gives come before those that only notices
    give, and a company number comes before the same without its letters.
    """
    ids = {i for r in records for i in (r.id, *r.ids)}
    known = {i for r in records if not of_notices(r) for i in (r.id, *r.ids)}
    lettered = {digits(i) for i in ids if _has_letters(i)}

    def order(org_id: str) -> tuple[int, bool, bool, str]:
        kind = scheme(org_id)
        plain = kind == _COMPANIES and not _has_letters(org_id) and digits(org_id) in lettered
        return (SCHEMES.index(kind) if kind else len(SCHEMES), org_id not in known, plain, org_id)

    return sorted(ids, key=order)


def _has_letters(org_id: str) -> bool:
    number = org_id.removeprefix(f"{_COMPANIES}-")
    return number != org_id and number[:2].isalpha()


def digits(org_id: str) -> str:
    """The digits of an official number, without the zeros in front."""
    return "".join(c for c in org_id if c.isdigit()).lstrip("0")


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _sites(records: Sequence[Provider]) -> tuple[Site, ...]:
    """Every postcode once, with its best grade; best grades first, then in the order of records.

    Leaves out addresses that a newer record of the same source replaces.
    """
    newest: dict[tuple[str, Grade], date] = {}
    for record in records:
        for site in record.sites:
            day, key = record.source.day or date.min, (record.source.name, site.grade)
            newest[key] = max(newest.get(key, day), day)
    best: dict[str, Grade] = {}
    for record in records:
        for site in record.sites:
            latest = newest[record.source.name, site.grade]
            if site.grade in _REPLACED and (record.source.day or date.min) < latest:
                continue
            so_far = best.get(site.postcode, site.grade)
            best[site.postcode] = min(so_far, site.grade, key=_GRADES.index)
    ranked = sorted(best, key=lambda postcode: _GRADES.index(best[postcode]))
    return tuple(Site(postcode, best[postcode]) for postcode in ranked)


def _status(records: Sequence[Provider]) -> Status:
    statuses = [r.status for r in records]
    gone = next((s for s in statuses if s in _GONE), None)
    return gone or (Status.ACTIVE if Status.ACTIVE in statuses else Status.UNKNOWN)


def facts(records: Sequence[Provider]) -> tuple[Fact, ...]:
    """Every fact in the records, with its source; repeats in one source only once."""
    return tuple(dict.fromkeys(f for r in records for f in _facts(r)))


def _facts(record: Provider) -> Iterator[Fact]:
    def fact(name: str, value: str, source: Source = record.source) -> Fact:
        return Fact(name, value, source)

    yield fact("id", record.id)
    yield from (fact("id", i) for i in record.ids)
    yield fact("name", record.name)
    yield from (fact("other name", n) for n in record.aliases)
    if record.kind is not Kind.UNKNOWN:
        yield fact("kind", record.kind.value)
    yield fact("status", record.status.value)
    yield from (fact(f"postcode ({s.grade.value})", s.postcode) for s in record.sites)
    if record.income is not None:
        yield fact("income", f"£{record.income:,.0f} a year")
    if record.size is not Size.UNKNOWN:
        yield fact("size", record.size.value)
    yield from (fact("size", f"large: {t}") for t in record.tags if t.endswith((STAFF, BUYERS)))
    if record.profile:
        yield fact("profile", record.profile)
    yield from (fact("tag", t) for t in record.tags)
    yield from (fact("works in", a) for a in record.areas)
    if record.website:
        yield fact("website", record.website)
