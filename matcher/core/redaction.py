"""Removes contact details from text: e-mail addresses and telephone numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote

from matcher.core.types import Provider

_E_MAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(
    r"(?<![\w£,-])(?:(?:\+44|0044)[ .-]?(?:\(0\))?|\(?0)(?:[ ().-]{0,2}\d){10}(?![\w-]|,\d)"
)


def without_contacts(text: str) -> str:
    """`text` with '[e-mail]' and '[telephone]' for addresses and United Kingdom numbers.

    >>> without_contacts("Ring Jo on 01922 555 010 or write to jo@example.org.")
    'Ring Jo on [telephone] or write to [e-mail].'
    """
    if "@" in text:
        text = _E_MAIL.sub("[e-mail]", text)
    return _PHONE.sub("[telephone]", text)


_BESIDE_NAME = re.compile(
    r"[\s(\[<,;:|/–-]{0,8}(?:(?<!\w)(?:tel(?:ephone)?|phone|mob(?:ile)?|e-?mail|contact|call|ring"
    r"|t|e|m)\b[\s.:-]{0,8})?\[(?:e-mail|telephone)\][\s).>\]]{0,8}",
    re.IGNORECASE,
)
"""A contact with what leads to it and closes it: ' (Tel: [telephone])'."""


def name_without_contacts(name: str) -> str:
    """The name of an organisation without the contacts beside it.

    >>> name_without_contacts("Oak Club (Tel: 01922 555010)"), name_without_contacts("3663 Ltd")
    ('Oak Club', '3663 Ltd')
    """
    shown = without_contacts(name)
    return name if shown == name else _BESIDE_NAME.sub(" ", shown).strip()


def without_provider_contacts(record: Provider) -> Provider:
    """A provider's record with the contacts in its free text removed."""
    profile = without_contacts(record.profile) if record.profile else ""
    tags = tuple(map(_in_label, record.tags))
    aliases = tuple(map(without_contacts, record.aliases))
    shown = unquote(record.website)
    site = record.website if without_contacts(shown) == shown else ""
    said = record.profile, record.tags, record.aliases, record.website
    if (profile, tags, aliases, site) == said:
        return record
    return replace(record, profile=profile, tags=tags, aliases=aliases, website=site)


_in_label = lru_cache(1 << 14)(without_contacts)
"""Labels are few: those of an industry, or of a register's classification."""
