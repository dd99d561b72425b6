"""Reads the tender of an OCDS release as lots.

Awards, contracts and suppliers are not read here, so a lot cannot contain its winner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self, TypeAlias

from matcher.core.types import Lot, Tally
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.sources.formats.json_values import day, ident, mapping, mappings, number, text
from matcher.sources.notices.parties import Buyer, buyer_of
from matcher.sources.notices.periods import years_of, years_of_period
from matcher.sources.notices.whole_value import WholeValue

LONGEST_TEXT = 1_000_000
"""Most characters of the title or description of a lot."""

TEXT_TOO_LONG = f"title or description is longer than {LONGEST_TEXT:,} characters"
FIELD_ONLY = "(the rest is kept)"
"""The end of a reason for which only a field is set aside, and the lot is kept."""

Fields: TypeAlias = Mapping[str, object]

_CONTEXT = 500  # characters of the whole tender's description that follow a lot's own
_CPV = re.compile(r"(?!0{8})(\d{8})(?:-\d)?(?: .*)?", re.ASCII)
"""A code, which its description may follow; eight zeros stand for none."""
_CPV_SCHEMES = {"CPV", "CPV2008", "CPV 2008", "CPV-2008"}
_CODES = ("classification", "additionalClassifications")
_PLACES = ("deliveryAddresses", "deliveryAddress", "deliveryLocations", "deliveryLocation")
_AMOUNTS = ("value", "maximumValue", "maxValue", "estimatedValue")
"""Not `minValue`: a contract that is worth more must not count as one below a threshold."""
_TECHNIQUES = ("frameworkAgreement", "dynamicPurchasingSystem")
NOMINAL = 10.0
"""Pounds; a value under this stands for one that is not known: 1 for each lot, or 1 with VAT."""
NO_VALUE = f"value under {NOMINAL:g} pounds: taken as not known {FIELD_ONLY}"
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
        tender = _with_budget(mapping(release.get("tender")), mapping(release.get("planning")))
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
        """Each part as a lot, or the whole tender where it has at most one part."""
        for part_id in self.parts if len(self.parts) > 1 else [""]:
            tally.read += 1
            yield from self.lot(part_id, tally)

    def lot(self, part_id: str, tally: Tally) -> Iterator[Lot]:
        """One part as a lot, or the whole tender where `part_id` is ''; the id has no spaces.

        Yields nothing, and counts the reason, where the lot is not usable.
        """
        part, tender, buyer = self._part(part_id), self.tender, self.buyer
        id_ = self.lot_id(part_id)
        title, description = _title(tender, part_id, part), _description(tender, part_id, part)
        lot_items, other_items = self._items(part_id)
        if not (title or description):
            description = _described([*lot_items, *other_items])
        if reason := _unusable(self.ocid, title, description):
            tally.drop(reason, id_)
            return
        place = _place([part, *lot_items]) or _place([tender, *other_items])
        postcode, area = place or ("", "")
        others = _stated([part], _AMOUNTS[1:]) if part_id else _whole_holders(tender)
        value, gross = _value([part, *others], tally, id_)
        yield Lot(
            id=id_,
            title=title,
            description=description,
            cpv=_cpv(tender, part_id, lot_items, other_items),
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

    def whole_value(self) -> WholeValue:
        """The largest amounts that the tender states for the whole, its maximum included."""
        ignored = Tally("")
        largest: list[float | None] = []
        for key in ("amount", "amountGross"):
            amounts = [pounds(one, key, ignored, "") for one in _whole_holders(self.tender)]
            largest.append(max(filter(None, amounts), default=None))
        return WholeValue(*largest)

    def awarded(
        self, part_id: str, award: Fields, contracts: Sequence[Fields], tally: Tally
    ) -> Iterator[Lot]:
        """As `lot`; what the tender does not say is taken from the award, then its contracts."""
        part, holders = self._part(part_id), [award, *contracts]
        own: dict[str, object] = dict(self.tender)
        for key in ("title", "description", "mainProcurementCategory"):
            if not (ident(self.tender.get(key)) or ident(part.get(key))):
                own[key] = next(filter(None, (ident(one.get(key)) for one in holders)), "")
        if years_of(part) is None and years_of(self.tender) is None:
            periods = [one.get(key) for one in holders for key in ("contractPeriod", "period")]
            own["contractPeriod"] = next(filter(years_of_period, periods), None)
        items = {
            **self.items,
            part_id: [*self.items.get(part_id, ()), *self._more(part_id, holders)],
        }
        yield from replace(self, tender=own, items=items).lot(part_id, tally)

    def _more(self, part_id: str, holders: Sequence[Fields]) -> Iterator[Fields]:
        """The codes and places of an award or else its contracts, as far as the tender has none."""
        known = [self.tender, *(item for items in self._items(part_id) for item in items)]
        found = [[one, *mappings(one.get("items"))] for one in holders]
        if not any(any(_codes(one)) for one in known):
            coded = (items for items in found if any(any(_codes(one)) for one in items))
            yield from _only(_CODES, next(coded, []))
        if not _place(known):
            yield from _only(_PLACES, next((items for items in found if _place(items)), []))
        yield from _only(("description",), (item for items in found for item in items[1:]))

    def _part(self, part_id: str) -> Fields:
        """The part with that id; for the whole tender, its only part if it has one."""
        parts = list(self.parts.values()) if len(self.parts) == 1 else [{}]
        return self.parts[part_id] if part_id else parts[0]

    def _items(self, part_id: str) -> tuple[Sequence[Fields], Sequence[Fields]]:
        """The items of this lot, and those of no lot; for the whole tender, all items."""
        if part_id:
            return self.items.get(part_id, ()), self.items.get("", ())
        return [item for items in self.items.values() for item in items], ()


def _only(keys: Iterable[str], holders: Iterable[Fields]) -> Iterator[Fields]:
    """These fields of each object."""
    kept = set(keys)
    for one in holders:
        yield {key: value for key, value in one.items() if key in kept}


def _described(items: Iterable[Fields]) -> str:
    """What is bought, as the items say it."""
    said = (text(item.get("description")) for item in items)
    return "\n".join(dict.fromkeys(filter(None, said)))


def _framework_years(tender: Fields) -> float | None:
    """The longest period of a framework or a dynamic purchasing system, in years."""
    techniques = mapping(tender.get("techniques"))
    periods = (mapping(techniques.get(key)).get("period") for key in _TECHNIQUES)
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


def _with_budget(tender: Fields, planning: Fields) -> Fields:
    """A tender that states no value and has no lots with one, with the budget of its planning."""
    budget = mapping(planning.get("budget")).get("amount")
    given = [*_stated(mappings(tender.get("lots")), _AMOUNTS), *_whole_holders(tender)]
    if not mapping(budget) or any(map(_says_value, given)):
        return tender
    return {**tender, "estimatedValue": budget}


def _says_value(holder: Fields) -> bool:
    """Whether a value has an amount that does not stand for one that is not known."""
    value = mapping(holder.get("value"))
    return any((number(value.get(key)) or 0.0) >= NOMINAL for key in ("amount", "amountGross"))


def pounds(holder: Fields, key: str, tally: Tally, where: str) -> float | None:
    """`holder["value"][key]` in pounds, or None where it is not known.

    An amount that is not a finite number, is negative or is in another currency is set aside, and
    so is one under 10 pounds, which notices give where they state no value.
    """
    value = mapping(holder.get("value"))
    if value.get(key) is None:
        return None
    amount = number(value[key])
    if amount is None or amount < 0:
        tally.drop(f"value is not an amount of money {FIELD_ONLY}", where)
        return None
    if ident(value.get("currency")).upper() not in ("", "GBP"):
        tally.drop(f"value is not in pounds {FIELD_ONLY}", where)
        return None
    if amount < NOMINAL:
        tally.drop(NO_VALUE, where)
        return None
    return amount


def _whole_holders(tender: Fields) -> list[Fields]:
    """Every value that a tender states for the whole, each as the `value` of an object.

    The maximum of a framework, a dynamic purchasing system or a group of lots is one of them.
    """
    techniques = mapping(tender.get("techniques"))
    systems = [mapping(techniques.get(key)) for key in _TECHNIQUES]
    return _stated([tender, *systems, *mappings(tender.get("lotGroups"))], _AMOUNTS)


def _stated(places: Iterable[Fields], keys: Iterable[str]) -> list[Fields]:
    values = [mapping(place.get(key)) for place in places for key in keys]
    return [{"value": value} for value in values if value]


def _unusable(ocid: str, title: str, description: str) -> str:
    if not ocid:
        return "notice without an ocid"
    if not (title or description):
        return "notice without a title or description"
    return TEXT_TOO_LONG if max(len(title), len(description)) > LONGEST_TEXT else ""


def _title(tender: Fields, part_id: str, part: Fields) -> str:
    """The lot's title; after the tender's title where it is only a number, such as "Lot 1"."""
    whole, own = ident(tender.get("title")), ident(part.get("title"))
    if len(own) > 20 or not _EMPTY_TITLE.fullmatch(own):
        return own
    numbered = (own or f"Lot {part_id}") if part_id else ""
    return " – ".join(filter(None, (whole, numbered)))


def _description(tender: Fields, part_id: str, part: Fields) -> str:
    """The lot's description, then the tender's, shortened where there are several lots."""
    own, whole = text(part.get("description")), text(tender.get("description"))
    title = ident(tender.get("title"))
    if part_id and len(whole) > _CONTEXT:
        whole = whole[:_CONTEXT].rpartition(" ")[0]
    elif not part_id and own in whole:
        own = ""
    around = [whole] if title in _title(tender, part_id, part) or title in whole else [title, whole]
    return "\n".join(filter(None, [own, *(text_ for text_ in around if text_ not in own)]))


def _cpv(
    tender: Fields,
    part_id: str,
    lot_items: Sequence[Fields],
    other_items: Sequence[Fields],
) -> tuple[str, ...]:
    """The codes of the lot's items and of the tender; a part's own codes come first."""
    own = [code for item in lot_items for code in _codes(item)]
    own = own or [code for item in other_items for code in _codes(item)]
    whole = list(_codes(tender))
    return tuple(dict.fromkeys(own + whole if part_id else whole + own))


def _codes(holder: Fields) -> Iterator[str]:
    """The eight digits of each CPV code, without the check digit."""
    main = mapping(holder.get("classification"))
    for classification in (main, *mappings(holder.get("additionalClassifications"))):
        code = _CPV.fullmatch(ident(classification.get("id")))
        if code and ident(classification.get("scheme")).upper() in _CPV_SCHEMES:
            yield code[1]


def _place(items: Sequence[Fields]) -> tuple[str, str] | None:
    """The first postcode and all regions of delivery, or None where there are neither."""
    addresses = [
        at
        for item in items
        for at in (*mappings(item.get("deliveryAddresses")), mapping(item.get("deliveryAddress")))
    ]
    postcodes = (tidy_postcode(ident(at.get("postalCode"))) for at in addresses)
    regions = dict.fromkeys(
        [*(ident(at.get("region")) for at in addresses), *map(ident, _gazetteered(items))]
    )
    postcode, area = next(filter(None, postcodes), ""), ", ".join(filter(None, regions))
    return (postcode, area) if postcode or area else None


def _gazetteered(items: Sequence[Fields]) -> Iterator[object]:
    """The NUTS codes of places of delivery that are given by a gazetteer."""
    for item in items:
        places = mappings(item.get("deliveryLocations"))
        for at in (*places, mapping(item.get("deliveryLocation"))):
            gazetteer = mapping(at.get("gazetteer"))
            codes = gazetteer.get("identifiers")
            if isinstance(codes, list) and ident(gazetteer.get("scheme")).upper() in ("", "NUTS"):
                yield from codes


def _value(holders: Sequence[Fields], tally: Tally, where: str) -> tuple[float | None, bool]:
    """The amount of the first holder, else the largest of the others, and whether it has VAT."""
    first, *others = [_amount(holder, tally, where) for holder in holders]
    if first[0] is not None or not others:
        return first
    return max(others, key=lambda amount: (amount[0] or 0.0, amount[1]))


def _amount(holder: Fields, tally: Tally, where: str) -> tuple[float | None, bool]:
    """The amount, with VAT if available, and whether it includes VAT."""
    for key, gross in (("amountGross", True), ("amount", False)):
        amount = pounds(holder, key, tally, where)
        if amount is not None:
            return amount, gross
    return None, False
