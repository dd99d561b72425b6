from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.sources.formats.json_values import day, ident, idents, listed, mappings, number, text


@pytest.mark.parametrize(
    ("written", "meant"),
    [(3, 3.0), (2.5, 2.5), ("12,000", 12000.0), ("£1,234.50", 1234.5), ("-4", -4.0), ("1e3", 1e3)],
)
def test_number_reads_numbers_and_their_strings(written: object, meant: float) -> None:
    assert number(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        *(None, True, False, "", "abc", "1,2", "nan", "1_000", [], {}, math.inf, math.nan, 10**400),
        *("45.000", "-45.000", "+45.000"),  # 45 or 45,000
    ],
)
def test_number_is_none_for_what_is_not_a_finite_number(written: object) -> None:
    assert number(written) is None


@pytest.mark.parametrize(
    "written",
    [
        "2026-04-10",
        "2026-04-10T10:50:13+01:00",
        "2026-04-10T23:59:59Z",
        "2026-04-10T10:50:13",
        "2026-04-10 00:00:00.0000000",
        "10/04/2026",
        " 10/4/2026 12:30 ",
        "10-Apr-2026",
        "10 April 2026",
        "10.04.2026 12:30",
        "10-Apr-26",
        "Apr 10, 2026",
        "2026/4/10",
        "2026-4-10",
        "20260410",
        "46122",
        46122,
        "10/04/26",
        "Fri, 10 Apr 2026 10:50:13 GMT",
    ],
)
def test_day_ignores_the_time_zone(written: object) -> None:
    assert day(written) == date(2026, 4, 10)


@pytest.mark.parametrize(
    "written",
    [
        None,
        20260410,
        "",
        "soon",
        "2026-02-30",
        "April 2026",
        "by 10 April 2026",
        "31-Feb-2026",
        "2026",
        "12345",
        123,
        "31/02/2026",
        "0001-01-01T00:00:00",
        "9999-12-31",
    ],
)
def test_day_is_none_for_other_text(written: object) -> None:
    assert day(written) is None


def test_rn_is_read_as_a_line_break() -> None:
    assert text("at home.rn It runs") == "at home.\nIt runs"
    assert text("servicesrn The provider") == "services\nThe provider"
    assert text("in Aldeburyrnand Fenleyrnuntil May") == "in Aldebury\nand Fenley\nuntil May"
    assert text("County Departmentrnhas Mill Boroughrnwardens") == (
        "County Department\nhas Mill Borough\nwardens"
    )
    assert text("first partrnrnsecond part") == "first part\nsecond part"
    assert text("work, repairs, etc.rn 1.2 Visits") == "work, repairs, etc.\n1.2 Visits"


@pytest.mark.parametrize(
    "plain",
    [
        "a modern, Northern barn",
        "prn medication",
        "Lorn, the turn. return",
        "SRN and RN nurses",
        "Edeyrn",
    ],
)
def test_words_that_end_in_rn_are_unchanged(plain: str) -> None:
    assert text(plain) == plain


def test_text_decodes_entities_and_drops_invisible_characters() -> None:
    assert text("St James&#039; caf&eacute; &amp; bar") == "St James' café & bar"
    assert text("a\x00b\u200bc\ud800\ttab \r\n\r\n  next") == "abc tab\nnext"


@given(st.text())
def test_text_can_be_stored_and_shown(content: str) -> None:
    plain = text(content)
    assert plain.encode("utf-8").decode("utf-8") == plain
    assert all(line and line == line.strip() for line in plain.split("\n") if plain)
    assert all(each == "\n" or each.isprintable() or ord(each) > 127 for each in plain)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("/Date(1767261600000)/", date(2026, 1, 1)),
        (" /Date(1767312000000)/ ", date(2026, 1, 2)),
        ("/Date(1775775600000)/", date(2026, 4, 10)),
        ("/Date(1767310200000+0100)/", date(2026, 1, 2)),
        ("/Date(1767310200000-0500)/", date(2026, 1, 1)),
        ("/Date(-62135596800000)/", None),
        ("/Date(99999999999999)/", None),
        ("/Date(x)/", None),
        ("/Date(1767261600000+9999)/", None),
    ],
)
def test_a_moment_of_net_is_a_day_in_its_own_zone(written: str, meant: date | None) -> None:
    assert day(written) == meant


@pytest.mark.parametrize(
    "cut", ["@{id=1; name=Elm}", "System.Object[]", "System.Collections.Hashtable"]
)
def test_an_object_that_powershell_cut_short_is_no_text(cut: str) -> None:
    assert (text(cut), ident(cut)) == ("", "")
    assert text("System. Objects for sale") == "System. Objects for sale"


def test_a_list_may_be_written_as_php_writes_it() -> None:
    one, two = {"id": "1"}, {"id": "2"}
    assert mappings({"0": one, "2": two}) == listed({"0": one, "2": two}) == [one, two]
    assert listed({"0": one, "2": "x"}) == [one, {}]
    assert mappings({"0": one, "a": two}) == [{"0": one, "a": two}]
    assert mappings({}) == []


@pytest.mark.parametrize("person", [{"name": "Pat"}, {"name": "Pat", "email": "p@example.org"}])
def test_somebody_to_ask_is_none_of_a_list(person: dict[str, object]) -> None:
    assert mappings({"a": {"name": "Oak"}}) == [{"id": "a", "name": "Oak"}]
    given = {"organisation": {"name": "Oak"}, "contactPoint": person}
    assert mappings(given) == [given]


def test_a_reference_may_be_an_object_with_an_id() -> None:
    assert idents([{"id": "1"}, 2, "3", {}]) == ["1", "2", "3", ""]
