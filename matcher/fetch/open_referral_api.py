"""A council's directory of services in Open Referral UK, version 3 or 1, page by page.

A list names the services; each is then asked for by itself, since lists leave out where it
is given and by whom.  What has come is kept line by line, so that a fetch that was cut goes
on from there; the directory counts as fetched when the last service is here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from matcher.core.errors import BadInput, FetchError
from matcher.fetch import contact_stripping
from matcher.fetch.client import Client
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.formats.json_files import ident, mapping, mappings

_MOST_PAGES = 5000


def feed_name(address: str) -> str:
    """What a directory is called here: its host, and what tells it apart there.

    >>> feed_name("https://council.example/api/")
    'council.example-api'
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadInput(
            f"open-referral {address!r}: is not a web address; give one such as "
            "https://council.example/api"
        )
    return re.sub(r"[^\w.]+", "-", f"{parts.netloc}{parts.path}").strip("-.")


@dataclass
class OpenReferralDirectory:
    """The directory at `address`; what arrives is kept in the file `arriving`."""

    client: Client
    entry: CatalogueEntry
    address: str
    arriving: Path

    def fetch(self) -> list[object]:
        """Every service of the directory.  Raises FetchError; what has come stays for a while."""
        today = self.client.clock.today().isoformat()
        here = dict(self._arrived(today))
        listed = list(self._listed())
        with self.arriving.open("a", encoding="utf-8") as file:
            for done, (id_, short) in enumerate(listed):
                self.client.tell(f"{self.entry.title}, services", done, len(listed), "services")
                if id_ not in here:
                    here[id_] = contact_stripping.service(self._whole(id_, short))
                    line = {"id": id_, "day": today, "service": here[id_]}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                    file.flush()
        return [here[id_] for id_, _ in listed]

    def _arrived(self, today: str) -> Iterator[tuple[str, object]]:
        """What came earlier today, whole lines only."""
        if not self.arriving.is_file():
            return
        for line in self.arriving.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict) and said.get("day") == today:
                yield ident(said.get("id")), said.get("service")

    def _listed(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Each service that the lists name, once."""
        seen: set[str] = set()
        for number in range(1, _MOST_PAGES + 1):
            self.client.tell(f"{self.entry.title}, pages", number - 1, None, "pages")
            params = dict(self.entry.params) | {"page": str(number)}
            page = self.client.json(self.entry, f"{self._base}/services", params)
            found = {ident(each.get("id")): each for each in self._contents(page)}
            fresh = {id_: each for id_, each in found.items() if id_ and id_ not in seen}
            yield from fresh.items()
            seen |= fresh.keys()
            if not fresh or _is_last(page, number):
                return
        raise FetchError(
            f"{self.entry.title}: {self.address} gives more than {_MOST_PAGES} pages of services; "
            "check its address. The copy fetched before is still in use"
        )

    @property
    def _base(self) -> str:
        return self.address.rstrip("/").removesuffix("/services")

    def _contents(self, page: object) -> Sequence[Mapping[str, object]]:
        """The records of a page: `contents` in version 3, `content` in version 1, or a list."""
        said = mapping(page)
        records = page if isinstance(page, list) else said.get("contents", said.get("content"))
        if not isinstance(records, list):
            raise FetchError(
                f"{self.entry.title}: {self._base}/services answers with no page of services; "
                "give the address under which the directory has /services. What was fetched "
                "before stands"
            )
        return mappings(records)

    def _whole(self, id_: str, short: Mapping[str, object]) -> Mapping[str, object]:
        """A service with all that belongs to it; as the list has it where it has no own page."""
        try:
            told = self.client.json(self.entry, f"{self._base}/services/{quote(id_, safe='')}")
        except FetchError as wrong:
            if wrong.status not in {404, 410}:
                raise
            return short
        return {**short, **{key: value for key, value in mapping(told).items() if value}}


def _is_last(page: object, number: int) -> bool:
    """Whether a page says that it is the last, in the words of version 3 or version 1."""
    if isinstance(page, list):
        return True
    said = mapping(page)
    if said.get("last_page") is True or said.get("last") is True:
        return True
    total = said.get("total_pages", said.get("totalPages"))
    return isinstance(total, int) and number >= total
