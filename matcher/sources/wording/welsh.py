"""Welsh words for values and terms, in English, so that one grammar reads both languages."""

from __future__ import annotations

import re

_NUMBERS = {
    **{"un": 1, "dwy": 2, "dau": 2, "ddwy": 2, "tair": 3, "tri": 3, "dair": 3, "pedair": 4},
    **{"pedwar": 4, "bedair": 4, "pum": 5, "pump": 5, "bum": 5, "chwe": 6, "saith": 7, "wyth": 8},
    **{"naw": 9, "deng": 10, "deg": 10, "deuddeng": 12, "deuddeg": 12, "deunaw": 18},
}
_LENGTH = re.compile(
    rf"\b(\d{{1,3}}|{'|'.join(_NUMBERS)}) (?:(?:o )?(?P<months>mis|fisoedd)"
    r"|(?:blynedd|flynedd|mlynedd|flwyddyn))\b",
    re.IGNORECASE,
)
"""A length: 'tair blynedd', '24 mis'."""
_WORDS = {
    "value": "gwerth|werth|ngwerth",
    "budget": "cyllideb|gyllideb|chyllideb|nghyllideb",
    "price": "pris|bris|phris",
    "total": "cyfanswm|gyfanswm|chyfanswm",
    "maximum": "uchafswm",
    "estimated": r"amcangyfrif\w{0,6}",
    "annual": "blynyddol|flynyddol",
    "monthly": "misol|fisol",
    "weekly": "wythnosol",
    "quarterly": "chwarterol",
    "1 further year": "(?:b|f)lwyddyn (?:arall|ychwanegol|bellach|pellach)",
    "for 1 year": "am flwyddyn(?! (?:arall|ychwanegol|bellach|pellach))",
    "per year": "(?:yr?|[bp]ob|fesul) [bf]lwyddyn",
    "per month": "(?:y|[bp]ob|fesul) mis",
    "per week": "(?:yr|[bp]ob|fesul) wythnos",
    "per quarter": "(?:y|[bp]ob|fesul) chwarter",
    "contract": "gontract|chontract",
    "agreement": "cytundeb|gytundeb|chytundeb",
    "framework": "fframwaith",
    "period": "cyfnod|gyfnod|chyfnod",
    "initial": "cychwynnol|gychwynnol",
    "option": "opsiwn|opsiynau",
    "extend": r"h?ymestyn|h?estyn\w{0,6}",
    "further": "pellach|bellach|ychwanegol|arall|eraill",
    "up to": "hyd at",
    "with": "gydag?",
    "length": "hyd(?= ?:| y contract)",
    "over": "dros",
    "million": "miliwn|filiwn",
    "cost": "gost|chost",
    "daily": "dyddiol|ddyddiol",
    "per day": "(?:y|[bp]ob|fesul) (?:diwrnod|dydd)",
    "last year": "y llynedd|llynedd",
    "this year": "eleni",
    "current": "presennol|cyfredol|bresennol|gyfredol",
    "previous": "blaenorol|flaenorol",
    "was": "oedd",
    "insurance": "yswiriant",
    "turnover": "trosiant|drosiant",
}
_ALSO_ENGLISH = {
    "for": "am",
    "and": r"(?<=\d )a(?= (?!day|month|quarter|term|week|year|yr)[a-z])",
    "thousand": r"(?<=\d )[mf]il",
    "to": r"(?<=\d )(?:ac?|i)(?= £)",
}
"""Words that are Welsh only beside one of `_WORDS`."""


def _of(words: dict[str, str]) -> re.Pattern[str]:
    named = (f"(?P<n{at}>{welsh})" for at, welsh in enumerate(words.values()))
    return re.compile(rf"\b(?:{'|'.join(named)})\b", re.IGNORECASE)


_SURE, _ALL = _of(_WORDS), _of(_WORDS | _ALSO_ENGLISH)
_ENGLISH = [*_WORDS, *_ALSO_ENGLISH]


def in_english(text: str) -> str:
    """A text with the Welsh words of values and terms in English.

    >>> in_english("Cyllideb flynyddol o £9,000 am ddwy flynedd"), in_english("£2 mil at 9 am")
    ('budget annual o £9,000 for 2 years', '£2 mil at 9 am')
    """
    text = _LENGTH.sub(_length, text)
    if not _SURE.search(text):
        return text
    return _ALL.sub(lambda found: _ENGLISH[int((found.lastgroup or "n0")[1:])], text)


def _length(found: re.Match[str]) -> str:
    number = _NUMBERS.get(found[1].lower(), found[1])
    return f"{number} {'months' if found['months'] else 'years'}"
