from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from matcher.core.errors import BadLot, BadSource
from matcher.core.types import Lot, Tally
from matcher.sources.formats.json_files import TWICE
from matcher.sources.notices.lot_tally import LotTally, is_unusable
from matcher.sources.notices.lots import NOT_READ, iter_lots, lots_from_input, parse_lots, read_lots
from tests.factory import SHARED, needs_shared, part_of

SINGLE = {"title": "Home care", "cpv": "85312100", "value": 90000, "postcode": "WS1 1TP"}
RELEASE = {
    "ocid": "ocds-b5fd17-1",
    "date": "2026-04-10T00:00:00Z",
    "buyer": {"name": "Elm Council"},
    "tender": {"title": "Grass cutting", "description": "Verges."},
    "awards": [{"id": "1", "suppliers": [{"id": "1", "name": "Greenfingers Ltd"}]}],
    "parties": [{"id": "1", "name": "Greenfingers Ltd", "roles": ["supplier"]}],
}
PLAIN = {
    "ocid": "ocds-r6ebe6-1",
    "date": "2026-04-10",
    "title": "Garden waste",
    "description": "Collection and composting.",
    "cpv": ["90500000"],
    "lots": [
        {
            "id": "2",
            "title": "South",
            "description": "From the south.",
            "value": 50000.0,
            "cpv": ["77120000"],
            "nuts": ["UKM93", "UKM94"],
        },
        {"id": "1", "title": "", "description": "From the north.", "value": None, "cpv": []},
    ],
    "buyer_name": "Elm Council",
    "buyer_postcode": "KA3 7BU",
}


