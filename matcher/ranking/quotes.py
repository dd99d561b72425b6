"""What a provider says of its work: labels, phrases that a lot shares, the nearest sentence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from matcher.core.types import PAID_FOR, Provider
from matcher.law.types import Signal
from matcher.ranking.query import Query
from matcher.register.analysis import labels_of, named_places
from matcher.register.encoded_texts import sentences_of
from models import text

_LONGEST = 240
_SHOUTED = re.compile(r"[^a-z]{16,}")
"""Text in capitals, of more than a few words."""
_CAPITALS = re.compile(r"\b[A-Z]{2,5}\b")
_RUN = 4
_JOINS = frozenset(
    {" ", " and ", " & ", " or ", " of ", " for ", " with ", " in ", " to ", " the ", "-", "/"}
)
"""What may stand between two shared words of one phrase."""
_VAGUE = frozenset(
    stem
    for word in (
        *("run", "site", "people", "person", "support", "help", "old", "en", "day", "close"),
        *("free", "level", "look", "open", "group", "local", "individual", "activities", "member"),
        *("build", "community", "use", "need", "area", "public", "time", "year", "make", "good"),
        *("different", "including", "available", "staff", "cover", "hold", "lead", "manage"),
        *("lost", "face", "session", "leave", "seek", "meet", "scheme", "recent", "alternative"),
        *("place", "reduce", "receive", "anti", "multi", "self"),
    )
    for stem in text.words(word)
)
"""Stems of words that alone do not say what work it is."""
_TAGGED = re.compile(r"(?:sector|ownership|size|legal form|sic)\s*:", re.IGNORECASE)
_CODE = re.compile(r"\A(?:[A-Z]{1,4}\.?\d{2,12}|\d{3,12})[.\d]{0,12}[A-Z]?\s+")
"""The code in front of a label."""
_CODED = re.compile(
    r"\A(?:[A-Z]\.\d{3,5}|\d{1,2}(?:\.\d{1,2}){1,3}(?: ?\.)?)\s+(?=[A-Z][a-z ]|\(|(?:THE|TO) [A-Z])"
)
"""The number of a clause in front of a sentence: 'C.0001', '5.2.1'; not 'A303', '9.30 AM'."""
_LISTED = re.compile(
    r"\A(?:(?:and|or) )?\(?(?:\d{1,2}|[a-z]|[ivx]{2,4})\)(?:\s+(?=\w)|(?=[a-z]{2}))",
    re.IGNORECASE,
)
"""The number of a point in a list: '(b)', 'ii)', 'and iii)'."""
_SPOKEN = re.compile(r"[^\W\d_]{3,}")
_FEWEST = 2
"""The words of three letters or more that a sentence has at least: '3.1 .' says nothing."""
_OWNED = re.compile(
    r"(?:ownership|size|legal|form|code|legal form|[\w-]{0,20}org-?type):", re.IGNORECASE
)
"""The tags that say who owns a body, how large it is or what its legal form is."""
_LEGAL_FORM = re.compile(
    r"(?:(?:registered|excepted|exempt) charity|registered society|royal charter|trust|other"
    r"|(?:charitable )?unincorporated association|(?:charitable )?company|charitable trust"
    r"|(?:charity|charitable) incorporated organi[sz]ation|scottish charity"
    r"|(?:community interest|private limited|public limited) company"
    r"|(?:(?:private |community interest |charitable )?company )limited by (?:guarantee|shares)"
    r"|community (?:benefit|interest) (?:society|company)|co-?operative society"
    r"|limited liability partnership|sole trader|partnership"
    r"|an? (?:workers|consumer|community|multi-stakeholder) co-?operative)",
    re.IGNORECASE,
)
"""Labels that say only what a body is in law."""
_END = re.compile(r"\s(?:(?<=[.;!?]\s)\s*|(?<=\n))")
"""The space after a sentence, or a new line; sought by the space, which is quick."""
BEFORE, AFTER = "… ", " …"
"""What a quote begins and ends with where its sentence has more."""
_NEAR = 0.3
"""The cosine from which a sentence without a shared word is quoted."""
_OF_MEANING = 0.25
"""What a cosine of one counts, beside the words that are shared: the twelve of most weight count
one together."""


def telling(words: Iterable[str]) -> list[str]:
    """The words and phrases that have a word which says what work it is."""
    return [each for each in words if not _VAGUE.issuperset(text.stems(each))]


@lru_cache(1 << 12)
def work_labels(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The labels among tags for the work done, without codes: not those of who owns it."""
    named = labels_of(tag for tag in tags if not _OWNED.match(tag))
    words = (_CODE.sub("", f"{label} ").strip() for label in named)
    said = (word for word in words if word and not _LEGAL_FORM.fullmatch(word))
    return tuple({word.casefold(): word for word in said}.values())


