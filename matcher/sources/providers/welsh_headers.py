"""Welsh headers of tables in English, so that one vocabulary reads both languages."""

from __future__ import annotations

_WORDS = {
    **dict.fromkeys(("enw", "enwau"), "name"),
    **dict.fromkeys(("sefydliad", "mudiad", "sefydliadau", "mudiadau"), "organisation"),
    **{"elusen": "charity", "cwmni": "company", "darparwr": "provider", "cyflenwr": "supplier"},
    **{"grwp": "group", "grŵp": "group", "rhif": "number", "cofrestru": "registration"},
    **{"gofrestredig": "registered", "gwefan": "website", "cyfeiriad": "address"},
    **{"disgrifiad": "description", "crynodeb": "summary", "gweithgareddau": "activities"},
    **{"gwasanaeth": "service", "gwasanaethau": "services", "math": "type", "statws": "status"},
    **{"categori": "category", "incwm": "income", "trosiant": "turnover", "blynyddol": ""},
    **{"maint": "size", "ardal": "area", "ardaloedd": "areas"},
}
_BETWEEN = {"r", "y", "yr", "o"}
"""Words for 'the' and 'of', which are letters in English headers: 'active y n'."""
_POSTCODES = ("cod post", "côd post")


def in_english(plain: str) -> str:
    """A Welsh or bilingual header, in small letters without marks, in English; others unchanged.

    Each word stands once.

    >>> in_english("math o sefydliad"), in_english("cod post postcode"), in_english("open y n")
    ('type of organisation', 'postcode', 'open y n')
    """
    words = plain.replace("rhif y ", "rhif ").replace("rhif yr ", "rhif ")  # no count of them
    for postcode in _POSTCODES:
        words = words.replace(postcode, "postcode")
    if words == plain and _WORDS.keys().isdisjoint(plain.split()):
        return plain
    found = ("of" if word in _BETWEEN else _WORDS.get(word, word) for word in words.split())
    return " ".join(dict.fromkeys(filter(None, found)))
