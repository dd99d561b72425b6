"""The short way in which most names are read gives the same as the long one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.register.linkage import spelling
from matcher.register.linkage.names_table import TABLE
from matcher.register.linkage.spelling import parts, plain

WORDS = st.sampled_from(
    [
        *[
            "Kestrel",
            "Heron",
            "Ltd",
            "LIMITED",
            "the",
            "and",
            "a",
            "b",
            "T",
            "A",
            "of",
            "as",
            "Trading",
            "under",
            "name",
        ],
        "trading as",
    ]
)


@given(st.sampled_from(TABLE["other_name"]["joined"]).flatmap(st.from_regex))
def test_no_name_is_read_whole_that_has_a_second_name_in_it(between: str) -> None:
    between = between.strip()
    letters = all(word.isascii() and word.isalpha() for word in between.split())
    text = f"Kestrel {' '.join(between.split())} Heron"
    if letters and spelling._OTHER_NAME.search(text):
        assert not spelling._SPLITS.isdisjoint(text.lower().split())


def test_trading_as_after_a_legal_form_is_seen_in_letters_alone() -> None:
    assert parts("Kestrel Ltd TA Heron Cars") == ("Kestrel Ltd", "Heron Cars")


@given(st.lists(WORDS, min_size=1, max_size=7).map(" ".join))
def test_a_name_of_letters_alone_has_the_parts_that_it_has_with_a_comma_after_it(
    name: str,
) -> None:
    """Anything but letters and spaces is read the long way, and a comma at the end says nothing."""
    assert parts(name) == parts(f"{name},")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Kestrel CareLtd", "kestrel care ltd"),
        ("KestrelLimited", "kestrel limited"),
        ("UnLtd", "unltd"),
        ("Skillsunlimited", "skillsunlimited"),
        ("Kestrel Unlimited", "kestrel unlimited"),
        ("Over 60s Club, since the 1960s", "over 60 club since 1960s"),
    ],
)
def test_a_legal_form_and_an_age_are_read_though_they_are_written_together(
    written: str, read: str
) -> None:
    assert plain(written) == read


@given(
    st.lists(st.sampled_from(["a", "b", "c", "and", "kestrel", "the"]), max_size=7).map(" ".join)
)
def test_single_letters_are_joined_however_the_others_are_written(name: str) -> None:
    assert plain(name) == plain(f"{name}!")
