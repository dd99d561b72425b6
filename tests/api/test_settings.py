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
    hosts="localhost",
    per_minute=5,
    most_bytes=6,
    most_lots=7,
    threads=8,
)


@pytest.mark.parametrize("settings", [FULL, Settings(Path("reg"))])
def test_what_is_written_into_an_environment_is_read_from_it(settings: Settings) -> None:
    assert Settings.of(settings.env()) == settings


def test_the_database_url_of_the_platform_is_the_records() -> None:
    settings = Settings.of({"LBD_REGISTER": "reg", "DATABASE_URL": "postgresql://db/x"})
    assert settings.records_url == "postgresql://db/x"


def test_without_a_word_the_records_lie_beside_the_register(tmp_path: Path) -> None:
    url = Settings(tmp_path / "reg").records_url
    assert url == f"sqlite:///{tmp_path}/reg.records.sqlite"


def test_a_file_is_named_as_a_path() -> None:
    url = replace(FULL, records="some/file.sqlite").records_url
    assert url == f"sqlite:///{Path('some/file.sqlite').absolute()}"


def test_without_a_register_nothing_starts() -> None:
    with pytest.raises(BadInput, match="LBD_REGISTER is not set"):
        Settings.of({})


@pytest.mark.parametrize("said", ["0", "-1", "many", "1.5", "²"])
def test_a_number_that_is_none_is_refused_by_its_name(said: str) -> None:
    with pytest.raises(BadInput, match="LBD_PER_MINUTE"):
        Settings.of({"LBD_REGISTER": "reg", "LBD_PER_MINUTE": said})
