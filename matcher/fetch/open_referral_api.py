"""Fetches a council's directory of services in Open Referral UK, version 3 or 1, page by page.

The lists have the ids of the services.  Each service is then fetched by itself, because lists leave
out its location and organisation.  Services are saved line by line, so that an interrupted fetch
can resume.
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
from matcher.sources.formats.json_values import ident, mapping, mappings

_MOST_PAGES = 5000


def feed_name(address: str) -> str:
    """The name of a directory in the store: its host and path.

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
    """The directory at `address`; services that arrive are saved in the file `arriving`."""

    client: Client
    entry: CatalogueEntry
    address: str
    arriving: Path

    def fetch(self) -> list[object]:
        """Every service of the directory.  Raises FetchError; services that arrived are kept."""
        today = self.client.clock.today().isoformat()
        services = dict(self._arrived(today))
        in_lists = list(self._listed())
        with self.arriving.open("a", encoding="utf-8") as file:
            for done, (id_, summary) in enumerate(in_lists):
                self.client.tell(f"{self.entry.title}, services", done, len(in_lists), "services")
                if id_ not in services:
                    services[id_] = contact_stripping.service(self._service(id_, summary))
                    line = {"id": id_, "day": today, "service": services[id_]}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                    file.flush()
        return [services[id_] for id_, _ in in_lists]

    def _arrived(self, today: str) -> Iterator[tuple[str, object]]:
        """The services that arrived earlier today, from complete lines."""
        if not self.arriving.is_file():
            return
        for line in self.arriving.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and record.get("day") == today:
                yield ident(record.get("id")), record.get("service")

    def _listed(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        """The distinct services in the lists."""
        seen: set[str] = set()
        for number in range(1, _MOST_PAGES + 1):
            self.client.tell(f"{self.entry.title}, pages", number - 1, None, "pages")
            params = dict(self.entry.params) | {"page": str(number)}
            page = self.client.json(self.entry, f"{self._base}/services", params)
            services = {ident(service.get("id")): service for service in self._contents(page)}
            new = {id_: service for id_, service in services.items() if id_ and id_ not in seen}
            yield from new.items()
            seen |= new.keys()
            if not new or _is_last(page, number):
                return
        raise FetchError(
            f"{self.entry.title}: {self.address} has more than {_MOST_PAGES} pages of services; "
            "check its address. The copy fetched before is still in use"
        )

    @property
    def _base(self) -> str:
        return self.address.rstrip("/").removesuffix("/services")

    def _contents(self, page: object) -> Sequence[Mapping[str, object]]:
        """The records of a page: `contents` in version 3, `content` in version 1, or a list."""
        fields = mapping(page)
        records = page if isinstance(page, list) else fields.get("contents", fields.get("content"))
        if not isinstance(records, list):
            raise FetchError(
                f"{self.entry.title}: {self._base}/services sent no page of services; give "
                "the address under which the directory has /services. The copy fetched before is "
                "still in use"
            )
        return mappings(records)

    def _service(self, id_: str, summary: Mapping[str, object]) -> Mapping[str, object]:
        """A service with all its details, or as it is in the list where it has no page."""
        try:
            detail = self.client.json(self.entry, f"{self._base}/services/{quote(id_, safe='')}")
        except FetchError as error:
            if error.status not in {404, 410}:
                raise
            return summary
        return {**summary, **{key: value for key, value in mapping(detail).items() if value}}


def _is_last(page: object, number: int) -> bool:
    """Whether a page is marked as the last, in version 3 or version 1."""
    if isinstance(page, list):
        return True
    fields = mapping(page)
    if fields.get("last_page") is True or fields.get("last") is True:
        return True
    total = fields.get("total_pages", fields.get("totalPages"))
    return isinstance(total, int) and number >= total
