from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import count, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.errors import BadSource
from matcher.core.types import (
    Fact,
    Grade,
    Kind,
    Provider,
    Site,
    Size,
    Source,
    Status,
)
from matcher.core.workers import running_on
from matcher.register.linkage import exact_blocks, matching
from matcher.register.linkage import keys as keys_module
from matcher.register.linkage.groups import names_of
from matcher.register.linkage.key_tables import SPOTS, KeyFiles
from matcher.register.linkage.keys import RecordKeys
from matcher.register.linkage.matching import decide
from matcher.register.linkage.merge import facts, summarise
from matcher.register.linkage.name_similarity import normalise
from matcher.register.linkage.resolve import Resolution, Rules, resolve, resolved
from matcher.register.linkage.told_pairs import pairs_in
from tests import factory

_PLACES = {  # kilometres along one road
    "WS1 1TP": 0.0,
    "WS1 2AA": 1.0,
    "WV1 1AA": 35.0,
    "B1 1AA": 39.9,
    "B2 2AA": 40.1,
    "WR1 1AA": 62.0,
}
RARE = "Penllergare Valley Woods"
COMMON = "Community Transport"
NONE = frozenset[tuple[str, str]]()
_numbers = count(1)


def _km(a: str, b: str) -> float | None:
    if a not in _PLACES or b not in _PLACES:
        return None
    return abs(_PLACES[a] - _PLACES[b])


def _resolve(
    records: Sequence[Provider],
    *,
    trust_ids: bool = False,
    apart: frozenset[tuple[str, str]] = NONE,
) -> Resolution:
    return resolved(records, _km, Rules(trust_ids, apart))


def _groups(
    *records: Provider, trust_ids: bool = False, apart: frozenset[tuple[str, str]] = NONE
) -> set[frozenset[str]]:
    """The records of each organisation, as their websites, which are unique."""
    leaders = _resolve(records, trust_ids=trust_ids, apart=apart).leaders.tolist()
    return {
        frozenset(r.website for r, at in zip(records, leaders, strict=True) if at == leader)
        for leader in set(leaders)
    }


def _merged(a: Provider, b: Provider) -> bool:
    """Whether two records are merged, whichever comes first."""
    ways = {
        len(_groups(replace(x, website="x"), replace(y, website="y"))) for x, y in ((a, b), (b, a))
    }
    assert len(ways) == 1
    return ways == {1}


def _at(name: str, *postcodes: str, **fields: object) -> Provider:
    """A record without an official number."""
    return factory.provider(f"XX-{next(_numbers)}", *postcodes, name=name, **fields)


# --- by official number -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("GB-CHC-1",), ("GB-CHC-1",)),
        (("GB-CHC-1", "GB-COH-2"), ("GB-COH-2",)),
        (("GB-CHC-1", "GB-COH-2"), ("GB-SC-3", "GB-COH-2")),
        (("XX-1", "GB-COH-2"), ("XX-2", "GB-COH-2")),
    ],
)
def test_the_same_official_number_is_one_organisation_under_any_name(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    a = factory.provider(one[0], "WS1 1TP", name="Beacon Care", ids=one[1:])
    b = factory.provider(other[0], "WR1 1AA", name="Quite Another", ids=other[1:])
    assert _merged(a, b)


def test_shared_ids_connect_a_chain_of_records() -> None:
    a = factory.provider("GB-CHC-1", ids=("GB-COH-2",), website="a")
    b = factory.provider("GB-COH-2", ids=("GB-PPON-3",), website="b")
    c = factory.provider("GB-PPON-3", website="c")
    d = factory.provider("GB-PPON-4", website="d")
    assert _groups(c, d, a, b) == {frozenset("abc"), frozenset("d")}


@pytest.mark.parametrize("register", ["GB-CHC", "GB-COH", "GB-SC", "GB-NIC", "GB-MPR", "GB-PPON"])
def test_two_numbers_of_one_register_are_two_organisations(register: str) -> None:
    a = factory.provider(f"{register}-1", "WS1 1TP", name=RARE)
    assert not _merged(a, factory.provider(f"{register}-2", "WS1 1TP", name=RARE))


def test_a_society_is_one_under_its_numbers_at_two_registers_and_no_other_is() -> None:
    at_companies_house = factory.provider("GB-COH-RS009876", "WS1 1TP", name="Wrenmoor Shop Ltd")
    mutual = factory.provider("GB-MPR-9876", "WR1 1AA", name="Wrenmoor Community Shop Limited")
    older = factory.provider("GB-MPR-9876R", "WS1 1TP", name="Wrenmoor Community Shop Limited")
    assert _merged(at_companies_house, mutual)
    assert not _merged(at_companies_house, older)
    assert not _merged(mutual, older)


def test_numbers_of_different_registers_do_not_conflict() -> None:
    a = factory.provider("GB-CHC-1", "WS1 1TP", name=RARE)
    assert _merged(a, factory.provider("GB-COH-2", "WS1 1TP", name=RARE))


def test_a_record_between_two_numbers_does_not_join_them() -> None:
    a = factory.provider("GB-CHC-1", "WS1 1TP", name=RARE, website="a")
    b = factory.provider("GB-CHC-2", "WS1 1TP", name=RARE, website="b")
    between = _at(RARE, "WS1 1TP", website="c")
    for records in ((a, b, between), (between, b, a), (b, between, a)):
        groups = _groups(*records)
        assert len(groups) == 2
        assert not any({"a", "b"} <= group for group in groups)


def test_numbers_of_a_group_prevent_a_merge_by_name() -> None:
    """The company record has no charity number, but another record of its group has."""
    charity = factory.provider("GB-CHC-1", name="Quite Another", ids=("GB-COH-5",), website="a")
    company = factory.provider("GB-COH-5", "WS1 1TP", name=RARE, website="b")
    rival = factory.provider("GB-CHC-9", "WS1 1TP", name=RARE, website="c")
    wanted = {frozenset("ab"), frozenset("c")}
    assert _groups(charity, company, rival) == wanted
    assert _groups(rival, company, charity) == wanted


# --- by name at one postcode ------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beacon Care CIC", "Beacon Care Community Interest Company"),
        ("Beacon Care C.I.C.", "BEACON CARE LTD"),
        ("Beacon & Harbour Care", "Beacon and Harbour Care"),
        ("The Beacon Care Centre", "Beacon Care Centre"),
        ("Jones Ltd T/A Castle Cars", "Castle Cars"),
        ("Jones Ltd trading as Castle Cars", "Castle Cars"),
        ("First Steps Nursery", "1st Steps Nursery"),
        ("Café Tâf", "Cafe Taf"),
        ("Hatherley Care Ltd", "Hatherly Care"),
    ],
)
def test_alike_names_at_one_postcode_are_one_organisation(one: str, other: str) -> None:
    assert _merged(_at(one, "WS1 1TP"), _at(other, "WS1 2AA", "WS1 1TP"))


