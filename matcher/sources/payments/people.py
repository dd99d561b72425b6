"""Recognises payees that are not shown: redacted ones, and those that may be people."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from matcher.core.cell_words import is_blank

REDACTED = "payee is redacted (its amount is kept in the total)"
PERSON = "payee may be a person (its amount is kept in the total)"
TOTAL = "line of totals"
NO_PAYEE = "no payee"

_TABLE = tomllib.loads(Path(__file__).with_name("people.toml").read_text("utf-8"))
_REDACTED = re.compile("|".join(f"(?:{p})" for p in _TABLE["redacted"]), re.IGNORECASE)
_TOTAL = re.compile("|".join(f"(?:{p})" for p in _TABLE["totals"]), re.IGNORECASE)
_TITLES = frozenset(_TABLE["titles"].split())
_ORGANISATION = frozenset(_TABLE["organisation"].split())
_FIRST_NAMES = frozenset(_TABLE["names"].split())
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_TRADING = re.compile(
    r"(?<!\s)\s+(?:[-–]\s*)?(?:t/as?\b|t\.a\.|trading as\b)[\s:.]*", re.IGNORECASE
)
_MOST_WORDS = 4
_MOST_INITIALS = 3


def payee_of(written: str) -> tuple[str, str]:
    """(the payee as it may be kept, why it is left out or ''); one of them is ''.

    Of a person who trades under a name only that name is kept.

    >>> payee_of("Mr Kevin Guy T/A Guy & Co"), payee_of("SMITH J")[1] == PERSON
    (('Guy & Co', ''), True)
    """
    name = " ".join(written.split()).strip(" -,;")
    if is_blank(name):
        return "", NO_PAYEE
    if _REDACTED.fullmatch(name):
        return "", REDACTED
    if _TOTAL.fullmatch(name):
        return "", TOTAL
    who, *trades = _TRADING.split(name, maxsplit=1)
    if not _may_be_person(who):
        return name, ""
    trade = trades[0].strip(" -,;") if trades else ""
    return (trade, "") if trade and not _may_be_person(trade) else ("", PERSON)


def _may_be_person(name: str) -> bool:
    """Whether a name has the shape of a person's and no word of an organisation's."""
    if any(mark in name for mark in "&0123456789@*"):
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or "and" in words or not _ORGANISATION.isdisjoint(words):
        return False
    if words[0] in _TITLES or words[-1] in _TITLES:
        return True
    initials = sum(len(word) == 1 for word in words)
    if len(words) > _MOST_WORDS:
        return False
    if 0 < initials <= _MOST_INITIALS and len(words) - initials == 1:
        return True
    has_first_name = words[0] in _FIRST_NAMES or ("," in name and words[-1] in _FIRST_NAMES)
    return has_first_name and len(words) - initials > 1
