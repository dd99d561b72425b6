"""Reads single values of JSON.  A value of the wrong type counts as missing, not as an error."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date

from matcher.sources.formats.markup import visible, with_line_breaks, without_markup

_AMOUNT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.ASCII)
_UK_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,].*)?", re.ASCII)


def mapping(value: object) -> Mapping[str, object]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Mapping[str, object]]:
    """The objects in a list, or one alone, as PowerShell writes a list of one; else none."""
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict) and (item or found is value)]


def listed(value: object) -> list[Mapping[str, object]]:
    """As `mappings`, but with an empty object for each item of a list that is not an object."""
    return [mapping(item) for item in value] if isinstance(value, list) else mappings(value)


def idents(value: object) -> list[str]:
    """The identifiers in a list, or one alone."""
    return [ident(one) for one in (value if isinstance(value, list) else [value])]


def text(value: object) -> str:
    """A string as plain text: without blank lines, repeated spaces and invisible characters.

    HTML is taken out, and line breaks that a feed wrote as `rn` are restored.
    """
    if not isinstance(value, str):
        return ""
    plain = with_line_breaks(without_markup(value))
    if plain.isprintable():
        return " ".join(plain.split())
    lines = (" ".join(line.split()) for line in visible(plain).splitlines())
    return "\n".join(filter(None, lines))


def ident(value: object) -> str:
    """An identifier, which a feed may give as text or as an integer."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return text(value).replace("\n", " ")


def number(value: object) -> float | None:
    """A finite number, also from a string ("12,000"), or None."""
    if isinstance(value, str):
        value = value.strip().removeprefix("£")
        value = float(value.replace(",", "")) if _AMOUNT.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def day(value: object) -> date | None:
    """The date of a date or time as written, whatever its time zone, or None.

    Reads 2026-04-10, 2026-04-10T10:50:13+01:00 and 10/04/2026.  Feeds use years outside 1900 to
    2199 for no date.
    """
    value_text = value.strip() if isinstance(value, str) else ""
    if iso := _ISO_DAY.fullmatch(value_text):
        year, month, day_ = map(int, iso.groups())
    elif british := _UK_DAY.fullmatch(value_text):
        day_, month, year = map(int, british.groups())
    else:
        return None
    try:
        return date(year, month, day_) if 1900 <= year < 2200 else None
    except ValueError:
        return None
