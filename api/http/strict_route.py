"""Routes that read JSON strictly, and work on a request that is sent again only once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from secrets import token_hex
from typing import Annotated, Any, get_args, get_origin

import anyio
import msgspec
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Depends, Header, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.errors import RecordsError, TakenOver
from api.http import problems
from api.http.media_types import wants_lines
from api.http.problems import FieldError, FieldsRefused, ProblemType, problem
from api.http.strict_json import decoded_body
from api.records import request_keys
from api.records.entry import UNKNOWN, digest
from api.records.records import Records
from api.records.request_keys import KeyState
from api.service.entries import encode
from api.service.services import Services
from matcher.core.parser_words import unknown_name

KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
WRITTEN = "request_written"
"""In the scope of a request: whether an entry was appended for its key before."""
LARGEST_KEPT = 5_000_000
"""bytes of an answer that is kept under a key"""
_LONGEST_KEY = 255
_LARGE = 20_000
"""Bytes of a body that is read and checked in a thread, so that other requests need not wait."""
_WAIT_SECONDS = 60.0
_PAUSE_SECONDS = 0.05
_BAD_KEY = ProblemType(422, "bad-request-key", f"The {KEY} cannot be used")
_IN_WORK = problems.PROBLEM_TYPES[TakenOver]
_renewing = CapacityLimiter(1)


def _described(
    _: Annotated[
        str | None,
        Header(
            alias=KEY,
            description="A key of your own for this request, such as a UUID. Sent again with the "
            "same key within a day, the request is not worked on again: it gets the same answer.",
        ),
    ] = None,
) -> None:
    """The header, for the description of the API; the route reads it."""


ONCE = [Depends(_described)]
"""Dependencies of an operation whose requests can have a key."""


class StrictRequest(Request):
    """A request whose JSON is read strictly: no NaN, no lone surrogates, no key twice.

    One of its `lots` that has such a number or text becomes an `UnusableLot`.
    """

    async def json(self) -> Any:  # noqa: ANN401 - it is any JSON
        """The body, parsed once."""
        if not hasattr(self, "_json"):
            body = await self.body()
            try:
                is_large = len(body) > _LARGE
                self._json = await run_sync(decoded_body, body) if is_large else decoded_body(body)
            except ValueError as error:
                raise json.JSONDecodeError(str(error), "", 0) from error
        return self._json


class StrictRoute(APIRoute):
    """A route that reads JSON strictly, and that knows a request with a key again."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, given a strict request, or the answer that was given before."""
        handle = super().get_route_handler()

        known = {
            one.alias: _is_list(one.field_info.annotation)
            for one in get_flat_params(self.dependant)
            if isinstance(one.field_info, Query)
        }

        async def strict(request: Request) -> Response:
            own = StrictRequest(request.scope, request.receive)
            _check_encoding(own)
            if self.path.startswith("/v1/"):  # what OpenRefine sends is not ours to say
                _check_parameters(own, known)
            if _is_json(own) and len(await own.body()) > _LARGE:
                await self._check(own)
            keys = own.headers.getlist(KEY) if own.method == "POST" else []
            return await (_once(own, keys, handle) if keys else handle(own))

        return strict

    async def _check(self, request: StrictRequest) -> None:
        """Raise FieldsRefused where fields of a large body are wrong.

        FastAPI looks at them too, but while all other requests wait: for a second or more where
        there are many errors.
        """
        try:
            content = await request.json()
        except ValueError:
            return  # FastAPI says what is wrong with it
        if self.body_field is not None:
            await run_sync(_validate, self.body_field, content)


def _validate(field: Any, content: object) -> None:  # noqa: ANN401 - FastAPI's own, of its version
    _, errors = field.validate(content, loc=("body",))
    if errors:
        raise FieldsRefused(errors)


def _is_list(annotation: object) -> bool:
    """Whether a parameter of this type can be given several times."""
    return any(get_origin(kind) is list for kind in (annotation, *get_args(annotation)))


def _check_parameters(request: Request, known: Mapping[str, bool]) -> None:
    """Raise FieldsRefused for parameters in the address that the route does not have.

    Left unread, a misspelt `before` would give the first page again and again.  So would one of
    two: `known` says of each parameter whether it can be given several times.
    """
    wrong: dict[str, str] = {}
    for name in request.query_params:
        times = len(request.query_params.getlist(name))
        if name not in known:
            wrong[name] = unknown_name(name, list(known), kind="parameter")
        elif times > 1 and not known[name]:
            wrong[name] = f"is given {times} times; give it once"
    if wrong:
        raise FieldsRefused(
            [
                {"type": "value_error", "loc": ("query", name), "ctx": {"error": words}}
                for name, words in wrong.items()
            ]
        )


