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

    def call(self, function: str, *parts: str, **parameters: Any) -> Any:
        """What the generated function of an operation returns, read into its classes."""
        return import_module(f"{self.name}.api.{function}").sync(
            *parts, client=self.connection, **parameters
        )

    def model(self, name: str, content: dict[str, Any]) -> Any:
        """A body of the generated class `name`."""
        return getattr(import_module(f"{self.name}.models"), name).from_dict(content)


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
    description.write_text(json.dumps(create_app(settings).openapi()))
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
            yield Generated("generated_client", connection)


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
