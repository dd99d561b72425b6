"""Turns a ranking into a shortlist: each provider's evidence, reasons and unknown facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from matcher.core.formatting import count, series
from matcher.core.types import CAUTIONS, NOT_SME, SME, Kind, Size, Status
from matcher.law.types import Signal
from matcher.ranking.eligibility import EligibleProviders
from matcher.ranking.evidence import Evidence, EvidenceFinder, source_text
from matcher.ranking.features.feature import REASONS
from matcher.ranking.features.registry import BY_MEANING, FEATURES
from matcher.ranking.features.relevance import name_meaning, named_like_winners, seldom_sells
from matcher.ranking.filters import describe
from matcher.ranking.query import Query
from matcher.ranking.ranking import Matrix, Ranking
from matcher.ranking.reason_text import reason_text
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Reason, RelatedProvider, Shortlist, Suggestion
from matcher.ranking.sites import council_name
from models import exact
from models.calibrated_ranker import Fairness
from models.relevance import Mark

_NAMED_LIKE_WINNERS = name_meaning.name, named_like_winners.name
"""The features that compare a name with those of winners."""


def explain(
    query: Query, eligible: EligibleProviders, ranking: Ranking, request: Request, model: str
) -> Shortlist:
    """The first of the ranking, up to the request's limit, as a shortlist."""
    analyzed, ruling = query.analyzed, query.ruling
    suggestions = tuple(_suggestions(query, ranking, min(request.limit, len(ranking.rows))))
    return Shortlist(
        lot=query.sent or analyzed.lot,
        purpose=ruling.purpose.value,
        place=_place(query) or "unknown",
        place_source=analyzed.place.source,
        scope=describe(ruling.scope),
        suggestions=suggestions,
        considered=int(np.count_nonzero(eligible.allowed)),
        ranked=len(ranking.rows) + ranking.unlike,
        unlike=ranking.unlike,
        set_aside=eligible.set_aside,
        size_unknown=eligible.size_unknown,
        rule_ids=ruling.rule_ids,
        rule_sources=ruling.sources,
        neutral={n.signal.value: n.rule for n in ruling.neutral},
        on=query.on,
        known_before=request.before or analyzed.lot.day,
        limit=request.limit,
        value=ruling.value,
        threshold=ruling.threshold.amount if ruling.threshold else None,
        notes=(
            *ruling.notes,
            *_water_note(suggestions, query),
            *_fairness_note(ranking.fairness),
            *_few_note(query, eligible, ranking, request),
        ),
        notice_sentence=ruling.notice_sentence,
        seed=request.seed,
        model=model,
        register=query.register.version,
        read_as=query.read_as,
    )


def _place(query: Query) -> str:
    """The council that the lot is in, else the place that its text names; '' where not known."""
    place = query.analyzed.place
    named = place.source.partition(" named in the text: ")[2]
    return council_name(query.register, place.spot) or named


def _water_note(suggestions: Sequence[Suggestion], query: Query) -> list[str]:
    """What to do where providers are near in a straight line, but across a wide water."""
    across = [suggestion for suggestion in suggestions if suggestion.across]
    if not across:
        return []
    waters = series(dict.fromkeys(suggestion.across for suggestion in across))
    who = count(len(across), "provider is", "providers are")
    council = council_name(query.register, query.analyzed.place.spot)
    example = f", such as {council}," if council else ""
    return [
        f"{who} across {waters}, and further by road than in a straight line. To list providers on "
        f"this side, narrow by area{example} instead of by distance."
    ]


def _few_note(
    query: Query, eligible: EligibleProviders, ranking: Ranking, request: Request
) -> list[str]:
    """Why a list is shorter than was asked for, and what to add, where providers are marked."""
    strong, possible = (
        sum(m == mark for m in ranking.marks) for mark in (Mark.STRONG, Mark.POSSIBLE)
    )
    if ranking.relevance is None or strong + possible >= request.limit or query.analyzed.unread:
        return []
    reach = int(np.count_nonzero(eligible.allowed))
    kinds = _kinds(query, eligible) if VisibleFacts.of(query).kind else ""
    near = query.by_place and not query.ruling.scope.uk
    holds = f"it holds {f'{reach:,}' if reach else 'none'}{' within reach' * near}{kinds}"
    weak = " Weaker matches are left out; they are listed on request."
    return [
        f"The register knows {_found(strong, possible)} ({holds}). To find more, add registers, "
        f"spending data or a directory of local groups to it{', or search a wider area' * near}."
        f"{weak if ranking.unlike else ''}"
    ]


