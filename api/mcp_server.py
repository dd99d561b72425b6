"""The Model Context Protocol: shortlists, markets, splits and providers as tools for assistants.

Each tool asks the API inside this process, so that the same keys, limits, refusals and legal rules
hold, and each answer is kept.  No tool decides anything: a person does, on the pages or by the API.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote, unquote, urlencode

import anyio
from fastapi import FastAPI
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    TextContent,
    Tool,
    ToolAnnotations,
)

from api.app import create_app
from api.http.schemas.sent_lots import LOT
from api.settings import Settings

Arguments: TypeAlias = "dict[str, Any]"
Json: TypeAlias = "dict[str, Any]"

_INSTRUCTIONS = (
    "Finds small local providers for lots of public contracts in the UK. Say which purpose a "
    "shortlist is for: the law decides by it what may count. Show the reasons and the notes of an "
    "answer, what the lot was read as, and its id, by which it is kept. A person decides: never "
    "say that a provider was chosen or should win. This is not legal advice."
)
_FIELDS: dict[str, Any] = LOT["anyOf"][0]["properties"]
_LOT = {
    "description": "A lot: an object with its fields, or its description as text.",
    "anyOf": [
        {"type": "object", "properties": _FIELDS, "additionalProperties": False},
        {"type": "string"},
    ],
}
_PLACE = {
    "area": {"type": "string", "description": "A council or county, by code or name."},
    "with_neighbours": {"type": "boolean", "description": "With the councils that border it."},
    "within": {"type": "string", "description": "A distance such as '30km' or '20 miles'."},
}


class _RefusedError(Exception):
    """Raised with the words of a refusal."""


@dataclass(frozen=True, slots=True)
class _Api:
    """The API of an app in this process, asked with one API key."""

    app: FastAPI
    key: str

    async def ask(self, method: str, path: str, body: object = None) -> Json:
        """The JSON answer.  Raises _RefusedError with the words of a problem."""
        content = b"" if body is None else json.dumps(body).encode()
        status, answer = await self._call(method, path, content)
        found: Json = json.loads(answer)
        if status != 200:
            raise _RefusedError(refusal(found))
        return found

    async def _call(self, method: str, path: str, content: bytes) -> tuple[int, bytes]:
        route, _, query = path.partition("?")
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        headers.append((b"content-length", str(len(content)).encode()))
        if self.key:
            headers.append((b"authorization", f"Bearer {self.key}".encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(route),
            "raw_path": route.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "client": ("mcp", 0),
            "server": ("localhost", 80),
            "state": {},
        }
        status, pieces, sent = 0, list[bytes](), False

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if sent:
                await anyio.sleep_forever()
            sent = True
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            pieces.append(message.get("body", b""))

        await self.app(scope, receive, send)
        return status, b"".join(pieces)


def refusal(problem: Json) -> str:
    """A problem detail in words: what is wrong, and what may be asked instead."""
    offer = f" You may ask for: {problem['offer']}." if problem.get("offer") else ""
    rule = f" (rule {problem['rule']})" if problem.get("rule") else ""
    return f"{problem['title']}: {problem['detail']}{rule}{offer}"


async def _shortlist(api: _Api, given: Arguments) -> Json:
    if "purpose" not in given:
        raise _RefusedError("purpose: is missing; give engagement, invite or reserved")
    rest = {name: value for name, value in given.items() if name != "lot"}
    body = {**rest, "lots": {"lot": given.get("lot")}}
    answer = await api.ask("POST", "/v1/shortlists?view=short", body)
    if not answer["shortlists"]:
        raise _RefusedError(" ".join(map(refusal, answer["errors"].values())))
    return answer


async def _market(api: _Api, given: Arguments) -> Json:
    return await api.ask("POST", "/v1/markets", given)


async def _splits(api: _Api, given: Arguments) -> Json:
    answer = await api.ask("POST", "/v1/splits/suggest", given)
    reasons = {
        way: [sentence["words"] for sentence in sentences]
        for way, sentences in answer["reasons"].items()
    }
    return {"id": answer["id"], "suggested": answer["suggested"], "reasons": reasons}


async def _provider(api: _Api, given: Arguments) -> Json:
    if given.get("id"):
        return await api.ask("GET", f"/v1/providers/{quote(str(given['id']), safe='')}")
    if not given.get("name"):
        raise _RefusedError("id: is missing; give the id of a provider, or a name to search for")
    query = urlencode({"q": str(given["name"]), "limit": 10})
    return {"found": await api.ask("GET", f"/v1/providers?{query}")}


@dataclass(frozen=True, slots=True)
class _ToolEntry:
    """A tool: what it is for, the schema of its arguments, and what it asks."""

    words: str
    arguments: dict[str, Any]
    required: tuple[str, ...]
    call: Callable[[_Api, Arguments], Awaitable[Json]]

    def described(self, name: str) -> Tool:
        """The tool as a client sees it."""
        schema = {
            "type": "object",
            "properties": self.arguments,
            "required": list(self.required),
            "additionalProperties": False,
        }
        hints = ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        )
        return Tool(name=name, description=self.words, input_schema=schema, annotations=hints)


TOOLS = {
    "shortlist": _ToolEntry(
        "List the small local providers to consider for a lot, best first, with reasons. The "
        "answer is kept under its id.",
        {
            "lot": _LOT,
            "purpose": {
                "type": "string",
                "enum": ["engagement", "invite", "reserved"],
                "description": "engagement: find suppliers before a procurement. invite: choose "
                "who to invite, below the threshold; only what providers do counts. reserved: a "
                "competition reserved to an area, SMEs or VCSEs.",
            },
            "limit": {"type": "integer", "minimum": 1, "maximum": 50},
            **_PLACE,
            "size": {"type": "string", "enum": ["small", "any"]},
            "kind": {"type": "string", "enum": ["vcse", "any"]},
        },
        ("lot", "purpose"),
        _shortlist,
    ),
    "market": _ToolEntry(
        "Show the market of planned lots: how many providers are credible, how many are local or "
        "small, and how concentrated past awards are. It names no provider.",
        {"lots": {"type": "array", "items": _LOT, "minItems": 1}, **_PLACE},
        ("lots",),
        _market,
    ),
    "splits": _ToolEntry(
        "Compare ways to split one need into lots, by place, by service and by value, with one "
        "contract. It names no provider.",
        {"need": _LOT, **_PLACE},
        ("need",),
        _splits,
    ),
    "provider": _ToolEntry(
        "Show what is known about one provider, each fact with its source and date; or search "
        "for a name.",
        {"id": {"type": "string"}, "name": {"type": "string"}},
        (),
        _provider,
    ),
}


def server(app: FastAPI, key: str = "") -> Server[Any]:
    """The server of an app that has started; `key` is the API key of the person who asks."""
    api = _Api(app, key)

    async def list_tools(*_: object) -> ListToolsResult:
        return ListToolsResult(tools=[tool.described(name) for name, tool in TOOLS.items()])

    async def call_tool(_: object, params: CallToolRequestParams) -> CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            words = f"there is no tool {params.name!r}; use {', '.join(TOOLS)}"
            return CallToolResult(content=[_text(words)], is_error=True)
        try:
            answer = await tool.call(api, dict(params.arguments or {}))
        except _RefusedError as error:
            return CallToolResult(content=[_text(str(error))], is_error=True)
        return CallToolResult(
            content=[_text(json.dumps(answer, ensure_ascii=False))], structured_content=answer
        )

    return Server(
        "local-by-default",
        version=app.version,
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def serve(settings: Settings, key: str = "") -> None:
    """Answer on standard input and output until the input ends."""
    app = create_app(settings)
    async with app.router.lifespan_context(app), stdio_server() as (reading, writing):
        own = server(app, key)
        await own.run(reading, writing, own.create_initialization_options())


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)
