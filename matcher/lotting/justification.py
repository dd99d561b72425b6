"""Drafts the reasons for buying a need in lots or as one contract, from a comparison's figures.

The Procurement Act 2023 requires reasons (s.18) where a contract at or over the threshold is not
split.  Otherwise a draft is a record of the decision, and it cites only duties that apply.  Every
figure in a sentence has a JSON pointer (RFC 6901) to its number in the comparison.  The officer
must add what the figures do not show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.core.formatting import pounds, series
from matcher.law.procurement import buyer_kind
from matcher.lotting.types import NO_SPLIT, ComparedSplits, MeasuredSplit

DUTY = "PA2023-s18"
RECORDS = "PA2023-s98"
_NOT_BOUND = "Scotland"
"""The nation whose devolved buyers the Procurement Act 2023 does not bind."""
_LONG = 100


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


def reasons(found: ComparedSplits, name: str, root: str = "") -> tuple[Sentence, ...]:
    """A draft of the reasons for buying the need as the named split, or as one contract.

    `root` is the pointer to the comparison where it is part of something else.
    """
    at = _At(found, name, root)
    return tuple(_not_splitting(at) if name == NO_SPLIT else _splitting(at))


def trade_off(found: ComparedSplits, name: str, root: str = "") -> tuple[Sentence, ...]:
    """The gains, losses and risks of a split."""
    at = _At(found, name, root)
    gains = _gains(at) if name != NO_SPLIT else _depth("As one contract", at)
    return (gains, *_cautions(at))


def pointer(*steps: str | int) -> str:
    """The JSON pointer of these steps.

    >>> pointer("splits", "north/south", "thin", 0)
    '/splits/north~1south/thin/0'
    """
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join(f"/{step}" for step in escaped)


@dataclass(frozen=True, slots=True)
class _At:
    """One split of a comparison, from which figures are quoted."""

    found: ComparedSplits
    name: str
    root: str

    def other(self, name: str) -> _At:
        """Another split of the same comparison."""
        return _At(self.found, name, self.root)

    @property
    def called(self) -> str:
        """Its name, escaped for a format string."""
        return _escaped(self.name)

    @property
    def split(self) -> MeasuredSplit:
        return self.found.splits[self.name]

    def number(self, *steps: str) -> Figure:
        """The figure at these steps: a number of providers, or a proportion."""
        value = self._value(steps)
        return Figure(_exactly(value), self._path(steps))

    def _path(self, steps: tuple[str, ...]) -> str:
        return self.root + pointer("splits", self.name, *steps)

    def _value(self, steps: tuple[str, ...]) -> Any:  # noqa: ANN401 - any number
        value: Any = self.split
        for step in steps:
            value = getattr(value, step)
        return value


def _exactly(value: float) -> str:
    """A number in full, exactly as its pointer finds it."""
    return f"{value:,}" if isinstance(value, int) else repr(value).removesuffix(".0")


def _said(words: str, *figures: Figure) -> Sentence:
    """A sentence: `words` with each figure in place of a pair of braces."""
    return Sentence(words.format(*(figure.said for figure in figures)), figures)


def _escaped(said: str) -> str:
    return said.replace("{", "{{").replace("}", "}}")


def _titled(said: str) -> str:
    """A title, shortened and escaped for a format string."""
    return _escaped(_short(said))


def _short(said: str) -> str:
    return said if len(said) <= _LONG else f"{said[: _LONG - 1]}…"


def _splitting(at: _At) -> Iterator[Sentence]:
    yield _said(
        f"We considered lots{_duty(at)} and mean to buy this in {{}} lots: {at.called}.",
        at.number("number"),
    )
    yield from _asked_for(at)
    yield _compared(at)
    yield _depth("As one contract", at.other(NO_SPLIT))
    yield _depth(f"Split “{at.called}”", at)
    yield _gains(at)
    yield from _cautions(at)
    yield from _value(at)
    yield from _what_it_is_not(at)


def _duty(at: _At) -> str:
    """The citation of the duty to consider lots, where it may apply."""
    whole = at.found.whole
    return "" if whole.nation or whole.over is False else f" ({DUTY})"


def _asked_for(at: _At) -> Iterator[Sentence]:
    """What the law requires for this decision, where known."""
    whole = at.found.whole
    if whole.nation == _NOT_BOUND:
        yield Sentence(
            f"The Procurement Act 2023 does not bind devolved buyers in {whole.nation}: what is "
            "asked of lots there is for the officer to say."
        )
    elif whole.nation:
        yield Sentence(
            f"The rules known here are not those of {whole.nation}: what is asked of lots there is "
            "for the officer to say."
        )
    elif whole.over is None:
        yield Sentence(
            "That is asked before a tender notice where the whole is at or over the threshold; "
            "whether it is cannot be told."
        )
    elif not whole.over:
        yield Sentence("Below the threshold the law does not ask for this; it is good practice.")
    elif at.name != NO_SPLIT:
        yield Sentence(
            "The law asks for reasons only where lots are not used: this is for the record of the "
            f"decision ({RECORDS})."
        )


def _gains(at: _At) -> Sentence:
    return _said(
        "Small local providers for whom a lot is not known to be too large, against one contract: "
        "{} gained, {} lost.",
        at.number("against", "open_gained", "number"),
        at.number("against", "open_lost", "number"),
    )


def _not_splitting(at: _At) -> Iterator[Sentence]:
    yield Sentence(f"We considered lots{_duty(at)} and mean to buy this as one contract.")
    yield from _asked_for(at)
    yield _compared(at)
    yield _depth("As one contract", at)
    for name in _others(at):
        yield from _instead(at.other(name))
    yield from _value(at)
    yield Sentence(
        "[For the officer to say, with evidence: what else speaks against lots, such as care that "
        "must not be parted, the cost of managing several contracts, or staff who transfer.]"
    )
    yield from _what_it_is_not(at)


def _others(at: _At) -> list[str]:
    return sorted(name for name in at.found.splits if name != NO_SPLIT)


def _compared(at: _At) -> Sentence:
    ways = [f"“{name}”" for name in _others(at)]
    return Sentence(f"One contract was compared with {series(ways or ['no other way'])}.")


def _depth(how: str, at: _At) -> Sentence:
    """How many providers could do it, and how many of them are small, local and large enough."""
    return _said(
        f"{how}: credible providers in the register: {{}}; of them small and local: {{}}; of "
        "these, for whom a lot is not known to be too large: {}; whose known income is enough: {}. "
        "Credible, but of unknown size: {}.",
        at.number("reach", "credible", "number"),
        at.number("reach", "small_local", "number"),
        at.number("reach", "open", "number"),
        at.number("reach", "fits", "number"),
        at.number("reach", "size_unknown", "number"),
    )


def _instead(at: _At) -> Iterator[Sentence]:
    """The gains and losses of a split that was not chosen."""
    yield _said(
        f"Split “{at.called}” would have {{}} lots and {{}} credible providers a lot. Small local "
        "providers for whom a lot is not known to be too large: {}; against one contract, {} "
        "gained, {} lost.",
        at.number("number"),
        at.number("bidders_a_lot"),
        at.number("reach", "open", "number"),
        at.number("against", "open_gained", "number"),
        at.number("against", "open_lost", "number"),
    )
    yield from _cautions(at)


def _cautions(at: _At) -> Iterator[Sentence]:
    thinnest = at.split.thinnest
    named = _titled(thinnest.title or thinnest.lot)
    if at.split.number > 1:
        yield _said(
            f"Of its lots, “{named}” has the fewest credible providers: {{}}.",
            at.number("thinnest", "credible", "number"),
        )
    if at.split.none_small_local:
        yield Sentence(
            f"No small local provider is known for {_named(at, at.split.none_small_local)}."
        )
    if at.split.thin:
        thin = _escaped(_named(at, at.split.thin))
        yield _said(
            f"Fewer than {{}} are credible for {thin}: competition may be weak there, or "
            "none may bid.",
            Figure(f"{at.found.terms.fewest:,}", at.root + pointer("terms", "fewest")),
        )
    yield from (Sentence(note) for note in at.split.notes)


def _named(at: _At, lots: Sequence[str]) -> str:
    """The titles of lots, each once."""
    titles = {lot.id: lot.title or lot.id for lot in at.split.lots}
    return series(dict.fromkeys(f"“{_short(titles[one])}”" for one in lots))


def _value(at: _At) -> Iterator[Sentence]:
    whole = at.found.whole
    rule = f" ({whole.rule})" if whole.rule else ""
    if whole.value is None:
        yield Sentence(f"What all lots are worth together is not known{rule}.")
        return
    worth = Figure(pounds(whole.value), at.root + pointer("whole", "value"))
    least, more = ("at least ", "; not every lot has a value") if whole.at_least else ("", "")
    yield _said(
        f"All lots are valued together: {least}{{}}, VAT included, however they are split"
        f"{rule}{more}.",
        worth,
    )
    if whole.threshold is not None:
        yield _said(
            f"{_SIDE[whole.over]} the threshold of {{}} for {whole.contract} bought by a "
            f"{whole.buyer} buyer{_supposed(at)}.",
            Figure(pounds(whole.threshold), at.root + pointer("whole", "threshold")),
        )
    if whole.over:
        yield Sentence(
            "That a lot by itself would be below it changes nothing: a contract may not be cut up "
            f"so as to avoid the Act ({whole.anti_avoidance})."
        )


_SIDE = {
    True: "That is at or over",
    False: "That is below",
    None: "It cannot be told whether the whole is at or over",
}


def _supposed(at: _At) -> str:
    known = buyer_kind(at.found.need.buyer_kind) is not None
    return "" if known else " (assumed: the kind of buyer is not given)"


def _what_it_is_not(at: _At) -> Iterator[Sentence]:
    floor = Figure(_exactly(at.found.terms.floor), at.root + pointer("terms", "floor"))
    yield _said(
        "Credible means that past awards and profiles give a provider a probability of at least "
        "{} of winning such work; who is not in the register is not counted, and nobody was asked.",
        floor,
    )
    first = at.found.evidence[0]
    yield Sentence(f"Smaller lots are no promise of small winners. {first.finding}")
