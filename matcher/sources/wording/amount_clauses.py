"""The clauses around an amount of money, and whether they call it the value of the contract."""

from __future__ import annotations

import re

_THING = (
    r"(?:agreement|call-?off|commission|concession|contract|dps|framework|lot|procurement"
    r"|requirement|service|tender)"
)
_WORTH = r"(?:budget|costs?|estimate|expenditure|price|spend|sum|value)"
_NAMED = re.compile(
    rf"(?:\b{_THING}(?: \([^()]{{0,30}}\))? (?:(?!and|but|with)\w{{1,14}} ){{0,3}}?"
    rf"(?:{_WORTH}|capped|estimated|valued|worth)"
    rf"|\b{_WORTH} (?:of|for) (?:the|this|our|your|each) (?:\w{{1,14}} ){{0,3}}?{_THING}"
    r"|\b(?:aggregate|annual|anticipated|approximate|est|estimated|expected|forecast|guide"
    rf"|lifetime|max|maximum|monthly|overall|potential|total) (?:\w{{1,14}} ){{0,3}}?{_WORTH}"
    rf"|\A\W{{0,3}}(?:(?:the|our|its|new|this|works?) ){{0,2}}{_WORTH}(?! (?:list|schedule)))"
    r"\b[^£;]{0,80}\Z",
    re.IGNORECASE,
)
"""Before an amount, words that call it the value of the contract."""
_BORDER = re.compile(r"^.*(?:[,;()]| (?:and|but|while|whereas) )", re.DOTALL)
"""A text up to its last clause."""
UNIT_PRICE = re.compile(
    r"^ ?(?:(?:(?:per|each|every) |an? (?!additional|extra|further|maximum|total)|/ ?)[a-z]{2,20}"
    r"|p\.?a)\b",
    re.IGNORECASE,
)
"""Right after an amount, the unit or the period that it is the price of, and the next is not."""
OF_NEXT = re.compile(
    r"\b(?:for|in|and|but) (?:each|every) (?:\w{1,12} ){0,2}\w{1,12}[ :=-]{0,3}\Z", re.IGNORECASE
)
"""Between two amounts, the period of the second: '£90,000, and for each option year £45,000'."""
CLAUSE = re.compile(r"[,(;]| and | but | with ", re.IGNORECASE)


def is_named(before: str) -> bool:
    """Whether the text right before an amount calls it the value of the contract.

    >>> is_named("The contract value is "), is_named("The scheme of works costs ")
    (True, False)
    """
    return bool(_NAMED.search(before))


def last_clause(before: str) -> str:
    """The last clause before an amount."""
    return _BORDER.sub("", before)


def own_clause(before: str) -> str:
    """The last clause before an amount, where it is about the value of the contract, or all.

    >>> own_clause("Insurance is held, and the contract value is ")
    'the contract value is '
    """
    clause = last_clause(before)
    return clause if is_named(clause) else before
