"""The facts that a provider's reasons are written from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from matcher.core.bodies import Body, body_of
from matcher.core.cpv import code_prefixes
from matcher.core.formatting import tidy_name
from matcher.core.legal_kinds import without_legal_kind
from matcher.core.types import Organisation, Provider, Site, Source
from matcher.geo.estuaries import water_between
from matcher.law.types import Signal
from matcher.ranking.payers import Paid, PaymentEvidence
from matcher.ranking.query import Query
from matcher.ranking.quotes import (
    as_in,
    as_written,
    nearest_sentence,
    own_words,
    paid_for,
    shared_phrases,
    work_labels,
)
from matcher.ranking.shortlist import Match, PastContract, Quote
from matcher.ranking.sites import LocatedSite, best_site, council_name
from matcher.register.inverted_index import WeightedTerms
from models import text

CLOSE, AKIN = 0.55, 0.42
"""The likeness, by the sentence encoder, from which work is called close to a lot, or like it."""
_CONTRACTS_SHOWN = 3
_WORDS_SHOWN, _PHRASES_SHOWN = 8, 5
_SAME_SERVICE = 0.5
"""What a provider's words and a lot must share of services at least, for a reason to name one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one candidate for one lot."""

    organisation: Organisation
    matches: tuple[Match, ...]
    past: tuple[PastContract, ...]
    """the past contracts most like the lot, at most three"""
    contracts: int
    """how many past contracts are known"""
    site: Site | None
    council: str
    """the name of the council that the site is in; '' where it is not known"""
    km: float | None
    """in a straight line"""
    across: str = ""
    """the water that the straight line to the site crosses: 'the Humber'; '' if none"""
    quote: Quote | None = None
    said: tuple[str, ...] = ()
    """words and phrases of its own words, or else of its labels, that the lot shares"""
    said_in: str = ""
    """where they stand: 'profile' or 'labels'"""
    named: tuple[str, ...] = ()
    """words and phrases of its name that the lot shares"""
    also_known_as: str = ""
    """the other name of it that shares words with the lot, where its name does not"""
    last_recorded: date | None = None
    """the day of the latest thing known of it; None where no source has a day"""
    years_ago: int = 0
    """how many whole years before the day of the list that was"""
    near: float | None = None
    """how near in meaning its name and profile are to the lot; None without an encoder"""
    service: str = ""
    """the service that its words and the lot's are about, where they share few words; else ''"""
    lowered: bool = False
    """whether its sort of body lowered its score"""
    mark: str = ""
    """how well its work fits, by its relevance; '' where that is not known"""
    like_winners: float | None = None
    """how like those of winners of such lots its name is; None where no feature says it"""

    paid: Paid | None = None
    """what public bodies paid it, as far as the payments of the register say"""

    @property
    def body(self) -> Body:
        """The sort of body that it is; an umbrella body that won contracts is like any other."""
        body = body_of(self.provider)
        return Body.OTHER if body is Body.MEMBERS and self.contracts else body

    @property
    def near_past(self) -> float:
        """How near in meaning its nearest past contract is; 0 where that is not known."""
        return self.past[0].near or 0.0 if self.past else 0.0

    @property
    def provider(self) -> Provider:
        """The provider as its records were merged."""
        return self.organisation.provider

    def words(self, *fields: str) -> list[str]:
        """The provider's own spelling of the words shared with the lot in these fields."""
        return [match.found for match in self.matches if match.where in fields]


