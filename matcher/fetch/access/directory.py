"""Councils' directories of services (Open Referral UK), each named by its address."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

import msgspec

from matcher.fetch.access.base import (
    FetchContext,
    FetchRequest,
    FetchResult,
    FetchTarget,
    SourceAccess,
    StoredFeed,
    StoredSource,
)
from matcher.fetch.open_referral_api import OpenReferralDirectory, feed_name
from matcher.fetch.store import State, stored_file
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.providers import open_referral

_FILE = "services.json"


class DirectoryAccess(SourceAccess):
    """A council's directory. Its options are its address and its name in the store."""

    takes_address: ClassVar[bool] = True

    def target(
        self,
        key: str,
        entry: CatalogueEntry,
        request: FetchRequest,
        previous: Mapping[str, str],
    ) -> FetchTarget:
        """The directory at the address in `previous`."""
        address = previous["address"]
        name = feed_name(address)
        titled = msgspec.structs.replace(entry, address=address, title=f"{entry.title}: {name}")
        return FetchTarget(f"{key}-{name}", key, titled, {"address": address, "feed": name})

    def fetch(self, target: FetchTarget, context: FetchContext) -> FetchResult:
        """Fetch the services of a directory into one file."""
        store, address = context.store, target.options["address"]
        state, now = store.state(target.name), context.client.clock.now()
        arriving = store.partial(target.name) / "services.jsonl"
        services = OpenReferralDirectory(context.client, target.entry, address, arriving).fetch()
        generation = store.fresh(target.name)
        path = generation / target.options["feed"] / _FILE
        path.parent.mkdir()
        path.write_text(json.dumps(services, ensure_ascii=False, indent=0), encoding="utf-8")
        file = replace(stored_file(path, address), name=str(path.relative_to(generation)))
        is_new = state is None or [old.sha256 for old in state.files] != [file.sha256]
        changed = now if is_new or state is None else state.changed
        store.put(
            target.name,
            State(target.key, now, changed, generation.name, (file,), asked=target.options),
        )
        shutil.rmtree(store.partial(target.name), ignore_errors=True)
        return FetchResult(is_new)

    def feeds(self, source: StoredSource) -> Iterator[StoredFeed]:
        """The providers of a directory."""
        for tally, rows in open_referral.read(source.paths()):
            yield StoredFeed(tally, rows)
