"""Training from end to end, on an invented history of three trades."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from matcher.core.types import Award, Lot, Provider, Size
from matcher.law.types import Purpose, Signal
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.build.embed import embed
from models import text
from models.bundle import Bundle
from models.errors import BundleError
from models.trees import TreesRanker
from tests.history import LEAST, SETTINGS, SUPPLIERS, TOWNS, TRADES, a_lot, coined, items
from tests.registers import feed, registered
from tests.training.conftest import Trained, silent
from training.learning import background
from training.learning.files import Given, save, train_files
from training.learning.train import knows_before

ANYONE = Request(wish=Filters(everyone=True))
INVITE = Request(Purpose.INVITE, Filters(everyone=True))


def _providers(given: list[Provider | Award]) -> list[Provider]:
    return [one for one in given if isinstance(one, Provider)]


def _awards(given: list[Provider | Award]) -> list[Award]:
    return [one for one in given if isinstance(one, Award)]


@pytest.fixture(scope="module")
def opened(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, trained: Trained
) -> Matcher:
    """A register of the history, asked with the bundle that was trained on it."""
    return asked_of(tmp_path_factory.mktemp("opened"), places_table, trained, items())


def asked_of(path: Path, places: Path, trained: Trained, given: list[Provider | Award]) -> Matcher:
    registered(path, places, *given, trust_ids=True)
    embed(path, Bundle.open(trained.folder, FEATURES))
    return Matcher.open(path, trained.folder)


def lots_to_come(count: int = 30) -> Iterator[tuple[str, Lot]]:
    """Lots that nobody has seen, of each trade in turn, and of which trade."""
    draw = np.random.default_rng(99)
    for i in range(count):
        trade = list(TRADES)[i % len(TRADES)]
        yield trade, a_lot(trade, 700 + i, draw, day=date(2026, 6, 1))


# --- what comes of it ---


def test_the_bundle_that_was_written_is_the_one_that_was_learned(trained: Trained) -> None:
    bundle = Bundle.open(trained.folder, FEATURES)
    assert bundle.name == "invented"
    assert set(bundle.rankers) == {"all", "relevance"}
    for key, calibrated in bundle.rankers.items():
        learned = trained.bundle.ranker_for(key)
        assert isinstance(calibrated.ranker, TreesRanker)
        assert isinstance(learned.ranker, TreesRanker)
        assert calibrated.ranker.text == learned.ranker.text
        assert (calibrated.floor, calibrated.calibration) == (learned.floor, learned.calibration)
        assert calibrated.calibration is not None
    assert bundle.knowledge.embedder_version == trained.bundle.knowledge.embedder_version != ""
    assert bundle.ranker_for("all").fairness is not None
    assert bundle.ranker_for("relevance").fairness is None, "a record may not count there"


def test_the_ranker_for_invitations_reads_relevance_alone(trained: Trained) -> None:
    signals = {FEATURES[name].signal for name in trained.bundle.ranker_for("relevance").features}
    assert signals == {Signal.RELEVANCE}
    every = {FEATURES[name].signal for name in trained.bundle.ranker_for("all").features}
    assert every == set(Signal) - {Signal.SIZE}


def test_the_report_has_its_parts(trained: Trained) -> None:
    report = json.loads((trained.folder / "report.json").read_text())
    assert set(report) == {"data", "windows", "rankers", "settings", "libraries"}
    assert report["data"]["awards"] == len(_awards(items()))
    assert report["data"]["providers"] == len(_providers(items()))
    assert [w["from"] for w in report["windows"]] == ["2025-06-01", "2025-08-01"]
    assert report["windows"][-1]["to before"] == "2025-10-01"
    for ranker in report["rankers"].values():
        assert {"lots learned from", "held back", "calibration", "features"} <= set(ranker)
        assert ranker["held back"]["lots"]["all"] == SETTINGS.lots
        assert sum(ranker["features"].values()) == pytest.approx(1, abs=0.01)
    assert report["settings"] == msgspec.to_builtins(SETTINGS)
    assert "<html" in (trained.folder / "report.html").read_text().lower()


def test_the_report_counts_providers_with_a_profile(trained: Trained) -> None:
    speak = sum(bool(one.profile) for one in _providers(items()))
    assert trained.report["data"]["with a profile"] == speak


def test_the_report_is_standard_json(trained: Trained) -> None:
    def refuse(number: str) -> None:
        raise AssertionError(f"{number} is not JSON")

    for path in trained.folder.glob("*.json"):
        json.loads(path.read_text(), parse_constant=refuse)


def test_the_card_has_the_data_and_the_quality(trained: Trained) -> None:
    card = Bundle.open(trained.folder, FEATURES).card
    assert knows_before(trained.bundle) == date(2025, 10, 1)
    assert card["data"] == trained.report["data"]
    held = card["held back, not learned from"]
    for key, found in trained.report["rankers"].items():
        assert held[key] == found["held back"]["measures"]
    assert f"fewer than {LEAST} texts or names hold" in card["limits"]


def test_two_runs_give_the_same_bytes(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.setenv("LBD_CACHE", str(cache))
    folder = tmp_path / trained.folder.name
    train_files([feed(*items())], folder, SETTINGS, silent, Given(trust_ids=True))
    names = sorted(path.name for path in trained.folder.iterdir())
    assert names == sorted(path.name for path in folder.iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (trained.folder / name).read_bytes(), name


# --- what it is worth ---


@pytest.mark.parametrize("request_", [ANYONE, INVITE], ids=["engagement", "invite"])
def test_it_finds_the_suppliers_of_the_trade(opened: Matcher, request_: Request) -> None:
    """A trade holds a third of all suppliers; nine in ten of those shown must be of it."""
    shares = []
    for trade, wanted in lots_to_come():
        shown = opened.shortlist(wanted, request_).suggestions
        first = list(TRADES).index(trade) * SUPPLIERS
        own = {f"XX-INVENTED-{n:04}" for n in range(first, first + SUPPLIERS)}
        assert len(shown) == request_.limit
        shares.append(float(np.mean([s.id in own for s in shown])))
    assert np.mean(shares) > 0.9


@pytest.mark.parametrize("key", ["all", "relevance"])
def test_lots_held_back_are_answered_far_better_than_by_chance(trained: Trained, key: str) -> None:
    """Who knows the trade and no more finds a winner in ten of its forty suppliers.

    By chance it is ten of a hundred and twenty: a third as often.  Among a hundred of them by
    chance are five sixths of the winners; whom the floor leaves out is among none.
    """
    report = json.loads((trained.folder / "report.json").read_text())
    measures = report["rankers"][key]["held back"]["measures"]["all"]
    two_winners_by_chance = 1 - (110 / 120) * (109 / 119)
    assert measures["Success@10"][0] > two_winners_by_chance * 1.2
    assert measures["R@100"][0] > 100 / 120 + 0.05


def test_near_providers_come_earlier_where_place_counts(trained: Trained) -> None:
    """The winners of the history are five times as often of the lot's own town."""
    rankers, measure = trained.report["rankers"], "Success@10"
    near, anywhere = (
        rankers[key]["held back"]["measures"]["all"][measure][0] for key in ("all", "relevance")
    )
    assert near > anywhere + 0.1


