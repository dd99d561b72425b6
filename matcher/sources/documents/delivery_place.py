"""CPV codes, postcodes and the buyer, as they stand in the text of a specification."""

from __future__ import annotations

import re
from collections import Counter

from matcher.geo.postcode_parsing import find_in_text

_CPV_CHECKED = re.compile(r"(?<!\d)(\d{8})-\d(?!\d)")
_CPV_PLAIN = re.compile(r"(?<![\d.,£])(\d{8})(?!\d|,\d)")
_CPV_NAMED = re.compile(r"\bCPV\b.{0,400}", re.DOTALL | re.IGNORECASE)
_NAME = r"[A-Z][a-z][\w'’-]{0,30}+"
_COUNCIL = re.compile(
    rf"(?:(?:London|Royal|Metropolitan) Borough of |City of )?"
    rf"{_NAME}(?: (?:(?:and|on|upon|with|&) )?{_NAME}){{0,4}} Council\b(?: \(fictional\))?"
    rf"|(?:London|Royal) Borough of {_NAME}(?: (?:and )?{_NAME}){{0,3}}"
)
_DIVISIONS = {"03", "09", "14", "15", "16", "18", "19", "22", "24", "30", "31", "32", "33", "34"}
_DIVISIONS |= {"35", "37", "38", "39", "41", "42", "43", "44", "45", "48", "50", "51", "55", "60"}
_DIVISIONS |= {"63", "64", "65", "66", "70", "71", "72", "73", "75", "76", "77", "79", "80", "85"}
_DIVISIONS |= {"90", "92", "98"}
_NOT_A_NAME = {"The", "This", "That", "Our", "Your", "A", "For", "By", "In", "Of", "To", "And"}


def codes_in(said: str, *, stated: bool = False) -> tuple[str, ...]:
    """The CPV codes written in a text, each once.

    Eight digits count with their check digit behind, or after the letters CPV, or anywhere
    if `stated`; a date written as eight digits is none.

    >>> codes_in("CPV: 60130000 and 85312100-0. Reference 20260401.")
    ('60130000', '85312100')
    """
    checked = _CPV_CHECKED.findall(said)
    named = [said] if stated else _CPV_NAMED.findall(said)
    plain = [code for part in named for code in _CPV_PLAIN.findall(part)]
    both = sorted({*checked, *plain}, key=said.index)
    return tuple(code for code in both if code[:2] in _DIVISIONS)


def postcode_in(said: str) -> str:
    """The last whole postcode written in a text, '' where there is none."""
    return find_in_text(said) or ""


def buyer_in(said: str) -> str:
    """The council that a text names most often, '' where it names none.

    >>> buyer_in("The Wallbrook Borough Council invites offers. Contact the Council.")
    'Wallbrook Borough Council'
    """
    named = Counter(_tidy(name) for name in _COUNCIL.findall(said))
    named.pop("", None)
    return named.most_common(1)[0][0] if named else ""


def _tidy(name: str) -> str:
    words = name.split()
    while words and words[0] in _NOT_A_NAME:
        words = words[1:]
    alone = {"Borough", "City", "County", "District", "Council", "Parish", "Town", "Metropolitan"}
    return "" if all(word in alone for word in words) else " ".join(words)
