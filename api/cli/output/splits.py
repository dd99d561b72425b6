"""Splits and consortia as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.cells import visible
from api.cli.output import shortlists
from api.cli.output.console import short
from api.cli.output.markets import counted
from api.service.splits import KeptComparison
from matcher.core.formatting import count, pounds
from matcher.core.types import FICTIONAL
from matcher.lotting.consortium import Consortia, Consortium
from matcher.lotting.justification import Sentence
from matcher.lotting.types import NO_SPLIT, ComparedSplits, MeasuredSplit
from matcher.market.value_curve import ValueCurve

_ROWS = (
    "Lots",
    "Credible providers",
    "Small and local",
    "… perhaps small and local",
    "Small and local, and no lot known to be too large",
    "… known to have enough income",
    "VCSEs",
    "No known contract",
    "Credible providers per lot",
    "Fewest credible providers for a lot",
    "Lots with fewer than {}",
    "Gained, compared with no split",
    "Lost, compared with no split",
    "Largest lot",
)
_SETS = 3
_AT_ONCE = 5


def splits(answer: KeptComparison, drafted: str | None) -> RenderableType:
    """The ways side by side, the lots of each, and what holds for all of them."""
    found = answer.compared
    names = order(answer)
    parts: list[RenderableType] = [_heading(answer)]
    if answer.suggested:
        parts += [Text(f"{sentence}\n", style="bold") for sentence in answer.suggested.verdict]
        not_split = answer.suggested.not_cut.items()
        parts += [Text(f"Not split by {way}: {reason}") for way, reason in not_split]
    for start in range(0, len(names), _AT_ONCE):
        parts.append(_side_by_side(found, names[start : start + _AT_ONCE]))
    parts += [_lots(found, name) for name in names]
    parts += [shortlists.refusal(refusal) for refusal in found.refused.values()]
    parts += [_curve(found.curve), Text("\n".join((*found.whole.warnings, *found.whole.assumed)))]
    if drafted is not None:
        parts.append(_draft(drafted, answer.reasons[drafted]))
    return Group(*parts, *_footing(found))


def order(answer: KeptComparison) -> list[str]:
    """The names of the ways as ranked; without a ranking, no split first, then by name."""
    if answer.suggested:
        return [option.name for option in answer.suggested.options]
    names = answer.compared.splits
    return [NO_SPLIT, *sorted(name for name in names if name != NO_SPLIT)]


def _heading(answer: KeptComparison) -> RenderableType:
    need = answer.compared.need
    text = Text(f"\n{short(need.label)}\n", style="bold")
    if need.buyer:
        text.append(f"{visible(need.buyer)} · ", style="not bold")
    value = "value not given" if need.value is None else pounds(need.value)
    text.append(
        f"{value} · {visible(need.area or need.postcode or 'place not given')}\n", "not bold"
    )
    return text


def _side_by_side(found: ComparedSplits, names: Sequence[str]) -> RenderableType:
    table = Table(show_lines=True, expand=True)
    table.add_column("", overflow="fold", ratio=2)
    for name in names:
        table.add_column(Text(visible(name), style="bold"), overflow="fold", ratio=2)
    columns = [_column(found.splits[name]) for name in names]
    for row, title in enumerate(_ROWS):
        table.add_row(title.format(found.terms.fewest), *(column[row] for column in columns))
    return table


def _column(split: MeasuredSplit) -> list[Text]:
    reach, against = split.reach, split.against
    thin, fewest = len(split.thin), split.thinnest
    return [
        Text(f"{split.number}"),
        counted(reach.credible),
        counted(reach.small_local),
        Text(f"{reach.perhaps_small_local.number}"),
        counted(reach.open),
        Text(f"{reach.fits.number}"),
        Text(f"{reach.vcse.number}"),
        Text(f"{reach.new.number}"),
        Text(f"{split.bidders_a_lot:g}"),
        Text(f"{fewest.credible.number}: {short(fewest.title or fewest.lot)}"),
        Text(f"{thin}" if not thin else f"{thin} THIN", style="red bold" if thin else ""),
        Text("" if against is None else f"+{against.open_gained.number} small local"),
        Text("" if against is None else f"−{against.open_lost.number} small local"),
        Text("not known" if split.largest_lot is None else pounds(split.largest_lot)),
    ]


def _lots(found: ComparedSplits, name: str) -> RenderableType:
    split = found.splits[name]
    text = Text(f"\n{visible(name)}. ", style="bold")
    text.append(
        f"{visible(' '.join((split.words, *split.assumed, *split.notes)))}", style="not bold"
    )
    if name == NO_SPLIT:
        return text
    table = Table(box=None, padding=(0, 2))
    for title in ("Lot", "Value", "Credible", "Small and local", "Large enough"):
        table.add_column(title, justify="left" if title == "Lot" else "right", overflow="fold")
    for lot in split.lots:
        market = found.markets[lot.market]
        thin = " THIN" if market.thin else ""
        table.add_row(
            _lot(short(lot.title or lot.id), market.read_as),
            "" if lot.value is None else pounds(lot.value),
            Text(f"{market.depth.credible.number}{thin}", style="red" if thin else ""),
            str(market.depth.small_local.number),
            str(market.fit.small_local_fits.number),
        )
    return Group(text, table)


def _lot(title: str, read_as: Sequence[str]) -> Text:
    text = Text(title)
    return text.append(f"\nread as: {'; '.join(read_as)}", "dim") if read_as else text


def _curve(curve: ValueCurve) -> RenderableType:
    points = "   ".join(f"{pounds(p.value)}: {p.fits.number}" for p in curve.points)
    largest = "none" if curve.largest is None else pounds(curve.largest)
    unknown = curve.points[0].unknown.number
    return Text(
        f"\nSmall local providers that are large enough for a lot of this value: {points}. "
        f"Not known for {unknown} more. Largest value that keeps at least {curve.keep}: "
        f"{largest}.\n"
    )


def _draft(name: str, sentences: Sequence[Sentence]) -> RenderableType:
    text = Text(f"\nDraft of the reasons: {visible(name)}\n", style="bold")
    for sentence in sentences:
        text.append(f"· {visible(sentence.words)}\n", style="not bold")
        for figure in sentence.figures:
            text.append(f"    {figure.said} = {visible(figure.path)}\n", style="dim not bold")
    return text


def _footing(found: ComparedSplits) -> Iterator[RenderableType]:
    text = Text()
    for study in found.evidence:
        text.append(f"· {study.finding} ({study.source})\n", style="dim")
    if FICTIONAL in found.need.buyer:
        text.append("· Fictional: these organisations, buyers and contracts are invented.\n", "dim")
    basis, terms, whole = found.basis, found.terms, found.whole
    rules = (*basis.rule_ids, *filter(None, (whole.rule, whole.anti_avoidance)))
    text.append(
        f"Credible: at least {terms.floor:g} probability of winning · large enough: a year of the "
        f"lot is worth at most {terms.value_to_income:g} of the income · purpose {basis.purpose} · "
        f"rules {', '.join(rules)} · model {basis.model} · register {basis.register}",
        style="dim",
    )
    yield text


# --- consortia -------------------------------------------------------------------------


def consortia(found: Consortia) -> RenderableType:
    """What is needed and who could do it; then the sets, best first, the first with evidence."""
    parts: list[RenderableType] = [Text(f"\n{found.notes[0]}\n", style="bold"), _needs(found)]
    if found.alone:
        names = ", ".join(visible(provider.name) for provider in found.alone)
        parts.append(Text(f"No set is needed: these can do all of it alone: {names}."))
    parts += [_set(rank, one, in_full=rank <= _SETS) for rank, one in enumerate(found.sets, 1)]
    more = found.found - len(found.sets)
    parts.append(
        Text(
            f"\n{count(found.found, 'set')} in all"
            + (f", {more:,} of them not shown" if more else "")
            + f"; {count(found.too_large, 'more is', 'more are')} too large for a member."
        )
    )
    if found.umbrellas:
        names = ", ".join(f"{visible(body.name)} ({visible(body.id)})" for body in found.umbrellas)
        parts.append(Text(f"Local umbrella bodies that may know who would work together: {names}."))
    parts += [Text(f"· {visible(note)}", style="dim") for note in (*found.notes[1:], found.rule)]
    return Group(*parts)


def _needs(found: Consortia) -> RenderableType:
    table = Table(box=None, padding=(0, 2))
    for title in ("Needed", "Where", "Share", "Providers"):
        table.add_column(title, overflow="fold")
    for need in found.needs:
        able = Text(str(need.able), style="" if need.able else "red bold")
        table.add_row(
            Text(visible(need.part)), Text(visible(need.place)), f"{need.share:.0%}", able
        )
    return table


def _set(rank: int, group: Consortium, *, in_full: bool) -> RenderableType:
    text = Text(f"\nSet {rank}\n", style="bold")
    for member in group.members:
        fits = {True: "large enough", False: "too small", None: "size not known"}[member.fits]
        value = "" if member.annual is None else f", {pounds(round(member.annual))} a year ({fits})"
        lead = f" · possible lead: {group.why_lead}" if member.id == group.possible_lead else ""
        text.append(f"  {visible(member.name)}", style="bold")
        text.append(f" ({visible(member.id)}) {member.share:.0%}{value}{lead}\n", style="not bold")
        for part in member.covers if in_full else ():
            text.append(f"    {visible(part.part)}, {visible(part.place)}: ", style="not bold")
            text.append(f"{visible(' '.join(part.evidence))}\n", style="dim not bold")
    return text
