"""A shortlist as a table in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.cli.output.console import REASONS_SHOWN, plain, short
from matcher.core.cpv import category_name
from matcher.core.formatting import count, pounds
from matcher.core.identifiers import id_in_notice
from matcher.core.types import Grade
from matcher.law.summary import ProcurementSummary, values_of
from matcher.ranking.batch import Refusal
from matcher.ranking.features.feature import NEAR
from matcher.ranking.reason_text import SIGNAL_NAMES, UNINFORMATIVE
from matcher.ranking.shortlist import Reason, Shortlist, Suggestion


def shortlist(answer: Shortlist) -> RenderableType:
    """The list of one lot, with what the lot is above it and how the list was made below."""
    return Group(
        _heading(answer),
        _suggestions(answer) if answer.suggestions else Text("No matching provider found.\n"),
        _footing(answer),
    )


def _heading(answer: Shortlist) -> RenderableType:
    lot = answer.lot
    lines = [f"[bold]{plain(short(lot.label))}[/bold]"]
    about = [short(lot.id), *(f"CPV {code} {category_name(code)}" for code in lot.cpv[:3])]
    if lot.value is not None:
        about.append(f"£{lot.value:,.0f} {'incl. VAT' if lot.value_is_gross else ''}".strip())
    lines.append(plain(" · ".join(about)))
    lines.append(
        f"Purpose: {answer.purpose} · place: {plain(answer.place)} ({answer.place_source})"
    )
    lines.append(f"Search: {answer.scope}")
    return Panel("\n".join(lines), expand=False, border_style="cyan")


def procurement(answers: Sequence[Shortlist]) -> RenderableType:
    """What the law makes of a procurement, from the lists of its lots."""
    summaries = [answer.procurement for answer in answers if answer.procurement]
    if not summaries:
        return Text("")
    first, lots = summaries[0], [answer.lot for answer in answers]
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    value = "not known" if first.value is None else f"{pounds(first.value)} including VAT"
    words = [first.value_words] if len(lots) == 1 else list(values_of(lots, first.vat))
    table.add_row("Value", Text("\n".join([value, *words])))
    buyer = f"{first.buyer or 'Not known'} ({first.buyer_kind})"
    table.add_row("Buyer", Text(f"{buyer}. {first.regime}"))
    for summary in {summary.contract: summary for summary in summaries}.values():
        ids = [
            answer.lot.id
            for answer in answers
            if answer.procurement and answer.procurement.contract == summary.contract
        ]
        named = ", ".join(short(id_in_notice(id_)) for id_ in ids)
        which = "" if len(ids) == len(lots) else f"Lot {named}: "
        words_of_contract = f"{which}{summary.contract}. {summary.contract_words}"
        table.add_row("Contract", Text(words_of_contract))
        table.add_row("Threshold", Text(summary.threshold_words))
        for purposes, verdict in _verdicts(summary):
            table.add_row(purposes, Text(verdict))
    return Panel(table, title="Procurement", title_align="left", border_style="cyan")


def _verdicts(summary: ProcurementSummary) -> Iterator[tuple[str, str]]:
    """The purposes, and whether they are allowed and why; those with the same reason together.

    What the kind of contract has told already is not said again.
    """
    told = set(_sentences(summary.contract_words))
    found: dict[tuple[bool, str, str], list[tuple[str, str]]] = {}
    for each in summary.purposes:
        words = " ".join(one for one in _sentences(each.words) if one not in told)
        reason = words.removeprefix(f"purpose {each.purpose} ")
        found.setdefault((each.allowed, each.rule, reason), []).append((each.purpose, words))
    for (allowed, rule, reason), named in found.items():
        verdict = "allowed" if allowed else f"refused ({rule})"
        words = named[0][1] if len(named) == 1 else f"each {reason}"
        yield ", ".join(purpose for purpose, _ in named).capitalize(), f"{verdict}: {words}"


def _sentences(words: str) -> list[str]:
    return re.split(r"(?<=\.) (?=[A-Z])", words)


def _suggestions(answer: Shortlist) -> Table:
    table = Table(show_lines=True, expand=True)
    table.add_column("#", justify="right", width=3)
    table.add_column("Provider", ratio=3)
    table.add_column("Why", ratio=7)
    table.add_column("Score", justify="right", width=6)
    for provider in answer.suggestions:
        cells = str(provider.rank), _about(provider), _why(provider), f"{provider.score:.2f}"
        table.add_row(*cells)
    return table


def _about(provider: Suggestion) -> Text:
    facts = [
        f"{provider.mark} match" if provider.mark else "",
        provider.body or ("kind not known" if provider.kind == "unknown" else provider.kind),
        provider.size if provider.size != "unknown" else "",
    ]
    if provider.km is not None:
        facts.append(f"{provider.km:g} km in a straight line")
    text = Text(provider.name, style="bold")
    text.append("\n" + " · ".join(filter(None, facts)), style="not bold")
    text.append(f"\n{provider.id}", style="dim not bold")
    return text


def _why(provider: Suggestion) -> Text:
    text = Text()
    reasons = _strongest(provider.reasons)
    for reason in reasons:
        text.append(f"{reason.contribution:+.2f} ", style="green" if reason.contribution else "dim")
        text.append(f"{reason.words}\n")
    rest = provider.score - provider.base - sum(reason.contribution for reason in reasons)
    others = (("other factors", rest), ("baseline", provider.base))
    if parts := [f"{name} {part:+.2f}" for name, part in others if abs(part) >= 0.005]:
        text.append(f"{'; '.join(parts).capitalize()}\n", style="dim")
    if provider.quote:
        text.append(f"“{provider.quote.words}” ({provider.quote.source})\n", style="italic")
    if provider.tied_with:
        text.append(f"Tied with {provider.tied_with} more; tie broken at random.\n", style="dim")
    evidence = provider.place_evidence
    if evidence and not any(r.name == NEAR and r.counted for r in provider.reasons):
        text.append(f"Based in {provider.council or provider.postcode} ({_graded(evidence)})\n")
    if provider.unknown:
        text.append(f"Not known: {', '.join(provider.unknown)}", style="yellow")
    text.rstrip()
    return text


def _graded(evidence: str) -> str:
    """The kind of evidence of a place, with a warning if it is weak."""
    good = evidence in {Grade.OPERATING_SITE.value, Grade.SERVICE_LOCATION.value}
    return evidence if good else f"{evidence}: weak evidence that it works there"


def _strongest(reasons: Iterable[Reason]) -> list[Reason]:
    """The strongest reasons that say something of the provider; else the strongest."""
    counted = [r for r in reasons if r.counted and r.contribution]
    telling = [r for r in counted if r.words not in UNINFORMATIVE]
    return (telling or counted[:1])[:REASONS_SHOWN]


def _footing(answer: Shortlist) -> Text:
    aside = ", ".join(f"{n:,} {reason}" for reason, n in answer.set_aside.items())
    text = Text(
        f"{count(answer.considered, 'provider')} considered, {answer.ranked:,} compared in detail"
    )
    if answer.unlike:
        have = "has" if answer.unlike == 1 else "have"
        text.append(f"; {answer.unlike:,} of them {have} too little in common with the lot to list")
    more = answer.ranked - answer.unlike - len(answer.suggestions)
    if more > 0:
        are = "is" if more == 1 else "are"
        text.append(f"; {more:,} {are} below the first {answer.limit} (-k lists more)")
    text.append(f"; left out: {aside}" if aside else "")
    if answer.size_unknown:
        text.append(f"; size not known for {answer.size_unknown:,}")
    if answer.on_the_order:
        text.append(f"\n{answer.on_the_order}")
    for signal, rule in answer.neutral.items():
        text.append(f"\n{SIGNAL_NAMES[signal]}: does not count ({rule})", style="yellow")
    if answer.notice_sentence:
        text.append(f"\nWords for the notice: “{answer.notice_sentence}”", style="bold")
    if answer.value is not None and answer.threshold is not None:
        text.append(
            f"\nAll lots together, including VAT: at least {pounds(answer.value)}; "
            f"threshold on {answer.on}: £{answer.threshold:,}"
        )
    return text.append("\n")


def small_print(answers: Sequence[Shortlist]) -> Text:
    """What holds for all lists: notes, each once; rules; and what is needed to repeat them."""
    text = Text()
    for note in dict.fromkeys(note for answer in answers for note in answer.notes):
        ids = [answer.lot.id for answer in answers if note in answer.notes]
        lots = [short(id_in_notice(id_)) for id_ in ids]
        which = "" if len(lots) == len(answers) else f" (lot {', '.join(lots)})"
        text.append(f"· {note}{which}\n", style="dim")
    if any(answer.is_fictional for answer in answers):
        text.append("· Fictional: these organisations, buyers and contracts are invented.\n")
    rules = dict.fromkeys(rule for answer in answers for rule in answer.rule_ids)
    if answers:
        first = answers[0]
        text.append(
            f"Rules: {', '.join(rules) or 'none'} · tie-break seed {first.seed} · "
            f"model {first.model} · register {first.register}",
            style="dim",
        )
    return text


def refusal(refusal: Refusal) -> RenderableType:
    """A lot without a list, and why."""
    rule = f" [{refusal.rule}]" if refusal.rule else ""
    new_offer = refusal.offer not in refusal.message
    offer = f"\nYou can ask for this instead: {refusal.offer}" if new_offer else ""
    return Panel(
        Text(f"{short(refusal.title or refusal.lot)}\nRefused{rule}: {refusal.message}{offer}"),
        border_style="red",
        expand=False,
    )
