"""The list of organisations that asked to be left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.core.errors import RegisterError
from matcher.core.identifiers import made_up
from matcher.core.types import Provider
from matcher.register.build.suppression_list import (
    LIST,
    SAME_NUMBER,
    Suppressions,
    digest_of,
    marks_of,
    pseudonym,
    where_no_place_is_said,
    without_names,
)
from matcher.sources.providers import own_table
from tests.factory import provider

SMITH = provider("XX-NAME-jsmith", "WS1 1TP", name="J. Smith Gardening", ids=("GB-COH-07",))


@pytest.fixture
def listed() -> Suppressions:
    return Suppressions().with_marks(marks_of(SMITH))


@pytest.mark.parametrize(
    "again",
    [
        SMITH,
        provider("GB-COH-07", name="Another name"),
        provider("XX-NAME-jsmith-B11AA", "B1 1AA", name="John Smith"),
        provider("NEW-1", "WS1 1TP", name="J SMITH GARDENING LTD"),
        provider("NEW-2", "WS1 1TP", name="New name", aliases=("J Smith Gardening",)),
    ],
)
def test_an_organisation_is_recognised_by_id_or_by_name_and_postcode(
    listed: Suppressions, again: object
) -> None:
    assert listed.cover(again)  # type: ignore[arg-type]


def test_another_organisation_with_the_same_name_elsewhere_is_not_recognised(
    listed: Suppressions,
) -> None:
    assert not listed.cover(provider("NEW-3", "B1 1AA", name="J. Smith Gardening"))
    assert not listed.cover(provider("NEW-4", "WS1 1TP", name="K. Smith Gardening"))


@pytest.mark.parametrize("of_a_name", [True, False])
def test_one_known_by_its_district_stays_out_where_the_whole_postcode_is_given_later(
    of_a_name: bool,
) -> None:
    def named(place: str) -> Provider:
        made = "XX-NAME-gardencare" if of_a_name else made_up("Garden Care", [place])
        return provider(made, place, name="Garden Care")

    marks = where_no_place_is_said(marks_of(named("WS1")), "XX-NAME-gardencare")
    listed = Suppressions().with_marks(marks)
    covered = [listed.cover(named(place)) for place in ("WS1", "WS1 1TP", "WS11 1TP", "WS2 8RR")]
    assert covered == [True, True, False, False]


def test_the_list_contains_no_names(tmp_path: Path, listed: Suppressions) -> None:
    listed.save(tmp_path)
    written = (tmp_path / LIST).read_text()
    assert "smith" not in written.lower()
    assert "WS1" not in written
    assert Suppressions.open(tmp_path) == listed


def test_a_damaged_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / LIST).write_text("{")
    with pytest.raises(RegisterError, match="asked to be left out"):
        Suppressions.open(tmp_path)


def test_a_pseudonym_is_stable_and_reveals_nothing() -> None:
    assert pseudonym("XX-NAME-jsmith") == pseudonym("XX-NAME-jsmith") != pseudonym("XX-NAME-k")
    assert "smith" not in pseudonym("XX-NAME-jsmith")


def test_every_name_is_removed_from_a_text_longest_first() -> None:
    known = provider("P", name="Smith", aliases=("Smith Gardening", "JS"))
    assert without_names(known, "SMITH GARDENING, JS and smith won") == (
        "[supplier], JS and [supplier] won"
    )


def rows_of(path: Path, text: str) -> list[Provider]:
    path.write_text(text, encoding="utf-8")
    return [row for _, rows in own_table.read([path]) for row in rows]


@pytest.mark.parametrize(
    ("earlier", "text"),
    [
        (made_up("Plover Weavers"), 'Name,Address\nPlover Weavers,"2 Low Rd, Dudley DY1 1HF"\n'),
        (made_up("Plover Weavers", ["n/a"]), "Name,Postcode\nPlover Weavers,N/A\n"),
        (made_up("Plover Weavers", ["TBC"]), "Name,Postcode\nPlover Weavers,tbc\n"),
        (made_up("Plover Weavers"), "Name,Outcode,Incode\nPlover Weavers,DY1,1HF\n"),
        (made_up("Plover Weavers"), "Name,Post Code 1,Area\nPlover Weavers,,Dudley\n"),
        ("31", "id,Name\n31,Plover Weavers\n"),
        ("31.0", "id,Name\n31,Plover Weavers\n"),
        (made_up("Plover Weavers"), "id,Name\n31,Plover Weavers\n"),
    ],
)
def test_a_row_stays_out_where_an_earlier_build_gave_it_another_id(
    tmp_path: Path, earlier: str, text: str
) -> None:
    listed = Suppressions().with_marks(marks_of(provider(earlier, name="Plover Weavers")))
    [again] = rows_of(tmp_path / "members.csv", text)
    assert listed.cover(again)
    [other] = rows_of(tmp_path / "members.csv", "Name,Address\nDunlin Potters,DY1 1HF\n")
    assert not listed.cover(other)


def test_a_row_stays_out_where_its_number_changes(tmp_path: Path) -> None:
    [before] = rows_of(tmp_path / "members.csv", "id,Name\n8,Plover Weavers\n")
    listed = Suppressions().with_marks(marks_of(before))
    rows = rows_of(tmp_path / "members.csv", "id,Name\n8,Dunlin Potters\n9,Plover Weavers\n")
    assert [listed.cover(row) for row in rows] == [False, True]


@pytest.mark.parametrize("marked", ["8", "8.0"])
def test_a_plain_number_of_an_earlier_list_leaves_a_row_out_and_says_why(
    tmp_path: Path, marked: str
) -> None:
    listed = Suppressions().with_marks([digest_of(marked)])
    rows = rows_of(tmp_path / "members.csv", "id,Name\n8,Dunlin Potters\n9,Plover Weavers\n")
    assert [listed.reason(row) for row in rows] == [SAME_NUMBER, ""]


def test_a_record_with_a_plain_number_for_its_id_leaves_no_other_row_out(tmp_path: Path) -> None:
    listed = Suppressions().with_marks(marks_of(provider("8", "DY1 1HF", name="Plover Weavers")))
    text = "id,Name,Postcode\n8,Dunlin Potters,DY1 1HF\n9,Plover Weavers,DY1 1HF\n"
    rows = rows_of(tmp_path / "members.csv", text)
    assert [listed.cover(row) for row in rows] == [False, True]


@pytest.mark.parametrize("blank", ["#NUM!", "#DIV/0!", "#NULL!", "??", "..", "**", "nil", "—"])
def test_a_row_stays_out_whatever_its_blank_postcode_was(tmp_path: Path, blank: str) -> None:
    earlier = provider(made_up("Plover Weavers", [blank]), name="Plover Weavers")
    [again] = rows_of(tmp_path / "members.csv", f"Name,Postcode\nPlover Weavers,{blank}\n")
    assert Suppressions().with_marks([digest_of(earlier.id)]).cover(again)


def test_a_common_name_without_a_place_stays_out_where_its_number_changes(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "members.csv", "id,Name\n4,The Hub\n5,Community Care\n")
    for before, after in zip(
        rows, ("id,Name\n9,The Hub\n", "id,Name\n9,Community Care\n"), strict=True
    ):
        listed = Suppressions().with_marks(marks_of(before))
        [again] = rows_of(tmp_path / "members.csv", after)
        assert listed.cover(again)
        [elsewhere] = rows_of(
            tmp_path / "members.csv", after.replace("Name", "Name,Postcode", 1)[:-1] + ",WS1 1TP\n"
        )
        assert not listed.cover(elsewhere)
