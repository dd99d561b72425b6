from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.bundle import BUNDLES, DEFAULT, FORMAT, Bundle
from models.errors import BundleError

FEATURES = ("near", "alike")
GOOD: dict[str, Any] = {
    "format": FORMAT,
    "name": "tiny",
    "card": {"what": "two features"},
    "rankers": {
        "all": {"kind": "linear", "base": 1.0, "weights": {"near": 2.0, "alike": 3.0}},
        "relevance": {"kind": "linear", "base": 0.0, "weights": {"alike": 3.0}},
    },
}


def _saved(folder: Path, saved: Any) -> Path:
    path = folder / "tiny"
    path.mkdir()
    raw = saved if isinstance(saved, bytes) else json.dumps(saved).encode()
    (path / "bundle.json").write_bytes(raw)
    return path


def test_a_bundle_opens_with_its_rankers_and_card(tmp_path: Path) -> None:
    bundle = Bundle.open(_saved(tmp_path, GOOD), FEATURES)
    assert (bundle.name, bundle.card) == ("tiny", {"what": "two features"})
    assert bundle.ranker("all").features == FEATURES
    assert bundle.ranker("all").score(np.array([[1.0, 1.0]])).tolist() == [6.0]
    assert bundle.ranker("relevance").features == ("alike",)


def test_a_folder_may_be_given_as_text(tmp_path: Path) -> None:
    assert Bundle.open(str(_saved(tmp_path, GOOD)), FEATURES).name == "tiny"


def test_the_version_follows_the_contents(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "c").mkdir()
    other = GOOD | {"card": {"what": "another"}}
    versions = [
        Bundle.open(_saved(tmp_path / name, saved), FEATURES).version
        for name, saved in (("a", GOOD), ("b", GOOD), ("c", other))
    ]
    assert versions[0] == versions[1] != versions[2]


def test_the_bundle_that_ships_opens_by_name_and_says_what_it_is() -> None:
    saved = json.loads((BUNDLES / DEFAULT / "bundle.json").read_text())
    wanted = {name for ranker in saved["rankers"].values() for name in ranker["weights"]}
    bundle = Bundle.open(DEFAULT, wanted)
    assert bundle.name == DEFAULT
    assert bundle.card["what"]
    assert set(bundle.rankers) == {"all", "relevance"}


@pytest.mark.parametrize("name", ["nowhere", "", "../nowhere"])
def test_a_missing_bundle_is_refused_with_those_that_ship(name: str) -> None:
    with pytest.raises(BundleError, match=rf"--bundle .*no bundle there; these ship: .*{DEFAULT}"):
        Bundle.open(name, FEATURES)


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle there"):
        Bundle.open(tmp_path, FEATURES)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe\x00", b'{"format": 1, "rankers"'])
def test_a_damaged_bundle_is_refused(raw: bytes, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"--bundle tiny: bundle\.json is damaged"):
        Bundle.open(_saved(tmp_path, raw), FEATURES)


@pytest.mark.parametrize("rankers", [None, [], "all", 7])
def test_a_bundle_without_rankers_is_damaged(rankers: Any, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"bundle\.json is damaged .*'rankers'"):
        Bundle.open(_saved(tmp_path, GOOD | {"rankers": rankers}), FEATURES)


@pytest.mark.parametrize(
    ("saved", "found"),
    [
        (GOOD | {"format": FORMAT + 1}, str(FORMAT + 1)),
        (GOOD | {"format": str(FORMAT)}, str(FORMAT)),
        ({"rankers": GOOD["rankers"]}, "None"),
        ([GOOD], "list"),
    ],
)
def test_another_format_is_refused_and_named(saved: Any, found: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=f"format {found}, this version reads {FORMAT}"):
        Bundle.open(_saved(tmp_path, saved), FEATURES)


def test_features_that_the_code_does_not_compute_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"ranker 'all' wants features .*: alike, near") as wrong:
        Bundle.open(_saved(tmp_path, GOOD), ["size"])
    assert "bundle tiny" in str(wrong.value)


def test_features_that_no_ranker_wants_do_no_harm(tmp_path: Path) -> None:
    assert Bundle.open(_saved(tmp_path, GOOD), [*FEATURES, "size"]).name == "tiny"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_weights_that_are_no_numbers_are_refused(number: str, tmp_path: Path) -> None:
    raw = json.dumps(GOOD).replace("2.0", number).encode()
    with pytest.raises(BundleError, match="finite"):
        Bundle.open(_saved(tmp_path, raw), FEATURES)


@pytest.mark.parametrize("ranker", [None, {}, {"weights": {}}, "linear"])
def test_a_ranker_that_is_none_is_refused(ranker: Any, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="a linear ranker needs"):
        Bundle.open(_saved(tmp_path, GOOD | {"rankers": {"all": ranker}}), FEATURES)


def test_a_signal_set_without_a_ranker_is_refused_with_those_there_are(tmp_path: Path) -> None:
    bundle = Bundle.open(_saved(tmp_path, GOOD), FEATURES)
    with pytest.raises(BundleError, match=r"no ranker for the signal set 'size'.*all, relevance"):
        bundle.ranker("size")
    none = Bundle.open(_rewritten(tmp_path / "tiny"), FEATURES)
    with pytest.raises(BundleError, match="it has none"):
        none.ranker("all")


def _rewritten(path: Path) -> Path:
    (path / "bundle.json").write_text(json.dumps(GOOD | {"rankers": {}}))
    return path
