"""Merges the releases of one procurement into one, as OCDS says, in whatever order they came.

The rules are those of the OCDS release schema 1.1 (standard.open-contracting.org, "Merging"):
an object is merged field by field, a list of objects by their ids, any other list is replaced,
and null removes a field.  Four rules differ, because published notices need it:

- A value in money is replaced whole, so that no old gross amount is left beside a new net one.
- A length, such as one in months, replaces the dates and other lengths of a period.
- An empty text says nothing, and so changes nothing.
- Objects that share an id are told apart: awards by their lots, contracts by their award,
  parties by their name, others by their position among the objects with that id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from matcher.sources.formats.json_values import (
    Fields,
    day,
    ident,
    idents,
    listed,
    mappings,
    with_usual_date,
)
from matcher.sources.notices.parties import name_key

WHOLE_LISTS = frozenset(
    {
        *("additionalClassifications", "additionalIdentifiers", "classifications"),
        *("deliveryAddresses", "deliveryLocations", "suppliers", "tenderers", "buyers"),
        *("relatedLots", "roles", "relatedProcesses", "unspscClassifications"),
    }
)
"""Lists that the newest release replaces whole; the schema marks them `wholeListMerge`."""

_OMITTED = {"id", "date", "tag", "awards"}
_LENGTHS = (
    *("duration", "durationInDays", "durationInWeeks", "durationInMonths", "durationInYears"),
)
_NUMBER, _DIGITS = re.compile(r"\d+"), 12
"""Numbers in the ids of releases, which sort as numbers: 99-2026 comes before 100-2026."""
_TIME = re.compile(r"[ ,T](\d\d?):(\d\d)(?::(\d\d))?")
"""The time of day after a day that is not written as ISO has it."""
_STAGES = ("planning", "tender", "award", "contract", "implementation")
_AWARD_IDS = ("awardID", "awardId", "awardid", "award_id")
_CHANGES = ("update", "amendment", "cancellation", "termination")


def moment(release: Fields) -> str:
    """When a release or its package was published, in UTC, as a text that sorts; '' if not known.

    A moment without a time zone is taken to be UTC.
    """
    written = with_usual_date(ident(release.get("date") or release.get("publishedDate")))
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        found, at = day(written), _TIME.search(written)
        hour, minute, second = (int(part or 0) for part in at.groups()) if at else (0, 0, 0)
        time_ = f"{hour:02}:{minute:02}:{second:02}.000000"
        return f"{found.isoformat()}T{time_}" if found else ""
    try:
        utc = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return ""
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds")


def sort_key(release: Fields) -> tuple[str, tuple[int, bool], str, str]:
    """Sorts releases from old to new, the same in whatever order they came.

    Of one moment, a later stage is newer, and a change is newer than what it changes.
    """
    content = json.dumps(release, sort_keys=True, default=str)
    number = _NUMBER.sub(lambda digits: digits[0].zfill(_DIGITS), ident(release.get("id")))
    return moment(release), _stage(release), number, content


def _stage(release: Fields) -> tuple[int, bool]:
    tags = tags_of(release)
    stages = [n for n, stage in enumerate(_STAGES) if any(tag.startswith(stage) for tag in tags)]
    return max(stages, default=-1), is_change(release)


def is_change(release: Fields) -> bool:
    """Whether a release says itself that it changes an earlier one."""
    return any(tag.endswith(_CHANGES) for tag in tags_of(release))


def tags_of(release: Fields) -> list[str]:
    """The tags of a release in small letters, also where it has one that is not in a list."""
    return [tag.lower() for tag in idents(release.get("tag")) if tag]


def merged(releases: Sequence[Fields]) -> Fields:
    """One release of several of one procurement, which are sorted from old to new.

    Its awards are left out: see `award_statements`.  Its date is that of the first release that
    describes a tender, since that is when the procurement began; its id and tags are the newest.
    """
    one: dict[str, object] = {}
    for release in releases:
        rest = {key: value for key, value in release.items() if key not in _OMITTED}
        one = merged_object(one, rest)
    newest = releases[-1]
    return {**one, "id": newest.get("id"), "tag": newest.get("tag"), "date": _began(releases)}


def _began(releases: Sequence[Fields]) -> object:
    described = (one.get("date") for one in releases if _describes(one.get("tender")))
    return next(filter(None, described), releases[-1].get("date"))


def _describes(tender: object) -> bool:
    return isinstance(tender, dict) and bool(tender.get("title") or tender.get("description"))


def contract_award_id(contract: Fields) -> str:
    """The id of the award that a contract carries out, as some exports spell the field, or ''."""
    return next((ident(contract[key]) for key in _AWARD_IDS if contract.get(key)), "")


def lots_of_award(award: Fields) -> list[str]:
    """The ids of the lots that an award names."""
    return idents(award.get("relatedLots") or award.get("relatedLot"))


@dataclass(frozen=True, slots=True)
class AwardKey:
    """What tells an award from others: its id, the lots it names, and its suppliers if no id."""

    id: str
    lots: frozenset[str]
    suppliers: frozenset[str] = frozenset()

    @classmethod
    def of(cls, award: Fields, place: int) -> Self:
        """The key of an award at that place of its release, which is its id if it has none."""
        lots = frozenset(filter(None, lots_of_award(award)))
        if id_ := ident(award.get("id")):
            return cls(id_, lots)
        names = (name_key(ident(one.get("name"))) for one in mappings(award.get("suppliers")))
        return cls(str(place), lots, frozenset(names))

    def is_same(self, other: AwardKey) -> bool:
        """Whether both are one award: the same id, and not of different lots or suppliers."""
        pairs = (self.lots, other.lots), (self.suppliers, other.suppliers)
        return self.id == other.id and all(not a or not b or a & b for a, b in pairs)


def merged_object(older: Fields, newer: Fields) -> dict[str, object]:
    """Two statements of one thing, such as an award, as one."""
    merged_ = dict(older)
    if any(newer.get(key) for key in _LENGTHS):
        merged_ = {k: v for k, v in merged_.items() if k not in ("startDate", "endDate", *_LENGTHS)}
    for key, value in newer.items():
        if value is None:
            merged_.pop(key, None)
        elif value not in ("", {}, []) or key in WHOLE_LISTS:
            merged_[key] = _merge_value(key, merged_.get(key), value)
    return merged_


def _merge_value(key: str, older: object, newer: object) -> object:
    if isinstance(newer, dict):
        is_money = newer.get("amount") is not None or newer.get("amountGross") is not None
        held = older if isinstance(older, dict) and not is_money else {}
        return merged_object(held, newer)
    if key in WHOLE_LISTS or not _has_ids(newer):
        return newer
    return _merge_by_id(key, older if _has_ids(older) else [], newer)


def _has_ids(value: object) -> bool:
    """Whether it is a list of objects that all have ids."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and ident(one.get("id")) for one in value)
    )


