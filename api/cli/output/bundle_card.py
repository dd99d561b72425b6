"""A bundle in the terminal: its card, its data and its quality."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from models.blend import BlendedRanker
from models.bundle import Bundle, file_of, find
from models.calibrated_ranker import CalibratedRanker
from models.trees import TreesRanker
from training.reports.formatting import brier_words, in_order, value, with_interval
from training.reports.training_report import MEASURES, SIGNALS, SLICES

_SHOWN = ("Success@10", "RR@100")


_HELD = "held back, not learned from"


def trained(bundle: Bundle, report: Mapping[str, Any], path: Path) -> RenderableType:
    """The result of a training in short: folder, data and quality."""
    data, rankers = _mapping(report.get("data")), _mapping(report.get("rankers"))
    parts = {key: _mapping(found) for key, found in rankers.items()}
    held = {key: _mapping(_mapping(found.get("held back"))) for key, found in parts.items()}
    measures = {key: _mapping(found.get("measures")) for key, found in held.items()}
    lots = {key: _mapping(found.get("lots")) for key, found in held.items()}
    where = _as_option(path)
    heading = Text(f"Bundle {bundle.name} is saved in {path}{_weight(path)}.", style="bold")
    notes = Text()
    for key in in_order(parts, SIGNALS):
        calibration = _mapping(parts[key].get("calibration"))
        if calibration:
            notes.append(f"Probabilities, {_signals(key)}: {brier_words(calibration)}.\n")
    for key in in_order(parts, SIGNALS):
        notes.append(_people(_signals(key), _mapping(parts[key].get("judged by people"))))
    for found in parts.values():
        notes.append(_entrants(_mapping(found.get("new entrants"))))
    notes.append(f"The full report, with charts: {path / 'report.html'}\n")
    notes.append(f"To use it: matcher build --register REG … --bundle {where}\n")
    notes.append(f"     then: matcher shortlist LOT --register REG --bundle {where}")
    window = _newest(report.get("windows"))
    return Group(
        heading,
        Text(_learned_from(data)),
        *([_measured(window, measures, lots, _SHOWN)] if any(measures.values()) else ()),
        notes,
    )


def _learned_from(data: Mapping[str, Any]) -> str:
    days = [value(data[key]) for key in ("awards from", "awards to") if key in data]
    counts = [
        f"{value(data[key])} {key}"
        for key in ("awards", "providers", "with a profile")
        if key in data
    ]
    if not counts:
        return "The report does not say what it learned from."
    return f"Learned from {', '.join(counts)}; awards of {' to '.join(days) or 'no known day'}."


def card(bundle: Bundle, folder: Path | None = None) -> RenderableType:
    """A bundle's card: description, data, quality and files.

    `folder` is where it was opened; without it, where a bundle of its name is.
    """
    folder = folder or find(bundle.name)
    saved = _saved(bundle, folder)
    weight = _weight(folder) if saved else ""
    rest = dict(bundle.card)
    held = _mapping(rest.pop(_HELD, None))
    parts: list[RenderableType] = [
        Text(f"Bundle {bundle.name}, version {bundle.version}{weight}", style="bold")
    ]
    parts += [Text(str(rest.pop(key))) for key in ("what", "limits") if key in rest]
    parts += [_of_card(key, found) for key, found in rest.items()]
    parts.append(_rankers(bundle))
    if held:
        sets = {key: _mapping(found) for key, found in held.items() if key != "window"}
        parts.append(_measured(_mapping(held.get("window")), sets, {}, MEASURES))
    if saved:
        parts.append(_files(folder, _mapping(saved.get("files")), str(saved.get("shares", ""))))
    return Group(*parts)


def _saved(bundle: Bundle, folder: Path) -> Mapping[str, Any]:
    """The content of bundle.json; empty where the folder does not have this bundle."""
    try:
        raw = (folder / "bundle.json").read_bytes()
    except OSError:
        return {}
    is_it = bundle.version and hashlib.sha256(raw).hexdigest().startswith(bundle.version)
    return _mapping(json.loads(raw)) if is_it else {}


def _rankers(bundle: Bundle) -> Table:
    head = ("signals", "kind", "features", "trees", "probabilities", "new entrants")
    calibrated_rankers = bundle.rankers
    rows = [
        (_signals(key), *_ranker(calibrated_rankers[key]))
        for key in in_order(calibrated_rankers, SIGNALS)
    ]
    return _texts("Rankers", head, rows)


def _ranker(calibrated: CalibratedRanker) -> tuple[str, ...]:
    ranker, fair = calibrated.ranker, calibrated.fairness
    blended = isinstance(ranker, BlendedRanker)
    trees = ranker.trees if isinstance(ranker, BlendedRanker) else ranker
    is_trees = isinstance(trees, TreesRanker)
    return (
        "trees and relevance" if blended else "trees" if is_trees else "linear",
        str(len(ranker.features)),
        f"{len(trees):,}" if isinstance(trees, TreesRanker) else "",
        "yes" if calibrated.calibration else "no",
        f"share {fair.share:.0%}, margin {fair.margin:g}" if fair else "",
    )


def _measured(
    window: Mapping[str, Any],
    measures: Mapping[str, Mapping[str, Any]],
    lots: Mapping[str, Mapping[str, Any]],
    shown: Iterable[str],
) -> Table:
    """Mean and 95% interval of the measures shown, by signal set and slice."""
    parts = [
        (key, part, _mapping(measures[key].get(part)))
        for key in in_order(measures, SIGNALS)
        for part in in_order(measures[key], SLICES)
    ]
    names = [name for name in shown if any(name in found for *_, found in parts)]
    rows = [
        (
            _signals(key),
            SLICES.get(part, part) + _how_many(lots.get(key, {}).get(part)),
            *(with_interval(found.get(name)) for name in names),
        )
        for key, part, found in parts
    ]
    when = f": {_stretch(window)}" if window else ""
    return _texts(f"Held back, not learned from{when}", ("signals", "lots", *names), rows)


def _how_many(lots: object) -> str:
    return "" if lots is None else f" ({value(lots)})"


def _of_card(key: str, found: object) -> RenderableType:
    """Another part of a card: a table where it has parts, otherwise a line."""
    title = key.replace("_", " ")
    if isinstance(found, Mapping):
        return _texts(title, ("what", "value"), [(str(k), _cell_text(v)) for k, v in found.items()])
    if isinstance(found, list) and found and all(isinstance(row, Mapping) for row in found):
        head = list(dict.fromkeys(str(k) for row in found for k in row))
        return _texts(title, head, [[_cell_text(row.get(k)) for k in head] for row in found])
    return Text(f"{title}: {_cell_text(found)}")


def _cell_text(found: object) -> str:
    """A value in words: the parts of a nested one in a row, inner ones in brackets.

    >>> _cell_text({"lots": 1370, "before that": {"lots": 416}})
    'lots 1,370; before that (lots 416)'
    """
    if isinstance(found, Mapping):
        return "; ".join(f"{key} {_inner(part)}" for key, part in found.items())
    return ", ".join(map(_inner, found)) if isinstance(found, list) else value(found)


def _inner(found: object) -> str:
    return f"({_cell_text(found)})" if isinstance(found, Mapping | list) else value(found)


def _files(folder: Path, files: Mapping[str, Any], shares: str) -> Table:
    """The files of a bundle; some may be those of the bundle called `shares`."""
    rows = [
        (name, f"{file_of(folder, name, shares).stat().st_size:,}", str(digest)[:12])
        for name, digest in files.items()
    ]
    return _texts("Files", ("file", "bytes", "sha256 begins"), rows)


def _texts(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table of plain text, left-aligned under its title; nothing in it is markup."""
    table = Table(title=Text(title), title_justify="left")
    for column in head:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _people(signals: str, found: Mapping[str, Any]) -> str:
    """What people's judgements changed in a ranker, in a sentence; '' where there were none."""
    shares = _mapping(_mapping(found.get("share of the first ten places")).get("new providers"))
    if not shares:
        return ""
    before, after = (shares[when][0] for when in ("before", "after"))
    start = f"Judged by people, {signals}: {found['lots learned from']} lots"
    change = f"new providers get {after:.0%} of the first ten places, without them {before:.0%}"
    if found.get("used"):
        return f"{start}; {change}.\n"
    return f"{start}, which were left out again: it {found['why not']}; {change}.\n"


