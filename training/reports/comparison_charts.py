"""The charts of a comparison of runs: slices, attention over time, and reliability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from training.reports.charts import COLOURS, GREY, GRID, INK, Chart, chart
from training.reports.formatting import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Json: TypeAlias = Mapping[str, Any]

_MOST_SLICES = 12
_LABEL = 34
"""Longest label, in characters."""


def slice_chart(by: str, slices: Sequence[Json], measure: str) -> Chart:
    """The largest slices, with a dot and its interval for each run."""
    shown = sorted(slices, key=lambda row: -row["lots"])[:_MOST_SLICES]
    runs = list(dict.fromkeys(run for row in shown for run in row["runs"]))[: len(COLOURS)]

    def draw(axes: Axes) -> None:
        for column, run in enumerate(runs):
            for line, row in enumerate(shown):
                mean, low, high = row["runs"][run][measure]
                y = line + (column - (len(runs) - 1) / 2) * 0.6 / max(len(runs), 1)
                if low is not None:
                    axes.plot([low, high], [y, y], color=COLOURS[column], linewidth=2)
                label = run[:_LABEL] if line == 0 else None
                axes.plot([mean], [y], "o", color=COLOURS[column], markersize=5, label=label)
        names = [f"{row['slice'][:_LABEL]} ({row['lots']:,})" for row in shown]
        axes.set_yticks(range(len(shown)), names)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.set_xlabel(measure)
        axes.grid(axis="x", color=GRID)
        axes.figure.legend(loc="outside upper left", frameon=False)

    return chart(
        f"slice-{by}",
        f"{measure} by {by}",
        "; ".join(
            f"{row['slice']}, {run}: {number(row['runs'][run][measure][0])}"
            for row in shown
            for run in runs
        ),
        draw,
        0.9 + 0.28 * len(runs) + 0.36 * len(shown),
        note="dots are means, lines 95% intervals; the number of lots is in brackets",
    )


def attention_chart(by: str, rows: Sequence[Json]) -> Chart:
    """How near the attention of all lists so far is to its target, over time."""

    def draw(axes: Axes) -> None:
        for row, colour in zip(rows, COLOURS, strict=False):
            axes.plot(*zip(*row["over time"], strict=True), color=colour, label=row["run"][:_LABEL])
        axes.set_xlabel("lists issued so far")
        axes.set_ylabel("AWRF of them together")
        axes.set_ylim(top=1.01)
        axes.grid(color=GRID)
        axes.figure.legend(loc="outside upper left", frameon=False)

    ends = "; ".join(f"{row['run']}: {number(row['over time'][-1][1])} at the end" for row in rows)
    return chart(f"course-{by}", f"Attention by {by} over time", ends, draw, 2.8)


def reliability_chart(rows: Sequence[Json]) -> Chart:
    """The share judged relevant against the probability given; equal on the dashed line."""

    def draw(axes: Axes) -> None:
        most = max(max(one["told"], one["relevant"]) for row in rows for one in row["bins"])
        axes.plot([0, most], [0, most], color=GREY, linestyle="--", linewidth=1)
        for row, colour in zip(rows, COLOURS, strict=False):
            points = [(one["told"], one["relevant"]) for one in row["bins"]]
            axes.plot(*zip(*points, strict=True), "o-", color=colour, label=row["run"][:_LABEL])
        axes.set_xlabel("probability given")
        axes.set_ylabel("share judged relevant")
        axes.grid(color=GRID)
        axes.figure.legend(loc="outside upper left", frameon=False, labelcolor=INK)

    scores = "; ".join(f"{row['run']}: Brier score {number(row['brier'], 4)}" for row in rows)
    return chart("reliability", "Probability given, and share judged relevant", scores, draw, 3.4)
