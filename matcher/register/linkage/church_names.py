"""What abbreviations mean beside words of churches, and saints in Welsh and Gaelic names."""

from __future__ import annotations

from matcher.register.linkage.names_table import TABLE

_MEANT: dict[str, tuple[str, ...]] = {
    short: tuple(row["means"].split()) for short, row in TABLE["churches"].items()
}
_BESIDE = {short: frozenset(row["beside"]) for short, row in TABLE["churches"].items()}
_ROMAN = ("roman", "catholic")
_WELSH = frozenset({"sant", "santes"})
GAELIC_SAINT = frozenset({"naomh", "naoimh", "naomha"})
_SAINTS: dict[str, dict[str, str]] = {
    **dict.fromkeys(_WELSH, TABLE["saints"]["welsh"]),
    **dict.fromkeys(GAELIC_SAINT, TABLE["saints"]["gaelic"]),
}
"""The word for a saint → their names in that language, and what English names have."""


def of_churches(words: tuple[str, ...]) -> tuple[str, ...]:
    """`words` with what "rc", "ce" and "pcc" mean in the name of a church or its school.

    In other names they are initials, and two bodies have "PCC": a Police and Crime Commissioner.

    >>> of_churches(("st", "hildas", "rc", "school")), of_churches(("rc", "smith"))
    (('st', 'hildas', 'catholic', 'school'), ('rc', 'smith'))
    """
    if "roman" in words:
        words = tuple(word for at, word in enumerate(words) if words[at : at + 2] != _ROMAN)
    if _MEANT.keys().isdisjoint(words):
        return words
    meant = (
        _MEANT[word] if word in _MEANT and not _BESIDE[word].isdisjoint(words) else (word,)
        for word in words
    )
    return tuple(word for some in meant for word in some)


def with_saints(words: tuple[str, ...]) -> tuple[str, ...]:
    """`words` with a saint's name in English where it stands beside the word for a saint.

    The name is that of an English church or school, "St John's", and so is the order.

    >>> with_saints(("eglwys", "sant", "ioan")), with_saints(("ysgol", "dewi", "sant"))
    (('eglwys', 'st', 'johns'), ('ysgol', 'st', 'davids'))
    """
    if _SAINTS.keys().isdisjoint(words):
        return words
    found: list[str] = []
    at = 0
    while at < len(words):
        word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
        if after in _SAINTS.get(word, ()):
            found += ("st", _SAINTS[word][after])
        elif word in _SAINTS.get(after, ()):
            found += ("st", _SAINTS[after][word])
        else:
            found.append(word)
            at -= 1
        at += 2
    return tuple(found)
