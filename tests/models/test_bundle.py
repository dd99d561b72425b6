from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import bundle as bundle_module
from models.background import Background
from models.bundle import DEFAULT, FORMAT, Bundle, refuse_to_overwrite, shipped
from models.calibrated_ranker import CalibratedRanker, Calibration, Fairness, Floor
from models.distances import EDGES_KM, Distances
from models.encoder import Encoder
from models.errors import BundleError
from models.knowledge import Knowledge
from models.ranker import LinearRanker
from tests import learned
from tests.encoders import services, tiny

FEATURES = ("near", "alike")
FLOOR = {"weights": {"alike": 1.0}, "base": 0.0, "least": 0.5}
GOOD: dict[str, Any] = {
    "format": FORMAT,
    "name": "tiny",
    "card": {"what": "two features"},
    "files": {},
    "rankers": {
        "all": {
            "kind": "linear",
            "base": 1.0,
            "weights": {"near": 2.0, "alike": 3.0},
            "floor": FLOOR,
        },
        "relevance": {"kind": "linear", "base": 0.0, "weights": {"alike": 3.0}},
    },
}


RANKERS = {"all": CalibratedRanker(LinearRanker(("near",), (1.0,)), Floor(LinearRanker((), ())))}


def _saved(folder: Path, saved: Any, **files: bytes) -> Path:
    """A bundle's folder; `files` are others in it, by name without ending, listed with digests."""
    path = folder / "tiny"
    path.mkdir(parents=True)
    for name, raw in files.items():
        (path / f"{name}.json").write_bytes(raw)
        listed = {f"{name}.json": sha256(raw).hexdigest()}
        saved = saved | {"files": saved["files"] | listed}
    raw = saved if isinstance(saved, bytes) else json.dumps(saved).encode()
    (path / "bundle.json").write_bytes(raw)
    return path


def _with(part: str, value: Any) -> dict[str, Any]:
    """GOOD, with one part of its first ranker replaced."""
    return GOOD | {"rankers": {"all": GOOD["rankers"]["all"] | {part: value}}}


# --- opening ---


def test_a_bundle_opens_with_its_rankers_and_card(tmp_path: Path) -> None:
    bundle = Bundle.open(_saved(tmp_path, GOOD), FEATURES)
    assert (bundle.name, bundle.card) == ("tiny", {"what": "two features"})
    assert bundle.ranker_for("all").ranker.features == FEATURES
    assert bundle.ranker_for("all").ranker.score(np.array([[1.0, 1.0]])).tolist() == [6.0]
    assert bundle.ranker_for("relevance").features == ("alike",)
    assert bundle.knowledge == Knowledge()


def test_a_folder_may_be_given_as_text(tmp_path: Path) -> None:
    assert Bundle.open(str(_saved(tmp_path, GOOD)), FEATURES).name == "tiny"


def test_the_version_follows_the_contents(tmp_path: Path) -> None:
    other = GOOD | {"card": {"what": "another"}}
    words = Background(10, {"care": 4})
    words.save(tmp_path / "words.json")
    folders = [_saved(tmp_path / name, s) for name, s in (("a", GOOD), ("b", GOOD), ("c", other))]
    read = (tmp_path / "words.json").read_bytes()
    folders.append(_saved(tmp_path / "d", GOOD, background=read))
    versions = [Bundle.open(folder, FEATURES).version for folder in folders]
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3
    assert Bundle.open(folders[-1], FEATURES).knowledge.background == words


@pytest.mark.parametrize("name", shipped())
def test_each_bundle_of_the_product_opens_by_name_with_its_card(name: str) -> None:
    from matcher.ranking.features.registry import FEATURES as COMPUTED

    bundle = Bundle.open(name, COMPUTED)
    assert bundle.name == name
    assert bundle.card["what"]
    assert set(bundle.rankers) == {"all", "relevance"}
    assert all(np.isfinite(s.floor.minimum) for s in bundle.rankers.values())


def test_the_usual_bundle_ships() -> None:
    assert DEFAULT in shipped()
    assert "hand" in shipped()


def test_the_floor_decides_who_is_listed(tmp_path: Path) -> None:
    bundle = Bundle.open(_saved(tmp_path, GOOD), FEATURES)
    x = np.array([[9.0, 0.4], [0.0, 0.5], [0.0, 0.6]])
    assert bundle.ranker_for("all").is_relevant(x).tolist() == [False, True, True]
    assert bundle.ranker_for("relevance").is_relevant(x[:, 1:]).tolist() == [True, True, True]


