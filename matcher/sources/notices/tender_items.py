"""What a tender or an award buys and where: the codes and places of its items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from matcher.sources.formats.json_values import (
    Fields,
    ident,
    mapping,
    mappings,
    one_or_several,
    text,
)
from matcher.sources.notices.parties import postcode_in

_CPV = re.compile(r"(?!0{8})(\d{8}|[39]\d{6})(?P<check>-\d)?(?:[\s:].*)?", re.ASCII)
"""A code, which its description may follow; eight zeros stand for none.

A code that was read as a number has lost the zero it begins with."""
_CPV_SCHEMES = {"CPV", "CPV2008", "CPV 2008", "CPV-2008"}
_LONGEST_PLACE = 80
"""Characters of a description that may be the name of a place."""
CODES = ("classification", "additionalClassifications")
_ADDRESSES = ("deliveryAddresses", "deliveryAddress")
PLACES = (*_ADDRESSES, "deliveryLocations", "deliveryLocation")


def items_of(holder: Fields, part: str) -> list[Fields]:
    """The items of an award or contract, without those that it gives for other lots."""
    items = mappings(holder.get("items"))
    return [one for one in items if not part or ident(one.get("relatedLot")) in ("", part)]


def only(keys: Iterable[str], holders: Iterable[Fields]) -> Iterator[Fields]:
    """These fields of each object."""
    kept = set(keys)
    for one in holders:
        yield {key: value for key, value in one.items() if key in kept}


def described(items: Iterable[Fields]) -> str:
    """What is bought, as the items say it: in words of their own, or else in those of a code."""
    held = [*items]
    of_codes = (one for item in held for key in CODES for one in _classifications(item.get(key)))
    for holders in (held, of_codes):
        said = dict.fromkeys(text(one.get("description")) for one in holders)
        if any(said):
            return "\n".join(filter(None, said))
    return ""


def cpv_of(
    tender: Fields,
    part_id: str,
    lot_items: Sequence[Fields],
    other_items: Sequence[Fields],
) -> tuple[str, ...]:
    """The codes of the lot's items and of the tender; a part's own codes come first."""
    own = [code for item in lot_items for code in codes_of(item)]
    own = own or [code for item in other_items for code in codes_of(item)]
    whole = list(codes_of(tender))
    return tuple(dict.fromkeys(own + whole if part_id else whole + own))


def codes_of(holder: Fields) -> Iterator[str]:
    """The eight digits of each CPV code, without the check digit."""
    for classification in (one for key in CODES for one in _classifications(holder.get(key))):
        code = _CPV.fullmatch(ident(classification.get("id")))
        scheme = ident(classification.get("scheme")).upper()
        if code and (scheme in _CPV_SCHEMES or (not scheme and code["check"])):
            yield code[1].zfill(8)


def _classifications(value: object) -> list[Fields]:
    """The classifications in a list, or one alone; one may be a code alone."""
    codes: list[Fields] = [
        {"id": one} for one in one_or_several(value) if isinstance(one, str | int)
    ]
    return codes + mappings(value)


def place_of(items: Sequence[Fields]) -> tuple[str, str] | None:
    """The first postcode and all regions of delivery, or None where there are neither.

    A town, or the description of a location, counts where there is no more than that.
    """
    written = [at for item in items for key in _ADDRESSES for at in _listed(item.get(key))]
    postcodes = map(postcode_in, written)
    addresses = mappings(written)
    localities = [ident(at.get("locality")) for at in addresses]
    localities += [
        told
        for one in _locations(items)
        if len(told := ident(one.get("description"))) <= _LONGEST_PLACE
    ]
    regions = dict.fromkeys(
        [*(ident(at.get("region")) for at in addresses), *map(ident, _gazetteered(items))]
    )
    postcode, area = next(filter(None, postcodes), ""), ", ".join(filter(None, regions))
    area = area or ("" if postcode else next(filter(None, localities), ""))
    return (postcode, area) if postcode or area else None


def _listed(value: object) -> list[object]:
    """The addresses in a list, or one alone; each may be a text."""
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, list) else [*mappings(value)]


def _gazetteered(items: Sequence[Fields]) -> Iterator[object]:
    """The NUTS codes of places of delivery that are given by a gazetteer."""
    for location in _locations(items):
        gazetteer = mapping(location.get("gazetteer"))
        given = gazetteer.get("identifiers")
        codes = [given] if isinstance(given, str) else given
        scheme = ident(gazetteer.get("scheme")).upper()
        if isinstance(codes, list) and (not scheme or scheme.startswith(("NUTS", "ITL"))):
            yield from codes


def _locations(items: Sequence[Fields]) -> Iterator[Fields]:
    for item in items:
        yield from mappings(item.get("deliveryLocations"))
        yield mapping(item.get("deliveryLocation"))
