"""Fetches award notices from an OCDS service, page by page, for a range of dates.

The notices are in a small database next to the state of their source.  Each page is stored with
the cursor of the next one, so that an interrupted fetch can resume.  A changed notice replaces its
earlier version.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self, TypeAlias
from urllib.parse import parse_qs, urlsplit

from matcher.core.errors import FetchError
from matcher.fetch import contact_stripping, notice_file
from matcher.fetch.client import Client
from matcher.geo.councils import Councils
from matcher.geo.named_areas import require_area
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.formats.json_values import ident, mapping
from matcher.sources.notices.parties import buyer_of
from matcher.sources.notices.releases import releases

ReleaseFilter: TypeAlias = Callable[[Mapping[str, object]], str]
"""Returns the reason to leave out a release, or '' to keep it."""
_NEW = "new"


def every_release(release: Mapping[str, object]) -> str:
    """Keep every release."""
    return ""


@dataclass(frozen=True, slots=True)
class NoticeQuery:
    """The notices to fetch: from the day `first` to the day `last`, both included."""

    first: date
    last: date
    buyers: str = ""
    """areas of the buyers, joined by semicolons; '' for all buyers"""


@dataclass
class Notices:
    """The notices of one source, in the database at `path`."""

    path: Path
    entry: CatalogueEntry
    client: Client
    release_filter: ReleaseFilter = every_release
    set_aside: dict[str, int] = field(default_factory=dict)
    """number of notices that were left out, by reason"""

    def fetch(self, query: NoticeQuery) -> bool:
        """Fetch the notices, resuming an interrupted fetch.  Returns whether any is new.

        Those that came before an interruption are, until `settle`.
        Raises FetchError; the pages fetched before the error are kept.
        """
        with notice_file.database(self.path) as base:
            start, cursor = self._start(base, query)
            while start <= query.last:
                end = min(start + timedelta(days=self.entry.window - 1), query.last)
                self._window(base, query, start, end, cursor)
                start, cursor = end + timedelta(days=1), ""
            self._finish(base, query)
            return notice_file.mark(base, _NEW) is not None

    def settle(self) -> None:
        """Note that it was said whether any notice is new, so that the next fetch starts afresh."""
        with notice_file.database(self.path) as base, base:
            base.execute("DELETE FROM mark WHERE name = ?", (_NEW,))

    def _start(self, base: sqlite3.Connection, query: NoticeQuery) -> tuple[date, str]:
        """The day to start from, and the cursor of its page where a fetch was interrupted."""
        going, done = notice_file.mark(base, "going"), notice_file.mark(base, "done")
        if going and going["of"] == query.buyers and going["first"] <= query.first.isoformat():
            start = date.fromisoformat(going["start"])
            fresh = going["today"] == self.client.clock.today().isoformat()
            same = fresh and going["last"] == query.last.isoformat() and start >= query.first
            return max(start, query.first), going["cursor"] if same else ""
        if done and done["of"] == query.buyers and done["first"] <= query.first.isoformat():
            seen = date.fromisoformat(done["last"]) - timedelta(days=self.entry.overlap)
            return min(seen, query.last), ""
        return query.first, ""

    def _window(
        self, base: sqlite3.Connection, query: NoticeQuery, start: date, end: date, cursor: str
    ) -> None:
        """Fetch and store every page of one range of days."""
        all_days = (query.last - query.first).days + 1
        stage, done = self.entry.title, max(0, (start - query.first).days)
        seen: set[str] = set()
        while True:
            self.client.tell(f"{stage}, {start:%d %b %Y} on", done, all_days, "days")
            params = self._params(start, end) | ({"cursor": cursor} if cursor else {})
            page = self.client.json(self.entry, self.entry.address, params)
            cursor = self._next(page)
            with base:
                self._keep(base, page, query)
                notice_file.set_mark(base, "going", self._going(query, start, cursor))
            if not cursor:
                return
            if cursor in seen:
                raise FetchError(
                    f"{self.entry.title}: {self.entry.address} sends the same pages again and "
                    "again; the copy fetched before is still in use. Fetch again later"
                )
            seen.add(cursor)

    def _params(self, start: date, end: date) -> dict[str, str]:
        first, last = self.entry.dates
        days = {first: f"{start.isoformat()}T00:00:00", last: f"{end.isoformat()}T23:59:59"}
        return dict(self.entry.params) | days

    def _going(self, query: NoticeQuery, start: date, cursor: str) -> dict[str, str]:
        return {
            "first": query.first.isoformat(),
            "last": query.last.isoformat(),
            "of": query.buyers,
            "start": start.isoformat(),
            "cursor": cursor,
            "today": self.client.clock.today().isoformat(),
        }

    def _keep(self, base: sqlite3.Connection, page: object, query: NoticeQuery) -> None:
        """Store the releases of a page that the filter keeps, without personal data."""
        for release in releases(page):
            ocid, id_ = ident(release.get("ocid")), ident(release.get("id"))
            when = _published_utc(release)
            reason = "" if ocid and id_ and when else "notice without an ocid, id or date"
            reason = reason or self.release_filter(release)
            if reason:
                self.set_aside[reason] = self.set_aside.get(reason, 0) + 1
                continue
            body = json.dumps(contact_stripping.notice(release), ensure_ascii=False, sort_keys=True)
            row = (ocid, id_, when, query.buyers, body)
            stored = base.execute(notice_file.STORED_VERSION, (ocid, id_)).fetchone()
            if stored != (when, body):
                notice_file.set_mark(base, _NEW, {})
            base.execute(notice_file.KEEP, row)

    def _next(self, page: object) -> str:
        """The cursor of the next page, or '' on the last page."""
        if not isinstance(page, dict) or not isinstance(page.get("releases"), list):
            raise FetchError(
                f"{self.entry.title}: {self.entry.address} sent no release package; its layout "
                "has changed, or the address in the catalogue of sources is wrong. The copy "
                "fetched before is still in use"
            )
        link = ident(mapping(page.get("links")).get("next"))
        if not link:
            return ""
        parts = urlsplit(link)
        if parts.netloc and parts.netloc != urlsplit(self.entry.address).netloc:
            raise FetchError(
                f"{self.entry.title}: the next page is on another host, {parts.netloc}, which "
                "is not allowed. The copy fetched before is still in use"
            )
        return parse_qs(parts.query).get("cursor", [""])[0]

    def _finish(self, base: sqlite3.Connection, query: NoticeQuery) -> None:
        """Note that the fetch is complete, and delete notices of other buyers."""
        done = notice_file.mark(base, "done")
        first = query.first.isoformat()
        last = query.last.isoformat()
        if done and done["of"] == query.buyers:
            first, last = min(first, done["first"]), max(last, done["last"])
        with base:
            deleted = base.execute("DELETE FROM notice WHERE asked != ?", (query.buyers,)).rowcount
            if deleted:
                notice_file.set_mark(base, _NEW, {})
            base.execute("DELETE FROM mark WHERE name = 'going'")
            notice_file.set_mark(base, "done", {"first": first, "last": last, "of": query.buyers})

    def covered(self) -> NoticeQuery | None:
        """The range of days and the buyers of the stored notices, or None."""
        if not self.path.is_file():
            return None
        with notice_file.database(self.path) as base:
            done = notice_file.mark(base, "done")
        if done is None:
            return None
        days = date.fromisoformat(done["first"]), date.fromisoformat(done["last"])
        return NoticeQuery(*days, done["of"])

    def kept(self) -> int:
        """The number of stored notices."""
        with notice_file.database(self.path) as base:
            (count,) = base.execute("SELECT count(*) FROM notice").fetchone()
        return int(count)


def _published_utc(release: Mapping[str, object]) -> str:
    """When a release was published, as text in UTC that sorts by time, or ''.

    A time without a zone is read as UTC.
    """
    try:
        moment = datetime.fromisoformat(ident(release.get("date")))
    except ValueError:
        return ""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


@dataclass(frozen=True)
class BuyersIn:
    """Selects notices of buyers in the areas called `name`; `councils` are their codes."""

    name: str
    councils: frozenset[str]
    all_councils: Councils
    postcodes: PostcodeTable

    @classmethod
    def of(cls, areas: Iterable[str], all_councils: Councils, postcodes: PostcodeTable) -> Self:
        """Buyers in areas given by name or code.  Raises BadInput where an area is unknown."""
        union = all_councils.union([require_area(area, all_councils) for area in areas])
        return cls(union.code, union.councils, all_councils, postcodes)

    def __call__(self, release: Mapping[str, object]) -> str:
        """The reason to leave out a release, or '' to keep it."""
        buyer = buyer_of(release)
        area = self.all_councils.named_in(buyer.name)
        if area is not None:
            return "" if area.councils & self.councils else "buyer is outside the chosen areas"
        point = self.postcodes.find(buyer.postcode)
        if point is None:
            return "buyer whose place is not known"
        return "" if point.council in self.councils else "buyer is outside the chosen areas"
