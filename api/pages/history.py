"""Past shortlists, and how often each provider was listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.http.routes.dependencies import AppServices, charge
from api.pages.drafts import REPLAY, Replays
from api.pages.forms import Form, ListedWhen
from api.pages.labels import capitalised, in_unit
from api.pages.search_form import DEFAULTS
from api.pages.templating import page, redirect
from api.records.exposure import Exposure
from api.service.results import ShortlistSummary
from api.service.services import Services
from matcher.core.formatting import pounds

router = APIRouter()

PAGE_SIZE = 20
"""How many shortlists one page shows at least; the lists of one procurement stay together."""
EXPOSURE_SIZE = 50
"""How many providers one page of the exposure shows."""
_MOST_TOGETHER = 100


@router.get("/past")
def history(
    request: Request,
    services: AppServices,
    q: str = "",
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    replay: str = "",
) -> Response:
    """The saved shortlists, newest first; `replay` is the result of running some again."""
    query = q.strip()
    again = REPLAY.get(services, replay) if replay else None
    replays = again.results if again else {}
    found = services.shortlists.recent(
        PAGE_SIZE + _MOST_TOGETHER, before=before, containing=query[:200]
    )
    shown: list[Together] = []
    for group in _together(found):
        if sum(len(each.lists) for each in shown) >= PAGE_SIZE:
            break
        shown.append(group)
    rows = [row for group in shown for row in group.lists]
    more = min(row.seq for row in rows) if len(rows) < len(found) else None
    return page(
        request,
        "history.html",
        query=query,
        before=before,
        groups=shown,
        more=more,
        replays=replays,
    )


@dataclass(frozen=True)
class Together:
    """The lists of one procurement, which were made together, in the order of its lots."""

    lists: tuple[ShortlistSummary, ...]

    @property
    def query(self) -> str:
        """The query string that names these lists."""
        return f"?lots={'.'.join(each.id for each in self.lists)}"

    @cached_property
    def asked(self) -> list[str]:
        """What was asked for all of them alike."""
        first, *others = map(_asked, self.lists)
        return [words for words in first if all(words in other for other in others)]

    def asked_alone(self, row: ShortlistSummary) -> list[str]:
        """What was asked for this one of them, and not for all."""
        return [words for words in _asked(row) if words not in self.asked]


def _asked(row: ShortlistSummary) -> list[str]:
    """What tells a list from others of the same lot, in the words of its own page."""
    request = row.request
    more = {
        f"Up to {request.limit} providers": request.limit != int(DEFAULTS["limit"]),
        "Weaker matches too": request.weak,
        "Fair share for providers with no known contract": request.fair,
        request.contract or "": request.contract,
        f"All lots together: {pounds(request.whole_value or 0)}": request.whole_value is not None,
    }
    scope = in_unit(row.scope, request.wish.within).split("; ")
    value = "" if row.value is None else pounds(row.value)
    words = [row.place, value, *scope, *(words for words, told in more.items() if told)]
    return [capitalised(each) for each in words if each]


def _together(found: Iterable[ShortlistSummary]) -> Iterator[Together]:
    """The lists, those that were made at the same moment together."""
    for _, rows in groupby(found, key=lambda row: row.at):
        yield Together(tuple(sorted(rows, key=lambda row: row.seq)))


@router.post("/past/replay")
def replay(request: Request, form: Form, services: AppServices) -> Response:
    """Run the searches of the shortlists shown again, and say which lists are the same."""
    ids = form.all("id")[: PAGE_SIZE + _MOST_TOGETHER]
    charge(request, sum(services.shortlists.get(id_).answer.limit for id_ in ids))
    results = Replays({id_: services.shortlists.replay(id_) for id_ in ids})
    kept = REPLAY.keep(services, request, results)
    fields = {"q": form.text("q"), "before": form.text("before"), "replay": kept}
    return redirect(f"/past?{urlencode({name: each for name, each in fields.items() if each})}")


@dataclass(frozen=True, slots=True)
class ProviderExposure:
    """How often one provider was listed, invited and chosen.

    `new` is true if the register holds no contract of the provider.
    """

    new: bool
    counts: Exposure


@router.get("/exposure")
def exposure(
    request: Request,
    services: AppServices,
    asked: ListedWhen,
    start: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> Response:
    """How often each provider was listed, invited and chosen, and what keeps the order fair."""
    errors, lists, register = asked.errors, asked.lists(), services.register
    counts = [] if errors else register.exposure(lists, limit=EXPOSURE_SIZE + 1, skip=start)
    rows = [_with_newness(services, exposure) for exposure in counts[:EXPOSURE_SIZE]]
    rankers = services.matcher.bundle.rankers.values()
    return page(
        request,
        "exposure.html",
        status=422 if errors else 200,
        asked=asked,
        query=urlencode({name: text for name, text in asdict(asked).items() if text}),
        rows=rows,
        start=start,
        size=EXPOSURE_SIZE,
        more=len(counts) > EXPOSURE_SIZE,
        totals=None if errors else register.exposure_totals(lists),
        fairness=next((ranker.fairness for ranker in rankers if ranker.fairness), None),
    )


def _with_newness(services: Services, counts: Exposure) -> ProviderExposure:
    register = services.matcher.register
    row = register.row(counts.provider)
    return ProviderExposure(row is not None and not len(register.won.of(row)), counts)
