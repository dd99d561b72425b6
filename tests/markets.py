"""A small market for tests of splits: home care and transport in three councils, all invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from matcher.core.types import (
    Award,
    Kind,
    Lot,
    Provider,
    Size,
)
from matcher.ranking.matcher import Matcher
from tests.factory import award, lot, provider
from tests.registers import registered

CARE, RIDES = "Home care for older people", "Minibus transport to day centres"
CARE_CODE, RIDES_CODE = "85312100", "60130000"
WALSALL, SANDWELL, BIRMINGHAM = "WS1 1TP", "B70 8DB", "B1 1BB"
DAY = date(2026, 9, 1)


def _one(number: int, called: str, work: str, *postcodes: str, **fields: Any) -> Provider:
    given = {
        "name": called,
        "profile": work,
        "kind": Kind.CHARITY,
        "size": Size.SMALL,
        "income": 200_000.0,
        **fields,
    }
    return provider(f"GB-CHC-{number}", *postcodes, **given)


def carer(number: int, *postcodes: str, **fields: Any) -> Provider:
    """A small charity that does home care."""
    return _one(number, f"Carers {number}", f"{CARE}, team {number}", *postcodes, **fields)


def driver(number: int, *postcodes: str, **fields: Any) -> Provider:
    """A small charity that drives people."""
    return _one(number, f"Riders {number}", f"{RIDES}, crew {number}", *postcodes, **fields)


PEOPLE: tuple[Provider, ...] = (
    carer(1, WALSALL),
    carer(2, "WS2 8RR", income=40_000.0, size=Size.MICRO),
    carer(3, WALSALL, income=None, size=Size.UNKNOWN),
    carer(4, SANDWELL),
    carer(5, SANDWELL, income=90_000.0, size=Size.MICRO),
    carer(6, SANDWELL, areas=("Walsall",)),
    carer(7, BIRMINGHAM, income=20_000_000.0, size=Size.LARGE),
    driver(11, WALSALL),
    driver(12, WALSALL, income=30_000.0, size=Size.MICRO),
    driver(13, SANDWELL, tags=("Acts As An Umbrella Or Resource Body",)),
)

NEED: Lot = lot(
    id="need",
    title=CARE,
    description="Visits to older people at home, morning and evening.",
    cpv=(CARE_CODE,),
    value=240_000.0,
    area="Walsall, Sandwell",
    postcode="",
    buyer="Walsall Council",
    buyer_kind="council",
    day=DAY,
)

AWARDS: tuple[Award, ...] = (
    award("a-1", PEOPLE[0], lot=replace(NEED, id="a-1", area="Walsall"), day=date(2025, 1, 1)),
    award("a-2", PEOPLE[6], lot=replace(NEED, id="a-2", area="Sandwell"), day=date(2025, 2, 1)),
)


def piece(area: str, value: float | None = 120_000.0, **fields: Any) -> Lot:
    """A lot of the need, in an area."""
    given = {"id": f"need#{area}", "title": f"{CARE}: {area}", "area": area, "value": value}
    return replace(NEED, **{**given, **fields})


def market_of(folder: Path, places: Path, bundle: Path, *more: Provider | Award) -> Matcher:
    """A matcher over these providers and awards, and `more`, built in `folder`."""
    registered(folder, places, *PEOPLE, *AWARDS, *more, trust_ids=True)
    return Matcher.open(folder, bundle)
