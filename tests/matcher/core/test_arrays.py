"""Arrays that are mapped from files: as they were saved, and refused where they are damaged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from matcher.core.arrays import mapped


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int32),
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.zeros((0, 3), np.float32),
        np.array(7, np.uint64),
    ],
    ids=["line", "rows", "columns", "empty", "single"],
)
def test_it_is_as_it_was_saved_and_cannot_be_changed(
    tmp_path: Path, array: npt.NDArray[Any]
) -> None:
    np.save(tmp_path / "some.npy", array)
    found = mapped(tmp_path / "some.npy")
    assert type(found) is np.ndarray
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tolist() == array.tolist()
    assert not (found.size and found.flags.writeable)


def test_it_is_the_file_and_no_copy(tmp_path: Path) -> None:
    file = tmp_path / "some.npy"
    np.save(file, np.zeros(100))
    found = mapped(file)
    with file.open("r+b") as held:
        held.seek(-8, os.SEEK_END)
        held.write(np.float64(7).tobytes())
    assert found[-1] == 7


def test_a_file_of_a_later_version_is_read_too(tmp_path: Path) -> None:
    with (tmp_path / "some.npy").open("wb") as out:
        np.lib.format.write_array(out, np.arange(4), version=(2, 0))
    assert mapped(tmp_path / "some.npy").tolist() == [0, 1, 2, 3]


def test_objects_are_refused_unread(tmp_path: Path) -> None:
    np.save(tmp_path / "some.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        mapped(tmp_path / "some.npy")


@pytest.mark.parametrize("kept", [0, 5, 40, 130])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    file = tmp_path / "some.npy"
    np.save(file, np.arange(100))
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises((ValueError, EOFError)):
        mapped(file)
