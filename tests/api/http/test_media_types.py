"""What a client's `Accept` asks for."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from api.http.media_types import wants_lines

BOTH = "application/json, application/x-ndjson"


@pytest.mark.parametrize(
    ("accept", "lines"),
    [
        ("application/x-ndjson", True),
        ("Application/X-NDJSON", True),
        (BOTH, True),
        ("application/x-ndjson;q=0.9, application/json; q=0.8", True),
        ("application/x-ndjson;charset=utf-8, */*;q=0.1", True),
        (f"{BOTH};q=0.1", False),
        (f"{BOTH};q=0", False),
        ("application/x-ndjson;q=0", False),
        ("application/json", False),
        ("application/x-ndjson-more", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_lines_are_sent_where_they_are_named_and_json_is_not_preferred(
    accept: str, lines: bool
) -> None:
    assert wants_lines(Headers({"accept": accept})) is lines


def test_several_headers_are_one_list() -> None:
    raw = [(b"accept", b"application/json;q=0.5"), (b"accept", b"application/x-ndjson")]
    assert wants_lines(Headers(raw=raw))
