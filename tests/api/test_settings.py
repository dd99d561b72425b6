"""Settings are read from an environment that is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from api.settings import Settings
from matcher.core.errors import BadInput

FULL = Settings(
    register=Path("reg"),
    bundle="hand",
    records="postgresql://x/y",
    procedures=Path("packs"),
    keys=Path("keys"),
    chain_key=Path("chain.key"),
    anchors=Path("anchors"),
    hosts="localhost",
    proxies="127.0.0.1,10.0.0.0/8",
    origins="https://refine.example",
    per_minute=5,
    most_bytes=6,
    most_lots=7,
    threads=8,
    rankings=9,
    documents=10,
    waiting=11,
)


@pytest.mark.parametrize("settings", [FULL, Settings(Path("reg"))])
def test_settings_survive_a_round_trip_through_the_environment(settings: Settings) -> None:
    assert Settings.of(settings.env()) == settings


def test_database_url_names_the_records() -> None:
    settings = Settings.of({"LBD_REGISTER": "reg", "DATABASE_URL": "postgresql://db/x"})
    assert settings.records_url == "postgresql://db/x"


def test_by_default_the_records_are_next_to_the_register(tmp_path: Path) -> None:
    url = Settings(tmp_path / "reg").records_url
    assert url == f"sqlite:///{tmp_path}/reg.records.sqlite"


@pytest.mark.parametrize("named", [".", "./", "", "../reg", "x/.."])
def test_a_register_that_is_the_folder_one_is_in_has_its_records_next_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    (tmp_path / "reg").mkdir()
    monkeypatch.chdir(tmp_path / "reg")
    settings = Settings(Path(named))
    assert settings.records_url == f"sqlite:///{tmp_path}/reg.records.sqlite"
    assert settings.anchors_path == tmp_path / "reg.records.sqlite.anchors"


def test_records_can_be_named_as_a_path() -> None:
    url = replace(FULL, records="some/file.sqlite").records_url
    assert url == f"sqlite:///{Path('some/file.sqlite').absolute()}"


def test_settings_without_a_register_are_refused() -> None:
    with pytest.raises(BadInput, match="LBD_REGISTER is not set"):
        Settings.of({})


@pytest.mark.parametrize("said", ["0", "-1", "many", "1.5", "²"])
def test_an_invalid_number_is_refused_by_its_name(said: str) -> None:
    with pytest.raises(BadInput, match="LBD_PER_MINUTE"):
        Settings.of({"LBD_REGISTER": "reg", "LBD_PER_MINUTE": said})