def test_a_previous_name_counts_as_a_name() -> None:
    now = _at("Harbour Futures", "WS1 1TP", aliases=("Beacon Care CIC",))
    assert _merged(now, _at("Beacon Care", "WS1 1TP"))
    assert not _merged(replace(now, aliases=()), _at("Beacon Care", "WS1 1TP"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Age UK Walsall", "Age UK Sandwell"),
        ("Walsall North Scouts", "Walsall South Scouts"),
        ("1st Bloxwich Scouts", "2nd Bloxwich Scouts"),
        ("Beacon Care", "Harbour Care"),
    ],
)
def test_different_branches_at_one_postcode_are_kept_apart(one: str, other: str) -> None:
    assert not _merged(_at(one, "WS1 1TP"), _at(other, "WS1 1TP"))


# --- by name elsewhere ------------------------------------------------------------------


@pytest.mark.parametrize("postcode", ["WV1 1AA", "B1 1AA"])
def test_a_rare_name_within_40_km_has_moved(postcode: str) -> None:
    assert _merged(_at(RARE, "WS1 1TP"), _at(f"The {RARE} Ltd", postcode))


@pytest.mark.parametrize("postcode", ["B2 2AA", "WR1 1AA", "ZE1 0AA"])
def test_a_rare_name_further_away_or_at_an_unknown_place_is_not_merged(postcode: str) -> None:
    assert not _merged(_at(RARE, "WS1 1TP"), _at(RARE, postcode))


def test_the_nearest_two_postcodes_count() -> None:
    assert _merged(_at(RARE, "WR1 1AA", "WS1 1TP"), _at(RARE, "ZE1 0AA", "WS1 2AA"))


def test_a_common_name_elsewhere_is_not_merged() -> None:
    assert not _merged(_at(COMMON, "WS1 1TP"), _at(COMMON, "WS1 2AA"))
    assert _merged(_at(COMMON, "WS1 1TP"), _at(COMMON, "WS1 1TP"))


@pytest.mark.parametrize("name", ["Western Counselling", "Milton Keynes College"])
def test_a_name_of_several_words_counts_within_3_km(name: str) -> None:
    assert _merged(_at(name, "WS1 1TP"), _at(name.upper(), "WS1 2AA"))
    assert not _merged(_at(name, "WS1 1TP"), _at(name, "WV1 1AA"))
    assert not _merged(_at(name, "WS1 1TP"), _at(name, "ZE1 0AA"))


@pytest.mark.parametrize(
    "name", ["Jigsaw", "Home Care", "Hope Village Hall", "St Anne's Church", "Carers Group"]
)
def test_a_name_that_a_town_may_have_twice_does_not_count_within_3_km(name: str) -> None:
    assert not _merged(_at(name, "WS1 1TP"), _at(name, "WS1 2AA"))


def test_the_shared_name_must_be_rare() -> None:
    """A rare name of its own does not make the common name that it shares rare."""
    rare = _at(RARE, "WS1 1TP", aliases=(COMMON,))
    assert not _merged(rare, _at(COMMON, "WS1 2AA"))
    assert _merged(_at(COMMON, "WS1 2AA", aliases=(RARE,)), _at(RARE, "WS1 1TP"))


def test_a_similar_name_elsewhere_is_not_merged() -> None:
    a, b = "Hatherley Valley Woods", "Hatherly Valley Woods"
    assert _merged(_at(a, "WS1 1TP"), _at(b, "WS1 1TP"))
    assert not _merged(_at(a, "WS1 1TP"), _at(b, "WS1 2AA"))


