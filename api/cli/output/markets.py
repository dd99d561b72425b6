"""Markets as a table in a terminal: a row for each lot, with thin lots flagged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.cells import visible
from api.cli.output import shortlists
from api.cli.output.console import short
from matcher.core.formatting import count, pounds
from matcher.core.identifiers import id_in_notice
from matcher.market.concentration import Concentration
from matcher.market.market import CombinedMarket, Fit, Market
from matcher.market.win_counts import WinCount
from matcher.ranking.batch import Refusal

_COLUMNS = (
    "Lot",
    "Credible",
    "Local",
    "Small and local",
    "Small",
    "VCSE",
    "New",
    "Large enough",
    "Past awards",
)
_AMOUNT = re.compile(r"£[\d,]+(?:\.\d\d)?")
_WIDE = 110
"""Characters of a terminal that has room for a column for each of them."""


def markets(results: Sequence[Market | Refusal], together: CombinedMarket) -> RenderableType:
    """The markets as one table, then refusals, and what holds for all lots."""
    found = [result for result in results if isinstance(result, Market)]
    refused = [shortlists.refusal(result) for result in results if isinstance(result, Refusal)]
    curves = [_curve(market) for market in found if market.curve is not None]
    parts: list[RenderableType] = [_Depths(found)] if found else []
    return Group(*parts, *curves, *refused, *_footing(found, together))


@dataclass(frozen=True, slots=True)
class _Depths:
    """The figures of each lot: side by side, or below each other where there is no room."""

    found: Sequence[Market]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield (_table if options.max_width >= _WIDE else _narrow_table)(self.found)


def _narrow_table(found: Sequence[Market]) -> Table:
    table = Table(show_lines=True, expand=True)
    table.add_column(_COLUMNS[0], overflow="fold", ratio=2)
    table.add_column("Providers", overflow="fold", ratio=3)
    for market in found:
        lot, *cells = _cells(market)
        figures = (
            Text.assemble(f"{name}: ", Text(", ").join(cell.split("\n")))
            for name, cell in zip(_COLUMNS[1:], cells, strict=True)
        )
        table.add_row(lot, Text("\n").join(figures))
    return table


def _table(found: Sequence[Market]) -> Table:
    table = Table(show_lines=True, expand=True)
    for name in _COLUMNS:
        wide = {_COLUMNS[0]: 4, _COLUMNS[-1]: 3}.get(name, 2)
        table.add_column(name, overflow="fold", ratio=wide)
    for market in found:
        table.add_row(*_cells(market))
    return table


def _cells(market: Market) -> Iterator[Text]:
    depth = market.depth
    lot = Text(short(market.title or market.lot), style="bold")
    lot.append(f"\n{short(market.lot)}", style="dim not bold")
    if market.value is not None:
        lot.append(f"\n{pounds(market.value)}", style="not bold")
    if market.read_as:
        lot.append(f"\nread as: {'; '.join(market.read_as)}", style="dim not bold")
    if market.thin:
        lot.append(f"\nTHIN: fewer than {market.terms.fewest}", style="red bold")
    yield lot
    yield counted(depth.credible)
    yield counted(depth.local, depth.place_unknown)
    yield counted(depth.small_local, depth.perhaps_small_local)
    yield counted(depth.small, depth.size_unknown)
    yield counted(depth.vcse, depth.kind_unknown)
    yield counted(depth.new)
    yield _fit(market.fit)
    yield _past(market.concentration)


def counted(count: WinCount, unknown: WinCount | None = None) -> Text:
    """How many, how many of them are expected to win, and how many are not known."""
    text = Text(f"{count.number}", style="bold")
    text.append(f"\nwin {count.expected:.1f} ({count.low}–{count.high})", style="dim not bold")
    if unknown is not None and unknown.number:
        text.append(f"\n+{unknown.number} not known", style="yellow not bold")
    return text


def _fit(fit: Fit) -> Text:
    if fit.annual is None:
        return Text("value not given", style="yellow")
    total = fit.fits.number + fit.too_small.number + fit.unknown.number
    text = Text(f"{fit.fits.number} of {total}", style="bold")
    text.append(f"\n{pounds(round(fit.annual))} a year", style="dim not bold")
    text.append(f"\n{fit.small_local_fits.number} small and local", style="not bold")
    if fit.unknown.number:
        text.append(f"\n+{fit.unknown.number} not known", style="yellow not bold")
    return text


def _past(past: Concentration) -> Text:
    if past.hhi is None:
        return Text("none known", style="yellow")
    text = Text(f"HHI {past.hhi:,.0f}", style="bold")
    text.append(
        f"\n{count(past.awards, 'award')}, {count(past.winners, 'winner')}", style="dim not bold"
    )
    if past.incumbents_share is not None:
        text.append(f"\nincumbents {past.incumbents_share:.0%}", style="not bold")
    if past.few:
        text.append("\ntoo few to say much", style="yellow not bold")
    return text


def _curve(market: Market) -> RenderableType:
    """How many small local providers are large enough for the lot as its value rises."""
    curve = market.curve
    if curve is None:
        return Text()
    table = Table(
        title=Text(f"Value curve: {short(market.title or market.lot)}"), title_justify="left"
    )
    for name in ("Value of the lot", "A year", "Small, local, large enough", "Not known"):
        table.add_column(name, justify="right")
    for point in curve.points:
        amounts = pounds(round(point.value)), pounds(round(point.annual))
        table.add_row(*amounts, str(point.fits.number), str(point.unknown.number))
    largest = "none" if curve.largest is None else pounds(curve.largest)
    return Group(
        table, Text(f"Largest value that keeps at least {curve.keep} of them: {largest}\n")
    )


def _footing(found: Sequence[Market], together: CombinedMarket) -> Iterator[RenderableType]:
    if not found:
        return
    terms = found[0].terms
    text = Text(
        f"{count(together.lots, 'lot')}, {_thin(together)}. "
        f"{count(together.providers.number, 'different credible provider')}, "
        f"{together.providers_a_lot:g} for each lot.\n"
    )
    text.append(
        f"Credible: at least {terms.floor:g} probability of winning this lot, or another of its "
        "CPV class nearby within a month. Win: how many of them are expected to win, and the "
        "range in 19 of 20 cases if the probabilities are right. Large enough: a year of the lot "
        f"is worth at most {terms.value_to_income:g} of the provider's income.\n",
        style="dim",
    )
    text.append("Fewer may bid. Smaller lots do not mean that small providers will win.\n", "dim")
    for rule, which in _shared(found, lambda market: (f"Local: {market.local}",)):
        text.append(f"· {visible(rule)}{which}\n", style="dim")
    for note, which in _shared(found, lambda market: market.notes):
        text.append(f"· {visible(note)}{which}\n", style="dim")
    basis = found[0].basis
    text.append(
        f"Purpose: {basis.purpose} · rules: {', '.join(basis.rule_ids) or 'none'} · "
        f"{basis.rulebook} · model {basis.model} · register {basis.register}",
        style="dim",
    )
    yield text


def _thin(together: CombinedMarket) -> str:
    if together.lots == 1:
        return "which is thin" if together.thin else "which is not thin"
    return f"of which {count(together.thin, 'is', 'are')} thin"


def _shared(
    found: Sequence[Market], said: Callable[[Market], Sequence[str]]
) -> Iterator[tuple[str, str]]:
    """Each sentence once, and the lots that it is about, unless that is all of them.

    Sentences that differ in their amounts alone are told by the first of them.
    """
    alike: dict[str, dict[str, list[Market]]] = {}
    for market in found:
        for sentence in said(market):
            words = alike.setdefault(_AMOUNT.sub("£", sentence), {})
            words.setdefault(sentence, []).append(market)
    for words in alike.values():
        first, *others = words.values()
        also = _named([market for lots in others for market in lots])
        if also:
            yield next(iter(words)), f" ({_named(first)}; likewise, with its own amounts, {also})"
        else:
            yield next(iter(words)), "" if len(first) == len(found) else f" ({_named(first)})"


def _named(lots: Sequence[Market]) -> str:
    """The first of these lots by their ids, and how many more there are; '' for none."""
    named = [short(id_in_notice(market.lot)) for market in lots[:4]]
    more = f" and {len(lots) - 4} more" if len(lots) > 4 else ""
    return f"{'lot' if len(lots) == 1 else 'lots'} {', '.join(named)}{more}" if named else ""
