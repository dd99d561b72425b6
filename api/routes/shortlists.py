"""Shortlists: asked for, kept, replayed, explained and decided on."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.problems import of_refusal
from api.routes.given import TheDesk, as_json
from api.wire import Ask

router = APIRouter(prefix="/v1/shortlists", tags=["shortlists"])


@router.post("")
def ask(asked: Ask, desk: TheDesk) -> Response:
    """A shortlist for each lot, under its key; one bad lot does not spoil the others."""
    answered = desk.ask(asked.lots, asked.request())
    errors = {key: of_refusal(refused) for key, refused in answered.errors.items()}
    return as_json({"shortlists": answered.shortlists, "errors": errors})


@router.get("/{id}")
def saved(id: str, desk: TheDesk) -> Response:  # noqa: A002 - the caller's word
    """A kept shortlist."""
    return as_json(desk.saved(id))


@router.post("/{id}/replay")
def replay(id: str, desk: TheDesk) -> Response:  # noqa: A002
    """Whether asking again gives the same bytes, and if not, what changed."""
    return as_json(desk.replay(id))


@router.get("/{id}/providers/{provider}")
def why(id: str, provider: str, desk: TheDesk) -> Response:  # noqa: A002
    """Why a provider is on the list, or why not."""
    return as_json(desk.why(id, provider))
