"""Sentences with figures, each with the JSON pointer (RFC 6901) to its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matcher.lotting.types import ComparedSplits, MeasuredSplit


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
