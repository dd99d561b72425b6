"""Shortlists: one list for each lot, changed, compared and explained."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.errors import Missing
from api.http.routes.dependencies import AppServices, charge
from api.pages.cards import cards, shared_contracts
from api.pages.drafts import NEED, SEARCH, NeedDraft, RecordForm
from api.pages.forms import Form, SubmittedForm
from api.pages.lot_form import LotForm
from api.pages.search_form import SearchForm
from api.pages.shortlist_map import map_of
from api.pages.templating import page, redirect
from api.pages.ticked import Ticked, keep_ticked
from api.service.results import Answer, KeptShortlist
from api.service.services import Services
from matcher.core.errors import BadInput
from matcher.law.summary import values_of
from matcher.ranking.reason_text import SIGNAL_NAMES
from matcher.ranking.request import MOST
from matcher.ranking.shortlist import Reason, Suggestion
from matcher.ranking.why import Explanation

router = APIRouter()

MOST_COMPARED = 4
"""How many providers are shown side by side."""
_MOST_LISTS = 100
_ID = re.compile(r"[0-9a-f]{8,64}")
_DRAFT = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class RelatedLists:
    """The lists of the lots that were asked about together, and the position of this one.

    `draft` is the draft of the lots that they were made from, '' where it is not known.
    """

    ids: tuple[str, ...]
    position: int
    draft: str = ""

    @classmethod
    def of(cls, id_: str, lots: str, draft: str = "") -> RelatedLists:
        """The lists whose ids an address names, separated by dots; else this list alone."""
        ids = tuple(dict.fromkeys(id_ for id_ in lots.split(".") if _ID.fullmatch(id_)))
        ids = ids[:_MOST_LISTS]
        ids = ids if id_ in ids else (id_,)
        return cls(ids, ids.index(id_), draft if _DRAFT.fullmatch(draft) else "")

    @classmethod
    def sent(cls, id_: str, form: SubmittedForm) -> RelatedLists:
        """The lists that a form names."""
        return cls.of(id_, form.text("lots"), form.text("draft"))

    @property
    def query(self) -> str:
        """The query string that names these lists."""
        draft = f"&draft={self.draft}" if self.draft else ""
        return f"?lots={'.'.join(self.ids)}{draft}"

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
        return RelatedLists(ids, self.position, self.draft)


async def related_lists(
    id: str,  # noqa: A002 - as the address has it
    lots: Annotated[str, Query(description="The ids of the lists, separated by dots.")] = "",
    draft: Annotated[str, Query(description="The draft that they were made from.")] = "",
) -> RelatedLists:
    """The lists that an address names."""
    return RelatedLists.of(id, lots, draft)


Related = Annotated[RelatedLists, Depends(related_lists)]


@router.get("/lists/{id}")
def shortlist(
    request: Request,
    id: str,  # noqa: A002 - as the address has it
    services: AppServices,
    related: Related,
    ticked: Ticked,
    form: str = "",
) -> Response:
    """The shortlist of one lot; `form` is a search that could not be made from it."""
    saved = services.shortlists.get(id)
    answer = saved.answer
    search = _search(services, saved, form)
    listed = {suggestion.id for suggestion in answer.suggestions}
    always = {caution.text for caution in services.matcher.rulebook.cautions}
    others = [id_ for id_ in ticked.ids if id_ not in listed][:MOST]
    added = [id_ for id_ in others if services.matcher.register.row(id_) is not None]
    return page(
        request,
        "shortlist.html",
        saved=saved,
        answer=answer,
        related=related,
        editable=bool(related.draft) and NEED.get(services, related.draft) is not None,
        titles=titles(services, related),
        values=_values(services, answer, related),
        map=map_of(services.matcher, answer),
        cards=cards(services, answer),
        search=search,
        form=form,
        filters=search.filters() if answer.purpose == "engagement" else [],
        added=services.shortlists.why_each(saved.id, added),
        gone=[id_ for id_ in others if id_ not in added],
        ticked=set(ticked.ids),
        errors=search.errors,
        most_compared=MOST_COMPARED,
        neutral=not_counted(services, answer),
        own_notes=[note for note in answer.notes if note not in always],
        cautions=[note for note in answer.notes if note in always],
        fictional=answer.is_fictional,
    )


def _search(services: Services, saved: KeptShortlist, form: str) -> SearchForm:
    """The search of a list; with a form that was sent and refused, its fields and errors."""
    search = SearchForm.of(saved.answer.request, saved.answer.lot.buyer)
    refused = SEARCH.get(services, form) if form else None
    if refused is None or refused.list != saved.id:
        return search
    fields = {name: value[0] for name, value in refused.fields.items() if value}
    return replace(search, fields={**search.fields, **fields}, errors=refused.errors)


@router.post("/lists/{id}/lots")
def change_lots(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Show the lots of these lists again, to correct them; from the lists where no draft is."""
    related = RelatedLists.sent(id, form)
    if related.draft and NEED.get(services, related.draft):
        return redirect(f"/lots/{related.draft}")
    saved = [services.shortlists.get(each) for each in related.ids]
    search = SearchForm.of(saved[0].answer.request, saved[0].answer.lot.buyer)
    councils = services.matcher.register.councils
    lots = tuple(LotForm.of_lot(each.answer.lot, councils) for each in saved)
    return redirect(f"/lots/{NEED.keep(services, request, NeedDraft(lots=lots, search=search))}")


