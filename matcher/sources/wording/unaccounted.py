"""Whether a text has an amount beside the value that is read which nothing accounts for.

A value that is read too low is worse than none: with such an amount, none is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from matcher.sources.wording.amount_context import Amount, TextAround, amounts_in
from matcher.sources.wording.amount_joins import Join, with_items_joined
from matcher.sources.wording.amount_periods import (
    per_year,
    period_of,
    without_payments,
    without_quantities,
)
from matcher.sources.wording.amount_roles import Role, roles_of
from matcher.sources.wording.money import (
    with_plain_limits,
    with_rises,
    without_parts_of_price,
    without_repeats,
)
from matcher.sources.wording.number_words import in_digits, linked_sentences, short
from matcher.sources.wording.option_words import AN_OPTION
from matcher.sources.wording.other_amounts import OF_A_UNIT, OF_PART, PAST
from matcher.sources.wording.products import with_products
from matcher.sources.wording.rises import without_rises
from matcher.sources.wording.stated_values import StatedValue
from matcher.sources.wording.vat import with_vat

_SHARE = 0.02
"""Share of the value under which another amount does not matter."""
_MOST_AMOUNTS = 8
_MOST_YEARS = 25
_NUMBER = re.compile(r"(?<![\d.,£])\d{1,3}(?![\d.,]\d|\d)")
"""How often a price may be paid: a short number that is no amount."""
_LINKED = re.compile(
    r"(?:\b(?:and|plus|then|with)|[+&,;/])(?: (?:an?|the|for|further|additional|another|extra"
    r"|up to|about|around|approximately|[a-z]{3,12}(?= \Z))){0,4} ?\Z",
    re.IGNORECASE,
)
"""Right before an amount that goes on from the one before it."""
_PART = re.compile(
    r"\b(?:includ\w{1,4}|inclusive|incl?|of which|compris\w{1,4}|made up|consist\w{0,4}|split"
    r"|broken down|from|between|up to|i\.?e|increas\w{0,3}|reduc\w{0,3})\b",
    re.IGNORECASE,
)
"""Words by which the amounts after or before are parts, or another reading, of the value."""
_OF_WHICH = re.compile(r"^ ?of which\b", re.IGNORECASE)
_IN_ALL = re.compile(r"^ ?(?:in (?:all|total)|altogether)\b", re.IGNORECASE)
_LABELLED = re.compile(r"\W{0,3}[^£.;]{2,40}?\W{0,3}£ ?[\d,.]+ ?k?\W*", re.IGNORECASE)
"""A line that is a label and an amount."""
_OF_ALL = re.compile(
    r"\b(?:contract|value|total|overall|price|max(?:imum)?|worth|estimated?|annual|ceiling)\b",
    re.IGNORECASE,
)
_CHARGES = re.compile(
    r"\W{0,3}(?:admission|charges?|fares?|prices|tariffs?)\b[^£]{0,20}£[^£]*£", re.IGNORECASE
)
"""What users may pay: 'Charges: £6 for adults and £3 for children'."""
_LATER_YEARS = re.compile(r"£[^£]{0,40}\b(?:following|remaining|subsequent) years\b", re.IGNORECASE)
"""What each of the later years may cost, or all of them."""
_IN_OPTION = re.compile(r"^[^£.;]{0,20}\b(?:exten\w{3,5}|option\w{0,2})\b", re.IGNORECASE)
_PAY = re.compile(r"\W{0,3}(?:salar\w{1,4}|wages?)\b", re.IGNORECASE)


def ready(sentence: str) -> str:
    """A sentence in digits, without amounts and times that are no value or its period."""
    plain = without_quantities(without_rises(without_payments(in_digits(sentence))))
    whole = with_products(without_parts_of_price(without_repeats(plain)))
    return with_plain_limits(with_rises(whole))


def unaccounted(value: StatedValue, text: str, heading: str) -> str:
    """Why a text leaves open whether an amount of it is all the contract costs; '' where not."""
    around = TextAround.of(text, heading)
    lines = [sentence for sentence, _ in linked_sentences(with_items_joined(text))]
    own = next((line for line in lines if short(line) == value.words), "")
    if _CHARGES.match(own):
        return f"“{value.words}” may be what users pay"
    if Role.OF_FIRST_YEAR in value.roles and value.added and _LATER_YEARS.search(own):
        return f"“{value.words}” does not say if the later years cost so much each or in all"
    found = list(_amounts(ready(own), around))
    rest = [one.pounds for line in lines if line != own for one in amounts_in(ready(line))]
    amounts = [*(one.pounds for one, _ in found), *rest]
    times = [float(number) for number in _NUMBER.findall(in_digits(own))]
    for at, (one, kind) in enumerate(found):
        if _is_multiplied(value, one, times):
            continue
        if _is_open(value, at, kind, found, amounts):
            return f"“{value.words}” has an amount beside the value that may be added to it"
    for line in lines:
        of_option = AN_OPTION.search(line) and not AN_OPTION.search(own)
        if (
            line != own
            and "£" in line
            and not of_option
            and _is_beside(value, own, line, around, amounts)
        ):
            return f"“{value.words}” and “{short(line)}” may each be a part of the value"
    return ""


def _amounts(digits: str, around: TextAround) -> Iterator[tuple[Amount, str]]:
    """The amounts of a sentence and what each is instead of a value, or ''."""
    past, kind = False, ""
    for one in amounts_in(digits, around.parts):
        past = one.is_past(follows=past)
        kind = around.other_kind(one, kind)
        yield one, PAST if past else kind


def _is_open(
    value: StatedValue,
    at: int,
    kind: str,
    found: Sequence[tuple[Amount, str]],
    amounts: Sequence[float],
) -> bool:
    """Whether an amount of the sentence of the value may be added to it."""
    one = found[at][0]
    linked = bool(at and _LINKED.search(one.before))
    if kind == OF_A_UNIT and not value.period:
        is_price = one.pounds <= value.pounds and not one.after.startswith(" / ")
        kind = kind if is_price else ""
    if kind and not (linked and kind in (OF_A_UNIT, OF_PART) and not value.period):
        return False
    if not kind and _is_in(value, one, amounts, goes_on=_ends_list(value, found)):
        return False
    if _small(value, one) or _is_part(value, at, found):
        return False
    return (linked and one.join is Join.SUM) or Role.TOTAL not in value.roles


def _is_part(value: StatedValue, at: int, found: Sequence[tuple[Amount, str]]) -> bool:
    """Whether the words beside an amount say that it is a part of the value, or that one of all."""
    one = found[at][0]
    later = [other for other, _ in found[at + 1 :] if other.pounds == value.pounds]
    roles = roles_of(one.before, one.after, "")
    if roles & {Role.OF_WIDER, Role.OF_LARGER} or _OF_WHICH.match(one.after):
        return True
    if Role.OF_THIS in value.roles and one.pounds > value.pounds:
        return True
    is_all = value.roles & {Role.TOTAL, Role.WITH_EXTENSIONS}
    if later and (is_all or "total" in later[0].before):
        return True
    before = [other.before for other, _ in found[: at + 1]]
    after = [found[at - 1][0].after] if at else []
    return any(_PART.search(words) for words in (*before, *after))


def _ends_list(value: StatedValue, found: Sequence[tuple[Amount, str]]) -> bool:
    """Whether the value is the last of several that 'and' or 'plus' joins to those before."""
    last = found[-1][0]
    if Role.TOTAL in value.roles or _IN_ALL.match(last.after):
        return False
    return _LINKED.search(last.before) is not None and last.pounds == value.pounds


def _is_multiplied(value: StatedValue, one: Amount, times: Sequence[float]) -> bool:
    """Whether a value is an amount so many times as its sentence says: '£420 a week, 39 weeks'."""
    return not _IN_OPTION.match(one.after) and any(
        _is_same(whole, one.pounds * number)
        for whole in (value.pounds, value.whole, value.yearly)
        for number in times
        if whole and number > 1
    )


def _small(value: StatedValue, one: Amount) -> bool:
    return one.pounds < _SHARE * max(value.pounds, value.whole)


def _is_in(
    value: StatedValue, one: Amount, amounts: Sequence[float], *, goes_on: bool = False
) -> bool:
    """Whether a value holds an amount: as itself, with VAT, over years, in a sum, or added."""
    own = (value.pounds, value.whole, *(more.pounds for more in value.added))
    own += (sum(own[2:]) + value.pounds,)
    if any(_is_same(one.pounds, each) for each in own if each):
        return True
    each = 0.0 if _IN_OPTION.match(one.after) else one.pounds
    period = period_of(one.own_before, one.after, one.near, "")
    for whole, part in ((each, value.yearly), (value.pounds, period and each * per_year(period))):
        years = round(2 * whole / part) / 2 if part and whole else 0
        if part and 1 < years <= _MOST_YEARS and _is_same(whole, part * years):
            return True
    others = list(amounts[:_MOST_AMOUNTS])
    if goes_on:
        own = own[1:-1]  # the last of a list may be the sum of the others by chance
    return any(
        one.pounds in some and any(_is_same(sum(some), total) for total in own)
        for size in range(2, len(others) + 1)
        for some in combinations(others, size)
    )


def _is_same(one: float, other: float) -> bool:
    rates = (1.0, with_vat(), 1 / with_vat(), 1.05, 1 / 1.05)
    return any(abs(one - other * rate) <= 0.001 * one + 1 for rate in rates)


def _is_beside(
    value: StatedValue, own: str, line: str, around: TextAround, amounts: Sequence[float]
) -> bool:
    """Whether another line gives a cost of its own, which the value of a line does not hold."""
    if value.is_called_so and _OF_ALL.search(own):
        return False
    if not (_LABELLED.fullmatch(own.strip()) and _LABELLED.fullmatch(line.strip())):
        return False
    digits = ready(line)
    return any(
        not ((kind and not _PAY.match(line)) or _small(value, one) or _is_in(value, one, amounts))
        and not roles_of(one.before, one.after, digits) & {Role.TOTAL, Role.OF_LARGER}
        for one, kind in _amounts(digits, around)
    )
