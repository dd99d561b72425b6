"""All pages as one router."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages import decide, kept, lists, need, past, splits, static

router = APIRouter(include_in_schema=False)
for _part in (
    need.router,
    lists.router,
    decide.router,
    kept.router,
    past.router,
    splits.router,
    static.router,
):
    router.include_router(_part)