# --- what is refused ---


@pytest.mark.parametrize("name", ["nowhere", "", "../nowhere"])
def test_a_missing_bundle_is_refused_with_those_that_ship(name: str) -> None:
    with pytest.raises(
        BundleError, match=r"--bundle .*no bundle there; these come with the product: .*hand"
    ):
        Bundle.open(name, FEATURES)


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle there"):
        Bundle.open(tmp_path, FEATURES)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe\x00", b'{"format": 1, "rankers"'])
def test_a_damaged_bundle_is_refused(raw: bytes, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"--bundle tiny: bundle\.json is damaged"):
        Bundle.open(_saved(tmp_path, raw), FEATURES)


@pytest.mark.parametrize("part", ["rankers", "files"])
@pytest.mark.parametrize("value", [None, [], "all", 7])
def test_a_bundle_without_rankers_or_files_is_damaged(
    part: str, value: Any, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=rf"bundle\.json is damaged .*'{part}'"):
        Bundle.open(_saved(tmp_path, GOOD | {part: value}), FEATURES)


@pytest.mark.parametrize(
    ("saved", "found"),
    [
        (GOOD | {"format": FORMAT + 1}, str(FORMAT + 1)),
        (GOOD | {"format": FORMAT - 1}, str(FORMAT - 1)),
        (GOOD | {"format": str(FORMAT)}, str(FORMAT)),
        ({"rankers": GOOD["rankers"]}, "None"),
        ([GOOD], "list"),
    ],
)
def test_another_format_is_refused_and_named(saved: Any, found: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=f"format {found}, this version reads {FORMAT}"):
        Bundle.open(_saved(tmp_path, saved), FEATURES)


def test_features_that_the_code_does_not_compute_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"ranker 'all' needs features .*: alike, near") as wrong:
        Bundle.open(_saved(tmp_path, GOOD), ["size"])
    assert "bundle tiny" in str(wrong.value)


def test_features_of_a_floor_are_checked_too(tmp_path: Path) -> None:
    saved = _with("floor", FLOOR | {"weights": {"foreign": 1.0}})
    with pytest.raises(BundleError, match=r"ranker 'all' needs features .*: foreign"):
        Bundle.open(_saved(tmp_path, saved), FEATURES)


def test_features_that_no_ranker_wants_do_no_harm(tmp_path: Path) -> None:
    assert Bundle.open(_saved(tmp_path, GOOD), [*FEATURES, "size"]).name == "tiny"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_weights_that_are_no_numbers_are_refused(number: str, tmp_path: Path) -> None:
    raw = json.dumps(GOOD).replace("2.0", number).encode()
    with pytest.raises(BundleError, match="finite"):
        Bundle.open(_saved(tmp_path, raw), FEATURES)


def test_a_refused_ranker_names_the_bundle(tmp_path: Path) -> None:
    saved = _with("floor", FLOOR | {"least": "much"})
    with pytest.raises(BundleError, match=r"--bundle tiny: a floor needs"):
        Bundle.open(_saved(tmp_path, saved), FEATURES)


def test_a_signal_set_without_a_ranker_is_refused_with_those_there_are(tmp_path: Path) -> None:
    bundle = Bundle.open(_saved(tmp_path, GOOD), FEATURES)
    with pytest.raises(BundleError, match=r"no ranker for the signal set 'size'.*all, relevance"):
        bundle.ranker_for("size")
    with pytest.raises(BundleError, match="it has none"):
        replace(bundle, rankers={}).ranker_for("all")


# --- keeping ---


def whole() -> Bundle:
    """One of everything."""
    floor = Floor(LinearRanker(("idle", "alike"), (0.1, 1.0), 0.2), 0.75)
    curve = Calibration((-1.0, 0.5, 2.0), (0.0, 0.25, 0.75))
    calibrated_rankers = {
        "all": CalibratedRanker(learned.trees(), floor, curve, Fairness(0.2, 0.4), ("alike",)),
        "relevance": CalibratedRanker(learned.linear(), floor),
    }
    row = tuple(float(i) for i in range(len(EDGES_KM) + 1))
    known = Knowledge(
        Background(10, {"care": 4, "roof": 2}, frozenset({"walsal"})),
        Distances({"": row, "45": row}),
        learned.embedder(),
    )
    return Bundle("whole", "", {"what": "one of everything", "à": "é"}, calibrated_rankers, known)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "whole"
    whole().save(folder, {"report.html": "<p>told</p>"})
    return folder


