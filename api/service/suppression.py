"""Suppressing an organisation: removing its fields from the records and the register."""

from __future__ import annotations

from api.records.entry import Removal
from api.records.records import Records
from api.service.redaction import without
from api.service.results import Suppressed
from matcher.core.errors import BadInput
from matcher.register.build import erase
from matcher.register.build.suppression_list import pseudonym
from matcher.register.register import Register


def suppress(
    records: Records | None, register: Register, id_: str, *, by: str, why: str
) -> Suppressed:
    """Remove an organisation from the records and the register, and record the removal.

    Without `records`, it is removed from the register alone.  Raises BadInput where `by` or `why`
    is empty, and RegisterError as `matcher.register.build.erase.removing` does.
    """
    for name, text in (("by", by), ("why", why)):
        if not text.strip():
            raise BadInput(f"{name}: is missing; give the person who suppresses it, and the reason")
    alias, changed = pseudonym(id_), 0
    with erase.removing(register.folder.parent, id_, records=records is not None) as found:
        ids = sorted(found.ids)
        if records is not None:
            removal = Removal(why=why, by=by, what="an organisation's fields, at its request")
            change = without(ids, alias, found.records)
            changed = records.redact(change, removal, alias, ids)
        in_register = found.erase() is not None
        if records is not None:
            records.forget(ids)
    return Suppressed(alias, changed, in_register, tuple(ids))
