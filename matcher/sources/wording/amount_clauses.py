"""The clauses around an amount of money, and whether they call it the value of the contract."""

from __future__ import annotations

import re

_THING = (
    r"(?:agreement|call-?off|commission|concession|contract|dps|framework|lots?|procurement"
    r"|requirement|service|tender)"
)
_WORTH = r"(?:budget|costs?|estimate|expenditure|price|spend|sum|value)"
_OF_THING = (
    rf"\b{_THING}(?: \([^()]{{0,30}}\))? (?:(?!and|but|with)\w{{1,14}} ){{0,3}}?"
    rf"(?:{_WORTH}|capped|estimated|valued|worth)"
    rf"|\b{_WORTH} (?:of|for) (?:the|this|our|your|each) (?:\w{{1,14}} ){{0,3}}?{_THING}"
)
_NAMED = re.compile(
    rf"(?:{_OF_THING}"
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
    r"^(?: ?(?:(?:(?:per|each|every) |an? (?!additional|extra|further|maximum|total)|/ ?)"
    r"[a-z]{2,20}|p\.?a)\b){1,3}",
    re.IGNORECASE,
)
"""Right after an amount, the unit or the period that it is the price of, and the next is not."""
OF_NEXT = re.compile(
    r"\b(?:for|in|and|but) (?:each|every) (?:\w{1,12} ){0,2}\w{1,12}[ :=-]{0,3}\Z", re.IGNORECASE
)
"""Between two amounts, the period of the second: '£90,000, and for each option year £45,000'."""
CLAUSE = re.compile(r"[,(;]| and | but | plus | with ", re.IGNORECASE)
_LABEL = re.compile(
    r"\A\W{0,3}\Z|[:=(,-] ?(?:(?:about|approx\w{0,8}|around|max|up to) ?)?\Z", re.IGNORECASE
)
"""Before an amount that begins a sentence or follows its label."""
_ENDS = re.compile(r"^\W*(?:max(?:imum)?\W*)?\Z|^ ?(?:across|for|over|to) ", re.IGNORECASE)
"""After such an amount, no more words, or what it is for."""
_NO_LABEL = re.compile(
    r"\b(?:am|are|be|been|can|could|did|do|does|had|has|have|he|i|is|it|may|might|must|she|should"
    r"|that|they|was|we|were|which|who|will|would|you)\b"
    r"|\A\W{0,3}(?:an?|its|our|the|their|these|this|those)\b|\b[a-z]{2,14}ed ?\Z"
    r"|\b(?:an?|at|by|from|in|of|on|our|over|than|the|this|to|under|with|your)\W{0,2}\Z",
    re.IGNORECASE,
)
"""Words of a sentence, before an amount that no label introduces."""
_TO_SPEND = re.compile(
    r"\b(?:we|i|(?:authority|council|trust|school))"
    r"(?: can| could|['’]d| will)?(?: afford| offer| pay| spend| have|['’]ve| has)?(?: got)?"
    r"(?: (?:about|around|between|only|just|up to|roughly)){0,2} ?\Z|^\W{0,3}got ?\Z"
    r"|\b(?:allocated|budgeted|earmarked|set aside|(?:are|be|is) paid|payments? of"
    r"|there (?:are|is|will be))(?: (?:about|around|between|up to)){0,2} ?\Z",
    re.IGNORECASE,
)
"""Right before an amount, words for money that is there to be spent."""
_SPENDABLE = re.compile(
    r"^[^£]{0,40}\b(?:allocated|available|budgeted|identified|(?<!was )(?<!were )left|set aside"
    r"|to spend)\b",
    re.IGNORECASE,
)
"""After an amount, words for money that is there to be spent."""
BUYERS_LIMIT = (
    r"(?:\A\W{0,3}the|\b(?:budget|cost|financial|our|price|spending|upper)) limit"
    r"(?! (?:for|of|on) (?!(?:it|our|the|this)\b)[a-z])"
    r"|\b(?:it|this|we)(?: (?!(?:that|which|who)\b)[\w'’]{1,14}){0,8} (?:no|not) more than"
    r"|\b(?:we(?: (?:can|could|will|would)|['’]d|['’]ll)"
    r"|(?:authority|council|school|trust) (?:can|could)) pay\b"
)
"""Words for the most that a buyer wants to pay."""
_COMING = (
    r"(?:anticipated|estimated|expected|forecast|indicative|likely|maximum|planned|potential"
    r"|projected)"
)
_COST = r"(?:costs?|expenditure|fees?|prices?|spend|sum|total)"
_BUDGET = re.compile(
    rf"(?:{BUYERS_LIMIT}|\b(?:budget|ceiling|cap|envelope|contract (?:price|sum|value)|estimate"
    rf"|value|{_COMING} (?:\w{{1,14}} ){{0,2}}?{_COST})\b"
    rf"|\b{_COST}\b[^£.;]{{0,80}}\b(?:(?:should|to|will|would) be|(?:is|are) {_COMING})\b)"
    r"(?:\W{1,3}[\w'’%-]{1,20}){0,25}\W{0,3}\Z",
    re.IGNORECASE,
)
"""Before an amount, words for what a contract is to cost, and what it is for."""
_PRICE = (
    r"(?:annual|available|capped|contract|costs?|costed|costing|cover\w{0,3}|estimated?"
    r"|exceed(?:ing)?|extended|extensions?|fees?|fund(?:ing)?|limited|max(?:imum)?|options?"
    r"|optional|overall|pay|paying|priced?|spend(?:ing)?|sum|thereafter|total|valued|worth)"
)
_BETWEEN = (
    r"(?:about|above|additional|all|amounts?|an?|and|annum|anticipated|approx\w{0,8}|are|around|at"
    r"|be|been|being|below|between|by|can|circa|comes|contracts?|could|each|every|exc?l?\w{0,7}"
    r"|expected|fixed|for|from|further|has|have|here|in|inc?l?\w{0,6}|initial|is|it|its|just|less"
    r"|likely|maximum|months?|more|must|no|not|now|of|on|only|order|our|over|payable|per|period|plus"
    r"|possible|projects?|quarter|region|roughly|services?|set|should|some|somewhere|stated|sum"
    r"|term|than|that|the|this|to|total|under|up|vat|was|we|were|which|will|within|works?|would"
    r"|years?|you|\d{1,4})"
)
"""A small word between a word of money and the amount that it is said of."""
_OF_PRICE = re.compile(
    rf"(?:\b{_PRICE}|\btotal (?:\w{{1,14}} ){{0,2}}?of|{_OF_THING})\b\W{{0,3}}"
    rf"(?:(?:{_BETWEEN}|{_THING})\W{{1,3}}){{0,10}}\Z",
    re.IGNORECASE,
)
"""Before an amount, a word of money with nothing but small words between the two."""
_PRICED = re.compile(
    r"^ ?(?:[\w-]{1,14} ){0,4}(?:budget|ceiling|contract|envelope|estimated?|fee|limit"
    r"|max(?:imum)?|price|total|value)\b",
    re.IGNORECASE,
)
"""After an amount, the word of money that it is said of: '£9,000 is the maximum value'."""


def is_priced(before: str, near: str) -> bool:
    """Whether a word of money right beside an amount is said of it.

    >>> is_priced("with costs of about ", ""), is_priced("The fee is for advice on a ", " theatre")
    (True, False)
    """
    return bool(_BUDGET.search(before) or _OF_PRICE.search(before) or _PRICED.match(near))


def is_offered(before: str, near: str) -> bool:
    """Whether the words beside an amount suggest a price or a budget: a label, or money to spend.

    >>> is_offered("Play area: ", ""), is_offered("The Council leads a ", " regeneration project")
    (True, False)
    """
    if _TO_SPEND.search(before) or _SPENDABLE.match(near):
        return True
    has_label = _LABEL.search(before) or not _NO_LABEL.search(before)
    return bool(has_label) and _ENDS.match(near) is not None


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
