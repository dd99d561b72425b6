"""The reading age of a text, by a published formula."""

from __future__ import annotations

import pytest

from tests.reading import own_words, reading_age, syllable_count


def test_longer_sentences_and_longer_words_are_harder() -> None:
    plain = "We keep the form for two weeks. You can delete it."
    longer = "We keep the form for two weeks and you can delete it if you want to do so."
    harder = "Documentation is retained temporarily. Individuals may request its elimination."
    assert reading_age([plain]) < reading_age([longer])
    assert reading_age([plain]) < 9
    assert reading_age([harder]) > 14


def test_the_age_is_the_flesch_kincaid_grade_and_five_years() -> None:
    """Six words of one syllable in one sentence: 0.39 x 6 + 11.8 x 1 - 15.59 + 5."""
    assert reading_age(["The cat sat on the mat."]) == pytest.approx(3.55)


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("list", 1),
        ("provider", 3),
        ("council", 2),
        ("matched", 1),
        ("included", 3),
        ("made", 1),
        ("table", 2),
    ],
)
def test_syllables_are_counted(word: str, syllables: int) -> None:
    assert syllable_count(word) == syllables


def test_names_buttons_and_what_others_wrote_do_not_count() -> None:
    assert reading_age(["Home care", "Save"]) == 0.0
    page = (
        "<main id='main-content'><p>Our own words are here.</p>"
        "<ul><li class='lbd-card'><p>Their words are there.</p></li></ul></main>"
    )
    assert list(own_words(page)) == ["Our own words are here."]