@pytest.mark.parametrize("near", ["GB-COH-00000001", "GB-COH-00000003"])
def test_of_two_of_one_rare_name_the_one_at_its_postcode_gets_a_record(near: str) -> None:
    here, far = (
        factory.provider(near, "WS1 1TP", name=RARE, website="here"),
        factory.provider("GB-COH-00000002", "WS1 2AA", name=RARE, website="far"),
    )
    supplier = _at(RARE, "WS1 1TP", website="supplier")
    assert _groups(here, far, supplier) == {frozenset({"here", "supplier"}), frozenset({"far"})}


def test_a_rare_name_joins_a_record_without_a_postcode() -> None:
    assert _merged(_at(RARE, "WS1 1TP"), _at(RARE))
    assert not _merged(_at(COMMON, "WS1 1TP"), _at(COMMON))


def test_more_than_sixty_records_of_one_name_are_not_compared() -> None:
    """Records of a name at one postcode are compared in pairs only up to sixty."""
    crowd = [_at("Beacon Care", "WS1 1TP", website=f"{n}") for n in range(61)]
    assert len(_groups(*crowd[:60])) == 1
    assert len(_groups(*crowd)) == 61


# --- what the user decides --------------------------------------------------------------


def test_trusted_ids_merge_by_official_number_and_never_by_name() -> None:
    a = factory.provider("GB-CHC-1", "WS1 1TP", name=RARE, ids=("GB-COH-2",), website="a")
    b = factory.provider("GB-COH-2", "WS1 1TP", name="Quite Another", website="b")
    c = factory.provider("GB-PPON-3", "WS1 1TP", name=RARE, website="c")
    d = _at("Quite Another", "WS1 1TP", website="d", ids=("XX-own-4",))
    e = _at("Quite Another", "WS1 1TP", website="e", ids=("XX-own-4",))
    wanted = {frozenset("ab"), frozenset("c"), frozenset("d"), frozenset("e")}
    assert _groups(a, b, c, d, e, trust_ids=True) == wanted
    assert _groups(a, b, c, d, e) == {frozenset("abcde")}


@pytest.mark.parametrize("by_number", [True, False])
def test_pairs_to_keep_apart_undo_a_merge(by_number: bool, tmp_path: Path) -> None:
    ids = ("GB-COH-5",) if by_number else ()
    a = factory.provider("GB-CHC-1", "WS1 1TP", name=RARE, ids=ids, website="a")
    b = factory.provider("XX-2", "WS1 1TP", name=RARE, ids=ids, website="b")
    c = factory.provider("XX-3", "WR1 1AA", name="Quite Another", website="c")
    merge = _resolve((a, b, c)).merges[0]
    file = tmp_path / "apart.csv"
    file.write_text(f"kept,merged,reason\n{merge.kept},{merge.merged},x\n", "utf-8-sig")
    apart = pairs_in(file, "--keep-apart")
    for records in ((a, b, c), (c, b, a)):
        assert _groups(*records) == {frozenset("ab"), frozenset("c")}
        assert _groups(*records, apart=apart) == {frozenset("a"), frozenset("b"), frozenset("c")}


@pytest.mark.parametrize("by_number", [True, False])
def test_a_third_record_does_not_join_what_is_kept_apart(by_number: bool) -> None:
    ids = ("GB-COH-5",) if by_number else ()
    a, b, c = (factory.provider(f"XX-{w}", "WS1 1TP", name=RARE, ids=ids, website=w) for w in "abc")
    groups = _groups(a, b, c, apart=frozenset({("XX-a", "XX-b")}))
    assert len(groups) == 2
    assert not any({"a", "b"} <= group for group in groups)


def test_records_kept_apart_from_one_record_may_still_merge() -> None:
    a, b, c = (factory.provider(f"XX-{w}", ids=("GB-COH-5",), website=w) for w in "abc")
    apart = frozenset({("XX-a", "XX-b"), ("XX-a", "XX-c")})
    for records in ((a, b, c), (b, a, c), (c, b, a)):
        assert _groups(*records, apart=apart) == {frozenset("a"), frozenset("bc")}


def test_the_order_of_ids_in_a_pair_has_no_effect(tmp_path: Path) -> None:
    file = tmp_path / "apart.csv"
    file.write_text("merged,kept\nXX-1, XX-2 \nXX-3,XX-4\n", "utf-8")
    assert pairs_in(file, "--keep-apart") == {("XX-1", "XX-2"), ("XX-3", "XX-4")}
    file.write_text("kept,merged\nXX-1,XX-2\nXX-4,XX-3\n", "utf-8")
    assert pairs_in(file, "--keep-apart") == {("XX-1", "XX-2"), ("XX-3", "XX-4")}


