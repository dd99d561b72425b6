"""Recognises notes that stand where a notice has the name of a supplier: 'See attached list'."""

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


def is_note(name: str) -> bool:
    """Whether a text is a note and no name of a supplier, such as 'No bids received'.

    >>> [is_note(name) for name in ("See PDF for list", "See Services", "No Limits South")]
    [True, False, False]
    """
    plain = " ".join(re.findall(r"[\w/]+", name[:_LONGEST].lower().replace("'", "")))
    if _OF_A_FIRM.fullmatch(plain):
        return False
    if _NOTE.fullmatch(plain) or _BEGINS.match(plain) or _WITHIN.search(plain):
        return True
    points = _POINTS.match(plain)
    return bool(points and re.search(_ELSEWHERE, plain[points.end() :]))
