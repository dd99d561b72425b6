"""Which rare names of an organisation that is to be removed are its own alone."""

from __future__ import annotations

from matcher.register.build.suppression_list import names_alone, says_no_number
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