def _check_encoding(request: Request) -> None:
    """Raise HTTPException for a body that was compressed (RFC 9110, 15.5.16)."""
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity"}:
        said = f"the body was sent with Content-Encoding: {encoding[:40]}; send it uncompressed"
        raise HTTPException(415, said, {"Accept-Encoding": "identity"})


def _is_json(request: Request) -> bool:
    """Whether the body is said to be JSON."""
    return "json" in request.headers.get("content-type", "").partition(";")[0]


class _Answer(msgspec.Struct):
    """A response as it is kept."""

    status: int
    media_type: str
    body: bytes


_read_answer = msgspec.msgpack.Decoder(_Answer).decode


async def _once(
    request: StrictRequest, keys: Sequence[str], handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    """The answer to a request with a key: worked out once, and then given again."""
    wrong = _wrong_key(request, keys)
    if wrong:
        return _bad_key(wrong)
    key = keys[0]
    sent = await _fingerprint(request)
    every = _records(request)
    records = every.for_request(key, sent, token_hex(16))
    until = time.monotonic() + _WAIT_SECONDS
    while (claim := await run_sync(records.claim_request)).state is KeyState.WORKING:
        if time.monotonic() > until:
            detail = f"a request with this {KEY} is still being worked on; try again later"
            return problems.response(problem(_IN_WORK, detail), {"Retry-After": "5"})
        await anyio.sleep(_PAUSE_SECONDS)
    if claim.state is KeyState.OTHER:
        return _bad_key("was sent with another request; give each request a key of its own")
    if claim.state is KeyState.ANSWERED:
        kept = _read_answer(claim.answer)
        return Response(kept.body, kept.status, {REPLAYED: "true"}, kept.media_type)
    request.scope[WRITTEN] = claim.state is KeyState.WRITTEN
    request.scope["request_key"] = key, sent, claim.attempt
    return await _worked_on(request, every.for_request(key, sent, claim.attempt), handle)


async def _worked_on(
    request: Request, records: Records, handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    with_answer = False
    renewing = asyncio.create_task(_renew(records))
    try:
        response = await handle(request)
        body = bytes(response.body)
        kept = _Answer(response.status_code, response.media_type or "", body)
        answer = msgspec.msgpack.encode(kept) if len(body) <= LARGEST_KEPT else None
        with_answer = True
        await run_sync(records.keep_answer, answer)
    finally:
        renewing.cancel()
        if not with_answer:
            with anyio.CancelScope(shield=True):
                await run_sync(records.release_request)
    return response


async def _renew(records: Records) -> None:
    """Keep a claim for as long as its request is worked on, without the threads that work."""
    while True:
        await anyio.sleep(request_keys.RENEWED_SECONDS)
        with suppress(RecordsError):  # it is tried again
            await run_sync(records.renew_claim, limiter=_renewing)


def _bad_key(detail: str) -> Response:
    error = FieldError(KEY, detail)
    return problems.response(problem(_BAD_KEY, f"{KEY}: {detail}", errors=(error,)))


def _wrong_key(request: Request, keys: Sequence[str]) -> str:
    """What is wrong with the key that was sent; '' where nothing is."""
    key = keys[0]
    if len(keys) > 1:
        return f"was sent {len(keys)} times; give a request one key"
    if not key.strip():
        return "is empty; give a key of your own, such as a UUID, or leave the header out"
    if len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        return f"give up to {_LONGEST_KEY} letters, digits and signs, such as a UUID"
    if wants_lines(request.headers):
        return "an answer in lines is not kept; leave out the key, or 'Accept'"
    return ""


async def _fingerprint(request: StrictRequest) -> str:
    """The digest of what was sent; the same JSON in another layout has the same."""
    where = f"{request.method} {request.url.path}?{request.url.query}".encode()
    try:
        sent = await request.json()
    except ValueError:
        return digest(b"\n".join([where, await request.body()]))
    return await run_sync(lambda: digest(b"\n".join([where, encode(sent)])))


def _records(request: Request) -> Records:
    return opened(request).context.records.sent_by(request.scope.get("sender", UNKNOWN))


def opened(request: Request) -> Services:
    """The services that the app opened.  Raises the error because of which it could not yet."""
    services: Services | None = request.app.state.services
    if services is None:
        error: Exception = request.app.state.closed_by
        raise type(error)(str(error))
    return services
