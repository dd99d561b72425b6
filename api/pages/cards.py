"""A suggestion as a card of six lines: what an officer needs to choose, and where it is from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.pages.labels import KINDS, SIZES, Unit, day_or_nothing, reasons_for
from api.service.register import others_who_won
from api.service.results import Answer
from api.service.services import Services
from matcher.core.formatting import pounds
from matcher.core.types import Provider, Size, Source
from matcher.ranking.features.feature import NEAR
from matcher.ranking.past_contract_text import is_similar
from matcher.ranking.quotes import as_written, own_sentences
from matcher.ranking.reason_text import NAME_ALONE, NO_PROFILE
from matcher.ranking.shortlist import PastContract, Reason, Suggestion
from matcher.register.register import Register

_LONGEST_SENTENCE = 180
_WORD = re.compile(r"[a-z0-9]{3,}")
NO_MATCH = "No word that we know of it matches this lot: check what it does."
"""What a card says where neither its own words nor a reason say what a provider does."""


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
    others: int
    """how many other suppliers won `contract` too"""

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


def shared_contracts(
    services: Services, id_: str, contracts: Sequence[PastContract]
) -> dict[str, int]:
    """Id of a contract → how many suppliers won it besides the provider, where any did."""
    register = services.matcher.register
    row = register.row(id_)
    others = {c.id: others_who_won(register, row, c) for c in contracts} if row is not None else {}
    return {id_: number for id_, number in others.items() if number}


def _card(register: Register, suggestion: Suggestion, unit: Unit) -> Card:
    row = register.row(suggestion.id)
    records = register.organisations[row].records if row is not None else ()
    alike = [past for past in suggestion.past if is_similar(past)]
    latest = max(alike, key=lambda past: past.day, default=None)
    says = _says(records, suggestion)
    contract = latest or next(iter(suggestion.past), None)
    others = others_who_won(register, row, contract) if contract and row is not None else 0
    return Card(
        provider=suggestion,
        says=says,
        why="" if says else _why(suggestion),
        strength={"strong": "Strong match", "possible": "Possible match", "weak": "Weak match"}.get(
            suggestion.mark, ""
        ),
        where=", ".join(_where(suggestion, unit)),
        size=_size(records, suggestion),
        contract=contract,
        similar=bool(latest),
        others=others,
    )


def _says(records: Sequence[Provider], suggestion: Suggestion) -> Quote | None:
    """The sentence of its profiles that is nearest to the lot, as the list has it.

    A list without one gets the sentence that has most of the words that matched.
    """
    if suggestion.quote:
        said = as_written(suggestion.quote.words)
        within = (r.source for r in records if said in " ".join(r.profile.split()))
        source = next(within, None)
        shown = _source(source) if source else suggestion.quote.source
        return Quote(_shortened(suggestion.quote.words), shown)
    wanted = {word for match in suggestion.matches for word in _words(match.found)}
    said_by = [(said, record.source) for record in records for said in own_sentences(record)]
    if not said_by:
        return None
    best, source = max(said_by, key=lambda each: len(wanted & _words(each[0])))
    return Quote(_shortened(best.rstrip("; ")), _source(source))


def _why(suggestion: Suggestion) -> str:
    """The strongest reason, or else that no word of it matches the lot; '' where one does."""
    told = strongest_reason(suggestion.reasons)
    return told or ("" if suggestion.matches else NO_MATCH)


def strongest_reason(reasons: Sequence[Reason]) -> str:
    """The strongest reason other than where a provider is, in words; '' where there is none.

    "It has no profile." is left out: the card has said it already.
    """
    told = (r.words for r in reasons_for(reasons) if r.name != NEAR)
    return next(told, "").removeprefix(NO_PROFILE).removeprefix(NAME_ALONE).lstrip()


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
