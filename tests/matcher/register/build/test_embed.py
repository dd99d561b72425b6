from __future__ import annotations

import errno
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from matcher.core import workers
from matcher.core.errors import RegisterBusy, RegisterError
from matcher.core.types import Award, Lot, Provider
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register import encoded_texts
from matcher.register.build import embed as embedding
from matcher.register.build.embed import embed, embed_copy
from matcher.register.build.erase import suppress
from matcher.register.build.snapshot import COPY, require_space_for_copy
from matcher.register.encoded_texts import award_texts, offers, vectors_of
from matcher.register.register import Register
from models.background import Background
from models.bundle import Bundle
from models.calibrated_ranker import CalibratedRanker, Floor
from models.embedder import Embedder
from models.encoder import STORED, Encoder
from models.errors import BundleError
from models.knowledge import Knowledge
from models.ranker import LinearRanker
from tests import encoders, learned
from tests.factory import award, lot, provider
from tests.registers import registered, snapshots

ROOFER = provider("R", "WS1 1TP", name="Zorkquib Slate Roof", profile="slates and gutters")
COOK = provider("C", "B70 8DB", name="Vandmulp Kitchen Lunch")
MUTE = provider("M", name="Ltd", profile="nothing that is known")
PLACES = frozenset({"walsal"})
ANYONE = Request(wish=Filters(everyone=True))


def _lot(title: str) -> Lot:
    return lot(title=title, postcode="WS1 1TP", day=date(2026, 9, 1))


WON: tuple[Provider | Award, ...] = (
    award("a-1", COOK, lot=lot(id="a-1", title="Meals and lunches", cpv=("55500000",))),
    award("a-2", ROOFER, lot=lot(id="a-2", title="Gutters in Walsall", cpv=("45260000",))),
)


def bundle(folder: Path, embedder: Embedder | None, encoder: Encoder | None = None) -> Path:
    """A bundle in `folder` that ranks only by the meaning of names."""
    ranker = LinearRanker(("name_meaning", "profile_meaning"), (1.0, 1.0))
    calibrated = CalibratedRanker(ranker, Floor(LinearRanker((), ())))
    known = Knowledge(Background(places=PLACES), embedder=embedder, encoder=encoder)
    Bundle(folder.name, "", {}, {"all": calibrated, "relevance": calibrated}, known).save(folder)
    return folder


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return bundle(tmp_path / "ours", learned.embedder())


@pytest.fixture
def reg(tmp_path: Path, places_table: Path) -> Path:
    registered(tmp_path / "reg", places_table, ROOFER, COOK, MUTE, *WON)
    return tmp_path / "reg"


def _opened(folder: Path) -> Bundle:
    return Bundle.open(folder, FEATURES)


# --- opening ---


def test_a_register_without_vectors_is_refused_with_the_command_to_make_them(
    reg: Path, ours: Path
) -> None:
    with pytest.raises(BundleError) as wrong:
        Matcher.open(reg, ours)
    message = str(wrong.value)
    assert "made by no bundle" in message
    assert f"`matcher build --register {reg} --bundle " in message
    embed(reg, _opened(ours))
    shortlist = Matcher.open(reg, ours).shortlist(_lot("Slates for a roof"), ANYONE)
    assert shortlist.suggestions[0].id == "R"


def test_vectors_of_another_bundle_are_refused_naming_it(
    reg: Path, ours: Path, tmp_path: Path
) -> None:
    embed(reg, _opened(ours))
    other = bundle(tmp_path / "other", learned.learnt(seed=3))
    with pytest.raises(BundleError, match="were made by ours, not by this bundle"):
        Matcher.open(reg, other)
    assert Matcher.open(reg, "hand").register.vectors is not None
    embed(reg, _opened(other))
    assert Matcher.open(reg, other).bundle.knowledge.embedder is not None
    with pytest.raises(BundleError, match="run `matcher build"):
        Matcher.open(reg, ours)


def test_vectors_of_an_earlier_version_are_refused_as_such(
    reg: Path, ours: Path, tmp_path: Path
) -> None:
    embed(reg, _opened(ours))
    later = bundle(tmp_path / "later" / "ours", learned.learnt(seed=3))
    with pytest.raises(BundleError, match="were made by another version of it, or of this program"):
        Matcher.open(reg, later)


