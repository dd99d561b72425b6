"""What people told `matcher train`: graded lots, decisions, and what names mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.output import console
from matcher.core.errors import BadInput

if TYPE_CHECKING:
    from training.learning.people import JudgedLot

_SHOWN = 10
"""How many incomplete rows are named."""


def judged_by_people(
    judgements: Path | None, lots: Path | None, decisions: str | None
) -> list[JudgedLot]:
    """The lots that people judged.  Raises BadInput where a file is missing."""
    from training.learning.people import graded

    if judgements and not lots:
        raise BadInput("--judgements: give --judged-lots, the lots that it grades")
    found = graded(judgements, lots) if judgements and lots else []
    if decisions is None:
        return found
    from api.cli.decided_lots import read_decided_lots

    decided = read_decided_lots(decisions)
    counts = ", ".join(f"{number} {what}" for what, number in sorted(decided.choices.items()))
    console.console(error=True).print(f"Decisions: {counts or 'none'}.")
    return [*found, *decided.lots]


def to_tune_on(grades: Path | None, lots: Path | None, people: list[JudgedLot]) -> list[JudgedLot]:
    """The lots to tune encoders on.  Raises BadInput where the rankers learn from one as well."""
    from training.learning.people import graded

    if grades is None:
        return []
    if lots is None:
        raise BadInput("--tune-on: give --judged-lots, the lots that it grades")
    found = graded(grades, lots, "--tune-on")
    both = sorted({one.lot.id for one in found} & {one.lot.id for one in people})
    if both:
        raise BadInput(
            f"--tune-on and --judgements: both grade lot {both[0]} ({len(both)} in all); relevance "
            "would be taken for better than it is, so divide the lots between them"
        )
    return found


def told_names(told: Path | None, tune_on: Path | None) -> list[tuple[str, str]]:
    """Names and what their bearers do.  Says on the terminal which rows lack one of the two."""
    from training.learning import names_told

    if told is None:
        return []
    if tune_on is None:
        raise BadInput("--names-told: encoders learn names while they are tuned; give --tune-on")
    found = names_told.read(told)
    if found.incomplete:
        lines = ", ".join(map(str, found.incomplete[:_SHOWN]))
        more = " and others" if len(found.incomplete) > _SHOWN else ""
        console.console(error=True).print(
            f"--names-told: {len(found.incomplete)} of {len(found.incomplete) + len(found.names)} "
            f"rows lack a name or what it does, and are left out (lines {lines}{more})."
        )
    return found.names
