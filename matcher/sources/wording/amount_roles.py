"""What the words around an amount say of it: an option's, paid once, all there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

from matcher.sources.wording.amount_joins import ONE_OFF
from matcher.sources.wording.option_words import AN_OPTION, EXTENSION


class Role(Enum):
    """What an amount is, beside the value of the contract itself."""

    TOTAL = auto()
    """all there is, options included"""
    OF_OPTION = auto()
    """what an option to extend adds to the amount before"""
    WITH_EXTENSIONS = auto()
    """in a sentence about the value with its extensions"""
    ONCE = auto()
    """paid once, such as for setting up, beside others for each period"""
    OF_FIRST_YEAR = auto()
    """for the first year alone"""
    OF_INITIAL = auto()
    """for the time before any option to extend"""
    OF_THIS = auto()
    """said to be for this contract, tender or order"""
    OF_LARGER = auto()
    """of a framework or project that the contract may be a part of"""
    OF_WIDER = auto()
    """of a framework or programme that it names: no value beside one of this contract"""


_ONCE_AFTER = re.compile(rf"^,? ?(?:(?:for|as|is) )?(?:an? |the )?{ONE_OFF}", re.IGNORECASE)
_ONCE_BEFORE = re.compile(rf"\b{ONE_OFF}(?:(?!plus )[^£,;:]){{0,40}}:? ?\Z", re.IGNORECASE)
_HOLDS_BEFORE = re.compile(
    r"\b(?:(?:amount|budget|cost|fee|price|sum|this|total|value|which) includes"
    r"|(?<!not )including|inclusive of|of which)\b[^£.;]{0,40}\Z",
    re.IGNORECASE,
)
_IS_HELD = re.compile(r"^[^£.;]{0,30}\b(?:is|are) included\b", re.IGNORECASE)
"""Words by which an amount is a part of the price that is named beside it."""
_INCLUDING = (
    r"(?:with|incl?|including|inclusive of) "
    r"(?:(?:all|an?|any|the|both|possible|\d{1,2}(?:[ -](?:year|month))?) ){0,3}"
    r"(?:extensions?|optional (?:periods?|terms?|years?)|options? to (?:extend|renew)|options?)\b"
    r"(?! (?:(?:periods?|years?) )?(?:to|for|of|at|costing|priced|worth)\b)"
)
WITH_EXTENSIONS = re.compile(
    rf"\b{_INCLUDING}|\bif (?:[\w-]{{1,12}} ){{0,4}}"
    r"(?:extended|renewed|extensions?|optional|options?)\b",
    re.IGNORECASE,
)
"""Words for an amount that covers the whole contract and the options to extend it."""
_WITH_THEM = re.compile(rf"^[ (]*{_INCLUDING}", re.IGNORECASE)
"""Right after an amount: '£80,000 including all options to extend'."""
_FURTHER = re.compile(
    r"\b(?:further|additional|another|extra) (?:sum of )?(?:up to )?\Z", re.IGNORECASE
)
_OF_EXTENSION = re.compile(
    rf"\b(?:{EXTENSION}"
    r"|option(?:s|al)?\b(?=[^£,;]{0,60}\b(?:exten|years?|months?|periods?|terms?)))\b"
    r"(?:[^£,;]|, ?(?=(?:at|each|worth|costing|valued?)\b)|, if [^£,;]{1,20},"
    r"|(?<=extension), ?\Z){0,80}\Z",
    re.IGNORECASE,
)
"""An extension right before an amount: 'option to extend by 2 years at', 'extension: 1 year ('."""
_EXTENSION_LABEL = re.compile(
    r"(?:\A\W{0,3}|\A ?(?:an? |per |p\.?a\b|for |,|\()[^£;]{0,60}[,.(] ?)"
    r"(?:(?:further|optional|possible) )?(?:extension|option|renewal)s?"
    r"(?: (?:options?|periods?|terms?|to extend|years?))?(?: ?[:=-])? ?"
    r"[^£,;:]{0,30}\b(?:years?|yrs?|months?|mths?)\b[^£,;:]{0,20}, ?(?:(?:about|at|up to) )?\Z",
    re.IGNORECASE,
)
"""An extension as a label with its length before the amount: 'Extension: 2 years, '."""
_CLOSED = re.compile(r"^[^()]*\)")
"""The end of a bracket with an extension: '3 years (with 2 optional years) at'."""
_TOTAL = re.compile(
    r"\b(?:aggregate|ceiling|lifetime|maximum|overall|total|upper limit|whole)\b", re.IGNORECASE
)
_ALL_AFTER = re.compile(
    r"^ ?(?:(?:an?|per) (?:annum|month|year) )?(?:in (?:all|total)|overall|total"
    r"|(?:across|for|over) the (?:(?:possible|potential) )?(?:entire|full|maximum|total|whole))\b",
    re.IGNORECASE,
)
_INITIAL = re.compile(
    r"\b(?:base|core|excluding(?! (?:all |any )?(?:vat|v\.a\.t|tax))"
    r"|first|fixed|initial|minimum)\b",
    re.IGNORECASE,
)
_INITIAL_TERM = re.compile(
    r"\b(?:1st|base|core|first|fixed|initial) (?:\d{1,2}[ -](?:years?|months?)"
    r"|(?:\d{1,2}[ -](?:year|month) )?(?:contract )?(?:period|term))\b"
    r"|\b(?:base|core|initial) (?:contract |order )?(?:cost|price|sum|value)\b",
    re.IGNORECASE,
)
"""The time before any option to extend, beside its amount."""
_WITHOUT_OPTIONS = re.compile(
    r"\b(?:excluding|excl|before|without) (?:(?:any|all|the|possible) )?(?:extensions?|options?)\b"
    r"|\bat the same (?:annual )?(?:cost|price|rate|value)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"[,;.]")
_NEAR = 60
"""Characters after an amount in which it is said to be without options."""
_FOR_EXTENSION = re.compile(
    r"^(?: ?\([^()£]{1,20}\))?(?:(?!opti|exten)[^£.,;()]){0,30}?"
    r"\b(?:across|for|in|during|over) (?:the |each |any |an? )?"
    r"(?:(?!(?:and|inc\w{0,6}|plus|with)\b)\w{1,10} ){0,3}?(?:optional|extensions?|options?"
    r"|(?:following|remaining|subsequent) (?:\d{1,2} )?years)\b",
    re.IGNORECASE,
)
"""Right after the amount of an extension: '£40,000 for the 2 optional years'."""
_PLUS = re.compile(r"(?:\bplus|\+|\b(?:additional|further)) ?\Z", re.IGNORECASE)
_IF_EXTENDED = re.compile(
    r"^[^£.;]{0,20}\b(?:if|should) (?:[\w-]{1,12} ){0,4}(?:extended|extensions?|options?)\b"
    r"|^ ?\((?:[\w-]{1,12} ){0,4}(?:extensions?|options?)\b",
    re.IGNORECASE,
)
"""After the amount of an extension that is added to another: 'plus £9,000 if it is extended'."""
_PART = re.compile(
    r"\b(?:no (?:extension|option)s?|includ\w{1,4}|inclusive|incl?|of which|compris\w{1,4})\b",
    re.IGNORECASE,
)
_NOT_ADDED = re.compile(
    r"\b(?:aggregate|combined|if|in all|(?<!\bat )(?<!\bat a )max(?:imum)?|overall|total|whole)\b"
    r"|(?<!up )\bto ?\Z",
    re.IGNORECASE,
)
"""Words around an extension for an amount that is more than what the extension adds."""
_EARLIER_CLAUSES = re.compile(r"^.*[,;.(]", re.DOTALL)
"""A text up to its last clause."""
_OTHER_AMOUNTS = re.compile(r"^.* (?:and|but) ", re.DOTALL)
"""A text up to what follows its last 'and', which is about the amount after it alone."""
_OF_FIRST_YEAR_BEFORE = re.compile(
    r"\b(?:(?:first|1st) (?:year|12 months)|year (?:1|one))\b(?!,? and )[^£]{0,80}\Z",
    re.IGNORECASE,
)
_OF_FIRST_YEAR = re.compile(
    r"^[^£%]{0,40}?\b(?:for|in) (?:the |its )?"
    r"(?:(?:first|1st) (?:year|12 months)|year (?:1|one))\b",
    re.IGNORECASE,
)


_OF_THIS = re.compile(
    r"\b(?:this|the present) (?:appointment|call-?off|commission|contract|element|exercise"
    r"|lot|mini-?competition|order|phase|procurement|study|tender|time|work)\b"
    r"|\A\W{0,3}(?:the )?lot (?:(?:is|estimated|total) ){0,2}(?:valued?|worth)\b"
    r"|\b(?:call-?off|commission|contract|mini-?competition|tender) (?:\w{1,12} ){0,3}"
    r"(?:estimated|valued?|worth)\b"
    r"|\b(?:need|seek|want) an? (?:[\w-]{1,12} )?(?:call-?off|contract)\b",
    re.IGNORECASE,
)
_OF_WIDER = re.compile(
    r"\A\W{0,3}(?:(?:and|but) )?(?:(?:the|our) )?"
    r"(?:(?:full|national|overall|total|whole|wider) )?"
    r"(?:framework|dps|dynamic purchasing system|programme|project|scheme)(?:['’]s)?"
    r"(?: agreement)?(?: (?:an?|as|at|budget|estimated|has|is|maximum|of|overall|to|total|up"
    r"|valued?|worth)){1,6}(?: ?[:=-])? ?\Z",
    re.IGNORECASE,
)
_OF_LARGER = re.compile(
    r"\b(?:from|part of|through|under|within) (?:an?|the) (?:[\w-]{1,14} ){0,3}"
    r"(?:dps|framework|programme|project|scheme)\b[^£]{0,40}\Z"
    r"|\b(?:programme|project|scheme)(?:['’]s)? (?:\w{1,14} ){0,3}(?:budget|costs?|value)\b"
    r"[^£]{0,20}\Z"
    r"|\b(?:programme|project|scheme) (?:is|was|has been|will be) (?:\w{1,14} ){0,3}"
    r"(?:financed|funded|paid|supported)\b[^£]{0,30}\Z"
    r"|\b(?:budget|costs?|value) (?:for|of) (?:the|our|its) (?:\w{1,14} ){0,3}"
    r"(?:programmes?|projects?|schemes?)\b[^£]{0,20}\Z"
    r"|\bframework (?:\([^()]{0,30}\) )?(?:is|was) (?:worth|valued)\b[^£]{0,20}\Z"
    r"|\b(?:authority|council|department|partnership|trust)['’]s (?:\w{1,14} ){0,3}"
    r"(?:budget|expenditure|funding|spend|spending)\b[^£]{0,60}\Z"
    r"|\bfunding from\b[^£]{0,60}\Z",
    re.IGNORECASE,
)


def roles_of(before: str, after: str, sentence: str) -> frozenset[Role]:
    """The roles of an amount by the text around it, up to other amounts, and by its sentence."""
    return frozenset((*_roles(before, after, sentence), *_roles_among_others(before, after)))


def _roles(before: str, after: str, sentence: str) -> Iterator[Role]:
    own = _OTHER_AMOUNTS.sub("", before)
    is_all = _TOTAL.search(before) or before.endswith("= ") or _ALL_AFTER.match(after)
    if is_all and not _INITIAL.search(f"{own} {after}"):
        yield Role.TOTAL
    if is_of_option(before, after):
        yield Role.OF_OPTION
    elif _OF_EXTENSION.search(before) or (
        WITH_EXTENSIONS.search(sentence) and not _is_of_initial(own, after)
    ):
        yield Role.WITH_EXTENSIONS
    is_held = _HOLDS_BEFORE.search(before) or _IS_HELD.match(after)
    if not is_held and (_ONCE_AFTER.match(after) or _ONCE_BEFORE.search(before)):
        yield Role.ONCE
    if _is_of_initial(own, after):
        yield Role.OF_INITIAL
    if _OF_FIRST_YEAR.match(after) or _OF_FIRST_YEAR_BEFORE.search(before):
        yield Role.OF_FIRST_YEAR


def _roles_among_others(before: str, after: str) -> Iterator[Role]:
    """What an amount is beside others: a part of them, or what they are a part of."""
    is_wider = _OF_WIDER.match(before) is not None
    if is_wider:
        yield Role.OF_WIDER
    if not is_wider and _is_of_this(before, after):
        yield Role.OF_THIS
    elif _OF_LARGER.search(before):
        yield Role.OF_LARGER


def _is_of_this(before: str, after: str) -> bool:
    near = _ASIDE.split(after, maxsplit=1)[0]
    return bool(_OF_THIS.search(before) or _OF_THIS.search(near))


def _is_of_initial(before: str, after: str) -> bool:
    """Whether an amount is for the time before any option to extend."""
    near = _ASIDE.split(after, maxsplit=1)[0]
    if _WITHOUT_OPTIONS.search(before) or _WITHOUT_OPTIONS.search(after[:_NEAR]):
        return True
    return any(_INITIAL_TERM.search(part) and not AN_OPTION.search(part) for part in (before, near))


def is_of_option(before: str, after: str = "") -> bool:
    """Whether the text around an amount says that an option adds it to the amount before.

    >>> is_of_option("with an option to extend worth a further "), is_of_option("is a further ")
    (True, False)
    >>> is_of_option("option to extend by 2 years at "), is_of_option("total with extensions ")
    (True, False)
    """
    if _FOR_EXTENSION.match(after) and not _NOT_ADDED.search(before):
        return True
    if _PLUS.search(before) and _IF_EXTENDED.match(after):
        return True
    if _PART.search(before) or _WITH_THEM.match(after):
        return False
    if _FURTHER.search(before) and AN_OPTION.search(before):
        return True
    extension = _OF_EXTENSION.search(before) or _EXTENSION_LABEL.search(before)
    extension = None if _ALL_AFTER.match(after) else extension
    clause = _EARLIER_CLAUSES.sub("", before)
    if extension is None or _CLOSED.match(extension[0]):
        return False
    return not (_NOT_ADDED.search(clause) or WITH_EXTENSIONS.search(clause))
