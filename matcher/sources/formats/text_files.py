"""Reads text line by line from plain, gzipped and zipped files, including damaged ones."""

from __future__ import annotations

import codecs
import gzip
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from matcher.core.errors import BadSource
from matcher.sources.formats.encodings import (
    HEAD,
    MARK,
    MARK_AS_WINDOWS,
    encoding_8_bit,
    encoding_of,
    errors_of,
)
from matcher.sources.formats.folders import FolderFiles, may_be_table
from matcher.sources.formats.quoted_json import is_quoted, unquoted

_LINE_LIMIT = 64_000_000
_CHUNK = 1 << 16
_START = 200
"""Bytes that tell whether a file is quoted JSON."""
_BEFORE_JSON = f" \t\r\n\x1e{MARK}"
_JSON_START = re.compile(r'\{|\[\s*+(?:[\[{\]"]|\Z)')
_JSON_BYTES = (b"{", b"[")
"""How a line of JSON begins: there a line end within it is part of a text."""
_END_OF_FILE = "\x1a"
"""The sign with which old programs end a text file."""
_DEFLATE64 = 9
_UTF8_MARK = b"\xef\xbb\xbf"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the workbooks of old spreadsheets begin."""
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file, or the `member` of the zip at `path`."""

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        """The file name, without folders and without `.gz`."""
        return re.split(r"[\\/]", self.member or self.path.name)[-1].removesuffix(".gz")

    def lines(self) -> Iterator[str]:
        """Each line with its line end, which may be that of Windows, Unix or an old Mac.

        The text is UTF-8 or UTF-16; another line is in Windows-1252 or Mac Roman, or of MS-DOS.
        Byte order marks are left out, also those in the middle of files that were joined.  Raises
        BadSource where the file is damaged, truncated, empty or has a line that is too long.
        """
        with self.opened() as stream:
            line = self.next_line(stream)
            encoding = encoding_of(line[:HEAD])
            if is_quoted(line[:_START].decode(encoding, "replace")):
                yield from re.split(r"(?<=\n)", "".join(self.chunks()))
                return
            if encoding != "utf-8-sig":
                yield from self._wide_lines(line, stream, encoding)
                return
            if not line.replace(_UTF8_MARK, b""):
                raise BadSource(f"{self.path} is empty")
            ends_in_cr = b"\r" in line.rstrip(b"\r\n")
            while line:
                if ends_in_cr:
                    yield from re.split(r"(?<=\r)(?!\n)", decode(line))
                else:
                    yield from divided(line)
                line = self.next_line(stream)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """The bytes, unpacked.  Raises BadSource in the block where the file is damaged."""
        with _as_bad_source(self.path), self._open() as stream:
            yield stream

    def next_line(self, stream: IO[bytes]) -> bytes:
        """The next line of what `opened` gives; b"" at its end.  Raises BadSource if too long."""
        line = stream.readline(_LINE_LIMIT)
        self._check_length(line)
        return line

    def _wide_lines(self, start: bytes, stream: IO[bytes], encoding: str) -> Iterator[str]:
        """The lines of UTF-16 or UTF-32; half a character at the end is left out."""
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        pending = ""
        while start:
            pending += decoder.decode(start).replace("\0", "")
            *lines, pending = re.split(r"(?<=\n)|(?<=\r)(?!\n)(?!$)", pending)
            yield from filter(None, (line.lstrip(MARK) for line in lines))
            self._check_length(pending)
            start = stream.read(_CHUNK)
        if pending := pending.lstrip(MARK):
            yield pending

    def _check_length(self, line: bytes | str) -> None:
        if len(line) >= _LINE_LIMIT:
            raise BadSource(f"{self.path} has a line of over {_LINE_LIMIT:,} bytes")

    def chunks(self) -> Iterator[str]:
        """The text in pieces of any length, for files that may be one long line.

        JSON that is written as a text of JSON comes without its quotes.  Raises BadSource where
        the file is damaged, truncated or empty.
        """
        yield from unquoted(self._pieces())

    def _pieces(self) -> Iterator[str]:
        with _as_bad_source(self.path), self._open() as stream:
            piece = stream.read(_CHUNK)
            decoder = codecs.getincrementaldecoder(encoding_of(piece[:HEAD]))(errors_of(piece))
            while piece:
                yield decoder.decode(piece).replace("\0", "")
                piece = stream.read(_CHUNK)

    def is_json(self) -> bool:
        """Whether the text starts as JSON does."""
        start = next((piece for piece in self.chunks() if piece.strip(_BEFORE_JSON)), "")
        return bool(_JSON_START.match(start.lstrip(_BEFORE_JSON)))

    def reader(self) -> LineReader:
        """The lines, for what reads an open text file."""
        return LineReader(self.lines())

    def first_line(self) -> str:
        """The first line, without its line end."""
        return next(self.lines()).rstrip("\r\n")

    def _open(self) -> IO[bytes]:
        if not self.member:
            gzipped = _starts_with(self.path, _GZIP)
            return cast("IO[bytes]", gzip.open(self.path)) if gzipped else self.path.open("rb")
        try:
            with zipfile.ZipFile(self.path) as archive:
                return self._unpacked(cast("zipfile.ZipExtFile", archive.open(self.member)))
        except zipfile.BadZipFile:
            return _salvage(self.path)
        except NotImplementedError:
            return _deflate64(self.path, self.member)

    def _unpacked(self, stream: zipfile.ZipExtFile) -> IO[bytes]:
        """A member of a zip, unpacked; raises BadSource where it has files of its own."""
        start = stream.peek(len(OLE))
        if start.startswith((_ZIP, OLE)):
            raise BadSource(
                f"{self.path}: {self.member} in it is a zip or a spreadsheet; unzip "
                f"{self.path.name}, and name the files that were in it"
            )
        return cast("IO[bytes]", gzip.open(stream) if start.startswith(_GZIP) else stream)


