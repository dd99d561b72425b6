"""How an amount goes on from the one before it in its sentence: added to it, or in a list with it.

A sum is read whole or not at all: see `with_sums`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto


class Join(Enum):
    """What the words between two amounts of a sentence, and after them, make of the second."""

    APART = auto()
    """nothing that the words say"""
    SUM = auto()
    """both are paid: '£4k from the school and £5k from the trust', '£4k plus £500 for set-up'"""
    THEN = auto()
    """it comes after the one before: 'then', 'followed by'"""
    NEXT = auto()
    """it follows, by 'and' alone"""
    LISTED = auto()
    """one of several, each with a name or none: '£4k (north), £5k (south)', '£4k or £5k'"""
    OPEN = auto()
    """added to one that is no value, or in a way that the text does not say"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MOST_NAMES = 2
_AFTER = 60
"""Characters after an amount that say what it is for."""
_VAT = re.compile(
    r"(?:\(|,)? ?\b(?:plus|ex\w{0,8}|inc\w{0,6}|with|without|net of)\.? ?(?:of )?"
    r"(?:\d{1,2} ?% ?)?vat\b(?: ?(?:at|@) ?\d{1,2} ?%)?\)?|\+ ?vat\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z0-9][\w'’.-]*\b|[+&,;()]", re.IGNORECASE)
_PLUS, _THEN, _AND, _TOWARDS = map(_set, ("plus +", "then followed", "and &", "for from in to"))
_LIST = _AND | {",", ";"}
_JOINS = _PLUS | _THEN | _LIST | {"with", "or"}
_SMALL = _set("( ) a additional an annum by each for from further in of per p.a pa sum the to up")
"""Words that name nothing, and are no verbs."""
_TIMES = _set(
    "1st 2nd 3rd all annually entire every extended extension extensions first following full"
    " initial large later life lot lots month monthly months next option optional options period"
    " phase quarter remaining second small stage subsequent term third week whole year yearly years"
)
"""What an amount is for that is no share of a value: a time, a lot, a size."""
_MONTH = re.compile(r"\d|(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]{0,6}\Z")
_COSTS = _set(
    "capital equipment expenses fees labour materials overheads parts revenue staff staffing travel"
)
"""Kinds of cost: two of them are no alternatives."""
_NO_NAME = _TIMES | _set(
    "about another approx are around at available be below between budget but circa cost costs e.g"
    " eg est estimated excl excluding exclusive expected from gross i.e ie if inc incl including"
    " inclusive is max maximum min minimum net not now only over overall so sterling that"
    " thereafter total under value vat was were which will without"
)
"""Words that are no name of one of several amounts."""
ONE_OFF = (
    r"(?:build|capital (?:budget|costs?|sum|works)|connection (?:charge|fee)s?|one-off"
    r"|set[- ]?up|setting up|mobilisation|start-?up|installation|implementation"
    r"|(?:final|first|initial|up-?front) (?:fee|payment|sum))\b"
)
"""Words for what is paid once, beside what is paid again and again."""
_ONE_OFF = re.compile(rf"\b{ONE_OFF}")
_LAST_JOIN = re.compile(
    r"\A.*(?:[+&,;]|\b(?:plus|then|followed|and|with|or)\b) ?", re.IGNORECASE | re.DOTALL
)
_COST_FIRST = re.compile(
    rf"\b({'|'.join(sorted(_COSTS))})\)?(?: (?:budget|costs?|funding))?(?: ?[:=]| of)? ?£",
    re.IGNORECASE,
)
"""A kind of cost right before its amount."""
_OF_PARTS = r"\b(?:made up (?:of|from)|consist(?:s|ing)? of|compris(?:es?|ing)(?: of)?|composed of)"
_MADE_UP = re.compile(rf"(?:{_OF_PARTS}|\bsum of) [^£.;]{{0,30}}£", re.IGNORECASE)
_AFTER_WHOLE = re.compile(rf"{_OF_PARTS}\b", re.IGNORECASE)
"""After an amount and before its first part: '£9,000, comprising £4,000 for care and £5,000 …'."""
_NEXT_ITEM = re.compile(
    r"(£[\d,. ]{1,15}(?:k|m|million)?);(?= (?:and )?"
    r"(?!(?:and|but|inc|incl|including|max|maximum|or|so|then|total|up|with|year)\b)"
    r"[a-z][\w'’-]{2,20}(?: (?:\d{1,2}|[a-z]))?:? (?:[a-z][\w'’-]{2,20}:? )?£)",
    re.IGNORECASE,
)
"""An amount of a list before the next one with its name."""


