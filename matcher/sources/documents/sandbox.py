"""Reads uploads and pasted text in a separate process, so that a harmful file harms nothing else.

A file can be made to attack the large libraries that read Word and PDF.  So uploads are read in
another process, with limits on memory and time, which returns only text.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from matcher.core.errors import BadInput, BadLot, BadSource
from matcher.sources.documents.extracted_lots import ExtractedLot
from matcher.sources.documents.reader import (
    as_file,
    check_size,
    is_table,
    read_document,
    read_table,
    read_text,
)

MEMORY = 1_000_000_000
"""Most memory of the process, in bytes."""
SECONDS = 20
"""Most time of a processor that the process may take."""
_WAIT = SECONDS if sys.platform == "win32" else 120
"""Most seconds to wait for it: the processor may be busy with something else."""

_OUT_OF_TIME = getattr(signal, "SIGXCPU", 0) or None
"""What ends the process when its time is up; None where the system has no such limit."""
_FILE, _TEXT, _TABLE = "file", "text", "table"
_PASTE = "paste the part that describes what you want to buy"


@dataclass(frozen=True, slots=True)
class _Result:
    """What the process returns: the lots found, or why the document was refused."""

    lots: tuple[ExtractedLot, ...] = ()
    refusal: str = ""
    is_bad_lot: bool = False


def read_in_sandbox(content: bytes, name: str, seconds: float = _WAIT) -> list[ExtractedLot]:
    """The lots that `read_document` finds, read in a separate process.

    That process writes no file, so a table is written for it.  Raises what `read_document` raises,
    and BadSource where the process fails or takes too long.
    """
    check_size(len(content), name)
    if not is_table(name) or not content.strip():
        return _run(content, name, _FILE, seconds)
    with as_file(content, name) as path:
        return _run(b"", name, _TABLE, seconds, path)


def read_text_in_sandbox(text: str, name: str, seconds: float = _WAIT) -> list[ExtractedLot]:
    """The lots that `read_text` finds in pasted text, read in a separate process.

    Raises what `read_text` raises, and BadSource where the process fails or takes too long.
    """
    return _run(text.encode("utf-8", errors="replace"), name, _TEXT, seconds)


def _run(
    content: bytes, name: str, kind: str, seconds: float, path: Path | None = None
) -> list[ExtractedLot]:
    check_size(len(content), name)
    given = str(path or name)
    command = [sys.executable, "-P", "-m", "matcher.sources.documents.sandbox", given, kind]
    try:
        process = subprocess.run(  # noqa: S603 - this interpreter and this module
            command, input=content, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        reason = f"was not read within {seconds:g} seconds, perhaps because the service is busy"
        raise BadSource(f"{name}: {reason}; try again, or {_PASTE}") from error
    if _OUT_OF_TIME and process.returncode == -_OUT_OF_TIME:
        raise BadSource(f"{name}: takes longer than {SECONDS} seconds to read; {_PASTE}")
    if process.returncode != 0:
        raise BadSource(
            f"{name}: cannot be read; it may be damaged or harmful. Save it again, or {_PASTE}"
        )
    result = msgspec.json.decode(process.stdout, type=_Result)
    if result.refusal:
        raise (BadLot if result.is_bad_lot else BadSource)(result.refusal)
    return list(result.lots)


def _limit_resources() -> None:
    """Limit the memory, time and files of this process."""
    if sys.platform == "win32":
        return
    import resource

    for resource_type, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(resource_type, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))


def main() -> None:
    """Write the lots of the document on standard input; the arguments are its name and kind.

    Of a table, the name is its path.
    """
    _limit_resources()
    content, (name, kind) = sys.stdin.buffer.read(), sys.argv[1:]
    try:
        if kind == _TABLE:
            lots = read_table(Path(name))
        elif kind == _TEXT:
            lots = read_text(content.decode(), name)
        else:
            lots = read_document(content, name)
        result = _Result(tuple(lots))
    except BadInput as error:
        result = _Result(refusal=str(error), is_bad_lot=isinstance(error, BadLot))
    sys.stdout.buffer.write(msgspec.json.encode(result))


if __name__ == "__main__":
    main()
