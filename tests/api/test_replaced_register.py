"""A register that is built anew while it is asked: no failure, and each answer is from one of them.

Each of the two registers says one word in all that it says.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import matcher.law
from api import app
from api.app import create_app
from api.settings import Settings
from matcher.core.types import Award, Provider
from matcher.register.build.build import BuildOptions, build
from matcher.register.manifest import FORMAT
from matcher.register.register import Register
from tests.factory import award, lot
from tests.officer import ACCEPTS_HTML, Officer
from tests.registers import calibrated, feed, registered
from tests.servers import in_thread
from tests.services import LOT, carer

ONE = "GB-CHC-1000001"
WORDS = ("alpha", "beta")
NEED = {"title": "Care", "lots": [{"id": "1", **LOT}, {"id": "2", **LOT, "title": "Visits"}]}


def people(word: str) -> list[Provider | Award]:
    """The same ids in each register."""
    cares = [
        carer(n, "WS1 1TP", name=f"Care {n} {word}", profile=f"Home care for older people, {word}")
        for n in range(1, 4)
    ]
    won = lot(id="a-1", title=f"Home care {word}", buyer="Walsall Council")
    return [*cares, award("a-1", cares[0], lot=won, value=9e4, day=date(2025, 2, 1))]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Path:
    """A register's folder with two snapshots, and a bundle beside it."""
    folder = tmp_path_factory.mktemp("both")
    for name, word in zip(("reg", "other"), WORDS, strict=True):
        registered(folder / name, places_table, *people(word), trust_ids=True)
    (other,) = (folder / "other").glob("snapshot-*")
    shutil.copytree(other, folder / "reg" / "snapshot-other")
    calibrated(folder / "bundle")
    return folder / "reg"


def settings(register: Path, records: Path) -> Settings:
    bundle = str(register.parent / "bundle")
    return Settings(register, bundle=bundle, records=str(records), per_minute=1_000_000)


