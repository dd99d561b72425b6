"""From nothing to a shortlist: fetch, status, build and shortlist, as an officer runs them."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from matcher.fetch.store import FeedStore
from matcher.register.build.snapshot import current_snapshot, locked
from matcher.register.register import Register
from tests.api.conftest import Ran, Run
from tests.published import (
    CHARITIES,
    ccew,
    charity,
    directory,
    notices,
    release,
    service,
    societies,
)
from tests.replay import Answer, Replay, blob, sources_toml

LOT = {"title": "Accessible minibus transport to day centres", "postcode": "WS1 1AA"}


class Desk:
    """An officer's desk: a store, a register, and the command line."""

    def __init__(self, run: Run, folder: Path, replay: Replay) -> None:
        self._run = run
        self.folder = folder
        self.replay = replay
        self.store = FeedStore(folder / "store")
        self.register = folder / "register"
        self.store.path.mkdir()
        sources_toml(self.store.path, replay)

    def fetch(self, *words: str) -> Ran:
        return self._run("fetch", *words, "--store", self.store.path)

    def build(self, *words: str | Path) -> Ran:
        return self._run("build", "--register", self.register, "--store", self.store.path, *words)

    def status(self, *words: str | Path) -> Ran:
        return self._run("status", "--store", self.store.path, *words)

    def shortlist(self) -> list[dict[str, Any]]:
        lot = self.folder / "lot.json"
        lot.write_text(json.dumps(LOT))
        ran = self._run("shortlist", lot, "--register", self.register, "--format", "json")
        assert ran.code == 0, ran.err
        (answer,) = json.loads(ran.out)["shortlists"]
        found: list[dict[str, Any]] = answer["suggestions"]
        return found

    def manifest(self) -> dict[str, Any]:
        folder = current_snapshot(self.register)
        assert folder is not None
        found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        return found


@pytest.fixture
def desk(run: Run, tmp_path: Path, replay: Replay) -> Desk:
    return Desk(run, tmp_path, replay)


def test_from_nothing_to_a_shortlist(desk: Desk) -> None:
    address = directory(desk.replay, "/council/api", service(1))
    registers = ("charities", "companies", "care", "mutuals", "postcodes", "codes")
    assert desk.fetch(*registers, "open-referral", address).code == 0
    since = ("--from", "2026-10-01", "--to", "today", "--buyer-area", "E08000030")
    assert desk.fetch("awards", *since, "--source", "contracts-finder", "find-a-tender").code == 0
    ran = desk.build()
    assert ran.code == 0, ran.err
    names = [one["name"] for one in desk.shortlist()]
    assert "Ferndale Accessible Travel Ltd" in names
    assert "Copperfield Minibuses" in names
    assert "Gone With The Old Mill" not in names
    register = Register.open(desk.register)
    assert register.postcodes.version == "NSPL AUG 2025"
    row = register.row("GB-COH-09000001")
    assert row is not None
    assert len(register.won.of(row)) == 10


def test_licences_travel_into_the_register(desk: Desk) -> None:
    desk.fetch("charity-commission", "postcodes")
    desk.fetch("find-a-tender", "--from", "2026-10-01")
    desk.build()
    licences = {one["source"].partition(",")[0]: one for one in desk.manifest()["licences"]}
    assert licences.keys() == {
        "Charity Commission for England and Wales",
        "Find a Tender",
        "Postcodes: NSPL AUG 2025",
        "Towns: GeoNames (www.geonames.org)",
    }
    assert {one["licence"] for one in licences.values()} == {"OGL-UK-3.0", "CC-BY-4.0"}
    assert (
        "Contains OS data © Crown copyright" in licences["Postcodes: NSPL AUG 2025"]["attribution"]
    )
    ran = desk.status("--register", desk.register, "--format", "json")
    assert json.loads(ran.out)["register"]["licences"] == desk.manifest()["licences"]


