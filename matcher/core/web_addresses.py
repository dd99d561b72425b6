"""Tells a web address from other words in the cell of a website."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_][\w-]+\.?")


def web_address(text: str) -> str:
    """The address of a website as a source has it, '' where it is not one.

    >>> web_address("www.example.org"), web_address("javascript:alert(1)"), web_address("none")
    ('https://www.example.org', '', '')
    """
    text = text.strip()
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    is_one = parts.scheme in {"http", "https"} and _HOST.fullmatch(host) and not parts.username
    return address if is_one and not re.search(r"\s", text) else ""
