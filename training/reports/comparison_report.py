"""A comparison of runs as one page: tables, pictures, and the lots that differ most.

The page is complete in itself and the same report gives the same bytes.  Whatever a run or a
file says is text, never HTML.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from training.evaluation.significance import FEWEST, LEVEL, POWER
from training.reports.html import (
    BLUE,
    GREY,
    INK,
    Row,
    figure,
    section,
    table,
    unbroken,
    whole,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Json: TypeAlias = Mapping[str, Any]

NONE = "–"
_COLOURS = (BLUE, "#b1560f", "#3d7a35", "#7a3d8f", GREY)
_MOST_SLICES = 12
_NAMED = 20
"""Lots named in a list at most; the JSON has all."""
_LETTERS = 34


def page(title: str, report: Json) -> str:
    """The whole page."""
    body = "\n".join(
        filter(
            None,
            (
                f"<h1>{escape(title)}</h1>",
                _in_short(report),
                section("runs", "The runs", *_runs(report)),
                section("quality", "How good", *_quality(report)),
                section("real", "Is the difference real?", *_real(report)),
                section("slices", "For whom?", *_slices(report)),
                section("exposure", "Who gets the attention?", *_exposure(report)),
                section("reliability", "What the probabilities are worth", *_reliability(report)),
                section("overlap", "How alike the lists are", *_overlap(report)),
                section("lots", "The lots that differ most", *_lots(report)),
                section("methods", "Methods and data", *_methods(report)),
            ),
        )
    )
    return whole(title, body)


def number(value: object, places: int = 3) -> str:
    """A number to so many places; `–` for none."""
    if not isinstance(value, int | float) or math.isnan(value):
        return NONE
    return f"{value:,.{places}f}".replace("-", "−")


def between(low: object, high: object) -> str:
    """An interval in brackets; nothing where there is none."""
    return f"[{number(low)}, {number(high)}]" if isinstance(low, int | float) else ""


def chance(p: object) -> str:
    """A p-value; never a bare 0."""
    if not isinstance(p, int | float):
        return NONE
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _cell(mean: object, low: object, high: object) -> str:
    interval = between(low, high)
    return number(mean) + (f"<br>{unbroken(interval)}" if interval else "")


def _in_short(report: Json) -> str:
    said = [
        f"<li><strong>{escape(found)}</strong>, on {', '.join(map(_by_how_much, rows))}.</li>"
        for _, pair in _by_pair(report)
        for found, rows in _by_claim(pair).items()
    ]
    said += [
        f"<li><strong>{escape(run['run'])} was {escape(run['status'])}</strong>: nothing is said "
        "of it.</li>"
        for run in report["runs"]
        if run["status"] != "ran"
    ]
    said += [
        f"<li>Attention by {escape(row['by'])}: <strong>{escape(row['run'])}</strong> "
        f"{escape(row['verdict'])}.</li>"
        for row in report["exposure"]
        if row["verdict"].startswith("fails")
    ]
    return f"<ul>{''.join(said)}</ul>" if said else ""


def _by_pair(report: Json) -> Iterator[tuple[str, list[Json]]]:
    """Each pair of runs as words, and its comparisons."""
    pairs = groupby(report["comparisons"], key=lambda row: (row["first"], row["second"]))
    return ((f"{first} against {second}", list(rows)) for (first, second), rows in pairs)


def _by_claim(rows: Sequence[Json]) -> dict[str, list[Json]]:
    """What is claimed of a pair of runs, and on which measures."""
    claims: dict[str, list[Json]] = {}
    for row in rows:
        said = row["claim"]
        if not said.endswith(row["second"]) and not said.endswith(row["first"]):
            said = f"{row['first']} and {row['second']}: {said}"
        claims.setdefault(said, []).append(row)
    return claims


def _by_how_much(row: Json) -> str:
    if row["difference"] is None or row["p"] is None:
        return escape(row["measure"])
    low, high = sorted((abs(row["low"]), abs(row["high"])))
    if row["low"] < 0 < row["high"]:
        said = f"{number(row['difference'])} {between(row['low'], row['high'])}"
    else:
        said = f"by {number(abs(row['difference']))} {between(low, high)}"
    return f"{escape(row['measure'])} ({unbroken(said)}, p {chance(row['p after Holm'])})"


def _runs(report: Json) -> list[str]:
    judged = report["qrels"] is not None
    rows = []
    notes = []
    for run in report["runs"]:
        missing = run.get("missing")
        rows.append(
            (
                escape(run["run"]),
                escape(run["file"] or "asked here"),
                escape(run["status"]),
                f"{run['lots']:,}",
                NONE if missing is None else f"{len(missing):,}",
                f"{run.get('lots left out, not judged', 0):,}" if judged else NONE,
                f"{len(run['refused']):,}",
            )
        )
        if missing:
            notes.append(
                f"<details><summary>{len(missing):,} lots of which {escape(run['run'])} has no "
                f"list; they count as zero</summary><p>{_named(missing)}</p></details>"
            )
        if run["refused"]:
            told = "".join(
                f"<li>{escape(lot)}: {escape(why)}</li>"
                for lot, why in list(run["refused"].items())[:_NAMED]
            )
            notes.append(
                f"<details><summary>Lots that {escape(run['run'])} refused</summary>"
                f"<ul>{told}</ul></details>"
            )
    head = ("run", "file", "status", "lots listed", "missing", "not judged", "refused")
    return [table("What each run is, and what it lacks", head, rows), *notes, *_judged(report)]


def _judged(report: Json) -> Iterator[str]:
    qrels = report["qrels"]
    if qrels is None:
        yield "<p>No judgements were given: nothing is said on which run is better.</p>"
        return
    none = qrels["lots without anybody relevant"]
    yield (
        f"<p>Judgements: {escape(qrels['file'])}, {qrels['lots']:,} lots, {qrels['judged']:,} "
        f"judged, {qrels['relevant']:,} relevant."
        + (f" For {len(none):,} lots nobody is relevant: all score zero there." if none else "")
        + "</p>"
    )


def _named(lots: Sequence[str]) -> str:
    more = f" and {len(lots) - _NAMED:,} more (the JSON has all)" if len(lots) > _NAMED else ""
    return escape(", ".join(lots[:_NAMED])) + more


def _quality(report: Json) -> list[str]:
    rows = [
        (
            escape(run["run"]),
            escape(measure),
            _cell(found["mean"], *found["interval"]),
            number(found["expected over ties"]),
            f"{found['lots where ties can matter']:,}",
            number(found["mean over lots answered"]),
            f"{found['judged']:.1%}",
        )
        for run in report["runs"]
        for measure, found in run.get("measures", {}).items()
    ]
    if not rows:
        return []
    return [
        table(
            "Mean over all lots judged, and bootstrap 95% interval",
            (
                *("run", "measure", "mean", "expected over ties", "lots with ties"),
                *("over lots answered", "judged"),
            ),
            rows,
        ),
        "<p class='note'>“Judged” is the share of the providers listed, as deep as the measure "
        "looks, that anybody judged; the others count as not relevant, so a low share "
        "means that the mean is too low, and a run unlike those that were judged suffers most. "
        "“Expected over ties” is the mean over every order of equal scores.</p>",
    ]


def _real(report: Json) -> list[str]:
    tables = []
    for pair, rows in _by_pair(report):
        cells = []
        for row in rows:
            cells.append(_comparison(row["measure"], row, row))
            alone = row.get("over lots that both answered")
            if alone:
                named = f"{row['measure']}, over lots that both answered"
                cells.append(_comparison(named, row, alone))
        head = (
            *("measure", "difference", "lots", "better / worse", "p", "p after Holm"),
            *("effect size", "detectable", "what may be said"),
        )
        tables.append(table(f"{pair}: the first less the second, lot by lot", head, cells))
    if not tables:
        return []
    tests = report["comparisons"][0]["tests"]
    return [
        *tables,
        f"<p class='note'>p is of a paired randomisation test, two-sided, corrected after Holm "
        f"over the {tests} tests of this page; below {LEVEL} a difference is claimed, and never on "
        f"fewer than {FEWEST} lots. The effect size is the mean difference in standard deviations "
        f"of the differences. “Detectable” is the least true difference that so many lots would "
        f"show {POWER:.0%} of the time.</p>",
    ]


def _comparison(named: str, row: Json, found: Json) -> Row:
    whole_ = found is row
    return (
        escape(named),
        _cell(found["difference"], found["low"], found["high"]),
        f"{found['lots']:,}",
        f"{found['better']:,} / {found['worse']:,}",
        unbroken(chance(found["p"])),
        unbroken(chance(row["p after Holm"])) if whole_ else "",
        number(found["effect"], 2),
        number(found["detectable"]),
        escape(row["claim"]) if whole_ else "",
    )


def _slices(report: Json) -> list[str]:
    parts = []
    for by, group in groupby(report["slices"], key=lambda row: row["by"]):
        rows = list(group)
        told = [row for row in rows if row["lots"] >= FEWEST]
        measures = list(dict.fromkeys(m for r in rows for one in r["runs"].values() for m in one))
        if not measures:
            continue
        parts.append(f"<h3>By {escape(by)}</h3>")
        if len(rows) == 1:
            parts.append(f"<p>All {rows[0]['lots']:,} lots told: {escape(rows[0]['slice'])}.</p>")
            continue
        if told:
            parts.append(_slice_picture(by, told, measures[0]))
            parts.append(_slice_table(by, told, measures[0]))
            others = "".join(_slice_table(by, told, measure) for measure in measures[1:])
            if others:
                parts.append(f"<details><summary>By other measures</summary>{others}</details>")
        if len(told) < len(rows):
            parts.append(
                f"<p class='note'>{len(rows) - len(told)} of {len(rows)} slices have fewer than "
                f"{FEWEST} lots and are not shown; the JSON has them.</p>"
            )
    return parts


def _slice_table(by: str, rows: Sequence[Json], measure: str) -> str:
    runs = list(dict.fromkeys(run for row in rows for run in row["runs"]))
    return table(
        f"{measure} by {by}: mean and 95% interval",
        ("slice", "lots", *map(escape, runs)),
        [
            (
                escape(row["slice"]),
                f"{row['lots']:,}",
                *(_cell(*row["runs"][run][measure]) for run in runs),
            )
            for row in rows
        ],
    )


def _slice_picture(by: str, rows: Sequence[Json], measure: str) -> str:
    """The largest slices, a dot and its interval for each run."""
    shown = sorted(rows, key=lambda row: -row["lots"])[:_MOST_SLICES]
    runs = list(dict.fromkeys(run for row in shown for run in row["runs"]))[: len(_COLOURS)]
    told = []

    def draw(axes: Axes) -> None:
        for at, run in enumerate(runs):
            for line, row in enumerate(shown):
                mean, low, high = row["runs"][run][measure]
                y = line + (at - (len(runs) - 1) / 2) * 0.6 / max(len(runs), 1)
                if low is not None:
                    axes.plot([low, high], [y, y], color=_COLOURS[at], linewidth=2)
                label = run[:_LETTERS] if line == 0 else None
                axes.plot([mean], [y], "o", color=_COLOURS[at], markersize=5, label=label)
        names = [f"{row['slice'][:_LETTERS]} ({row['lots']:,})" for row in shown]
        axes.set_yticks(range(len(shown)), names)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.set_xlabel(measure)
        axes.grid(axis="x", color="#d5d9dd")
        axes.figure.legend(loc="outside upper left", frameon=False)

    for row in shown:
        told += [f"{row['slice']}, {run}: {number(row['runs'][run][measure][0])}" for run in runs]
    return figure(
        f"slice-{by}",
        f"{measure} by {by}",
        "; ".join(told),
        draw,
        0.9 + 0.28 * len(runs) + 0.36 * len(shown),
        note="dots are means, lines 95% intervals, in brackets the lots",
    )


def _exposure(report: Json) -> list[str]:
    parts = []
    for by, group in groupby(report["exposure"], key=lambda row: row["by"]):
        found = list(group)
        parts.append(f"<h3>By {escape(by)}</h3>")
        if all(len(row["groups"]) < 2 for row in found):
            parts.append(f"<p>{escape(found[0]['verdict']).capitalize()}.</p>")
            continue
        parts.append(_attention(by, [row for row in found if row["groups"]]))
        parts.append(
            table(
                f"Rank fairness by {by}: 1 is the target itself",
                (
                    *("run", "AWRF of a list", "by chance", "of all lists together"),
                    *("attention to no group", "verdict"),
                ),
                [
                    (
                        escape(row["run"]),
                        _cell(*row["AWRF"]) if "AWRF" in row else NONE,
                        number(row.get("AWRF by chance")),
                        number(row.get("AWRF of all lists together")),
                        f"{row['attention to no group']:.1%}",
                        escape(row["verdict"]),
                    )
                    for row in found
                ],
            )
        )
        parts.append(_course(by, [row for row in found if "over time" in row]))
    if parts:
        parts.append(
            "<p class='note'>A place gets attention as 1 / log2(rank + 1), each list 1 in all. "
            "AWRF is 1 less the Jensen-Shannon divergence of the groups' shares from their target; "
            "“by chance” is what lists drawn by the target would reach. A run fails where a group "
            "gets less than four fifths of its target, beyond what the choice of lots explains. "
            "Attention to providers in no group is left out of the shares.</p>"
        )
    return parts


def _attention(by: str, rows: Sequence[Json]) -> str:
    if not rows:
        return ""
    groups = zip(*(row["groups"] for row in rows), strict=True)
    return table(
        f"Attention by {by}, as a multiple of the target",
        ("group", "target", *(escape(row["run"]) for row in rows)),
        [
            (
                escape(beside[0]["group"]),
                f"{beside[0]['target']:.1%}",
                *(
                    (_cell(*one["of its target"]) if one["of its target"] else NONE)
                    + ("<br><strong>short</strong>" if one["short"] else "")
                    for one in beside
                ),
            )
            for beside in groups
        ],
    )


def _course(by: str, rows: Sequence[Json]) -> str:
    if not rows:
        return ""

    def draw(axes: Axes) -> None:
        for at, row in enumerate(rows[: len(_COLOURS)]):
            points = row["over time"]
            axes.plot(*zip(*points, strict=True), color=_COLOURS[at], label=row["run"][:_LETTERS])
        axes.set_xlabel("lists issued so far")
        axes.set_ylabel("AWRF of them together")
        axes.set_ylim(top=1.01)
        axes.grid(color="#d5d9dd")
        axes.figure.legend(loc="outside upper left", frameon=False)

    said = "; ".join(f"{row['run']}: {number(row['over time'][-1][1])} at the end" for row in rows)
    return figure(f"course-{by}", f"Attention by {by} over time", said, draw, 2.8)


def _reliability(report: Json) -> list[str]:
    rows = report["reliability"]
    if not rows:
        return []

    def draw(axes: Axes) -> None:
        most = max(max(one["told"], one["relevant"]) for row in rows for one in row["bins"])
        axes.plot([0, most], [0, most], color=GREY, linestyle="--", linewidth=1)
        for at, row in enumerate(rows[: len(_COLOURS)]):
            points = [(one["told"], one["relevant"]) for one in row["bins"]]
            label = row["run"][:_LETTERS]
            axes.plot(*zip(*points, strict=True), "o-", color=_COLOURS[at], label=label)
        axes.set_xlabel("told")
        axes.set_ylabel("judged relevant")
        axes.grid(color="#d5d9dd")
        axes.figure.legend(loc="outside upper left", frameon=False, labelcolor=INK)

    said = "; ".join(f"{row['run']}: Brier score {number(row['brier'], 4)}" for row in rows)
    return [
        f"<p>{escape(said)}. Whoever was not judged counts as not relevant, so where only winners "
        "are known the curve lies too low.</p>",
        figure("reliability", "Told, and judged relevant", said, draw, 3.4),
    ]


def _overlap(report: Json) -> list[str]:
    rows = [
        (
            escape(f"{row['first']} and {row['second']}"),
            f"{row['lots']:,}",
            number(row["RBO"]),
            number(row["overlap"]),
            number(row["churn"], 1),
            number(row["moved"], 1),
            f"{row['the same first']:.0%}",
        )
        for row in report["overlap"]
    ]
    if not rows:
        return []
    depth = report["overlap"][0]["depth"]
    return [
        table(
            "Without judgements: the mean over lots",
            (
                *("runs", "lots", "RBO", f"overlap@{depth}", f"churn@{depth}"),
                *("places moved", "same first"),
            ),
            rows,
        ),
        "<p class='note'>RBO is rank-biased overlap, extrapolated, with persistence 0.9: 1 for the "
        "same list, 0 for nobody in common. Churn is how many of the first run's providers are "
        "gone from the second's list; places moved is the mean over those in both.</p>",
    ]


def _lots(report: Json) -> list[str]:
    return [_lot(found) for found in report.get("side by side", ())]


def _lot(found: Json) -> str:
    lists = list(found["lists"].items())
    deep = max((len(listed) for _, listed in lists), default=0)
    rows = [
        (str(at + 1), *(_provider(listed[at] if at < len(listed) else None) for _, listed in lists))
        for at in range(deep)
    ]
    measured = "; ".join(
        f"{run}: " + ", ".join(f"{m} {number(v)}" for m, v in values.items())
        for run, values in found["measures"].items()
    )
    named = f"{found['title']} ({found['lot']})" if found["title"] else found["lot"]
    return (
        f"<details><summary>{escape(named)}: RBO {number(found['RBO'])}, overlap "
        f"{number(found['overlap'], 2)}</summary><p class='note'>{escape(measured)}</p>"
        + table(named, ("place", *(_listing(run, listed) for run, listed in lists)), rows)
        + "</details>"
    )


def _listing(run: str, listed: Sequence[Json]) -> str:
    said = any(one["reasons"] for one in listed)
    return escape(run) + ("" if said or not listed else "<br><small>(gives no reasons)</small>")


def _provider(one: Json | None) -> str:
    if one is None:
        return NONE
    grade = one["grade"]
    mark = (
        ""
        if grade is None
        else f" <strong>({'relevant' if grade >= 1 else 'not'}, {grade})</strong>"
    )
    name = f"{escape(one['name'])}<br>" if one["name"] else ""
    why = "".join(f"<br><small>{escape(reason)}</small>" for reason in one["reasons"])
    return f"{name}<code>{escape(one['provider'])}</code>{mark}{why}"


def _methods(report: Json) -> list[str]:
    methods = report["methods"]
    libraries = ", ".join(f"{name} {version}" for name, version in methods["libraries"].items())
    facts = [
        ("measures", ", ".join(methods["measures"])),
        ("libraries", f"local-by-default {methods['product']}, {libraries}"),
        ("seed of the bootstrap and the randomisation test", str(methods["seed"])),
        *methods["about"].items(),
    ]
    return [
        table(
            "What a citation must name",
            ("what", "which"),
            [(escape(a), escape(b)) for a, b in facts],
        ),
        "<p>Measures are those of ir-measures, given the scores as the run has them. Equals: "
        "trec_eval's measures hold scores as 32-bit numbers and take equals by provider id from "
        "last to first, RR@k and Judged@k from first to last; lists shown here stand by id from "
        "last to first. A lot without a list counts as zero. Intervals are percentile bootstrap "
        "over lots, 1,000 draws.</p>",
    ]