def written(folder: Path, content: object, name: str = "lot.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    return path


def streamed(folder: Path, *documents: object) -> tuple[list[Lot], Tally]:
    lines = "".join(
        f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in documents
    )
    tally, lots = iter_lots(written(folder, lines, "lots.jsonl"))
    return list(lots), tally


def test_the_winner_of_an_award_notice_does_not_reach_the_lot(tmp_path: Path) -> None:
    [lot], _ = streamed(tmp_path, RELEASE)
    assert "Greenfingers" not in repr(lot)


def test_a_plain_notice_is_read_lot_by_lot(tmp_path: Path) -> None:
    (south, north), _ = read_lots(written(tmp_path, PLAIN))
    assert (south.id, north.id) == ("ocds-r6ebe6-1#2", "ocds-r6ebe6-1#1")
    assert (south.title, north.title) == ("South", "Garden waste – Lot 1")
    assert south.description.split("\n")[0] == "From the south."
    assert (south.cpv, north.cpv) == (("77120000",), ("90500000",))
    assert (south.value, north.value) == (50000, None)
    assert (south.area, north.area) == ("UKM93, UKM94", "")
    assert (south.buyer, south.buyer_kind, south.buyer_postcode) == (
        "Elm Council",
        "council",
        "KA3 7BU",
    )


def test_json_lines_may_mix_every_kind_of_lot(tmp_path: Path) -> None:
    lots, tally = streamed(tmp_path, SINGLE, RELEASE, PLAIN, [SINGLE, SINGLE])
    assert [lot.id for lot in lots] == [
        "lots.jsonl:1",
        "ocds-b5fd17-1",
        "ocds-r6ebe6-1#2",
        "ocds-r6ebe6-1#1",
        "lots.jsonl:4/1",
        "lots.jsonl:4/2",
    ]
    assert (tally.read, tally.kept, tally.set_aside) == (6, 6, {})


@pytest.mark.parametrize(
    "bad",
    ['{"title"', 5, None, "[]x", {"title": 5}, {"title": "x", "value": -5}, {"releases": 1}, {}],
)
def test_a_bad_lot_in_a_stream_is_set_aside_and_the_rest_read(tmp_path: Path, bad: Any) -> None:
    lots, tally = streamed(tmp_path, SINGLE, bad, RELEASE)
    assert [lot.title for lot in lots] == ["Home care", "Grass cutting"]
    assert (tally.read, tally.kept, sum(tally.set_aside.values())) == (3, 2, 1)
    assert "lots.jsonl line 2" in next(iter(tally.examples.values()))


def test_a_lot_too_long_in_a_stream_is_set_aside(tmp_path: Path) -> None:
    long = {"title": "x", "description": "x" * 1_000_001}
    lots, tally = streamed(tmp_path, long, {**RELEASE, "tender": long}, SINGLE)
    assert [lot.title for lot in lots] == ["Home care"]
    assert sum(tally.set_aside.values()) == 2


def test_a_lot_given_twice_is_ranked_once(tmp_path: Path) -> None:
    lots, tally = streamed(tmp_path, RELEASE, RELEASE)
    assert len(lots) == 1
    assert tally.set_aside == {"lot repeated": 1}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({**SINGLE, "value": -5}, "value: -5 is not a number of pounds"),
        ({**SINGLE, "cpv": "abc"}, "cpv: 'abc' is not a CPV code"),
        ({"title": "", "description": ""}, "give a title or a description"),
        ({"description": "x" * 10_000_000}, "1,000,000"),
        ({**RELEASE, "tender": None}, "without a title or description"),
        ({"releases": []}, "package without releases"),
        ("", "it is empty"),
        ("Home care", "is not JSON"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_a_file_without_a_usable_lot_is_refused_and_says_why(
    tmp_path: Path, content: object, why: str
) -> None:
    with pytest.raises(BadLot) as refusal:
        read_lots(written(tmp_path, content))
    assert str(refusal.value).startswith("lot.json")
    assert why in str(refusal.value)
    assert len(str(refusal.value)) < 400


def test_no_such_file_or_a_folder_is_a_bad_source(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.json", tmp_path / "nowhere.txt", tmp_path):
        with pytest.raises(BadSource):
            read_lots(path)


def test_a_text_file_is_a_lot_titled_by_its_first_line(tmp_path: Path) -> None:
    [lot], _ = read_lots(written(tmp_path, "\nHome care\n\nVisits twice a day.", "home care.txt"))
    assert (lot.id, lot.title) == ("home_care", "Home care")
    assert lot.description == "Home care\nVisits twice a day."


def test_a_text_of_one_line_is_titled_by_its_first_sentence() -> None:
    long = "We want home care. " + "Visits are made twice a day by trained staff. " * 20
    [lot], _ = parse_lots(long, "spec")
    assert lot.title == "We want home care"
    [lot], _ = parse_lots("word " * 200, "spec")
    assert lot.title == " ".join(["word"] * 40)


@pytest.mark.parametrize("content", ["", " \n\t\u200b\x00"])
def test_an_empty_text_is_refused(content: str) -> None:
    with pytest.raises(BadLot, match="empty"):
        parse_lots(content, "stdin")


def test_a_text_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLot, match="1,000,000"):
        read_lots(written(tmp_path, "x" * 1_000_001, "spec.txt"))


@needs_shared
def test_published_tenders_with_lots_are_read() -> None:
    path = SHARED / "fixtures" / "devolved-tenders" / "tenders-with-lots.jsonl"
    notices = [json.loads(line) for line in path.read_text().splitlines()]
    lots, tally = read_lots(path)
    assert len(lots) == sum(len(notice["lots"]) for notice in notices)
    assert not tally.set_aside
    assert all(lot.cpv and lot.buyer and lot.day for lot in lots)
    valued = [part for notice in notices for part in notice["lots"] if part["value"]]
    assert sum(lot.value is not None for lot in lots) == len(valued)


@needs_shared
def test_published_find_a_tender_notices_are_read() -> None:
    for path in (SHARED / "fixtures" / "find-a-tender").glob("*.json"):
        [lot], _ = read_lots(path)
        release = json.loads(path.read_text())["releases"][0]
        assert (lot.id, lot.title) == (release["ocid"], release["tender"]["title"])
        assert lot.value == release["tender"]["value"]["amountGross"]
        assert lot.value_is_gross


@needs_shared
def test_published_award_notices_can_be_streamed_as_lots(tmp_path: Path) -> None:
    path = SHARED / "awards" / "uk-awards-to-2022-09.ocds.jsonl.gz"
    tally, lots = iter_lots(part_of(path, tmp_path, 1000))
    assert len({lot.id for lot in islice(lots, 300)}) == 300
    assert tally.kept == 300


# --- what is given by itself ---

SMALL = {"title": "Care (fictional)", "lots": [{"title": "North"}, {"title": "South"}]}


def test_what_was_given_decides_the_id_and_not_the_name_it_was_given_under() -> None:
    for given in ("Home care in Walsall", {"title": "Home care"}, SMALL, {"tender": SMALL}):
        ids = [[lot.id for lot in lots_from_input(given, name)[0]] for name in ("a", "b")]
        assert ids[0] == ids[1]
        assert lots_from_input("Something else", "a")[0][0].id not in ids[0]


@pytest.mark.parametrize("given", [None, 3, True, [], ["x"], 1.5])
def test_what_is_neither_text_nor_an_object_is_no_lot(given: object) -> None:
    with pytest.raises(BadLot, match="is not a lot"):
        lots_from_input(given, "a")


def _refuse(lot: Lot) -> None:
    if lot.area == "Narnia":
        raise BadLot("area: 'Narnia' is not a council")


def test_a_check_applies_to_what_a_person_wrote_and_not_to_published_notices() -> None:
    plain = {"title": "Meals", "lots": [{"title": "One", "area": "Narnia"}, {"title": "Two"}]}
    for typed in ({**SINGLE, "area": "Narnia"}, plain):
        with pytest.raises(BadLot, match="area: 'Narnia'"):
            lots_from_input(typed, "k", _refuse)
        with pytest.raises(BadLot, match="area: 'Narnia'"):
            parse_lots(json.dumps(typed), "k", check=_refuse)
    place = {"relatedLot": "1", "deliveryAddresses": [{"region": "Narnia"}]}
    tender = {"title": "Meals", "lots": [{"id": "1", "title": "One"}], "items": [place]}
    lots, _ = lots_from_input({**RELEASE, "tender": tender}, "k", _refuse)
    assert [lot.area for lot in lots] == ["Narnia"]


@pytest.mark.parametrize(
    ("notice", "fault"),
    [
        ({"lots": [{"title": "North"}, {"title": "South", "colour": "red"}]}, "lot 2: colour: "),
        ({"lots": [{"id": "b", "title": "North", "titel": "x"}]}, "lot b: titel: there is no such"),
        ({"budget": 5, "lots": [{"title": "North"}]}, "budget: there is no such"),
    ],
)
def test_an_unknown_field_of_a_notice_is_noted_in_files_and_refused_by_itself(
    tmp_path: Path, notice: dict[str, Any], fault: str
) -> None:
    lots, tally = read_lots(written(tmp_path, notice))
    assert len(lots) == len(notice["lots"])
    assert fault in tally.examples["lot with a field that is not known (the rest is kept)"]
    with pytest.raises(BadLot, match=fault):
        lots_from_input(notice, "a")


def test_every_field_of_a_lot_is_read_in_a_notice_too() -> None:
    whole = {
        "buyer": "Elm Housing (fictional)",
        "buyer_id": "GB-COH-01234567",
        "buyer_kind": "council",
        "buyer_postcode": "WS1 1TP",
        "day": "2026-04-10",
        "category": "services",
    }
    own = {"value": 9000, "value_is_gross": True, "years": 2, "postcode": "WS2 8RR", "area": "Elm"}
    alone, _ = lots_from_input({"id": "n#1", "title": "North", **own, **whole}, "a")
    beside, _ = lots_from_input(
        {"id": "n", **whole, "lots": [{"title": "North", **own}, {"title": "South"}]}, "a"
    )
    within, _ = lots_from_input(
        {"id": "n", "lots": [{"title": "North", **own, **whole}, {"title": "South"}]}, "a"
    )
    assert alone[0] == beside[0] == within[0]


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"value_is_gross": "yes"}, "lot 2: value_is_gross: 'yes' is not true or false"),
        ({"fictional": 1}, "lot 2: fictional: 1 is not true or false"),
        ({"value_period": "year"}, "lot 2: value_period: is not read in a notice with lots"),
    ],
)
def test_a_field_that_would_change_the_value_is_refused_in_a_notice(
    tmp_path: Path, own: dict[str, Any], why: str
) -> None:
    notice = {"lots": [{"title": "North"}, {"title": "South", **own}]}
    with pytest.raises(BadLot, match=why):
        read_lots(written(tmp_path, notice))
    with pytest.raises(BadLot, match=why):
        lots_from_input(notice, "a")


