"""The answers of the services: shortlists, decisions, replays and exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from msgspec import Raw
from msgspec.json import Encoder

from matcher.market.market import Market
from matcher.ranking.batch import Refusal
from matcher.ranking.procedure_check import ProcedureCheck
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist

_encode = Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Shortlist):
    """A shortlist with an id made of what was asked and of the versions that answered.

    The same lot and request with the same register, bundle and rulebook give the same id and
    the same bytes.  The time of asking is not part of it.
    """

    id: str
    request: Request
    rulebook: str
    """digest of the rulebook"""
    procedure: ProcedureCheck | None
    """the list checked against the council's own rules, where the request named them"""

    @classmethod
    def of(cls, shortlist: Shortlist, **rest: Any) -> Answer:  # noqa: ANN401
        """The shortlist with the fields that keeping it adds."""
        own = {f.name: getattr(shortlist, f.name) for f in fields(Shortlist)}
        return cls(**own, **rest)


@dataclass(frozen=True, slots=True)
class BatchAnswers:
    """The answers to a keyed batch: each lot's shortlist or refusal, under its key.

    The lots of a tender with several lots have keys `KEY/LOT`.
    """

    shortlists: dict[str, Answer]
    errors: dict[str, Refusal]


@dataclass(frozen=True, slots=True)
class EncodedAnswers:
    """As BatchAnswers, with each shortlist as the JSON that is kept."""

    shortlists: dict[str, Raw]
    errors: dict[str, Refusal]


class DecisionOutcome(StrEnum):
    """What a person decided on one provider."""

    INVITED = "invited"
    CHOSEN = "chosen"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided on one provider.

    `reason` is required when a provider is left out, or invited without being on the list.
    """

    provider: str
    outcome: DecisionOutcome
    reason: str = ""
    name: str = ""
    """of a provider that is not on the list; the service fills it in"""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a named person decided on a shortlist, why, and which conflicts were declared.

    `conflicts` is free text: 'none' where there is none.
    """

    by: str
    role: str
    reason: str
    conflicts: str
    choices: tuple[Choice, ...]


class ProviderResult(StrEnum):
    """What became of one provider after it was listed."""

    NO_ANSWER = "no answer"
    ANSWERED = "answered"
    AWARDED = "awarded"


@dataclass(frozen=True, slots=True)
class ProviderOutcome:
    """What became of one provider, and why; `awarded` means that it answered and won."""

    provider: str
    result: ProviderResult
    reason: str = ""
    name: str = ""
    """of a provider that is not on the list; the service fills it in"""


@dataclass(frozen=True, slots=True)
class RecordedOutcome:
    """What became of the providers of a shortlist, as a named person recorded it.

    `notice` is the ocid of the award notice that the winners were read from, '' for none.
    """

    by: str
    role: str
    results: tuple[ProviderOutcome, ...]
    note: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class KeptOutcome:
    """An outcome as it is kept; `at` is when, in UTC.  The last one of a list stands."""

    id: str
    at: str
    outcome: RecordedOutcome


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """A decision as it is kept; `at` is when, in UTC.

    `signed_in` is true where the person who decides was signed in under this name.
    """

    id: str
    at: str
    decision: Decision
    signed_in: bool = False


@dataclass(frozen=True, slots=True)
class KeptShortlist:
    """A kept shortlist: when it was first asked for, and the decisions and outcomes since."""

    id: str
    at: str
    """when it was first asked for, in UTC"""
    seq: int
    """the number of its entry in the records"""
    answer: Answer
    decisions: tuple[KeptDecision, ...]
    hash: str
    """of its entry, which all later entries rest on"""
    outcomes: tuple[KeptOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class ShortlistSummary:
    """A kept shortlist in one line, with what tells it from others for the same lot.

    `place` is where the lot is taken to be and why, '' where that is not known; `value` is that of
    the lot in pounds, and `scope` the filters in words.
    """

    id: str
    seq: int
    """the number of its entry in the records"""
    at: str
    """when it was first asked for, in UTC"""
    title: str
    purpose: str
    place: str
    value: float | None
    scope: str
    request: Request
    suggested: int
    """providers on it"""
    decisions: int
    """how many were recorded"""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that differs between two answers: what, then and now."""

    what: str
    then: str
    now: str

    @classmethod
    def between(cls, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Difference]:
        """The entries of `then` that `now` gives another value, in the order of `then`."""
        for what, before in then.items():
            if before != now[what]:
                yield cls(what, before, now[what])

    @classmethod
    def of_fields(cls, then: Answer | Market, now: Answer | Market) -> Iterator[Difference]:
        """The fields of an answer that differ, as JSON; of lists the parts that the other lacks."""
        for field in fields(then):
            before, after = (getattr(one, field.name) for one in (then, now))
            if _encode(before) != _encode(after):
                if isinstance(before, tuple) and isinstance(after, tuple):
                    before, after = _lacking(before, after), _lacking(after, before)
                said = (_encode(one).decode() for one in (before, after))
                yield cls(field.name.replace("_", " "), *said)


def _lacking(parts: tuple[object, ...], other: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(part for part in parts if part not in other)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Whether asking again gives the same bytes, and if not, what differs."""

    id: str
    identical: bool
    changes: tuple[Difference, ...] = ()

    @classmethod
    def of(cls, id_: str, same: bool, differences: Iterable[Difference]) -> ReplayResult:
        """The result; `differences` are read only where the bytes are not the same."""
        return cls(id_, same, () if same else tuple(differences))


@dataclass(frozen=True, slots=True)
class Export:
    """A shortlist as a file: its name, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An organisation was suppressed in this many kept `entries`.

    They name it by `pseudonym` from now on.
    """

    pseudonym: str
    entries: int
    in_register: bool
    ids: tuple[str, ...]
    """the ids by which it may be named elsewhere"""
