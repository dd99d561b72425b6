"""The API's description as a page, drawn by Swagger UI."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.pages.templating import page
from api.templating import SECURITY_HEADERS

router = APIRouter()

_POLICY = "Content-Security-Policy"
_WITH_ICONS = SECURITY_HEADERS[_POLICY].replace("img-src 'self'", "img-src 'self' data:")


@router.get("/docs")
def docs(request: Request) -> Response:
    """Every request of the API with its fields and answers, to read and to try.

    Swagger UI asks this service only, and has its icons in its style sheet.
    """
    shown = page(request, "api_docs.html")
    shown.headers[_POLICY] = f"{_WITH_ICONS}; connect-src 'self'"
    return shown
