"""Spellings of the names of councils and regions, reduced to forms that can be compared."""

from __future__ import annotations

import re
import unicodedata

# Without 'town' and 'parish': Wokingham Town Council is not Wokingham Borough Council.
_BEFORE = frozenset(
    {
        *("the", "of", "council", "city", "county", "borough", "district", "metropolitan"),
        *("royal", "london", "lb", "lbc", "rb", "mb", "cyngor"),
    }
)
_AFTER = frozenset(
    {
        *("the", "of", "and", "council", "city", "county", "borough", "district", "metropolitan"),
        *("corporation", "mbc", "mdc", "cbc", "bc", "cc", "dc"),
    }
)
# 'a' is 'and': 'Cyngor Dinas a Sir Abertawe'.
_AFTER_CYNGOR = frozenset({"cyngor", "sir", "sirol", "dinas", "bwrdeistref", "a"})
# 'Essex Council for Voluntary Service' is a charity.
_UP_TO_COUNCIL = re.compile(r"^.*?\bcouncil\b(?! (?:for|of)\b)")
_BOROUGH = re.compile(r"\b(?:london|royal) borough of .+$")
# Separates a department, or a list of partners, from the name.
_SEPARATOR = re.compile(r"\s[-–]\s|[(,:/]")
# 'M.B.C.'
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_REGION_CODE = re.compile(r"(?:UK|TL)([C-N])(?:[0-9][0-9A-Z]?)?")


def plain(name: str) -> str:
    """The name in lower case, without accents or punctuation, with 'and' for '&'.

    >>> plain("King's Lynn & West Norfolk")
    'kings lynn and west norfolk'
    """
    joined = _INITIALS.sub(lambda found: found[0].replace(".", ""), name)
    bare = unicodedata.normalize("NFKD", joined).encode("ascii", "ignore").decode()
    bare = bare.casefold().replace("&", " and ").replace("'", "")
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def stem(plain_name: str) -> str:
    """A plain name without the words for a kind of council.

    >>> stem("london borough of bromley")
    'bromley'
    >>> stem("wokingham town council")
    'wokingham town'
    """
    words = plain_name.split()
    while words and words[-1] in _AFTER:
        words.pop()
    while words and words[0] in _BEFORE:
        words.pop(0)
    return " ".join(words)


def welsh_stem(plain_name: str) -> str:
    """A plain Welsh name of a council without its words for a kind of council; '' for others.

    >>> welsh_stem("cyngor bwrdeistref sirol torfaen"), welsh_stem("cyngor tref conwy")
    ('torfaen', 'tref conwy')
    """
    words = plain_name.split()
    if words[:1] != ["cyngor"]:
        return ""
    while words and words[0] in _AFTER_CYNGOR:
        words.pop(0)
    return " ".join(words)


def possible_names(name: str) -> list[str]:
    """The parts of an organisation's name that may be a council's name, most likely first.

    >>> possible_names("Suffolk County Council Passenger Transport")
    ['suffolk county council passenger transport', 'suffolk county council']
    """
    whole, head = plain(name), plain(_SEPARATOR.split(name)[0])
    matches = (_UP_TO_COUNCIL.search(whole), _BOROUGH.search(head))
    return list(dict.fromkeys([whole, *(match.group() for match in matches if match)]))


def region_letter(code: str) -> str:
    """The letter of the region in a statistical code such as 'UKC21' or 'TLG'; '' if none."""
    match = _REGION_CODE.fullmatch(code.strip().upper())
    return match.group(1) if match else ""
