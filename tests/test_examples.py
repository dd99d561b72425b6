from __future__ import annotations

import csv
import json
import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from matcher.geo.postcode_parsing import tidy_postcode
from matcher.geo.postcodes import PostcodePlacement, PostcodeTable
from tests.factory import SHARED, needs_shared

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
CPV_WORDS = ROOT / "matcher" / "core" / "cpv_words.toml"

FAULTY_POSTCODES = {"WS3": "outward code only", "WS10 OQX": "letter O for nought"}
DIVISIONS = (
    "03 09 14 15 16 18 19 22 24 30 31 32 33 34 35 37 38 39 41 42 43 44 45 48 50 51 55 60 63 64 65"
    " 66 70 71 72 73 75 76 77 79 80 85 90 92 98"
)


def lines(name: str) -> list[dict[str, Any]]:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    return found


@cache
def providers() -> list[dict[str, Any]]:
    return lines("providers.jsonl")


@cache
def awards() -> list[dict[str, Any]]:
    return lines("awards.ocds.jsonl")


@cache
def notice() -> dict[str, Any]:
    return document("notice.json")


def lot() -> dict[str, Any]:
    return document("lot.json")


def releases() -> list[dict[str, Any]]:
    return [*awards(), *notice()["releases"]]


def suppliers(release: dict[str, Any]) -> list[dict[str, Any]]:
    return [party for party in release["parties"] if "supplier" in party["roles"]]


def postcodes_of(provider: dict[str, Any]) -> list[str]:
    return [code for code in provider["postcode"].split("; ") if code]


def postcodes() -> set[str]:
    found = {code for p in providers() for code in postcodes_of(p)} | {lot()["postcode"]}
    for release in releases():
        found |= {party["address"].get("postalCode", "") for party in release["parties"]}
        for item in release["tender"]["items"]:
            found |= {a.get("postalCode", "") for a in item["deliveryAddresses"]}
    return found - {""}


def cpv_codes() -> set[str]:
    found = set(lot()["cpv"])
    for release in releases():
        items = release["tender"]["items"]
        found |= {c["id"] for i in items for c in i.get("additionalClassifications", [])}
        found |= {i["classification"]["id"] for i in items if "classification" in i}
    return found | {release["tender"]["classification"]["id"] for release in awards()}


@cache
def vocabulary() -> dict[str, dict[str, str]]:
    return tomllib.loads(CPV_WORDS.read_text(encoding="utf-8"))


def test_every_record_says_that_it_is_fictional() -> None:
    marked = [*providers(), *releases(), notice(), lot()]
    assert all(record["fictional"] is True for record in marked)
    assert all(release["buyer"]["name"].endswith("(fictional)") for release in releases())
    assert "fictional" in (EXAMPLES / "lot.txt").read_text(encoding="utf-8").lower()


def test_every_lot_of_the_splits_says_that_it_is_fictional() -> None:
    need, splits = (
        json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
        for name in ("need.json", "splits.json")
    )
    lots = [need, splits["need"], *(lot for lots in splits["splits"].values() for lot in lots)]
    assert splits["need"] == need
    assert all(lot["fictional"] is True for lot in lots)
    assert all(lot["buyer"].endswith("(fictional)") for lot in lots)
    assert "fictional" in (EXAMPLES / "services.txt").read_text(encoding="utf-8").lower()


def test_provider_ids_are_unique_and_of_the_reserved_prefix() -> None:
    ids = [p["id"] for p in providers()]
    assert len(set(ids)) == len(ids) >= 150
    assert all(re.fullmatch(r"XX-EXAMPLE-\d{4}", id_) for id_ in ids)


