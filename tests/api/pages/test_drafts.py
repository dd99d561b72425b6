"""Drafts: Back, reload, a second click and a lost cookie lose nothing and repeat nothing."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.records.drafts import DAYS, Drafts
from api.records.store import RecordsStore
from tests.officer import ACCEPTS_HTML, DECIDED, Officer, Page
from tests.services import served

NEED = "Home care for older people\nVisits at home around WS1 1TP, {}. CPV 85312100-0"
TWO = "Intro\nLot 1: Home care\nVisits, WS1 1TP\nLot 2: Care at home\nWS2 8RR"


def link(page: Page, words: str) -> str:
    """The address of a link of the page."""
    found: str = page.tree.xpath(f"//a[contains(., '{words}')]/@href")[0]
    return found


def test_every_form_ends_at_an_address_that_can_be_loaded_again(officer: Officer) -> None:
    lots = officer.paste(NEED.format("reloads"))
    assert re.fullmatch(r"/lots/[A-Za-z0-9_-]{32}", lots.path)
    assert officer.open(lots.path).form("/lots") == lots.form("/lots")
    refused = officer.send("/lots", {**lots.form("/lots"), "limit": "0"})
    assert officer.open(refused.path).errors == refused.errors != []
    empty = officer.paste(" ")
    assert officer.open(empty.path).errors == empty.errors != []


def test_corrections_are_there_again_when_an_officer_goes_back_from_the_list(
    officer: Officer,
) -> None:
    lots = officer.paste(NEED.format("corrections"))
    form = {**lots.form("/lots"), "lot-0-title": "Care at home, corrected", "within": "9 miles"}
    shortlist = officer.send("/lots", {**form, "do": "ask"})
    again = officer.open(link(shortlist, "Change the lots"))
    assert again.path == lots.path
    assert again.form("/lots")["lot-0-title"] == "Care at home, corrected"
    assert again.form("/lots")["within"] == "9 miles"
    text = officer.open(link(again, "Describe what you need again")).form("/need")["text"]
    assert "corrections" in text


def test_without_its_draft_a_list_still_leads_back_to_its_lots(officer: Officer) -> None:
    shortlist = officer.ask(TWO, within="12 km")
    ids = shortlist.tree.xpath("//input[@name='lots']/@value")[0]
    bare = officer.open(shortlist.path, lots=ids)
    form = bare.form(f"{shortlist.path}/lots")
    lots = officer.send(f"{shortlist.path}/lots", form)
    assert lots.path.startswith("/lots/")
    fields = lots.form("/lots")
    assert [fields["lot-0-title"], fields["lot-1-title"]] == ["Home care", "Care at home"]
    assert fields["within"] == "12 km"


def test_a_form_sent_twice_does_what_it_does_once(officer: Officer) -> None:
    form = officer.paste(TWO).form("/lots")
    first = officer.send("/lots", {**form, "do": "remove-0"})
    second = officer.send("/lots", {**form, "do": "remove-0"})
    assert first.path == second.path
    assert first.form("/lots") == second.form("/lots")
    assert second.form("/lots")["lot-0-title"] == "Care at home"


def test_a_lost_cookie_loses_nothing_that_was_filled_in(officer: Officer) -> None:
    """The browser says that the form is from here, and the draft's address is enough."""
    form = officer.paste(NEED.format("cookies")).form("/lots")
    officer.client.cookies.clear()
    own = {**ACCEPTS_HTML, "Origin": "http://localhost"}
    sent = officer.client.post("/lots", data={**form, "do": "add"}, headers=own)
    assert sent.status_code == 200
    assert "lot-1-title" in Page(sent).form("/lots")


def test_a_deleted_draft_is_gone_and_a_form_left_open_starts_another(officer: Officer) -> None:
    lots = officer.paste(NEED.format("deletions"))
    form = lots.form("/lots")
    assert "The draft was deleted." in officer.send("/lots", {**form, "do": "delete"}).text
    gone = officer.open(lots.path)
    assert gone.status == 404
    assert "was deleted, or was not changed for 14 days" in gone.text
    again = officer.send("/lots", {**form, "do": "add"})
    assert again.path != lots.path
    assert again.form("/lots")["lot-0-description"] == form["lot-0-description"]
    assert officer.open(lots.path).status == 404


