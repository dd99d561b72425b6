"""One organisation in a small frame, for OpenRefine and similar tools."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.http.routes.reconciliation import Origin, as_json
from api.pages.templating import fragment
from api.service.services import Services
from api.templating import SECURITY_HEADERS

router = APIRouter(prefix="/reconcile")

_POLICY = "Content-Security-Policy"


@router.get("/preview")
@router.get("/1.0/preview")
def preview(request: Request, services: AppServices, id: str) -> Response:  # noqa: A002
    """What is known of an organisation, in a frame of a page of an allowed origin."""
    origins = request.app.state.settings.origins.replace(",", " ")
    framed = SECURITY_HEADERS[_POLICY].replace(
        "frame-ancestors 'none'", f"frame-ancestors 'self' {origins}"
    )
    headers = {name: value for name, value in SECURITY_HEADERS.items() if name != "X-Frame-Options"}
    headers |= {_POLICY: framed, "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(_html(services, id), media_type="text/html", headers=headers)


@router.get("/flyout/entity")
def flyout(services: AppServices, origin: Origin, id: str) -> Response:  # noqa: A002
    """The same as HTML in JSON, for a client that shows it beside a suggestion."""
    return as_json({"id": id, "html": _html(services, id)}, origin)


def _html(services: Services, id_: str) -> str:
    profile = services.register.provider(id_)
    provider = profile.organisation.provider
    return fragment("preview.html", provider=provider, contracts=len(profile.past))
