"""Drafts the reasons for buying a need in lots or as one contract, from a comparison's figures.

The Procurement Act 2023 requires reasons (s.18) where a contract at or over the threshold is not
split.  Otherwise a draft is a record of the decision, and it cites only duties that apply.  The
officer must add what the figures do not show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.core.formatting import pounds, series
from matcher.law.procurement import buyer_kind
from matcher.law.types import BuyerKind
from matcher.lotting.types import NO_SPLIT, ComparedSplits, MeasuredSplit


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a sentence: as it is written, and the JSON pointer to it."""

    said: str
    path: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a draft, with its figures."""

    words: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """One split of a comparison, from which figures are quoted.

    `root` is the pointer to the comparison where it is part of something else.
    """

    compared: ComparedSplits
    name: str
    root: str

    def other(self, name: str) -> SplitFigures:
        """Another split of the same comparison."""
        return SplitFigures(self.compared, name, self.root)

    @property
    def split(self) -> MeasuredSplit:
        """The split's measurements."""
        return self.compared.splits[self.name]

    def number(self, *steps: str) -> Figure:
        """The number of providers, or proportion, at these attributes of the split."""
        value: Any = self.split
        for step in steps:
            value = getattr(value, step)
        return Figure(in_full(value), self.root + pointer("splits", self.name, *steps))

    def figure(self, written: str, *steps: str) -> Figure:
        """A figure of the comparison at these steps, as it is written."""
        return Figure(written, self.root + pointer(*steps))


def sentence(template: str, *figures: Figure) -> Sentence:
    """A sentence: `template` with each figure in place of a pair of braces."""
    return Sentence(template.format(*(figure.said for figure in figures)), figures)


def escaped(text: str) -> str:
    """A text to put in the template of a sentence, where braces mark figures."""
    return text.replace("{", "{{").replace("}", "}}")


def in_full(value: float) -> str:
    """A number with all its digits, equal to the one at its pointer."""
    return f"{value:,}" if isinstance(value, int) else repr(value).removesuffix(".0")


def pointer(*steps: str | int) -> str:
    """The JSON pointer of these steps.

    >>> pointer("splits", "north/south", "thin", 0)
    '/splits/north~1south/thin/0'
    """
    tokens = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join(f"/{token}" for token in tokens)


DUTY = "PA2023-s18"
RECORDS = "PA2023-s98"
_NOT_BOUND = "Scotland"
"""The nation whose devolved buyers the Procurement Act 2023 does not bind."""
_LONG_TITLE = 100
"""The most characters of a title that a draft quotes."""
_OPEN = "small local providers with a lot not known to be too large for them"


def reasons(compared: ComparedSplits, name: str, root: str = "") -> tuple[Sentence, ...]:
    """A draft of the reasons for buying the need as the named split, or as one contract.

    `root` is the pointer to the comparison where it is part of something else.
    """
    figures = SplitFigures(compared, name, root)
    return tuple(_for_one_contract(figures) if name == NO_SPLIT else _for_lots(figures))


def trade_off(compared: ComparedSplits, name: str, root: str) -> tuple[Sentence, ...]:
    """The gains, losses and risks of a split."""
    figures = SplitFigures(compared, name, root)
    gains = _gains(figures) if name != NO_SPLIT else _depth("As one contract", figures)
    return (gains, *_cautions(figures))


def _for_lots(figures: SplitFigures) -> Iterator[Sentence]:
    name = escaped(figures.name)
    yield sentence(
        f"We considered lots{_duty(figures)} and intend to buy this in {{}} lots: {name}.",
        figures.number("number"),
    )
    yield from _legal_position(figures)
    yield _ways_compared(figures)
    yield _depth("As one contract", figures.other(NO_SPLIT))
    yield _depth(f"Split “{name}”", figures)
    yield _gains(figures)
    yield from _cautions(figures)
    yield from _value(figures)
    yield from _limits(figures)


def _for_one_contract(figures: SplitFigures) -> Iterator[Sentence]:
    yield Sentence(f"We considered lots{_duty(figures)} and intend to buy this as one contract.")
    yield from _legal_position(figures)
    yield _ways_compared(figures)
    yield _depth("As one contract", figures)
    for name in _other_ways(figures):
        yield from _instead(figures.other(name))
    yield from _value(figures)
    yield Sentence(
        "[The officer adds, with evidence, any other reasons against lots: for example care that "
        "must not be split, the cost of managing several contracts, or staff who transfer.]"
    )
    yield from _limits(figures)


def _duty(figures: SplitFigures) -> str:
    """The citation of the duty to consider lots, where it may apply."""
    whole = figures.compared.whole
    return "" if whole.nation or whole.over is False else f" ({DUTY})"


def _legal_position(figures: SplitFigures) -> Iterator[Sentence]:
    """What the law requires for this decision, where known."""
    whole = figures.compared.whole
    if whole.nation == _NOT_BOUND:
        yield Sentence(
            f"The Procurement Act 2023 does not bind devolved buyers in {whole.nation}. The "
            "officer should state what the law there requires for lots."
        )
    elif whole.nation:
        yield Sentence(
            f"This tool does not hold the rules of {whole.nation}. The officer should state what "
            "the law there requires for lots."
        )
    elif whole.over is None:
        yield Sentence(
            "The law requires this before a tender notice where all lots together are at or over "
            "the threshold. It is not known whether they are."
        )
    elif not whole.over:
        yield Sentence("Below the threshold the law does not require this; it is good practice.")
    elif figures.name != NO_SPLIT:
        yield Sentence(
            "The law requires reasons only where lots are not used. This draft is for the record "
            f"of the decision ({RECORDS})."
        )


