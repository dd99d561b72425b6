"""A register on the terminal: what a build read, one organisation, merges and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from matcher.core.types import Fact, Json, Merge, Organisation, Tally
from matcher.register.build.build import BuildReport


def set_aside(tally: Tally, besides: Callable[[str], bool] = lambda _: False) -> Iterator[Text]:
    """What of the lots given could not be asked for, a line a reason, and why.

    Reasons that are told `besides` are left out.
    """
    for reason, count in tally.set_aside.items():
        if besides(reason):
            continue
        yield Text(f"Set aside: {count:,} {reason} ({tally.examples.get(reason, '')})")


def built(report: BuildReport) -> RenderableType:
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
