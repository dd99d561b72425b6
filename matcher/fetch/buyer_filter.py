"""Selects the notices of buyers in some areas, by the buyer's name or postcode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from matcher.geo.councils import Councils
from matcher.geo.named_areas import require_area
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.notices.parties import buyer_of


@dataclass(frozen=True)
class BuyersIn:
    """Selects notices of buyers in the areas called `name`; `councils` are their codes."""

    name: str
    councils: frozenset[str]
    all_councils: Councils
    postcodes: PostcodeTable

    @classmethod
    def of(cls, areas: Iterable[str], all_councils: Councils, postcodes: PostcodeTable) -> Self:
        """Buyers in areas given by name or code.  Raises BadInput where an area is unknown."""
        union = all_councils.union([require_area(area, all_councils) for area in areas])
        return cls(union.code, union.councils, all_councils, postcodes)

    def __call__(self, release: Mapping[str, object]) -> str:
        """The reason to leave out a release, or '' to keep it."""
        buyer = buyer_of(release)
        area = self.all_councils.named_in(buyer.name)
        if area is not None:
            return "" if area.councils & self.councils else "buyer is outside the chosen areas"
        point = self.postcodes.find(buyer.postcode)
        if point is None:
            return "buyer whose place is not known"
        return "" if point.council in self.councils else "buyer is outside the chosen areas"
