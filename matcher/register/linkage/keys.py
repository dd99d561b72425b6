"""The keys of records: those that share one are compared, or joined.  Keys are hashes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, starts_of
from matcher.core.identifiers import (
    fingerprint,
    fingerprints,
    scheme,
    without_number,
    without_place,
)
from matcher.core.types import Provider
from matcher.register.linkage import matching, name_similarity
from matcher.register.linkage.company_names import name_key
from matcher.register.linkage.groups import ids_of
from matcher.register.linkage.key_tables import (
    COLUMNS,
    GONE,
    NONE,
    ROLE,
    SEVERAL,
    SPELLINGS,
    SPELT,
    Hashes,
    KeyKind,
    KeyTable,
)

_START = 3
"""Letters at the start of a name by which names at one postcode are compared."""


def keys_at_places(record: Provider) -> set[str]:
    """Keys of each name, and of its first letters, at each postcode of a record."""
    written = {name_similarity.normalise(name) for name in (record.name, *record.aliases)}
    at = [site.postcode for site in record.sites]
    found = {f"{name}@{postcode}" for name in written for postcode in at}
    return found | {f"{name[:_START]}*{postcode}" for name in written for postcode in at}


class RecordKeys:
    """The keys of some consecutive records, in memory.

    With `trust_ids`, there are no keys of names, and of ids only official numbers.
    """

    partitions = 1

    def __init__(self, *, trust_ids: bool) -> None:
        self._trust_ids = trust_ids
        self._keys: list[list[str]] = [[] for _ in KeyKind]
        self._sizes = [array("q") for _ in KeyKind]
        self._columns = {name: array(code) for name, code in COLUMNS.items()}
        self._marks = array("B")
        self._spellings: list[str] = []
        self._spelt = array("I")
        self._shared: dict[str, npt.NDArray[Any]] = {}
        self.records = 0

    def add(self, record: Provider) -> tuple[str, ...]:
        """Add the keys of the next record.  Returns those that its names are found by, in order."""
        names = (record.name, *record.aliases)
        keys = frozenset[str]().union(*map(name_similarity.keys, names))
        ids = ids_of(record)
        bare = without_place(record.id), without_number(record.id)[0]
        self._add(KeyKind.OWN_ID, {record.id, *bare})
        self._add(KeyKind.ID, filter(scheme, ids) if self._trust_ids else ids)
        named = not self._trust_ids
        self._add(KeyKind.COMPANY, matching.company_keys(record) if named else ())
        self._add(KeyKind.NAME, {name_key(name) for name in names} - {""} if named else ())
        self._add(KeyKind.TRADING, matching.trading_keys(record) if named else ())
        self._add(KeyKind.CANDIDATE, keys.union(keys_at_places(record)) if named else ())
        if named:
            self._add_columns(record, names)
        self.records += 1
        return tuple(sorted(keys))

    def _add(self, kind: KeyKind, keys: Iterable[str]) -> None:
        every = self._keys[kind]
        before = len(every)
        every.extend(sorted(keys))
        self._sizes[kind].append(len(every) - before)

    def _add_columns(self, record: Provider, names: tuple[str, ...]) -> None:
        places = [site.postcode for site in record.sites]
        written = sorted(matching.spellings(record.name, record.aliases))
        several = written if len(written) > 1 else []
        self._spellings.extend(several)
        self._spelt.append(len(several))
        form, number = _official(record)
        role, gone = matching.has_role(record.name), matching.gone(record)
        same = fingerprint("|".join((*names, "", *places, record.kind.value, str(gone))))
        values = _one(places), _one(written), same, form, number
        for column, value in zip(self._columns.values(), values, strict=True):
            column.append(value)
        self._marks.append(ROLE * role + GONE * gone)

    def of(self, kind: KeyKind, partition: int) -> tuple[Hashes, Ints]:
        """The keys of a kind, and the record of each."""
        keys, sizes = self._of(kind)
        return keys, np.repeat(np.arange(len(sizes)), sizes)

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """(records,) each fact by its name."""
        columns: dict[str, npt.NDArray[Any]] = {
            name: np.array(values, np.uint64) for name, values in self._columns.items()
        }
        marks, spelt = np.array(self._marks, np.uint8), np.array(self._spelt, np.int32)
        columns = {**columns, "marks": marks, SPELT: spelt}
        return columns | {SPELLINGS: fingerprints(self._spellings)} | self._shared

    def share(self, name: str, values: npt.NDArray[Any]) -> None:
        """Add a column that tasks read."""
        self._shared[name] = values

    def table(self) -> KeyTable:
        """The keys and facts as arrays."""
        sized = {kind.file: self._of(kind) for kind in KeyKind}
        sized[SPELLINGS] = fingerprints(self._spellings), np.array(self._spelt, np.int64)
        ragged = {name: (hashes, starts_of(sizes)) for name, (hashes, sizes) in sized.items()}
        columns = dict(self.columns())
        del columns[SPELLINGS], columns[SPELT]
        return KeyTable(self.records, columns, ragged)

    def _of(self, kind: KeyKind) -> tuple[Hashes, Ints]:
        return fingerprints(self._keys[kind]), np.array(self._sizes[kind], np.int64)


def _one(values: list[str]) -> int:
    """The hash of the only one of `values`; SEVERAL, or 0 where there is none."""
    return SEVERAL if len(values) > 1 else fingerprint(values[0]) if values else NONE


def _official(record: Provider) -> tuple[int, int]:
    """The register and the number of a record with one official number; 0 for others."""
    numbers = matching.registered((record.id, *record.ids))
    if len(numbers) != 1:
        return NONE, NONE
    ((form, usual),) = numbers.items()
    return (fingerprint(form), fingerprint(*usual)) if len(usual) == 1 else (NONE, NONE)
