"""A file of records, written once and read by number, so that records need not fit in memory."""

from __future__ import annotations

import mmap
import shutil
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.arrays import mapped

S = TypeVar("S")
T = TypeVar("T")


class RecordFileWriter(Generic[T]):
    """Writes records of one type as JSON lines, and where each starts.

    The files, `NAME.jsonl` and `NAME.offsets.npy`, are opened by `RecordFile`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.with_suffix(".jsonl").open("wb", buffering=1 << 20)
        self._encode = msgspec.json.Encoder().encode
        self._ends = array("q", [0])

    def __enter__(self) -> RecordFileWriter[T]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()
        if kind is None:
            np.save(self._path.with_suffix(".offsets.npy"), np.array(self._ends, np.int64))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, record: T) -> int:
        """Append a record.  Returns its number."""
        size = self._file.write(self._encode(record) + b"\n")
        self._ends.append(self._ends[-1] + size)
        return len(self._ends) - 2

    def extend(self, lines: bytes, sizes: npt.NDArray[np.int64]) -> None:
        """Append records that are encoded already, one a line, of `sizes` bytes each."""
        self._file.write(lines)
        self._ends.frombytes((np.cumsum(sizes) + self._ends[-1]).astype(np.int64).tobytes())

    def append_file(
        self, path: Path, sizes: npt.NDArray[np.int64], kept: npt.NDArray[np.bool_] | None = None
    ) -> None:
        """Append the encoded records in a file, of `sizes` bytes each, and remove the file.

        Where `kept` is given, only these of them are appended.
        """
        if kept is None or kept.all():
            with path.open("rb") as file:
                shutil.copyfileobj(file, self._file, 1 << 20)
            self.extend(b"", sizes)
        else:
            every, ends = path.read_bytes(), np.cumsum(sizes)
            spans = zip((ends - sizes)[kept].tolist(), ends[kept].tolist(), strict=True)
            self.extend(b"".join(every[start:stop] for start, stop in spans), sizes[kept])
        path.unlink()


def write_records(path: Path, records: Iterable[object]) -> None:
    """Write all records of a file."""
    with RecordFileWriter[object](path) as out:
        for record in records:
            out.add(record)


class RecordFile(Generic[T]):
    """Records of one type, read by number from a memory-mapped file."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self._ends = mapped(path.with_suffix(".offsets.npy"))
        self._decode = msgspec.json.Decoder(kind).decode
        with path.with_suffix(".jsonl").open("rb") as file:
            empty = len(self._ends) == 1
            self._bytes = b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if len(self._bytes) != self._ends[-1]:
            raise ValueError(f"{path.name}.jsonl is not as long as its offsets say")

    def read_as(self, kind: type[S]) -> RecordFile[S]:
        """The same records, of which only the fields of `kind` are read."""
        other: RecordFile[S] = RecordFile.__new__(RecordFile)
        other._ends, other._bytes = self._ends, self._bytes
        other._decode = msgspec.json.Decoder(kind).decode
        return other

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> T:
        return self._decode(self.line(number))

    def line(self, number: int) -> bytes:
        """A record as it is encoded, with the end of its line."""
        return self._bytes[self._ends[number] : self._ends[number + 1]]

    def lines(self, numbers: npt.NDArray[np.integer]) -> Iterator[bytes]:
        """What `line` gives for each of many records, in less time."""
        starts, stops = self._ends[numbers].tolist(), self._ends[numbers + 1].tolist()
        for start, stop in zip(starts, stops, strict=True):
            yield self._bytes[start:stop]

    def free(self) -> None:
        """Let the system free the memory of the records read so far; they can be read again."""
        if isinstance(self._bytes, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._bytes.madvise(mmap.MADV_DONTNEED)
