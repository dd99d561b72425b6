"""Organisation names: how alike two of them are, and the keys they are found by.

A name is read once into words: lower case, no accents, no punctuation, no legal form, one
spelling for each abbreviation.  Each word weighs by how much it says of who the organisation
is ("services" little, "beaumaris" much); the weights are written by hand in `names.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz.distance import OSA

SAME = 0.8
"""From this similarity on, two names are taken for one organisation's."""

_LONGEST = 200  # letters of a name that are read; the longest real ones have about 160
_CACHED = 1 << 15  # names
_TABLE = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
_PARTICLES = frozenset(_TABLE["particles"])
_BRANCH = frozenset(_TABLE["branch"])
_PLACES = frozenset(_TABLE["places"].split())
_SPELLING: dict[str, str] = _TABLE["same"] | _TABLE["numbers"]
_TIER: dict[str, float] = {
    _SPELLING.get(word, word): tier["weight"]
    for tier in reversed(_TABLE["tier"])
    for word in tier["words"].split()
}


def _any_of(phrases: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(phrases, key=len, reverse=True)) + ")"


_LEGAL = re.compile(rf"\b{_any_of(_TABLE['legal']['anywhere'])}\b")
_LEGAL_END = re.compile(rf"(?<=\w)(?: {_any_of(_TABLE['legal']['end'])})+$")
_LEGAL_START = re.compile(rf"^(?:{_any_of(_TABLE['legal']['start'])} )+(?=\w)")
_TRADING = re.compile(
    r"(?<!\w)(?:t/as?|t\.a\.|d/?b/?a|trading (?:as|under)|(?:also |formerly )?known as|formerly)(?!\w)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ı": "i"})
_ELISION = re.compile(r"\b[ld]['’](?=\w{3})")  # l'avenir, d'exploitation
_JOINED = re.compile(r"['’`´\ufffd]|(?<=\b\w)\.(?=\w\b)")  # john's, c.i.c., a letter lost in coding
_WORD = re.compile(r"[^\W_]+")
_PAIR_OF_LETTERS = re.compile(r"\b([^\W\d]) and ([^\W\d])\b")
_LETTER_RUN = re.compile(r"\b[^\W\d](?: [^\W\d]\b)+")
_DIGITS = re.compile(r"\d+")

W = dict(place=0.65, number=1.0, l1=0.4, l2=0.6, l3=0.8, l4=0.95, lenk=0.04, aside=0.1)
P = dict(
    single=0.7,
    plural=0.94,
    edit=1.2,
    i2=0.75,
    i3=0.9,
    i4=0.97,
    cat=0.99,
    lam=0.75,
    rare=0.8,
    rp=1.0,
    pw=2.0,
    pl=0.3,
    plb=0.8,
    nd=0.4,
    ns=0.8,
    both=0.2,
)


@dataclass(frozen=True, slots=True)
class _Name:
    """A name read: its words with their weights, and what runs of them could be written as."""

    text: str
    weights: dict[str, float]
    total: float
    numbers: frozenset[str]
    runs: dict[str, tuple[str, ...]]


def parts(name: str) -> tuple[str, ...]:
    """The names that one written name holds: the legal one, then the trading names.

    >>> parts("Jones Ltd T/A Castle Cars")
    ('Jones Ltd', 'Castle Cars')
    """
    found = (part.strip(" -,;:()") for part in _TRADING.split(name[:_LONGEST]))
    return tuple(part for part in found if part)


@lru_cache(_CACHED)
def normalise(name: str) -> str:
    """`name` in one spelling, its legal form and "trading as" left out; "" if it has no word.

    >>> normalise("The Beacon Centre & Café C.I.C.")
    'beacon center and cafe'
    """
    bare = _LEGAL.sub(" ", text := _plain(" ".join(parts(name))))
    bare = " ".join(bare.split()) or text
    bare = _LEGAL_START.sub("", _LEGAL_END.sub("", bare))
    return " ".join(_SPELLING.get(word, word) for word in bare.split())


def tokens(name: str) -> tuple[str, ...]:
    """The different words of the normalised `name` in order, joining words left out.

    >>> tokens("University of the Arts Ltd")
    ('university', 'arts')
    """
    words = normalise(name).split()
    return tuple(dict.fromkeys(w for w in words if w not in _PARTICLES)) or tuple(words)


def similarity(a: str, b: str) -> float:
    """How alike two names are, 0 to 1; 1.0 when they normalise alike, 0.0 when one is empty.

    Where only one of them says what it trades as, its better-fitting name counts.
    """
    a, b = sorted((a, b))
    best = _score(_read(a), _read(b))
    parts_a, parts_b = parts(a), parts(b)
    if (len(parts_a) > 1) != (len(parts_b) > 1):
        best = max(best, *(_score(_read(x), _read(y)) for x in parts_a for y in parts_b))
    return best


def _plain(name: str) -> str:
    """Lower case, no accent or punctuation, "&" as "and", initials joined, no "the"."""
    folded = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    text = "".join(c for c in folded if not unicodedata.combining(c))
    text = _JOINED.sub("", _ELISION.sub(" ", text)).replace("&", " and ").replace("+", " and ")
    text = " ".join(word for word in _WORD.findall(text) if word != "the")
    text = _PAIR_OF_LETTERS.sub(r"\1 \2", text)
    return _LETTER_RUN.sub(lambda run: run[0].replace(" ", ""), text)


