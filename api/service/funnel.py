"""The funnel from listed to awarded, counted by size, by kind and by quarter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from api.records.exposure import Journeys
from matcher.core.types import Provider, Size
from matcher.register.register import Register

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FunnelCount:
    """How many places on lists a group of providers took, and how far these came.

    A provider on a list counts once, however often the list was decided on.
    """

    group: str
    listed: int
    invited: int
    answered: int
    awarded: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """The counts of all providers, and by size, by sector and by quarter of the list.

    Size and sector are those that the register has today.  `by_sector` tells voluntary,
    community and social enterprises ('vcse') from others ('other').
    """

    everyone: FunnelCount
    by_size: tuple[FunnelCount, ...]
    by_sector: tuple[FunnelCount, ...]
    by_quarter: tuple[FunnelCount, ...]


def funnel(journeys: Sequence[Journeys], register: Register) -> Funnel:
    """Count journeys, with sizes and kinds from the register."""
    known: dict[str, Provider | None] = {}
    for id_ in {journey.provider for journey in journeys}:
        row = register.row(id_)
        known[id_] = None if row is None else register.organisations[row].provider

    def size(journey: Journeys) -> str:
        provider = known[journey.provider]
        return provider.size.value if provider else UNKNOWN

    def sector(journey: Journeys) -> str:
        provider = known[journey.provider]
        if provider is None or provider.kind.value == UNKNOWN:
            return UNKNOWN
        return "vcse" if provider.kind.vcse else "other"

    return Funnel(
        everyone=_count("everyone", journeys),
        by_size=_counts(journeys, size, [each.value for each in Size]),
        by_sector=_counts(journeys, sector, ["vcse", "other", UNKNOWN]),
        by_quarter=_counts(journeys, _quarter, sorted({_quarter(each) for each in journeys})),
    )


def _quarter(journey: Journeys) -> str:
    """The quarter of lists, such as 2026-Q2."""
    year, month = journey.month.split("-")
    return f"{year}-Q{(int(month) + 2) // 3}"


def _counts(
    journeys: Sequence[Journeys], group_of: Callable[[Journeys], str], groups: Iterable[str]
) -> tuple[FunnelCount, ...]:
    """The count of each group that has any, in the order of `groups`."""
    members: dict[str, list[Journeys]] = {}
    for journey in journeys:
        members.setdefault(group_of(journey), []).append(journey)
    return tuple(_count(group, members[group]) for group in groups if group in members)


def _count(group: str, journeys: Sequence[Journeys]) -> FunnelCount:
    return FunnelCount(
        group,
        listed=sum(each.listed for each in journeys),
        invited=sum(each.invited for each in journeys),
        answered=sum(each.answered for each in journeys),
        awarded=sum(each.awarded for each in journeys),
    )
