"""Joins lots again into one lot: their texts, codes, places and values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from matcher.core.errors import BadLot
from matcher.core.identifiers import notice_id
from matcher.core.types import Lot
from matcher.geo.councils import Councils
from matcher.geo.named_areas import area_named
from matcher.geo.postcodes import PostcodeTable
from matcher.law.procurement import total_value
from matcher.lotting.delivery_area import is_code_in_region
from matcher.market.local_area import named_in_title

_SHORTEST_TITLE = 12
"""The fewest characters of a common beginning that serves as the title."""


def join_lots(lots: Sequence[Lot], councils: Councils, table: PostcodeTable, vat: float) -> Lot:
    """All lots as one: their texts, codes, places, and the sum of their values.

    The category is that of most of the value, because the main purpose of a contract decides its
    kind.  The sum is unknown where a lot has no value.  VAT is added to the others where some
    values include it.  A lot without a council or county is in the council of its postcode.
    Raises BadLot where there are no lots.
    """
    if not lots:
        raise BadLot("lots: no lots are given; give at least one")
    if len(lots) == 1:
        return lots[0]
    ordered = sorted(lots, key=lambda lot: (lot.title, lot.id))
    first = min(lots, key=lambda lot: lot.id)
    gross = any(lot.value_is_gross for lot in lots)
    all_valued = all(lot.value is not None for lot in lots)
    places = {(lot.postcode, lot.area) for lot in lots}
    return replace(
        first,
        id=notice_id(first.id),
        title=_title([lot.title for lot in ordered]),
        description="\n".join(dict.fromkeys(lot.description for lot in ordered)),
        category=_main_category(ordered),
        cpv=tuple(dict.fromkeys(code for lot in ordered for code in lot.cpv)),
        value=total_value(lots, vat if gross else 0.0) if all_valued else None,
        value_is_gross=gross,
        value_if_whole=None,
        postcode=first.postcode if len(places) == 1 else "",
        area=", ".join(_areas(ordered, councils, table)) if len(places) > 1 else first.area,
        years=first.years if len({lot.years for lot in lots}) == 1 else None,
    )


def _main_category(lots: Sequence[Lot]) -> str:
    """The category of most of the value; of most lots where a lot has no value.

    Of several with as much, works come last, because their threshold is the highest.
    """
    valued = all(lot.value is not None for lot in lots)
    weights: dict[str, float] = {}
    for lot in lots:
        weight = lot.value if valued and lot.value is not None else 1.0
        weights[lot.category] = weights.get(lot.category, 0.0) + weight
    return min(weights, key=lambda name: (-weights[name], name.strip().lower() == "works", name))


def _areas(lots: Iterable[Lot], councils: Councils, table: PostcodeTable) -> list[str]:
    areas = (_area(lot, councils, table) for lot in lots)
    parts = (part.strip() for area in areas for part in area.replace(";", ",").split(","))
    return sorted({part for part in parts if part})


def _area(lot: Lot, councils: Councils, table: PostcodeTable) -> str:
    """The area that a lot names, else the council of its postcode, title or buyer."""
    named = area_named(lot.area, councils)
    if named is not None and not named.kind.wide:
        return lot.area
    if point := table.find(lot.postcode):
        return point.council
    if titled := named_in_title(lot.title, councils):
        return titled
    if named is None or is_code_in_region(lot.area):
        point = table.find(lot.buyer_postcode)
    return point.council if point else lot.area


def _title(titles: Sequence[str]) -> str:
    """The common beginning of all titles where it is long enough, else all titles."""
    distinct = list(dict.fromkeys(filter(None, titles)))
    columns = zip(*(title.split() for title in distinct), strict=False)
    words = ([word.strip(":,(") for word in column] for column in columns)
    shared = takewhile(lambda column: len(set(column)) == 1, words)
    beginning = " ".join(column[0] for column in shared).rstrip(" –—-")
    return beginning if len(beginning) >= _SHORTEST_TITLE else "; ".join(distinct)