def test_no_file_keeps_nothing_apart(tmp_path: Path) -> None:
    assert pairs_in(None, "--keep-apart") == frozenset()
    (tmp_path / "apart.csv").write_text("kept,merged\n")
    assert pairs_in(tmp_path / "apart.csv", "--keep-apart") == frozenset()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"a,b\nXX-1,XX-2\n", "needs the columns 'kept' and 'merged'.*found a, b"),
        (b"a,b\n", "needs the columns 'kept' and 'merged'.*found a, b"),
        (b"", "needs the columns 'kept' and 'merged'.*found nothing"),
        (b"a,b\n1,2,3\n", "needs the columns 'kept' and 'merged'"),
        (b"kept;merged\nXX-1;XX-2\n", "needs the columns.*found kept;merged"),
        (b"kept,merged\nXX-1,XX-2\nXX-3\n", "row 2 must name an id .*'XX-3' and ''"),
        (b"kept,merged\n,XX-2\n", "row 1 must name an id .*'' and 'XX-2'"),
        (b"kept,merged\nXX-1,\xff\n", "is not a CSV file in UTF-8"),
    ],
)
def test_an_invalid_file_of_pairs_is_refused(raw: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "apart.csv"
    file.write_bytes(raw)
    with pytest.raises(BadSource, match=rf"--keep-apart .*apart\.csv: {message}"):
        pairs_in(file, "--keep-apart")


def test_a_missing_file_of_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"--keep-apart .*none\.csv: cannot be read"):
        pairs_in(tmp_path / "none.csv", "--keep-apart")


# --- company names ----------------------------------------------------------------------


def test_a_short_name_does_not_bridge_two_companies() -> None:
    group = _at("Gelderworth Group Ltd", "WS1 1TP")
    short = _at("Gelderworth Construct", "WS1 1TP")
    records = (group, _at("Gelderworth Construction Ltd", "WS1 1TP"), short)
    for order in (records, records[::-1]):
        found = _resolve(order)
        leaders = dict(zip((r.id for r in order), found.leaders.tolist(), strict=True))
        assert leaders[records[0].id] != leaders[records[1].id]


@pytest.mark.parametrize("other", ["Quarnford Lifts Limited", "QUARNFORD LIFTS LTD (T/A Upways)"])
def test_a_company_is_one_wherever_its_full_name_is_written(other: str) -> None:
    assert _merged(_at("Quarnford Lifts Ltd trading as Upways", "WS1 1TP"), _at(other, "WR1 1AA"))


def test_two_companies_under_one_brand_stay_two() -> None:
    assert not _merged(
        _at("Quarnford Lifts Ltd trading as Upways", "WS1 1TP"), _at("Upways Hire Ltd", "WS1 1TP")
    )


def test_a_name_without_legal_form_is_that_of_the_only_company_with_it() -> None:
    company, short = _at("Quarnford Lifts Ltd", "WS1 1TP"), _at("Quarnford Lifts", "WR1 1AA")
    assert _merged(company, short)
    others = (company, short, _at("Quarnford Lifts CIC", "WS1 2AA"))
    of_company, of_short, of_other = _resolve(others).leaders.tolist()
    assert of_short not in {of_company, of_other}


def test_a_name_that_two_registered_organisations_have_is_not_joined_from_afar() -> None:
    one = factory.provider("GB-CHC-1000001", "WS1 1TP", name="Quarnford Lifts")
    two = factory.provider("GB-CHC-1000002", "WS1 2AA", name="Quarnford Lifts")
    far = _at("Quarnford Lifts", "WR1 1AA")
    assert len(set(_resolve((one, two, far)).leaders.tolist())) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quarnford Lifts LLP", "QUARNFORD LIFTS LLP London"),
        ("Quarnford Lifts LLP", "Quarnford Lifts (QL) LLP"),
        ("Quarnford Lifts Ltd", "Quarnford Lifts Ltd, 4 Mill Lane, Walsall"),
        ("Quarnford Lifts Ltd", "Quarnford Lifts Ltd 4 Mill Lane"),
        ("Quarnford Lifts Ltd", "Quarnford Lifts Ltd - Mendip Depot"),
        ("Quarnford Lifts Ltd", "Quarnford Lifts Ltd (Mendip)"),
        ("Quarnford Lifts Ltd", "Quarnford Lift Ltd"),
        ("Quarnford Lift Two Ltd", "QuarnfordLiftTwo Limited"),
        ("The Quarnford Lifts Ltd", "TheQuarnfordLifts Limited"),
    ],
)
def test_a_full_company_name_ends_with_its_legal_form(one: str, other: str) -> None:
    assert _merged(_at(one, "WS1 1TP"), _at(other, "WR1 1AA"))


@pytest.mark.parametrize(
    "other",
    [
        "Quarnford Lifts Ltd and Upways Ltd",
        "Quarnford Lifts Ltd, and Upways",
        "Quarnford Lifts (North) Ltd",
        "Quarnford Ltd",
        "SAS Quarnford Lifts Ltd",
        "Quarnford Lifts Limit Ltd",
        "Quarnford Lifts Ll Limited",
        "Quarnford Lifts Limited Pension Scheme",
        "Quarnford Lifts Ltd (Pension Scheme)",
        "Quarnford Lifts Ltd Holdings",
        "Quarnford Lifts Ltd, Holdings",
        "Quarnford Lifts Ltd Group",
        "Quarnford Lifts Ltd - The Employees Charity",
        "Quarnford Lifts Ltd Charitable Foundation",
        "Quarnford Lifts Ltd Retirement Benefits Trustees",
        "Quarnford Lifts Ltd Mendip Joint Venture",
        "Quarnford Lifts Ltd Upways",
        "Quarnford Lifts Ltd 2",
    ],
)
def test_a_longer_or_shorter_company_name_is_anothers(other: str) -> None:
    assert not _merged(_at("Quarnford Lifts Ltd", "WS1 1TP"), _at(other, "WR1 1AA"))


