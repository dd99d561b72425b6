"""Which part of a long specification says what is wanted: that part is what is compared."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matcher.sources.documents.passages import Passage

_LONG = 1500
_NUMBER = r"\W{0,3}(?:(?:part|section)\s*)?(?:[\dA-Z][\d.]{0,7}[.):]?\s+)?"
_WANTED = tuple(
    re.compile(_NUMBER + rf"(?:the\s+)?(?:{words})\b[^.!?]{{0,60}}", re.IGNORECASE)
    for words in (
        r"scope|service (?:description|requirements?|scope|specification|summary)"
        r"|description of (?:the )?(?:services?|works?|goods|requirements?)|what (?:we|is) \w+",
        r"specification|requirements?|services?(?: required| needed| to be provided)?$|outcomes",
        r"summary|overview|purpose|aims?|introduction|background",
    )
)
_FIRST_SENTENCE = re.compile(r".{1,200}?[.!?](?=\s)|.{1,200}(?!\S)|.{1,200}", re.DOTALL)


def wanted_first(read: Sequence[Passage]) -> tuple[str, list[Passage], str]:
    """The title, the passages with those that say what is wanted first, and what was done."""
    title = _title(read)
    if sum(len(one.text) for one in read) <= _LONG:
        return title, list(read), ""
    start = _start(read)
    if not start:
        return title, list(read), ""
    note = f"The text begins with its part “{' '.join(read[start].text.split())}”."
    return title, [*read[start:], *read[:start]], note


def _title(read: Sequence[Passage]) -> str:
    """The first and widest heading, else the first line."""
    headings = [one for one in read if one.heading and any(map(str.isalpha, one.text))]
    first = min(headings, key=lambda one: one.heading) if headings else read[0]
    sentence = _FIRST_SENTENCE.match(first.text.partition("\n")[0])
    return sentence[0].rstrip(".") if sentence else first.text


def _start(read: Sequence[Passage]) -> int:
    """Where the part that says what is wanted begins; 0 where none is told apart."""
    for like in _WANTED:
        for at, one in enumerate(read):
            if not one.cells and len(one.text) <= 80 and like.fullmatch(one.text):
                return at
    return 0
