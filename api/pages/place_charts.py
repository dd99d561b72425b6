"""Bars that show where money goes, as SVG that needs no colour to be read, and prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from api.pages.labels import pence, percent
from matcher.place.classes import PLACES
from matcher.place.money import Spending

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
