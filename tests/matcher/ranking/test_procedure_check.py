"""A council's own rules checked against a list: met, not met, or perhaps not lawful to follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matcher.core.errors import BadInput
from matcher.core.types import Kind, Lot, Size
from matcher.law.procedure_rules import ProcedureRules, load_packs
from matcher.law.types import Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.procedure_check import (
    ProcedureCheck,
    ProcedureFinding,
    ProcedureOutcome,
    check,
)
from matcher.ranking.request import Request
from tests.factory import lot, provider
from tests.registers import matcher

RULES = """
council = "Walsall Council"
version = "7"
from = 2026-04-01
to = 2027-03-31
source = "Contract Procedure Rules (fictional)"
vat = "included"
local = ["Walsall"]

[[bands]]
name = "Quotes"
up_to = 30_000
quotes = 3
local_quotes = 1
small_quotes = 1
vcse_quotes = 1
words = "Three quotes, one of them local."

[[bands]]
name = "Tenders"
up_to = 100_000
quotes = 5
words = "Five tenders."
"""


def written(folder: Path, text: str = RULES, name: str = "ours.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def pack(tmp_path: Path) -> ProcedureRules:
    return load_packs(written(tmp_path))["ours"]


PEOPLE = (
    provider("W", "WS1 1TP", name="Wood", profile="Cleaning", kind=Kind.CHARITY, size=Size.SMALL),
    provider("S", "B70 8DB", name="Sand", profile="Cleaning", kind=Kind.COMPANY, size=Size.LARGE),
    provider("F", "BA1 1SS", name="Far", profile="Cleaning", kind=Kind.COMPANY),
)
EVERYONE = Request(wish=Filters(everyone=True))
INVITE = Request(Purpose.INVITE)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    return matcher(tmp_path_factory.mktemp("reg"), places_table, *PEOPLE, trust_ids=True)


def bought(**fields: Any) -> Lot:
    base = {
        "title": "Cleaning",
        "value": 24_000.0,
        "value_is_gross": True,
        "buyer": "Walsall Council",
        "buyer_kind": "council",
        "day": date(2026, 5, 4),
    }
    return lot(**{**base, **fields})


def done(one: Matcher, pack: ProcedureRules, request: Request, **fields: Any) -> ProcedureCheck:
    wanted = bought(**fields)
    return check(one, wanted, request, one.shortlist(wanted, request), pack)


def by_words(checked: ProcedureCheck, part: str) -> ProcedureFinding:
    (found,) = [c for c in checked.checks if part in c.words]
    return found


# --- engagement ---


def test_providers_on_the_list_are_counted(one: Matcher, pack: ProcedureRules) -> None:
    checked = done(one, pack, EVERYONE)
    found = {c.words: (c.outcome, c.found, c.needed) for c in checked.checks}
    assert checked.band == "Quotes"
    assert found == {
        "at least 3 on the list": (ProcedureOutcome.MET, 3, 3),
        "at least 1 based in Walsall": (ProcedureOutcome.MET, 1, 1),
        "at least 1 known to be an SME": (ProcedureOutcome.MET, 1, 1),
        "at least 1 VCSE": (ProcedureOutcome.MET, 1, 1),
    }


def test_list_without_a_local_provider_does_not_meet_the_rule(
    one: Matcher, pack: ProcedureRules
) -> None:
    elsewhere = replace(pack, local=("Cornwall",))
    assert by_words(done(one, elsewhere, EVERYONE), "Cornwall").outcome is ProcedureOutcome.NOT_MET


def test_no_provider_is_added_to_reach_a_number(one: Matcher, pack: ProcedureRules) -> None:
    wanted = bought(value=90_000.0)
    plain = one.shortlist(wanted, EVERYONE)
    checked = check(one, wanted, EVERYONE, plain, pack)
    assert by_words(checked, "on the list").outcome is ProcedureOutcome.NOT_MET
    assert by_words(checked, "on the list").found == len(plain.suggestions) == 3
    assert "Nobody was added to the list to meet these rules." in checked.notes


def test_finding_says_that_the_list_stops_at_its_limit(one: Matcher, pack: ProcedureRules) -> None:
    short = by_words(done(one, pack, replace(EVERYONE, limit=2)), "on the list")
    assert short.outcome is ProcedureOutcome.NOT_MET
    assert "limit 2" in short.because


# --- the law ---


def test_local_quota_may_conflict_with_section_17_in_an_invite_list(
    one: Matcher, pack: ProcedureRules
) -> None:
    local = by_words(done(one, pack, INVITE), "Walsall")
    assert (local.outcome, local.found) == (ProcedureOutcome.POSSIBLE_CONFLICT, None)
    assert local.rule == "LGA1988-s17"
    assert "reserved" in local.because


@pytest.mark.parametrize("part", ["SME", "VCSE"])
def test_quota_by_size_or_kind_may_conflict_and_is_not_counted(
    one: Matcher, pack: ProcedureRules, part: str
) -> None:
    found = by_words(done(one, pack, INVITE), part)
    assert (found.outcome, found.found, found.rule) == (
        ProcedureOutcome.POSSIBLE_CONFLICT,
        None,
        "PA2023-s85",
    )


def test_number_of_quotes_never_conflicts(one: Matcher, pack: ProcedureRules) -> None:
    assert by_words(done(one, pack, INVITE), "on the list").outcome is ProcedureOutcome.MET


def test_local_quota_counts_where_the_competition_is_reserved_by_area(
    one: Matcher, pack: ProcedureRules
) -> None:
    reserved = Request(Purpose.RESERVED, Filters(area="Walsall"))
    checked = done(one, pack, reserved)
    assert by_words(checked, "Walsall").outcome is ProcedureOutcome.MET
    assert by_words(checked, "SME").outcome is ProcedureOutcome.POSSIBLE_CONFLICT


def test_reservation_for_smes_does_not_make_a_local_quota_lawful(
    one: Matcher, pack: ProcedureRules
) -> None:
    checked = done(one, pack, Request(Purpose.RESERVED, Filters(size="small")))
    assert by_words(checked, "Walsall").outcome is ProcedureOutcome.POSSIBLE_CONFLICT
    assert by_words(checked, "SME").outcome is ProcedureOutcome.MET


# --- which rules hold ---


@pytest.mark.parametrize(
    ("value", "band"), [(30_000.0, "Quotes"), (30_000.01, "Tenders"), (100_000.0, "Tenders")]
)
def test_band_includes_its_upper_amount(
    one: Matcher, pack: ProcedureRules, value: float, band: str
) -> None:
    assert done(one, pack, EVERYONE, value=value).band == band


def test_no_band_applies_beyond_the_last(one: Matcher, pack: ProcedureRules) -> None:
    checked = done(one, pack, EVERYONE, value=100_000.01)
    assert (checked.band, checked.checks) == ("", ())
    assert "These rules have no band for £100,000.01." in checked.notes


def test_no_band_applies_without_a_value(one: Matcher, pack: ProcedureRules) -> None:
    checked = done(one, pack, EVERYONE, value=None)
    assert (checked.value, checked.checks) == (None, ())


def test_amounts_without_vat_are_compared_without_vat(one: Matcher, pack: ProcedureRules) -> None:
    net = replace(pack, vat_included=False)
    assert done(one, net, EVERYONE, value=36_000.0).band == "Quotes"
    assert done(one, pack, EVERYONE, value=36_000.0).band == "Tenders"


def test_value_of_all_lots_decides_the_band(one: Matcher, pack: ProcedureRules) -> None:
    assert done(one, pack, replace(EVERYONE, whole_value=90_000.0)).band == "Tenders"


@pytest.mark.parametrize("day", [date(2026, 3, 31), date(2027, 4, 1)])
def test_version_not_in_force_on_the_day_is_refused(
    one: Matcher, pack: ProcedureRules, day: date
) -> None:
    with pytest.raises(BadInput, match="version 7 is in force from 1 April 2026 to 31 March 2027"):
        done(one, pack, EVERYONE, day=day)


def test_rules_of_another_council_are_noted(one: Matcher, pack: ProcedureRules) -> None:
    notes = done(one, pack, EVERYONE, buyer="Sandwell Council").notes
    assert any("the buyer is Sandwell Council" in note for note in notes)


def test_local_rule_without_a_definition_is_not_known(one: Matcher, pack: ProcedureRules) -> None:
    checked = done(one, replace(pack, local=()), EVERYONE)
    assert by_words(checked, "based in").outcome is ProcedureOutcome.NOT_KNOWN


# --- reading packs ---


def test_check_has_the_version_and_digest_of_the_file(one: Matcher, tmp_path: Path) -> None:
    before = load_packs(written(tmp_path))["ours"]
    after = load_packs(written(tmp_path, RULES.replace("quotes = 5", "quotes = 4")))["ours"]
    assert before.version == after.version == "7"
    assert before.digest != after.digest
    assert done(one, before, EVERYONE).digest == before.digest


def test_bundled_pack_says_that_it_is_fictional() -> None:
    shipped = load_packs()
    assert set(shipped) == {"wallbrook"}
    assert shipped["wallbrook"].council.endswith("(fictional)")


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('version = "7"\n', "", "version is missing"),
        ('vat = "included"', 'vat = "yes"', "must be"),
        ("from = 2026-04-01", 'from = "2026-04-01"', "without quotes"),
        ("quotes = 3", "quotas = 3", "quotas is not a known key"),
        ("local =", "locals =", "locals is not a known key"),
        ("up_to = 100_000", "up_to = 20_000", "in order of up_to"),
        ('name = "Quotes"\n', "", "needs a name"),
        ("[[bands]]", "[bands", "ours.toml"),
    ],
)
def test_error_for_a_wrong_pack_names_file_and_key(
    tmp_path: Path, was: str, now: str, said: str
) -> None:
    with pytest.raises(BadInput, match=r"ours\.toml") as caught:
        load_packs(written(tmp_path, RULES.replace(was, now, 1)))
    assert said in str(caught.value)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--procedures"):
        load_packs(tmp_path / "none")


@pytest.mark.parametrize("names", [(), ("rules.pdf", "rules.toml.bak")])
def test_a_folder_without_rules_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).write_text(RULES)
    with pytest.raises(BadInput, match=r"has no rules; put .*\.toml, or leave out --procedures"):
        load_packs(tmp_path)


# --- reservations ---


@pytest.mark.parametrize(
    "wish",
    [
        Filters(area="uk"),
        Filters(area="Walsall"),
        Filters(area="Walsall", with_neighbours=True),
        Filters(size="small"),
        Filters(kind="vcse"),
        Filters(area="uk", size="small", kind="vcse"),
    ],
)
def test_quota_counts_only_where_everybody_on_the_list_is_reserved_to_meet_it(
    one: Matcher, pack: ProcedureRules, wish: Filters
) -> None:
    """Among those of a wider reservation, a quota would prefer some by what may not count."""
    checked = done(one, pack, Request(Purpose.RESERVED, wish))
    listed = by_words(checked, "on the list").found
    for part in ("Walsall", "VCSE"):
        assert by_words(checked, part).found in (None, listed)
    counted = {
        "Walsall": wish.area == "Walsall" and not wish.with_neighbours,
        "SME": wish.size == "small",
        "VCSE": wish.kind == "vcse",
    }
    for part, counts in counted.items():
        conflict = by_words(checked, part).outcome is ProcedureOutcome.POSSIBLE_CONFLICT
        assert conflict is not counts


def test_band_of_a_lower_bound_is_said_to_be_one(one: Matcher, pack: ProcedureRules) -> None:
    some = replace(EVERYONE, whole_value=24_000.0, whole_at_least=True)
    assert any("Not every lot has a value" in note for note in done(one, pack, some).notes)
    assert not any("Not every lot" in note for note in done(one, pack, EVERYONE).notes)