def paid_for(provider: Provider) -> Iterator[str]:
    """What the provider was paid for, in the words of those who paid."""
    return (tag.removeprefix(PAID_FOR) for tag in provider.tags if tag.startswith(PAID_FOR))


def own_words(provider: Provider) -> str:
    """The profile without the sentences that only repeat a label."""
    named = _label_words(provider.tags)
    return "\n".join(s for s in _END.split(provider.profile) if not _is_label(s, named))


@lru_cache(1 << 12)
def _label_words(tags: tuple[str, ...]) -> frozenset[str]:
    return frozenset(each.casefold().rstrip(". ") for each in work_labels(tags))


def _is_label(sentence: str, named: Collection[str]) -> bool:
    said = sentence.casefold().strip().rstrip(". ")
    return bool(_TAGGED.match(said) or _LEGAL_FORM.fullmatch(said)) or said in named


def nearest_sentence(
    query: Query, row: int, provider: Provider, weights: Mapping[str, float]
) -> str:
    """The sentence of a row's profile that says most about the lot; '' where none says anything.

    What counts is the words weighed in `weights`, by stem, in what the quote shows of it, and how
    near it is in meaning, for those whose vectors the register holds.  Sentences that name a place
    are left out where places may not count, and so are questions, and those that only repeat a
    label.
    """
    sentences = _said(provider)
    if not query.counts(Signal.PLACE):
        sentences = {n: one for n, one in sentences.items() if not _names_a_place(query, one)}
    lot, shown = query.encoded, {n: _cut(one) for n, one in sentences.items()}
    likeness = lot.texts.sentences_like(lot.vector, row).tolist() if lot else []
    near = {n: like for n, like in enumerate(likeness) if like >= _NEAR}
    told = {n: _shared(one, weights) + _OF_MEANING * near.get(n, 0.0) for n, one in shown.items()}
    best = max(told, key=told.__getitem__, default=None)
    return shown[best] if best is not None and told[best] else ""


def as_written(quote: str) -> str:
    """The words of a quote without the marks that its sentence has more."""
    return quote.removeprefix(BEFORE).removesuffix(AFTER)


def own_sentences(provider: Provider) -> list[str]:
    """The sentences of a profile that a quote may show, as it shows them."""
    told = list(dict.fromkeys(map(_cut, _said(provider).values())))
    short = (one.strip() for one in own_words(provider).split("\n"))
    return told or [one for one in short if _SPOKEN.search(one) and one[-1] != "?"]


def _said(provider: Provider) -> dict[int, str]:
    """The sentences of a profile by number, but labels, questions and bare clause numbers."""
    named = _label_words(provider.tags)
    every = enumerate(_whole(sentences_of(provider.profile), provider.profile))
    told = {n: one for n, one in every if not _is_label(one, named) and one[-1] != "?"}
    return {n: one for n, one in told.items() if len(_SPOKEN.findall(one)) >= _FEWEST}


