"""The table of access methods: one object for each kind of source."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.fetch.access.base import SourceAccess
from matcher.fetch.access.directory import DirectoryAccess
from matcher.fetch.access.known_files import KnownFiles
from matcher.fetch.access.linked_files import LinkedFiles
from matcher.fetch.access.notices import NoticesAccess
from matcher.fetch.access.searched_files import SearchedFiles
from matcher.fetch.access.spending import SpendingAccess
from matcher.sources.catalogue import AccessMethod, CatalogueEntry

_METHODS: Mapping[AccessMethod, SourceAccess] = {
    AccessMethod.FILES: KnownFiles(),
    AccessMethod.PAGE: LinkedFiles(),
    AccessMethod.ARCGIS: SearchedFiles(),
    AccessMethod.NOTICES: NoticesAccess(),
    AccessMethod.DIRECTORY: DirectoryAccess(),
    AccessMethod.SPENDING: SpendingAccess(),
}


def access_to(entry: CatalogueEntry) -> SourceAccess:
    """The way to fetch and read a source."""
    return _METHODS[entry.way]
