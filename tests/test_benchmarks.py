"""The benchmarks run: on a handful of providers, without a word about how long it takes."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from benchmarks import evaluation, pages, payments, peers, replay, replay_bundles, speed
from benchmarks import runs as many
from matcher.core.types import Award, Provider
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from matcher.register.register import Register
from models.bundle import DEFAULT, Bundle
from tests.factory import award, lot, provider
from tests.gazetteer import small_table
from tests.registers import calibrated, registered
from training.evaluation import runs

REAL = [
    provider("GB-CHC-1", "WS1 1TP", name="Walsall Home Care", profile="home care for the old"),
    provider("GB-CHC-2", "IP1 2BX", name="Ipswich Youth Club", profile="a club for young people"),
    provider("GB-CHC-3", name="Nowhere Trust", income=50_000.0),
]
SIZE = 25


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> PostcodeTable:
    return small_table(tmp_path_factory.mktemp("places"))


@pytest.fixture
def files(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Path]:
    """A file of profiles and one of awards; and the small table in place of the whole."""
    places = tmp_path_factory.mktemp("table")
    small_table(places)
    monkeypatch.setattr(PostcodeTable, "cached", lambda: places)
    profiles = tmp_path / "profiles.jsonl"
    rows = [
        {
            "id": p.id,
            "name": p.name,
            "profile": p.profile,
            "postcode": [s.postcode for s in p.sites],
        }
        for p in REAL
    ]
    profiles.write_text("".join(json.dumps(row) + "\n" for row in rows))
    awards = tmp_path / "awards.jsonl"
    awards.write_text("".join(json.dumps(_release(n)) + "\n" for n in range(4)))
    return profiles, awards


def _release(number: int) -> dict[str, object]:
    """An award of August 2022 of home care in Walsall to a supplier there."""
    supplier = {
        "id": f"GB-COH-0000000{number}",
        "name": f"Carers {number} Ltd",
        "roles": ["supplier"],
        "address": {"postalCode": "WS1 2AA"},
    }
    buyer = {"id": "GB-LAC-1", "name": "Walsall Council", "roles": ["buyer"]}
    return {
        "ocid": f"ocds-b5fd17-{number}",
        "id": f"{number}-1",
        "date": f"2022-08-0{number + 1}T00:00:00Z",
        "tag": ["award"],
        "parties": [supplier, buyer],
        "buyer": {"id": "GB-LAC-1", "name": "Walsall Council"},
        "tender": {
            "id": f"t{number}",
            "title": "Home care for older people",
            "items": [{"id": "1", "deliveryAddresses": [{"postalCode": "WS1 1TP"}]}],
        },
        "awards": [
            {
                "id": f"a{number}",
                "date": f"2022-08-0{number + 1}T00:00:00Z",
                "suppliers": [{"id": supplier["id"], "name": supplier["name"]}],
            }
        ],
    }


def _invented(table: PostcodeTable) -> list[Provider]:
    tally, feed = speed.invented(REAL, table, SIZE)
    found = [one for one in feed if isinstance(one, Provider)]
    assert tally.read == tally.kept == len(found)
    return found


def test_invented_providers_have_ids_of_their_own_and_postcodes_of_the_table(
    table: PostcodeTable,
) -> None:
    found = _invented(table)
    assert len({one.id for one in found}) == SIZE
    assert all(one.id.startswith("TEST-") for one in found)
    places = [table.find(site.postcode) for one in found for site in one.sites]
    assert all(place is not None and place.how.name == "EXACT" for place in places)


def test_invention_is_the_same_twice(table: PostcodeTable) -> None:
    assert _invented(table) == _invented(table)


def test_a_supplier_becomes_one_invented_provider_and_keeps_its_address() -> None:
    real = award("a-1", provider("GB-COH-1", "WS1 1TP"), provider("GB-COH-2", "IP1 2BX"))
    (found,) = speed.won_by_invented(iter([real]), SIZE)
    (again,) = speed.won_by_invented(iter([real]), SIZE)
    known = {speed.test_id(number) for number in range(SIZE)}
    assert [one.sites for one in found.suppliers] == [one.sites for one in real.suppliers]
    assert {one.id for one in found.suppliers} <= known
    assert found == again


def test_suppliers_are_spread_over_the_invented_providers() -> None:
    many = award("a-1", *(provider(f"GB-COH-{number}") for number in range(50)))
    (found,) = speed.won_by_invented(iter([many]), SIZE)
    assert len({one.id for one in found.suppliers}) > SIZE // 2


def test_every_system_is_timed_once_a_lot() -> None:
    asked: list[str] = []
    systems = {"a": lambda one: asked.append(one.id), "b": lambda one: None}
    lots = [lot(id=str(number)) for number in range(5)]
    times = speed.timed(systems, lots)
    assert {name: len(taken) for name, taken in times.items()} == {"a": 5, "b": 5}
    assert set(asked) == {one.id for one in lots}


def test_ratios_are_to_the_peer() -> None:
    times = {speed.LOCAL: [1.0, 1.0, 1.0], speed.EVERYONE: [8.0] * 3, speed.PEER: [4.0] * 3}
    rows = {row["system"]: row for row in speed.summary(9, "lite", times)}
    assert rows[speed.LOCAL]["median / peer"] == pytest.approx(0.25)
    assert rows[speed.EVERYONE]["p95 / peer"] == pytest.approx(2.0)
    assert rows[speed.PEER]["median ms"] == pytest.approx(4.0)


def test_a_register_of_the_size_asked_for_is_built_opened_and_asked(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    profiles, awards = files
    register, peer = tmp_path / "register", tmp_path / "peer"
    speed.make_register(register, profiles, awards, SIZE, "lite")
    built = Register.open(register)
    assert len(built) == SIZE
    assert built.known_awards == 4
    speed.make_peer(peer, register)
    lots = speed.sample(awards, date(2022, 7, 1), date(2022, 9, 30), 2)
    assert [one.title for one in lots] == ["Home care for older people"] * 2
    opened = speed.open_all(register, peer, "lite")
    systems = opened.systems
    for system in systems.values():
        assert system(lots[0]) is not None
    rows = list(speed.summary(SIZE, "lite", speed.timed(systems, lots)))
    assert [row["lots"] for row in rows] == [2, 2, 2]
    assert speed.batch_seconds(opened.matcher, lots) > 0


def test_an_encoder_is_measured_only_where_it_can_read_all_texts() -> None:
    given = speed._arguments(["--providers", "P", "--awards", "A", "--encode-up-to", "30000"])
    assert list(speed.asked(given)) == [(30_000, "lite"), (30_000, DEFAULT), (1_000_000, "lite")]


def test_a_run_of_many_lots_takes_the_notices_of_its_window(tmp_path: Path) -> None:
    days = ("2022-05-31", "2022-06-01", "2022-07-01", "2022-09-30", "2022-10-01")
    awards = tmp_path / "awards.jsonl.gz"
    lines = "".join(json.dumps({"date": f"{day}T00:00:00Z"}) + "\n" for day in days)
    awards.write_bytes(gzip.compress(lines.encode()))
    found = many.notices(awards, date(2022, 6, 1), date(2022, 9, 30), 2)
    assert [json.loads(line)["date"][:10] for line in found] == ["2022-06-01", "2022-07-01"]


def test_lots_are_spread_evenly_over_the_window(files: tuple[Path, Path]) -> None:
    _, awards = files
    days = [one.day for one in speed.sample(awards, date(2022, 8, 1), date(2022, 8, 31), 2)]
    assert days == [date(2022, 8, 1), date(2022, 8, 3)]
    assert not speed.sample(awards, date(2021, 8, 1), date(2021, 8, 31), 2)


A, B, C = (provider(f"GB-COH-{letter}", name="Anybody Ltd") for letter in "abc")
FILLER = [
    award(f"filler-{n}", provider(f"GB-COH-x{n}"), lot=lot(title=f"Gritting of road {n}", cpv=()))
    for n in range(5)
]
"""Awards of other work, so that no word of the tests is in most notices."""


def won(id: str, *suppliers: Provider, **said: object) -> Award:
    return award(id, *suppliers, lot=lot(id=id, **said))


def known(*history: Award, pool: Sequence[Provider] = (A, B, C)) -> peers.Known:
    return peers.Known.of([*history, *FILLER], {one.id: one for one in pool})


def first(system: peers.System, **said: object) -> list[str]:
    """The last letter of the id of each supplier that `system` gives for a lot."""
    return [found[-1] for found in system(won("asked", **said))]


def test_voting_credits_the_winners_of_the_notices_most_alike() -> None:
    system = peers.bm25_voting(
        known(
            won("1", A, title="Meals for a day centre"),
            won("2", B, title="Meals delivered to the homes of older people"),
            won("3", C, title="Repair of lifts"),
        )
    )
    assert first(system, title="Meals for older people at home") == ["b", "a"]


def test_in_voting_an_award_of_the_same_buyer_counts_for_more() -> None:
    history = [
        won("1", A, title="Repair of lifts", buyer="Walsall Council"),
        won("2", B, title="Repair of lifts", buyer="Ipswich Council"),
    ]
    system = peers.bm25_voting(known(*history))
    assert first(system, title="Repair of lifts", buyer="Walsall Borough Council") == ["a", "b"]
    assert first(system, title="Repair of lifts", buyer="Ipswich Borough Council") == ["b", "a"]


def test_in_voting_the_winners_of_a_joint_award_share_its_vote() -> None:
    history = [
        won("1", A, B, title="Repair of lifts"),
        won("2", C, title="Repair of lifts"),
        won("3", A, title="Repair of boats"),
    ]
    assert first(peers.bm25_voting(known(*history[:2])), title="Repair of lifts")[0] == "c"
    ranked = first(peers.bm25_voting(known(*history)), title="Repair of lifts and boats")
    assert ranked == ["a", "c", "b"]


def test_profiles_have_a_suppliers_past_awards_and_its_name() -> None:
    lifts = provider("GB-COH-n", name="Lift Repairs Ltd")
    history = [won(str(n), A, title="Repair of lifts in schools") for n in range(2)]
    other = won("3", B, title="School meals")
    system = peers.bm25_profiles(known(*history, other, pool=(A, B, C, lifts)))
    ranked = first(system, title="Repair of school lifts")
    assert ranked[-1] == "b"
    assert set(ranked) == {"a", "n", "b"}


def test_profiles_know_codes_and_buyers_unless_plain() -> None:
    history = [
        won("1", A, title="Repair of lifts", cpv=("50750000",)),
        won("2", B, title="Maintenance", cpv=("85000000",), buyer="Walsall Council"),
        won("3", C, title="Maintenance", cpv=("50750000",), buyer="Walsall Council"),
    ]
    asked = {"title": "Repair", "cpv": ("50750000",), "buyer": "Walsall Council"}
    assert first(peers.bm25_profiles(known(*history), peers.PLAIN), **asked) == ["a"]
    ranked = first(peers.bm25_profiles(known(*history)), **asked)
    assert set(ranked) == {"a", "b", "c"}
    assert ranked[0] == "c"


def test_a_deeper_code_in_common_counts_for_more() -> None:
    system = peers.cpv_hierarchy(
        known(
            won("1", A, cpv=("85320000",)),
            won("2", B, cpv=("85312300", "90000000")),
            won("3", C, cpv=("45000000",)),
        )
    )
    assert first(system, cpv=("85312300",)) == ["b", "a"]
    assert first(system, cpv=("85322000",)) == ["a", "b"]


def test_one_deep_code_counts_for_more_than_many_shallow_ones() -> None:
    divisions = ("71", "45", "90", "79", "80", "72")
    wide = won("1", A, cpv=tuple(f"{two}100000" for two in divisions))
    system = peers.cpv_hierarchy(known(wide, won("2", B, cpv=("85312300",))))
    asked = ("85312300", *(f"{two}200000" for two in divisions))
    assert first(system, cpv=asked) == ["b", "a"]


def test_codes_are_summed_over_past_awards_and_a_common_one_counts_for_less() -> None:
    often = [won(f"often-{n}", B, cpv=("85312300",)) for n in range(2)]
    system = peers.cpv_hierarchy(known(won("1", A, cpv=("85312300",)), *often))
    assert first(system, cpv=("85312300",)) == ["b", "a"]
    system = peers.cpv_hierarchy(known(*often, won("1", A, cpv=("71311200",)), won("2", C)))
    assert first(system, cpv=("85312300", "71311200"))[0] == "b"
    crowd = [won(f"c-{n}", provider(f"GB-COH-{n}"), cpv=("85312300",)) for n in range(4)]
    rare = peers.cpv_hierarchy(known(*often[:1], *crowd, won("1", A, cpv=("71311200",))))
    assert first(rare, cpv=("85312300", "71311200"))[0] == "a"


def test_the_nearest_supplier_comes_first_and_one_without_a_place_not_at_all(
    table: PostcodeTable,
) -> None:
    far = provider("GB-COH-f", "EH8 8BG")
    two = provider("GB-COH-t", "CF10 4UW", "WS1 2AA")
    near = provider("GB-COH-n", "WS1 1TP")
    unknown = provider("GB-COH-u", "ZZ9 9ZZ")
    some = peers.Known.of([], {one.id: one for one in (far, A, unknown, two, near)})
    system = peers.nearest(some, table, Councils.open())
    assert first(system, postcode="WS1 1TP") == ["n", "t", "f"]
    assert first(system, postcode="CF10 4UW") == ["t", "n", "f"]
    assert first(system, postcode="") == []


def test_ties_are_broken_anew_for_each_lot_independent_of_file_order() -> None:
    crowd = [provider(f"GB-COH-{n:02}") for n in range(20)]
    joint = won("1", *crowd, title="Repair of lifts", cpv=("50750000",))
    asked = [won(f"asked-{n}", title="Repair of lifts", cpv=("50750000",)) for n in range(2)]
    for peer in (peers.bm25_profiles, peers.bm25_voting, peers.cpv_hierarchy):
        one = peer(known(joint, pool=crowd))
        again = peer(known(joint, pool=crowd[::-1]))
        assert set(one(asked[0])) == {supplier.id for supplier in crowd}
        assert one(asked[0]) == again(asked[0]) != one(asked[1])


def test_a_peer_without_matches_lists_no_provider() -> None:
    all_known = known(won("1", A, title="Repair of lifts", cpv=("50750000",)))
    for peer in (peers.bm25_profiles, peers.bm25_voting, peers.cpv_hierarchy):
        assert first(peer(all_known), title="Zoo", cpv=("03000000",)) == []


def test_no_peer_lists_more_than_a_hundred() -> None:
    crowd = [provider(f"GB-COH-{n}", name="Lifts") for n in range(150)]
    history = [won(f"{n}", one, title="Repair of lifts") for n, one in enumerate(crowd)]
    for peer in (peers.bm25_profiles, peers.bm25_voting):
        found = peer(known(*history))(won("asked", title="Repair of lifts"))
        assert len(found) == len(set(found)) == 100


def test_the_memory_of_a_process_is_without_that_of_its_parent(tmp_path: Path) -> None:
    small_table(tmp_path / "places")
    registered(tmp_path / "reg", tmp_path / "places", *REAL)
    held = b"held" * 100_000_000
    told = speed.in_separate_process("--open", str(tmp_path / "reg"), "hand")
    assert 10 < told["peak MB"] < len(held) / (1 << 20)


def asked_of(*lots: str) -> replay.AwardReplay:
    """A replay of lots that all were won by A."""
    return replay.AwardReplay(
        tuple(won(lot_id, A) for lot_id in lots), (), {"all": frozenset(lots)}
    )


def test_a_paired_difference_is_taken_lot_by_lot() -> None:
    lots = [str(n) for n in range(20)]
    runs: dict[str, replay.Run] = {
        "ours": {lot_id: [A.id] for lot_id in lots},
        "half": {lot_id: [B.id, A.id] for lot_id in lots},
        "silent": {lot_id: [] for lot_id in lots},
        "same": {lot_id: [A.id, C.id] for lot_id in lots},
    }
    rows = {row["peer"]: row for row in replay.paired(asked_of(*lots), runs, "ours")}
    assert set(rows) == {"half", "silent", "same"}
    assert rows["half"]["RR@100"] == [0.5, 0.5, 0.5]
    assert rows["half"]["Success@10"] == [0, 0, 0]
    assert rows["silent"]["Success@10"] == [1, 1, 1]
    assert rows["same"]["RR@100"] == [0, 0, 0]
    assert all(row["lots"] == 20 for row in rows.values())


def test_a_paired_difference_is_negative_where_the_other_is_ahead() -> None:
    lots = [str(n) for n in range(20)]
    ahead = {lot_id: [A.id] for lot_id in lots}
    behind = {lot_id: [A.id] if lot_id < "15" else [] for lot_id in lots}
    (row,) = replay.paired(asked_of(*lots), {"us": behind, "them": ahead}, "us")
    figures = row["Success@10"]
    assert isinstance(figures, list)
    mean, low, high = figures
    assert low < mean < high < 0


def test_the_replay_runs_the_product_and_its_peers_and_writes_what_can_be_evaluated(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profiles, awards = files
    out = tmp_path / "replay.json"
    window = ["--from", "2022-08-03", "--to", "2022-08-31"]
    given = ["--awards", str(awards), "--providers", str(profiles), "--json", str(out)]
    replay.main([*given, *window, "--bundle", "hand", "--runs", str(tmp_path / "runs")])
    frozen = json.loads(out.read_text())
    assert frozen["window"] == {
        "from": "2022-08-03",
        "to": "2022-08-31",
        "lots": 1,
        "past awards": 2,
        "suppliers": 5,
    }
    systems = dict.fromkeys(row["system"] for row in frozen["rows"])
    theirs = dict.fromkeys(row["peer"] for row in frozen["paired"])
    ours = [system for system in systems if system.startswith("ours (hand)")]
    assert [*theirs, *ours] == list(systems)
    assert {row["ours"] for row in frozen["paired"]} == {ours[0]}
    printed = capsys.readouterr().out
    assert all(peer in printed for peer in theirs)
    found = {path.name: runs.read(path) for path in (tmp_path / "runs").iterdir()}
    assert {"ours-hand-engagement.run", "bm25-over-profiles-tuned.run"} <= set(found)
    assert found["ours-hand-engagement.run"].ran


def test_the_officers_pages_are_visited_and_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "places"
    small_table(folder)
    registered(tmp_path / "reg", folder, *REAL, bundle=Bundle.open(DEFAULT, FEATURES))
    spec = tmp_path / "spec.txt"
    spec.write_text("Lot 1: Home care\nFor the old, WS1 1TP\nLot 2: A club for young people\n")
    monkeypatch.setattr(pages, "CHROMIUM", tmp_path / "none")
    report = pages.measure(tmp_path / "reg", spec, rounds=2)
    pages.show(report)
    assert all(one.size > 1000 and one.times == 2 for one in report.pages)
    assert report.drawn is None


def test_a_run_is_evaluated_with_the_same_means_as_ir_measures(tmp_path: Path) -> None:
    out = tmp_path / "evaluation.json"
    evaluation.main(["--lots", "12", "--deep", "5", "--json", str(out)])
    found = json.loads(out.read_text())
    assert found["lines"] == 60
    assert found["means apart"] < 1e-6


def test_payments_are_measured_with_the_bundle_that_was_trained_for_the_replay(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles, awards = files
    spend = tmp_path / "spend.csv"
    spend.write_text(
        "Body Name,Organisation Code,Payment Date,Expense Type,Supplier Name,Net Amount\n"
        "Walsall Council,E08000030,01/04/2022,Home care,A Care Ltd,35448.43\n"
    )
    bundle = calibrated(tmp_path / "bundle")
    monkeypatch.setattr(replay_bundles, "learned_into_window", lambda *_: True)

    def train(_register: Path, out: Path, *_others: object, **_more: object) -> None:
        shutil.copytree(bundle, out)

    monkeypatch.setattr(replay_bundles, "train_before", train)
    asked: list[str | Path] = []
    opened = Matcher.open
    monkeypatch.setattr(
        Matcher, "open", lambda folder, name: (asked.append(name), opened(folder, name))[1]
    )
    out = tmp_path / "payments.json"
    given = ["--awards", str(awards), "--providers", str(profiles), "--spend", str(spend)]
    window = ["--before", "2022-08-03", "--to", "2022-08-31", "--bundle", str(bundle)]
    payments.main([*given, *window, "--registers", str(tmp_path / "kept"), "--json", str(out)])
    without, with_payments = asked
    assert without == with_payments != bundle
    assert json.loads(out.read_text())["rows"]
