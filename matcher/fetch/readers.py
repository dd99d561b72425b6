"""Which reader reads which layout: how a fetched file is known, and turned into providers."""

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
from matcher.sources.reference import code_lists, nspl

Feeds: TypeAlias = Iterator[tuple[Tally, Iterator[Provider]]]
Reader: TypeAlias = Callable[[Sequence[Path]], Feeds]

READERS: Mapping[str, Reader] = {
    "charities": charities.read,
    "companies": companies.read,
    "care": care.read,
    "mutuals": mutuals.read,
}
"""The layouts that hold providers."""

CODES: Mapping[str, Callable[[Sequence[Path]], Mapping[str, str]]] = {
    "sic": code_lists.sic,
    "cpv": code_lists.cpv,
}
"""The layouts that hold names of codes."""


def recognise(layout: str, paths: Sequence[Path]) -> None:
    """Look at the headers of files.  Raises BadSource where they are not of that layout."""
    if layout in READERS:
        next(READERS[layout](paths), None)
    elif layout in CODES:
        CODES[layout](paths)
    else:
        nspl.tables(paths)
