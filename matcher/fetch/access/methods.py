"""The table of access methods: one object for each kind of source."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.fetch.access import addresses
from matcher.fetch.access.base import SourceAccess
from matcher.fetch.access.directory import DirectoryAccess
from matcher.fetch.access.files import FilesAccess
from matcher.fetch.access.notices import NoticesAccess
from matcher.fetch.access.spending import SpendingAccess
from matcher.sources.catalogue import AccessMethod, CatalogueEntry

_METHODS: Mapping[AccessMethod, SourceAccess] = {
    AccessMethod.FILES: FilesAccess(addresses.in_catalogue),
    AccessMethod.PAGE: FilesAccess(addresses.on_page),
    AccessMethod.ARCGIS: FilesAccess(addresses.of_newest_item),
    AccessMethod.NOTICES: NoticesAccess(),
    AccessMethod.DIRECTORY: DirectoryAccess(),
    AccessMethod.SPENDING: SpendingAccess(),
}


def access_to(entry: CatalogueEntry) -> SourceAccess:
    """The way to fetch and read a source."""
    return _METHODS[entry.way]