def test_a_refresh_says_what_changed(desk: Desk) -> None:
    desk.fetch("charity-commission", "postcodes")
    desk.build()
    rows = [
        charity(1, "Brindle Lane Centre", "WS1 1AD"),
        CHARITIES[1],
        charity(7, "New", "WS1 1AA"),
    ]
    desk.replay.serve("/ccew/publicextract.charity.zip", blob(ccew("charity", *rows)))
    assert "new" in desk.fetch().out
    assert "Downloaded since: Charity Commission" in desk.status("--register", desk.register).out
    assert desk.build().code == 0
    assert "Downloaded since" not in desk.status("--register", desk.register).out
    assert desk.manifest()["changes"] == {"new": 1, "gone": 1, "renamed": 1, "moved": 1}
    said = desk.status("--register", desk.register).out
    assert "Since the build before: 1 gone, 1 moved, 1 new, 1 renamed." in said
    flat = re.sub(r"\s+", " ", said)
    for words in ("Brindle Lane Day Centre", "Gone With The Old Mill", "WS1 1AD"):
        assert words.split()[0] in flat


def test_nothing_personal_is_left_after_the_build(desk: Desk) -> None:
    address = directory(desk.replay, "/council/api", service(1))
    desk.fetch("charities", "companies", "care", "mutuals", "open-referral", address)
    desk.fetch("awards", "--from", "2026-10-01")
    desk.build()
    for folder in (desk.store.path, desk.register):
        written = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
        written = written.replace(str(desk.folder).encode(), b"")
        for secret in (b"persona", b"01234 567890", b"01922 555", b"High Street", b"@council"):
            assert secret not in written.lower()


def test_a_second_build_needs_no_second_fetch(desk: Desk) -> None:
    desk.fetch("charity-commission", "companies", "postcodes")
    desk.build()
    first = desk.manifest()["version"]
    assert desk.build().code == 0
    assert desk.manifest()["version"] == first


def test_keep_keeps_the_archives(desk: Desk) -> None:
    desk.fetch("mutuals")
    desk.build("--keep")
    assert list(desk.store.path.rglob("SocietyList*.csv"))
    desk.build()
    assert not list(desk.store.path.rglob("SocietyList*.csv"))


def test_a_register_of_one_area(desk: Desk) -> None:
    far = [charity(n, f"Sandwell Charity {n}", "B70 1AA") for n in (20, 21)]
    body = ccew("charity", *CHARITIES, *far)
    desk.replay.serve("/ccew/publicextract.charity.zip", blob(body))
    desk.fetch("charity-commission", "postcodes")
    ran = desk.build("--area", "Walsall")
    assert "no address in the chosen areas" in re.sub(r"[\s│]+", " ", ran.out)
    assert desk.manifest()["providers"] == 3
    desk.build()
    assert desk.manifest()["providers"] == 3, "a rebuild keeps the area"
    assert "E08000030" in desk.status("--register", desk.register).out
    desk.build("--area", "Walsall", "--with-neighbours")
    assert desk.manifest()["providers"] == 5


def test_neighbours_of_no_area_are_refused(desk: Desk) -> None:
    desk.fetch("mutuals")
    assert "needs an area; name it with --area" in desk.build("--with-neighbours").refusal


def test_a_failed_download_is_reported_and_sets_the_exit_code(desk: Desk) -> None:
    desk.replay.serve("/oscr/CharityRegDownload", Answer(status=404))
    ran = desk.fetch("charities", "--quiet")
    assert ran.code == 4
    assert ran.out == ""
    assert re.search(r"Not downloaded: Scottish Charity Regulator: .* answers 404", ran.err)
    assert ran.err.count("\n") == 1
    assert desk.fetch("ccni", "--quiet") == Ran(0, "", "")


def test_a_file_that_was_saved_by_hand_is_taken_as_if_fetched(desk: Desk) -> None:
    saved = desk.folder / "SocietyList 2026-11-02.csv"
    saved.write_bytes(societies())
    assert desk.fetch("mutuals", "--file", str(saved)).code == 0
    desk.build()
    assert desk.manifest()["providers"] == 2
    assert saved.exists()
    wrong = desk.folder / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    before = desk.status().out
    refusal = desk.fetch("mutuals", "--file", str(wrong)).refusal
    assert "wrong.csv has no column 'Full Registation Number'" in refusal
    assert "name the source that they are of" in refusal
    assert "fetched before" not in refusal
    wrong.write_text("<html><body>Not found</body></html>")
    page = desk.fetch("mutuals", "--file", str(wrong)).refusal
    assert f"--file {wrong}: is a web page, not the data" in page
    assert "--file none.csv: no such file" in desk.fetch("mutuals", "--file", "none.csv").refusal
    assert desk.status().out == before


