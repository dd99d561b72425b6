"""Your place: where the council's money goes, who is here, what is siloed, and what comes up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup, escape

from api.http.routes.dependencies import AppServices
from api.pages.forms import Form
from api.pages.labels import pence, percent
from api.pages.templating import fragment, page, redirect
from matcher.core.errors import BadInput
from matcher.core.formatting import month_name
from matcher.core.types import FICTIONAL
from matcher.place.classes import PLACES, SIZES
from matcher.place.money import Spending
from matcher.place.picture import Picture

router = APIRouter()
_SHOWN = 12
"""Rows of a table that are shown before "all"."""


@router.get("/place")
def choose(
    request: Request, services: AppServices, q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Choose a place: the only one with payments is shown at once."""
    places = services.places.places()
    error = ""
    if q.strip():
        try:
            area = services.matcher.register.councils.require(q)
        except BadInput as refusal:
            error = str(refusal)
        else:
            if not area.kind.wide:
                return redirect(f"/place/{quote(area.code)}")
            error = f"{area.name} is too large: name a council or county"
    elif len(places) == 1:
        return redirect(f"/place/{quote(places[0].code)}")
    errors = {"q": error} if error else {}
    return page(
        request,
        "place_choice.html",
        status=422 if error else 200,
        places=places,
        q=q,
        errors=errors,
    )


@router.get("/place/{code}")
def show(request: Request, code: str, services: AppServices) -> Response:
    """The picture of one place."""
    found = services.places.picture(code)
    since, changed = services.places.changed(found)
    return page(
        request,
        "place.html",
        **context(found),
        kept=services.places.kept(found.code)[:_SHOWN],
        since=since,
        changed=changed,
        several=len(services.places.places()) > 1,
    )


@router.post("/place/{code}/keep")
def keep(request: Request, code: str, form: Form, services: AppServices) -> Response:
    """Keep today's picture, and show the place again."""
    services.places.keep(code)
    return redirect(f"/place/{quote(services.places.area(code).code)}")


def context(found: Picture) -> dict[str, Any]:
    """What the templates of a picture show."""
    money = found.money
    return {
        "picture": found,
        "money": money,
        "places": PLACES,
        "sizes": SIZES,
        "shown": _SHOWN,
        "first": month_name(money.first) if money.first else "",
        "last": month_name(money.last) if money.last else "",
        "total_bars": bars([money.total, *found.neighbours]) if money.by_year else None,
        "year_bars": bars(money.by_year) if money.by_year else None,
        "department_bars": bars(money.by_department[:_SHOWN]) if money.by_department else None,
        "service_bars": bars(money.by_service[:_SHOWN]) if money.by_service else None,
        "fictional": any(FICTIONAL in body for body in money.bodies),
    }


WIDTH = 640
_ROW, _BAR, _KEY = 58, 22, 30
_TITLE = 48
_SQUARE = Markup('<rect class="lbd-money lbd-money--{}" x="{}" y="3" width="18" height="16"/>')
_LEAST = 60.0
"""The least width of a part for its share to be written in it."""


@dataclass(frozen=True, slots=True)
class Bars:
    """A drawing of bars: its SVG parts, its height, and the same in words."""

    svg: Markup
    height: int
    words: str


def bars(groups: Sequence[Spending]) -> Bars:
    """A bar for each group, divided into local, near, elsewhere and unknown."""
    parts = [part for at, group in enumerate(groups) for part in _bar(at, group)]
    words = "; ".join(
        f"{group.name}: " + ", ".join(f"{place} {percent(group.shares[place])}" for place in PLACES)
        for group in groups
    )
    svg = Markup("\n").join([*_key(), *parts])
    return Bars(svg, _KEY + _ROW * len(groups), f"Where the money goes. {words}.")


def _key() -> Iterator[Markup]:
    for at, place in enumerate(PLACES):
        x = at * 158
        yield _SQUARE.format(place, x + 1)
        yield Markup('<text x="{}" y="17">{}</text>').format(x + 25, place.capitalize())


def _bar(at: int, group: Spending) -> Iterator[Markup]:
    y = _KEY + at * _ROW
    name = group.name if len(group.name) <= _TITLE else f"{group.name[: _TITLE - 1]}…"
    yield Markup('<text class="lbd-plot__title" x="0" y="{}">{}</text>').format(
        y + 20, escape(f"{name}, {pence(group.pence - group.left_out)}")
    )
    positive = {place: max(group.shares[place], 0.0) for place in PLACES}
    whole = sum(positive.values()) or 1.0
    x = 0.0
    for place in PLACES:
        width = positive[place] / whole * (WIDTH - 2)
        if width <= 0:
            continue
        yield Markup(
            '<rect class="lbd-money lbd-money--{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>'
        ).format(place, x + 1, y + 28, width, _BAR)
        if width >= _LEAST:
            yield Markup('<text class="lbd-money__share" x="{:.1f}" y="{}">{}</text>').format(
                x + 6, y + 28 + _BAR - 5, percent(group.shares[place])
            )
        x += width


_STYLES = ("govuk-frontend-6.3.0.min.css", "pages.css")


def report(found: Picture, changed: Sequence[str] = ()) -> str:
    """A picture as HTML with its style; `changed` is what changed since an earlier one."""
    folder = files("api.pages") / "static"
    style = "\n".join((folder / name).read_text(encoding="utf-8") for name in _STYLES)
    safe = Markup(style.replace("</", "<\\/"))  # noqa: S704 - our own style sheets
    return fragment("place_report.html", **context(found), changed=changed, style=safe)
