"""The inputs and results of comparing splits."""

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
"""The name of the need as one contract among the splits."""


MOST_SPLITS = 20


COMPETITION = 2
"""With fewer credible providers per lot than this, all lots together, competition may be weak.

Research warns against more lots than bidders; two per lot is this product's own limit.
"""


ANTI_AVOIDANCE = "PA2023-sch3"


THRESHOLDS = "PA2023-thresholds"


@dataclass(frozen=True, slots=True)
class Split:
    """One way to split a need: its lots, how it was divided, and the assumptions."""

    lots: tuple[Lot, ...]
    words: str = ""
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LotOfSplit:
    """A lot of a split; `market` is the key of its market in `markets`."""

    id: str
    title: str
    value: float | None
    market: str


@dataclass(frozen=True, slots=True)
class SplitReach:
    """The distinct credible providers of all lots of a split, in total and by kind.

    A provider that is credible for several lots counts once, at its highest probability.
    `perhaps_small_local` may be small and local, but the size or place is not known; they are in
    none of the narrower counts.  `open` are small local providers for which at least one lot is
    not known to be too large; `fits` are those with enough known income for one.
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
    """Providers that a split gains and loses compared with no split.

    `open_gained` and `open_lost` count small local providers for which a lot is not known to be
    too large.
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
    """One split: its `number` of lots, its reach, and its comparison with no split.

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
    """The value of all lots together, compared with the threshold.

    `value` is pounds including VAT: the most that the need or any split adds up to.  `at_least`
    means that a lot of that split has no value, so the whole may be worth more.  `threshold` is
    None where the rulebook has none for the buyer and day, `over` where that is not known.  For a
    buyer in another `nation` than the rulebook's, no rule is named.
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
    """A research finding on lots and small suppliers, with its source."""

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
"""Research findings on smaller lots.  None of them is a promise."""


@dataclass(frozen=True, slots=True)
class ComparedSplits:
    """The splits of a need, by name, including 'no split'.

    `markets` are the markets of all lots by key; lots of the same content share one.  `refused`
    are splits that could not be assessed, and why.
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
