"""From a ranking to an answer that can be defended: reasons, words, facts, and what is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, lru_cache
from math import hypot
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.cpv import category_name, code_prefixes
from matcher.core.types import (
    Organisation,
    Provider,
    Site,
    Size,
)
from matcher.geo.geocoding import Spot
from matcher.geo.national_grid import NOWHERE
from matcher.law.types import Signal
from matcher.ranking.features.feature import REASONS
from matcher.ranking.features.registry import BY_MEANING, FEATURES
from matcher.ranking.filters import describe
from matcher.ranking.query import Query
from matcher.ranking.request import Request
from matcher.ranking.retrieval import EligibleProviders
from matcher.ranking.shortlist import (
    Match,
    PastContract,
    Reason,
    Shortlist,
    Suggestion,
)
from matcher.register.analysis import labels
from matcher.register.inverted_index import WeightedTerms
from models import text
from models.fairness import Fairness

Matrix: TypeAlias = npt.NDArray[np.float64]

NEUTRAL = {
    Signal.RELEVANCE.value: "What it does",
    Signal.PLACE.value: "Where it is",
    Signal.SIZE.value: "How big it is",
    Signal.RECORD.value: "How many contracts it won, from whom and how large",
}
"""Each signal in words."""

_SILENT_PROFILE, _SILENT_NAME = "Nothing in its profile.", "Nothing in its name."
_NO_PROFILE = "It has no profile; its name was read for what it does."
_AKIN = {
    _SILENT_PROFILE: "Its profile shares no word with the lot, but is near it in meaning.",
    _SILENT_NAME: "No word of the lot is in its name, but it is like the names of those who won "
    "such lots.",
}
_MUCH = 0.25
_CONTRACTS_SHOWN = 3
_WORDS_SHOWN = 8


@dataclass(frozen=True)
class Ranking:
    """Candidates in order, best first: rows, feature values, contributions (last: base)."""

    rows: npt.NDArray[np.int64]
    features: tuple[str, ...]
    values: Matrix
    contributions: Matrix
    scores: npt.NDArray[np.float64]
    likeness: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """(awards,) how alike each award known is: by words, and by digits of CPV code"""
    unlike: int = 0
    """candidates left out because too little of what they do is like the lot"""
    probabilities: npt.NDArray[np.float64] | None = None
    """that each is a credible supplier; None where the bundle was not calibrated"""
    fairness: Fairness | None = None
    """the fair share by which the order was changed, if it was"""


def explain(
    query: Query, eligible: EligibleProviders, ranking: Ranking, request: Request, model: str
) -> Shortlist:
    """The first of the ranking, as many as asked for, as a shortlist."""
    analyzed, ruling = query.analyzed, query.ruling
    shown = min(request.limit, len(ranking.rows))
    writer = _Writer(query, ranking, shown)
    return Shortlist(
        lot=analyzed.lot,
        purpose=ruling.purpose.value,
        place=writer.council_name(analyzed.place.spot) or "unknown",
        place_source=analyzed.place.source,
        scope=describe(ruling.scope),
        suggestions=tuple(writer.suggestion(i) for i in range(shown)),
        considered=int(eligible.allowed.sum()),
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
        notes=(*ruling.notes, *_fair_note(ranking.fairness)),
        notice_sentence=ruling.notice_sentence,
        seed=request.seed,
        model=model,
        register=query.register.version,
    )


@dataclass(frozen=True)
class _Facts:
    """What is shown of one provider."""

    provider: Provider
    organisation: Organisation
    matches: tuple[Match, ...]
    past: tuple[PastContract, ...]
    wins: int
    site: Site | None
    council: str
    """the name of the council that the site is in, '' where it is not known"""
    km: float | None


@dataclass(frozen=True, slots=True)
class _Placed:
    """A site and where it is, in metres on the British National Grid."""

    site: Site
    east: int
    north: int
    council: str


class _Writer:
    """Writes the suggestions of one answer, the first `shown` of the ranking."""

    def __init__(self, query: Query, ranking: Ranking, shown: int) -> None:
        self._question = query
        self._features, self._likeness = ranking.features, ranking.likeness
        self._rows = ranking.rows[:shown].tolist()
        self._scores = ranking.scores[:shown].tolist()
        self._x, self._added = (
            ranking.values[:shown].tolist(),
            ranking.contributions[:shown].tolist(),
        )
        self._tied = _equal(ranking.scores, shown)
        chances = ranking.probabilities
        self._probabilities = [None] * shown if chances is None else chances[:shown].tolist()
        self._lot = query.analyzed.lot
        self._contract, self._category = cache(self._past_contract), cache(self._shared_category)
        self._name = _weights(query.name) | _weights(query.profile_and_name)
        self._past_words = _weights(query.past)
        self._told, belongs, by_meaning = _by_reason(ranking.features)
        self._sums = (ranking.contributions[:shown, :-1] @ belongs).tolist()
        self._by_meaning = (ranking.contributions[:shown, :-1] @ by_meaning).tolist()
        self._codes = frozenset(query.analyzed.codes)
        self._wanted = query.ruling.scope.councils
        scope, sized = query.ruling.scope, query.counts(Signal.SIZE)
        self._placed = query.counts(Signal.PLACE)
        self._recorded = query.counts(Signal.RECORD)
        self._show_place = self._placed or scope.by_place
        self._show_size = sized or scope.sizes is not None
        self._show_kind = self._show_size or scope.vcse

    def suggestion(self, at: int) -> Suggestion:
        """The suggestion at place `at` of the ranking, counted from nought."""
        facts = self._facts(self._rows[at])
        provider = facts.provider
        *shares, base = self._added[at]
        return Suggestion(
            rank=at + 1,
            id=provider.id,
            name=provider.name,
            kind=provider.kind.value if self._show_kind else "",
            score=self._scores[at],
            base=base,
            reasons=(*self._reasons(facts, at), *self._neutral),
            contributions=dict(zip(self._features, shares, strict=True)),
            features=dict(zip(self._features, self._x[at], strict=True)),
            matches=facts.matches,
            past=facts.past,
            unknown=tuple(self._unknown(facts)),
            size=provider.size.value if self._show_size else "",
            income=provider.income if self._show_size else None,
            km=facts.km if self._placed else None,
            postcode=facts.site.postcode if self._show_place and facts.site else "",
            council=facts.council if self._show_place else "",
            place_evidence=facts.site.grade.value if self._show_place and facts.site else "",
            sources=_sources(facts.organisation.records),
            probability=self._probabilities[at],
            tied_with=self._tied[at] - 1,
        )

    def _facts(self, row: int) -> _Facts:
        organisation = self._question.register.organisations[row]
        provider = organisation.provider
        past, wins = self._past(row)
        placed, km = self._placed_best(row, provider)
        site = placed.site if placed else next(iter(provider.sites), None)
        return _Facts(
            provider=provider,
            organisation=organisation,
            matches=tuple(self._matches(provider, past)),
            past=past,
            wins=wins,
            site=site,
            council=self.council_name(placed),
            km=km,
        )

    # --- words -------------------------------------------------------------------------

    @cached_property
    def _profile(self) -> dict[str, float]:
        """What is asked of profiles and labels: stem → weight."""
        return _weights(self._question.profile) | _weights(self._question.profile_and_name)

    @cached_property
    def _asked(self) -> dict[str, str]:
        """How the lot spells each stem; for those it does not use, the codes they go with."""
        lot, analyzed = self._lot, self._question.analyzed
        category = dict.fromkeys(analyzed.category, f"CPV {', '.join(lot.cpv)}")
        return category | text.spellings(f"{lot.title}\n{lot.description}", analyzed.words)

    def _matches(self, provider: Provider, past: Sequence[PastContract]) -> Iterator[Match]:
        """The most telling words that the lot and the provider share, and where they stand."""
        named = "\n".join((provider.name, *provider.aliases))
        yield from self._shared("profile", provider.profile, self._profile)
        yield from self._shared("label", "\n".join(labels(provider)), self._profile)
        yield from self._shared("name", named, self._name)
        for contract in past[:1]:
            yield from (Match(w, w, f"past contract {contract.id}") for w in contract.alike)

    def _shared(self, where: str, said: str, weights: dict[str, float]) -> Iterator[Match]:
        found = text.spellings(said, weights) if said else {}
        for stem in sorted(found, key=lambda stem: -weights[stem])[:_WORDS_SHOWN]:
            yield Match(self._asked.get(stem, found[stem]), found[stem], where)

    # --- past contracts ----------------------------------------------------------------

    def _past(self, row: int) -> tuple[tuple[PastContract, ...], int]:
        """The past contracts shown, most alike and then latest first, and how many there are."""
        register = self._question.register
        won = register.won.of(row)
        numbers = won[: won.searchsorted(np.int32(register.known_awards))]
        likeness = self._likeness[numbers].tolist()
        ranked = sorted(zip(likeness, numbers.tolist(), strict=True), reverse=True)
        shown = [self._contract(n) for alike, n in ranked[:_CONTRACTS_SHOWN] if alike > 0]
        return tuple(c for c in shown if c.alike or c.category), len(likeness)

    def _shared_category(self, cpv: tuple[str, ...]) -> str:
        """The longest category that one of these codes and one of the lot's both belong to."""
        shared = self._codes.intersection(code_prefixes(cpv))
        return max(shared, key=lambda code: (len(code), code), default="")

    def _past_contract(self, number: int) -> PastContract:
        award = self._question.register.awards[number]
        weights = self._past_words
        shared = text.spellings(f"{award.lot.title}\n{award.lot.description}", weights)
        ranked = sorted(shared, key=lambda stem: -weights[stem])[:_WORDS_SHOWN]
        return PastContract(
            id=award.id,
            title=award.lot.title,
            buyer=award.lot.buyer if self._recorded else "",
            day=award.day,
            value=award.value if self._recorded else None,
            alike=tuple(shared[stem] for stem in ranked),
            category=self._category(award.lot.cpv),
            source=award.source,
        )

    # --- place -------------------------------------------------------------------------

    def _placed_best(self, row: int, provider: Provider) -> tuple[_Placed | None, float | None]:
        """The site that counts: in the area asked for if there is one, else the nearest."""
        placed = list(self._placed_sites(row, provider.sites))
        choice = [one for one in placed if one.council in self._wanted] or placed
        spot = self._question.analyzed.place.spot
        if not choice or spot is None:
            return next(iter(choice), None), None
        ways = [hypot(one.east - spot.east, one.north - spot.north) for one in choice]
        way = min(ways)
        return choice[ways.index(way)], round(way / 1000, 1)

    def _placed_sites(self, row: int, sites: Sequence[Site]) -> Iterator[_Placed]:
        """The sites of `row` that have a place: from the columns, which keep those, in order."""
        c, table = self._question.register.columns, self._question.register.postcodes
        if c.east[row] == NOWHERE:
            return
        further = self._further(row) if len(sites) > 1 else range(0)
        if 1 + len(further) == len(sites):
            code = table.councils[c.council[row]]
            yield _Placed(sites[0], int(c.east[row]), int(c.north[row]), code)
            for site, at in zip(sites[1:], further, strict=True):
                code = table.councils[c.site_council[at]]
                yield _Placed(site, int(c.site_east[at]), int(c.site_north[at]), code)
            return
        for site in sites:
            if point := table.find(site.postcode):
                yield _Placed(site, point.east, point.north, point.council)

    def _further(self, row: int) -> range:
        """Where in the columns of sites those of `row` stand, but for its first."""
        ends = np.array([row, row + 1], np.int32)
        return range(*self._question.register.columns.site_row.searchsorted(ends).tolist())

    def council_name(self, point: _Placed | Spot | None) -> str:
        """The name of the council that a point is in, '' where it is not known."""
        area = self._question.register.councils.find(point.council) if point else None
        return area.name if area else ""

    # --- reasons -----------------------------------------------------------------------

    def _reasons(self, facts: _Facts, at: int) -> Iterator[Reason]:
        """What added to the score of the suggestion at place `at`, most first."""
        each = zip(self._sums[at], self._by_meaning[at], self._told, strict=True)
        for added, by_meaning, name in sorted(each, key=lambda one: -one[0]):
            yield Reason(name, added, self._words(name, facts, by_meaning))

    @cached_property
    def _neutral(self) -> tuple[Reason, ...]:
        """The reasons that may not count, and by which rule."""
        neutral = {n.signal: n for n in self._question.ruling.neutral}
        signals = {feature.reason: feature.signal for feature in reversed(FEATURES.values())}
        said = [(name, neutral.get(signals[name])) for name in REASONS if name not in self._told]
        return tuple(
            Reason(name, 0.0, f"Not lawful to use here. {ruled.words}", False, ruled.rule)
            for name, ruled in said
            if ruled
        )

    def _words(self, reason: str, facts: _Facts, by_meaning: float) -> str:
        """The reason in words; where no word is shared but the meaning added much, that it did."""
        said = _WORDING[reason](self, facts)
        return _AKIN[said] if by_meaning >= _MUCH and said in _AKIN else said

    def _says(self, facts: _Facts) -> str:
        words = [m.found for m in facts.matches if m.where in {"profile", "label"}]
        if not words:
            return _SILENT_PROFILE if facts.provider.profile else _NO_PROFILE
        return f"Its profile speaks of {_series(words)}."

    def _named(self, facts: _Facts) -> str:
        words = [m.found for m in facts.matches if m.where == "name"]
        return f"Its name speaks of {_series(words)}." if words else _SILENT_NAME

    def _done(self, facts: _Facts) -> str:
        if not facts.past:
            return "No past contract like this is known."
        one = facts.past[0]
        shared = [f"shares {_series(one.alike)}"] if one.alike else []
        if one.category:
            shared.append(f"was for {_usual_name(one.category)} too")
        return f"“{one.title}” ({_month(one.day)}) {' and '.join(shared)}."

    def _record(self, facts: _Facts) -> str:
        if not facts.wins:
            return "No public contract is known: a new entrant, as far as is known."
        contracts = "contract" if facts.wins == 1 else "contracts"
        last = f", the most alike from {facts.past[0].buyer}" if _buyers(facts.past) else ""
        return f"{facts.wins} public {contracts} known{last}."

    def _near(self, facts: _Facts) -> str:
        if facts.site is None:
            return "Its place is not known."
        where = facts.council or facts.site.postcode
        way = f"{facts.km:g} km away, " if facts.km is not None else ""
        weak = facts.site.grade.value
        return f"{way}{where} ({facts.site.postcode}, {weak})."

    def _big(self, facts: _Facts) -> str:
        provider = facts.provider
        if provider.size is Size.UNKNOWN:
            return "Its size is not known."
        income = f", income £{provider.income:,.0f} a year" if provider.income is not None else ""
        return f"{provider.size.value.capitalize()}{income}."

    def _same(self, facts: _Facts) -> str:
        return "How usual, long or large the lot is; it weighs the other reasons."

    def _unknown(self, facts: _Facts) -> Iterator[str]:
        provider = facts.provider
        if not provider.profile:
            yield "what it says it does"
        if self._show_size and provider.size is Size.UNKNOWN:
            yield "size"
        if self._show_place and facts.site is None:
            yield "place"
        if provider.status.value == "unknown":
            yield "whether it is still active"
        if not facts.wins and self._recorded:
            yield "any public contract"