def _found(strong: int, possible: int) -> str:
    """How many providers a list that is not full has, by how well their work fits.

    >>> _found(4, 1)
    'few providers here that do work like this: 4 strong matches and 1 possible match'
    """
    maybe = count(possible, "possible match", "possible matches")
    if strong:
        sure = count(strong, "strong match", "strong matches")
        return (
            f"few providers here that do work like this: {sure}{f' and {maybe}' * bool(possible)}"
        )
    if not possible:
        return "no provider here that does work like this"
    read = "read why it is" if possible == 1 else "read why they are"
    return f"no provider here that surely does work like this, only {maybe}; {read} listed"


def _kinds(query: Query, eligible: EligibleProviders) -> str:
    """How many providers of each kind are within reach, the most frequent first."""
    kinds = eligible.rows.take(query.register.columns.kind)[eligible.allowed]
    counts = np.bincount(kinds, minlength=len(Kind)).tolist()
    found = sorted(((n, kind) for n, kind in zip(counts, Kind, strict=True) if n), reverse=True)
    each = [f"{n:,} {_plural(kind, n)}" for n, kind in found if kind is not Kind.UNKNOWN]
    unknown = [f"{n:,} of unknown kind" for n, kind in found if kind is Kind.UNKNOWN]
    return f": {', '.join((*each, *unknown))}" if found else ""


def _plural(kind: Kind, number: int) -> str:
    word = "CIC" if kind is Kind.CIC else kind.value
    if number == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _suggestions(query: Query, ranking: Ranking, shown: int) -> Iterator[Suggestion]:
    """The suggestions for the first `shown` of the ranking."""
    evidence_on = EvidenceFinder(query, ranking.likeness).find
    visible = VisibleFacts.of(query)
    neutral = tuple(_neutral_reasons(query, ranking.features))
    rows, scores = ranking.rows[:shown].tolist(), ranking.scores[:shown].tolist()
    values, contributions = ranking.values[:shown].tolist(), ranking.contributions[:shown].tolist()
    probabilities: list[float | None] = [None] * shown
    if ranking.probabilities is not None:
        probabilities = ranking.probabilities[:shown].tolist()
    relevance: list[float | None] = [None] * shown
    if ranking.relevance is not None:
        relevance = ranking.relevance[:shown].tolist()
    marks = ranking.marks or ("",) * shown
    names, totals, by_meaning = _reason_totals(ranking, shown)
    tied = _count_equal(ranking.scores, shown)
    for at, row in enumerate(rows):
        *shares, base = contributions[at]
        counted = dict(zip(ranking.features, shares, strict=True))
        value = dict(zip(ranking.features, values[at], strict=True))
        evidence = evidence_on(
            row,
            lowered=counted.get(seldom_sells.name, 0.0) < 0,
            mark=marks[at],
            like_winners=max((value[n] for n in _NAMED_LIKE_WINNERS if n in value), default=None),
        )
        provider, site = evidence.provider, evidence.site
        sources = {source_text(record.source) for record in evidence.organisation.records}
        yield Suggestion(
            rank=at + 1,
            id=provider.id,
            name=provider.name,
            kind=provider.kind.value if visible.kind else "",
            score=scores[at],
            base=base,
            reasons=(*_reasons(evidence, names, totals[at], by_meaning[at]), *neutral),
            contributions=counted,
            features=value,
            matches=evidence.matches,
            past=evidence.past,
            unknown=tuple(visible.missing(evidence)),
            size=provider.size.value if visible.size else "",
            income=provider.income if visible.size else None,
            km=evidence.km if visible.km else None,
            across=evidence.across if visible.km else "",
            postcode=site.postcode if visible.place and site else "",
            council=evidence.council if visible.place else "",
            place_evidence=site.grade.value if visible.place and site else "",
            sources=tuple(sorted(sources)),
            related=tuple(_related(evidence)) if visible.place else (),
            probability=probabilities[at],
            relevance=relevance[at],
            mark=marks[at],
            body=evidence.body.value,
            quote=evidence.quote,
            tied_with=tied[at] - 1,
        )


