"""Plots of a comparison of splits, as SVG that reads without colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10

from markupsafe import Markup

from matcher.core.formatting import count, pounds
from matcher.lotting.types import ComparedSplits
from matcher.market.market import Market
from matcher.market.value_curve import ValueCurve, ValuePoint

WIDTH = 560
"""The width of each plot, in SVG units."""
_ROW, _BAR = 34, 12
_LEFT, _RIGHT = 8, 72
_TITLE = 60
_CURVE = 230
_MARGIN = (54, 24, 44, 30)
"""Margins of the curve: left, right, bottom, top."""
_UNITS = ((1e6, "m"), (1e3, "k"))
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot as SVG, its height, and its content in words for screen readers."""

    svg: Markup
    height: int
    words: str


def depth_plot(comparison: ComparedSplits, name: str) -> Plot:
    """For each lot of a split: the credible providers, and those that are small and local."""
    split = comparison.splits[name]
    markets = [(lot.title or lot.id, comparison.markets[lot.market]) for lot in split.lots]
    fewest = comparison.terms.fewest
    most = max([fewest, *(market.depth.credible.number for _, market in markets)])
    scale = (WIDTH - _LEFT - _RIGHT) / most
    height = _ROW * len(markets) + 22
    parts = [
        *_floor(fewest, scale, height),
        *(part for at, (_, market) in enumerate(markets) for part in _bar(at, market, scale)),
    ]
    words = "; ".join(f"{_short(title)}: {_depth_words(market)}" for title, market in markets)
    return Plot(Markup("\n").join(parts), height, f"Providers for each lot. {words}.")


def _depth_words(market: Market) -> str:
    depth = market.depth
    return f"{depth.credible.number} credible, {depth.small_local.number} small and local"


def _floor(fewest: int, scale: float, height: int) -> Iterator[Markup]:
    """The line at the fewest providers that a lot should have."""
    x = _LEFT + fewest * scale
    yield Markup('<path class="lbd-plot__floor" d="M{:.1f} 0V{}"/>').format(x, height - 18)
    yield Markup('<text class="lbd-plot__small" x="{:.1f}" y="{}">{}</text>').format(
        x + 4, height - 6, count(fewest, "provider")
    )


def _bar(at: int, market: Market, scale: float) -> Iterator[Markup]:
    """An outlined bar for the credible providers; in it a filled one for the small and local.

    It has the number of the lot, whose title is in the table below.
    """
    y = at * _ROW
    whole, part = market.depth.credible.number, market.depth.small_local.number
    yield Markup('<text class="lbd-plot__title" x="{}" y="{}">Lot {}</text>').format(
        _LEFT, y + 14, at + 1
    )
    for kind, number in (("all", whole), ("some", part)):
        yield Markup(
            '<rect class="lbd-plot__{}" x="{}" y="{}" width="{:.1f}" height="{}"/>'
        ).format(kind, _LEFT, y + 19, number * scale, _BAR)
    yield Markup('<text class="lbd-plot__number" x="{:.1f}" y="{}">{} of {}</text>').format(
        min(_LEFT + whole * scale + 5, WIDTH - _RIGHT + 2), y + 19 + _BAR - 2, part, whole
    )


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"


def curve_plot(curve: ValueCurve, value: float | None) -> Plot:
    """How many small local providers can do a lot, by its value; `value` is the whole value."""
    points = curve.points
    most = max(1, *(point.fits.number + point.unknown.number for point in points))
    frame = _Frame(points[0].value, points[-1].value, most)
    parts = [
        *_axes(frame, points),
        _line(frame, "perhaps", [(p.value, p.fits.number + p.unknown.number) for p in points]),
        _line(frame, "fits", [(p.value, p.fits.number) for p in points]),
        *(_dot(frame, p) for p in points),
        *_mark(frame, value),
    ]
    numbers = "; ".join(f"{pounds(p.value)}: {p.fits.number}" for p in points)
    words = f"Small local providers with enough income, by the value of a lot. {numbers}."
    return Plot(Markup("\n").join(parts), _CURVE, words)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Turns a value (on a logarithmic scale) and a number of providers into a point."""

    least: float
    largest: float
    most: int

    def at(self, value: float, number: float) -> tuple[float, float]:
        left, right, bottom, top = _MARGIN
        wide = log10(self.largest) - log10(self.least) or 1.0
        share = (log10(value) - log10(self.least)) / wide
        x = left + min(max(share, 0.0), 1.0) * (WIDTH - left - right)
        return x, _CURVE - bottom - number / self.most * (_CURVE - bottom - top)


def _axes(frame: _Frame, points: Sequence[ValuePoint]) -> Iterator[Markup]:
    x, low = frame.at(frame.least, 0)
    far, high = frame.at(frame.largest, frame.most)
    yield Markup('<path class="lbd-plot__axis" d="M{:.1f} {:.1f}V{:.1f}H{:.1f}"/>').format(
        x, high, low, far
    )
    for number in range(0, frame.most + 1, -(-frame.most // _TICKS)):
        _, y = frame.at(frame.least, number)
        yield Markup('<text class="lbd-plot__tick" x="{:.1f}" y="{:.1f}">{}</text>').format(
            x - 8, y + 4, number
        )
    for point in points:
        at, _ = frame.at(point.value, 0)
        yield Markup('<text class="lbd-plot__value" x="{:.1f}" y="{:.1f}">{}</text>').format(
            at, low + 16, _amount(point.value)
        )
    yield Markup('<text class="lbd-plot__small" x="{:.1f}" y="{}">{}</text>').format(
        x, _CURVE - 8, "Value of a lot (each step about twice the one before)"
    )


def _line(frame: _Frame, kind: str, points: Sequence[tuple[float, int]]) -> Markup:
    drawn = "L".join("{:.1f} {:.1f}".format(*frame.at(*point)) for point in points)
    return Markup('<path class="lbd-plot__line lbd-plot__line--{}" d="M{}"/>').format(kind, drawn)


def _dot(frame: _Frame, point: ValuePoint) -> Markup:
    x, y = frame.at(point.value, point.fits.number)
    return Markup(
        '<circle class="lbd-plot__dot" cx="{:.1f}" cy="{:.1f}" r="4"/>'
        '<text class="lbd-plot__number" x="{:.1f}" y="{:.1f}">{}</text>'
    ).format(x, y, x + 6, y - 6, point.fits.number)


def _mark(frame: _Frame, value: float | None) -> Iterator[Markup]:
    """A line at the value of the whole contract, if it is on the scale."""
    if value is not None and frame.least <= value <= frame.largest:
        x, low = frame.at(value, 0)
        yield Markup('<path class="lbd-plot__floor" d="M{:.1f} {}V{:.1f}"/>').format(x, 18, low)
        anchor = "end" if x > WIDTH * 2 / 3 else "start"
        yield Markup(
            '<text class="lbd-plot__small" text-anchor="{}" x="{:.1f}" y="12">{}</text>'
        ).format(anchor, x, f"one contract, {pounds(value)}")


def _amount(value: float) -> str:
    """An amount in short form.

    >>> _amount(20_000.0), _amount(1_500_000.0), _amount(500.0)
    ('£20k', '£1.5m', '£500')
    """
    for unit, letter in _UNITS:
        if value >= unit:
            return f"£{value / unit:g}{letter}"
    return f"£{value:g}"
