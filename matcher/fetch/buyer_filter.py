"""Selects the notices of buyers in some areas, by the buyer's name or postcode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.notices.parties import buyer_of


@dataclass(frozen=True)
class BuyersIn:
    """Wants the notices of buyers in the areas called `name`: `councils` are their codes."""

    name: str
    councils: frozenset[str]
    known: Councils
    postcodes: PostcodeTable

    @classmethod
    def of(cls, areas: Iterable[str], known: Councils, postcodes: PostcodeTable) -> Self:
        """Buyers in areas given by name or code.  Raises BadInput where one is not known."""
        union = known.union([known.require(area) for area in areas])
        return cls(union.code, union.councils, known, postcodes)

    def __call__(self, release: Mapping[str, object]) -> str:
        """Why a release is not wanted; empty where it is."""
        buyer = buyer_of(release)
        area = self.known.named_in(buyer.name)
        if area is not None:
            return "" if area.councils & self.councils else "buyer is outside the areas asked for"
        point = self.postcodes.find(buyer.postcode)
        if point is None:
            return "buyer whose place is not known"
        return "" if point.council in self.councils else "buyer is outside the areas asked for"
