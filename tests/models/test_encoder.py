"""An encoder's vectors: whole numbers, the same in any company and on any processor."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.encoder import QUERY, STORED, Encoder
from models.encoder_layers import EXACT, Linear
from models.errors import BundleError
from tests.encoders import PIECES, SIZE, tiny

TEXTS = ("roofing services", "meals", "grass cutting. youth work", "plumbing for youth", "x")

texts = st.lists(st.text("plumbing roof.mealsx ", max_size=60), min_size=1, max_size=8)


def test_a_vector_has_the_length_asked_for() -> None:
    for length, slack in ((STORED, 0.05), (QUERY, 0.001)):
        vectors = tiny().encode(TEXTS, length).astype(np.float64)
        assert vectors.shape == (len(TEXTS), SIZE)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(length, rel=slack)


def test_different_texts_have_different_vectors_and_none_has_zeros() -> None:
    vectors = tiny().encode([*TEXTS, ""])
    assert len({v.tobytes() for v in vectors}) == len(vectors)
    assert not vectors[-1].any()
    assert vectors[:-1].any(axis=1).all()


@given(texts, st.integers(0, 2**16))
@settings(max_examples=25, deadline=None)
def test_company_and_order_change_no_number(said: list[str], seed: int) -> None:
    together = tiny().encode(said, QUERY)
    order = np.random.default_rng(seed).permutation(len(said))
    assert (tiny().encode([said[i] for i in order], QUERY) == together[order]).all()
    for text, vector in zip(said, together, strict=True):
        assert (tiny().query(text) == vector).all()


def test_the_rest_of_a_long_text_is_not_read() -> None:
    begun = "roof " * PIECES
    assert (tiny().query(begun) == tiny().query(f"{begun} meals")).all()
    assert (tiny().encode(["roof meals"], QUERY, 3) == tiny().encode(["roof"], QUERY)).all()


_ASKED = """
import hashlib, sys
sys.path.insert(0, {root!r})
from tests.encoders import tiny
from models.encoder import QUERY
print(hashlib.sha256(tiny().encode({texts!r}, QUERY).tobytes()).hexdigest())
"""


@pytest.mark.parametrize(
    "narrowed",
    [
        {"OPENBLAS_CORETYPE": "Haswell"},
        {"OPENBLAS_CORETYPE": "Sandybridge", "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX"},
        {"OPENBLAS_NUM_THREADS": "2"},
    ],
    ids=["avx2", "avx", "threads"],
)
def test_a_narrower_processor_gives_the_same_bytes(narrowed: dict[str, str]) -> None:
    root = str(Path(__file__).parents[2])
    program = _ASKED.format(root=root, texts=TEXTS)
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, **narrowed},
        capture_output=True,
        text=True,
        check=True,
    )
    vectors = tiny().encode(TEXTS, QUERY)
    assert told.stdout.strip() == hashlib.sha256(vectors.tobytes()).hexdigest()


def test_the_sums_of_a_layer_are_exact() -> None:
    draw = np.random.default_rng(0)
    weights = draw.normal(0, 1, (1536, 8)).astype(np.float32)
    linear = Linear.of(weights, np.zeros(8, np.float32))
    assert linear.largest * np.abs(linear.numbers.astype(np.int64)).sum(axis=0).max() <= EXACT
    x = draw.normal(0, 3, (5, 1536)).astype(np.float32)
    step = np.abs(x).max(axis=1, keepdims=True) / np.float32(linear.largest)
    whole = np.rint(x / step).astype(np.int64) @ linear.numbers.astype(np.int64)
    assert (linear(x) == whole.astype(np.float32) * step * linear.scale).all()
    steps = draw.integers(-20, 1500, (5, 1536))
    whole = steps @ linear.numbers.astype(np.int64)
    found = linear.of_steps(steps.astype(np.float32))
    assert found == pytest.approx(whole / 64 * linear.scale, rel=1e-5)


def test_what_is_saved_opens_as_it_was_and_saves_to_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    tiny().save(one)
    opened = Encoder.open(one)
    opened.save(two)
    assert one.read_bytes() == two.read_bytes()
    assert opened.version == tiny().version != tiny(1).version
    assert (opened.encode(TEXTS) == tiny().encode(TEXTS)).all()
    assert opened.card == tiny().card
    assert (opened.place_names, opened.common) == (tiny().place_names, tiny().common)


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    with np.load(path) as saved:
        return {name: saved[name] for name in saved.files}


@pytest.mark.parametrize(
    "bend",
    [
        lambda arrays: arrays.pop("words"),
        lambda arrays: arrays.pop("0_up"),
        lambda arrays: arrays.update(places=np.full((4, SIZE), np.nan, np.float32)),
        lambda arrays: arrays.update(words=arrays["words"].astype(np.float32)),
        lambda arrays: arrays.update(pieces=arrays["pieces"][4:]),
        lambda arrays: arrays.update({"0_out_scale": arrays["0_out_scale"][1:]}),
        lambda arrays: arrays.update(card=np.frombuffer(b"{", np.uint8)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, bend: Any) -> None:
    path = tmp_path / "encoder.npz"
    tiny().save(path)
    arrays = _arrays(path)
    bend(arrays)
    np.savez(path, **arrays)
    with pytest.raises(BundleError, match=r"encoder\.npz is damaged"):
        Encoder.open(path)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "encoder.npz"
    tiny().save(path)
    arrays = _arrays(path)
    arrays["words"] = np.array([{"a": 1}], object)
    np.savez(path, **arrays)
    with pytest.raises(BundleError, match=r"encoder\.npz is damaged"):
        Encoder.open(path)


def test_a_file_cut_short_or_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "encoder.npz"
    tiny().save(path)
    raw = path.read_bytes()
    for bent in (raw[: len(raw) // 2], raw[:-400] + bytes(400), b"", b"PK"):
        path.write_bytes(bent)
        with pytest.raises(BundleError, match=r"encoder\.npz is damaged"):
            Encoder.open(path)


def test_weights_too_large_to_be_summed_exactly_are_refused() -> None:
    layer = tiny().layers[0]
    heavy = replace(layer.down, numbers=np.full((1 << 20, 1), 127, np.int8))
    with pytest.raises(BundleError, match="too large"):
        heavy.of_steps(np.ones((1, 1 << 20), np.float32))