def test_no_record_carries_an_official_number() -> None:
    everything = "".join(path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.json*"))
    assert not re.search(r"GB-(COH|CHC|SC|NIC|MPR|PPON)\b", everything)


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_no_e_mail_telephone_or_contact_is_given(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "@" not in text
    assert not re.search(r"(?<![\d-])(\+44|0)\d{3,4}[ -]?\d{3}[ -]?\d{3,4}\b", _without_codes(text))
    assert not re.search(r'"(contactPoint|email|telephone|streetAddress)"', text)


def _without_codes(text: str) -> str:
    """The text without CPV codes, which may begin with nought, and notice ids."""
    return re.sub(r'"\d{8}"|ocds-213czf-\d+', "", text)


def test_every_postcode_exists_but_the_faulty_ones(tmp_path: Path) -> None:
    letters = "".join(sorted({code[0] for code in postcodes()}))
    table = PostcodeTable.compile(tmp_path / "table", letters)
    found = {code: table.find(code) for code in postcodes()}
    exact = {
        code
        for code, at in found.items()
        if at and at.how is PostcodePlacement.EXACT and tidy_postcode(code) == code
    }
    assert set(found) - exact == set(FAULTY_POSTCODES)


def test_award_ids_are_unique() -> None:
    ocids = [release["ocid"] for release in awards()]
    assert len(set(ocids)) == len(ocids) >= 120


def test_each_award_refers_to_the_suppliers_among_its_parties() -> None:
    for release in awards():
        parties = [(s["id"], s["name"]) for s in suppliers(release)]
        (award,) = release["awards"]
        assert [(s["id"], s["name"]) for s in award["suppliers"]] == parties
        assert len(set(parties)) == len(parties) > 0


def test_a_supplier_with_an_id_is_the_provider_of_that_id() -> None:
    known = {p["id"]: p["name"] for p in providers()}
    for supplier in (s for release in awards() for s in suppliers(release)):
        if supplier["id"].startswith("XX-EXAMPLE-"):
            assert known[supplier["id"]] == supplier["name"]
        else:
            assert re.fullmatch(r"supplier-\d", supplier["id"])
            assert supplier["name"] not in known.values()


def test_awards_lie_in_their_years_and_were_published_after_they_were_made() -> None:
    for release in awards():
        made = date.fromisoformat(release["awards"][0]["date"][:10])
        assert date(2023, 1, 1) <= made < date.fromisoformat(release["date"][:10])
        assert made < date(2026, 9, 1)


def test_the_notice_has_five_lots_of_gross_values_in_range() -> None:
    (release,) = notice()["releases"]
    tender = release["tender"]
    gross = [each["value"]["amountGross"] for each in tender["lots"]]
    assert len(gross) == 5
    assert all(40_000 <= value <= 190_000 for value in gross)
    assert sum(gross) == tender["value"]["amountGross"]
    assert [i["relatedLot"] for i in tender["items"]] == [each["id"] for each in tender["lots"]]


def test_cpv_prefixes_are_digits_and_every_division_has_words_and_a_name() -> None:
    words, names = vocabulary()["words"], vocabulary()["names"]
    assert words.keys() == names.keys()
    assert all(re.fullmatch(r"\d{2,6}", prefix) for prefix in words)
    assert " ".join(sorted(prefix for prefix in words if len(prefix) == 2)) == DIVISIONS


def test_cpv_names_are_short_and_words_say_more_than_names() -> None:
    words, names = vocabulary()["words"], vocabulary()["names"]
    assert all(1 <= len(name.split()) <= 5 for name in names.values())
    assert all(len(words[prefix].split(", ")) >= 3 for prefix in words)


def test_every_code_of_the_examples_has_words_below_its_division() -> None:
    words = vocabulary()["words"]
    bare = {code for code in cpv_codes() if not any(code[:n] in words for n in (3, 4, 5))}
    assert bare <= {code for code in cpv_codes() if code.endswith("000000")}


@needs_shared
def test_cpv_codes_and_prefixes_are_of_the_published_list() -> None:
    with (SHARED / "reference" / "cpv.csv").open(encoding="utf-8") as file:
        labels = {row["code"]: row["label_en"].lower() for row in csv.DictReader(file)}
    assert cpv_codes() <= labels.keys()
    for prefix, name in vocabulary()["names"].items():
        official = labels[prefix.ljust(8, "0")]
        assert official not in {name.lower(), vocabulary()["words"][prefix].lower()}