def test_a_program_that_runs_is_to_start_again_where_a_later_version_made_the_vectors(
    reg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version has another table of families, from which it makes other vectors."""
    reading = bundle(tmp_path / "reading", None, encoders.tiny())
    embed(reg, _opened(reading))
    running = Matcher.open(reg, reading)
    with monkeypatch.context() as later:
        later.setattr(encoded_texts, "table_version", lambda: "later")
        embed(reg, _opened(reading))
    with pytest.raises(
        BundleError, match="start this program again if it or its bundle was replaced"
    ):
        running.renewed()


def test_the_command_in_the_refusal_can_be_run(reg: Path, ours: Path) -> None:
    with pytest.raises(BundleError) as wrong:
        Matcher.open(reg, ours)
    command = str(wrong.value).split("`")[1].split()
    named = command[command.index("--bundle") + 1]
    assert (
        Bundle.open(named, FEATURES).knowledge.embedder_version
        == _opened(ours).knowledge.embedder_version
    )


# --- making vectors anew ---


def test_making_vectors_changes_nothing_else(reg: Path, ours: Path) -> None:
    before = Register.open(reg)
    plain = {
        str(p.relative_to(before.folder)): p.read_bytes()
        for p in sorted(before.folder.rglob("*"))
        if p.is_file()
    }
    manifest = json.loads(plain.pop("manifest.json"))
    version = embed(reg, _opened(ours))
    after = Register.open(reg)
    now = {
        str(p.relative_to(after.folder)): p.read_bytes()
        for p in sorted(after.folder.rglob("*"))
        if p.is_file() and "vectors" not in p.relative_to(after.folder).parts
    }
    manifest_now = json.loads(now.pop("manifest.json"))
    assert now == plain
    assert version == after.version != manifest["version"]
    changed = {key for key in manifest_now if manifest_now[key] != manifest.get(key)}
    assert changed == {"bundle", "files", "made_by", "meaning", "version"}
    assert len(snapshots(reg)) == 1


def test_the_same_bundle_gives_the_same_version_again(reg: Path, ours: Path) -> None:
    first = embed(reg, _opened(ours))
    assert embed(reg, _opened(ours)) == first
    assert Register.open(reg).version == first


def test_built_with_the_bundle_or_made_afterwards_is_the_same(
    reg: Path, ours: Path, tmp_path: Path, places_table: Path
) -> None:
    options = {"bundle": _opened(ours)}
    at_once = registered(tmp_path / "two", places_table, ROOFER, COOK, MUTE, *WON, **options)
    assert embed(reg, _opened(ours)) == at_once.version


def test_a_bundle_without_an_embedder_leaves_no_vectors(
    reg: Path, ours: Path, tmp_path: Path
) -> None:
    plain = Register.open(reg).version
    embed(reg, _opened(ours))
    assert embed(reg, _opened(bundle(tmp_path / "plain", None))) == plain
    assert Register.open(reg).vectors is None


def test_an_interruption_leaves_the_register_unchanged(reg: Path, ours: Path) -> None:
    before = Register.open(reg).version

    def stop(stage: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed(reg, _opened(ours), stop)
    assert Register.open(reg).version == before
    assert len(snapshots(reg)) == 1


# --- what the vectors are ---


def test_vectors_are_those_of_the_embedder_row_by_row(reg: Path, ours: Path) -> None:
    embed(reg, _opened(ours))
    register, embedder = Register.open(reg), learned.embedder()
    vectors = register.vectors
    assert vectors is not None
    for id_, names in (("R", ("Zorkquib Slate Roof",)), ("C", ("Vandmulp Kitchen Lunch",))):
        row = register.row(id_)
        assert row is not None
        assert vectors.names[row] == pytest.approx(embedder.name(names), abs=1e-6)
    (speaks,) = vectors.profile_rows.tolist()
    assert speaks == register.row("R")
    assert vectors.awards.shape == (2, embedder.size)


def test_vectors_in_memory_are_those_on_disk(reg: Path, ours: Path) -> None:
    opened = _opened(ours)
    embed(reg, opened)
    register, known = Register.open(reg), opened.knowledge
    assert register.vectors is not None
    assert known.embedder is not None
    texts = list(award_texts(register.folder, known.background))
    made = vectors_of(known.embedder, texts, list(offers(register.folder, known.background)))
    for name in ("awards", "names", "profiles", "profile_rows"):
        assert np.array_equal(getattr(made, name), getattr(register.vectors, name)), name


def test_parts_give_the_file_that_numpy_writes_of_all(
    reg: Path, ours: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(embedding, "_PART", 2)
    monkeypatch.setattr(workers, "ALL_CORES", 1)
    embed(reg, _opened(ours))
    file = Register.open(reg).folder / "vectors" / "names.npy"
    whole = np.load(file)
    assert len(whole) == 3
    np.save(tmp_path / "whole.npy", whole)
    assert file.read_bytes() == (tmp_path / "whole.npy").read_bytes()
    assert {path.name for path in file.parent.glob("names*")} == {"names.npy"}


def test_an_award_has_the_vector_of_the_same_lot(reg: Path, ours: Path) -> None:
    embed(reg, _opened(ours))
    opened = Matcher.open(reg, ours)
    for number in range(2):
        past_lot = opened.register.awards[number].lot
        query = opened.query(replace(past_lot, id="new", day=date(2026, 9, 1)), ANYONE)
        assert query.meaning is not None
        assert query.meaning.vector.any()
        assert query.meaning.vectors.awards[number].tolist() == query.meaning.vector.tolist()


def test_place_words_are_left_out_of_profiles(reg: Path) -> None:
    register = Register.open(reg)
    row = register.row("R")
    assert row is not None
    (_, words) = list(offers(register.folder, Background()))[row]
    (_, left) = list(offers(register.folder, Background(places=frozenset({"slate"}))))[row]
    assert words == {**left, "slate": 1.0}
    assert left


def test_only_the_known_awards_are_read(reg: Path) -> None:
    folder = Register.open(reg).folder
    assert len(list(award_texts(folder, Background()))) == 2
    assert len(list(award_texts(folder, Background(), 1))) == 1


# --- copies for another bundle ---


def test_a_copy_that_is_made_while_the_register_loses_somebody_does_not_stay(
    reg: Path, ours: Path, tmp_path: Path
) -> None:
    """The copy may be in the register, where a removal deletes copies, or in another folder."""
    for out in (reg / f"{COPY}1", tmp_path / "scratch" / "copy"):
        gone = _somebody_in(reg)

        def remove(stage: str, done: int, total: int | None, gone: str = gone) -> None:
            if Register.open(reg).row(gone) is not None:
                suppress(reg, gone)

        with pytest.raises(RegisterError, match=f"--register {reg}: was changed while a copy"):
            embed_copy(reg, out, _opened(ours), remove)
        assert not out.exists()
        assert len(snapshots(reg)) == 1
        assert Register.open(reg).row(gone) is None
    embed_copy(reg, tmp_path / "copy", _opened(ours))
    kept = Register.open(tmp_path / "copy")
    assert kept.row(gone) is None
    assert kept.version != Register.open(reg).version


def _somebody_in(reg: Path) -> str:
    """The id of an organisation that the register has."""
    register = Register.open(reg)
    rows = range(len(register.organisations))
    return next(
        one.id
        for one in (register.organisations[row].provider for row in rows)
        if not one.id.startswith("suppressed-")
    )


def test_of_two_who_make_one_copy_the_second_is_told_to_wait(
    reg: Path, ours: Path, tmp_path: Path
) -> None:
    out, refused = tmp_path / "copy", list[str]()

    def make_too(stage: str, done: int, total: int | None) -> None:
        with pytest.raises(RegisterBusy, match="another run makes a copy") as busy:
            embed_copy(reg, out, _opened(ours))
        refused.append(str(busy.value))

    embed_copy(reg, out, _opened(ours), make_too)
    assert refused
    assert all(f"--register {reg}:" in words and "wait until" in words for words in refused)
    assert len(Register.open(out).organisations) == 3


@pytest.mark.parametrize("place", ["beside", "inside"])
def test_a_disk_that_is_full_while_a_copy_is_made_leaves_nothing(
    reg: Path, ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    before = Register.open(reg).version
    out = (reg if place == "inside" else tmp_path) / f"{COPY}1"
    there = {path.name for path in (*reg.iterdir(), *tmp_path.iterdir())}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(embedding, "write_vectors", full)
    with pytest.raises(
        RegisterError, match=r"--register .*no copy of the register could be made"
    ) as told:
        embed_copy(reg, out, _opened(ours))
    assert f"in {out.parent} the disk is full" in str(told.value)
    assert ("--register" if place == "inside" else "$TMPDIR") in str(told.value).partition("disk")[
        2
    ]
    assert {path.name for path in (*reg.iterdir(), *tmp_path.iterdir())} == there
    assert Register.open(reg).version == before
    monkeypatch.undo()
    embed_copy(reg, out, _opened(ours))
    assert Register.open(out).vectors is not None


def test_a_disk_that_is_too_small_for_a_copy_is_named_before_it_is_made(
    reg: Path, ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed(reg, _opened(ours))
    folder = Register.open(reg).folder
    vectors = sum(file.stat().st_size for file in (folder / "vectors").iterdir())
    assert require_space_for_copy(reg, folder, tmp_path) == vectors
    usage = shutil.disk_usage(tmp_path)._replace(free=vectors - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(RegisterError, match=r"needs at least 0\.00 GB.*\$TMPDIR"):
        require_space_for_copy(reg, folder, tmp_path)
    with pytest.raises(RegisterError, match="another disk with --register"):
        require_space_for_copy(reg, folder, reg)
    usage = usage._replace(free=vectors)
    assert require_space_for_copy(reg, folder, tmp_path) == vectors


def test_processes_that_live_on_read_the_encoder_that_is_at_a_path_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a cluster, and of a program that embeds twice, outlive the bundle at a path."""
    monkeypatch.setattr(embedding, "_WORTH_PROCESSES", 1)
    path, texts = tmp_path / "encoder.npz", ["grass cutting", "meals at home", "roofing"]

    def encoded(encoder: Encoder) -> list[list[int]]:
        with workers.running_on("1"):
            parts = list(embedding.encode_many(encoder, texts))
        return [list(vector) for part in parts for vector in part.tolist()]

    encoders.tiny(0).save(path)
    before = Encoder.open(path)
    first = encoded(before)
    encoders.tiny(1).save(path)
    after = Encoder.open(path)
    assert encoded(after) == after.encode(texts, STORED).tolist() != first
    with pytest.raises(BundleError, match="changed since it was opened; start again"):
        encoded(before)
    encoders.tiny(0).save(path)
    assert encoded(before) == first
