"""Shortlists: one list for each lot, changed, compared and explained."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.errors import Missing
from api.http.routes.dependencies import AppServices
from api.pages.forms import Form
from api.pages.search_form import SearchForm
from api.pages.shortlist_map import map_of
from api.pages.templating import page, redirect
from api.service.results import Answer, KeptShortlist
from api.service.services import Services
from matcher.core.errors import BadInput
from matcher.core.types import FICTIONAL
from matcher.law.summary import values_of
from matcher.ranking.reason_text import SIGNAL_NAMES
from matcher.ranking.shortlist import Reason, Suggestion
from matcher.ranking.why import Explanation

router = APIRouter()

MOST_COMPARED = 4
"""How many providers are shown side by side."""
_MOST_ADDED = 20
_MOST_LISTS = 100
_ID = re.compile(r"[0-9a-f]{8,64}")

Lots = Annotated[str, Query(description="The ids of the lists of all lots, separated by dots.")]
Added = Annotated[list[str], Query(alias="add", description="Providers added by hand.")]


@dataclass(frozen=True, slots=True)
class RelatedLists:
    """The lists of the lots that were asked about together, and the position of this one."""

    ids: tuple[str, ...]
    position: int

    @classmethod
    def of(cls, id_: str, lots: str) -> RelatedLists:
        """The lists whose ids an address names, separated by dots; else this list alone."""
        ids = tuple(dict.fromkeys(id_ for id_ in lots.split(".") if _ID.fullmatch(id_)))
        ids = ids[:_MOST_LISTS]
        ids = ids if id_ in ids else (id_,)
        return cls(ids, ids.index(id_))

    @property
    def query(self) -> str:
        """The query string that names these lists."""
        return f"?lots={'.'.join(self.ids)}"

    @property
    def previous(self) -> str:
        """The id of the list before this one, '' for the first."""
        return self.ids[self.position - 1] if self.position else ""

    @property
    def next(self) -> str:
        """The id of the list after this one, '' for the last."""
        return self.ids[self.position + 1] if self.position + 1 < len(self.ids) else ""

    def replaced_by(self, id_: str) -> RelatedLists:
        """The same lists, with another list instead of this one."""
        ids = (*self.ids[: self.position], id_, *self.ids[self.position + 1 :])
        return RelatedLists(ids, self.position)


@router.get("/lists/{id}")
def shortlist(
    request: Request,
    id: str,  # noqa: A002 - as the address has it
    services: AppServices,
    lots: Lots = "",
    add: Added = [],  # noqa: B006 - FastAPI reads the default and never changes it
) -> Response:
    """The shortlist of one lot."""
    return show(
        request, services, services.shortlists.get(id), RelatedLists.of(id, lots), added=add
    )


def show(
    request: Request,
    services: Services,
    saved: KeptShortlist,
    related: RelatedLists,
    *,
    added: Sequence[str] = (),
    search: SearchForm | None = None,
    choices: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """The page of one shortlist; `search` and `choices` are what the officer had filled in."""
    answer = saved.answer
    search = search or SearchForm.of(answer.request, answer.lot.buyer)
    all_errors = {**search.errors, **(errors or {})}
    return page(
        request,
        "shortlist.html",
        status=422 if all_errors else 200,
        saved=saved,
        answer=answer,
        related=related,
        titles=titles(services, related),
        values=_values(services, answer, related),
        map=map_of(services.matcher, answer),
        search=search,
        added=[services.shortlists.why(saved.id, id_) for id_ in dict.fromkeys(added)][
            :_MOST_ADDED
        ],
        choices=choices or {},
        errors=all_errors,
        most_compared=MOST_COMPARED,
        neutral=not_counted(services, answer),
        fictional=is_fictional(answer),
    )


def titles(services: Services, related: RelatedLists) -> list[tuple[str, str]]:
    """(id, title of the lot) of each list, if there are several."""
    if len(related.ids) == 1:
        return []
    return [(id_, _title(services, id_)) for id_ in related.ids]


def _title(services: Services, id_: str) -> str:
    """The title of a saved list's lot; its id if the list is no longer kept."""
    try:
        lot = services.shortlists.get(id_).answer.lot
    except Missing:
        return id_
    return lot.title or lot.description[:80]


