"""Reads the status that a register or a table gives an organisation, in any wording."""

from __future__ import annotations

import re
from datetime import date

from matcher.core.types import Status
from matcher.sources.formats.days import A_DAY, days_in, has_passed
from matcher.sources.formats.openings import CLOSED_FOR_A_TIME

_REMOVED = (
    r"(?:removed|removal|de ?registered|de ?reg|un ?registered|inactive|deactivated|expelled"
    r"|cancell?ed|withdrawn|revoked|lapsed|expired|deleted|archived|discontinued|terminated|ended"
    r"|suspended|resigned|delisted|superseded|replaced by|off (?:the )?register|dynnu|tynnwyd"
    r"|dilewyd|d?dileu|anweithredol|(?:d?dim|heb fod) yn (?:weithredol|bodoli|gweithredu|masnachu)"
    r"|nid yw(?:'n)? (?:bellach )?(?:yn )?(?:weithredol|gweithredu|bodoli|masnachu))"
)
_DISSOLVED = (
    r"(?:diss?olved|dissolving|dissolution|diss|disbanded|closed|closure|closing down"
    r"|(?:process of|being) clos(?:ing|ed)|shut|ceased?|ceases|struck off"
    r"|wound up|wound down|winding down|folded|(?:gone|went) bust"
    r"|(?:wedi(?:'i)?|ar) [cg]au(?!(?: ar)? d?dydd)|d[uúù]i?nt[ae]|diddymwyd|d?diddymu"
    r"|(?:dod|daeth|dirwyn) i ben"
    r"|defunct|merged|merger with|amalgamated|converted|transferred|taken over by"
    r"|(?:absorbed|subsumed|incorporated) in(?:to)?|(?:absorbed|subsumed) by"
    r"|transfer of engagements|stopped|deceased|out of (?:business|operation)|struck from)"
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
    r"|winding up|sequestrat\w*|[cm]?vl|cva|liq|(?:ym)?ddatod\w*|datod\w*|moratorium"
    r"|mewn gweinyddiaeth|(?:yn nwylo|dan ofal) (?:y )?gweinyddwyr|methdal\w*)"
)
_GONE = rf"(?:{_REMOVED}|{_DISSOLVED}|{_INSOLVENT})"
_THERE = (
    r"(?:active|registered|open|live|trading|operating|operational|running|functioning|available"
    r"|current|valid"
    r"|g?weithredol|cofrestredig|ar agor|yn (?:masnachu|gweithredu|weithredol))"
)
_SMALL = (
    r"(?:yet|now|currently|presently|at present|fully|formally|actively|any longer|ever|been|being"
    r"|in|under|into|a|an|the|subject to)"
)
_WAS = r"(?:formerly|previously|once|was|were|had been|used to be|ex)"
_DENIED = re.compile(
    r"\b(?:not|never|non|nor|no|no longer|without|formerly|previously|temporar(?:il)?y)"
    rf"(?: {_SMALL}){{0,3}} (?:{_GONE}|dormant)\b(?: ?(?:or|nor|/) ?(?:(?:in|under) )?{_GONE}\b)*"
    rf"|\b{_GONE} temporarily\b|\btemporar(?:il)?y (?:not|un|non) ?{_THERE}\b"
    rf"|\b(?:exited|left|emerged from|out of|discharged from) (?:an? |the )?{_INSOLVENT}\b"
    r"|\bstrik(?:e|ing) off (?:action )?(?:(?:has been|was|is) )?"
    r"(?:suspended|discontinued|withdrawn|cancelled)\b"
    r"|\b(?:information|data|details?|status)(?: is| are)? not (?:yet |currently )?available\b"
    r"|\bopen ended\b|\b(?:(?:not|never)(?: (?:yet|formally|a|an)){0,3}|non) registered\b"
    r"(?! (?:since|from) )"
    r"|(?<!been )(?<!was )\bun ?registered\b(?! (?:(?:on|in|from|since|by) )?\d)"
    rf"|{CLOSED_FOR_A_TIME}"
    rf"|\b(?:merged|amalgamated|converted|transferred|formed) from (?!{A_DAY}|the )"
    r"|\bformed (?:from|by|of)\b[^.;]{0,40}\b(?:merged|amalgamated)\b"
    r"|\bno longer (?:accept|tak)(?:ing|es|s)? (?:\w+ ){0,2}"
    r"(?:referrals|bookings|applications|members|enquiries|clients|pupils|volunteers)\b"
    r"|\b(?:insurance|dbs|accreditation|certificate|policy)(?: has| is)? (?:expired|lapsed)\b"
    r"|\bremoved (?:\w+ ){0,3}in error\b"
)
"""What a status says an organisation is not, or is no longer: "not in liquidation".

So does a cell whose information is not available. One that is not registered, is closed on some
days or has no end is not gone."""
_NOT_REGISTERED = re.compile(rf"\b(?:un|non|not|never)(?: {_SMALL}){{0,3}} ?registered\b")
_BACK = re.compile(
    r"(?<!not )(?<!never )(?<!n't )(?<!be )(?<!yet )(?<!to )(?<!if )(?<!until )(?<!unless )"
    r"(?<!not been )(?<!never been )"
    r"\b(?:(?:re ?opened|restored|re ?instated|re ?registered(?! as (?:an? )?[a-z])|revived)\b"
    r"|(?:(?:now|currently) (?:re ?)?(?:open|active|trading|registered|live|operating|running)"
    r"|(?:open|active|trading|registered) again"
    r"|(?:but|still) (?:(?:still|now|is) )?"
    r"(?:open|active|trading|live|operating|operational|running|meeting|going)"
    r"|continues to (?:trade|operate|run|meet))\b"
    r"(?! (?:as|under|by|with|within|through|in|for|charity|company|cio|cic)\b))"
)
_SUCCEEDED = re.compile(r"\b(?:merged|amalgamated|converted|transferred|replaced|became)\b")
"""What says that one is there again; not "now trading as", which says that another is."""
_NOT_THERE = rf"\b(?:not|non|never|no longer|{_WAS})(?: {_SMALL}){{0,3}} {_THERE}\b"
_PROPOSED = r"(?! (?:action )?(?:notice|proposal|proposed|pending|applied|application|objection))"
_STATUSES = (
    (
        Status.REMOVED,
        re.compile(
            rf"\b{_REMOVED}\b|\bno longer\b|{_NOT_THERE}"
            r"|\b(?:does not|doesn't|do not|not in) (?:trade|operate|exist|run|operation"
            r"|business|existence)\b|\b(?:does not|doesn't|do not|don't) meet any ?more\b"
        ),
    ),
    (Status.INSOLVENT, re.compile(rf"\b{_INSOLVENT}")),
    (
        Status.DISSOLVED,
        re.compile(
            rf"\b{_DISSOLVED}\b"
            rf"|^(?:(?:compulsor(?:y|ily)|voluntar(?:y|ily)) )?strik(?:e|ing) off\b{_PROPOSED}"
        ),
    ),
    (Status.UNKNOWN, re.compile(r"\b(?:unknown|not (?:known|sure|certain))\b")),
    (
        Status.ACTIVE,
        re.compile(
            rf"\b(?:active|registered|open|live|trading|operating)\b|^(?:status\W{{1,4}})?{_THERE}\b"
        ),
    ),
)
_LEFT = re.compile(
    r"(?:gone(?: away)?|dead|extinct|obsolete|void|abandoned|finished|retired|disabled|rm"
    r"|sold|merger|amalgamation|replaced|in active|never opened"
    r"|(?:former|historic(?:al)?|old|ex)(?: (?:charity|company|group|member|organisation|provider"
    r"|record|supplier))?)"
)
"""What says gone where it stands alone: elsewhere it may be of something else."""
STRIKE_OFF, _DORMANT, _OVERDUE = "proposal to strike off", "dormant", "accounts overdue"
_CAUTIONS = (
    (_DORMANT, re.compile(r"\b(?:dormant|segur)\b")),
    (STRIKE_OFF, re.compile(r"\bstrik(?:e|ing) off\b")),
    (_OVERDUE, re.compile(r"\b(?:overdue|(?:in|double) default)\b")),
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
    r"(?:(?:its )?(?:closure|closing|dissolution|removal) )?(?:and including |(?:the )?end of |on "
    r"|in )?)"
    rf"({A_DAY})"
)
_CLAUSE = re.compile(r"[;:,()\[\].]|\b(?:but|then)\b")
_DATED = re.compile(rf"\b{A_DAY}")
_UNTIL_WORD = re.compile(r"\b(?:untill?|till|to)\b")
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
    if _LEFT.fullmatch(" ".join(_FILLERS.sub(" ", _DATED.sub(" ", text)).split())):
        return Status.REMOVED
    found = ((status, pattern.search(text)) for status, pattern in _STATUSES)
    status, said = next((one for one in found if one[1]), (Status.UNKNOWN, None))
    is_to_come = said is not None and not status.may_rank and _is_to_come(text, said.end(), today)
    return Status.ACTIVE if is_to_come else status


