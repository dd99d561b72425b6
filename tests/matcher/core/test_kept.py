"""Results that are kept: the same answers, short texts read once, long ones not held."""

from __future__ import annotations

from matcher.core.kept import SHORT, kept


def test_a_short_text_is_read_once_for_each_further_argument() -> None:
    read: list[tuple[str, int]] = []

    @kept(8)
    def times(text: str, count: int) -> str:
        """Say it so often."""
        read.append((text, count))
        return text * count

    assert [times("oak ", 2), times("oak ", 2), times("oak ", 1)] == [
        "oak oak ",
        "oak oak ",
        "oak ",
    ]
    assert read == [("oak ", 2), ("oak ", 1)]
    assert times.__doc__ == "Say it so often."


def test_no_long_text_is_held() -> None:
    read: list[int] = []

    @kept(8)
    def length(text: str) -> int:
        read.append(len(text))
        return len(text)

    for _ in range(2):
        assert [length("x" * SHORT), length("x" * (SHORT + 1))] == [SHORT, SHORT + 1]
    assert read == [SHORT, SHORT + 1, SHORT + 1]


def test_only_the_last_results_are_kept() -> None:
    read: list[str] = []

    @kept(1)
    def capitals(text: str) -> str:
        read.append(text)
        return text.upper()

    assert [capitals(one) for one in "abba"] == ["A", "B", "B", "A"]
    assert read == ["a", "b", "a"]
