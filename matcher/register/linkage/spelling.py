"""The written names of organisations, in one spelling: parts, plain words, legal forms.

Plain words are lower case, in Latin letters, without accents and punctuation.  The words that
are read are in `names.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import OSA

from matcher.register.linkage.beside_names import name_alone
from matcher.register.linkage.bracketed_company import company_in_bracket
from matcher.register.linkage.names_table import TABLE
from matcher.register.linkage.respelling import respelt

LONGEST = 200
"""Characters of a name that are read; the longest real names have about 160."""
CACHED = 1 << 12
"""Names whose reading is kept."""
PARTICLES = frozenset(TABLE["particles"])

_Phrases = dict[str, tuple[tuple[str, ...], ...]]
"""First word of a phrase → the phrases, longest first."""


def _phrases(texts: Iterable[str], *, backwards: bool = False) -> _Phrases:
    found: dict[str, set[tuple[str, ...]]] = {}
    for text in texts:
        words = tuple(text.split())[:: -1 if backwards else 1]
        found.setdefault(words[0], set()).add(words)
    return {
        first: tuple(sorted(group, key=lambda p: (-len(p), p))) for first, group in found.items()
    }


_ANYWHERE = _phrases(TABLE["legal"]["anywhere"])
_END = _phrases([*TABLE["legal"]["end"], *TABLE["legal"]["anywhere"]], backwards=True)
_MISTYPED = frozenset(TABLE["legal"]["mistyped"])
_LIMITED = "limited"
_OF_A_CLASS = frozenset(form for forms in TABLE["form_classes"].values() for form in forms)
"""Legal forms that say what an organisation is; "company" and "uk" do not."""
_START = _phrases([*TABLE["legal"]["start"], *TABLE["legal"]["anywhere"]])
BRITISH = frozenset(TABLE["legal"]["british"])
FOREIGN = frozenset(TABLE["legal"]["foreign"])
_OTHER_NAME = re.compile(
    rf"(?<!\w)(?:{'|'.join(TABLE['other_name']['joined'])})(?!\w)", re.IGNORECASE
)
_SPLITS = frozenset(
    {"aka", "anciennement", "as", "called", "commercial", "dba", "fel", "fka", "formally"}
    | {"formerly", "mar", "now", "of", "previously", "ta", "under"}
)
"""What stands between two names has one of these words, where it is letters alone."""
_TA = re.compile(r"\b(ltd|limited|llp|plc|cic)\.?,? (?:[-–—] )?(?:t\.?a\.?|now) ", re.I)
_BRACKET_AFTER_FORM = re.compile(r"\b(ltd|limited|llp|plc|cic)\b\.?,? ?\((?=\w{3})", re.IGNORECASE)
_REGISTRATION = re.compile(
    r"\b(?:company|charity) (?:registration )?(?:number|no\b\.?):? ?[a-z]{0,3}\d{5,8}"
    r"|(?:(?<=ltd)|(?<=limited)|(?<=plc)|(?<=llp)|(?<=cic))"
    r"[ .,/(–—-]{1,12}(?:[a-z]{2})?\d{6,8}\)?$",
    re.IGNORECASE,
)
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ı": "i", "þ": "th", "ß": "ss"}
)
_ELISION = re.compile(r"\b[ld]['’](?=\w{3})")  # l'avenir, d'exploitation
_JOINED = re.compile(r"['’‘`´ʹʼ]|(?<=\b\w)\.(?=\w\b)")  # john's, c.i.c.
_LOST_APOSTROPHE = re.compile(r"(?<=\w)\ufffd(?=s\b)|(?<=\bl)\ufffd(?=\w{3})")
_LOST_LETTER = re.compile(r"\ufffd(?=\w)|(?<=\w)\ufffd")
_ABBREVIATION = re.compile(r"\(([A-Za-z&]{2,6})(?:\)|$)")
_FEWEST_INITIALS, _MOST_INITIALS = 3, 7
_NOT_INITIALS = frozenset(
    {
        "and",
        "cic",
        "cio",
        "east",
        "eu",
        "gb",
        "int",
        "intl",
        "ltd",
        "llp",
        "n",
        "ni",
        "north",
        "plc",
    }
    | {"roi", "s", "south", "the", "uk", "us", "usa", "west", "wales"}
)
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_PAIR_OF_LETTERS = re.compile(r"\b([^\W\d]) and ([^\W\d])\b")
_LETTER_RUN = re.compile(r"\b[^\W\d](?: [^\W\d]\b)+")
_COOPERATIVE = re.compile(r"\bco[ -]op(?=erat|s?\b)")
_FOR_WHOM = r"(?:u|you|all|life|kids|me|us)\b"
_GLUED = re.compile(rf"(?<=[a-z]{{3}})([24])(?={_FOR_WHOM})")
_FOR_OR_TO = re.compile(rf"\b([24]) ({_FOR_WHOM})(?! saints)")
"""A number for a word: 'care4u', 'Advocacy 4 All'."""
_NUMBER = re.compile(r"\bno (?=\d)")
_AGES = re.compile(r"\b(\d{1,2})s\b")  # under 5s, over 60s
_ENGLAND = re.compile(r"\bc ?of ?e\b")
_TOGETHER = re.compile(r"\bco-(?=[a-z]{3})")
"""Co-working, and not "& Co"."""
_FORM_GLUED = re.compile(r"(?<=[a-z]{2})(?<!un)(?=(?:ltd|limited)\b)")  # servicesltd
_DIGIT_BETWEEN = re.compile(r"(?<=[a-z]{3})(\d)(?=[a-z]{3})")  # one2one


@lru_cache(CACHED)
def parts(name: str) -> tuple[str, ...]:
    """The names in one written name: the legal name, then the trading names.

    "TA" without a stroke, and "now", are read as "trading as" after a legal form only: they have
    other meanings.

    >>> parts("Jones Ltd T/A Castle Cars"), parts("Castle Cars (Tarnwell Ltd)")
    (('Jones Ltd', 'Castle Cars'), ('Tarnwell Ltd', 'Castle Cars'))
    """
    name = name_alone(name[:LONGEST])
    letters_alone = name.isascii() and name.replace(" ", "").isalpha()
    if letters_alone and _SPLITS.isdisjoint(name.lower().split()):
        return _with_initials_after(name) or (name.strip(),)
    if "(" in name and not _OTHER_NAME.search(name) and (both := company_in_bracket(name)):
        return both
    text = _REGISTRATION.sub("", _TA.sub(r"\1 t/a ", name))
    names = (
        part.strip(" -,;:()[]\"'")
        for part in _OTHER_NAME.split(_BRACKET_AFTER_FORM.sub(r"\1 t/a (", text))
    )
    return tuple(x for part in names if part for x in abbreviated(part) or (part,))


def abbreviated(name: str) -> tuple[str, str] | None:
    """A name that gives its abbreviation: the name without it, and it; or None.

    In brackets it has some of the name's letters in their order, from the first letter on; after
    the name, all initials.

    >>> abbreviated("Ernst & Young (EY) LLP"), abbreviated("Ernst & Young (UK) LLP")
    (('Ernst & Young LLP', 'EY'), None)
    >>> abbreviated("Kestrel Heron Union - KHU")
    ('Kestrel Heron Union', 'KHU')
    """
    match = _ABBREVIATION.search(name) if "(" in name else None
    if match is None:
        return _with_initials_after(name)
    if match[1].casefold() in _NOT_INITIALS:
        return None
    rest = f"{name[: match.start()].rstrip()}{name[match.end() :]}"
    short, letters = match[1].casefold().replace("&", ""), plain(rest).replace(" ", "")
    if short.startswith("t") and rest[:4].casefold() == "the ":
        letters = f"the{letters}"
    left = iter(letters)
    if len(letters) <= len(short) or letters[:1] != short[:1] or any(c not in left for c in short):
        return None
    return rest, match[1]


def _with_initials_after(name: str) -> tuple[str, str] | None:
    rest, _, last = name.rstrip().rpartition(" ")
    if not (_FEWEST_INITIALS <= len(last) <= _MOST_INITIALS and last.isupper() and last.isalpha()):
        return None
    if last.casefold() in _NOT_INITIALS:
        return None
    rest = rest.rstrip(" -–—")
    words = plain(rest).split()
    telling = [word for word in words if word not in PARTICLES]
    initials = {"".join(word[0] for word in some) for some in (words, telling)}
    return (rest, last) if last.casefold() in initials else None


@lru_cache(CACHED)
def plain(name: str) -> str:
    """Lower case, Latin letters, no accent or punctuation, "&" as "and", initials joined, no "the".

    >>> plain("The Łódź C.I.C. & „Българско Радио“")
    'lodz cic and balgarsko radio'
    """
    text = name.casefold()
    if "ltd" in text or "limited" in text:
        text = _FORM_GLUED.sub(" ", text)
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", text).translate(_LETTERS).replace("ъ", "a")
        text = "".join(c for c in folded if not unicodedata.combining(c))
    if not text.isascii() or "co op" in text or not text.replace(" ", "").isalpha():
        text = _spelt_out(text)
    words = text.split()
    text = " ".join([word for word in words if word != "the"] if "the" in words else words)
    if "cofe" in words or " of e" in text:
        text = _ENGLAND.sub("church of england", text)
    if 1 not in map(len, words):
        return text
    if " and " in text:
        text = _PAIR_OF_LETTERS.sub(r"\1 \2", text)
    return _LETTER_RUN.sub(lambda run: run[0].replace(" ", ""), text)


def _spelt_out(text: str) -> str:
    """The words of a lower-case text that has more in it than letters and spaces."""
    if "\ufffd" in text:  # a letter that was lost is most often é; before an s, an apostrophe
        text = _LOST_LETTER.sub("e", _LOST_APOSTROPHE.sub("'", text)).replace("\ufffd", " ")
    text = _TOGETHER.sub("co", _COOPERATIVE.sub("coop", _ELISION.sub(" ", text)))
    text = _JOINED.sub("", text).replace("&", " and ").replace("+", " and ")
    if not text.isascii():
        text = "".join(c if c.isascii() or not c.isalnum() else _latin(c) for c in text)
        text = text.casefold()
    if not _DIGIT.search(text):
        return " ".join(_WORD.findall(text))
    text = " ".join(_WORD.findall(_DIGIT_BETWEEN.sub(r" \1 ", _GLUED.sub(r" \1 ", text))))
    text = _AGES.sub(r"\1", text)
    return _NUMBER.sub("number ", _FOR_OR_TO.sub(_in_words, text))


def _in_words(number: re.Match[str]) -> str:
    word = "you" if number[2] == "u" else number[2]
    return f"{'for' if number[1] == '4' else 'to'} {word}"


def _latin(letter: str) -> str:
    """One letter or digit of another alphabet in Latin letters; a space after an ideograph."""
    latin = anyascii(letter).replace("'", "")
    return f" {latin} " if letter >= "\u2e80" else latin


@lru_cache(CACHED)
def without_form(
    text: str, kept_words: frozenset[str] = frozenset()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a plain `text` without legal forms, and the forms that were left out.

    A legal form stays where nothing else would, and where it has one of `kept_words`.
    """
    words = text.split()
    kept: list[str] = []
    forms: list[str] = []
    at = 0
    while at < len(words):
        form = _at(_ANYWHERE, words[at : at + 6]) if words[at] in _ANYWHERE else ()
        if form and kept_words.isdisjoint(form):
            forms.append(" ".join(form))
            at += len(form)
        else:
            kept.append(words[at])
            at += 1
    if not kept:
        return tuple(words), ()
    while len(kept) > 1:
        form = _at(_END, kept[:-7:-1])
        if form and len(form) < len(kept) and kept_words.isdisjoint(form):
            forms.append(" ".join(reversed(form)))
            del kept[-len(form) :]
        elif not form and _OF_A_CLASS.isdisjoint(forms) and (meant := _mistyped(kept[-1])):
            forms.append(meant)
            kept.pop()
        else:
            break
    while len(kept) > 1 and (form := _at(_START, kept[:6])) and len(form) < len(kept):
        if not kept_words.isdisjoint(form):
            break
        forms.append(" ".join(form))
        del kept[: len(form)]
    return tuple(kept), tuple(forms)


def _mistyped(word: str) -> str:
    """The legal form that a word is with one typing error, or cut off; '' where it is none.

    A shorter form than "limited" with an error may be an abbreviation: `company_names.meant_names`.
    """
    if word in _MISTYPED:
        return word
    return _LIMITED if OSA.distance(word, _LIMITED, score_cutoff=1) == 1 else ""


def _at(phrases: _Phrases, words: list[str]) -> tuple[str, ...]:
    """The longest phrase that `words` begin with; () where none."""
    for phrase in phrases.get(words[0], ()):
        if tuple(words[: len(phrase)]) == phrase:
            return phrase
    return ()


@lru_cache(CACHED)
def words_and_forms(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The plain words of `name` without legal forms and "trading as", and the legal forms."""
    return without_form(plain(" ".join(parts(name))))


@lru_cache(CACHED)
def normalise(name: str) -> str:
    """`name` in one spelling, without legal form and "trading as"; "" if it has no words.

    >>> normalise("The Beacon Centre & Café C.I.C.")
    'beacon center and cafe'
    """
    words, _ = words_and_forms(name)
    return " ".join(respelt(words))
