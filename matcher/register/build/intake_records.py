"""The records that a build works on: those that it read, and those that the snapshot before has.

A record of a row that is known stays in the line of its organisation there; only the day of its
source may be another one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts, Ints, Mask, mapped
from matcher.core.types import Organisation, Provider, Source
from matcher.register.record_file import RecordFile, RecordFileWriter

_NAME = "intake-records"
"""Begins the names of the files, which are removed when the register is built."""
_RECORDS, _RELATED = b',"records":[', b'],"related":['
_NONE_RELATED = b'],"related":[]}\n'
_DAY, _LICENCE = b',"day":', b',"licence":"'
"""What stands before the only record of an organisation, after it, and around the day of its
source.  No text has these, because quotes in it are escaped."""


class _Origin(msgspec.Struct, frozen=True):
    """The content of the file of where records are that were not read."""

    before: str
    """the folder of the snapshot before; '' where there is none"""
    days: list[msgspec.Raw]
    """days of sources"""


class IntakeRecords:
    """The records of a build by their numbers, in any process."""

    def __init__(self, folder: Path) -> None:
        """Open those that `IntakeRecordsWriter` wrote into the snapshot in `folder`."""
        path = folder / _NAME
        self._read: RecordFile[Provider] = RecordFile(path, Provider)
        self._at, self._day = (mapped(path.with_suffix(f".{name}.npy")) for name in ("at", "day"))
        origin = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=_Origin)
        self._days = list(map(bytes, origin.days))
        before = Path(origin.before) / "organisations"
        self._before = RecordFile(before, Organisation) if origin.before else None
        self._decode = msgspec.json.Decoder(Provider).decode

    def __len__(self) -> int:
        return len(self._at)

    def __getitem__(self, number: int) -> Provider:
        return self._decode(self.line(number))

    def line(self, number: int) -> bytes:
        """A record as it is encoded, with the end of its line."""
        at = self._at[number]
        if self._before is None or at >= 0:
            return self._read.line(at)
        return _only_record(self._before.line(-1 - at), self._days[self._day[number]])

    def organisations(self, numbers: AnyInts) -> Iterator[bytes | None]:
        """The line of the organisation that is a record alone, for each of some records.

        None where the snapshot before does not have it, so that it has to be made.
        """
        at, days = self._at[numbers], self._day[numbers].tolist()
        is_before = at < 0
        lines = self._before.lines(-1 - at[is_before]) if self._before else iter(())
        for there, day in zip(is_before.tolist(), days, strict=True):
            line = next(lines) if there else b""
            yield _with_day(line, self._days[day]) if line.endswith(_NONE_RELATED) else None

    def free(self) -> None:
        """Let the system free the memory of the records read so far; they can be read again."""
        self._read.free()
        if self._before is not None:
            self._before.free()


def _with_day(organisation: bytes, day: bytes) -> bytes:
    """The line of an organisation that is one record alone, with this day of its source."""
    start = organisation.index(_DAY)
    if organisation.startswith(day, start + len(_DAY)):
        return organisation
    was = organisation[start : organisation.index(_LICENCE, start) + len(_LICENCE)]
    return organisation.replace(was, b"".join((_DAY, day, _LICENCE)))


def _only_record(organisation: bytes, day: bytes) -> bytes:
    """The line of the only record of an organisation, with this day of its source."""
    start = organisation.index(_RECORDS) + len(_RECORDS)
    before = organisation.index(_DAY, start) + len(_DAY)
    after = organisation.index(_LICENCE, before)
    stop = organisation.index(_RELATED, after)
    return b"".join((organisation[start:before], day, organisation[after:stop], b"\n"))


class IntakeRecordsWriter:
    """Writes the records of a build into its snapshot, or where they are in the one `before`."""

    def __init__(self, folder: Path, before: Path | None) -> None:
        self._path = folder / _NAME
        self._before = before
        self._read = RecordFileWriter[Provider](self._path)
        self._at, self._day = array("i"), array("H")
        self._days: dict[bytes, int] = {}

    def __enter__(self) -> IntakeRecordsWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._read.__exit__(kind, error, at)
        if kind is None:
            np.save(self._path.with_suffix(".at.npy"), np.array(self._at, np.int32))
            np.save(self._path.with_suffix(".day.npy"), np.array(self._day, np.uint16))
            before = str(self._before.absolute()) if self._before else ""
            origin = _Origin(before, list(map(msgspec.Raw, self._days)))
            self._path.with_suffix(".json").write_bytes(msgspec.json.encode(origin))

    def __len__(self) -> int:
        return len(self._at)

    def add(self, record: Provider) -> int:
        """Add a record that was read.  Returns its number."""
        self._at.append(self._read.add(record))
        self._day.append(0)
        return len(self._at) - 1

    def add_part(
        self, lines: Path, sizes: Ints, rows: npt.NDArray[np.int32], kept: Mask, source: Source
    ) -> None:
        """Add those records of a part that are `kept`, and remove the file of `lines`.

        `rows` (n,) are the rows of their organisations in the snapshot before, -1 for a record that
        was read; of these, the lines are in a file, of `sizes` bytes each.
        """
        was_read = rows < 0
        at = -1 - rows
        new = kept & was_read
        at[new] = len(self._read) + np.arange(int(new.sum()), dtype=np.int32)
        self._read.append_file(lines, sizes, kept[was_read])
        day = self._days.setdefault(msgspec.json.encode(source.day), len(self._days))
        self._at.frombytes(at[kept].tobytes())
        self._day.frombytes(np.full(int(kept.sum()), day, np.uint16).tobytes())
