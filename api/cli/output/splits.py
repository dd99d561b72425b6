"""Splits and consortia as people read them in a terminal: ways side by side, then their lots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.cells import seen
from api.cli.output import shortlists
from api.cli.output.markets import counted
from api.service.splits import KeptComparison
from matcher.core.formatting import pounds
from matcher.core.types import FICTIONAL
from matcher.lotting.consortia import Consortia, Consortium
from matcher.lotting.justification import Sentence
from matcher.lotting.types import NO_SPLIT, ComparedSplits, MeasuredSplit
from matcher.market.value_curve import ValueCurve

_ROWS = (
    "Lots",
    "Credible providers",
    "Small and local",
    "… may be small and local",
    "… a lot is not known to be too large",
    "… known to have the income",
    "VCSEs",
    "New entrants",
    "Credible providers ÷ lots",
    "Thinnest lot",
    "Lots under {}",
    "Gained against no split",
    "Lost against no split",
    "Largest lot",
)
_SETS = 3
_AT_ONCE = 5


def splits(answer: KeptComparison, drafted: str | None) -> RenderableType:
    """The ways side by side, what each is made of, and what holds for all of them."""
    found = answer.compared
    names = order(answer)
    parts: list[RenderableType] = [_heading(answer)]
    if answer.suggested:
        parts += [Text(f"{said}\n", style="bold") for said in answer.suggested.verdict]
        parts += [Text(f"Not cut by {by}: {why}") for by, why in answer.suggested.not_cut.items()]
    for at in range(0, len(names), _AT_ONCE):
        parts.append(_beside(found, names[at : at + _AT_ONCE]))
    parts += [_lots(found, name) for name in names]
    parts += [shortlists.refusal(one) for one in found.refused.values()]
    parts += [_curve(found.curve), Text("\n".join((*found.whole.warnings, *found.whole.assumed)))]
    if drafted is not None:
        parts.append(_draft(drafted, answer.reasons[drafted]))
    return Group(*parts, *_footing(found))


def order(answer: KeptComparison) -> list[str]:
    """The ways in the order in which they are shown: as ranked, else no split and then by name."""
    if answer.suggested:
        return [option.name for option in answer.suggested.options]
    names = answer.compared.splits
    return [NO_SPLIT, *sorted(name for name in names if name != NO_SPLIT)]


def _heading(answer: KeptComparison) -> RenderableType:
    need = answer.compared.need
    said = Text(f"\n{seen(need.title or need.description[:80])}\n", style="bold")
    if need.buyer:
        said.append(f"{seen(need.buyer)} · ", style="not bold")
    worth = "value not given" if need.value is None else pounds(need.value)
    said.append(f"{worth} · {seen(need.area or need.postcode or 'place not given')}\n", "not bold")
    return said


def _beside(found: ComparedSplits, names: Sequence[str]) -> RenderableType:
    table = Table(show_lines=True, expand=True)
    table.add_column("", overflow="fold", ratio=2)
    for name in names:
        table.add_column(Text(seen(name), style="bold"), overflow="fold", ratio=2)
    columns = [_column(found, found.splits[name]) for name in names]
    for at, title in enumerate(_ROWS):
        table.add_row(title.format(found.terms.fewest), *(column[at] for column in columns))
    return table


def _column(found: ComparedSplits, one: MeasuredSplit) -> list[Text]:
    reach, against = one.reach, one.against
    thin = len(one.thin)
    return [
        Text(f"{one.number}"),
        counted(reach.credible),
        counted(reach.small_local),
        Text(f"{reach.perhaps_small_local.number}"),
        counted(reach.open),
        Text(f"{reach.fits.number}"),
        Text(f"{reach.vcse.number}"),
        Text(f"{reach.new.number}"),
        Text(f"{one.bidders_a_lot:g}"),
        Text(f"{one.thinnest.credible.number}: {seen(one.thinnest.title or one.thinnest.lot)}"),
        Text(f"{thin}" if not thin else f"{thin} THIN", style="red bold" if thin else ""),
        Text("" if against is None else f"+{against.open_gained.number} small local"),
        Text("" if against is None else f"−{against.open_lost.number} small local"),
        Text("not known" if one.largest_lot is None else pounds(one.largest_lot)),
    ]


def _lots(found: ComparedSplits, name: str) -> RenderableType:
    one = found.splits[name]
    said = Text(f"\n{seen(name)}. ", style="bold")
    said.append(f"{seen(' '.join((one.words, *one.assumed, *one.notes)))}", style="not bold")
    if name == NO_SPLIT:
        return said
    table = Table(box=None, padding=(0, 2))
    for title in ("Lot", "Value", "Credible", "Small and local", "Its size fits of them"):
        table.add_column(title, justify="left" if title == "Lot" else "right", overflow="fold")
    for lot in one.lots:
        market = found.markets[lot.market]
        thin = " THIN" if market.thin else ""
        table.add_row(
            Text(seen(lot.title or lot.id)),
            "" if lot.value is None else pounds(lot.value),
            Text(f"{market.depth.credible.number}{thin}", style="red" if thin else ""),
            str(market.depth.small_local.number),
            str(market.fit.small_local_fits.number),
        )
    return Group(said, table)


def _curve(curve: ValueCurve) -> RenderableType:
    points = "   ".join(f"{pounds(one.value)}: {one.fits.number}" for one in curve.points)
    largest = "none" if curve.largest is None else pounds(curve.largest)
    unknown = curve.points[0].unknown.number
    return Text(
        f"\nSmall local providers whom one lot of this value fits: {points}. Of {unknown} more it "
        f"is not known. Largest value that keeps {curve.keep}: {largest}.\n"
    )


def _draft(name: str, sentences: Sequence[Sentence]) -> RenderableType:
    said = Text(f"\nDraft of the reasons: {seen(name)}\n", style="bold")
    for sentence in sentences:
        said.append(f"· {seen(sentence.words)}\n", style="not bold")
        for figure in sentence.figures:
            said.append(f"    {figure.said} = {seen(figure.path)}\n", style="dim not bold")
    return said


def _footing(found: ComparedSplits) -> Iterator[RenderableType]:
    said = Text()
    for one in found.evidence:
        said.append(f"· {one.finding} ({one.source})\n", style="dim")
    if FICTIONAL in found.need.buyer:
        said.append("· Fictional: these organisations, buyers and contracts are invented.\n", "dim")
    basis, terms, whole = found.basis, found.terms, found.whole
    rules = (*basis.rule_ids, *filter(None, (whole.rule, whole.anti_avoidance)))
    said.append(
        f"Credible: a probability of {terms.floor:g} or more; fits: a year of it is at most "
        f"{terms.value_to_income:g} of the income · purpose {basis.purpose} · rules "
        f"{', '.join(rules)} · bundle {basis.model} · register {basis.register}",
        style="dim",
    )
    yield said


# --- consortia -------------------------------------------------------------------------


def consortia(found: Consortia) -> RenderableType:
    """What is needed and who could; then the sets, surest first, with evidence for the first."""
    parts: list[RenderableType] = [Text(f"\n{found.notes[0]}\n", style="bold"), _needs(found)]
    if found.alone:
        names = ", ".join(seen(one.name) for one in found.alone)
        parts.append(Text(f"Needs no set: by itself covers all of it: {names}."))
    parts += [_set(at, one, in_full=at <= _SETS) for at, one in enumerate(found.sets, 1)]
    more = found.found - len(found.sets)
    parts.append(
        Text(
            f"\n{found.found:,} sets in all"
            + (f", {more:,} of them not shown" if more else "")
            + f"; {found.too_large:,} more ask too much of a member."
        )
    )
    if found.umbrellas:
        names = ", ".join(f"{seen(one.name)} ({seen(one.id)})" for one in found.umbrellas)
        parts.append(Text(f"Umbrella bodies there that may know who would work together: {names}."))
    parts += [Text(f"· {seen(note)}", style="dim") for note in (*found.notes[1:], found.rule)]
    return Group(*parts)


def _needs(found: Consortia) -> RenderableType:
    table = Table(box=None, padding=(0, 2))
    for title in ("Needed", "Where", "Share", "Could do it"):
        table.add_column(title, overflow="fold")
    for one in found.needs:
        able = Text(str(one.able), style="" if one.able else "red bold")
        table.add_row(Text(seen(one.part)), Text(seen(one.place)), f"{one.share:.0%}", able)
    return table


def _set(at: int, one: Consortium, *, in_full: bool) -> RenderableType:
    said = Text(f"\nSet {at}\n", style="bold")
    for member in one.members:
        fits = {True: "fits", False: "too large for it", None: "size not known"}[member.fits]
        falls = "" if member.annual is None else f", {pounds(round(member.annual))} a year ({fits})"
        lead = " · possible lead: " + one.why_lead if member.id == one.possible_lead else ""
        said.append(f"  {seen(member.name)}", style="bold")
        said.append(f" ({seen(member.id)}) {member.share:.0%}{falls}{lead}\n", style="not bold")
        for each in member.covers if in_full else ():
            said.append(f"    {seen(each.part)}, {seen(each.place)}: ", style="not bold")
            said.append(f"{seen(' '.join(each.evidence))}\n", style="dim not bold")
    return said
