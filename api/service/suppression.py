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


def suppress(records: Records, register: Register, id_: str, *, by: str, why: str) -> Suppressed:
    """Remove an organisation from the records and the register, and record the removal.

    Raises BadInput where `by` or `why` is empty, and RegisterError for a plain number that is no id
    of the register.
    """
    for name, text in (("by", by), ("why", why)):
        if not text.strip():
            raise BadInput(f"{name}: is missing; give the person who suppresses it, and the reason")
    erase.check_id(register, id_)
    row = register.row(id_)
    known = register.organisations[row].records if row is not None else ()
    ids = {id_, *(i for record in known for i in (record.id, *record.ids))}
    alias = pseudonym(id_)
    removal = Removal(why=why, by=by, what="an organisation's fields, at its request")
    changed = records.redact(without(ids, alias), removal, alias, sorted(ids))
    # The register comes last: after an interruption, running it again finds the row and goes on.
    in_register = erase.suppress(register.folder.parent, id_) is not None
    return Suppressed(alias, changed, in_register)
