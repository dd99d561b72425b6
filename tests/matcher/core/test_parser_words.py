"""The words of a parser, told to people."""

from __future__ import annotations

import tomllib
from typing import Annotated, Any

import msgspec
import pytest

from matcher.core.parser_words import in_words

Positive = Annotated[float, msgspec.Meta(ge=0)]


class Money(msgspec.Struct, forbid_unknown_fields=True):
    total: int
    parts: list[float] = []
    tax: Positive = 0.0


class Picture(msgspec.Struct, forbid_unknown_fields=True):
    place: str
    money: Money | None = None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "place is missing"),
        ('{"place": 3}', "place: text belongs there, and it is a whole number"),
        ('{"place": "x", "money": {}}', "money.total is missing"),
        ('{"place": "x", "colour": 1}', "colour is not known"),
        (
            '{"place": "x", "money": {"total": 1, "parts": ["a"]}}',
            "money.parts[0]: a number belongs there, and it is text",
        ),
        (
            '{"place": "x", "money": {"total": 1, "tax": -1}}',
            "money.tax: a number of at least 0.0 belongs there",
        ),
        ('{"place": "x"', "it ends too early"),
        ("hello", "it is not JSON, from character 1 on"),
    ],
)
def test_what_a_saved_file_lacks_is_said_by_its_field(content: str, words: str) -> None:
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(content, type=Picture)
    assert in_words(caught.value) == words


def test_a_line_of_toml_is_named() -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads('body = "x"\nsupplier Vendor\n')
    words = in_words(caught.value)
    assert words.startswith("line 2: ")
    assert "column" not in words


def test_what_is_no_text_is_said_so() -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        b"\xff\xfe".decode()
    assert in_words(caught.value) == "it is not text in UTF-8"


def test_other_words_stay() -> None:
    assert in_words(ValueError("no day")) == "no day"


@pytest.mark.parametrize(
    ("document", "words"),
    [({}, "shortlists is missing"), ([], "a part of it is of another kind")],
)
def test_a_part_that_is_missing_or_of_another_kind_is_told_without_python(
    document: Any, words: str
) -> None:
    with pytest.raises((KeyError, TypeError)) as caught:
        document["shortlists"]
    assert in_words(caught.value) == words
