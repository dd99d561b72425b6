"""Reads the status that a register or a table gives an organisation, in any wording."""

from __future__ import annotations

import re
from datetime import date

from matcher.core.types import Status
from matcher.sources.formats.days import A_DAY, days_in, has_passed

_REMOVED = (
    r"(?:removed|removal|de ?registered|un ?registered|inactive|deactivated|expelled|cancell?ed"
    r"|withdrawn|revoked|lapsed|expired|deleted|archived|discontinued|terminated|ended|suspended"
    r"|resigned|dynnu|tynnwyd|dilewyd|anweithredol|d?dim yn weithredol|wedi dod i ben)"
)
_DISSOLVED = (
    r"(?:diss?olved|dissolving|dissolution|diss|closed|closure|shut|ceased?|ceases|struck off"
    r"|wound up|wound down|winding down|folded|(?:gone|went) bust|wedi cau|diddymwyd|ddiddymu"
    r"|defunct|merged|amalgamated|converted|transferred|stopped|deceased|out of business)"
)
_NOT_OF_WORK = r"(?<!charity )(?<!office )(?<!business )(?<!public )(?<!club )"
_ADMINISTRATION = (
    rf"{_NOT_OF_WORK}administrations?"
    r"(?! (?:office|charges?|team|fees?|costs?|staff|department|of)\b)"
)
"""Insolvency, and not the work of an office."""
_INSOLVENT = (
    rf"(?:liquidat\w*|administrative receiver\w*|administrators?\b|{_ADMINISTRATION}\b"
    r"|receiver\w*|voluntary arrangements?|insolven\w*|bankrupt\w*"
    r"|winding up|sequestrat\w*|[cm]?vl|cva|liq|(?:ym)?ddatod\w*|datod\w*)"
)
_GONE = rf"(?:{_REMOVED}|{_DISSOLVED}|{_INSOLVENT})"
_THERE = (
    r"(?:active|registered|open|live|trading|operating|operational|running|available|current|valid"
    r"|gweithredol|cofrestredig)"
)
_SMALL = (
    r"(?:yet|now|currently|presently|at present|fully|formally|actively|any longer|ever|been|being"
    r"|in|under|into|a|an|the|subject to)"
)
_WAS = r"(?:formerly|previously|once|was|were|had been|used to be|ex)"
_TIMES = (
    r"(?:(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thurs?|fri|sat|sun)\b"
    r"|(?:weekends?|weekdays|evenings?|mornings?|afternoons?|lunch\w*|bank holidays?"
    r"|school holidays?|holidays|christmas|easter|summer|winter)\b)"
    r"(?!,? ?(?:the )?\d)"
)
"""When one is closed that opens at other times."""
_DENIED = re.compile(
    r"\b(?:not|never|non|nor|no|no longer|without|formerly|previously|temporar(?:il)?y)"
    rf"(?: {_SMALL}){{0,3}} (?:{_GONE}|dormant)\b(?: ?(?:or|nor|/) ?(?:(?:in|under) )?{_GONE}\b)*"
    rf"|\b{_GONE} temporarily\b|\btemporar(?:il)?y (?:not|un|non) ?{_THERE}\b"
    rf"|\b(?:exited|left|emerged from|out of|discharged from) (?:an? |the )?{_INSOLVENT}\b"
    r"|\bstrik(?:e|ing) off (?:action )?(?:suspended|discontinued|withdrawn|cancelled)\b"
    r"|\b(?:information|data|details?|status)(?: is| are)? not (?:yet |currently )?available\b"
    r"|\bopen ended\b|\b(?:(?:not|never)(?: (?:yet|formally|a|an)){0,3}|non) registered\b"
    r"(?! (?:since|from) )"
    r"|(?<!been )(?<!was )\bun ?registered\b(?! (?:(?:on|in|from|since|by) )?\d)"
    rf"|\bclosed(?: (?:on|at|every|each|all|over|for|during|the|most)| ?[(;,]){{0,3}} ?{_TIMES}"
    r"|\b(?:waiting list|referrals|applications|admissions|bookings)(?: is| are)?"
    r"(?: now| currently)? closed\b"
    r"|\bclosed ?\(? ?to (?:all |any )?(?:the public|visitors|new|further|referrals|applications"
    r"|admissions|members)\b"
)
"""What a status says an organisation is not, or is no longer: "not in liquidation".

So does a cell whose information is not available. One that is not registered, is closed on some
days or has no end is not gone."""
_NOT_REGISTERED = re.compile(rf"\b(?:un|non|not|never)(?: {_SMALL}){{0,3}} ?registered\b")
_BACK = re.compile(
    r"(?<!not )(?<!never )(?<!n't )(?<!be )(?<!yet )(?<!to )(?<!if )(?<!until )(?<!unless )"
    r"(?<!not been )(?<!never been )"
    r"\b(?:(?:re ?opened|restored|re ?instated|re ?registered|revived)\b"
    r"|(?:(?:now|currently) (?:re ?)?(?:open|active|trading|registered|live|operating|running)"
    r"|(?:open|active|trading|registered) again)\b"
    r"(?! (?:as|under|by|with|within|through|in|for|charity|company|cio|cic)\b))"
)
_SUCCEEDED = re.compile(r"\b(?:merged|amalgamated|converted|transferred|replaced|became)\b")
"""What says that one is there again; not "now trading as", which says that another is."""
_NOT_THERE = rf"\b(?:not|non|never|no longer|{_WAS})(?: {_SMALL}){{0,3}} {_THERE}\b"
_STATUSES = (
    (
        Status.REMOVED,
        re.compile(
            rf"\b{_REMOVED}\b|\bno longer\b|{_NOT_THERE}"
            r"|\b(?:does not|doesn't|do not|not in) (?:trade|operate|exist|run|operation"
            r"|business)\b"
        ),
    ),
    (Status.INSOLVENT, re.compile(rf"\b{_INSOLVENT}")),
    (Status.DISSOLVED, re.compile(rf"\b{_DISSOLVED}\b|^strik(?:e|ing) off\b")),
    (Status.UNKNOWN, re.compile(r"\b(?:unknown|not (?:known|sure|certain))\b")),
    (
        Status.ACTIVE,
        re.compile(
            rf"\b(?:active|registered|open|live|trading|operating)\b|^(?:status\W{{1,4}})?{_THERE}\b"
        ),
    ),
)
_NO_MORE = r"(?= ?(?:[^\w ]|$)| (?:untill?|till|up to|to|through|expires|ends|from|since)\b)"
_SAYS_THERE = re.compile(
    r"[\W]*(?:(?:the|this|company|charity|society|group|organisation|registration|is|yes|still|now"
    rf"|currently|fully)\b\W*){{0,4}}{_THERE}\b(?:(?<!\bcurrent)(?<!\bvalid)|{_NO_MORE})"
)
"""The start of a status that says it is there; not 'current' before a noun: 'current status'."""
_UNTIL = re.compile(
    rf"\W*(?:(?:from|since|in|between)? ?{A_DAY} ?(?:to|until|till|[-–;]) ?"
    r"|(?:untill?|till|up to|to|before|through|expires|expiring|expiry|ends|ending) "
    r"(?:and including |(?:the )?end of |on )?)"
    rf"({A_DAY})"
)
_CLAUSE = re.compile(r"[;:,()\[\].]|\b(?:but|then)\b")
_DATED = re.compile(rf"\b{A_DAY}")
_FILLERS = re.compile(
    r"\b(?:and|or|now|has|have|been|being|was|is|were|since|on|in|from|at|by|the|company|charity"
    r"|group|later|permanently|down|voluntarily|compulsorily|any more|anymore|as|of)\b|[^\w' ]"
)
"""What may stand beside a word for gone that says nothing more: "now", "permanently"."""
_ALONE = re.compile(rf"{_GONE}(?: (?:{_GONE}|trading))*|does not(?: operate)?")
_DENIES = re.compile(
    rf"(?:not|non|never|no longer)(?: (?!yet\b){_SMALL}){{0,3}} {_THERE}|no|not|n|false"
)
_IN_INSOLVENCY = re.compile(
    r"(?:in |under |subject to )?(?:\w+ )?(?:liquidation|receivership|insolvency|bankruptcy"
    rf"|{_ADMINISTRATION})\b|.*\b(?:administrators?|liquidators?|administrative receiver|receivers?"
    r"|insolvent|bankrupt|winding up|sequestrated|cva)\b|.*\bvoluntary arrangement\b"
)


