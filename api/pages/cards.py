"""A suggestion as a card of six lines: what an officer needs to choose, and where it is from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.pages.labels import KINDS, SIZES, Unit, day_or_nothing, reasons_for
from api.service.results import Answer
from api.service.services import Services
from matcher.core.formatting import pounds
from matcher.core.types import Provider, Size, Source
from matcher.ranking.features.feature import NEAR
from matcher.ranking.past_contract_text import is_similar
from matcher.ranking.quotes import own_words
from matcher.ranking.reason_text import NO_PROFILE
from matcher.ranking.shortlist import PastContract, Reason, Suggestion
from matcher.register.register import Register

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_LONGEST_SENTENCE = 180
_WORD = re.compile(r"[a-z0-9]{3,}")


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a provider's own words, its source and its day in words."""

    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Card:
    """A provider as the list shows it.

    Facts that may not count are not in it: `where`, `size` and `contract` are then empty.
    `contract` is the latest of those that are `similar` to the lot, or else the nearest.
    `why` is the strongest reason other than where it is, in words; '' where `says` quotes it.
    """

    provider: Suggestion
    says: Quote | None
    why: str
    strength: str
    where: str
    size: str
    contract: PastContract | None
    similar: bool

    @property
    def unknown(self) -> str:
        """What is not known, in words; '' where nothing important is missing."""
        missing = [what for what in self.provider.unknown if not self._is_told(what)]
        return ", ".join(missing)

    def _is_told(self, what: str) -> bool:
        """Whether another line of the card says the same."""
        return what == "what it says it does" and self.says is None


def cards(services: Services, answer: Answer) -> list[Card]:
    """The cards of a list, in its order."""
    register = services.matcher.register
    unit = Unit.of(answer.request.wish.within)
    return [_card(register, suggestion, unit) for suggestion in answer.suggestions]


def _card(register: Register, suggestion: Suggestion, unit: Unit) -> Card:
    row = register.row(suggestion.id)
    records = register.organisations[row].records if row is not None else ()
    alike = [past for past in suggestion.past if is_similar(past)]
    latest = max(alike, key=lambda past: past.day, default=None)
    says = _says(records, suggestion)
    return Card(
        provider=suggestion,
        says=says,
        why="" if says else strongest_reason(suggestion.reasons),
        strength={"strong": "Strong match", "possible": "Possible match", "weak": "Weak match"}.get(
            suggestion.mark, ""
        ),
        where=", ".join(_where(suggestion, unit)),
        size=_size(records, suggestion),
        contract=latest or next(iter(suggestion.past), None),
        similar=bool(latest),
    )


def _says(records: Sequence[Provider], suggestion: Suggestion) -> Quote | None:
    """The sentence of its profiles that is nearest to the lot, as the list has it.

    A list without one gets the sentence that has most of the words that matched.
    """
    if suggestion.quote:
        said = suggestion.quote.words.removesuffix(" …")
        within = (r.source for r in records if said in " ".join(r.profile.split()))
        source = next(within, None)
        shown = _source(source) if source else suggestion.quote.source
        return Quote(_shortened(suggestion.quote.words), shown)
    wanted = {word for match in suggestion.matches for word in _words(match.found)}
    sentences = [
        (sentence, record.source)
        for record in records
        for sentence in _SENTENCE_END.split(own_words(record).strip())
        if sentence and not sentence.endswith("?")
    ]
    if not sentences:
        return None
    best, source = max(sentences, key=lambda each: len(wanted & _words(each[0])))
    return Quote(_shortened(best.rstrip("; ")), _source(source))


def strongest_reason(reasons: Sequence[Reason]) -> str:
    """The strongest reason other than where a provider is, in words; '' where there is none.

    "It has no profile." is left out: the card has said it already.
    """
    told = (r.words for r in reasons_for(reasons) if r.name != NEAR)
    return next(told, "").removeprefix(NO_PROFILE).lstrip()


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _shortened(sentence: str) -> str:
    if len(sentence) <= _LONGEST_SENTENCE:
        return sentence
    return sentence[:_LONGEST_SENTENCE].rpartition(" ")[0] + "…"


def _source(source: Source) -> str:
    return ", ".join(filter(None, (source.name, day_or_nothing(source.day))))


def _where(suggestion: Suggestion, unit: Unit) -> Iterator[str]:
    if suggestion.km is not None:
        across = f", across {suggestion.across}" if suggestion.across else ""
        yield f"{unit.distance(suggestion.km)} away in a straight line{across}"
    if suggestion.council:
        yield suggestion.council


def _size(records: Sequence[Provider], suggestion: Suggestion) -> str:
    """Kind, size and income, with the source of the size."""
    kind = KINDS.get(suggestion.kind, "") if suggestion.kind != "unknown" else ""
    if suggestion.size in ("", Size.UNKNOWN.value):
        return kind
    income = f", income {pounds(round(suggestion.income))} a year" if suggestion.income else ""
    size = SIZES[suggestion.size].partition(" (")[0] if income else SIZES[suggestion.size]
    evidence = next(
        (
            f" ({_source(record.source)})"
            for record in records
            if (record.income is not None if income else record.size.value == suggestion.size)
        ),
        "",
    )
    return f"{kind}, {size[:1].lower()}{size[1:]}{income}{evidence}" if kind else size + income
