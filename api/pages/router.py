"""All pages as one router."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.queues import DOCUMENTS, RANKING
from api.pages import (
    api_docs,
    decisions,
    history,
    outcomes,
    place,
    previews,
    providers,
    same_or_not,
    saved,
    shortlists,
    specification,
    splits,
    static,
)

QUEUED = {"/need": DOCUMENTS, "/lots": RANKING}
"""Path → the queue for the form that is sent to it."""

router = APIRouter(include_in_schema=False)
for _page in (
    specification.router,
    shortlists.router,
    decisions.router,
    saved.router,
    history.router,
    splits.router,
    place.router,
    providers.router,
    outcomes.router,
    same_or_not.router,
    static.router,
    api_docs.router,
    previews.router,
):
    router.include_router(_page)