def test_the_first_page_lists_the_drafts_of_this_browser_alone(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        officer = Officer(client)
        lots = officer.paste(NEED.format("lists"))
        assert link(officer.open("/"), "Home care") == lots.path
        client.cookies.clear()
        assert "Your drafts" not in officer.open("/").text


def test_no_log_line_contains_the_id_of_a_draft(
    officer: Officer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    lots = officer.paste(NEED.format("logs"))
    officer.ask(NEED.format("logs"))
    id_ = lots.path.rpartition("/")[2]
    officer.open(lots.path)
    told = [f"{line.getMessage()} {line.__dict__.get('details')}" for line in caplog.records
            if not line.name.startswith("httpx")]  # fmt: skip
    assert any("/lots/{draft}" in line for line in told)
    assert not any(id_ in line for line in told)


def test_a_decision_that_lacks_something_is_shown_again_after_a_reload(officer: Officer) -> None:
    page = officer.ask(NEED.format("redraws"))
    form = officer.decide(page, **{"GB-CHC-1000001": (True, "Near.")}) | DECIDED
    refused = officer.send(f"{page.path}/decision", {**form, "by": ""})
    again = officer.open(str(refused.response.url))
    assert again.errors == ["Enter the name of the person who decides"]
    fields = again.form(f"{page.path}/decision")
    assert fields["reason-GB-CHC-1000001"] == "Near."
    assert fields["reason"] == DECIDED["reason"]
    kept = officer.send(f"{page.path}/decision", {**fields, "by": "Pat Example"})
    assert kept.path.endswith("/kept")


def test_the_same_decision_sent_by_two_at_once_is_kept_once(officer: Officer) -> None:
    page = officer.ask(NEED.format("double clicks"))
    form = officer.decide(page, **{"GB-CHC-1000001": (True, "")}) | DECIDED
    form["lbd-form"] = officer.open("/").form("/need")["lbd-form"]
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(
            lambda _: officer.client.post(f"{page.path}/decision", data=form, headers=ACCEPTS_HTML),
            range(8),
        ))  # fmt: skip
    assert {each.status_code for each in sent} == {200}
    kept = officer.client.get(f"/v1/shortlists/{page.path.rpartition('/')[2]}").json()
    assert len(kept["decisions"]) == 1


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> RecordsStore:
    return RecordsStore.open(f"sqlite:///{tmp_path / 'records.sqlite'}")


def test_two_changes_at_once_leave_one_of_them_whole(store: RecordsStore, clock: Clock) -> None:
    drafts = Drafts(store, clock, "")
    id_ = drafts.keep("need", b"first")
    bodies = [bytes([65 + n]) * 50_000 for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        changed = list(pool.map(lambda body: drafts.change("need", id_, body), bodies))
    assert changed == [True] * 8
    kept = drafts.get("need", id_)
    assert kept is not None
    assert kept.body in bodies


def test_a_draft_deleted_while_it_is_changed_never_comes_back(
    store: RecordsStore, clock: Clock
) -> None:
    drafts = Drafts(store, clock, "")
    for _ in range(20):
        id_ = drafts.keep("need", b"first")
        with ThreadPoolExecutor(3) as pool:
            changes = [pool.submit(drafts.change, "need", id_, b"later") for _ in range(2)]
            deleted = pool.submit(drafts.delete, "need", id_)
        assert deleted.result()
        assert {change.result() for change in changes} <= {True, False}
        assert drafts.get("need", id_) is None
        assert not drafts.change("need", id_, b"too late")


def test_a_draft_expires_some_days_after_its_last_change(store: RecordsStore, clock: Clock) -> None:
    drafts = Drafts(store, clock, "")
    id_ = drafts.keep("need", b"first", "me")
    clock.now += timedelta(days=DAYS - 1)
    assert drafts.change("need", id_, b"second")
    clock.now += timedelta(days=DAYS - 1)
    assert drafts.get("need", id_) is not None
    clock.now += timedelta(days=1)
    assert drafts.get("need", id_) is None
    assert not drafts.change("need", id_, b"third")
    assert not drafts.of_owner("need", "me", 5)
    drafts.keep("need", b"another")
    with store.reading() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM drafts").scalar()
    assert left == 1


def test_another_authority_another_kind_and_a_guess_find_nothing(
    store: RecordsStore, clock: Clock
) -> None:
    id_ = Drafts(store, clock, "Wallbrook").keep("need", b"first", "me")
    other = Drafts(store, clock, "Sandmere")
    assert other.get("need", id_) is None
    assert not other.change("need", id_, b"mine now")
    assert not other.delete("need", id_)
    assert not other.of_owner("need", "me", 5)
    own = Drafts(store, clock, "Wallbrook")
    assert own.get("decision", id_) is None
    assert own.get("need", id_[:-1]) is None
    assert own.get("need", "é" * 32) is None
    assert own.get("need", id_) is not None


def test_what_a_deleted_draft_said_is_gone_from_the_files(
    store: RecordsStore, clock: Clock, tmp_path: Path
) -> None:
    drafts = Drafts(store, clock, "")
    secret = b"a need that nobody may read"
    id_ = drafts.keep("need", secret * 500)
    drafts.delete("need", id_)
    assert not any(secret in file.read_bytes() for file in tmp_path.iterdir())
