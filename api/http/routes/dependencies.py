"""What endpoints are given, and how they answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request, Response

from api.service.entries import encode
from api.service.shortlists import ShortlistService


def desk(request: Request) -> ShortlistService:
    """The desk that the app opened when it started."""
    opened: ShortlistService = request.app.state.desk
    return opened


TheDesk = Annotated[ShortlistService, Depends(desk)]
ShortlistId = Annotated[str, Path(alias="id", description="As it came with the answer.")]


def as_json(content: object) -> Response:
    """Any of the desk's answers as JSON; the same answer gives the same bytes."""
    return Response(encode(content), media_type="application/json")
