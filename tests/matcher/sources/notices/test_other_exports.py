"""Records, packages, awards and buyers in the forms of further exports."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from matcher.core.errors import BadLot
from matcher.core.types import Tally
from matcher.sources.notices.lots import lots_from_input, parse_lots
from matcher.sources.notices.ocds import AwardSource, merged_awards
from matcher.sources.notices.releases import NO_RELEASES, ONLY_LINKS
from tests.matcher.sources.notices.test_published_forms import (
    BUYER,
    OCID,
    PLOUGH,
    TEAL,
    award,
    awards,
    lots,
    notice,
)

OTHER_BUYER = {"id": "b2", "name": "Swallowmouth City Council"}
LINK = {"url": "https://x.example/n-1.json", "date": "2026-05-01T10:00:00Z", "tag": ["award"]}
HEDGES = {"title": "Cutting of hedges"}


def records(**record: Any) -> dict[str, Any]:
    return {"records": [{"ocid": OCID, **record}]}


def won(*documents: Any) -> list[tuple[str, str]]:
    source = AwardSource(Tally("x"), [("x", document) for document in documents])
    found = [one for _, each in merged_awards([source]) for one in each]
    return [(one.lot.buyer, one.suppliers[0].name) for one in found]


def test_a_record_whose_releases_are_by_several_buyers_is_read_by_its_releases() -> None:
    releases = [notice(1, awards=[award()]), notice(2, buyer=OTHER_BUYER, awards=[award(TEAL)])]
    compiled = {**releases[1], "tag": ["compiled"]}
    both = [("Abertwyn Council", PLOUGH["name"]), ("Swallowmouth City Council", TEAL["name"])]
    assert won(records(releases=releases, compiledRelease=compiled)) == both
    linked = records(releases=[releases[0], LINK], compiledRelease=compiled)
    assert won(linked) == both[1:]


def test_a_release_newer_than_the_compiled_one_of_its_record_counts() -> None:
    releases = [notice(1, awards=[award()]), notice(3, "awardUpdate", awards=[award(TEAL)])]
    for compiled, name in ((releases[0], TEAL), (notice(4, awards=[award()]), PLOUGH)):
        whole = records(releases=releases, compiledRelease={**compiled, "tag": ["compiled"]})
        assert won(whole) == [("Abertwyn Council", name["name"])]


@pytest.mark.parametrize(
    "record",
    [
        {"versionedRelease": {"url": "https://x.example/v.json"}, "releases": [LINK]},
        {"releases": [{"link": "https://x.example/1.json", "date": "2026-05-01"}]},
        {"releases": [{"@id": "https://x.example/1.json"}], "compiledRelease": {}},
    ],
)
def test_a_record_of_links_under_other_names_is_told(record: dict[str, Any]) -> None:
    with pytest.raises(BadLot, match=ONLY_LINKS):
        lots_from_input(records(**record), "x")


def test_what_a_record_holds_may_be_in_lists_and_packages() -> None:
    release = notice(1, awards=[award()])
    one = [("Abertwyn Council", PLOUGH["name"])]
    assert won(records(releases=[LINK], compiledRelease=[{**release, "tag": ["compiled"]}])) == one
    assert won(records(releases=[{"publisher": {}, "releases": [release]}])) == one


def test_versions_may_say_more_than_their_value() -> None:
    version = {"releaseID": "1", "releaseDate": "2026-05-01", "releaseTag": ["tender"], "by": "x"}
    titles = [{**version, "value": "Old"}, {**version, "releaseDate": "2026-06-01", "value": "New"}]
    found, _ = lots_from_input(records(versionedRelease={"tender": {"title": titles}}), "x")
    assert [one.title for one in found] == ["New"]


@pytest.mark.parametrize(
    "answer",
    [
        '{"hitCount": 0, "noticeList": []}',
        '{"took": 3, "hits": {"total": {"value": 0}, "hits": []}}',
        '{"items": [], "next": null}',
    ],
)
def test_a_search_that_found_nothing_is_a_package_without_releases(answer: str) -> None:
    with pytest.raises(BadLot, match=NO_RELEASES):
        parse_lots(answer, "x")


@pytest.mark.parametrize("lot", ['{"cpv": [], "value": 60000}', '{"notes": "", "items": []}'])
def test_a_lot_that_lacks_its_words_is_no_search(lot: str) -> None:
    with pytest.raises(BadLot, match="title"):
        parse_lots(lot, "x")


def test_an_update_under_a_new_id_may_change_who_won() -> None:
    old, new = notice(1, awards=[award()]), notice(2, "awardUpdate", awards=[award(TEAL, "2")])
    for order in permutations([old, new]):
        assert won(*order) == [("Abertwyn Council", TEAL["name"])]


def test_an_update_of_one_of_two_awards_under_a_new_id_takes_nothing_away() -> None:
    old = notice(1, awards=[award(), award({"name": "Ferncliff Gardens"}, "2")])
    assert len(won(old, notice(2, "awardUpdate", awards=[award(TEAL, "3")]))) == 3


def test_one_ocid_may_hold_several_procurements_of_one_buyer() -> None:
    first = notice(1, awards=[award()])
    later = award(TEAL, date="2026-05-02")
    second = notice(2, tender=HEDGES, awards=[later])
    update = notice(3, "awardUpdate", tender=HEDGES, awards=[{**later, "description": "More"}])
    for order in permutations([first, second, update]):
        found, _ = awards(*order)
        told = [(one.id, one.lot.title, one.suppliers[0].name) for one in found]
        assert told == [
            (f"{OCID}/1", "Tree surgery in parks", PLOUGH["name"]),
            (f"{OCID}~2/1", "Cutting of hedges", TEAL["name"]),
        ]


@pytest.mark.parametrize(
    "later",
    [
        notice(2, "awardUpdate", tender=HEDGES, awards=[award(TEAL, date="2026-05-02")]),
        notice(2, "compiled", tender=HEDGES, awards=[award(TEAL, date="2026-05-02")]),
        notice(2, tender=HEDGES, awards=[award(TEAL)]),
        notice(2, tender={"title": "Tree surgery in parks 2"}, awards=[award(TEAL, date="")]),
        notice(2, tender={}, awards=[award(TEAL, date="2026-05-02")]),
    ],
)
def test_a_correction_is_no_other_procurement(later: dict[str, Any]) -> None:
    assert won(notice(1, awards=[award()]), later) == [("Abertwyn Council", TEAL["name"])]


def test_buyers_that_only_awards_name_are_kept_apart() -> None:
    releases = [
        notice(1, buyer=None, awards=[award(buyer=BUYER)]),
        notice(2, buyer=None, awards=[award(TEAL, buyer=OTHER_BUYER)]),
    ]
    assert won(*releases) == [
        ("Abertwyn Council", PLOUGH["name"]),
        ("Swallowmouth City Council", TEAL["name"]),
    ]


def test_a_contract_without_its_award_is_read_as_one() -> None:
    contract = {
        "id": "c1",
        "awardID": "1",
        "title": "Care of trees",
        "dateSigned": "2026-05-04",
        "value": {"amount": 7000, "currency": "GBP"},
        "suppliers": [TEAL],
    }
    only = notice(6, "contract", tender=None, contracts=[contract])
    found, _ = awards(only)
    assert [(a.lot.title, a.value, str(a.day), a.suppliers[0].name) for a in found] == [
        ("Care of trees", 7000, "2026-05-04", TEAL["name"])
    ]
    assert won(notice(1, awards=[award()]), only) == [("Abertwyn Council", PLOUGH["name"])]
    cancelled = {**contract, "status": "cancelled"}
    assert won(notice(6, "contract", tender=None, contracts=[cancelled])) == []


@pytest.mark.parametrize("link", [{}, {"awardId": "1"}, {"award_id": 1}])
def test_a_contract_may_name_its_award_otherwise_or_not_at_all(link: dict[str, Any]) -> None:
    contract = {"id": "c1", "value": {"amount": 7000, "currency": "GBP"}, **link}
    found, _ = awards(notice(1, awards=[award()], contracts=[contract]))
    assert [one.value for one in found] == [7000]
    two = notice(1, awards=[award(), award(TEAL, "2")], contracts=[{**contract, "awardId": None}])
    if not link:
        assert [one.value for one in awards(two)[0]] == [None, None]


def test_an_award_has_no_codes_of_the_lots_of_others() -> None:
    codes = {"1": "77211400", "2": "77341000"}
    items = [
        {"id": lot, "relatedLot": lot, "classification": {"scheme": "CPV", "id": code}}
        for lot, code in codes.items()
    ]
    each = [award(PLOUGH, "1", relatedLots=["1"]), award(TEAL, "2", relatedLots=["2"])]
    found, _ = awards(notice(1, awards=[{**one, "items": items} for one in each]))
    assert [one.lot.cpv for one in found] == [("77211400",), ("77341000",)]


@pytest.mark.parametrize(
    ("period", "years"),
    [
        ({"durationInMonths": "36 months"}, 3),
        ({"durationInMonths": "thirty-six"}, 3),
        ({"durationInMonths": "12 + 12"}, 2),
        ({"durationInMonths": {"value": 18}}, 1.5),
        ({"DurationInMonths": 30}, 2.5),
        ({"duration_in_days": "730"}, 2),
        ({"durationWeeks": 26}, 0.5),
        ({"years": 4}, 4),
        ({"duration": "24", "unit": "months"}, 2),
        ({"durationInMonths": "to be agreed"}, None),
    ],
)
def test_a_length_may_be_in_words_and_its_field_spelt_otherwise(
    period: dict[str, Any], years: float | None
) -> None:
    assert [one.years for one in lots(contractPeriod=period)] == [years]


@pytest.mark.parametrize(
    ("parties", "buyer"),
    [
        ([{**OTHER_BUYER, "roles": ["contractingAuthority"]}], "Swallowmouth City Council"),
        ([OTHER_BUYER, PLOUGH], "Swallowmouth City Council"),
        ([OTHER_BUYER, {"id": "x", "name": "Abertwyn Council"}], ""),
        ([{**OTHER_BUYER, "roles": ["reviewBody"]}], ""),
        ([{"id": "p", "name": "Jane Doe", "contactPoint": {"name": "Jane Doe"}}], ""),
        ([{"id": "s9", "name": "Greenways Trading"}], ""),
    ],
)
def test_the_only_party_that_may_be_the_buyer_is(parties: list[Any], buyer: str) -> None:
    found, _ = awards(notice(1, buyer=None, parties=parties, awards=[award()]))
    assert [one.lot.buyer for one in found] == [buyer]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Trafford", "council"),
        ("Hammersmith & Fulham", "council"),
        ("Kent", "council"),
        ("Merseyside", "sub-central"),
        ("Abertwyn Homes", "sub-central"),
    ],
)
def test_a_buyer_with_the_bare_name_of_a_council_is_one(name: str, kind: str) -> None:
    types = [{"scheme": "UK_CA_TYPE", "id": "publicAuthoritySubCentralGovernment"}]
    party = {"id": "b", "name": name, "roles": ["buyer"], "details": {"classifications": types}}
    buyer = {"id": "b", "name": name}
    found, _ = awards(notice(1, buyer=buyer, parties=[party], awards=[award()]))
    assert [one.lot.buyer_kind for one in found] == [kind]
