from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.lotting.work_parts import (
    MOST_PARTS,
    READ,
    part_as_lot,
    parts_by_code,
    parts_in_text,
    stated_parts,
    work_parts,
)
from tests.factory import lot


def titles(description: str, **fields: object) -> list[str]:
    return [part.title for part in parts_in_text(lot(description=description, **fields))]


def test_lots_named_in_the_text_are_parts() -> None:
    text = "We buy two things.\nLot 1: Home care in the north\nLot 2: Meals at home\nPrices rise."
    assert titles(text) == ["Home care in the north", "Meals at home"]


@pytest.mark.parametrize(
    "text",
    [
        "We need:\n- Hot meals at home\n- Minibus rides to clubs",
        "We need:\n(a) Hot meals at home;\n(b) Minibus rides to clubs.",
        "We need: (a) Hot meals at home; (b) Minibus rides to clubs.",
        "We need • Hot meals at home • Minibus rides to clubs",
    ],
)
def test_list_items_are_parts_with_any_mark(text: str) -> None:
    assert titles(text) == ["Hot meals at home", "Minibus rides to clubs"]


@pytest.mark.parametrize(
    "text",
    [
        "Work on halls, including: - General tiling repairs - Floor sanding - Curtain cleaning.",
        "Work on halls, including: -General tiling repairs, -Floor sanding, -Curtain cleaning",
        "Work, such as:– General tiling repairs; – Floor sanding; – Curtain cleaning",
    ],
)
def test_a_list_whose_lines_were_joined_is_read(text: str) -> None:
    """As portals show a list that was pasted into one field."""
    assert titles(text) == ["General tiling repairs", "Floor sanding", "Curtain cleaning"]


@pytest.mark.parametrize(
    "text",
    [
        "We need:\n- Joinery\n- Roofing\n- Scaffolding",
        "We need: (a) Joinery; (b) Roofing; and (c) Scaffolding.",
        "We need i) Joinery, ii) Roofing and iii) Scaffolding",
    ],
)
def test_items_of_one_word_are_parts_where_all_are_known_work(text: str) -> None:
    assert titles(text) == ["Joinery", "Roofing", "Scaffolding"]
    assert titles(text.replace("Roofing", "Monday")) == []
    assert titles(text.replace("Roofing", "Commissioning")) == []


def test_what_joins_an_item_to_the_next_is_no_part_of_it() -> None:
    text = "We need (i) hot meals at home; and (ii) minibus rides and (iii) debt advice"
    assert titles(text) == ["hot meals at home", "minibus rides", "debt advice"]


@pytest.mark.parametrize(
    "text",
    [
        "Opening times: Monday - Friday, and the term is April - March.",
        "It is for one hall: a well-used one - and old.",
        "Read these: - General conditions - Tender documents - Pricing schedule",
    ],
)
def test_a_dash_alone_makes_no_list(text: str) -> None:
    assert titles(text) == []


def test_heading_with_the_text_below_it_is_a_part() -> None:
    text = (
        "Youth work\nOpen clubs and street work for young people on three evenings a week.\n"
        "Advice on debt\nCasework and help at tribunals for residents in money trouble.\n"
        "Payment terms\nInvoices are paid within thirty days of being received by us."
    )
    assert titles(text) == ["Youth work", "Advice on debt"]


def test_wrapped_item_is_one_part() -> None:
    (first, second) = parts_in_text(
        lot(description="- Hot meals brought\nto the door at noon\n- Minibus rides to clubs")
    )
    assert first.text == "Hot meals brought to the door at noon"
    assert second.text == "Minibus rides to clubs"


@pytest.mark.parametrize(
    "text",
    [
        "Hot meals are cooked and brought to the door every day of the week.",
        "- Hot meals at home",
        "- Insurance of five million\n- References from two buyers\n- Method statement",
        "\n".join(f"- Meals for the {n}th street of the town" for n in range(MOST_PARTS + 1)),
        "",
    ],
)
def test_text_that_lists_no_work_has_no_parts(text: str) -> None:
    assert titles(text) == []


def test_text_beyond_the_limit_is_not_read() -> None:
    listing = "- Hot meals at home\n- Minibus rides to clubs"
    assert titles(f"{'x' * 1000}\n{listing}") == ["Hot meals at home", "Minibus rides to clubs"]
    assert titles(f"{'x' * READ}\n{listing}") == []


