"""The size of a provider, also of a public body that no source gives a size.

A council, an NHS body, a university or a police force has more than the 250 staff of a medium-sized
organisation, whatever else is known of it.  A parish or town council may not.
"""

from __future__ import annotations

import re

from matcher.core.types import Kind, Provider, Size
from matcher.geo.councils import Councils
from matcher.law.buyers import kind_of_buyer
from matcher.law.types import BuyerKind
from models import text

_COUNCIL = re.compile(
    r"\b(?:county|city|borough|district|metropolitan|unitary) council\b(?! (?:for|of)\b)"
    r"|^(?:the )?(?:london|royal) borough of\b|^borough council of\b|\bcombined authority$"
    r"|^cyngor (?:sir|dinas|bwrdeistref)\b"
)
_BODY = re.compile(
    r"\bnhs (?:foundation )?trust$|\bintegrated care board$|^nhs (?:\w+ ){1,6}(?:icb|board)$"
    r"|\b(?:university|teaching) health board$|^bwrdd iechyd\b"
    r"|^(?:the )?university of (?!the third\b)(?:\w+ ){0,4}\w+$|\buniversity$|^prifysgol\b"
    r"|\b(?:police|fire and rescue) (?:authority|service)$|\bconstabulary$|\bfire brigade$"
    r"|^(?:\w+ ){0,3}chief constable (?:of|for)\b|^police (?:fire )?and crime commissioner\b"
    r"|^(?:ministry of (?:defence|justice)|cabinet office|home office|met office|companies house)$"
    r"|^department for (?:\w+ ){0,5}\w+$|^(?:hm|his majestys) (?:treasury|land registry|revenue)\b"
)
"""Names of other bodies that are large, without marks and in small letters."""
_ANOTHER = re.compile(
    r"\b(?:alumni|association|charit(?:y|able)|club|company|friends|fund|guild|league|limited|ltd"
    r"|llp|museum|plc|press|schools?|society|students|union|ventures)\b"
)
"""Words of a body beside one, which may be small."""
_MAYBE_PUBLIC = {Kind.UNKNOWN, Kind.PUBLIC}


def known_size(provider: Provider) -> Size:
    """The size that a source gives a provider; that of a public body by its name if none does."""
    is_open = provider.size is Size.UNKNOWN and provider.income is None
    if is_open and provider.kind in _MAYBE_PUBLIC and _is_large_body(provider.name):
        return Size.LARGE
    return provider.size


def _is_large_body(name: str) -> bool:
    plain = text.plain(name.replace("'", "").replace("’", "").replace("&", " and "))
    if _ANOTHER.search(plain):
        return False
    if _BODY.search(plain):
        return True
    if "council" not in plain and not _COUNCIL.search(plain):
        return False
    if kind_of_buyer(name) is not BuyerKind.COUNCIL:
        return False
    is_council = plain.endswith(" council") and Councils.open().find(name) is not None
    return is_council or bool(_COUNCIL.search(plain))
