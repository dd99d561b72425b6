"""Narrowing a list: to a distance, to whole areas, to sizes, to a kind of organisation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matcher.core.formatting import series
from matcher.core.types import Size

SMALL = frozenset({Size.MICRO, Size.SMALL, Size.MEDIUM})


@dataclass(frozen=True, slots=True)
class LocalArea:
    """An area by its name, its kind, and the codes of the councils that it is made of.

    `kind` is 'council' or 'county' for an area that may be declared; whatever else was asked
    for (a ward, a postcode, a region) keeps its own word, so that it can be refused by name.
    `bordering` are the whole areas that border it.
    """

    name: str
    kind: str = "council"
    councils: frozenset[str] = frozenset()
    bordering: tuple[LocalArea, ...] = ()

    def __str__(self) -> str:
        """Its name, and that all of it is meant."""
        return f"{self.name} (whole {'county' if self.kind == 'county' else 'council area'})"

    @property
    def surroundings(self) -> frozenset[str]:
        """The codes of the councils that border it."""
        return _councils(self.bordering)


@dataclass(frozen=True, slots=True)
class Scope:
    """The narrowing asked for; each field narrows further, and none of them is everyone.

    `within_km` is kilometres from the lot's place.  `sizes` and `vcse` both hold when both
    are given.  `with_neighbours` adds what borders each of `areas`.
    """

    within_km: float | None = None
    areas: tuple[LocalArea, ...] = ()
    with_neighbours: bool = False
    uk: bool = False
    sizes: frozenset[Size] | None = None
    vcse: bool = False

    @property
    def by_place(self) -> bool:
        """Whether it leaves anybody out by place."""
        return self.within_km is not None or bool(self.areas) or self.uk or self.with_neighbours

    @property
    def by_sort(self) -> bool:
        """Whether it leaves anybody out by size or by kind of organisation."""
        return self.sizes is not None or self.vcse

    @property
    def everyone(self) -> bool:
        """Whether it leaves nobody out."""
        return not (self.by_place or self.by_sort)

    @property
    def neighbours(self) -> tuple[LocalArea, ...]:
        """The areas that `with_neighbours` adds, each once, by name."""
        if not self.with_neighbours:
            return ()
        within = _councils(self.areas)
        found = {near.name: near for area in self.areas for near in area.bordering}
        return tuple(found[name] for name in sorted(found) if not found[name].councils <= within)

    @property
    def councils(self) -> frozenset[str]:
        """The council codes in which a provider must lie; empty when no area is named."""
        return _councils((*self.areas, *self.neighbours))

    @property
    def who(self) -> str:
        """Who is meant, in the words of a notice: SMEs, VCSEs, both at once, or suppliers."""
        vcses = "voluntary, community and social enterprises (VCSEs)"
        if self.vcse:
            return f"{vcses} of small or medium size (SMEs)" if self.sizes is not None else vcses
        return "suppliers" if self.sizes is None else "small and medium-sized enterprises (SMEs)"

    @property
    def where(self) -> str:
        """Where they must be based, in the words of a notice; empty when anywhere."""
        if self.uk:
            return "the United Kingdom"
        if not self.areas:
            return ""
        near = self.neighbours
        beside = f" or an area bordering it: {series(a.name for a in near)}" if near else ""
        return series(str(area) for area in self.areas) + beside


def _councils(areas: Iterable[LocalArea]) -> frozenset[str]:
    return frozenset[str]().union(*(area.councils for area in areas))
