"""Turns templates into responses, with the headers that protect them."""

from __future__ import annotations

import re
import secrets
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, PrefixLoader
from starlette.responses import RedirectResponse

from api.pages import labels, static
from api.templating import SECURITY_HEADERS, environment

TOKEN = "lbd-form"  # noqa: S105 - the name of a cookie and of a field, not a password
"""The name of the cookie and of the form field that must hold the same secret."""

_USED = re.compile(r"""\{%-? *(?:extends|from|import|include) +["']([^"']+)""")
"""The name of a template that another one uses."""
_LOADER = PrefixLoader(
    {
        "": PackageLoader("api.pages"),
        "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
    }
)


@cache
def _templates() -> Environment:
    """The templates of the pages and of GOV.UK Frontend. They escape everything they show."""
    env = environment(_LOADER)
    env.filters.update(labels.FILTERS)
    env.globals["static"] = static.address
    return env


def page(
    request: Request,
    template: str,
    /,
    *,
    status: int = 200,
    **context: Any,  # noqa: ANN401
) -> Response:
    """Return a page, and set the cookie whose secret its forms send back."""
    token = request.cookies.get(TOKEN) or secrets.token_urlsafe(24)
    content = (
        _templates()
        .get_template(f"/{template}")
        .render(
            form_token=token,
            path=request.url.path,
            signs_in="person" in request.scope,
            person=request.scope.get("person"),
            **context,
        )
    )
    response = Response(content, status, media_type="text/html", headers=SECURITY_HEADERS)
    if request.cookies.get(TOKEN) != token:
        secure = request.url.scheme == "https"
        response.set_cookie(TOKEN, token, httponly=True, samesite="strict", secure=secure)
    return response


def fragment(template: str, /, **context: Any) -> str:  # noqa: ANN401
    """The HTML of a template that is no page of its own: no cookie, no form."""
    return _templates().get_template(f"/{template}").render(**context)


def redirect(address: str) -> Response:
    """Send the browser to another page after a form was handled."""
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers=SECURITY_HEADERS)


@cache
def compile_templates() -> None:
    """Compile every template and those it uses, once, so that the first visitor does not wait."""
    env = _templates()
    waiting = [f"/{file.name}" for file in files("api.pages").joinpath("templates").iterdir()]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            env.get_template(name)
            source, *_ = _LOADER.get_source(env, name)
            waiting += _USED.findall(source)
