"""From what the desk gives to a page: templates, the headers that guard it, and refusals."""

from __future__ import annotations

import secrets
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, PrefixLoader, meta
from starlette.responses import RedirectResponse

from api.pages import labels, static

TOKEN = "lbd-form"  # noqa: S105 - the name of a cookie and of a field, not what is in it
"""Names the cookie, and the field of each form, that hold the same secret."""

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
GUARDED = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


_LOADER = PrefixLoader(
    {
        "": PackageLoader("api.pages"),
        "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
    }
)


@cache
def _templates() -> Environment:
    """Our templates, and those of GOV.UK Frontend; all that they show is escaped."""
    env = Environment(
        loader=_LOADER,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(labels.FILTERS)
    env.globals["static"] = static.address
    return env


def page(
    request: Request,
    template: str,
    /,
    *,
    status: int = 200,
    **shown: Any,  # noqa: ANN401
) -> Response:
    """A page, with the secret that its forms send back."""
    token = request.cookies.get(TOKEN) or secrets.token_urlsafe(24)
    content = (
        _templates()
        .get_template(f"/{template}")
        .render(form_token=token, path=request.url.path, **shown)
    )
    response = Response(content, status, media_type="text/html", headers=GUARDED)
    if request.cookies.get(TOKEN) != token:
        secure = request.url.scheme == "https"
        response.set_cookie(TOKEN, token, httponly=True, samesite="strict", secure=secure)
    return response


def onward(address: str) -> Response:
    """On to another page, after something was done."""
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers=GUARDED)


def refused(request: Request, status: int, title: str, message: str, offer: str = "") -> Response:
    """A page that says what could not be done, and why."""
    return page(request, "refused.html", status=status, title=title, message=message, offer=offer)


def ready() -> None:
    """Read and compile every template, and those it takes from, so that nobody waits for it."""
    env = _templates()
    waiting = [f"/{one.name}" for one in files("api.pages").joinpath("templates").iterdir()]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            env.get_template(name)
            source, *_ = _LOADER.get_source(env, name)
            waiting += filter(None, meta.find_referenced_templates(env.parse(source)))
