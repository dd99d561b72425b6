"""Reads a plain text as one lot."""

from __future__ import annotations

import re

from matcher.core.errors import BadLot
from matcher.core.types import Lot, Tally
from matcher.geo.postcode_parsing import find_in_text
from matcher.sources.formats.json_values import text
from matcher.sources.notices.tender import LONGEST_TEXT, TEXT_TOO_LONG

LONGEST_TITLE = 200
"""Characters of a text's title that is its first sentence."""


def first_sentence(text_: str, most: int) -> str:
    """The first sentence of a text without its full stop, or at most so many characters of it.

    >>> first_sentence("Grass cutting. Hedges too.", 200), first_sentence("Grass cutting", 8)
    ('Grass cutting', 'Grass')
    """
    short = f".{{1,{most}}}"
    found = re.match(rf"{short}?[.!?](?=\s)|{short}(?!\S)|{short}", text_, re.DOTALL)
    return found[0].rstrip(".") if found else text_


def text_lots(content: str, name: str) -> tuple[list[Lot], Tally]:
    """A plain text as one lot: its title is the first line, its postcode the last one in it."""
    if len(content) > LONGEST_TEXT:
        raise BadLot(
            f"{name}: {TEXT_TOO_LONG}; use only the part that describes what you want to buy"
        )
    tidy = text(content)
    if not tidy:
        raise BadLot(f"{name}: is empty; give a title or a description of what you want to buy")
    title = first_sentence(tidy.partition("\n")[0], LONGEST_TITLE)
    lot = Lot(
        id="_".join(name.split()),
        title=title,
        description="" if title == tidy else tidy,
        postcode=find_in_text(tidy) or "",
    )
    return [lot], Tally(name, read=1, kept=1)