def test_contributions_add_up_and_scores_fall(opened: Matcher) -> None:
    for request_ in (ANYONE, INVITE):
        for _, wanted in lots_to_come(3):
            shown = opened.shortlist(wanted, request_).suggestions
            for one in shown:
                whole = sum(one.contributions.values()) + one.base
                assert whole == pytest.approx(one.score, abs=1e-9)
            assert [s.score for s in shown] == sorted((s.score for s in shown), reverse=True)


# --- what it does not hold ---


def _written(folder: Path) -> str:
    """All that the files of a bundle say, in lower case, arrays unpacked."""
    parts = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".npz":
            with path.open("rb") as file, np.load(file) as arrays:
                parts += [arrays[name].tobytes().decode("latin-1") for name in arrays.files]
        parts.append(path.read_bytes().decode("latin-1"))
    return "\n".join(parts).lower()


def test_a_bundle_holds_no_supplier_and_no_award(trained: Trained) -> None:
    written = _written(trained.folder)
    assert "slate" in written, "words of trades are learned"
    for one in _providers(items()):
        assert one.id.lower() not in written
        assert one.name.lower() not in written
        assert (one.profile or one.name).lower() not in written
    for one in _awards(items()):
        assert one.id not in written
        assert one.lot.id not in written
        assert one.lot.title.lower() not in written
    for postcode, _ in TOWNS.values():
        assert postcode.lower() not in written


