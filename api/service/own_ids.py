"""Organisations as people name them in decisions and outcomes: by any id, in any form."""

from __future__ import annotations

from collections.abc import Container, Iterable

from matcher.core.errors import BadInput
from matcher.register.columns import ids_of
from matcher.register.register import Register


def own_ids(
    field: str, sent: Iterable[str], listed: Container[str], register: Register
) -> dict[str, str]:
    """Each id that was sent → the one that the list, or else the register, has for it.

    An id that neither has stays as it is.  Raises BadInput naming `field` for an organisation that
    is named twice, by one id or by two of its ids.
    """
    own: dict[str, str] = {}
    named: dict[str, str] = {}
    for id_ in sent:
        found = _own_id(id_, listed, register)
        before = named.setdefault(found, id_)
        if id_ in own:
            raise BadInput(f"{field}: {id_} is there twice; give one for each provider")
        if before != id_:
            raise BadInput(
                f"{field}: {before} and {id_} are one organisation; give one for each provider"
            )
        own[id_] = found
    return own


def _own_id(id_: str, listed: Container[str], register: Register) -> str:
    if id_ in listed or (row := register.row(id_)) is None:
        return id_
    organisation = register.organisations[row]
    on_list = (each for each in ids_of(organisation) if each in listed)
    return next(on_list, organisation.provider.id)