def test_a_refused_file_leaves_no_store_behind(run: Run, tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    asked = ("fetch", "mutuals", "--file", tmp_path / "wrong.csv", "--store", tmp_path / "a/store")
    assert "has no column" in run(*asked).refusal
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.csv"]


def test_files_need_one_source_and_one_that_has_files(desk: Desk) -> None:
    saved = desk.folder / "SocietyList 2026-11-02.csv"
    saved.write_bytes(societies())
    assert (
        "name the one source of these files"
        in desk.fetch("charities", "--file", str(saved)).refusal
    )
    words = ("find-a-tender", "--from", "2026-10-01", "--file", str(saved))
    assert "has no files" in desk.fetch(*words).refusal


class Screen(io.StringIO):
    """A terminal, as far as a program can tell."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.replay.serve("/fca/SocietyList.csv", blob(societies()))
    monkeypatch.setenv("COLUMNS", "200")
    shown = []
    for words in (("mutuals",), ("mutuals", "--again", "--quiet")):
        screen = Screen()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", screen)
            assert desk.fetch(*words).code == 0
        shown.append(screen.getvalue())
    assert f"{len(societies())} bytes of {len(societies())} bytes" in shown[0]
    assert "downloading SocietyList" in shown[0]
    assert shown[1] == ""


def test_another_running_fetch_has_its_own_exit_code(desk: Desk) -> None:
    desk.fetch("mutuals")
    with desk.store.locked():
        for ran in (desk.fetch("ccni"), desk.build()):
            assert ran.code == 5
            assert "another fetch or build is using" in ran.err


def test_another_running_build_has_the_same_exit_code(desk: Desk) -> None:
    desk.fetch("mutuals")
    assert desk.build().code == 0
    with locked(desk.register):
        ran = desk.build()
    assert (ran.code, "another build is writing it" in ran.err) == (5, True)


def test_a_failed_build_leaves_register_and_archive_as_they_were(desk: Desk) -> None:
    desk.fetch("mutuals")
    desk.build("--keep")
    before = desk.manifest()
    (path,) = desk.store.path.rglob("SocietyList*.csv")
    path.write_text("damaged")
    assert "has changed since it was fetched" in desk.build().refusal
    assert desk.manifest() == before
    assert path.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("fetch",), "nothing was fetched before"),
        (("fetch",), "or spend and --from with the page that lists a council's payments"),
        (("fetch", "awards", "--from", "last year"), "--from 'last year': not a date"),
        (("build", "--register", "r"), "nothing to build from: name at least one file with"),
        (("build", "--register", "r", "--fetched"), "--fetched: no source of providers"),
        (("status", "--register", "none"), "--register none: holds no register"),
    ],
)
def test_a_refusal_says_what_to_do_instead(
    run: Run, tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    assert why in run(*words, "--store", tmp_path / "store").refusal


def test_postcodes_alone_make_no_register(desk: Desk) -> None:
    desk.fetch("postcodes", "codes")
    assert "matcher fetch charities companies postcodes" in desk.build().refusal


def test_a_register_of_named_files_is_not_replaced_by_what_was_fetched(
    desk: Desk, tmp_path: Path
) -> None:
    own = tmp_path / "own.csv"
    own.write_text("name,postcode\nOur Own Provider,WS1 1TP\n")
    desk.build("--providers", own)
    desk.fetch("mutuals")
    ran = desk.build()
    assert "Nothing else changed" in re.sub(r"\s+", " ", ran.out)
    assert desk.manifest()["providers"] == 1
    assert desk.build("--fetched", "--providers", own).code == 0
    assert desk.manifest()["providers"] == 3


def test_another_bundle_for_a_fetched_register_changes_nothing_else(desk: Desk) -> None:
    desk.fetch("mutuals")
    desk.build()
    desk.fetch("ccni")
    assert "Nothing else changed" in re.sub(r"\s+", " ", desk.build("--bundle", "hand").out)
    assert desk.manifest()["providers"] == 2
    desk.build("--bundle", "hand", "--fetched")
    assert desk.manifest()["providers"] == 3


def test_what_a_council_pays_is_fetched_and_built(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    rows = "Vendor Name,Net,Payment Date\nFerndale Accessible Travel Ltd,1200.50,03/09/2026\n"
    (folder / "2026-09.csv").write_text(rows)
    desk.fetch("charities", "companies", "postcodes")
    refused = desk.fetch("spend", "--from", str(folder))
    assert refused.code == 2
    assert "--body" in refused.err
    assert desk.fetch("spend", "--from", str(folder), "--body", "Walsall Council").code == 0
    ran = desk.build()
    assert ran.code == 0, ran.err
    assert "Vendor Name → supplier; Net → amount net of VAT" in ran.out
    totals = desk.manifest()["payments"]
    assert (totals["pence"], totals["joined_pence"]) == (120_050, 120_050)
    assert totals["bodies"] == ["Walsall Council"]
    columns = tmp_path / "columns.toml"
    columns.write_text('["*.csv"]\nbody = "Wallbrook Council"\n')
    assert desk.build("--spend-columns", columns).code == 0
    assert "Council spending: Walsall Council" in desk.status().out
    assert desk.fetch().code == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("spend", "awards", "--from", "2026-01-01"), "fetch spend by itself"),
        (("spend",), "say where the files are"),
        (("spend", "--from", "nowhere"), "neither a web address nor a folder"),
    ],
)
def test_spending_without_a_place_is_refused(desk: Desk, words: tuple[str, ...], why: str) -> None:
    ran = desk.fetch(*words)
    assert ran.code == 2
    assert why in " ".join(ran.err.split())


def test_status_before_anything_says_what_to_do(run: Run, tmp_path: Path) -> None:
    ran = run("status", "--store", tmp_path / "store")
    assert ran.code == 0
    assert "matcher fetch charities companies postcodes" in " ".join(ran.out.split())


def test_status_shows_age_rows_licence_and_what_was_not_kept(desk: Desk) -> None:
    theirs = release(9, buyer="Elsewhere Borough Council", postcode="B1 1BB")
    path = "/fts/ocdsReleasePackages"
    desk.replay.serve(path, notices(path, release(1), theirs))
    desk.fetch("find-a-tender", "--from", "2026-10-01", "--buyer-area", "Walsall")
    desk.fetch("mutuals")
    desk.build()
    here = json.loads(desk.status("--format", "json").out)
    sources = {one["name"]: one for one in here["sources"]}
    assert sources["mutuals"]["licence"] == "OGL-UK-3.0"
    assert sources["mutuals"]["tallies"][0]["kept"] == 2
    assert sources["mutuals"]["archive_bytes"] == 0
    (tally,) = sources["find-a-tender"]["tallies"]
    assert (tally["kept"], tally["set_aside"]) == (1, {"buyer is outside the chosen areas": 1})
    assert sources["find-a-tender"]["asked"]["first"] == "2026-10-01"
    assert "today" in desk.status().out


def test_the_store_is_where_the_environment_says(
    run: Run, tmp_path: Path, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LBD_STORE", str(tmp_path / "elsewhere"))
    assert run("fetch", "mutuals", "--sources", sources_toml(tmp_path, replay)).code == 0
    assert (tmp_path / "elsewhere" / "mutuals" / "state.json").is_file()


@pytest.mark.parametrize(
    ("env", "path"),
    [
        ({"LBD_STORE": "/a"}, "/a"),
        ({"XDG_DATA_HOME": "/b"}, "/b/local-by-default"),
        ({}, "~/.local/share/local-by-default"),
    ],
)
def test_the_usual_store(env: dict[str, str], path: str) -> None:
    assert FeedStore.usual(env).path == Path(path).expanduser()
