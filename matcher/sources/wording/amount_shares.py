"""Amounts that stand beside others: shares of one value, or a list of several with their names."""

from __future__ import annotations

import re

_ITEM = (
    r" (?:and )?(?!(?:and|but|inc|incl|including|max|maximum|or|so|then|total|up|with|year)\b)"
    r"[a-z][\w'’-]{2,20}(?: (?:\d{1,2}|[a-z]))?:? (?:[a-z][\w'’-]{2,20}:? )?"
)
"""The name of one of several amounts in a list, with the space around it."""
_LISTED = re.compile(
    r"^ ?\((?![^()]{0,30}\b(?:exten|opti|vat|years?\b|months?\b))[^()£\d]{1,30}\)"
    rf"(?:,|;| and)? ?(?:and )?\Z|^,{_ITEM}\Z",
    re.IGNORECASE,
)
"""Between two amounts of a list, the name of the first or of the second."""
_TIMES = (
    r"\d|(?:an? |each |every |the )?(?:1st|2nd|3rd|additional|all|each|entire|every|extended"
    r"|extension|first|following|full|further|initial|large|later|life|lots?|month|next|optional"
    r"|option|period|phase|quarter|remaining|second|small|stage|subsequent|term|third|week|whole"
    r"|year)\b"
)
_NO_SHARE = rf"(?!{_TIMES}|(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]{{0,6}}\b)"
"""What an amount is for or from that is no share of a value: a time, a lot, a size."""
_SHARES = re.compile(
    rf"^ ?(?P<by>for|from) {_NO_SHARE}[^£.;]{{1,60}}?(?:,|\band|\bplus|\+|&) ?(?:and )?(?:up to )?"
    r"\Z",
    re.IGNORECASE,
)
_SHARE_AFTER = re.compile(
    rf"^(?: (?:an?|each|per) \w{{4,7}}| p\.?a)? ?(?P<by>for|from) {_NO_SHARE}", re.IGNORECASE
)
"""After two amounts that make up one: '£4k from the school and £5k from the trust'."""
_PLUS_ANOTHER = re.compile(
    r"^(?: ?\([^()]{0,40}\))?(?: (?!and\b)[\w'’-]{1,14}){0,4},? ?(?:\bplus|\+) ?"
    r"(?:an? )?(?:further |additional )?(?:up to )?\Z",
    re.IGNORECASE,
)
_MADE_UP = re.compile(
    r"\b(?:made up (?:of|from)|consist(?:s|ing)? of|compris(?:es?|ing)(?: of)?|composed of|sum of)"
    r" [^£.;]{0,30}£",
    re.IGNORECASE,
)
_NEXT_SHARE = re.compile(r"^(?: [\w'’-]{1,14}){0,6}(?:,|,? (?:and|plus|\+|&)) ?\Z", re.IGNORECASE)
"""Between two of the amounts that a value is made up of."""
_AND_ANOTHER = re.compile(
    rf"^(?: (?:for|from|in|to) (?!{_TIMES})[^£.;,]{{1,40}})?,? (?:and|&) ?\Z", re.IGNORECASE
)
_UNSAID = re.compile(rf"^(?: (?:for|from|in|to) (?!{_TIMES})|\W*\Z)", re.IGNORECASE)
"""Around an amount after another one, of which nothing says that it is a part of the first."""
_COST = (
    r"\(?(?P<cost>capital|equipment|expenses|fees|labour|materials|overheads|parts|revenue"
    r"|staff(?:ing)?|travel)\)?(?: (?:budget|costs?|expenditure|funding))?"
)
"""Right after an amount, the kind of cost that it pays for; two of them are no alternatives."""
_NEXT = r"(?:,|,? (?:and|plus|&)) ?(?:up to )?\Z"
_END = r"(?=\W*\Z| ?[,.;:)]| (?:and|an?|each|for|over|per|plus)\b)"
_COST_BEFORE = re.compile(rf"^ ?{_COST}{_NEXT}", re.IGNORECASE)
_COST_AFTER = re.compile(rf"^ ?{_COST}{_END}", re.IGNORECASE)
_NAME = (
    r"(?!(?:all|and|annum|approx|available|budget|but|costs?|each|excl?|excluding|exclusive|for"
    r"|from|gbp|gross|incl?|including|inclusive|net|now|only|over|overall|per|plus|pounds|sterling"
    r"|total|value|vat|with|without)\b)[a-z][\w'’-]{2,20}(?<!ly)"
)
_NAME_BEFORE = re.compile(
    rf"^ {_NAME}(?: {_NAME})?(?: (?:an?|each|per) [a-z]{{4,7}}| p\.?a\.?)?{_NEXT}"
    rf"|^ ?\(?(?:plus|ex\w{{0,8}}|inc\w{{0,6}})\.? (?:of )?vat\)?{_NEXT}",
    re.IGNORECASE,
)
_NAME_AFTER = re.compile(rf"^ {_NAME}(?: {_NAME})?{_END}", re.IGNORECASE)
"""Right after each of two amounts, its name: '£5k adults and £4k children'."""
_COST_FIRST = re.compile(rf"\b{_COST}(?: ?[:=]| of)? ?£", re.IGNORECASE)
_AND_COST = re.compile(rf"^(?:,|,? (?:and|plus|&)) {_COST}(?: ?[:=]| of)? ?\Z", re.IGNORECASE)
_AND_NAME = re.compile(
    r"^,? (?:and|&) (?!(?:about|additional|another|around|at|below|between|extensions?|further"
    r"|max(?:imum)?|min(?:imum)?|not|options?|optional|then|thereafter|under|up|year)\b)"
    rf"{_NAME}(?: ?[:=])? ?\Z",
    re.IGNORECASE,
)
"""Between two amounts, the name of the second: 'adults £5k and children £4k'."""
_NEXT_ITEM = re.compile(rf"(£[\d,.]{{1,15}}(?: ?(?:k|m|million))?);(?={_ITEM}£)", re.IGNORECASE)