def _whole(pieces: Sequence[str], profile: str) -> list[str]:
    """For each piece of a profile the whole sentence that it is of, if a full stop parted it.

    A sentence goes on to where its bracket is closed, or in small letters, up to the length of a
    quote; where it is longer, what closes the bracket begins with `BEFORE`.  One that is parted at
    the dash between two numbers goes on too.

    >>> _whole(["Meals (hot, cold, etc.", "and cakes) at noon.", "Lunch."], "")
    ['Meals (hot, cold, etc.', '… and cakes) at noon.', 'Lunch.']
    >>> pieces = ["Meals (hot, cold, etc.", "and cakes) at noon.", "Lunch."]
    >>> _whole(pieces, " ".join(pieces))[1:]
    ['Meals (hot, cold, etc. and cakes) at noon.', 'Lunch.']
    >>> _whole(["Play for ages 0", "5 years"], "Play for ages 0 - 5 years")[0]
    'Play for ages 0 - 5 years'
    """
    wholes: list[str] = []
    sizes: list[int] = []
    for piece in pieces:
        said = wholes[-1] if wholes else ""
        is_open = _opened(said) > 0 > _opened(piece)
        goes_on = is_open or (said.endswith(".") and piece[0].islower())
        numbers = said[-1:].isdecimal() and piece[0].isdecimal()
        whole = f"{said} - {piece}" if numbers else f"{said} {piece}"
        if (goes_on or numbers) and len(whole) <= _LONGEST and whole in " ".join(profile.split()):
            wholes[-1], sizes[-1] = whole, sizes[-1] + 1
        else:
            wholes.append(f"{BEFORE}{piece}" if is_open else piece)
            sizes.append(1)
    return [one for one, size in zip(wholes, sizes, strict=True) for _ in range(size)]


def _opened(piece: str) -> int:
    """How many more brackets it opens than it closes."""
    return piece.count("(") - piece.count(")")


def as_in(content: str, words: Sequence[str]) -> tuple[str, ...]:
    """Words of `content` in small letters, but for short ones that it has in capitals: "NHS".

    >>> as_in("NHS health CHECKS", ["nhs", "health", "checks"])
    ('NHS', 'health', 'checks')
    """
    if not any(word.upper() in content for word in words):
        return tuple(words)
    capitals = set(_CAPITALS.findall(_SHOUTED.sub(" ", content)))
    return tuple(word.upper() if word.upper() in capitals else word for word in words)


def _shared(content: str, weights: Mapping[str, float]) -> float:
    """The weight of the words that say what work it is, of those weighed."""
    return sum(weights[stem] for stem in text.spellings(content, weights) if stem not in _VAGUE)


def shared_phrases(content: str, weights: Mapping[str, float], most: int) -> list[str]:
    """Up to `most` phrases of `content`, as they stand there, whose words are weighed, by weight.

    A phrase joins weighed words that follow each other, or that only a word such as "and" parts.
    Of words with one stem, only the first counts.  Phrases that say little are left out.
    """
    stems = text.stems_as_written(content)
    left = set(stems).intersection(weights)
    if not left:
        return []
    runs: list[tuple[float, int, int, int]] = []
    end = -1
    for match, stem in zip(text.WORD.finditer(content), stems, strict=True):
        if stem not in left:
            continue
        left.remove(stem)
        weight = weights[stem]
        total, start, _, words = runs[-1] if runs else (0.0, 0, 0, _RUN)
        gap = content[end : match.start()].lower()
        if words < _RUN and (gap == " " or (gap in _JOINS and stem not in _VAGUE)):
            runs[-1] = total + weight, start, match.end(), words + 1
        else:
            runs.append((weight, match.start(), match.end(), 1))
        if not left:
            break
        end = match.end()
    best = sorted(runs, key=lambda run: -run[0])
    found = telling(content[start:end] for _, start, end, _ in best)
    return [_lower(phrase, content) for phrase in found[:most]]


def _lower(phrase: str, content: str) -> str:
    """Words in lower case, but for short ones in capitals, such as HVAC, in other text."""
    words = phrase.split()
    kept = {w for w in words if w.isupper() and len(w) < 6}
    if kept:
        shouted = [content] if content.isupper() else _SHOUTED.findall(content)
        kept = set() if any(phrase in each for each in shouted) else kept
    return " ".join(w if w in kept else w.lower() for w in words)


def _names_a_place(query: Query, sentence: str) -> bool:
    known, encoder = query.knowledge.background.places, query.knowledge.encoder
    stems = set(text.words(sentence))
    listed = stems & known or (encoder and stems & encoder.place_names)
    return bool(listed or named_places(sentence))


def _cut(sentence: str) -> str:
    sentence = _LISTED.sub("", _CODED.sub("", sentence.strip(" -–•*;,")))
    if len(sentence) <= _LONGEST:
        return sentence
    return sentence[:_LONGEST].rsplit(" ", 1)[0] + AFTER
