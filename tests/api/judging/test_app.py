"""Judging as raters meet it: the commands, a real server, a real browser, and the files."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest

from api.judging.app import create_app, listen, server
from api.judging.judgements import (
    Judgements,
    read_judgements,
    read_pool,
    write_pool,
)
from api.judging.session import JudgingSession
from matcher.core.errors import BadInput
from tests.api.conftest import Run
from tests.browser import browser, needs_browser
from training.evaluation.pooling import Item

NASTY = '<script>alert("x")</script>'
POOL = [
    Item("L1", f"GB-CHC-{n}", "Meals", "Hot meals at home", "Walsall Council", f"Kitchen {n}")
    for n in range(4)
]


@contextmanager
def served(tmp_path: Path, pool: list[Item] = POOL) -> Iterator[tuple[int, JudgingSession]]:
    """A server of the pool on a port of its own."""
    session = JudgingSession(pool, Judgements(tmp_path / "said.jsonl"), 0)
    running = server(create_app(session))
    with listen(0) as listener:
        port: int = listener.getsockname()[1]
        thread = Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield port, session
        finally:
            running.should_exit = True
            thread.join()


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    """The page, or the one that it leads to."""
    status, page, sent = _ask(port, "GET", path, None, headers)
    return get(port, sent["location"], **headers) if status == 303 else (status, page)


def _ask(
    port: int, method: str, path: str, body: str | None, headers: dict[str, str]
) -> tuple[int, str, dict[str, str]]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request(method, path, body, headers)
    answer = line.getresponse()
    found = answer.status, answer.read().decode(), dict(answer.getheaders())
    line.close()
    return found


def post(port: int, headers: dict[str, str] | None = None, **form: str) -> tuple[int, str]:
    sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return _ask(port, "POST", "/judge", urlencode(form), sent)[:2]


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_a_judgement_is_on_disk_before_the_next_item_is_shown(tmp_path: Path) -> None:
    with served(tmp_path) as (port, _):
        _, page = get(port, "/judge?rater=ann")
        form = form_of(page)
        status, _ = post(port, **form, grade="3")
        assert status == 303
        (one,) = read_judgements(tmp_path / "said.jsonl")
        assert (one.lot, one.provider, one.rater, one.grade) == (
            *(form["lot"], form["provider"]),
            *("ann", 3),
        )
        _, after = get(port, "/judge?rater=ann")
        assert form_of(after)["provider"] != form["provider"]
        assert "1 of 4 judged" in after


def test_a_rater_continues_after_the_server_was_restarted(tmp_path: Path) -> None:
    seen = set()
    for _ in range(4):
        with served(tmp_path) as (port, _):
            form = form_of(get(port, "/judge?rater=ann")[1])
            assert form["provider"] not in seen
            seen.add(form["provider"])
            post(port, **form, grade="x")
    with served(tmp_path) as (port, _):
        assert "That was all, ann" in get(port, "/judge?rater=ann")[1]
        assert "0 of 4 judged" in get(port, "/judge?rater=bob")[1]
    assert [one.grade for one in read_judgements(tmp_path / "said.jsonl")] == [None] * 4


def test_going_back_shows_the_grade_and_lets_it_be_changed(tmp_path: Path) -> None:
    with served(tmp_path) as (port, session):
        form = form_of(get(port, "/judge?rater=ann")[1])
        post(port, **form, grade="1")
        _, again = get(port, "/judge?rater=ann&item=0")
        assert form_of(again)["provider"] == form["provider"]
        assert re.search(r'value="1" data-key="1" aria-pressed="true"', again)
        post(port, **form_of(again), grade="0")
        item = next(item for item in POOL if item.provider == form["provider"])
        assert session.last_grade("ann", item) == "0"
        assert "1 of 4 judged" in get(port, "/judge?rater=ann")[1]


def test_an_item_number_of_thousands_of_digits_is_no_fault(tmp_path: Path) -> None:
    with served(tmp_path) as (port, _):
        status, page = get(port, f"/judge?rater=ann&item={'9' * 5_000}")
    assert (status, "0 of 4 judged" in page) == (200, True)


def test_a_page_says_nothing_of_runs_ranks_or_scores(tmp_path: Path) -> None:
    with served(tmp_path) as (port, _):
        _, page = get(port, "/judge?rater=ann")
        assert not re.search(r"\brun\b|\brank|\bscore", page.split("<body>")[1])


def test_a_page_says_where_the_work_is_where_the_lot_does(tmp_path: Path) -> None:
    (tmp_path / "placed").mkdir()
    with served(tmp_path / "placed", [replace(POOL[0], place="Walsall, WS1 1TP")]) as (port, _):
        assert "Where the work is:</strong> Walsall, WS1 1TP" in get(port, "/judge?rater=ann")[1]
    with served(tmp_path) as (port, _):
        assert "Where the work is" not in get(port, "/judge?rater=ann")[1]


def test_the_text_of_a_provider_is_escaped(tmp_path: Path) -> None:
    nasty = Item(NASTY, NASTY, NASTY, NASTY, NASTY, NASTY, NASTY, NASTY, (NASTY,))
    with served(tmp_path, [nasty]) as (port, _):
        _, page = get(port, "/judge?rater=ann")
        assert "<script>alert" not in page
        assert page.count("<script") == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"token": "another"}, "this page is from before the server was started"),
        ({"grade": "4"}, "grade &#39;4&#39;: give 0 to 3"),
        ({"grade": ""}, "give 0 to 3"),
        ({"rater": "ann smith"}, "give 1 to 30 letters"),
        ({"provider": "GB-CHC-9"}, "is not in the pool"),
    ],
)
def test_a_form_from_elsewhere_or_with_wrong_fields_is_refused(
    tmp_path: Path, changed: dict[str, str], why: str
) -> None:
    with served(tmp_path) as (port, session):
        form = form_of(get(port, "/judge?rater=ann")[1])
        status, said = post(port, **{**form, "grade": "1", **changed})
        assert status == 400
        assert why in said
        assert session.judgements.all == []


def test_only_requests_to_this_machine_are_answered(tmp_path: Path) -> None:
    with served(tmp_path) as (port, _):
        assert get(port, "/", Host="evil.example")[0] == 403
        assert get(port, "/", Host=f"localhost:{port}")[0] == 200
        form = form_of(get(port, "/judge?rater=ann")[1])
        assert post(port, {"Host": "evil.example"}, **form, grade="1")[0] == 403
        assert get(port, "/etc/passwd")[0] == 404
        _, _, headers = _ask(port, "GET", "/", None, {})
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        status, _, _ = _ask(port, "POST", "/judge", "x" * 20_000, {})
        assert status == 413


@needs_browser
def test_a_rater_judges_by_keyboard_alone(tmp_path: Path) -> None:
    with served(tmp_path) as (port, session), browser(tmp_path / "profile") as page:
        page.open(f"http://127.0.0.1:{port}/")
        page.type("ann")
        page.press("Enter")
        for done, key in enumerate("3x0"):
            page.until(f"document.body.innerText.includes('{done} of 4 judged')")
            page.press(key)
        page.until("document.body.innerText.includes('3 of 4 judged')")
        page.press("b")
        page.until("document.querySelector('[aria-pressed=true]')")
        page.press("2")
        page.until("!document.querySelector('[aria-pressed=true]')")
        for _ in range(3):
            page.press("Tab")
        assert page.says("document.activeElement.tagName") == "BUTTON"
        page.press("Enter")
        page.until("document.body.innerText.includes('That was all, ann')")
    grades = [one.grade for one in session.judgements.all]
    assert grades[:4] == [3, None, 0, 2]
    assert len(grades) == 5


# --- the files ---


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    resource = pytest.importorskip("resource")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_judgement_that_the_disk_has_no_room_for_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    judgements, (item, *_) = Judgements(path), POOL
    judgements.add(item, "ann", 3)
    with (
        files_of_at_most(path.stat().st_size + 20),
        pytest.raises(BadInput, match="cannot be written"),
    ):
        judgements.add(item, "ann", 2)
    judgements.add(item, "ann", 1)
    assert [each.grade for each in read_judgements(path)] == [3, 1] == grades_of(judgements)


def test_a_pool_that_the_disk_has_no_room_for_can_be_written_later(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    with files_of_at_most(200), pytest.raises(BadInput, match="cannot be written"):
        write_pool(path, POOL)
    assert not list(tmp_path.iterdir())
    write_pool(path, POOL)
    assert read_pool(path) == list(POOL)


def grades_of(judgements: Judgements) -> list[int | None]:
    return [each.grade for each in judgements.all]


def test_a_line_cut_short_is_dropped_and_the_next_is_added(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    Judgements(path).add(Item("L1", "A"), "ann", 2)
    with path.open("ab") as out:
        out.write(b'{"lot": "L1", "prov')
    again = Judgements(path)
    assert len(again.all) == 1
    again.add(Item("L1", "B"), "ann", 1)
    assert [one.provider for one in read_judgements(path)] == ["A", "B"]


def test_a_last_line_without_its_end_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text('{"lot": "L1", "provider": "A", "rater": "ann", "grade": 2}')
    Judgements(path).add(Item("L1", "B"), "ann", None)
    assert [one.grade for one in read_judgements(path)] == [2, None]


def test_an_invalid_line_in_the_middle_is_refused_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text('{"lot": "L1", "prov\n{"lot": "L1", "provider": "A", "rater": "b", "grade": 2}')
    with pytest.raises(BadInput, match=r"said.jsonl, line 1"):
        Judgements(path)


def test_files_that_are_wrong_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text('{"lot": "L", "provider": "A", "rater": "ann", "grade": 7}\n')
    with pytest.raises(BadInput, match="grade 7 is not 0 to 3"):
        read_judgements(path)
    (tmp_path / "pool.jsonl").write_text("")
    with pytest.raises(BadInput, match="is empty"):
        read_pool(tmp_path / "pool.jsonl")
    with pytest.raises(BadInput, match="cannot be read"):
        read_pool(tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match="exists already"):
        write_pool(tmp_path / "pool.jsonl", POOL)


# --- the commands ---


def test_from_runs_to_qrels(run: Run, tmp_path: Path) -> None:
    for name, order in (("a", ("X", "Y")), ("b", ("Y", "Z"))):
        lines = [f"L{n} Q0 {p} {r} {9 - r} t\n" for n in range(2) for r, p in enumerate(order)]
        (tmp_path / f"{name}.run").write_text("".join(lines))
    pool, said = tmp_path / "pool.jsonl", tmp_path / "said.jsonl"
    lots = tmp_path / "lots.jsonl"
    lots.write_text(json.dumps({"id": "L0", "title": "Meals"}) + "\n")
    words = ("judge", "pool", tmp_path / "a.run", tmp_path / "b.run", "--pool", pool)
    done = run(*words, "--lots", lots, "--depth", "1")
    assert "4 providers to judge for 2 lots, from 2 runs to depth 1" in done.out
    assert "1 of the lots is not in" in done.out
    assert {item.lot_title for item in read_pool(pool)} == {"Meals", ""}
    assert "exists already" in run(*words).refusal
    store = Judgements(said)
    for rater in ("ann", "bob"):
        for item in read_pool(pool):
            store.add(item, rater, 3 if item.provider == "X" else 0)
    told = json.loads(run("judge", "agreement", "--judgements", said, "--format", "json").out)
    assert told["alpha, ordinal"] == pytest.approx(1)
    assert "Krippendorff's alpha, ordinal" in run("judge", "agreement", "--judgements", said).out
    qrels = tmp_path / "qrels.txt"
    assert "4 judgements for 2 lots" in run("judge", "export", qrels, "--judgements", said).out
    assert qrels.read_text() == "L0 0 X 3\nL0 0 Y 0\nL1 0 X 3\nL1 0 Y 0\n"
    few = run("judge", "export", qrels, "--judgements", said, "--least-votes", "3").refusal
    assert "no item has 3 grades or more" in few


def test_nothing_to_judge_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.run").write_text("")
    words = ("judge", "pool", tmp_path / "empty.run", "--pool", tmp_path / "pool.jsonl")
    assert "none of the runs lists a provider" in run(*words).refusal


def test_the_server_runs_until_it_is_interrupted(tmp_path: Path) -> None:
    write_pool(tmp_path / "pool.jsonl", POOL)
    words = [sys.executable, "-m", "api.cli.main", "judge", "serve", "--port", "0"]
    files = ["--pool", str(tmp_path / "pool.jsonl"), "--judgements", str(tmp_path / "said.jsonl")]
    heed = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [*words, *files],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=heed,  # noqa: PLW1509 - one thread, one call
    ) as process:
        assert process.stdout
        said = process.stdout.readline()
        port = re.match(r"http://127\.0\.0\.1:(\d+)/", said)
        assert port, said
        assert "Who judges?" in get(int(port[1]), "/")[1]
        process.send_signal(signal.SIGINT)
        assert "0 judgements in" in process.stdout.read()
    assert process.returncode == 0


def test_a_port_that_is_taken_is_refused(run: Run, tmp_path: Path) -> None:
    write_pool(tmp_path / "pool.jsonl", POOL)
    with served(tmp_path) as (port, _):
        words = ("judge", "serve", "--pool", tmp_path / "pool.jsonl", "--port", port)
        assert f"--port {port}: cannot be used" in run(*words).refusal
