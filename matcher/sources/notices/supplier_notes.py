"""Recognises notes in place of the name of a supplier, or after it: "See list", "(Lot 2)"."""

from __future__ import annotations

import re

NOTE = "supplier is a note and not a name (the rest is kept)"

_FIRMS = (
    r"(?:suppliers?|providers?|contractors?|bidders?|tenderers?|compan(?:y|ies)|organisations?"
    r"|firms|consultants|winners|applicants)"
)
_HOW_MANY = (
    r"(?:various|multiple|several|numerous|many|all|successful|\d{1,4}) (?:\w+ )?"
    r"(?:suppliers|providers|contractors|bidders|companies|organisations|firms|winners)|1 supplier"
)
_NONE = (
    r"n ?/?a|none|nil|null|tb[acd]|to be (?:confirmed|advised|announced|determined|decided)"
    r"|(?:not (?:yet )?|un)(?:known|applicable|available|disclosed|specified|stated|provided"
    r"|published|awarded)|redacted|withheld|confidential|commercially (?:confidential|sensitive)"
    r"|(?:private |named )?individuals?|various|multiple|several|others?|suppliers?"
    r"|(?:supplier|company) name|holding supplier|test|cancelled|withdrawn|abandoned"
    r"|unsuccessful|contracts? awarded"
)
_PROCEDURE = (
    r"(?:tender|contract|procurement|award|notice|competition|procedure|requirement|lot|exercise"
    r"|framework)s?"
)
_ELSEWHERE = (
    r"\b(?:pdf|links?|spreadsheet|excel|attach\w*|list\w*|below|above|documents?|annex\w*|appendix"
    r"|appendices|schedule|breakdown|website|notice|table|file|notes?|description|details?"
    r"|information|section|address|suppliers?|awards?|lots?)\b"
)
_NOTE = re.compile(
    rf"(?:{_NONE}|(?:{_HOW_MANY})(?: (?:on|across|per|in|for|listed|as|see|below|attached)\b.*)?)",
)
_POINTS = re.compile(
    r"(?:(?:please|kindly) )?(?:see|refer|view|as (?:per|listed|detailed|shown|above|below))\b"
)
_BEGINS = re.compile(
    r"please (?:note|see|refer|contact|find|use|visit|view|check)\b"
    r"|for (?:\w+ )?(?:award|further|full|more|supplier|contract) (?:details|information)\b"
    r"|(?:an? |the |full )?list of (?:\w+ ){0,4}" + _FIRMS + r"\b"
    rf"|(?:the |successful ){{0,2}}{_FIRMS} (?:as listed|listed|list|are|is|can|will|names?|details"
    r"|information|available|attached|shown|named|to be|below|above|see)\b"
    r"|no (?:contract(?:ed|s)?|awards?|suppliers?|bids?|bidders?|tenders?|tenderers?|submissions?"
    r"|responses?|offers?|quotes?|compliant|suitable|successful)(?: (?:\w+ ){0,4}(?:award\w*"
    r"|receiv\w*|appoint\w*|select\w*|submitt\w*|made|successful|occasion))?$"
    r"|no contract (?:has|was|is)\b|none (?:awarded|received|appointed|selected|successful)\b"
    r"|non award\b|not awarded\b"
    r"|(?:this |the )?contracts? (?:was|were|is|has been|have been) awarded\b"
)
_WITHIN = re.compile(
    r"\b(?:non award of|not (?:been |be |yet ){0,2}award(?:ed|ing)|supplier names? will be"
    r"|published in error|now (?:cancelled|withdrawn|concluded|passed))\b"
    rf"|\b{_PROCEDURE} (?:\w+ ){{0,3}}(?:cancelled|withdrawn|abandoned|discontinued)\b"
)
_OF_A_FIRM = re.compile(
    r"(?!(?:please|no|not|none|various|multiple|several) )(?:\w+ ){1,4}"
    r"(?:limited|ltd|llp|plc|cic|cio)"
)
"""A short name with its legal form: 'See Notes Ltd'."""
_LONGEST = 300
_FIRM = re.compile(r"\b(?:cic|cio|limited|llp|ltd|plc)\b", re.IGNORECASE)
_PAGE = re.compile(r"https?://[^/\s]+/\s*\S", re.IGNORECASE)
_NO_NAME = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|[\d\s./-]+")
"""An e-mail address, or a number."""
_NUMBERED = r"(?:(?:core |reserve )?(?:lots?|regions?)\s?\d{1,2}\b)"
_MORE = rf"(?:(?:\s*(?:,|&|and))+\s*(?:{_NUMBERED}|\d{{1,2}}\b))"
_LOTS_BEFORE = re.compile(
    rf"\A{_NUMBERED}{_MORE}{{0,12}}\s*(?:\([^)]{{0,20}}\)\s*)?[-–—:]\s*(?=\S)", re.IGNORECASE
)
_LOTS_AFTER = re.compile(rf"(?<=\w|[.)])\s*[-–—:,(\[]\s*{_NUMBERED}", re.IGNORECASE)
_LOTS_LAST = re.compile(
    rf"\s{_NUMBERED}{_MORE}{{1,12}}\Z|\s[(\[]\s?(?:GBP|£)\s?\d[\d ,.]*[)\]]\Z", re.IGNORECASE
)
"""The lots or regions that a supplier won, or its price, beside its name."""


def is_note(name: str) -> bool:
    """Whether a text is a note and no name of a supplier, such as 'No bids received'.

    >>> [is_note(name) for name in ("See PDF for list", "See Services", "No Limits South")]
    [True, False, False]
    """
    page = _PAGE.search(name[:_LONGEST])
    if _NO_NAME.fullmatch(name[:_LONGEST]) or (page and not _FIRM.search(name[: page.start()])):
        return True
    plain = " ".join(re.findall(r"[\w/]+", name[:_LONGEST].lower().replace("'", "")))
    if _OF_A_FIRM.fullmatch(plain):
        return False
    if _NOTE.fullmatch(plain) or _BEGINS.match(plain) or _WITHIN.search(plain):
        return True
    points = _POINTS.match(plain)
    return bool(points and re.search(_ELSEWHERE, plain[points.end() :]))


def without_lots(name: str) -> str:
    """The name of a supplier without the lots, regions or price that a notice adds to it.

    >>> without_lots("Moss Ltd (Lot 1 and 2)"), without_lots("Lot 4 and Lot 5 - Moss Ltd")
    ('Moss Ltd', 'Moss Ltd')
    >>> without_lots("Moss Fostering (GBP 1 598)"), without_lots("The Lot 18 Wine Company")
    ('Moss Fostering', 'The Lot 18 Wine Company')
    """
    if len(name) > _LONGEST:
        return name
    begun = _LOTS_BEFORE.match(name)
    rest = name[begun.end() :] if begun else name
    lots = (each for each in _LOTS_AFTER.finditer(rest) if not _FIRM.search(rest, each.end()))
    ended = next(lots, None) or _LOTS_LAST.search(rest)
    return rest[: ended.start()] if ended else rest
