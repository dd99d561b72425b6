"""The charts of a training: hits, gains of features, and reliability."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from training.reports.charts import BLUE, GREY, GRID, INK, Chart, annotate, chart
from training.reports.formatting import percent, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE = 58
"""Longest line of a label, in characters."""


def hits_chart(bars: Sequence[tuple[str, float, float, float]]) -> Chart:
    """Success@10 of each signal set and slice: (label, mean, low, high)."""

    def draw(axes: Axes) -> None:
        for line, (label, mean, low, high) in enumerate(bars):
            axes.plot([low, high], [line, line], color=BLUE, linewidth=2.5, solid_capstyle="butt")
            axes.plot([mean], [line], "o", color=INK, markersize=4)
            annotate(axes, f"{mean:.3f}", (high, line), (4, 0), "center")
            annotate(axes, label, (0, line), (2, 8), "bottom")
        axes.set_yticks([])
        axes.set_ylim(len(bars) - 0.5, -0.9)
        axes.set_xlim(0, min(1.0, 1.2 * max(high for *_, high in bars)) or 1)
        axes.set_xlabel("Success@10 (dot), 95% interval (line)")
        axes.grid(axis="x", color=GRID)

    words = "; ".join(f"{label} {with_interval(numbers)}" for label, *numbers in bars)
    title = "Lots with a winner among the first ten listed"
    return chart("top-ten", title, words, draw, 0.55 * len(bars) + 0.8)


def gains_chart(mark: str, title: str, gains: Sequence[tuple[str, float]]) -> Chart:
    """The gain of each feature: (what it tells, its share of the gain), greatest first."""
    labels = [_two_lines(words) for words, _ in gains]
    lines = max(label.count("\n") + 1 for label in labels)

    def draw(axes: Axes) -> None:
        for line, (_, gain) in enumerate(gains):
            axes.barh(line, gain, 0.36, color=BLUE)
            annotate(axes, f"{gain:.1%}", (gain, line), (4, 0), "center")
            annotate(axes, labels[line], (0, line - 0.18), (0, 2), "bottom")
        axes.set_ylim(len(gains) - 0.7, -0.3 - 0.45 * lines)
        axes.set_xlim(0, gains[0][1] * 1.15)
        axes.set_yticks([])
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)

    words = "; ".join(f"{words}: {gain:.1%}" for words, gain in gains)
    return chart(mark, title, words, draw, (0.32 + 0.16 * lines) * len(gains) + 0.3)


def _two_lines(words: str) -> str:
    return "\n".join(textwrap.wrap(words, _LINE, max_lines=2, placeholder=" …"))


def reliability_chart(mark: str, title: str, points: Sequence[tuple[float, float]]) -> Chart:
    """The share that came true against the probability given; equal on the dashed line."""
    ticks = (0, 0.001, 0.01, 0.1, 1)

    def draw(axes: Axes) -> None:
        axes.set_xscale("symlog", linthresh=0.001)
        axes.set_yscale("symlog", linthresh=0.001)
        axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1)
        axes.plot(*zip(*points, strict=True), "o-", color=BLUE, markersize=6)
        labels = ["0", "0.1%", "1%", "10%", "100%"]
        axes.set_xticks(ticks, labels)
        axes.set_yticks(ticks, labels)
        axes.minorticks_off()
        axes.set_xlim(-0.0002, 1.3)
        axes.set_ylim(-0.0002, 1.3)
        axes.set_xlabel("probability given")
        axes.set_ylabel("share that came true")
        axes.grid(color=GRID)

    words = "; ".join(
        f"probability {percent(given)}, came true {percent(true)}" for given, true in points
    )
    note = "on the dashed line the two are equal; each step of the scales is ten times larger"
    return chart(mark, title, words, draw, 3.6, note=note)
