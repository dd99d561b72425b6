"""Real pairs of organisation names to learn from: one organisation, or two that look alike.

Pairs of one organisation are spellings under one official number.  Pairs of two are the names
nearest to each other by letter trigrams, and names at one postcode that share a word, of
organisations with different numbers of one register.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matcher.core.identifiers import scheme
from matcher.core.types import Provider
from matcher.register.linkage.spelling import normalise
from training.learning.invented_pairs import NamePair

NEAREST = 5
"""The nearest names of other organisations that each name is paired with."""
_MOST_SPELLINGS = 15
"""Pairs of spellings of one organisation."""
_COMMON = 3000
"""Trigrams that more names have are left out."""
_AT_ONCE = 2000
_CROWD = 40
"""Organisations at one postcode from which on it is an address of agents."""

Spellings = Mapping[str, Sequence[str]]
"""Id of an organisation → its names."""


def spellings_of(records: Iterable[Provider]) -> dict[str, list[str]]:
    """The names under each official number, once each when normalised, in order."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for record in records:
        if scheme(record.id):
            for name in (record.name, *record.aliases):
                found[record.id].setdefault(normalise(name), name.strip())
    return {org_id: list(names.values()) for org_id, names in sorted(found.items())}


def spellings_in(path: Path) -> dict[str, list[str]]:
    """The different spellings in a CSV file with columns company_id and name, sorted."""
    with path.open(encoding="utf-8", newline="") as file:
        found = sorted({(row["company_id"], row["name"]) for row in csv.DictReader(file)})
    by_org: dict[str, list[str]] = defaultdict(list)
    for org_id, name in found:
        by_org[org_id].append(name)
    return dict(by_org)


def judged_pairs(path: Path) -> Iterator[NamePair]:
    """The pairs in a CSV file with columns a, b and same (1 or 0)."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield NamePair(row["a"], row["b"], row["same"] == "1", f"judged {row['a']}")


def same_pairs(spellings: Spellings) -> Iterator[NamePair]:
    """Pairs of spellings of one organisation."""
    for org_id, names in spellings.items():
        for a, b in islice(combinations(names, 2), _MOST_SPELLINGS):
            yield NamePair(a, b, same=True, group=org_id)


def nearest_pairs(spellings: Spellings, every: int = 1) -> Iterator[NamePair]:
    """Every so many names with the nearest names of other organisations of the same register."""
    rows = [(org_id, name) for org_id, names in spellings.items() for name in names[:3]]
    for i, nearest in nearest_names([name for _, name in rows]):
        if i % every:
            continue
        org_id, name = rows[i]
        others = (rows[j] for j in nearest if rows[j][0] != org_id)
        fits = (other for id_, other in others if scheme(id_) == scheme(org_id))
        differ = (other for other in fits if normalise(other) != normalise(name))
        for other in islice(differ, NEAREST):
            yield NamePair(name, other, same=False, group=org_id)


def neighbours(records: Iterable[Provider]) -> Iterator[NamePair]:
    """Names at one postcode that share a word, of organisations with different numbers."""
    at: dict[str, dict[str, str]] = defaultdict(dict)
    for record in records:
        if scheme(record.id):
            for site in record.sites:
                at[site.postcode].setdefault(record.id, record.name)
    for _, here in sorted(at.items()):
        if not 2 <= len(here) <= _CROWD:
            continue
        for (id_a, a), (id_b, b) in combinations(sorted(here.items()), 2):
            words_a, words_b = (set(normalise(name).split()) for name in (a, b))
            shared = any(len(word) > 3 for word in words_a & words_b)
            if scheme(id_a) == scheme(id_b) and shared and normalise(a) != normalise(b):
                yield NamePair(a, b, same=False, group=id_a)


def nearest_names(names: Sequence[str]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Each name's number and the numbers of the names nearest to it, nearest first.

    Nearest by the cosine of TF-IDF weighted letter trigrams.
    """
    if not names:
        return
    counts = [Counter(_trigrams(name)) for name in names]
    column = {g: i for i, g in enumerate(dict.fromkeys(g for count in counts for g in count))}
    rows = np.repeat(np.arange(len(names)), [len(count) for count in counts])
    columns = np.array([column[g] for count in counts for g in count])
    held = np.bincount(columns)
    idf = np.where(held > _COMMON, 0.0, np.log((1 + len(names)) / (1 + held)))
    values = np.array([n for count in counts for n in count.values()]) * idf[columns]
    norms = np.sqrt(np.bincount(rows, values**2, len(names)))
    unit = sparse.csr_matrix((values / np.where(norms > 0, norms, 1.0)[rows], (rows, columns)))
    turned = unit.T.tocsr()
    for start in range(0, len(names), _AT_ONCE):
        part = (unit[start : start + _AT_ONCE] @ turned).tocsr()
        for i in range(part.shape[0]):
            near = part[i]
            order = np.argsort(-near.data, kind="stable")[: 4 * NEAREST]
            yield start + i, near.indices[order].astype(np.int64)


def _trigrams(text: str) -> Iterator[str]:
    padded = " ".join(["", *re.findall(r"\w+", text.lower()), ""])
    return (padded[i : i + 3] for i in range(max(1, len(padded) - 2)))
