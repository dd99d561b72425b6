from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.coder import BUCKETS, Coder, Vocabulary, letters, name_words

words = st.sampled_from(["roof", "slate", "meal", "lunch", "choir"])
documents = st.lists(st.lists(words, max_size=4), max_size=12)


@given(documents, st.integers(1, 4), st.floats(0.1, 1))
def test_terms_are_those_in_enough_and_not_too_many_documents(
    told: list[list[str]], least: int, most: float
) -> None:
    terms = Vocabulary.of(told, least, most)
    count = {w: sum(w in each for each in told) for each in told for w in each}
    too_many = max(most * len(told), least)
    assert terms.terms == tuple(sorted(w for w, n in count.items() if least <= n <= too_many))
    rarity = [np.log((len(told) + 1) / (count[w] + 1)) for w in terms.terms]
    assert terms.rarity == pytest.approx(np.array(rarity), abs=1e-6)
    assert (terms.rarity >= 0).all()


@given(documents, st.dictionaries(words, st.floats(0.5, 9)))
def test_a_row_has_the_length_one_or_is_empty_and_names_no_column_twice(
    told: list[list[str]], counts: dict[str, float]
) -> None:
    terms = Vocabulary.of(told, 1)
    at, values = terms.row(counts)
    assert {terms.terms[i] for i in at} == set(counts) & set(terms.terms)
    assert len(set(at.tolist())) == len(at) == len(values)
    if len(values) and terms.rarity[at].any():
        assert float(np.linalg.norm(values)) == pytest.approx(1, abs=1e-5)


def test_rarer_and_more_frequent_words_weigh_more() -> None:
    terms = Vocabulary.of([["roof", "slate"], ["roof"], ["roof", "meal"]], 1)
    at, values = terms.row({"roof": 1, "slate": 1, "meal": 4})
    weight = dict(zip([terms.terms[i] for i in at], values.tolist(), strict=True))
    assert weight["meal"] > weight["slate"] > weight["roof"]


@pytest.fixture
def coder() -> Coder:
    told = [["roof"], ["slate"], ["meal"]]
    return Coder(
        words=Vocabulary.of(told, 1),
        codes=Vocabulary.of([["45"], ["55"]], 1),
        name_words=Vocabulary.of(told, 1),
        letters=np.ones(BUCKETS, np.float32),
        places=frozenset({"walsal"}),
    )


def test_columns_of_words_come_before_those_of_codes(coder: Coder) -> None:
    at, values = coder.text({"meal": 1.0}, ("55",))
    assert at.tolist() == [coder.words.terms.index("meal"), len(coder.words) + 1]
    assert values[0] > values[1] > 0
    assert coder.text_columns == len(coder.words) + len(coder.codes)


def test_columns_of_a_name_are_its_words_and_its_letters(coder: Coder) -> None:
    at, values = coder.name(("Slate", "Zork"))
    own, buckets = at < len(coder.name_words), at >= len(coder.name_words)
    assert [coder.name_words.terms[i] for i in at[own]] == ["slate"]
    assert {int(i) - len(coder.name_words) for i in at[buckets]} == set(letters(("Slate", "Zork")))
    assert at.max() < coder.name_columns == len(coder.name_words) + BUCKETS
    for half in (own, buckets):
        assert float(values[half] @ values[half]) == pytest.approx(0.5, abs=1e-5)


def test_words_of_places_and_of_legal_forms_say_nothing(coder: Coder) -> None:
    assert name_words(("Walsall Slate", "Walsall"), coder.places) == ["slate"]
    assert letters(("Walsall", "The Walsall Company Ltd"), coder.places) == {}
    assert letters(("Slate Ltd",)) == letters(("The Slate Group",)) == letters(("SLATE",))


def test_a_compound_shares_letters_with_its_parts() -> None:
    whole, part, other = (set(letters((n,))) for n in ("Rooftop", "Roof", "Choir"))
    assert len(whole & part) > 3
    assert len(whole & other) < 2


@given(st.text(max_size=30))
def test_letters_fall_into_buckets_whatever_the_name(name: str) -> None:
    count = letters((name,))
    assert all(0 <= bucket < BUCKETS and n > 0 for bucket, n in count.items())
