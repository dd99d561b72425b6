"""Whether the value that a text states holds the options to extend, as another sentence says."""

from __future__ import annotations

import re

from matcher.sources.wording.number_words import in_digits, sentences

_NAMED = r"\b(?:amounts?|budget|estimates?|figures?|sum|values?)\b"
_BETWEEN = (
    r"(?: (?!(?:agreed|cannot|could|firm|fixed|give|held|if|increases?|indexed|may|might|must"
    r"|neither|never|nor|not|reviewed|rises?|should|whether|will(?! (?:cover|include))|would"
    r"|\w{1,8}n['’]t)\b)[\w()'’-]{1,14}){0,6}? "
)
"""Up to six words between 'value' and 'includes'; none of them makes it doubtful, as 'may' does."""
_ASKS = re.compile(
    r"\b(?:give|need|provide|quote|request|require|seek|send|set out|show|state|submit|supply|want)"
    r"\b",
    re.IGNORECASE,
)
"""Before the value, words for one that is asked for and is not the one stated."""
_OPTIONS = r"(?:(?:any|all|the|both|each|possible|potential|optional|further|of|for) ){0,4}"
_EXTENSIONS = r"(?:extensions?|options?|optional (?:years?|periods?|terms?))\b"
_INITIAL = (
    r"(?:the |an? )?(?:(?:base|core|first|fixed|initial) "
    r"(?:(?:\d{1,2}[ -])?(?:years?|months?)|(?:(?:\d{1,2}[ -](?:year|month) )?(?:contract )?"
    r"(?:period|term)))\b|\d{1,2} years? initial)"
)
_IS_FOR = (
    r"(?:for|covers?|covering|relat(?:es?|ing) to|reflects?|represents?|based on|is|are)"
    r" (?:only |just |solely )?(?:for )?"
)
_INITIAL_ALONE = re.compile(
    rf"{_NAMED}{_BETWEEN}(?:{_IS_FOR}{_INITIAL}(?! (?:and|plus|with|including)\b)"
    r"|(?:excludes?|excluding|exclusive of|before|without"
    r"|(?:(?:does|do|will) not|(?:does|do|wo)n['’]t) (?:(?!only\b)\w{1,12} )?(?:include|cover"
    r"|allow for|take (?:account of|into account))|not (?:including|inclusive of))"
    rf" {_OPTIONS}{_EXTENSIONS})",
    re.IGNORECASE,
)
_WITH_OPTIONS = re.compile(
    rf"{_NAMED}(?:{_BETWEEN}(?:includes?|including|inclusive of|covers?|assumes?|allows? for"
    rf"|takes? (?:account of|into account))| with) {_OPTIONS}(?:{_EXTENSIONS}"
    rf"|{_INITIAL} (?:and|plus) {_OPTIONS}{_EXTENSIONS})",
    re.IGNORECASE,
)


def holds_options(text: str) -> bool | None:
    """Whether the value holds the options, where a sentence without an amount says so.

    None where none does, or where two such sentences disagree.

    >>> holds_options("Value: £9,000. The value quoted is for the initial term only.")
    False
    >>> holds_options("The value above includes any extension."), holds_options("Value: £9,000.")
    (True, None)
    """
    said = set()
    for sentence in map(in_digits, (one for one in sentences(text) if "£" not in one)):
        for holds, words in ((True, _WITH_OPTIONS), (False, _INITIAL_ALONE)):
            found = words.search(sentence)
            if found and not _ASKS.search(sentence[: found.start()]):
                said.add(holds)
                break
    return said.pop() if len(said) == 1 else None
