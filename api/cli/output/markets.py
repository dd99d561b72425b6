"""Markets as people read them in a terminal: one row a lot, thin ones flagged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.cells import seen
from api.cli.output import shortlists
from matcher.core.formatting import pounds
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
    "Its size fits",
    "Past awards",
)


def markets(given: Sequence[Market | Refusal], together: CombinedMarket) -> RenderableType:
    """The markets as one table, then what could not be read, and what holds for all."""
    found = [one for one in given if isinstance(one, Market)]
    refused = [shortlists.refusal(one) for one in given if isinstance(one, Refusal)]
    curves = [_curve(one) for one in found if one.curve is not None]
    parts: list[RenderableType] = [_table(found)] if found else []
    return Group(*parts, *curves, *refused, *_footing(found, together))


def _table(found: Sequence[Market]) -> Table:
    table = Table(show_lines=True, expand=True)
    for name in _COLUMNS:
        wide = {_COLUMNS[0]: 4, _COLUMNS[-1]: 3}.get(name, 2)
        table.add_column(name, overflow="fold", ratio=wide)
    for one in found:
        table.add_row(*_cells(one))
    return table


def _cells(one: Market) -> Iterator[Text]:
    depth = one.depth
    lot = Text(seen(one.title or one.lot), style="bold")
    lot.append(f"\n{seen(one.lot)}", style="dim not bold")
    if one.value is not None:
        lot.append(f"\n{pounds(one.value)}", style="not bold")
    if one.thin:
        lot.append(f"\nTHIN: fewer than {one.terms.fewest}", style="red bold")
    yield lot
    yield counted(depth.credible)
    yield counted(depth.local, depth.place_unknown)
    yield counted(depth.small_local, depth.perhaps_small_local)
    yield counted(depth.small, depth.size_unknown)
    yield counted(depth.vcse, depth.kind_unknown)
    yield counted(depth.new)
    yield _fit(one.fit)
    yield _past(one.concentration)


def counted(count: WinCount, unknown: WinCount | None = None) -> Text:
    """How many, how many of them are expected to win, and of how many it is not known."""
    said = Text(f"{count.number}", style="bold")
    said.append(f"\nwin {count.expected:.1f} ({count.low}–{count.high})", style="dim not bold")
    if unknown is not None and unknown.number:
        said.append(f"\n+{unknown.number} not known", style="yellow not bold")
    return said


def _fit(fit: Fit) -> Text:
    if fit.annual is None:
        return Text("value not given", style="yellow")
    said = Text(f"{fit.fits.number} of {_whole(fit)}", style="bold")
    said.append(f"\n{pounds(round(fit.annual))} a year", style="dim not bold")
    said.append(f"\n{fit.small_local_fits.number} small and local", style="not bold")
    if fit.unknown.number:
        said.append(f"\n+{fit.unknown.number} not known", style="yellow not bold")
    return said


def _whole(fit: Fit) -> int:
    return fit.fits.number + fit.too_small.number + fit.unknown.number


def _past(past: Concentration) -> Text:
    if past.hhi is None:
        return Text("none known", style="yellow")
    said = Text(f"HHI {past.hhi:,.0f}", style="bold")
    said.append(f"\n{past.awards:,} awards, {past.winners:,} winners", style="dim not bold")
    if past.incumbents_share is not None:
        said.append(f"\nincumbents {past.incumbents_share:.0%}", style="not bold")
    if past.few:
        said.append("\nfew: says little", style="yellow not bold")
    return said


def _curve(one: Market) -> RenderableType:
    """How many small local providers a lot would fit as its value rises."""
    curve = one.curve
    if curve is None:
        return Text()
    table = Table(title=Text(f"Value curve: {seen(one.title or one.lot)}"), title_justify="left")
    for name in ("Lot value", "a year", "small local it fits", "not known"):
        table.add_column(name, justify="right")
    for point in curve.points:
        amounts = pounds(round(point.value)), pounds(round(point.annual))
        table.add_row(*amounts, str(point.fits.number), str(point.unknown.number))
    largest = "none" if curve.largest is None else pounds(curve.largest)
    said = f"Largest value that is known to keep {curve.keep} of them: {largest}\n"
    return Group(table, Text(said))


def _footing(found: Sequence[Market], together: CombinedMarket) -> Iterator[RenderableType]:
    if not found:
        return
    terms = found[0].terms
    every = together.providers
    said = Text(
        f"Lots: {together.lots:,}, of which thin: {together.thin:,}. Distinct credible providers: "
        f"{every.number:,}, {together.providers_a_lot:g} a lot.\n"
    )
    said.append(
        f"Credible: a probability of {terms.floor:g} or more to win this lot, or another of its "
        "CPV class near there in a month; 'win' is how many of them then do, and in nineteen of "
        "twenty cases from how many to how many, if the probabilities are right. Its size fits: "
        f"a year of the lot is worth at most {terms.value_to_income:g} of the provider's income.\n",
        style="dim",
    )
    said.append("Fewer bidders than this may bid; smaller lots promise no small winner.\n", "dim")
    for rule, lots in _shared((one, (one.local,)) for one in found):
        said.append(f"· Local: {seen(rule)}{_which(lots, found)}\n", style="dim")
    for note, lots in _shared((one, one.notes) for one in found):
        said.append(f"· {seen(note)}{_which(lots, found)}\n", style="dim")
    basis = found[0].basis
    said.append(
        f"Purpose: {basis.purpose} · rules: {', '.join(basis.rule_ids) or 'none'} · "
        f"{basis.rulebook} · bundle {basis.model} · register {basis.register}",
        style="dim",
    )
    yield said


def _shared(said: Iterator[tuple[Market, tuple[str, ...]]]) -> list[tuple[str, list[Market]]]:
    """Each sentence once, with the lots that it is said of."""
    found: dict[str, list[Market]] = {}
    for one, sentences in said:
        for sentence in sentences:
            found.setdefault(sentence, []).append(one)
    return list(found.items())


def _which(lots: Sequence[Market], every: Sequence[Market]) -> str:
    """Which lots a sentence is said of, unless it is all of them."""
    if len(lots) == len(every):
        return ""
    named = [seen(id_in_notice(one.lot)) for one in lots[:4]]
    more = f" and {len(lots) - 4} more" if len(lots) > 4 else ""
    return f" (lot {', '.join(named)}{more})"
