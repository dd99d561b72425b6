"""Another processor builds the same register and gives the same answers, byte for byte.

numpy and OpenBLAS choose their arithmetic by processor.  Here the choice is narrowed, as on
older processors.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy._core import _multiarray_umath as umath

from matcher.register.register import Register

_ABOVE_BASELINE = [
    name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name, False)
]
_NARROWED = {
    "baseline": {
        "NPY_DISABLE_CPU_FEATURES": " ".join(_ABOVE_BASELINE),
        "OPENBLAS_CORETYPE": "Prescott",
        "OPENBLAS_NUM_THREADS": "1",
    },
    "without the widest vectors": {
        "NPY_DISABLE_CPU_FEATURES": " ".join(_ABOVE_BASELINE[1:]),
        "OPENBLAS_CORETYPE": "Haswell",
        "OPENBLAS_NUM_THREADS": "2",
        "OPENBLAS_THREAD_TIMEOUT": "4",  # threads that wait sleep, and take no time of others
    },
}


def _answers(folder: Path, cache: Path, **narrowed: str) -> dict[str, str]:
    folder.mkdir()
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.answers", folder],
        cwd=Path(__file__).resolve().parents[1],
        env={**os.environ, "LBD_CACHE": str(cache), **narrowed},
        check=True,
        capture_output=True,
        text=True,
    )
    answers: dict[str, str] = json.loads(ran.stdout.splitlines()[-1])
    return answers


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("usual") / "here"
    return folder, _answers(folder, cache)


def test_what_a_lot_is_read_as_and_its_suggested_codes_are_among_the_answers(
    usual: tuple[Path, dict[str, str]],
) -> None:
    _, answers = usual
    told = json.loads(answers["posted without codes"])["shortlists"]["a"]
    assert told["read_as"]
    assert told["cpv_suggestions"]
    assert all(lot["read_as"] for lot in json.loads(answers["market"])["markets"])


@pytest.mark.skipif(not _ABOVE_BASELINE, reason="this processor has no more than the baseline")
@pytest.mark.parametrize("narrowed", _NARROWED.values(), ids=_NARROWED)
def test_a_narrowed_processor_gives_the_same_register_and_answers(
    usual: tuple[Path, dict[str, str]], narrowed: dict[str, str], cache: Path, tmp_path: Path
) -> None:
    here, expected = usual
    there = tmp_path / "there"
    assert _answers(there, cache, **narrowed) == expected
    one, other = (Register.open(folder / "example.register") for folder in (here, there))
    assert one.version == other.version
    assert one.vectors is not None
    assert other.vectors is not None
    assert np.array_equal(one.vectors.names, other.vectors.names)
    assert np.array_equal(one.vectors.awards, other.vectors.awards)
