"""The names of an organisation that is to be removed: which are its own, and what says them."""

from __future__ import annotations

from dataclasses import replace

from matcher.core.types import Lot
from matcher.register.build.suppression_list import (
    by_rare_names,
    names_alone,
    says_no_number,
    without_names,
    written_names,
)
from matcher.register.linkage.name_similarity import normalise
from matcher.register.register import Register
from matcher.register.search import NameQuery, look_up

_COMPARED = 50


def shared_names(register: Register, row: int) -> frozenset[str]:
    """The rare names of the organisation in `row` that another one with a number has too.

    What says such a name alone may be of either.
    """
    names = names_alone(register.organisations[row].records)
    return frozenset(name for name in names if _is_of_another(register, row, name))


def _is_of_another(register: Register, row: int, name: str) -> bool:
    hits = look_up(register, NameQuery(name), _COMPARED)
    rows = {found for hit in hits if (found := register.row(hit.id)) is not None} - {row}
    return any(
        name in {normalise(each) for each in (record.name, *record.aliases)}
        for other in sorted(rows)
        if not all(map(says_no_number, register.organisations[other].records))
        for record in register.organisations[other].records
    )


class NameEraser:
    """The names of the organisation on one row, as the texts of notices may say them.

    What it won may say any of them.  Elsewhere only a rare name that nobody else has is surely its.
    """

    def __init__(self, register: Register, row: int) -> None:
        records, shared = register.organisations[row].records, shared_names(register, row)
        self._records = records
        self._rare = [rare for one in records if (rare := by_rare_names(one, shared)) is not None]
        self._said = {name.casefold() for rare in self._rare for name in written_names(rare)}

    def without(self, lot: Lot, *, own: bool) -> Lot:
        """A lot whose title and description do not say the names; `own` is whether it won it."""
        text = f"{lot.title}\n{lot.description}".casefold()
        if not own and not any(name in text for name in self._said):
            return lot
        title, description = lot.title, lot.description
        for record in self._records if own else self._rare:
            title, description = without_names(record, title), without_names(record, description)
        return replace(lot, title=title, description=description)
