"""Finds the CPV codes, the postcode and the buyer in the text of a specification."""

from __future__ import annotations

import re
from collections import Counter

from matcher.geo.postcode_parsing import find_in_text

_CPV_WITH_CHECK_DIGIT = re.compile(r"(?<!\d)(\d{8})-\d(?!\d)")
_EIGHT_DIGITS = re.compile(r"(?<![\d.,£])(\d{8})(?!\d|,\d)")
_AFTER_CPV = re.compile(r"\bCPV\b.{0,400}", re.DOTALL | re.IGNORECASE)
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
_LEADING_WORDS = {"The", "This", "That", "Our", "Your", "A", "For", "By", "In", "Of", "To", "And"}


def codes_in(text: str, *, expected: bool = False) -> tuple[str, ...]:
    """The CPV codes written in a text, each once.

    Eight digits are a code if a check digit or the letters CPV mark them, or if codes are
    `expected` here, as in a table column.  A date written as eight digits is not a code.

    >>> codes_in("CPV: 60130000 and 85312100-0. Reference 20260401.")
    ('60130000', '85312100')
    """
    with_check_digit = _CPV_WITH_CHECK_DIGIT.findall(text)
    named = [text] if expected else _AFTER_CPV.findall(text)
    without = [code for part in named for code in _EIGHT_DIGITS.findall(part)]
    codes = sorted({*with_check_digit, *without}, key=text.index)
    return tuple(code for code in codes if code[:2] in _DIVISIONS)


def postcode_in(text: str) -> str:
    """The last full postcode in a text, or ''."""
    return find_in_text(text) or ""


def buyer_in(text: str) -> str:
    """The council that a text names most often, or ''.

    >>> buyer_in("The Wallbrook Borough Council invites offers. Contact the Council.")
    'Wallbrook Borough Council'
    """
    counts = Counter(_council_name(name) for name in _COUNCIL.findall(text))
    counts.pop("", None)
    return counts.most_common(1)[0][0] if counts else ""


def _council_name(name: str) -> str:
    words = name.split()
    while words and words[0] in _LEADING_WORDS:
        words = words[1:]
    generic_words = {
        "Borough",
        "City",
        "County",
        "District",
        "Council",
        "Parish",
        "Town",
        "Metropolitan",
    }
    return "" if all(word in generic_words for word in words) else " ".join(words)
