"""Text into the numbered pieces of words that an encoder reads (WordPiece, lower case)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RUNS = re.compile(r"[a-z0-9]+|[^a-z0-9\s]")
_LONGEST = 100
"""A longer word is not read."""
_REMEMBERED = 200_000


class WordPieces:
    """Splits words greedily into the longest known pieces.

    `pieces` are in the order of their numbers; a piece inside a word begins with `##`.
    Source: https://github.com/google-research/bert (uncased vocabulary).
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = tuple(pieces)
        self._number = {piece: i for i, piece in enumerate(self.pieces)}
        missing = {"[CLS]", "[SEP]", "[UNK]"} - self._number.keys()
        if missing:
            raise ValueError(f"the vocabulary lacks {', '.join(sorted(missing))}")
        self._begin, self._end = self._number["[CLS]"], self._number["[SEP]"]
        self._unknown = self._number["[UNK]"]
        self._seen: dict[str, tuple[int, ...]] = {}

    def numbers(self, text: str, most: int) -> list[int]:
        """At most `most` numbers for `text`, which is lower case and plain ASCII."""
        found = [self._begin]
        for word in _RUNS.findall(text):
            found.extend(self._word(word))
            if len(found) >= most:
                break
        return [*found[: most - 1], self._end]

    def _word(self, word: str) -> tuple[int, ...]:
        known = self._seen.get(word)
        if known is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            known = self._seen[word] = self._split(word)
        return known

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > _LONGEST:
            return (self._unknown,)
        found: list[int] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            for stop in range(len(word), start, -1):
                number = self._number.get(mark + word[start:stop])
                if number is not None:
                    found.append(number)
                    start = stop
                    break
            else:
                return (self._unknown,)
        return tuple(found)
