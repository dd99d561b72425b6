"""An invented history to learn from: three trades with different words.

Every name is invented: a made-up word of only one supplier, and words of its trade.  Every title
is invented too: words of the trade, and a made-up place of only one lot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from matcher.core.types import (
    Award,
    Lot,
    Provider,
    Size,
)
from models.trees import TreeSettings
from tests.factory import award, lot, provider
from training.learning.settings import TowerSettings, TrainingSettings

FIRST, LAST = date(2025, 1, 1), date(2025, 9, 30)
TOWNS: Mapping[str, tuple[str, str]] = {
    "Walsall": ("WS1 1TP", "Walsall Council"),
    "Warrington": ("WA1 1AA", "Warrington Borough Council"),
    "Brighton": ("BN3 3BQ", "Brighton and Hove City Council"),
    "Wakefield": ("WF1 1AA", "Wakefield Council"),
    "Bradford": ("BD1 1AA", "Bradford Council"),
    "Bristol": ("BS1 5TR", "Bristol City Council"),
}
"""Town → (postcode of all its suppliers, its council)."""
LEAST = 5
"""The fewest documents with a word for it to be learned."""

SETTINGS = TrainingSettings(
    windows=2,
    months=2,
    lots=60,
    others=40,
    fewest_lots=20,
    embedder=TowerSettings(size=16, epochs=4, batch=128, least=LEAST, most=0.5),
    trees=TreeSettings(trees=15, leaves=7, least_in_leaf=5, rate=0.3),
)


@dataclass(frozen=True)
class Trade:
    """The words of a trade: in suppliers' names, in lots and in profiles."""

    cpv: str
    named: tuple[str, ...]
    wanted: tuple[str, ...]
    said: tuple[str, ...]


TRADES: Mapping[str, Trade] = {
    "roofs": Trade(
        "45261210",
        ("Roofing", "Slate", "Guttering", "Rooftop", "Leadwork", "Tiling"),
        ("roof", "slates", "gutters", "chimney", "flashing", "skylight", "battens", "ridge"),
        ("weatherproof", "thatch", "dormer", "soffit", "roofs", "chimney"),
    ),
    "meals": Trade(
        "55523100",
        ("Catering", "Kitchen", "Lunches", "Bakery", "Menu", "Canteen"),
        ("meals", "lunch", "canteen", "breakfast", "menus", "hot", "chilled", "dining"),
        ("puddings", "sandwich", "vegetarian", "meals", "cooking", "dining"),
    ),
    "music": Trade(
        "80000000",
        ("Music", "Choir", "Orchestra", "Violin", "Drumming", "Melody"),
        ("singing", "violin", "lessons", "percussion", "concert", "instrument", "songs", "tuition"),
        ("rehearsal", "harmony", "lessons", "singing", "recital", "tuition"),
    ),
}

_SYLLABLES = ("bra", "vok", "lin", "dus", "mer", "zil", "tor", "quo", "nef", "pag", "hix", "wub")
SUPPLIERS, AWARDS = 40, 600


def coined(number: int) -> str:
    """A made-up word, different for each number."""
    whole = len(_SYLLABLES)
    parts = (number // whole**2 % whole, number // whole % whole, number % whole)
    return "".join(_SYLLABLES[i] for i in parts).capitalize()


def town(number: int) -> str:
    """The town of a supplier."""
    return list(TOWNS)[number % len(TOWNS)]


def suppliers(trade: str) -> list[Provider]:
    """The suppliers of a trade; every second has a profile, every third its town in its name."""
    kind, at = TRADES[trade], list(TRADES).index(trade)
    draw = np.random.default_rng(at)
    made = []
    for number in range(at * SUPPLIERS, (at + 1) * SUPPLIERS):
        named = [coined(number), *draw.choice(kind.named, 2, replace=False).tolist()]
        said = " ".join(draw.choice(kind.said, 4).tolist())
        made.append(
            provider(
                f"XX-INVENTED-{number:04}",
                TOWNS[town(number)][0],
                name=" ".join([*named, town(number)] if number % 3 == 0 else named),
                profile=said if number % 2 else "",
                size=list(Size)[number % len(Size)],
                income=1000.0 * number,
            )
        )
    return made


def a_lot(trade: str, number: int, draw: np.random.Generator, **fields: Any) -> Lot:
    """A lot of a trade, at a made-up place, different for each number."""
    kind = TRADES[trade]
    asked = draw.choice(kind.wanted, 4, replace=False).tolist()
    postcode, buyer = TOWNS[str(draw.choice(list(TOWNS)))]
    base = lot(
        id=f"invented-notice-{number:05}",
        title=f"{asked[0].capitalize()} and {asked[1]} for {coined(1000 + number)} House {number}",
        description=f"Work with {asked[2]} and {asked[3]}.",
        cpv=(kind.cpv,),
        postcode=postcode,
        buyer=buyer,
        buyer_kind="council",
        value=float(draw.integers(5, 90)) * 1000,
    )
    return replace(base, **fields)


def _winners(
    people: Sequence[Provider], wanted: Lot, late: bool, draw: np.random.Generator
) -> list[Provider]:
    """One or two of a trade, mostly in the same town; every tenth wins nothing before summer."""
    known = [p for i, p in enumerate(people) if late or i % 10 != 9]
    near = np.array([5.0 if p.sites[0].postcode == wanted.postcode else 1.0 for p in known])
    some = draw.choice(len(known), int(draw.integers(1, 3)), replace=False, p=near / near.sum())
    return [known[i] for i in some.tolist()]


def awards(people: Mapping[str, Sequence[Provider]], count: int = AWARDS) -> list[Award]:
    """Awards spread over the days from `FIRST` to `LAST`, each to suppliers of its trade."""
    draw = np.random.default_rng(1)
    days = (LAST - FIRST).days
    made = []
    for number in range(count):
        trade = str(draw.choice(list(TRADES)))
        wanted = a_lot(trade, number, draw)
        made.append(
            award(
                f"invented-award-{number:05}",
                *_winners(people[trade], wanted, number > count * 0.7, draw),
                lot=wanted,
                day=FIRST + timedelta(days=number * days // max(count - 1, 1)),
                value=wanted.value,
            )
        )
    return made


def everyone() -> dict[str, list[Provider]]:
    """Trade → its suppliers."""
    return {trade: suppliers(trade) for trade in TRADES}


def items(count: int = AWARDS) -> list[Provider | Award]:
    """All records: suppliers, then awards."""
    people = everyone()
    return [*(one for some in people.values() for one in some), *awards(people, count)]