@pytest.mark.parametrize(
    ("content", "titles"),
    [
        ({"lot": "Sewing classes for adults"}, ["Sewing classes for adults"]),
        ({"lot": {"title": "Sewing classes", "postcode": "WS1 1TP"}}, ["Sewing classes"]),
        ({"lot": [{"title": "Sewing"}, "Knitting"]}, ["Sewing", "Knitting"]),
        ({"title": "Crafts", "lots": ["Sewing", {"title": "Knitting"}]}, ["Sewing", "Knitting"]),
        ({"title": "Crafts", "lots": {"0": {"title": "Sewing"}}}, ["Sewing"]),
        ({"title": "Crafts", "lots": '[{"title": "Sewing"}]'}, ["Sewing"]),
        ({"0": {"title": "Sewing"}, "1": {"title": "Knitting"}}, ["Sewing", "Knitting"]),
    ],
)
def test_lots_given_as_texts_under_numbers_or_in_a_field_are_read(
    content: Any, titles: list[str]
) -> None:
    found, tally = parse_lots(json.dumps(content), "crafts")
    assert [lot.title for lot in found] == titles
    assert tally.kept == len(titles)


def test_what_is_no_lot_among_others_is_set_aside_and_refused_where_it_is_asked_for() -> None:
    content = {"title": "Crafts", "lots": [{"title": "Sewing"}, 7]}
    found, tally = parse_lots(json.dumps(content), "crafts")
    assert [lot.title for lot in found] == ["Sewing"]
    reason = "crafts line 1: lot 2: 7 is not a lot; give its fields or its text"
    assert tally.examples == {"lot cannot be used": reason}
    with pytest.raises(BadLot, match=r"^lot 2: 7 is not a lot; give its fields or its text"):
        lots_from_input(content, "need")


