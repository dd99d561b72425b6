"""Finds the sources that a fetch request names."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.core.errors import BadInput
from matcher.fetch.access.base import FetchRequest, FetchTarget
from matcher.fetch.access.methods import access_to
from matcher.fetch.store import FeedStore
from matcher.sources.catalogue import AccessMethod, Catalogue

_AWARDS = "awards"
"""The group of services from which --source can select."""
_ADDRESS_NEEDED = {
    AccessMethod.DIRECTORY: "fetch open-referral: give the address of the directory, such as "
    "`matcher fetch open-referral https://council.example/api`",
    AccessMethod.SPENDING: "fetch spend: say where the files are, such as `matcher fetch spend "
    "--from https://council.example/payments-over-500`, or give a folder",
}


def targets(request: FetchRequest, entries: Catalogue, store: FeedStore) -> list[FetchTarget]:
    """The requested sources; all stored sources where the request names none.

    Raises BadInput, with the sources that can be fetched, where a word is unknown.
    """
    if not request.words:
        stored = [_stored(store, name, entries, request) for name in store.names()]
        if not stored:
            raise BadInput(
                "fetch: nothing was fetched before, so there is nothing to update; say what to "
                f"fetch: {', '.join(_groups(entries))}, or open-referral and an address, or spend "
                "and --from with the page that lists a council's payments"
            )
        return stored
    found: list[FetchTarget] = []
    for word in request.words:
        found += _named(word, request, entries, store)
    return list({target.name: target for target in found}.values())


def _groups(entries: Catalogue) -> list[str]:
    groups = (entry.group for entry in entries.values() if not access_to(entry).takes_address)
    return list(dict.fromkeys(groups))


def _named(
    word: str, request: FetchRequest, entries: Catalogue, store: FeedStore
) -> list[FetchTarget]:
    """The targets for one word of the request."""
    if "://" in word:
        return [_at_address(word, request, entries)]
    if request.address and word in _with_address(entries, AccessMethod.SPENDING):
        return [_named_by(word, request.address, request, entries)]
    names = [name for name, entry in entries.items() if word in (name, entry.group)]
    if not names:
        raise BadInput(
            f"fetch {word!r}: is not a source; name one or more of {', '.join(_groups(entries))} "
            f"(or single sources: {', '.join(entries)}), or open-referral and an address, or spend "
            "and --from"
        )
    if access_to(entries[names[0]]).takes_address:
        return _known_addresses(names, request, entries, store)
    if entries[names[0]].group == _AWARDS:
        names = _narrowed(names, request, entries)
    return [_target(name, request, entries, store) for name in names]


def _narrowed(names: Sequence[str], request: FetchRequest, entries: Catalogue) -> list[str]:
    """The services that --source names; all services where it names none."""
    services = [name for name, entry in entries.items() if entry.group == _AWARDS]
    for source in request.sources:
        if source not in services:
            raise BadInput(
                f"--source {source!r}: has no award notices; name one or more of "
                f"{', '.join(services)}"
            )
    return [name for name in names if not request.sources or name in request.sources]


def _target(name: str, request: FetchRequest, entries: Catalogue, store: FeedStore) -> FetchTarget:
    entry, state = entries[name], store.state(name)
    return access_to(entry).target(name, entry, request, state.asked if state else {})


def _with_address(entries: Catalogue, way: AccessMethod) -> list[str]:
    return [name for name, entry in entries.items() if entry.way is way]


def _at_address(address: str, request: FetchRequest, entries: Catalogue) -> FetchTarget:
    """The source at an address among the words: spending if that is named, or else a directory."""
    spending = _with_address(entries, AccessMethod.SPENDING)
    asked = [name for name in spending if name in request.words]
    key = next(iter(asked or _with_address(entries, AccessMethod.DIRECTORY)))
    return _named_by(key, address, request, entries)


def _named_by(key: str, address: str, request: FetchRequest, entries: Catalogue) -> FetchTarget:
    return access_to(entries[key]).target(key, entries[key], request, {"address": address})


def _known_addresses(
    keys: Sequence[str], request: FetchRequest, entries: Catalogue, store: FeedStore
) -> list[FetchTarget]:
    """The stored sources of this kind; empty where the request also has addresses."""
    if any("://" in word for word in request.words):
        return []
    stored = [_stored(store, name, entries, request) for name in store.names()]
    found = [target for target in stored if target.key in keys]
    if not found:
        raise BadInput(_ADDRESS_NEEDED[entries[keys[0]].way])
    return found


def _stored(store: FeedStore, name: str, entries: Catalogue, request: FetchRequest) -> FetchTarget:
    """The target that fetches a stored source again, with the options of its last fetch."""
    state = store.state(name)
    if state is None or state.entry not in entries:
        raise BadInput(
            f"--store {store.path}: has {name}, which is not in the catalogue of sources; "
            "delete that folder, or give the file that lists it with --sources"
        )
    entry = entries[state.entry]
    return access_to(entry).target(state.entry, entry, request, state.asked)