def status_of(words: str, today: date | None = None) -> Status:
    """The status that a register's words mean, on a day; UNKNOWN for other words.

    Words that begin with "active" mean active, unless a later clause says that it ended.
    Elsewhere words that say gone count before words that say that it is there.

    >>> [status_of(words).value for words in ("No longer active", "voluntary-arrangement", "Live")]
    ['removed', 'insolvent', 'active']
    """
    text = _DENIED.sub(" ", _spaced(words)).strip()
    if _is_back(text):
        return Status.ACTIVE
    if first := _SAYS_THERE.match(text):
        return _beside(text[first.end() :], today)
    return next((status for status, pattern in _STATUSES if pattern.search(text)), Status.UNKNOWN)


def has_left_register(words: str) -> bool:
    """Whether the status in a register says that one is gone from it, or is not registered."""
    return not status_of(words).may_rank or bool(_NOT_REGISTERED.search(_spaced(words)))


def _is_back(text: str) -> bool:
    """Whether a text says that one is there again, and nothing of an end after that.

    What is there after one was merged or converted is another organisation.
    """
    if _SUCCEEDED.search(text):
        return False
    found = [*_BACK.finditer(text)]
    rest = text[found[-1].end() :] if found else ""
    return bool(found) and not any(
        pattern.search(rest) for status, pattern in _STATUSES if not status.may_rank
    )


def _spaced(words: str) -> str:
    """Words in small letters, with spaces for the hyphens inside them and ';' for dashes."""
    lower = " ".join(words.lower().replace("’", "'").replace("_", " ").split())
    apart = re.sub(r" ?[–—] ?| -+ ", " ; ", lower)
    return re.sub(r"(?<=[a-z])-(?=[a-z])", " ", apart.replace("in-active", "inactive"))


def _beside(rest: str, today: date | None) -> Status:
    """The status of an organisation that is said to be there, by what else is said of it."""
    if until := _UNTIL.match(rest):
        days = days_in(until[1])
        is_over = days is None or has_passed(days[1], today)
        return Status.REMOVED if is_over else Status.ACTIVE
    for clause in _CLAUSE.split(_DATED.sub(" ", rest).replace("/", " ")):
        whole = " ".join(clause.split())
        plain = " ".join(_FILLERS.sub(" ", whole).split())
        if whole.startswith("does not trade") or (plain and _DENIES.fullmatch(plain)):
            return Status.REMOVED
        if _IN_INSOLVENCY.match(whole):
            return Status.INSOLVENT
        if _ALONE.fullmatch(plain):
            return next(status for status, pattern in _STATUSES if pattern.search(plain))
    return Status.ACTIVE
