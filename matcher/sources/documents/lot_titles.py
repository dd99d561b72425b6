"""The title of a lot, without the price and the sentences that follow it in the same line."""

from __future__ import annotations

import re

from matcher.sources.wording.number_words import NUMBER, UNIT

AMOUNT = re.compile(r"£ ?\d|\bGBP ?\d|\d ?(?:pounds|GBP)\b", re.IGNORECASE)
"""Where a text has an amount of money."""
_PRICE = re.compile(
    rf"(?:£|\bGBP) ?(?:{NUMBER})(?: ?(?:{UNIT})\b)?"
    rf"(?: ?(?:-|–|to|and) ?£? ?(?:{NUMBER})(?: ?(?:{UNIT})\b)?)?",
    re.IGNORECASE,
)
_MOST = 4
"""The prices of a line that are tried; a title may have one of its own: 'works under £50,000'."""
_AFTER = re.compile(
    r"\s*(?:$|[,;:.)(/–—+-]|(?:a|annual|annually|approx\w{0,8}|budget|each|estimated|every|ex\w{0,8}"
    r"|for|gross|in|inc\w{0,8}|max\w{0,5}|net|over|p|pa|pcm|per|plus|pounds|total|vat|yearly)\b)",
    re.IGNORECASE,
)
"""What follows a price that is the lot's own."""
_WORDS = re.compile(
    r"\W{0,3}(?:(?:a|about|annual|annually|approx|approximately|are|around|at|be|budget|budgeted|c|circa"
    r"|contract|cost|costs|costing|est|estimate|estimated|expect|expected|for|guide|in|indicative|is"
    r"|it|its|max|maximum|of|our|pay|per|price|priced|region|spend|spending|the|this|to|total|up"
    r"|value|valued|we|will|with|worth|year|yearly)\b\W{0,3})*",
    re.IGNORECASE,
)
"""Words that lead up to a price."""
_LAST_WORDS = re.compile(
    r"[\s,:(–—-]{1,3}(?:approx|approximately|around|at|budget|c|circa|costing|est|estimated|for|priced"
    r"|total|value|valued at|worth)\b\W{0,3}$",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:above|below|between|exceeding|from|least|most|over|than|to|under|upto"
    r"|(?<!budget )(?<!cost )(?<!region )(?<!total )(?<!value )of)\W{0,3}$",
    re.IGNORECASE,
)
"""Before a price that says which works are meant: 'minor works up to £50,000'."""
_MARKS = ".;:,–—|-"
_MARK = re.compile(r"(?<!\bapprox)(?<!\best)(?<!\bmax)(?<!\bc)\.|[;:,(–—|-]", re.IGNORECASE)
"""A mark before a price, which is not of an abbreviation: 'est. value £9,000'."""
_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
_WORD = re.compile(r"[^\W\d_]{2}")
_NEXT = re.compile(
    r"(?<=[^\W\d_]{3})(?<!\bAve)(?<!\bEst)(?<!\bInc)(?<!\bLtd)(?<!\bNos)[.;!?] (?=[A-Z\d])"
)
"""The end of a sentence, which is no abbreviation: 'St. James'."""


def split_title(line: str) -> tuple[str, str]:
    """The title that a line starts with, and the rest from its price or its next sentence on.

    >>> split_title("Grass cutting of verges, £18,000 a year")
    ('Grass cutting of verges', '£18,000 a year')
    >>> split_title("Minor works up to £50,000 in schools")
    ('Minor works up to £50,000 in schools', '')
    """
    title, rest = _split(line)
    inner = _IN_BRACKETS.fullmatch(title)
    return (inner[1] if inner else title), rest


def _split(line: str) -> tuple[str, str]:
    for _, price in zip(range(_MOST), _PRICE.finditer(line), strict=False):
        end = _end(line, price)
        if end and _WORD.search(line, 0, end):
            return line[:end].strip(), line[end:].lstrip(_MARKS + " ").strip()
    first = _NEXT.search(line)
    if first and _WORD.search(line, 0, first.start()):
        return line[: first.start()].strip(), line[first.end() :].strip()
    return line.strip(), ""


def _end(line: str, price: re.Match[str]) -> int:
    """Where the title ends that a price follows; 0 where the price is a part of the title."""
    before = line[: price.start()].rstrip()
    mark = max((found.start() for found in _MARK.finditer(before)), default=-1)
    if mark > 0 and _WORDS.fullmatch(line, mark + 1, price.start()) is None:
        sentence = max(before.rfind(sign) for sign in (". ", "; "))
        if sentence > 0:
            return sentence
        mark = 0
    if not _AFTER.match(line, price.end()):
        return 0
    if mark > 0:
        return len(line[:mark].rstrip(_MARKS + "( "))
    if _COMPARED.search(before):
        return 0
    words = _LAST_WORDS.search(before)
    return words.start() if words else len(before)
