"""The report of a training as a page: tables, and pictures where people would rather look.

The page is complete in itself: no script, nothing fetched, the pictures drawn into it.  The same
report gives the same bytes, in whatever order its parts come.  What a report lacks is left out.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from matcher.ranking.features.feature import REASONS
from matcher.ranking.features.registry import FEATURES
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
from training.reports.html import refuse_without_matplotlib as refuse_without_matplotlib  # noqa: PLC0414

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Found: TypeAlias = Mapping[str, Any]
"""A part of a report."""

SIGNALS = {
    "all": "All signals (market engagement)",
    "relevance": "Relevance alone (whom to invite)",
}
SLICES = {"all": "All lots", "warm": "A winner had won before", "cold": "No winner had won before"}
MEASURES = {
    "Success@1": "share of lots where the first provider listed won",
    "Success@5": "share of lots where one of the first five won",
    "Success@10": "share of lots where one of the first ten won",
    "R@100": "share of a lot's winners that are among the first hundred",
    "RR@100": "one divided by the place of the first winner (1: first, 0.5: second), 0 beyond 100",
}
NONE = "–"
_TOP = "Success@10"
_BARS, _ACROSS = 12, 58
"""bars of a picture at most, and letters on a line of it"""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DATA = ("awards", "awards from", "awards to", "providers", "with a profile")


def page(name: str, report: Found) -> str:
    """One HTML page, complete in itself.

    Raises BundleError where matplotlib, which draws the pictures, is not installed.
    """
    title = f"What bundle {name} learned, and how good it is"
    rankers = _rankers(report)
    parts = [
        f"<h1>{escape(title)}</h1>",
        _in_short(report, rankers),
        section("data", "What it learned from", *_learned_from(report, rankers)),
        section("quality", "How good it is on months it had not seen", *_quality(rankers)),
        section("features", "What it goes by", *_features(rankers)),
        section("probabilities", "What its probabilities are worth", *_calibration(rankers)),
        section("new", "New entrants", *_new_entrants(rankers)),
        section("settings", "Settings and libraries", *_settings(report)),
    ]
    return whole(title, "\n".join(filter(None, parts)))


# --- words and numbers, also for the terminal ---


def with_interval(estimate: object) -> str:
    """A mean and its 95% interval, `[mean, low, high]`, as `0.342 [0.311, 0.372]`."""
    numbers = _estimate(estimate)
    if numbers is None:
        return NONE
    mean, low, high = numbers
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def brier_words(truth: Found) -> str:
    """The Brier score of a set of probabilities, beside that of telling everyone the mean."""
    ours, mean = _number(truth.get("brier")), _number(truth.get("brier of the mean"))
    if ours is None or mean is None:
        return "no Brier score: nothing was held back to test on"
    said = f"Brier score {ours:.5f}; telling every candidate the mean gives {mean:.5f}"
    if ours >= mean:
        return f"{said}, which is {'as good' if ours == mean else 'better'}"
    return f"{said}, so the error is {1 - ours / mean:.1%} lower"


def day(iso: object) -> str:
    """`2022-07-01` as `1 July 2022`; anything else as it is."""
    told = str(iso)
    with suppress(ValueError):
        found = date.fromisoformat(told if _DAY.fullmatch(told) else "")
        return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"
    return told


def value(found: object) -> str:
    """A value of a report in words: whole numbers with commas, days, `–` for what is not known."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int):
        return f"{found:,}"
    if isinstance(found, float):
        return f"{found:g}" if math.isfinite(found) else NONE
    return NONE if found is None else day(found)


def in_order(keys: Iterable[str], known: Iterable[str]) -> list[str]:
    """The keys that are known, in that order, and then the others by name."""
    given, first = set(keys), list(known)
    return [key for key in first if key in given] + sorted(given - set(first))


def _number(found: object) -> float | None:
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        return None
    return float(found)


def _estimate(found: object) -> tuple[float, float, float] | None:
    if not isinstance(found, Sequence) or len(found) != 3:
        return None
    mean, low, high = map(_number, found)
    return None if mean is None or low is None or high is None else (mean, low, high)


def _share(found: object) -> str:
    """A share as a percentage, finer where it is small."""
    number = _number(found)
    if number is None:
        return NONE
    return f"{number:.1%}" if number >= 0.01 or number == 0 else f"{number:.2%}"


