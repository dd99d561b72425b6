"""Numbers after a label of money, with the pound sign that the label stands for."""

from __future__ import annotations

import re
from dataclasses import replace

from matcher.sources.wording.choice import Choice
from matcher.sources.wording.number_words import UNIT, sentences, short, with_pound_signs

_BARE = r"\d{1,3}(?:,\d{3}){1,3}\b"
_ENDS = (
    r"(?= ?(?:[,.;)\n]|$)| ?\+| ?p\.?a\b| (?:for|over|across) "
    r"| ?\(?(?:(?:plus|excl?|excluding|exclusive|incl?|including|inclusive|net|ex) (?:of )?)?vat\b"
    r"| (?:an?|each|every|per) (?:annum|year|quarter|month|week)\b"
    r"| (?:annually|monthly|quarterly|weekly|yearly)\b"
    r"| \(?(?:approx\w{0,8}|estimated|in (?:all|total)|max(?:imum)?"
    r"|\d{1,2} (?:months|years))\b)"
)
"""After a number that may be of things, words for money: its end, VAT, its period, a total."""
_SIZE = r" ?(?:by|deep|high|long|tall|thick|wide|x)\b"
"""After a number of metres."""
_LABELLED = re.compile(
    r"\b((?:value|budget|price|costs?|sum|spend)\b"
    r"(?! (?:code|line|ref|reference|number|no|centre)\b)"
    r"[^\n.:;£$€\d]{0,40}[:=] ?)"
    rf"(\d{{1,3}}(?:,\d{{3}}){{1,3}}\b|\d{{1,6}}(?:\.\d{{1,3}})? ?(?:{UNIT})\b"
    r"|\d{5,9}(?:\.\d\d)?(?![\d.,/-]))(?! (?!(?:gross|less|plus)\b)[a-z]{3,20}s\b)"
    r"|\b((?:value|budget|costs?|spend)\b(?: (?!gbp\b)\w{1,12}){0,5}?"
    r"(?: (?:is|of|about|approximately|circa))? )"
    rf"(\d{{1,6}}(?:\.\d{{1,3}})? ?(?:{UNIT})\b(?! ?[a-z]{{3,20}}s\b|{_SIZE}))"
    r"|\b((?:have|got) (?:(?:about|around|approx|roughly|some|up to|only|just) ){0,2})"
    rf"(\d{{1,6}}(?:\.\d{{1,3}})? ?(?:k|thousand))(?= (?:to spend|available|left|budgeted)\b)"
    r"|\b((?:annual|contract|estimated|maximum|overall|total) (?:budget|cost|price|sum|value)"
    r"(?: (?:is|of|about|approximately|circa))? )"
    rf"({_BARE}(?: ?(?:-|–|to) ?{_BARE})?{_ENDS})",
    re.IGNORECASE,
)
"""A number after a label of money: 'Annual value (ex VAT): 65,000', 'the budget is 65k'."""
_IN_THOUSANDS = re.compile(
    r"\(?£ ?(?P<unit>['’]?000(?:['’]?s)?|k|m)\)? ?[:=|] ?"
    r"(?P<n>\d{1,2},\d{3}|\d{1,5}(?:\.\d{1,3})?)"
    r"(?![\d,/]|\.\d| ?-| to \d| ?(?:k|m|%|years?|yrs?|months?)\b)",
    re.IGNORECASE,
)
"""A number after the unit in its label: 'Contract value (£000s): 450'."""
_POUND_LABEL = re.compile(r"\(£\)(?= ?[:=|])|£(?= ?[:=])")
"""The unit in a label: 'Contract value (£): 60,000'."""
_POUND_BEFORE = re.compile(
    r" ?\((?:£|gbp)\)\s{1,3}"
    r"(?!20\d\d\b(?!,))(?=(?:\d[\d,]{2,}|\d{1,3} \d{3})(?![\d,]| ?%)|\d[\d.]* ?(?:k|m|million)\b)",
    re.IGNORECASE,
)
"""The unit of a label that the number follows, also in the next line: 'Value (GBP)', '60,000'."""


def with_signs(text: str) -> str:
    """The text with a pound sign before each number that a label says is money.

    >>> with_signs("Annual value (£000s): 450. The budget is 65k.")
    'Annual value : £450k. The budget is £65k.'
    """
    text = _POUND_BEFORE.sub(": £", _POUND_LABEL.sub("", _IN_THOUSANDS.sub(_of_thousands, text)))
    return _LABELLED.sub(r"\1\3\5\7£\2\4\6\8", with_pound_signs(text))


def _of_thousands(found: re.Match[str]) -> str:
    return f": £{found['n']}{'m' if found['unit'].lower() == 'm' else 'k'}"


def as_written(choice: Choice, text: str, signed: str) -> Choice:
    """The choice made from a text with signs (`signed`), with the words of the `text` itself."""
    if text == signed:
        return choice
    own, read = list(sentences(text)), list(sentences(signed))
    if len(own) != len(read):
        return choice
    words = {short(one): short(other) for one, other in zip(read, own, strict=True)}
    why_not = re.sub(
        r"“([^”]{0,150})”", lambda found: f"“{words.get(found[1], found[1])}”", choice.why_not
    )
    value = choice.value
    if value:
        added = tuple(replace(one, words=words.get(one.words, one.words)) for one in value.added)
        value = replace(value, words=words.get(value.words, value.words), added=added)
    return Choice(value, why_not)
