"""Why a provider is on a list, or why it is not: its rank, its gap to the list, the facts used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from matcher.core.formatting import series
from matcher.core.types import (
    Lot,
    Organisation,
    Provider,
    Size,
)
from matcher.law.scope import Scope
from matcher.ranking.eligibility import EligibleProviders, eligible_providers
from matcher.ranking.explain import explain
from matcher.ranking.filters import describe
from matcher.ranking.matcher import Matcher, contributions
from matcher.ranking.query import Query
from matcher.ranking.ranking import Ranking
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist, Suggestion
from models import exact


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a provider is on a list, or why it is not.

    `stage` is how far it came: 'gone', 'out of reach', 'not compared', 'too unlike', 'below the
    list' or 'listed'.  `rank` counts all who were compared and are like enough; `gap` is how
    much its score lies under the last of the list's, 0 for who is listed.  `facts` are what was
    used, as they would be shown.
    """

    provider: str
    name: str
    stage: str
    because: str
    rank: int | None = None
    of: int | None = None
    score: float | None = None
    gap: float | None = None
    facts: Suggestion | None = None

    @property
    def listed(self) -> bool:
        """Whether it is on the list."""
        return self.stage == "listed"


def why(matcher: Matcher, lot: Lot, request: Request, row: int) -> Explanation:
    """Why the provider in `row` of the register is, or is not, on the list that answers this."""
    query = matcher.query(lot, request)
    one = matcher.register.organisations[row]
    eligible = eligible_providers(query)
    at = np.flatnonzero(eligible.numbers == row)
    if not len(at) or not eligible.allowed[at[0]]:
        return _outside(query, one, row)
    ranking = matcher.rank(query, eligible, request.seed, request.limit, fair=request.fair)
    place = np.flatnonzero(ranking.rows == row)
    if not len(place):
        return _unranked(one, ranking)
    return _ranked(matcher, (query, eligible, ranking), request, int(place[0]))


def as_kept(answer: Shortlist, one: Suggestion) -> Explanation:
    """Why `one` is on a list that was kept, out of the list itself."""
    return Explanation(
        provider=one.id,
        name=one.name,
        stage="listed",
        because=f"It is number {one.rank} on the list, as it was kept.",
        rank=one.rank,
        of=answer.ranked - answer.unlike,
        score=one.score,
        gap=0.0,
        facts=one,
    )


def _outside(query: Query, one: Organisation, row: int) -> Explanation:
    """Gone, or out of what the list was narrowed to."""
    provider = one.provider
    if not query.register.columns.active[row]:
        return Explanation(provider.id, provider.name, "gone", f"It is {provider.status.value}.")
    unmet = series(_unmet(query.ruling.scope, provider)).capitalize()
    asked = describe(query.ruling.scope)
    because = f"{unmet}, and what was asked for is: {asked}."
    return Explanation(provider.id, provider.name, "out of reach", because)


def _unmet(scope: Scope, provider: Provider) -> Iterator[str]:
    """What of the scope the provider does not meet; at least its place."""
    sized = scope.sizes is None or provider.size in scope.sizes or provider.size is Size.UNKNOWN
    sorted_ = not scope.vcse or provider.kind.vcse
    if not sized:
        yield f"it is {provider.size.value}"
    if not sorted_:
        yield f"its kind is {provider.kind.value}"
    if sized and sorted_:
        yield (
            f"its places known are {series(site.postcode for site in provider.sites)}"
            if provider.sites
            else "no place of it is known"
        )


def _unranked(one: Organisation, ranking: Ranking) -> Explanation:
    provider = one.provider
    return Explanation(
        provider.id,
        provider.name,
        "not compared",
        "Too little of what is known of it is like the lot.",
        of=len(ranking.rows),
    )


def _ranked(
    matcher: Matcher, asked: tuple[Query, EligibleProviders, Ranking], request: Request, at: int
) -> Explanation:
    query, eligible, ranking = asked
    alone = _alone(matcher, query, ranking, at)
    only = explain(query, eligible, alone, replace(request, limit=1), matcher.bundle.version)
    facts = replace(only.suggestions[0], rank=at + 1)
    last = min(request.limit, len(ranking.rows)) - 1
    gap = float(exact.to_places(ranking.scores[last] - ranking.scores[at]))
    listed = at <= last
    because = (
        f"It is number {at + 1} of {len(ranking.rows):,} who were compared."
        if listed
        else f"It is number {at + 1} of {len(ranking.rows):,} who were compared; the list ends "
        f"with number {last + 1}, whose score is {gap:.3f} higher."
    )
    return Explanation(
        provider=facts.id,
        name=facts.name,
        stage="listed" if listed else "below the list",
        because=because,
        rank=at + 1,
        of=len(ranking.rows),
        score=facts.score,
        gap=max(gap, 0.0) if listed else gap,
        facts=facts,
    )


def _alone(matcher: Matcher, query: Query, ranking: Ranking, at: int) -> Ranking:
    """The ranking with only the one at place `at`, and what each feature added to it."""
    only = slice(at, at + 1)
    x = ranking.values[only]
    chances = ranking.probabilities
    return replace(
        ranking,
        rows=ranking.rows[only],
        values=x,
        contributions=contributions(matcher.ranker_for(query).ranker, x, ranking.scores[only]),
        scores=ranking.scores[only],
        probabilities=None if chances is None else chances[only],
    )
