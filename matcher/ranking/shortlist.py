"""A shortlist and its parts: suggestions, reasons, past contracts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from matcher.core.types import Lot


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the handful of reasons for a rank: how much it added, and on what evidence.

    `counted` is False where the rulebook lets it count for nothing; `rule` then says which.
    """

    name: str
    contribution: float
    words: str = ""
    counted: bool = True
    rule: str = ""


@dataclass(frozen=True, slots=True)
class PastContract:
    """A contract that a provider won, as evidence: what, for whom, when, for how much.

    `alike` are the words that it shares with the lot; `category` the digits of CPV code.
    """

    id: str
    title: str
    buyer: str
    day: date
    value: float | None
    alike: tuple[str, ...]
    category: str
    source: str


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the lot and the word of the provider that answers it, and where it stands."""

    asked: str
    found: str
    where: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One provider for one lot.  The contributions and the base add up to the score.

    Where the purpose does not let place, size or record count, they are not shown either:
    `km`, `kind`, `size`, `income`, `postcode` and the buyers of past contracts are then None
    or empty.  A reserved list shows what it is reserved by: the place and its evidence, the
    size, or the kind.
    """

    rank: int
    id: str
    name: str
    kind: str
    score: float
    base: float
    reasons: tuple[Reason, ...]
    contributions: dict[str, float]
    features: dict[str, float]
    matches: tuple[Match, ...]
    past: tuple[PastContract, ...]
    unknown: tuple[str, ...]
    size: str = ""
    income: float | None = None
    km: float | None = None
    postcode: str = ""
    council: str = ""
    place_evidence: str = ""
    sources: tuple[str, ...] = ()
    probability: float | None = None
    """that it is a credible supplier, as the bundle's card says what that means; None if unknown"""
    tied_with: int = 0
    """how many other candidates have exactly this score; a seeded draw ordered them"""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The answer to one lot, with all that is needed to defend and to repeat it.

    Of the `considered` (whom the scope reaches) the most promising were `ranked`; of those,
    `unlike` do too little like the lot to be listed, however near they are.  The law is that
    of the day `on`; `value` is what was compared with the `threshold`, pounds with VAT, of all
    lots together where that is known; only awards before `known_before` were known.
    """

    lot: Lot
    purpose: str
    place: str
    place_source: str
    scope: str
    suggestions: tuple[Suggestion, ...]
    considered: int
    ranked: int
    unlike: int
    set_aside: dict[str, int]
    size_unknown: int
    rule_ids: tuple[str, ...]
    rule_sources: tuple[str, ...]
    neutral: dict[str, str]
    on: date
    known_before: date | None
    limit: int
    value: float | None
    threshold: int | None
    notes: tuple[str, ...]
    notice_sentence: str
    seed: int
    model: str
    register: str