@pytest.fixture
def looked(both: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The snapshots at which the service looks: at each look, the other one is in force."""
    looked: list[str] = []
    renewed = Register.renewed
    names = sorted(path.name for path in both.glob("snapshot-*"))

    def look(self: Register, **options: bool) -> Register:
        looked.append(next(name for name in names if name != self.folder.name))
        (both / "CURRENT").write_text(looked[-1])
        return renewed(self, **options)

    monkeypatch.setattr(Register, "renewed", look)
    return looked


@pytest.fixture
def client(both: Path, looked: list[str], tmp_path: Path) -> Iterator[TestClient]:
    records = tmp_path / "records.sqlite"
    with TestClient(create_app(settings(both, records)), base_url="http://localhost") as client:
        yield client


Ask = Callable[[TestClient], Any]
ASKED: dict[str, Ask] = {
    "shortlists": lambda client: client.post("/v1/shortlists", json={"lots": {"a": LOT, "b": LOT}}),
    "markets": lambda client: client.post("/v1/markets", json={"lots": {"a": LOT}}),
    "splits": lambda client: client.post("/v1/splits", json={"need": NEED}),
    "picture": lambda client: client.get("/v1/places/E08000030/picture"),
    **{
        address: lambda client, address=address: client.get(address, headers=ACCEPTS_HTML)  # type: ignore[misc]
        for address in (
            *(f"/v1/providers/{ONE}", "/v1/providers?q=Care", "/v1/places?q=Walsall"),
            *("/v1/register", "/v1/models", "/v1/rules", "/v1/transparency", "/v1/exposure"),
            *("/v1/outcomes", "/readyz", "/", "/past", "/exposure", "/outcomes", "/same-or-not"),
            *(f"/providers/{ONE}", "/place/E08000030"),
        )
    },
}


def said(status: int, text: str) -> set[str]:
    """The words of an answer that is no failure."""
    assert status < 400, (status, text)
    return {word for word in WORDS if word in text}


@pytest.mark.parametrize("what", ASKED)
def test_an_answer_looks_once_which_register_is_in_force(
    what: str, client: TestClient, looked: list[str]
) -> None:
    client.post("/v1/shortlists", json={"lots": {"a": LOT}})
    for _ in range(2):
        looked.clear()
        answer = ASKED[what](client)
        assert len(said(answer.status_code, answer.text)) <= 1
        assert len(looked) <= 1


def test_a_page_of_a_list_looks_once(client: TestClient, looked: list[str]) -> None:
    officer = Officer(client)
    page = officer.ask("Home care for older people\nVisits around WS1 1TP. CPV 85312100")
    for end in ("", "/why", "/decision", "/compare", "/print", "/outcome", "/export.csv"):
        looked.clear()
        answer = client.get(f"{page.path}{end}", params={"provider": ONE}, headers=ACCEPTS_HTML)
        assert len(said(answer.status_code, answer.text)) <= 1
        assert len(looked) <= 1


def newer(register: Path) -> None:
    """Let a later version of this program write the register anew."""
    old = register / (register / "CURRENT").read_text().strip()
    new = shutil.copytree(old, register / "snapshot-newer")
    manifest = json.loads((new / "manifest.json").read_text())
    (new / "manifest.json").write_text(json.dumps({**manifest, "format": FORMAT + 1}))
    (register / "CURRENT").write_text(new.name)


def test_a_service_that_meets_a_register_of_a_later_version_says_so_and_shows_what_is_kept(
    both: Path, tmp_path: Path
) -> None:
    register = shutil.copytree(both, tmp_path / "reg")
    shutil.copytree(both.parent / "bundle", tmp_path / "bundle")
    with TestClient(
        create_app(settings(register, tmp_path / "records.sqlite")), base_url="http://localhost"
    ) as client:
        officer = Officer(client)
        kept = officer.ask("Home care for older people\nVisits around WS1 1TP")
        need = officer.paste("Care\nVisits around WS1 1TP")
        newer(register)
        assert client.get("/readyz").status_code == 503
        refused = client.post("/v1/shortlists", json={"lots": {"a": LOT}})
        assert refused.status_code == 503
        assert "use the newer version that wrote it" in refused.json()["detail"]
        told = officer.send("/lots", need.form("/lots") | {"do": "ask"})
        assert told.status == 503
        assert "Send this to the people who run the service" in told.text
        past = officer.open("/past")
        assert past.status == 200
        assert kept.path in past.response.text


def take_away(folder: Path) -> Callable[[], object]:
    """Take away a folder; returns what puts it back."""
    folder.rename(folder.with_name("away"))
    return lambda: folder.with_name("away").rename(folder)


def build_with_newer(register: Path) -> Callable[[], object]:
    """Let a later version write the register; returns what lets this version build it again."""
    before = (register / "CURRENT").read_text()
    newer(register)
    return lambda: (register / "CURRENT").write_text(before)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda folder: build_with_newer(folder / "reg"), "use the newer version that wrote it"),
        (lambda folder: take_away(folder / "bundle"), "there is no bundle there"),
        (lambda folder: take_away(folder / "rules"), "rules: not a folder"),
    ],
    ids=["register", "bundle", "rules"],
)
def test_a_worker_that_starts_while_nothing_can_be_ranked_answers_503_until_it_can(
    both: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], Callable[[], object]],
    says: str,
) -> None:
    """If it ended, the process that starts workers would end the others with it."""
    monkeypatch.setattr(app, "_TRY_AGAIN_SECONDS", 0.02)
    register = shutil.copytree(both, tmp_path / "reg")
    shutil.copytree(both.parent / "bundle", tmp_path / "bundle")
    shutil.copytree(Path(matcher.law.__file__).with_name("procedures"), tmp_path / "rules")
    put_back = change(tmp_path)
    chosen = replace(settings(register, tmp_path / "records.sqlite"), procedures=tmp_path / "rules")
    with TestClient(create_app(chosen), base_url="http://localhost") as client:
        keyed = {"Idempotency-Key": "a key"}
        for headers in ({}, keyed):
            refused = client.post("/v1/shortlists", json={"lots": {"a": LOT}}, headers=headers)
            assert refused.status_code == 503
            assert says in refused.json()["detail"]
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.get("/past", headers=ACCEPTS_HTML).status_code == 503
        put_back()
        until = time.monotonic() + 60
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < until
            time.sleep(0.02)
        answered = client.post("/v1/shortlists", json={"lots": {"a": LOT}}, headers=keyed)
        assert answered.status_code == 200


@pytest.mark.slow
def test_no_answer_fails_while_builds_replace_the_register(
    both: Path, tmp_path: Path, places_table: Path
) -> None:
    reg = tmp_path / "reg"
    registered(reg, places_table, *people(WORDS[0]), trust_ids=True)
    shutil.copytree(both.parent / "bundle", tmp_path / "bundle")
    ended, seen = threading.Event(), set[str]()
    asks: tuple[tuple[str, object], ...] = (
        ("/v1/shortlists", {"lots": {"a": LOT}, "limit": 5}),
        ("/v1/markets", {"lots": {"a": LOT}}),
        ("/v1/splits", {"need": NEED}),
        *((path, None) for path in (f"/providers/{ONE}", "/exposure", "/place/E08000030")),
        (f"/v1/providers/{ONE}", None),
    )

    def client(number: int) -> int:
        asked = 0
        while not ended.is_set() or not asked:
            path, body = asks[(number + asked) % len(asks)]
            content = None if body is None else json.dumps(body).encode()
            headers = {"content-type": "application/json", **ACCEPTS_HTML}
            request = urllib.request.Request(f"{url}{path}", content, headers)
            with urllib.request.urlopen(request, timeout=60) as answer:
                words = said(answer.status, answer.read().decode())
            assert len(words) <= 1, path
            seen.update(words)
            asked += 1
        return asked

    with (
        in_thread(settings(reg, tmp_path / "records.sqlite")) as url,
        ThreadPoolExecutor(4) as pool,
    ):
        clients = [pool.submit(client, number) for number in range(4)]
        try:
            for n in range(1, 13):
                feeds = [feed(*people(WORDS[n % 2]))]
                build(reg, feeds, places_table=places_table, options=BuildOptions(trust_ids=True))
        finally:
            ended.set()
        assert all(each.result() for each in clients)
    assert seen == set(WORDS)
