"""What endpoints receive, and how they answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request, Response

from api.http.strict_route import opened
from api.records.entry import Sender
from api.service.entries import encode
from api.service.services import Services


async def services(request: Request) -> Services:
    """The services that the app opened when it started, for the key or the person that asks.

    They answer from one snapshot of the register, also where a build replaces it meanwhile.
    What their authority asked is not seen by another authority.
    Raises RecordsError, RegisterError or BundleError where one could not be opened yet.
    """
    sender: Sender | None = request.scope.get("sender")
    one = opened(request).for_one_answer()
    sent = one.sent_by(sender) if sender else one
    scope = request.scope
    return sent.for_request(*scope["request_key"]) if "request_key" in scope else sent


AppServices = Annotated[Services, Depends(services)]
AnswerId = Annotated[str, Path(alias="id", description="The id in the answer.")]
ProviderId = Annotated[
    str, Path(description="An org-id, such as GB-CHC-1150079, or another id of the provider.")
]


def as_json(content: object) -> Response:
    """An answer of a service as JSON; the same answer gives the same bytes."""
    return Response(encode(content), media_type="application/json")


def charge(request: Request, suggestions: int) -> None:
    """Count this many suggestions as further requests of the client."""
    request.scope["charge"](suggestions / PER_REQUEST)


PER_REQUEST = 50
"""suggestions that count as one request"""
