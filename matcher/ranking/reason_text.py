"""The sentences that a shortlist gives as reasons, written from evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from textwrap import shorten

from matcher.core.bodies import body_of
from matcher.core.formatting import count, phrases, pounds, tidy_name
from matcher.core.types import BUYERS, STAFF, Size, Status
from matcher.law.types import Signal
from matcher.ranking.evidence import AKIN, CLOSE, Evidence
from matcher.ranking.features.feature import DONE, LOT, NAMED, NEAR, PAID, RECORD, SAYS, SIZE
from matcher.ranking.past_contract_text import (
    LITTLE_IN_COMMON,
    NO_PAST,
    NO_PAST_WORDS,
    NO_RECORD,
    nearest_work,
    past_text,
    record_text,
)
from matcher.ranking.quotes import telling, work_labels
from matcher.register.families import work_of
from models.relevance import Mark

SIGNAL_NAMES = {
    Signal.RELEVANCE.value: "What it does",
    Signal.PLACE.value: "Where it is",
    Signal.SIZE.value: "How big it is",
    Signal.RECORD.value: "How many contracts it won, from whom and how large",
}
"""Signal → its name in a sentence."""

NO_PROFILE = "It has no profile."
NAME_ALONE = "It has no profile, so only its name was read."
_NO_PROFILE_WORDS = "Its profile does not mention this work."
_NO_NAME_WORDS = "Its name shares no telling word with this need."
_WHOLE_NAME = f"{_NO_NAME_WORDS} Its meaning was compared."
_NO_PAYMENT = "No payment by a public body is known."
_NO_PLACE = "Its place is not known."
_NO_SIZE = "Its size is not known."
_SAME_FOR_ALL = "How usual, long or large the lot is. It affects how much the other reasons count."

UNINFORMATIVE = frozenset(
    {
        *(NAME_ALONE, _NO_PROFILE_WORDS, _NO_NAME_WORDS, NO_PAST, NO_RECORD, _NO_PLACE),
        *(_NO_SIZE, _NO_PAYMENT, _SAME_FOR_ALL, _WHOLE_NAME, LITTLE_IN_COMMON, NO_PAST_WORDS),
    }
)
"""Texts that say nothing about the provider itself, so that a short list of reasons omits them."""

_SELDOM = "It looks like a {body}. Check that it works for other bodies."
_LOWERED = (
    "It looks like a {body}, which counts against it here: such bodies seldom do work for others"
)
_MEANING_MATTERS = 0.25
"""The contribution from which closeness in meaning is mentioned where no words are shared."""
_NOT_SURE = frozenset({Mark.POSSIBLE, Mark.WEAK})
_LIKE_WINNERS = 0.5
"""The cosine from which a name is called like those of winners."""
_UNCLASSED = re.compile(r"\bn\.?e\.?c\b|not elsewhere classified", re.IGNORECASE)
_LABELS = 70
"""The most letters of labels that are quoted."""
_LONG_AGO = 5
"""The years after which the age of what is known is stated."""


def reason_text(reason: str, evidence: Evidence, by_meaning: float = 0.0) -> str:
    """The sentence for one of the reasons in `features.feature.REASONS`.

    `by_meaning` is what features of meaning contributed to the reason's part of the score.
    """
    return _WRITERS[reason](evidence, by_meaning >= _MEANING_MATTERS)


def _profile(evidence: Evidence, similar: bool) -> str:
    work = nearest_work(evidence)
    named_only = not (evidence.said or evidence.said_in)
    said = ["" if work and named_only else _words_of_profile(evidence, similar), work]
    if paid_for := telling(evidence.words("paid for")):
        said.append(f"Public bodies paid it for work that mentions {phrases(paid_for)}.")
    if said[0] in UNINFORMATIVE and any(said[1:]):
        del said[0]
    said.append(_sort_of_body(evidence, works_for_others=bool(evidence.contracts or paid_for)))
    return " ".join(filter(None, (*said, _age(evidence))))


def _sort_of_body(evidence: Evidence, *, works_for_others: bool) -> str:
    """That such bodies seldom do work for others, where it counted or is to be checked; else ''."""
    if evidence.lowered:
        does = ", but this one has." if works_for_others else ". Check that this one does."
        return _LOWERED.format(body=body_of(evidence.provider).value) + does
    if evidence.body.seldom_sells and not works_for_others:
        return _SELDOM.format(body=evidence.body.value)
    return ""


def _words_of_profile(evidence: Evidence, similar: bool) -> str:
    words, what = evidence.said, evidence.said_in
    verb = "mentions" if what == "profile" else "mention"
    near = evidence.near is not None and evidence.near >= AKIN
    unsure = (evidence.near is not None and not near) or evidence.mark in _NOT_SURE
    one = len(" ".join(words).split()) == 1 and unsure
    if one and not (near and what == "labels"):
        return f"Its {what} {verb} only “{words[0]}” of what is needed."
    if words and not one:
        quoted = _labels(evidence, words) if what == "labels" else ""
        return f"Its {what}{quoted} {verb} {phrases(words)}."
    if near and evidence.near is not None:
        return _near_words(evidence, evidence.near)
    if not evidence.provider.profile:
        return NAME_ALONE
    related = similar and evidence.mark != Mark.WEAK
    return "Its profile is related in meaning to this need." if related else _NO_PROFILE_WORDS


def _near_words(evidence: Evidence, near: float) -> str:
    """Its name and what it says are near the lot without sharing a telling word."""
    work, what = _SUGGESTED[_fit(evidence, near)], evidence.said_in
    labels = _labels(evidence) if what == "labels" else ""
    read = evidence.service if evidence.mark != Mark.WEAK else ""
    if what == "labels" and not labels:
        work += f": “{read}”" if read else ""
        return f"Its name suggests {work}. Its labels do not say what it does."
    if what:
        like = f": it reads like a provider of “{read}”" if read else ""
        return f"Its name and {what}{labels} {_NEARNESS[_fit(evidence, near)]}{like}."
    known = evidence.contracts or evidence.paid
    no_more = NO_PROFILE if known else "Only its name is known."
    family = work_of(evidence.provider)
    if family and evidence.mark != Mark.WEAK:
        return f"{no_more} Bodies so named usually do this: “{family}”."
    work += f": “{read}”" if read else ""
    return f"{no_more} {'Its name' if known else 'It'} suggests {work}."


def _labels(evidence: Evidence, words: Sequence[str] = ()) -> str:
    """The labels that are near the lot, quoted, so that a reader sees what they are.

    Those that say more than `words`, where these are given.  Those of classes for what is "not
    elsewhere classified" say nothing; '' where there are no others.
    """
    labels = [
        label for label in work_labels(evidence.provider.tags) if not _UNCLASSED.search(label)
    ]
    if words:
        labels = [label for label in labels if _says_more(label.casefold(), words)]
    said = shorten("; ".join(labels), _LABELS, placeholder=" …")
    return f" (“{said}”)" if said else ""


def _says_more(label: str, words: Sequence[str]) -> bool:
    """Whether a label has one of these words, and others too."""
    return label not in words and any(word in label for word in words)


def _fit(evidence: Evidence, near: float) -> Mark:
    """How near the lot something is said to be: never nearer than the row is marked."""
    if evidence.mark == Mark.WEAK:
        return Mark.WEAK
    sure = near >= CLOSE and evidence.mark != Mark.POSSIBLE
    return Mark.STRONG if sure else Mark.POSSIBLE


def _age(evidence: Evidence) -> str:
    """When it was last recorded, where that is long ago and no more than its name is known."""
    provider, day = evidence.provider, evidence.last_recorded
    known = provider.profile or evidence.contracts or evidence.paid
    if known or provider.status is not Status.UNKNOWN or day is None:
        return ""
    if evidence.years_ago < _LONG_AGO:
        return ""
    return f"Last recorded in {day.year}; check that it still exists."


_NEARNESS = {
    Mark.STRONG: "are close to this need",
    Mark.POSSIBLE: "are related to this need",
    Mark.WEAK: "have little in common with this need",
}
_SUGGESTED = {
    Mark.STRONG: "this kind of work",
    Mark.POSSIBLE: "related work",
    Mark.WEAK: "little of this work",
}


def _name(evidence: Evidence, similar: bool) -> str:
    if evidence.named:
        return f"Its name mentions {phrases(evidence.named)}."
    if evidence.also_known_as:
        return f"It is also known as {tidy_name(evidence.also_known_as)}."
    if similar and _is_like_winners(evidence):
        return "Its name is like the names of past winners of such lots."
    read = not evidence.said_in and evidence.near is not None and evidence.near >= AKIN
    return _WHOLE_NAME if read else _NO_NAME_WORDS


def _is_like_winners(evidence: Evidence) -> bool:
    """Whether its name is as like those of winners as a reason says, where that is known."""
    alike = evidence.like_winners is None or evidence.like_winners >= _LIKE_WINNERS
    return alike and evidence.mark != Mark.WEAK


def _paid(evidence: Evidence, similar: bool) -> str:
    paid = evidence.paid
    if paid is None:
        return _NO_PAYMENT
    first, last = paid.years
    years = f"in {last}" if first == last else f"{first}–{last}"
    within = f" by {paid.department}" if paid.department else ""
    mostly = f", mostly{within} for ‘{paid.mostly_for}’" if paid.mostly_for else ""
    bodies = count(paid.others, "other public body", "other public bodies")
    others = f" Also paid by {bodies}." if paid.others else ""
    return f"Paid by {paid.by} {years} ({pounds(round(paid.pence / 100))}){mostly}.{others}"


def _place(evidence: Evidence, similar: bool) -> str:
    if evidence.site is None:
        return _NO_PLACE
    where = evidence.council or evidence.site.postcode
    distance = ""
    if evidence.km is not None:
        water = f", across {evidence.across}" if evidence.across else ""
        distance = f"{evidence.km:g} km away in a straight line{water}, "
    return f"{distance}{where} ({evidence.site.postcode}, {evidence.site.grade.value})."


def _size(evidence: Evidence, similar: bool) -> str:
    provider = evidence.provider
    if provider.size is Size.UNKNOWN:
        return _NO_SIZE
    income = f", income £{provider.income:,.0f} a year" if provider.income is not None else ""
    large = (tag for tag in provider.tags if provider.size is Size.LARGE)
    if told := [tag for tag in large if tag.endswith((STAFF, BUYERS))]:
        income += f": {told[-1]}"
    return f"{provider.size.value.capitalize()}{income}."


def _lot(evidence: Evidence, similar: bool) -> str:
    return _SAME_FOR_ALL


_WRITERS: dict[str, Callable[[Evidence, bool], str]] = {
    SAYS: _profile,
    NAMED: _name,
    DONE: lambda evidence, _: past_text(evidence),
    RECORD: lambda evidence, _: record_text(evidence),
    PAID: _paid,
    NEAR: _place,
    SIZE: _size,
    LOT: _lot,
}