def _part(found: object, key: str) -> Found:
    """The part of a report under a key; empty where there is none."""
    part = found.get(key) if isinstance(found, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _rows(found: object, key: str) -> list[Found]:
    rows = found.get(key) if isinstance(found, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _rankers(report: Found) -> dict[str, Found]:
    """Signal set → what is told of its ranker, the sets in the usual order."""
    all_of = _part(report, "rankers")
    return {key: _part(all_of, key) for key in in_order(all_of, SIGNALS)}


def _set(key: str) -> str:
    return escape(SIGNALS.get(key, key))


# --- the parts of the page ---


def _in_short(report: Found, rankers: Mapping[str, Found]) -> str:
    said = []
    for key, found in rankers.items():
        numbers = _estimate(_part(_part(_part(found, "held back"), "measures"), "all").get(_TOP))
        if numbers:
            mean, low, high = (f"{100 * n:.0f}" for n in numbers)
            said.append(
                f"<li>{_set(key)}: for <strong>{mean} of 100</strong> lots a winner was among the "
                f"first ten providers listed (95% interval {low} to {high}).</li>"
            )
    if not said:
        return ""
    held = (_rows(report, "windows") or [{}])[-1]
    when = (
        f" of {escape(value(held.get('from')))} to before {escape(value(held.get('to before')))}"
        if held
        else ""
    )
    return (
        f'<p class="lead">Asked the lots{when} as they stood then, by rankers that had not seen '
        f"those months:</p>\n<ul>{''.join(said)}</ul>\n"
        '<p class="note">Only winners are known. Whoever could have done the work and did not win '
        "counts as a miss, so these figures count too few.</p>"
    )


def _learned_from(report: Found, rankers: Mapping[str, Found]) -> list[str]:
    data = _part(report, "data")
    facts = [(escape(key), escape(value(data[key]))) for key in in_order(data, _DATA)]
    for key, found in rankers.items():
        if "lots learned from" in found:
            lots = escape(value(found["lots learned from"]))
            facts.append((f"lots learned from: {_set(key)}", lots))
    windows = _rows(report, "windows")
    last = "held back to measure on; the rankers that are kept then learned from it too"
    rows = [
        (
            *(unbroken(value(window.get(key))) for key in ("from", "to before", "lots")),
            last if number == len(windows) else "learned from",
        )
        for number, window in enumerate(windows, 1)
    ]
    return [
        table("The data", ("what", "how much"), facts),
        table("The windows", ("from", "to before", "lots", "what for"), rows),
        "<p>Each lot was asked with only what was known on the first day of its window.</p>"
        if rows
        else "",
    ]


def _quality(rankers: Mapping[str, Found]) -> list[str]:
    told = {key: _part(found, "held back") for key, found in rankers.items()}
    names = in_order({m for held in told.values() for m in _measures_in(held)}, MEASURES)
    rows = [
        (
            f"{_set(key)}: {escape(SLICES.get(part, part).lower())}",
            escape(value(_part(held, "lots").get(part))),
            *(_on_two_lines(_part(_part(held, "measures"), part).get(m)) for m in names),
        )
        for key, held in told.items()
        for part in _slices_in(held)
    ]
    if not rows:
        return []
    meaning = "".join(
        f"<dt>{escape(m)}</dt><dd>{escape(MEASURES[m])}</dd>" for m in names if m in MEASURES
    )
    return [
        f"<p>Higher is better; all lie from 0 to 1.</p>\n<dl>{meaning}</dl>",
        table(
            "Measures on the window held back: mean and bootstrap 95% interval over lots",
            ("signals and lots", "lots", *map(escape, names)),
            rows,
        ),
        _top_ten(told),
    ]


def _on_two_lines(estimate: object) -> str:
    mean, _, between = with_interval(estimate).partition(" ")
    return f'{mean}<br><span class="n">{between}</span>' if between else mean


def _measures_in(held: Found) -> set[str]:
    measures = _part(held, "measures")
    return {str(m) for part in measures for m in _part(measures, part)}


def _slices_in(held: Found) -> list[str]:
    return in_order(_part(held, "measures"), SLICES)


def _top_ten(told: Mapping[str, Found]) -> str:
    """Success@10 of every signal set and slice, with its interval."""
    bars = []
    for key, held in told.items():
        for part in _slices_in(held):
            numbers = _estimate(_part(_part(held, "measures"), part).get(_TOP))
            if numbers:
                label = (
                    f"{SIGNALS.get(key, key).partition(' (')[0]}: {SLICES.get(part, part).lower()}"
                )
                bars.append((label, *numbers))
    if not bars:
        return ""

    def draw(axes: Axes) -> None:
        for at, (label, mean, low, high) in enumerate(bars):
            axes.plot([low, high], [at, at], color=BLUE, linewidth=2.5, solid_capstyle="butt")
            axes.plot([mean], [at], "o", color=INK, markersize=4)
            _write(axes, f"{mean:.3f}", (high, at), (4, 0), "center")
            _write(axes, label, (0, at), (2, 8), "bottom")
        axes.set_yticks([])
        axes.set_ylim(len(bars) - 0.5, -0.9)
        axes.set_xlim(0, min(1.0, 1.2 * max(high for *_, high in bars)) or 1)
        axes.set_xlabel("Success@10 (dot), 95% interval (line)")
        axes.grid(axis="x", color="#d5d9dd")

    said = "; ".join(f"{label} {with_interval(numbers)}" for label, *numbers in bars)
    return figure(
        "top-ten",
        "Lots with a winner among the first ten listed",
        said,
        draw,
        0.55 * len(bars) + 0.8,
    )


def _features(rankers: Mapping[str, Found]) -> list[str]:
    parts = []
    for key, found in rankers.items():
        gains = _gains(found)
        if gains:
            parts += [f"<h3>{_set(key)}</h3>", _gain_bars(key, gains), _gain_tables(gains)]
    if not parts:
        return []
    before = (
        "<p>The trees of a ranker split candidates by features. A feature's gain is its share of "
        "what all splits gained in learning. It says what a ranker leans on, not what causes a "
        "win, and two features that say much the same share what they gain.</p>"
    )
    return [before, *parts]


def _gains(found: Found) -> list[tuple[str, float]]:
    """Feature and its share of the gain, greatest first; those that gained nothing left out."""
    shares = ((str(name), _number(gain)) for name, gain in _part(found, "features").items())
    told = [(name, share) for name, share in shares if share]
    return sorted(told, key=lambda pair: (-pair[1], pair[0]))


def _words(feature: str) -> str:
    """What a feature tells, as the user is shown it."""
    if feature not in FEATURES:
        return feature
    words = FEATURES[feature].words.removesuffix(".")
    base = FEATURES.get(feature.removesuffix("_beside_best"))
    if words.startswith("The same, ") and base and base.name != feature:
        return f"{base.words.removesuffix('.')} ({words.removeprefix('The same, ')})"
    return words


def _reason(feature: str) -> str:
    return FEATURES[feature].reason if feature in FEATURES else "other"


def _gain_bars(key: str, gains: Sequence[tuple[str, float]]) -> str:
    shown = gains[:_BARS]
    labels = [_lines(_words(feature)) for feature, _ in shown]
    lines = max(label.count("\n") + 1 for label in labels)

    def draw(axes: Axes) -> None:
        for at, (_, gain) in enumerate(shown):
            axes.barh(at, gain, 0.36, color=BLUE)
            _write(axes, f"{gain:.1%}", (gain, at), (4, 0), "center")
            _write(axes, labels[at], (0, at - 0.18), (0, 2), "bottom")
        axes.set_ylim(len(shown) - 0.7, -0.3 - 0.45 * lines)
        axes.set_xlim(0, shown[0][1] * 1.15)
        axes.set_yticks([])
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)

    said = "; ".join(f"{_words(feature)}: {gain:.1%}" for feature, gain in shown)
    title = f"What gained most: {SIGNALS.get(key, key)}"
    height = (0.32 + 0.16 * lines) * len(shown) + 0.3
    return figure(f"gains-{key}", title, said, draw, height)


def _write(
    axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], where: str
) -> None:
    """Write at a point, shifted by so many points of type."""
    axes.annotate(text, at, shift, textcoords="offset points", va=where, color=INK)


