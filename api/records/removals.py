"""Removes bodies from the chain, or parts of them, and appends an entry that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, func, select, tuple_

from api.records import request_keys
from api.records.appending import Appending, BodyChange
from api.records.drafts import delete_naming
from api.records.entry import (
    GONE,
    PRUNED_KINDS,
    REDACTED_KINDS,
    EntryKind,
    NewEntry,
    Removal,
    digest,
    timestamp,
)
from api.records.entry_rows import all_entries, head, replace_body
from api.records.exposure import rename
from api.records.schema import entries, exposure


def redact(
    connection: Connection,
    appending: Appending,
    change: BodyChange,
    removal: Removal,
    *,
    about: str,
    providers: Sequence[str],
) -> int:
    """Replace bodies by `change(kind, body)`, as `Records.redact` does."""
    left: dict[str, str] = {}
    for entry in all_entries(connection):
        if entry.body is None or entry.kind not in REDACTED_KINDS:
            continue
        changed = change(entry.kind, entry.body)
        if changed != entry.body:
            replace_body(connection, entry.seq, changed)
            left[str(entry.seq)] = digest(changed)
    forget(connection, providers)
    rename(connection, providers, about)
    marks = tuple(sorted(digest(id_.encode()) for id_ in providers))
    removal = replace(removal, left=left, marks=marks)
    _append(connection, appending, EntryKind.SUPPRESSION, removal, about)
    return len(left)


def forget(connection: Connection, providers: Sequence[str]) -> None:
    """Delete drafts that name one of these ids, and every answer under the key of a request."""
    delete_naming(connection, providers)
    request_keys.forget(connection)


def prune(connection: Connection, appending: Appending, before: datetime, removal: Removal) -> int:
    """Remove the bodies of old answers, as `Records.prune` does."""
    kinds = [kind.value for kind in PRUNED_KINDS]
    answer = tuple_(entries.c.authority, entries.c.about)
    old = (
        select(entries.c.authority, entries.c.about)
        .where(entries.c.kind.in_(kinds))
        .group_by(entries.c.authority, entries.c.about)
        .having(func.max(entries.c.at) < timestamp(before))
    )
    with_body = answer.in_(old) & entries.c.kind.in_(kinds) & entries.c.body.is_not(None)
    of_old = tuple_(exposure.c.authority, exposure.c.shortlist).in_(old)
    removed = list(connection.execute(select(entries.c.seq).where(with_body)).scalars())
    connection.execute(delete(exposure).where(of_old))
    request_keys.forget(connection)
    for seq in removed:
        replace_body(connection, seq, None)
    if removed:
        removal = replace(removal, left=dict.fromkeys(map(str, removed), GONE))
        _append(connection, appending, EntryKind.PRUNING, removal, "")
    return len(removed)


def _append(
    connection: Connection, appending: Appending, kind: EntryKind, removal: Removal, about: str
) -> None:
    seq, _ = head(connection)
    body = msgspec.json.encode(removal, order="deterministic")
    appending.append(connection, [NewEntry(kind, f"{kind.value}-{seq + 1}", about, body)])
