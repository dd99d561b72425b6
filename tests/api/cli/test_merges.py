"""What a person says about merges is followed by every later build, and can be taken back."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest

from matcher.register.register import Register
from tests.api.conftest import Run

_ROWS = (
    "id,name,postcode,income\n"
    "GB-CHC-1150079,Willowmere Befriending Society,WS1 1TP,900000\n"
    "own-2,Willowmere Befriending Society Ltd,WS1 1TP,\n"
    "own-3,Willowmere Befriending Society Trading Ltd,WS1 1TP,40000\n"
    "own-4,Heronsgate Taxis,WS2 8RR,\n"
)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(_ROWS)
    return path


def _build(run: Run, register: Path, rows: Path, *more: str | Path) -> Register:
    ran = run("build", "--quiet", "--register", register, "--providers", rows, *more)
    assert ran.code == 0, ran.err
    return Register.open(register)


def _groups(register: Register) -> set[frozenset[str]]:
    return {frozenset(r.id for r in org.records) for org in register.organisations}


def test_an_answer_is_followed_by_later_builds_until_it_is_taken_back(
    run: Run, rows: Path, tmp_path: Path
) -> None:
    path = tmp_path / "reg"
    pair = ("GB-CHC-1150079", "own-2")
    merged = _groups(_build(run, path, rows))
    assert frozenset(pair) in merged
    for words, wanted in (
        (("--apart", *pair), {frozenset({one}) for one in pair}),
        (("--undo", *pair), {frozenset(pair)}),
    ):
        ran = run("merges", "--register", path, *words)
        assert ran.code == 0
        (again,) = re.findall("`(matcher build [^`]*)`", ran.out)
        assert run(*shlex.split(again)[1:]).code == 0
        assert wanted <= _groups(Register.open(path))
    assert _groups(Register.open(path)) == merged


def test_the_command_that_builds_again_is_shown_whatever_the_build_was_asked_by(
    run: Run, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "my register"
    monkeypatch.setenv("MATCHER_REGISTER", str(path))
    assert run("build", "--quiet", "--bundle", "hand", "--providers", rows).code == 0
    said = run("merges", "--apart", "own-2", "own-3").out
    again = f"matcher build --quiet --bundle hand --providers {rows} --register '{path}'"
    assert f"`{again}`" in said
    bare = run("build", "--quiet", "--bundle", "hand").out
    assert "Nothing else changed" in bare
    assert f"`{again}`" in bare


def test_two_records_are_joined_where_a_person_says_so(
    run: Run, rows: Path, tmp_path: Path
) -> None:
    path = tmp_path / "reg"
    _build(run, path, rows)
    run("merges", "--register", path, "--same", "own-4", "own-2")
    register = _build(run, path, rows)
    assert frozenset({"GB-CHC-1150079", "own-2", "own-4"}) in _groups(register)
    reasons = [merge.reason for merge in register.merges]
    assert "joined by a person" in reasons


def test_a_file_of_pairs_joins_them_too(run: Run, rows: Path, tmp_path: Path) -> None:
    (tmp_path / "join.csv").write_text("kept,merged\nown-4,own-2\n")
    register = _build(run, tmp_path / "reg", rows, "--join", tmp_path / "join.csv")
    assert frozenset({"GB-CHC-1150079", "own-2", "own-4"}) in _groups(register)


def test_taking_back_what_nobody_said_is_refused(run: Run, rows: Path, tmp_path: Path) -> None:
    _build(run, tmp_path / "reg", rows)
    refusal = run("merges", "--register", tmp_path / "reg", "--undo", "a", "b").refusal
    assert "nothing was said about a and b" in refusal
    both = ("--same", "a", "b", "--apart", "c", "d")
    assert "one of --same" in run("merges", "--register", tmp_path / "reg", *both).refusal


def test_a_trading_company_is_related_and_lends_nothing(
    run: Run, rows: Path, tmp_path: Path
) -> None:
    register = _build(run, tmp_path / "reg", rows)
    by_id = {org.provider.id: org for org in register.organisations}
    charity, trading = by_id["GB-CHC-1150079"], by_id["own-3"]
    assert [(r.id, r.relation) for r in trading.related] == [("GB-CHC-1150079", "trading arm of")]
    assert [r.relation for r in charity.related] == ["has the trading arm"]
    assert (charity.provider.income, trading.provider.income) == (900_000, 40_000)
    shown = run("provider", "GB-CHC-1150079", "--register", tmp_path / "reg").out
    assert "has the trading arm Willowmere Befriending Society Trading Ltd" in " ".join(
        shown.split()
    )


def test_doubtful_pairs_are_listed_in_every_form(run: Run, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "id,name,postcode\n"
        "own-1,Willowmere Befriending,WS1 1TP\n"
        "own-2,Willowmere Befriending and Advice Project,WS1 1TP\n"
        "own-3,Heronsgate Taxis,WS2 8RR\n"
    )
    path = tmp_path / "reg"
    register = _build(run, path, rows)
    (alike,) = [*register.alike, *register.merges]
    assert alike.similarity is not None
    found = json.loads(run("merges", "--doubtful", "--register", path, "--format", "json").out)
    (row,) = csv.DictReader(
        io.StringIO(run("merges", "--doubtful", "--register", path, "--format", "csv").out)
    )
    assert [one["pair"]["kept"] for one in found] == [row["kept"]] == [alike.kept]
    assert row["is_merged"] == str(found[0]["merged"]).lower()
    assert "Pairs to look at" in run("merges", "--doubtful", "--register", path).out


def test_two_organisations_that_are_alike_are_one_question_and_say_so_of_each_other(
    run: Run, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "id,name,postcode\n"
        "GB-COH-09990001,Willowmere Befriending,WS1 1TP\n"
        "GB-COH-09990001,Willowmere Befriending Ltd,WS1 1TP\n"
        "GB-COH-09990001,The Willowmere Befriending Company,WS1 1TP\n"
        "own-2,Willowmere Befriending and Advice Project,WS1 1TP\n"
    )
    path = tmp_path / "reg"
    register = _build(run, path, rows)
    assert len(register.organisations) == 2
    (alike,) = register.alike
    assert {alike.kept, alike.merged} == {"GB-COH-09990001", "own-2"}
    for shown, other in (("own-2", "GB-COH-09990001"), ("GB-COH-09990001", "own-2")):
        told = " ".join(run("provider", shown, "--register", path).out.split())
        assert "perhaps the same organisation as" in told
        assert f"({other})" in told
    lot = tmp_path / "lot.json"
    lot.write_text(json.dumps({"title": "Befriending and advice", "postcode": "WS1 1TP"}))
    asked = ("shortlist", lot, "--register", path, "--weak", "--format", "json")
    listed = json.loads(run(*asked).out)["shortlists"][0]["suggestions"]
    assert {one["id"]: [other["id"] for other in one["related"]] for one in listed} == {
        "own-2": ["GB-COH-09990001"],
        "GB-COH-09990001": ["own-2"],
    }
    table = " ".join(run(*asked[:-2]).out.replace("│", " ").split())
    assert "Perhaps the same organisation as Willowmere Befriending" in table
    run("merges", "--register", path, "--apart", "GB-COH-09990001", "own-2")
    again = _build(run, path, rows)
    assert not len(again.alike)
    assert not any(organisation.related for organisation in again.organisations)


def test_an_answer_about_an_id_that_the_register_lacks_is_kept_and_noted(
    run: Run, rows: Path, tmp_path: Path
) -> None:
    _build(run, tmp_path / "reg", rows)
    ran = run("merges", "--register", tmp_path / "reg", "--apart", "own-4", "own-44")
    assert ran.code == 0
    assert "own-44 is not in this register" in " ".join(ran.err.split())
    assert "own-4 is" not in " ".join(ran.err.split())
    assert "own-44" in (tmp_path / "reg" / "keep-apart.csv").read_text()


def test_a_record_with_a_mistyped_number_is_listed_and_gets_an_id_of_its_own(
    run: Run, rows: Path, tmp_path: Path
) -> None:
    path, number = tmp_path / "reg", "GB-CHC-1150079"
    other = tmp_path / "other.csv"
    other.write_text(
        f"id,name,postcode\n{number},Heronsgate Taxis,WS2 8RR\n"
        f"{number},WILLOWMERE BEFRIENDING SOCIETY,WS1 2AA\n"
    )
    options = "--providers", other
    one = _groups(_build(run, path, rows, *options))
    listed = run("merges", "--register", path, "--doubtful", "--format", "csv")
    first, *_ = csv.DictReader(io.StringIO(listed.out))
    assert (first["kept"], first["merged_name"]) == (number, "Heronsgate Taxis")
    assert (first["reason"], first["is_merged"]) == ("one number, unlike names", "true")
    pair = number, first["merged"]
    assert run("merges", "--register", path, "--apart", *pair).err == ""
    two = _build(run, path, rows, *options)
    assert len(two) == len(one) + 1
    (taxis,) = [o for o in two.organisations if o.provider.name == "Heronsgate Taxis"]
    assert {record.id for record in taxis.records} == {pair[1], "own-4"}
    (befriending,) = [o for o in two.organisations if o.provider.id == number]
    assert "Heronsgate Taxis" not in befriending.provider.aliases
    assert run("merges", "--register", path, "--undo", *pair).code == 0
    assert _groups(_build(run, path, rows, *options)) == one