def _values(services: Services, answer: Answer, related: RelatedLists) -> list[str]:
    """What each lot of the same procurement adds to the value, if there are several."""
    if answer.procurement is None or len(related.ids) == 1:
        return []
    lots = []
    for id_ in related.ids:
        try:
            lots.append(services.shortlists.get(id_).answer.lot)
        except Missing:
            return []
    return list(values_of(lots, answer.procurement.vat))


def not_counted(services: Services, answer: Answer) -> list[tuple[str, str]]:
    """(what does not count, the title of the rule) for each signal that does not count."""
    rules = {rule.id: rule.title for rule in services.matcher.rulebook.rules}
    return [
        (SIGNAL_NAMES[signal], rules.get(rule, rule)) for signal, rule in answer.neutral.items()
    ]


def is_fictional(answer: Answer) -> bool:
    """Whether the list is about invented organisations."""
    sources = (source for provider in answer.suggestions for source in provider.sources)
    return any(FICTIONAL in text for text in (answer.lot.buyer, *sources))


@router.post("/lists/{id}/narrow")
def narrow(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Make a new list for the same lot, with other places, sizes or kinds of provider."""
    saved = services.shortlists.get(id)
    related = RelatedLists.of(id, form.text("lots"))
    answer = saved.answer
    search = SearchForm.of(answer.request, answer.lot.buyer).changed_by(form)
    search = search.checked(services.matcher.register.councils)
    if search.errors:
        return show(request, services, saved, related, search=search)
    try:
        answered = services.shortlists.ask({"lot": answer.lot}, search.request())
    except BadInput as error:
        search = search.with_error("", str(error))
        return show(request, services, saved, related, search=search)
    for refusal in answered.errors.values():
        search = search.with_error("", refusal.message)
        return show(request, services, saved, related, search=search)
    new = answered.shortlists["lot"].id
    return redirect(f"/lists/{new}{related.replaced_by(new).query}")


@router.get("/lists/{id}/compare")
def compare(
    request: Request,
    id: str,  # noqa: A002
    services: AppServices,
    provider: Annotated[list[str], Query()] = [],  # noqa: B006
    lots: Lots = "",
) -> Response:
    """Up to four providers of a list side by side."""
    saved = services.shortlists.get(id)
    by_id = {suggestion.id: suggestion for suggestion in saved.answer.suggestions}
    ticked = [by_id[id_] for id_ in dict.fromkeys(provider) if id_ in by_id]
    return page(
        request,
        "compare.html",
        saved=saved,
        answer=saved.answer,
        related=RelatedLists.of(id, lots),
        providers=ticked[:MOST_COMPARED],
        too_many=len(ticked) > MOST_COMPARED,
        most_compared=MOST_COMPARED,
        reasons=_reasons(ticked[:MOST_COMPARED]),
    )


def _reasons(providers: Sequence[Suggestion]) -> list[tuple[str, list[Reason | None]]]:
    """Each kind of reason that counts, with the reason for each provider."""
    names = dict.fromkeys(
        reason.name for provider in providers for reason in provider.reasons if reason.counted
    )
    by_name = [{reason.name: reason for reason in provider.reasons} for provider in providers]
    return [(name, [reasons.get(name) for reasons in by_name]) for name in names]


@router.get("/lists/{id}/why")
def explain(
    request: Request,
    id: str,  # noqa: A002
    services: AppServices,
    q: str = "",
    provider: str = "",
    lots: Lots = "",
) -> Response:
    """Why a provider, found by its name or id, is or is not on the list."""
    saved = services.shortlists.get(id)
    matches = services.register.search(q.strip()[:200]) if q.strip() and not provider else []
    if len(matches) == 1:
        provider = matches[0].id
    explanation: Explanation | None = services.shortlists.why(id, provider) if provider else None
    return page(
        request,
        "explanation.html",
        saved=saved,
        answer=saved.answer,
        related=RelatedLists.of(id, lots),
        query=q.strip(),
        matches=matches,
        explanation=explanation,
    )
