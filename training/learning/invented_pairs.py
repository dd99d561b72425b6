"""Invented pairs of organisation names: one organisation written twice, or two that are alike.

Each pair varies an invented name, or one that is given; the same seed gives the same pairs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from matcher.register.linkage.reading import RARITY
from matcher.register.linkage.spelling import plain, without_form
from training.learning.invented_names import (
    DESCRIBERS,
    LETTERS,
    PLACES,
    TABLE,
    TAILS,
    TRADES,
    bare_name,
    stem,
)
from training.learning.name_variations import Change, varied, with_form

_NEAR_EVERY = 4
"""One group in so many has a pair of names with common words one letter apart."""
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th")
_COMMON = {*TRADES, *DESCRIBERS, *TAILS, "of", "&", "and", "Brothers"}


@dataclass(frozen=True, slots=True)
class NamePair:
    """Two names, whether they are of one organisation, and the group that they belong to."""

    a: str
    b: str
    same: bool
    group: str


def _with_role(draw: random.Random, name: str) -> str:
    return str(draw.choice(TABLE["roles"])).format(name)


def _renumbered(draw: random.Random, name: str) -> str:
    head, _, last = name.rpartition(" ")
    if last.isdigit():
        return f"{head} {int(last) + draw.randint(1, 8)}"
    numbers = [word for word in name.split() if word.isdigit()]
    if numbers:
        return name.replace(numbers[0], str(int(numbers[0]) + draw.randint(1, 60)), 1)
    if name.split(maxsplit=1)[0] in _ORDINALS:
        return f"{draw.choice([o for o in _ORDINALS if o not in name])} {name.partition(' ')[2]}"
    return f"{name} {draw.randint(1, 9)}"


def _other_initial(draw: random.Random, name: str) -> str:
    first, _, rest = name.partition(" ")
    if len(first) != 1:
        return _other_stem(draw, name)
    return f"{draw.choice(LETTERS.replace(first, ''))} {rest}"


def _with_tail(draw: random.Random, name: str) -> str:
    return f"{name} {draw.choice(TRADES)}"


def _other_trade(draw: random.Random, name: str) -> str:
    words = name.split()
    trades = [i for i, word in enumerate(words) if word in TRADES]
    if not trades:
        return _other_stem(draw, name)
    words[draw.choice(trades)] = draw.choice(TRADES)
    return " ".join(words)


def _own_words(words: Sequence[str]) -> list[int]:
    return [i for i, w in enumerate(words) if w not in _COMMON and not without_form(plain(w))[1]]


def _one_other_stem(draw: random.Random, name: str) -> str:
    words = name.split()
    if own := _own_words(words):
        words[draw.choice(own)] = stem(draw)
    return " ".join(words)


def _other_stem(draw: random.Random, name: str) -> str:
    words = name.split()
    for i in _own_words(words):
        words[i] = draw.choice(PLACES) if words[i] in PLACES else stem(draw)
    return " ".join(words)


def _similar_stem(draw: random.Random, name: str) -> str:
    """With a word that begins alike."""
    words = name.split()
    if not (own := _own_words(words)):
        return name
    i = draw.choice(own)
    cut = max(2, len(words[i]) - draw.choice((3, 4)))
    words[i] = words[i][:cut] + stem(draw)[: draw.choice((2, 3, 4))].lower()
    return " ".join(words)


@cache
def _near_words() -> dict[str, list[str]]:
    """Common word of four letters or more → other common words one letter away."""
    words = sorted(word for word in RARITY if len(word) >= 4 and word.isalpha())
    by_hole: dict[str, list[str]] = {}
    for word in words:
        for i in range(len(word)):
            by_hole.setdefault(f"{word[:i]}*{word[i + 1 :]}", []).append(word)
            by_hole.setdefault(f"{word[:i]}*{word[i:]}", []).append(word)
    near: dict[str, set[str]] = {}
    for group in by_hole.values():
        for word in group:
            near.setdefault(word, set()).update(w for w in group if w not in (word, word + "s"))
    return {word: sorted(others) for word, others in sorted(near.items()) if others}


def near_pair(draw: random.Random) -> tuple[str, str]:
    """Two names that differ by one letter in a common word: "Norton Steel" and "Morton Steel"."""
    word = draw.choice([*_near_words()])
    other_word = draw.choice(_near_words()[word])
    pattern = draw.choice(("{} {trade}", "{} {trade}", "{} {own}", "{own} {}", "{}"))
    own, trade = stem(draw), draw.choice(TRADES)
    one, two = (pattern.format(w.title(), own=own, trade=trade) for w in (word, other_word))
    return one, two


_OTHERS: dict[Change, float] = {
    _other_stem: 9,
    _other_trade: 4,
    _one_other_stem: 4,
    _other_initial: 3,
    _with_role: 1.2,
    _similar_stem: 1,
    _renumbered: 3,
    _with_tail: 0.6,
}


def other(draw: random.Random, name: str) -> str:
    """The name of another organisation that looks like `name`."""
    changed = draw.choices([*_OTHERS], [*_OTHERS.values()])[0](draw, name)
    return changed if changed != name else f"{stem(draw)} {name.rsplit(maxsplit=1)[-1]}"


def invented_pairs(seed: int, count: int, real: Sequence[str] = ()) -> Iterator[NamePair]:
    """`count` groups: a name with a variation of it, and with two others that look like it.

    A third of the groups vary one of the `real` names, where there are any.
    """
    draw = random.Random(seed)  # noqa: S311
    for number in range(count):
        name = draw.choice(real) if real and draw.random() < 1 / 3 else bare_name(draw)
        forms = draw.choice(TABLE["forms"])
        group = f"invented {seed} {number}"
        one = with_form(draw, name, forms) if draw.random() < 0.6 else name
        same = varied(draw, name)
        if draw.random() < 0.6:
            same = with_form(
                draw, same, forms if draw.random() < 0.9 else draw.choice(TABLE["forms"])
            )
        if same.casefold() != one.casefold():
            yield NamePair(one, same, True, group)
        if number % _NEAR_EVERY == 0 and _near_words():
            near = near_pair(draw)
            yield NamePair(*near, same=False, group=group)
        for _ in range(2):
            different = other(draw, name)
            if draw.random() < 0.3:
                different = varied(draw, different)
            if draw.random() < 0.5:
                different = with_form(draw, different, forms)
            yield NamePair(one, different, False, group)
