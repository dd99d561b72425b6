"""Answers as people read them in a terminal: tables and short sentences."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from api.cells import seen
from matcher.core.types import (
    FICTIONAL,
    Fact,
    Grade,
    Json,
    Merge,
    Organisation,
    Reason,
    Shortlist,
    Suggestion,
    Tally,
)
from matcher.ranking.batch import Refusal
from matcher.ranking.explain import NEUTRAL
from matcher.ranking.features.compute import NEAR
from matcher.register.analysis import category_name
from matcher.register.build.build import Report
from models.bundle import Bundle, Sieve, find
from models.trees import TreesRanker
from training.reports.training_report import (
    MEASURES,
    SIGNALS,
    SLICES,
    brier_words,
    in_order,
    value,
    with_interval,
)

_REASONS_SHOWN = 4


def shortlist(answer: Shortlist) -> RenderableType:
    """One lot's list, headed by what it is and how it came about."""
    return Group(
        _heading(answer),
        _suggestions(answer) if answer.suggestions else Text("No provider in reach matches.\n"),
        _footing(answer),
    )


def _heading(answer: Shortlist) -> RenderableType:
    lot = answer.lot
    lines = [f"[bold]{_plain(lot.title or lot.description[:80])}[/bold]"]
    about = [lot.id, *(f"CPV {code} {category_name(code)}" for code in lot.cpv[:3])]
    if lot.value is not None:
        about.append(f"£{lot.value:,.0f} {'incl. VAT' if lot.value_is_gross else ''}".strip())
    lines.append(_plain(" · ".join(about)))
    lines.append(
        f"Purpose: {answer.purpose} · place: {_plain(answer.place)} ({answer.place_source})"
    )
    lines.append(f"Asked for: {answer.scope}")
    return Panel("\n".join(lines), expand=False, border_style="cyan")


def _suggestions(answer: Shortlist) -> Table:
    table = Table(show_lines=True, expand=True)
    table.add_column("#", justify="right", width=3)
    table.add_column("Provider", ratio=3)
    table.add_column("Why", ratio=7)
    table.add_column("Score", justify="right", width=6)
    for one in answer.suggestions:
        table.add_row(str(one.rank), _who(one), _why(one), f"{one.score:.2f}")
    return table


def _who(one: Suggestion) -> Text:
    about = [one.kind, one.size if one.size != "unknown" else ""]
    if one.km is not None:
        about.append(f"{one.km:g} km")
    said = Text(one.name, style="bold")
    said.append("\n" + " · ".join(a for a in about if a), style="not bold")
    said.append(f"\n{one.id}", style="dim not bold")
    return said


def _why(one: Suggestion) -> Text:
    said = Text()
    told = _told(one.reasons)
    for reason in told:
        said.append(f"{reason.contribution:+.2f} ", style="green" if reason.contribution else "dim")
        said.append(f"{reason.words}\n")
    rest = one.score - one.base - sum(reason.contribution for reason in told)
    if abs(rest) >= 0.005:
        said.append(f"{rest:+.2f} in other reasons\n", style="dim")
    if abs(one.base) >= 0.005:
        said.append(f"{one.base:+.2f} where everyone starts\n", style="dim")
    if one.tied_with:
        said.append(f"Equal with {one.tied_with} more: a draw gave the order.\n", style="dim")
    if one.place_evidence and not any(r.name == NEAR and r.counted for r in one.reasons):
        said.append(f"Based in {one.council or one.postcode} ({_graded(one.place_evidence)})\n")
    if one.unknown:
        said.append(f"Not known: {', '.join(one.unknown)}", style="yellow")
    said.rstrip()
    return said


def _graded(evidence: str) -> str:
    good = evidence in {Grade.OPERATING_SITE.value, Grade.SERVICE_LOCATION.value}
    return evidence if good else f"{evidence}: weak evidence of operations there"


def _told(reasons: Iterable[Reason]) -> list[Reason]:
    counted = [r for r in reasons if r.counted and r.contribution]
    return counted[:_REASONS_SHOWN]


