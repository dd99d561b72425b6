"""What endpoints are given, and how they answer."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Depends, Request, Response

from api.desk import Desk

_encode = msgspec.json.Encoder(order="deterministic").encode


def desk(request: Request) -> Desk:
    """The desk that the app opened when it started."""
    opened: Desk = request.app.state.desk
    return opened


TheDesk = Annotated[Desk, Depends(desk)]


def as_json(content: object, status: int = 200) -> Response:
    """Any of the desk's answers as JSON; the same answer gives the same bytes."""
    return Response(_encode(content), status, media_type="application/json")
