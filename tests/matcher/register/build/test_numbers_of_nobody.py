"""A number that people type where a form requires one joins no organisations."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path

import pytest

from matcher.core.types import Grade, Provider, Site, Source, Status
from matcher.register.build.build import build
from matcher.register.build.erase import suppress
from matcher.register.linkage.one_number import strangers
from matcher.register.linkage.resolve import resolved
from matcher.register.register import Register
from matcher.sources.providers import own_table
from tests.factory import award, provider
from tests.registers import registered

_NUMBER = "GB-COH-00000017"
_NAMES = (
    "Kestrelfold Lifts Ltd",
    "Harrow Lane Joinery",
    "Oakmere Catering Ltd",
    "Pennard Roofing Ltd",
    "Tolmere Groundcare",
    "Willowmere Befriending Society",
    "Fotherby Carpets LLP",
)


def _supplier(name: str, number: str = _NUMBER, postcode: str = "WS1 1TP") -> Provider:
    return Provider(number, name, Source("notices"), sites=(Site(postcode, Grade.AWARD_ADDRESS),))


_EVERY = [_supplier(name) for name in _NAMES]
_AWARDS = [award(f"a-{at}", each) for at, each in enumerate(_EVERY)]


def _names(register: Register) -> list[set[str]]:
    found = (organisation.provider for organisation in register.organisations)
    return sorted(({one.name, *one.aliases} for one in found), key=sorted)


def _alone(*names: str) -> list[set[str]]:
    return sorted(({name} for name in names), key=sorted)


def test_organisations_with_nothing_but_the_number_in_common_stay_apart(
    tmp_path: Path, places_table: Path
) -> None:
    register = registered(tmp_path / "reg", places_table, *_AWARDS)
    assert _names(register) == _alone(*_NAMES)
    ids = [organisation.provider.id for organisation in register.organisations]
    assert len({*ids}) == len(_NAMES)
    assert [register.row(org_id) for org_id in ids] == [*range(len(ids))]
    assert register.row(_NUMBER) is None
    assert all(len(register.won.of(row)) == 1 for row in range(len(ids)))


def test_a_name_in_two_spellings_and_one_known_by_its_right_number_are_one_each(
    tmp_path: Path, places_table: Path
) -> None:
    known = provider("GB-COH-07633349", "WS1 1TP", name="KESTRELFOLD LIFTS LIMITED")
    again = _supplier("Pennard Roofing Limited", postcode="WS1 2AA")
    register = registered(tmp_path / "reg", places_table, *_AWARDS, known, again)
    assert len(register) == len(_NAMES)
    row = register.row("GB-COH-07633349")
    assert row is not None
    assert len(register.won.of(row)) == 1


def test_the_organisation_that_a_register_names_keeps_its_number(
    tmp_path: Path, places_table: Path
) -> None:
    known = provider(_NUMBER, "WS1 1TP", name="Lambsgate Council Services Ltd")
    register = registered(tmp_path / "reg", places_table, *_AWARDS, known)
    row = register.row(_NUMBER)
    assert row is not None
    assert register.organisations[row].provider.name == known.name
    assert not len(register.won.of(row))
    assert len(register) == len(_NAMES) + 1


def test_few_unlike_names_of_a_number_are_left_to_a_person(
    tmp_path: Path, places_table: Path
) -> None:
    assert len(registered(tmp_path / "reg", places_table, *_AWARDS[:-1])) == 1


def test_an_organisation_that_most_records_name_keeps_its_number() -> None:
    often = [_supplier(_NAMES[0], postcode=f"WS1 {at}TP") for at in range(1, 10)]
    far = strangers([*often, *_EVERY[1:]])
    assert len(far) == len(_NAMES) - 1
    assert strangers(often) == frozenset()


def test_a_month_over_the_register_makes_what_a_whole_build_makes(
    tmp_path: Path, places_table: Path
) -> None:
    few, many = _AWARDS[:-1], _AWARDS
    for first, second in ((few, many), (many, few), (many, many)):
        over, whole = tmp_path / f"{len(first)}{len(second)}", tmp_path / f"whole{len(first)}"
        registered(over, places_table, *first)
        after = registered(over, places_table, *second)
        anew = registered(whole, places_table, *second)
        assert after.manifest.version == anew.manifest.version
        assert [*after.organisations] == [*anew.organisations]


def _table(path: Path, column: str, names: tuple[str, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow((column, "name", "postcode"))
        rows.writerows((_NUMBER, name, "WS1 1TP") for name in names)
    return path


@pytest.mark.parametrize("column", ["id", "company number"])
def test_a_month_of_a_table_makes_what_a_whole_build_makes(
    column: str, tmp_path: Path, places_table: Path
) -> None:
    def built(register: Path, names: tuple[str, ...]) -> Register:
        table = _table(tmp_path / "t.csv", column, names)
        build(register, own_table.read([table]), places_table=places_table)
        return Register.open(register)

    for first, second in ((_NAMES[:-1], _NAMES), (_NAMES, _NAMES[:-1]), (_NAMES, _NAMES)):
        over, whole = tmp_path / f"{len(first)}{len(second)}", tmp_path / f"whole{len(first)}"
        built(over, first)
        after, anew = built(over, second), built(whole, second)
        assert after.manifest.version == anew.manifest.version
        assert [*after.organisations] == [*anew.organisations]
        assert len(anew) == (len(_NAMES) if second == _NAMES else 1)
        assert (anew.row(_NUMBER) is None) == (second == _NAMES)


def test_one_that_asked_to_stay_out_does_not_take_the_others_with_it(
    tmp_path: Path, places_table: Path
) -> None:
    path, eighth = tmp_path / "reg", "Brackenhurst Coaches"
    every = [*_AWARDS, award("b-1", _supplier(eighth))]
    register = registered(path, places_table, *every)
    row = next(
        row for row, one in enumerate(register.organisations) if one.provider.name == _NAMES[0]
    )
    suppress(path, register.organisations[row].provider.id)
    elsewhere = award("b-2", _supplier(_NAMES[0], postcode="WS1 2AA"))
    after = registered(path, places_table, *every, elsewhere)
    assert _names(after) == _alone(*_NAMES[1:], eighth)


@pytest.mark.parametrize("known", [False, True])
def test_the_order_of_the_records_makes_no_difference(known: bool) -> None:
    status = Status.ACTIVE if known else Status.UNKNOWN
    records = [*_EVERY, provider("GB-CHC-1150079", "WS1 1TP", name=_NAMES[1], status=status)]
    found = set()
    for order in (records, records[::-1], *list(permutations(records))[500:40_000:13_000]):
        resolution = resolved(order, lambda _, __: 0.0)
        groups: dict[int, set[str]] = {}
        for record, leader in zip(order, resolution.leaders.tolist(), strict=True):
            groups.setdefault(leader, set()).add(f"{record.id} {record.name}")
        found.add(frozenset(frozenset(group) for group in groups.values()))
    assert len(found) == 1
    assert len(found.pop()) == len(_NAMES)


def test_where_numbers_are_trusted_they_join_whatever_the_names(
    tmp_path: Path, places_table: Path
) -> None:
    assert len(registered(tmp_path / "reg", places_table, *_AWARDS, trust_ids=True)) == 1
