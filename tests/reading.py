"""How hard a text is to read: the age at which a person can read it.

The Flesch-Kincaid grade (Kincaid and others, 1975) is the school year in the United States; a
pupil is five years older.  Syllables are counted by groups of vowels, without those not spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import html

_WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?<![aeiouytd])ed$|(?<![aeiouyl])e$|(?<![aeiouyscxzgl])es$")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)")
_FEWEST_WORDS = 4
"""Shorter pieces are names, labels or buttons, and no sentences."""


_PIECES = ("p", "li", "label", "legend", "summary", "dd", "td", "caption", "figcaption", "h1", "h2",
           "h3")  # fmt: skip
_NOT_OURS = ("lbd-card", "lbd-code", "lbd-prose", "lbd-fact", "lbd-evidence")
"""Classes of what providers, buyers and officers wrote, and of ids."""


def own_words(source: str) -> Iterator[str]:
    """The pieces of text of a page's main part that are the page's own."""
    main = html.fromstring(source).get_element_by_id("main-content")
    for element in [*main.iter("textarea", "option", "svg"), *_of_classes(main, _NOT_OURS)]:
        if element.getparent() is not None:
            element.drop_tree()
    for element in [*main.iter(*_PIECES), *_of_classes(main, ("govuk-hint",))]:
        if next(element.iterdescendants("p", "li", "dd"), None) is None:
            yield " ".join(element.text_content().split())


def _of_classes(main: html.HtmlElement, names: Iterable[str]) -> Iterator[html.HtmlElement]:
    for name in names:
        yield from main.find_class(name)


def reading_age(pieces: Iterable[str]) -> float:
    """The age at which a person can read the sentences of these pieces; 0 without any."""
    sentences = [
        words
        for piece in pieces
        for sentence in _SENTENCE_END.split(piece)
        if len(words := _WORD.findall(sentence)) >= _FEWEST_WORDS
    ]
    if not sentences:
        return 0.0
    words = [word for sentence in sentences for word in sentence]
    syllables = sum(map(syllable_count, words))
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    return grade + 5


def syllable_count(word: str) -> int:
    """About how many syllables a word has, at least 1."""
    return max(1, len(_VOWELS.findall(_SILENT.sub("", word.casefold()))))
