"""A month's build tells what only all months together say of a supplier's size."""

from __future__ import annotations

import json
from pathlib import Path

from matcher.core.types import Size
from matcher.register.register import Register
from tests.api.conftest import Run

FIRM = "GB-COH-01234567"


def notice(number: int, buyer: str, scale: str) -> str:
    """A release in which a buyer awards a contract to the firm, and says how large it is."""
    ocid = f"ocds-213czf-{number:06}"
    supplier = {
        "id": FIRM,
        "name": "Hot Pot Kitchens Ltd",
        "identifier": {"scheme": "GB-COH", "id": "01234567"},
        "address": {"postalCode": "WS1 1TP"},
        "roles": ["supplier"],
        "details": {"scale": scale},
    }
    named = {"id": f"XX-B-{number}", "name": buyer}
    award = {
        "id": "1",
        "status": "active",
        "date": f"2023-0{number}-06T00:00:00Z",
        "suppliers": [{"id": FIRM, "name": "Hot Pot Kitchens Ltd"}],
    }
    release = {
        "ocid": ocid,
        "id": f"{ocid}-award",
        "date": f"2023-0{number}-09T09:00:00Z",
        "tag": ["award"],
        "parties": [{**named, "roles": ["buyer"]}, supplier],
        "buyer": named,
        "tender": {"id": f"{ocid}-tender", "title": "Hot meals at home"},
        "awards": [award],
    }
    return json.dumps(release) + "\n"


def built(run: Run, register: Path, *files: Path) -> Register:
    """The register that the command makes of these files of award notices."""
    command = ("build", "--quiet", "--register", register, "--bundle", "hand", "--awards")
    ran = run(*command, *files)
    assert ran.code == 0, ran.err
    return Register.open(register)


def size(register: Register) -> Size:
    row = register.row(FIRM)
    assert row is not None
    return register.organisations[row].provider.size


def test_the_third_buyer_of_a_later_month_makes_a_supplier_large(run: Run, tmp_path: Path) -> None:
    months = [tmp_path / f"{month}.jsonl" for month in ("january", "february", "march")]
    said = [("Elm Council", "large"), ("Oak Council", "large"), ("Ash Council", "large")]
    for number, (month, (buyer, scale)) in enumerate(zip(months, said, strict=True), 1):
        month.write_text(notice(number, buyer, scale))
    reg = tmp_path / "reg"
    assert size(built(run, reg, *months[:2])) is Size.UNKNOWN
    grown = built(run, reg, *months)
    assert size(grown) is Size.LARGE
    assert grown.version == built(run, tmp_path / "anew", *months).version
    months[2].write_text(notice(3, "Ash Council", "sme"))
    assert size(built(run, reg, *months)) is not Size.LARGE, "the buyer took it back"
