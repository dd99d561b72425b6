"""Shortlists: one lot after another, narrowed, compared, and asked why not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response

from api.errors import Missing
from api.http.routes.dependencies import AppServices
from api.pages.forms import TheForm
from api.pages.lot_form import AskForm, ask_of
from api.pages.shortlist_map import chart_of
from api.pages.templating import onward, page
from api.service.results import Answer, KeptShortlist
from api.service.services import Services
from matcher.core.errors import BadInput
from matcher.core.types import FICTIONAL, Lot
from matcher.ranking.shortlist import Suggestion
from matcher.ranking.why import Explanation

router = APIRouter()

COMPARED = 4
"""How many providers are shown side by side."""
_ID = re.compile(r"[0-9a-f]{8,64}")

Lots = Annotated[str, Query(description="The ids of the lists of all lots, parted by dots.")]
Added = Annotated[list[str], Query(alias="add", description="Providers added by hand.")]


@dataclass(frozen=True, slots=True)
class RelatedList:
    """A list among those of the lots that were asked about together."""

    ids: tuple[str, ...]
    at: int

    @classmethod
    def of(cls, id_: str, lots: str) -> RelatedList:
        """The round that an address names; of one list where it names none."""
        ids = tuple(dict.fromkeys(one for one in lots.split(".") if _ID.fullmatch(one)))[:100]
        ids = ids if id_ in ids else (id_,)
        return cls(ids, ids.index(id_))

    @property
    def query(self) -> str:
        """The end of an address that keeps the round."""
        return f"?lots={'.'.join(self.ids)}"

    @property
    def before(self) -> str:
        """The id of the list before this one, '' for the first."""
        return self.ids[self.at - 1] if self.at else ""

    @property
    def after(self) -> str:
        """The id of the list after this one, '' for the last."""
        return self.ids[self.at + 1] if self.at + 1 < len(self.ids) else ""

    def with_(self, id_: str) -> RelatedList:
        """The round with another list in the place of this one."""
        ids = (*self.ids[: self.at], id_, *self.ids[self.at + 1 :])
        return RelatedList(ids, self.at)


@router.get("/lists/{id}")
def shortlist(
    request: Request,
    id: str,  # noqa: A002 - as the address has it
    services: AppServices,
    lots: Lots = "",
    add: Added = [],  # noqa: B006 - FastAPI reads the default and never changes it
) -> Response:
    """One lot's shortlist."""
    return show(request, services, services.shortlists.get(id), RelatedList.of(id, lots), added=add)


def show(
    request: Request,
    services: Services,
    saved: KeptShortlist,
    among: RelatedList,
    *,
    added: Sequence[str] = (),
    narrowed: AskForm | None = None,
    chosen: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """The page of one shortlist; `narrowed` and `chosen` are what an officer had filled in."""
    answer = saved.answer
    asked = narrowed or ask_of(answer.request, answer.lot.buyer)
    wrong = {**asked.errors, **(errors or {})}
    return page(
        request,
        "list.html",
        status=422 if wrong else 200,
        saved=saved,
        answer=answer,
        among=among,
        titles=titles(services, among),
        chart=chart_of(services.matcher, answer),
        asked=asked,
        added=[services.shortlists.why(saved.id, one) for one in dict.fromkeys(added)][:20],
        chosen=chosen or {},
        errors=wrong,
        compared=COMPARED,
        neutral=not_counted(services, answer),
        fictional=is_fictional(answer),
    )


def titles(services: Services, among: RelatedList) -> list[tuple[str, str]]:
    """(id, title of the lot) of each list of a round."""
    if len(among.ids) == 1:
        return []
    return [(one, _title(services, one)) for one in among.ids]


def _title(services: Services, id_: str) -> str:
    """The title of a kept list's lot; its id where it is kept no longer."""
    try:
        lot = services.shortlists.get(id_).answer.lot
    except Missing:
        return id_
    return lot.title or lot.description[:80]


def not_counted(services: Services, answer: Answer) -> list[tuple[str, str]]:
    """(what may not count, by which rule) in words."""
    from matcher.ranking.reason_text import SIGNAL_NAMES

    rules = {rule.id: rule.title for rule in services.matcher.rulebook.rules}
    return [
        (SIGNAL_NAMES[signal], rules.get(rule, rule)) for signal, rule in answer.neutral.items()
    ]


def is_fictional(answer: Answer) -> bool:
    """Whether the organisations of a list are invented ones."""
    sources = (source for one in answer.suggestions for source in one.sources)
    return any(FICTIONAL in said for said in (answer.lot.buyer, *sources))


@router.post("/lists/{id}/narrow")
def narrow(request: Request, id: str, form: TheForm, services: AppServices) -> Response:  # noqa: A002
    """Ask again for the same lot, of other places, sizes or kinds; that is a list of its own."""
    saved = services.shortlists.get(id)
    among = RelatedList.of(id, form.text("lots"))
    answer = saved.answer
    before = ask_of(answer.request, answer.lot.buyer)
    sent = {name: form.text(name) for name in AskForm.NAMES if name in form.data}
    boxes = {"with-neighbours": "", "fair": "", "reserve-neighbours": ""}
    asked = AskForm({**before.fields, **boxes, **sent}).checked(services.matcher.register.councils)
    if asked.errors:
        return show(request, services, saved, among, narrowed=asked)
    try:
        answered = services.shortlists.ask({"lot": _fields(answer.lot)}, asked.request())
    except BadInput as wrong:
        return show(
            request, services, saved, among, narrowed=AskForm(asked.fields, {"": str(wrong)})
        )
    for refused in answered.errors.values():
        wrong_ = {"": refused.message}
        return show(request, services, saved, among, narrowed=AskForm(asked.fields, wrong_))
    again = answered.shortlists["lot"].id
    return onward(f"/lists/{again}{among.with_(again).query}")


def _fields(lot: Lot) -> dict[str, object]:
    """A lot as the desk takes it."""
    fields: dict[str, object] = msgspec.json.decode(msgspec.json.encode(lot))
    return {name: value for name, value in fields.items() if value is not None}


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
    by_id = {one.id: one for one in saved.answer.suggestions}
    chosen = [by_id[one] for one in dict.fromkeys(provider) if one in by_id]
    return page(
        request,
        "compare.html",
        saved=saved,
        answer=saved.answer,
        among=RelatedList.of(id, lots),
        chosen=chosen[:COMPARED],
        too_many=len(chosen) > COMPARED,
        compared=COMPARED,
        reasons=_reasons(chosen[:COMPARED]),
    )


def _reasons(chosen: Sequence[Suggestion]) -> list[tuple[str, list[Any]]]:
    """For each reason that counts, what it is for each of those compared."""
    names = dict.fromkeys(r.name for one in chosen for r in one.reasons if r.counted)
    told = [{r.name: r for r in one.reasons} for one in chosen]
    return [(name, [each.get(name) for each in told]) for name in names]


@router.get("/lists/{id}/why")
def why(
    request: Request,
    id: str,  # noqa: A002
    services: AppServices,
    q: str = "",
    provider: str = "",
    lots: Lots = "",
) -> Response:
    """Why is this provider, found by its name or id, on the list, or why is it not?"""
    saved = services.shortlists.get(id)
    found = services.register.search(q.strip()[:200]) if q.strip() and not provider else []
    if len(found) == 1:
        provider = found[0].id
    answer: Explanation | None = services.shortlists.why(id, provider) if provider else None
    return page(
        request,
        "why.html",
        saved=saved,
        answer=saved.answer,
        among=RelatedList.of(id, lots),
        q=q.strip(),
        found=found,
        why=answer,
        provider=provider,
    )