@lru_cache(_CACHED)
def _read(name: str) -> _Name:
    text = normalise(name)
    words = tokens(name)
    runs = _runs(text.split()) | _runs(words)
    aside = _aside(name, words)
    weights = {
        w: _weight(w) * (W["aside"] if w in aside else 1.0)
        for w in words
        if not _spelt_out(w, runs)
    }
    return _Name(text, weights, sum(weights.values()), frozenset(_DIGITS.findall(text)), runs)


def _weight(word: str) -> float:
    """How much `word` says of who an organisation is."""
    if word.isdigit():
        return W["number"]
    if word in _PLACES:
        return W["place"]
    if word in _TIER:
        return _TIER[word]
    n = len(word)
    if n < 5:
        return W[f"l{n}"]
    return min(1.3, 1 + W["lenk"] * (n - 5))


def _aside(name: str, words: tuple[str, ...]) -> frozenset[str]:
    """Words that only say which branch, or in brackets repeat the name with more to it."""
    starts = [i for i, word in enumerate(words) if i and word in _BRANCH]
    branch = frozenset(words[starts[0] :]) if starts else frozenset[str]()
    if "(" not in name:
        return branch
    outside = frozenset(tokens(_BRACKETS.sub(" ", name)))
    inside = frozenset(tokens(" ".join(_BRACKETS.findall(name))))
    return branch | (inside - outside) if inside & outside else branch


def _runs(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Two to seven neighbours by their initials, and two or three by their concatenation."""
    words = tuple(words)
    found = {}
    for i in range(len(words)):
        for j in range(i + 2, min(i + 7, len(words)) + 1):
            run = words[i:j]
            found.setdefault(
                "".join(w[0] for w in run), tuple(w for w in run if w not in _PARTICLES)
            )
            if j <= i + 3:
                found["".join(run)] = run
    return found


def _spelt_out(word: str, runs) -> bool:
    return len(word) > 2 and word not in runs.get(word, (word,))


def _word_likeness(a: str, b: str) -> float:
    if a[0] != b[0] or a.isdigit() or b.isdigit() or (a in _PLACES and b in _PLACES):
        return 0.0
    short, long = sorted((a, b), key=len)
    if len(short) == 1:
        return P["single"]
    if long == short + "s" and len(short) > 2:
        return P["plural"]
    most = 0 if len(short) < 5 else 1 if len(short) < 9 else 2
    if not most or len(long) - len(short) > most:
        return 0.0
    edits = OSA.distance(a, b, score_cutoff=most)
    return 1 - P["edit"] * edits / len(short) if edits <= most else 0.0


def _align(a: _Name, b: _Name):
    shared = a.weights.keys() & b.weights.keys()
    found = [(1.0, (w,), (w,)) for w in shared]
    la = a.weights.keys() - shared
    lb = b.weights.keys() - shared
    if la and lb:
        found += _take_runs(la, lb, b.runs)
        found += [(s, y, x) for s, x, y in _take_runs(lb, la, a.runs)]
        found += _take_like(la, lb)
    return found, la, lb


def _take_runs(left, other, runs):
    found = []
    for w in sorted(left):
        run = runs.get(w, ())
        if run and other.issuperset(run):
            s = P["cat"] if "".join(run) == w else P[f"i{min(len(w), 4)}"]
            found.append((s, (w,), run))
            left.discard(w)
            other.difference_update(run)
    return found


def _take_like(la, lb):
    found = []
    for s, x, y in sorted(((_word_likeness(x, y), x, y) for x in la for y in lb), reverse=True):
        if s > 0 and x in la and y in lb:
            found.append((s, (x,), (y,)))
            la.discard(x)
            lb.discard(y)
    return found


def _score(a, b):
    if not a.text or not b.text:
        return 0.0
    if a.text == b.text:
        return 1.0
    al, la, lb = _align(a, b)
    if not al:
        return 0.0
    ma = sum(s * a.weights[w] for s, ws, _ in al for w in ws)
    mb = sum(s * b.weights[w] for s, _, ws in al for w in ws)
    dice = (ma + mb) / (a.total + b.total)
    cont = max(ma / a.total, mb / b.total)
    bonus = P["lam"] * cont ** P["pw"] * min(1, min(ma, mb) / P["rare"]) ** P["rp"]
    if not la.isdisjoint(_PLACES) or not lb.isdisjoint(_PLACES):
        bonus *= P["pl"]
    s = dice + (1 - dice) * bonus
    u = min(a.total - ma, b.total - mb)
    s *= 1 - P["both"] * u / (u + min(ma, mb))
    if not la.isdisjoint(_PLACES) and not lb.isdisjoint(_PLACES):
        s *= P["plb"]
    if a.numbers and b.numbers and a.numbers != b.numbers:
        s *= P["ns"] if a.numbers <= b.numbers or b.numbers <= a.numbers else P["nd"]
    return min(s, 0.999)
