"""A map of a shortlist as SVG, drawn from coordinates. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

from api.pages.labels import Unit
from api.service.results import Answer
from matcher.geo.boundaries import MapWindow, Outline, outline
from matcher.geo.geocoding import Spot
from matcher.geo.postcodes import PostcodePlacement
from matcher.law.types import Signal
from matcher.ranking.matcher import Matcher
from matcher.ranking.shortlist import Suggestion
from matcher.ranking.sites import in_usual_order

Places: TypeAlias = npt.NDArray[np.float64]

WIDTH, HEIGHT = 560, 400
"""The size of the map, in SVG units."""
_CELLS = 160
_MARGIN = 0.12
_WIDTHS = (10e3, 20e3, 40e3, 80e3, 160e3, 320e3, 640e3)
"""metres across: one of these, so that maps can be compared"""
_RADIUS = 11.0
_APART = 2 * _RADIUS + 1
_ROUNDS = 500
_HEAD = 20.0
_TOUCHING = 0.5
_ASKEW = np.array([1.0, 0.6])
_LETTER = 9.0
_CLEAR = 20.0
_STEPS = (0, 26, -26, 52, -52, 78, -78)
_BARS = (1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Pin:
    """A provider on the map: its place (x, y), and `at`, where its number is written."""

    rank: int
    name: str
    x: float
    y: float
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class ShortlistMap:
    """A map as SVG, its content in words for screen readers, and who is not on it."""

    svg: Markup
    words: str
    unplaced: tuple[str, ...]


def map_of(matcher: Matcher, answer: Answer) -> ShortlistMap | None:
    """The map of a shortlist; None if places may not be shown or none is known."""
    if Signal.PLACE.value in answer.neutral:
        return None
    spot = matcher.place(answer.lot).spot
    located = [
        (provider, point) for provider in answer.suggestions if (point := _point(matcher, provider))
    ]
    if spot is None or not located:
        return None
    points = [(spot.east, spot.north), *(point for _, point in located)]
    window = _window(points)
    ground = outline(matcher.register.postcodes, window, _CELLS)
    pins = _pins(located, spot, window)
    placed = {provider.id for provider, _ in located}
    return ShortlistMap(
        svg=_svg(matcher, answer, spot, window, ground, pins),
        words=_words(answer, [provider for provider, _ in located]),
        unplaced=tuple(
            provider.name for provider in answer.suggestions if provider.id not in placed
        ),
    )


def _point(matcher: Matcher, provider: Suggestion) -> tuple[float, float] | None:
    found = matcher.register.postcodes.find(provider.postcode) if provider.postcode else None
    known = found is not None and found.how in {PostcodePlacement.EXACT, PostcodePlacement.OUTCODE}
    return (found.east, found.north) if found and known else None


def _words(answer: Answer, located: Sequence[Suggestion]) -> str:
    unit = Unit.of(answer.request.wish.within)
    distances = sorted(provider.km for provider in located if provider.km is not None)
    span = (
        f" The nearest is {unit.distance(distances[0])} away in a straight line and the farthest"
        f" {unit.distance(distances[-1])}."
        if distances
        else ""
    )
    return (
        f"Map of {len(located)} suggested providers around the place of the lot, "
        f"{answer.place}.{span}"
    )


def _least_width(width: float) -> float:
    """The least of the widths that maps have; lists of near places have maps of one scale."""
    return next((each for each in _WIDTHS if each >= width), width)


def _window(points: Sequence[tuple[float, float]]) -> MapWindow:
    """A window around all points, in the proportions of the map."""
    east, north = zip(*points, strict=True)
    width = (max(east) - min(east)) * (1 + 2 * _MARGIN)
    height = (max(north) - min(north)) * (1 + 2 * _MARGIN)
    width = _least_width(max(width, height * WIDTH / HEIGHT))
    height = width * HEIGHT / WIDTH
    middle = (max(east) + min(east)) / 2, (max(north) + min(north)) / 2
    return MapWindow(middle[0] - width / 2, middle[1] - height / 2, width, height)


def _drawn(window: MapWindow, east: float, north: float) -> tuple[float, float]:
    scale = WIDTH / window.width
    return (east - window.east) * scale, HEIGHT - (north - window.north) * scale


def _pins(
    located: Sequence[tuple[Suggestion, tuple[float, float]]], spot: Spot, window: MapWindow
) -> list[Pin]:
    """Pins whose numbers overlap neither each other nor the marker of the lot."""
    true = [_drawn(window, *point) for _, point in located]
    x, y = _drawn(window, spot.east, spot.north)
    at = _apart(np.array(true), np.array([x, y - _HEAD]))
    return [
        Pin(provider.rank, provider.name, x, y, _inside(*moved))
        for (provider, _), (x, y), moved in zip(located, true, at.tolist(), strict=True)
    ]


def _apart(at: Places, mark: Places) -> Places:
    """The points (n, 2), moved so that none overlaps another or the mark (2,)."""
    at = np.vstack([mark, at + 0.01 * np.arange(1, len(at) + 1)[:, None] * _ASKEW])
    for _ in range(_ROUNDS):
        gap = at[:, None] - at[None]
        distance = np.hypot(gap[..., 0], gap[..., 1])
        close = np.clip(_APART - distance, 0, None)
        np.fill_diagonal(close, 0)
        if not close.max() > _TOUCHING:
            break
        push = (gap / np.maximum(distance, 1e-9)[..., None] * close[..., None]).sum(axis=1)
        at = at + push / np.maximum((close > 0).sum(axis=1), 1)[:, None]
        at[0] = mark
    return at[1:]


def _inside(x: float, y: float) -> tuple[float, float]:
    return (
        min(max(x, _RADIUS + 2), WIDTH - _RADIUS - 2),
        min(max(y, _RADIUS + 2), HEIGHT - _RADIUS - 2),
    )


# --- drawing -----------------------------------------------------------------------------------


def _svg(
    matcher: Matcher,
    answer: Answer,
    spot: Spot,
    window: MapWindow,
    ground: Outline,
    pins: Sequence[Pin],
) -> Markup:
    parts = [
        *_land(ground),
        *_names(matcher, ground, pins),
        *_circle(answer, spot, window),
        *_lot(spot, window),
        *(part for pin in reversed(pins) for part in _pin(pin)),
        *_bar(window, Unit.of(answer.request.wish.within)),
    ]
    return Markup("\n").join(parts)


def _land(ground: Outline) -> Iterator[Markup]:
    side = WIDTH / _CELLS
    drawn = "".join(
        f"M{x * side:g} {HEIGHT - (y + 0.5) * side:g}h{n * side:g}" for x, y, n in ground.homes
    )
    yield Markup('<path class="lbd-map__homes" stroke-width="{}" d="{}"/>').format(
        f"{side + 0.3:g}", drawn
    )
    pieces = "".join(
        f"M{a * side:g} {HEIGHT - b * side:g}L{c * side:g} {HEIGHT - d * side:g}"
        for a, b, c, d in ground.borders
    )
    yield Markup('<path class="lbd-map__border" d="{}"/>').format(pieces)


def _names(matcher: Matcher, ground: Outline, pins: Sequence[Pin]) -> Iterator[Markup]:
    """The names of the councils, each where it and the pins leave one another clear, else none."""
    side = WIDTH / _CELLS
    taken = [place for pin in pins for place in (pin.at, (pin.x, pin.y))]
    for code, x, y in ground.names:
        area = matcher.register.councils.find(code)
        if area:
            name = in_usual_order(area.name)
            half = len(name) * _LETTER / 2
            middle = min(max(x * side, half), WIDTH - half), HEIGHT - y * side
            at = _free(middle, half, taken)
            if at is None:
                continue
            taken += [(at[0] - half / 2, at[1]), (at[0] + half / 2, at[1])]
            yield Markup('<text class="lbd-map__council" x="{:.0f}" y="{:.0f}">{}</text>').format(
                *at, name
            )


def _free(
    middle: tuple[float, float], half: float, taken: Sequence[tuple[float, float]]
) -> tuple[float, float] | None:
    """A place near `middle` where a name of this half width hides nothing; None without one."""
    for step in _STEPS:
        x, y = middle[0], middle[1] + step
        hidden = any(abs(px - x) < half + _RADIUS and abs(py - y + 5) < _CLEAR for px, py in taken)
        if not hidden and _CLEAR < y < HEIGHT - _CLEAR:
            return x, y
    return None


def _circle(answer: Answer, spot: Spot, window: MapWindow) -> Iterator[Markup]:
    """A circle at the distance of the search, if it has one."""
    km = answer.scope.partition("within ")[2].partition(" km")[0]
    if km.replace(".", "").isdecimal():
        x, y = _drawn(window, spot.east, spot.north)
        radius = float(km) * 1000 * WIDTH / window.width
        yield Markup('<circle class="lbd-map__reach" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>').format(
            x, y, radius
        )


def _lot(spot: Spot, window: MapWindow) -> Iterator[Markup]:
    x, y = _drawn(window, spot.east, spot.north)
    yield Markup(
        '<path class="lbd-map__lot" d="M{:.1f} {:.1f}l9 -22a9.5 9.5 0 1 0 -18 0z"/>'
        '<circle class="lbd-map__hole" cx="{:.1f}" cy="{:.1f}" r="3.5"/>'
    ).format(x, y, x, y - 25)


def _pin(pin: Pin) -> Iterator[Markup]:
    x, y = pin.at
    if hypot(x - pin.x, y - pin.y) > _RADIUS / 2:
        yield Markup(
            '<path class="lbd-map__lead" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>'
            '<circle class="lbd-map__dot" cx="{:.1f}" cy="{:.1f}" r="3"/>'
        ).format(pin.x, pin.y, x, y, pin.x, pin.y)
    yield Markup(
        '<g><title>{}. {}</title><circle class="lbd-map__pin" cx="{:.1f}" cy="{:.1f}" r="{:g}"/>'
        '<text class="lbd-map__number" x="{:.1f}" y="{:.1f}">{}</text></g>'
    ).format(pin.rank, escape(pin.name), x, y, _RADIUS, x, y + 4.3, pin.rank)


def _bar(window: MapWindow, unit: Unit) -> Iterator[Markup]:
    """A scale bar of whole miles or kilometres, at most a quarter of the width."""
    scale = WIDTH / window.width * unit.metres
    number = next((each for each in reversed(_BARS) if each * scale <= WIDTH / 4), 1)
    x, y, length = 16, HEIGHT - 16, number * scale
    yield Markup(
        '<path class="lbd-map__bar" d="M{} {}v6h{:.1f}v-6"/>'
        '<text class="lbd-map__scale" x="{:.1f}" y="{}">{}</text>'
    ).format(x, y - 6, length, x + length + 8, y + 2, unit.named(number))
