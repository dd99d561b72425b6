"""Reads files, notices and documents into records, one module for each feed."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.sources.area_filter import AreaFilter as AreaFilter
    from matcher.sources.catalogue import CatalogueEntry as CatalogueEntry
    from matcher.sources.catalogue import Credit as Credit
    from matcher.sources.catalogue import load_catalogue as load_catalogue
    from matcher.sources.documents.extracted_lots import ExtractedLot as ExtractedLot
    from matcher.sources.documents.reader import read_document as read_document
    from matcher.sources.documents.sandbox import read_in_sandbox as read_in_sandbox
    from matcher.sources.notices.lots import read_lots as read_lots
else:
    __getattr__, __dir__ = lazy(__name__)
