from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from models.errors import BundleError
from training.learning.report import card
from training.learning.settings import TrainingSettings


def _read(folder: Path, text: str) -> TrainingSettings:
    path = folder / "train.toml"
    path.write_text(text)
    return TrainingSettings.read(path)


def test_without_a_file_all_is_as_usual() -> None:
    assert TrainingSettings.read(None) == TrainingSettings()


def test_what_a_file_leaves_out_stays_as_it_is(tmp_path: Path) -> None:
    read = _read(tmp_path, "lots = 7\n[embedder]\nsize = 8\n[trees]\ntrees = 3\n")
    assert (read.lots, read.embedder.size, read.trees.trees) == (7, 8, 3)
    usual = TrainingSettings()
    assert (read.windows, read.others) == (usual.windows, usual.others)
    assert read.embedder.epochs == usual.embedder.epochs
    assert read.trees.leaves == usual.trees.leaves
    assert _read(tmp_path, "") == usual


@pytest.mark.parametrize("part", ["embedder", "encoder", "trees"])
def test_a_report_and_a_card_have_every_field_of_a_table_given_in_part(
    tmp_path: Path, part: str
) -> None:
    told = msgspec.to_builtins(_read(tmp_path, f"[{part}]\nrate = 0.25\n"))
    usual = msgspec.to_builtins(TrainingSettings())
    assert told == usual | {part: usual[part] | {"rate": 0.25}}
    report = {"rankers": {}, "data": {}, "windows": [0], "libraries": {}, "settings": told}
    assert f"fewer than {usual['embedder']['least']} texts" in card(report, date.max)["limits"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lotts = 7", "lotts"),
        ("lots = 0", r"lots"),
        ("lots = 'many'", r"lots"),
        ("lots = 2.5", r"lots"),
        ("windows = 1", r"windows"),
        ("months = -1", r"months"),
        ("councils_only = 1", r"councils_only"),
        ("[embedder]\nsize = 'big'", r"embedder\.size"),
        ("[trees]\nrate = 'fast'", r"trees\.rate"),
        ("embedder = 3", r"embedder"),
        ("lots = ", "Invalid value"),
        ("lots = 1\nlots = 2", "lots|overwrite"),
    ],
)
def test_a_field_or_value_that_is_wrong_is_named(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=rf"--config train\.toml: .*({words})"):
        _read(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "[embedder]\nsise = 8",
        "[trees]\ntree = 8",
        "[embedder]\nsize = 0",
        "[embedder]\nbatch = 0",
        "[embedder]\nepochs = -1",
        "[embedder]\nleast = 0",
        "[trees]\ntrees = 0",
        "[trees]\nleaves = 1",
        "[trees]\nfeatures_tried = 0.0",
        "[trees]\nrate = -1.0",
    ],
)
def test_a_field_or_value_of_a_part_that_is_wrong_is_refused(text: str, tmp_path: Path) -> None:
    named = text.split("\n")[1].split(" ", maxsplit=1)[0]
    with pytest.raises(BundleError, match=rf"--config train\.toml: .*{named}"):
        _read(tmp_path, text)


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"--config .*gone\.toml: cannot be read"):
        TrainingSettings.read(tmp_path / "gone.toml")
    with pytest.raises(BundleError, match="cannot be read"):
        TrainingSettings.read(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BundleError, match=r"--config bytes\.toml"):
        TrainingSettings.read(tmp_path / "bytes.toml")
