"""What says that an organisation is closed at some times, or to some people, and not for good."""

from __future__ import annotations

from matcher.sources.formats.days import A_MONTH

_TIMES = (
    r"(?:(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thurs?|fri|sat|sun)\b"
    r"|(?:weekends?|weekdays|evenings?|mornings?|afternoons?|lunch\w*|bank hol(?:iday)?s?"
    r"|school holidays?|holidays|half ?term|term ?time|christmas|new year|easter|ramadan"
    r"|spring|summer|autumn|winter|the day|the season)\b)"
    r"(?!,? ?(?:the )?\d)"
)
"""When one is closed that opens at other times; with a year it is a day on which one closed."""
_PARTS = (
    r"(?:(?:1st|2nd|3rd|4th|first|second|third|fourth|last|two|three|four|week|weeks) ){1,3}of "
)
_CLOCK = r"\d{1,2}(?:[.:]\d\d)?"
_MONTHS = rf"{A_MONTH}\b(?! ?\d)"
_WORKS = (
    r"(?:refurb\w*|renovation\w*|repairs?|maintenance|works?|redecorat\w*|training|stocktak\w*)\b"
)
_NOT_HOPED = r"(?<!not )(?<!never )(?<!for )(?<!of )(?<!no )(?<!un)"
CLOSED_FOR_A_TIME = (
    r"\b(?:closed|shut|not open)(?: (?:on|at|every|each|all|over|for|during|between|in|the|a|most)"
    rf"| ?[(;,]){{0,3}} ?(?:(?:1st|2nd|3rd|4th|first|last) )?{_TIMES}"
    rf"|\b(?:closed|shut) (?:(?:for|during|the) ){{0,3}}{_PARTS}(?:(?:the|each|every) )?\w+\b"
    rf"|\b(?:closed|shut) (?:during|every|each|throughout|over) {_MONTHS}"
    rf"|\b(?:closed|shut) (?:in )?{_MONTHS} ?(?:and|to|or|&|-|/|;) ?{_MONTHS}"
    rf"|\bclosed (?:between |from )?{_CLOCK} ?(?:[ap]m|(?:to|and|-|;) ?{_CLOCK} ?(?:[ap]m|daily))\b"
    rf"|\bclosed (?:between |from |on )?\d{{1,2}}(?: {A_MONTH}\b)? ?(?:to|until|till|-|;|and|/|&) ?"
    rf"\d{{1,2}} {_MONTHS}"
    r"|\b(?:closed|shut) (?:\w+ )?(?:until|untill|till)\b"
    r"|\b(?:closed|shut) (?:for|due to|during) (?:(?:a|an|some|the|essential|building|major) )*"
    rf"{_WORKS}"
    rf"|\b(?:closed|shut)\b[^.]{{0,60}}?{_NOT_HOPED}\bre ?open(?:ing|s)\b"
    rf"|\b(?:temp|temporary|seasonal|{A_MONTH}|summer|winter|christmas|easter|holiday|planned)\.?"
    r" (?:closed|closures?)\b(?! ?\d)"
    r"|\b(?:list|books?|referrals|applications|admissions|bookings)(?: is| are)?"
    r"(?: now| currently)? closed\b"
    r"|\bclosed ?\(? ?to (?:all |any )?(?:the public|visitors|new|further|self|referrals"
    r"|applications|admissions|members)\b"
    r"|\bclosed (?:\w+ )?(?:group|membership|list|shop)\b"
)
"""A pattern: closed on some days, in some months, for repairs, to some people, or until a day."""
