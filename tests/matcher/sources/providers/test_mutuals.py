"""The register of mutual societies, in its published layout and spelling."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from matcher.core.errors import BadSource
from matcher.core.types import Grade, Kind, Provider, Site, Status, Tally
from matcher.sources.providers import mutuals
from tests.published import societies


def read(path: Path, body: bytes) -> tuple[Tally, list[Provider]]:
    path.write_bytes(body)
    ((tally, rows),) = mutuals.read([path])
    return tally, list(rows)


def test_a_society_is_read_with_its_number_kind_and_postcode(tmp_path: Path) -> None:
    tally, found = read(tmp_path / "SocietyList-2026-11-02.csv", societies())
    assert (tally.read, tally.kept) == (2, 2)
    one = found[0]
    assert one.id == "GB-MPR-90001R"
    assert one.name == "Invented Wheels Co-operative Limited"
    assert one.kind is Kind.COOP
    assert one.sites == (Site("WS1 1AD", Grade.REGISTERED_OFFICE),)
    assert one.status is Status.ACTIVE
    assert one.source.day == date(2026, 11, 2)
    assert one.source.licence == "OGL-UK-3.0"
    assert "Street" not in repr(one)


def test_a_deregistered_society_is_removed(tmp_path: Path) -> None:
    _, found = read(tmp_path / "list.csv", societies())
    assert not found[1].status.may_rank


def test_the_correct_spelling_of_the_column_is_read(tmp_path: Path) -> None:
    body = societies().replace(b"Registation", b"Registration")
    assert read(tmp_path / "list.csv", body)[1] == read(tmp_path / "list.csv", societies())[1]


def test_a_community_benefit_society_is_a_community_group(tmp_path: Path) -> None:
    body = societies().replace(b"Co-operative Society", b"Community Benefit Society")
    assert read(tmp_path / "list.csv", body)[1][0].kind is Kind.COMMUNITY


def test_another_layout_is_refused_with_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(societies().replace(b"Society Status", b"State"))
    with pytest.raises(BadSource, match="has no column 'Society Status'"):
        next(mutuals.read([path]))


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (b"2019-06-14", Status.REMOVED),
        (b"14 June 2019", Status.REMOVED),
        (b"N/A", Status.ACTIVE),
        (b"-", Status.ACTIVE),
        (b"01/01/2199", Status.ACTIVE),
    ],
)
def test_a_registered_society_is_removed_from_the_day_of_its_deregistration(
    tmp_path: Path, day: bytes, status: Status
) -> None:
    header = b"Full Registration Number,Society Name,Registered As,Society Address,Society Status,"
    row = b"90009R,Plover Club,Co-operative Society,1 Invented Street WS1 1AD,Registered,"
    body = header + b"Deregistration Date\n" + row + day + b"\n"
    assert read(tmp_path / "list.csv", body)[1][0].status is status


def test_a_number_that_a_spreadsheet_shortened_is_of_no_society(tmp_path: Path) -> None:
    tally, found = read(tmp_path / "list.csv", societies().replace(b"90001R", b"9.0E+04"))
    assert [one.id for one in found] == ["GB-MPR-90002R"]
    assert tally.set_aside == {"no society name or number": 1}
