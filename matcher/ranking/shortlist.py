"""A shortlist and its parts: suggestions, reasons, past contracts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from matcher.core.types import FICTIONAL, Lot
from matcher.law.summary import ProcurementSummary
from matcher.law.types import Signal
from models.relevance import Mark

_BESIDE_THE_WORK = {
    Signal.PLACE: "place",
    Signal.SIZE: "size",
    Signal.RECORD: "past contracts",
}
"""What counts in the order, beside how well the work fits."""


@dataclass(frozen=True, slots=True)
class CpvSuggestion:
    """A code, its name, and how likely it is beside the others, 0 to 1.

    `likelihood` is the mean of two shares of the votes of similar past awards: the code's own, and
    that of all codes of its class.
    """

    code: str
    name: str
    likelihood: float


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for a rank: how much it contributed to the score, and its evidence in words.

    `counted` is False where the law does not let it count; `rule` then names the rule.
    """

    name: str
    contribution: float
    words: str = ""
    counted: bool = True
    rule: str = ""


@dataclass(frozen=True, slots=True)
class PastContract:
    """A contract that a provider won, as evidence.

    `alike` are the words shared with the lot; `category` the CPV digits shared with it.
    """

    id: str
    title: str
    buyer: str
    day: date
    value: float | None
    alike: tuple[str, ...]
    category: str
    source: str
    near: float | None = None
    """how near in meaning it is to the lot, 0 to 1; None without a sentence encoder"""


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the lot, the matching word of the provider, and the field it is in."""

    asked: str
    found: str
    where: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The sentence in a provider's own words that is nearest to the lot, and its source."""

    words: str
    source: str


@dataclass(frozen=True, slots=True)
class RelatedProvider:
    """Another organisation that a suggested one is related to: "trading arm of" it, say."""

    id: str
    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One provider for one lot.  The contributions and the base add up to the score.

    Facts that may not count are not shown: `km`, `kind`, `size`, `income`, `postcode` and the
    buyers of past contracts are then None or empty.  A reserved list shows what it is reserved
    by: place, size or kind.
    """

    rank: int
    """its place on the list, from 1"""
    id: str
    """its org-id, such as GB-CHC-1150079"""
    name: str
    kind: str
    """the kind of organisation, such as 'charity'"""
    score: float
    """the higher, the better it fits; only scores of one list compare"""
    base: float
    """the score before any reason counts"""
    reasons: tuple[Reason, ...]
    contributions: dict[str, float]
    """feature → what it adds to the score"""
    features: dict[str, float]
    """feature → its value"""
    matches: tuple[Match, ...]
    """words that the lot and the provider share"""
    past: tuple[PastContract, ...]
    """its most alike past contracts, as evidence"""
    unknown: tuple[str, ...]
    """what is not known of it, in words"""
    size: str = ""
    """'micro', 'small', 'medium', 'large' or 'unknown', by its yearly income"""
    income: float | None = None
    """pounds a year"""
    km: float | None = None
    """in a straight line"""
    across: str = ""
    """the water that the straight line crosses ('the Humber'); '' if none"""
    postcode: str = ""
    """of the address that is nearest to the lot"""
    council: str = ""
    """the council that this address is in"""
    place_evidence: str = ""
    """how the address is known"""
    sources: tuple[str, ...] = ()
    """where the facts come from, with their days"""
    probability: float | None = None
    """that it is a credible supplier, as the bundle defines it; None where unknown"""
    relevance: float | None = None
    """that an officer would call its work at least closely related; None where unknown"""
    mark: str = ""
    """'strong', 'possible' or 'weak', by its relevance; '' where unknown"""
    body: str = ""
    """the sort of body that it is, where its name or labels show one, such as 'grant-maker'"""
    quote: Quote | None = None
    """None where nothing that it says is near the lot"""
    tied_with: int = 0
    """how many other candidates have the same score; the seed breaks the tie"""
    related: tuple[RelatedProvider, ...] = ()
    """shown where the place may be, because names are compared at one place; never counted"""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The answer for one lot, with all that is needed to defend and to repeat it.

    `considered` providers are in scope; the most promising of them were `ranked`.  Of those,
    `unlike` are below the relevance floor and not listed, whatever their distance.  The law is
    that of day `on`.  `value` is pounds including VAT, of all lots together where known; it was
    compared with `threshold`.  Only awards before `known_before` were known.
    """

    lot: Lot
    purpose: str
    place: str
    """the council or the place that the lot is in"""
    place_source: str
    """how the place was found"""
    scope: str
    """the filters in words"""
    suggestions: tuple[Suggestion, ...]
    """best first"""
    considered: int
    ranked: int
    unlike: int
    set_aside: dict[str, int]
    """why providers are not considered → how many"""
    size_unknown: int
    """providers considered whose size is not known"""
    rule_ids: tuple[str, ...]
    """the rules that were applied"""
    rule_sources: tuple[str, ...]
    """the Acts that they are from"""
    neutral: dict[str, str]
    """what may not count → the rule that says so"""
    on: date
    known_before: date | None
    limit: int
    """how many providers were asked for"""
    value: float | None
    threshold: int | None
    notes: tuple[str, ...]
    """what a person should know of the answer, in words"""
    notice_sentence: str
    seed: int
    """breaks ties between equal providers"""
    model: str
    """the version of the bundle that ranked"""
    register: str
    """the version of the register"""
    procurement: ProcurementSummary | None = None
    """None in lists kept before there was a summary"""
    cpv_suggestions: tuple[CpvSuggestion, ...] = ()
    """for a lot without CPV codes, likeliest first"""
    read_as: tuple[str, ...] = ()
    """the services that the lot was read as, at most three, nearest first.  Empty where the bundle
    knows none, where none is near the lot, and in lists kept before it was said"""

    @property
    def is_fictional(self) -> bool:
        """Whether it is about invented organisations."""
        sources = (source for one in self.suggestions for source in one.sources)
        return any(FICTIONAL in text for text in (self.lot.buyer, *sources))

    @property
    def if_misread(self) -> str:
        """What to do where the lot was read as something else."""
        codes = "check the CPV codes and " if self.lot.cpv else ""
        return f"If that is not what you need, {codes}say more about the work."

    @property
    def on_the_order(self) -> str:
        """Why a possible match stands above a strong one; '' where none does."""
        marks = [one.mark for one in self.suggestions]
        last = max((n for n, mark in enumerate(marks) if mark == Mark.STRONG), default=0)
        if Mark.POSSIBLE not in marks[:last]:
            return ""
        named = [words for signal, words in _BESIDE_THE_WORK.items() if signal not in self.neutral]
        counted = (
            f"also counts {' and '.join(filter(None, (', '.join(named[:-1]), named[-1])))}"
            if named
            else "weighs what providers do in another way"
        )
        return (
            "A possible match can stand above a strong one: the mark says only how well the work "
            f"fits, and the order {counted}."
        )
