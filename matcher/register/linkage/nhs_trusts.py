"""The name of an NHS trust that is written without its last words."""

from __future__ import annotations

from matcher.register.linkage.reading import Read

_ENDINGS = (" trust", " foundation trust")
_OF_TRUSTS = frozenset(
    {"ambulance", "combined", "healthcare", "hospital", "hospitals", "infirmary", "partnership"}
    | {"teaching", "university"}
)
"""Words that NHS trusts have in their names; "Walsall NHS" may be another body of the town."""


def is_trust_cut_short(a: Read, b: Read) -> bool:
    """Whether one of two names is that of an NHS trust, and the other lacks "(Foundation) Trust".

    "Kestrel Partnership NHS" is "Kestrel Partnership NHS Foundation Trust".
    """
    if not (a.text.endswith(" nhs") or b.text.endswith(" nhs")):
        return False
    short, long = sorted((a, b), key=lambda name: len(name.text))
    if not short.text.endswith(" nhs") or _OF_TRUSTS.isdisjoint(short.words):
        return False
    return len(short.words) > 2 and long.text.removeprefix(short.text) in _ENDINGS
