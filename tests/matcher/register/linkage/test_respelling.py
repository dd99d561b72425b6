"""One spelling for abbreviations, numbers, Welsh words and councils."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.register.linkage.names_table import TABLE
from matcher.register.linkage.respelling import respelt


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("ninety nine", "99"),
        ("twenty twenty", "20 20"),
        ("thirty first street", "31 street"),
        ("22nd glanmor scouts", "22 glanmor scouts"),
        ("twenty eleven", "20 11"),
        ("gymunedol", "gymunedol"),
        ("canolfan gymunedol", "center community"),
        ("tai", "tai"),
        ("cymdeithas dai", "association housing"),
        ("ysgol ar fferm", "school ar fferm"),
        ("cymdeithas rhieni ac athrawon", "association parents and teachers"),
        ("royal borough of glanmor and dale", "glanmor and dale council"),
        ("council of the borough of glanmor", "council of the borough of glanmor"),
        ("council of borough of glanmor", "glanmor borough council"),
        ("borough of glanmor council", "glanmor borough council"),
        ("glanmor metropolitan borough council", "glanmor council"),
        ("glanmor borough council", "glanmor borough council"),
        ("borough road school", "borough road school"),
        ("borough", "borough"),
        ("kestrel fund viii", "kestrel fund 8"),
        ("vi therapy", "vi therapy"),
        ("kestrel heron fund i", "kestrel heron fund 1"),
        ("kestrel i", "kestrel i"),
        ("over sixties club", "over 60 club"),
    ],
)
def test_words_are_respelt(written: str, spelt: str) -> None:
    assert " ".join(respelt(written.split())) == spelt


WORDS = st.sampled_from(
    [*TABLE["welsh"], *TABLE["tens"], *TABLE["numbers"], "borough", "of", "london", "council"]
)


@given(st.lists(WORDS, max_size=8))
def test_what_is_respelt_has_no_blank_word(words: list[str]) -> None:
    spelt = respelt(words)
    assert all(word and " " not in word for word in spelt)
    assert bool(spelt) == bool(words)