def _footing(answer: Shortlist) -> Text:
    aside = ", ".join(f"{n:,} {reason}" for reason, n in answer.set_aside.items())
    said = Text(f"{answer.considered:,} providers considered, {answer.ranked:,} compared in detail")
    if answer.unlike:
        said.append(f", {answer.unlike:,} of them too unlike to list")
    more = answer.ranked - answer.unlike - len(answer.suggestions)
    if more > 0:
        said.append(f" and {more:,} beyond the first {answer.limit} (-k lists more)")
    said.append(f"; set aside: {aside}" if aside else "")
    if answer.size_unknown:
        said.append(f"; size not known for {answer.size_unknown:,} of those considered")
    for signal, rule in answer.neutral.items():
        said.append(f"\n{NEUTRAL[signal]}: counts for nothing here ({rule})", style="yellow")
    if answer.notice_sentence:
        said.append(f"\nFor the notice: “{answer.notice_sentence}”", style="bold")
    if answer.value is not None and answer.threshold is not None:
        said.append(
            f"\nAll lots together, VAT included: at least £{answer.value:,.0f}; "
            f"threshold on {answer.on}: £{answer.threshold:,}"
        )
    return said.append("\n")


def small_print(given: Sequence[Shortlist]) -> Text:
    """What holds for the lists together: cautions, each once; rules; how to repeat them."""
    said = Text()
    for note in dict.fromkeys(note for one in given for note in one.notes):
        lots = [one.lot.id.partition("#")[2] or one.lot.id for one in given if note in one.notes]
        which = "" if len(lots) == len(given) else f" (lot {', '.join(lots)})"
        said.append(f"· {note}{which}\n", style="dim")
    if any(map(_is_fictional, given)):
        said.append("· Fictional: these organisations, buyers and contracts are invented.\n")
    ids = dict.fromkeys(rule for one in given for rule in one.rule_ids)
    if given:
        said.append(
            f"Rules: {', '.join(ids) or 'none'} · draw {given[0].seed} · "
            f"bundle {given[0].model} · register {given[0].register}",
            style="dim",
        )
    return said


def _is_fictional(answer: Shortlist) -> bool:
    sources = (source for one in answer.suggestions for source in one.sources)
    return any(FICTIONAL in said for said in (answer.lot.buyer, *sources))


def set_aside(tally: Tally, besides: Callable[[str], bool] = lambda _: False) -> Iterator[Text]:
    """What of the lots given could not be asked for, a line a reason, and why.

    Reasons that are told `besides` are left out.
    """
    for reason, count in tally.set_aside.items():
        if besides(reason):
            continue
        yield Text(f"Set aside: {count:,} {reason} ({tally.examples.get(reason, '')})")


def refusal(one: Refusal) -> RenderableType:
    """A lot without a list, and why."""
    rule = f" [{one.rule}]" if one.rule else ""
    offer = f"\nYou may ask instead for: {one.offer}" if one.offer not in one.message else ""
    return Panel(
        Text(f"{one.title or one.lot}\nRefused{rule}: {one.message}{offer}"),
        border_style="red",
        expand=False,
    )


def built(report: Report) -> RenderableType:
    """What a build read, kept and set aside, source by source."""
    table = Table(title="Sources")
    for column in ("source", "read", "kept", "set aside or noted", "how many", "for example"):
        table.add_column(column, overflow="fold")
    for tally in report.tallies:
        reasons = list(tally.set_aside.items()) or [("", 0)]
        for i, (reason, count) in enumerate(reasons):
            head = (tally.source, f"{tally.read:,}", f"{tally.kept:,}") if i == 0 else ("", "", "")
            cells = (
                *head,
                reason or "nothing",
                f"{count:,}" if count else "",
                tally.examples.get(reason, ""),
            )
            table.add_row(*map(Text, cells))
    sentence = (
        f"{report.providers:,} providers from {report.records:,} records "
        f"({report.merges:,} merges), {report.awards:,} awards; register {report.version}"
    )
    if report.changes:
        counts = ", ".join(f"{n:,} {what}" for what, n in report.changes.items())
        sentence += f"\nSince the snapshot before: {counts}."
    return Group(table, Text(sentence))


