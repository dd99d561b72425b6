"""A shortlist on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.cli.output.console import REASONS_SHOWN, plain
from matcher.core.cpv import category_name
from matcher.core.identifiers import id_in_notice
from matcher.core.types import FICTIONAL, Grade
from matcher.ranking.batch import Refusal
from matcher.ranking.features.feature import NEAR
from matcher.ranking.reason_text import SIGNAL_NAMES
from matcher.ranking.shortlist import Reason, Shortlist, Suggestion


def shortlist(answer: Shortlist) -> RenderableType:
    """One lot's list, headed by what it is and how it came about."""
    return Group(
        _heading(answer),
        _suggestions(answer) if answer.suggestions else Text("No provider in reach matches.\n"),
        _footing(answer),
    )


def _heading(answer: Shortlist) -> RenderableType:
    lot = answer.lot
    lines = [f"[bold]{plain(lot.title or lot.description[:80])}[/bold]"]
    about = [lot.id, *(f"CPV {code} {category_name(code)}" for code in lot.cpv[:3])]
    if lot.value is not None:
        about.append(f"£{lot.value:,.0f} {'incl. VAT' if lot.value_is_gross else ''}".strip())
    lines.append(plain(" · ".join(about)))
    lines.append(
        f"Purpose: {answer.purpose} · place: {plain(answer.place)} ({answer.place_source})"
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
    others = (("other factors", rest), ("baseline", one.base))
    if parts := [f"{name} {part:+.2f}" for name, part in others if abs(part) >= 0.005]:
        said.append(f"{'; '.join(parts).capitalize()}\n", style="dim")
    if one.tied_with:
        said.append(f"Tied with {one.tied_with} more; tie broken at random.\n", style="dim")
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
    return counted[:REASONS_SHOWN]


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
        said.append(f"\n{SIGNAL_NAMES[signal]}: counts for nothing here ({rule})", style="yellow")
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
        lots = [id_in_notice(one.lot.id) for one in given if note in one.notes]
        which = "" if len(lots) == len(given) else f" (lot {', '.join(lots)})"
        said.append(f"· {note}{which}\n", style="dim")
    if any(map(_is_fictional, given)):
        said.append("· Fictional: these organisations, buyers and contracts are invented.\n")
    ids = dict.fromkeys(rule for one in given for rule in one.rule_ids)
    if given:
        said.append(
            f"Rules: {', '.join(ids) or 'none'} · tie-break seed {given[0].seed} · "
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
