"""Fetches a council's spending files one by one, and keeps those that hold payments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from matcher.core.disk import sha256
from matcher.core.errors import BadInput, BadSource, FetchError
from matcher.fetch.access.base import FetchContext, FetchTarget
from matcher.fetch.access.files import place
from matcher.fetch.download import Download, PartialFile
from matcher.fetch.readers import check
from matcher.fetch.spend_links import TABLES, is_table, links_of
from matcher.fetch.store import StoredFile, stored_file
from matcher.sources.payments.spend_files import open_files

_MOST_PAGES = 60
_MOST_FILES = 2_000
_MOST_FAILURES = 3
"""Files in a row that a service fails to send, after which it is left alone."""
_GONE = {401, 403, 404, 410}
"""Answers after which a file is not asked for again and again."""


@dataclass
class Gathering:
    """Fetches files one by one into `folder`.

    `arrived` are by address; `notes` say what is left out for good, and `failed` what may come yet.
    """

    target: FetchTarget
    context: FetchContext
    folder: Path
    known: Mapping[str, StoredFile]
    arrived: dict[str, StoredFile] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    listed: int = 0

    def gather(self) -> None:
        """Find the files and fetch those that are new or have changed."""
        address = self.target.options["address"]
        if "://" not in address:
            self._from_folder(Path(address))
            return
        in_a_row = 0
        for file in self._addresses(address):
            self.listed += 1
            in_a_row = 0 if self._fetch(file) else in_a_row + 1
            if in_a_row == _MOST_FAILURES:
                self.failed.append("the service fails, so the other files were not asked for")
                break

    def _from_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            raise FetchError(
                f"{self.target.entry.title}: the folder {folder} is not there any more"
            )
        found = (p for p in folder.rglob("*") if p.suffix.lower() in TABLES and p.is_file())
        for path in sorted(found):
            self.listed += 1
            address, old = str(path.resolve()), self.known.get(str(path.resolve()))
            if old is None or old.sha256 != sha256(path):
                self._keep(path, PartialFile(address, path.name), copy=True)

    def _addresses(self, address: str) -> list[str]:
        """The addresses of the files, from the page and the pages of years below it."""
        if is_table(address):
            return [address]
        client, entry = self.context.client, self.target.entry
        hosts = frozenset(entry.hosts)
        links = links_of(client.text(entry, address), address, hosts)
        files, elsewhere = list(links.files), list(links.elsewhere)
        for page in links.pages[:_MOST_PAGES]:
            try:
                more = links_of(client.text(entry, page), page, hosts)
            except FetchError as error:
                self._note(error)
            else:
                files += more.files
                elsewhere += more.elsewhere
        if elsewhere:
            where = ", ".join(dict.fromkeys(urlsplit(one).netloc for one in elsewhere))
            self.notes.append(
                f"{len(set(elsewhere))} files on other hosts were not followed ({where}): to "
                'follow them, write hosts = ["…"] under [spend] in the catalogue of sources'
            )
        return list(dict.fromkeys(files))[:_MOST_FILES]

    def _fetch(self, address: str) -> bool:
        """Fetch one file.  Returns whether the service answered."""
        folder, entry = self.context.store.partial(self.target.name), self.target.entry
        known = self.known.get(address)
        download = Download(self.context.client, entry, address, folder, known)
        try:
            found = download.run()
        except FetchError as error:
            return self._note(error)
        if found is not None:
            self._keep(*found)
        return True

    def _note(self, error: FetchError) -> bool:
        """Note what could not be fetched.  Returns whether that is for good."""
        gone = error.status in _GONE
        (self.notes if gone else self.failed).append(_short(error))
        return gone

    def _keep(self, path: Path, part: PartialFile, *, copy: bool = False) -> None:
        """Keep a file that holds payments; note why another does not.

        Raises BadInput where it does not say who paid.
        """
        placed = place(path, self.folder, part.name, len(self.arrived), copy=copy)
        try:
            check(self.target.entry, part.address, placed)
            has_payments = _has_payments(placed, part.address, self.target.options["body"])
            why = "" if has_payments else f"{part.address} has no payment that can be read"
        except (FetchError, BadSource) as error:
            told = _short(error).replace("--spend ", "")
            why = told.replace(str(placed), part.address)
        if why:
            self.notes.append(why)
            placed.unlink()
        else:
            versions = {"etag": part.etag, "modified": part.modified}
            self.arrived[part.address] = stored_file(placed, part.address, **versions)


def _has_payments(path: Path, address: str, body: str) -> bool:
    """Whether a file has a payment.

    Raises BadSource where it cannot be read, and BadInput where it does not say who paid.
    """
    try:
        tables = open_files([path], body)
    except BadSource:
        raise
    except BadInput as error:
        raise BadInput(
            f"{address} has no column that says who paid: name the council with --body"
        ) from error
    return any(next(table.feed()[1], None) for table in tables)


def _short(error: Exception) -> str:
    """What is wrong, without advice."""
    return str(error).partition(". The copy fetched before")[0]
