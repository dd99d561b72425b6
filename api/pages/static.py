"""Serves the style sheets and scripts of the pages, and those of Swagger UI, from packages."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

router = APIRouter()

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOLDERS = (
    files("api.pages") / "static",
    files("fastapi_standalone_docs") / "static" / "swagger",
)
_ONE_YEAR = "public, max-age=31536000, immutable"


@cache
def _contents() -> dict[str, bytes]:
    """The content of each file that may be served, by name."""
    types = tuple(_TYPES)
    return {
        file.name: file.read_bytes()
        for folder in _FOLDERS
        for file in folder.iterdir()
        if file.name.endswith(types)
    }


@cache
def address(name: str) -> str:
    """Return the address of a file. It changes when the file changes."""
    return f"/static/{name}?{sha256(_contents()[name]).hexdigest()[:12]}"


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """Serve one file."""
    content = _contents().get(name)
    if content is None:
        raise HTTPException(404, f"no file {name!r}")
    media_type = _TYPES[name[name.rindex(".") :]]
    return Response(content, media_type=media_type, headers={"Cache-Control": _ONE_YEAR})