def test_one_mistyped_legal_form_among_many_does_not_make_two_companies() -> None:
    right = [_at("Quarnford Lifts Ltd", "WS1 1TP") for _ in range(6)]
    wrong, short = _at("Quarnford Lifts LLP", "ZZ1 1ZZ"), _at("Quarnford Lifts", "WR1 1AA")
    leaders = _resolve((*right, wrong, short)).leaders.tolist()
    assert len(set(leaders[:6])) == 1
    assert leaders[7] == leaders[0] != leaders[6]


_PLC = {
    "another number": ("GB-COH-00000002",),
    "two numbers": ("GB-COH-00000002", "GB-CHC-1000002"),
    "a number on another record": ("XX-of-plc",),
}


@pytest.mark.parametrize("partitions", [1, 8])
@pytest.mark.parametrize("plc", _PLC)
def test_a_name_of_two_registered_companies_joins_neither(
    plc: str, partitions: int, tmp_path: Path
) -> None:
    first, *others = _PLC[plc]
    records = [_at("Quarnford Lifts Ltd", "WS1 1TP") for _ in range(6)]
    records += [
        factory.provider("GB-COH-00000001", "WS1 1TP", name="Quarnford Lifts Ltd"),
        factory.provider(first, "ZZ1 1ZZ", name="Quarnford Lifts PLC", ids=tuple(others)),
        _at("Quarnford Lifts", "WR1 1AA"),
        factory.provider("GB-COH-00000002", name="Upways Hire", ids=("XX-of-plc",)),
    ]
    leaders = _in_partitions(records, partitions, tmp_path).leaders.tolist()
    limited, (of_plc, bare, number) = leaders[:7], leaders[7:]
    assert len(set(limited)) == 1
    assert of_plc == number
    assert len({limited[0], of_plc, bare}) == 3
    no_plc = [*records[:7], records[8]]
    assert len(set(_in_partitions(no_plc, partitions, tmp_path).leaders.tolist())) == 1


def _in_partitions(records: Sequence[Provider], partitions: int, folder: Path) -> Resolution:
    """What is resolved where the keys are in files, in so many parts."""
    half = len(records) // 2
    parts = (range(half), range(half, len(records)))
    folder = Path(tempfile.mkdtemp(dir=folder))
    files = KeyFiles(folder, parts, partitions)
    for part in parts:
        keys = RecordKeys(trust_ids=False)
        for record in records[part.start : part.stop]:
            keys.add(record)
        keys.share(SPOTS, np.full((len(part), 2), -1, np.int32))
        keys.table().save_part(folder, part, partitions)
    files.join()
    with running_on("1"):
        return resolve(files, Rules(), lambda: (records.__getitem__, _km))


def test_equal_hashes_of_different_keys_join_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "fingerprints", lambda keys: np.zeros(len(keys), np.uint64))
    a = factory.provider("GB-COH-1", "WS1 1TP", name="Quarnford Lifts Ltd", website="a")
    b = factory.provider("GB-COH-2", "WR1 1AA", name="Upways Hire Ltd", website="b")
    c = factory.provider("XX-3", "WR1 1AA", name="Kestrelfold PLC", website="c")
    same_id = factory.provider("GB-COH-2", name="Lathbury", website="d")
    same_name = factory.provider("XX-4", name="Kestrelfold Plc", website="e")
    linked = factory.provider("XX-5", name="Ferris", ids=("GB-COH-1",), website="f")
    records = (a, b, c, same_id, same_name, linked)
    assert _groups(*records) == {frozenset("af"), frozenset("bd"), frozenset("ce")}
    assert _groups(*records[::-1]) == {frozenset("af"), frozenset("bd"), frozenset("ce")}


@pytest.mark.parametrize(
    "names",
    [
        ("QFL Ltd", "Quarnford Ferris Lathbury LLP (QFL)"),
        ("Quarnford Ferris Lathbury LLP (QFL)", "QFL Ltd"),
        ("QFL LLP", "QFL Ltd"),
    ],
)
def test_a_company_is_found_by_each_full_name_in_any_order(names: tuple[str, str]) -> None:
    company = _at(names[0], "WS1 1TP", aliases=names[1:])
    assert _merged(company, _at("QFL Limited", "WR1 1AA"))
    assert names_of(company)["qfl"].form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sky Limit Ltd", "Sky Ltd"),
        ("Quarnford Limit Ltd", "Quarnford Ltd"),
        ("Kestrelfold Ll Ltd", "Kestrelfold Ltd"),
        ("Kestrelfold Lt Limited", "Kestrelfold Limited"),
        ("Moss Cars Ltd", "Mo Cars Ltd"),
    ],
)
def test_letters_that_are_part_of_a_name_tell_companies_apart(one: str, other: str) -> None:
    assert not _merged(_at(one, "WS1 1TP"), _at(other, "WR1 1AA"))
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize("form", ["Limite", "Limi", "Lt", "Ll"])
def test_a_form_that_is_cut_off_is_no_word_of_the_name(form: str) -> None:
    assert normalise(f"Quarnford Lifts {form}") == normalise("Quarnford Lifts Ltd")


