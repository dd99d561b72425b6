"""Reads what people and spreadsheets write in cells: nothing, yes and no, and whole numbers."""

from __future__ import annotations

import re

BLANKS = frozenset(
    {
        *("#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#spill!", "#calc!"),
        *("n/a", "na", "n.a.", "n.a", "not applicable", "not known", "not provided", "null"),
        *("none", "nan", "nil", "tbc", "tba", "to be confirmed"),
        *(sign * times for sign in "-–—?.*" for times in (1, 2, 3)),
    }
)
"""What stands for nothing, in small letters: the errors of spreadsheets, and what people type."""
_LONGEST_BLANK = max(map(len, BLANKS))
_ANSWER = re.compile(
    r"(?!n ?[-/\\.] ?[a-z](?!\w)|(?:no|not(?: (?:yet|been|currently|fully)){0,2}) (?:data|info\w*"
    r"|answer|reply|response|record|web ?sites?|e-?mail|phone|telephone|contact|details?|address"
    r"|evidence|idea|sure|stated|checked|known|certain|clear|given|recorded|provided|specified"
    r"|confirmed|answered|asked|supplied|completed|assessed|verified|disclosed|entered|found"
    r"|available|applicable|registered)\b)(?:"
    r"(?P<no>no|n|f|false|0|not|[✗✘×☐])(?!\w)"
    r"|(?P<yes>yes|y|t|true|-?1|x|[✓✔☑])(?!\w))"
)
_ZEROS = re.compile(r"(?<=\d)\.0*$")
_FORMULA = re.compile(
    r'=\s?(?:T\s?\(\s?|HYPERLINK\s?\((?:\s?"(?P<link>[^"]{0,2000})"|[^",;()]{0,80})[,;]\s?)?'
    r'(?:"(?P<text>[^"]*)"|(?P<number>-?\d[\d.,]{0,30}))\s?\)?',
    re.IGNORECASE,
)
"""How a spreadsheet is made to keep the zeros of a number, or to link a name."""


def is_blank(text: str) -> bool:
    """Whether a cell's text stands for nothing."""
    return len(text) <= _LONGEST_BLANK and (not text or text.casefold() in BLANKS)


def shown(cell: str) -> str:
    """What a spreadsheet shows of a cell with a formula that holds a text; others unchanged.

    >>> shown('="0123"'), shown('=HYPERLINK("https://oak.example","Oak Ltd")'), shown('=T("7")')
    ('0123', 'Oak Ltd', '7')
    """
    found = _FORMULA.fullmatch(cell.strip()) if "=" in cell else None
    return (found["text"] or found["number"] or "").strip() if found else cell


def linked(cell: str) -> str:
    """The address to which a formula links; '' for other text.

    >>> linked('=HYPERLINK("https://oak.example","Oak Ltd")'), linked("https://oak.example")
    ('https://oak.example', '')
    """
    found = _FORMULA.fullmatch(cell.strip()) if "=" in cell else None
    return (found["link"] or "").strip() if found else ""


def answer(text: str) -> str:
    """Whether a text answers `yes` or `no`; '' for other text.

    >>> answer("Y"), answer("1.0"), answer("No (moved)"), answer("not sure"), answer("N/K")
    ('yes', 'yes', 'no', '', '')
    """
    match = _ANSWER.match(whole_number(" ".join(text.casefold().split())))
    return (match.lastgroup or "") if match else ""


def whole_number(text: str) -> str:
    """A whole number without the `.0` that spreadsheets add; other text unchanged.

    >>> whole_number("1150079.0"), whole_number("17."), whole_number("1.50")
    ('1150079', '17', '1.50')
    """
    return _ZEROS.sub("", text) if "." in text else text
