"""The service asked through a client that openapi-python-client generates from its description."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from api.app import create_app
from api.service.exports import MEDIA_TYPES
from tests.servers import in_thread
from tests.services import LOT, settings_for

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = "openapi-python-client"
NEED = {**LOT, "postcode": "", "area": "Walsall, Sandwell", "value": 240_000}
PARTS = [{**NEED, "area": area, "value": 120_000} for area in ("Walsall", "Sandwell")]


def generator() -> str:
    """The program, on the path or where continuous integration installs it; '' for neither."""
    own = ROOT / "build" / "tools" / "bin" / PROGRAM
    return shutil.which(PROGRAM) or (str(own) if own.exists() else "")


@dataclass(frozen=True)
class Generated:
    """A generated client, and a connection made with it."""

    name: str
    connection: Any
    description: dict[str, Any]

    def call(self, function: str, *parts: str, **parameters: Any) -> Any:
        """What the generated function of an operation returns, read into its classes."""
        return import_module(f"{self.name}.api.{function}").sync(
            *parts, client=self.connection, **parameters
        )

    def answer(self, name: str, *parts: str, **parameters: Any) -> Any:
        """What the operation `name` returns, checked against its schema and its classes."""
        (operation,) = (one for one in self.operations() if one["operationId"] == name)
        module = import_module(f"{self.name}.api.{operation['tags'][0]}.{name}")
        whole = module.sync_detailed(*parts, client=self.connection, **parameters)
        assert whole.status_code == 200, (name, whole.content)
        kind = whole.headers["content-type"].partition(";")[0]
        schema = operation["responses"]["200"]["content"][kind]["schema"]
        if kind == "application/json":
            content = json.loads(whole.content)
            root = {"components": self.description["components"], **schema}
            jsonschema_rs.validate(root, content)
            assert as_json(whole.parsed) == content, name
        return whole.parsed

    def operations(self) -> list[dict[str, Any]]:
        """The operations that are described."""
        paths = self.description["paths"].values()
        return [operation for methods in paths for operation in methods.values()]

    def model(self, name: str, content: dict[str, Any]) -> Any:
        """A body of the generated class `name`."""
        return self.kind(name).from_dict(content)

    def kind(self, name: str) -> Any:
        """The generated class `name`."""
        return getattr(import_module(f"{self.name}.models"), name)


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Iterator[Generated]:
    program = generator()
    if not program:
        pytest.skip(f"{PROGRAM} is not installed; .ci/run installs it")
    pytest.importorskip("attrs", reason="generated clients need attrs")
    folder = tmp_path_factory.mktemp("client")
    settings = settings_for(folder, places_table, bundle=str(calibrated_bundle))
    description = folder / "openapi.json"
    described = create_app(settings).openapi()
    description.write_text(json.dumps(described))
    binary = {"content_type_overrides": {MEDIA_TYPES["xlsx"]: "application/octet-stream"}}
    (folder / "config.json").write_text(json.dumps(binary))
    made = subprocess.run(
        [
            *(program, "generate", "--path", description, "--meta", "none"),
            *("--output-path", folder / "generated_client", "--fail-on-warning"),
            *("--config", folder / "config.json"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(Path(sys.executable).parent)},  # it formats what it writes with ruff
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with pytest.MonkeyPatch.context() as patch, in_thread(settings) as url:
        patch.syspath_prepend(str(folder))
        kind = import_module("generated_client").Client
        with kind(base_url=url, raise_on_unexpected_status=True) as connection:
            yield Generated("generated_client", connection, described)


def as_json(parsed: Any) -> Any:
    """What a client read into its classes, as JSON again."""
    return [as_json(one) for one in parsed] if isinstance(parsed, list) else parsed.to_dict()


def calls(client: Generated) -> Iterator[tuple[str, tuple[str, ...], dict[str, Any]]]:
    """A call of every operation: its name, the parts of its path, and its other parameters."""

    def body(kind: str, content: dict[str, Any]) -> dict[str, Any]:
        return {"body": client.model(kind, content)}

    ask = body("Ask", {"lots": {"care": LOT}, "limit": 3})
    listed = client.answer("ask_shortlists", **ask).shortlists["care"]
    asked = body("AskMarkets", {"lots": {"care": LOT}})
    market = client.answer("ask_markets", **asked).markets[0].market.id
    need = body("AskSplits", {"need": NEED, "splits": {"by council": PARTS}})
    split = client.answer("compare_splits", **need).id
    provider = listed.suggestions[0].id
    decided = {
        **{"by": "Alex Example", "reason": "It is near.", "conflicts": "none"},
        "choices": [{"provider": provider, "outcome": "invited"}],
    }
    came = {"by": "Alex Example", "results": [{"provider": provider, "result": "awarded"}]}
    queries = {"queries": json.dumps({"a": {"query": "Engine Wrks"}})}
    fill = {"ids": [provider], "properties": [{"id": "kind"}, {"id": "income"}]}
    match = {"queries": [{"conditions": [{"matchType": "name", "v": "Engine Wrks"}]}]}
    yield from (
        ("ask_shortlists", (), {**ask, "view": client.kind("AskShortlistsView")("short")}),
        ("ask_shortlists", (), {**ask, "fields": "id,past"}),
        ("list_shortlists", (), {}),
        ("replay_shortlist", (listed.id,), {}),
        ("explain_provider", (listed.id, provider), {}),
        ("decide_shortlist", (listed.id,), body("Decide", decided)),
        ("record_outcome", (listed.id,), body("RecordOutcome", came)),
        ("get_shortlist", (listed.id,), {}),
        ("export_shortlist_csv", (listed.id,), {}),
        ("export_shortlist_xlsx", (listed.id,), {}),
        ("ask_markets", (), asked),
        ("get_market", (market,), {}),
        ("replay_market", (market,), {}),
        ("compare_splits", (), need),
        ("suggest_splits", (), need),
        ("get_splits", (split,), {}),
        ("replay_splits", (split,), {}),
        ("ask_consortia", (), body("AskConsortia", {"lot": NEED, "needs": ["Home care"]})),
        ("search_providers", (), {"q": "Engine Wrks"}),
        ("get_provider", (provider,), {}),
        ("search_places", (), {"q": "Walsall"}),
        ("get_exposure", (), {}),
        ("outcomes", (), {}),
        ("get_register", (), {}),
        ("get_models", (), {}),
        ("get_rules", (), {}),
        ("get_transparency_record", (), {}),
        ("place_picture", ("Walsall",), {}),
        ("keep_place_picture", ("Walsall",), {}),
        ("reconcile", (), {}),
        ("reconcile", (), queries),
        ("reconcile", (), {"extend": json.dumps(fill)}),
        ("post_reconcile", (), body("BodyPostReconcile", queries)),
        ("suggest_entities", (), {"prefix": "Engine"}),
        ("suggest_types", (), {}),
        ("suggest_properties", (), {}),
        ("propose_properties", (), {}),
        ("describe_draft", (), {}),
        ("match", (), body("MatchQueries", match)),
        ("extend", (), body("ExtendColumns", fill)),
        ("get_health", (), {}),
        ("get_readiness", (), {}),
    )


def test_every_operation_answers_in_the_classes_that_its_description_gives(
    client: Generated,
) -> None:
    called = []
    for name, parts, parameters in calls(client):
        client.answer(name, *parts, **parameters)
        called.append(name)
    assert {one["operationId"] for one in client.operations()} == set(called)


def test_a_shortlist_is_asked_for_looked_up_and_decided_on(client: Generated) -> None:
    ask = client.model("Ask", {"lots": {"care": LOT, "text": "Home care, WS2 8RR"}, "limit": 3})
    answered = client.call("shortlists.ask_shortlists", body=ask)
    assert set(answered.shortlists.additional_keys) == {"care", "text"}
    answer = answered.shortlists["care"]
    first = answer.suggestions[0]
    assert (first.rank, first.name) == (1, "Brightside 1 Care")
    assert first.contributions.additional_properties
    decide = client.model(
        "Decide",
        {
            "by": "Alex Example",
            "reason": "It is near.",
            "conflicts": "none",
            "choices": [{"provider": first.id, "outcome": "invited"}],
        },
    )
    kept = client.call("shortlists.decide_shortlist", answer.id, body=decide)
    assert kept.decisions[0].decision.choices[0].outcome.value == "invited"
    assert client.call("shortlists.get_shortlist", answer.id) == kept


def test_a_market_and_a_split_are_asked_for(client: Generated) -> None:
    ask = client.model("AskMarkets", {"lots": {"care": LOT}})
    line = client.call("markets.ask_markets", body=ask).markets[0]
    assert line.market.depth.credible.number >= 0
    ask = client.model("AskSplits", {"need": NEED, "splits": {"by council": PARTS}})
    compared = client.call("splits.compare_splits", body=ask).compared
    assert "by council" in compared.splits


def test_a_provider_is_searched_and_looked_up(client: Generated) -> None:
    (hit,) = client.call("known.search_providers", q="Engine Wrks", limit=1)
    assert hit.id == "GB-COH-01234567"
    profile = client.call("known.get_provider", hit.id)
    assert profile.organisation.provider.name == "Engine Works"


def test_a_refusal_is_a_problem(client: Generated) -> None:
    problem = client.call("known.get_provider", "GB-COH-0")
    assert (problem.status, problem.title) == (404, "Not found")


def test_a_list_is_had_as_a_file(client: Generated) -> None:
    ask = client.model("Ask", {"lots": {"care": LOT}, "limit": 3})
    (answer,) = client.call(
        "shortlists.ask_shortlists", body=ask
    ).shortlists.additional_properties.values()
    table = client.call("shortlists.export_shortlist_csv", answer.id)
    assert "Brightside 1 Care" in table
    assert client.call("shortlists.export_shortlist_xlsx", answer.id).payload.read(2) == b"PK"


def test_every_operation_has_a_name_of_its_own(client: Generated) -> None:
    package = Path(import_module(client.name).__file__ or "").parent
    names = [file.stem for file in package.glob("api/*/*.py") if file.stem != "__init__"]
    assert len(names) == len(set(names))
    assert not [name for name in names if "_v1_" in name or name.endswith(("_get", "_post"))]