def test_an_abbreviation_in_brackets_is_a_name_at_one_postcode_only() -> None:
    named = _at("Quarnford Ferris Lathbury LLP (QFL)", "WS1 1TP")
    assert _merged(named, _at("QFL LLP", "WS1 1TP"))
    assert not _merged(named, _at("QFL LLP", "WR1 1AA"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quarnford Ferris Lathbury Ltd (QFL Ltd)", "QFL Limited"),
        ("AB Quarnfords", "Quarnford AB"),
        ("SAS Systems Ltd", "Systems Limited"),
    ],
)
def test_initials_and_short_foreign_forms_make_no_company_name(one: str, other: str) -> None:
    assert not _merged(_at(one, "WS1 1TP"), _at(other, "ZZ1 1ZZ"))


def test_a_misspelt_company_name_is_one_company_at_one_postcode_only() -> None:
    company = _at("Quarnfordel Plc", "WS1 1TP")
    assert _merged(company, _at("Quarnforel PLC", "WS1 1TP"))
    assert not _merged(company, _at("Quarnforel PLC", "WR1 1AA"))
    assert not _merged(_at("Norton Steel Ltd", "WS1 1TP"), _at("Morton Steel Ltd", "WS1 1TP"))


@pytest.mark.parametrize("name", ["Centre for Otter Research", "Quorl"])
def test_a_charity_is_one_where_no_other_has_its_name(name: str) -> None:
    charity = factory.provider("GB-CHC-1000001", "WS1 1TP", name=name)
    assert _merged(charity, _at(name, "WR1 1AA"))


@pytest.mark.parametrize("name", ["St Mary's Primary School", "Community Centre", "Village Hall"])
def test_a_name_that_many_places_have_is_not_one_charitys(name: str) -> None:
    charity = factory.provider("GB-CHC-1000001", "WS1 1TP", name=name)
    assert not _merged(charity, _at(name, "WR1 1AA"))


@pytest.mark.parametrize("name", ["Group Ltd", "SA Group Ltd", "The Company Ltd"])
def test_a_company_name_of_common_words_alone_joins_nothing(name: str) -> None:
    assert not _merged(_at(name, "WS1 1TP"), _at("APS Group Limited", "B2 2AA"))


# --- reasons ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (
            factory.provider("GB-CHC-1", ids=("GB-COH-2",)),
            factory.provider("GB-COH-2"),
            "same official number GB-COH-2",
        ),
        (
            _at("Beacon Care", "WS1 1TP", "WS1 2AA"),
            _at("Beacon Care Ltd", "WS1 2AA"),
            "same name, which no other organisation has, at one postcode (WS1 2AA)",
        ),
        (_at(RARE, "WS1 1TP"), _at(RARE), "same name; one record has no postcode"),
        (
            _at(RARE, "WS1 1TP"),
            _at(RARE, "WV1 1AA"),
            "same name, 35 km apart (a changed postcode)",
        ),
    ],
)
def test_every_merge_has_a_reason(one: Provider, other: Provider, reason: str) -> None:
    (merge,) = _resolve((one, other)).merges
    assert merge.reason == reason
    assert {merge.kept, merge.merged} == {one.id, other.id}
    assert {merge.kept_name, merge.merged_name} == {one.name, other.name}
    assert (merge.similarity is None) == ("number" in reason)


def test_records_with_the_same_id_are_not_listed_as_a_merge() -> None:
    a = factory.provider("GB-CHC-1", name="Beacon Care")
    assert _resolve((a, replace(a, name="Beacon"))).merges == ()


def test_only_similar_names_match() -> None:
    assert decide(_at("Beacon Care", "WS1 1TP"), _at("Harbour Homes", "WS1 1TP"), _km) is None
    found = decide(_at("Beacon Care", "WS1 1TP"), _at("Beacon Care", "WS1 1TP"), _km)
    assert found is not None
    assert found[:3] == (True, "alike names at one postcode (WS1 1TP)", 1.0)


# --- the order of the records -----------------------------------------------------------

_NAMES = ["Beacon Care", "Beacon Care CIC", RARE, f"The {RARE}", COMMON, "Age UK Walsall"]
_IDS = ["GB-CHC-1", "GB-CHC-2", "GB-COH-5", "GB-COH-6", "XX-1", "XX-2", "XX-3"]


@st.composite
def _records(draw: st.DrawFn) -> list[Provider]:
    size = draw(st.integers(2, 6))
    return [
        factory.provider(
            draw(st.sampled_from(_IDS)),
            *draw(st.lists(st.sampled_from(sorted(_PLACES)), max_size=2, unique=True)),
            name=draw(st.sampled_from(_NAMES)),
            aliases=tuple(draw(st.lists(st.sampled_from(_NAMES), max_size=1))),
            ids=tuple(draw(st.lists(st.sampled_from(_IDS), max_size=1))),
            website=str(number),
        )
        for number in range(size)
    ]


_COMPANIES = ("Quarnford Lifts Ltd", "Quarnford Lifts Limited", "Quarnford Lifts PLC", RARE)
_NUMBERS = ("GB-COH-00000001", "GB-COH-00000002", "GB-COH-00000003", "GB-CHC-200001", "XX-1")