_WORDING = dict(
    zip(
        REASONS,
        (
            _Writer._says,
            _Writer._named,
            _Writer._done,
            _Writer._record,
            _Writer._near,
            _Writer._big,
            _Writer._same,
        ),
        strict=True,
    )
)


@cache
def _by_reason(
    features: tuple[str, ...],
) -> tuple[tuple[str, ...], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The reasons that features speak of; which are of which; and which of those go by meaning.

    The latter two as ones and noughts, shape (features, reasons).
    """
    of = [FEATURES[name].reason for name in features]
    told = tuple(name for name in REASONS if name in of)
    belongs = np.array([[reason == name for name in told] for reason in of], np.float64)
    belongs = belongs.reshape(len(of), len(told))
    means = np.array([name in BY_MEANING for name in features], np.float64)
    return told, belongs, belongs * means[:, None]


def _buyers(past: Sequence[PastContract]) -> bool:
    return bool(past and past[0].buyer)


def _weights(query: WeightedTerms) -> dict[str, float]:
    return dict(zip(query.terms, query.weights.tolist(), strict=True))


def _series(words: Sequence[str]) -> str:
    *most, last = list(dict.fromkeys(words))[:5]
    return f"{', '.join(most)} and {last}" if most else last


@lru_cache(1000)
def _usual_name(category: str) -> str:
    return category_name(category.ljust(8, "0")).lower()


@lru_cache(1000)
def _month(day: date) -> str:
    return f"{day:%B %Y}"


def _sources(records: Iterable[Provider]) -> tuple[str, ...]:
    """The sources of the records with their days, each once."""
    distinct = {(record.source.name, record.source.day) for record in records}
    return tuple(sorted(f"{name}, {day}" if day else name for name, day in distinct))


def _fair_note(fairness: Fairness | None) -> Iterator[str]:
    if fairness:
        yield (
            f"Providers without a known contract were given their share of places "
            f"({fairness.share:.0%}) among near-equals: a score within {fairness.margin:g}."
        )


def _equal(scores: npt.NDArray[np.float64], first: int) -> list[int]:
    """For each of the `first` of `scores`: how many are exactly the same."""
    ascending = np.sort(-scores)
    sought = -scores[:first]
    ends = ascending.searchsorted(sought, "right") - ascending.searchsorted(sought)
    equal: list[int] = ends.tolist()
    return equal
