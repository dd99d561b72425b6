from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.errors import BundleError
from training.learning.base_encoder import BaseEncoder


def _folder(path: Path, config: str) -> Path:
    for name in ("vocab.txt", "model.safetensors"):
        (path / name).write_bytes(b"")
    (path / "config.json").write_text(config)
    return path


def test_heads_of_another_size_are_refused_before_weights_are_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path, json.dumps({"hidden_size": 768, "num_attention_heads": 12}))
    with pytest.raises(BundleError, match="has 12 attention heads for 768 numbers"):
        BaseEncoder.open(folder)


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"hidden_size": null}', "\xff"])
def test_a_damaged_config_is_refused(config: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"config\.json does not say hidden_size"):
        BaseEncoder.open(_folder(tmp_path, config))