def test_no_supplier_name_is_in_a_vocabulary(trained: Trained) -> None:
    known = trained.bundle.knowledge
    assert known.embedder is not None
    coder = known.embedder.coder
    own = {stem for n in range(3 * SUPPLIERS) for stem in text.words(coined(n))}
    own |= {stem for n in range(1000, 1700) for stem in text.words(coined(n))}
    assert len(own) > 600
    for vocabulary in (
        *(coder.words.terms, coder.name_words.terms, coder.places),
        *(known.background.frequency, known.background.places),
    ):
        assert vocabulary
        assert not own & set(vocabulary)


def test_a_word_of_too_few_documents_is_in_no_vocabulary(trained: Trained) -> None:
    known, given = trained.bundle.knowledge, items()
    assert known.embedder is not None
    coder = known.embedder.coder
    heard = [set(text.words(f"{a.lot.title} {a.lot.description}")) for a in _awards(given)]
    said = [set(text.words(p.profile)) for p in _providers(given)]
    named = [set(text.words(p.name)) for p in _providers(given)]
    for terms, documents, least in (
        (coder.words.terms, heard + said, LEAST),
        (coder.name_words.terms, named, LEAST),
        (known.background.frequency, heard, background.LEAST),
        (known.background.places, named, background.LEAST_NAMED),
    ):
        for word in terms:
            assert sum(word in each for each in documents) >= least, word


def test_words_that_name_places_are_in_no_vocabulary_of_names(trained: Trained) -> None:
    known = trained.bundle.knowledge
    assert known.embedder is not None
    towns = {stem for town in TOWNS for stem in text.words(town)}
    assert known.background.places <= towns
    assert known.background.places
    assert known.embedder.coder.places == known.background.places
    assert not known.background.places & set(known.embedder.coder.name_words.terms)


# --- what may not count when inviting changes nothing ---


def _moved(one: Provider, number: int) -> Provider:
    """The same supplier, elsewhere and of another size."""
    site = replace(one.sites[0], postcode=list(TOWNS.values())[number % len(TOWNS)][0])
    sizes = [size for size in Size if size is not one.size]
    return replace(one, sites=(site,), size=sizes[number % len(sizes)], income=5e6 - number)


def _resold(one: Award, number: int, moved: dict[str, Provider]) -> Award:
    """The same award to the same suppliers, by another buyer and for another price."""
    buyer = f"Somebody Else {number}"
    suppliers = tuple(moved[each.id] for each in one.suppliers)
    wanted = replace(one.lot, buyer=buyer, value=1e6 + number)
    return replace(one, lot=wanted, suppliers=suppliers, value=1e6 + number)


@pytest.fixture(scope="module")
def other(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, trained: Trained
) -> Matcher:
    """The same history, but everyone is elsewhere, of another size, and sold to others."""
    given = items()
    moved = {p.id: _moved(p, i) for i, p in enumerate(_providers(given))}
    resold = [_resold(a, i, moved) for i, a in enumerate(_awards(given))]
    made: list[Provider | Award] = [*moved.values(), *resold]
    return asked_of(tmp_path_factory.mktemp("other"), places_table, trained, made)


def _ranking(one: Matcher, wanted: Lot, request_: Request) -> list[tuple[str, float]]:
    return [(s.id, s.score) for s in one.shortlist(wanted, request_).suggestions]


def test_place_size_and_record_change_nothing_of_whom_to_invite(
    opened: Matcher, other: Matcher
) -> None:
    request_ = replace(INVITE, limit=60)
    for _, wanted in lots_to_come(12):
        ranking = _ranking(opened, wanted, request_)
        assert len(ranking) > 10
        assert json.dumps(ranking) == json.dumps(_ranking(other, wanted, request_))


