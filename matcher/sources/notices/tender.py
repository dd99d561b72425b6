"""The tender of an OCDS release, read as a lot: all of it, or one of its parts.

Nothing is read here of awards, contracts or suppliers, so no lot can know its winner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self, TypeAlias

from matcher.core.types import Lot, Tally
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.sources.formats.json_files import (
    day,
    ident,
    mapping,
    mappings,
    number,
    text,
)
from matcher.sources.notices.parties import Buyer, buyer_of

LONGEST_TEXT = 1_000_000
"""The longest title or description of a lot, in characters."""

TEXT_TOO_LONG = f"title or description is longer than {LONGEST_TEXT:,} characters"
KEPT = "(the rest is kept)"
"""How a reason ends for which a field of a lot is set aside, and not the lot."""

Fields: TypeAlias = Mapping[str, object]

_CONTEXT = 500  # characters of the whole tender's description that follow a lot's own
_CPV = re.compile(r"(\d{8})(?:-\d)?", re.ASCII)
_SAYS_NOTHING = re.compile(
    r"\W*+(?:lots?\W*+)?(?:(?:no|number)\W*+)?(?:(?:\d{1,4}[a-z]?|[a-z]|[ivx]{1,5})\W*+)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Notice:
    """The tender of one release and who asks for it.

    `parts` are the lots that it is divided into, by id, or by place where that is missing or taken;
    `items` are what is bought, by the lot that they are tied to, under "" where to none.
    """

    ocid: str
    day: date | None
    tender: Fields
    buyer: Buyer
    parts: Mapping[str, Fields]
    items: Mapping[str, Sequence[Fields]]

    @classmethod
    def of(cls, release: Fields) -> Self:
        """Read a release; whatever is absent or of the wrong type is empty."""
        tender = mapping(release.get("tender"))
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
        """Each part as a lot, or the whole where it is not divided."""
        for part_id in self.parts if len(self.parts) > 1 else [""]:
            tally.read += 1
            yield from self.lot(part_id, tally)

    def lot(self, part_id: str, tally: Tally) -> Iterator[Lot]:
        """One part as a lot, or the whole where `part_id` is empty; no space is in its id.

        Yields nothing where it cannot be asked about, and sets it aside.
        """
        part, tender, buyer = self._part(part_id), self.tender, self.buyer
        id_ = (f"{self.ocid}#{part_id}" if part_id else self.ocid).replace(" ", "_")
        title, description = _title(tender, part_id, part), _description(tender, part_id, part)
        if reason := _not_askable(self.ocid, title, description):
            tally.drop(reason, id_)
            return
        tied, loose = self._items(part_id)
        postcode, area = _place(tied) or _place(loose) or ("", "")
        value, gross = _value([part] if part_id else [part, tender], tally, id_)
        yield Lot(
            id=id_,
            title=title,
            description=description,
            cpv=_cpv(tender, part_id, tied, loose),
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
            years=_years(part) or _years(tender),
        )

    def _part(self, part_id: str) -> Fields:
        """A part; for the whole, its only part if there is just one."""
        only = list(self.parts.values()) if len(self.parts) == 1 else [{}]
        return self.parts[part_id] if part_id else only[0]

    def _items(self, part_id: str) -> tuple[Sequence[Fields], Sequence[Fields]]:
        """The items tied to this lot, and those tied to none; all of them for the whole."""
        if part_id:
            return self.items.get(part_id, ()), self.items.get("", ())
        return [item for items in self.items.values() for item in items], ()


def pounds(holder: Fields, key: str, tally: Tally, where: str) -> float | None:
    """`holder["value"][key]` as pounds; zero is how notices write that none is given.

    An amount that is no number, not finite, negative, or in another currency is set aside.
    """
    value = mapping(holder.get("value"))
    if value.get(key) is None:
        return None
    amount = number(value[key])
    if amount is None or amount < 0:
        tally.drop(f"value is not an amount of money {KEPT}", where)
        return None
    if value.get("currency") not in (None, "", "GBP"):
        tally.drop(f"value is not in pounds {KEPT}", where)
        return None
    return amount or None


def _not_askable(ocid: str, title: str, description: str) -> str:
    if not ocid:
        return "notice without an ocid"
    if not (title or description):
        return "notice without a title or description"
    return TEXT_TOO_LONG if max(len(title), len(description)) > LONGEST_TEXT else ""


def _title(tender: Fields, part_id: str, part: Fields) -> str:
    """The lot's title; behind the tender's where it says nothing, as "Lot 1" does."""
    whole, own = ident(tender.get("title")), ident(part.get("title"))
    if len(own) > 20 or not _SAYS_NOTHING.fullmatch(own):
        return own
    numbered = (own or f"Lot {part_id}") if part_id else ""
    return " – ".join(filter(None, (whole, numbered)))


def _description(tender: Fields, part_id: str, part: Fields) -> str:
    """The lot's own description, then the tender's: its beginning where there are more lots."""
    own, whole = text(part.get("description")), text(tender.get("description"))
    title = ident(tender.get("title"))
    if part_id and len(whole) > _CONTEXT:
        whole = whole[:_CONTEXT].rpartition(" ")[0]
    elif not part_id and own in whole:
        own = ""
    around = [whole] if title in _title(tender, part_id, part) or title in whole else [title, whole]
    return "\n".join(filter(None, [own, *(each for each in around if each not in own)]))


def _cpv(
    tender: Fields,
    part_id: str,
    tied: Sequence[Fields],
    loose: Sequence[Fields],
) -> tuple[str, ...]:
    """The codes of the lot's items and of the tender; those of the lot first if it is a part."""
    own = [code for item in tied for code in _codes(item)]
    own = own or [code for item in loose for code in _codes(item)]
    whole = list(_codes(tender))
    return tuple(dict.fromkeys(own + whole if part_id else whole + own))


def _codes(holder: Fields) -> Iterator[str]:
    """The eight digits of each CPV code, without the check digit."""
    main = mapping(holder.get("classification"))
    for each in (main, *mappings(holder.get("additionalClassifications"))):
        code = _CPV.fullmatch(ident(each.get("id")))
        if code and ident(each.get("scheme")) == "CPV":
            yield code[1]


def _place(items: Sequence[Fields]) -> tuple[str, str] | None:
    """The first postcode and all the regions that items are delivered to; None if neither."""
    addresses = [at for item in items for at in mappings(item.get("deliveryAddresses"))]
    postcodes = (tidy_postcode(ident(at.get("postalCode"))) for at in addresses)
    regions = dict.fromkeys(ident(at.get("region")) for at in addresses)
    postcode, area = next(filter(None, postcodes), ""), ", ".join(filter(None, regions))
    return (postcode, area) if postcode or area else None


def _value(holders: Sequence[Fields], tally: Tally, where: str) -> tuple[float | None, bool]:
    """The first amount told, with VAT if it can be, and whether VAT is in."""
    for holder in holders:
        for key, gross in (("amountGross", True), ("amount", False)):
            amount = pounds(holder, key, tally, where)
            if amount is not None:
                return amount, gross
    return None, False


def _years(holder: Fields) -> float | None:
    """The length of a contract in years, to the hundredth; None where it is not told."""
    period = mapping(holder.get("contractPeriod"))
    start, end = day(period.get("startDate")), day(period.get("endDate"))
    if start and end:
        days: float | None = (end - start).days
    else:
        days = number(period.get("durationInDays"))
    return round(days / 365.25, 2) if days and days > 0 else None