@st.composite
def _companies(draw: st.DrawFn) -> list[Provider]:
    """Records of which many share a company name, and some a number."""
    size = draw(st.integers(2, 7))
    return [
        factory.provider(
            draw(st.sampled_from(_NUMBERS)),
            *draw(st.lists(st.sampled_from(sorted(_PLACES)), max_size=1)),
            name=draw(st.sampled_from(_COMPANIES)),
            aliases=tuple(draw(st.lists(st.sampled_from(_COMPANIES), max_size=1))),
            ids=tuple(draw(st.lists(st.sampled_from(_NUMBERS), max_size=2))),
            website=str(number),
        )
        for number in range(size)
    ]


@settings(deadline=None, max_examples=150)
@given(_companies())
def test_what_is_left_out_before_records_are_read_would_not_be_joined(
    records: list[Provider],
) -> None:
    found = _resolve(records)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_of_one_number", "_of_some_number"):
            patch.setattr(exact_blocks, name, lambda columns, *block: block)
        every = _resolve(records)
    assert found.leaders.tolist() == every.leaders.tolist()
    assert found.merges == every.merges


@settings(deadline=None, max_examples=150)
@given(_records(), st.data())
def test_the_order_of_records_does_not_change_which_are_grouped(
    records: list[Provider], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(records))
    assert _groups(*records) == _groups(*shuffled)


def test_the_order_of_records_does_not_change_how_they_are_related() -> None:
    def charity(number: int, status: Status) -> Provider:
        org_id = f"GB-CHC-{number}"
        return factory.provider(org_id, "WS1 1TP", name="Penllergare Valley Woods", status=status)

    records = [
        charity(1, Status.ACTIVE),
        charity(1, Status.REMOVED),
        charity(2, Status.REMOVED),
    ]
    found = set()
    for order in permutations(records):
        resolution = _resolve(order)
        found.add(
            frozenset(
                (order[leader].id, one.id, one.relation)
                for leader, related in resolution.related.items()
                for one in related
            )
        )
    assert len(found) == 1
    assert found != {frozenset()}


def test_an_organisation_that_is_perhaps_the_same_comes_before_others_that_are_related() -> None:
    name = "Willowmere Befriending Society"
    names = (name, f"Friends of {name}", f"{name} Trading Ltd", "Willowmere Befriending and Advice")
    records = [factory.provider(f"own-{n}", "WS1 1TP", name=one) for n, one in enumerate(names)]
    first, *others = _resolve(records).related[0]
    assert (first.id, first.relation) == ("own-3", "perhaps the same organisation as")
    assert [other.id for other in others] == ["own-1", "own-2"]


@settings(deadline=None, max_examples=80)
@given(_records())
def test_leaders_lead_themselves_and_each_id_has_one_leader(records: list[Provider]) -> None:
    leaders = _resolve(records).leaders
    assert (leaders[leaders] == leaders).all()
    assert (leaders <= np.arange(len(records))).all()
    for org_id in _IDS:
        bearing = [i for i, r in enumerate(records) if org_id == r.id]
        assert len({int(leaders[i]) for i in bearing}) <= 1


# --- the summary of an organisation -----------------------------------------------------


def _said(org_id: str, day: date | None, *sites: Site, **fields: Any) -> Provider:
    source = Source(f"source of {org_id} {day}", day)
    return replace(factory.provider(org_id), source=source, sites=sites, **fields)


OLD, NEW = date(2024, 1, 1), date(2026, 1, 1)


def test_official_registers_come_first_then_the_newest_record() -> None:
    mine = _said("XX-1", NEW, name="Mine", income=3.0, website="mine.org", size=Size.MICRO)
    dated = _said("GB-COH-2", NEW, name="Company", income=2.0, size=Size.UNKNOWN)
    older = _said("GB-CHC-1", OLD, name="Charity", income=1.0, kind=Kind.CHARITY)
    undated = _said("GB-CHC-1", None, name="Undated", income=0.0, website="undated.org")
    for records in ((mine, dated, older, undated), (undated, older, dated, mine)):
        got = summarise(records)
        assert (got.name, got.income) == ("Company", 2.0)
        assert got.kind is Kind.CHARITY
        assert got.website == "undated.org"
        assert got.size is Size.MICRO
        assert got.aliases == ("Charity", "Undated", "Mine")


def test_the_id_is_from_the_first_register_in_the_list() -> None:
    records = (
        _said("XX-1", NEW),
        _said("GB-COH-2", NEW, ids=("GB-PPON-9",)),
        _said("GB-CHC-3", OLD, ids=("GB-COH-2",)),
    )
    got = summarise(records)
    assert got.id == "GB-CHC-3"
    assert got.ids == ("GB-COH-2", "GB-PPON-9", "XX-1")


@pytest.mark.parametrize("gone", [Status.REMOVED, Status.DISSOLVED, Status.INSOLVENT])
def test_a_provider_is_removed_if_any_record_says_so(gone: Status) -> None:
    active, unknown = _said("GB-CHC-1", NEW), _said("XX-1", NEW, status=Status.UNKNOWN)
    old = _said("XX-2", OLD, status=gone)
    assert summarise((active, old)).status is gone
    assert summarise((old, unknown, active)).status is gone
    assert summarise((unknown, active)).status is Status.ACTIVE
    assert summarise((unknown, unknown)).status is Status.UNKNOWN


