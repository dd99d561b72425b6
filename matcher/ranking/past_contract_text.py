"""What a provider's past contracts say in its reasons."""

from __future__ import annotations

from functools import lru_cache
from textwrap import shorten

from matcher.core.cpv import category_name
from matcher.core.formatting import count, phrases
from matcher.ranking.evidence import AKIN, Evidence
from matcher.ranking.quotes import telling
from matcher.ranking.shortlist import PastContract
from models.relevance import Mark

NO_PAST = "No similar past contract is known."
NO_PAST_WORDS = "Its nearest past contract shares no telling word with this need."
LITTLE_IN_COMMON = "What it did before has little in common with this need."
NO_RECORD = "No public contract is known: it may be a new entrant."
_TITLE = 90
_SIMILAR = 0.67
"""The likeness, by the sentence encoder, from which a past contract is called similar."""
_CLASS, _WORDS_ALIKE = 4, 2
"""The digits of a CPV class, and the words, that make it similar where there is no encoder."""


def nearest_work(evidence: Evidence) -> str:
    """What its nearest past contract shows, unless what it says of itself is nearer to the lot."""
    says = evidence.near or 0 if evidence.said_in else 0
    if evidence.near_past < max(AKIN, says):
        return ""
    contract = evidence.past[0]
    title = _short(contract.title)
    quoted = f"“{title}”" if title else "a contract"
    if evidence.mark == Mark.WEAK and not is_similar(contract):
        return f"Its nearest past contract: {quoted} ({contract.day.year})."
    return (
        f"Its work is {_likeness(evidence)} to this need (nearest: {quoted}, {contract.day.year})."
    )


def past_text(evidence: Evidence) -> str:
    """What its nearest past contract shares with the lot."""
    if not evidence.past:
        return NO_PAST
    contract, alike = evidence.past[0], telling(evidence.past[0].alike)
    shared = [f"mentions {phrases(alike)}"] if alike else []
    if contract.category:
        shared.append(f"has the same category ({_category(contract.category)})")
    if not shared and evidence.mark == Mark.WEAK and not is_similar(contract):
        return LITTLE_IN_COMMON
    if not shared and nearest_work(evidence):
        return NO_PAST_WORDS
    if not shared and evidence.near_past >= AKIN:
        which = _nearest_contract(evidence)
        return f"{which} is {_likeness(evidence)} to this need in meaning."
    if shared:
        return f"{_nearest_contract(evidence)} {', and '.join(shared)}."
    return LITTLE_IN_COMMON


def _nearest_contract(evidence: Evidence) -> str:
    """The nearest past contract, by its title unless another reason gives it."""
    contract = evidence.past[0]
    told = nearest_work(evidence) or (contract.buyer and not is_similar(contract))
    if told or not contract.title:
        return "Its nearest past contract"
    return f"Its past contract “{_short(contract.title)}” ({contract.day:%B %Y})"


def is_similar(contract: PastContract) -> bool:
    """Whether a past contract is like the lot: by meaning, or without an encoder by its words."""
    if contract.near is not None:
        return contract.near >= _SIMILAR
    return len(contract.category) >= _CLASS or len(telling(contract.alike)) >= _WORDS_ALIKE


def _likeness(evidence: Evidence) -> str:
    """How near the lot its nearest past contract is said to be: never nearer than its mark."""
    sure = is_similar(evidence.past[0]) and evidence.mark != Mark.POSSIBLE
    return "close" if sure else "related"


def record_text(evidence: Evidence) -> str:
    """How many contracts are known of it, and what it did for this buyer."""
    if not evidence.contracts:
        return NO_RECORD
    known = f"{count(evidence.contracts, 'public contract')} known."
    if not evidence.past or not evidence.past[0].buyer:
        return known
    contract = evidence.past[0]
    if is_similar(contract):
        return f"{known} Won a similar contract from {contract.buyer} in {contract.day.year}."
    title = _short(contract.title)
    told = f": “{title}”" if title else ""
    which = "" if nearest_work(evidence) else f"{told} ({contract.day.year})"
    return f"{known} Has worked for {contract.buyer}{which}."


def _short(title: str) -> str:
    """A title on one line, with its end cut off where it is long."""
    line = " ".join(title.split())
    return line if len(line) <= _TITLE else shorten(line, _TITLE, placeholder=" …")


@lru_cache(1000)
def _category(digits: str) -> str:
    words = category_name(digits.ljust(8, "0")).split()
    return " ".join(w if len(w) > 1 and w.isupper() else w.lower() for w in words)