@pytest.mark.parametrize("run", [";", " ", "\n", ", ", "lot 1\n", "Ab\n"])
def test_long_runs_of_separators_are_read_quickly(run: str) -> None:
    """Each of these once took seconds to minutes, as the time rose with the square of the run."""
    listing = "- Hot meals at home\n- Minibus rides to clubs"
    padding = run * ((READ - len(listing) - 20) // len(run))
    assert titles(f"{listing}\nAny day{padding}y") == [
        "Hot meals at home",
        "Minibus rides to clubs",
    ]
    assert titles(f"debts{padding}y") == []


PIECES = ["Hot meals at home", "Minibus rides to clubs", "Debt advice", *"; ,\n."]
MARKS = ["(1) ", "(a) ", "• ", "Lot 2: ", "(iv) "]


@given(st.lists(st.sampled_from([*PIECES, *MARKS]), max_size=14).map("".join))
def test_separators_before_an_item_break_the_line(text: str) -> None:
    item = r"(?:[•▪●]|\(?(?:[a-k]|[1-9]|1\d|i{1,3}|iv|vi{0,3})\)|Lot \d{1,2} ?[:–—-])\s"
    plainly = re.sub(rf"[\s;,]+(?={item})", "\n", text)
    assert titles(text) == titles(plainly)


def test_codes_are_grouped_by_the_widest_category_that_divides_them() -> None:
    groups = next(parts_by_code(lot(cpv=("85312310", "85312100", "60130000"))))
    assert [part.cpv for part in groups] == [("85312310", "85312100"), ("60130000",)]


def test_groupings_get_narrower_and_none_repeats() -> None:
    levels = [
        len(groups) for groups in parts_by_code(lot(cpv=("85312310", "85121270", "60130000")))
    ]
    assert levels == [2, 3]


def test_code_that_contains_others_is_in_every_group() -> None:
    groups = next(parts_by_code(lot(cpv=("85000000", "85310000", "85121000"))))
    assert [part.cpv for part in groups] == [("85310000", "85000000"), ("85121000", "85000000")]


def test_many_codes_are_grouped_quickly() -> None:
    """These codes once took minutes, because each was compared with each."""
    many = tuple(f"{division}{n:05}1" for division in (85, 90) for n in range(1, 3001))
    groups = next(parts_by_code(lot(cpv=(*many, "85000000"))))
    assert [len(part.cpv) for part in groups] == [3001, 3001]
    assert all(part.cpv[-1] == "85000000" for part in groups)


def test_codes_of_goods_form_no_group_where_services_are_bought() -> None:
    assert list(parts_by_code(lot(cpv=("39717200", "50730000")))) == []
    bought = lot(cpv=("39141400", "15000000"), category="goods")
    assert [part.cpv for part in next(parts_by_code(bought))] == [("39141400",), ("15000000",)]


def test_groups_with_the_same_name_have_their_code_in_the_title() -> None:
    *_, finest = parts_by_code(lot(cpv=("80511000", "80530000")))
    assert len({part.title for part in finest}) == 2


def test_parts_in_the_text_come_before_groups_of_codes() -> None:
    both = lot(description="- Hot meals at home\n- Rides to clubs", cpv=("85312310", "60130000"))
    assert [part.title for part in work_parts(both)] == ["Hot meals at home", "Rides to clubs"]
    assert work_parts(lot(cpv=("85312100",))) == ()


def test_stated_need_has_the_codes_whose_words_it_uses() -> None:
    (part,) = stated_parts(lot(cpv=("60130000", "90911200")), ["Passenger transport by minibus"])
    assert part.cpv == ("60130000",)


def test_part_as_a_lot_keeps_the_notice_and_has_no_value() -> None:
    whole = lot(id="ocds-1#2", title="Neighbourhood services", value=9e4, area="Walsall")
    (part,) = stated_parts(whole, ["Hot meals at home"])
    part_lot = part_as_lot(whole, part, "1")
    assert (part_lot.id, part_lot.value, part_lot.area) == ("ocds-1#2.1", None, "Walsall")
    assert part_lot.description == "Hot meals at home\nNeighbourhood services"
