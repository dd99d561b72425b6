"""Where today's files of a source are: in the catalogue, on a web page, or by a search."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from matcher.core.errors import FetchError
from matcher.fetch.client import Client
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.formats.days import day_in

_LONGEST_LINK = 2_000
"""Longest link that is compared with the catalogue's pattern, in characters."""
_ITEM_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")


def in_catalogue(client: Client, entry: CatalogueEntry) -> list[str]:
    """The addresses in the catalogue, which never change."""
    return entry.addresses()


def of_newest_item(client: Client, entry: CatalogueEntry) -> list[str]:
    """The catalogue's addresses, with the id of the newest item of an ArcGIS hub filled in."""
    answer = client.json(entry, entry.address, entry.params)
    try:
        item = answer["features"][0]["id"]
    except (LookupError, TypeError):
        item = None
    if not isinstance(item, str) or not _ITEM_ID.fullmatch(item):
        raise FetchError(
            f"{entry.title}: the search at {entry.address} found nothing; it has changed. "
            "Correct address or params in the catalogue of sources. The copy fetched before "
            "is still in use"
        )
    return [address.format(id=item) for address in entry.files]


def on_page(client: Client, entry: CatalogueEntry) -> list[str]:
    """The addresses of the latest day that a web page links to; names of files say their day."""
    page = _Links()
    page.feed(client.text(entry, entry.address))
    days: dict[str, str] = {}
    for link in page.links:
        if match := re.search(entry.link, link):
            day = day_in(match["day"].replace("_", " "))
            address = _allowed(entry, urljoin(entry.address, link))
            days[address] = day.isoformat() if day else ""
    if not days:
        raise FetchError(
            f"{entry.title}: the page {entry.address} links to no file like {entry.link}; it "
            "has changed, or it shows an error. Open it in a browser, and correct address or "
            "link in the catalogue of sources. The copy fetched before is still in use"
        )
    latest = max(days.values())
    return sorted(address for address, day in days.items() if day == latest)


def _allowed(entry: CatalogueEntry, address: str) -> str:
    """The address itself.  Raises FetchError where the catalogue does not name its host."""
    host = urlsplit(address).netloc
    if host not in {urlsplit(entry.address).netloc, *entry.hosts}:
        raise FetchError(
            f"{entry.title}: the page {entry.address} links to another host, {host}, which the "
            "catalogue of sources does not name. If that is right, add it to this source: "
            f'hosts = ["{host}"]'
        )
    return address


class _Links(HTMLParser):
    """Collects the addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the address of a link."""
        if tag == "a":
            links = [value for name, value in attrs if name == "href" and value]
            self.links += [link for link in links if len(link) <= _LONGEST_LINK]
