"""Reads uploads and pasted text in a process of their own, which can fail without harm.

A file can be made to break the large libraries that read Word and PDF.  So what a stranger
sends is read in another process, with limits on memory and time.  Only text comes back.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import msgspec

from matcher.core.errors import BadInput, BadLot, BadSource
from matcher.sources.documents.lot_extraction import ExtractedLot
from matcher.sources.documents.reader import check_size, read_document, read_text

MEMORY = 1_000_000_000
"""Memory that the process may use, in bytes."""
SECONDS = 20
"""How long it may run."""

_FILE, _TEXT = "file", "text"
_PASTE = "paste the part that says what is wanted"


@dataclass(frozen=True, slots=True)
class _Read:
    """What the process returns: the lots found, or why the document was refused."""

    lots: tuple[ExtractedLot, ...] = ()
    refusal: str = ""
    is_bad_lot: bool = False


def read_apart(content: bytes, name: str, seconds: float = SECONDS) -> list[ExtractedLot]:
    """The lots that `read_document` finds, read in a process of its own.

    Raises what `read_document` raises, and BadSource where the process fails or takes too long.
    """
    return _run(content, name, _FILE, seconds)


def read_text_apart(text: str, name: str, seconds: float = SECONDS) -> list[ExtractedLot]:
    """The lots that `read_text` finds in a pasted text, read in a process of its own.

    Raises what `read_text` raises, and BadSource where the process fails or takes too long.
    """
    return _run(text.encode("utf-8", errors="replace"), name, _TEXT, seconds)


def _run(content: bytes, name: str, kind: str, seconds: float) -> list[ExtractedLot]:
    check_size(len(content), name)
    command = [sys.executable, "-P", "-m", "matcher.sources.documents.sandbox", name, kind]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter and this module
            command, input=content, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        why = f"takes longer than {seconds:g} seconds to read"
        raise BadSource(f"{name}: {why}; {_PASTE}") from error
    if done.returncode != 0:
        raise BadSource(f"{name}: cannot be read, it may be damaged or made to do harm; {_PASTE}")
    read = msgspec.json.decode(done.stdout, type=_Read)
    if read.refusal:
        raise (BadLot if read.is_bad_lot else BadSource)(read.refusal)
    return list(read.lots)


def _bound() -> None:
    """Limit the memory, time and files of this process."""
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
    """Write the lots of the document on standard input; the arguments are its name and kind."""
    _bound()
    content, (name, kind) = sys.stdin.buffer.read(), sys.argv[1:]
    try:
        is_text = kind == _TEXT
        lots = read_text(content.decode(), name) if is_text else read_document(content, name)
        read = _Read(tuple(lots))
    except BadInput as error:
        read = _Read(refusal=str(error), is_bad_lot=isinstance(error, BadLot))
    sys.stdout.buffer.write(msgspec.json.encode(read))


if __name__ == "__main__":
    main()