def test_a_bundle_comes_back_as_it_was(kept: Path) -> None:
    before, after = whole(), Bundle.open(kept, learned.FEATURES)
    assert (after.name, after.card) == (before.name, before.card)
    assert len(after.version) == 16
    x = np.random.default_rng(2).random((30, len(learned.FEATURES)))
    for key, calibrated in before.rankers.items():
        again = after.ranker_for(key)
        assert again.features == calibrated.features
        assert again.ranker.score(x).tolist() == calibrated.ranker.score(x).tolist()
        assert again.is_relevant(x).tolist() == calibrated.is_relevant(x).tolist()
        assert len(set(again.is_relevant(x).tolist())) == 2
        assert (again.floor, again.calibration, again.fairness) == (
            (calibrated.floor, calibrated.calibration, calibrated.fairness)
        )
        assert again.prefilter == calibrated.prefilter
    assert after.knowledge.background == before.knowledge.background
    assert after.knowledge.distances == before.knowledge.distances
    assert after.knowledge.embedder_version == before.knowledge.embedder_version != ""


def test_a_bundle_comes_back_with_its_encoder_and_services(tmp_path: Path) -> None:
    known = Knowledge(encoder=tiny(), services=services())
    Bundle("read", "", {}, {}, known).save(tmp_path / "read")
    after = Bundle.open(tmp_path / "read", ()).knowledge
    assert after.services is not None
    assert after.services.names == services().names
    assert (
        after.embedder_version == known.embedder_version == f"{tiny().version}+{services().version}"
    )


@pytest.mark.parametrize("encoder", [None, tiny(1)])
def test_services_of_another_encoder_are_refused(tmp_path: Path, encoder: Encoder | None) -> None:
    known = Knowledge(encoder=encoder, services=services())
    Bundle("mixed", "", {}, {}, known).save(tmp_path / "mixed")
    with pytest.raises(BundleError, match=r"services\.npz was made with another encoder"):
        Bundle.open(tmp_path / "mixed", ())


def test_the_same_bundle_gives_the_same_bytes(kept: Path, tmp_path: Path) -> None:
    whole().save(tmp_path / "whole", {"report.html": "<p>told</p>"})
    names = sorted(p.name for p in kept.iterdir())
    assert names == sorted(p.name for p in (tmp_path / "whole").iterdir())
    assert [(tmp_path / "whole" / n).read_bytes() for n in names] == [
        (kept / n).read_bytes() for n in names
    ]


def test_every_file_is_listed_and_can_be_read_by_others(kept: Path) -> None:
    files = {p.name for p in kept.iterdir()}
    assert files == {
        *("bundle.json", "background.json", "distances.json", "embedder.npz"),
        *("all.txt", "report.html"),
    }
    saved = json.loads((kept / "bundle.json").read_text())
    assert set(saved["files"]) == files - {"bundle.json"}
    assert kept.stat().st_mode & 0o555 == 0o555


def _copied(kept: Path, folder: Path) -> Path:
    folder.mkdir()
    for path in kept.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


FILES = (
    "background.json",
    "distances.json",
    "embedder.npz",
    "all.txt",
    "report.html",
)


@pytest.mark.parametrize("name", FILES)
def test_a_byte_changed_in_any_file_is_refused_naming_it(
    name: str, kept: Path, tmp_path: Path
) -> None:
    folder = _copied(kept, tmp_path / "bent")
    assert Bundle.open(folder, learned.FEATURES).name == "whole"
    raw = bytearray((folder / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / name).write_bytes(raw)
    with pytest.raises(BundleError, match=f"--bundle bent: {name} is missing or was changed"):
        Bundle.open(folder, learned.FEATURES)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_is_refused_naming_it(name: str, kept: Path, tmp_path: Path) -> None:
    folder = _copied(kept, tmp_path / "cut")
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"--bundle cut: {name} is missing or was changed"):
        Bundle.open(folder, learned.FEATURES)


