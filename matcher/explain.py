"""From a ranking to an answer that can be defended: reasons, words, facts, and what is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.features import FEATURES, REASONS
from matcher.find import Field
from matcher.index import Query
from matcher.need import category_name, code_prefixes, labels
from matcher.places import Spot
from matcher.places import km as km_between
from matcher.postcodes import Point
from matcher.question import Question
from matcher.reach import describe
from matcher.register import PastAward
from matcher.request import Request
from matcher.rules import Signal
from matcher.types import (
    Match,
    Organisation,
    PastContract,
    Provider,
    Reason,
    Shortlist,
    Site,
    Size,
    Suggestion,
)
from models import text

Matrix: TypeAlias = npt.NDArray[np.float64]

NEUTRAL = {
    Signal.RELEVANCE.value: "What it does",
    Signal.PLACE.value: "Where it is",
    Signal.SIZE.value: "How big it is",
    Signal.RECORD.value: "How many contracts it won, from whom and how large",
}
"""Each signal in words."""

_CONTRACTS_SHOWN = 3
_WORDS_SHOWN = 8


@dataclass(frozen=True)
class Ranking:
    """Candidates in order, best first: rows, feature values, contributions (last: base)."""

    rows: npt.NDArray[np.int64]
    features: tuple[str, ...]
    x: Matrix
    added: Matrix
    scores: npt.NDArray[np.float64]
    likeness: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """(awards,) how alike each award known is: by words, and by digits of CPV code"""
    unlike: int = 0
    """candidates left out because too little of what they do is like the lot"""


def explain(
    question: Question, field: Field, ranking: Ranking, request: Request, model: str
) -> Shortlist:
    """The first of the ranking, as many as asked for, as a shortlist."""
    need, ruling = question.need, question.ruling
    writer = _Writer(question, ranking)
    return Shortlist(
        lot=need.lot,
        purpose=ruling.purpose.value,
        place=writer.council_name(need.place.spot) or "unknown",
        place_source=need.place.source,
        scope=describe(ruling.scope),
        suggestions=tuple(
            writer.suggestion(i) for i in range(min(request.limit, len(ranking.rows)))
        ),
        considered=int(field.allowed.sum()),
        ranked=len(ranking.rows) + ranking.unlike,
        unlike=ranking.unlike,
        set_aside=field.set_aside,
        size_unknown=field.size_unknown,
        rule_ids=ruling.rule_ids,
        rule_sources=ruling.sources,
        neutral={n.signal.value: n.rule for n in ruling.neutral},
        on=question.on,
        known_before=request.before or need.lot.day,
        limit=request.limit,
        value=ruling.value,
        threshold=ruling.threshold.amount if ruling.threshold else None,
        notes=ruling.notes,
        notice_sentence=ruling.notice_sentence,
        seed=request.seed,
        model=model,
        register=question.register.version,
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
    km: float | None


class _Writer:
    """Writes the suggestions of one answer."""

    def __init__(self, question: Question, ranking: Ranking) -> None:
        self._question = question
        self._ranking = ranking
        self._lot = question.need.lot
        self._point = cache(question.register.postcodes.find)
        self._name, self._past_words = _weights(question.name), _weights(question.past)
        kinds = {FEATURES[name].reason for name in ranking.features}
        self._told = [name for name in REASONS if name in kinds]

    def suggestion(self, at: int) -> Suggestion:
        ranking, question = self._ranking, self._question
        facts = self._facts(int(ranking.rows[at]))
        provider = facts.provider
        added, x = ranking.added[at], ranking.x[at]
        placed = question.counts(Signal.PLACE)
        sized = question.counts(Signal.SIZE)
        scope = question.ruling.scope
        show_place, show_size = placed or scope.by_place, sized or scope.sizes is not None
        return Suggestion(
            rank=at + 1,
            id=provider.id,
            name=provider.name,
            kind=provider.kind.value if show_size or scope.vcse else "",
            score=float(ranking.scores[at]),
            base=float(added[-1]),
            reasons=tuple(self._reasons(facts, added)),
            contributions=dict(zip(ranking.features, added[:-1].tolist(), strict=True)),
            features=dict(zip(ranking.features, x.tolist(), strict=True)),
            matches=facts.matches,
            past=facts.past,
            unknown=tuple(self._unknown(facts, show_place=show_place, show_size=show_size)),
            size=provider.size.value if show_size else "",
            income=provider.income if show_size else None,
            km=facts.km if placed else None,
            postcode=facts.site.postcode if show_place and facts.site else "",
            council=self._council(facts.site) if show_place else "",
            place_evidence=facts.site.grade.value if show_place and facts.site else "",
            sources=tuple(sorted({_dated(r) for r in facts.organisation.records})),
            tied_with=int((ranking.scores == ranking.scores[at]).sum()) - 1,
        )

    def _facts(self, row: int) -> _Facts:
        organisation = self._question.register.organisations[row]
        provider = organisation.provider
        past, wins = self._past(row)
        site, km = self._site(provider)
        matches = tuple(self._matches(provider, past))
        return _Facts(provider, organisation, matches, past, wins, site, km)

    # --- words -------------------------------------------------------------------------

    @cached_property
    def _profile(self) -> dict[str, float]:
        """What is asked of profiles and labels: stem → weight."""
        return _weights(self._question.category) | _weights(self._question.profile)

    @cached_property
    def _asked(self) -> dict[str, str]:
        """How the lot spells each stem; for those it does not use, the codes they go with."""
        lot, need = self._lot, self._question.need
        category = dict.fromkeys(need.category, f"CPV {', '.join(lot.cpv)}")
        return category | text.spellings(f"{lot.title}\n{lot.description}", need.words)

    def _matches(self, provider: Provider, past: Sequence[PastContract]) -> Iterator[Match]:
        """The most telling words that the lot and the provider share, and where they stand."""
        named = "\n".join((provider.name, *provider.aliases))
        yield from self._shared("profile", provider.profile, self._profile)
        yield from self._shared("label", "\n".join(labels(provider)), self._profile)
        yield from self._shared("name", named, self._name)
        for contract in past[:1]:
            yield from (Match(w, w, f"past contract {contract.id}") for w in contract.alike)

    def _shared(self, where: str, said: str, weights: dict[str, float]) -> Iterator[Match]:
        found = text.spellings(said, weights)
        for stem in sorted(found, key=lambda stem: -weights[stem])[:_WORDS_SHOWN]:
            yield Match(self._asked.get(stem, found[stem]), found[stem], where)

    # --- past contracts ----------------------------------------------------------------

    def _past(self, row: int) -> tuple[tuple[PastContract, ...], int]:
        register = self._question.register
        won = register.won.of(row)
        numbers = won[: won.searchsorted(register.known_awards)]
        likeness = self._ranking.likeness[numbers]
        order = np.lexsort((-numbers, -likeness))[:_CONTRACTS_SHOWN]
        alike = numbers[order][likeness[order] > 0].tolist()
        shown = [self._contract(register.awards[n]) for n in alike]
        return tuple(c for c in shown if c.alike or c.category), len(numbers)

    def _category(self, award: PastAward) -> str:
        """The longest category that one of its codes and one of the lot's both belong to."""
        shared = set(code_prefixes(award.lot.cpv)) & set(self._question.need.codes)
        return max(shared, key=lambda code: (len(code), code), default="")

    def _contract(self, award: PastAward) -> PastContract:
        told = self._question.counts(Signal.RECORD)
        weights = self._past_words
        shared = text.spellings(f"{award.lot.title}\n{award.lot.description}", weights)
        ranked = sorted(shared, key=lambda stem: -weights[stem])[:_WORDS_SHOWN]
        return PastContract(
            id=award.id,
            title=award.lot.title,
            buyer=award.lot.buyer if told else "",
            day=award.day,
            value=award.value if told else None,
            alike=tuple(shared[stem] for stem in ranked),
            category=self._category(award),
            source=award.source,
        )

    # --- place -------------------------------------------------------------------------

    def _site(self, provider: Provider) -> tuple[Site | None, float | None]:
        """The site that counts: in the area asked for if there is one, else the nearest."""
        placed = [(s, p) for s in provider.sites if (p := self._point(s.postcode))]
        if not placed:
            return (provider.sites[0] if provider.sites else None), None
        wanted = self._question.ruling.scope.councils
        inside = [pair for pair in placed if pair[1].council in wanted]
        choice = inside or placed
        spot = self._question.need.place.spot
        if spot is None:
            return choice[0][0], None
        ways = [(km_between(p.east, p.north, spot.east, spot.north), s) for s, p in choice]
        way, site = min(ways, key=lambda pair: pair[0])
        return site, round(way, 1)

    def _council(self, site: Site | None) -> str:
        return self.council_name(self._point(site.postcode)) if site else ""

    def council_name(self, point: Point | Spot | None) -> str:
        """The name of the council that a point is in, '' where it is not known."""
        area = self._question.register.councils.find(point.council) if point else None
        return area.name if area else ""

    # --- reasons -----------------------------------------------------------------------

    def _reasons(self, facts: _Facts, added: Matrix) -> Iterator[Reason]:
        """What added to the score, most first; then what may not count, and by which rule."""
        sums = dict.fromkeys(REASONS, 0.0)
        for name, share in zip(self._ranking.features, added, strict=False):
            sums[FEATURES[name].reason] += float(share)
        for name in sorted(self._told, key=lambda n: -sums[n]):
            yield Reason(name, sums[name], self._words(name, facts))
        neutral = {n.signal: n for n in self._question.ruling.neutral}
        for name in REASONS:
            signal = next(f.signal for f in FEATURES.values() if f.reason == name)
            if name not in self._told and signal in neutral:
                said = neutral[signal]
                yield Reason(name, 0.0, f"Not lawful to use here. {said.words}", False, said.rule)

    def _words(self, reason: str, facts: _Facts) -> str:
        return _WORDING[reason](self, facts)

    def _says(self, facts: _Facts) -> str:
        words = [m.found for m in facts.matches if m.where in {"profile", "label"}]
        if not words:
            return "Nothing in its profile." if facts.provider.profile else "It has no profile."
        return f"Its profile speaks of {_series(words)}."

    def _named(self, facts: _Facts) -> str:
        words = [m.found for m in facts.matches if m.where == "name"]
        return f"Its name speaks of {_series(words)}." if words else "Nothing in its name."

    def _done(self, facts: _Facts) -> str:
        if not facts.past:
            return "No past contract like this is known."
        one = facts.past[0]
        shared = [f"shares {_series(one.alike)}"] if one.alike else []
        if one.category:
            shared.append(f"was for {category_name(one.category.ljust(8, '0')).lower()} too")
        return f"“{one.title}” ({one.day:%B %Y}) {' and '.join(shared)}."

    def _record(self, facts: _Facts) -> str:
        if not facts.wins:
            return "No public contract is known: a new entrant, as far as is known."
        contracts = "contract" if facts.wins == 1 else "contracts"
        last = f", the most alike from {facts.past[0].buyer}" if _buyers(facts.past) else ""
        return f"{facts.wins} public {contracts} known{last}."

    def _near(self, facts: _Facts) -> str:
        if facts.site is None:
            return "Its place is not known."
        where = self._council(facts.site) or facts.site.postcode
        way = f"{facts.km:g} km away, " if facts.km is not None else ""
        weak = facts.site.grade.value
        return f"{way}{where} ({facts.site.postcode}, {weak})."

    def _big(self, facts: _Facts) -> str:
        provider = facts.provider
        if provider.size is Size.UNKNOWN:
            return "Its size is not known."
        income = f", income £{provider.income:,.0f} a year" if provider.income is not None else ""
        return f"{provider.size.value.capitalize()}{income}."

    def _unknown(self, facts: _Facts, *, show_place: bool, show_size: bool) -> Iterator[str]:
        provider = facts.provider
        if not provider.profile:
            yield "what it says it does"
        if show_size and provider.size is Size.UNKNOWN:
            yield "size"
        if show_place and facts.site is None:
            yield "place"
        if provider.status.value == "unknown":
            yield "whether it is still active"
        if not facts.wins and self._question.counts(Signal.RECORD):
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
        ),
        strict=True,
    )
)


def _buyers(past: Sequence[PastContract]) -> bool:
    return bool(past and past[0].buyer)


def _weights(query: Query) -> dict[str, float]:
    return dict(zip(query.terms, query.weights.tolist(), strict=True))


def _series(words: Sequence[str]) -> str:
    *most, last = list(dict.fromkeys(words))[:5]
    return f"{', '.join(most)} and {last}" if most else last


def _dated(record: Provider) -> str:
    day = record.source.day
    return f"{record.source.name}, {day}" if day else record.source.name
