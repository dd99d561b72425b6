"""Who a list is limited to: a distance, whole areas, sizes or kinds of organisation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matcher.core.formatting import series
from matcher.core.types import Size

SMALL = frozenset({Size.MICRO, Size.SMALL, Size.MEDIUM})


@dataclass(frozen=True, slots=True)
class LocalArea:
    """An area: its name, its kind and the codes of its councils.

    `kind` is 'council', 'county' or 'district' (a council with a county above it) where the area
    may be declared. A ward, postcode or region
    keeps its own word, so that a refusal can name it. `bordering` are the whole areas that
    border it.
    """

    name: str
    kind: str = "council"
    councils: frozenset[str] = frozenset()
    bordering: tuple[LocalArea, ...] = ()

    def __str__(self) -> str:
        """Its name, and that the whole of it is meant."""
        return f"{self.name} (whole {'county' if self.kind == 'county' else 'council area'})"

    @property
    def bordering_councils(self) -> frozenset[str]:
        """The codes of the councils that border it."""
        return _councils(self.bordering)


@dataclass(frozen=True, slots=True)
class Scope:
    """Who the list is limited to. Each field limits it further; without any, it is everyone.

    `within_km` is kilometres from the lot's place. With both `sizes` and `vcse`, a provider must
    meet both. `with_neighbours` adds the areas that border `areas`.
    """

    within_km: float | None = None
    areas: tuple[LocalArea, ...] = ()
    with_neighbours: bool = False
    uk: bool = False
    sizes: frozenset[Size] | None = None
    vcse: bool = False

    @property
    def by_place(self) -> bool:
        """Whether it leaves out providers because of where they are."""
        return self.within_km is not None or bool(self.areas) or self.uk or self.with_neighbours

    @property
    def by_size_or_kind(self) -> bool:
        """Whether it leaves out providers because of their size or kind of organisation."""
        return self.sizes is not None or self.vcse

    @property
    def everyone(self) -> bool:
        """Whether it leaves nobody out."""
        return not (self.by_place or self.by_size_or_kind)

    @property
    def neighbours(self) -> tuple[LocalArea, ...]:
        """The areas that `with_neighbours` adds, without duplicates, by name."""
        if not self.with_neighbours:
            return ()
        within = _councils(self.areas)
        by_name = {near.name: near for area in self.areas for near in area.bordering}
        return tuple(
            by_name[name] for name in sorted(by_name) if not by_name[name].councils <= within
        )

    @property
    def councils(self) -> frozenset[str]:
        """The codes of the councils where a provider must be; empty when no area is named."""
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
        """Where they must be based, in the words of a notice; '' where that is anywhere."""
        if self.uk:
            return "the United Kingdom"
        if not self.areas:
            return ""
        near = self.neighbours
        them = "it" if len(self.areas) == 1 else "them"
        neighbours = f" or an area bordering {them}: {series(a.name for a in near)}" if near else ""
        return series(map(str, self.areas), "or") + neighbours


def _councils(areas: Iterable[LocalArea]) -> frozenset[str]:
    return frozenset[str]().union(*(area.councils for area in areas))