@pytest.mark.parametrize("words", ["Lot 3", "2", "lot no. 4", "LOT B"])
def test_a_text_that_only_names_a_lot_is_refused(words: str) -> None:
    with pytest.raises(BadLot, match="lot"):
        lots_from_input({"lot": words}, "need")
    with pytest.raises(BadLot, match="is not a lot; give its fields or its text"):
        lots_from_input({"title": "Crafts", "lots": ["Sewing", words]}, "need")


def test_a_field_beside_a_lot_in_a_field_is_named() -> None:
    tally = LotTally("crafts")
    content = {"lot": {"title": "Sewing"}, "colour": "red"}
    parse_lots(json.dumps(content), "crafts", tally)
    assert "colour" in tally.examples["lot with a field that is not known (the rest is kept)"]


TWO = [{"title": "Meals", "value": 60_000}, {"title": "A minibus", "value": 40_000}]


@pytest.mark.parametrize(
    "content",
    [
        {"lots": dict(zip("ab", TWO, strict=True))},
        {"lots": {name: json.dumps(lot) for name, lot in zip("ab", TWO, strict=True)}},
        {"lots": {"Lot 1": TWO[0], "Lot 2": TWO[1], "Lot 3": None}},
        {"lots": {lot["title"]: {"value": lot["value"]} for lot in TWO}},
        {"lots": {lot["title"]: {"title": "", "value": lot["value"]} for lot in TWO}},
        {"lots": {"Lot 1": TWO[0] | {"id": None}, "Lot 2": TWO[1] | {"id": ""}}},
        {"lot": {"north": TWO[0], "south": TWO[1]}},
        {"meals": TWO[0], "bus": TWO[1]},
        {"notice": {"title": "Help at home", "lots": TWO}},
    ],
    ids=str,
)
def test_lots_may_stand_under_their_names(tmp_path: Path, content: object) -> None:
    (tmp_path / "lots.json").write_text(json.dumps(content))
    found, tally = read_lots(tmp_path / "lots.json")
    assert [(lot.title, lot.value) for lot in found] == [("Meals", 60_000), ("A minibus", 40_000)]
    assert (len({lot.id for lot in found}), tally.set_aside) == (2, {})


