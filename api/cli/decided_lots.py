"""Officers' decisions in the records, as lots to learn from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from api.cli.records_options import opened_records
from api.records.entry import Entry, EntryKind
from api.records.records import Records
from api.service.results import Decision, DecisionOutcome
from api.settings import Settings
from matcher.core.types import Lot
from matcher.law.types import Purpose

if TYPE_CHECKING:
    from training.learning.people import JudgedLot

_AT_ONCE = 200
_NOT_THIS_WORK = re.compile(
    r"(?:\bnot|n['’]t|\bnever) (?:\w{1,15} ){0,2}(?:do|does|offers?|provides?|work|relevant|related"
    r"|this kind)\b|\b(?:wrong|different|another) (?:work|trade|services?|field|sector|kind)\b"
    r"|\bunrelated\b|\birrelevant\b",
    re.IGNORECASE,
)
"""A reason that says that a provider does not do the work, such as 'does not do grass cutting'."""


@dataclass(frozen=True)
class _Asked:
    """As much of a kept shortlist as is learned from."""

    lot: Lot
    purpose: Purpose


@dataclass
class DecidedLots:
    """The lots that officers decided on, and how many choices were and were not learned from."""

    lots: list[JudgedLot] = field(default_factory=list)
    choices: Counter[str] = field(default_factory=Counter)


def read_decided_lots(location: str) -> DecidedLots:
    """The decided lots of the records at a database URL or in an SQLite file.

    Raises BadInput where the file does not exist.
    """
    with opened_records(Settings(Path(), records=location), "--decisions") as records:
        return decided_lots(records)


def decided_lots(records: Records) -> DecidedLots:
    """The last decision on every shortlist in the records that is still kept.

    Providers that were invited or chosen fit the lot. Providers that were left out do not, if the
    reason says that they do not do this work. Other reasons (price, capacity, a conflict) say
    nothing about the work, and are counted apart.
    """
    from training.learning.people import JudgedLot

    found = DecidedLots()
    seen: set[str] = set()
    for entry in _decisions(records):
        if entry.about in seen:
            found.choices["decisions that were taken again later"] += 1
            continue
        seen.add(entry.about)
        shortlist = records.get(EntryKind.SHORTLIST, entry.about)
        if entry.body is None or shortlist is None or shortlist.body is None:
            found.choices["decisions whose list was removed"] += 1
            continue
        asked = msgspec.json.decode(shortlist.body, type=_Asked)
        fits = _fits(msgspec.json.decode(entry.body, type=Decision), found.choices)
        found.lots.append(JudgedLot.decided(asked.lot, fits, asked.purpose))
    return found


def _fits(decision: Decision, choices: Counter[str]) -> dict[str, bool]:
    fits: dict[str, bool] = {}
    for choice in decision.choices:
        if choice.outcome is not DecisionOutcome.LEFT_OUT:
            fits[choice.provider] = True
            choices["invited or chosen"] += 1
        elif _NOT_THIS_WORK.search(choice.reason):
            fits[choice.provider] = False
            choices["left out: does not do this work"] += 1
        else:
            choices["left out for another reason, not learned from"] += 1
    return fits


def _decisions(records: Records) -> Iterator[Entry]:
    before = None
    while entries := records.newest(EntryKind.DECISION, _AT_ONCE, before):
        yield from entries
        before = entries[-1].seq
