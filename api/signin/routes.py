"""The way to the identity provider, the way back, and signing out."""

from __future__ import annotations

import time
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.http.people import SIGN_IN, SIGN_OUT, SIGNED_IN, SIGNED_OUT, Person, as_session
from api.http.routes.dependencies import AppServices
from api.pages.forms import Form
from api.pages.templating import page, redirect
from api.signin.provider import Provider
from api.signin.settings import SignIn

_LONGEST_ADDRESS = 600


def router(sign_in: SignIn) -> APIRouter:
    """The routes of signing in with a provider."""
    routes = APIRouter(include_in_schema=False)
    provider = Provider(sign_in)

    @routes.get(SIGN_IN)
    async def begin(request: Request, to: Annotated[str, Query()] = "/") -> Response:
        """Send the browser to the identity provider."""
        request.session["to"] = _own_address(to)
        return await provider.redirect(request, str(request.url_for("finish")))

    @routes.get(SIGNED_IN, name="finish")
    async def finish(request: Request) -> Response:
        """Begin a session for the person whom the identity provider sent back."""
        to = _own_address(str(request.session.get("to", "/")))
        person = sign_in.person(await provider.claims(request), time.time())
        request.session.clear()
        request.session.update(as_session(person))
        return redirect(to)

    @routes.post(SIGN_OUT)
    def end(request: Request, form: Form, services: AppServices) -> Response:
        """End the session, so that a copy of its cookie is worth nothing either."""
        person: Person | None = request.scope.get("person")
        if person is not None:
            services.context.records.end_session(person.session, person.until)
        request.session.clear()
        return redirect(SIGNED_OUT)

    @routes.get(SIGNED_OUT)
    async def ended(request: Request) -> Response:
        """Say that the session has ended, and where to sign out of the provider itself."""
        address = await provider.sign_out_address()
        if address:
            query = {
                "client_id": sign_in.client_id,
                "post_logout_redirect_uri": str(request.url_for("ended")),
            }
            address += ("&" if "?" in address else "?") + urlencode(query)
        return page(request, "signed_out.html", address=address)

    return routes


def _own_address(to: str) -> str:
    """An address of this service; the first page for any other."""
    is_own = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    return to if is_own and len(to) <= _LONGEST_ADDRESS and not to.startswith(SIGN_IN) else "/"
