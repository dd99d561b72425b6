"""What a contract is worth and how long it runs, as a specification says it in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

_AMOUNT = re.compile(
    r"(?:£\s*(?P<pounds>\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,2})?|\d{1,12}(?:\.\d{1,6})?)"
    r"\s*(?P<unit>million|thousand|[mk])?\b"
    r"|(?P<words>\d{1,3}(?:,\d{3}){1,4}|\d{3,9})\s+pounds\b)",
    re.IGNORECASE,
)
_UNITS = {"m": 1e6, "million": 1e6, "k": 1e3, "thousand": 1e3}
_SENTENCE = re.compile(r"[^\n.;!?]+(?:[.](?=\d)[^\n.;!?]+)*")
_WRAPPED = re.compile(r"(?<![.!?:;])\n(?=[a-z£(])")
_OF_THE_CONTRACT = re.compile(
    r"\b(?:annual|budget|contract|cost|estimated?|funding|maximum|overall|spend|sum|total|up to"
    r"|valued?|worth)\b",
    re.IGNORECASE,
)
_NOT_OF_IT = re.compile(
    r"\b(?:cover|damages|fine|hourly|indemnity|insur\w+|liability|penalt\w+"
    r"|per (?:day|hour|meal|mile|person|session|trip|visit|week)|threshold|turnover|wage)\b",
    re.IGNORECASE,
)
_YEARLY = re.compile(
    r"\b(?:a year|annual(?:ly)?|each year|p\.?a\b|per (?:annum|year)|yearly)", re.I
)
_IN_ALL = re.compile(r"\b(?:in all|maximum|overall|total|whole)\b", re.IGNORECASE)
_GROSS = re.compile(
    r"\b(?:incl?\.?|including|inclusive of)\s*(?:of\s+)?VAT|VAT\s+incl", re.IGNORECASE
)

_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_TERM = re.compile(
    rf"\b(?P<number>\d{{1,2}}|{'|'.join(_NUMBERS)})(?:\s*\(\d{{1,2}}\))?"
    r"[\s-]*(?P<unit>years?|months?)\b",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"\b(?:agreement|contract|duration|initial|length|period|run|runs|term)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class StatedValue:
    """An amount in pounds, for each year or in all, with VAT or not said to have it."""

    pounds: float
    yearly: bool
    gross: bool
    words: str


@dataclass(frozen=True, slots=True)
class ContractTerm:
    """How long a contract runs, without what it may be extended by."""

    years: float
    words: str


def worth_of(said: str, *, stated: bool = False) -> StatedValue | None:
    """What the contract is worth, or None: insurance cover and prices a visit are not it.

    `stated`: the text stands where a value is to be expected, and need not say so.
    Of several the one for the whole contract, then the first.

    >>> worth_of("Cover of £5m is needed. The budget is £60k a year.")
    Worth(pounds=60000.0, yearly=True, gross=False, words='The budget is £60k a year')
    """
    found = []
    for sentence in _sentences(said):
        asked = stated or _OF_THE_CONTRACT.search(sentence)
        if not asked or _NOT_OF_IT.search(sentence):
            continue
        for amount in _AMOUNT.finditer(sentence):
            in_all = bool(_IN_ALL.search(sentence))
            yearly = bool(_YEARLY.search(sentence)) and not in_all
            gross = bool(_GROSS.search(sentence))
            found.append(
                (not in_all, StatedValue(_pounds(amount), yearly, gross, _short(sentence)))
            )
    found = [(rank, one) for rank, one in found if one.pounds > 0]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _sentences(said: str) -> list[str]:
    """The sentences of a text, also where they run over the end of a line."""
    return _SENTENCE.findall(_WRAPPED.sub(" ", said))


def _pounds(amount: re.Match[str]) -> float:
    number = float((amount["pounds"] or amount["words"]).replace(",", ""))
    return number * _UNITS.get((amount["unit"] or "").lower(), 1)


def term_of(said: str) -> ContractTerm | None:
    """How long the contract runs, or None; an age or a past is not its length.

    >>> term_of("Drivers have three years of practice. The contract is for two years.")
    Term(years=2.0, words='two years')
    """
    for sentence in _sentences(said):
        runs = _RUNS.search(sentence)
        term = _TERM.search(sentence) if runs else None
        if term:
            written = term["number"].lower()
            number = _NUMBERS[written] if written in _NUMBERS else int(written)
            months = term["unit"].lower().startswith("month")
            years = round(number / 12, 2) if months else float(number)
            if 0 < years <= 30:
                return ContractTerm(years, " ".join(term[0].split()))
    return None


def _short(sentence: str) -> str:
    plain = " ".join(sentence.split())
    return plain if len(plain) <= 140 else f"{plain[:139]}…"