def _is_to_come(text: str, at: int, today: date | None) -> bool:
    """Whether the first day after `at`, the end of a word for gone, is still to come.

    One that is suspended until a day is gone until then.
    """
    day = _DATED.search(text, at)
    days = days_in(day[0]) if day else None
    if day is None or days is None or _UNTIL_WORD.search(text, at, day.start()):
        return False
    return not has_passed(days[0], today)


def is_understood(words: str) -> bool:
    """Whether a text states a status; "not known" counts as one.

    >>> is_understood("not dormant"), is_understood("not known"), is_understood("gold member")
    (True, True, False)
    """
    text = _spaced(words)
    said = (*(pattern for _, pattern in _STATUSES), *(pattern for _, pattern in _CAUTIONS), _DENIED)
    return status_of(words) is not Status.UNKNOWN or any(one.search(text) for one in said)


def has_left_register(words: str) -> bool:
    """Whether the status in a register says that one is gone from it, or is not registered."""
    return not status_of(words).may_rank or bool(_NOT_REGISTERED.search(_spaced(words)))


def cautions_in(words: str) -> tuple[str, ...]:
    """What the status of an organisation that is there says that a buyer should check.

    >>> cautions_in("Active - Proposal to Strike off"), cautions_in("Active, not dormant")
    (('proposal to strike off',), ())
    """
    text = _DENIED.sub(" ", _spaced(words))
    return tuple(caution for caution, pattern in _CAUTIONS if pattern.search(text))


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
    apart = re.sub(r" ?[–—] ?| -+ ", " ; ", re.sub(r"\bin active$", "inactive", lower))
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
