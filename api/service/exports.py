"""A kept shortlist as a spreadsheet: CSV, or XLSX with its record on a second sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime

import xlsxwriter

from api.cells import COLUMNS, row, safe
from api.errors import Undecided
from api.service.results import (
    Choice,
    DecisionOutcome,
    KeptDecision,
    KeptShortlist,
    ProviderOutcome,
)
from matcher.law.types import Purpose

_DECISION_COLUMNS = (
    "decision",
    "decision_reason",
    "decided_by",
    "decided_at",
    "conflicts_declared",
)
_OUTCOME_COLUMNS = ("result", "result_reason")
_WIDTHS = {
    "name": 34,
    "reasons": 80,
    "nearest_words": 60,
    "matched_words": 40,
    "past_contracts": 50,
}


def as_csv(shortlist: KeptShortlist) -> bytes:
    """The list as CSV, one row for each provider, with the last decision on it.

    Raises Undecided where a list of providers to invite has no decision.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow((*COLUMNS, *_DECISION_COLUMNS, *_OUTCOME_COLUMNS))
    writer.writerows(map(safe, _rows(shortlist)))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(shortlist: KeptShortlist) -> bytes:
    """The list as a workbook; its second sheet is the record: request, rules and versions.

    Every text is written as text, so that none is read as a formula or a link.
    """
    rows = list(_rows(shortlist))
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime.fromisoformat(shortlist.at).replace(tzinfo=None)})
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    sheet = book.add_worksheet("Shortlist")
    for at, name in enumerate((*COLUMNS, *_DECISION_COLUMNS, *_OUTCOME_COLUMNS)):
        sheet.write_string(0, at, name, bold)
        sheet.set_column(at, at, _WIDTHS.get(name, 16))
    sheet.freeze_panes(1, 0)
    for down, cells in enumerate(rows, 1):
        for at, cell in enumerate(cells):
            _write(sheet, down, at, cell)
    record = book.add_worksheet("Record")
    record.set_column(0, 0, 24)
    record.set_column(1, 1, 110, wrapped)
    for down, (name, text) in enumerate(_record(shortlist)):
        record.write_string(down, 0, name, bold)
        _write(record, down, 1, text)
    book.close()
    return out.getvalue()


WRITERS: dict[str, Callable[[KeptShortlist], bytes]] = {"csv": as_csv, "xlsx": as_xlsx}
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def check_decided(shortlist: KeptShortlist) -> None:
    """Raise Undecided where a list of providers to invite has no decision."""
    if shortlist.answer.purpose != Purpose.ENGAGEMENT.value and not shortlist.decisions:
        raise Undecided(
            f"shortlist {shortlist.id} is for purpose {shortlist.answer.purpose}: a named person "
            "decides which providers to invite before the list is exported; record a decision "
            "with the person's name, the reason and the declared conflicts of interest"
        )


def _rows(shortlist: KeptShortlist) -> Iterator[list[object]]:
    check_decided(shortlist)
    last = shortlist.decisions[-1] if shortlist.decisions else None
    engagement = shortlist.answer.purpose == Purpose.ENGAGEMENT.value
    choices = {choice.provider: choice for choice in last.decision.choices} if last else {}
    came = shortlist.outcomes[-1].outcome.results if shortlist.outcomes else ()
    results = {each.provider: each for each in came}
    for suggestion in shortlist.answer.suggestions:
        choice = choices.pop(suggestion.id, None)
        result = _outcome(results.pop(suggestion.id, None))
        yield [*row(shortlist.answer, suggestion), *_decision(last, choice, engagement), *result]
    names = {id_: choice.name for id_, choice in choices.items()}
    names |= {id_: each.name for id_, each in results.items() if id_ not in names}
    for id_, name in names.items():
        blank: list[object] = [""] * len(COLUMNS)
        blank[:3] = shortlist.answer.lot.id, shortlist.answer.lot.title, shortlist.answer.purpose
        blank[COLUMNS.index("id")] = id_
        blank[COLUMNS.index("name")] = name
        decided = _decision(last, choices.get(id_), engagement)
        yield [*blank, *decided, *_outcome(results.get(id_))]


def _outcome(each: ProviderOutcome | None) -> list[object]:
    return [each.result.value, each.reason] if each else [""] * len(_OUTCOME_COLUMNS)


def _decision(last: KeptDecision | None, choice: Choice | None, engagement: bool) -> list[object]:
    """The cells of the last decision on a provider.  Nobody is invited from an engagement list."""
    if last is None:
        return [""] * len(_DECISION_COLUMNS)
    outcome = (choice.outcome.value, choice.reason) if choice else ("nothing decided", "")
    if engagement and choice and choice.outcome is DecisionOutcome.INVITED:
        outcome = ("included", choice.reason)
    return [*outcome, last.decision.by, last.at, last.decision.conflicts]


def _record(shortlist: KeptShortlist) -> Iterator[tuple[str, object]]:
    answer = shortlist.answer
    yield "Shortlist", shortlist.id
    yield "First asked for", shortlist.at
    yield "Lot", answer.lot.title
    yield "Description", answer.lot.description
    if answer.read_as:
        yield "Read as", "; ".join(answer.read_as)
    yield "Purpose", answer.purpose
    yield "Scope", answer.scope
    yield "Place", f"{answer.place} ({answer.place_source})"
    yield "Law of", answer.on.isoformat()
    for rule, source in zip(answer.rule_ids, answer.rule_sources, strict=True):
        yield f"Rule {rule}", source
    yield from (("Note", note) for note in answer.notes)
    if answer.notice_sentence:
        yield "For the notice", answer.notice_sentence
    if answer.procedure:
        yield "Procedure rules", f"{answer.procedure.council}, version {answer.procedure.version}"
        yield from (
            (f"Rule: {c.outcome}", f"{c.words}. {c.because}") for c in answer.procedure.checks
        )
    yield "Tie-break seed", str(answer.seed)
    yield "Register", answer.register
    yield "Bundle", answer.model
    yield "Rulebook", answer.rulebook
    yield "Entry in the records", f"{shortlist.seq}: {shortlist.hash}"
    for kept in shortlist.decisions:
        decision = kept.decision
        yield "Decision", f"{kept.at}, {decision.by} ({decision.role}): {decision.reason}"
        yield "Name checked", "yes, signed in" if kept.signed_in else "no, as it was given"
        yield "Conflicts of interest", decision.conflicts
    for recorded in shortlist.outcomes:
        outcome = recorded.outcome
        read = f", winners read from notice {outcome.notice}" if outcome.notice else ""
        yield "Outcome", f"{recorded.at}, {outcome.by} ({outcome.role}){read}: {outcome.note}"


def _write(sheet: xlsxwriter.worksheet.Worksheet, down: int, at: int, cell: object) -> None:
    (text,) = safe([cell])
    if isinstance(text, str):
        sheet.write_string(down, at, text[:32_767])
    else:
        sheet.write_number(down, at, text)
