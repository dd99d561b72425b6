"""Spending files from a council's page: each trap of such pages and of their files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from matcher.core.errors import BadInput, FetchError
from matcher.fetch.access.spending import feed_name
from matcher.fetch.client import TRIES
from matcher.fetch.fetcher import FetchEnd
from matcher.fetch.spend_links import links_of
from matcher.fetch.store import State
from matcher.fetch.stored_feeds import StoredFeeds
from tests.matcher.fetch.conftest import World
from tests.replay import WEB_PAGE, Answer, blob

BODY = "Wallbrook Borough Council"
INDEX = "/spending/over-500"


def month(number: int, lines: int = 6, ending: str = "") -> bytes:
    """The payments of a month of 2026; the payees of no two months are the same."""
    rows = [
        f"Made-up {number}-{n} Ltd,{100 + n}.50,{n % 28 + 1:02d}/{number:02d}/2026{ending}"
        for n in range(lines)
    ]
    return "\n".join(["Supplier Name,Amount,Payment Date", *rows]).encode()


def index(world: World, *links: str, path: str = INDEX) -> str:
    """A page that links to files, at its address."""
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    html = f"<!doctype html><html><body><h1>Payments over £500</h1>{anchors}</body></html>"
    return world.replay.serve(path, Answer(html.encode()))


def stored(world: World, name: str) -> State:
    state = world.store.state(name)
    assert state is not None
    return state


def paid(world: World) -> dict[str, int]:
    """Payee → pence, as a build reads the store."""
    found: dict[str, int] = {}
    for table in StoredFeeds(world.store, world.entries).spending():
        for payment in table.feed()[1]:
            found[payment.payee] = found.get(payment.payee, 0) + payment.pence
    return found


def fetch(world: World, address: str, body: str = BODY) -> tuple[FetchEnd, str, str]:
    outcome = world.one("spend", address=address, body=body)
    return outcome.end, outcome.name, outcome.why


def test_all_months_of_a_page_arrive(world: World) -> None:
    for n in (4, 5):
        world.replay.serve(f"/files/payments-2026-0{n}.csv", blob(month(n)))
    end, name, why = fetch(world, index(world, *(f"/files/payments-2026-0{n}.csv" for n in (4, 5))))
    assert (end, why) == (FetchEnd.NEW, "")
    assert sorted(one.name for one in stored(world, name).files) == [
        "payments-2026-04.csv",
        "payments-2026-05.csv",
    ]
    assert len(paid(world)) == 12
    assert sum(tally.kept for tally in stored(world, name).tallies) == 12


def test_a_new_month_is_fetched_and_the_others_are_not_sent_again(world: World) -> None:
    for n in (4, 5):
        world.replay.serve(f"/payments-2026-0{n}.csv", blob(month(n)))
    fetch(world, index(world, "/payments-2026-04.csv"))
    index(world, "/payments-2026-04.csv", "/payments-2026-05.csv")
    world.replay.asked.clear()
    again = world.one("spend")
    assert again.end is FetchEnd.NEW
    old = [one for one in world.replay.asked if one.path == "/payments-2026-04.csv"]
    assert [one.headers.get("If-None-Match") is not None for one in old] == [True]
    assert len(paid(world)) == 12
    assert world.one("spend").end is FetchEnd.SAME


def test_a_month_that_left_the_page_stays(world: World) -> None:
    for n in (4, 5):
        world.replay.serve(f"/payments-2026-0{n}.csv", blob(month(n)))
    fetch(world, index(world, "/payments-2026-04.csv"))
    index(world, "/payments-2026-05.csv")
    assert world.one("spend").end is FetchEnd.NEW
    assert len(paid(world)) == 12


def test_a_broken_link_in_the_middle_stops_no_other_month(world: World) -> None:
    for n in (4, 6):
        world.replay.serve(f"/payments-2026-0{n}.csv", blob(month(n)))
    end, _, why = fetch(world, index(world, *(f"/payments-2026-0{n}.csv" for n in (4, 5, 6))))
    assert end is FetchEnd.NEW
    assert "payments-2026-05.csv answers 404" in why
    assert len(paid(world)) == 12


def test_a_service_that_fails_is_said_and_what_arrived_is_kept(world: World) -> None:
    for n in (4, 5):
        world.replay.serve(f"/payments-2026-0{n}.csv", blob(month(n)))
    world.replay.trouble("/payments-2026-05.csv", *[Answer(status=503)] * TRIES)
    end, _, why = fetch(world, index(world, "/payments-2026-04.csv", "/payments-2026-05.csv"))
    assert end is FetchEnd.FAILED
    assert "2026-05.csv could not be fetched after 6 tries" in why
    assert len(paid(world)) == 6
    assert world.one("spend").end is FetchEnd.NEW
    assert len(paid(world)) == 12


def test_a_service_that_is_down_is_not_asked_for_every_month(world: World) -> None:
    names = [f"/payments-2026-{n:02d}.csv" for n in range(1, 13)]
    for name in names:
        world.replay.serve(name, Answer(status=500))
    end, _, why = fetch(world, index(world, *names))
    assert end is FetchEnd.FAILED
    assert "the other files were not asked for" in why
    assert len({path for path in world.replay.paths() if path.endswith(".csv")}) == 3


def test_a_download_that_is_cut_is_resumed(world: World) -> None:
    whole = month(4, 2000)
    world.replay.serve("/payments-2026-04.csv", blob(whole))
    world.replay.trouble("/payments-2026-04.csv", blob(whole, cut=30_000))
    end, _, _ = fetch(world, index(world, "/payments-2026-04.csv"))
    assert end is FetchEnd.NEW
    ranges = [one.headers.get("Range", "") for one in world.replay.asked[1:]]
    assert ranges[-1].startswith("bytes=")
    assert len(paid(world)) == 2000


def test_a_file_that_stays_truncated_is_not_used(world: World) -> None:
    whole = month(4, 2000)
    world.replay.serve("/payments-2026-04.csv", Answer(whole, cut=30_000))
    end, name, _ = fetch(world, index(world, "/payments-2026-04.csv"))
    assert end is FetchEnd.FAILED
    assert world.store.state(name) is None


def test_a_redirect_on_the_host_is_followed_and_one_to_another_is_not(world: World) -> None:
    world.replay.serve("/real/2026-04.csv", blob(month(4)))
    moved = {"Location": f"{world.replay.address}/real/2026-04.csv"}
    world.replay.serve("/payments-2026-04.csv", Answer(status=302, headers=moved))
    away = {"Location": "http://other.example/2026-05.csv"}
    world.replay.serve("/payments-2026-05.csv", Answer(status=302, headers=away))
    _, _, why = fetch(world, index(world, "/payments-2026-04.csv", "/payments-2026-05.csv"))
    assert "redirects to another host, other.example" in why
    assert len(paid(world)) == 6


def test_the_kind_of_a_file_is_told_by_its_content(world: World) -> None:
    """A workbook comes as CSV, and a table as a web page."""
    html = {"Content-Type": "text/html"}
    world.replay.serve("/payments-2026-04.csv", blob(workbook(4)))
    world.replay.serve("/payments-2026-05.xlsx", blob(month(5), headers=html))
    end, _, _ = fetch(world, index(world, "/payments-2026-04.csv", "/payments-2026-05.xlsx"))
    assert end is FetchEnd.NEW
    assert len(paid(world)) == 12


def workbook(number: int) -> bytes:
    book = openpyxl.Workbook()
    for line in month(number).decode().splitlines():
        name, amount, day = line.split(",")
        book.active.append([name, float(amount) if amount != "Amount" else amount, day])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_zip_of_months_is_read(world: World) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in (4, 5):
            archive.writestr(f"{n}.csv", month(n))
    world.replay.serve("/payments-2026.zip", blob(out.getvalue()))
    fetch(world, index(world, "/payments-2026.zip"))
    assert len(paid(world)) == 12


def test_a_month_under_two_names_counts_once(world: World) -> None:
    names = ["/payments-2026-04.csv", "/april-2026-final.csv", "/april-2026.xlsx"]
    for name, body in zip(names, (month(4), month(4, ending=" "), workbook(4)), strict=True):
        world.replay.serve(name, blob(body))
    _, name, why = fetch(world, index(world, *names))
    assert len(stored(world, name).files) == 1
    assert why.count("has the payments of") == 2
    assert sum(paid(world).values()) == sum(10_050 + 100 * n for n in range(6))


def test_a_month_counts_once_whatever_the_council_calls_itself_in_its_rows(world: World) -> None:
    header, *rows = month(4).decode().splitlines()
    named = "\n".join([f"Body Name,{header}", *(f"WALLBROOK MBC,{row}" for row in rows)])
    world.replay.serve("/april-2026.csv", blob(month(4)))
    world.replay.serve("/april-2026-named.csv", blob(named.encode()))
    _, name, why = fetch(world, index(world, "/april-2026.csv", "/april-2026-named.csv"))
    assert len(stored(world, name).files) == 1
    assert why.count("has the payments of") == 1


def test_a_quarter_takes_the_place_of_its_months(world: World) -> None:
    quarter = b"\n".join([month(4), *(month(n).partition(b"\n")[2] for n in (5, 6))])
    world.replay.serve("/payments-2026-04.csv", blob(month(4)))
    world.replay.serve("/payments-q1.csv", blob(quarter))
    _, name, _ = fetch(world, index(world, "/payments-2026-04.csv", "/payments-q1.csv"))
    assert stored(world, name).files[0].name.startswith("payments-q1")
    assert len(paid(world)) == 18


def test_a_web_page_instead_of_a_file_is_left_out(world: World) -> None:
    world.replay.serve("/payments-2026-04.csv", blob(month(4)))
    world.replay.serve("/payments-2026-05.csv", WEB_PAGE)
    end, name, why = fetch(world, index(world, "/payments-2026-04.csv", "/payments-2026-05.csv"))
    assert end is FetchEnd.NEW
    assert "payments-2026-05.csv is a web page" in why
    assert [one.name for one in stored(world, name).files] == ["payments-2026-04.csv"]


def test_a_bad_file_never_replaces_a_good_one(world: World) -> None:
    world.replay.serve("/payments-2026-04.csv", blob(month(4)))
    fetch(world, index(world, "/payments-2026-04.csv"))
    world.replay.serve("/payments-2026-04.csv", WEB_PAGE)
    world.one("spend")
    assert len(paid(world)) == 6


def test_another_table_is_left_out_and_said(world: World) -> None:
    world.replay.serve("/payments-2026-04.csv", blob(month(4)))
    world.replay.serve("/payments-key.csv", blob(b"Code,Meaning\nA1,Roads\n"))
    _, name, why = fetch(world, index(world, "/payments-2026-04.csv", "/payments-key.csv"))
    assert "payments-key.csv: found no column for supplier" in why
    assert len(stored(world, name).files) == 1


def test_pages_of_years_are_followed(world: World) -> None:
    world.replay.serve("/payments-2026-04.csv", blob(month(4)))
    address = index(world, f"{INDEX}/2026-payments", "/contact-us")
    index(world, "/payments-2026-04.csv", INDEX, path=f"{INDEX}/2026-payments")
    fetch(world, address)
    assert len(paid(world)) == 6
    assert "/contact-us" not in world.replay.paths()


def test_files_without_a_body_are_refused_with_what_to_give(world: World) -> None:
    world.replay.serve("/payments-2026-04.csv", blob(month(4)))
    address = index(world, "/payments-2026-04.csv")
    with pytest.raises(BadInput, match="name the council with --body"):
        fetch(world, address, body="")


def test_a_page_without_files_is_refused_with_what_to_give(world: World) -> None:
    end, name, why = fetch(world, index(world, "/contact-us"))
    assert end is FetchEnd.FAILED
    assert "give the page that lists the files themselves" in why
    assert world.store.state(name) is None


def test_a_folder_is_followed(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "downloads" / "2026"
    folder.mkdir(parents=True)
    (folder / "april.csv").write_bytes(month(4))
    (folder / "notes.docx").write_bytes(b"PK")
    assert fetch(world, str(folder.parent))[0] is FetchEnd.NEW
    (folder / "may.xlsx").write_bytes(workbook(5))
    assert world.one("spend").end is FetchEnd.NEW
    assert len(paid(world)) == 12
    assert world.one("spend").end is FetchEnd.SAME


def test_a_stored_file_that_changed_is_refused(world: World) -> None:
    world.replay.serve("/payments-2026-04.csv", blob(month(4)))
    _, name, _ = fetch(world, index(world, "/payments-2026-04.csv"))
    state = stored(world, name)
    world.store.path_of(name, state, state.files[0]).write_bytes(month(5))
    with pytest.raises(FetchError, match="has changed since it was fetched"):
        paid(world)


def test_no_place_and_a_wrong_place_are_refused(world: World) -> None:
    with pytest.raises(BadInput, match="say where the files are"):
        world.one("spend")
    with pytest.raises(BadInput, match="neither a web address nor a folder"):
        fetch(world, "leeds")


PAGE = "https://www.wallbrook.example/council/spending"


@pytest.mark.parametrize(
    ("html", "files", "pages"),
    [
        ('<a href="/a.CSV?v=2">April</a>', ["https://www.wallbrook.example/a.CSV?v=2"], []),
        (
            '<a href="/downloads/file/12">April 2026 payments</a>',
            ["https://www.wallbrook.example/downloads/file/12"],
            [],
        ),
        (
            '<a href="/x/april">Payments, April 2026 (CSV, 30 KB)</a>',
            ["https://www.wallbrook.example/x/april"],
            [],
        ),
        (
            '<a href="get?file=april.csv">April</a>',
            ["https://www.wallbrook.example/council/get?file=april.csv"],
            [],
        ),
        (
            '<a href="a.xlsx">x</a><a href="a.csv">x</a>',
            ["https://www.wallbrook.example/council/a.csv"],
            [],
        ),
        (
            '<a href="https://data.wallbrook.example/a b.csv">April',
            ["https://data.wallbrook.example/a%20b.csv"],
            [],
        ),
        ('<a href="spending/2025">2025</a>', [], [f"{PAGE}/2025"]),
        ('<a href="/bins">Bins 2025</a><a href="#top">2026 payments</a>', [], []),
        ('<a href="mailto:a@b.example">Payments 2026 CSV</a><a href="http://[">2026</a>', [], []),
        ('<a href="/guide.pdf">Payments guide 2026</a>', [], []),
    ],
)
def test_links(html: str, files: list[str], pages: list[str]) -> None:
    found = links_of(html, PAGE, frozenset())
    assert (found.files, found.pages) == (files, pages)


def test_files_on_other_hosts_are_only_counted() -> None:
    found = links_of('<a href="https://evil.example/a.csv">x</a>', PAGE, frozenset())
    assert (found.files, found.elsewhere) == ([], ["https://evil.example/a.csv"])
    named = links_of('<a href="https://s3.example/a.csv">x</a>', PAGE, frozenset({"s3.example"}))
    assert named.files == ["https://s3.example/a.csv"]


def test_names_tell_pages_apart() -> None:
    assert feed_name("https://www.a.example/x/") == "a.example-x"
    assert feed_name("/srv/a/spend") != feed_name("/srv/b/spend")
