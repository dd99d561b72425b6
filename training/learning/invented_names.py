"""Invented pairs of organisation names: one organisation written twice, or two that are alike.

Real spellings hold few examples of some kinds of variation: alphabets, legal forms of other
countries, word order, initials, typing errors.  These pairs show such kinds.  Every name is made
of invented syllables, or varies a name that is given; the same seed gives the same pairs.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from matcher.register.linkage.reading import RARITY
from matcher.register.linkage.spelling import plain, without_form


@dataclass(frozen=True, slots=True)
class NamePair:
    """Two names, whether they are of one organisation, and the group that they belong to."""

    a: str
    b: str
    same: bool
    group: str


_TABLE: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("invented_names.toml").read_text("utf-8")
)
_PLACES, _TRADES, _TAILS = _TABLE["places"], _TABLE["trades"], _TABLE["tails"]
_DESCRIBERS: list[str] = _TABLE["describers"]
_SHORT: dict[str, list[str]] = _TABLE["short"]
_NEAR_EVERY = 4
"""One group in so many has a pair of names with common words one letter apart."""
_LETTERS = "ABCDEGHJKLMPRST"
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th")
_COMMON = {*_TRADES, *_DESCRIBERS, *_TAILS, "of", "&", "and", "Brothers"}

Change = Callable[[random.Random, str], str]


def stem(draw: random.Random) -> str:
    """An invented word."""
    syllables = "".join(
        draw.choice(_TABLE[part]).strip("-")
        for _ in range(draw.choice((1, 2, 2, 2, 3)))
        for part in ("onsets", "vowels", "codas")
    )
    return (syllables + draw.choice(("", draw.choice(_TABLE["endings"])))).capitalize()


_PATTERNS = (
    "{own}", "{own} {trade}", "{own} {trade}", "{own} {trade} {trade2}", "{own} & {own2}",
    "{own} {own2} {trade}", "{trade} of {place}", "{own} of {place}",
    "{describer} {trade} of {place}",
    "{own} {describer} {trade}", "{describer} {own} {trade}", "{place} {own} {trade}",
    "{own} {place}",
    "{place} {describer} {trade} {trade2}", "{own}-{own2}", "{own} {tail}", "{own} {trade} {tail}",
    "{own} Brothers {trade}", "{letters} {trade}", "{letter} {own} {trade}",
    "{letter} {surname} {trade}", "{own} {number}",
    "Unit {number} {trade}", "{own} {number} {trade}",
)  # fmt: skip


def bare_name(draw: random.Random) -> str:
    """An invented name without a legal form, such as "Bank of Kharkov" or "Trovia Steel"."""
    own, place = stem(draw), draw.choice(_PLACES)
    if draw.random() < 0.2:
        return str(draw.choice(_TABLE["local"])).format(draw.choice((own, place)))
    return draw.choice(_PATTERNS).format(
        own=own,
        own2=stem(draw),
        place=place,
        trade=draw.choice(_TRADES),
        trade2=draw.choice(_TRADES),
        describer=draw.choice(_DESCRIBERS),
        tail=draw.choice(_TAILS),
        surname=draw.choice(("Smith", "Jones", "Taylor", "Brown", "Hughes", own)),
        letter=draw.choice(_LETTERS),
        letters="".join(draw.choices(_LETTERS, k=3)),
        number=draw.randint(1, 99),
    )


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
    fits = [(old, new) for old, new in _TABLE["romanised"] if old in text]
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


def _without_last(draw: random.Random, name: str) -> str:
    words = name.split()
    if len(words) > 2 and words[-1] in (*_TAILS, *_TRADES) and words[0] not in _DESCRIBERS:
        return " ".join(words[:-1])
    return name


def _without_common(draw: random.Random, name: str) -> str:
    """Without one word that many names have, where two other words stay."""
    words = name.split()
    common = [i for i, word in enumerate(words) if i and word in _TABLE["common"]]
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
    mark = draw.choice(_TABLE["trading"])
    text = f"{name} {mark} {other}" if draw.random() < 0.5 else f"{other} {mark} {name}"
    return text + ")" * ("(" in mark)


def _department(draw: random.Random, name: str) -> str:
    place = stem(draw)
    return f"{name} {draw.choice((f'(agence de {place})', f'- {place} office'))}"


_CHANGES: tuple[tuple[float, Change], ...] = (
    (5, lambda _, name: name),
    (4, _typed),
    (1.5, _typed_twice),
    (4, _romanised),
    (2, _in_letters(_TABLE["cyrillic"])),
    (0.7, _in_letters(_TABLE["greek"])),
    (3, _reordered),
    (3, _shortened),
    (1.5, _initials),
    (1.5, _joined),
    (1.5, _without_last),
    (2, _without_common),
    (1, _tail),
    (0.5, _the),
    (1, _plural),
    (1.5, _trading),
    (0.4, _department),
)


def with_form(draw: random.Random, name: str, forms: Sequence[str]) -> str:
    """The name with a spelling of one legal form, in front at times."""
    form = draw.choice(forms)
    if draw.random() < 0.15 or len(form) > 25:
        return f"{form} {draw.choice((name, f'«{name}»', name))}"
    return f"{name}{draw.choice((' ', ' ', ' ', ', '))}{form}"


def varied(draw: random.Random, name: str) -> str:
    """The same name written in another way."""
    for _ in range(draw.choice((1, 1, 1, 2))):
        name = _pick(draw, _CHANGES)(draw, name)
    if draw.random() < 0.25:
        name = draw.choice((str.upper, str.lower, str.title))(name)
    return name


def _with_role(draw: random.Random, name: str) -> str:
    return str(draw.choice(_TABLE["roles"])).format(name)


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
    return f"{draw.choice(_LETTERS.replace(first, ''))} {rest}"


def _with_tail(draw: random.Random, name: str) -> str:
    return f"{name} {draw.choice(_TRADES)}"


def _other_trade(draw: random.Random, name: str) -> str:
    words = name.split()
    trades = [i for i, word in enumerate(words) if word in _TRADES]
    if not trades:
        return _other_stem(draw, name)
    words[draw.choice(trades)] = draw.choice(_TRADES)
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
        words[i] = draw.choice(_PLACES) if words[i] in _PLACES else stem(draw)
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
    own, trade = stem(draw), draw.choice(_TRADES)
    one, two = (pattern.format(w.title(), own=own, trade=trade) for w in (word, other_word))
    return one, two


_OTHERS: tuple[tuple[float, Change], ...] = (
    (9, _other_stem),
    (4, _other_trade),
    (4, _one_other_stem),
    (3, _other_initial),
    (1.2, _with_role),
    (1, _similar_stem),
    (3, _renumbered),
    (0.6, _with_tail),
)


def other(draw: random.Random, name: str) -> str:
    """The name of another organisation that looks like `name`."""
    changed = _pick(draw, _OTHERS)(draw, name)
    return changed if changed != name else f"{stem(draw)} {name.rsplit(maxsplit=1)[-1]}"


def _pick(draw: random.Random, changes: Sequence[tuple[float, Change]]) -> Change:
    return draw.choices([change for _, change in changes], [weight for weight, _ in changes])[0]


def invented_pairs(seed: int, count: int, real: Sequence[str] = ()) -> Iterator[NamePair]:
    """`count` groups: a name with a variation of it, and with two others that look like it.

    A third of the groups vary one of the `real` names, where there are any.
    """
    draw = random.Random(seed)  # noqa: S311
    for number in range(count):
        name = draw.choice(real) if real and draw.random() < 1 / 3 else bare_name(draw)
        forms = draw.choice(_TABLE["forms"])
        group = f"invented {seed} {number}"
        one = with_form(draw, name, forms) if draw.random() < 0.6 else name
        same = varied(draw, name)
        if draw.random() < 0.6:
            same = with_form(
                draw, same, forms if draw.random() < 0.9 else draw.choice(_TABLE["forms"])
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
