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
from matcher.sources.formats.tables import day_in

_SPARE = 200_000_000
"""Bytes of the disk that are left free."""
_FROM = re.compile(r"bytes (\d+)-\d+/(\d+)")
_FILE_NAME = re.compile(r"filename\*?=(?:UTF-8'')?\"?([^\";]+)\"?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PartialFile:
    """Which version of which file has begun to arrive; `total` is its size, -1 if not said."""

    address: str
    name: str = ""
    etag: str = ""
    modified: str = ""
    total: int = -1
    md5: str = ""


@dataclass
class Download:
    """The way of one file from its address into `folder`; `known` is the version that is here."""

    client: Client
    entry: CatalogueEntry
    address: str
    folder: Path
    known: StoredFile | None = None
    _most: int = 0
    """the most bytes of it that any try has brought so far"""

    def run(self) -> tuple[Path, PartialFile] | None:
        """The file, whole, and what is known of it; None where it is as it was.

        Raises FetchError, and leaves what has arrived, to go on from there.
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
        """Forget what has arrived."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _attempt(self) -> tuple[Path, PartialFile] | None:
        part, here = self._begun()
        self._most = max(self._most, here)
        headers = self._asking(part, here)
        with self.client.stream(self.entry, self.address, headers=headers) as response:
            if response.status_code == 304:
                return self._whole(part) if part else None
            if response.status_code == 416:
                self.discard()
                raise RetryableError(
                    "no longer has the part that is missing; it is fetched from the start"
                )
            if response.status_code == 206:
                part = self._fits(response, here, part)
            else:
                here, part = 0, self._fresh(response)
            self._receive(response, here, part)
        return self._whole(part)

    def _begun(self) -> tuple[PartialFile | None, int]:
        """What has arrived of this file before, and how many bytes."""
        try:
            part = msgspec.json.decode(self._note.read_bytes(), type=PartialFile)
            here = self.path.stat().st_size
        except (OSError, msgspec.MsgspecError):
            part, here = None, 0
        if part is None or not here or not _version(part):
            self.discard()
            return None, 0
        return part, here

    def _asking(self, part: PartialFile | None, here: int) -> Mapping[str, str]:
        """The headers that ask for the rest, or for the file only if it is another."""
        asked = {"Accept-Encoding": "identity"}
        if part is not None and here != part.total:
            return asked | {"Range": f"bytes={here}-", "If-Range": _version(part)}
        here_already = part or self.known
        if here_already and here_already.etag:
            asked["If-None-Match"] = here_already.etag
        if here_already and here_already.modified:
            asked["If-Modified-Since"] = here_already.modified
        return asked

    def _fresh(self, response: httpx.Response) -> PartialFile:
        """Begin anew, with what the answer says of the file."""
        said = response.headers
        encoded = said.get("Content-Encoding", "identity") != "identity"
        length = said.get("Content-Length", "")
        part = PartialFile(
            self.address,
            _name(response, self.address),
            said.get("ETag", ""),
            said.get("Last-Modified", ""),
            int(length) if length.isdecimal() and not encoded else -1,
            said.get("Content-MD5", ""),
        )
        self._room(part.total)
        self._note.unlink(missing_ok=True)
        self.path.write_bytes(b"")
        self._note.write_bytes(msgspec.json.encode(part))
        return part

    def _fits(self, response: httpx.Response, here: int, part: PartialFile | None) -> PartialFile:
        """Make sure that the rest that is sent begins where what is here ends."""
        found = _FROM.fullmatch(response.headers.get("Content-Range", ""))
        fits = found and int(found[1]) == here and part and part.total in {-1, int(found[2])}
        if not fits or part is None:
            self.discard()
            raise RetryableError(
                "sends another part than the one that is missing; it is fetched anew"
            )
        return part

    def _room(self, size: int) -> None:
        """Refuse a file that the disk has no room for, before it is begun."""
        free = shutil.disk_usage(self.folder).free
        if size + _SPARE > free:
            raise FetchError(
                f"{self.entry.title}: {self.address} needs {size / 1e6:,.0f} MB, and the disk of "
                f"--store {self.folder} has {free / 1e6:,.0f} MB free ({_SPARE / 1e6:,.0f} MB of "
                "which stay free). Free some space, or name a folder on another disk"
            )

    def _receive(self, response: httpx.Response, here: int, part: PartialFile) -> None:
        """Append what arrives; a cut raises RetryableError, and what has arrived stays."""
        stage, total = f"downloading {part.name}", part.total if part.total >= 0 else None
        done = here
        try:
            with self.path.open("ab") as file:
                for chunk in response.iter_bytes():
                    file.write(chunk)
                    done += len(chunk)
                    self.client.tell(stage, done, total, "B")
        except httpx.TransportError as wrong:
            raise RetryableError(f"was cut after {done:,} bytes", moved=self._grew(done)) from wrong

    def _grew(self, size: int) -> bool:
        """Whether that is more of the file than any try before has brought."""
        grew, self._most = size > self._most, max(size, self._most)
        return grew

    def _whole(self, part: PartialFile) -> tuple[Path, PartialFile]:
        """The file, if it is all there and is what its sender says it is."""
        size = self.path.stat().st_size
        if part.total >= 0 and size < part.total:
            raise RetryableError(f"sent {size:,} of {part.total:,} bytes", moved=self._grew(size))
        if part.total >= 0 and size > part.total:
            self.discard()
            raise RetryableError(f"sent {size:,} bytes where it said {part.total:,}")
        if part.md5 and _md5(self.path) != part.md5:
            self.discard()
            raise RetryableError("sent a file that does not match its own checksum (Content-MD5)")
        return self.path, part


def _version(part: PartialFile) -> str:
    """What tells this version of a file from any other; a weak ETag does not."""
    return part.modified if part.etag.startswith("W/") else part.etag or part.modified


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return base64.b64encode(digest.digest()).decode()


def _name(response: httpx.Response, address: str) -> str:
    """What the file is called, without any folder; dated where its name says no day."""
    said = _FILE_NAME.search(response.headers.get("Content-Disposition", ""))
    given = unquote(said[1]) if said else unquote(urlsplit(address).path.rstrip("/"))
    plain = re.sub(r"[^\w.() -]", "-", re.split(r"[\\/]", given)[-1]).strip(". ") or "file"
    name = plain[-120:]
    if day_in(name.replace("_", " ")):
        return name
    stem, dot, ending = name.rpartition(".")
    modified = response.headers.get("Last-Modified", "") or response.headers.get("Date", "")
    try:
        day = parsedate_to_datetime(modified).date().isoformat()
    except ValueError:
        return name
    return f"{stem}-{day}.{ending}" if dot and stem else f"{name}-{day}"
