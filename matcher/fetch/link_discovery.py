"""Where today's files of a source are: said outright, linked from a page, or found by a search."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from matcher.core.errors import FetchError
from matcher.fetch.client import Client
from matcher.sources.catalogue import AccessMethod, CatalogueEntry
from matcher.sources.formats.tables import day_in

_AN_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")


def addresses(caller: Client, entry: CatalogueEntry) -> list[str]:
    """The addresses of the files of a source.  Raises FetchError where none is found."""
    return _FINDERS[entry.way](caller, entry)


def _told(caller: Client, entry: CatalogueEntry) -> list[str]:
    return entry.addresses()


def _linked(caller: Client, entry: CatalogueEntry) -> list[str]:
    """The newest of the files that a page links to: all those of the latest day."""
    page = _Links()
    page.feed(caller.text(entry, entry.address))
    found: dict[str, str] = {}
    for link in page.links:
        if match := re.search(entry.link, link):
            day = day_in(match["day"].replace("_", " "))
            found[_own(entry, urljoin(entry.address, link))] = day.isoformat() if day else ""
    if not found:
        raise FetchError(
            f"{entry.title}: the page {entry.address} links to no file like {entry.link}; it has "
            "changed, or it shows an error. Open it in a browser, and correct address or link in "
            "the catalogue of sources. What was fetched before stands"
        )
    latest = max(found.values())
    return sorted(address for address, day in found.items() if day == latest)


def _own(entry: CatalogueEntry, address: str) -> str:
    """A link, as long as it leads where the catalogue says that the source may be."""
    host = urlsplit(address).netloc
    if host not in {urlsplit(entry.address).netloc, *entry.hosts}:
        raise FetchError(
            f"{entry.title}: the page {entry.address} links to another host, {host}, which the "
            "catalogue of sources does not name. If that is right, write it there under this "
            f'source: hosts = ["{host}"]'
        )
    return address


def _searched(caller: Client, entry: CatalogueEntry) -> list[str]:
    """The newest item that a search finds, under the address that the catalogue gives files."""
    answer = caller.json(entry, entry.address, entry.params)
    try:
        item = answer["features"][0]["id"]
    except (LookupError, TypeError):
        item = None
    if not isinstance(item, str) or not _AN_ID.fullmatch(item):
        raise FetchError(
            f"{entry.title}: the search at {entry.address} found nothing; it has changed. Correct "
            "address or params in the catalogue of sources. What was fetched before stands"
        )
    return [address.format(id=item) for address in entry.files]


class _Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the address of a link."""
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]


_FINDERS: dict[AccessMethod, Callable[[Client, CatalogueEntry], list[str]]] = {
    AccessMethod.FILES: _told,
    AccessMethod.PAGE: _linked,
    AccessMethod.ARCGIS: _searched,
}
