"""Reads postcodes as notices and registers write them, mistakes included."""

from __future__ import annotations

import re

_DISTRICT = r"[A-Z]{1,2}[0-9][A-Z0-9]?"
_WHOLE = re.compile(rf"({_DISTRICT})([0-9][A-Z]{{2}})")
_PARTIAL = re.compile(rf"({_DISTRICT})(?:\s+[0-9][A-Z]?)?")
_TIDY = re.compile(r"[A-Z](?:[A-HJ-Z][0-9]|[1-9])[A-HJKMNP-Z0-9]? [0-9][A-Z]{2}")
"""Most whole postcodes in which there is nothing to correct."""
# Contracts Finder writes line breaks of an address as a literal "rn".
_IN_TEXT = re.compile(rf"(?:\b|(?<=rn))({_DISTRICT})\s*([0-9][A-Z]{{2}})(?:\b|(?=rn))")
_ANY_CASE = re.compile(_IN_TEXT.pattern, re.IGNORECASE | re.ASCII)
_AS_DIGIT = str.maketrans("OIL", "011")
_AS_LETTER = str.maketrans("01", "OI")


def tidy_postcode(text: str) -> str:
    """`text` as 'WS1 1TP', or as 'WS1' where it gives only the district, or else ''.

    Corrects case, spaces, stray punctuation, and O for 0 or I or l for 1 where the position makes
    clear which is meant. Does not check that the postcode exists.
    """
    if _TIDY.fullmatch(text):
        return text
    upper = text.upper().strip()
    if not any(letter.isdecimal() for letter in upper):
        return ""
    return _tidy_whole(upper) or _tidy_partial(upper) or find_in_text(text) or ""


def find_in_text(text: str) -> str | None:
    """The last whole postcode in `text`, as 'WS1 1TP', or None.

    It is the last because an address ends with its postcode. Capitals are preferred, so that
    'Unit B2 1st floor, WS1 1TP, near b1 1aa' gives WS1 1TP.
    """
    found = _IN_TEXT.findall(text) or _IN_TEXT.findall(text.upper())
    return " ".join(found[-1]) if found else None


def all_in_text(text: str) -> list[str]:
    """Every whole postcode in `text` once, in order.

    >>> all_in_text("ws1 1tp / WS28RR")
    ['WS1 1TP', 'WS2 8RR']
    """
    return list(dict.fromkeys(" ".join(found) for found in _IN_TEXT.findall(text.upper())))


def without_postcodes(text: str) -> str:
    """`text` with a space in place of each whole postcode, in capitals or not.

    >>> without_postcodes("Meals at WS1 1TP, ws28rr and in WS3")
    'Meals at  ,   and in WS3'
    """
    return _ANY_CASE.sub(" ", text)


def _tidy_whole(upper: str) -> str:
    compact = re.sub(r"[^A-Z0-9]", "", upper)
    if not 5 <= len(compact) <= 7:
        return ""
    inward = compact[-3].translate(_AS_DIGIT) + compact[-2:]
    match = _WHOLE.fullmatch(_correct_district(compact[:-3]) + inward)
    return " ".join(match.groups()) if match else ""


def _tidy_partial(upper: str) -> str:
    district, _, rest = upper.partition(" ")
    match = _PARTIAL.fullmatch(f"{_correct_district(district)} {rest}".strip())
    return match.group(1) if match else ""


def _correct_district(district: str) -> str:
    """The district with O and I in place of 0 and 1, or the reverse, where the position requires.

    No postcode area has I as its second letter, no one-letter area has a district 0, and
    no district ends in the letter O, I or L.
    """
    first, second, rest = district[:1], district[1:2], district[2:]
    return (
        first.translate(_AS_LETTER)
        + second.replace("0", "O").replace("I", "1")
        + rest.translate(_AS_DIGIT)
    )
