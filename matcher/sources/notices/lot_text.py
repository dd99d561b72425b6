"""Reads a plain text as one lot."""

from __future__ import annotations

import re

from matcher.core.errors import BadLot
from matcher.core.types import Lot, Tally
from matcher.geo.postcode_parsing import find_in_text
from matcher.sources.formats.json_values import text
from matcher.sources.notices.tender import LONGEST_TEXT, TEXT_TOO_LONG

_FIRST_SENTENCE = re.compile(r".{1,200}?[.!?](?=\s)|.{1,200}(?!\S)|.{1,200}")


def text_lots(content: str, name: str) -> tuple[list[Lot], Tally]:
    """A plain text as one lot: its title is the first line, its postcode the last one in it."""
    if len(content) > LONGEST_TEXT:
        raise BadLot(
            f"{name}: {TEXT_TOO_LONG}; use only the part that describes what you want to buy"
        )
    tidy = text(content)
    if not tidy:
        raise BadLot(f"{name}: is empty; give a title or a description of what you want to buy")
    line = tidy.partition("\n")[0]
    sentence = _FIRST_SENTENCE.match(line)
    title = sentence[0].rstrip(".") if sentence else line
    lot = Lot(
        id="_".join(name.split()),
        title=title,
        description="" if title == tidy else tidy,
        postcode=find_in_text(tidy) or "",
    )
    return [lot], Tally(name, read=1, kept=1)
