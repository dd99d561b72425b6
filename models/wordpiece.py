"""Splits a text into the numbered pieces of words that an encoder reads (WordPiece)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RUNS = re.compile(r"[a-z0-9]+|[^a-z0-9\s]")
_LONGEST = 100
"""A longer word is read as uncached."""
_REMEMBERED = 200_000


class WordPieces:
    """Splits each word into the longest known pieces, from the left.

    `pieces` are in the order of their numbers. A piece inside a word begins with `##`.
    Source: https://github.com/google-research/bert (uncased vocabulary).
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = tuple(pieces)
        self._number = {piece: i for i, piece in enumerate(self.pieces)}
        missing = {"[CLS]", "[SEP]", "[UNK]"} - self._number.keys()
        if missing:
            raise ValueError(f"the vocabulary lacks {', '.join(sorted(missing))}")
        self._begin, self._end = self._number["[CLS]"], self._number["[SEP]"]
        self._uncached = self._number["[UNK]"]
        self._cache: dict[str, tuple[int, ...]] = {}

    def numbers(self, text: str, most: int) -> list[int]:
        """The numbers of the pieces of `text`, which is lower case and ASCII; at most `most`."""
        numbers = [self._begin]
        for word in _RUNS.findall(text):
            numbers.extend(self._word(word))
            if len(numbers) >= most:
                break
        return [*numbers[: most - 1], self._end]

    def _word(self, word: str) -> tuple[int, ...]:
        cached = self._cache.get(word)
        if cached is None:
            if len(self._cache) >= _REMEMBERED:
                self._cache.clear()
            cached = self._cache[word] = self._split(word)
        return cached

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > _LONGEST:
            return (self._uncached,)
        numbers: list[int] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            for stop in range(len(word), start, -1):
                number = self._number.get(mark + word[start:stop])
                if number is not None:
                    numbers.append(number)
                    start = stop
                    break
            else:
                return (self._uncached,)
        return tuple(numbers)
