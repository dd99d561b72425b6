"""Finds the part of a long specification that describes the scope, which is what is compared."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matcher.sources.documents.passages import Passage

_LONG = 1500
_NUMBER = r"\W{0,3}(?:(?:part|section)\s*)?(?:[\dA-Z][\d.]{0,7}[.):]?\s+)?"
_SCOPE_HEADINGS = tuple(
    re.compile(_NUMBER + rf"(?:the\s+)?(?:{words})\b[^.!?]{{0,60}}", re.IGNORECASE)
    for words in (
        r"scope|service (?:description|requirements?|scope|specification|summary)"
        r"|description of (?:the )?(?:services?|works?|goods|requirements?)|what (?:we|is) \w+",
        r"specification|requirements?|services?(?: required| needed| to be provided)?$|outcomes",
        r"summary|overview|purpose|aims?|introduction|background",
    )
)
_FIRST_SENTENCE = re.compile(r".{1,200}?[.!?](?=\s)|.{1,200}(?!\S)|.{1,200}", re.DOTALL)


def scope_first(passages: Sequence[Passage]) -> tuple[str, list[Passage], str]:
    """The title, the passages with those on the scope first, and a note if they were moved."""
    title = _title(passages)
    if sum(len(passage.text) for passage in passages) <= _LONG:
        return title, list(passages), ""
    start = _scope_start(passages)
    if not start:
        return title, list(passages), ""
    note = f"The text starts with the part “{' '.join(passages[start].text.split())}”."
    return title, [*passages[start:], *passages[:start]], note


def _title(passages: Sequence[Passage]) -> str:
    """The first heading of the highest level, or the first line where there is no heading."""
    headings = [
        passage for passage in passages if passage.heading and any(map(str.isalpha, passage.text))
    ]
    first = min(headings, key=lambda passage: passage.heading) if headings else passages[0]
    sentence = _FIRST_SENTENCE.match(first.text.partition("\n")[0])
    return sentence[0].rstrip(".") if sentence else first.text


def _scope_start(passages: Sequence[Passage]) -> int:
    """The index of the passage that starts the part on the scope, or 0 where none is found."""
    for pattern in _SCOPE_HEADINGS:
        for index, passage in enumerate(passages):
            if not passage.cells and len(passage.text) <= 80 and pattern.fullmatch(passage.text):
                return index
    return 0
