"""Finds the kinds of work that a sentence lists: 'one provider for meals, transport and advice'."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from matcher.core.cpv import category_names, category_words
from models import text

FEWEST = 3
"""Kinds of work that a list has: 'repair and maintenance' is one."""
_LONGEST_SENTENCE = 600
_MOST_WORDS = 9
_LEAD = re.compile(
    r"\b(?:(?:one|a|single|sole|suitable) (?:contractor|organisation|partner|provider|supplier)s?"
    r" (?:for|of|to (?:carry out|deliver|provide|run))"
    r"|(?:contract|framework|tender)s? (?:for|covering)|(?:delivery|provision) of"
    r"|(?:carry out|deliver|provide|providing|run|undertake)"
    r"|(?:contract|it|scope|services?|specification|this|which|works?)(?: (?:shall|will))?"
    r" (?:comprises?|consists? of|covers?|includes?|is for|are)"
    r"|comprising|covering|consisting of|including|namely|such as"
    r"|(?:council|we) (?:needs?|requires?|seeks?|wants?)(?: to (?:buy|commission|procure))?"
    r"|(?:intends?|looking|plans?|wish(?:es)?) to (?:buy|commission|procure))"
    r"\b:? ?",
    re.IGNORECASE,
)
"""What comes before a list of what is bought."""
_SENTENCE = re.compile(r"(?<=[^\W\d_]{2})[.!?;] (?=[A-Z])|\n(?=[ \t]{0,20}[A-Z\d])")
_NAMED_LEAD = re.compile(
    r"\b(?:(?:contract|scope|services?|specification|works?)(?: (?:shall|will))?"
    r" (?:comprises?|consists? of|includes?)"
    r"|(?:services?|trades|works?)(?: that are| which are)? (?:needed|required)(?: are| include)?:"
    r"|(?:required|following) (?:services|trades|works)"
    r"(?: (?:are (?:needed|required)|is required))?:)"
    r":? ?",
    re.IGNORECASE,
)
"""What comes before a list of services or works that may have semicolons or no 'and'."""
_STOP = re.compile(r"(?<=[^\W\d_]{2})[.!?] (?=[A-Z])|\n(?=[ \t]{0,20}[A-Z\d])")
_BRACKETS = re.compile(r"\([^()]{0,200}\)")
_COMMA = re.compile(r", (?:and |plus |as well as )?")
_LAST = re.compile(r" (?:and|plus|as well as|&) ")
_AND = re.compile(r"(?<!\bpainting )\band |\band (?!decorating\b)", re.IGNORECASE)
"""Between two kinds of work, of which painting and decorating are one."""
_CONTEXT = re.compile(
    r" (?:across|at|during|for|from|in|on|throughout|to|under|which|who|within)\b.*", re.DOTALL
)
"""What follows the last kind of work, and may be said of all: 'for older people in Dudley'."""
_PEOPLE = re.compile(
    r"\b(?:adults?|babies|boys|carers|children|citizens|communities|employees|families|girls"
    r"|individuals|men|parents|patients|people|pupils|residents|schools?|staff|students|users"
    r"|visitors|volunteers|women)$",
    re.IGNORECASE,
)
_GENERAL = re.compile(
    r"\b(?:administration|assessment|assurance|auditing|authorisation|communication|compliance"
    r"|consultation|coordination|delivery|design|development|documentation|engagement|equipment"
    r"|evaluation|experience"
    r"|implementation|induction|information|installation|insurance|labour|evening|liaison"
    r"|management"
    r"|governance|hosting|licen[cs]ing|location|environment|solutions|manufacture|materials"
    r"|migration|morning|monitoring|operation|organisation|planning|plant|policies|prevention"
    r"|privacy"
    r"|procurement|protection|provision|quality|recruitment|replacement|reporting|reviews?|sale"
    r"|settlement|supervision|supply|support|testing)$"
    r"|^(?:(?:ongoing|planned|routine) )?(?:maintenance|repairs?|repairing|services?|works?)$",
    re.IGNORECASE,
)
"""What every contract has, or a step of one kind of work."""
_NOUN = re.compile(
    r"(?:activities|advice|age|ance|care|classes|clubs?|courses|cy|ence|entry|ery|events|groups"
    r"|help|ing|lessons|meals|ment|outings|port|removals?|repairs|rity|sessions|sion|surveys?|tion"
    r"|tions|trips|undry"
    r"|vices?|visits|works?|workshops"
    r"|(?:bird|insect|pest|rodent|vermin|weed) control)$",
    re.IGNORECASE,
)
"""How the last word of a kind of work ends: 'catering' and 'lunch clubs', not 'new doors'."""
_HEAD = re.compile(r" (?:at|by|for|from|in|of|on|to|with)\b.*", re.DOTALL)
"""What says more of a kind of work: 'transport to day centres'."""
_NO_ITEM = re.compile(
    r"^(?:also|and|as|at|by|for|from|if|in|on|or|our|possibly|that|then|they|this|to|we|which|who"
    r"|with|assisting|delivering|enabling|ensuring|giving|helping|liaising|looking|making"
    r"|meeting(?! rooms?\b)|offering|paying|providing|taking|using|working)\b|\b(?:agreement"
    r"|framework)\b"
    r"|\bcontract\b(?! (?!compris|cover|end|includ|last|provid|requir|run|start)[a-z]+ing\b)"
    r"|\b(?:are|be|been|has|have|included?|includes|including|is|may|must|shall|should|that"
    r"|was|were|which|who|will)\b|[:;/()\"“”•]| - |^\w*\d|\bto [a-z]+ (?:a|the|their)\b",
    re.IGNORECASE,
)
"""Words of a sentence that goes on, and not of an item of a list."""
_STEP = re.compile(
    r"\b(?:commissioning|completion|construction|excavation|finishing|inspections?|packing|posting"
    r"|preparation|servicing|sorting|training)$",
    re.IGNORECASE,
)
"""A step of many kinds of work."""
_OTHER = re.compile(r"^(?:additional|ancillary|any|associated|other|related)\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:a|all|an|both|some|the|their) ", re.IGNORECASE)


def kinds_listed(passage: str, *, is_title: bool = False) -> tuple[str, ...]:
    """The kinds of work of the first sentence that lists at least FEWEST; () where none does.

    A title may be such a list by itself.

    >>> kinds_listed("We need one provider for lunch clubs, minibus transport and debt advice.")
    ('lunch clubs', 'minibus transport', 'debt advice')
    """
    for sentence in _SENTENCE.split(_BRACKETS.sub("", passage)):
        plain = " ".join(sentence[:_LONGEST_SENTENCE].split())
        for listed in (*_candidates(plain), *([plain] if is_title else [])):
            items = _items(listed)
            if len(items) >= FEWEST and _are_work(items):
                return tuple(items)
    return _named_kinds(_BRACKETS.sub("", passage))


def is_known_kind(item: str) -> bool:
    """Whether a text names a kind of work that the words for CPV categories know, and no step.

    They must name a single word by itself: any work may have 'cutting' or 'handling'.

    >>> is_known_kind("Joinery"), is_known_kind("Chairs"), is_known_kind("Commissioning")
    (True, False, False)
    """
    if not _is_work(item) or _STEP.search(item):
        return False
    stems, known = frozenset(text.stems(item)), _known()
    return stems in known if " " not in item else any(map(stems.intersection, known))


def are_known_kinds(items: Sequence[str]) -> bool:
    """Whether all are known kinds of work, and not of one thing: 'drain surveys, drain repairs'."""
    if len(items) < FEWEST or not all(map(is_known_kind, items)):
        return False
    return not frozenset.intersection(*(frozenset(text.stems(item)) for item in items))


@cache
def _known() -> frozenset[frozenset[str]]:
    """The stems of each kind of services or works, and not of goods, that the CPV names."""
    return frozenset(
        frozenset(text.words(kind))
        for table in (category_names(), category_words())
        for code, line in table.items()
        if code[:2] >= "45" and code[:2] != "48"
        for kind in re.split(r", | and ", line)
    )


def _named_kinds(passage: str) -> tuple[str, ...]:
    """The items of the first list after the words for one, where each is known work; else ()."""
    for sentence in _STOP.split(passage):
        plain = " ".join(sentence[:_LONGEST_SENTENCE].split())
        for lead in _NAMED_LEAD.finditer(plain):
            items = _named_items(plain[lead.end() :])
            if are_known_kinds(items) and _are_work(items):
                return tuple(items)
    return ()


def _named_items(listed: str) -> Sequence[str]:
    """The items of a list with semicolons or commas, and 'and' before the last one or not."""
    mark = ";" if ";" in listed else ","
    pieces = listed.rstrip(" .;:").split(mark)
    pieces[-1] = _CONTEXT.sub("", pieces[-1])
    parted = (item.strip(" .,;:-–") for piece in pieces for item in _AND.split(piece))
    named = (_ARTICLE.sub("", item) for item in parted)
    return [item for item in named if item and not _OTHER.match(item)]


def _candidates(sentence: str) -> Iterator[str]:
    """What may be a list: after each lead of a sentence, the last one first."""
    for lead in reversed(list(_LEAD.finditer(sentence))):
        yield sentence[lead.end() :]


def _items(listed: str) -> Sequence[str]:
    """The items up to the one after 'and'; () where there is no such list."""
    *first, rest = _COMMA.split(listed.rstrip(" .;:"))
    before, joined, last = rest.partition(next(iter(_LAST.findall(rest)), "\n"))
    pieces = [*first, before, *([last] if joined and last else [])]
    if len(pieces) < FEWEST or not (joined or re.search(r", (?:and|plus|as well as) ", listed)):
        return ()
    pieces[-1] = _CONTEXT.sub("", pieces[-1])
    named = (_ARTICLE.sub("", piece.strip(" .,;:-–")) for piece in pieces)
    return [piece for piece in named if not _OTHER.match(piece)]


def _are_work(items: Sequence[str]) -> bool:
    """Whether all are kinds of work, and not steps of one: 'supply, fitting and repair of'."""
    single = [" " not in item for item in items]
    if all(single[:-1]) and " of " in items[-1]:
        return False
    return len(set(items)) == len(items) and all(map(_is_work, items))


def _is_work(item: str) -> bool:
    words = item.split()
    if not 1 <= len(words) <= _MOST_WORDS or _NO_ITEM.search(item):
        return False
    head = _HEAD.sub("", item)
    if not _NOUN.search(head) or _PEOPLE.search(head) or _GENERAL.search(head):
        return False
    return len(words) == 1 or not all(word[:1].isupper() for word in words)
