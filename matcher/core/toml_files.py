"""Reads a TOML file that the user names with an option."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from matcher.core.errors import BadInput
from matcher.core.parser_words import in_words


def read_toml(option: str, path: Path) -> dict[str, Any]:
    """The content of the file at `path`.  Raises BadInput that names `option` and the file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{option} {path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{option} {path}: is not TOML ({in_words(error)})") from error