def _merge_by_id(key: str, older: object, newer: object) -> list[Fields]:
    found: list[tuple[str, str, Fields]] = list(_told_apart(key, listed(older)))
    used: set[int] = set()
    for id_, mark, value in _told_apart(key, listed(newer)):
        place = _place_of(found, used, id_, mark, loose=key in _MARKS)
        if place is None:
            used.add(len(found))
            found.append((id_, mark, merged_object({}, value)))
        else:
            used.add(place)
            found[place] = id_, mark or found[place][1], merged_object(found[place][2], value)
    return [value for _, _, value in found]


def _place_of(
    found: Sequence[tuple[str, str, Fields]], used: set[int], id_: str, mark: str, *, loose: bool
) -> int | None:
    """The position of the object with that id and mark; with `loose`, a missing mark fits any."""
    same = [n for n, one in enumerate(found) if one[0] == id_ and n not in used]
    exact = [n for n in same if found[n][1] == mark]
    if not exact and loose:
        exact = [n for n in same if not (mark and found[n][1])]
    return exact[-1] if exact else None


_MARKS: Mapping[str, Callable[[Fields], str]] = {
    "parties": lambda party: name_key(ident(party.get("name"))),
    "contracts": contract_award_id,
}


def _told_apart(key: str, values: Iterable[Fields]) -> Iterable[tuple[str, str, Fields]]:
    """Each object with its id and what tells it from others with that id."""
    count: dict[str, int] = {}
    for value in values:
        id_ = ident(value.get("id"))
        count[id_] = count.get(id_, 0) + 1
        mark = _MARKS[key](value) if key in _MARKS else str(count[id_])
        yield id_, mark, value
