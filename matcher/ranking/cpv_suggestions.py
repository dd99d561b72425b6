"""Suggests CPV codes for a lot without any: a vote of the past awards most like it.

With a sentence encoder awards are also compared by meaning.  The services that the lot asks for
vote too; where few awards are like it, they decide.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from matcher.core.cpv import code_label
from matcher.core.formatting import series
from matcher.law.types import LightTouch
from matcher.ranking.query import Query
from matcher.ranking.shortlist import CpvSuggestion
from matcher.register.rows import Rows
from models import exact

MOST = 3
SURE = 0.9
"""From this share of the votes the kind of contract is called likely; below it, not clear."""
_VOTERS = 100
_SHARPNESS = 3
_READ = 200
"""How many awards are compared by meaning: those with the most words in common."""
_SHARPNESS_READ = 6
_SERVICES = 10
"""The services that a lot is read as vote together like so many awards that are as near in meaning
and share no word."""
_UNDECIDED = 0.02
"""The weight of a vote for no code, so that a few weak matches do not look certain."""
_CLASS = 4
"""The digits of a class: of two codes of one class, only the likelier is suggested."""


@dataclass(frozen=True, slots=True)
class CodeVotes:
    """The votes of similar past awards: for each list of codes, its share of all votes."""

    shares: tuple[tuple[tuple[str, ...], float], ...]
    by_services: bool = False
    """whether the services that the lot is read as voted too"""

    def suggestions(self) -> tuple[CpvSuggestion, ...]:
        """Up to MOST codes, the likeliest first.

        What orders them is a code's own share of the votes and that of its class together.
        """
        own: dict[str, float] = defaultdict(float)
        classes: dict[str, float] = defaultdict(float)
        for codes, share in self.shares:
            for code in codes:
                own[code] += share / len(codes)
            for prefix in {code[:_CLASS] for code in codes}:
                classes[prefix] += share
        support = {code: (own[code] + classes[code[:_CLASS]]) / 2 for code in own}
        order = sorted(own, key=lambda code: (-support[code], code))
        likeliest: dict[str, str] = {}
        for code in order:
            likeliest.setdefault(code[:_CLASS], code)
        return tuple(
            CpvSuggestion(code, code_label(code), min(1.0, round(support[code], 4)))
            for code in list(likeliest.values())[:MOST]
        )

    def light_touch(self, services: LightTouch) -> float:
        """The share of the votes whose codes are all of light touch services, 0 to 1."""
        return sum(share for codes, share in self.shares if services.covers(codes))


def note_on_codes(votes: CodeVotes, services: LightTouch) -> str:
    """What the votes say of the codes and the kind of contract of a lot without codes, or ''.

    They never decide the kind of contract: a person does.
    """
    suggested = votes.suggestions()
    if not suggested:
        return ""
    named: dict[str, list[str]] = defaultdict(list)
    for each in suggested:
        named[each.name].append(each.code)
    codes = "; ".join(f"{series(of_one)} {name}" for name, of_one in named.items())
    light = votes.light_touch(services)
    if light >= SURE:
        kind = "It is probably light touch"
    elif light <= 1 - SURE:
        kind = "It is probably not light touch"
    else:
        kind = "Whether it is light touch is not clear from them"
    voters = "awards and services" if votes.by_services else "awards"
    return (
        f"CPV codes of similar past {voters}, the likeliest first: {codes}. "
        f"{kind} ({light:.0%} of these are): "
        "confirm the kind of contract. The suggestion does not change which lists are allowed."
    )


def code_votes(query: Query) -> CodeVotes:
    """The votes of similar awards that are known, and of the services that the lot asks for."""
    votes, of_services = _of_awards(query), _of_services(query)
    for codes, weight in of_services.items():
        votes[codes] += weight
    total = sum(votes.values()) + _UNDECIDED
    shares = tuple((codes, weight / total) for codes, weight in votes.items())
    return CodeVotes(shares, bool(of_services))


_Votes: TypeAlias = defaultdict[tuple[str, ...], float]


def _of_awards(query: Query) -> _Votes:
    """The votes of the awards whose words, titles and meaning are most like the lot's."""
    register, lot = query.register, query.encoded
    known = Rows.span(0, register.known_awards)
    likeness = register.past.scores(query.past, known) + register.titles.scores(query.title, known)
    nearest = np.argsort(-likeness, kind="stable")[: _READ if lot else _VOTERS]
    nearest = nearest[likeness[nearest] > 0]
    like = likeness[nearest].astype(np.float64)
    if lot:
        like += np.maximum(lot.texts.awards_like(lot.vector, nearest), 0)
    weights = exact.power(like, _SHARPNESS_READ if lot else _SHARPNESS)
    votes: _Votes = defaultdict(float)
    for number, weight in zip(nearest.tolist(), weights.tolist(), strict=True):
        if codes := register.awards[number].lot.cpv:
            votes[codes] += weight
    return votes


def _of_services(query: Query) -> _Votes:
    """The votes of the services that the lot asks for; none where it is read as none."""
    votes: _Votes = defaultdict(float)
    lot, near, known = query.encoded, query.services, query.knowledge.services
    if not (lot and near and known and known.codes and query.read_as):
        return votes
    like = exact.power(known.likeness(lot.vector, int(near.numbers[0, 0])), _SHARPNESS_READ)
    weights = _SERVICES * like * near.weights[0] / int(near.weights[0].sum())
    for number, weight in zip(near.numbers[0].tolist(), weights.tolist(), strict=True):
        if codes := known.codes[number]:
            votes[codes] += weight
    return votes