class EvidenceFinder:
    """Finds the evidence on candidates for one query.

    `likeness` (one value per known award) orders a provider's past contracts.
    """

    def __init__(self, query: Query, likeness: npt.NDArray[np.float32]) -> None:
        self._query, self._likeness = query, likeness
        self._with_record = query.counts(Signal.RECORD)
        self._codes = frozenset(query.analyzed.codes)
        self._contract, self._category = cache(self._past_contract), cache(self._shared_category)

    def find(self, row: int, *, lowered: bool, mark: str, like_winners: float | None) -> Evidence:
        """The evidence on the provider in `row` of the register.

        The ranking says whether its sort of body lowered its score, how well its work fits, and
        how like those of winners its name is.
        """
        register = self._query.register
        organisation = register.organisations[row]
        provider = organisation.provider
        awards = self._known_awards(row)
        past = self._past(awards)
        located, km = best_site(self._query, row, provider.sites)
        said, said_in = self._said(provider)
        named, also_known_as = self._named(provider)
        paid = self._payments.find(row) if self._payments else None
        last_recorded = self._last_recorded(awards, organisation)
        return Evidence(
            organisation=organisation,
            matches=tuple(self._matches(provider, past)),
            past=past,
            contracts=len(awards),
            site=located.site if located else next(iter(provider.sites), None),
            council=council_name(register, located),
            km=km,
            across=self._water_before(located) if km is not None else "",
            quote=self._quote(row, organisation),
            said=said,
            said_in=said_in,
            named=named,
            also_known_as=also_known_as,
            last_recorded=last_recorded,
            years_ago=_whole_years(last_recorded, self._query.on) if last_recorded else 0,
            near=self._near(row),
            service="" if len(said) > 1 else self._service(row),
            lowered=lowered,
            mark=mark,
            like_winners=like_winners,
            paid=paid,
        )

    def _last_recorded(
        self, awards: npt.NDArray[np.int32], organisation: Organisation
    ) -> date | None:
        """The latest day of its records and of the contracts known, the last of which is latest."""
        days = [record.source.day for record in organisation.records if record.source.day]
        if len(awards):
            latest = self._query.register.columns.award_day[awards[-1]]
            days.append(date.fromordinal(int(latest)))
        return max(days, default=None)

    def _near(self, row: int) -> float | None:
        lot = self._query.encoded
        return None if lot is None else float(lot.texts.rows_like(lot.vector, np.array([row]))[0])

    def _service(self, row: int) -> str:
        lot, known = self._query.encoded, self._query.knowledge.services
        if lot is None or lot.services is None or known is None:
            return ""
        number = lot.texts.service_shared(lot.services, row, _SAME_SERVICE)
        return "" if number is None else known.names[number]

    def _quote(self, row: int, organisation: Organisation) -> Quote | None:
        """A sentence of what it says of itself, with the record that says it."""
        provider, weights = organisation.provider, self._profile_weights
        sentence = nearest_sentence(self._query, row, provider, weights)
        if not sentence:
            return None
        said = as_written(sentence)
        records = (r for r in organisation.records if said in " ".join(r.profile.split()))
        source = next(records, organisation.provider).source
        return Quote(sentence, source_text(source))

    def _said(self, provider: Provider) -> tuple[tuple[str, ...], str]:
        places = {"profile": own_words(provider), "labels": "; ".join(work_labels(provider.tags))}
        for where, content in places.items():
            if phrases := shared_phrases(content, self._profile_weights, _PHRASES_SHOWN):
                return tuple(phrases), where
        return (), next((where for where, content in places.items() if content), "")

    def _named(self, provider: Provider) -> tuple[tuple[str, ...], str]:
        """The phrases of its name that the lot shares; else the alias that has some."""
        name = without_legal_kind(provider.name)
        if phrases := shared_phrases(name, self._name_weights, _PHRASES_SHOWN):
            return tuple(phrases), ""
        others = ((a, without_legal_kind(a)) for a in provider.aliases)
        known = (a for a, said in others if shared_phrases(said, self._name_weights, 1))
        return (), next(known, "")

    def _water_before(self, site: LocatedSite | None) -> str:
        """The name of the water between the lot and a site; '' where there is none."""
        spot = self._query.analyzed.place.spot
        if site is None or spot is None:
            return ""
        return water_between((spot.east, spot.north), (site.east, site.north))

    # --- words -------------------------------------------------------------------------

    @cached_property
    def _profile_weights(self) -> dict[str, float]:
        """Stem → weight, as profiles and labels are searched."""
        return _weights(self._query.profile) | _weights(self._query.profile_and_name)

    @cached_property
    def _name_weights(self) -> dict[str, float]:
        """Stem → weight, as names are searched."""
        return _weights(self._query.name) | _weights(self._query.profile_and_name)

    @cached_property
    def _past_weights(self) -> dict[str, float]:
        """Stem → weight, as past awards are searched."""
        return _weights(self._query.past)

    @cached_property
    def _lot_spelling(self) -> dict[str, str]:
        """Stem → the lot's spelling of it; the lot's CPV codes for stems that it does not use."""
        analyzed = self._query.analyzed
        lot = analyzed.lot
        category = dict.fromkeys(analyzed.category, f"CPV {', '.join(lot.cpv)}")
        return category | text.spellings(f"{lot.title}\n{lot.description}", analyzed.words)

    def _matches(self, provider: Provider, past: Sequence[PastContract]) -> Iterator[Match]:
        """The most telling words that the lot and the provider share, with the field."""
        names = "\n".join((provider.name, *provider.aliases))
        yield from self._shared("profile", provider.profile, self._profile_weights)
        yield from self._shared(
            "label", "\n".join(work_labels(provider.tags)), self._profile_weights
        )
        yield from self._shared("paid for", "\n".join(paid_for(provider)), self._profile_weights)
        yield from self._shared("name", names, self._name_weights)
        for contract in past[:1]:
            yield from (Match(w, w, f"past contract {contract.id}") for w in contract.alike)

    def _shared(self, field: str, content: str, weights: dict[str, float]) -> Iterator[Match]:
        spelled = text.spellings(content, weights) if content else {}
        for stem in sorted(spelled, key=lambda stem: -weights[stem])[:_WORDS_SHOWN]:
            yield Match(self._lot_spelling.get(stem, spelled[stem]), spelled[stem], field)

    # --- payments ----------------------------------------------------------------------

    @cached_property
    def _payments(self) -> PaymentEvidence | None:
        """What finds payments; None where there are none, or where they may not count."""
        payments = self._query.register.payments
        if payments is None or not self._with_record:
            return None
        return PaymentEvidence(self._query, payments)

    # --- past contracts ----------------------------------------------------------------

    def _known_awards(self, row: int) -> npt.NDArray[np.int32]:
        """The numbers of the awards that it won, of those that are known."""
        register = self._query.register
        won = register.won.of(row)
        return won[: won.searchsorted(np.int32(register.known_awards))]

    def _past(self, numbers: npt.NDArray[np.int32]) -> tuple[PastContract, ...]:
        """The contracts to show of those with these numbers, most similar then latest first."""
        likeness, lot = self._likeness[numbers], self._query.encoded
        near: list[float | None] = [None] * len(numbers)
        if lot is not None and len(numbers):
            cosines = np.maximum(lot.texts.awards_like(lot.vector, numbers), 0)
            likeness, near = likeness + cosines, cosines.astype(float).tolist()
        ranked = sorted(zip(likeness.tolist(), numbers.tolist(), near, strict=True), reverse=True)
        shown = [
            self._contract(n) if close is None else replace(self._contract(n), near=round(close, 2))
            for alike, n, close in ranked[:_CONTRACTS_SHOWN]
            if alike > 0
        ]
        like = (c for c in shown if c.alike or c.category or (c.near or 0) >= AKIN)
        return tuple(like)

    def _shared_category(self, cpv: tuple[str, ...]) -> str:
        """The longest CPV category that these codes share with the lot's; '' where none."""
        shared = self._codes.intersection(_prefixes(cpv))
        return max(shared, key=lambda code: (len(code), code), default="")

    def _past_contract(self, number: int) -> PastContract:
        award, weights = self._query.register.awards[number], self._past_weights
        content = f"{award.lot.title}\n{award.lot.description}"
        shared = text.spellings(content, weights)
        ranked = sorted(shared, key=lambda stem: -weights[stem])[:_WORDS_SHOWN]
        return PastContract(
            id=award.id,
            title=award.lot.title,
            buyer=tidy_name(award.lot.buyer) if self._with_record else "",
            day=award.day,
            value=award.value if self._with_record else None,
            alike=as_in(content, [shared[stem] for stem in ranked]),
            category=self._category(award.lot.cpv),
            source=award.source,
        )


@lru_cache(1 << 12)
def _prefixes(cpv: tuple[str, ...]) -> frozenset[str]:
    """Codes with their categories; the awards of a register share few combinations."""
    return frozenset(code_prefixes(cpv))


def _whole_years(since: date, on: date) -> int:
    """How many years have passed.

    >>> [_whole_years(date(2021, 3, 1), day) for day in (date(2026, 2, 28), date(2026, 3, 1))]
    [4, 5]
    """
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def source_text(source: Source) -> str:
    """The name of a source, with its day where that is known."""
    return f"{source.name}, {source.day}" if source.day else source.name


def _weights(query: WeightedTerms) -> dict[str, float]:
    return dict(zip(query.terms, query.weights.tolist(), strict=True))
