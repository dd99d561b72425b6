"""Tests of what is taken for the address of a website."""

from __future__ import annotations

import pytest

from matcher.core.web_addresses import web_address


@pytest.mark.parametrize(
    "text",
    [
        *("javascript:alert(1)", "https://me@evil.example", "n/a", "", "http://a b.example", "[::"),
        *("none.", "jo@acorn.example", "http://.none", "http://L.S.T", "12.50", "01922.555010"),
    ],
)
def test_other_words_are_no_address_of_a_website(text: str) -> None:
    assert web_address(text) == ""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("acorn.example", "https://acorn.example"),
        (" HTTP://www.acorn.example/a?b=1 ", "HTTP://www.acorn.example/a?b=1"),
        ("https://tube.example/@acorn", "https://tube.example/@acorn"),
        ("bücher.example", "https://bücher.example"),
        ("xn--bcher-kva.example:8000", "https://xn--bcher-kva.example:8000"),
        ("acorn.xn--p1ai", "https://acorn.xn--p1ai"),
    ],
)
def test_an_address_gets_the_scheme_that_it_lacks(text: str, address: str) -> None:
    assert web_address(text) == address
