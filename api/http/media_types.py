"""The forms in which an answer can be had, and which of them a client asks for."""

from __future__ import annotations

from starlette.datastructures import Headers

LINES = "application/x-ndjson"
_JSON = "application/json"


def wants_lines(headers: Headers) -> bool:
    """Whether `Accept` names lines of JSON, and does not weigh JSON in one piece higher."""
    weights = dict(map(_weighed, ",".join(headers.getlist("accept")).lower().split(",")))
    lines = weights.get(LINES, 0.0)
    return lines > 0 and lines >= weights.get(_JSON, 0.0)


def _weighed(one: str) -> tuple[str, float]:
    """A media type and its weight, 1 where none can be read."""
    kind, *parameters = (part.strip() for part in one.split(";"))
    try:
        return kind, next((float(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
    except ValueError:
        return kind, 1.0
