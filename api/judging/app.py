"""The raters' pages: one provider for one lot at a time, graded by a key or a click.

They answer only under the names of this machine, and take judgements only from their own forms.
No page says which run listed a provider, or at which rank.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Awaitable, Callable
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from api.judging.session import RATER, RATER_RULE, UNKNOWN, JudgingSession
from api.templating import SECURITY_HEADERS, environment
from matcher.core.errors import BadInput
from training.evaluation.pooling import GRADES, Item

_OWN_NAMES = frozenset({"127.0.0.1", "localhost"})
_INDEX = re.compile(r"\d{1,9}", re.ASCII)
_LARGEST_FORM = 10_000
"""bytes"""
_CHOICES = {
    **{str(grade): words for grade, words in GRADES.items()},
    UNKNOWN: "Cannot judge: too little is known",
}


def create_app(session: JudgingSession) -> FastAPI:
    """The raters' pages over a session."""
    app = FastAPI(title="Judge providers for lots", openapi_url=None)

    @app.middleware("http")
    async def guard(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """Answer only under this machine's own names, and never without the headers."""
        host = request.headers.get("host", "")
        if (host.rpartition(":")[0] or host) in _OWN_NAMES:
            response = await call_next(request)
        else:
            response = _refusal(HTTPStatus.FORBIDDEN, "This page answers only on this machine.")
        response.headers.update({**SECURITY_HEADERS, "X-Content-Type-Options": "nosniff"})
        return response

    @app.exception_handler(BadInput)
    async def bad_input(_: Request, error: Exception) -> Response:
        return _refusal(HTTPStatus.BAD_REQUEST, str(error))

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: Exception) -> Response:
        status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
        missing = status == HTTPStatus.NOT_FOUND
        return _refusal(status, "There is no such page." if missing else f"{status.phrase}.")

    @app.get("/")
    def welcome() -> Response:
        """Ask who judges."""
        return _page("welcome.html")

    @app.get("/judge")
    def judge(rater: str = "", item: str = "") -> Response:
        """One item of a rater, or that none is left; a name that cannot be used is asked again."""
        if not RATER.fullmatch(rater):
            status = HTTPStatus.BAD_REQUEST
            return _page("welcome.html", status=status, rater=rater, error=RATER_RULE.capitalize())
        index = int(item) if _INDEX.fullmatch(item) else session.next(rater)
        if item or index is None:
            return _item_page(session, rater, index)
        return RedirectResponse(_address(rater, index), HTTPStatus.SEE_OTHER)

    @app.post("/judge")
    def record(fields: Annotated[dict[str, str], Depends(_form_fields)]) -> Response:
        """Keep a judgement, and go on to the next item.

        Each item has an address of its own, so that Back leads to the one that was judged.
        """
        rater = session.record(fields)
        return RedirectResponse(_address(rater, session.next(rater)), HTTPStatus.SEE_OTHER)

    app.mount("/static", StaticFiles(packages=[("api.judging", "static")]))
    return app


def _item_page(session: JudgingSession, rater: str, at: int | None) -> Response:
    order = session.order(rater)
    shown: dict[str, Any] = {"rater": rater, "done": session.done(rater), "total": len(order)}
    if at is None or not 0 <= at < len(order):
        return _page("done.html", **shown, back=_back(rater, len(order)))
    item = order[at]
    return _page(
        "judge.html",
        **shown,
        item=item,
        hidden=_hidden_fields(session, rater, item),
        choices=_CHOICES,
        chosen=session.last_grade(rater, item),
        back=_back(rater, at),
    )


def _hidden_fields(session: JudgingSession, rater: str, item: Item) -> dict[str, str]:
    return {
        "token": session.token,
        "rater": rater,
        "lot": item.lot,
        "provider": item.provider,
    }


def _back(rater: str, index: int) -> str:
    """The address of the item before this one; '' for the first."""
    return _address(rater, index - 1) if index >= 1 else ""


def _address(rater: str, index: int | None) -> str:
    """The address of an item; of the end, where there is none."""
    return "/judge?" + urlencode({"rater": rater} | ({} if index is None else {"item": index}))


async def _form_fields(request: Request) -> dict[str, str]:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LARGEST_FORM:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


@cache
def _templates() -> Environment:
    return environment(PackageLoader("api.judging"))


def _page(
    template: str,
    /,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    **shown: Any,  # noqa: ANN401 - what a template shows
) -> Response:
    return HTMLResponse(_templates().get_template(template).render(shown), status)


def _refusal(status: HTTPStatus, message: str) -> Response:
    return _page("refused.html", status=status, message=message)


HOST = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """A socket on `port` of this machine; 0 picks a free port.  Raises BadInput."""
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"--port {port}: cannot be used ({reason}); give another") from error


def server(app: FastAPI) -> uvicorn.Server:
    """A server whose `run(sockets=[...])` answers until it is interrupted.

    It writes no log: the terminal belongs to the person who started it.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        log_level="critical",
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)
