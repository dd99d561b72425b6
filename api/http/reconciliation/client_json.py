"""The JSON that clients send in a field of a form, and how much of it is answered at once."""

from __future__ import annotations

import re
from typing import Any

from api.http.strict_json import decoded
from matcher.core.errors import BadInput
from matcher.sources.formats.encodings import MARK

BATCH = 50
"""Queries that OpenRefine sends at once."""
MOST = 500

_LONE_HALF = re.compile(
    r"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""Half a character, such as of an emoji that a column was too narrow for; else whole ones."""


def object_in(field: str, text: str) -> dict[str, Any]:
    """The JSON object in a text.  Raises BadInput."""
    try:
        value = decoded(_LONE_HALF.sub(lambda found: found[1] or "\\ufffd", text.lstrip(MARK)))
    except ValueError as error:
        raise BadInput(f"{field}: {error}") from error
    if not isinstance(value, dict):
        raise BadInput(f'{field}: does not follow the Reconciliation API: give an object, {{"…"}}')
    return value


def check_number(field: str, number: int) -> None:
    """Raise BadInput for more queries or ids than are answered at once."""
    if number > MOST:
        raise BadInput(f"{field}: {number} are more than {MOST}; ask in batches of {BATCH}")