def _reasons(
    evidence: Evidence, names: Iterable[str], totals: list[float], by_meaning: list[float]
) -> Iterator[Reason]:
    """The reasons that count, the greatest contribution first."""
    ranked = sorted(zip(totals, by_meaning, names, strict=True), key=lambda reason: -reason[0])
    for total, meaning, name in ranked:
        yield Reason(name, total, reason_text(name, evidence, meaning))


def _neutral_reasons(query: Query, features: tuple[str, ...]) -> Iterator[Reason]:
    """The reasons that may not count, each with its rule."""
    neutral = {n.signal: n for n in query.ruling.neutral}
    signals = {feature.reason: feature.signal for feature in reversed(FEATURES.values())}
    counted = {FEATURES[name].reason for name in features}
    for name in (name for name in REASONS if name not in counted):
        if ruled := neutral.get(signals[name]):
            text = f"Not lawful to use here. {ruled.words}"
            yield Reason(name, 0.0, text, counted=False, rule=ruled.rule)


def _reason_totals(
    ranking: Ranking, shown: int
) -> tuple[tuple[str, ...], list[list[float]], list[list[float]]]:
    """The reasons' names; and for each provider shown, their totals and the parts by meaning."""
    names, belongs, by_meaning = _reason_matrices(ranking.features)
    contributions = ranking.contributions[:shown, :-1]
    totals, of_meaning = contributions @ belongs, contributions @ by_meaning
    return names, exact.to_places(totals).tolist(), exact.to_places(of_meaning).tolist()


@cache
def _reason_matrices(features: tuple[str, ...]) -> tuple[tuple[str, ...], Matrix, Matrix]:
    """The reasons that features belong to, and which features belong to each.

    Matrices of ones and zeros, (features, reasons); the second has only features of meaning.
    """
    reasons = [FEATURES[name].reason for name in features]
    names = tuple(name for name in REASONS if name in reasons)
    belongs = np.array([[reason == name for name in names] for reason in reasons], np.float64)
    belongs = belongs.reshape(len(reasons), len(names))
    of_meaning = np.array([name in BY_MEANING for name in features], np.float64)
    return names, belongs, belongs * of_meaning[:, None]


def _related(evidence: Evidence) -> Iterator[RelatedProvider]:
    for other in evidence.organisation.related:
        yield RelatedProvider(other.id, other.name, other.relation)


def _fairness_note(fairness: Fairness | None) -> Iterator[str]:
    if fairness:
        yield (
            f"Providers without a known contract were given their share of places "
            f"({fairness.share:.0%}) among near-equals: a score within {fairness.margin:g}."
        )


def _count_equal(scores: npt.NDArray[np.float64], first: int) -> list[int]:
    """For each of the `first` of `scores`: how many scores are exactly the same."""
    ascending = np.sort(-scores)
    sought = -scores[:first]
    ends = ascending.searchsorted(sought, "right") - ascending.searchsorted(sought)
    equal: list[int] = ends.tolist()
    return equal


@dataclass(frozen=True, slots=True)
class VisibleFacts:
    """Which facts a list may show under the ruling."""

    km: bool
    record: bool
    place: bool
    size: bool
    kind: bool

    @classmethod
    def of(cls, query: Query) -> VisibleFacts:
        """What may count is shown, and so is what the list is narrowed by."""
        scope, place = query.ruling.scope, query.counts(Signal.PLACE)
        size = query.counts(Signal.SIZE) or scope.sizes is not None
        return cls(
            km=place,
            record=query.counts(Signal.RECORD),
            place=place or scope.by_place,
            size=size,
            kind=size or scope.vcse,
        )

    def missing(self, evidence: Evidence) -> Iterator[str]:
        """What is not known or to check of the provider; no fact that may not be shown."""
        provider = evidence.provider
        if not provider.profile:
            yield "what it says it does"
        if self.size and provider.size is Size.UNKNOWN:
            not_sme = NOT_SME in provider.tags and SME not in provider.tags
            yield "size (a notice does not call it an SME)" if not_sme else "size"
        if self.place and evidence.site is None:
            yield "place"
        if provider.status is Status.UNKNOWN:
            yield "whether it is still active"
        if self.record and not evidence.contracts:
            yield "any public contract"
        for caution in (tag for tag in provider.tags if tag.endswith(CAUTIONS)):
            what, _, source = caution.removesuffix(")").rpartition(" (")
            yield f"whether it trades and will go on: {source} shows {what}"
