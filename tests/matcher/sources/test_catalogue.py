"""The catalogue of sources: complete, with secure addresses that a user can override."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from matcher.core.errors import BadInput
from matcher.fetch.readers import CODES, READERS
from matcher.sources.catalogue import NAMED_BY_USER, AccessMethod, credits_for, load_catalogue
from matcher.sources.providers import care, charity_commission, mutuals


def test_every_source_has_its_terms_and_a_reader() -> None:
    known = {*READERS, *CODES, "postcodes", "place-names", "notices", "directory", "spending"}
    for name, entry in load_catalogue().items():
        assert entry.attribution, name
        assert entry.about, name
        assert entry.layout in known, name
        assert entry.licence or entry.way is AccessMethod.DIRECTORY, name


def test_every_bundled_address_uses_https() -> None:
    for entry in load_catalogue().values():
        if entry.way not in NAMED_BY_USER:
            assert all(urlsplit(one).scheme == "https" for one in entry.addresses())


def test_records_are_named_after_the_title_of_their_source() -> None:
    titles = {entry.title for entry in load_catalogue().values()}
    assert {care.NAME, charity_commission.NAME, mutuals.NAME} <= titles
    assert {"Find a Tender", "Contracts Finder", "Companies House"} <= titles


def test_a_user_file_overrides_an_address(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[mutuals]\naddress = "https://new.example/list.csv"\n')
    shipped, own = load_catalogue()["mutuals"], load_catalogue([path])["mutuals"]
    assert own.address == "https://new.example/list.csv"
    assert own.licence == shipped.licence


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[mutuals]\naddress = 3", r"\[mutuals\] address: text belongs there"),
        ("[mutuals]\nadress = 'x'", r"\[mutuals\] adress is not known"),
        ("[mutuals]\naddress = 'new.example'", "must begin with https://"),
        ("[mine]\naddress = 'https://a.example'", r"\[mine\] title is missing"),
        ("[mutuals]\npause = -1", r"\[mutuals\] pause: a number of at least 0"),
        ("address = 'https://a.example'", "address is outside a table"),
        ("[mutuals", "is not TOML"),
    ],
)
def test_a_wrong_line_is_refused_with_its_table(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=why):
        load_catalogue([path])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"--sources .*: cannot be read"):
        load_catalogue([tmp_path / "none.toml"])


def test_a_credit_has_the_licence_of_its_records_and_the_attribution() -> None:
    day = date(2026, 11, 1)
    said = [("Companies House", "OGL-UK-3.0", day), ("Our own table", "", None)]
    companies, own = credits_for(said, load_catalogue())
    assert (companies.licence, companies.day) == ("OGL-UK-3.0", day)
    assert "Companies House" in companies.attribution
    assert (own.licence, own.attribution) == ("", "")


def test_an_open_referral_directory_is_credited_by_its_format() -> None:
    (one,) = credits_for([("Open Referral UK: council.example", "", None)], load_catalogue())
    assert "directory of services" in one.attribution
