"""The style sheets and scripts of the pages, served from the package and from nowhere else."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

router = APIRouter()

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOLDER = files("api.pages") / "static"
_FOR_A_YEAR = "public, max-age=31536000, immutable"


@cache
def _content() -> dict[str, bytes]:
    """Name → content of each file that may be asked for."""
    kinds = tuple(_TYPES)
    return {one.name: one.read_bytes() for one in _FOLDER.iterdir() if one.name.endswith(kinds)}


@cache
def address(name: str) -> str:
    """Where a file is served; the address changes when the file does."""
    return f"/static/{name}?{sha256(_content()[name]).hexdigest()[:12]}"


@router.get("/static/{name}")
def static(name: str) -> Response:
    """One file."""
    content = _content().get(name)
    if content is None:
        raise HTTPException(404, f"no file {name!r}")
    kind = _TYPES[name[name.rindex(".") :]]
    return Response(content, media_type=kind, headers={"Cache-Control": _FOR_A_YEAR})
