"""What comparing splits takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from matcher.core.types import Lot
from matcher.market.assessment import Basis
from matcher.market.criteria import MarketCriteria
from matcher.market.market import Market
from matcher.market.value_curve import ValueCurve
from matcher.market.win_counts import WinCount
from matcher.ranking.batch import Refusal

NO_SPLIT = "no split"
"""What the need as one contract is called among the splits."""


MOST_SPLITS = 20


COMPETITION = 2
"""Credible providers for each lot, all lots taken together, under which competition may be weak.

Research warns of more lots than bidders; that it is two for each lot is a line drawn here.
"""


ANTI_AVOIDANCE = "PA2023-sch3"


THRESHOLDS = "PA2023-thresholds"


@dataclass(frozen=True, slots=True)
class Split:
    """One way to split a need: its lots, how they were cut, and what was assumed in it."""

    lots: tuple[Lot, ...]
    words: str = ""
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LotOfSplit:
    """A lot of a split, and under which key of `markets` its market stands."""

    id: str
    title: str
    value: float | None
    market: str


@dataclass(frozen=True, slots=True)
class SplitReach:
    """The distinct credible providers of all lots of a split together, in all and by sort.

    Whoever is credible for several lots counts once, at its highest probability.
    `perhaps_small_local` are those whose size or place is not known and who may be small and
    local; they are in none of the narrower counts.  `open` are
    the small local ones for whom at least one of these lots is not known to be too large;
    `fits` are those of them whose known income is enough for one.
    """

    credible: WinCount
    local: WinCount
    small: WinCount
    small_local: WinCount
    perhaps_small_local: WinCount
    open: WinCount
    fits: WinCount
    vcse: WinCount
    new: WinCount
    size_unknown: WinCount
    place_unknown: WinCount


@dataclass(frozen=True, slots=True)
class SplitComparison:
    """What a split gains and loses against no split: providers who are in one and not the other.

    `open` goes by the small local ones for whom a lot is not known to be too large.
    """

    gained: WinCount
    lost: WinCount
    open_gained: WinCount
    open_lost: WinCount


@dataclass(frozen=True, slots=True)
class Thinnest:
    """The lot with the fewest credible providers."""

    lot: str
    title: str
    credible: WinCount


@dataclass(frozen=True, slots=True)
class MeasuredSplit:
    """One split as it was counted: its `number` of lots, whom they reach, and against no split.

    `thin` are the lots with fewer credible providers than `terms.fewest`, `none_small_local` those
    for which no credible provider is known to be small and local.  `bidders_a_lot` is the
    distinct credible providers by the number of lots; `shared` the part of them that is credible
    for more than one lot.  `value` is pounds, VAT included, of all lots together (None where one
    has none), and `alone_below` how many lots would each by itself be below the threshold.
    """

    words: str
    assumed: tuple[str, ...]
    number: int
    lots: tuple[LotOfSplit, ...]
    reach: SplitReach
    thinnest: Thinnest
    thin: tuple[str, ...]
    none_small_local: tuple[str, ...]
    bidders_a_lot: float
    shared: float
    value: float | None
    largest_lot: float | None
    alone_below: int
    against: SplitComparison | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WholeContract:
    """What all lots together are worth, and how that stands to the threshold.

    `value` is pounds, VAT included: the most that the need or any split adds up to; `at_least`
    where a lot of that split has no value, so that the whole may be worth more.  `threshold`
    is None where the rulebook has none for such a buyer and day; `over` where it cannot be told.
    For a buyer in another `nation` than the rulebook's, no rule of it is named.
    """

    value: float | None
    threshold: int | None
    over: bool | None
    contract: str
    buyer: str
    on: date
    rule: str
    anti_avoidance: str
    source: str
    warnings: tuple[str, ...]
    assumed: tuple[str, ...]
    at_least: bool = False
    nation: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What research found of lots and small suppliers, and where it says so."""

    finding: str
    source: str


EVIDENCE = (
    Evidence(
        "In EU data, lots raise the number of small firms that take part, but raise the chance "
        "that a small firm wins only for lots of up to 25,000 euros (Hoekman and Taş 2020).",
        "link.springer.com/article/10.1007/s11187-020-00414-z",
    ),
    Evidence(
        "In EU works contracts of 2018 to 2022, splitting did not necessarily draw more bids from "
        "small firms, but raised their chance of winning.",
        "globalauthorid.com, abstract of a study of TED works contracts 2018 to 2022",
    ),
    Evidence(
        "In Sweden in 2021 and 2022, the larger the contract, the fewer small firms took part.",
        "lup.lub.lu.se/student-papers/search/publication/9184280",
    ),
    Evidence(
        "More lots than bidders weaken competition and make collusion easier; with fewer lots "
        "than bidders somebody is sure to lose.",
        "competitio.de/en/fachartikel/lot-sizing-procurement-competition",
    ),
)
"""What may be said of smaller lots; none of it is a promise."""


@dataclass(frozen=True, slots=True)
class ComparedSplits:
    """The splits of a need side by side, by name, 'no split' among them.

    `markets` are the markets of all lots by key: lots that say the same have one.  `refused`
    are splits that could not be read, and why.
    """

    need: Lot
    splits: dict[str, MeasuredSplit]
    markets: dict[str, Market]
    whole: WholeContract
    curve: ValueCurve
    refused: dict[str, Refusal]
    evidence: tuple[Evidence, ...]
    terms: MarketCriteria
    basis: Basis
