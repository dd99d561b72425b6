"""What a thing costs, in a text that buys advice on it and not the thing itself.

An architect, a surveyor or an evaluator is paid a fee: what the building or the programme costs is
not the value of that contract.
"""

from __future__ import annotations

import re

from matcher.sources.wording.number_words import sentences

_LONGEST_READ = 4_000
"""Characters of a text in which it says what it buys."""
COST_OF_WORKS = "what the works or the programme cost, and the contract is for a part of them"

_ADVICE = (
    r"(?:architects?(?: services)?|architectural (?:design )?services|clerks? of works"
    r"|(?:contract|construction) (?:administrat(?:ors?|ion)|managers?)|cost consultan\w{1,4}"
    r"|(?:quantity|building) survey(?:ors?|ing)|cost managers?|design teams?"
    r"|employer['’]?s['’]? agents?|principal designers?"
    r"|project manage(?:rs?|ment)(?! (?:systems?|tools?))"
    r"|(?:building services|civil|structural|mechanical|electrical) engineer(?:s|ing services)?"
    r"|(?:professional|technical|design) (?:advisers?|consultan\w{1,4}|services|team)"
    r"|evaluat(?:ors?|ion)|feasibility stud(?:y|ies)|QS)\b"
)
_IN_TITLE = re.compile(
    r"(?!.*\b(?:design (?:and|&) build|install\w*|managed by|software|supply|training)\b)"
    rf"[^\n.(]{{0,80}}?\b{_ADVICE}",
    re.IGNORECASE,
)
"""A title by which advice is bought, and nothing beside it."""
_STUDY = re.compile(r"\b(?:evaluat|feasib)", re.IGNORECASE)
_PROJECT = re.compile(r"\bproject\b", re.IGNORECASE)
_IS_SOUGHT = re.compile(
    r"\b(?:(?:intend|look|seek|want|wish)(?:s|es|ing)?"
    r"(?: (?:for|to (?:appoint|commission|engage)))?|invit(?:es?|ing) (?:\w{1,12} ){0,4}from)"
    rf" (?:an? |the )?(?:[\w-]{{1,20}} ){{0,3}}?{_ADVICE}"
    rf"|{_ADVICE} (?:(?:is|are|services) ){{0,2}}(?:needed|required|sought|wanted)\b"
    r"|\b(?:this|the) (?:appointment|commission|contract|tender) (?:is|(?:will )?covers?)"
    r" (?!£)(?:for |only )?(?:(?!(?:and|build\w*|construct\w*|deliver\w*|entire|install\w*|project"
    r"|programme|refurbish\w*|scheme|supply|whole|works|years?|months?)\b)[\w-]{1,20}"
    r"(?: |(?=[.;,]|\Z))){1,6}(?=[.;,]|\Z)",
    re.IGNORECASE,
)
"""Words by which a buyer says what it buys: advice, and no adviser in passing, or no works."""
_THING = (
    r"(?:build(?:ing)?|capital|construction|development|programme|refurbishment|scheme|works?"
    r"|project)"
)
_COST = r"(?:budget|costs?|estimate|price|sum|value)"
_OF_WORKS = re.compile(
    rf"\b(?:(?<!this )(?<!our ){_THING}(?:['’]s)? (?:\w{{1,12}} ){{0,4}}?(?:{_COST}|valued|worth)"
    rf"|{_COST} (?:for|of) (?:the |a )?(?:\w{{1,14}} ){{0,3}}?{_THING}s?)\b[^£;]{{0,60}}\Z",
    re.IGNORECASE,
)
"""Before an amount, words for what the thing itself costs."""
_A_THING = re.compile(
    rf"^ ?(?:(?!(?:and|at|for|in|of|on|to|with)\b)[\w-]{{1,14}} ){{0,2}}{_THING}\b", re.IGNORECASE
)
"""After an amount, the thing that costs so much: 'for a £2m scheme'."""
_OF_ADVICE = re.compile(
    rf"\b(?:fees?|commission|appointment|consultancy|{_ADVICE})\b[^£;.]{{0,60}}\Z", re.IGNORECASE
)
"""Before an amount, words for what the advice costs."""


def advice_in(text: str) -> str:
    """The words by which a text buys advice, in its title or as what is to be appointed; or ''.

    >>> advice_in("Clerk of works"), advice_in("New hall. The council's architect will help.")
    ('Clerk of works', '')
    """
    title, *others = [*sentences(text[:_LONGEST_READ])] or [""]
    found = _IN_TITLE.match(title) or next(
        filter(None, map(_IS_SOUGHT.search, (title, *others))), None
    )
    return found[0] if found else ""


def is_of_works(before: str, after: str = "", advice: str = "") -> bool:
    """Whether the text around an amount says that it is what the thing itself costs.

    The project of an evaluation or a feasibility study may be that study itself.

    >>> is_of_works("The construction cost is "), is_of_works("The fee for the scheme is ")
    (True, False)
    >>> is_of_works("The project budget is ", advice="Evaluation")
    False
    """
    if _STUDY.search(advice):
        before, after = _PROJECT.sub("study", before), _PROJECT.sub("study", after)
    is_of_thing = _OF_WORKS.search(before) and not _OF_ADVICE.search(before)
    return bool(is_of_thing or _A_THING.match(after))
