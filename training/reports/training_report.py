"""The report on a training as one HTML page: tables, and charts where they say more.

The page is complete in itself.  The same report gives the same bytes, whatever the order of its
parts, and parts that a report lacks are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from matcher.ranking.features.feature import REASONS
from matcher.ranking.features.registry import FEATURES
from training.reports.formatting import (
    NONE,
    brier_words,
    estimate,
    finite,
    in_order,
    percent,
    value,
    with_interval,
)
from training.reports.templating import render
from training.reports.training_charts import gains_chart, hits_chart, reliability_chart

Part: TypeAlias = Mapping[str, Any]
"""A part of a report."""
Rows: TypeAlias = list[Sequence[str]]

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
    "RR@100": "1 divided by the place of the first winner (1: first, 0.5: second), 0 beyond 100",
}
_HITS = "Success@10"
_BARS = 12
"""The most bars in a chart."""
_DATA = ("awards", "awards from", "awards to", "providers", "with a profile")


def page(name: str, report: Part) -> str:
    """One HTML page, complete in itself.

    Raises BundleError where matplotlib, which draws the charts, is not installed.
    """
    rankers = _rankers(report)
    return render(
        "training.html",
        title=f"What bundle {name} learned, and how good it is",
        hits=_hits(rankers),
        held_back=(_rows(report, "windows") or [{}])[-1],
        data=_data(report, rankers),
        windows=_windows(report),
        quality=_quality(rankers),
        features=[
            _features(key, gains) for key, found in rankers.items() if (gains := _gains(found))
        ],
        calibrations=[
            _calibration(key, part)
            for key, found in rankers.items()
            if (part := _part(found, "calibration"))
        ],
        entrants=[
            _entrants(key, part)
            for key, found in rankers.items()
            if (part := _part(found, "new entrants"))
        ],
        settings=sorted(_flat(_part(report, "settings"))),
        libraries=sorted(
            (name, str(version)) for name, version in _part(report, "libraries").items()
        ),
        value=value,
    )


# --- parts of a report, of which any may be missing ---


def _part(found: object, key: str) -> Part:
    """The part under a key; empty where there is none."""
    part = found.get(key) if isinstance(found, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _rows(found: object, key: str) -> list[Part]:
    rows = found.get(key) if isinstance(found, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _rankers(report: Part) -> dict[str, Part]:
    """Signal set → the part on its ranker, the sets in the usual order."""
    rankers = _part(report, "rankers")
    return {key: _part(rankers, key) for key in in_order(rankers, SIGNALS)}


def _held_back(found: Part) -> Part:
    return _part(found, "held back")


def _measures(held: Part, part: str) -> Part:
    return _part(_part(held, "measures"), part)


def _signals(key: str) -> str:
    return SIGNALS.get(key, key)


# --- what the page shows ---


def _hits(rankers: Mapping[str, Part]) -> Rows:
    """(signals, mean, low, high) of lots with a winner in the first ten, of 100."""
    numbers = {
        key: estimate(_measures(_held_back(found), "all").get(_HITS))
        for key, found in rankers.items()
    }
    return [
        (_signals(key), *(f"{100 * number:.0f}" for number in hits))
        for key, hits in numbers.items()
        if hits
    ]


def _data(report: Part, rankers: Mapping[str, Part]) -> Rows:
    data = _part(report, "data")
    rows: Rows = [(key, value(data[key])) for key in in_order(data, _DATA)]
    return rows + [
        (f"lots learned from: {_signals(key)}", value(found["lots learned from"]))
        for key, found in rankers.items()
        if "lots learned from" in found
    ]


def _windows(report: Part) -> Rows:
    """(from, to before, lots, what for) of each window; the last is held back."""
    windows = _rows(report, "windows")
    held_back = "held back to measure on; the final rankers then learned from it too"
    return [
        (
            *(value(window.get(key)) for key in ("from", "to before", "lots")),
            held_back if number == len(windows) else "learned from",
        )
        for number, window in enumerate(windows, 1)
    ]


def _quality(rankers: Mapping[str, Part]) -> dict[str, Any]:
    """Every measure by signal set and slice of lots, on the window held back."""
    parts = [
        (key, part, held)
        for key, found in rankers.items()
        if (held := _held_back(found)) is not None
        for part in in_order(_part(held, "measures"), SLICES)
    ]
    names = in_order({m for _, part, held in parts for m in _measures(held, part)}, MEASURES)
    bars = [
        (f"{_signals(key).partition(' (')[0]}: {_slice(part)}", *numbers)
        for key, part, held in parts
        if (numbers := estimate(_measures(held, part).get(_HITS)))
    ]
    return {
        "measures": names,
        "meanings": [(name, MEASURES[name]) for name in names if name in MEASURES],
        "rows": [
            (
                f"{_signals(key)}: {_slice(part)}",
                value(_part(held, "lots").get(part)),
                [with_interval(_measures(held, part).get(name)) for name in names],
            )
            for key, part, held in parts
        ],
        "chart": hits_chart(bars) if bars else None,
    }


def _slice(part: str) -> str:
    return SLICES.get(part, part).lower()


def _gains(found: Part) -> list[tuple[str, float]]:
    """Feature and its share of the gain, greatest first; features that gained nothing left out."""
    shares = ((str(name), finite(gain)) for name, gain in _part(found, "features").items())
    gained = [(name, share) for name, share in shares if share]
    return sorted(gained, key=lambda pair: (-pair[1], pair[0]))


def _features(key: str, gains: Sequence[tuple[str, float]]) -> dict[str, Any]:
    rank = {reason: at for at, reason in enumerate(REASONS)}
    by_reason = sorted(gains, key=lambda pair: rank.get(_reason(pair[0]), len(rank)))
    title = f"What gained most: {_signals(key)}"
    shown = [(_words(name), gain) for name, gain in gains[:_BARS]]
    return {
        "signals": _signals(key),
        "chart": gains_chart(f"gains-{key}", title, shown),
        "reasons": [
            (reason, percent(sum(gain for _, gain in some)))
            for reason, some in groupby(by_reason, key=lambda pair: _reason(pair[0]))
        ],
        "rows": [(name, _words(name), _reason(name), percent(gain)) for name, gain in gains],
    }


def _words(feature: str) -> str:
    """What a feature tells, as users are shown it."""
    if feature not in FEATURES:
        return feature
    return FEATURES[feature].words.removesuffix(".")


def _reason(feature: str) -> str:
    return FEATURES[feature].reason if feature in FEATURES else "other"


def _calibration(key: str, part: Part) -> dict[str, Any]:
    bins = _rows(part, "bins")
    points = [(finite(row.get("told")), finite(row.get("came true"))) for row in bins]
    known = [(given, true) for given, true in points if given is not None and true is not None]
    title = f"Reliability: {_signals(key)}"
    return {
        "signals": _signals(key),
        "what": part.get("what") or "(the report does not say)",
        "candidates": value(part.get("candidates")),
        "mean": percent(part.get("mean")),
        "brier": brier_words(part),
        "chart": reliability_chart(f"reliability-{key}", title, known) if known else None,
        "rows": [
            (percent(row.get("told")), percent(row.get("came true")), value(row.get("candidates")))
            for row in bins
        ],
    }


def _entrants(key: str, part: Part) -> dict[str, Any]:
    """What each margin gives to new entrants, and its cost compared with no margin."""
    settings = _rows(part, "settings")
    first = settings[0] if settings else {}
    kept = finite(part.get("kept margin"))
    return {
        "signals": _signals(key),
        "places": percent(first.get("share of places for the new")),
        "awards": percent(part.get("share of awards won by the new")),
        "candidates": percent(part.get("share of candidates that are new")),
        "kept": None if kept is None else f"{kept:g}",
        "rows": [
            (
                value(row.get("margin")),
                percent(row.get("share of places for the new")),
                with_interval(row.get(_HITS)),
                _cost(row, first),
                "kept" if kept is not None and finite(row.get("margin")) == kept else "",
            )
            for row in settings
        ],
    }


def _cost(row: Part, first: Part) -> str:
    """How much lower Success@10 is than with the first margin."""
    before, after = estimate(first.get(_HITS)), estimate(row.get(_HITS))
    cost = f"{before[0] - after[0]:.3f}" if before and after else NONE
    return "0.000" if cost == "-0.000" else cost.replace("-", "−")


def _flat(found: Part, prefix: str = "") -> Iterable[tuple[str, str]]:
    """Settings as (dotted name, value)."""
    for key, inner in found.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value(inner)
