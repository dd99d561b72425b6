"""Downloads one file: resumes it after a cut, and skips it where it has not changed.

A file arrives in `partial/` and leaves it complete.  A note next to it says which version of
which file it is part of, so that the download can be resumed.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import msgspec

from matcher.core.errors import FetchError
from matcher.fetch.client import Client, RetryableError
from matcher.fetch.store import StoredFile
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.formats.days import day_in

_RESERVED = 200_000_000
"""Bytes of disk space that stay free."""
_CHECK_EVERY = 50_000_000
"""Bytes that are written before the free disk space is checked again."""
_GIGABYTE = 1_000_000_000
_FROM = re.compile(r"bytes (\d+)-\d+/(\d+)")
_FILE_NAME = re.compile(r"filename\*?=(?:UTF-8'')?\"?([^\";]+)\"?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PartialFile:
    """The version of a file that is being downloaded; `total` is its size, or -1 if unknown."""

    address: str
    name: str = ""
    etag: str = ""
    modified: str = ""
    total: int = -1
    md5: str = ""


@dataclass
class Download:
    """Downloads the file at `address` into `folder`; `current` is the version in the store."""

    client: Client
    entry: CatalogueEntry
    address: str
    folder: Path
    current: StoredFile | None = None
    _most_bytes: int = 0
    """most bytes that a try has downloaded so far"""

    def run(self) -> tuple[Path, PartialFile] | None:
        """The complete file and its version, or None where it has not changed.

        Raises FetchError; the part that has arrived is kept, to resume from.
        """
        return self.client.with_retries(self.entry, self.address, self._attempt)

    @property
    def _stem(self) -> str:
        return hashlib.sha256(self.address.encode()).hexdigest()[:16]

    @property
    def path(self) -> Path:
        """Where the file arrives."""
        return self.folder / f"{self._stem}.part"

    @property
    def _note(self) -> Path:
        return self.folder / f"{self._stem}.json"

    def discard(self) -> None:
        """Delete the part that has arrived."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _attempt(self) -> tuple[Path, PartialFile] | None:
        part, here = self._resume_point()
        self._most_bytes = max(self._most_bytes, here)
        headers = self._request_headers(part, here)
        with self.client.stream(self.entry, self.address, headers=headers) as response:
            if response.status_code == 304:
                return self._complete(part) if part else None
            if response.status_code == 416:
                self.discard()
                raise RetryableError(
                    "no longer has the missing part; the file is fetched from the start"
                )
            if response.status_code == 206:
                part = self._check_range(response, here, part)
            else:
                here, part = 0, self._start(response)
            self._receive(response, here, part)
        return self._complete(part)

    def _resume_point(self) -> tuple[PartialFile | None, int]:
        """The version and the number of bytes that an earlier try downloaded."""
        try:
            part = msgspec.json.decode(self._note.read_bytes(), type=PartialFile)
            here = self.path.stat().st_size
        except (OSError, msgspec.MsgspecError):
            part, here = None, 0
        if part is None or not here or not _version(part):
            self.discard()
            return None, 0
        return part, here

    def _request_headers(self, part: PartialFile | None, here: int) -> Mapping[str, str]:
        """The headers that request the rest of the file, or the file only if it has changed."""
        headers = {"Accept-Encoding": "identity"}
        if part is not None and here != part.total:
            return headers | {"Range": f"bytes={here}-", "If-Range": _version(part)}
        version = part or self.current
        if version and version.etag:
            headers["If-None-Match"] = version.etag
        if version and version.modified:
            headers["If-Modified-Since"] = version.modified
        return headers

    def _start(self, response: httpx.Response) -> PartialFile:
        """Start a new file, with the version in the response."""
        headers = response.headers
        encoded = headers.get("Content-Encoding", "identity") != "identity"
        length = headers.get("Content-Length", "")
        part = PartialFile(
            self.address,
            _name(response, self.address),
            headers.get("ETag", ""),
            headers.get("Last-Modified", ""),
            int(length) if length.isdecimal() and not encoded else -1,
            headers.get("Content-MD5", ""),
        )
        self._check_size(part.total)
        self._check_disk_space(part.total)
        self._note.unlink(missing_ok=True)
        self.path.write_bytes(b"")
        self._note.write_bytes(msgspec.json.encode(part))
        return part

    def _check_range(
        self, response: httpx.Response, here: int, part: PartialFile | None
    ) -> PartialFile:
        """Raises RetryableError where the response does not continue the part that has arrived."""
        match = _FROM.fullmatch(response.headers.get("Content-Range", ""))
        is_next = match and int(match[1]) == here and part and part.total in {-1, int(match[2])}
        if not is_next or part is None:
            self.discard()
            raise RetryableError(
                "sent another part than the missing one; the file is fetched from the start"
            )
        return part

    def _check_disk_space(self, size: int) -> None:
        """Raises FetchError where the disk has too little space for the file.

        `size` is what is still to be written, -1 where that is not known.
        """
        free = shutil.disk_usage(self.folder).free
        if size + _RESERVED > free:
            need = f"needs {size / 1e6:,.0f} MB" if size >= 0 else "does not say how large it is"
            raise FetchError(
                f"{self.entry.title}: {self.address} {need}, and the disk of "
                f"--store {self.folder} has {free / 1e6:,.0f} MB free (of which "
                f"{_RESERVED / 1e6:,.0f} MB stay free). Free some space, or use another disk"
            )

    def _check_size(self, size: int) -> None:
        """Raises FetchError where the file is larger than its source may be, and discards it.

        A server can send it compressed, so that a small response becomes a large file.
        """
        if size > self.entry.largest * _GIGABYTE:
            self.discard()
            raise FetchError(
                f"{self.entry.title}: {self.address} has more than {self.entry.largest:g} GB, "
                "which it should not; the copy fetched before is still in use. If it has grown so "
                "much, write largest = … (gigabytes) for it in the catalogue of sources"
            )

    def _receive(self, response: httpx.Response, here: int, part: PartialFile) -> None:
        """Append the data that arrives.  Raises RetryableError where the connection is cut."""
        stage, total = f"downloading {part.name}", part.total if part.total >= 0 else None
        done = checked = here
        try:
            with self.path.open("ab") as file:
                for chunk in response.iter_bytes():
                    self._check_size(done + len(chunk))
                    if done - checked >= _CHECK_EVERY:
                        self._check_disk_space(part.total - done if part.total >= 0 else -1)
                        checked = done
                    file.write(chunk)
                    done += len(chunk)
                    self.client.tell(stage, done, total, "B")
        except httpx.TransportError as error:
            raise RetryableError(
                f"was cut after {done:,} bytes", made_progress=self._is_progress(done)
            ) from error

    def _is_progress(self, size: int) -> bool:
        """Whether `size` is more than any earlier try has downloaded."""
        is_progress, self._most_bytes = size > self._most_bytes, max(size, self._most_bytes)
        return is_progress

    def _complete(self, part: PartialFile) -> tuple[Path, PartialFile]:
        """The file and its version, after its size and checksum are checked."""
        size = self.path.stat().st_size
        if part.total >= 0 and size < part.total:
            raise RetryableError(
                f"sent {size:,} of {part.total:,} bytes", made_progress=self._is_progress(size)
            )
        if part.total >= 0 and size > part.total:
            self.discard()
            raise RetryableError(f"sent {size:,} bytes instead of {part.total:,}")
        if part.md5 and _md5(self.path) != part.md5:
            self.discard()
            raise RetryableError("sent a file that does not match its own checksum (Content-MD5)")
        return self.path, part


def _version(part: PartialFile) -> str:
    """The strong ETag or modification time, which identifies a version of a file."""
    return part.modified if part.etag.startswith("W/") else part.etag or part.modified


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return base64.b64encode(digest.digest()).decode()


def _name(response: httpx.Response, address: str) -> str:
    """The file name without folders, with a date added where it has none."""
    match = _FILE_NAME.search(response.headers.get("Content-Disposition", ""))
    file_name = unquote(match[1]) if match else unquote(urlsplit(address).path.rstrip("/"))
    safe = re.sub(r"[^\w.() -]", "-", re.split(r"[\\/]", file_name)[-1]).strip(". ") or "file"
    name = safe[-120:]
    if day_in(name.replace("_", " ")):
        return name
    stem, dot, ending = name.rpartition(".")
    modified = response.headers.get("Last-Modified", "") or response.headers.get("Date", "")
    try:
        day = parsedate_to_datetime(modified).date().isoformat()
    except ValueError:
        return name
    return f"{stem}-{day}.{ending}" if dot and stem else f"{name}-{day}"
