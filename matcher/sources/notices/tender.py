"""Reads the tender of an OCDS release as lots.

Awards, contracts and suppliers are not read here, so a lot cannot contain its winner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from matcher.core.cell_words import is_blank
from matcher.core.types import FIELD_ONLY, Lot, Tally
from matcher.sources.formats.json_values import Fields, day, ident, mapping, mappings, text
from matcher.sources.notices.parties import Buyer, buyer_of
from matcher.sources.notices.periods import years_of, years_of_period
from matcher.sources.notices.tender_items import (
    CODES,
    PLACES,
    codes_of,
    cpv_of,
    described,
    items_of,
    only,
    place_of,
)
from matcher.sources.notices.tender_value import (
    AMOUNTS,
    TECHNIQUES,
    stated,
    value_of_lot,
    whole_holders,
    with_budget,
)

LONGEST_TEXT = 1_000_000
"""Most characters of the title or description of a lot."""

CANCELLED = "lot is cancelled"
_CANCELLED = re.compile(r"cancell?ed|withdrawn", re.IGNORECASE)
TEXT_TOO_LONG = f"title or description is longer than {LONGEST_TEXT:,} characters"

_CONTEXT = 500  # characters of the whole tender's description that follow a lot's own
_OPTIONS = ("hasRenewal", "renewal", "hasOptions", "options")
_EMPTY_TITLE = re.compile(
    r"\W*+(?:lots?\W*+)?(?:(?:no|number)\W*+)?(?:(?:\d{1,4}[a-z]?|[a-z]|[ivx]{1,5})\W*+)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Notice:
    """The tender of a release, and its buyer.

    `parts` are its lots by id, or by position where the id is missing or repeated.  `items` are
    what is bought, by the id of their lot, or under "" where they have none.
    """

    ocid: str
    day: date | None
    tender: Fields
    buyer: Buyer
    parts: Mapping[str, Fields]
    items: Mapping[str, Sequence[Fields]]

    @classmethod
    def of(cls, release: Fields, *, named_by_project: bool = True) -> Self:
        """Read a release; a field that is missing or of the wrong type is empty.

        A tender without words has those of its project, unless `named_by_project` is false.
        """
        tender = with_budget(mapping(release.get("tender")), mapping(release.get("planning")))
        if named_by_project and not (ident(tender.get("title")) or text(tender.get("description"))):
            tender = {**tender, **project_of(release)}
        items: dict[str, list[Fields]] = {}
        for item in mappings(tender.get("items")):
            items.setdefault(ident(item.get("relatedLot")), []).append(item)
        parts: dict[str, Fields] = {}
        for place, part in enumerate(mappings(tender.get("lots")), 1):
            id_ = ident(part.get("id")) or str(place)
            parts[f"{id_}-{place}" if id_ in parts else id_] = part
        return cls(
            ocid=ident(release.get("ocid")),
            day=day(release.get("date")),
            tender=tender,
            buyer=buyer_of(release),
            parts=parts,
            items=items,
        )

    def lots(self, tally: Tally) -> Iterator[Lot]:
        """Each part as a lot, or the whole tender where it has at most one part.

        A part that is cancelled is set aside where another is not.
        """
        parts = list(self.parts) if len(self.parts) > 1 else [""]
        bought = [part_id for part_id in parts if not _is_cancelled(self._part(part_id))]
        if not bought or _is_cancelled(self.tender):
            tally.drop(f"notice is cancelled {FIELD_ONLY}", self.lot_id())
            bought = parts
        for part_id in parts:
            tally.read += 1
            if part_id in bought:
                yield from self.lot(part_id, tally)
            else:
                tally.drop(CANCELLED, self.lot_id(part_id))

    def lot(self, part_id: str, tally: Tally) -> Iterator[Lot]:
        """One part as a lot, or the whole tender where `part_id` is ''; the id has no spaces.

        Yields nothing, and counts the reason, where the lot is not usable.
        """
        part, tender, buyer = self._part(part_id), self.tender, self.buyer
        id_ = self.lot_id(part_id)
        title, description = _title(tender, part_id, part), _description(tender, part_id, part)
        lot_items, other_items = self._items(part_id)
        if not (title or description):
            description = described([*lot_items, *other_items])
        if reason := _unusable(self.ocid, title, description):
            tally.drop(reason, id_)
            return
        place = place_of([part, *lot_items]) or place_of([tender, *other_items])
        postcode, area = place or ("", "")
        others = stated([part], AMOUNTS[1:]) if part_id else whole_holders(tender)
        value, gross = value_of_lot([part, *others], tally, id_)
        yield Lot(
            id=id_,
            title=title,
            description=description,
            cpv=cpv_of(tender, part_id, lot_items, other_items),
            value=value,
            value_is_gross=gross,
            postcode=postcode,
            area=area,
            buyer=buyer.name,
            buyer_id=buyer.id,
            buyer_kind=buyer.kind,
            buyer_postcode=buyer.postcode,
            category=ident(tender.get("mainProcurementCategory")),
            day=self.day,
            years=years_of(part) or years_of(tender) or _framework_years(tender),
        )

    def lot_id(self, part_id: str = "") -> str:
        """The id of a part as a lot, or of the whole; it has no spaces."""
        return (f"{self.ocid}#{part_id}" if part_id else self.ocid).replace(" ", "_")

    def awarded(
        self, part_id: str, award: Fields, contracts: Sequence[Fields], tally: Tally
    ) -> Iterator[Lot]:
        """As `lot`; what the tender does not say is taken from the award, then its contracts."""
        part, holders = self._part(part_id), [award, *contracts]
        own: dict[str, object] = dict(self.tender)
        for key in ("title", "description", "mainProcurementCategory"):
            if not (_line(self.tender, key) or _line(part, key)):
                read = _prose if key == "description" else _line
                own[key] = next(filter(None, (read(one, key) for one in holders)), "")
        if years_of(part) is None and years_of(self.tender) is None:
            own |= next(filter(None, map(_period_of, holders)), {})
        items = {
            **self.items,
            part_id: [*self.items.get(part_id, ()), *self._more(part_id, holders)],
        }
        yield from replace(self, tender=own, items=items).lot(part_id, tally)

    def _more(self, part_id: str, holders: Sequence[Fields]) -> Iterator[Fields]:
        """The codes and places of an award or else its contracts, as far as the tender has none."""
        known = [self.tender, *(item for items in self._items(part_id) for item in items)]
        part = ident(self.parts[part_id].get("id")) or part_id if part_id else ""
        found = [[one, *items_of(one, part)] for one in holders]
        if not any(any(codes_of(one)) for one in known):
            coded = (items for items in found if any(any(codes_of(one)) for one in items))
            yield from only(CODES, next(coded, []))
        if not place_of(known):
            yield from only(PLACES, next((items for items in found if place_of(items)), []))
        yield from ({"description": described([item])} for items in found for item in items[1:])

    def _part(self, part_id: str) -> Fields:
        """The part with that id; for the whole tender, its only part if it has one."""
        parts = list(self.parts.values()) if len(self.parts) == 1 else [{}]
        return self.parts[part_id] if part_id else parts[0]

    def _items(self, part_id: str) -> tuple[Sequence[Fields], Sequence[Fields]]:
        """The items of this lot, and those of no lot; for the whole tender, all items."""
        if part_id:
            return self.items.get(part_id, ()), self.items.get("", ())
        return [item for items in self.items.values() for item in items], ()


def _period_of(holder: Fields) -> dict[str, object]:
    """The period of an award or contract with its options; empty where it has no length."""
    periods = (holder.get(key) for key in ("contractPeriod", "period"))
    period = next(filter(years_of_period, periods), None)
    options = {key: holder[key] for key in _OPTIONS if key in holder}
    return {"contractPeriod": period, **options} if period else {}


def _framework_years(tender: Fields) -> float | None:
    """The longest period of a framework or a dynamic purchasing system, in years."""
    techniques = mapping(tender.get("techniques"))
    periods = (mapping(techniques.get(key)).get("period") for key in TECHNIQUES)
    return max(filter(None, map(years_of_period, periods)), default=None)


def project_of(release: Fields) -> Fields:
    """The title and description of a release, else of the project in its planning."""
    planning = mapping(release.get("planning"))
    holders = (release, mapping(planning.get("project")))
    title, description = (
        next(filter(None, (text(one.get(key)) for one in holders)), "")
        for key in ("title", "description")
    )
    budget = mapping(planning.get("budget"))
    return {"title": title or ident(budget.get("project")), "description": description}


def _is_cancelled(holder: Fields) -> bool:
    return bool(_CANCELLED.fullmatch(ident(holder.get("status"))))


def _unusable(ocid: str, title: str, description: str) -> str:
    if not ocid:
        return "notice without an ocid"
    if not (title or description):
        return "notice without a title or description"
    return TEXT_TOO_LONG if max(len(title), len(description)) > LONGEST_TEXT else ""


def _line(holder: Fields, key: str) -> str:
    """A field as one line; '' for what stands for nothing, such as 'N/A' or 'TBC'."""
    line = ident(holder.get(key))
    return "" if is_blank(line) else line


def _prose(holder: Fields, key: str) -> str:
    """As `_line`, with the line breaks of the field."""
    words = text(holder.get(key))
    return "" if is_blank(words) else words


def _title(tender: Fields, part_id: str, part: Fields) -> str:
    """The lot's title; after the tender's title where it is only a number, such as "Lot 1"."""
    whole, own = _line(tender, "title"), _line(part, "title")
    if len(own) > 20 or not _EMPTY_TITLE.fullmatch(own):
        return own
    numbered = (own or f"Lot {part_id}") if part_id else ""
    return " – ".join(filter(None, (whole, numbered)))


def _description(tender: Fields, part_id: str, part: Fields) -> str:
    """The lot's description, then the tender's, shortened where there are several lots."""
    own, whole = _prose(part, "description"), _prose(tender, "description")
    title = _line(tender, "title")
    if part_id and len(whole) > _CONTEXT:
        whole = whole[:_CONTEXT].rpartition(" ")[0]
    elif not part_id and own in whole:
        own = ""
    around = [whole] if title in _title(tender, part_id, part) or title in whole else [title, whole]
    return "\n".join(filter(None, [own, *(text_ for text_ in around if text_ not in own)]))