class LineReader:
    """Lines that can be read one by one, as from an open file."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def readline(self, _limit: int = -1, /) -> str:
        """The next whole line; '' after the last."""
        return next(self._lines, "")


def text_files(paths: Iterable[Path]) -> list[TextFile]:
    """Every text file in `paths`, and those in folders and zips that may hold data.

    Raises BadSource where a path does not exist or is a spreadsheet.
    """
    texts = []
    for path in paths:
        with _as_bad_source(path):
            texts += _texts(path)
    return texts


def _texts(path: Path) -> list[TextFile]:
    if not path.exists():
        raise BadSource(f"{path} does not exist")
    if path.is_dir():
        return text_files(FolderFiles.with_texts(path).data)
    if _starts_with(path, OLE):
        raise BadSource(f"{path} is a spreadsheet or document; save it as CSV")
    if _starts_with(path, b"PK"):
        return [TextFile(path, member) for member in _members(path)]
    return [TextFile(path)]


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile:
        return [path.name.removesuffix(".zip")]
    if "[Content_Types].xml" in names:
        raise BadSource(f"{path} is a spreadsheet or document; save it as CSV")
    kept = [one for one in names if not one.startswith("__MACOSX") and Path(one).name[:1] != "."]
    if not kept:
        raise BadSource(f"{path}: is a zip without a file to read; name the files themselves")
    return [name for name in kept if may_be_table(Path(name))] or kept


def _salvage(path: Path) -> IO[bytes]:
    """The first member of a zip with a damaged directory, unpacked to a temporary file."""
    with ExitStack() as undo, path.open("rb") as file:
        out = undo.enter_context(tempfile.TemporaryFile())
        method, name_length, extra_length = struct.unpack("<8xH16xHH", file.read(30))
        if method != zipfile.ZIP_DEFLATED:
            raise zipfile.BadZipFile
        file.seek(name_length + extra_length, 1)
        _inflate(file, out)
        out.seek(0)
        undo.pop_all()
        return out


def _deflate64(path: Path, member: str) -> IO[bytes]:
    """A member in Deflate64, which Windows uses, unpacked to a temporary file."""
    from inflate64 import Inflater

    with ExitStack() as undo, zipfile.ZipFile(path) as archive, path.open("rb") as file:
        info = archive.getinfo(member)
        if info.compress_type != _DEFLATE64:
            raise NotImplementedError("packed with an unsupported method")
        out = undo.enter_context(tempfile.TemporaryFile())
        file.seek(info.header_offset)
        name_length, extra_length = struct.unpack("<26xHH", file.read(30))
        file.seek(name_length + extra_length, 1)
        inflater, left, written = Inflater(), info.compress_size, 0
        while left > 0 and written <= info.file_size:
            chunk = file.read(min(_CHUNK, left))
            if not chunk:
                raise EOFError
            left -= len(chunk)
            written += out.write(inflater.inflate(chunk))
        if written != info.file_size:
            raise zipfile.BadZipFile
        out.seek(0)
        undo.pop_all()
        return out


def _inflate(file: IO[bytes], out: IO[bytes]) -> None:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    while not inflater.eof:
        chunk = file.read(_CHUNK)
        if not chunk:
            raise EOFError
        out.write(inflater.decompress(chunk))


def divided(line: bytes) -> list[str]:
    r"""The texts of a line that ends as those of Windows or Unix, and may have others within.

    >>> divided(b"one\rtwo\r\n"), divided(b"one\n")
    (['one\r', 'two\r\n'], ['one\n'])
    """
    text = decode(line)
    if -1 < line.find(b"\r") < len(line) - 2 and line[:1] not in _JSON_BYTES:
        return re.split(r"(?<=\r)(?![\r\n])", text)
    return [text]


def decode(line: bytes) -> str:
    """The text of a line, without byte order marks, NUL and the sign of the end of a file."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = decode_8_bit(line)
    if text.startswith((MARK, MARK_AS_WINDOWS)):
        text = text.removeprefix(MARK_AS_WINDOWS).lstrip(MARK)
    return text.replace("\0", "").replace(_END_OF_FILE, "")


def decode_8_bit(content: bytes) -> str:
    """Text that is not UTF-8: of MS-DOS or in Mac Roman where it shows that, else Windows-1252.

    >>> decode_8_bit("Caffè Münster".encode("mac_roman")), decode_8_bit("Café £5".encode("cp1252"))
    ('Caffè Münster', 'Café £5')
    """
    return content.decode(encoding_8_bit(content), errors="replace")


def _starts_with(path: Path, prefix: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(prefix)) == prefix


@contextmanager
def _as_bad_source(path: Path) -> Iterator[None]:
    """Turn the errors of a broken archive into a BadSource that says what to do."""
    try:
        yield
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, struct.error) as error:
        raise BadSource(f"{path} is damaged or truncated; fetch it again") from error
    except (NotImplementedError, RuntimeError) as error:
        raise BadSource(f"{path} cannot be unzipped ({error}); unzip it first") from error
    except OSError as error:
        raise BadSource(f"{path} cannot be read: {error.strerror or error}") from error
