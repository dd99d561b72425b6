"""Builders for tests: the smallest lot, provider or award that shows the thing."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from matcher.core.types import (
    Award,
    Grade,
    Lot,
    Provider,
    Site,
    Source,
    Status,
)
from training.evaluation.runs import Run, in_order

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="the reference data folder is not beside this checkout"
)


def part_of(path: Path, folder: Path, *lines: int | None) -> Path:
    """A file in `folder` with some lines of a packed one: from, to and step, as of a slice."""
    part = folder / path.name
    with gzip.open(path, "rb") as whole, gzip.open(part, "wb", compresslevel=1) as out:
        out.writelines(islice(whole, *lines))
    return part


_SOURCE = Source("test table", date(2026, 1, 1))


def scored(name: str = "run", /, **lots: dict[str, float]) -> Run:
    """A run of these lots: provider → score."""
    return Run(name, {lot: in_order(listed) for lot, listed in lots.items()})


def lot(**fields: Any) -> Lot:
    """A lot about home care in Walsall unless told otherwise."""
    base = Lot(id="lot-1", title="Home care for older people", postcode="WS1 1TP")
    return replace(base, **fields)


def provider(id: str = "GB-CHC-1", *postcodes: str, **fields: Any) -> Provider:
    """An active provider with a contact address at each postcode given."""
    base = Provider(
        id=id,
        name=fields.pop("name", f"Provider {id}"),
        source=_SOURCE,
        status=Status.ACTIVE,
        sites=tuple(Site(p, Grade.CONTACT_ADDRESS) for p in postcodes),
    )
    return replace(base, **fields)


def award(id: str = "a-1", *suppliers: Provider, **fields: Any) -> Award:
    """An award of 1 March 2026 to `suppliers`."""
    base = Award(id=id, lot=lot(id=id), day=date(2026, 3, 1), suppliers=suppliers)
    return replace(base, **fields)