def _entrants(new: Mapping[str, Any]) -> str:
    """The sentence on new entrants; empty where a report has none."""
    from training.learning.fairness import summary  # imports libraries that only learning needs

    try:
        return f"{summary(new)}\n"
    except (KeyError, IndexError, TypeError, ValueError):
        return ""


def _weight(folder: Path) -> str:
    """The size of a folder, as `, 1.2 MB`; empty where it is missing."""
    size = sum(path.stat().st_size for path in folder.glob("*") if path.is_file())
    if not size:
        return ""
    return f", {size / 1e6:.1f} MB" if size >= 1e6 else f", {size / 1e3:.0f} kB"


def _as_option(path: Path) -> str:
    """A folder as --bundle takes it; without a slash it would name a bundled one."""
    name = str(path)
    return shlex.quote(name if "/" in name else f"./{name}")


def _signals(key: str) -> str:
    return SIGNALS.get(key, key)


def _stretch(window: Mapping[str, Any]) -> str:
    lots = f", {value(window['lots'])} lots" if "lots" in window else ""
    return f"{value(window.get('from'))} to before {value(window.get('to before'))}{lots}"


def _newest(windows: object) -> Mapping[str, Any]:
    return _mapping(windows[-1]) if isinstance(windows, list) and windows else {}


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}
