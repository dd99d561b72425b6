"""Why a provider is, or is not, on a shortlist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matcher.core.formatting import count, series
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
from matcher.ranking.request import Request, Withheld
from matcher.ranking.shortlist import Shortlist, Suggestion
from matcher.register.public_bodies import known_size
from matcher.register.search import rows_named
from models import exact


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a provider is, or is not, on a shortlist.

    `stage` is how far it came: 'gone', 'the buyer', 'out of reach', 'not compared', 'below the
    list', 'on other lists' or 'listed'. `rank` is among all ranked providers. `gap` is how far its
    score is below the last score on the list, 0 where it is listed. `facts` are the facts used, as
    a list shows them.
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
    """Why the provider in `row` of the register is, or is not, on the shortlist for `lot`."""
    return why_each(matcher, lot, request, [row])[0]


def why_each(
    matcher: Matcher, lot: Lot, request: Request, rows: Sequence[int]
) -> list[Explanation]:
    """As `why`, for each of several rows of the register; the lot is asked once for all."""
    if not rows:
        return []
    query = matcher.query(lot, request)
    asked = _Asked(matcher, request, query, eligible_providers(query))
    return [_explained(asked, row) for row in rows]


@dataclass(frozen=True)
class _Asked:
    """What is found for a lot; its ranking is made when it is first needed."""

    matcher: Matcher
    request: Request
    query: Query
    eligible: EligibleProviders

    @cached_property
    def ranking(self) -> Ranking:
        return self.matcher.ranking_for(self.query, self.eligible, self.request)


def _explained(asked: _Asked, row: int) -> Explanation:
    matcher, eligible = asked.matcher, asked.eligible
    organisation = matcher.register.organisations[row]
    at = np.flatnonzero(eligible.numbers == row)
    if not len(at) or not eligible.allowed[at[0]]:
        return _outside(asked.query, organisation, row)
    withheld = {matcher.register.row(each.provider): each for each in asked.request.withheld}
    if row in withheld:
        return _on_other_lists(withheld[row])
    place = np.flatnonzero(asked.ranking.rows == row)
    if not len(place):
        return _unranked(organisation, asked.ranking)
    return _ranked(asked, int(place[0]))


def as_kept(answer: Shortlist, suggestion: Suggestion) -> Explanation:
    """Why `suggestion` is on a saved shortlist, read from the list itself."""
    return Explanation(
        provider=suggestion.id,
        name=suggestion.name,
        stage="listed",
        because=f"It is number {suggestion.rank} on the saved list.",
        rank=suggestion.rank,
        of=answer.ranked - answer.unlike,
        score=suggestion.score,
        gap=0.0,
        facts=suggestion,
    )


def _outside(query: Query, organisation: Organisation, row: int) -> Explanation:
    """The provider is gone, or outside the scope."""
    provider = organisation.provider
    if not query.register.columns.active[row]:
        return Explanation(provider.id, provider.name, "gone", f"It is {provider.status.value}.")
    if row in rows_named(query.register, query.analyzed.lot.buyer):
        return Explanation(provider.id, provider.name, "the buyer", "It is the buyer of this lot.")
    unmet = series(_unmet(query.ruling.scope, provider)).capitalize()
    limits = describe(query.ruling.scope)
    because = f"{unmet}. The list is limited to: {limits}."
    return Explanation(provider.id, provider.name, "out of reach", because)


def _unmet(scope: Scope, provider: Provider) -> Iterator[str]:
    """The limits of the scope that the provider does not meet; at least its place."""
    size = known_size(provider)
    right_size = scope.sizes is None or size in scope.sizes or size is Size.UNKNOWN
    right_kind = not scope.vcse or provider.kind.vcse
    if not right_size:
        yield f"it is {size.value}"
    if not right_kind:
        yield f"its kind is {provider.kind.value}"
    if right_size and right_kind:
        yield (
            f"its known sites are at {series(site.postcode for site in provider.sites)}"
            if provider.sites
            else "its place is not known"
        )


def _on_other_lists(withheld: Withheld) -> Explanation:
    because = (
        f"It would be number {withheld.rank}. It is listed for {series(withheld.lots)}, and each "
        "provider is on a limited number of the lists of this request."
    )
    return Explanation(
        withheld.provider, withheld.name, "on other lists", because, rank=withheld.rank
    )


def _unranked(organisation: Organisation, ranking: Ranking) -> Explanation:
    provider = organisation.provider
    return Explanation(
        provider.id,
        provider.name,
        "not compared",
        "Too little that is known about it is similar to the lot.",
        of=len(ranking.rows),
    )


def _ranked(asked: _Asked, at: int) -> Explanation:
    matcher, request, query, ranking = asked.matcher, asked.request, asked.query, asked.ranking
    alone = _alone(matcher, query, ranking, at)
    only = explain(query, asked.eligible, alone, replace(request, limit=1), matcher.bundle.version)
    facts = replace(only.suggestions[0], rank=at + 1)
    last = min(request.limit, len(ranking.rows)) - 1
    gap = float(exact.to_places(ranking.scores[last] - ranking.scores[at]))
    listed = at <= last
    because = f"It is number {at + 1} of {count(len(ranking.rows), 'provider')} compared."
    if not listed:
        because += f" The list ends with number {last + 1}, whose score is {gap:.3f} higher."
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
    """The ranking of only the candidate at `at`, with its contributions."""
    only = slice(at, at + 1)
    x = ranking.values[only]
    probabilities = ranking.probabilities
    return replace(
        ranking,
        rows=ranking.rows[only],
        values=x,
        contributions=contributions(matcher.ranker_for(query).ranker, x, ranking.scores[only]),
        scores=ranking.scores[only],
        probabilities=None if probabilities is None else probabilities[only],
        relevance=None if ranking.relevance is None else ranking.relevance[only],
        marks=ranking.marks[only],
    )