@pytest.mark.parametrize("name", ["background.json", "distances.json", "embedder.npz"])
def test_a_file_that_was_put_in_afterwards_is_refused_naming_it(
    name: str, kept: Path, tmp_path: Path
) -> None:
    folder = _saved(tmp_path, GOOD)
    (folder / "notes.md").write_text("lies about")
    assert Bundle.open(folder, FEATURES).name == "tiny"
    (folder / name).write_bytes((kept / name).read_bytes())
    with pytest.raises(BundleError, match=f"--bundle tiny: {name} is not one of its files"):
        Bundle.open(folder, FEATURES)


@pytest.mark.parametrize("step", ["_check_files", "open_ranker", "_knowledge"])
@pytest.mark.parametrize("after", [False, True])
def test_a_bundle_that_is_replaced_while_it_is_opened_is_opened_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool
) -> None:
    """Another one takes its name at each step: nothing of the first is in what is opened."""
    words = {name: Background(9, {name: 4}, frozenset()) for name in ("first", "second")}
    for name, background in words.items():
        Bundle(name, "", {}, RANKERS, Knowledge(background)).save(tmp_path / name)
    folder = tmp_path / "bundle"
    (tmp_path / "first").rename(folder)
    original = getattr(bundle_module, step)

    def replace_it(*given: Any) -> Any:
        if after:
            found = original(*given)
        if (tmp_path / "second").exists():
            folder.rename(tmp_path / "old")
            (tmp_path / "second").rename(folder)
        return found if after else original(*given)

    monkeypatch.setattr(bundle_module, step, replace_it)
    opened = Bundle.open(folder, FEATURES)
    assert not (tmp_path / "second").exists()
    assert (opened.name, opened.knowledge.background) == ("second", words["second"])
    assert opened.version == Bundle.open(folder, FEATURES).version


def test_a_bundle_whose_files_never_stay_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _saved(tmp_path, GOOD)
    original = bundle_module._knowledge

    def write_it_again(*given: Any) -> Knowledge:
        content = (folder / "bundle.json").read_bytes()
        (folder / "bundle.json").write_bytes(content + b" ")
        return original(*given)

    monkeypatch.setattr(bundle_module, "_knowledge", write_it_again)
    with pytest.raises(BundleError, match="--bundle tiny: its files change while it is opened"):
        Bundle.open(folder, FEATURES)


def _folder_of_letters(path: Path) -> None:
    path.mkdir()
    (path / "letter.txt").write_text("dear all")


@pytest.mark.parametrize("make", [_folder_of_letters, lambda path: path.write_text("dear all")])
def test_something_else_than_a_bundle_is_not_overwritten(
    make: Callable[[Path], object], tmp_path: Path
) -> None:
    make(tmp_path / "mine")
    with pytest.raises(BundleError, match="contains something other than a bundle; name another"):
        refuse_to_overwrite(tmp_path / "mine")


def test_a_bundle_and_an_empty_folder_may_be_replaced(kept: Path, tmp_path: Path) -> None:
    refuse_to_overwrite(kept)
    refuse_to_overwrite(tmp_path)
    refuse_to_overwrite(tmp_path / "none")


def test_a_bundle_is_saved_only_into_an_empty_folder(kept: Path) -> None:
    with pytest.raises(BundleError, match="saved into an empty folder"):
        Bundle("tiny", "", {}, {}).save(kept)
    assert Bundle.open(kept, learned.FEATURES).name == "whole"


def test_an_empty_folder_may_be_saved_to(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    whole().save(tmp_path / "new")
    assert Bundle.open(tmp_path / "new", learned.FEATURES).name == "whole"


def test_a_bundle_shares_the_files_that_another_one_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = Bundle.open("hand", None)
    hand.save(tmp_path / "own", {"note.txt": "mine"})
    replace(hand, name="shared").save(tmp_path / "shared", {"note.txt": "mine"}, shares="hand")
    assert (tmp_path / "own" / "background.json").exists()
    assert not (tmp_path / "shared" / "background.json").exists()
    opened = Bundle.open(tmp_path / "shared", None)
    assert opened.knowledge.background == hand.knowledge.background
    other = tmp_path / "bundles" / "hand"
    other.mkdir(parents=True)
    (other / "background.json").write_text("{}")
    monkeypatch.setattr("models.bundle.BUNDLES", other.parent)
    with pytest.raises(BundleError, match="background"):
        Bundle.open(tmp_path / "shared", None)