def test_texts_of_lots_may_stand_under_their_titles_or_numbers() -> None:
    meals, bus = lots_from_input({"lots": {"Meals": "Hot meals.", "Bus": "A minibus."}}, "need")[0]
    assert (meals.title, meals.description) == ("Meals", "Hot meals.")
    assert (bus.title, bus.description) == ("Bus", "A minibus.")
    found, _ = lots_from_input({"lots": {"1": "Hot meals", "2": "A minibus"}}, "need")
    assert [(lot.id.partition("#")[2], lot.title) for lot in found] == [
        ("1", "Hot meals"),
        ("2", "A minibus"),
    ]


@pytest.mark.parametrize("lots", [TWO[0], [TWO[0]], "Meals", {"only": TWO[0]}])
def test_one_lot_among_the_lots_is_read(lots: object) -> None:
    assert [lot.title for lot in lots_from_input({"lots": lots}, "need")[0]] == ["Meals"]


@pytest.mark.parametrize(
    "content",
    [
        {"lots": {"Titel": "Meals", "Value": "60000"}},
        {"lots": {"a": {"title": "Meals"}, "b": 5}},
        {"lots": {"value": {"amount": 60_000}}},
        {"message": "Not found", "status": "404"},
    ],
    ids=str,
)
def test_other_objects_are_no_lots_under_their_names(content: dict[str, object]) -> None:
    with pytest.raises(BadLot):
        lots_from_input(content, "need")


def test_the_lots_of_an_ocds_tender_may_stand_under_their_ids() -> None:
    tender = {"title": "Care", "lots": {"north": {"title": "Meals"}, "south": {"title": "Bus"}}}
    found, _ = lots_from_input({"ocid": "ocds-x-1", "tender": tender}, "need")
    assert [(lot.id, lot.title) for lot in found] == [
        ("ocds-x-1#north", "Meals"),
        ("ocds-x-1#south", "Bus"),
    ]


@pytest.mark.parametrize("lots", [1.5, True, None, 0, "3"])
def test_what_stands_for_lots_and_is_none_is_named(tmp_path: Path, lots: object) -> None:
    content = {"lots": lots}
    with pytest.raises(BadLot, match=r": lots: .* is not a lot or a list of lots"):
        read_lots(written(tmp_path, content))
    with pytest.raises(BadLot, match=r"^lots: .* is not a lot or a list of lots"):
        lots_from_input(content, "k")


