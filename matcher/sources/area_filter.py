"""Keeps only the providers with an address in some areas.

The national registers name millions of providers; a council needs those near it.  Past awards
are all kept, wherever their winners are, because they are evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from matcher.core.types import Award, Provider, Tally
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.feed import Feed

OUTSIDE = "no address in the areas asked for"


@dataclass(frozen=True)
class Locality:
    """The councils, by code, in one or more areas; `postcodes` gives the council of a postcode."""

    councils: frozenset[str]
    postcodes: PostcodeTable

    @classmethod
    def of(cls, areas: Iterable[str], known: Councils, postcodes: PostcodeTable) -> Self:
        """The areas of these names or codes.  Raises BadInput where one is not known."""
        every = (known.require(area).councils for area in areas)
        return cls(frozenset[str]().union(*every), postcodes)

    def narrowed(self, feeds: Iterable[Feed]) -> Iterator[Feed]:
        """The feeds without the providers that are elsewhere, which are counted as set aside."""
        for tally, items in feeds:
            mine = Tally(tally.source)
            yield mine, self._inside(items, tally, mine)

    def _inside(
        self, items: Iterator[Provider] | Iterator[Award], theirs: Tally, mine: Tally
    ) -> Iterator[Provider] | Iterator[Award]:
        outside, example = 0, ""
        for item in items:
            mine.read = theirs.read
            if isinstance(item, Award) or self.has(item):
                yield item
            else:
                outside, example = outside + 1, example or item.id
        mine.read, mine.kept = theirs.read, theirs.kept - outside
        mine.set_aside, mine.examples = dict(theirs.set_aside), dict(theirs.examples)
        if outside:
            mine.set_aside[OUTSIDE], mine.examples[OUTSIDE] = outside, example

    def has(self, provider: Provider) -> bool:
        """Whether a provider has an address here, or none that is known."""
        points = [self.postcodes.find(site.postcode) for site in provider.sites]
        known = [point for point in points if point is not None]
        return not known or any(point.council in self.councils for point in known)