def organisation(
    one: Organisation, facts: Sequence[Fact], awards: Sequence[tuple[str, ...]]
) -> RenderableType:
    """Everything known of one provider."""
    table = Table(title=Text(one.provider.name), show_lines=False)
    for column in ("fact", "value", "source", "as of"):
        table.add_column(column, overflow="fold")
    for fact in facts:
        day = fact.source.day.isoformat() if fact.source.day else "not dated"
        table.add_row(*map(Text, (fact.name, fact.value, fact.source.name, day)))
    if not awards:
        return Group(table, Text("No past award is known."))
    past = Table(title="Past awards, newest first")
    for column in ("date", "buyer", "title", "value", "notice"):
        past.add_column(column, overflow="fold")
    for award in awards:
        past.add_row(*(Text(cell) for cell in award))
    return Group(table, past)


def merges(rows: Iterable[Merge]) -> Table:
    """Which records were taken for one organisation, and why."""
    table = Table(title="Records taken for one organisation")
    for column in ("kept", "name", "merged", "name", "why", "likeness"):
        table.add_column(column, overflow="fold")
    for one in rows:
        alike = "" if one.similarity is None else f"{one.similarity:.2f}"
        cells = (one.kept, one.kept_name, one.merged, one.merged_name, one.reason, alike)
        table.add_row(*map(Text, cells))
    return table


def rules(book: dict[str, Json]) -> RenderableType:
    """The rulebook in force: purposes, thresholds, rules with their sources."""
    return Group(
        Text(f"{book['rulebook']}, on {book['on']} (checked {book['checked']})", style="bold"),
        _rows("Purposes", book["purposes"], ("purpose", "allows", "forbids", "counts")),
        _rows(
            "Thresholds, VAT included",
            book["thresholds"],
            ("contract", "buyers", "amount", "source"),
        ),
        _rows("Rules", book["rules"], ("id", "title", "text", "source")),
        Text("Not legal advice: read a rule at its source before relying on it."),
    )


# --- bundles ---

_SHOWN = ("Success@10", "RR@100")
_HELD = "held back, not learned from"


