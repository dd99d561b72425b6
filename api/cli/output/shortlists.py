"""A shortlist as a table in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.cli.output.console import REASONS_SHOWN, plain, short
from matcher.core.cpv import code_label
from matcher.core.formatting import count, pounds
from matcher.core.identifiers import id_in_notice, notice_id
from matcher.core.types import PERHAPS_THE_SAME, Grade
from matcher.law.summary import ProcurementSummary, values_of
from matcher.ranking.batch import Refusal
from matcher.ranking.features.feature import NEAR
from matcher.ranking.reason_text import SIGNAL_NAMES, UNINFORMATIVE
from matcher.ranking.shortlist import Reason, Shortlist, Suggestion

_Sentences: TypeAlias = list[tuple[str, str]]


def shortlists(answers: Sequence[Shortlist | Refusal]) -> Iterator[RenderableType]:
    """The list or the refusal of each lot; notes that several lots share come once, at the end."""
    lists = [answer for answer in answers if isinstance(answer, Shortlist)]
    told: dict[tuple[str, str], list[Shortlist]] = {}
    for each in lists:
        for sentence in _notes_of(each):
            told.setdefault(sentence, []).append(each)
    shared = {said: about for said, about in told.items() if len(about) > 1 or len(lists) == 1}
    yield _procurement(lists)
    for answer in answers:
        if isinstance(answer, Refusal):
            yield refusal(answer)
        else:
            yield from _shortlist(
                answer, [note for note in _notes_of(answer) if note not in shared]
            )
    yield _small_print(lists, shared)


def _shortlist(answer: Shortlist, own: _Sentences) -> Iterator[RenderableType]:
    """The list of one lot, with what the lot is above it and how the list was made below."""
    yield _heading(answer)
    yield _suggestions(answer) if answer.suggestions else Text("No matching provider found.\n")
    yield _footing(answer, own)


def _notes_of(answer: Shortlist) -> _Sentences:
    """The notes of a list with their styles, without those that the thresholds already give."""
    said = [(answer.on_the_order, "")] if answer.on_the_order else []
    for signal, rule in answer.neutral.items():
        said.append((f"{SIGNAL_NAMES[signal]}: does not count ({rule})", "yellow"))
    if answer.notice_sentence:
        said.append((f"Words for the notice: “{answer.notice_sentence}”", "bold"))
    law = answer.procurement
    by_law = [law.contract_words, *(each.words for each in law.purposes)] if law else []
    notes = [(note, "dim") for note in answer.notes if not any(note in words for words in by_law)]
    return list(dict.fromkeys([*said, *notes]))


def _heading(answer: Shortlist) -> RenderableType:
    lot = answer.lot
    lines = [f"[bold]{plain(short(lot.label))}[/bold]"]
    about = [short(lot.id), *(f"CPV {code} {code_label(code)}" for code in lot.cpv[:3])]
    if lot.value is not None:
        about.append(f"£{lot.value:,.0f} {'incl. VAT' if lot.value_is_gross else ''}".strip())
    lines.append(plain(" · ".join(about)))
    lines.append(
        f"Purpose: {answer.purpose} · place: {plain(answer.place)} ({answer.place_source})"
    )
    lines.append(f"Search: {answer.scope}")
    if answer.read_as:
        services = plain("; ".join(answer.read_as))
        lines.append(f"Read as: {services}. {answer.if_misread}")
    return Panel("\n".join(lines), expand=False, border_style="cyan")


def _procurement(answers: Sequence[Shortlist]) -> RenderableType:
    """What the law makes of the lots; what is the same for several is said once."""
    rows: dict[str, dict[str, list[Shortlist]]] = {}
    for _, together in groupby(answers, key=lambda answer: notice_id(answer.lot.id)):
        for label, words, lists in _law(list(together), answers):
            rows.setdefault(label, {}).setdefault(words, []).extend(lists)
    if not rows:
        return Text("")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for label, cells in rows.items():
        for n, (words, lists) in enumerate(cells.items()):
            which = _which(lists, answers)
            table.add_row("" if n else label, Text(f"L{which[1:]}: {words}" if which else words))
    return Panel(table, title="Procurement", title_align="left", border_style="cyan")


def _law(
    together: Sequence[Shortlist], answers: Sequence[Shortlist]
) -> Iterator[tuple[str, str, Sequence[Shortlist]]]:
    """What the law makes of one procurement: a heading, the words, and the lists they are about.

    Beside other procurements, the amount of its value is told with its value alone.
    """
    kinds: dict[str, tuple[ProcurementSummary, list[Shortlist]]] = {}
    for answer in together:
        if summary := answer.procurement:
            kinds.setdefault(summary.contract, (summary, []))[1].append(answer)
    if not kinds:
        return
    first, _ = next(iter(kinds.values()))
    value = "Not known" if first.value is None else f"{pounds(first.value)} including VAT"
    alone = len(together) == 1
    each = [first.value_words] if alone else values_of([x.lot for x in together], first.vat)
    yield "Value", (". " if alone else "\n").join([value, *each]), together
    buyer = f"{first.buyer or 'Not known'} ({first.buyer_kind})"
    yield "Buyer", f"{buyer}. {first.regime}", together
    for summary, lists in kinds.values():
        told = [
            ("Contract", f"{summary.contract}. {summary.contract_words}"),
            ("Threshold", summary.threshold_words),
            *_verdicts(summary),
        ]
        for label, words in told:
            yield label, words if together == answers else _without_value(summary, words), lists


def _without_value(summary: ProcurementSummary, words: str) -> str:
    """The words with "the value" for its amount, so that procurements can share them."""
    if summary.value is None or summary.value == summary.threshold:
        return words
    amount = rf"{re.escape(pounds(summary.value))}(?![\d,]|\.\d)"
    return re.sub(amount, "the value", re.sub(rf"(?<=\. ){amount}", "The value", words))


def _which(lists: Sequence[Shortlist], answers: Sequence[Shortlist]) -> str:
    """The lots that something is said about, '' where that is all."""
    if len(lists) == len(answers):
        return ""
    one_notice = len({notice_id(answer.lot.id) for answer in answers}) == 1
    ids = [id_in_notice(each.lot.id) if one_notice else each.lot.id for each in lists]
    return f"{'lot' if len(ids) == 1 else 'lots'} {', '.join(map(short, ids))}"


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
    for other in provider.related:
        if other.relation == PERHAPS_THE_SAME:
            said = f"{other.relation} {other.name} ({other.id})"
            text.append(f"{said[0].upper()}{said[1:]}\n", style="yellow")
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


def _footing(answer: Shortlist, own: _Sentences) -> Text:
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
    for words, style in own:
        text.append(f"\n· {words}", style=style)
    return text.append("\n")


def _small_print(
    answers: Sequence[Shortlist], shared: Mapping[tuple[str, str], Sequence[Shortlist]]
) -> Text:
    """The notes that several lists share, the rules, and what is needed to repeat the lists."""
    text = Text()
    for (words, style), lists in shared.items():
        which = _which(lists, answers)
        text.append(f"· {words}{f' ({which})' if which else ''}\n", style=style)
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
