"""Reads files, notices and documents into records, one module for each feed."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "AreaFilter",
    "CatalogueEntry",
    "Credit",
    "ExtractedLot",
    "load_catalogue",
    "read_document",
    "read_in_sandbox",
    "read_lots",
]

if TYPE_CHECKING:
    from matcher.sources.area_filter import AreaFilter
    from matcher.sources.catalogue import CatalogueEntry, Credit, load_catalogue
    from matcher.sources.documents.extracted_lots import ExtractedLot
    from matcher.sources.documents.reader import read_document
    from matcher.sources.documents.sandbox import read_in_sandbox
    from matcher.sources.notices.lots import read_lots
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.sources.area_filter": ["AreaFilter"],
            "matcher.sources.catalogue": ["CatalogueEntry", "Credit", "load_catalogue"],
            "matcher.sources.documents.extracted_lots": ["ExtractedLot"],
            "matcher.sources.documents.reader": ["read_document"],
            "matcher.sources.documents.sandbox": ["read_in_sandbox"],
            "matcher.sources.notices.lots": ["read_lots"],
        },
    )
