"""Files whose addresses are in the catalogue."""

from __future__ import annotations

from matcher.fetch.access.files import FilesAccess
from matcher.fetch.client import Client
from matcher.sources.catalogue import CatalogueEntry


class KnownFiles(FilesAccess):
    """A source whose file addresses never change."""

    def addresses(self, client: Client, entry: CatalogueEntry) -> list[str]:
        """The addresses in the catalogue."""
        return entry.addresses()
