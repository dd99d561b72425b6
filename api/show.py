"""Answers as people read them in a terminal: tables and short sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from matcher.answers import Refusal
from matcher.build import Report
from matcher.explain import NEUTRAL
from matcher.features import NEAR
from matcher.need import category_name
from matcher.types import (
    FICTIONAL,
    Fact,
    Grade,
    Json,
    Merge,
    Organisation,
    Reason,
    Shortlist,
    Suggestion,
)

_REASONS_SHOWN = 4
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


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
    rest = one.score - sum(reason.contribution for reason in told)
    if abs(rest) >= 0.005:
        said.append(f"{rest:+.2f} in smaller reasons\n", style="dim")
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


def seen(text: str) -> str:
    """The text without what a terminal would obey: control characters, turns of direction."""
    return _UNSEEN.sub("", text)


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
