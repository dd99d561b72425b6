"""The catalogue of sources: complete, on secure addresses, and open to corrections."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from matcher.core.errors import BadInput
from matcher.fetch.readers import CODES, READERS
from matcher.sources.catalogue import AccessMethod, catalogue, credits_of
from matcher.sources.providers import care, charity_commission, mutuals


def test_every_source_has_its_terms_and_a_reader() -> None:
    known = {*READERS, *CODES, "postcodes", "notices", "directory"}
    for name, entry in catalogue().items():
        assert entry.attribution, name
        assert entry.about, name
        assert entry.layout in known, name
        assert entry.licence or entry.way is AccessMethod.DIRECTORY, name


def test_every_address_that_ships_is_encrypted() -> None:
    for entry in catalogue().values():
        if entry.way is not AccessMethod.DIRECTORY:
            assert all(urlsplit(one).scheme == "https" for one in entry.addresses())


def test_records_are_named_after_the_title_of_their_source() -> None:
    titles = {entry.title for entry in catalogue().values()}
    assert {care.NAME, charity_commission.NAME, mutuals.NAME} <= titles
    assert {"Find a Tender", "Contracts Finder", "Companies House"} <= titles


def test_one_line_of_ones_own_moves_an_address(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[mutuals]\naddress = "https://new.example/list.csv"\n')
    shipped, own = catalogue()["mutuals"], catalogue([path])["mutuals"]
    assert own.address == "https://new.example/list.csv"
    assert own.licence == shipped.licence


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[mutuals]\naddress = 3", r"\[mutuals\] Expected `str`"),
        ("[mutuals]\nadress = 'x'", r"\[mutuals\] Object contains unknown field `adress`"),
        ("[mutuals]\naddress = 'new.example'", "must begin with https://"),
        ("[mine]\naddress = 'https://a.example'", r"\[mine\] Object missing required field"),
        ("[mutuals]\npause = -1", r"\[mutuals\] Expected `float` >= 0"),
        ("address = 'https://a.example'", "address is outside a table"),
        ("[mutuals", "is not TOML"),
    ],
)
def test_a_wrong_line_is_refused_by_its_name(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=why):
        catalogue([path])


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"--sources .*: cannot be read"):
        catalogue([tmp_path / "none.toml"])


def test_a_credit_has_the_licence_that_its_records_say_and_the_words_it_asks_for() -> None:
    day = date(2026, 11, 1)
    said = [("Companies House", "OGL-UK-3.0", day), ("Our own table", "", None)]
    companies, own = credits_of(said, catalogue())
    assert (companies.licence, companies.day) == ("OGL-UK-3.0", day)
    assert "Companies House" in companies.attribution
    assert (own.licence, own.attribution) == ("", "")


def test_a_directory_is_credited_by_its_kind() -> None:
    (one,) = credits_of([("Open Referral UK: council.example", "", None)], catalogue())
    assert "directory of services" in one.attribution
