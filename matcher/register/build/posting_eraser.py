"""Removes postings from the word indexes of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import starts_of
from matcher.register.inverted_index import encode

_Array = npt.NDArray[Any]


def keep_postings(folder: Path, keep: Callable[[_Array, _Array, _Array], _Array]) -> None:
    """Remove the postings of the index in `folder` that are not to `keep`, and terms without any.

    `keep` says of (terms, offsets, postings) which postings stay.
    """
    terms, offsets, postings, strengths = (
        np.load(folder / f"{name}.npy", allow_pickle=False)
        for name in ("terms", "offsets", "postings", "strengths")
    )
    kept = keep(terms, offsets, postings)
    count = np.diff(starts_of(kept)[offsets])
    save_anew(folder / "terms.npy", terms[count > 0])
    save_anew(folder / "offsets.npy", starts_of(count[count > 0]))
    save_anew(folder / "postings.npy", postings[kept])
    save_anew(folder / "strengths.npy", strengths[kept])


def still_present(
    removed: Mapping[int, set[str]], terms: _Array, offsets: _Array, awards: _Array
) -> _Array:
    """(postings,) whether the award's text still has the term; `removed` is award → terms."""
    present = np.ones(len(awards), bool)
    for award, words in removed.items():
        if not words:
            continue
        encoded = np.array([encode(word) for word in sorted(words)])
        for at in np.flatnonzero(np.isin(terms, encoded)).tolist():
            span = slice(offsets[at], offsets[at + 1])
            present[span] &= awards[span] != award
    return present


def save_anew(path: Path, values: _Array) -> None:
    """Write an array in place of a file that may be a link to another snapshot's."""
    path.unlink(missing_ok=True)
    np.save(path, values)