def is_share(before: str, after: str, sentence: str) -> bool:
    """Whether an amount makes up the value with the amount before it.

    >>> is_share(" for staff and ", " for food", ""), is_share(" for staff and ", " a year", "")
    (True, False)
    >>> is_share(" and ", "", "made up of £5k and £4k"), is_share(" capital plus ", "", "")
    (True, True)
    >>> is_share(" revenue and ", " capital", ""), is_share(" adults and ", " children", "")
    (True, False)
    """
    if is_parallel(before, after) or are_costs(before, after):
        return True
    if _AND_COST.match(before):
        return len({one["cost"].lower() for one in _COST_FIRST.finditer(sentence)}) > 1
    made_up = _NEXT_SHARE.match(before) and _MADE_UP.search(sentence)
    return bool(made_up or _PLUS_ANOTHER.match(before))


def is_parallel(before: str, after: str) -> bool:
    """Whether an amount and the one before it are said to be for or from two things.

    >>> is_parallel(" for services and ", " for works"), is_parallel(" for staff and ", "")
    (True, False)
    """
    shares, own = _SHARES.match(before), _SHARE_AFTER.match(after)
    if shares is None or own is None:
        return False
    return shares["by"].lower() == own["by"].lower()


def are_costs(before: str, after: str) -> bool:
    """Whether an amount and the one before it pay for two kinds of cost: 'revenue', 'capital'."""
    one, other = _COST_BEFORE.match(before), _COST_AFTER.match(after)
    return one is not None and other is not None and one["cost"].lower() != other["cost"].lower()


def is_listed(before: str, after: str) -> bool:
    """Whether an amount and the one before it are two of a list, each with its own name or none.

    >>> is_listed(" adults, ", " children"), is_listed(" net and ", " gross")
    (True, False)
    """
    if _LISTED.match(before) or (_AND_ANOTHER.match(before) and _UNSAID.match(after)):
        return True
    if _AND_NAME.match(before):
        return True
    return bool(_NAME_BEFORE.match(before) and _NAME_AFTER.match(after))


def with_items_joined(text: str) -> str:
    """A text in which a list of amounts with their names is one sentence.

    >>> with_items_joined("Budget: staff £9,000; venue hire £4,000")
    'Budget: staff £9,000, venue hire £4,000'
    """
    return _NEXT_ITEM.sub(r"\1,", text)
