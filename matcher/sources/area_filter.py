"""Keeps only the providers with an address in some areas.

The national registers list millions of providers; a council needs those near it.  All past awards
and payments are kept, wherever the winners and payees are, because they are evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from matcher.core.types import Provider, Tally
from matcher.geo.councils import Councils
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.feed import Feed, Item

OUTSIDE_AREAS = "no address in the chosen areas"


@dataclass(frozen=True)
class AreaFilter:
    """The councils, by code, in the chosen areas; `postcodes` gives the council of a postcode."""

    councils: frozenset[str]
    postcodes: PostcodeTable

    @classmethod
    def of(cls, areas: Iterable[str], councils: Councils, postcodes: PostcodeTable) -> Self:
        """The areas with these names or codes.  Raises BadInput where an area is unknown."""
        council_sets = (councils.require(area).councils for area in areas)
        return cls(frozenset[str]().union(*council_sets), postcodes)

    def filtered(self, feeds: Iterable[Feed]) -> Iterator[Feed]:
        """The feeds without providers outside the areas, which are counted as set aside."""
        for source_tally, items in feeds:
            tally = Tally(source_tally.source)
            yield tally, self._in_areas(items, source_tally, tally)

    def _in_areas(self, items: Iterator[Item], source_tally: Tally, tally: Tally) -> Iterator[Item]:
        outside, example = 0, ""
        for item in items:
            tally.read = source_tally.read
            if not isinstance(item, Provider) or self.includes(item):
                yield item
            else:
                outside, example = outside + 1, example or item.id
        tally.read = source_tally.read
        tally.kept += source_tally.kept - outside
        tally.add(source_tally.set_aside, source_tally.examples)
        if outside:
            tally.add({OUTSIDE_AREAS: outside}, {OUTSIDE_AREAS: example})

    def includes_postcode(self, postcode: str) -> bool:
        """Whether a provider whose only site has this postcode, '' for none, is included."""
        if postcode.partition(" ")[0] in self._elsewhere:
            return False
        point = self.postcodes.find(postcode)
        return point is None or point.council in self.councils

    @cached_property
    def _elsewhere(self) -> frozenset[str]:
        """The known districts of which no postcode is in the areas: most postcodes need no more."""
        table = self.postcodes
        wanted = np.array([code in self.councils for code in table.councils])
        inside = np.unique(table.postcodes.keys[wanted[table.postcodes.council]] >> np.uint64(32))
        districts = np.setdiff1d(table.outcodes.keys, inside).tolist()
        names = (int(key).to_bytes(4, "big").decode().strip() for key in districts)
        return frozenset(name for name in names if tidy_postcode(f"{name} 1AA") == f"{name} 1AA")

    def includes(self, provider: Provider) -> bool:
        """Whether a provider has an address in the areas, or has no known address."""
        points = [self.postcodes.find(site.postcode) for site in provider.sites]
        located = [point for point in points if point is not None]
        return not located or any(point.council in self.councils for point in located)
