"""The reader of each layout, which recognises fetched files and reads their providers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from matcher.core.types import Provider, Tally
from matcher.sources.providers import (
    care,
    charities,
    companies,
    mutuals,
)
from matcher.sources.reference import code_lists, nspl, place_names

Feeds: TypeAlias = Iterator[tuple[Tally, Iterator[Provider]]]
Reader: TypeAlias = Callable[[Sequence[Path]], Feeds]

READERS: Mapping[str, Reader] = {
    "charities": charities.read,
    "companies": companies.read,
    "care": care.read,
    "mutuals": mutuals.read,
}
"""Layouts of files of providers."""

CODES: Mapping[str, Callable[[Sequence[Path]], Mapping[str, str]]] = {
    "sic": code_lists.sic,
    "cpv": code_lists.cpv,
}
"""Layouts of code lists."""


def recognise(layout: str, paths: Sequence[Path]) -> None:
    """Read the headers of files.  Raises BadSource where they do not have that layout."""
    if layout in READERS:
        next(READERS[layout](paths), None)
    elif layout in CODES:
        CODES[layout](paths)
    elif layout == "place-names":
        place_names.tables(paths)
    else:
        nspl.tables(paths)
