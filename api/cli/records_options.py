"""Which records the commands of `matcher records` are about, and opening them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.records import anchors
from api.records.chain_key import ChainKey
from api.records.records import Records
from api.settings import Settings
from matcher.core.errors import BadInput

BesideOption = Annotated[
    Path | None,
    typer.Option(
        "--register",
        envvar="MATCHER_REGISTER",
        help="The register that the records lie next to. Not needed where --records names a file.",
    ),
]


def settings_of(
    register: Path | None, records: str, chain_key: Path | None, *, anchored: bool = True
) -> Settings:
    """The settings that name the records, and the file of anchors where it is used (`anchored`).

    Raises BadInput where nothing says where they lie.
    """
    location = records or os.environ.get("DATABASE_URL", "")
    kept_in = os.environ.get("LBD_ANCHORS", "")
    settings = Settings(
        register or Path(),
        records=location,
        chain_key=chain_key,
        anchors=Path(kept_in) if kept_in else None,
    )
    if register is None and not location:
        raise BadInput(
            "--records: is missing; name the file or the URL of the records, or give --register if "
            "they lie next to the register"
        )
    is_file = settings.records_url.startswith("sqlite:///")
    if register is None and anchored and not is_file and not kept_in:
        raise BadInput(
            "--register: is needed with the records of a database server, because the file of "
            "anchors that belongs to them lies next to the register; or name that file in "
            "$LBD_ANCHORS"
        )
    return settings


def kept_url(settings: Settings, option: str = "--records") -> str:
    """The URL of the records.  Raises BadInput, naming the `option`, if there is no such file."""
    _, is_file, path = settings.records_url.partition("sqlite:///")
    if is_file and not Path(path).exists():
        raise BadInput(f"{option} {path}: no such file; name the one that `matcher serve` wrote")
    return settings.records_url


def chain_key_of(settings: Settings) -> ChainKey | None:
    """The chain key, if one is named.  Raises BadInput where it cannot be used."""
    return ChainKey.open(settings.chain_key) if settings.chain_key else None


@contextmanager
def opened_records(settings: Settings, option: str = "--records") -> Iterator[Records]:
    """The records.  Raises BadInput as `kept_url` does."""
    records = Records.open(kept_url(settings, option), chain_key=chain_key_of(settings))
    try:
        yield records
    finally:
        records.close()


@contextmanager
def changing(settings: Settings) -> Iterator[Records]:
    """The records, whose new head is added to the file of anchors at the end."""
    with opened_records(settings) as records:
        yield records
        anchors.append(settings.anchors_path, records.anchor())
