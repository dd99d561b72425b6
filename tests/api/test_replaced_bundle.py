"""A bundle that is replaced under a service: old answers, new ones or words; never a mixture."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from matcher.ranking.features.registry import FEATURES
from matcher.register.build.embed import embed
from models.bundle import Bundle
from models.calibrated_ranker import CalibratedRanker, Floor
from models.knowledge import Knowledge
from models.ranker import LinearRanker
from models.services import Services
from tests.encoders import services, tiny
from tests.registers import registered
from tests.services import LOT, PEOPLE

BEFORE = Knowledge(encoder=tiny(0), services=services(0))
TURNED = Services(
    services(0).names,
    services(0).asked,
    np.roll(services(0).offered, 3, axis=1),
    tiny(0).version,
)
AFTER = {
    "another encoder": Knowledge(encoder=tiny(1), services=services(1)),
    "another table of services": Knowledge(encoder=tiny(0), services=TURNED),
}
ASKED = {"lots": {"a": LOT}, "everyone": True, "limit": 10}


def install(folder: Path, knowledge: Knowledge) -> Bundle:
    """Put a bundle that ranks by what an encoder finds near in the place of the one in `folder`."""
    ranker = LinearRanker(("encoded_offer", "same_services"), (1.0, 0.5))
    calibrated = CalibratedRanker(ranker, Floor(LinearRanker((), ())))
    shutil.rmtree(folder, ignore_errors=True)
    bundle = Bundle("ours", "", {}, {"all": calibrated, "relevance": calibrated}, knowledge)
    bundle.save(folder)
    return Bundle.open(folder, FEATURES)


@contextmanager
def service(register: Path, bundle: Path, records: Path) -> Iterator[TestClient]:
    settings = Settings(register, bundle=str(bundle), records=str(records))
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        yield client


def listed(client: TestClient) -> Any:
    answer = client.post("/v1/shortlists", json=ASKED)
    assert answer.status_code == 200, answer.text
    told = answer.json()["shortlists"]["a"]
    return told["read_as"], [(one["id"], one["score"]) for one in told["suggestions"]]


def refused(client: TestClient) -> str:
    assert client.get("/readyz").status_code == 503
    answer = client.post("/v1/shortlists", json=ASKED)
    assert answer.status_code == 503, answer.text
    return str(answer.json()["detail"])


@pytest.mark.parametrize("what", AFTER)
def test_a_service_whose_bundle_and_register_do_not_agree_says_what_to_do(
    what: str, tmp_path: Path, places_table: Path
) -> None:
    register, bundle, alone = (tmp_path / name for name in ("reg", "ours", "alone"))
    registered(register, places_table, *PEOPLE, trust_ids=True)
    embed(register, install(bundle, BEFORE))
    with ExitStack() as stack:
        first = stack.enter_context(service(register, bundle, tmp_path / "first.sqlite"))
        was = listed(first)
        new = install(bundle, AFTER[what])  # and the build is killed before it swaps the register
        assert listed(first) == was
        second = stack.enter_context(service(register, bundle, tmp_path / "second.sqlite"))
        assert f"run `matcher build --register {register} --bundle {bundle}`" in refused(second)
        shutil.copytree(register, alone)
        embed(alone, new)
        embed(register, new)
        told = refused(first)
        assert "start this program again" in told
        assert f"--bundle {bundle}`" in told
    with service(register, bundle, tmp_path / "second.sqlite") as again:
        now = listed(again)
    with service(alone, bundle, tmp_path / "third.sqlite") as third:
        assert listed(third) == now != was