def join_of(between: str, after: str, sentence: str) -> Join:
    """What the words between two amounts, and those after the second, make of it.

    >>> [join_of(" for staff and ", after, "").name for after in (" for food", "", " a year")]
    ['SUM', 'LISTED', 'NEXT']
    >>> join_of(" capital plus ", "", "").name, join_of(" revenue and ", " capital", "").name
    ('SUM', 'SUM')
    >>> join_of(" (north), ", " (south)", "").name, join_of(" net and ", " gross", "").name
    ('LISTED', 'NEXT')
    """
    by, left, right = _split(between)
    phrases = left, right, _own(after)
    is_or = "or" in by
    if not by or (is_or and "up" in right) or _AFTER_WHOLE.search(between):
        return Join.APART
    is_one_off = any(_ONE_OFF.search(" ".join(words)) for words in phrases)
    is_one_off = is_one_off and not _say_more(left, right)
    adds = by & _PLUS or _are_parts(*phrases, sentence) or (is_one_off and by & (_THEN | _AND))
    if adds and not is_or:
        return Join.SUM
    if is_or or (is_one_off and "with" in by) or (by <= _LIST and _is_listed(by, *phrases)):
        return Join.LISTED
    if by & _THEN and not _names(right):
        return Join.THEN
    return Join.NEXT if "and" in by and not _names(right) else Join.APART


def are_costs(between: str, after: str) -> bool:
    """Whether an amount and the one before it pay for two kinds of cost: 'revenue', 'capital'."""
    left, own = _words(between), _own(after)
    return bool(left) and left[-1] in _JOINS and _are_costs(left, own)


def own_words(between: str) -> str:
    """The words before an amount that are said of it, and not of the one before it.

    >>> own_words(" a year for staff and up to ")
    'up to '
    """
    return _LAST_JOIN.sub("", between, count=1)


def with_items_joined(text: str) -> str:
    """A text in which a list of amounts with their names is one sentence.

    >>> with_items_joined("Budget: staff £9,000; venue hire £4,000")
    'Budget: staff £9,000, venue hire £4,000'
    """
    return _NEXT_ITEM.sub(r"\1,", text)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_VAT.sub("", text))]


def _split(between: str) -> tuple[set[str], list[str], list[str]]:
    """The words that join two amounts, and those before and after them; no joint in brackets."""
    words = _words(between)
    end = 1 + max((at for at, word in enumerate(words) if word in _JOINS), default=-1)
    start = end
    while start and words[start - 1] in _JOINS:
        start -= 1
    return set(words[start:end] if "(" not in words[end:] else ()), words[:start], words[end:]


def _own(after: str) -> list[str]:
    """The words of the clause after an amount."""
    words = _words(after[:_AFTER].partition(". ")[0])
    ends = (at for at, word in enumerate(words) if word in _JOINS)
    return words[: next(ends, len(words))]


def _names(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _SMALL]


def _say_more(*phrases: Sequence[str]) -> bool:
    """Whether there is a time, a verb or another word that is no name."""
    return any(word in _NO_NAME - {"from"} or word.isdigit() for words in phrases for word in words)


def _are_parts(left: list[str], right: list[str], own: list[str], sentence: str) -> bool:
    """Whether two amounts make up one: costs of two kinds, shares, or what the sentence adds up."""
    costs = {found[1].lower() for found in _COST_FIRST.finditer(sentence)}
    second_cost = len(costs) > 1 and not costs.isdisjoint(right)
    made_up = (second_cost or _MADE_UP.search(sentence)) and not _say_more(left, right)
    return bool(made_up) or _is_share(left, own) or _are_costs(left, own)


def _is_share(left: Sequence[str], own: Sequence[str]) -> bool:
    """Whether both begin with 'for' a thing, or with 'from' one, after the period of the second."""
    while own and own[0] in {"a", "an", "annum", "each", "p.a", "pa", "per", "year", "month"}:
        own = own[1:]
    return bool(left and own) and left[0] == own[0] in {"for", "from"} and _is_thing(left, own)


def _is_thing(*phrases: Sequence[str]) -> bool:
    firsts = [next(iter(_names(words)), "") for words in phrases]
    return all(word and word not in _TIMES and not _MONTH.match(word) for word in firsts)


def _are_costs(left: Sequence[str], own: Sequence[str]) -> bool:
    one, other = (next(iter(_names(words)), "") for words in (left, own))
    return one != other and {one, other} <= _COSTS


def _is_listed(by: set[str], left: list[str], right: list[str], own: list[str]) -> bool:
    """Whether both amounts have a name or neither has, and nothing says more of them."""
    first, second, after = _names(left), _names(right), _names(own)
    if _say_more(left, right):
        return False
    if right or left[:1] == ["("]:
        return left[:1] == ["("] or (not first and 0 < len(second) <= _MOST_NAMES)
    is_thing = not own or (own[0] in _TOWARDS and not {*after[:1]} <= _TIMES)
    if by & _AND and is_thing and (not first or left[0] in _TOWARDS):
        return True
    are_names = len(first) <= _MOST_NAMES and 0 < len(after) <= _MOST_NAMES
    return are_names and not _say_more(own)
