"""The same name written in another way, as people and registers write names.

Real spellings hold few examples of some kinds of variation: alphabets, legal forms of other
countries, word order, initials, typing errors.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

from training.learning.invented_names import DESCRIBERS, TABLE, TAILS, TRADES, bare_name, stem

Change: TypeAlias = Callable[[random.Random, str], str]
_SHORT: dict[str, list[str]] = TABLE["short"]


def _typed(draw: random.Random, name: str) -> str:
    """One typing error in a word of four letters or more."""
    words = name.split(" ")
    long = [i for i, word in enumerate(words) if len(word) >= 4]
    if not long:
        return name
    i = draw.choice(long)
    word, at = words[i], draw.randrange(1, len(words[i]))
    letter = draw.choice("abcdefghiklmnoprstuvwyz")
    words[i] = draw.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[: at - 1] + word[at - 1 : at + 1][::-1] + word[at + 1 :],
            word[:at] + word[at - 1] + word[at:],
        )
    )
    return " ".join(words)


def _typed_twice(draw: random.Random, name: str) -> str:
    return _typed(draw, _typed(draw, name))


def _romanised(draw: random.Random, name: str) -> str:
    """Another way to write the sounds of one or two places in the name."""
    text = name.casefold()
    fits = [(old, new) for old, new in TABLE["romanised"] if old in text]
    for old, new in draw.sample(fits, min(len(fits), draw.choice((1, 1, 2, 3)))):
        text = text.replace(old, new, 1)
    return text.title()


def _in_letters(table: dict[str, str]) -> Change:
    keys = sorted(table, key=len, reverse=True)

    def change(_: random.Random, name: str) -> str:
        text, out, at = name.casefold(), "", 0
        while at < len(text):
            key = next((k for k in keys if text.startswith(k, at)), "")
            out += table.get(key, text[at])
            at += max(1, len(key))
        return out.title()

    return change


def _reordered(draw: random.Random, name: str) -> str:
    words = [w for w in name.split() if w not in ("of", "&", "and")]
    if len(words) < 2:
        return name
    if " of " in name:
        head, _, tail = name.partition(" of ")
        return f"{tail} {head}"
    if len(words) == 2:
        return f"{words[1]}{draw.choice((' ', ', ', ' of '))}{words[0]}"
    if draw.random() < 0.6:
        return " ".join([*words[1:], words[0]] if draw.random() < 0.5 else [words[-1], *words[:-1]])
    i = draw.randrange(len(words) - 1)
    words[i], words[i + 1] = words[i + 1], words[i]
    return " ".join(words)


def _shortened(draw: random.Random, name: str) -> str:
    words = name.split()
    fits = [i for i, word in enumerate(words) if word in _SHORT]
    for i in draw.sample(fits, min(len(fits), 2)):
        words[i] = draw.choice(_SHORT[words[i]])
    return " ".join(words)


def _initials(draw: random.Random, name: str) -> str:
    words = [w for w in name.replace("-", " ").split() if w[0].isalnum()]
    if len(words) < 3:
        return name
    kept = [w for w in words if w.lower() not in ("of", "and", "the") or draw.random() < 0.5]
    text = draw.choice(("", ".")).join(w[0].upper() for w in kept)
    return draw.choice((text, text, f"{name} ({text})"))


def _joined(draw: random.Random, name: str) -> str:
    words = name.split()
    if len(words) < 2:
        return name
    i = draw.randrange(len(words) - 1)
    between = draw.choice(("", "", "-"))
    return " ".join([*words[:i], words[i] + between + words[i + 1].lower(), *words[i + 2 :]])


def _without_last(_: random.Random, name: str) -> str:
    words = name.split()
    if len(words) > 2 and words[-1] in (*TAILS, *TRADES) and words[0] not in DESCRIBERS:
        return " ".join(words[:-1])
    return name


def _without_common(draw: random.Random, name: str) -> str:
    """Without one word that many names have, where two other words stay."""
    words = name.split()
    common = [i for i, word in enumerate(words) if i and word in TABLE["common"]]
    if len(words) < 3 or not common:
        return name
    del words[draw.choice(common)]
    return " ".join(words)


def _tail(draw: random.Random, name: str) -> str:
    tails = ("Group", "Company", "UK", "(UK)", "International", "Services", "Co")
    return f"{name} {draw.choice(tails)}"


def _the(_: random.Random, name: str) -> str:
    return f"The {name}"


def _plural(draw: random.Random, name: str) -> str:
    words = name.split()
    i = draw.randrange(len(words))
    words[i] = words[i][:-1] if words[i].endswith("s") and len(words[i]) > 4 else words[i] + "s"
    return " ".join(words)


def _trading(draw: random.Random, name: str) -> str:
    other = draw.choice((stem(draw), bare_name(draw)))
    mark = draw.choice(TABLE["trading"])
    text = f"{name} {mark} {other}" if draw.random() < 0.5 else f"{other} {mark} {name}"
    return text + ")" * ("(" in mark)


def _department(draw: random.Random, name: str) -> str:
    place = stem(draw)
    return f"{name} {draw.choice((f'(agence de {place})', f'- {place} office'))}"


_CHANGES: dict[Change, float] = {
    lambda _, name: name: 5,
    _typed: 4,
    _typed_twice: 1.5,
    _romanised: 4,
    _in_letters(TABLE["cyrillic"]): 2,
    _in_letters(TABLE["greek"]): 0.7,
    _reordered: 3,
    _shortened: 3,
    _initials: 1.5,
    _joined: 1.5,
    _without_last: 1.5,
    _without_common: 2,
    _tail: 1,
    _the: 0.5,
    _plural: 1,
    _trading: 1.5,
    _department: 0.4,
}


def with_form(draw: random.Random, name: str, forms: Sequence[str]) -> str:
    """The name with a spelling of one legal form, in front at times."""
    form = draw.choice(forms)
    if draw.random() < 0.15 or len(form) > 25:
        return f"{form} {draw.choice((name, f'«{name}»', name))}"
    return f"{name}{draw.choice((' ', ' ', ' ', ', '))}{form}"


def varied(draw: random.Random, name: str) -> str:
    """The same name written in another way."""
    for _ in range(draw.choice((1, 1, 1, 2))):
        name = draw.choices([*_CHANGES], [*_CHANGES.values()])[0](draw, name)
    if draw.random() < 0.25:
        name = draw.choice((str.upper, str.lower, str.title))(name)
    return name
