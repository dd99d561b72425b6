"""The grants benchmark: what it asks, what it counts, and what its numbers mean."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from benchmarks import grants, pretrained
from matcher.core.types import Lot
from matcher.ranking.matcher import Matcher
from matcher.register.build.build import BuildOptions, build
from matcher.register.register import Register
from tests.encoders import TinyBase
from tests.factory import provider
from tests.gazetteer import small_table
from tests.registers import feed

CARE = provider("GB-CHC-1", "WS1 1TP", name="Walsall Carers", profile="home care for old people")
YOUTH = provider("GB-CHC-2", "IP1 2BX", name="Ipswich Youth Club", profile="a club for the young")
SILENT = provider("GB-CHC-3", "N7 7JW", name="Nowhere Trust")


def _row(id: str, to: str, told: str | None = None, **fields: Any) -> dict[str, Any]:
    """A grant for home care whose recipient's register record has text."""
    return {
        "id": id,
        "title": "Home care",
        "description": "for old people",
        "funder": "A Foundation",
        "has_register_text": True,
        "recipient": {"id": to, "name": "x", "postcode": "WS1 1TP", "description": told},
    } | fields


def _read(path: Path, *rows: dict[str, Any], funder: bool = False) -> list[grants.Grant]:
    with gzip.open(path / "grants.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write("".join(json.dumps(row) + "\n" for row in rows))
    return grants.read_grants(path / "grants.jsonl.gz", funder)


def _register(path: Path, asked: list[grants.Grant]) -> Path:
    feeds = grants.with_told([feed(CARE, YOUTH, SILENT)], asked)
    small_table(path / "places")
    build(
        path / "register", feeds, places_table=path / "places", options=BuildOptions(trust_ids=True)
    )
    return path / "register"


def test_a_grant_asks_with_its_own_words_and_nothing_of_its_recipient(tmp_path: Path) -> None:
    (asked,) = _read(tmp_path, _row("g-1", "GB-CHC-1", "we care"))
    assert asked.lot == Lot("g-1", "Home care", "for old people")
    assert (asked.recipient, asked.told, asked.in_register) == ("GB-CHC-1", "we care", True)


def test_the_funder_is_the_buyer_only_where_that_is_asked_for(tmp_path: Path) -> None:
    (asked,) = _read(tmp_path, _row("g-1", "GB-CHC-1"), funder=True)
    assert asked.lot == Lot("g-1", "Home care", "for old people", buyer="A Foundation")


def test_a_grant_without_text_is_read(tmp_path: Path) -> None:
    (asked,) = _read(tmp_path, _row("g-1", "GB-CHC-1", title=None, description=None))
    assert asked.lot == Lot("g-1", "")


def test_a_recipients_description_replaces_a_missing_profile(tmp_path: Path) -> None:
    asked = _read(
        tmp_path,
        _row("g-1", "GB-CHC-3", "a choir"),
        _row("g-2", "GB-CHC-3", "another choir"),
        _row("g-3", "GB-CHC-1", "nothing new"),
    )
    register = Register.open(_register(tmp_path, asked))
    said = {o.provider.id: o.provider.profile for o in register.organisations}
    assert said["GB-CHC-3"] == "a choir"
    assert said["GB-CHC-1"] == CARE.profile


def test_a_grant_counts_where_its_recipient_is_known_and_described(tmp_path: Path) -> None:
    asked = _read(
        tmp_path,
        _row("known", "GB-CHC-1"),
        _row("told", "GB-CHC-3", "a choir", has_register_text=False),
        _row("silent", "GB-CHC-2", has_register_text=False),
        _row("stranger", "GB-CHC-9", "who knows"),
    )
    register = Register.open(_register(tmp_path, asked))
    counted = grants.judged(asked, register)
    assert {
        grant: register.organisations[row].provider.id for grant, (_, row) in counted.items()
    } == {
        "known": "GB-CHC-1",
        "told": "GB-CHC-3",
    }


@pytest.mark.parametrize("make", [grants.bm25, grants.tfidf])
def test_the_peers_put_first_whose_document_holds_the_words(make: Any) -> None:
    held = [["choir", "song"], ["home", "care", "old"], [], ["care"]]
    answer = list(make(held)(Lot("x", "Home care for old people")))
    assert answer[0] == 1
    assert set(answer) <= {1, 3}


def test_the_peers_read_names_profile_and_labels(tmp_path: Path) -> None:
    register = Register.open(_register(tmp_path, []))
    row = register.row("GB-CHC-1")
    assert row is not None
    assert set(grants.documents(register)[row]) == {
        "walsal",
        "carer",
        "home",
        "care",
        "old",
        "peopl",
    }


def test_a_hundred_are_listed_at_most_and_none_that_scores_nothing() -> None:
    scores = np.concatenate([np.zeros(50), np.arange(1.0, 151.0)])
    assert grants.best(scores) == list(range(199, 99, -1))
    assert grants.best(np.array([0.0, 2.0, 0.0])) == [1]


def test_values_are_by_grant_and_an_unanswered_one_counts_as_zero() -> None:
    winners = {"first": 4, "tenth": 4, "eleventh": 4, "never": 4}
    others = list(range(100, 120))
    answers = {
        "first": [4, *others],
        "tenth": [*others[:9], 4],
        "eleventh": [*others[:10], 4],
    }
    values = grants.per_grant(winners, answers)
    assert values["R@10"] == {"first": 1, "tenth": 1, "eleventh": 0, "never": 0}
    assert values["RR@100"] == pytest.approx(
        {"first": 1, "tenth": 0.1, "eleventh": 1 / 11, "never": 0}
    )


def test_the_report_compares_with_the_better_peer() -> None:
    winners = {f"g-{n}": n for n in range(8)}
    right = {grant: [row] for grant, row in winners.items()}
    half = {grant: [row if row % 2 else 99] for grant, row in winners.items()}
    wrong = {grant: [99] for grant in winners}
    runs = {grants.BM25: wrong, grants.TFIDF: half, "ours (x)": right}
    rows = {row["system"]: row for row in grants.report(winners, runs)}
    assert rows["ours (x)"]["R@10"] == [1, 1, 1]
    low, high = rows[grants.TFIDF]["R@10"][1:]  # type: ignore[index]
    assert 0 <= low < 0.5 < high <= 1
    assert rows["ours (x) / best peer"]["RR@100"][0] == pytest.approx(2)  # type: ignore[index]
    assert len(rows) == 4


@pytest.mark.parametrize("with_encoder", [False, True])
def test_every_system_answers_every_grant_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_encoder: bool
) -> None:
    monkeypatch.setattr(pretrained.BaseEncoder, "open", lambda _: TinyBase())
    asked = _read(tmp_path, _row("g-1", "GB-CHC-1"), _row("g-2", "GB-CHC-9"))
    matcher = Matcher.open(_register(tmp_path, asked), "hand")
    found = grants.measure(asked, matcher, Console(quiet=True), tmp_path if with_encoder else None)
    rows = {row["system"]: row for row in found}
    if not with_encoder:
        rows[grants.MINILM] = rows[grants.BM25]
    assert set(rows) == {*grants.PEERS, "ours (hand)", "ours (hand) / best peer"}
    for row in rows.values():
        assert row["grants"] == 1
        assert row["R@10"] == row["RR@100"] == [1, 1, 1]