def titles(services: Services, related: RelatedLists) -> list[tuple[str, str]]:
    """(id, title of the lot) of each list, if there are several."""
    if len(related.ids) == 1:
        return []
    return [(id_, _title(services, id_)) for id_ in related.ids]


def _title(services: Services, id_: str) -> str:
    """The title of a saved list's lot; its id if the list is no longer kept."""
    try:
        return services.shortlists.get(id_).answer.lot.label
    except Missing:
        return id_


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


@router.post("/lists/{id}/narrow")
def narrow(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Make a new list for the same lot, with other places, sizes or kinds of provider.

    Enter asks about a provider where one is named and no filter was changed.
    """
    saved = services.shortlists.get(id)
    shown = _search(services, saved, form.text("form"))
    search = shown.changed_by(form)
    if form.text("do") == "enter" and form.text("q") and search.fields == shown.fields:
        return _gone_on(request, id, form, services, "why")
    related = RelatedLists.sent(id, form)
    answer = saved.answer
    search = search.without(form.text("clear"))
    search = search.checked(services.matcher.register.councils)
    new = ""
    if not search.errors:
        charge(request, search.request().limit)
        search, new = _narrowed(services, answer, search)
    ticked = keep_ticked(services, request, form)
    if new:
        return redirect(f"/lists/{new}{related.replaced_by(new).query}{ticked.query}")
    fields = {name: (value,) for name, value in search.fields.items()}
    kept = SEARCH.keep(services, request, RecordForm(id, fields, search.errors))
    return redirect(f"/lists/{id}{related.query}{ticked.query}&form={kept}")


def _narrowed(services: Services, answer: Answer, search: SearchForm) -> tuple[SearchForm, str]:
    """The id of the new list; '' and the search with its error where there is none."""
    try:
        answered = services.shortlists.ask({"lot": answer.lot}, search.request())
    except BadInput as error:
        return search.with_error("within", str(error)), ""
    for refusal in answered.errors.values():
        return search.with_error("within", refusal.message), ""
    return search, answered.shortlists["lot"].id


@router.post("/lists/{id}/weak")
def list_weak(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Make a new list for the same lot, with weak matches after the others."""
    answer = services.shortlists.get(id).answer
    charge(request, answer.limit)
    related = RelatedLists.sent(id, form)
    answered = services.shortlists.ask({"lot": answer.lot}, replace(answer.request, weak=True))
    new = answered.shortlists["lot"].id if answered.shortlists else id
    ticked = keep_ticked(services, request, form)
    return redirect(f"/lists/{new}{related.replaced_by(new).query}{ticked.query}")


@router.post("/lists/{id}/ticked")
def tick(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Keep which providers are ticked, and go on to decide, compare them or ask about another."""
    step = form.text("do") if form.text("do") in ("compare", "why") else "decision"
    return _gone_on(request, id, form, services, step)


def _gone_on(
    request: Request, id_: str, form: SubmittedForm, services: Services, step: str
) -> Response:
    """Go on from a list to a step, with what is ticked and asked in its form."""
    ticked = keep_ticked(services, request, form)
    asked = f"&{urlencode({'q': form.text('q')})}" if step == "why" else ""
    related = RelatedLists.sent(id_, form)
    return redirect(f"/lists/{id_}/{step}{related.query}{ticked.query}{asked}")


@router.get("/lists/{id}/compare")
def compare(
    request: Request,
    id: str,  # noqa: A002
    services: AppServices,
    related: Related,
    ticked: Ticked,
) -> Response:
    """Up to four providers of a list side by side."""
    saved = services.shortlists.get(id)
    by_id = {card.provider.id: card for card in cards(services, saved.answer)}
    compared = [by_id[id_] for id_ in ticked.ids if id_ in by_id]
    providers = [card.provider for card in compared[:MOST_COMPARED]]
    return page(
        request,
        "compare.html",
        saved=saved,
        answer=saved.answer,
        related=related,
        ticks=ticked.query,
        cards=compared[:MOST_COMPARED],
        too_many=len(compared) > MOST_COMPARED,
        most_compared=MOST_COMPARED,
        reasons=_reasons(providers),
        shared={
            contract: others
            for each in providers
            for contract, others in shared_contracts(services, each.id, each.past).items()
        },
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
    related: Related,
    q: str = "",
    provider: str = "",
    ticks: str = "",
) -> Response:
    """Why a provider, found by its name or id, is or is not on the list."""
    saved = services.shortlists.get(id)
    matches = services.register.search(q.strip()[:200]) if q.strip() and not provider else []
    if len(matches) == 1:
        provider = matches[0].id
    explanation: Explanation | None = services.shortlists.why(id, provider) if provider else None
    facts = explanation.facts if explanation else None
    return page(
        request,
        "explanation.html",
        saved=saved,
        answer=saved.answer,
        related=related,
        ticks=ticks if _DRAFT.fullmatch(ticks) else "",
        query=q.strip(),
        matches=matches,
        explanation=explanation,
        shared=shared_contracts(services, facts.id, facts.past) if facts else {},
    )
