"""What the desk gives out: kept answers, decisions, and readings of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from matcher.core.types import Lot
from matcher.ranking.batch import Refusal
from matcher.ranking.procedure_check import ProcedureCheck
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Shortlist):
    """A shortlist that is kept, under an id made of what was asked and of whom.

    The same lot and request asked of the same register, bundle and rulebook give the same id
    and the same bytes; when it was asked is no part of it.
    """

    id: str
    request: Request
    rulebook: str
    """digest of the rulebook"""
    procedure: ProcedureCheck | None
    """how the list stands to the council's own rules, where they were named"""

    @classmethod
    def of(cls, shortlist: Shortlist, **rest: Any) -> Answer:  # noqa: ANN401
        """The shortlist with what keeping it adds."""
        held = {f.name: getattr(shortlist, f.name) for f in fields(Shortlist)}
        return cls(**held, **rest)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers to a keyed batch: under its key, each lot's shortlist or its refusal.

    A tender with several lots is answered under `KEY/LOT`.
    """

    shortlists: dict[str, Answer]
    errors: dict[str, Refusal]


class DecisionOutcome(StrEnum):
    """What a person decided on one provider."""

    INVITED = "invited"
    CHOSEN = "chosen"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided on one provider.

    Whoever is left out, or is invited without being on the list, is so for a `reason`.
    """

    provider: str
    outcome: DecisionOutcome
    reason: str = ""
    name: str = ""
    """of a provider that is not on the list; the desk fills it in"""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a named person decided on a shortlist, why, and which conflicts were declared.

    `conflicts` is said in words: 'none' where there is none.
    """

    by: str
    role: str
    reason: str
    conflicts: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it was kept."""

    id: str
    at: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Saved:
    """A kept shortlist with when it was first asked for and what was decided on it since."""

    id: str
    at: str
    seq: int
    answer: Answer
    decisions: tuple[Decided, ...]
    hash: str


@dataclass(frozen=True, slots=True)
class ShortlistSummary:
    """A kept shortlist in one line."""

    id: str
    seq: int
    at: str
    title: str
    purpose: str
    suggested: int
    decisions: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was: what, then and now."""

    what: str
    then: str
    now: str

    @classmethod
    def between(cls, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Difference]:
        """Those of what is named that are not as they were, in the order named."""
        for what, was in then.items():
            if was != now[what]:
                yield cls(what, was, now[what])


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Whether asking again gives the same bytes, and if not, what is no longer the same."""

    id: str
    identical: bool
    changes: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """A shortlist as a file: its name, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Suppressed:
    """That an organisation was suppressed, and in how many kept entries it stood.

    `pseudonym` stands for it there from now on.
    """

    pseudonym: str
    entries: int
    in_register: bool


@dataclass(frozen=True, slots=True)
class LotsRead:
    """Lots read from what somebody gave, and what was set aside."""

    lots: tuple[Lot, ...]
    set_aside: dict[str, int]
