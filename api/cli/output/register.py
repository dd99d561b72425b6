"""What a build read, one organisation, merges and rules, as tables in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.cli.output import console
from matcher.core.formatting import count, month_name, pounds, series
from matcher.core.types import Fact, Json, Merge, Organisation, Tally
from matcher.register.manifest import Manifest, PaymentTotals
from matcher.register.register import Register
from matcher.register.search import NameHit

_BODIES_NAMED = 5
"""Up to how many bodies that paid are named."""


def set_aside(tally: Tally, besides: Callable[[str], bool] = lambda _: False) -> Iterator[Text]:
    """How many lots were set aside, a line for each reason with an example.

    Reasons for which `besides` is true are left out, as they are shown elsewhere.
    """
    for reason, times in tally.set_aside.items():
        if besides(reason):
            continue
        yield Text(f"Set aside: {times:,} {reason} ({tally.examples.get(reason, '')})")


def sources(tallies: Iterable[Tally]) -> Table:
    """How much was read, kept and set aside of each source, with an example of each reason."""
    columns = ("source", "read", "kept", "set aside or noted", "how many", "example")
    table = console.table("Sources", columns)
    for tally in tallies:
        reasons = list(tally.set_aside.items()) or [("", 0)]
        for i, (reason, times) in enumerate(reasons):
            head = (tally.source, f"{tally.read:,}", f"{tally.kept:,}") if i == 0 else ("", "", "")
            cells = (
                *head,
                reason or "nothing",
                f"{times:,}" if times else "",
                tally.examples.get(reason, ""),
            )
            table.add_row(*map(Text, cells))
    return table


def built(manifest: Manifest) -> RenderableType:
    """What a build read, kept and set aside, for each source."""
    sentence = (
        f"{count(manifest.providers, 'provider')} from {count(manifest.records, 'record')} "
        f"({count(manifest.merges, 'merge')}), {count(manifest.awards, 'award')}; "
        f"register {manifest.version}"
    )
    if manifest.changes:
        counts = ", ".join(f"{n:,} {what}" for what, n in manifest.changes.items())
        sentence += f"\nSince the build before: {counts}."
    if manifest.planned:
        sentence += f"\nContracts announced and not tendered yet: {manifest.planned:,}."
    if manifest.payments:
        sentence += "\n" + payments(manifest.payments)
    return Group(sources(manifest.tallies), Text(sentence))


def payments(totals: PaymentTotals) -> str:
    """How much was paid, and how much of it to organisations of the register."""
    share = totals.joined_pence / totals.pence if totals.pence else 0.0
    few = f" ({series(totals.bodies)})" if 0 < len(totals.bodies) <= _BODIES_NAMED else ""
    sentence = (
        f"Payments: {count(len(totals.bodies), 'public body', 'public bodies')}{few} paid "
        f"{pounds(totals.pence / 100)} in {count(totals.lines, 'payment')} from "
        f"{month_name(totals.first)} to {month_name(totals.last)}. "
        f"{pounds(totals.joined_pence / 100)} ({share:.0%}) went to {totals.joined_payees:,} of "
        f"{count(totals.payees, 'payee')} that are in the register"
    )
    if totals.left_out_pence:
        sentence += f", {pounds(totals.left_out_pence / 100)} to people and redacted payees"
    if totals.ambiguous:
        names = count(totals.ambiguous, "name was", "names were")
        sentence += f". {names} not joined, because several organisations have the same name"
    return sentence + "."


def organisation(
    organisation: Organisation, facts: Sequence[Fact], awards: Sequence[tuple[str, ...]]
) -> RenderableType:
    """All that is known about one provider."""
    rows = (
        (f.name, f.value, f.source.name, f.source.day.isoformat() if f.source.day else "not dated")
        for f in facts
    )
    name = Text(organisation.provider.name)
    known = console.table(name, ("fact", "value", "source", "as of"), rows)
    others = Text("\n".join(f"{r.relation} {r.name} ({r.id})" for r in organisation.related))
    related = (Text("Related organisations, not counted as this one:", style="bold"), others)
    table = Group(known, *(related if organisation.related else ()))
    if not awards:
        return Group(table, Text("No past award is known."))
    columns = ("date", "buyer", "title", "value", "notice")
    return Group(table, console.table("Past awards, newest first", columns, awards))


def named(register: Register, hits: Sequence[NameHit]) -> RenderableType:
    """The providers that a name may mean, with what tells them apart."""
    columns = ("id", "name", "kind", "postcode", "status")
    table = console.table("Which of these do you mean?", columns)
    for hit in hits:
        row = register.row(hit.id)
        if row is not None:
            provider = register.organisations[row].provider
            postcode = provider.sites[0].postcode if provider.sites else ""
            cells = (provider.id, hit.name, provider.kind.value, postcode, provider.status.value)
            table.add_row(*map(Text, cells))
    return table


def merges(rows: Iterable[Merge], title: str = "Records merged into one organisation") -> Table:
    """Which records were merged into one organisation, and why."""
    cells = (
        (
            *(m.kept, m.kept_name, m.merged, m.merged_name, m.reason),
            "" if m.similarity is None else f"{m.similarity:.2f}",
        )
        for m in rows
    )
    return console.table(title, ("kept", "name", "merged", "name", "why", "similarity"), cells)


def rules(book: dict[str, Json]) -> RenderableType:
    """The rules in force: purposes, thresholds, and rules with their sources."""
    return Group(
        Text(f"{book['rulebook']}, on {book['on']} (checked {book['checked']})", style="bold"),
        _rows("Purposes", book["purposes"], ("purpose", "allows", "forbids", "counts")),
        _rows(
            "Thresholds, VAT included",
            book["thresholds"],
            ("contract", "buyers", "amount", "source"),
        ),
        _rows("Rules", book["rules"], ("id", "title", "text", "source")),
        Text("This is not legal advice. Read a rule at its source before you rely on it."),
    )


def _rows(title: str, rows: Json, columns: Sequence[str]) -> Table:
    table = console.table(title, columns)
    table.show_lines = True
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            table.add_row(*(_cell(row.get(column)) for column in columns))
    return table


def _cell(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"£{value:,}" if isinstance(value, int) else str(value if value is not None else "")
