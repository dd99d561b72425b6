"""One provider: each fact with its source and date, its contracts, and how often it was listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.cards import shared_contracts
from api.pages.labels import KINDS, SIZES, capitalised, label_in_words, sources_in_words
from api.pages.shortlists import RelatedLists, not_counted
from api.pages.templating import page
from api.service.register import Profile
from api.service.results import Answer
from matcher.core.identifiers import OF_A_NAME
from matcher.core.types import FICTIONAL, Fact
from matcher.core.web_addresses import web_address
from matcher.law.types import Signal
from matcher.ranking.evidence import source_text
from matcher.ranking.shortlist import Suggestion

router = APIRouter()

MOST_CONTRACTS = 20
"""How many contracts the page shows."""
_NAMES = {"id": "Number", "profile": "What it does", "tag": "Labels", "works in": "Works in"}
_ELSEWHERE = frozenset({"name", "website"})
"""Facts that the page shows in another place."""
_SHORT = 60
"""Characters of a value that can be on one line with others."""
_OF_PLACE = ("postcode", "works in")
_OF_SIZE = ("income", "size", "kind")
_ORDER = ("profile", "tag", "kind", "size", "income", "postcode", "works in", "status", "id")


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact: its name, and each value with the sources that say so, with their days."""

    name: str
    values: tuple[tuple[str, str], ...]


@router.get("/providers/{id:path}")
def provider(
    request: Request,
    id: str,  # noqa: A002 - as the address has it
    services: AppServices,
    list: str = "",  # noqa: A002
    lots: str = "",
    draft: str = "",
) -> Response:
    """One provider; with the list that it is read for, also why it is or is not on it.

    For a list that may not use some facts, the page does not show them either.
    """
    profile = services.register.provider(id)
    saved = services.shortlists.get(list) if list else None
    answer = saved.answer if saved else None
    hidden = set(answer.neutral) if answer else set()
    contracts = () if Signal.RECORD.value in hidden else profile.past
    suggestion = _suggestion(answer, profile) if answer else None
    listed = suggestion.past if suggestion else ()
    return page(
        request,
        "provider.html",
        profile=profile,
        known=profile.organisation.provider,
        rows=list_of_facts(profile.facts, hidden),
        others=() if Signal.PLACE.value in hidden else profile.organisation.related,
        website=web_address(profile.organisation.provider.website),
        website_source=sources_in_words(
            source_text(fact.source) for fact in profile.facts if fact.name == "website"
        ),
        contracts=contracts[:MOST_CONTRACTS],
        number=len(contracts),
        shared=shared_contracts(services, id, (*contracts[:MOST_CONTRACTS], *listed)),
        payments=() if Signal.RECORD.value in hidden else services.register.payments(id),
        answer=answer,
        saved=saved,
        suggestion=suggestion,
        neutral=not_counted(services, answer) if answer else [],
        hides_record=Signal.RECORD.value in hidden,
        exposure=services.register.exposure_of(id),
        related=RelatedLists.of(list, lots, draft) if saved else None,
        fictional=any(FICTIONAL in fact.source.name for fact in profile.facts),
    )


def _suggestion(answer: Answer, profile: Profile) -> Suggestion | None:
    """The provider as the list has it; None where it is not on the list."""
    known = profile.organisation.provider
    ids = {known.id, *known.ids}
    return next((each for each in answer.suggestions if each.id in ids), None)


def list_of_facts(facts: Sequence[Fact], hidden: Set[str]) -> list[FactRow]:
    """The facts by name, except names, the website and those of `hidden` signals.

    A label that is a code without words is left out, the district of a postcode that is known, and
    an id that is made of a name.
    """
    rows: dict[str, dict[str, dict[str, None]]] = {}
    districts = {fact.value.partition(" ")[0] for fact in facts if _is_whole_postcode(fact)}
    for fact in facts:
        if fact.name in _ELSEWHERE or fact.value == "unknown" or _is_hidden(fact.name, hidden):
            continue
        if fact.name == "id" and fact.value.startswith(OF_A_NAME):
            continue
        words = _in_words(fact)
        if not words or (fact.name.startswith("postcode") and words in districts):
            continue
        sources = rows.setdefault(fact.name, {}).setdefault(words, {})
        sources[source_text(fact.source)] = None
    return [
        FactRow(_label(name), tuple(_by_source(values)))
        for name, values in sorted(rows.items(), key=lambda row: _place(row[0]))
    ]


def _by_source(values: Mapping[str, Mapping[str, None]]) -> Iterator[tuple[str, str]]:
    """The values with their sources; short ones of the same sources together."""
    together: dict[str, list[str]] = {}
    for value, sources in values.items():
        together.setdefault(sources_in_words(sources), []).append(value)
    for told, found in together.items():
        if all(len(value) <= _SHORT for value in found):
            yield "; ".join(found), told
        else:
            yield from ((value, told) for value in found)


def _place(name: str) -> int:
    """The position of a kind of fact."""
    begun = name.partition(" (")[0]
    return _ORDER.index(begun) if begun in _ORDER else len(_ORDER)


def _label(name: str) -> str:
    """The name of a fact, with the evidence of a postcode in its brackets."""
    begun, bracket, rest = name.partition(" (")
    return capitalised(_NAMES.get(begun, begun)) + bracket + rest


def _is_whole_postcode(fact: Fact) -> bool:
    return fact.name.startswith("postcode") and " " in fact.value


def _in_words(fact: Fact) -> str:
    if fact.name == "tag":
        return label_in_words(fact.value)
    return {"kind": KINDS, "size": SIZES}.get(fact.name, {}).get(fact.value, fact.value)


def _is_hidden(name: str, hidden: Set[str]) -> bool:
    of_place = name.startswith(_OF_PLACE) and Signal.PLACE.value in hidden
    return of_place or (name in _OF_SIZE and Signal.SIZE.value in hidden)
