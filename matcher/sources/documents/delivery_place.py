"""Finds the CPV codes and the postcode, or its district, in the text of a specification."""

from __future__ import annotations

import re

from matcher.geo.postcode_parsing import find_in_text

_AREA = (
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LU]?|H[ADGPRSUX]|I[GPV]"
    "|K[ATWY]|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?"
    "|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
"""The letters that a postcode may begin with."""
_DISTRICT = rf"(?<![A-Z\d])(?:{_AREA})\d[A-Z\d]?(?![A-Z\d])"
_ONE_DISTRICT = re.compile(_DISTRICT)
_NAMED_DISTRICT = re.compile(
    rf"(?i:\bpost ?codes?(?: areas?| districts?)?(?: of|:)? )({_DISTRICT})"
    rf"|({_DISTRICT})(?:(?:, | ?& ?| ?/ ?| ?- ?| and | to ){_DISTRICT}){{0,9}} (?i:post ?codes?\b)"
)
"""A district that the word 'postcode' marks, or the first of several: 'OL2 and OL8 postcodes'."""
_PIECE = re.compile(r"\n|(?<=[A-Za-z)]{2})\. ")
_WHERE = re.compile(
    r"\W{0,3}(?:(?:delivery|main|project|service|site|work|works) )?(?:address|area|location|place"
    r"|site|venue|where)s?(?: of (?:the )?(?:delivery|service|works?))? ?[:–-]",
    re.IGNORECASE,
)
"""A line that says where a service is wanted."""
_OFFICE = re.compile(
    r"\b(?:city|county|shire|town) hall\b|\bcivic (?:centre|offices?)\b"
    r"|\bcouncil (?:house|offices?)\b|\bguildhall\b|\b(?:head|registered) office\b"
    r"|\b(?:return|send|submit|submitted|written)\b",
    re.IGNORECASE,
)
"""A line with the address of a buyer."""
_FAREWELL = re.compile(
    r"(?:(?:kind|best|warm|many) )?(?:cheers|regards|thanks|thank you|wishes|yours \w{4,10}"
    r"|sincerely)\b.{0,30}",
    re.IGNORECASE,
)
_CPV_WITH_CHECK_DIGIT = re.compile(r"(?<!\d)(\d{8})-\d(?!\d)")
_EIGHT_DIGITS = re.compile(r"(?<![\d.,£])(\d{8})(?!\d|,\d)")
_AFTER_CPV = re.compile(
    r"(?:\bCPV\b|(?:\A|(?<=\n))industry(?=\n)).{0,400}", re.DOTALL | re.IGNORECASE
)
"""What follows the letters, or the label that Contracts Finder shows above the codes."""
_DIVISIONS = {"03", "09", "14", "15", "16", "18", "19", "22", "24", "30", "31", "32", "33", "34"}
_DIVISIONS |= {"35", "37", "38", "39", "41", "42", "43", "44", "45", "48", "50", "51", "55", "60"}
_DIVISIONS |= {"63", "64", "65", "66", "70", "71", "72", "73", "75", "76", "77", "79", "80", "85"}
_DIVISIONS |= {"90", "92", "98"}


def codes_in(text: str, *, expected: bool = False) -> tuple[str, ...]:
    """The CPV codes written in a text, each once.

    Eight digits are a code if a check digit or the letters CPV mark them, or if codes are
    `expected` here, as in a table column.  A date written as eight digits is not a code.

    >>> codes_in("CPV: 60130000 and 85312100-0. Reference 20260401.")
    ('60130000', '85312100')
    """
    with_check_digit = _CPV_WITH_CHECK_DIGIT.findall(text)
    named = [text] if expected else _AFTER_CPV.findall(text)
    without = [code for part in named for code in _EIGHT_DIGITS.findall(part)]
    codes = sorted({*with_check_digit, *without}, key=text.index)
    return tuple(code for code in codes if code[:2] in _DIVISIONS)


def postcode_in(text: str, *, expected: bool = False) -> str:
    """The postcode of the place that a text is about, or else a postcode district, or ''.

    That is the one in a line such as 'Location: …', or else the last one that is neither that of a
    town hall or an office nor below a greeting such as 'Kind regards', or else the last one.  A
    district counts if the word 'postcode' marks it, or if places are `expected` here.

    >>> postcode_in("Parks in the OL2 and OL8 postcode areas"), postcode_in("On A4, by the M6")
    ('OL2', '')
    """
    last = find_in_text(text)
    lines = _PIECE.split(text)
    for line in lines:
        if _WHERE.match(line) and (found := find_in_text(line) or _district(line, expected=True)):
            return found
    if last is None:
        return _district(text, expected=expected)
    end = next((n for n, line in enumerate(lines) if _FAREWELL.fullmatch(line.strip())), None)
    told = filter(None, (find_in_text(one) for one in lines[:end] if not _OFFICE.search(one)))
    return next(reversed(list(told)), last)


def _district(text: str, *, expected: bool) -> str:
    named = (_ONE_DISTRICT if expected else _NAMED_DISTRICT).search(text)
    return "" if named is None else named[0] if expected else named[1] or named[2]
