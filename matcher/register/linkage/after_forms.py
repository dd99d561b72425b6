"""What follows the legal form of a company's name: a town, an address or a department."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from matcher.geo.gazetteer import Gazetteer
from matcher.register.linkage.reading import PLACES
from matcher.register.linkage.relations import ROLES
from matcher.register.linkage.spelling import plain, without_form

_FORM_INSIDE = re.compile(r"(?<=\w)[ ,]+(?:ltd|limited|llp|plc|cic)\b\.?", re.IGNORECASE)
_PART_OF_FORM = frozenset({"and", "by", "company", "liability", "partnership"})
"""Words after which "Limited" is a part of the name or of a longer legal form."""
_ADDRESS = re.compile(r"\s*(?:[,(–—-]|\d(?!\d?\W*$))")
"""How an address or a department after a name begins; a number alone may be part of the name."""
BRACKET = re.compile(
    r"\b(?:ltd|limited|llp|plc|cic)\b\.?,? ?\(([^()]*)\)?((?:(?!\btrading\b)[^,;/()])*)",
    re.IGNORECASE,
)
"""A bracket after the legal form, and the words after it."""
_SITE = PLACES | {
    "depot", "gb", "head", "headquarters", "hq", "office", "region", "regional", "site",
    "uk",
}  # fmt: skip
"""Words that after a company's name say only which of its places is meant."""
_ANOTHER_BODY = ROLES | {
    "alliance", "association", "charitable", "charities", "charity", "consortium", "employee",
    "employees", "foundation", "foundations", "group", "groups", "joint", "jv", "retirement",
    "scheme", "schemes", "society", "staff", "trust", "trusts", "venture", "welfare",
}  # fmt: skip
"""Words after a company's name that make it the name of another body."""
_UNITS = frozenset({"flat", "floor", "office", "room", "suite", "unit"})
"""What an address may begin with, before a number."""


def up_to_form(part: str) -> str:
    """The name up to its legal form, without a town, an address or a department after it.

    The whole name where something else follows, or words that name another body.
    """
    match = _FORM_INSIDE.search(part)
    rest = part[match.end() :] if match else ""
    words = plain(rest).split()
    if not match or not words or words[0] in _PART_OF_FORM or _ANOTHER_BODY & {*words}:
        return part
    place = _ADDRESS.match(rest) is not None or _is_place(words)
    if not place or without_form(f"x {' '.join(words)}")[1]:
        return part
    return part[: match.end()]


def without_bracket(match: re.Match[str]) -> str:
    """The match, without the brackets where words in them, or after them, name another body."""
    if _ANOTHER_BODY.isdisjoint(plain(f"{match[1]} {match[2]}").split()):
        return match[0]
    return match[0].replace("(", " ").replace(")", " ")


def _is_place(words: Sequence[str]) -> bool:
    """Whether the plain words after a legal form are an address, or only towns and sites."""
    if words[0] in _UNITS and any(word.isdigit() for word in words):
        return True
    at = 0
    while at < len(words):
        town = next((n for n in (4, 3, 2, 1) if " ".join(words[at : at + n]) in _towns()), 0)
        if not town and words[at] not in _SITE:
            return False
        at += town or 1
    return True


@cache
def _towns() -> frozenset[str]:
    """The plain names of towns and villages, but for those that are an ordinary word."""
    every = Gazetteer.open().towns
    return frozenset(plain(town.name) for town in every if " " in town.name or not town.word)
