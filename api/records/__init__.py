"""The chain of what was asked, answered, decided and removed, in a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = ["Entry", "EntryKind", "Records"]

if TYPE_CHECKING:
    from api.records.entry import Entry, EntryKind
    from api.records.records import Records
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {"api.records.entry": ["Entry", "EntryKind"], "api.records.records": ["Records"]},
    )
