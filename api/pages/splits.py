"""Ways to split a need, side by side: a table, small plots, and a draft of the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.lot_form import AskForm, LotForm
from api.pages.split_charts import curve_plot, depth_plot
from api.pages.templating import onward, page
from api.service.services import Services
from api.service.splits import AS_GIVEN, KeptComparison
from matcher.core.types import FICTIONAL
from matcher.lotting.types import NO_SPLIT
from matcher.market.criteria import MarketCriteria
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request as Asked

router = APIRouter()

SHOWN = 5
"""Ways that are shown in one table; the rest follow in the next."""
LISTED = 50
"""Comparisons that are listed on one page."""


def lay(services: Services, lots: Sequence[LotForm], asked: AskForm) -> Response:
    """Compare the lots of a form with one contract and with other ways, and show it.

    Raises BadInput, BadLot or NotLawful for what cannot be compared.
    """
    councils, buyer = services.matcher.register.councils, asked.get("buyer")
    given = [one.given(councils, buyer) for one in lots]
    request = Asked(wish=Filters(area=asked.get("area") or None))
    one = given[0] if len(given) == 1 else None
    splits = {} if one else {AS_GIVEN: given}
    made = services.splits.ask(one, splits, request, MarketCriteria(), suggest=True)
    return onward(f"/splits/{made.id}")


@router.get("/splits")
def past(
    request: Request,
    services: AppServices,
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
) -> Response:
    """The comparisons kept last, newest first."""
    rows = services.splits.recent(LISTED + 1, before)
    more = rows[LISTED - 1].seq if len(rows) > LISTED else None
    return page(request, "splits_past.html", rows=rows[:LISTED], more=more)


@router.get("/splits/{id}")
def show(request: Request, id: str, services: AppServices) -> Response:  # noqa: A002 - as the address has it
    """One comparison."""
    answer = services.splits.get(id)
    found, names = answer.compared, order(answer)
    ranks = {one.name: one for one in answer.suggested.options} if answer.suggested else {}
    return page(
        request,
        "splits.html",
        answer=answer,
        found=found,
        tables=[names[at : at + SHOWN] for at in range(0, len(names), SHOWN)],
        names=names,
        ranks=ranks,
        plots={name: depth_plot(found, name) for name in names},
        curve=curve_plot(found.curve, found.need.value),
        no_split=NO_SPLIT,
        fictional=FICTIONAL in found.need.buyer,
        anchor={name: f"way-{at}" for at, name in enumerate(names)},
        api=f"/v1/splits/{quote(answer.id)}",
    )


def order(answer: KeptComparison) -> list[str]:
    """The ways as ranked; without a ranking, one contract and then by name."""
    if answer.suggested:
        return [one.name for one in answer.suggested.options]
    return [NO_SPLIT, *sorted(name for name in answer.compared.splits if name != NO_SPLIT)]