def test_place_size_and_record_count_in_an_engagement(opened: Matcher, other: Matcher) -> None:
    wanted = [each for _, each in lots_to_come(6)]
    assert [_ranking(opened, each, ANYONE) for each in wanted] != [
        _ranking(other, each, ANYONE) for each in wanted
    ]


# --- too little to learn from, and interruptions ---


def _train(folder: Path, given: list[Any], cache: Path, **options: Any) -> None:
    settings, progress = (
        options.pop(k, d) for k, d in (("settings", SETTINGS), ("progress", silent))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LBD_CACHE", str(cache))
        more = Given(trust_ids=True, **options)
        train_files([feed(*given)], folder, settings, progress, more)


def test_without_an_award_nothing_is_learned(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(BundleError, match="--awards: no award is known"):
        _train(tmp_path / "none", _providers(items()), cache)
    assert not list(tmp_path.iterdir())


def test_too_few_lots_are_refused_with_the_window_and_the_mend(tmp_path: Path, cache: Path) -> None:
    said = r"too little to learn from: \d+ lots of local government from 2025-06-01 .*is 20; give"
    with pytest.raises(BundleError, match=said):
        _train(tmp_path / "few", items(60), cache)
    assert not list(tmp_path.iterdir())


def test_lots_of_others_than_councils_are_counted_only_where_wanted(
    tmp_path: Path, cache: Path
) -> None:
    private = [
        replace(one, lot=replace(one.lot, buyer_kind="")) if isinstance(one, Award) else one
        for one in items()
    ]
    with pytest.raises(BundleError, match="0 lots of local government"):
        _train(tmp_path / "none", private, cache)


def test_nothing_known_before_the_first_window_is_refused(tmp_path: Path, cache: Path) -> None:
    late = [i for i in items() if isinstance(i, Provider) or i.day >= date(2025, 6, 1)]
    with pytest.raises(BundleError, match="no award from before 2025-06-01 is known"):
        _train(tmp_path / "late", late, cache)


def test_awards_of_a_day_to_come_are_not_learned_from(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(BundleError, match="no award from before 2024-12-01 is known"):
        _train(tmp_path / "early", items(), cache, until=date(2025, 4, 1))


class _Stopped(Exception):
    """Somebody pressed the key."""


@pytest.mark.parametrize("stage", ["writing providers", "growing trees"])
def test_an_interruption_leaves_nothing_behind(
    stage: str, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    def stop(told: str, done: int, total: int | None) -> None:
        if told.startswith(stage):
            raise _Stopped

    with pytest.raises(_Stopped):
        _train(tmp_path / "bundle", items(), cache, progress=stop)
    assert not list(scratch.glob("local-by-default-training-*"))
    assert [p.name for p in tmp_path.iterdir()] == ["scratch"]


def test_something_else_is_not_overwritten_and_nothing_is_read(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear all")

    def unread() -> Iterator[Any]:
        raise AssertionError("read before it was refused")
        yield

    with pytest.raises(BundleError, match="something other than a bundle"):
        train_files(unread(), tmp_path / "mine", SETTINGS, silent)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear all"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Given(relevance="hand"), "--relevance hand: that bundle has no relevance"),
        (Given(encoders=Path("nowhere")), "--encoders nowhere: no encoder there"),
    ],
)
def test_what_cannot_be_used_is_refused_before_a_record_is_read(
    tmp_path: Path, given: Given, said: str
) -> None:
    def unread() -> Iterator[Any]:
        raise AssertionError("read before it was refused")
        yield

    with pytest.raises(BundleError, match=said):
        train_files(unread(), tmp_path / "bundle", SETTINGS, silent, given)
    assert not list(tmp_path.iterdir())


def test_a_bundle_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("training.learning.files.page", lambda *_: "<p>report</p>")
    out = tmp_path / "mine"
    save(Bundle("first", "", {}, {}), {}, out)
    (out / "of the first.note").write_text("x")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="disk full"):
            save(Bundle("second", "", {}, {}), {}, out)
    assert Bundle.open(out, ()).name == "first"
    save(Bundle("second", "", {}, {}), {}, out)
    assert Bundle.open(out, ()).name == "second"
    assert sorted(p.name for p in out.iterdir()) == [
        "background.json",
        "bundle.json",
        "distances.json",
        "report.html",
        "report.json",
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
