"""What became of the providers of a list: recorded by a person, or read from an award notice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.drafts import OUTCOME, RecordForm, form_about
from api.pages.forms import Form, ListedWhen
from api.pages.shortlists import Related, RelatedLists, titles
from api.pages.templating import page, redirect
from api.service.decisions import NoticeAward, awards_of_notice
from api.service.results import (
    DecisionOutcome,
    KeptShortlist,
    ProviderOutcome,
    ProviderResult,
    RecordedOutcome,
)
from matcher.core.errors import BadInput
from matcher.core.identifiers import notice_id

router = APIRouter()

_LONGEST = {"note": 5_000, "by": 200, "role": 200, "ocid": 200}
_OCID = "ocds-"


def _ocid_in(text: str) -> str:
    """The ocid in a text such as the address of a notice, else the text.

    >>> _ocid_in("https://www.find-tender.service.gov.uk/procurement/ocds-h6vhtk-051f8d?x=1")
    'ocds-h6vhtk-051f8d'
    """
    text = text.strip()[: _LONGEST["ocid"]]
    found = re.search(r"ocds-[0-9a-z]{6}-[\w-]+", text, re.ASCII)
    return found[0] if found else text


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One provider on the form: whether it was invited, and what became of it."""

    provider: str
    name: str
    invited: bool
    won: bool
    result: str
    reason: str

    @property
    def is_first(self) -> bool:
        """Whether something is known or to be told of it; the others are folded away."""
        return bool(self.invited or self.won or self.result or self.reason)


@router.get("/lists/{id}/outcome")
def outcome(
    request: Request,
    id: str,  # noqa: A002 - as the address has it
    services: AppServices,
    related: Related,
    ocid: str = "",
    form: str = "",
) -> Response:
    """The form of the outcome; `ocid` fills in the winners that a known award notice names."""
    saved = services.shortlists.get(id)
    sent = form_about(OUTCOME, services, form, id)
    values = sent.values
    ocid = _ocid_in(ocid) or values.get("ocid", "")
    awards = awards_of_notice(services.matcher.register, ocid)
    rows = _rows(saved, awards, values)
    own = notice_id(saved.answer.lot.id)
    return page(
        request,
        "outcome.html",
        saved=saved,
        answer=saved.answer,
        related=related,
        titles=titles(services, related),
        first=[row for row in rows if row.is_first],
        others=[row for row in rows if not row.is_first],
        awards=awards,
        ocid=ocid or (own if own.startswith(_OCID) else ""),
        asked=bool(ocid),
        form=form if sent.errors else "",
        values=values,
        errors=sent.errors,
    )


def _rows(
    saved: KeptShortlist, awards: Sequence[NoticeAward], values: Mapping[str, str]
) -> list[OutcomeRow]:
    """Those invited first, then the winners, then the others on the list."""
    names = {suggestion.id: suggestion.name for suggestion in saved.answer.suggestions}
    winners = {id_: name for award in awards for id_, name in award.winners}
    last = saved.decisions[-1].decision.choices if saved.decisions else ()
    invited = {c.provider: c.name for c in last if c.outcome is not DecisionOutcome.LEFT_OUT}
    results = saved.outcomes[-1].outcome.results if saved.outcomes else ()
    before = {each.provider: each for each in results}
    known = {each.provider: each.name for each in before.values()}
    everyone = {**invited, **winners, **names, **known}
    return [
        OutcomeRow(
            provider=id_,
            name=names.get(id_) or name or id_,
            invited=id_ in invited,
            won=id_ in winners,
            result=values.get(
                f"result-{id_}",
                ProviderResult.AWARDED.value if id_ in winners else _result(before.get(id_)),
            ),
            reason=values.get(f"why-{id_}", before[id_].reason if id_ in before else ""),
        )
        for id_, name in everyone.items()
    ]


def _result(each: ProviderOutcome | None) -> str:
    return each.result.value if each else ""


@router.post("/lists/{id}/outcome")
def record(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Save the outcome.  A saved outcome is never changed, and the same one is saved once."""
    services.shortlists.get(id)
    related = RelatedLists.sent(id, form)
    fields = {
        name: (form.text(name),)
        for name in form.data
        if name in _LONGEST or name.startswith(("result-", "why-"))
    }
    values = {name: value[0] for name, value in fields.items()}
    values["by"] = services.context.sender.person or values.get("by", "")
    results = tuple(_results(values))
    errors = dict(_errors(values, results))
    if not errors:
        recorded = RecordedOutcome(
            values["by"], values["role"], results, values.get("note", ""), values.get("ocid", "")
        )
        try:
            services.shortlists.record_outcome(id, recorded)
        except BadInput as error:
            errors = {"by": str(error)}
    if errors:
        kept = OUTCOME.put(services, request, form.text("form"), RecordForm(id, fields, errors))
        return redirect(f"/lists/{id}/outcome{related.query}&form={kept}")
    if form.text("form"):
        OUTCOME.delete(services, form.text("form"))
    return redirect(f"/lists/{id}/kept{related.query}&recorded=yes")


def _results(values: Mapping[str, str]) -> Iterator[ProviderOutcome]:
    for name, value in values.items():
        if name.startswith("result-") and value in set(ProviderResult):
            id_ = name.removeprefix("result-")
            yield ProviderOutcome(id_, ProviderResult(value), values.get(f"why-{id_}", ""))


def _errors(
    values: Mapping[str, str], results: Sequence[ProviderOutcome]
) -> Iterator[tuple[str, str]]:
    """What is wrong with the form, in the order of its fields."""
    if not results:
        yield "results", "Select what became of at least one provider"
    if not values.get("by"):
        yield "by", "Enter the name of the person who records this"
    if not values.get("role"):
        yield "role", "Enter the role of the person who records this"
    for name, longest in _LONGEST.items():
        if len(values.get(name, "")) > longest:
            yield name, f"This must be {longest:,} characters or fewer"


@router.get("/outcomes")
def funnel(request: Request, services: AppServices, asked: ListedWhen) -> Response:
    """How many of the providers listed were invited, answered and were awarded a contract."""
    return page(
        request,
        "outcomes.html",
        status=422 if asked.errors else 200,
        asked=asked,
        funnel=None if asked.errors else services.register.funnel(asked.lists()),
    )
