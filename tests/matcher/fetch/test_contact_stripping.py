"""Contact details are removed, and everything that the readers use is kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from matcher.core.redaction import without_contacts, without_provider_contacts
from matcher.core.types import (
    Award,
    Lot,
    Provider,
    Tally,
)
from matcher.fetch import contact_stripping
from matcher.sources.notices.ocds import AwardSource, merged_awards
from matcher.sources.notices.releases import releases
from matcher.sources.notices.tender import Notice
from matcher.sources.providers import open_referral
from tests.factory import SHARED, needs_shared
from tests.published import release, service


def stripped(read: Callable[[object], Any], document: object) -> Any:
    """What a reader makes of a document once it is stripped and has been on the disk."""
    return read(json.loads(json.dumps(document)))


def clean(lot: Lot) -> Lot:
    return replace(
        lot,
        title=without_contacts(lot.title),
        description=without_contacts(lot.description),
    )


def awards(document: object) -> list[Award]:
    [(_, awards)] = merged_awards([AwardSource(Tally("x"), [("here", document)])])
    return list(awards)


def lots(document: object) -> list[Lot]:
    return [lot for one in releases(document) for lot in Notice.of(one).lots(Tally("x"))]


def cleaned_award(one: Award) -> Award:
    return replace(
        one, lot=clean(one.lot), suppliers=tuple(map(without_provider_contacts, one.suppliers))
    )


def check(document: object) -> int:
    """The readers make the same of a stripped document as of the whole one; how much that is."""
    found = 0
    for one in releases(document):
        kept = contact_stripping.notice(one)
        want = [cleaned_award(award) for award in awards(one)]
        assert [cleaned_award(award) for award in stripped(awards, kept)] == want
        assert [clean(lot) for lot in stripped(lots, kept)] == [clean(lot) for lot in lots(one)]
        found += len(want) + len(lots(one))
    return found


def test_an_invented_notice_is_read_equally() -> None:
    assert check(release(1)) == 2


def documents(*patterns: str) -> Iterator[object]:
    for pattern in patterns:
        for path in sorted(SHARED.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".jsonl":
                yield from map(json.loads, text.splitlines())
            else:
                yield json.loads(text)


@needs_shared
@pytest.mark.parametrize("folder", ["find-a-tender", "contracts-finder"])
def test_real_notices_read_the_same(folder: str) -> None:
    assert sum(map(check, documents(f"fixtures/{folder}/*.json*"))) > 1


@needs_shared
def test_real_awards_read_the_same() -> None:
    with gzip.open(SHARED / "awards" / "uk-awards-to-2022-09.ocds.jsonl.gz", "rt") as file:
        every = map(json.loads, islice(file, 0, None, 40))
        assert sum(map(check, every)) > 1500


@needs_shared
def test_contacts_are_removed_from_real_notices() -> None:
    for document in documents("fixtures/find-a-tender/*.json", "fixtures/contracts-finder/*.json"):
        for one in releases(document):
            written = json.dumps(contact_stripping.notice(one))
            for key in ("contactPoint", "email", "telephone", "streetAddress", "faxNumber"):
                assert f'"{key}"' not in written
            assert "@" not in written


def organisations(folder: Path, document: object) -> list[Provider]:
    folder.mkdir(parents=True)
    (folder / "services.json").write_text(json.dumps(document))
    ((_, found),) = open_referral.read([folder])
    return [without_provider_contacts(one) for one in found]


@needs_shared
def test_a_real_directory_reads_the_same(tmp_path: Path) -> None:
    for number, document in enumerate(documents("fixtures/open-referral-uk/*full.json")):
        whole = organisations(tmp_path / "whole" / str(number) / "feed", document)
        kept = contact_stripping.service(document)
        assert organisations(tmp_path / "kept" / str(number) / "feed", kept) == whole


def test_an_invented_service_reads_the_same(tmp_path: Path) -> None:
    whole = organisations(tmp_path / "a" / "feed", service(1))
    assert organisations(tmp_path / "b" / "feed", contact_stripping.service(service(1))) == whole
    assert whole


def test_the_postcode_in_a_street_is_kept() -> None:
    party = {"address": {"streetAddress": "1 High Street,rnTown,rnWS1 1TP"}}
    assert contact_stripping.notice({"parties": [party]}) == {
        "parties": [{"address": {"postalCode": "WS1 1TP"}}]
    }


def test_a_separate_postcode_takes_precedence_over_the_street() -> None:
    party = {"address": {"streetAddress": "B1 1BB", "postalCode": "WS1 1TP"}}
    assert contact_stripping.notice(party) == {"address": {"postalCode": "WS1 1TP"}}


def test_a_contact_among_the_parties_is_not_kept() -> None:
    one = {
        "parties": [
            {"id": "1", "name": "Moss Council", "roles": ["buyer"], "email": "a@moss.example"},
            {"id": "2", "name": "Ann Persona", "email": "ann@moss.example"},
            {"id": "3", "name": "Ben Persona", "telephone": "01922 555 010", "roles": []},
            {"id": "4", "name": "Ash Care", "email": "care@ash.example"},
        ],
        "awards": [{"id": "1", "suppliers": [{"id": "4"}]}],
    }
    kept = contact_stripping.notice(one)
    assert "Persona" not in json.dumps(kept)
    assert isinstance(kept, dict)
    assert [party["name"] for party in kept["parties"]] == ["Moss Council", "Ash Care"]