def trained(bundle: Bundle, report: Mapping[str, Any], path: Path) -> RenderableType:
    """What a training gave, in short: where it is, what it learned from, how good it is."""
    data, rankers = _mapping(report.get("data")), _mapping(report.get("rankers"))
    told = {key: _mapping(found) for key, found in rankers.items()}
    held = {key: _mapping(_mapping(found.get("held back"))) for key, found in told.items()}
    measures = {key: _mapping(found.get("measures")) for key, found in held.items()}
    lots = {key: _mapping(found.get("lots")) for key, found in held.items()}
    where = _as_option(path)
    said = Text(f"Bundle {bundle.name} is saved in {path}{_weight(path)}.", style="bold")
    notes = Text()
    for key in in_order(told, SIGNALS):
        truth = _mapping(told[key].get("calibration"))
        if truth:
            notes.append(f"Probabilities, {_signals(key)}: {brier_words(truth)}.\n")
    for found in told.values():
        notes.append(_entrants(_mapping(found.get("new entrants"))))
    notes.append(f"All of it, with pictures: {path / 'report.html'}\n")
    notes.append(f"To use it: matcher build --register REG … --bundle {where}\n")
    notes.append(f"     then: matcher shortlist LOT --register REG --bundle {where}")
    window = _newest(report.get("windows"))
    return Group(
        said,
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
    """A bundle's card: what it is, what it learned from, how good it is, and its files.

    `folder` is where it was opened; without it, where a bundle of its name is.
    """
    folder = folder or find(bundle.name)
    saved = _saved(bundle, folder)
    weight = _weight(folder) if saved else ""
    told = dict(bundle.card)
    held = _mapping(told.pop(_HELD, None))
    parts: list[RenderableType] = [
        Text(f"Bundle {bundle.name}, version {bundle.version}{weight}", style="bold")
    ]
    parts += [Text(str(told.pop(key))) for key in ("what", "limits") if key in told]
    parts += [_of_card(key, found) for key, found in told.items()]
    parts.append(_rankers(bundle))
    if held:
        sets = {key: _mapping(found) for key, found in held.items() if key != "window"}
        parts.append(_measured(_mapping(held.get("window")), sets, {}, MEASURES))
    if saved:
        parts.append(_files(folder, _mapping(saved.get("files"))))
    return Group(*parts)


def _saved(bundle: Bundle, folder: Path) -> Mapping[str, Any]:
    """What bundle.json says; empty where the folder does not hold this very bundle."""
    try:
        raw = (folder / "bundle.json").read_bytes()
    except OSError:
        return {}
    is_it = bundle.version and hashlib.sha256(raw).hexdigest().startswith(bundle.version)
    return _mapping(json.loads(raw)) if is_it else {}


def _rankers(bundle: Bundle) -> Table:
    head = ("signals", "kind", "features", "trees", "probabilities", "new entrants")
    sieves = bundle.sieves
    rows = [(_signals(key), *_ranker(sieves[key])) for key in in_order(sieves, SIGNALS)]
    return _texts("Rankers", head, rows)


def _ranker(sieve: Sieve) -> tuple[str, ...]:
    ranker, fair = sieve.ranker, sieve.fairness
    is_trees = isinstance(ranker, TreesRanker)
    return (
        "trees" if is_trees else "linear",
        str(len(ranker.features)),
        f"{ranker.booster.num_trees():,}" if isinstance(ranker, TreesRanker) else "",
        "told" if sieve.calibration else "not told",
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
    """Any further part of a card: a table where it has parts, otherwise a line."""
    title = key.replace("_", " ")
    if isinstance(found, Mapping):
        return _texts(
            title, ("what", "value"), [(str(k), _told_value(v)) for k, v in found.items()]
        )
    if isinstance(found, list) and found and all(isinstance(row, Mapping) for row in found):
        head = list(dict.fromkeys(str(k) for row in found for k in row))
        return _texts(title, head, [[_told_value(row.get(k)) for k in head] for row in found])
    return Text(f"{title}: {_told_value(found)}")


def _told_value(found: object) -> str:
    nested = isinstance(found, Mapping | list)
    return json.dumps(found, ensure_ascii=False) if nested else value(found)


def _files(folder: Path, files: Mapping[str, Any]) -> Table:
    rows = [
        (name, f"{(folder / Path(name).name).stat().st_size:,}", str(digest)[:12])
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


def _entrants(new: Mapping[str, Any]) -> str:
    """The sentence on new entrants; empty where a report has none."""
    from training.learning.fairness import described  # brings what only learning needs

    try:
        return f"{described(new)}\n"
    except (KeyError, IndexError, TypeError, ValueError):
        return ""


def _weight(folder: Path) -> str:
    """How much a folder holds, as `, 1.2 MB`; empty where there is none."""
    size = sum(path.stat().st_size for path in folder.glob("*") if path.is_file())
    if not size:
        return ""
    return f", {size / 1e6:.1f} MB" if size >= 1e6 else f", {size / 1e3:.0f} kB"


def _as_option(path: Path) -> str:
    """A folder as --bundle takes it: a name without a slash would be one that ships."""
    told = str(path)
    return shlex.quote(told if "/" in told else f"./{told}")


def _signals(key: str) -> str:
    return SIGNALS.get(key, key)


def _stretch(window: Mapping[str, Any]) -> str:
    lots = f", {value(window['lots'])} lots" if "lots" in window else ""
    return f"{value(window.get('from'))} to before {value(window.get('to before'))}{lots}"


def _newest(windows: object) -> Mapping[str, Any]:
    return _mapping(windows[-1]) if isinstance(windows, list) and windows else {}


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _rows(title: str, rows: Json, columns: Sequence[str]) -> Table:
    table = Table(title=title, show_lines=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            table.add_row(*(_cell(row.get(column)) for column in columns))
    return table


def _cell(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"£{value:,}" if isinstance(value, int) else str(value if value is not None else "")


def _plain(text: str) -> str:
    return text.replace("[", "(").replace("]", ")")


class _Console(Console):
    """A console that writes no control character but its own."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else seen(text), style, control)


def console(*, error: bool = False) -> Console:
    """A console; wide enough to read where the output is not a terminal."""
    made = _Console(stderr=error)
    return made if made.is_terminal else _Console(stderr=error, width=120)
