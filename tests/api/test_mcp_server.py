"""The tools of the Model Context Protocol, asked by the SDK's own client."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from api.app import create_app
from api.http.api_keys import Keys
from api.http.roles import Role
from api.records.chain_key import ChainKey
from api.records.records import Records
from tests.services import DAY, LOT, settings_for

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp import StdioServerParameters
from mcp.client.client import Client

from api.mcp_server import TOOLS, server

NEED = {**LOT, "postcode": "", "area": "Walsall, Sandwell", "value": 240_000}
SHORTLIST = {"lot": LOT, "purpose": "engagement", "limit": 2}


@asynccontextmanager
async def connected(
    folder: Path, places: Path, key: str = "", **given: Any
) -> AsyncIterator[Client]:
    app = create_app(settings_for(folder, places, **given))
    async with app.router.lifespan_context(app), Client(server(app, key)) as client:
        yield client


def call(folder: Path, places: Path, *calls: tuple[str, Any], **given: Any) -> list[Any]:
    """The results of calls of tools, one after another."""

    async def run() -> list[Any]:
        async with connected(folder, places, **given) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return anyio.run(run)


def text(result: Any) -> str:
    (content,) = result.content
    words: str = content.text
    return words


def test_every_tool_is_described_and_reads_only(tmp_path: Path, places_table: Path) -> None:
    async def run() -> Any:
        async with connected(tmp_path, places_table) as client:
            return await client.list_tools()

    tools = {tool.name: tool for tool in anyio.run(run).tools}
    assert set(tools) == set(TOOLS) == {"shortlist", "market", "splits", "provider"}
    for tool in tools.values():
        assert tool.annotations.read_only_hint is True
        assert tool.description
    assert "purpose" in tools["shortlist"].input_schema["required"]


def test_a_shortlist_is_the_one_that_the_api_gives_and_is_kept(
    tmp_path: Path, places_table: Path
) -> None:
    from fastapi.testclient import TestClient

    (result,) = call(tmp_path, places_table, ("shortlist", SHORTLIST))
    assert not result.is_error
    answer = result.structured_content["shortlists"]["lot"]
    assert json.loads(text(result)) == result.structured_content
    app = create_app(settings_for(tmp_path, places_table))
    with TestClient(app, base_url="http://localhost") as client:
        kept = client.get(f"/v1/shortlists/{answer['id']}").json()["answer"]
    assert [one["id"] for one in kept["suggestions"]] == [
        one["id"] for one in answer["suggestions"]
    ]
    assert kept["purpose"] == "engagement"


def test_markets_splits_and_providers_are_asked(
    tmp_path: Path, places_table: Path, calibrated_bundle: Path
) -> None:
    market, splits, provider, as_written, found = call(
        tmp_path,
        places_table,
        ("market", {"lots": [LOT, "Day club, WS2 8RR"]}),
        ("splits", {"need": NEED}),
        ("provider", {"id": "GB-COH-01234567"}),
        ("provider", {"id": "company no. 1234567"}),
        ("provider", {"name": "Engine Wrks"}),
        bundle=str(calibrated_bundle),
    )
    assert len(market.structured_content["markets"]) == 2
    assert splits.structured_content["suggested"]["options"]
    assert splits.structured_content["reasons"]
    assert provider.structured_content["organisation"]["provider"]["name"] == "Engine Works"
    assert as_written.structured_content == provider.structured_content
    assert found.structured_content["found"][0]["id"] == "GB-COH-01234567"


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("shortlist", {"lot": LOT}, "purpose: is missing"),
        ("shortlist", {**SHORTLIST, "purpose": "prize"}, "give engagement, invite or reserved"),
        ("shortlist", {**SHORTLIST, "lot": {"titel": "x"}}, "did you mean title?"),
        ("shortlist", {**SHORTLIST, "lot": {**LOT, "value": 9e6}, "purpose": "invite"}, "rule"),
        ("shortlist", {**SHORTLIST, "limit": 0}, "0 is out of range"),
        ("shortlist", {**SHORTLIST, "decide": True}, "there is no such field"),
        ("provider", {}, "id: is missing"),
        ("provider", {"id": "../register"}, "Not found"),
        ("provider", {"id": "GB-COH-0"}, "no provider"),
        ("provider", {"id": "Café & Co"}, "no provider 'Café & Co'"),
        ("decide", {}, "there is no tool 'decide'"),
    ],
)
def test_a_refusal_is_in_the_words_of_the_api(
    tmp_path: Path, places_table: Path, tool: str, arguments: Any, words: str
) -> None:
    (result,) = call(tmp_path, places_table, (tool, arguments))
    assert result.is_error
    assert words in text(result)


def test_a_key_has_its_role_and_its_limit(tmp_path: Path, places_table: Path) -> None:
    file = tmp_path / "keys.jsonl"
    ask, read = (
        Keys.open(file).add(name, DAY, role=role)
        for name, role in (("asks", Role.ASK), ("reads", Role.READ))
    )
    keys: dict[str, Any] = {"keys": file, "per_minute": 3}
    wrong, allowed, forbidden = (
        call(tmp_path, places_table, ("shortlist", SHORTLIST), key=key, **keys)[0]
        for key in ("", ask, read)
    )
    assert "no API key" in text(wrong)
    assert not allowed.is_error
    assert "needs the role 'ask'" in text(forbidden)
    many = call(tmp_path, places_table, *[("provider", {"name": "x"})] * 5, key=ask, **keys)
    assert [result.is_error for result in many] == [False, False, False, True, True]
    assert "too many requests" in text(many[-1])


def test_the_command_answers_on_standard_input_and_output(
    tmp_path: Path, places_table: Path
) -> None:
    settings = settings_for(tmp_path, places_table)
    (chain_key := tmp_path / "chain.key").write_text("ab" * 32)
    chain_key.chmod(0o600)
    words = ["-m", "api.cli.main", "mcp", "--register", str(settings.register)]
    words += ["--bundle", "hand", "--records", str(tmp_path / "r.sqlite")]
    words += ["--chain-key", str(chain_key)]

    async def run() -> Any:
        parameters = StdioServerParameters(command=sys.executable, args=words, cwd=Path.cwd())
        async with Client(parameters) as client:
            return await client.call_tool("shortlist", SHORTLIST)

    result = anyio.run(run)
    assert not result.is_error
    assert result.structured_content["shortlists"]["lot"]["suggestions"]
    kept = Records.open(f"sqlite:///{tmp_path / 'r.sqlite'}", chain_key=ChainKey.open(chain_key))
    assert kept.verify().keyed_from == 1
    kept.close()
