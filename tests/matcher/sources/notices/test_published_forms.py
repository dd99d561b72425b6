"""The forms in which portals and councils publish buyers, awards, codes, lengths and values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher.core.errors import BadLot
from matcher.core.types import Award, Lot, Tally
from matcher.sources.notices.lots import lots_from_input, read_lots
from matcher.sources.notices.ocds import (
    EMPTY,
    NO_NOTICE,
    AwardSource,
    merged_awards,
    read_awards,
)

OCID = "ocds-b5fd17-0abc12"
PLOUGH = {"id": "GB-COH-07001234", "name": "Ploughshare Gardens Ltd"}
TEAL = {"id": "GB-COH-07005678", "name": "Tealwater Trees CIC"}
BUYER = {"id": "b1", "name": "Abertwyn Council"}


def notice(day: int, tag: str = "award", buyer: Any = BUYER, **fields: Any) -> dict[str, Any]:
    release = {
        "ocid": OCID,
        "id": f"n-{day}",
        "date": f"2026-05-{day:02}T10:00:00Z",
        "tag": [tag],
        "buyer": buyer,
        "tender": {"title": "Tree surgery in parks"},
    }
    return {**release, **fields}


def award(supplier: Any = PLOUGH, id_: str = "1", **fields: Any) -> dict[str, Any]:
    told = {"id": id_, "status": "active", "date": "2026-05-01", "suppliers": [supplier]}
    return {**told, **fields}


def awards(*releases: Any) -> tuple[list[Award], dict[str, int]]:
    tally = Tally("x")
    source = AwardSource(tally, [("x", {"releases": list(releases)})])
    return [one for _, found in merged_awards([source]) for one in found], tally.set_aside


def lots(**tender: Any) -> list[Lot]:
    release = notice(1, "tender", tender={"title": "Tree surgery in parks", **tender})
    return lots_from_input({"releases": [release]}, "x")[0]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("Abertwyn Council", "Cyngor Abertwyn", 1),
        ("Abertwyn County Borough Council", "Cyngor Bwrdeistref Sirol Abertwyn", 1),
        ("Abertwyn CBC", "Abertwyn County Borough Council", 1),
        ("Cyngor Sir Aberwennol / Swallowmouth County Council", "Swallowmouth County Council", 1),
        ("St. Brannock Council", "St Brannock Metropolitan Borough Council", 1),
        ("Abertwyn City Council", "Abertwyn City Council (Housing Services)", 1),
        ("Abertwyn City Council", "Cyngor Sir Abertwyn", 2),
        ("Abertwyn CC", "Abertwyn City Council", 2),
        ("Abertwyn DC", "Abertwyn CC", 2),
        ("Abertwyn BC", "Abertwyn County Council", 2),
        ("Abertwyn DC", "Abertwyn County Council", 2),
        ("Abertwyn DC", "Abertwyn District Council", 1),
        ("Abertwyn CC", "Abertwyn County Council", 1),
        ("Abertwyn MBC", "Abertwyn Metropolitan Borough Council", 1),
        ("Abertwyn City Council", "Swallowmouth City Council", 2),
    ],
)
def test_a_council_is_one_buyer_in_welsh_in_short_and_with_its_service(
    one: str, other: str, count: int
) -> None:
    found, _ = awards(
        notice(1, buyer={"id": "1", "name": one}, awards=[award()]),
        notice(2, buyer={"id": "2", "name": other}, awards=[award(TEAL)]),
    )
    assert len(found) == count


def test_an_award_whose_contracts_are_cancelled_is_not_won() -> None:
    contracts = [{"id": str(n), "awardID": "1", "status": "cancelled"} for n in (1, 2)]
    first = notice(1, awards=[award(), award(TEAL, "2")])
    found, set_aside = awards(first, notice(2, "contractUpdate", contracts=contracts))
    assert [one.suppliers[0].name for one in found] == ["Tealwater Trees CIC"]
    assert set_aside["contract of the award is cancelled"] == 1
    contracts[1]["status"] = "active"
    found, _ = awards(first, notice(2, "contractUpdate", contracts=contracts))
    assert len(found) == 2


def versions(*values: Any) -> list[dict[str, Any]]:
    return [
        {"releaseID": str(n), "releaseDate": f"2026-0{n}-01T00:00:00Z", "value": value}
        for n, value in enumerate(values, 1)
    ]


def test_a_versioned_release_is_known_by_any_of_its_parts() -> None:
    parts = [{"id": n, "title": versions("Lot", f"Parks of area {n}")} for n in "12"]
    found, _ = lots_from_input({"releases": [{"ocid": OCID, "tender": {"lots": parts}}]}, "x")
    assert [lot.title for lot in found] == ["Parks of area 1", "Parks of area 2"]
    entry = {"id": "1", "title": versions("Trees"), "suppliers": versions([PLOUGH], [TEAL])}
    [one], _ = awards({"ocid": OCID, "buyer": BUYER, "awards": [entry]})
    assert (one.lot.title, one.suppliers[0].name) == ("Trees", "Tealwater Trees CIC")


def test_an_address_under_another_name_is_a_link() -> None:
    record = {"ocid": OCID, "releases": [{"href": "https://x.example/1.json", "tag": ["tender"]}]}
    with pytest.raises(BadLot, match="only links to its releases"):
        lots_from_input({"records": [record]}, "x")


@pytest.mark.parametrize("answer", [{"error": "Not found", "status": 404}, {"message": "Too fast"}])
def test_an_error_that_a_website_answered_is_no_lot_without_a_title(
    tmp_path: Path, answer: Any
) -> None:
    path = tmp_path / "notice.json"
    path.write_text(json.dumps(answer))
    named = ", ".join(map(repr, answer))
    with pytest.raises(BadLot, match=f"holds no notice and no lot, only {named}; give a title"):
        read_lots(path)


@pytest.mark.parametrize(
    "wrap",
    [
        json.dumps,
        lambda text: json.dumps(json.dumps(text)),
        lambda text: json.dumps({"Content": text}),
    ],
)
def test_a_notice_that_is_written_as_a_text_of_json_is_read(tmp_path: Path, wrap: Any) -> None:
    path = tmp_path / "notice.json"
    path.write_text(wrap(json.dumps({"releases": [notice(1, awards=[award()])]})))
    assert [lot.title for lot in read_lots(path)[0]] == ["Tree surgery in parks"]
    [(_, found)] = read_awards([path])
    assert [one.suppliers[0].name for one in found] == ["Ploughshare Gardens Ltd"]


@pytest.mark.parametrize(
    "answer",
    [
        {"count": 0, "results": []},
        {"data": []},
        {"uri": "https://x.example/notices", "version": "1.1"},
        {"uri": "https://x.example/notices", "releases": [{}]},
        {"uri": "https://x.example/notices", "releases": [None]},
    ],
)
def test_an_answer_that_holds_no_release_says_so(answer: Any) -> None:
    with pytest.raises(BadLot, match="package without releases"):
        lots_from_input(answer, "x")
    tally = Tally("x")
    [(_, found)] = merged_awards([AwardSource(tally, [("x", answer)])])
    assert list(found) == []
    assert tally.set_aside == {"package without releases": 1}


@pytest.mark.parametrize(
    "said",
    [
        {"parties": [{**BUYER, "roles": ["procuring entity"]}]},
        {"parties": [{**BUYER, "roles": ["procuring_entity"]}]},
        {"parties": [{**BUYER, "roles": "procuringEntity, payer"}]},
        {"procuringEntity": BUYER},
        {"tender": {"title": "Trees", "procuringEntity": [BUYER]}},
    ],
)
def test_a_procuring_entity_is_the_buyer_however_it_is_written(said: Any) -> None:
    release = {key: value for key, value in notice(1, "tender").items() if key != "buyer"}
    [lot], _ = lots_from_input({"releases": [{**release, **said}]}, "x")
    assert lot.buyer == "Abertwyn Council"


@pytest.mark.parametrize(
    ("place", "area", "postcode"),
    [
        (
            {"deliveryLocation": {"gazetteer": {"scheme": "ITL3", "identifiers": ["TLL15"]}}},
            "TLL15",
            "",
        ),
        (
            {"deliveryAddresses": [{"locality": "Abertwyn", "countryName": "Wales"}]},
            "Abertwyn",
            "",
        ),
        ({"deliveryAddress": {"locality": "Abertwyn", "postalCode": "WS1 1TP"}}, "", "WS1 1TP"),
        ({"deliveryAddress": {"locality": "Abertwyn", "region": "UKL15"}}, "UKL15", ""),
    ],
)
def test_the_place_of_an_award_is_a_region_a_postcode_or_else_a_town(
    place: Any, area: str, postcode: str
) -> None:
    [found], _ = awards(notice(1, awards=[award(items=[{"id": "1", **place}])]))
    assert (found.lot.area, found.lot.postcode) == (area, postcode)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ({"scheme": "CPV", "id": 77_211_500}, ("77211500",)),
        ({"scheme": "CPV", "id": 3_400_000}, ("03400000",)),
        ({"scheme": "CPV", "id": "9000000"}, ("09000000",)),
        ({"id": "77211500-7"}, ("77211500",)),
        ({"id": "77211500"}, ()),
        ({"scheme": "CPV", "id": "7721150"}, ()),
    ],
)
def test_a_code_may_have_lost_its_first_zero_or_its_scheme(code: Any, found: Any) -> None:
    assert [lot.cpv for lot in lots(classification=code)] == [found]


def test_an_award_has_the_items_of_its_own_lot_alone() -> None:
    parts = [{"id": "1", "title": "Parks of the north"}, {"id": "2", "title": "Parks of the south"}]
    items = [
        {"id": n, "relatedLot": n, "deliveryAddresses": [{"region": region}]}
        for n, region in (("1", "UKL15"), ("2", "UKL17"))
    ]
    own = award(relatedLots=["2"], items=items)
    [found], _ = awards(notice(1, tender={"title": "Parks", "lots": parts}, awards=[own]))
    assert (found.lot.title, found.lot.area) == ("Parks of the south", "UKL17")


def test_the_options_of_an_award_count_with_its_period() -> None:
    own = award(
        contractPeriod={"durationInMonths": 24},
        hasRenewal=True,
        renewal={"description": "May be extended by up to 36 months"},
    )
    [found], _ = awards(notice(1, awards=[own]))
    assert found.lot.years == 5


@pytest.mark.parametrize(
    ("fields", "years"),
    [
        ({"contractPeriod": {"duration": "three years"}}, 3),
        ({"contractPeriod": {"duration": "Eighteen (18) months"}}, 1.5),
        ({"contractPeriod": {"duration": "36 months from award"}}, 3),
        ({"contractPeriod": {"duration": "3 years + 1 + 1"}}, 5),
        ({"contractPeriod": [{"durationInMonths": 36}]}, 3),
        ({"durationInMonths": 36}, 3),
        ({"contractPeriod": {"durationInMonths": 9999}}, None),
        ({"contractPeriod": {"duration": "to be agreed"}}, None),
    ],
)
def test_a_length_is_read_in_words_and_wherever_it_stands(fields: Any, years: float | None) -> None:
    assert [lot.years for lot in lots(**fields)] == [years]


@pytest.mark.parametrize("amount", [99_999_999, 999_999_999, "999,999,999.99", 9_999_999_999])
def test_a_value_of_nothing_but_nines_is_not_known_and_counted(amount: Any) -> None:
    reason = "value of nothing but nines: taken as not known (the rest is kept)"
    tender = {"title": "Trees", "value": {"amount": amount, "currency": "GBP"}}
    for content in (
        {"releases": [notice(1, "tender", tender=tender)]},
        {"title": "Trees", "value": float(str(amount).replace(",", ""))},
    ):
        [lot], tally = lots_from_input(content, "x")
        assert (lot.value, list(tally.set_aside)) == (None, [reason])
    [found], set_aside = awards(notice(1, awards=[award(value={"amount": amount})]))
    assert (found.value, set_aside) == (None, {reason: 1})


@pytest.mark.parametrize("amount", [999_999, 9_999_999, 99_999_990])
def test_other_values_with_nines_stand(amount: float) -> None:
    assert [lot.value for lot in lots(value={"amount": amount})] == [amount]


def test_a_maximum_of_nines_hides_no_other_value() -> None:
    stated = {"value": {"amount": 60_000}, "maximumValue": {"amount": 999_999_999}}
    assert [lot.value for lot in lots(**stated)] == [60_000]


def test_no_amount_is_a_trillion_pounds() -> None:
    assert [lot.value for lot in lots(value={"amount": 1e12})] == [None]


# --- what wraps notices, and the shapes of older versions ---

LINK = {"url": "https://x.example/1.json", "date": "2026-05-01", "tag": ["tender"]}


@pytest.mark.parametrize(
    "wrapped",
    [
        {"items": [{"releases": [notice(1, awards=[award()])]}], "count": 1},
        {"notices": [notice(1, awards=[award()])]},
        {"hits": {"total": 1, "hits": [{"_source": notice(1, awards=[award()])}]}},
        {"releases": {"0": notice(1, awards=[award()])}},
    ],
)
def test_a_notice_is_found_whatever_it_is_wrapped_in(wrapped: Any) -> None:
    tally = Tally("x")
    source = AwardSource(tally, [("x", wrapped)])
    found = [one for _, several in merged_awards([source]) for one in several]
    assert [one.suppliers[0].name for one in found] == [PLOUGH["name"]]
    assert lots_from_input(wrapped, "x")[0][0].title == "Tree surgery in parks"


@pytest.mark.parametrize(
    "record",
    [
        {"ocid": OCID, "compiledRelease": {"url": "https://x.example/compiled.json"}},
        {"ocid": OCID, "compiledRelease": "https://x.example/compiled.json"},
        "https://x.example/record.json",
    ],
)
def test_a_record_that_is_or_has_only_an_address_only_links(record: Any) -> None:
    with pytest.raises(BadLot, match="only links to its releases"):
        lots_from_input({"records": [record]}, "x")


def test_each_package_without_releases_is_counted() -> None:
    empty = {"uri": "https://x.example", "publisher": {"name": "X"}, "releases": []}
    tally = Tally("x")
    pages = [{"releases": [notice(1, awards=[award()])]}, empty, {"records": [{**LINK}]}]
    found = [
        one for _, several in merged_awards([AwardSource(tally, [("x", pages)])]) for one in several
    ]
    assert len(found) == 1
    assert tally.set_aside == {
        "package without releases": 1,
        "record only links to its releases: give the compiled release or the releases": 1,
    }


def test_version_1_0_has_organisations_in_place() -> None:
    council = {
        "name": "Abertwyn Council",
        "identifier": {"scheme": "GB-LAE", "id": "ABT", "legalName": "Abertwyn Council"},
        "address": {"postalCode": "WS1 1TP"},
        "contactPoint": {"name": "Ann Persona", "email": "ann@x.example"},
    }
    firm = {
        "name": "Ploughshare Gardens",
        "identifier": {"scheme": "GB-COH", "id": "7001234", "legalName": PLOUGH["name"]},
        "address": {"streetAddress": "1 High Street, Walsall, WS2 8RR"},
    }
    for buyer, tender in ((council, {}), (None, {"procuringEntity": council})):
        fields = {"tender": {"title": "Tree surgery", **tender}, "awards": [award(firm)]}
        ((found,), _) = awards(notice(1, buyer=buyer, **fields))
        assert (found.lot.buyer, found.lot.buyer_postcode) == ("Abertwyn Council", "WS1 1TP")
        assert found.lot.buyer_id == "GB-LAE-ABT"
        (supplier,) = found.suppliers
        assert (supplier.id, supplier.sites[0].postcode) == ("GB-COH-07001234", "WS2 8RR")
        assert "Persona" not in repr(found)


def test_an_id_that_is_anothers_leaves_a_supplier_its_own_details() -> None:
    second = {**TEAL, "id": PLOUGH["id"], "address": {"postalCode": "WS1 1TP"}}
    parties = [{**PLOUGH, "roles": ["supplier"], "address": {"postalCode": "WS2 8RR"}}]
    told = award(suppliers=[PLOUGH, second])
    ((found,), _) = awards(notice(1, awards=[told], parties=parties))
    assert [(one.id, one.sites[0].postcode) for one in found.suppliers] == [
        (PLOUGH["id"], "WS2 8RR"),
        ("XX-NAME-tealwatertrees", "WS1 1TP"),
    ]


@pytest.mark.parametrize(
    ("buyer", "named"),
    [
        ([{"id": "b", "name": "Swallowmouth Council"}], "Swallowmouth Council"),
        (["Abertwyn Council"], "Abertwyn Council"),
        ("@{id=b; name=Swallowmouth Council}", "Abertwyn Council"),
        ("System.Object[]", "Abertwyn Council"),
        ({"id": "1"}, "Abertwyn Council"),
    ],
)
@pytest.mark.parametrize("roles", [["buyer"], [{"id": "buyer"}]])
def test_a_buyer_is_read_as_programs_write_it(buyer: Any, named: str, roles: Any) -> None:
    parties = [
        {"id": "1", "name": "Ploughshare Gardens Ltd", "roles": ["supplier"]},
        {"id": "1", "name": "Abertwyn Council", "roles": roles, "address": "Town Hall, WS1 1TP"},
    ]
    lot = lots_from_input({"releases": [notice(1, "tender", buyer=buyer, parties=parties)]}, "x")[
        0
    ][0]
    assert lot.buyer == named
    assert lot.buyer_postcode == ("WS1 1TP" if named == "Abertwyn Council" else "")


def test_the_lots_of_an_award_may_be_objects() -> None:
    tender = {"title": "Trees", "lots": [{"id": n, "title": f"Trees of area {n}"} for n in "12"]}
    told = [award(PLOUGH, relatedLots=[{"id": "2"}]), award(TEAL, relatedLots=[{"id": "1"}])]
    found, _ = awards(notice(1, tender=tender, awards=told))
    assert [one.lot.title for one in found] == ["Trees of area 2", "Trees of area 1"]


def test_moments_are_read_as_net_programs_write_them() -> None:
    older, newer = ("/Date(1767261600000)/", "/Date(1767265200000+0100)/")
    releases = [
        notice(1, awards=[award(TEAL, date=newer)], date=newer),
        notice(2, awards=[award(PLOUGH, date=older)], date=older),
    ]
    for order in (releases, releases[::-1]):
        ((found,), _) = awards(*order)
        assert (found.suppliers[0].name, found.day.isoformat()) == (TEAL["name"], "2026-01-01")


def test_of_one_moment_the_higher_notice_number_is_newer() -> None:
    first, second = (
        {**notice(1, awards=[award(supplier)]), "id": f"{number}-2026"}
        for number, supplier in ((99, PLOUGH), (100, TEAL))
    )
    ((found,), _) = awards(second, first)
    assert found.suppliers[0].name == TEAL["name"]


def test_a_description_of_an_award_keeps_its_lines() -> None:
    told = award(title="Trees &amp; hedges", description="<p>Trim</p><p>Fell</p>")
    ((found,), _) = awards(notice(1, tender=None, awards=[told]))
    assert (found.lot.title, found.lot.description) == ("Trees & hedges", "Trim\nFell")


def test_pounds_may_be_given_by_their_sign() -> None:
    told = award(value={"amount": "£5,000", "currency": "£"})
    assert awards(notice(1, awards=[told]))[0][0].value == 5000


@pytest.mark.parametrize("nobody", ["N/A", "Not applicable", "-", {"id": "0", "name": "TBC"}])
def test_a_procuring_entity_is_the_buyer_where_the_buyer_is_nobody(nobody: Any) -> None:
    entity = {"id": "e", "name": "Swallowmouth Council"}
    parties = [{**entity, "roles": ["procuringEntity"]}]
    if isinstance(nobody, dict):
        parties.append({**nobody, "roles": ["buyer"]})
    else:
        nobody = {"name": nobody}
    release = notice(1, "tender", nobody, parties=parties)
    assert [one.buyer for one in lots_from_input(release, "x")[0]] == ["Swallowmouth Council"]


def test_a_buyer_whose_party_is_nobody_gives_way_to_the_procuring_entity() -> None:
    nobody = {"id": "b", "name": "N/A"}
    release = notice(1, "tender", nobody, parties=[{**nobody, "roles": ["buyer"]}])
    release["tender"]["procuringEntity"] = {"id": "e", "name": "Swallowmouth Council"}
    assert [one.buyer for one in lots_from_input(release, "x")[0]] == ["Swallowmouth Council"]


@pytest.mark.parametrize("scheme", ["GB-COH", "COH", "Companies House", "gb-coh"])
def test_a_register_is_known_by_its_name(scheme: str) -> None:
    party = {"id": "s", "name": "Ash Ltd", "roles": ["supplier"]}
    party["identifier"] = {"scheme": scheme, "id": 7001234}
    found, _ = awards(notice(1, parties=[party], awards=[award({"id": "s", "name": "Ash Ltd"})]))
    assert found[0].suppliers[0].id == "GB-COH-07001234"


def test_the_type_of_a_buyer_may_be_in_words() -> None:
    said = [{"scheme": "UK_CA_TYPE", "description": "Private utility"}]
    party = {**BUYER, "name": "Larkwell Holdings", "details": {"classifications": said}}
    release = notice(1, "tender", party, parties=[{**party, "roles": ["buyer"]}])
    assert [one.buyer_kind for one in lots_from_input(release, "x")[0]] == ["utility"]


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"deliveryAddress": {"streetAddress": "Old YardrnWalsallrnWS2 9AA"}}, ("WS2 9AA", "")),
        ({"deliveryAddresses": ["Old Yard, Walsall WS2 9AA"]}, ("WS2 9AA", "")),
        ({"deliveryAddress": "Old Yard, Walsall WS2 9AA"}, ("WS2 9AA", "")),
        ({"deliveryLocation": {"gazetteer": {"identifiers": "UKC14"}}}, ("", "UKC14")),
    ],
)
def test_a_place_may_be_a_text(item: Any, place: tuple[str, str]) -> None:
    assert [(one.postcode, one.area) for one in lots(items=[{"id": "1", **item}])] == [place]


@pytest.mark.parametrize(
    "code",
    [
        [{"scheme": "CPV", "id": "77310000"}],
        {"scheme": "CPV", "id": "77310000: Planting"},
        {"scheme": "CPV", "id": "77310000 - Planting"},
    ],
)
def test_a_code_may_be_in_a_list_or_beside_its_name(code: Any) -> None:
    assert [one.cpv for one in lots(items=[{"id": "1", "classification": code}])] == [("77310000",)]


def test_a_value_may_be_its_amount_alone() -> None:
    found, aside = awards(notice(1, awards=[award(value=12_500)]))
    assert ([one.value for one in found], aside) == ([12_500.0], {})
    assert [one.value for one in lots(value="12,500")] == [12_500.0]
    assert [one.value for one in lots(value=[{"amount": 12_500}])] == [12_500.0]


def test_awards_may_be_named_by_their_ids() -> None:
    found, aside = awards(notice(1, awards={"a-1": award(id_="a-1"), "a-2": award(TEAL, "a-2")}))
    assert [one.suppliers[0].name for one in found] == [PLOUGH["name"], TEAL["name"]]
    assert aside == {}


def test_a_place_may_be_described_and_a_code_be_a_text() -> None:
    item = {"id": "1", "deliveryLocation": {"description": "Swallowmouth"}}
    (lot,) = lots(items=[item | {"additionalClassifications": ["77310000-6"]}])
    assert (lot.area, lot.cpv) == ("Swallowmouth", ("77310000",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", EMPTY), ('{"message": "Too many requests"}', NO_NOTICE), ('{"tag": ["award"]}', None)],
)
def test_a_file_without_a_notice_says_so(tmp_path: Path, text: str, reason: str | None) -> None:
    (tmp_path / "x.json").write_text(text)
    ((tally, found),) = read_awards([tmp_path / "x.json"])
    assert [*found] == []
    assert [*tally.set_aside] == [reason or "notice without an ocid"]
