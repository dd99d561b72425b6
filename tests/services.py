"""The services for tests, over a handful of providers, and an app asked over HTTP."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.app import create_app
from api.service.context import Today
from api.service.services import Services
from api.settings import Settings
from matcher.core.types import (
    Award,
    Kind,
    Provider,
    Size,
)
from matcher.ranking.features.registry import FEATURES
from models.bundle import Bundle
from tests.factory import award, lot, provider
from tests.registers import registered

DAY = date(2026, 5, 4)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

LOT: dict[str, Any] = {
    "title": "Home care for older people",
    "description": "Visits to older people at home, morning and evening.",
    "cpv": ["85312100"],
    "value": 24_000,
    "value_is_gross": True,
    "postcode": "WS1 1TP",
    "buyer": "Walsall Council",
    "buyer_kind": "council",
    "day": "2026-05-04",
}
"""A lot of home care in Walsall, as a caller writes it (fictional)."""


def carer(number: int, *postcodes: str, **fields: Any) -> Provider:
    """A fictional provider of home care."""
    given: dict[str, Any] = {
        "name": f"Brightside {number} Care",
        "profile": f"Home care and visits for older people, team {number}.",
        "kind": Kind.CHARITY,
        "size": Size.SMALL,
        **fields,
    }
    return provider(f"GB-CHC-{1_000_000 + number}", *postcodes, **given)


PEOPLE: tuple[Provider | Award, ...] = (
    carer(1, "WS1 1TP"),
    carer(2, "WS2 8RR"),
    carer(3, "B70 8DB", size=Size.LARGE, income=2e7),
    carer(4, "B1 1AA", kind=Kind.COMPANY),
    carer(5, "BA1 1SS"),
    provider("XX-NAME-jsmithcare", "WS1 1TP", name="J Smith Care", kind=Kind.SOLE_TRADER,
             profile="Home care by one person, older people", income=31_000.0, size=Size.MICRO),
    provider("GB-COH-01234567", "WS1 1TP", name="Engine Works", profile="Engines are rebuilt"),
    award("a-1", carer(1, "WS1 1TP"), lot=lot(id="a-1", title="Home care", buyer="Walsall Council"),
          value=9e4, day=date(2025, 2, 1)),
)  # fmt: skip


@cache
def _built(places: Path, bundle: str) -> Path:
    """The register of PEOPLE, built once in a process, beside its postcodes; it is only copied."""
    path = places.with_name(f"{places.name}-people-{bundle}-{os.getpid()}")
    made_by = None if bundle == "hand" else opened(bundle)
    registered(path, places, *PEOPLE, trust_ids=True, bundle=made_by)
    return path


@cache
def opened(bundle: str) -> Bundle:
    """A bundle by its name, opened once."""
    return Bundle.open(bundle, FEATURES)


def people_register(folder: Path, places: Path, bundle: str = "hand") -> Path:
    """A register of PEOPLE in `folder`, where there is none yet, to be asked with a bundle."""
    path = folder / "reg"
    if not path.exists():
        shutil.copytree(_built(places, bundle), path)
    return path


def open_services(
    folder: Path,
    places: Path,
    *items: Provider | Award,
    today: Today = lambda: DAY,
    **settings: Any,
) -> Services:
    """The services over these (or PEOPLE), in `folder`; every day is DAY."""
    if items and not (folder / "reg").exists():
        registered(folder / "reg", places, *items, trust_ids=True)
    return Services.open(settings_for(folder, places, **settings), today)


def settings_for(folder: Path, places: Path, **settings: Any) -> Settings:
    """Settings for a service over PEOPLE, in `folder`."""
    given = {"bundle": "hand", "records": str(folder / "records.sqlite"), **settings}
    built_for = given["bundle"] if given["bundle"] == "default" else "hand"
    return Settings(people_register(folder, places, built_for), **given)


@contextmanager
def served(folder: Path, places: Path, **settings: Any) -> Iterator[TestClient]:
    """The app over PEOPLE, in `folder`."""
    app = create_app(settings_for(folder, places, **settings))
    with TestClient(app, base_url="http://localhost") as client:
        yield client
