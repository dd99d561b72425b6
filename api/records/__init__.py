"""The chain of what was asked, answered, decided and removed, in a database."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from api.records.entry import Entry as Entry
    from api.records.entry import EntryKind as EntryKind
    from api.records.records import Records as Records
else:
    __getattr__, __dir__ = lazy(__name__)