def test_each_postcode_appears_once_with_its_best_grade_best_first() -> None:
    office = Site("WS1 1TP", Grade.REGISTERED_OFFICE)
    contact = Site("WS1 2AA", Grade.CONTACT_ADDRESS)
    works = Site("WS1 1TP", Grade.OPERATING_SITE)
    declared = Site("WS1 2AA", Grade.SELF_DECLARED)
    for records in (
        (_said("GB-CHC-1", NEW, office, contact), _said("XX-1", OLD, declared, works)),
        (_said("GB-CHC-1", NEW, declared, works), _said("XX-1", OLD, office, contact)),
        (_said("GB-CHC-1", NEW, declared, office, contact, works),),
    ):
        assert summarise(records).sites == (works, contact)


def test_of_equal_grades_the_newest_records_postcode_comes_first() -> None:
    old, new = (Site(p, Grade.CONTACT_ADDRESS) for p in ("WS1 1TP", "WS1 2AA"))
    assert summarise((_said("XX-1", OLD, old), _said("XX-2", NEW, new))).sites == (new, old)


def test_a_newer_address_of_the_same_source_replaces_the_older() -> None:
    old, new = (Site(p, Grade.CONTACT_ADDRESS) for p in ("WS1 1TP", "WS1 2AA"))
    won = Site("WS2 8RR", Grade.AWARD_ADDRESS)
    register = Source("Register of Charities")
    before = replace(_said("XX-1", OLD, old, won), source=replace(register, day=OLD))
    now = replace(_said("XX-1", NEW, new), source=replace(register, day=NEW))
    assert summarise((before, now)).sites == (new, won)


def test_values_repeated_in_records_are_kept_once() -> None:
    a = _said("GB-CHC-1", NEW, profile="Meals", tags=("food", "care"), areas=("Walsall",))
    b = _said("XX-1", OLD, profile="Lunches", tags=("care",), areas=("Walsall", "Dudley"))
    c = _said("XX-2", OLD, profile="Meals")
    got = summarise((a, b, c))
    assert got.profile == "Meals\nLunches"
    assert got.tags == ("food", "care")
    assert got.areas == ("Walsall", "Dudley")


@settings(deadline=None, max_examples=50)
@given(_records())
def test_a_summary_has_every_name_id_and_postcode(records: list[Provider]) -> None:
    got = summarise(records)
    assert {got.name, *got.aliases} == {n for r in records for n in (r.name, *r.aliases)}
    assert {got.id, *got.ids} == {i for r in records for i in (r.id, *r.ids)}
    assert {s.postcode for s in got.sites} == {s.postcode for r in records for s in r.sites}


# --- facts ------------------------------------------------------------------------------


def test_every_fact_keeps_its_source_and_day() -> None:
    a = _said("GB-CHC-1", NEW, name="Beacon", income=12500.0)
    b = _said("XX-1", OLD, Site("WS1 1TP", Grade.OPERATING_SITE), name="Beacon", ids=("GB-CHC-1",))
    all_facts = facts((a, b))
    assert Fact("name", "Beacon", a.source) in all_facts
    assert Fact("name", "Beacon", b.source) in all_facts
    assert Fact("id", "GB-CHC-1", b.source) in all_facts
    assert Fact("income", "£12,500 a year", a.source) in all_facts
    assert Fact("postcode (operating site)", "WS1 1TP", b.source) in all_facts
    assert {fact.source for fact in all_facts} == {a.source, b.source}


def test_a_repeated_fact_of_one_source_is_kept_once() -> None:
    a = _said("GB-CHC-1", NEW)
    assert facts((a, a)) == facts((a,))


def test_unknown_values_are_not_facts() -> None:
    bare = replace(_said("XX-1", None), status=Status.UNKNOWN)
    assert {fact.name for fact in facts((bare,))} == {"id", "name", "status"}


def test_two_charities_with_one_company_number_are_not_merged() -> None:
    one = factory.provider("GB-CHC-1", ids=("GB-COH-5",), name="Beacon Care", website="1")
    two = factory.provider("GB-CHC-2", ids=("GB-COH-5",), name="Harbour Homes", website="2")
    assert len(_groups(one, two)) == 2


_WORDS = ("Kestrel", "Holdings", "Friends of", "Penllergare", "Care", "Ltd", "School")
_ANYWHERE = st.builds(
    lambda words, postcodes, aliases, gone: replace(
        _at(" ".join(words), *postcodes),
        aliases=tuple(" ".join(alias) for alias in aliases),
        status=Status.REMOVED if gone else Status.ACTIVE,
    ),
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3),
    st.lists(st.sampled_from(("WS1 1AA", "WS9 9AA", "EH1 1AA", "ZZ1 1ZZ")), max_size=2),
    st.lists(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=2), max_size=1),
    st.booleans(),
)


@given(_ANYWHERE, _ANYWHERE, st.booleans())
def test_names_need_not_be_compared_where_only_the_same_one_counts(
    one: Provider, other: Provider, far: bool
) -> None:
    def km(a: str, b: str) -> float | None:
        return None if "ZZ1 1ZZ" in (a, b) else 0.0 if a == b else 400.0 if far else 5.0

    quick = decide(one, other, km), matching.successor(one, other, km)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_share_a_spelling", lambda a, b: True)
        assert quick == (decide(one, other, km), matching.successor(one, other, km))