TWO_WRONG = [{"title": "Meals", "postcode": "hello"}, {"title": "Bus", "cpv": "12"}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lots.json", json.dumps(TWO_WRONG)),
        ("lots.jsonl", "\n".join(map(json.dumps, TWO_WRONG))),
        ("lots.csv", "title,postcode,cpv\nMeals,hello,\nBus,,12\n"),
    ],
)
def test_where_no_lot_can_be_used_each_has_its_own_reason(
    tmp_path: Path, name: str, content: str
) -> None:
    with pytest.raises(BadLot) as error:
        read_lots(written(tmp_path, content, name))
    assert "postcode: 'hello' is not a UK postcode" in str(error.value)
    assert "cpv: '12' is not a CPV code" in str(error.value)


def test_a_refusal_names_some_of_many_lots(tmp_path: Path) -> None:
    rows = "".join(f"Lot {n},nowhere\n" for n in range(1, 31))
    with pytest.raises(BadLot, match=r"row 2: .*row 21: .*and 10 more$"):
        read_lots(written(tmp_path, f"title,postcode\n{rows}", "lots.csv"))


def test_a_lot_with_a_key_that_stands_twice_is_kept_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, '{"title": "Hot meals", "value": 1000, "value": 90000}')
    (lot,), tally = read_lots(path)
    assert lot.value == 90_000
    assert tally.set_aside == {TWICE: 1}
    assert not is_unusable(TWICE)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"postcode": "hello"}, "postcode: 'hello' is not a UK postcode"),
        ({"years": "soon"}, "years: 'soon' is not a number of years"),
        ({"day": "soon"}, "day: 'soon' is not a date"),
        ({"cpv": ["85312310", "12"]}, "cpv: '12' is not a CPV code"),
    ],
)
def test_a_value_that_cannot_be_read_in_a_plain_notice_is_told(
    tmp_path: Path, wrong: dict[str, object], why: str
) -> None:
    notice = {"lots": [{"title": "Hot meals"}, {"title": "Bus trips", **wrong}]}
    lots, tally = read_lots(written(tmp_path, notice))
    assert [lot.title for lot in lots] == ["Hot meals", "Bus trips"]
    assert tally.set_aside == {NOT_READ: 1}
    assert f": lot 2: {why}" in tally.examples[NOT_READ]
    with pytest.raises(BadLot, match=f"^lot 2: {why}"):
        lots_from_input(notice, "k")


def _of_statuses(*lots: str, tender: str = "active") -> tuple[list[str], dict[str, int]]:
    parts = [
        {"id": str(n), "title": f"Roofs of estate {n}", "status": status}
        for n, status in enumerate(lots, 1)
    ]
    release = {"ocid": "ocds-x-1", "tender": {"title": "Roofs", "status": tender, "lots": parts}}
    found, tally = lots_from_input(release, "notice")
    return [lot.title for lot in found], tally.set_aside


@pytest.mark.parametrize("status", ["cancelled", "Canceled", "withdrawn"])
def test_a_lot_that_is_cancelled_gets_no_answer_and_is_told(status: str) -> None:
    assert _of_statuses("active", status) == (["Roofs of estate 1"], {"lot is cancelled": 1})


@pytest.mark.parametrize(
    ("lots", "tender"), [(["cancelled", "cancelled"], "active"), (["active", ""], "cancelled")]
)
def test_the_lots_of_a_cancelled_notice_are_read_and_it_is_told(
    lots: list[str], tender: str
) -> None:
    titles, told = _of_statuses(*lots, tender=tender)
    assert titles == ["Roofs of estate 1", "Roofs of estate 2"]
    assert told == {"notice is cancelled (the rest is kept)": 1}


def test_a_lot_without_a_bid_is_still_to_be_bought() -> None:
    assert _of_statuses("active", "unsuccessful")[1] == {}


def test_a_value_in_words_of_a_notice_is_told() -> None:
    tender = {"title": "Grass cutting", "value": "about £40,000 a year"}
    [lot], tally = lots_from_input({**RELEASE, "tender": tender}, "notice")
    assert lot.value is None
    assert tally.set_aside == {"value is not an amount of money (the rest is kept)": 1}
