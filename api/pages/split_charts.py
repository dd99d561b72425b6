"""Small plots of a comparison of splits, drawn from figures alone; they read without colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10

from markupsafe import Markup, escape

from matcher.core.formatting import pounds
from matcher.lotting.types import ComparedSplits
from matcher.market.market import Market
from matcher.market.value_curve import ValueCurve, ValuePoint

WIDTH = 560
"""Of each drawing, in its own units."""
_ROW, _BAR = 34, 12
_LEFT, _RIGHT = 8, 44
_TITLE = 60
_CURVE = 230
_MARGIN = (54, 24, 44, 30)
"""Of the curve: left, right, bottom, top."""
_UNITS = ((1e6, "m"), (1e3, "k"))
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot as SVG, its height, and the same in words for whoever does not see it."""

    svg: Markup
    height: int
    words: str


def depth_plot(found: ComparedSplits, name: str) -> Plot:
    """For each lot of a split: how many are credible, and how many of them small and local."""
    split = found.splits[name]
    markets = [(lot.title or lot.id, found.markets[lot.market]) for lot in split.lots]
    most = max([found.terms.fewest, *(one.depth.credible.number for _, one in markets)])
    scale = (WIDTH - _LEFT - _RIGHT) / most
    height = _ROW * len(markets) + 22
    parts = [
        *_floor(found.terms.fewest, scale, height),
        *(part for at, each in enumerate(markets) for part in _bar(at, each, scale)),
    ]
    words = "; ".join(f"{_short(title)}: {_depth_words(one)}" for title, one in markets)
    return Plot(Markup("\n").join(parts), height, f"Providers for each lot. {words}.")


def _depth_words(one: Market) -> str:
    return f"{one.depth.credible.number} credible, {one.depth.small_local.number} small and local"


def _floor(fewest: int, scale: float, height: int) -> Iterator[Markup]:
    """The line under which a lot is thin."""
    x = _LEFT + fewest * scale
    yield Markup('<path class="lbd-plot__floor" d="M{:.1f} 0V{}"/>').format(x, height - 18)
    yield Markup('<text class="lbd-plot__small" x="{:.1f}" y="{}">{} providers</text>').format(
        x + 4, height - 6, fewest
    )


def _bar(at: int, lot: tuple[str, Market], scale: float) -> Iterator[Markup]:
    """A hollow bar for the credible, a full one in it for the small and local."""
    (title, one), y = lot, at * _ROW
    whole, part = one.depth.credible.number, one.depth.small_local.number
    yield Markup('<text class="lbd-plot__title" x="{}" y="{}">{}</text>').format(
        _LEFT, y + 14, escape(_short(title))
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
    """How many small local providers a lot fits as its value rises; `value` is the need's."""
    points = curve.points
    most = max(1, *(one.fits.number + one.unknown.number for one in points))
    frame = _Frame(points[0].value, points[-1].value, most)
    parts = [
        *_axes(frame, points),
        _line(frame, "perhaps", [(p.value, p.fits.number + p.unknown.number) for p in points]),
        _line(frame, "fits", [(p.value, p.fits.number) for p in points]),
        *(_dot(frame, p) for p in points),
        *_mark(frame, value),
    ]
    said = "; ".join(f"{pounds(p.value)}: {p.fits.number}" for p in points)
    words = f"Small local providers whom a lot of this value is known to fit. {said}."
    return Plot(Markup("\n").join(parts), _CURVE, words)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a value (on a scale of tenfold steps) and a number of providers lie."""

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
    for number in sorted({round(frame.most * step / _TICKS) for step in range(_TICKS + 1)}):
        _, y = frame.at(frame.least, number)
        yield Markup('<text class="lbd-plot__tick" x="{:.1f}" y="{:.1f}">{}</text>').format(
            x - 8, y + 4, number
        )
    for one in points:
        at, _ = frame.at(one.value, 0)
        yield Markup('<text class="lbd-plot__value" x="{:.1f}" y="{:.1f}">{}</text>').format(
            at, low + 16, _amount(one.value)
        )
    yield Markup('<text class="lbd-plot__small" x="{:.1f}" y="{}">{}</text>').format(
        x, _CURVE - 8, "Value of a lot (each step about twice the one before)"
    )


def _line(frame: _Frame, kind: str, points: Sequence[tuple[float, int]]) -> Markup:
    drawn = "L".join("{:.1f} {:.1f}".format(*frame.at(*point)) for point in points)
    return Markup('<path class="lbd-plot__line lbd-plot__line--{}" d="M{}"/>').format(kind, drawn)


def _dot(frame: _Frame, one: ValuePoint) -> Markup:
    x, y = frame.at(one.value, one.fits.number)
    return Markup(
        '<circle class="lbd-plot__dot" cx="{:.1f}" cy="{:.1f}" r="4"/>'
        '<text class="lbd-plot__number" x="{:.1f}" y="{:.1f}">{}</text>'
    ).format(x, y, x + 6, y - 6, one.fits.number)


def _mark(frame: _Frame, value: float | None) -> Iterator[Markup]:
    """Where the need as one contract lies, if its value is on the scale."""
    if value is not None and frame.least <= value <= frame.largest:
        x, low = frame.at(value, 0)
        yield Markup('<path class="lbd-plot__floor" d="M{:.1f} {}V{:.1f}"/>').format(x, 18, low)
        anchor = "end" if x > WIDTH * 2 / 3 else "start"
        yield Markup(
            '<text class="lbd-plot__small" text-anchor="{}" x="{:.1f}" y="12">{}</text>'
        ).format(anchor, x, f"one contract, {pounds(value)}")


def _amount(value: float) -> str:
    """An amount in few letters.

    >>> _amount(20_000.0), _amount(1_500_000.0), _amount(500.0)
    ('£20k', '£1.5m', '£500')
    """
    for unit, letter in _UNITS:
        if value >= unit:
            return f"£{value / unit:g}{letter}"
    return f"£{value:g}"
