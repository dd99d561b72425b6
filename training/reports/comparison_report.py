"""A comparison of runs as one HTML page: tables, charts, and the lots that differ most.

The page is complete in itself, and the same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from training.evaluation.significance import FEWEST, LEVEL, POWER
from training.reports.charts import COLOURS, GREY, GRID, INK, Chart, chart
from training.reports.formatting import between, number, p_value
from training.reports.templating import render

if TYPE_CHECKING:
    from matplotlib.axes import Axes


Json: TypeAlias = Mapping[str, Any]

_NAMED = 20
"""The most lots that are named in a list; the JSON has all."""


def page(title: str, report: Json) -> str:
    """The whole page."""
    return render(
        "comparison.html",
        title=title,
        report=report,
        claims=_claims(report),
        failed=[row for row in report["exposure"] if row["verdict"].startswith("fails")],
        pairs=_grouped(report["comparisons"], _pair),
        slices=[_slices(by, rows) for by, rows in _grouped(report["slices"], _by)],
        exposure=[_exposure(by, rows) for by, rows in _grouped(report["exposure"], _by)],
        reliability=reliability_chart(report["reliability"]) if report["reliability"] else None,
        fewest=FEWEST,
        level=LEVEL,
        power=POWER,
        named=_NAMED,
    )


def _grouped(rows: Iterable[Json], key: Callable[[Json], str]) -> list[tuple[str, list[Json]]]:
    """Neighbouring rows that share a key, under it."""
    return [(name, list(group)) for name, group in groupby(rows, key=key)]


def _by(row: Json) -> str:
    return str(row["by"])


def _pair(row: Json) -> str:
    return f"{row['first']} against {row['second']}"


def _claims(report: Json) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What may be claimed about each pair, and for which (measure, difference, p)."""
    claims: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for row in report["comparisons"]:
        claim = row["claim"]
        if not claim.endswith((row["second"], row["first"])):
            claim = f"{row['first']} and {row['second']}: {claim}"
        claims.setdefault((_pair(row), claim), []).append((row["measure"], *_difference(row)))
    return [(claim, measures) for (_, claim), measures in claims.items()]


def _difference(row: Json) -> tuple[str, str]:
    """(size of a difference with its interval, p); '' where too few lots were asked."""
    if row["difference"] is None or row["p"] is None:
        return "", ""
    if row["low"] < 0 < row["high"]:
        size = f"{number(row['difference'])} {between(row['low'], row['high'])}"
    else:
        low, high = sorted((abs(row["low"]), abs(row["high"])))
        size = f"by {number(abs(row['difference']))} {between(low, high)}"
    return size, p_value(row["p after Holm"])


def _slices(by: str, rows: Sequence[Json]) -> dict[str, Any]:
    """The slices of one kind; those of too few lots are counted, not shown."""
    shown = [row for row in rows if row["lots"] >= FEWEST]
    means = [runs for row in rows for runs in row["runs"].values()]
    measures = list(dict.fromkeys(measure for found in means for measure in found))
    drawn = bool(measures and shown and len(rows) > 1)
    return {
        "by": by,
        "rows": rows,
        "shown": shown,
        "runs": list(dict.fromkeys(run for row in shown for run in row["runs"])),
        "measures": measures,
        "chart": slice_chart(by, shown, measures[0]) if drawn else None,
    }


def _exposure(by: str, rows: Sequence[Json]) -> dict[str, Any]:
    """The attention to groups of one kind: for each group, what each run gives it."""
    grouped = [row for row in rows if row["groups"]]
    with_course = [row for row in rows if "over time" in row]
    comparable = any(len(row["groups"]) >= 2 for row in rows)
    return {
        "by": by,
        "rows": rows,
        "runs": [row["run"] for row in grouped],
        "groups": list(zip(*(row["groups"] for row in grouped), strict=True)),
        "comparable": comparable,
        "chart": attention_chart(by, with_course) if comparable and with_course else None,
    }


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
