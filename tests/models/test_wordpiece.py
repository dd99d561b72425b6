from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.wordpiece import WordPieces

PIECES = ("[CLS]", "[SEP]", "[UNK]", "roof", "##ing", "##i", "r", "##o", "##f", "-", "2")
READS = WordPieces(PIECES)


def pieces(text: str, most: int = 96) -> list[str]:
    return [PIECES[number] for number in READS.numbers(text, most)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("roofing", ["roof", "##ing"]),
        ("roof-roof", ["roof", "-", "roof"]),
        ("roofi  2", ["roof", "##i", "2"]),
        ("ro", ["r", "##o"]),
        ("x roof", ["[UNK]", "roof"]),
        ("rx", ["[UNK]"]),
        ("r" * 101, ["[UNK]"]),
        ("", []),
    ],
)
def test_a_word_is_split_into_the_longest_pieces_known(text: str, read: list[str]) -> None:
    assert pieces(text) == ["[CLS]", *read, "[SEP]"]


@given(st.text("rofing- 2x"), st.integers(2, 12))
def test_a_text_has_at_most_so_many_pieces(text: str, most: int) -> None:
    found, whole = pieces(text, most), pieces(text, 10_000)
    assert len(found) <= most
    assert found == [*whole[: most - 1][: len(found) - 1], "[SEP]"]


def test_a_word_is_split_alike_each_time() -> None:
    assert pieces("roofing roofing") == ["[CLS]", *["roof", "##ing"] * 2, "[SEP]"]


def test_a_vocabulary_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"lacks \[CLS\], \[SEP\]"):
        WordPieces(["[UNK]", "roof"])