def _lines(words: str) -> str:
    """The words on two lines at most."""
    return "\n".join(textwrap.wrap(words, _ACROSS, max_lines=2, placeholder=" …"))


def _gain_tables(gains: Sequence[tuple[str, float]]) -> str:
    rank = {reason: at for at, reason in enumerate(REASONS)}
    by_reason = sorted(gains, key=lambda pair: rank.get(_reason(pair[0]), len(rank)))
    sums = [
        (escape(reason), _share(sum(gain for _, gain in some)))
        for reason, some in groupby(by_reason, key=lambda pair: _reason(pair[0]))
    ]
    rows = [
        (f"<code>{escape(name)}</code>", escape(_words(name)), escape(_reason(name)), _share(gain))
        for name, gain in gains
    ]
    return (
        table("Gain by reason, as an officer is shown reasons", ("reason", "share of gain"), sums)
        + "<details><summary>Every feature that gained</summary>"
        + table("Every feature", ("feature", "what it tells", "reason", "share of gain"), rows)
        + "</details>"
    )


def _calibration(rankers: Mapping[str, Found]) -> list[str]:
    parts = []
    for key, found in rankers.items():
        truth = _part(found, "calibration")
        if truth:
            parts += _truth(key, truth)
    if not parts:
        return []
    limit = (
        "<p><strong>The limit of it.</strong> Only winners are known, never who bid and lost, nor "
        "who could have bid. So this tells how likely a provider is to come to win, not whether it "
        "could do the work, and it counts too few: a provider that was able and did not win in "
        "these months counts as one that was not. Each curve was learned from the lots of every "
        "second day and is tested here on the lots of the other days; the curve that is kept "
        "learned from both.</p>"
    )
    return [*parts, limit]


