"""Reading an uploaded document in a process of its own, which may fail without harm.

The libraries that read Word and PDF are large, and a file may be made to break them.  So a
file that a stranger might have made is read apart, within bounds of memory and of time; what
comes back is text.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import msgspec

from matcher.core.errors import BadInput, BadLot, BadSource
from matcher.sources.documents.lot_extraction import ExtractedLot
from matcher.sources.documents.reader import check_size, read_document

MEMORY = 1_000_000_000
"""Bytes that the process may have."""
SECONDS = 20
"""How long it may take."""

_PASTE = "paste the part that says what is wanted"


@dataclass(frozen=True, slots=True)
class _Read:
    """What the process says: the lots found, or the words of a refusal."""

    found: tuple[ExtractedLot, ...] = ()
    refusal: str = ""
    of_lot: bool = False


def read_apart(content: bytes, name: str, seconds: float = SECONDS) -> list[ExtractedLot]:
    """`read_document`, in a process of its own.

    Raises what `read_document` does, and BadSource where the process broke or took too long.
    """
    check_size(len(content), name)
    command = [sys.executable, "-P", "-m", "matcher.sources.documents.sandbox", name]
    try:
        ran = subprocess.run(  # noqa: S603 - this interpreter and this module
            command, input=content, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        why = f"takes longer than {seconds:g} seconds to read"
        raise BadSource(f"{name}: {why}; {_PASTE}") from error
    if ran.returncode != 0:
        raise BadSource(f"{name}: cannot be read, it may be damaged or made to do harm; {_PASTE}")
    read = msgspec.json.decode(ran.stdout, type=_Read)
    if read.refusal:
        raise (BadLot if read.of_lot else BadSource)(read.refusal)
    return list(read.found)


def _bound() -> None:
    """Let this process have no more memory, time and files than it needs."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Read the document on standard input, called as the first argument says, and write it."""
    _bound()
    try:
        read = _Read(tuple(read_document(sys.stdin.buffer.read(), sys.argv[1])))
    except BadInput as wrong:
        read = _Read(refusal=str(wrong), of_lot=isinstance(wrong, BadLot))
    sys.stdout.buffer.write(msgspec.json.encode(read))


if __name__ == "__main__":
    main()
