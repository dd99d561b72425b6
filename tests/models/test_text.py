from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import text
from models.text import clean, counts, plain, spellings, words

readable = st.text(st.characters(codec="utf-8"), max_size=80)
letters = st.text("abcdefgh éàüîç-'.,;0123456789\n", max_size=80)


@given(st.text(st.characters(categories=["L", "M", "Nd"]) | st.sampled_from("-'&."), max_size=20))
def test_the_stem_of_a_word_is_the_first_of_its_stems(word: str) -> None:
    assert text.stem(word) == next(iter(words(word)), "")


# --- what is said in every notice -------------------------------------------------------


BOILERPLATE = [
    "This is an award notice for the purposes of transparency.",
    "THIS IS A CONTRACT AWARD NOTICE",
    "This opportunity has been distributed on ProContract",
    "For further information about this opportunity visit the portal below.",
    "Please note that late tenders will not be read.",
    "Please register on our portal.",
    "To access the documents log in to the eProcurement portal at any hour.",
    "Suppliers wishing to apply must do so by noon.",
    "Contract award notice",
    "Award notice",
    "<p class='x'></p>",
    "https://procontract.due-north.com/Advert?advertId=9",
    "www.example.org/gritting",
    "roads@example.gov.uk",
    "[SUPPLIER]",
    "[e-mail]",
]


@pytest.mark.parametrize("boilerplate", BOILERPLATE)
def test_boilerplate_is_removed(boilerplate: str) -> None:
    assert words(f"Gritting of roads.\n{boilerplate}\nMowing") == words("Gritting roads mowing")


@given(st.permutations(BOILERPLATE))
def test_boilerplate_is_removed_from_any_text(said: list[str]) -> None:
    assert words("\nMowing.\n".join(said)) == words("mowing") * (len(said) - 1)


@pytest.mark.parametrize("boilerplate", BOILERPLATE)
def test_boilerplate_is_removed_from_text_with_accents(boilerplate: str) -> None:
    assert words(f"Café – gritting.\n{boilerplate}\nMowing") == words("cafe gritting mowing")


def test_the_word_award_after_a_dash_at_the_end_of_a_title_is_removed() -> None:
    assert words("Gritting - Award") == words("Gritting - awarded\n") == words("Gritting")
    assert words("Gritting - awarded roads\nMowing") == words("Gritting roads mowing")


def test_a_boilerplate_sentence_takes_only_itself() -> None:
    assert words("Please note the date. Mowing of verges.") == words("Mowing verges")
    assert words("THIS IS AN AWARD NOTICE\nMowing of verges") == words("Mowing verges")


@pytest.mark.parametrize("stop", ["the", "The", "AND", "authority", "awarded", "tender"])
def test_stop_words_are_removed(stop: str) -> None:
    assert words(f"{stop} mowing {stop}") == words("mowing")


def test_a_word_has_two_letters_at_least_and_no_digits() -> None:
    assert words("a b 7 2026 CO2 x-ray 3D") == words("co ray")


# --- one spelling for one word ----------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "cafe"),
        ("Cafe\u0301", "cafe"),
        ("Tâf", "taf"),
        ("GRITTING", "gritting"),
        ("home-care", "home care"),
        ("Adults&#39; caf&eacute; &amp; meals", "adults cafe meals"),
        ("mowing<br/>verges", "mowing verges"),
        ("cleaners", "cleaner"),
        ("walked", "walking"),
    ],
)
def test_words_are_the_same_however_they_are_written(one: str, other: str) -> None:
    assert words(one) == words(other) != []


def test_words_come_in_order_with_repeats() -> None:
    mow, verge = words("mowing")[0], words("verges")[0]
    assert words("Mowing verges, verges; mowing") == [mow, verge, verge, mow]


@given(letters)
def test_case_and_the_way_an_accent_is_coded_change_nothing(said: str) -> None:
    assert words(said.upper()) == words(said)
    assert words(unicodedata.normalize("NFD", said)) == words(said)


@given(letters)
def test_cleaning_twice_is_cleaning_once(said: str) -> None:
    once = clean(said)
    assert clean(once) == once
    assert words(once) == words(said)


@given(readable)
def test_any_text_can_be_cleaned(said: str) -> None:
    assert clean(said).isascii()
    assert clean(said) == clean(said).lower()
    assert all(stem.isascii() and stem.isalpha() for stem in words(said))


def test_a_very_long_run_without_a_blank_is_read_in_reasonable_time() -> None:
    """Each of its letters was once taken for the beginning of an address."""
    run = "_" * 400_000
    assert words(f"mowing {run} roads@example.org verges") == words("mowing verges")


# --- counted and shown ------------------------------------------------------------------


def test_counts_add_up_by_weight() -> None:
    mow, verge = words("mowing")[0], words("verges")[0]
    assert counts([("Mowing", 2.0), ("mowing verges mowing", 0.5)]) == {mow: 3.0, verge: 0.5}
    assert counts([]) == {}


@given(st.lists(st.tuples(letters, st.sampled_from([0.5, 1.0, 2.0])), max_size=4))
def test_no_word_is_lost_in_counting(texts: list[tuple[str, float]]) -> None:
    total = sum(len(words(said)) * weight for said, weight in texts)
    assert sum(counts(texts).values()) == pytest.approx(total)


def test_a_spelling_is_the_first_word_with_the_stem() -> None:
    stem = words("cleaning")[0]
    assert spellings("Cleaned, then cleaning", [stem, "absent"]) == {stem: "cleaned"}
    assert spellings("Mowing", [stem]) == {}


def test_forgetting_stems_changes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "mowing verges gritting roads mowing"
    heard = words(said)
    monkeypatch.setattr(text, "_MAX_CACHED", 2)
    assert words(said) == heard
    assert list(spellings(said, heard).values()) == ["mowing", "verges", "gritting", "roads"]


@given(letters, letters)
def test_spellings_are_words_of_the_text_with_shared_stems(said: str, asked: str) -> None:
    found = spellings(said, words(asked))
    assert set(found) == set(words(said)) & set(words(asked))
    assert all(word in clean(said) and words(word) == [stem] for stem, word in found.items())


# --- plain ------------------------------------------------------------------------------


@given(readable)
def test_plain_of_plain_is_itself(said: str) -> None:
    assert plain(plain(said)) == plain(said)
    assert plain(f"  {said}!") == plain(said)


def test_plain_keeps_numbers_and_stop_words() -> None:
    assert plain("The 1st  Walsall (Scouts) & Café") == "the 1st walsall scouts cafe"
