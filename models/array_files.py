"""Files of arrays by name, which hold nothing else: opening one runs no code from it."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Mapping
from lzma import LZMAError
from pathlib import Path
from tokenize import TokenError
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write the arrays to the file `path`; equal arrays give equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, array in sorted(arrays.items()):
            with out.open(zipfile.ZipInfo(f"{name}.npy"), "w") as file:
                np.lib.format.write_array(file, np.ascontiguousarray(array))


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays in the file `path`.  Raises one of `DAMAGE` where it is damaged."""
    with zipfile.ZipFile(path) as parts:
        if damaged := parts.testzip():
            raise ValueError(f"{damaged} has changed since it was written")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
        return {name: saved[name] for name in saved.files}


def version_of(arrays: Arrays) -> str:
    """A digest of the names, shapes and numbers."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


DAMAGE = (
    *(OSError, ValueError, LookupError, TypeError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, LZMAError, SyntaxError, TokenError),
)