def _truth(key: str, truth: Found) -> list[str]:
    bins = _rows(truth, "bins")
    what = escape(str(truth.get("what") or "not told"))
    tested = escape(value(truth.get("candidates")))
    mean = _share(truth.get("mean"))
    rows = [
        (
            _share(row.get("told")),
            _share(row.get("came true")),
            escape(value(row.get("candidates"))),
        )
        for row in bins
    ]
    return [
        f"<h3>{_set(key)}</h3>",
        f"<p>The probability that a provider is one that <strong>{what}</strong>. Tested on "
        f"{tested} candidates, of whom {mean} were. {escape(brier_words(truth))}. Lower is "
        "better.</p>",
        _reliability(key, bins),
        table("Told, and came true", ("told, on average", "came true", "candidates"), rows),
    ]


def _reliability(key: str, bins: Sequence[Found]) -> str:
    """What came true against what was told; on the line the two agree."""
    points = [(_number(row.get("told")), _number(row.get("came true"))) for row in bins]
    both = [(told, true) for told, true in points if told is not None and true is not None]
    if not both:
        return ""
    ticks = (0, 0.001, 0.01, 0.1, 1)

    def draw(axes: Axes) -> None:
        axes.set_xscale("symlog", linthresh=0.001)
        axes.set_yscale("symlog", linthresh=0.001)
        axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1)
        axes.plot(*zip(*both, strict=True), "o-", color=BLUE, markersize=6)
        labels = ["0", "0.1%", "1%", "10%", "100%"]
        axes.set_xticks(ticks, labels)
        axes.set_yticks(ticks, labels)
        axes.minorticks_off()
        axes.set_xlim(-0.0002, 1.3)
        axes.set_ylim(-0.0002, 1.3)
        axes.set_xlabel("told")
        axes.set_ylabel("came true")
        axes.grid(color="#d5d9dd")

    said = "; ".join(f"told {_share(told)}, came true {_share(true)}" for told, true in both)
    title = f"Reliability: {SIGNALS.get(key, key)}"
    note = "on the dashed line what was told came true; the scales grow tenfold a step"
    return figure(f"reliability-{key}", title, said, draw, 3.6, note=note)


def _new_entrants(rankers: Mapping[str, Found]) -> list[str]:
    parts = []
    for key, found in rankers.items():
        new = _part(found, "new entrants")
        if new:
            parts += [f"<h3>{_set(key)}</h3>", *_new(new)]
    return parts


def _new(new: Found) -> list[str]:
    settings = _rows(new, "settings")
    first = settings[0] if settings else {}
    kept = _number(new.get("kept margin"))
    rows = [_margin(row, first, kept) for row in settings]
    now = _share(first.get("share of places for the new"))
    said = (
        "<p>A new entrant is a provider of which no award was known. Left to the scores alone, new "
        f"entrants hold <strong>{now}</strong> of the first ten places; of those who won "
        f"<strong>{_share(new.get('share of awards won by the new'))}</strong> were new, and of "
        f"all candidates {_share(new.get('share of candidates that are new'))}.</p>"
    )
    how = (
        "<p>To make up for it, where the new have fewer places so far than their share of awards, "
        "the next of them goes first if its score is lower by no more than the margin.</p>"
    )
    last = (
        f"<p>The bundle keeps the margin <strong>{kept:g}</strong>.</p>" if kept is not None else ""
    )
    head = ("margin", "places for the new", _TOP, "cost in Success@10", "kept")
    costs = table("What each margin gives the new, and costs", head, rows)
    return [said, how, costs, last] if rows else [said, last]


def _margin(row: Found, first: Found, kept: float | None) -> Row:
    base, ours = _estimate(first.get(_TOP)), _estimate(row.get(_TOP))
    cost = f"{base[0] - ours[0]:.3f}" if base and ours else NONE
    margin = _number(row.get("margin"))
    return (
        escape(value(row.get("margin"))),
        _share(row.get("share of places for the new")),
        unbroken(with_interval(row.get(_TOP))),
        "0.000" if cost == "-0.000" else cost.replace("-", "−"),
        "kept" if margin is not None and margin == kept else "",
    )


def _settings(report: Found) -> list[str]:
    settings = sorted(_flat(_part(report, "settings")))
    libraries = sorted(_part(report, "libraries").items())
    return [
        table("Settings", ("setting", "value"), [(escape(k), escape(v)) for k, v in settings]),
        table(
            "Libraries", ("library", "version"), [(escape(k), escape(str(v))) for k, v in libraries]
        ),
    ]


def _flat(found: Found, before: str = "") -> Iterable[tuple[str, str]]:
    for key, inner in found.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{before}{key}.")
        else:
            yield f"{before}{key}", value(inner)