def _gains(figures: SplitFigures) -> Sentence:
    return sentence(
        f"Compared with one contract, {_OPEN}: {{}} gained, {{}} lost.",
        figures.number("against", "open_gained", "number"),
        figures.number("against", "open_lost", "number"),
    )


def _other_ways(figures: SplitFigures) -> list[str]:
    return sorted(name for name in figures.compared.splits if name != NO_SPLIT)


def _ways_compared(figures: SplitFigures) -> Sentence:
    ways = [f"“{name}”" for name in _other_ways(figures)]
    return Sentence(f"One contract was compared with {series(ways or ['no other way'])}.")


def _depth(how: str, figures: SplitFigures) -> Sentence:
    """How many providers are credible, and how many of them are small, local and large enough."""
    return sentence(
        f"{how}: credible providers in the register: {{}}. Of these, small and local: {{}}; small "
        "and local with a lot not known to be too large for them: {}; small and local with enough "
        "known income: {}; of unknown size: {}.",
        figures.number("reach", "credible", "number"),
        figures.number("reach", "small_local", "number"),
        figures.number("reach", "open", "number"),
        figures.number("reach", "fits", "number"),
        figures.number("reach", "size_unknown", "number"),
    )


def _instead(figures: SplitFigures) -> Iterator[Sentence]:
    """The gains and losses of a split that was not chosen."""
    yield sentence(
        f"Split “{escaped(figures.name)}” would have {{}} lots and {{}} credible providers per "
        f"lot. {_OPEN.capitalize()}: {{}}. Compared with one contract: {{}} gained, {{}} lost.",
        figures.number("number"),
        figures.number("bidders_a_lot"),
        figures.number("reach", "open", "number"),
        figures.number("against", "open_gained", "number"),
        figures.number("against", "open_lost", "number"),
    )
    yield from _cautions(figures)


def _cautions(figures: SplitFigures) -> Iterator[Sentence]:
    split, thinnest = figures.split, figures.split.thinnest
    if split.number > 1:
        title = escaped(_shortened(thinnest.title or thinnest.lot))
        yield sentence(
            f"The lot with the fewest credible providers is “{title}”: {{}}.",
            figures.number("thinnest", "credible", "number"),
        )
    if split.none_small_local:
        titles = _titles(figures, split.none_small_local)
        yield Sentence(f"No small local provider is known for {titles}.")
    if split.thin:
        yield sentence(
            f"Fewer than {{}} providers are credible for {escaped(_titles(figures, split.thin))}. "
            "Competition there may be weak, or nobody may bid.",
            figures.figure(f"{figures.compared.terms.fewest:,}", "terms", "fewest"),
        )
    yield from (Sentence(note) for note in split.notes)


def _titles(figures: SplitFigures, lot_ids: Sequence[str]) -> str:
    """The titles of lots, each once."""
    titles = {lot.id: lot.title or lot.id for lot in figures.split.lots}
    return series(dict.fromkeys(f"“{_shortened(titles[lot_id])}”" for lot_id in lot_ids))


def _shortened(title: str) -> str:
    return title if len(title) <= _LONG_TITLE else f"{title[: _LONG_TITLE - 1]}…"


def _value(figures: SplitFigures) -> Iterator[Sentence]:
    """The value of all lots together, compared with the threshold."""
    whole = figures.compared.whole
    rule = f" ({whole.rule})" if whole.rule else ""
    if whole.value is None:
        yield Sentence(f"The value of all lots together is not known{rule}.")
        return
    least, missing = ("at least ", " Not every lot has a value.") if whole.at_least else ("", "")
    yield sentence(
        f"All lots are valued together, however they are split: {least}{{}}, VAT included{rule}."
        f"{missing}",
        figures.figure(pounds(whole.value), "whole", "value"),
    )
    if whole.threshold is not None:
        yield sentence(
            f"{_SIDE[whole.over]} the threshold of {{}} for {whole.contract} contracts bought "
            f"by {BuyerKind(whole.buyer).one}{_buyer_assumed(figures)}.",
            figures.figure(pounds(whole.threshold), "whole", "threshold"),
        )
    if whole.over:
        yield Sentence(
            "A single lot below the threshold changes nothing: a contract must not be split to "
            f"avoid the Act ({whole.anti_avoidance})."
        )


_SIDE = {
    True: "That is at or over",
    False: "That is below",
    None: "It is not known whether the whole is at or over",
}


def _buyer_assumed(figures: SplitFigures) -> str:
    given = buyer_kind(figures.compared.need.buyer_kind) is not None
    return "" if given else " (assumed, because the kind of buyer is not given)"


def _limits(figures: SplitFigures) -> Iterator[Sentence]:
    """What the figures mean, and what they do not say."""
    terms, evidence = figures.compared.terms, figures.compared.evidence
    yield sentence(
        "A provider is credible if its past awards and profile give it a probability of at least "
        "{} of winning such work. Providers outside the register are not counted, and nobody was "
        "asked.",
        figures.figure(in_full(terms.floor), "terms", "floor"),
    )
    yield Sentence(f"Smaller lots do not guarantee that small providers win. {evidence[0].finding}")
