"""The picture of a place as tables in a terminal, and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.cells import safe
from api.cli.output.console import short
from api.cli.output.console import table as table_of
from matcher.core.formatting import count, long_date, month_name, pounds
from matcher.place.classes import PLACES, SIZES
from matcher.place.money import Spending
from matcher.place.picture import Picture
from matcher.place.together import SharedNeed
from matcher.place.upcoming import Upcoming

_ROWS = 12


def shown(found: Picture, changed: Sequence[str] = ()) -> RenderableType:
    """The picture: money, who is here, what is siloed, and what comes up."""
    parts: list[RenderableType] = [Text(f"{found.name} on {long_date(found.on)}", style="bold")]
    parts += [Text(line) for line in (*found.notes, *changed)]
    money = found.money
    if money.by_year:
        span = f"{month_name(money.first)} to {month_name(money.last)}"
        parts.append(Text(f"{_pounds(money.total.pence)} by {', '.join(money.bodies)}, {span}."))
        parts.append(_money("Where the money goes", [money.total, *found.neighbours]))
        parts.append(_money("By year", money.by_year))
        parts += [
            _money(title, groups[:_ROWS])
            for title, groups in (
                ("By department", money.by_department),
                ("By service", money.by_service),
            )
            if groups
        ]
    here = found.here
    parts.append(
        Text(
            f"{count(here.organisations, 'organisation has', 'organisations have')} an address "
            f"here: {here.vcse:,} VCSE, "
            f"{here.small:,} known to be micro, small or medium, {here.size_unknown:,} of unknown "
            f"size, {here.with_work:,} with public work."
        )
    )
    parts += _services(found)
    parts += _upcoming(found)
    return Group(*parts)


def _pounds(pence: int) -> str:
    return pounds(round(pence / 100))


def _money(title: str, groups: Sequence[Spending]) -> Table:
    table = table_of(title, ("", "spent", *PLACES, "VCSE", "HHI"))
    for group in groups:
        table.add_row(
            Text(group.name),
            _pounds(group.pence),
            *(f"{group.shares[place]:.0%}" for place in PLACES),
            f"{group.size_shares['VCSE']:.0%}",
            "" if group.hhi is None else f"{group.hhi:,.0f}",
        )
    return table


def _services(found: Picture) -> Iterator[RenderableType]:
    if not found.services:
        return
    columns = ("service", "spent", "providers", "VCSE", "small", "with public work", "such as")
    table = table_of("Local providers by service", columns)
    for one in found.services[:_ROWS]:
        names = ", ".join(known.name for known in one.shown[:3])
        counts = (one.providers, one.vcse, one.small, one.with_work)
        table.add_row(Text(one.name), _pounds(one.pence), *map(str, counts), Text(names))
    yield table
    for title, services in (
        ("Thin, with fewer than three local providers", found.thin),
        ("Bought elsewhere, though three or more are here", found.elsewhere),
    ):
        if services:
            yield Text(f"{title}: {'; '.join(one.name for one in services)}.")


def _upcoming(found: Picture) -> Iterator[RenderableType]:
    for title, needs in (
        ("The same need, bought apart", found.together),
        ("The same kind of service, bought in different words", found.kinds),
    ):
        if needs:
            yield _needs(title, needs)
    if found.upcoming:
        title = "Contracts that end or are announced for the next 24 months"
        columns = ("when", "contract", "value", "held by", "local providers", "market")
        table = table_of(title, columns)
        for one in found.upcoming:
            table.add_row(
                _when(one),
                Text(short(one.title)),
                "not known" if one.value is None else pounds(one.value),
                Text(", ".join(known.name for known in one.holders)),
                str(one.providers),
                Text(_market(one)),
            )
        yield table


def _needs(title: str, needs: Sequence[SharedNeed]) -> Table:
    def buyers(need: SharedNeed) -> str:
        return "; ".join(
            ", ".join(filter(None, (s.council, s.department))) for s in need.shares[:4]
        )

    rows = ((need.name, _pounds(need.pence), buyers(need)) for need in needs)
    return table_of(title, ("need", "spent", "bought by"), rows)


def _when(one: Upcoming) -> str:
    """When something is to be done, and why."""
    if not one.notice:
        return f"ends {one.ends}"
    if one.tender:
        return f"tender {one.tender} ({one.notice})"
    return f"starts {one.starts} ({one.notice})" if one.starts else f"announced ({one.notice})"


def _market(one: Upcoming) -> str:
    reading = one.reading
    if reading is None:
        return "read with --markets"
    return (
        f"{reading.small_local} small and local of {reading.credible} credible; "
        f"{reading.proposal or 'no split proposed'}"
    )


def as_csv(found: Picture, out: TextIO) -> None:
    """Write one line for each group, place and size, in pence."""
    writer = csv.writer(out)
    writer.writerow(("by", "group", "place", "size", "pence"))
    money = found.money
    for by, groups in (
        ("all", (money.total,)),
        ("year", money.by_year),
        ("department", money.by_department),
        ("service", money.by_service),
    ):
        for group in groups:
            for place in PLACES:
                for size in SIZES:
                    if group.by[place][size]:
                        row = (by, group.name, place, size, group.by[place][size])
                        writer.writerow(safe(row))
            if group.left_out:
                writer.writerow(safe((by, group.name, "left out", "left out", group.left_out)))
