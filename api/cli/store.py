"""The store of downloaded data, as the options of several commands name it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from api.cli.named_paths import file_to_read, folder_to_fill
from matcher.fetch.store import FeedStore
from matcher.sources.catalogue import Catalogue, load_catalogue

_STORE_HELP = (
    "The folder of downloaded data. Default: $LBD_STORE, or else local-by-default in your data "
    "folder."
)
StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        callback=folder_to_fill,
        help=_STORE_HELP,
    ),
]
StoreToRead = Annotated[
    Path | None,
    typer.Option("--store", help=_STORE_HELP),
]
SourcesOption = Annotated[
    Path | None,
    typer.Option(
        "--sources",
        callback=file_to_read,
        help="A TOML file with addresses that have moved. Default: sources.toml in the store.",
    ),
]


def open_store(path: Path | None) -> FeedStore:
    """The store in a folder, or the default store."""
    return FeedStore(path) if path else FeedStore.usual(os.environ)


def open_catalogue(store: FeedStore, sources: Path | None) -> Catalogue:
    """The catalogue of sources, with addresses from `sources` or from the store's own file."""
    in_store = store.path / "sources.toml"
    return load_catalogue([sources] if sources else [in_store] if in_store.is_file() else [])
