"""What providers can be shown to do, and where, with evidence that an officer can check."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from matcher.core.cpv import category_name
from matcher.core.formatting import series
from matcher.core.types import Lot, Provider, Size
from matcher.geo.councils import AreaKind
from matcher.geo.named_areas import area_named
from matcher.law.scope import LocalArea, Scope
from matcher.lotting.delivery_area import DeliveryArea
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.explain import explain
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher, contributions
from matcher.ranking.query import Query
from matcher.ranking.request import Request
from matcher.ranking.shortlist import PastContract, Suggestion
from matcher.register.columns import size_code
from matcher.register.past_award import PastAward
from matcher.register.register import Register
from models import text

MOST_EXAMINED, MOST_LOCAL_EXAMINED = 25, 100
"""The most providers to examine for one part of the work: of all, and of the local ones."""
_LATEST_AWARDS = 60
_WORDS = 2
_CLASS = 4
_NATIONWIDE = (AreaKind.NATION, AreaKind.UK)
_UMBRELLA = "umbrella or resource body"
_MOST_OPENED = 400


@dataclass(frozen=True, slots=True)
class CapableProvider:
    """A provider that can be shown to do a part of the work, with its probability and evidence."""

    row: int
    id: str
    probability: float
    evidence: tuple[str, ...]


def capable_providers(
    matcher: Matcher, part: Lot, request: Request, delivery: DeliveryArea, floor: float
) -> tuple[CapableProvider, ...]:
    """The small credible providers for a part of the work, most probable first.

    They are searched for in the councils of the need, and everywhere.  Each has evidence in its
    profile, name or past contracts.  As in a shortlist, unknown size counts as small.
    """
    everyone_request = replace(request, wish=Filters(everyone=True), limit=MOST_LOCAL_EXAMINED)
    everyone = matcher.query(part, everyone_request)
    near = LocalArea("the need", "council", frozenset(area.code for area in delivery.areas))
    by_row: dict[int, CapableProvider] = {}
    for scope in ([Scope(areas=(near,))] if delivery.areas else []) + [Scope()]:
        query = replace(everyone, ruling=replace(everyone.ruling, scope=scope))
        examined = _examined(matcher, query, everyone_request, floor)
        by_row |= {provider.row: provider for provider in examined}
    capable = (provider for provider in by_row.values() if provider.evidence)
    return tuple(sorted(capable, key=lambda provider: (-provider.probability, provider.id)))


def _examined(
    matcher: Matcher, query: Query, request: Request, floor: float
) -> Iterator[CapableProvider]:
    """The credible providers in the query's scope that are not known to be large."""
    eligible = eligible_providers(query)
    ranking = matcher.rank(query, eligible, request.seed)
    if ranking.probabilities is None:
        return
    large = matcher.register.columns.size[ranking.rows] == size_code(Size.LARGE)
    most = MOST_LOCAL_EXAMINED if query.ruling.scope.areas else MOST_EXAMINED
    at = np.flatnonzero(~large & (ranking.probabilities >= floor))[:most]
    shown = replace(
        ranking,
        rows=ranking.rows[at],
        values=ranking.values[at],
        contributions=contributions(
            matcher.ranker_for(query).ranker, ranking.values[at], ranking.scores[at]
        ),
        scores=ranking.scores[at],
        probabilities=ranking.probabilities[at],
    )
    shortlist = explain(query, eligible, shown, request, matcher.bundle.version)
    for row, suggestion in zip(shown.rows.tolist(), shortlist.suggestions, strict=True):
        yield CapableProvider(
            row,
            suggestion.id,
            round(suggestion.probability or 0.0, 4),
            tuple(_work_evidence(suggestion)),
        )


_WHERE = {
    "profile": "Its profile mentions",
    "label": "Its labels mention",
    "name": "Its name mentions",
}


def _work_evidence(suggestion: Suggestion) -> Iterator[str]:
    """The evidence that a provider does a part of the work."""
    for where, beginning in _WHERE.items():
        matches = (match for match in suggestion.matches if match.where == where)
        words = dict.fromkeys(match.found.lower() for match in matches)
        if len(words) >= _WORDS:
            yield f"{beginning} {series(words)}."
    for contract in suggestion.past[:1]:
        if shared := _shared(contract):
            yield f"Won “{contract.title}” ({contract.day:%B %Y}, {contract.id}), {shared}."


def _shared(contract: PastContract) -> str:
    """What a past contract shares with the part of the work; '' where it is too little."""
    if len(contract.alike) >= _WORDS:
        return f"which mentions {series(contract.alike)}"
    if len(contract.category) >= _CLASS:
        return f"which was also for {category_name(contract.category.ljust(8, '0')).lower()}"
    return ""


@dataclass(frozen=True)
class ProviderPlaces:
    """The councils of a need in which each provider can be shown to be based or to work."""

    register: Register
    delivery: DeliveryArea
    _by_row: dict[int, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def evidence(self, row: int, council: str) -> tuple[str, ...]:
        """The evidence that it is based or works in the council; () where there is none."""
        if row not in self._by_row:
            by_council: dict[str, list[str]] = defaultdict(list)
            for code, evidence in self._all_evidence(row):
                by_council[code].append(evidence)
            self._by_row[row] = {c: tuple(dict.fromkeys(e)) for c, e in by_council.items()}
        return self._by_row[row].get(council, ())

    def _all_evidence(self, row: int) -> Iterator[tuple[str, str]]:
        """(council, evidence) from its sites, its own statements, and its past contracts."""
        provider = self.register.organisations[row].provider
        for site in provider.sites:
            point = self.register.postcodes.find(site.postcode)
            if point:
                yield point.council, f"{site.grade.value.capitalize()}: {site.postcode}."
        for stated_area in provider.areas:
            area = area_named(stated_area, self.register.councils)
            if area is not None and area.kind not in _NATIONWIDE:
                yield from ((code, f"Says that it works in {area.name}.") for code in area.councils)
        won = self.register.won.of(row)
        latest = won[: won.searchsorted(self.register.known_awards)][::-1][:_LATEST_AWARDS]
        for number in latest.tolist():
            yield from self._award_evidence(self.register.awards[number])

    def _award_evidence(self, award: PastAward) -> Iterator[tuple[str, str]]:
        """(council, evidence) from the place in a contract's notice, else from its buyer."""
        lot, councils = award.lot, self.register.councils
        point = self.register.postcodes.find(lot.postcode)
        named = area_named(lot.area, councils)
        area = named if named is not None and not named.kind.wide else councils.named_in(lot.buyer)
        codes: Iterable[str] = [point.council] if point else area.councils if area else ()
        evidence = f"Won “{lot.title}” there ({award.day:%B %Y}, {award.id})."
        yield from ((code, evidence) for code in codes)


def is_umbrella(provider: Provider) -> bool:
    """Whether its register classes it as an umbrella or resource body (charity class 309)."""
    return any(_UMBRELLA in tag.casefold() for tag in provider.tags)


def umbrellas(register: Register, delivery: DeliveryArea, most: int) -> tuple[Provider, ...]:
    """The active umbrella or resource bodies based in these councils, by name."""
    (stem,) = text.words("umbrella")
    rows = register.profiles.rows_with(stem)
    councils = register.council_numbers(area.code for area in delivery.areas)
    c = register.columns
    local = rows[np.isin(c.council[rows], councils) & c.active[rows]][:_MOST_OPENED]
    providers = (register.organisations[row].provider for row in local.tolist())
    bodies = sorted(filter(is_umbrella, providers), key=lambda body: (body.name, body.id))
    return tuple(bodies[:most])
