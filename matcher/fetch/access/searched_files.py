"""Files of the newest item that a search of an ArcGIS hub finds."""

from __future__ import annotations

import re

from matcher.core.errors import FetchError
from matcher.fetch.access.files import FilesAccess
from matcher.fetch.client import Client
from matcher.sources.catalogue import CatalogueEntry

_ITEM_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")


class SearchedFiles(FilesAccess):
    """A source whose files belong to an item of an ArcGIS hub."""

    def addresses(self, client: Client, entry: CatalogueEntry) -> list[str]:
        """The catalogue's file addresses, with the id of the newest item filled in."""
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
