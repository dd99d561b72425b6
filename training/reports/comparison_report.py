"""A comparison of runs as one HTML page: tables, charts, and the lots that differ most.

The page is complete in itself, and the same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from training.evaluation.significance import FEWEST, LEVEL, POWER
from training.reports.comparison_charts import attention_chart, reliability_chart, slice_chart
from training.reports.formatting import between, number, p_value
from training.reports.templating import render

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
